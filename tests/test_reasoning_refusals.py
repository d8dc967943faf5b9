"""What the reasoning does not cover is refused with the axiom named, wherever it stands; nothing is ignored."""

from __future__ import annotations

import pytest
from rdflib import Graph, URIRef

from owlrl_closure import EX, graph
from relgraph.errors import InputError
from relgraph.reasoning import check_profile, closure

LIST = "a rdf:List ; rdf:first :A ; rdf:rest"
#: Axioms that are refused, each with what the message names of them.
REFUSED = [
    # what would merge resources, or count them
    (":p a owl:FunctionalProperty .", ":p rdf:type owl:FunctionalProperty"),
    (":p a owl:InverseFunctionalProperty .", ":p rdf:type owl:InverseFunctionalProperty"),
    (":A owl:hasKey ( :p ) .", ":A owl:hasKey"),
    (":x owl:sameAs :y .", ":x owl:sameAs :y"),
    ("[] owl:onProperty :p ; owl:maxCardinality 1 .", 'owl:maxCardinality "1"'),
    ("[] owl:onProperty :p ; owl:cardinality 0 .", 'owl:cardinality "0"'),
    ("[] owl:onProperty :p ; owl:minCardinality 1 .", 'owl:minCardinality "1"'),
    ("[] owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :A .", "owl:onClass :A"),
    ("[] owl:onProperty :p ; owl:qualifiedCardinality 1 ; owl:onDataRange xsd:string .", "owl:onDataRange xsd:string"),
    # other constructs of OWL 2 and OWL 1
    ("[] owl:onProperty :p ; owl:hasSelf true .", "[ owl:onProperty :p ] owl:hasSelf"),
    ("[] owl:onProperties ( :p :q ) ; owl:someValuesFrom :A .", "owl:onProperties"),
    (":p a owl:ReflexiveProperty .", ":p rdf:type owl:ReflexiveProperty"),
    ("[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :x .", "owl:sourceIndividual :x"),
    (":A owl:disjointUnionOf ( :B :C ) .", ":A owl:disjointUnionOf"),
    (":D owl:datatypeComplementOf xsd:string .", "owl:datatypeComplementOf xsd:string"),
    (":D a rdfs:Datatype ; owl:onDatatype xsd:integer ; owl:withRestrictions ( [ xsd:minInclusive 0 ] ) .", "owl:onDatatype"),
    (":D a owl:DataRange .", ":D rdf:type owl:DataRange"),
    ("<> a owl:Ontology ; owl:imports <https://example.org/other> .", "owl:imports"),
    (":p a rdfs:ContainerMembershipProperty .", "rdfs:ContainerMembershipProperty"),
    # terms that do not exist
    (":A owl:subClassOf :B .", ":A owl:subClassOf :B"),
    (":A rdfs:subclassOf :B .", ":A rdfs:subclassOf :B"),
    (":A a owl:class .", ":A rdf:type owl:class"),
    (":A a rdfs:class .", ":A rdf:type rdfs:class"),
    (":p rdfs:range xsd:int32 .", ":p rdfs:range xsd:int32"),
    # built-in vocabulary where an axiom would change what it means
    ("rdf:type a owl:SymmetricProperty .", "rdf:type rdf:type owl:SymmetricProperty"),
    ("rdfs:subClassOf rdfs:domain :A .", "rdfs:subClassOf rdfs:domain :A"),
    ("rdf:type rdfs:subPropertyOf :p .", "rdf:type rdfs:subPropertyOf :p"),
    (":p rdfs:subPropertyOf rdf:type .", ":p rdfs:subPropertyOf rdf:type"),
    (":p rdfs:subPropertyOf rdfs:subClassOf .", ":p rdfs:subPropertyOf rdfs:subClassOf"),
    (":p rdfs:subPropertyOf owl:sameAs .", ":p rdfs:subPropertyOf owl:sameAs"),
    (":p owl:inverseOf rdf:type .", ":p owl:inverseOf rdf:type"),
    (":p owl:propertyChainAxiom ( :q rdf:type ) .", "( … rdf:type … )"),
    ("rdf:type owl:propertyChainAxiom ( :q :r ) .", "rdf:type owl:propertyChainAxiom"),
    ("[] owl:onProperty rdf:type ; owl:hasValue :A .", "owl:onProperty rdf:type"),
    (":p rdfs:range owl:TransitiveProperty .", ":p rdfs:range owl:TransitiveProperty"),
    (":p rdfs:domain owl:inverseOf .", ":p rdfs:domain owl:inverseOf"),
    ("owl:TransitiveProperty owl:oneOf ( :p ) .", "owl:TransitiveProperty owl:oneOf"),
    (":A owl:unionOf ( :B owl:TransitiveProperty ) .", "( … owl:TransitiveProperty … )"),
    ("[] owl:onProperty :p ; owl:allValuesFrom owl:SymmetricProperty .", "owl:allValuesFrom owl:SymmetricProperty"),
    # classes that have everything or nothing in them, where that would say something
    ("owl:Thing rdfs:subClassOf :A .", "owl:Thing rdfs:subClassOf :A"),
    (":A owl:equivalentClass owl:Thing .", ":A owl:equivalentClass owl:Thing"),
    (":A owl:unionOf ( :B owl:Thing ) .", "( … owl:Thing … )"),
    (":A owl:intersectionOf ( :B owl:Thing ) .", "( … owl:Thing … )"),
    (":A owl:disjointWith owl:Thing .", ":A owl:disjointWith owl:Thing"),
    (":A owl:complementOf owl:Thing .", ":A owl:complementOf owl:Thing"),
    (":p rdfs:range owl:Nothing .", ":p rdfs:range owl:Nothing"),
    ("[] owl:onProperty :p ; owl:allValuesFrom owl:Nothing .", "owl:allValuesFrom owl:Nothing"),
    (":x a owl:Nothing .", ":x rdf:type owl:Nothing"),
    # datatypes and literals where only resources are looked at
    (":A rdfs:subClassOf xsd:integer .", ":A rdfs:subClassOf xsd:integer"),
    (":p rdfs:domain xsd:integer .", ":p rdfs:domain xsd:integer"),
    ("[] owl:onProperty :p ; owl:someValuesFrom xsd:integer .", "owl:someValuesFrom xsd:integer"),
    (":p rdfs:range [ owl:unionOf ( xsd:integer xsd:string ) ] .", "( … xsd:integer … )"),
    (":p rdfs:range [ a rdfs:Datatype ; owl:oneOf ( 1 2 ) ] .", "( … \"1\""),
    (':A rdfs:subClassOf "B" .', ':A rdfs:subClassOf "B"'),
    (':p owl:inverseOf "q" .', ':p owl:inverseOf "q"'),
    (':p owl:propertyChainAxiom ( :q "r" ) .', '( … "r" … )'),
    # what contradicts itself
    (":x owl:differentFrom :x .", ":x owl:differentFrom :x"),
    ("[] a owl:AllDifferent ; owl:distinctMembers ( :x :y :x ) .", "differs from itself"),
    ('[] owl:onProperty :p ; owl:hasValue "many"^^xsd:integer .', "the ontology contradicts itself"),
    # what cannot be read
    (f":A owl:intersectionOf _:l . _:l {LIST} _:l .", "the list leads back into itself"),
    (f":A owl:unionOf _:l . _:l {LIST} _:m , _:n . _:m {LIST} () . _:n {LIST} () .", ":A owl:unionOf cannot be read"),
    (f":p owl:propertyChainAxiom _:l . _:l {LIST} _:m .", ":p owl:propertyChainAxiom cannot be read: the list is broken"),
    (":A owl:oneOf :x .", ":A owl:oneOf cannot be read: the list is broken"),
    (":p owl:propertyChainAxiom () .", "the list is empty"),
    (":A owl:intersectionOf () .", "the list is empty"),
    ("[] a owl:Restriction ; owl:onProperty :p .", "it has owl:onProperty :p"),
    ("[] a owl:Restriction ; owl:someValuesFrom :A .", "it has owl:someValuesFrom :A"),
    ("[] a owl:Restriction .", "it has no parts"),
    ("[] owl:onProperty :p , :q ; owl:someValuesFrom :A .", "owl:onProperty :p ; owl:onProperty :q"),
    ("[] owl:onProperty :p ; owl:someValuesFrom :A ; owl:allValuesFrom :B .",
     "owl:allValuesFrom :B ; owl:onProperty :p ; owl:someValuesFrom :A"),
    ("[] owl:members ( :A :B ) .", "the list of owl:members cannot be read"),
    ("[] a owl:AllDisjointClasses ; owl:distinctMembers ( :A :B ) .", "the list of owl:distinctMembers cannot be read"),
    ("[] a owl:AllDisjointClasses .", "has no list"),
    (":p owl:propertyChainAxiom ( :q :p ) .", "the chain of :p holds the property itself"),
]  # fmt: skip


