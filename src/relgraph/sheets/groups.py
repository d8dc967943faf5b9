"""Statements about a resource by graph, property and side: how many there are of each kind, and the first of them.

A hub stands in thousands of statements. A page shows some of each kind, says how many there are, and leads to all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from relgraph.vocabulary import ASSERTED, INFERRED, ONTOLOGY_GRAPH, PROVENANCE, REPORTED

#: So many statements are shown whole; where there are more, so many of each group.
WHOLE, SHOWN = 30, 3
#: Statements of one graph that are looked at and counted, at most.
COUNTED = 20_000
#: The graphs in the order in which statements count where one stands in several.
GRAPHS = (ASSERTED, PROVENANCE, INFERRED, REPORTED, ONTOLOGY_GRAPH)


@dataclass(frozen=True)
class Group:
    """Statements about one resource in one graph with one property.

    outgoing: whether the resource is their subject, else it is their object; count: how many there are; quads: some of them, in
    the order of the other end; is_cut: whether count is the least that there are, since not all of the graph was looked at.
    """

    graph: NamedNode
    predicate: NamedNode
    outgoing: bool
    count: int
    quads: tuple[Quad, ...]
    is_cut: bool = False


def incoming(store: Store, node: NamedNode, is_told: Callable[[Quad], bool]) -> tuple[list[Group], bool]:
    """The statements with a resource as object, in groups, and whether some graph has more than COUNTED.

    is_told: whether a statement stands on the page already. Each triple comes once, in the first of its graphs; those whose
    subject is a blank node are left to the RDF.
    """
    found = ((graph, store.quads_for_pattern(None, None, node, graph)) for graph in GRAPHS)
    return _grouped(found, False, is_told)


def inferred(own: Iterable[Quad]) -> list[Group]:
    """The inferred ones among the statements with a resource as subject, in groups; own: each triple once."""
    return _grouped([(INFERRED, (quad for quad in own if quad.graph_name == INFERRED))], True, lambda quad: False)[0]


def bounded(found: list[Group]) -> list[Group]:
    """The groups as a page shows them: whole where all of them together are few, else the first of each."""
    if sum(group.count for group in found) <= WHOLE:
        return found
    return [replace(group, quads=group.quads[:SHOWN]) for group in found]


def _grouped(
    graphs: Iterable[tuple[NamedNode, Iterable[Quad]]], outgoing: bool, is_told: Callable[[Quad], bool]
) -> tuple[list[Group], bool]:
    """The statements of each graph in groups, and whether there are more; a graph with too many takes nothing from the others."""
    made: list[Group] = []
    seen: set[Triple] = set()
    more = False
    for graph, quads in graphs:
        found: dict[NamedNode, list[Quad]] = {}
        is_cut = False
        for count, quad in enumerate(quads):
            if count == COUNTED:
                is_cut = more = True
                break
            if isinstance(quad.subject, BlankNode) or quad.triple in seen:
                continue
            seen.add(quad.triple)
            if not is_told(quad):
                found.setdefault(quad.predicate, []).append(quad)
        made += [_group(graph, predicate, outgoing, found[predicate], is_cut) for predicate in sorted(found, key=str)]
    return made, more


def _group(graph: NamedNode, predicate: NamedNode, outgoing: bool, quads: list[Quad], is_cut: bool) -> Group:
    def other(quad: Quad) -> str:
        term = quad.object if outgoing else quad.subject
        return term.value if isinstance(term, NamedNode) else str(term)

    return Group(graph, predicate, outgoing, len(quads), tuple(sorted(quads, key=other)[:WHOLE]), is_cut)
