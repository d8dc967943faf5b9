"""The baseline: findings that are known and let be, so that only new ones fail.

The file is JSON: `{"version": 1, "findings": [{"fingerprint", "check", "severity", "focus", "message"}, …]}`, sorted by
check, focus and fingerprint, LF, made to be read in a diff. Only the fingerprint counts; the rest is for people.
A fingerprint is made of what is wrong with what and by which constraint, not of where it stands: lines may move, blank
nodes be relabelled, files change their order and messages be reworded without a finding becoming new.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from typing import Literal as OneOf

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from relgraph import rdf
from relgraph.errors import InputError, Problem, UsageError
from relgraph.findings import Finding, Node, Report, at_least
from relgraph.validation import Shapes
from relgraph.vocabulary import RDFS, SH, local_name

_REMEDY: Final = "Restore the file, or delete it and write it anew with --update-baseline"
_LABEL: Final = re.compile(r"_:[\w.-]+")
#: The parameters of a constraint that are not named as its component is (SHACL section 4).
_BESIDE: Final = {
    "pattern": ("flags",),
    "closed": ("ignoredProperties",),
    "qualifiedMinCount": ("qualifiedValueShape", "qualifiedValueShapesDisjoint"),
    "qualifiedMaxCount": ("qualifiedValueShape", "qualifiedValueShapesDisjoint"),
}
#: What a shape says for people, and how bad it is: nothing of this is a constraint.
_WORDS: Final = {SH + name for name in ("message", "name", "description", "order", "group", "severity")} | {
    RDFS + name for name in ("label", "comment")
}
#: So deep shapes in shapes are told apart.
_DEEPEST: Final = 30
_NEVER: Final = "never"


class Entry(BaseModel):
    """A finding that is known: its fingerprint, and in words what it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fingerprint: str = Field(pattern=r"^[0-9a-f]{32}(#\d+)?$")
    check: str
    severity: str
    focus: str
    message: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: OneOf[1]
    findings: tuple[Entry, ...]


@dataclass(frozen=True)
class Outcome:
    """A report held against a baseline and a threshold.

    fingerprints: of the report's findings, in their order; baseline: what is known, None where none was given; threshold:
    the severity from which a new finding fails (Violation, Warning, Info), or never.
    """

    report: Report
    fingerprints: tuple[str, ...]
    baseline: tuple[Entry, ...] | None = None
    threshold: str = "Violation"

    @cached_property
    def known(self) -> tuple[bool, ...]:
        """For each finding whether the baseline holds it."""
        prints = {entry.fingerprint for entry in self.baseline or ()}
        return tuple(fingerprint in prints for fingerprint in self.fingerprints)

    @cached_property
    def failing(self) -> tuple[bool, ...]:
        """For each finding whether it fails the run: bad enough, and not known."""
        bad = set() if self.threshold == _NEVER else {id(f) for f in at_least(self.report.findings, self.threshold)}
        return tuple(id(finding) in bad and not old for finding, old in zip(self.report.findings, self.known, strict=True))

    @property
    def mended(self) -> tuple[Entry, ...]:
        """The findings of the baseline that are gone."""
        prints = set(self.fingerprints)
        return tuple(entry for entry in self.baseline or () if entry.fingerprint not in prints)

    @property
    def fails(self) -> bool:
        """True when the exit status is 1."""
        return any(self.failing)


def held(
    report: Report,
    quads: Iterable[Quad] = (),
    baseline: tuple[Entry, ...] | None = None,
    threshold: str = "Violation",
    shapes: Shapes | None = None,
) -> Outcome:
    """The outcome of a report; quads: the data, shapes: what was checked, to know their blank nodes by what is said of them."""
    return Outcome(report, fingerprints(report.findings, quads, shapes), baseline, threshold)


