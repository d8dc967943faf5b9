"""Dates as ranges: what a text says of a time, no more precise than it is, and what certainly or only possibly follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from relgraph import edtf
from relgraph.edtf import TimeSpan
from relgraph.errors import DateError, UsageError


@dataclass(frozen=True)
class DateRange:
    """A date or period, from its EDTF text (the profile of relgraph.edtf).

    earliest, latest: its bounds, both inclusive, in local time without a zone; None where the period is open. There is no
    order among ranges, as they may overlap: ask what is certain and what is possible.

    >>> from relgraph import DateRange
    >>> spring = DateRange("1997-21")
    >>> spring.earliest, spring.latest
    (datetime.datetime(1997, 3, 1, 0, 0), datetime.datetime(1997, 5, 31, 23, 59, 59))
    >>> spring.certainly_before("1998"), spring.possibly_overlaps("1997-05-27"), spring.certainly_within("1997-05")
    (True, True, False)

    Raises DateError for a text outside the profile.
    """

    edtf: str
    earliest: datetime | None = field(init=False, compare=False, repr=False)
    latest: datetime | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.edtf, str):
            raise DateError(f'{self.edtf!r} is no text. Write the date as EDTF, such as "1994" or "1994-05-03"')
        span = edtf.parse(self.edtf)
        object.__setattr__(self, "earliest", span.earliest)
        object.__setattr__(self, "latest", span.latest)

    def __str__(self) -> str:
        return self.edtf

    def __lt__(self, other: object) -> bool:
        raise TypeError(
            "ranges of dates have no order, as they may overlap: sort by key=lambda date: date.earliest or datetime.min, "
            "or ask certainly_before and possibly_before"
        )

    def certainly_before(self, other: DateRange | str | date) -> bool:
        """True when the last moment of this comes before the first of the other.

        >>> DateRange("1997").certainly_before("1998-01"), DateRange("1997").certainly_before("1997-12")
        (True, False)
        """
        first = as_range(other).earliest
        return self.latest is not None and first is not None and self.latest < first

    def possibly_before(self, other: DateRange | str | date) -> bool:
        """True when nothing rules out that this comes before the other.

        >>> DateRange("1997").possibly_before("1997-12"), DateRange("1999").possibly_before("1998")
        (True, False)
        """
        last = as_range(other).latest
        return self.earliest is None or last is None or self.earliest < last

    def possibly_overlaps(self, other: DateRange | str | date) -> bool:
        """True when some moment can belong to both; an end that is open rules out nothing.

        >>> DateRange("1994/..").possibly_overlaps("2001"), DateRange("1994/1996").possibly_overlaps("2001")
        (True, False)
        """
        return not self._span.disjoint(as_range(other)._span)

    def certainly_within(self, other: DateRange | str | date) -> bool:
        """True when every moment of this belongs to the other.

        >>> DateRange("2001-11-21/2001-11-23").certainly_within("2001"), DateRange("2001/..").certainly_within("2001/2010")
        (True, False)
        """
        span, outer = self._span, as_range(other)._span
        return span.edtf == outer.edtf or _bounds(span) == _bounds(outer) or span.narrower_than(outer)

    def wording(self, language: str = "en") -> str:
        """How it reads, in English ("en") or Russian ("ru").

        >>> DateRange("2001-11-21/2001-11-23").wording(), DateRange("1997-21").wording("ru")
        ('21–23 November 2001', 'весна 1997')
        """
        return edtf.wording(self.edtf, language)

    @property
    def _span(self) -> TimeSpan:
        return edtf.parse(self.edtf)


def as_range(value: DateRange | str | date) -> DateRange:
    """A range from what people give for one: EDTF or a day. Raises UsageError for a time of day, DateError for other texts."""
    if isinstance(value, DateRange):
        return value
    if isinstance(value, datetime):
        raise UsageError(f"{value} is a moment, not a date. Give its day, as value.date()")
    return DateRange(value.isoformat() if isinstance(value, date) else value)


def _bounds(span: TimeSpan) -> tuple[datetime | None, datetime | None]:
    return span.earliest, span.latest
