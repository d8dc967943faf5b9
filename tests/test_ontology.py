"""The ontology: within OWL 2 RL as the reasoning covers it, named and defined in both languages, usable as a schema."""

from __future__ import annotations

from collections import Counter

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from relgraph import reasoning
from relgraph.labels import _SLOT
from relgraph.ontology import Schema
from relgraph.project import Project
from relgraph.vocabulary import RG

PREFIXES = """@prefix : <https://e.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


@pytest.fixture(scope="module")
def graph(project: Project) -> Graph:
    return reasoning.ontology_graph(project.ontology / "relgraph.ttl")


@pytest.fixture(scope="module")
def schemes(project: Project) -> Graph:
    return reasoning.ontology_graph(project.ontology / "schemes.ttl")


def terms(graph: Graph) -> list[Node]:
    kinds: set[Node] = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
    return [s for s in set(graph.subjects(RDF.type, None)) if str(s).startswith(RG) and set(graph.objects(s, RDF.type)) & kinds]


def test_it_is_within_the_profile_and_imports_nothing(graph: Graph) -> None:
    assert reasoning.check_profile(graph, "ontology") == []
    assert not list(graph.objects(None, OWL.imports))


@pytest.mark.parametrize(
    "axiom",
    [
        ":p a owl:FunctionalProperty .",
        ":p a owl:InverseFunctionalProperty .",
        ":p a owl:ReflexiveProperty .",
        ":C owl:hasKey ( :p ) .",
        ":a owl:sameAs :b .",
        ":C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasSelf true ] .",
        ":C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:minCardinality 1 ] .",
        ":p owl:propertyChainAxiom ( :p :q ) .",
        ":p owl:propertyChainAxiom ( :q :p ) .",
        "<https://e.org/> owl:imports <https://f.org/> .",
    ],
)
def test_what_the_reasoning_does_not_cover_is_refused_and_named(axiom: str) -> None:
    problems = reasoning.check_profile(Graph().parse(data=PREFIXES + axiom, format="turtle"), "bad.ttl")
    assert problems
    assert all(problem.where == "bad.ttl" for problem in problems)


def test_every_term_and_concept_has_one_label_and_definition_in_each_language(graph: Graph, schemes: Graph) -> None:
    concepts = list(schemes.subjects(RDF.type, None))
    missing = [
        (str(term), str(predicate), language)
        for source, named in ((graph, terms(graph)), (schemes, concepts))
        for term in named
        for predicate in (SKOS.prefLabel, SKOS.definition)
        for language in ("en", "ru")
        if Counter(o.language for o in source.objects(term, predicate) if isinstance(o, Literal))[language] != 1
    ]
    assert missing == []


def test_labels_of_classes_and_of_properties_are_unique(graph: Graph) -> None:
    for kind in (OWL.Class, OWL.ObjectProperty):
        for language in ("en", "ru"):
            labels = Counter(
                str(label)
                for term in set(graph.subjects(RDF.type, kind))
                for label in graph.objects(term, SKOS.prefLabel)
                if isinstance(label, Literal) and label.language == language
            )
            assert [label for label, count in labels.items() if count > 1] == []


def test_no_two_local_names_differ_by_case_only_within_a_kind(graph: Graph) -> None:
    for kind in (OWL.Class, OWL.ObjectProperty):
        names = Counter(str(t).removeprefix(RG).casefold() for t in set(graph.subjects(RDF.type, kind)))
        assert max(names.values()) == 1


def test_every_term_referred_to_is_declared(graph: Graph) -> None:
    declared = set(graph.subjects(RDF.type, None))
    used = {o for p in (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, OWL.inverseOf) for o in graph.objects(None, p)}
    used |= set(graph.objects(None, RDF.first))
    used |= {o for o in graph.objects(None, RDFS.range) if str(o).startswith(RG)}
    assert sorted(str(term) for term in used - declared) == []


def test_every_short_cut_says_that_it_holds_at_some_time(graph: Graph) -> None:
    for head in graph.subjects(OWL.propertyChainAxiom, None):
        if head in (URIRef(RG + "begin"), URIRef(RG + "end"), URIRef(RG + "locatedIn")):
            continue  # times themselves, and where places lie
        definition = " ".join(str(d) for d in graph.objects(head, SKOS.definition))
        assert "some time" in definition, head
        assert "некоторое время" in definition, head


def test_the_top_classes_are_disjoint(graph: Graph) -> None:
    from rdflib.collection import Collection

    (members,) = [Collection(graph, o) for o in graph.objects(None, OWL.members)]
    assert {str(m).removeprefix(RG) for m in members} >= {"Agent", "Fact", "Instrument", "Document", "TimeSpan", "Place"}
    assert (URIRef(RG + "Relation"), OWL.disjointWith, URIRef(RG + "Event")) in graph


def test_every_class_of_fact_has_a_label_template_whose_slots_are_its_properties(schema: Schema) -> None:
    for name in schema.superclasses:
        if not schema.is_a(name, "Fact") or name in ("Fact", "Relation"):
            continue
        for language in ("en", "ru"):
            for slots in _SLOT.findall(schema.template(name, language)):
                for slot in slots.split("|"):
                    assert schema.allows(name, schema.properties[slot]), (name, slot)
        assert _SLOT.findall(schema.template(name, "en")) == _SLOT.findall(schema.template(name, "ru")), name


def test_properties_know_where_they_go(schema: Schema) -> None:
    assert schema.allows("Visit", schema.properties["visitor"])
    assert schema.allows("Visit", schema.properties["place"])  # inherited from the class above
    assert schema.allows("TelephoneCall", schema.properties["participant"])
    assert not schema.allows("Meeting", schema.properties["visitor"])
    assert schema.properties["fullMember"].classes == {"Membership"}  # inherited from the property above
    assert schema.properties["party"].classes >= {"Cooperation", "TreatyAction"}
    assert not schema.allows("Visit", schema.properties["party"])
