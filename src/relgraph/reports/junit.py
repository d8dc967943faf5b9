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
from relgraph.findings import Finding
from relgraph.reports.identifying import identities
from relgraph.reports.wording import counted, detail, line, note, position, shortened, term
from relgraph.validation import Shapes

#: What XML 1.0 cannot hold (section 2.2, Char), not even as a character reference.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(outcome: Outcome, language: str = "en", base: Path | None = None, shapes: Shapes | None = None) -> bytes:
    """The report: one <testsuite> for each kind of check, one <testcase> for each check that ran or found something.

    A case has the name of its check, or its IRI where several shapes have that name; shapes: those that were checked.
    """
    report = outcome.report
    ids = identities(report, shapes)
    kinds = {of: check.kind for of, check in ids.checks.items()} | {of: "shape" for of in ids.of if of not in ids.checks}
    found: dict[str, list[tuple[Finding, bool]]] = {}
    for of, finding, failing in zip(ids.of, report.findings, outcome.failing, strict=True):
        found.setdefault(of, []).append((finding, failing))
    failed = {name for name, rows in found.items() if any(failing for _, failing in rows)}
    root = ElementTree.Element("testsuites", name="relgraph validate", tests=str(len(kinds)), failures=str(len(failed)))
    for kind, group in groupby(sorted((kind, name) for name, kind in kinds.items()), key=lambda one: one[0]):
        members = [name for _, name in group]
        failures = sum(name in failed for name in members)
        suite = ElementTree.SubElement(
            root, "testsuite", name=_clean(kind), tests=str(len(members)), failures=str(failures), errors="0", skipped="0"
        )
        for name in members:
            _case(suite, name, kind, found.get(name, []), language, base)
    if report.notes:
        last = root[-1] if len(root) else ElementTree.SubElement(root, "testsuite", name="notes", tests="0", failures="0")
        ElementTree.SubElement(last, "system-err").text = _clean("\n".join(line(note(one, base), 2000) for one in report.notes))
    ElementTree.indent(root, " ")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(
    suite: ElementTree.Element, name: str, kind: str, rows: list[tuple[Finding, bool]], language: str, base: Path | None
) -> None:
    case = ElementTree.SubElement(suite, "testcase", name=_clean(name), classname=_clean(f"relgraph.{kind}"))
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
