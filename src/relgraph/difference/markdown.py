"""A difference as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relgraph.difference.comparing import STATUSES, Difference, Item
from relgraph.difference.excerpts import FORM, cut, graphs, kinds, label, named, paired, table, why, worded
from relgraph.difference.presenting import View, differs, equality
from relgraph.difference.versioning import hint


def markdown(difference: Difference, seen: View) -> str:
    """Markdown, for a changelog or a pull request."""
    lines = [f"Differences from {_code(difference.a.name)} to {_code(difference.b.name)}", ""]
    lines += ["| | what | triples | SHA-256 (RDFC-1.0) |", "|---|---|---:|---|"]
    lines += [
        f"| {name} | {side.kind} {_code(side.id[:12]) if side.id else ''} | {len(side.data.quads)} | {_code(side.data.hash)} |"
        for name, side in (("A", difference.a), ("B", difference.b))
    ]
    lines += ["", *(f"- Note: {_plain(note)}" for note in difference.notes)]
    if not differs(difference, seen):
        return "\n".join([*lines, "", equality(seen)]) + "\n"
    lines += [f"- Graph {_code(name)}: {told}" for name, told in graphs(difference)]
    rows = table(difference, (*seen.sections, *seen.counted))
    lines += ["", f"| | {' | '.join(STATUSES)} |", f"|---|{'---:|' * len(STATUSES)}"] if rows else ["", FORM]
    lines += [f"| {name} | {' | '.join(map(str, numbers))} |" for name, numbers in rows]
    advice = hint(difference)
    if advice and {"terms", "axioms"} & set(seen.sections):
        lines += ["", f"The differences of the ontology call for a **{advice.level}** version:", ""]
        lines += [f"- {_plain(reason)}" for reason in why(advice)]
    for section in seen.sections:
        of_section = [item for item in difference.items if item.section == section]
        if of_section:
            lines += ["", f"## {section.capitalize()}"]
        for status in STATUSES:
            items = [item for item in of_section if item.status == status and not item.wording]
            if items:
                lines += ["", f"### {status.capitalize()}", ""]
                lines += [line for item in items for line in _markdown_item(item, difference, seen)]
        if rest := worded(of_section):
            lines += ["", *(f"- {line}" for line in rest)]
    return "\n".join(lines) + "\n"


def _markdown_item(item: Item, difference: Difference, seen: View) -> Iterator[str]:
    former = f"{_code(item.was)} → " if item.was else ""
    yield f"- {former}{_code(item.name)}{_plain(label(item.label, seen.language) + kinds(item))}"
    if item.status in ("changed", "renamed"):
        for change in item.changes:
            for removed, added in paired(change):
                old, new = cut(removed, added)
                parts = [
                    f"{verb} {_code(shown)}{_plain(named(value, difference, seen.language))}"
                    for verb, shown, value in (("removed", old, removed), ("added", new, added))
                    if value
                ]
                yield f"  - {_code(change.property)}: {', '.join(parts)}"


def _code(value: str) -> str:
    """A value in a code span of Markdown, on one line, whatever backticks it holds."""
    flat = " ".join(value.split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", flat)), default=0))
    space = " " if "`" in flat else ""
    return f"{fence}{space}{flat}{space}{fence}" if flat else ""


def _plain(value: str) -> str:
    """A text with all that Markdown would take for marks made harmless."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", value)
