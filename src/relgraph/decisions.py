"""Decisions: the reviewed statements of a document, one JSON object a line (design section 6).

This module reads their shape; whether the names in them exist is checked by relgraph.statements.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from relgraph import rdf
from relgraph.entities import KEY
from relgraph.errors import Problem

Key = Annotated[str, Field(pattern=rf"^(?:{KEY.pattern})$")]
SpanRow = tuple[int, int, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]
Value = str | int | bool | dict[Literal["en", "ru"], str]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ClaimRow(_Record):
    """One claim: what a passage says about one fact; evidence and context name spans of the decision."""

    about: Key
    type: str
    modality: str
    by: Key
    conveyedBy: Key | None = None
    evidence: str
    context: list[str] = []
    says: dict[str, Value | list[Value]] = Field(min_length=1)


class _TextDecision(_Record):
    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z]+-\d{4}$")]
    spans: dict[str, SpanRow] = Field(min_length=1)
    supersedes: Annotated[str, Field(pattern=r"^[0-9A-Za-z]+-\d{4}$")] | None = None


class Accept(_TextDecision):
    """A unit of text whose claims are in the graph."""

    decision: Literal["accept"]
    claims: list[ClaimRow] = Field(min_length=1)


class Reject(_TextDecision):
    """Claims that were considered and are not in the graph, with the reason."""

    decision: Literal["reject"]
    claims: list[ClaimRow] = Field(min_length=1)
    why: str = Field(min_length=1)


class NoStatement(_TextDecision):
    """A unit of text that states nothing: heading, navigation, boilerplate, transition, or repetition-of:ID."""

    decision: Literal["no-statement"]
    why: Annotated[str, Field(pattern=r"^(heading|navigation|boilerplate|transition|repetition-of:[0-9A-Za-z]+-\d{4})$")]


class Identity(_Record):
    """Whether facts are one: same (the first key stays), different, or unsure (possibly the same). The last two also take
    keys of entities."""

    id: Annotated[str, Field(pattern=r"^m-\d{4}$")]
    decision: Literal["same", "different", "unsure"]
    facts: list[Key] = Field(min_length=2)
    why: str = Field(min_length=1)


Row = Annotated[Accept | Reject | NoStatement | Identity, Field(discriminator="decision")]
_ROW: TypeAdapter[Accept | Reject | NoStatement | Identity] = TypeAdapter(Row)


_FORM = "Write the decision as docs/annotation.md shows"
_EXPLAINED = {
    "json_invalid": ("is no JSON object", "Write one JSON object a line, and no empty line"),
    "union_tag_invalid": ("is no kind of decision", "decision is one of accept, reject, no-statement, same, different, unsure"),
    "union_tag_not_found": ("has no decision", "decision is one of accept, reject, no-statement, same, different, unsure"),
    "extra_forbidden": ("does not belong here", _FORM),
    "missing": ("is missing", _FORM),
}
_KEY = "is no key such as event/visit-x, person/ada-stone or state/RUS"
_PATTERNS = {
    "about": _KEY,
    "by": _KEY,
    "conveyedBy": _KEY,
    "2": "is no SHA-256 (64 hexadecimal digits); `relgraph documents locate` prints it",
    "id": "is no id such as 004-0001",
    "why": "is no reason: heading, navigation, boilerplate, transition, or repetition-of:ID",
}


@dataclass(frozen=True)
class Decision:
    """A decision and where it stands: document is the name of its file ("004"), where is file:line."""

    document: str
    where: str
    row: Accept | Reject | NoStatement | Identity


def load(folder: Path, problems: list[Problem]) -> tuple[Decision, ...]:
    """Reads every *.jsonl of a folder in order; a line that is malformed, unknown or out of form adds problems."""
    decisions: list[Decision] = []
    for path in sorted(folder.glob("*.jsonl")):
        decisions += _load_file(path, problems)
    seen: dict[str, str] = {}
    for decision in decisions:
        if decision.row.id in seen:
            problems.append(
                Problem(
                    decision.where,
                    f"the id {decision.row.id} is taken by {seen[decision.row.id]}",
                    "Give the decision a number that was never used",
                )
            )
        seen.setdefault(decision.row.id, decision.where)
    for decision in decisions:
        superseded = getattr(decision.row, "supersedes", None)
        if superseded in seen:
            problems.append(
                Problem(
                    decision.where,
                    f"supersedes {superseded}, which still stands at {seen[superseded]}",
                    "Remove the superseded line",
                )
            )
        repeated = getattr(decision.row, "why", "").partition("repetition-of:")[2]
        if repeated and repeated not in seen:
            what = f"repeats {repeated}, which there is not"
            problems.append(Problem(decision.where, what, "Name the decision that it repeats"))
    return tuple(decisions)


def canonical(row: Accept | Reject | NoStatement | Identity) -> str:
    """The line of a decision as it is committed: keys sorted, nothing left out that was given, no line feed."""
    return json.dumps(row.model_dump(exclude_unset=True), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def first_offset(row: Accept | Reject | NoStatement | Identity) -> tuple[int, int, str]:
    """What the lines of a file are sorted by: offsets of the first passage (evidence), then the id."""
    if isinstance(row, Identity):
        return (0, 0, row.id)
    passages = [claim.evidence for claim in getattr(row, "claims", ())] or list(row.spans)
    return min((*row.spans[name][:2], row.id) for name in passages if name in row.spans)


def formatted(path: Path, problems: list[Problem]) -> str:
    """The text of a file of decisions in canonical form and order; lines that cannot be read add problems."""
    rows = [
        row for number, line in enumerate(_lines(path, problems), start=1) if (row := _parse(f"{path}:{number}", line, problems))
    ]
    return "".join(canonical(row) + "\n" for row in sorted(rows, key=first_offset))


def _load_file(path: Path, problems: list[Problem]) -> Iterator[Decision]:
    previous: tuple[int, int, str] | None = None
    for number, line in enumerate(_lines(path, problems), start=1):
        where = f"{path}:{number}"
        row = _parse(where, line, problems)
        if row is None:
            continue
        if not isinstance(row, Identity) and not row.id.startswith(path.stem + "-"):
            problems.append(
                Problem(where, f"the id {row.id} does not begin with {path.stem}-", "Put it into its document's file")
            )
        if not _references_hold(where, row, problems):
            continue
        if canonical(row) != line:
            problems.append(Problem(where, "the line is not in canonical form", "Run `relgraph documents format` on the file"))
        order = first_offset(row)
        if previous is not None and order < previous:
            problems.append(
                Problem(
                    where,
                    "the line is out of order (lines are sorted by their first passage)",
                    "Run `relgraph documents format` on the file",
                )
            )
        previous = order
        yield Decision(path.stem, where, row)


def _lines(path: Path, problems: list[Problem]) -> Sequence[str]:
    text = rdf.read_text(path, problems)
    return text.removesuffix("\n").split("\n") if text else ()


def _parse(where: str, line: str, problems: list[Problem]) -> Accept | Reject | NoStatement | Identity | None:
    try:
        return _ROW.validate_json(line)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            place = ".".join(str(part) for part in fault["loc"][1:]) or "the line"
            what, remedy = _EXPLAINED.get(fault["type"], (fault["msg"], "Write the decision as docs/annotation.md shows"))
            if fault["type"] == "string_pattern_mismatch":
                what = _PATTERNS.get(str(fault["loc"][-1]), what)
            problems.append(Problem(where, f"{place}: {what}", remedy))
        return None


def _references_hold(where: str, row: Accept | Reject | NoStatement | Identity, problems: list[Problem]) -> bool:
    """Every span that a claim names is there, and every span is used."""
    if isinstance(row, Identity | NoStatement):
        return True
    used = {name for claim in row.claims for name in (claim.evidence, *claim.context)}
    for name in sorted(used - row.spans.keys()):
        problems.append(Problem(where, f"no span {name!r} is given", "Add it to spans, or name another"))
    for name in sorted(row.spans.keys() - used):
        problems.append(Problem(where, f"the span {name!r} is not used by any claim", "Use it, or remove it"))
    for claim in row.claims:
        if claim.evidence in claim.context:
            problems.append(Problem(where, f"the span {claim.evidence!r} is evidence and context at once", "Keep one"))
    return used <= row.spans.keys()
