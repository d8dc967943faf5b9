"""Entities, facts and claims of a source as records, in streams; what is said of one subject is held, never more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from pyoxigraph import NamedNode

from relgraph.exports.lookups import Lookups, Thing, Values, first, local, values
from relgraph.exports.source import Source
from relgraph.vocabulary import ASSERTED, DCTERMS, ID, INFERRED, PREF_LABEL, PROVENANCE, REPORTED, RG, A

#: A fact that a merger took the place of.
REPLACES: Final = DCTERMS + "replaces"
#: What is said of a fact and is no role of it: it has columns of its own.
_ABOUT_FACTS: Final = frozenset(
    [A.value, PREF_LABEL.value, REPLACES]
    + [RG + name for name in ("status", "contested", "time", "begin", "end", "currentIn", "possiblySameAs")]
)
#: What is read of the inferred graph. A hub has there a million facts that it is involved in; they are known from the facts.
_TIMES: Final = frozenset(f"<{RG}{name}>".encode() for name in ("time", "begin", "end"))
_INFERRED_END, _REPORTED_END = (f" <{graph.value}> .\n".encode() for graph in (INFERRED, REPORTED))
_IS_CLAIM, _IS_DOCUMENT = (f" <{A.value}> <{RG}{name}> <{PROVENANCE.value}> .\n".encode() for name in ("Claim", "Document"))


@dataclass(frozen=True)
class Subject:
    """Anything that the source is about, by its IRI, with what is said of it."""

    iri: str
    values: Values

    @property
    def key(self) -> str:
        """Its key in the project (`event/visit-x`), else its IRI."""
        return self.iri.removeprefix(ID)


@dataclass(frozen=True)
class Fact(Subject):
    """A relation or an event; roles: the IRIs of properties, with values, that it has beyond its type, label, time and status."""

    thing: Thing
    roles: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Claim(Subject):
    """A claim; said: the IRIs of properties, with values, of its content node; span: what is said of its evidence."""

    said: tuple[tuple[str, str], ...] = ()
    evidence: str | None = None
    span: Values = field(default_factory=dict)

    @property
    def document(self) -> str | None:
        """The IRI of the document that its evidence is in."""
        return first(self.span, "document")


@dataclass(frozen=True)
class Statement:
    """What a claim says of its fact: its IRI, that of the document that it stands in, the values that it states."""

    iri: str
    document: str | None
    said: frozenset[tuple[str, str]]


def things(source: Source, lookups: Lookups) -> Iterator[tuple[Subject, Thing]]:
    """The entities, topics among them, and the facts, in the order of the source."""
    for iri, lines in _by_subject(source, ASSERTED, INFERRED):
        found = values(source, lines)
        thing = lookups.described(iri, found)
        if thing.kind == "entity":
            yield Subject(iri, found), thing
        elif thing.kind in ("event", "relation"):
            yield Fact(iri, found, thing, tuple(_pairs(found, _ABOUT_FACTS))), thing


def entities(source: Source, lookups: Lookups) -> Iterator[tuple[Subject, Thing]]:
    """The entities, topics among them, in the order of the source."""
    return (found for found in things(source, lookups) if found[1].kind == "entity")


def facts(source: Source, lookups: Lookups) -> Iterator[Fact]:
    """The facts in the order of the source."""
    return (subject for subject, _ in things(source, lookups) if isinstance(subject, Fact))


def claims(source: Source, lookups: Lookups) -> Iterator[Claim]:
    """The claims in the order of the source. Most content nodes come right before their claims there: few are looked up."""
    content, content_lines = "", []
    for iri, lines in _by_subject(source, PROVENANCE, REPORTED):
        if reported := [line for line in lines if line.endswith(_REPORTED_END)]:
            content, content_lines = iri, reported
        elif any(line.endswith(_IS_CLAIM) for line in lines):
            found = values(source, lines)
            says, evidence = first(found, "says"), first(found, "evidence")
            if says is None:
                said: Values = {}
            elif says == content:
                said = values(source, content_lines)
            else:
                said = lookups.values(says, REPORTED)
            span = lookups.values(evidence, PROVENANCE) if evidence else {}
            yield Claim(iri, found, tuple(_pairs(said)), evidence, span)


def registered(source: Source, lookups: Lookups) -> Iterator[tuple[Subject, Thing]]:
    """The documents in the order of the source."""
    for iri, lines in _by_subject(source, PROVENANCE):
        if any(line.endswith(_IS_DOCUMENT) for line in lines):
            found = values(source, lines)
            yield Subject(iri, found), lookups.described(iri, found)


def counted(source: Source, lookups: Lookups) -> Counter[str]:
    """How many claims stand in each document, by its IRI."""
    found: Counter[str] = Counter()
    for iri, lines in _by_subject(source, PROVENANCE):
        if any(line.endswith(_IS_CLAIM) for line in lines) and (document := _document(iri, lookups)):
            found[document] += 1
    return found


def stated(fact: str, lookups: Lookups) -> tuple[int, tuple[str, ...]] | None:
    """How many claims are about a fact, and the documents that they stand in, sorted; None where claims are not wanted."""
    if not lookups.wants(PROVENANCE):
        return None
    found = [_document(claim, lookups) for claim in lookups.subjects("about", fact, PROVENANCE)]
    return len(found), tuple(sorted({document for document in found if document}))


def statements(fact: str, lookups: Lookups) -> list[Statement] | None:
    """What the claims about a fact say, sorted by IRI; None where claims, or what they say, are not wanted."""
    if not lookups.wants(PROVENANCE, REPORTED):
        return None
    found = []
    for claim in lookups.subjects("about", fact, PROVENANCE):
        says = lookups.value(claim, "says", PROVENANCE)
        said = frozenset(_pairs(lookups.values(says, REPORTED))) if says else frozenset()
        found.append(Statement(claim, _document(claim, lookups), said))
    return found


def documents(found: Iterable[Statement]) -> tuple[str, ...]:
    """The documents that claims stand in, sorted."""
    return tuple(sorted({statement.document for statement in found if statement.document}))


def role_name(property: str) -> str:
    """The name of a property: local in relgraph's ontology, the IRI elsewhere."""
    return local(property) if property.startswith(RG) else property


def _by_subject(source: Source, *graphs: NamedNode) -> Iterator[tuple[str, list[bytes]]]:
    """The IRIs that the graphs, so far as they are wanted, speak of, with the lines; of the inferred graph, only times."""
    wanted = [graph for graph in graphs if graph in source.graphs]
    if wanted:
        for subject, lines in groupby(_lines(source, *wanted), key=lambda line: line[: line.find(b" ")]):
            if subject.startswith(b"<"):
                yield subject[1:-1].decode(errors="replace"), list(lines)


def _lines(source: Source, *graphs: NamedNode) -> Iterator[bytes]:
    for block in source.blocks(*graphs):
        for line in block.splitlines(keepends=True):
            if not line.endswith(_INFERRED_END) or line.split(b" ", 2)[1] in _TIMES:
                yield line


def _document(claim: str, lookups: Lookups) -> str | None:
    evidence = lookups.value(claim, "evidence", PROVENANCE)
    return lookups.document(evidence) if evidence else None


def _pairs(found: Values, without: frozenset[str] = frozenset([A.value])) -> Iterator[tuple[str, str]]:
    for property, given in found.items():
        if property not in without:
            yield from ((property, value) for value in given)
