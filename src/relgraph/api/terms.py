"""Terms of RDF as values of Python, and back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, Triple

from relgraph.api.dates import DateRange
from relgraph.api.values import Blank, Namer, Resource, Statement, Text, Typed, named
from relgraph.datatypes import ill_formed
from relgraph.errors import DateError, UsageError
from relgraph.scalars import scalar
from relgraph.vocabulary import RG, XSD


def python(term: object, namer: Namer | None = None, is_date: bool = False) -> Any:
    """The value of a term: Resource, Blank, Text, str, int, float, Decimal, bool, date, datetime, Typed or Statement.

    None stays None. is_date: a string is EDTF, and becomes a DateRange where it is in relgraph's profile.
    """
    if isinstance(term, NamedNode):
        return Resource(term.value, namer)
    if isinstance(term, Literal):
        if term.language:
            return Text(term.value, term.language, str(term.direction) if term.direction else None)
        if term.datatype.value == XSD + "string":
            return _dated(term.value) if is_date else term.value
        read = scalar(term)
        return _long(term) if read is None else read.value
    if isinstance(term, BlankNode):
        return Blank(f"_:{term.value}")
    if isinstance(term, Triple):
        return Statement(*(python(part, namer) for part in term))
    return None


def term(value: object, where: str = "the value") -> NamedNode | Literal:
    """The term of a value: the way back from `python`, and for terms of pyoxigraph and rdflib themselves.

    A str is a string without a language, a DateRange the string of its EDTF; what has a `resource` (an Entity) is that.
    Raises UsageError for what no term stands for; where: what it is, for the message.
    """
    value = getattr(value, "resource", value)
    if type(value).__module__ == "numpy" and getattr(getattr(value, "dtype", None), "kind", "") in _NUMPY:
        value = value.item()  # type: ignore[attr-defined]  # a scalar: a number or a truth value of a data frame
    if "rdflib" in sys.modules and type(value).__module__.startswith("rdflib"):
        from relgraph.rdflibgraph import oxigraph_term

        value = oxigraph_term(value)  # type: ignore[arg-type]  # what is no term of rdflib is refused below
    if isinstance(value, str):
        refuse_surrogates(value, where)
    try:
        for kind, make in _MAKERS:
            if isinstance(value, kind):
                return make(value)
    except (ValueError, UnicodeEncodeError) as error:
        raise UsageError(f"{where} cannot be put into a query: {error}") from error
    what = "a blank node" if isinstance(value, BlankNode) else f"of the type {type(value).__name__}"
    raise UsageError(
        f"{where} is {what}, which no term stands for. Give a str, relgraph.iri(…), "
        "an Entity, Text, DateRange, int, float, Decimal, bool, date or datetime"
    )


def refuse_surrogates(text: str, where: str) -> None:
    """Raises UsageError for a text that is not valid Unicode: half of a pair of UTF-16, as broken decoding leaves it."""
    try:
        str.__str__(text).encode()
    except UnicodeEncodeError as error:
        half = f"character {error.start} is a lone surrogate (U+{ord(error.object[error.start]):04X})"
        remedy = "Decode the text from its bytes again, with the right encoding"
        raise UsageError(f"{where} is not valid Unicode: {half}. {remedy}") from error


def _long(term: Literal) -> int | Decimal | Typed:
    """A number of more digits than other libraries hold, else the text of what Python has nothing for."""
    make = _LONG.get(term.datatype.value)
    try:
        if make and not ill_formed([term]):
            return make(term.value)
    except ValueError:  # of more digits than int() takes
        pass
    return Typed(term.value, term.datatype.value)


def _text(value: Text) -> Literal:
    if value.direction not in (None, "ltr", "rtl"):
        raise ValueError(f"{value.direction!r} is no direction; write ltr or rtl")
    direction = BaseDirection(value.direction) if value.direction else None
    return Literal(str.__str__(value), language=value.language, direction=direction)


def _dated(text: str) -> DateRange | str:
    try:
        return DateRange(text)
    except DateError:
        return text


def _literal(name: str) -> Callable[[Any], Literal]:
    datatype = NamedNode(XSD + name)
    return lambda value: Literal(value.isoformat() if isinstance(value, date) else _lexical(value), datatype=datatype)


def _lexical(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no number of xsd:decimal")
        return f"{value:f}"
    if isinstance(value, float):
        text = float.__repr__(value)
        return {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(text, text)
    return str(value)


def _time(value: datetime) -> Literal:
    offset = value.utcoffset()
    if offset is not None and offset.total_seconds() % 60:
        raise ValueError("the zone of a time is given in whole minutes")
    return _literal("dateTime")(value)


def _nothing(value: object) -> Literal:
    raise ValueError("a blank node has no name outside its answer")


#: The datatypes of numbers without bounds.
_LONG: Final[dict[str, Callable[[str], int | Decimal]]] = {
    XSD + "decimal": Decimal,
    **{
        XSD + name: int
        for name in ("integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedLong")
    },
}
#: Kinds of scalars of numpy that Python has a type for: truth values, integers, floating-point numbers.
_NUMPY: Final = ("b", "i", "u", "f")
#: How terms are made, the more special types first: a bool is an int, a datetime a date, a Resource a str.
_MAKERS: Final[tuple[tuple[type[Any], Callable[[Any], NamedNode | Literal]], ...]] = (
    (NamedNode, lambda value: value),
    (Literal, lambda value: value),
    (Resource, lambda value: named(value.iri)),
    (Text, lambda value: _text(value)),
    (Typed, lambda value: Literal(str.__str__(value), datatype=named(value.datatype))),
    (Blank, _nothing),
    (str, lambda value: Literal(str.__str__(value))),
    (DateRange, lambda value: Literal(value.edtf)),
    (bool, _literal("boolean")),
    (int, _literal("integer")),
    (float, _literal("double")),
    (Decimal, _literal("decimal")),
    (datetime, _time),
    (date, _literal("date")),
)
#: Bounds of time spans are of this kind; days cannot be compared with them.
BOUNDS: Final = (RG + "earliest", RG + "latest")
