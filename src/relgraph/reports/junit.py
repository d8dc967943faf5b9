"""The report as JUnit XML, which services for continuous integration list as tests: a check is a test case.

A case fails when one of its findings fails the run; findings that do not (known, or below the threshold) are its output.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from relgraph.baseline import Outcome
from relgraph.findings import Check, Finding
from relgraph.reports.wording import counted, detail, line, note, position, shortened, term

#: What XML 1.0 cannot hold (section 2.2, Char), not even as a character reference.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(outcome: Outcome, language: str = "en", base: Path | None = None) -> bytes:
    """The report: one <testsuite> for each kind of check, one <testcase> for each check that ran or found something."""
    report = outcome.report
    checks = {check.name: check for check in report.checks}
    for finding in report.findings:
        checks.setdefault(finding.check, Check(finding.check, "shape", finding.severity, {}))
    found: dict[str, list[tuple[Finding, bool]]] = {}
    for finding, failing in zip(report.findings, outcome.failing, strict=True):
        found.setdefault(finding.check, []).append((finding, failing))
    failed = {name for name, rows in found.items() if any(failing for _, failing in rows)}
    root = ElementTree.Element("testsuites", name="relgraph validate", tests=str(len(checks)), failures=str(len(failed)))
    for kind, group in groupby(sorted(checks.values(), key=lambda one: (one.kind, one.name)), key=lambda one: one.kind):
        members = list(group)
        failures = sum(check.name in failed for check in members)
        suite = ElementTree.SubElement(
            root, "testsuite", name=_clean(kind), tests=str(len(members)), failures=str(failures), errors="0", skipped="0"
        )
        for check in members:
            _case(suite, check, found.get(check.name, []), language, base)
    if report.notes:
        last = root[-1] if len(root) else ElementTree.SubElement(root, "testsuite", name="notes", tests="0", failures="0")
        ElementTree.SubElement(last, "system-err").text = _clean("\n".join(line(note(one, base), 2000) for one in report.notes))
    ElementTree.indent(root, " ")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(suite: ElementTree.Element, check: Check, rows: list[tuple[Finding, bool]], language: str, base: Path | None) -> None:
    case = ElementTree.SubElement(suite, "testcase", name=_clean(check.name), classname=_clean(f"relgraph.{check.kind}"))
    failing = [finding for finding, fails in rows if fails]
    quiet = [finding for finding, fails in rows if not fails]
    if failing:
        message = f"{counted(len(failing), 'finding', language)}: {line(shortened(failing[0].message(language)), 500, language)}"
        failure = ElementTree.SubElement(case, "failure", type=_clean(failing[0].level), message=_clean(message))
        failure.text = _clean("\n".join(_line(finding, language, base) for finding in failing))
    if quiet:
        ElementTree.SubElement(case, "system-out").text = _clean("\n".join(_line(f, language, base) for f in quiet))


def _line(finding: Finding, language: str, base: Path | None) -> str:
    where = f"{position(finding.place, base)}: " if finding.place else ""
    message = line(shortened(finding.message(language)), 2000, language)
    return f"{where}{finding.level} {line(term(finding.focus))}: {message} {detail(finding, language)}".rstrip()


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
