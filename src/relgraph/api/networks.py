"""Graphs as networks of networkx, with nothing in them that GraphML could not hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, NamedNode, Triple

from relgraph.api.frames import REMEDY
from relgraph.api.terms import python
from relgraph.api.values import Resource
from relgraph.errors import UsageError

if TYPE_CHECKING:
    import networkx

    from relgraph.api.facts import Fact
    from relgraph.api.results import Graph, Result


#: Between several values of one attribute.
BETWEEN: Final = " | "


def of_graph(graph: Graph) -> networkx.MultiDiGraph[Any]:
    """A graph as a network; see Graph.to_networkx."""
    network: networkx.MultiDiGraph[Any] = networkx_or_remedy().MultiDiGraph()
    for triple in graph.triples:
        subject, predicate, value = triple
        if isinstance(subject, Triple) or isinstance(value, Triple):
            continue
        name = Resource(predicate.value).key
        node = _node(network, graph, subject)
        if isinstance(value, NamedNode | BlankNode):
            network.add_edge(node, _node(network, graph, value), key=name, predicate=name)
        else:
            held = network.nodes[node].get(name)
            plain = _plain(python(value))
            network.nodes[node][name] = plain if held is None else f"{held}{BETWEEN}{plain}"
    return network


def of_facts(facts: Iterable[Fact], roles: Result) -> networkx.MultiDiGraph[Any]:
    """A dataset as a network; see Dataset.to_networkx. roles: columns fact, role, thing."""
    network: networkx.MultiDiGraph[Any] = networkx_or_remedy().MultiDiGraph()
    for fact in facts:
        times = {"edtf": fact.dates, "begin": fact.begins, "end": fact.ends}
        given = {name: BETWEEN.join(map(str, dates)) for name, dates in times.items() if dates}
        given |= {"status": fact.status} if fact.status else {}
        kind = "event" if fact.status else "relation"
        given |= {"kind": kind, "class": fact.kind.key.removeprefix("rg:"), "label": fact.label}
        network.add_node(fact.resource.iri, **given, contested=fact.contested, claims=len(fact.sources))
    for row in roles:
        if row.thing.iri not in network:
            network.add_node(row.thing.iri, kind="entity", label=row.thing.label)
        role = row.role.key.removeprefix("rg:")
        network.add_edge(row.fact.iri, row.thing.iri, key=role, label=role)
    return network


def networkx_or_remedy() -> Any:
    """networkx. Raises UsageError, with what to install, where it is not there."""
    try:
        import networkx
    except ImportError as error:
        raise UsageError(f"networks need networkx, which is not installed: {REMEDY}") from error
    return networkx


def _node(network: networkx.MultiDiGraph[Any], graph: Graph, term: NamedNode | BlankNode) -> str:
    node = term.value if isinstance(term, NamedNode) else f"_:{term.value}"
    if node not in network:
        resource = python(term, graph.labels.of)
        network.add_node(node, label=resource.label if isinstance(resource, Resource) else node)
    return node


def _plain(value: Any) -> str | int | float | bool:
    """What GraphML has a type for."""
    return value if type(value) in (int, float, bool) else str(value)
