"""Literals and their datatypes (XML Schema 1.1 part 2): lexical spaces, and which values are in which datatype.

White space counts: RDF reads the text of a literal as it stands (RDF 1.1 Concepts, section 5).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable

from pyoxigraph import Literal, NamedNode

from relgraph.vocabulary import RDF, RDFS, XSD

#: The built-in datatype that a datatype is derived from (section 3.4).
_BASES = {
    "integer": "decimal", "nonPositiveInteger": "integer", "negativeInteger": "nonPositiveInteger", "long": "integer",
    "int": "long", "short": "int", "byte": "short", "nonNegativeInteger": "integer", "unsignedLong": "nonNegativeInteger",
    "unsignedInt": "unsignedLong", "unsignedShort": "unsignedInt", "unsignedByte": "unsignedShort",
    "positiveInteger": "nonNegativeInteger", "normalizedString": "string", "token": "normalizedString", "language": "token",
    "Name": "token", "NMTOKEN": "token", "NCName": "Name", "dateTimeStamp": "dateTime", "yearMonthDuration": "duration",
    "dayTimeDuration": "duration",
}  # fmt: skip
#: The least and the greatest integer of a datatype.
_BOUNDS = {
    "long": (-(2**63), 2**63 - 1), "int": (-(2**31), 2**31 - 1), "short": (-(2**15), 2**15 - 1), "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1), "unsignedInt": (0, 2**32 - 1), "unsignedShort": (0, 2**16 - 1), "unsignedByte": (0, 255),
    "nonNegativeInteger": (0, None), "positiveInteger": (1, None), "nonPositiveInteger": (None, 0), "negativeInteger": (None, -1),
    "integer": (None, None),
}  # fmt: skip
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_WHOLE = re.compile(r"([+-]?\d*)(\.0*)?", re.ASCII)
_DECIMAL = r"[+-]?(\d+(\.\d*)?|\.\d+)"
_YEAR, _MONTH, _DAY = r"-?(?:[1-9]\d{3,}|0\d{3})", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_DATE = rf"(?P<year>{_YEAR})-(?P<month>{_MONTH})-(?P<day>{_DAY})"
_MONTHS, _SECONDS = r"(?:\d+Y)?(?:\d+M)?", r"(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff"
    "\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = _START + "\\-.0-9\xb7\u0300-\u036f\u203f-\u2040"
_PATTERNS = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "boolean": "true|false|0|1",
        "decimal": _DECIMAL,
        "double": rf"{_DECIMAL}([Ee][+-]?\d+)?|[+-]?INF|NaN",
        "float": rf"{_DECIMAL}([Ee][+-]?\d+)?|[+-]?INF|NaN",
        "language": r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*+",
        "normalizedString": r"[^\t\n\r]*",
        "Name": rf"[:{_START}][:{_NAME}]*",
        "NCName": rf"[{_START}][{_NAME}]*",
        "NMTOKEN": rf"[:{_NAME}]+",
        "dateTime": rf"{_DATE}T{_TIME}{_ZONE}?",
        "dateTimeStamp": rf"{_DATE}T{_TIME}{_ZONE}",
        "date": rf"{_DATE}{_ZONE}?",
        "time": rf"{_TIME}{_ZONE}?",
        "gYear": rf"{_YEAR}{_ZONE}?",
        "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}?",
        "gMonth": rf"--{_MONTH}{_ZONE}?",
        "gMonthDay": rf"--(?P<month>{_MONTH})-(?P<day>{_DAY}){_ZONE}?",
        "gDay": rf"---{_DAY}{_ZONE}?",
        "duration": rf"-?P(?=.){_MONTHS}{_SECONDS}",
        "yearMonthDuration": rf"-?P(?=.){_MONTHS}",
        "dayTimeDuration": rf"-?P(?=.){_SECONDS}",
    }.items()
}
#: A part of a duration that is not zero, and that the values of a datatype do not have.
_OTHER_PART = {
    "yearMonthDuration": re.compile(r"[1-9]\d*D|T.*[1-9]", re.ASCII),
    "dayTimeDuration": re.compile(r"^[^T]*[1-9]\d*[YM]", re.ASCII),
}
_DAYS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_LITERAL, _PLAIN_LITERAL, _STRING = RDFS + "Literal", RDF + "PlainLiteral", XSD + "string"
#: The IRIs of all datatypes that are known here.
DATATYPES = frozenset(
    [XSD + name for name in (*_BASES, *_BOUNDS, *_PATTERNS, "string", "token", "anyURI", "hexBinary", "base64Binary")]
    + [RDF + name for name in ("langString", "dirLangString", "PlainLiteral", "XMLLiteral", "HTML", "JSON")]
    + [_LITERAL]
)


def is_in(literal: Literal, datatype: NamedNode) -> bool:
    """True when the value of a literal is one of a datatype: 5 is an xsd:byte, whichever type of integer it is written as.

    Every literal is in rdfs:Literal. A literal that is no value of its own datatype (see ill_formed) counts as being in all
    that have the same primitive datatype.
    """
    own, wanted = literal.datatype.value, datatype.value
    if wanted in (own, _LITERAL):
        return True
    if wanted == _PLAIN_LITERAL:
        return literal.language is not None or is_in(literal, NamedNode(_STRING))
    if not (own.startswith(XSD) and wanted.startswith(XSD)):
        return False
    name, target = own.removeprefix(XSD), wanted.removeprefix(XSD)
    above = _ancestors(name)
    if target in above:
        return True
    if above[-1] != _ancestors(target)[-1]:
        return False
    return not _is_lexical(literal.value, name) or _is_value(literal.value, target)


def ill_formed(literals: Iterable[Literal]) -> set[Literal]:
    """Those of the literals whose text is not in the lexical space of their XSD datatype."""
    found = set()
    for literal in literals:
        iri = literal.datatype.value
        if iri != _STRING and iri.startswith(XSD) and not _is_lexical(literal.value, iri.removeprefix(XSD)):
            found.add(literal)
    return found


def _ancestors(name: str) -> list[str]:
    """A datatype and those that it is derived from, the primitive one last."""
    found = [name]
    while found[-1] in _BASES:
        found.append(_BASES[found[-1]])
    return found


def _is_value(text: str, name: str) -> bool:
    """True when the value of a text that is well-formed in the primitive datatype of another is one of this datatype."""
    if name in _BOUNDS:
        whole = _WHOLE.fullmatch(text)
        return whole is not None and _is_within(whole[1], name)
    if name in _OTHER_PART:
        return _OTHER_PART[name].search(text) is None
    return _is_lexical(text, name)


def _is_lexical(text: str, name: str) -> bool:
    if name in _BOUNDS:
        return _INTEGER.fullmatch(text) is not None and _is_within(text, name)
    if name in _CHECKS:
        return _CHECKS[name](text)
    if name not in _PATTERNS:
        return True
    match = _PATTERNS[name].fullmatch(text)
    return match is not None and ("day" not in match.re.groupindex or _is_in_calendar(match))


def _is_within(digits: str, name: str) -> bool:
    least, greatest = _BOUNDS[name]
    is_negative, size = digits.startswith("-"), digits.lstrip("+-").lstrip("0") or "0"
    if len(size) > 25:  # beyond every bound; Python refuses to read integers of thousands of digits
        return (least if is_negative else greatest) is None
    value = -int(size) if is_negative else int(size)
    return (least is None or value >= least) and (greatest is None or value <= greatest)


def _is_in_calendar(date: re.Match[str]) -> bool:
    parts = date.groupdict()
    month, day = int(parts["month"]), int(parts["day"])
    if (month, day) == (2, 29) and "year" in parts:
        year = int(parts["year"][-4:])  # 10,000 years are whole cycles of leap years; there is a year 0
        return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= _DAYS.get(month, 31)


def _is_token(text: str) -> bool:
    return not re.search(r"[\t\n\r]|^ | $|  ", text)


def _is_hexadecimal(text: str) -> bool:
    return len(text) % 2 == 0 and re.fullmatch("[0-9A-Fa-f]*", text) is not None


def _is_base64(text: str) -> bool:
    compact = text.replace(" ", "")
    try:
        return _is_token(text) and b64encode(b64decode(compact, validate=True)).decode("ascii") == compact
    except (binascii.Error, ValueError):
        return False


_CHECKS: dict[str, Callable[[str], bool]] = {"token": _is_token, "hexBinary": _is_hexadecimal, "base64Binary": _is_base64}
