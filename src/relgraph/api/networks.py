"""Graphs as networks of networkx, with nothing in them that GraphML could not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, NamedNode, Triple

from relgraph.api import facts
from relgraph.api.facts import Ask
from relgraph.api.frames import REMEDY
from relgraph.api.order import Order, names
from relgraph.api.terms import python
from relgraph.api.values import Resource
from relgraph.errors import UsageError
from relgraph.exports.lookups import _KINDS as KINDS
from relgraph.exports.lookups import local
from relgraph.exports.records import _ABOUT_FACTS as ABOUT_FACTS
from relgraph.exports.records import role_name
from relgraph.vocabulary import ASSERTED, ID

if TYPE_CHECKING:
    import networkx

    from relgraph.api.results import Graph

_HAS_STATED: Final = f"SELECT ?s {{ GRAPH {ASSERTED} {{ ?s ?p ?o }} }} LIMIT 1"
_CLASSES: Final = "SELECT DISTINCT ?thing ?class { %s FILTER(isIRI(?class)) }"
_ROLES: Final = "SELECT DISTINCT ?fact ?role ?thing { ?fact a rg:Fact . %s FILTER(isIRI(?thing)) }"
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


def of_dataset(ask: Ask, order: Order, language: str) -> networkx.MultiDiGraph[Any]:
    """A dataset as a network; see Dataset.to_networkx. ask: answers a SELECT; language: of labels."""
    network: networkx.MultiDiGraph[Any] = networkx_or_remedy().MultiDiGraph()
    is_apart = bool(ask(_HAS_STATED))  # what is stated, from what is inferred
    stated = f"GRAPH {ASSERTED} {{ %s }}" if is_apart else "%s"
    things = _things(ask(_CLASSES % (stated % "?thing a ?class")), order)
    for fact in facts.of(ask, order, None, language):
        times = {"edtf": fact.dates, "begin": fact.begins, "end": fact.ends}
        given: dict[str, Any] = {name: BETWEEN.join(map(str, dates)) for name, dates in times.items() if dates}
        given |= {"status": fact.status} if fact.status else {}
        given |= {"contested": fact.contested, "claims": len(fact.sources)}
        network.add_node(fact.resource.iri, **_described(fact.resource, things.get(fact.resource)), **given)
    for thing, (kind, name) in things.items():
        if kind == "entity":
            network.add_node(thing.iri, **_described(thing, (kind, name)))
    roles: dict[tuple[Resource, Resource], list[Resource]] = defaultdict(list)
    for row in ask(_ROLES % (stated % "?fact ?role ?thing")):
        if row.role.iri not in ABOUT_FACTS and row.fact.iri in network and row.thing.iri in network:
            roles[row.fact, row.thing].append(row.role)
    for (subject, thing), several in roles.items():
        for role in several if is_apart else order.narrowest(several):
            name = role_name(role.iri)
            network.add_edge(subject.iri, thing.iri, key=name, label=name)
    return network


def _things(rows: Iterable[Any], order: Order) -> dict[Resource, tuple[str, str]]:
    """The kind and the name of the class of everything, as exports have them. rows: columns thing, class."""
    classes: dict[Resource, list[Resource]] = defaultdict(list)
    for row in rows:
        if isinstance(row.thing, Resource):
            classes[row.thing].append(row["class"])
    found = {}
    for thing, several in classes.items():
        known = names(each for one in several for each in order.above(one.iri))
        kind = next((kind for name, kind in KINDS if name in known), "entity" if thing.iri.startswith(ID) else "concept")
        found[thing] = (kind, local(str(order.special(several))))
    return found


def _described(thing: Resource, described: tuple[str, str] | None) -> dict[str, str]:
    kind, name = described or ("event", "Fact")
    return {"kind": kind, "class": name, "label": thing.label}


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
        resource = python(term, graph.labels)
        network.add_node(node, label=resource.label if isinstance(resource, Resource) else node)
    return node


def _plain(value: Any) -> str | int | float | bool:
    """What GraphML has a type for."""
    return value if type(value) in (int, float, bool) else str(value)
