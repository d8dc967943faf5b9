"""Entities, facts and claims of a source as records, in streams; a subject's quads are held, never more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from pyoxigraph import Literal, NamedNode, Quad

from relgraph.exports.lookups import Lookups, Thing, iris
from relgraph.exports.source import Source
from relgraph.vocabulary import ASSERTED, DCTERMS, ID, INFERRED, PREF_LABEL, PROVENANCE, REPORTED, RG, A, local_name, rg

#: A fact that a merger took the place of.
REPLACES = NamedNode(DCTERMS + "replaces")
#: What is said of a fact and is no role of it: it has columns of its own.
_ABOUT_FACTS = frozenset(
    [A, PREF_LABEL, REPLACES]
    + [rg(name) for name in ("status", "contested", "time", "begin", "end", "currentIn", "possiblySameAs")]
)
#: What is read of the inferred graph. A hub has there a million facts that it is involved in; they are known from the facts.
_TIMES = frozenset([rg("time"), rg("begin"), rg("end")])
Value = NamedNode | Literal


@dataclass(frozen=True)
class Subject:
    """Anything that quads of the source are about, with these quads, in their order."""

    node: NamedNode
    quads: list[Quad]

    @property
    def iri(self) -> str:
        """Its IRI."""
        return self.node.value

    @property
    def key(self) -> str:
        """Its key in the project (`event/visit-x`), else its IRI."""
        return self.node.value.removeprefix(ID)


@dataclass(frozen=True)
class Fact(Subject):
    """A relation or an event; roles: what it says in the asserted graph beyond its type, label, time and status."""

    thing: Thing
    roles: tuple[tuple[NamedNode, Value], ...]


@dataclass(frozen=True)
class Claim(Subject):
    """A claim; said: what its content node says; span: the quads of its evidence."""

    said: tuple[tuple[NamedNode, Value], ...] = ()
    evidence: NamedNode | None = None
    span: list[Quad] = field(default_factory=list)

    @property
    def document(self) -> NamedNode | None:
        """The document that its evidence is in."""
        return first(self.span, "document")


@dataclass(frozen=True)
class Statement:
    """What a claim says of its fact: its IRI, that of the document that it stands in, the values that it states."""

    iri: str
    document: str | None
    said: frozenset[tuple[NamedNode, Value]]


def subjects(source: Source, *graphs: NamedNode) -> Iterator[Subject]:
    """What the graphs say, so far as they are wanted, by subject; of the inferred graph, only times."""
    wanted = [graph for graph in graphs if graph in source.graphs]
    if not wanted:
        return
    for node, quads in groupby(source.quads(*wanted), key=lambda quad: quad.subject):
        if isinstance(node, NamedNode):
            yield Subject(node, [quad for quad in quads if quad.graph_name != INFERRED or quad.predicate in _TIMES])


def things(source: Source, lookups: Lookups) -> Iterator[tuple[Subject, Thing]]:
    """The entities, topics among them, and the facts, in the order of the source."""
    for subject in subjects(source, ASSERTED, INFERRED):
        thing = lookups.described(subject.iri, subject.quads)
        if thing.kind == "entity":
            yield subject, thing
        elif thing.kind in ("event", "relation"):
            yield Fact(subject.node, subject.quads, thing, tuple(_roles(subject.quads))), thing


def entities(source: Source, lookups: Lookups) -> Iterator[tuple[Subject, Thing]]:
    """The entities, topics among them, in the order of the source."""
    return (found for found in things(source, lookups) if found[1].kind == "entity")


def facts(source: Source, lookups: Lookups) -> Iterator[Fact]:
    """The facts in the order of the source."""
    return (subject for subject, _ in things(source, lookups) if isinstance(subject, Fact))


def claims(source: Source, lookups: Lookups) -> Iterator[Claim]:
    """The claims in the order of the source. A content node comes right before its claim there, so that few are looked up."""
    content = Subject(NamedNode(ID), [])
    for subject in subjects(source, PROVENANCE, REPORTED):
        if any(quad.graph_name == REPORTED for quad in subject.quads):
            content = subject
        elif any(quad.predicate == A and quad.object == rg("Claim") for quad in subject.quads):
            yield _claim(subject, lookups, content)


def stated(fact: NamedNode, lookups: Lookups) -> tuple[int, tuple[str, ...]]:
    """How many claims are about a fact, and the documents that they stand in, sorted."""
    found = [_document(claim, lookups) for claim in lookups.subjects(rg("about"), fact, PROVENANCE)]
    return len(found), tuple(sorted({document for document in found if document}))


def statements(fact: NamedNode, lookups: Lookups) -> list[Statement]:
    """What the claims about a fact say, sorted by IRI."""
    found = []
    for claim in lookups.subjects(rg("about"), fact, PROVENANCE):
        says = lookups.value(claim, "says", PROVENANCE)
        said = frozenset(_said(lookups.quads(says, None, REPORTED))) if says else frozenset()
        found.append(Statement(claim.value, _document(claim, lookups), said))
    return found


def documents(found: Iterable[Statement]) -> tuple[str, ...]:
    """The documents that claims stand in, sorted."""
    return tuple(sorted({statement.document for statement in found if statement.document}))


def first(quads: list[Quad], name: str) -> NamedNode | None:
    """The IRI that a property of the ontology has; of several the first in order."""
    return next(iter(iris(quads, rg(name))), None)


def role_name(predicate: NamedNode) -> str:
    """The name of a property: local in relgraph's ontology, the IRI elsewhere."""
    return local_name(predicate) if predicate.value.startswith(RG) else predicate.value


def _claim(subject: Subject, lookups: Lookups, content: Subject) -> Claim:
    says, evidence = first(subject.quads, "says"), first(subject.quads, "evidence")
    quads = content.quads if content.node == says else lookups.quads(says, None, REPORTED) if says else []
    span = lookups.quads(evidence, None, PROVENANCE) if evidence else []
    return Claim(subject.node, subject.quads, tuple(_said(quads)), evidence, span)


def _document(claim: NamedNode, lookups: Lookups) -> str | None:
    evidence = lookups.value(claim, "evidence", PROVENANCE)
    document = lookups.document(evidence) if evidence else None
    return document.value if document else None


def _said(quads: Iterable[Quad]) -> Iterator[tuple[NamedNode, Value]]:
    for quad in quads:
        if quad.graph_name == REPORTED and quad.predicate != A and isinstance(quad.object, NamedNode | Literal):
            yield quad.predicate, quad.object


def _roles(quads: Iterable[Quad]) -> Iterator[tuple[NamedNode, Value]]:
    for quad in quads:
        if quad.graph_name == ASSERTED and quad.predicate not in _ABOUT_FACTS and isinstance(quad.object, NamedNode | Literal):
            yield quad.predicate, quad.object
