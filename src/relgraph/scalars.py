"""The value of a literal as Python has it, where nothing of the value is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal

from relgraph import datatypes
from relgraph.vocabulary import XSD

#: Significant digits that every double keeps (DBL_DIG of IEEE 754), and those of Arrow's decimal128.
DOUBLE_DIGITS: Final = 15
DECIMAL_DIGITS: Final = 38
_INTEGERS = frozenset(
    XSD + name
    for name in (
        "integer", "nonPositiveInteger", "negativeInteger", "long", "int", "short", "byte", "nonNegativeInteger",
        "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "positiveInteger",
    )
)  # fmt: skip
_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d)(:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MICROSECONDS = 6


@dataclass(frozen=True)
class Scalar:
    """A value and how it is held.

    storage: int64, double, decimal, bool, timestamp or date; value: int, float, Decimal, bool, datetime, date; digits: the
    significant ones of an exact number, whole: those before its point, scale: those behind it; zone: `UTC` or `+03:00`.
    """

    storage: str
    value: object
    digits: int = 0
    whole: int = 0
    scale: int = 0
    zone: str | None = None


def scalar(term: object) -> Scalar | None:
    """The value of a literal; None for what stays a text: other datatypes, ill-formed literals, integers beyond 64 bits, decimals
    of more than 38 digits, times before the year 1, after 9999 or finer than a microsecond, dates with a zone, other terms."""
    if not isinstance(term, Literal):
        return None
    datatype = term.datatype.value
    read = _READERS.get(datatype)
    if read is None or datatypes.ill_formed([term]):
        return None
    return read(term.value)


def _integer(text: str) -> Scalar | None:
    if len(text) > DECIMAL_DIGITS:
        return None
    value = int(text)
    digits = len(str(abs(value)))
    return Scalar("int64", value, digits, digits) if -(2**63) <= value < 2**63 else None


def _decimal(text: str) -> Scalar | None:
    whole, _, fraction = text.lstrip("+-").partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    if len(whole) + len(fraction) > DECIMAL_DIGITS:
        return None
    digits = len((whole + fraction).lstrip("0")) if whole else len(fraction.lstrip("0"))
    sign = "-" if text.startswith("-") else ""
    return Scalar("decimal", Decimal(f"{sign}{whole or '0'}.{fraction or '0'}"), digits, len(whole), len(fraction))


def _double(text: str) -> Scalar:
    return Scalar("double", float(text))


def _boolean(text: str) -> Scalar:
    return Scalar("bool", text in ("true", "1"))


def _date_time(text: str) -> Scalar | None:
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    day, hour, rest, fraction, zone = match.groups()
    fraction = (fraction or "").rstrip("0")
    if len(fraction) > _MICROSECONDS:
        return None
    try:
        value = datetime.fromisoformat(f"{day}T{'00' if hour == '24' else hour}{rest}.{fraction:0<6}{zone or ''}")
        value += timedelta(days=int(hour == "24"))
        if zone is None:
            return Scalar("timestamp", value)
        value.astimezone(UTC)  # must be between the years 1 and 9999 there, too
    except (ValueError, OverflowError):
        return None
    return Scalar("timestamp", value, zone="UTC" if zone in ("Z", "+00:00", "-00:00") else zone)


def _date(text: str) -> Scalar | None:
    try:
        return Scalar("date", date.fromisoformat(text)) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


_READERS: dict[str, Callable[[str], Scalar | None]] = {
    **dict.fromkeys(_INTEGERS, _integer),
    XSD + "decimal": _decimal,
    XSD + "double": _double,
    XSD + "float": _double,
    XSD + "boolean": _boolean,
    XSD + "dateTime": _date_time,
    XSD + "dateTimeStamp": _date_time,
    XSD + "date": _date,
}
