"""The report as JSON, for programs.

    {"conforms": bool, "fails": bool, "counts": {"Violation": n, "Warning": n, "Info": n, "checks": n, "known": n},
     "findings": [{"check", "severity", "focus", "path", "value", "messages": {language: text}, "component", "shape",
                   "axiom", "statements": [{"subject", "predicate", "object"}], "place": {"file", "line"},
                   "passages": [{"document", "start", "end", "line", "text"}], "fingerprint", "known"}],
     "checks": [{"name", "kind", "severity", "title": {language: text}, "place"}],
     "notes": [text], "mended": [{"fingerprint", "check", "severity", "focus", "message"}]}

Terms are written as in the SPARQL 1.1 Query Results JSON Format, section 3.2.2: {"type": "uri", "value": …}, {"type":
"bnode", …}, {"type": "literal", "value": …, "xml:lang" or "datatype"}; a triple as in SPARQL 1.2: {"type": "triple",
"value": {"subject", "predicate", "object"}}. severity is the IRI as such a term. What there is not is null, or an empty
string, list or object. Of a value or IRI of more than LONGEST characters the first LONGEST are given, and beside "value"
stands "length", the number of all its characters; `length` is there only then. `mended` is there where a baseline was
given. Offsets count code points, end exclusive.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph.baseline import Outcome, held
from relgraph.findings import SEVERITIES, Finding, Place, Report
from relgraph.reports.wording import file_name, note
from relgraph.vocabulary import XSD

#: So many characters of a value are given; the same value may be at fault many times.
LONGEST: Final = 10_000


def as_json(report: Report | Outcome, base: Path | None = None) -> dict[str, Any]:
    """The report as what json can write; the same for the same report, with file names relative to the base.

    base: a folder, by default the working directory. A bare report counts as held against no baseline, and fails on
    Violations.
    """
    outcome = held(report) if isinstance(report, Report) else report
    found = outcome.report
    counts = {level: sum(finding.level == level for finding in found.findings) for level in SEVERITIES}
    other = len(found.findings) - sum(counts.values())
    counts |= {"other": other} if other else {}
    rows = zip(found.findings, outcome.fingerprints, outcome.known, strict=True)
    result: dict[str, Any] = {
        "conforms": found.conforms,
        "fails": outcome.fails,
        "counts": {**counts, "checks": len(found.checks), "known": sum(outcome.known)},
        "findings": [{**_finding(one, base), "fingerprint": print_, "known": known} for one, print_, known in rows],
        "checks": [
            {
                "name": check.name,
                "kind": check.kind,
                "severity": term(check.severity),
                "title": _sorted(check.title),
                "place": _place(check.place, base),
            }
            for check in found.checks
        ],
        "notes": [note(one, base) for one in found.notes],
    }
    if outcome.baseline is not None:
        result["mended"] = [entry.model_dump() for entry in outcome.mended]
    return result


def write(report: Report | Outcome, base: Path | None = None) -> bytes:
    """The report as a JSON file: UTF-8, indented, LF."""
    return (json.dumps(as_json(report, base), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def cut_term(node: NamedNode | BlankNode | Literal | Triple | None) -> dict[str, Any] | None:
    """A term as `term` writes it, cut where its value is longer than LONGEST; then "length" is that of the whole."""
    return _cut(term(node))


def term(node: NamedNode | BlankNode | Literal | Triple | None) -> dict[str, Any] | None:
    """A term as in SPARQL results in JSON; None stays None."""
    match node:
        case None:
            return None
        case NamedNode():
            return {"type": "uri", "value": node.value}
        case BlankNode():
            return {"type": "bnode", "value": node.value}
        case Triple():
            return {"type": "triple", "value": _statement(node)}
    plain: dict[str, Any] = {"type": "literal", "value": node.value}
    if node.language:
        plain["xml:lang"] = node.language
    elif node.datatype.value != XSD + "string":
        plain["datatype"] = node.datatype.value
    return plain


def _finding(finding: Finding, base: Path | None) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": term(finding.severity),
        "focus": cut_term(finding.focus),
        "path": finding.path,
        "value": cut_term(finding.value),
        "messages": _sorted(finding.messages),
        "component": term(finding.component),
        "shape": term(finding.shape),
        "axiom": finding.axiom,
        "statements": [_cut_statement(triple) for triple in finding.statements],
        "place": _place(finding.place, base),
        "passages": [
            {"document": p.document, "start": p.start, "end": p.end, "line": p.line, "text": p.text} for p in finding.passages
        ],
    }


def _statement(triple: Triple) -> dict[str, Any]:
    return {"subject": term(triple.subject), "predicate": term(triple.predicate), "object": term(triple.object)}


def _cut_statement(triple: Triple) -> dict[str, Any]:
    return {name: _cut(part) for name, part in _statement(triple).items()}


def _cut(written: dict[str, Any] | None) -> dict[str, Any] | None:
    if written is None:
        return None
    value = written["value"]
    if isinstance(value, dict):
        return {**written, "value": {name: _cut(part) for name, part in value.items()}}
    return written if len(value) <= LONGEST else {**written, "value": value[:LONGEST], "length": len(value)}


def _place(place: Place | None, base: Path | None) -> dict[str, Any] | None:
    return None if place is None else {"file": file_name(place.file, base), "line": place.line}


def _sorted(texts: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(texts.items()))
