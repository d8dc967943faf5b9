"""What a measurement has to reach, whether it did, and the table of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.table import Table

from bench.report import cell, out


@dataclass(frozen=True)
class Judgement:
    """A figure (None: not measured) and the bounds it has to keep, where it has any."""

    what: str
    figure: float | None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the figure was measured and keeps its bounds."""
        if self.figure is None:
            return False
        return (
            (self.at_least is None or self.figure >= self.at_least)
            and (self.below is None or self.figure < self.below)
            and (self.at_most is None or self.figure <= self.at_most)
        )

    @property
    def wanted(self) -> str:
        """The bounds in words."""
        bounds = (("≥", self.at_least), ("<", self.below), ("≤", self.at_most))
        return ", ".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)


def show(judgements: Sequence[Judgement]) -> bool:
    """Prints a table of judgements; True when all of them hold."""
    if judgements:
        table = Table("what", "figure", "wanted", "", title="Judgement", title_justify="left")
        for judgement in judgements:
            mark = "[green]holds[/]" if judgement.holds else "[red]fails[/]"
            table.add_row(judgement.what, cell(judgement.figure), judgement.wanted, mark)
        out.print(table)
    return all(judgement.holds for judgement in judgements)


def as_json(judgements: Sequence[Judgement]) -> list[dict[str, object]]:
    """The judgements for the JSON summary."""
    return [{**asdict(judgement), "holds": judgement.holds} for judgement in judgements]