def fingerprints(findings: Sequence[Finding], quads: Iterable[Quad] = (), shapes: Shapes | None = None) -> tuple[str, ...]:
    """A fingerprint for each finding: 32 hexadecimal digits, with #2, #3 … for those that cannot be told apart.

    It depends on check, severity, component, shape, focus, path, value, axiom and statements. A shape counts as its IRI;
    one without an IRI as the parameters of the constraint and the nearest IRIs that it belongs to or, where the shapes
    are not given, as the message in English. A blank node of the data counts as the triples it stands in (one step; other
    blank nodes in them count as alike).
    """
    names = _blank_names(findings, quads)
    constraints = _Constraints(shapes)

    def text(node: object) -> str:
        return names.get(node, "[]") if isinstance(node, BlankNode) else str(node or "")

    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        statements = sorted(" ".join((text(t.subject), str(t.predicate), text(t.object))) for t in finding.statements)
        component = str(finding.component or "")
        parts = [finding.check, finding.severity.value, component, text(finding.focus), finding.path, text(finding.value)]
        parts += [constraints.name(finding), _unlabelled(finding.axiom)]
        digest = hashlib.sha256(json.dumps([*parts, *statements]).encode()).hexdigest()[:32]
        seen[digest] += 1
        result.append(digest if seen[digest] == 1 else f"{digest}#{seen[digest]}")
    return tuple(result)


def load(path: Path) -> tuple[Entry, ...]:
    """Reads a baseline. Raises UsageError when it is missing, InputError when it is broken."""
    if not path.exists():
        raise UsageError(f"there is no baseline {path}. Write it with --update-baseline")
    problems: list[Problem] = []
    text = rdf.read_text(path, problems)
    if text is None:
        raise InputError(problems)
    try:
        return _File.model_validate(json.loads(text)).findings
    except json.JSONDecodeError as error:
        raise InputError([Problem(f"{path}:{error.lineno}", f"the baseline is not JSON: {error.msg}", _REMEDY)]) from error
    except RecursionError as error:
        raise InputError([Problem(f"{path}:1", "the baseline is nested too deeply to be one", _REMEDY)]) from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the whole"
        raise InputError(
            [Problem(f"{path}:1", f"the baseline is not of its form at {where}: {fault['msg']}", _REMEDY)]
        ) from error
    except ValueError as error:  # a number that is too long for Python
        raise InputError([Problem(f"{path}:1", f"the baseline is not of its form: {error}", _REMEDY)]) from error


def entries(outcome: Outcome) -> tuple[Entry, ...]:
    """The findings of an outcome as a baseline, sorted."""
    found = [
        Entry(
            fingerprint=fingerprint,
            check=finding.check,
            severity=finding.level,
            focus="[]" if isinstance(finding.focus, BlankNode) else _short(getattr(finding.focus, "value", "")),
            message=_short(_unlabelled(finding.message())),
        )
        for finding, fingerprint in zip(outcome.report.findings, outcome.fingerprints, strict=True)
    ]
    return tuple(sorted(found, key=lambda entry: (entry.check, entry.focus, entry.fingerprint)))


def as_bytes(known: Iterable[Entry]) -> bytes:
    """The file of a baseline."""
    content = {"version": 1, "findings": [entry.model_dump() for entry in known]}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


