"""Dates: what an EDTF text means, what it excludes, and how it reads."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.edtf import TimeSpan, parse, wording
from relgraph.errors import DateError

DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9998, 12, 31))


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1999", "1999-01-01T00:00:00", "1999-12-31T23:59:59"),
        ("2000-02", "2000-02-01T00:00:00", "2000-02-29T23:59:59"),
        ("1900-02", "1900-02-01T00:00:00", "1900-02-28T23:59:59"),
        ("2004-04-06", "2004-04-06T00:00:00", "2004-04-06T23:59:59"),
        ("1993-21", "1993-03-01T00:00:00", "1993-05-31T23:59:59"),
        ("1993-22", "1993-06-01T00:00:00", "1993-08-31T23:59:59"),
        ("1993-23", "1993-09-01T00:00:00", "1993-11-30T23:59:59"),
        ("2003-24", "2003-12-01T00:00:00", "2004-02-29T23:59:59"),
        ("2001-11-21/2001-11-23", "2001-11-21T00:00:00", "2001-11-23T23:59:59"),
        ("1991/2002", "1991-01-01T00:00:00", "2002-12-31T23:59:59"),
        ("../2002-05", None, "2002-05-31T23:59:59"),
        ("2002-05/..", "2002-05-01T00:00:00", None),
    ],
)
def test_bounds_are_as_wide_as_the_text(text: str, earliest: str | None, latest: str | None) -> None:
    span = parse(text)
    assert span.earliest == (datetime.fromisoformat(earliest) if earliest else None)
    assert span.latest == (datetime.fromisoformat(latest) if latest else None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2001-02-29", "ends on 28"),
        ("2001-13", "no month or season 13"),
        ("2001-00", "no month or season 00"),
        ("2001-25", "no month or season 25"),
        ("2001-21-03", "a day within a season"),
        ("0000", "no year"),
        ("21 November 2001", "not EDTF"),
        ("2001-11-21/", "not EDTF"),
        ("/1991", "not EDTF"),
        ("199X", "not EDTF"),
        ("٢٠٠١", "not EDTF"),
        ("../..", "open at both ends"),
        ("2002/1991", "ends before it begins"),
        ("9999-24", "after the year 9999"),
    ],
)
def test_impossible_dates_are_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(DateError, match=reason):
        parse(text)


def test_compatible_dates_are_not_disjoint_and_the_narrower_is_known() -> None:
    day, month, autumn = parse("1994-06-22"), parse("1994-06"), parse("2009-23")
    assert not day.disjoint(month)
    assert day.disjoint(autumn)
    assert autumn.disjoint(day)
    assert day.narrower_than(month)
    assert not month.narrower_than(day)
    assert not day.narrower_than(day)
    assert parse("../1991").disjoint(parse("1992/.."))
    assert not parse("../1992").disjoint(parse("1992/.."))


@given(DAYS)
def test_every_day_lies_in_its_month_year_and_season(day: date) -> None:
    span = parse(day.isoformat())
    year = day.year - (day.month < 3)  # winter begins in December
    season = 21 + (day.month - 3) % 12 // 3
    wider = [day.isoformat()[:7], day.isoformat()[:4]] + ([f"{year:04}-{season}"] if year else [])
    for text in wider:
        assert span.narrower_than(parse(text))


@given(DAYS, st.integers(min_value=0, max_value=5000))
def test_an_interval_spans_from_its_first_to_its_last_day(day: date, length: int) -> None:
    try:
        last = day + timedelta(days=length)
    except OverflowError:
        return
    span = parse(f"{day.isoformat()}/{last.isoformat()}")
    assert span.earliest == parse(day.isoformat()).earliest
    assert span.latest == parse(last.isoformat()).latest
    assert span.key == f"time/{day.isoformat()}_{last.isoformat()}"


@given(DAYS, DAYS)
def test_disjoint_is_symmetric(one: date, other: date) -> None:
    a, b = parse(one.isoformat()), parse(other.isoformat()[:7])
    assert a.disjoint(b) == b.disjoint(a)
    assert not (a.disjoint(b) and a.narrower_than(b))


@pytest.mark.parametrize(
    ("text", "english", "russian"),
    [
        ("1999", "1999", "1999"),
        ("2000-01", "January 2000", "январь 2000"),
        ("1993-21", "spring 1993", "весна 1993"),
        ("2004-04-06", "6 April 2004", "6 апреля 2004"),
        ("2001-11-21/2001-11-23", "21–23 November 2001", "21–23 ноября 2001"),
        ("2001-11-30/2001-12-02", "30 November 2001 – 2 December 2001", "30 ноября 2001 – 2 декабря 2001"),
        ("../2002-05", "until May 2002", "по май 2002"),
        ("2002-05/..", "from May 2002", "с мая 2002"),
        ("../1993-21", "until spring 1993", "по весну 1993"),
        ("1993-21/..", "from spring 1993", "с весны 1993"),
    ],
)
def test_wording_is_no_more_precise_than_the_text(text: str, english: str, russian: str) -> None:
    assert wording(text, "en") == english
    assert wording(text, "ru") == russian


def test_equal_texts_are_one_span() -> None:
    assert parse("1999") is parse("1999")
    assert isinstance(parse("1999"), TimeSpan)


def test_no_number_of_dates_fills_the_memory() -> None:
    """Dates reach the parser from HTTP."""
    kept = parse.cache_info().maxsize
    assert kept is not None
    assert kept <= 100_000