def message(data: Graph, ontology: Graph) -> str:
    """What closure says when it refuses."""
    with pytest.raises(InputError) as refused:
        closure(data, ontology)
    return str(refused.value)


@pytest.mark.parametrize(("axiom", "named"), REFUSED, ids=[axiom for axiom, _ in REFUSED])
def test_what_is_not_covered_is_refused_and_named(axiom: str, named: str) -> None:
    assert named in message(Graph(), graph(axiom))


@pytest.mark.parametrize("axiom", [axiom for axiom, _ in REFUSED if "differentFrom" not in axiom])
def test_it_is_refused_among_data_as_well(axiom: str) -> None:
    message(graph(axiom), Graph())


def test_all_that_is_not_covered_is_named_at_once() -> None:
    found = message(Graph(), graph(":p a owl:FunctionalProperty . :A owl:hasKey ( :p ) . :B rdfs:subClassOf :A ."))
    assert "owl:FunctionalProperty" in found
    assert "owl:hasKey" in found
    assert "subClassOf" not in found


@pytest.mark.parametrize(
    ("axiom", "remedy"),
    [
        (":p a owl:FunctionalProperty .", "count values with a SHACL shape"),
        ("<> owl:imports <https://example.org/other> .", "put the imported ontology into the same file"),
        (":x owl:sameAs :y .", "with one of the two names"),
        (":p owl:propertyChainAxiom ( :q :p ) .", "declare the property transitive"),
    ],
)
def test_a_refusal_says_what_to_do(axiom: str, remedy: str) -> None:
    assert remedy in message(Graph(), graph(axiom))


