"""What checks find: one record for SHACL shapes, whole-graph queries, contradictions of the ontology and lint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph.vocabulary import local_name

#: A node of RDF that a check can point at.
Node = NamedNode | BlankNode | Literal

#: The severities of SHACL section 2.1.4, the worst first.
SEVERITIES: Final = ("Violation", "Warning", "Info")


@dataclass(frozen=True)
class Place:
    """Where a finding can be mended: file as it was given (relative paths stay relative), and its line, from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Passage:
    """Where a document says what a finding is about.

    document: its id; start, end: code points, end exclusive; line: from 1; text: the words, None where the document
    is not at hand.
    """

    document: str
    start: int
    end: int
    line: int
    text: str | None = None

    def __str__(self) -> str:
        return f"{self.document}:{self.start}-{self.end}"


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    check: the name of the shape, query or rule; severity: IRI (sh:Violation blocks a release); focus: what is at fault;
    path: the property path in the syntax of SPARQL with full IRIs, "" where none is concerned; value: the value or other
    resource concerned; messages: what is wrong, by language ("" for a text without one); component: the constraint
    component (SHACL section 4 and 6), None for what SHACL has no component for; shape: the shape that is not met; axiom:
    the axiom that is contradicted, in Turtle; statements: the triples that together are wrong, where the check knows
    them; place: where to mend it, if that is known; passages: the places of the documents that it rests on; constraint:
    the SPARQL-based constraint of the shape that is not met (SHACL section 5), which tells several apart.
    """

    check: str
    severity: NamedNode
    focus: Node
    messages: Mapping[str, str]
    path: str = ""
    value: Node | None = None
    component: NamedNode | None = None
    shape: NamedNode | BlankNode | None = None
    axiom: str = ""
    statements: tuple[Triple, ...] = ()
    place: Place | None = None
    passages: tuple[Passage, ...] = ()
    constraint: Node | None = None

    @property
    def level(self) -> str:
        """The local name of the severity; a severity of one's own counts as Violation where levels are compared."""
        return local_name(self.severity)

    def message(self, language: str = "en") -> str:
        """The message in a language, else the one without, else the first there is."""
        for wanted in (language, "", "en"):
            if wanted in self.messages:
                return self.messages[wanted]
        return next(iter(self.messages.values()), "")

    @property
    def key(self) -> tuple[str, ...]:
        """What findings are sorted and told apart by: worst first, then check, focus, path, value; last by what they rest on."""
        rank = SEVERITIES.index(self.level) if self.level in SEVERITIES else 0
        texts = [self.check, str(self.focus), self.path, str(self.value or ""), str(self.shape or ""), str(self.component or "")]
        messages = [f"{k}={v}" for k, v in sorted(self.messages.items())]
        grounds = [str(self.constraint or ""), self.axiom, " ".join(map(str, self.statements))]
        return (str(rank), self.severity.value, *texts, *messages, *grounds)


@dataclass(frozen=True)
class Check:
    """A check that ran, for reports that list those that passed too.

    name: as findings call it; title: by language; kind: shape, query, axiom or lint; severity: the IRI of its findings;
    place: where it is defined, if that is known.
    """

    name: str
    kind: str
    severity: NamedNode
    title: Mapping[str, str]
    place: Place | None = None


@dataclass(frozen=True)
class Report:
    """What a validation gives: findings, sorted, each once; the checks that ran; notes on the run itself (a shape that
    looks at nothing, a target that is not known), which do not count as findings."""

    findings: tuple[Finding, ...]
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def conforms(self) -> bool:
        """True when there is no finding of any severity (SHACL section 3.6.1)."""
        return not self.findings


def ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings sorted by key, each once."""
    by_key = {finding.key: finding for finding in findings}
    return tuple(by_key[key] for key in sorted(by_key))


def at_least(findings: Sequence[Finding], threshold: str) -> tuple[Finding, ...]:
    """The findings that are as bad as a severity (Violation, Warning, Info) or worse."""
    limit = SEVERITIES.index(threshold)
    return tuple(f for f in findings if f.level not in SEVERITIES or SEVERITIES.index(f.level) <= limit)
