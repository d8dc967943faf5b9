"""The report for a terminal and for logs: like a compiler's, `file:line: Severity [Check] focus: message`."""

from __future__ import annotations

from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from relgraph.baseline import Outcome
from relgraph.findings import Finding
from relgraph.reports.wording import PHRASES, detail, file_name, line, note, position, shortened, summary, term

_STYLES: Final = {"Violation": "bold red", "Warning": "yellow", "Info": "cyan"}
#: So many passages of one finding are shown.
_PASSAGES: Final = 5


def write(outcome: Outcome, console: Console, language: str = "en", base: Path | None = None) -> None:
    """Prints the findings by file and line, notes on the run, and a line that sums up.

    base: the folder that file names are relative to, by default the working directory. Colours are the console's matter.
    """
    lines = _lines(outcome, language, base)
    if not console.is_terminal:
        console.file.write("".join(f"{text.plain}\n" for text in lines))
        return
    for text in lines:
        console.print(text, soft_wrap=True, highlight=False, markup=False, emoji=False)


def as_text(outcome: Outcome, language: str = "en", base: Path | None = None) -> str:
    """The same report as plain text, for a file."""
    file = StringIO()
    write(outcome, Console(file=file, force_terminal=False, color_system=None, width=10_000), language, base)
    return file.getvalue()


def _lines(outcome: Outcome, language: str, base: Path | None) -> list[Text]:
    words = PHRASES[language]
    found = list(zip(outcome.report.findings, outcome.known, strict=True))
    found.sort(key=lambda one: _place_key(one[0], base))
    result: list[Text] = []
    for _, group in groupby(found, key=lambda one: _place_key(one[0], base)[:2]):
        for finding, known in group:
            result += _finding(finding, known, language, base)
        result.append(Text(""))
    result += [Text(f"{words['note']}: {line(note(one, base), 2000, language)}", style="dim") for one in outcome.report.notes]
    style = "bold red" if outcome.fails else "bold green" if not outcome.report.findings else "bold"
    result.append(Text(summary(outcome, language), style=style))
    return result


def _place_key(finding: Finding, base: Path | None) -> tuple[bool, str, int]:
    place = finding.place
    return (True, "", 0) if place is None else (False, file_name(place.file, base), place.line)


def _finding(finding: Finding, known: bool, language: str, base: Path | None) -> list[Text]:
    words = PHRASES[language]
    text = Text()
    if finding.place:
        text.append(f"{line(position(finding.place, base), 1000)}: ", style="bold")
    text.append(line(finding.level), style=_STYLES.get(finding.level, _STYLES["Violation"]))
    text.append(f" [{line(finding.check)}] ", style="dim")
    text.append(line(term(finding.focus), language=language), style="bold")
    text.append(f": {line(shortened(finding.message(language)), 2000, language)}")
    more = detail(finding, language)
    if more:
        text.append(f" {more}")
    if known:
        text.append(f" [{words['known']}]", style="dim")
    below = [f"{words['axiom']}: {line(shortened(finding.axiom), 1000, language)}"] if finding.axiom else []
    for triple in finding.statements:
        parts = (term(triple.subject), term(triple.predicate), term(triple.object))
        below.append(f"{words['statement']}: {' '.join(line(part, language=language) for part in parts)}")
    for passage in finding.passages[:_PASSAGES]:
        quote = f": “{line(passage.text, language=language)}”" if passage.text is not None else ""
        below.append(f"{line(str(passage))} ({words['line']} {passage.line}){quote}")
    if len(finding.passages) > _PASSAGES:
        below.append(f"… {len(finding.passages) - _PASSAGES} {words['more']}")
    return [text, *(Text(f"    {one}", style="dim") for one in below)]
