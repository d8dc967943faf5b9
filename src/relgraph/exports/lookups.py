"""What tables and networks say about a thing besides its own quads: its class and kind, its labels, its bounds in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Store

from relgraph.exports.source import Source
from relgraph.scalars import scalar
from relgraph.vocabulary import ASSERTED, ID, ONTOLOGY_GRAPH, PREF_LABEL, PROVENANCE, RDFS, A, local_name, rg

#: Things that are kept at hand; a few hundred bytes each.
_KEPT: Final = 20_000
_SUBCLASS, _SUBPROPERTY = NamedNode(RDFS + "subClassOf"), NamedNode(RDFS + "subPropertyOf")
_KINDS = (("Event", "event"), ("Relation", "relation"), ("TimeSpan", "time"), ("Document", "document"), ("Section", "section"),
          ("TextSpan", "span"), ("Claim", "claim"), ("Content", "content"))  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """kind: entity, event, relation, time, document, section, span, claim, content, concept (of a scheme), or other;
    class_name: local name of the class in the ontology, or Concept; labels by language."""

    kind: str
    class_name: str | None
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Time:
    """A date as EDTF, and its bounds, which are inclusive and None where it is open."""

    edtf: str
    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True)
class Bounds:
    """Dates, sorted, and the bounds around all of them; a bound is None where one of the dates is open, or there is none."""

    edtf: tuple[str, ...]
    earliest: datetime | None
    latest: datetime | None


class Hierarchy:
    """Subclasses and subproperties of a store's ontology graph, by local name."""

    def __init__(self, store: Store) -> None:
        self._above: dict[str, set[str]] = {}
        for predicate in (_SUBCLASS, _SUBPROPERTY):
            for quad in store.quads_for_pattern(None, predicate, None, ONTOLOGY_GRAPH):
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                    self._above.setdefault(local_name(quad.subject), set()).add(local_name(quad.object))
        self._ancestors = lru_cache(maxsize=None)(self._closed)

    def ancestors(self, name: str) -> frozenset[str]:
        """A class or property, and all those above it."""
        return self._ancestors(name)

    def __bool__(self) -> bool:
        return bool(self._above)

    def _closed(self, name: str) -> frozenset[str]:
        found = [name]
        for current in found:
            found += sorted(self._above.get(current, set()).difference(found))
        return frozenset(found)


class Lookups:
    """Things of a source, looked up in its store, in the graphs that are wanted."""

    def __init__(self, source: Source) -> None:
        self._store = source.store
        self._graphs = frozenset(source.graphs)
        hierarchy = Hierarchy(self._store)
        self.hierarchy = hierarchy or Hierarchy(source.release.store())
        self.thing = lru_cache(maxsize=_KEPT)(self._thing)
        self.time = lru_cache(maxsize=_KEPT)(self._time)
        self.document = lru_cache(maxsize=_KEPT)(self._document)

    def quads(self, subject: NamedNode, predicate: NamedNode | None, graph: NamedNode) -> list[Quad]:
        """What a graph, if it is wanted, says of a subject. Each quad costs, so one asks for no more than is needed."""
        return list(self._store.quads_for_pattern(subject, predicate, None, graph)) if graph in self._graphs else []

    def value(self, subject: NamedNode, name: str, graph: NamedNode) -> NamedNode | None:
        """The IRI that a property of the ontology has in a graph; of several the first in order."""
        return next(iter(iris(self.quads(subject, rg(name), graph), rg(name))), None)

    def subjects(self, predicate: NamedNode, value: NamedNode, graph: NamedNode) -> Iterator[NamedNode]:
        """The subjects of a value in a graph, if it is wanted, sorted."""
        if graph in self._graphs:
            found = {quad.subject for quad in self._store.quads_for_pattern(None, predicate, value, graph)}
            yield from sorted((node for node in found if isinstance(node, NamedNode)), key=lambda node: node.value)

    def bounds(self, nodes: Sequence[NamedNode]) -> Bounds:
        """The dates of time spans, and the bounds around them."""
        found = [time for node in nodes if (time := self.time(node)) is not None]
        starts, ends = [time.earliest for time in found], [time.latest for time in found]
        return Bounds(
            tuple(sorted(time.edtf for time in found)),
            None if None in starts else min((start for start in starts if start), default=None),
            None if None in ends else max((end for end in ends if end), default=None),
        )

    def kind(self, iri: str, classes: frozenset[str]) -> str:
        """The kind of a thing that has these classes, those above them included."""
        for name, kind in _KINDS:
            if name in classes:
                return kind
        if not classes:
            return "other"
        return "entity" if iri.startswith(ID) else "concept"

    def described(self, iri: str, quads: list[Quad]) -> Thing:
        """A thing by its own quads. Of several classes in the asserted graph the most special one counts."""
        own = [quad for quad in quads if quad.predicate == A and quad.graph_name in (ASSERTED, PROVENANCE)]
        names = {local_name(quad.object) for quad in own if isinstance(quad.object, NamedNode)}
        ancestors = {name: self.hierarchy.ancestors(name) for name in names}
        classes: frozenset[str] = frozenset().union(*ancestors.values())
        special = max(names, key=lambda name: (len(ancestors[name]), name), default=None)
        return Thing(self.kind(iri, classes), special, labels(quads, PREF_LABEL))

    def _thing(self, node: NamedNode) -> Thing:
        # not all of its quads: an agent may be involved in a million facts
        for graph in (ASSERTED, PROVENANCE):
            if types := self.quads(node, A, graph):
                return self.described(node.value, types + self.quads(node, PREF_LABEL, graph))
        return Thing("other", None, {})

    def _document(self, span: NamedNode) -> NamedNode | None:
        return self.value(span, "document", PROVENANCE)

    def _time(self, node: NamedNode) -> Time | None:
        found = {local_name(quad.predicate): quad.object for quad in self.quads(node, None, ASSERTED)}
        edtf = found.get("edtf")
        if not isinstance(edtf, Literal):
            return None
        bounds = [scalar(found.get(name)) for name in ("earliest", "latest")]
        values = [bound.value if bound and isinstance(bound.value, datetime) else None for bound in bounds]
        return Time(edtf.value, values[0], values[1])


def labels(quads: list[Quad], predicate: NamedNode) -> dict[str, str]:
    """The texts of a property by language, where a language has one; of several the first in order of characters."""
    found: dict[str, str] = {}
    for quad in quads:
        value = quad.object
        if quad.predicate == predicate and isinstance(value, Literal) and value.language:
            found[value.language] = min(value.value, found.get(value.language, value.value))
    return found


def texts(quads: list[Quad], predicate: NamedNode) -> list[Literal]:
    """The different literals of a property, in the order of the quads."""
    return list(dict.fromkeys(q.object for q in quads if q.predicate == predicate and isinstance(q.object, Literal)))


def iris(quads: list[Quad], predicate: NamedNode) -> tuple[NamedNode, ...]:
    """The different IRIs that are values of a property, sorted."""
    found = {q.object for q in quads if q.predicate == predicate and isinstance(q.object, NamedNode)}
    return tuple(sorted(found, key=lambda node: node.value))
