"""Reasoning: what follows from the relations, and what must not."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode
from rdflib import Graph, URIRef

from relgraph import reasoning
from relgraph.build import Built
from relgraph.errors import InputError
from relgraph.project import Project
from relgraph.vocabulary import ASSERTED, ID, INFERRED, RG, data, rg

PREFIXES = f"@base <{ID}> . @prefix rg: <{RG}> . "


@pytest.fixture(scope="module")
def terms(project: Project) -> Graph:
    return reasoning.ontology_graph(project.ontology / "relgraph.ttl")


def entailed(terms: Graph, turtle: str) -> set[tuple[str, str, str]]:
    closure = reasoning.closure(Graph().parse(data=PREFIXES + turtle, format="turtle"), terms)
    return {(str(s).removeprefix(ID), str(p).split("#")[-1], str(o).removeprefix(ID).removeprefix(RG)) for s, p, o in closure}


def test_kinds_of_membership_give_their_own_short_cut(terms: Graph) -> None:
    found = entailed(
        terms,
        "<m/1> rg:partner <state/A> ; rg:organization <org/X> . <m/2> rg:observer <state/B> ; rg:organization <org/X> ."
        "<m/3> rg:fullMember <state/C> ; rg:organization <org/X> .",
    )
    assert ("state/A", "partnerOf", "org/X") in found
    assert ("state/B", "observerIn", "org/X") in found
    assert ("state/C", "memberOf", "org/X") in found
    assert ("state/B", "affiliatedWith", "org/X") in found
    assert not {("state/A", "memberOf", "org/X"), ("state/B", "memberOf", "org/X")} & found


def test_events_that_initiate_and_terminate_give_begin_and_end(terms: Graph) -> None:
    found = entailed(terms, "<e/1> rg:initiates <m/1> ; rg:time <time/1990> . <e/2> rg:terminates <m/1> ; rg:time <time/1995> .")
    assert ("m/1", "begin", "time/1990") in found
    assert ("m/1", "end", "time/1995") in found


def test_places_lie_in_the_places_of_their_places_but_only_directly_located(terms: Graph) -> None:
    found = entailed(
        terms,
        "<c/1> rg:locality <place/a> ; rg:whole <place/b> . <c/2> rg:locality <place/b> ; rg:whole <place/c> .",
    )
    assert ("place/a", "partOf", "place/c") in found
    assert ("place/a", "locatedIn", "place/b") in found
    assert ("place/a", "locatedIn", "place/c") not in found


def test_roles_say_who_is_involved(terms: Graph) -> None:
    found = entailed(terms, "<e/1> rg:target <state/A> ; a rg:Attack .")
    assert {("e/1", "involves", "state/A"), ("state/A", "involvedIn", "e/1"), ("e/1", "type", "Event")} <= found


def test_a_thing_of_two_disjoint_classes_is_refused(terms: Graph) -> None:
    with pytest.raises(InputError, match="contradicts the ontology"):
        entailed(terms, "<state/A> a rg:State . <event/x> rg:place <state/A> .")


def test_data_and_ontology_stay_as_they_are(terms: Graph) -> None:
    graph = Graph().parse(data=PREFIXES + "<e/1> a rg:Visit ; rg:visitor <person/a> .", format="turtle")
    before = (len(graph), len(terms))
    reasoning.closure(graph, terms)
    assert (len(graph), len(terms)) == before


def test_only_the_projects_own_inferences_are_published(built: Built) -> None:
    inferred = [q for q in built.quads if q.graph_name == INFERRED]
    asserted = {q.triple for q in built.quads if q.graph_name == ASSERTED}
    assert inferred
    for quad in inferred:
        assert isinstance(quad.subject, NamedNode)
        assert isinstance(quad.object, NamedNode)
        assert quad.subject.value.startswith(ID)
        assert quad.predicate.value.startswith(RG) or quad.object.value.startswith(RG)
        assert quad.triple not in asserted


def test_the_real_graph_has_the_short_cuts(built: Built) -> None:
    inferred = {(q.subject, q.predicate, q.object) for q in built.quads if q.graph_name == INFERRED}
    assert (data("state/RUS"), rg("partnerOf"), data("framework/partnership-for-peace")) in inferred
    assert (data("state/RUS"), rg("memberOf"), data("framework/partnership-for-peace")) not in inferred
    assert (data("place/norfolk-virginia"), rg("partOf"), data("place/united-states")) in inferred
    assert (data("person/javier-solana"), rg("holdsPosition"), data("position/nato-secretary-general")) in inferred


def test_an_ontology_outside_the_profile_is_refused(terms: Graph) -> None:
    bad = Graph() + terms
    bad.parse(data=f"<{RG}place> a <http://www.w3.org/2002/07/owl#FunctionalProperty> .", format="turtle")
    with pytest.raises(InputError, match="FunctionalProperty"):
        reasoning.closure(Graph(), bad)
    assert (URIRef(RG + "place"), None, None) in terms
