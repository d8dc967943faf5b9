"""What is said of one resource: a bounded description of anything that a release names, as quads.

A description holds every statement with the resource as its subject, those with it as their object up to a limit, and what
belongs to it: for a fact its claims with their spans and content nodes, for a claim its spans and content, for a span the
claims that rest on it, for a document its sections and spans, for a scheme its concepts; for the ontology all of its graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qs, urlencode, urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from relgraph.vocabulary import (
    ASSERTED,
    DCTERMS,
    ID,
    INFERRED,
    ONTOLOGY_GRAPH,
    OWL,
    PREF_LABEL,
    PROVENANCE,
    RDFS,
    REPORTED,
    SKOS,
    A,
    rg,
)  # fmt: skip

#: Statements with the resource as their subject, with it as their object, and of what belongs to it, at most.
OWN, INCOMING, FURTHER = 5_000, 500, 20_000
#: The graphs in the order in which statements count where one stands in several.
FOAF = "http://xmlns.com/foaf/0.1/"
_GRAPHS = (ASSERTED, PROVENANCE, INFERRED, REPORTED, ONTOLOGY_GRAPH)
_SCHEME, _IN_SCHEME = NamedNode(SKOS + "ConceptScheme"), NamedNode(SKOS + "inScheme")
_GRAPH = NamedNode("http://www.w3.org/ns/sparql-service-description#Graph")
_ONTOLOGY, _VERSION = NamedNode(OWL + "Ontology"), NamedNode(OWL + "versionIRI")
_EXACT_TYPES = {
    rg("Claim"): "claim", rg("Content"): "content", rg("TextSpan"): "span", rg("Document"): "document",
    _SCHEME: "scheme", _ONTOLOGY: "ontology",
}  # fmt: skip


@dataclass(frozen=True)
class Description:
    """What is said of a resource.

    kind: fact, claim, content, span, document, scheme, ontology, graph or thing; own: with the resource as subject;
    incoming: with it as object; further: of what belongs to it; cut: which of these three are not all there is. Each is
    sorted.
    """

    node: NamedNode
    kind: str
    own: tuple[Quad, ...]
    incoming: tuple[Quad, ...]
    further: tuple[Quad, ...]
    cut: tuple[str, ...]

    def quads(self) -> list[Quad]:
        """All of it, each quad once, by subject with the resource first."""
        return list(dict.fromkeys((*self.own, *self.further, *self.incoming)))

    def triples(self) -> list[Triple]:
        """All of it without the names of the graphs, each triple once."""
        return list(dict.fromkeys(quad.triple for quad in self.quads()))


def is_known(store: Store, node: NamedNode) -> bool:
    """Whether a release has anything to say of an IRI: it is subject or object of a statement, or names a graph."""
    patterns = ((node, None, None), (None, None, node), (None, node, None))
    return any(any(True for _ in store.quads_for_pattern(*pattern)) for pattern in patterns) or store.contains_named_graph(node)


def describe(store: Store, node: NamedNode) -> Description | None:
    """The description of a resource; None for an IRI that the store does not know. An IRI of a version of the ontology is
    described as the ontology."""
    own, more_own = _first(_quads(store, node, None, None), OWN)
    incoming, more_incoming = _first(_quads(store, None, None, node), INCOMING)
    kind = _kind(store, node, own, incoming)
    if kind == "version":
        described = describe(store, next(quad.subject for quad in incoming if isinstance(quad.subject, NamedNode)))
        return described
    if not own and not incoming and kind != "graph":
        return None
    further, more_further = _first(_further(store, node, kind, own), FURTHER)
    cuts = {"own": more_own, "incoming": more_incoming, "further": more_further}
    return Description(
        node, kind, _ordered(own), _ordered(incoming), _ordered(further), tuple(name for name, is_cut in cuts.items() if is_cut)
    )


def _kind(store: Store, node: NamedNode, own: Iterable[Quad], incoming: Iterable[Quad]) -> str:
    for quad in own:
        if quad.predicate == A and quad.object in _EXACT_TYPES:
            return _EXACT_TYPES[quad.object]  # type: ignore[index]  # it is in it
    if any(True for _ in store.quads_for_pattern(None, rg("about"), node, PROVENANCE)):
        return "fact"
    if any(quad.predicate == _VERSION for quad in incoming) and not any(True for _ in own):
        return "version"
    return "graph" if store.contains_named_graph(node) else "thing"


def _further(store: Store, node: NamedNode, kind: str, own: Iterable[Quad]) -> Iterator[Quad]:
    """What belongs to a resource, as it is found; a span of several claims comes several times."""
    if kind == "ontology":
        yield from store.quads_for_pattern(None, None, None, ONTOLOGY_GRAPH)
    elif kind == "fact":
        for claim in _subjects(store, rg("about"), node):
            yield from _claim(store, claim)
    elif kind == "claim":
        yield from _claim(store, node)
    elif kind == "span":
        for property in ("evidence", "context"):
            for claim in _subjects(store, rg(property), node):
                yield from _quads(store, claim, None, None)
    elif kind == "document":
        for part in _subjects(store, rg("document"), node):
            yield from _quads(store, part, None, None)
    elif kind == "scheme":
        for concept in _subjects(store, _IN_SCHEME, node):
            yield from _quads(store, concept, None, None)


def _claim(store: Store, claim: NamedNode) -> Iterator[Quad]:
    for quad in _quads(store, claim, None, None):
        yield quad
        if quad.predicate in (rg("evidence"), rg("context"), rg("says")) and isinstance(quad.object, NamedNode):
            yield from _quads(store, quad.object, None, None)


def _subjects(store: Store, predicate: NamedNode, node: NamedNode) -> Iterator[NamedNode]:
    """The subjects of statements with that object, each once, in the order of the store."""
    seen = set()
    for quad in _quads(store, None, predicate, node):
        if isinstance(quad.subject, NamedNode) and quad.subject not in seen:
            seen.add(quad.subject)
            yield quad.subject


def _quads(
    store: Store, subject: NamedNode | None, predicate: NamedNode | None, object: NamedNode | None
) -> Iterator[Quad]:  # fmt: skip
    """The quads of the named graphs that match; the default graph repeats three of them."""
    for graph in _GRAPHS:
        yield from store.quads_for_pattern(subject, predicate, object, graph)


def _first(quads: Iterator[Quad], most: int) -> tuple[list[Quad], bool]:
    """So many quads, and whether there are more."""
    found = list(islice(quads, most + 1))
    return found[:most], len(found) > most


def _ordered(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    return tuple(sorted(set(quads), key=_order))


def _order(quad: Quad) -> tuple[int, str, bool, str, str, int]:
    rank = _GRAPHS.index(quad.graph_name) if quad.graph_name in _GRAPHS else len(_GRAPHS)
    blank = isinstance(quad.subject, BlankNode)
    return (blank, str(quad.subject), quad.predicate != A, str(quad.predicate), str(quad.object), rank)


def notice(described: Description, document: str, base: str) -> list[Triple]:
    """What a document says that no graph of the release does: that a graph is one, and, where a description is not all there
    is, that it is not, with the query that gives all.

    document: the address of the document; base: that of the start page of its server, with a slash at its end.
    """
    found = []
    if described.kind == "graph":
        found.append(Triple(described.node, A, _GRAPH))
        for language, text in _graph_names(described.node).items():
            found.append(Triple(described.node, NamedNode(RDFS + "label"), Literal(text, language=language)))
    return [*found, *_cut(described, document, base)] if described.cut else found


def _cut(described: Description, document: str, base: str) -> list[Triple]:
    """That a description is not all there is, and the query that gives all."""
    node = described.node.value
    pattern = f"{{ <{node}> ?p ?o BIND(<{node}> AS ?s) }} UNION {{ ?s ?p <{node}> BIND(<{node}> AS ?o) }}"
    query = f"SELECT ?g ?s ?p ?o {{ GRAPH ?g {{ {pattern} }} }}"
    about = NamedNode(document)
    release = parse_qs(urlsplit(document).query).get("release", [])
    asked = urlencode([("query", query), *(("release", name) for name in release)])
    found = [
        Triple(about, NamedNode(FOAF + "primaryTopic"), described.node),
        Triple(about, NamedNode(RDFS + "seeAlso"), NamedNode(f"{base}sparql?{asked}")),
    ]
    for text, language in _NOTICE.items():
        found.append(Triple(about, NamedNode(RDFS + "comment"), Literal(text, language=language)))
    return found


_NOTICE = {
    "This description is not complete: it holds the first of the statements. The query gives all.": "en",
    "Это описание неполно: здесь первые из троек. Запрос даёт все.": "ru",
}
_LABELS = (PREF_LABEL, NamedNode(DCTERMS + "title"), NamedNode(RDFS + "label"))


def names(store: Store, node: NamedNode) -> dict[str, str]:
    """What a resource is called, by language; empty where it has no label, and is no graph."""
    for predicate in _LABELS:
        found = {
            quad.object.language or "": quad.object.value
            for quad in store.quads_for_pattern(node, predicate, None, None)
            if isinstance(quad.object, Literal)
        }
        if found:
            return found
    return _graph_names(node) if store.contains_named_graph(node) else {}


def _graph_names(node: NamedNode) -> dict[str, str]:
    """What a graph is called, by language."""
    name = node.value.removeprefix(ID + "graph/")
    return {"en": f"graph {name}", "ru": f"граф {name}"}
