"""What holds of reasoning whatever the ontology and the data, and that it ends in bounded time."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph, URIRef

from generated_ontologies import data_graphs, ontologies
from owlrl_closure import EX, Triple, graph
from relgraph.rdflibgraph import oxigraph_triples
from relgraph.reasoning import Reasoned, closure


def union(*graphs: Iterable[Triple]) -> Graph:
    """Graphs as one, blank nodes shared."""
    together = Graph()
    for triple in (triple for each in graphs for triple in each):
        together.add(triple)
    return together


def renamed(triples: Iterable[Triple]) -> Graph:
    """Triples with other labels of blank nodes."""
    return union([tuple(BNode(f"other-{t}") if isinstance(t, BNode) else t for t in triple) for triple in triples])  # type: ignore[misc]  # triples stay triples


@settings(max_examples=50)
@given(ontologies(4), data_graphs(), data_graphs(3), st.randoms(use_true_random=False))
def test_what_follows_depends_on_what_is_said_only(ontology: Graph, data: Graph, more: Graph, chance: random.Random) -> None:
    before = set(data), set(ontology)
    found = set(closure(data, ontology))

    assert (set(data), set(ontology)) == before, "data and ontology stay as they are"
    assert not found & (before[0] | before[1]), "what is in data or ontology is not told again"
    assert not set(closure(union(data, found), ontology)), "what follows is complete"
    assert found <= set(closure(union(data, more), ontology)) | set(more), "more data never entail less"
    assert set(closure(union(data, ontology), Graph())) == found, "axioms count wherever they stand"
    assert set(closure(renamed(data), ontology)) == set(renamed(found)), "labels of blank nodes are chance"

    triples = list(oxigraph_triples(data))
    chance.shuffle(triples)
    shuffled = list(Reasoned(triples, ontology).entailed())
    assert set(shuffled) == set(oxigraph_triples(found)), "the order of triples does not count"
    assert len(shuffled) == len(found), "each comes once"


def path(predicate: str, steps: Iterable[tuple[int, int]]) -> Graph:
    """Data that lead from node to node."""
    return union((URIRef(f"{EX}{one}"), URIRef(EX + predicate), URIRef(f"{EX}{other}")) for one, other in steps)


def test_a_transitive_circle_relates_everything_to_everything() -> None:
    found = closure(path("p", [(n, (n + 1) % 40) for n in range(40)]), graph(":p a owl:TransitiveProperty ."))
    assert len(found) == 40 * 40 - 40


def test_a_transitive_line_relates_everything_to_what_comes_after() -> None:
    found = closure(path("p", [(n, n + 1) for n in range(200)]), graph(":p a owl:TransitiveProperty ."))
    assert len(found) == 201 * 200 // 2 - 200


def test_long_lines_side_by_side_end_soon() -> None:
    steps = [(100_000 * line + n, 100_000 * line + n + 1) for line in range(300) for n in range(10)]
    assert len(steps) == 3000
    found = closure(path("p", steps), graph(":p a owl:TransitiveProperty , owl:SymmetricProperty ."))
    assert len(found) == 300 * 11 * 11 - 3000


def test_chains_that_feed_one_another_end() -> None:
    ontology = graph(":p owl:propertyChainAxiom ( :q :q ) . :q owl:propertyChainAxiom ( :p :p ) . :r rdfs:subPropertyOf :q .")
    found = closure(path("r", [(n, (n + 1) % 9) for n in range(9)]), ontology)
    assert {str(p).removeprefix(EX) for p in found.predicates()} == {"p", "q"}
    # q after 1 step, p after 2, q after 4, p after 8 … round and round a circle of 9
    assert len(found) == len({(p, s, o) for s, p, o in found})
    assert not set(closure(union(path("r", [(n, (n + 1) % 9) for n in range(9)]), found), ontology))


def test_a_chain_of_thirty_steps() -> None:
    ontology = graph(f":far owl:propertyChainAxiom ( {' '.join([':p', ':q'] * 15)} ) .")
    data = union(path("p", [(n, n + 1) for n in range(0, 60, 2)]), path("q", [(n, n + 1) for n in range(1, 60, 2)]))
    found = closure(data, ontology)
    ends = {(str(s).removeprefix(EX), str(o).removeprefix(EX)) for s, o in found.subject_objects()}
    assert ends == {(str(n), str(n + 30)) for n in range(0, 31, 2)}


def test_a_chain_through_many_ways_does_not_go_them_one_by_one() -> None:
    """Ten layers of eight nodes, all joined to all of the next: 8 ** 10 ways, and 64 pairs of ends."""
    steps = [(8 * layer + one, 8 * layer + 8 + other) for layer in range(9) for one in range(8) for other in range(8)]
    found = closure(path("p", steps), graph(f":far owl:propertyChainAxiom ( {':p ' * 9} ) ."))
    assert len(found) == 64


def test_a_deep_hierarchy_of_classes() -> None:
    axioms = " ".join(f":C{n} rdfs:subClassOf :C{n + 1} ." for n in range(30))
    assert len(closure(graph(":x a :C0 ."), graph(axioms))) == 30


def test_lists_among_data_are_data() -> None:
    """They hold no axioms, and cost nothing; of those that do, the axioms count."""
    lists = " ".join(f":x{n} :authors ( {' '.join(f':y{n}_{m}' for m in range(10))} ) ." for n in range(300))
    axioms = graph(":authors rdfs:domain :Book . :Work owl:unionOf ( :Article :Book ) .")
    assert len(closure(graph(lists), axioms)) == 600
    assert len(closure(graph(lists) + axioms, Graph())) == 600
    assert len(closure(Graph(), graph(lists) + axioms)) == 600


def test_triple_terms_are_values() -> None:
    """RDF 1.2 has triples for objects; they are nobody's subject, and what is said of them stays."""
    node, p = ox.NamedNode(EX + "x"), ox.NamedNode(EX + "p")
    data = [ox.Triple(node, p, ox.Triple(node, p, node)), ox.Triple(node, p, node)]
    found = list(Reasoned(data, graph(":p rdfs:range :A ; rdfs:domain :B ; owl:inverseOf :q .")).entailed())
    assert {str(triple).replace(EX, "") for triple in found} == {
        "<x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <A>",
        "<x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <B>",
        "<x> <q> <x>",
    }
