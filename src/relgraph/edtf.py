"""Honest time: the EDTF profile of relgraph, its bounds, and its wording in English and Russian.

The profile (EDTF, ISO 8601-2:2019, levels 0 and 1): a year `1994`, a month `1994-06`, a season `1993-21` (21 spring to
24 winter), a day `1994-06-22`, and intervals of these, `A/B`, `../B` and `A/..` with open ends. Seasons are
meteorological and northern: spring March-May, summer June-August, autumn September-November, winter December-February
of the following year. Bounds are zoneless, to the second, end inclusive.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from babel.dates import format_date

from relgraph.errors import DateError

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
#: Texts whose meaning is kept; a few hundred bytes each.
_KEPT = 65_536
_SEASON_FIRST_MONTH = {21: 3, 22: 6, 23: 9, 24: 12}
_SEASONS = {
    "en": {21: "spring", 22: "summer", 23: "autumn", 24: "winter"},
    "ru": {21: "весна", 22: "лето", 23: "осень", 24: "зима"},
    "ru-genitive": {21: "весны", 22: "лета", 23: "осени", 24: "зимы"},
    "ru-accusative": {21: "весну", 22: "лето", 23: "осень", 24: "зиму"},
}


@dataclass(frozen=True)
class TimeSpan:
    """A date or period: its EDTF text and its bounds; a bound is None where the interval is open."""

    edtf: str
    earliest: datetime | None
    latest: datetime | None

    @property
    def key(self) -> str:
        """The key of its resource, e.g. `time/2001-11-21_2001-11-23`."""
        return "time/" + self.edtf.replace("/", "_")

    def disjoint(self, other: TimeSpan) -> bool:
        """True when no second can belong to both."""
        return _before(self.latest, other.earliest) or _before(other.latest, self.earliest)

    def narrower_than(self, other: TimeSpan) -> bool:
        """True when every second of this span belongs to the other, and not the other way round."""
        return self != other and _within(self, other) and not _within(other, self)


@dataclass(frozen=True)
class _Date:
    year: int
    month: int | None
    day: int | None

    def bounds(self) -> tuple[datetime, datetime]:
        first = self.month or 1
        last = self.month or 12
        last_year = self.year
        if self.month in _SEASON_FIRST_MONTH:
            first = _SEASON_FIRST_MONTH[self.month]
            last_year, last = divmod(self.year * 12 + first + 1, 12)
            last += 1
        last_day = self.day or monthrange(last_year, last)[1]
        return datetime(self.year, first, self.day or 1), datetime(last_year, last, last_day, 23, 59, 59)


@lru_cache(maxsize=_KEPT)
def parse(text: str) -> TimeSpan:
    """The time span that an EDTF text means. Raises DateError, with the reason, for anything outside the profile."""
    if "/" not in text:
        return TimeSpan(text, *_date(text, text).bounds())
    start, _, end = text.partition("/")
    if start == end == "..":
        raise DateError(f"the interval {text!r} is open at both ends and says nothing")
    earliest = None if start == ".." else _date(start, text).bounds()[0]
    latest = None if end == ".." else _date(end, text).bounds()[1]
    if earliest and latest and earliest > latest:
        raise DateError(f"the interval {text!r} ends before it begins")
    return TimeSpan(text, earliest, latest)


def wording(text: str, language: str) -> str:
    """How an EDTF text reads in a language ("en" or "ru"), no more precise than it is."""
    start, slash, end = text.partition("/")
    if not slash:
        return _wording(_date(start, text), language)
    if start == "..":
        last = _date(end, text)
        return f"until {_wording(last, 'en')}" if language == "en" else f"по {_wording(last, 'ru', 'accusative')}"
    first = _date(start, text)
    if end == "..":
        return f"from {_wording(first, 'en')}" if language == "en" else f"с {_wording(first, 'ru', 'genitive')}"
    last = _date(end, text)
    if first.day and last.day and (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_wording(last, language)}"
    return f"{_wording(first, language)} – {_wording(last, language)}"


def _date(text: str, whole: str) -> _Date:
    found = _DATE.fullmatch(text)
    if not found:
        raise DateError(
            f"{whole!r} is not EDTF in relgraph's profile: write YYYY, YYYY-MM, YYYY-21 to YYYY-24 (season), "
            "YYYY-MM-DD, or an interval of two of these, with '..' for an open end"
        )
    year, month, day = (int(part) if part else None for part in found.groups())
    if not year:
        raise DateError(f"{whole!r} has no year between 0001 and 9999")
    if month is not None and not (1 <= month <= 12 or month in _SEASON_FIRST_MONTH):
        raise DateError(f"{whole!r} has no month or season {month:02}")
    if day is not None:
        if month is None or month > 12:
            raise DateError(f"{whole!r} gives a day within a season")
        if not 1 <= day <= monthrange(year, month)[1]:
            raise DateError(f"{whole!r} has no day {day:02}: that month ends on {monthrange(year, month)[1]}")
    if month == 24 and year == 9999:
        raise DateError(f"{whole!r} ends after the year 9999")
    return _Date(year, month, day)


def _wording(date: _Date, language: str, case: str = "") -> str:
    if date.month is None:
        return str(date.year)
    if date.month in _SEASON_FIRST_MONTH:
        return f"{_SEASONS[f'{language}-{case}' if case else language][date.month]} {date.year}"
    moment = datetime(date.year, date.month, date.day or 1)
    if date.day:
        return format_date(moment, "d MMMM y", locale=language)
    # LLLL is the nominative of the month, MMMM the form within a date (in Russian the genitive)
    return format_date(moment, "MMMM y" if case == "genitive" else "LLLL y", locale=language)


def _before(latest: datetime | None, earliest: datetime | None) -> bool:
    return latest is not None and earliest is not None and latest < earliest


def _within(inner: TimeSpan, outer: TimeSpan) -> bool:
    starts = outer.earliest is None or (inner.earliest is not None and outer.earliest <= inner.earliest)
    ends = outer.latest is None or (inner.latest is not None and inner.latest <= outer.latest)
    return starts and ends
