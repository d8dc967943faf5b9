"""What an explanation holds; the same records are shown as text, JSON and Turtle."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from relgraph.reasoning.known import Statement
from relgraph.tables import Cell


class Origin(StrEnum):
    """Where a statement comes from."""

    STATED = "stated"  # a value of a fact that claims state
    COMPUTED = "computed"  # status, contested, conflictsWith: worked out from claims
    GENERATED = "generated"  # a label or gloss, made by template
    NAMED = "named"  # what an entity is called, and what it is by its name: given by the editors
    IDENTITY = "identity"  # a decision on identity
    TIME = "time"  # what a time span says, from its EDTF
    SCHEME = "scheme"  # a concept of the ontology's schemes
    CLAIM = "claim"  # a part of a claim
    SPAN = "span"  # the place of a passage
    REGISTER = "register"  # the register of documents
    REPORTED = "reported"  # a value as one place states it
    ONTOLOGY = "ontology"  # an axiom or a description of a term
    INFERRED = "inferred"  # a conclusion of OWL 2 RL
    OTHER = "other"  # it stands in a graph that is not relgraph's own
    ABSENT = "absent"  # it is not in the graph


class Nearness(StrEnum):
    """In what a triple of the graph is near to one that is not in it."""

    REPORTED = "reported"  # a claim says it, and the fact does not have it
    BOTH = "both"  # a fact in which subject and object have a role
    PREDICATE = "subject-predicate"  # another object
    RELATION = "subject-object"  # another property
    VALUE = "predicate-object"  # another subject


@dataclass(frozen=True)
class Footnote:
    """A place in a document.

    text: how it reads (document, section, line, offsets); start, end: code points, end exclusive; line: from 1; section:
    its label; passage: the words, None where the document is not at hand or is not the one that was read.
    """

    iri: str
    text: str
    document: str
    start: int
    end: int
    line: int
    section: str | None
    passage: str | None


@dataclass(frozen=True)
class Source:
    """A claim that stands behind a statement.

    says: the values of the property in question, as this place states them; own_voice: the document says it in its own
    voice; evidence: None only in a damaged graph.
    """

    claim: Cell
    gloss: str
    modality: Cell
    attributed_to: Cell
    conveyed_by: Cell | None
    own_voice: bool
    says: tuple[Cell, ...]
    evidence: Footnote | None
    context: tuple[Footnote, ...]


@dataclass(frozen=True)
class Near:
    """A triple of the graph that is near to one that is not: how, in words; and where it is only reported, or did not come
    about, the claims that speak of it."""

    kind: Nearness
    reason: str
    statement: Statement
    reading: str
    claims: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Why a statement is in the graph, or that it is not.

    reading: the statement with labels; note: where it comes from, in words; graph: local name of its graph; claims: those
    that state it; others: claims that state other values for the same property; rule, axiom (Turtle), stated (False where
    only the closure of the ontology has the axiom) and premises: of an inferred one; near: of an absent one, the nearest
    first.
    """

    statement: Statement
    reading: str
    origin: Origin
    note: str
    graph: str | None = None
    claims: tuple[Source, ...] = ()
    others: tuple[Source, ...] = ()
    rule: str = ""
    axiom: str = ""
    stated: bool = True
    premises: tuple[Explanation, ...] = ()
    near: tuple[Near, ...] = ()

    @property
    def found(self) -> bool:
        """True unless the statement is not in the graph."""
        return self.origin is not Origin.ABSENT


#: A node of RDF.
Term = Any
