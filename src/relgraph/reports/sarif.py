"""The report for code scanning: SARIF 2.1.0 (OASIS standard with Errata 01), sections named in brackets.

A check is a rule [3.49], whose id is its name, or its IRI where several shapes have that name; a finding is a result
[3.27] with the file and line where it can be mended and the IRI of what is at fault as its logical location. The passages
of documents are related locations [3.27.22] in code points; notes on the run are notifications [3.58].
partialFingerprints [3.27.17] do not change when lines move.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import relgraph
from relgraph.baseline import Outcome
from relgraph.findings import SEVERITIES, Check, Finding, Passage, Place
from relgraph.reports.identifying import identities
from relgraph.reports.wording import detail, line, note, relative_uri, shortened, term
from relgraph.validation import Shapes
from relgraph.vocabulary import ID

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"Violation": "error", "Warning": "warning", "Info": "note"}
#: The name and version of the fingerprints [3.27.17].
FINGERPRINT: Final = "relgraph/v1"
#: GitHub keeps no more related locations of a result.
_RELATED: Final = 100
#: So many characters of a term are given.
_LONGEST: Final = 2000


def write(outcome: Outcome, language: str = "en", base: Path | None = None, shapes: Shapes | None = None) -> bytes:
    """The report as a SARIF file: UTF-8, indented, LF, the same for the same outcome.

    base: the folder that URIs are relative to (uriBaseId %SRCROOT%), by default the working directory.
    shapes: those that were checked, for the IRIs of shapes that share a name.
    """
    report = outcome.report
    ids = identities(report, shapes)
    names = sorted({*ids.checks, *ids.of})
    numbers = {name: number for number, name in enumerate(names)}
    levels = {of: _level(finding.level) for of, finding in reversed(list(zip(ids.of, report.findings, strict=True)))}
    run = {
        "tool": {
            "driver": {
                "name": "relgraph",
                "semanticVersion": relgraph.__version__,
                "rules": [_rule(name, ids.checks.get(name), levels.get(name, "error"), language) for name in names],
            }
        },
        "language": language,
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolConfigurationNotifications": [
                    {"level": "note", "message": {"text": line(note(one, base), 4000, language)}} for one in report.notes
                ],
            }
        ],
        "results": [
            {"ruleId": of, "ruleIndex": numbers[of], **_result(finding, number, outcome, language, base)}
            for number, (of, finding) in enumerate(zip(ids.of, report.findings, strict=True))
        ],
    }
    content = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def _level(level: str) -> str:
    return _LEVELS.get(level, _LEVELS[SEVERITIES[0]])


def _rule(name: str, check: Check | None, level: str, language: str) -> dict[str, Any]:
    titles = check.title if check else {}
    title = titles.get(language) or titles.get("") or titles.get("en") or name
    severity = _level(check.severity.value.rsplit("#", 1)[-1]) if check else level
    rule: dict[str, Any] = {"id": name, "name": check.name if check else name, "shortDescription": {"text": title}}
    rule["defaultConfiguration"] = {"level": severity}
    if check:
        rule["properties"] = {"tags": [check.kind]}
    return rule


def _result(finding: Finding, number: int, outcome: Outcome, language: str, base: Path | None) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(finding.place, base)} if finding.place else {}
    location["logicalLocations"] = [
        {"fullyQualifiedName": line(getattr(finding.focus, "value", ""), _LONGEST), "kind": "resource"}
    ]
    text = line(f"{shortened(finding.message(language)) or finding.check} {detail(finding, language)}", 1000, language).rstrip()
    result: dict[str, Any] = {
        "level": _level(finding.level),
        "message": {"text": f"{line(term(finding.focus), language=language)}: {text}"},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: outcome.fingerprints[number]},
    }
    related = [_related(passage, i) for i, passage in enumerate(finding.passages[:_RELATED], start=1)]
    if related:
        result["relatedLocations"] = related
    if outcome.baseline is not None:
        result["baselineState"] = "unchanged" if outcome.known[number] else "new"
    about = {"axiom": finding.axiom, "statements": [f"{line(str(triple), _LONGEST)} ." for triple in finding.statements]}
    if any(about.values()):
        result["properties"] = {key: value for key, value in about.items() if value}
    return result


def _physical(place: Place, base: Path | None) -> dict[str, Any]:
    uri = relative_uri(place.file, base)
    artifact = {"uri": uri} if ":" in uri else {"uri": uri, "uriBaseId": "%SRCROOT%"}
    return {"artifactLocation": artifact, "region": {"startLine": place.line}}


def _related(passage: Passage, number: int) -> dict[str, Any]:
    """A passage; its region is given by offsets alone, since a line without columns would be the whole line [3.30.5]."""
    region: dict[str, Any] = {"charOffset": passage.start, "charLength": passage.end - passage.start}
    if passage.text is not None:
        region["snippet"] = {"text": passage.text}
    return {
        "id": number,
        "message": {"text": f"{passage} (line {passage.line})"},
        "physicalLocation": {"artifactLocation": {"uri": f"{ID}document/{quote(passage.document)}"}, "region": region},
    }
