"""The baseline: findings that are known and let be, so that only new ones fail.

The file is JSON: `{"version": 1, "findings": [{"fingerprint", "check", "severity", "focus", "message"}, …]}`, sorted by
check, focus and fingerprint, LF, made to be read in a diff. Only the fingerprint counts; the rest is for people.
A fingerprint is made of what is wrong with what, not of where it stands: lines may move, blank nodes be relabelled and
messages be reworded without a finding becoming new.
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
from pyoxigraph import BlankNode, Quad

from relgraph import rdf
from relgraph.errors import InputError, Problem, UsageError
from relgraph.findings import Finding, Report, at_least

_REMEDY: Final = "Restore the file, or write it anew with --update-baseline"
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
    report: Report, quads: Iterable[Quad] = (), baseline: tuple[Entry, ...] | None = None, threshold: str = "Violation"
) -> Outcome:
    """The outcome of a report; quads: the data, to know blank nodes by what is said of them."""
    return Outcome(report, fingerprints(report.findings, quads), baseline, threshold)


def fingerprints(findings: Sequence[Finding], quads: Iterable[Quad] = ()) -> tuple[str, ...]:
    """A fingerprint for each finding: 32 hexadecimal digits, with #2, #3 … for those that cannot be told apart.

    It depends on check, severity, component, focus, path, value and statements. A blank node counts as the triples it
    stands in (one step; other blank nodes in them count as alike).
    """
    names = _blank_names(findings, quads)

    def text(node: object) -> str:
        return names.get(node, "[]") if isinstance(node, BlankNode) else str(node or "")

    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        statements = sorted(" ".join((text(t.subject), str(t.predicate), text(t.object))) for t in finding.statements)
        component = str(finding.component or "")
        parts = [finding.check, finding.severity.value, component, text(finding.focus), finding.path, text(finding.value)]
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
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the whole"
        raise InputError(
            [Problem(f"{path}:1", f"the baseline is not of its form at {where}: {fault['msg']}", _REMEDY)]
        ) from error


def entries(outcome: Outcome) -> tuple[Entry, ...]:
    """The findings of an outcome as a baseline, sorted."""
    found = [
        Entry(
            fingerprint=fingerprint,
            check=finding.check,
            severity=finding.level,
            focus="[]" if isinstance(finding.focus, BlankNode) else _short(getattr(finding.focus, "value", "")),
            message=_short(re.sub(r"_:[\w.-]+", "[]", finding.message())),
        )
        for finding, fingerprint in zip(outcome.report.findings, outcome.fingerprints, strict=True)
    ]
    return tuple(sorted(found, key=lambda entry: (entry.check, entry.focus, entry.fingerprint)))


def as_bytes(known: Iterable[Entry]) -> bytes:
    """The file of a baseline."""
    content = {"version": 1, "findings": [entry.model_dump() for entry in known]}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


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
