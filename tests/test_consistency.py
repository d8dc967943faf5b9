"""What contradicts an ontology: each contradiction once, with its axiom and its triples, and nothing that is allowed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from pyoxigraph import NamedNode, Triple
from rdflib import Graph

from owlrl_closure import EX, errors, graph
from relgraph.errors import InputError
from relgraph.rdflibgraph import oxigraph_triples
from relgraph.reasoning import Contradiction, Reasoned, closure
from relgraph.reasoning.report import as_findings
from relgraph.turtle import line

#: Name, axioms, what contradicts them, what does not; then the rule, the axiom, and the triples of the contradiction.
KINDS = [
    ("disjoint classes", ":A owl:disjointWith :B .", ":x a :A , :B .", ":x a :A . :y a :B .",
     "cax-dw", ":A owl:disjointWith :B", ":x a :A ; :x a :B"),
    ("disjoint, said both ways", ":A owl:disjointWith :B . :B owl:disjointWith :A .", ":x a :A , :B .", ":x a :A .",
     "cax-dw", ":A owl:disjointWith :B", ":x a :A ; :x a :B"),
    ("disjoint with itself", ":A owl:disjointWith :A .", ":x a :A .", ":x a :B .", "cax-dw", ":A owl:disjointWith :A", ":x a :A"),
    ("all disjoint classes", "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) .", ":x a :B , :C .", ":x a :A . :y a :C .",
     "cax-adc", "[] a owl:AllDisjointClasses ; owl:members ( :B :C )", ":x a :B ; :x a :C"),
    ("complement", ":A owl:complementOf :B .", ":x a :A , :B .", ":x a :B .",
     "cls-com", ":A owl:complementOf :B", ":x a :A ; :x a :B"),
    ("empty class", ":A rdfs:subClassOf owl:Nothing .", ":x a :A .", ":x a :B .",
     "cls-nothing2", ":A rdfs:subClassOf owl:Nothing", ":x a :A"),
    ("below an empty class", ":B rdfs:subClassOf :A . :A rdfs:subClassOf owl:Nothing .", ":x a :B .", ":x a :C .",
     "cls-nothing2", ":A rdfs:subClassOf owl:Nothing", ":x a :A"),
    ("as good as an empty class", "owl:Nothing owl:equivalentClass :A .", ":x a :A .", ":x a :B .",
     "cls-nothing2", ":A owl:equivalentClass owl:Nothing", ":x a :A"),
    ("disjoint properties", ":p owl:propertyDisjointWith :q .", ":x :p :y ; :q :y .", ":x :p :y ; :q :z . :y :q :x .",
     "prp-pdw", ":p owl:propertyDisjointWith :q", ":x :p :y ; :x :q :y"),
    ("disjoint properties, of a literal", ":p owl:propertyDisjointWith :q .", ":x :p 1 ; :q 1 .", ":x :p 1 ; :q 2 .",
     "prp-pdw", ":p owl:propertyDisjointWith :q", ":x :p 1 ; :x :q 1"),
    ("all disjoint properties", "[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) .", ":x :q :y ; :r :y .", ":x :p :y .",
     "prp-adp", "[] a owl:AllDisjointProperties ; owl:members ( :q :r )", ":x :q :y ; :x :r :y"),
    ("irreflexive", ":p a owl:IrreflexiveProperty .", ":x :p :x .", ":x :p :y . :y :p :x .",
     "prp-irp", ":p a owl:IrreflexiveProperty", ":x :p :x"),
    ("asymmetric", ":p a owl:AsymmetricProperty .", ":x :p :y . :y :p :x .", ":x :p :y . :y :p :z .",
     "prp-asyp", ":p a owl:AsymmetricProperty", ":x :p :y ; :y :p :x"),
    ("asymmetric, to itself", ":p a owl:AsymmetricProperty .", ":x :p :x .", ":x :p :y .",
     "prp-asyp", ":p a owl:AsymmetricProperty", ":x :p :x"),
    ("range", ":p rdfs:range xsd:integer .", ':x :p "five" .', ":x :p 5 , :y .",
     "dt-not-type", ":p rdfs:range xsd:integer", ':x :p "five"'),
    ("range by value", ":p rdfs:range xsd:nonNegativeInteger .", ":x :p -5 .", ":x :p 5 , 5.0 .",
     "dt-not-type", ":p rdfs:range xsd:nonNegativeInteger", ":x :p -5"),
    ("range of language-tagged text", ":p rdfs:range rdf:langString .", ':x :p "a" .', ':x :p "a"@en .',
     "dt-not-type", ":p rdfs:range rdf:langString", ':x :p "a"'),
    ("range of a superproperty", ":p rdfs:subPropertyOf :q . :q rdfs:range xsd:date .", ":x :p 5 .",
     ':x :p "2001-01-01"^^xsd:date .',
     "dt-not-type", ":q rdfs:range xsd:date", ":x :q 5"),
    ("allValuesFrom a datatype", ":A rdfs:subClassOf :R . :R owl:onProperty :p ; owl:allValuesFrom xsd:integer .",
     ':x a :A ; :p "five" .', ':x a :A ; :p 5 . :y :p "five" .', "dt-not-type",
     ":R owl:onProperty :p ; owl:allValuesFrom xsd:integer", ':x a :R ; :x :p "five"'),
    ("ill-formed literal", "", ':x :p "2001-02-30"^^xsd:date .', ':x :p "2001-02-28"^^xsd:date , "x"^^:own .', "dt-not-type",
     "the text of a literal must be in the lexical space of its datatype", ':x :p "2001-02-30"^^xsd:date'),
    ("different from itself", "", ":x owl:differentFrom :x .", ":x owl:differentFrom :y .", "eq-diff1",
     "nothing differs from itself", ":x owl:differentFrom :x"),
]  # fmt: skip
#: Those that owlrl does not report: it looks only at the text of literals, and never at the last of owl:members.
NOT_IN_OWLRL = {
    "range", "range by value", "range of language-tagged text", "range of a superproperty", "allValuesFrom a datatype",
    "all disjoint properties",
}  # fmt: skip


def contradictions(data: Graph, ontology: Graph) -> list[Contradiction]:
    """The contradictions of data and ontology."""
    reasoned = Reasoned(oxigraph_triples(data), ontology)
    for _ in reasoned.entailed():
        pass
    return reasoned.contradictions()


def shown(text: str) -> str:
    """Terms of the examples by their short names."""
    return text.replace(f"<{EX}", ":").replace(">", "").replace("<http://www.w3.org/2001/XMLSchema#", "xsd:")


def lines(turtle: str) -> list[str]:
    """Triples in the form in which messages show them."""
    return sorted(line(triple) for triple in oxigraph_triples(graph(turtle)))


@pytest.mark.parametrize(("axioms", "bad", "good", "rule", "axiom", "triples"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS])
def test_what_is_not_allowed_is_found_once_and_what_is_allowed_is_not(
    axioms: str, bad: str, good: str, rule: str, axiom: str, triples: str
) -> None:
    [found] = contradictions(graph(bad), graph(axioms))
    assert found.rule == rule
    assert shown(found.text) == axiom
    assert sorted(map(line, found.triples)) == lines(triples.replace(" ; ", " . ") + " .")
    assert found.focus == found.triples[0].subject
    assert not contradictions(graph(good), graph(axioms))


@pytest.mark.parametrize(("name", "axioms", "bad", "good"), [k[:4] for k in KINDS], ids=[k[0] for k in KINDS])
def test_owlrl_reports_the_same(name: str, axioms: str, bad: str, good: str) -> None:
    assert bool(errors(graph(bad), graph(axioms))) == (name not in NOT_IN_OWLRL)
    assert not errors(graph(good), graph(axioms))


def test_what_is_entailed_contradicts_as_well() -> None:
    [found] = contradictions(
        graph(":x :p :y . :y a :B ."), graph(":p rdfs:range :A . :A owl:disjointWith [ owl:unionOf ( :B :C ) ] .")
    )
    assert found.rule == "cax-dw"
    assert shown(line(found.triples[0])) == ":y a :A"


def test_a_restriction_that_leads_to_an_empty_class() -> None:
    axioms = graph("[ owl:onProperty :p ; owl:someValuesFrom :A ] rdfs:subClassOf owl:Nothing .")
    [found] = contradictions(graph(":x :p :y . :y a :A . :z :p :w ."), axioms)
    assert found.rule == "cls-nothing2"
    assert shown(str(found.focus)) == ":x"


def test_every_place_of_an_ill_formed_literal_is_told() -> None:
    found = contradictions(graph(':x :p "x"^^xsd:integer . :y :q "x"^^xsd:integer .'), Graph())
    assert [shown(line(each.triples[0])) for each in found] == [':x :p "x"^^xsd:integer', ':y :q "x"^^xsd:integer']


def test_contradictions_come_in_the_same_order_always() -> None:
    axioms = graph(":A owl:disjointWith :B . :p a owl:IrreflexiveProperty , owl:AsymmetricProperty .")
    data = graph(":x a :A , :B ; :p :x . :y a :A , :B ; :p :y .")
    found = contradictions(data, axioms)
    assert [each.rule for each in found] == ["cax-dw", "cax-dw", "prp-asyp", "prp-asyp", "prp-irp", "prp-irp"]
    assert found == contradictions(Graph() + data, Graph() + axioms)


def test_closure_refuses_contradictory_data_and_names_axiom_and_triples() -> None:
    with pytest.raises(InputError) as refused:
        closure(graph(":x a :A , :B ; :p :x ."), graph(":A owl:disjointWith :B . :p a owl:IrreflexiveProperty ."))
    assert shown(str(refused.value)).splitlines() == [
        "data: contradicts the ontology (cax-dw): :x a :A and :x a :B, but :A owl:disjointWith :B. "
        "Correct one of the statements, or the axiom",
        "data: contradicts the ontology (prp-irp): :x :p :x, but :p a owl:IrreflexiveProperty. "
        "Correct one of the statements, or the axiom",
    ]


def test_every_contradiction_of_a_long_cycle_is_traced_to_what_is_asserted() -> None:
    """Each node of the cycle comes before itself, by way of all the others."""
    axioms = graph(":before a owl:TransitiveProperty , owl:IrreflexiveProperty .")
    nodes = [NamedNode(f"{EX}n{number}") for number in range(40)]
    before = NamedNode(f"{EX}before")
    asserted = [Triple(node, before, nodes[number - 1]) for number, node in enumerate(nodes)]
    reasoned = Reasoned(asserted, axioms)
    entailed = list(reasoned.entailed())
    found = as_findings(reasoned.contradictions(), reasoned.rules.axioms, asserted, entailed)
    assert len(found) == len(nodes)
    assert all(set(finding.statements) == set(asserted) for finding in found)


def test_a_deep_hierarchy_is_followed_to_its_top() -> None:
    names = [f":C{number}" for number in range(300)]
    axioms = graph(" ".join(f"{one} rdfs:subClassOf {other} ." for one, other in pairwise(names)))
    assert len(closure(graph(":x a :C0 ."), axioms)) == 299
