"""Events and relations in the order of their time, for a period if one is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import overload

from relgraph.api import html, plain
from relgraph.api.dates import DateRange, as_range
from relgraph.api.facts import Fact
from relgraph.errors import UsageError

_COLUMNS = ("when", "status", "what", "sources")


class Timeline(Sequence[Fact]):
    """Facts by their first possible moment: all that may fall in the period, and so cannot be ruled out.

    undated: facts of which no source says when they were, or when they began or ended; they stand in no period. What is only
    planned, requested or denied is among the facts: look at the status.

    >>> import relgraph
    >>> timeline = relgraph.open().timeline("Moscow", begin="1990", end="1993-12")
    >>> [(str(fact.dates[0]), fact.status, timeline.is_certain(fact)) for fact in timeline]
    [('1992-02-24/1992-02-25', 'Occurred', True), ('1993-21', 'Occurred', True)]
    """

    def __init__(
        self, facts: Iterable[Fact], begin: DateRange | str | date | None, end: DateRange | str | date | None, about: str
    ) -> None:
        """begin, end: of the period, as ranges, EDTF or days: it goes from the first moment of the one to the last of the other.

        Raises UsageError for a period that ends before it begins, DateError for what is no date.
        """
        self.about = about
        self._begin = as_range(begin).earliest if begin is not None else None
        self._end = as_range(end).latest if end is not None else None
        if self._begin and self._end and self._begin > self._end:
            raise UsageError(f"the period from {begin} to {end} ends before it begins")
        every = sorted(facts, key=lambda fact: (fact.earliest or fact.latest or datetime.max, fact.resource))
        dated = [fact for fact in every if fact.dates or fact.begins or fact.ends]
        self._facts = tuple(fact for fact in dated if self._is_possible(fact))
        self.undated = tuple(fact for fact in every if not (fact.dates or fact.begins or fact.ends))

    def is_certain(self, fact: Fact) -> bool:
        """True when an event certainly falls in the period, or a relation certainly began or ended in it, by every source."""
        return any(dates and all(map(self._holds, dates)) for dates in (fact.dates, fact.begins, fact.ends))

    def _is_possible(self, fact: Fact) -> bool:
        if fact.dates:
            return any(map(self._may_hold, fact.dates))
        if self._begin and fact.latest and fact.latest < self._begin:
            return False
        return not (self._end and fact.earliest and fact.earliest > self._end)

    def _may_hold(self, each: DateRange) -> bool:
        is_before = self._begin is not None and each.latest is not None and each.latest < self._begin
        return not is_before and not (self._end is not None and each.earliest is not None and each.earliest > self._end)

    def _holds(self, each: DateRange) -> bool:
        begins = self._begin is None or (each.earliest is not None and each.earliest >= self._begin)
        return begins and (self._end is None or (each.latest is not None and each.latest <= self._end))

    @overload
    def __getitem__(self, place: int) -> Fact: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Fact, ...]: ...
    def __getitem__(self, place: int | slice) -> Fact | tuple[Fact, ...]:
        return self._facts[place]

    def __len__(self) -> int:
        return len(self._facts)

    def __repr__(self) -> str:
        rows = [(f.when, _status(f), f.label, "; ".join(map(str, f.sources))) for f in self[: plain.SHOWN]]
        return f"{plain.table(_COLUMNS, rows, len(self), 'fact')}{self._rest()}"

    def _repr_html_(self) -> str:
        rows = [
            (f.when, _status(f), f.resource, html.listed(html.item(str(source)) for source in f.sources))
            for f in self[: html.SHOWN]
        ]
        shown = f", the first {html.SHOWN} of which are shown" if len(self) > html.SHOWN else ""
        return html.block(html.strong(self.about), html.table(_COLUMNS, rows), f"{len(self)} facts{shown}{self._rest()}")

    def _rest(self) -> str:
        return f"; {len(self.undated)} without a date are in .undated" if self.undated else ""


def _status(fact: Fact) -> str:
    return " ".join([fact.status or "", "contested" if fact.contested else ""]).strip()