class _Constraints:
    """What constraints are known by, without labels of blank nodes and places."""

    def __init__(self, shapes: Shapes | None) -> None:
        self._shapes = shapes
        self._names: dict[tuple[Node, NamedNode | None], str] = {}

    def name(self, finding: Finding) -> str:
        """The constraint that a finding does not meet; "" where there is no shape."""
        shape, component = finding.shape, finding.component
        if shape is None:
            return ""
        if isinstance(shape, BlankNode) and (self._shapes is None or shape not in self._shapes.index.by_subject):
            return _unlabelled(finding.message())
        if (shape, component) not in self._names:
            named = isinstance(shape, NamedNode)
            self._names[shape, component] = shape.value if named else self._described(shape, component)
        name = self._names[shape, component]
        several = self._shapes is not None and len(self._shapes.index.values(shape, "sparql")) > 1
        if not several:
            return name
        one = finding.constraint
        known = isinstance(one, BlankNode) and self._shapes is not None and one in self._shapes.index.by_subject
        told = self._text(one, frozenset()) if one is not None and (known or not isinstance(one, BlankNode)) else ""
        return f"{name} {told or _unlabelled(finding.message())}"

    def _described(self, shape: Node, component: NamedNode | None) -> str:
        """The parameters of a constraint of a shape without an IRI, and what that belongs to."""
        assert self._shapes is not None
        pairs = self._shapes.index.by_subject.get(shape, {}) if not isinstance(shape, Literal) else {}
        stem = local_name(component).removesuffix("ConstraintComponent") if component else ""
        parameter = stem[:1].lower() + stem[1:]
        wanted = {SH + name for name in (parameter, *_BESIDE.get(parameter, ()))}
        if not any(predicate.value in wanted for predicate in pairs):  # a component of one's own
            wanted = {predicate.value for predicate in pairs} - _WORDS
        said = sorted(
            f"{predicate} {value}"
            for predicate, values in pairs.items()
            if predicate.value in wanted
            for value in (self._text(each, frozenset([shape])) for each in values)
        )
        return json.dumps([self._owners(shape), said])

    def _text(self, node: Node, above: frozenset[Node]) -> str:
        """A term; a blank node as what is said of it, a list as its members."""
        assert self._shapes is not None
        if not isinstance(node, BlankNode):
            return str(node)
        if node in above or len(above) > _DEEPEST:
            return "[…]"
        below = above | {node}
        members = self._shapes.index.members(node)
        if members is not None:
            return f"({' '.join(self._text(member, below) for member in members)})"
        pairs = self._shapes.index.by_subject.get(node, {})
        said = [f"{p} {self._text(value, below)}" for p, values in pairs.items() if p.value not in _WORDS for value in values]
        return f"[{' ; '.join(sorted(said))}]"

    def _owners(self, shape: Node) -> list[str]:
        """The nearest IRIs that refer to a blank node, over other blank nodes."""
        found: set[str] = set()
        seen = {shape}
        queue = [shape]
        while queue:
            for owner in self._referring.get(queue.pop(), ()):
                if isinstance(owner, NamedNode):
                    found.add(owner.value)
                elif owner not in seen:
                    seen.add(owner)
                    queue.append(owner)
        return sorted(found)

    @cached_property
    def _referring(self) -> dict[Node, list[Node]]:
        result: dict[Node, list[Node]] = {}
        for triple in self._shapes.triples if self._shapes else ():
            if isinstance(triple.object, BlankNode) and isinstance(triple.subject, NamedNode | BlankNode):
                result.setdefault(triple.object, []).append(triple.subject)
        return result


def _unlabelled(text: str) -> str:
    return _LABEL.sub("[]", text)


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= 200 else folded[:200] + "…"


def _blank_names(findings: Sequence[Finding], quads: Iterable[Quad]) -> dict[object, str]:
    nodes = {node for f in findings for node in (f.focus, f.value, *(x for t in f.statements for x in (t.subject, t.object)))}
    wanted = {node for node in nodes if isinstance(node, BlankNode)}
    if not wanted:
        return {}
    said: dict[object, set[str]] = {node: set() for node in wanted}

    def text(term: object) -> str:
        return "[]" if isinstance(term, BlankNode) else str(term)

    for quad in quads:
        if quad.subject in wanted:
            said[quad.subject].add(f"{quad.predicate} {text(quad.object)}")
        if quad.object in wanted:
            said[quad.object].add(f"^{quad.predicate} {text(quad.subject)}")
    return {node: "[" + " ; ".join(sorted(lines)) + "]" for node, lines in said.items()}
