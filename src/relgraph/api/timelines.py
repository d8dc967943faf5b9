"""Events and relations in the order of their time, for a period if one is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, datetime
from typing import TYPE_CHECKING, overload

from relgraph.api import html, plain
from relgraph.api.dates import DateRange, as_range
from relgraph.api.facts import Fact
from relgraph.api.sources import footnotes
from relgraph.api.words import word
from relgraph.errors import UsageError

if TYPE_CHECKING:
    import pandas
    import pyarrow  # has no types

_COLUMNS = ("when", "status", "what", "sources")


class Timeline(Sequence[Fact]):
    """Facts by their first possible moment: all that may fall in the period, and so cannot be ruled out.

    undated: facts without any date, which stand in no period; a slice has none of them. What is only planned, requested or denied
    is among the facts: look at the status.

    >>> import relgraph
    >>> timeline = relgraph.open().timeline("Moscow", begin="1990", end="1993-12")
    >>> [(str(fact.dates[0]), fact.status, timeline.is_certain(fact)) for fact in timeline]
    [('1992-02-24/1992-02-25', 'Occurred', True), ('1993-21', 'Occurred', True)]
    """

    def __init__(
        self,
        facts: Iterable[Fact],
        begin: DateRange | str | date | None,
        end: DateRange | str | date | None,
        about: str,
        language: str | None = None,
    ) -> None:
        """begin, end: of the period, as ranges, EDTF or days: it goes from the first moment of the one to the last of the other;
        language: of what is shown, that of the facts unless given.

        Raises UsageError for a period that ends before it begins, DateError for what is no date.
        """
        self.about = about
        self._begin = as_range(begin).earliest if begin is not None else None
        self._end = as_range(end).latest if end is not None else None
        if self._begin and self._end and self._begin > self._end:
            raise UsageError(f"the period from {begin} to {end} ends before it begins")
        every = sorted(facts, key=lambda fact: (fact.earliest or fact.latest or datetime.max, fact.resource))
        self._language = language or next((fact.language for fact in every), "en")
        dated = [fact for fact in every if fact.dates or fact.begins or fact.ends]
        self._facts = tuple(fact for fact in dated if self._is_possible(fact))
        self.undated = tuple(fact for fact in every if not (fact.dates or fact.begins or fact.ends))

    def is_certain(self, fact: Fact) -> bool:
        """True when an event certainly falls in the period, or a relation certainly began or ended in it, by every date of it."""
        return any(dates and all(map(self._holds, dates)) for dates in (fact.dates, fact.begins, fact.ends))

    def to_arrow(self, undated: bool = False) -> pyarrow.Table:
        """A table of Arrow with a row for each fact, in the order of the timeline; undated: those without a date at its end.

        fact: its IRI; label_en, label_ru; class: its name in the ontology (Visit), class_label: in the language of the dataset;
        roles: of the entity that was asked for; status: of an event, status_label: in the language of the dataset; contested;
        certain: see is_certain; edtf, earliest, latest: when an event was, begin_edtf … end_latest: when a relation began and
        ended (of dates that differ, all, with ` | ` between them, and the bounds around them; a bound is missing where it is
        open). The footnotes are lists with a value for each claim: claims, modalities (Asserted …), attributed_to (with ` | `
        between several), documents, passages, footnotes (modality, document, section, line and characters in words),
        claim_dates (what the claim gives, in EDTF; empty for none). Where no claim states the begin or end of a relation,
        because it follows from an event, there are lists with a value for each claim that gives the date of that event:
        date_bounds (begin or end), date_edtf, date_events, date_event_labels, date_claims, date_passages, date_footnotes; else
        they are empty. Times are those of the tables of exports. Raises UsageError without pyarrow.

        >>> import relgraph
        >>> table = relgraph.open().timeline("Lord Robertson", begin="2001-11", end="2001").to_arrow()
        >>> table.column("label_ru").to_pylist(), table.column("passages").to_pylist()[0][0].partition("/id/")[2]
        (['Визит: Лорд Робертсон – Москва, 21–23 ноября 2001'], 'document/004#char=7069,7121')
        """
        from relgraph.api.timetables import arrow

        return arrow(self, undated)

    def to_dataframe(self, undated: bool = False) -> pandas.DataFrame:
        """A DataFrame of pandas with the columns of to_arrow, and the types of Result.to_dataframe; cells of lists are lists.

        >>> import relgraph
        >>> frame = relgraph.open().timeline("Lord Robertson", begin="2001").to_dataframe()
        >>> frame["earliest"].dt.year.to_list(), frame["contested"].to_list()
        ([2001, 2001, 2002], [False, False, True])
        >>> len(frame.explode(["claims", "modalities", "attributed_to", "documents", "passages", "footnotes"]))
        5

        Raises UsageError without pandas and pyarrow.
        """
        from relgraph.api.frames import pandas_or_remedy, typed

        pandas_or_remedy()
        return typed(self.to_arrow(undated))

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
    def __getitem__(self, place: slice) -> Timeline: ...
    def __getitem__(self, place: int | slice) -> Fact | Timeline:
        if not isinstance(place, slice):
            return self._facts[place]
        part = copy(self)
        part._facts, part.undated = self._facts[place], ()
        return part

    def __len__(self) -> int:
        return len(self._facts)

    def __repr__(self) -> str:
        shown = self[: plain.SHOWN]
        numbers = {each: number for number, each in enumerate(dict.fromkeys(each for f in shown for each in f.transitions), 1)}
        rows = [
            (" ".join([f.wording, *(f"[{numbers[each]}]" for each in f.transitions)]), self._status(f), f.label, _first(f))
            for f in shown
        ]
        follows = word("follows", self._language)
        notes = [
            plain.line(" — ".join(filter(None, [f"[{number}] {follows} {each.event.label}", "; ".join(map(str, each.sources))])))
            for each, number in numbers.items()
        ]
        return "\n".join([plain.table(self._columns, rows, len(self), "fact", self._language) + self._rest(), *notes])

    def _repr_html_(self) -> str:
        rows = [(self._when(f), self._status(f), f.resource, self._footnotes(f)) for f in self[: html.SHOWN]]
        count = f"{html.count(len(self), 'fact', self._language)}{self._rest()}"
        return html.block(html.strong(self.about), html.table(self._columns, rows), count)

    @property
    def _columns(self) -> list[str]:
        return [word(name, self._language) for name in _COLUMNS]

    def _when(self, fact: Fact) -> html.Markup:
        """Its time, and the events that its dates follow from."""
        follows = word("follows", self._language)
        items = html.listed(html.item(follows, each.event) for each in fact.transitions)
        return html.Markup(html.hinted(fact.wording, fact.when) + items)

    def _footnotes(self, fact: Fact) -> html.Markup:
        """Its footnotes, each with the dates that it gives, and those of dates that follow from events."""
        own = [
            html.item(
                html.linked(source.passage.iri, str(source)), ", ".join(date.wording(self._language) for date in source.dates)
            )
            for source in fact.sources
        ]
        of_date = word("date", self._language)
        derived = [
            html.item(of_date, f"{each.date.wording(self._language)}:", html.linked(source.passage.iri, str(source)))
            for each, source in footnotes(fact.transitions)
        ]
        return html.listed([*own, *derived])

    def _status(self, fact: Fact) -> str:
        contested = word("contested", self._language) if fact.contested else ""
        return " ".join([fact.status_label or "", contested]).strip()

    def _rest(self) -> str:
        return word("undated", self._language, len(self.undated)) if self.undated else ""


def _first(fact: Fact) -> plain.Whole:
    """The first footnote of a fact that gives one of its dates, else the first; and how many more there are."""
    known = {*fact.dates, *fact.begins, *fact.ends}
    first = next((source for source in fact.sources if not known.isdisjoint(source.dates)), next(iter(fact.sources), None))
    more = f"; +{len(fact.sources) - 1}" if len(fact.sources) > 1 else ""
    return plain.Whole("" if first is None else f"{first}{more}")