@pytest.mark.parametrize(
    "axiom",
    [
        '<> a owl:Ontology ; owl:versionIRI <https://example.org/1> ; owl:versionInfo "1" .',
        ':A a owl:Class ; rdfs:label "a"@en ; rdfs:comment "b" ; rdfs:seeAlso :B ; owl:deprecated true .',
        "[] a owl:Axiom ; owl:annotatedSource :A ; owl:annotatedProperty rdfs:subClassOf ; owl:annotatedTarget :B .",
        ":A rdfs:subClassOf owl:Thing , owl:Nothing . :p rdfs:domain owl:Thing ; rdfs:range rdfs:Resource .",
        ":p rdfs:range xsd:integer , rdfs:Literal . :q rdfs:range rdf:langString . :r rdfs:range rdf:XMLLiteral .",
        "[] owl:onProperty :p ; owl:allValuesFrom xsd:date .",
        ":p rdfs:subPropertyOf rdfs:label . rdfs:label a owl:AnnotationProperty ; rdfs:domain :A .",
        ":x a owl:NamedIndividual , owl:Thing ; owl:differentFrom :y .",
        "[] a owl:AllDifferent ; owl:members ( :x :y ) . [] a owl:AllDifferent ; owl:distinctMembers ( :x :y ) .",
        ":A rdfs:subClassOf [] , [ a owl:Class ] .",
    ],
)
def test_what_is_covered_is_not_refused(axiom: str) -> None:
    assert not check_profile(graph(axiom), "ontology")


def test_data_that_merge_resources_are_refused() -> None:
    assert "does not merge resources: <https://example.org/x> owl:sameAs <https://example.org/y>" in message(
        graph(":x owl:sameAs :y ; :p :z ."), Graph()
    )
    assert not set(closure(graph(":x owl:sameAs :x ; :p :z ."), Graph()))


def test_an_iri_that_cannot_be_used_is_named() -> None:
    ontology = Graph()
    ontology.add((URIRef(EX + "a b"), URIRef("http://www.w3.org/2000/01/rdf-schema#subClassOf"), URIRef(EX + "A")))
    assert "a b" in message(Graph(), ontology)
