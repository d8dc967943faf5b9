"""What tables and networks say about a thing besides its own quads: its class and kind, its labels, its bounds in time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType, TracebackType
from typing import Final, Self

from pyoxigraph import Literal, NamedNode, Store

from relgraph.exports.referring import Referring
from relgraph.exports.seeking import Seeking
from relgraph.exports.source import Source
from relgraph.exports.tokens import PLAIN, is_iri, is_literal, language, text, typed
from relgraph.scalars import scalar
from relgraph.vocabulary import ASSERTED, ID, ONTOLOGY_GRAPH, PREF_LABEL, PROVENANCE, RDFS, RG, A, local_name

#: What is said of a subject: the values of each property, by its IRI, in the order of the source, as tokens.
Values = Mapping[str, Sequence[str]]

NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
#: Things that are kept at hand; a few hundred bytes each.
_KEPT: Final = 20_000
#: The properties of which it is asked what refers to a thing by them.
_REFERRING: Final = tuple(RG + name for name in ("about", "initiates", "terminates"))
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

    def _closed(self, name: str) -> frozenset[str]:
        found = [name]
        for current in found:
            found += sorted(self._above.get(current, set()).difference(found))
        return frozenset(found)


class Lookups:
    """Things of a source, looked up in its lines, in the graphs that are wanted. To be closed, as by `with`.

    texts: the documents at hand, by id ("004").
    """

    def __init__(self, source: Source, texts: Mapping[str, str] = NO_TEXTS) -> None:
        self.texts = texts
        self._source = source
        self._file = source.open()
        self._seeking = Seeking(self._file)
        self._ends = {graph: f" <{graph.value}> .\n".encode() for graph in source.graphs}
        self._referring = Referring(source, _REFERRING)
        self.hierarchy = Hierarchy(source.release.store())
        self.thing = lru_cache(maxsize=_KEPT)(self._thing)
        self.time = lru_cache(maxsize=_KEPT)(self._time)
        self.document = lru_cache(maxsize=_KEPT)(self._document)
        self.issued = lru_cache(maxsize=_KEPT)(self._issued)
        self._classified = lru_cache(maxsize=_KEPT)(self._by_classes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._referring.close()
        self._file.close()
        self._seeking.forget()
        for cache in (self.thing, self.time, self.document, self.issued, self._classified):
            cache.cache_clear()  # they refer to what they are part of: it would be long until all of it is let go

    def wants(self, *graphs: NamedNode) -> bool:
        """Whether all of some graphs are wanted; what a graph says that is not cannot be known."""
        return all(graph in self._ends for graph in graphs)

    def values(self, subject: str, graph: NamedNode, *properties: str) -> Values:
        """What a graph, if it is wanted, says of a subject: of some properties, or of all. All of a hub may be a million."""
        end = self._ends.get(graph)
        if end is None:
            return {}
        starts = [f"<{subject}> <{each}> " for each in properties] or [f"<{subject}> "]
        lines = [line for start in starts for line in self._seeking.starting(start.encode()) if line.endswith(end)]
        return values(self._source, lines)

    def value(self, subject: str, name: str, graph: NamedNode) -> str | None:
        """The IRI that a property of the ontology has in a graph; of several the first in order."""
        return first(self.values(subject, graph, RG + name), name)

    def subjects(self, name: str, value: str, graph: NamedNode) -> list[str]:
        """The IRIs of the subjects that have an IRI as a value of a property of the ontology in a graph, if it is wanted, sorted.

        name: about, initiates or terminates.
        """
        return self._referring.subjects(RG + name, f"<{value}>", [graph]) if graph in self._ends else []

    def bounds(self, iris: Sequence[str]) -> Bounds:
        """The dates of time spans, and the bounds around them."""
        found = [time for iri in iris if (time := self.time(iri)) is not None]
        if len(found) == 1:
            return Bounds((found[0].edtf,), found[0].earliest, found[0].latest)
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

    def described(self, iri: str, found: Values) -> Thing:
        """A thing by its own values in the asserted or the provenance graph. Of several classes the most special one counts."""
        kind, special = self._classified(iri.startswith(ID), iris(found, A.value))
        return Thing(kind, special, labels(found, PREF_LABEL.value))

    def _by_classes(self, is_data: bool, types: tuple[str, ...]) -> tuple[str, str | None]:
        names = {local(each) for each in types}
        ancestors = {name: self.hierarchy.ancestors(name) for name in names}
        classes: frozenset[str] = frozenset().union(*ancestors.values())
        special = max(names, key=lambda name: (len(ancestors[name]), name), default=None)
        return self.kind(ID if is_data else "", classes), special

    def _thing(self, iri: str) -> Thing:
        # not all that is said of it: an agent may be involved in a million facts
        for graph in (ASSERTED, PROVENANCE):
            found = self.values(iri, graph, A.value, PREF_LABEL.value)
            if A.value in found:
                return self.described(iri, found)
        return Thing("other", None, {})

    def _document(self, span: str) -> str | None:
        return self.value(span, "document", PROVENANCE)

    def _issued(self, document: str) -> Bounds:
        property = RG + "issued"
        return self.bounds(iris(self.values(document, PROVENANCE, property), property))

    def _time(self, iri: str) -> Time | None:
        found = self.values(iri, ASSERTED)
        edtf, earliest, latest = (next(reversed(found.get(RG + name, ())), "") for name in ("edtf", "earliest", "latest"))
        return Time(text(edtf), _moment(earliest), _moment(latest)) if is_literal(edtf) else None


def values(source: Source, lines: Iterable[bytes]) -> Values:
    """The values that lines of one subject give, an IRI; blank nodes and triples are left out.

    Raises DamageError for a line that no build writes.
    """
    found: dict[str, list[str]] = {}
    for line in lines:
        if match := _plain(line):
            found.setdefault(match[1], []).append(match[2])
        else:
            for quad in source.parsed(line):
                if isinstance(quad.object, NamedNode | Literal):
                    found.setdefault(quad.predicate.value, []).append(str(quad.object))
    return found


def _plain(line: bytes) -> re.Match[str] | None:
    try:
        return PLAIN.fullmatch(line.decode())
    except UnicodeDecodeError:
        return None


def labels(found: Values, property: str) -> dict[str, str]:
    """The texts of a property by language, where a language has one; of several the first in order of characters."""
    by_language: dict[str, str] = {}
    for token in found.get(property, ()):
        if tag := language(token):
            label = text(token)
            by_language[tag] = min(label, by_language.get(tag, label))
    return by_language


def literals(found: Values, property: str) -> list[str]:
    """The different literals of a property, in the order of the source."""
    return [token for token in dict.fromkeys(found.get(property, ())) if is_literal(token)]


def iris(found: Values, property: str) -> tuple[str, ...]:
    """The different IRIs that are values of a property, sorted."""
    given = found.get(property)
    return tuple(sorted({text(token) for token in given if is_iri(token)})) if given else ()


@lru_cache(maxsize=4096)
def local(iri: str) -> str:
    """The part of an IRI behind its last # or, without one, its last slash; for properties, classes and codes, which recur."""
    return local_name(NamedNode(iri))


def first(found: Values, name: str) -> str | None:
    """The IRI that a property of the ontology has; of several the first in order."""
    return next(iter(iris(found, RG + name)), None)


def _moment(token: str) -> datetime | None:
    found = scalar(typed(token))
    return found.value if found and isinstance(found.value, datetime) else None
