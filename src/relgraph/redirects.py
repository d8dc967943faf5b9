"""Retired keys: where things went that were merged, renamed or taken out, so that old links say so and do not merely fail.

`data/redirects.tsv` has the columns old, new, why: a key that was published once, the key of the thing that took its place
(empty where none did), and the reason. Keys are those of `https://w3id.org/relgraph/id/`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode

from relgraph.errors import InputError, Problem, suggestion
from relgraph.vocabulary import ID

COLUMNS = ("old", "new", "why")


@dataclass(frozen=True)
class Redirect:
    """A retired key, the one that took its place (None where the thing is gone), the reason, and file:line."""

    old: str
    new: str | None
    why: str
    where: str


def load(path: Path, problems: list[Problem]) -> tuple[Redirect, ...]:
    """The rows of a table; none where there is no file. What is wrong with a row adds a problem with its line."""
    if not path.is_file():
        return ()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(Problem(f"{path}:1", f"is not UTF-8 (byte {error.start})", "Save the file as UTF-8"))
        return ()
    lines = [line.removesuffix("\r") for line in text.split("\n")]  # other characters that end lines may stand in a reason
    if tuple(lines[0].split("\t")) != COLUMNS:
        names = ", ".join(COLUMNS)
        problems.append(
            Problem(f"{path}:1", f"the first line does not name the columns {names}", "Write them, with tabs between")
        )
        return ()
    found: dict[str, Redirect] = {}
    for number, line in enumerate(lines[1:], 2):
        if line.strip(" "):
            row = _row(f"{path}:{number}", line, problems)
            if row and row.old in found:
                what = f"{row.old} is retired twice (also in line {found[row.old].where.rsplit(':', 1)[1]})"
                problems.append(Problem(row.where, what, "Keep one of the lines"))
            elif row:
                found[row.old] = row
    return tuple(found.values())


def check(redirects: Sequence[Redirect], keys: Collection[str], problems: list[Problem]) -> None:
    """Holds the table against the keys that a graph has: a retired one must not be among them, one that it leads to must."""
    retired = {redirect.old: redirect for redirect in redirects}
    for redirect in redirects:
        if redirect.old in keys:
            what = f"{redirect.old} is retired, but it is in the graph"
            problems.append(Problem(redirect.where, what, "Take the line out, or no longer use the key"))
        if redirect.new in retired:
            what = f"{redirect.old} leads to {redirect.new}, which is itself retired"
            problems.append(Problem(redirect.where, what, "Name the key that stands in the graph"))
        elif redirect.new is not None and redirect.new not in keys:
            remedy = suggestion(redirect.new, keys, "Name a key that stands in the graph, or leave the column empty")
            problems.append(Problem(redirect.where, f"{redirect.old} leads to {redirect.new}, which is not in the graph", remedy))


def read(path: Path) -> dict[str, Redirect]:
    """The table of a release by retired key. Raises InputError where it cannot be read."""
    problems: list[Problem] = []
    found = {redirect.old: redirect for redirect in load(path, problems)}
    if problems:
        raise InputError(problems)
    return found


def _row(where: str, line: str, problems: list[Problem]) -> Redirect | None:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        problems.append(Problem(where, f"has {len(cells)} columns", f"Write {', '.join(COLUMNS)}, with tabs between"))
        return None
    old, new, why = (cell.strip() for cell in cells)
    faults = [f"{key!r} is no key" for key in (old, new) if not _is_key(key) and (key or key is old)]
    if not why:
        faults.append("there is no reason")
    problems += [Problem(where, fault, "Write keys such as event/visit-x, and why the old one is no more") for fault in faults]
    return None if faults else Redirect(old, new or None, why, where)


def _is_key(text: str) -> bool:
    try:
        return bool(NamedNode(ID + text).value.removeprefix(ID)) and not text.startswith("http")
    except ValueError:
        return False
