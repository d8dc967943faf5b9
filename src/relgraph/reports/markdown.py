"""The report for a pull request or the summary of a workflow, in GitHub Flavored Markdown.

Whatever comes from data is written with character references, which no Markdown structure can begin with (CommonMark
section 2.5), and `@` and `#` are kept from naming people and issues.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import Final

from relgraph.baseline import Outcome
from relgraph.findings import Check, Finding, Passage
from relgraph.reports.identifying import identities
from relgraph.reports.wording import PHRASES, counted, detail, line, note, position, shortened, summary, term, worst
from relgraph.validation import Shapes

#: More rows than this are folded away; more than _ROWS are counted only.
_FOLDED: Final = 10
_ROWS: Final = 100
#: A comment on a pull request holds 65 536 characters; what does not fit is named by its count.
_LIMIT: Final = 60_000
#: Of these, so many are kept for notes, and so many for saying how many more there are.
_NOTES: Final = 5_000
_MORE: Final = 100
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>&|~!$]|:(?=//)")


def write(outcome: Outcome, language: str = "en", base: Path | None = None, shapes: Shapes | None = None) -> str:
    """The report: a heading with the verdict, a table for each check with findings, passages as quotes, notes.

    It is at most 60 000 characters long. Checks whose tables do not fit are listed with the number of their findings;
    of the checks that then do not fit, and of the notes, the number is given. shapes: those that were checked.
    """
    words = PHRASES[language]
    verdict = words["failed"] if outcome.fails else words["passed"]
    result = f"## {'❌' if outcome.fails else '✅'} relgraph validate: {verdict}\n\n{escape(summary(outcome, language))}\n"
    notes = [f"- {escape(line(note(one, base), 1000, language))}\n" for one in outcome.report.notes]
    room = _LIMIT - min(_NOTES, sum(map(len, notes)) + _MORE) - _MORE
    ids = identities(outcome.report, shapes)
    found = sorted(zip(ids.of, outcome.report.findings, outcome.known, strict=True), key=lambda one: (one[0], *one[1].key))
    groups = [(of, [(finding, known) for _, finding, known in group]) for of, group in groupby(found, key=lambda one: one[0])]
    for number, (of, rows) in enumerate(groups):
        heading = _heading(of, [finding for finding, _ in rows], ids.checks.get(of), language)
        named = f"{heading}\n{words['cut']}.\n"
        # what is left is kept for the names of the others, as far as these can be foreseen to fit
        others = min(room // 2, (len(groups) - number - 1) * len(named))
        section = heading + _table(rows, language, base) if len(result) + others < room else named
        section = section if len(result) + len(section) + others <= room else named
        if len(result) + len(section) > room:
            result += f"\n… {words['and_more'].format(len(groups) - number)}\n"
            break
        result += section
    return result + _noted(notes, _LIMIT - len(result), language)


def _noted(notes: list[str], room: int, language: str) -> str:
    """The notes that fit into so many characters, and the number of the others; "" where there is none."""
    words = PHRASES[language]
    result = f"\n### {words['notes']}\n\n" if notes else ""
    for number, text in enumerate(notes):
        if number == _ROWS or len(result) + len(text) + _MORE > room:
            return f"{result}- … {words['and_more'].format(len(notes) - number)}\n"
        result += text
    return result


def escape(text: str) -> str:
    """A text that shows as it is: no markup, no HTML, no mention of people or issues."""
    plain = _referenced(text)
    return re.sub(r"[@#](?=[\w-])(?<!&#)", lambda match: f"&#{ord(match[0])};\u2060", plain)


def _heading(name: str, findings: list[Finding], check: Check | None, language: str) -> str:
    titles = check.title if check else {}
    title = titles.get(language) or titles.get("") or titles.get("en") or ""
    more = f" – {escape(line(title, language=language))}" if title else ""
    return f"\n### {escape(line(name))}{more}\n\n{counted(len(findings), worst(findings), language)}\n"


def _table(rows: list[tuple[Finding, bool]], language: str, base: Path | None) -> str:
    words = PHRASES[language]
    shown = rows[:_ROWS]
    lines = [f"| {words['place']} | {words['focus']} | {words['message']} |", "| --- | --- | --- |"]
    for finding, known in shown:
        where = _code(position(finding.place, base)) if finding.place else ""
        message = escape(line(shortened(finding.message(language)), 1000, language))
        more = escape(detail(finding, language))
        mark = f" *{words['known']}*" if known else ""
        extra = "".join(f"<br>{words['statement']}: {_code(_triple(t))}" for t in finding.statements)
        extra += f"<br>{words['axiom']}: {_code(line(shortened(finding.axiom), 1000, language))}" if finding.axiom else ""
        lines.append(f"| {where} | {_code(line(term(finding.focus), language=language))} | {message} {more}{mark}{extra} |")
    if len(rows) > len(shown):
        lines.append(f"| … | {len(rows) - len(shown)} {words['more']} | |")
    table = "\n".join(lines) + "\n"
    passages = list(dict.fromkeys(p for finding, _ in shown for p in finding.passages if p.text is not None))
    quotes = _quotes(passages, language)
    if len(shown) > _FOLDED or len(passages) > _FOLDED:
        label = counted(len(rows), "finding", language)
        return f"\n<details><summary>{label}</summary>\n\n{table}{quotes}\n</details>\n"
    return f"\n{table}{quotes}"


def _triple(triple: object) -> str:
    parts = (getattr(triple, name) for name in ("subject", "predicate", "object"))
    return " ".join(line(term(part)) for part in parts)


def _quotes(passages: list[Passage], language: str) -> str:
    if not passages:
        return ""
    words = PHRASES[language]
    quotes = [
        f"> {_code(str(p))} ({words['line']} {p.line}): {escape(line(p.text or '', 500, language))}\n" for p in passages[:_ROWS]
    ]
    return f"\n{words['passages']}:\n\n" + "\n".join(quotes)


def _code(text: str) -> str:
    return f"<code>{_referenced(text)}</code>"  # nobody is mentioned in code, and what is copied stays as it was


def _referenced(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)
