"""Exceptions from the checks of lint, each with its reason; one that excuses nothing is itself a finding."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode

from relgraph import rdf
from relgraph.errors import Problem, suggestion
from relgraph.findings import Finding, Place
from relgraph.lint.checks import SEVERITY, LintCheck

#: The columns of a file of exceptions.
COLUMNS: Final = ("check", "entity", "reason")


@dataclass(frozen=True)
class Excuse:
    """An exception: findings of a check about an entity that are meant to be; reason: why; place: its line in the file."""

    check: str
    entity: NamedNode
    reason: str
    place: Place

    @property
    def unused(self) -> Finding:
        """The finding (unused_exception, WARN) that it excuses nothing."""
        return Finding(
            check="unused_exception",
            severity=SEVERITY["WARN"],
            focus=self.entity,
            messages={
                "en": f"the exception from {self.check} excuses nothing; take its line out",
                "ru": f"исключение из {self.check} ничего не извиняет; уберите эту строку",
            },
            place=self.place,
        )


def load_excuses(path: Path, checks: Iterable[LintCheck], problems: list[Problem]) -> list[Excuse]:
    """The exceptions of a TSV file with the columns check, entity (an IRI), reason; a bad line adds a problem."""
    text = rdf.read_text(path, problems)
    if text is None:
        return []
    rows = list(csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or tuple(rows[0]) != COLUMNS:
        problems.append(Problem(f"{path}:1", f"the columns are not {', '.join(COLUMNS)}", "Begin the file with these names"))
        return []
    known = {check.name for check in checks}
    excuses: dict[tuple[str, str], Excuse] = {}
    for number, row in enumerate(rows[1:], start=2):
        where = f"{path}:{number}"
        if len(row) != len(COLUMNS) or not all(cell.strip() for cell in row):
            problems.append(Problem(where, "an exception has a check, an entity and a reason", "Separate them by tabs"))
        elif row[0] not in known:
            problems.append(Problem(where, f"there is no check {row[0]!r}", suggestion(row[0], known)))
        elif not re.fullmatch(r"[A-Za-z][\w+.-]*:[^\s<>\"{}|^`\\]+", row[1]):
            problems.append(Problem(where, f"{row[1]!r} is not an IRI", "Write the entity in full, without a prefix or brackets"))
        elif (row[0], row[1]) in excuses:
            problems.append(Problem(where, "the same exception stands above", "Keep one of the two"))
        else:
            excuses[row[0], row[1]] = Excuse(row[0], NamedNode(row[1]), row[2], Place(str(path), number))
    return list(excuses.values())
