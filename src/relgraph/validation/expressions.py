"""What of SPARQL shapes of SHACL Core need: the order of two literals, and regular expressions."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from operator import ge, gt, le, lt

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from relgraph.datatypes import ill_formed, is_in
from relgraph.vocabulary import XSD

_DECIMAL = NamedNode(XSD + "decimal")
_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge}
_STORE = Store()
#: The parts of regular expressions that mean the same in Python and in SPARQL, for printable texts: no repeated groups, no
#: signs of repetition in a row (Python has another meaning for some, and none for others), of classes only plain ones.
_PART = re.compile(
    r"""(?: [^\\\[\]{}?*+|^$.()] | \. | \\[dDsS.\\/*+?()\[\]{}|^$-]  # characters, also escaped
        | \[\^?(?: [^\\\[\]&~^|-] | \\[dDsS.\\/-] | -(?!-) | \|(?!\|) )+\]
        ) (?: (?P<times> [?*+] | \{\d{1,3}(?:,\d{0,3})?\} ) \?? )? (?![?*+{])
        | (?P<opens> \( (?!\?) ) | (?P<closes> \) ) (?P<optional> \?\?? )? (?![?*+{]) | (?P<or> \| ) | [$^]""",
    re.VERBOSE,
)
_PLAIN = re.compile(f"(?:{_PART.pattern})*", re.VERBOSE)
#: So many ways of matching Python may have to try in one text.
_MOST_WAYS = 100_000


#: Dates, of which the earlier one comes first as a text as well.
_DATES = (NamedNode(XSD + "date"), NamedNode(XSD + "dateTime"))
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T(?!24)\d\d:\d\d:\d\d)?", re.ASCII)


@lru_cache(maxsize=100_000)
def holds(one: Literal, operator: str, other: Literal) -> bool:
    """Whether two literals compare so by SPARQL 1.1 section 17.3; False where they have no order, or where one of them is no
    value of its datatype (Oxigraph takes "300"^^xsd:byte for 300). operator: one of <, <=, > and >=.

    Decimals and integers are compared as exact numbers, as Oxigraph knows those of about 18 digits only; dates of four-digit
    years without a time zone as the texts that they are, which is faster.
    """
    if ill_formed((one, other)):
        return False
    if is_in(one, _DECIMAL) and is_in(other, _DECIMAL):
        return bool(_COMPARE[operator](Decimal(one.value), Decimal(other.value)))
    if one.datatype == other.datatype in _DATES and _DATE.fullmatch(one.value) and _DATE.fullmatch(other.value):
        return bool(_COMPARE[operator](one.value, other.value))
    return _is_true(f"{one} {operator} {other}")


class Matcher:
    """Whether SPARQL's REGEX finds a pattern in a text.

    Plain patterns are matched by Python, which is faster, in texts so short that it cannot take long; all else by Oxigraph,
    whose regular expressions take time in proportion to the text.
    """

    def __init__(self, pattern: str, flags: str) -> None:
        self._pattern, self._flags = pattern, flags
        # case: Python takes i and dotless i for one letter, and SPARQL does not
        is_plain = not flags.strip("i") and (pattern.isascii() or not flags) and _PLAIN.fullmatch(pattern)
        self._regex = re.compile(pattern, re.IGNORECASE if flags else 0) if is_plain else None
        short = (length for length in (1_000, 300, 100, 30) if _ways(pattern, length) <= _MOST_WAYS) if is_plain else iter(())
        self._longest = next(short, -1)
        self._known: dict[str, bool] = {}

    def __call__(self, text: str) -> bool:
        """True when the pattern is found."""
        if self._regex and len(text) <= self._longest and text.isprintable() and (text.isascii() or not self._flags):
            return self._regex.search(text) is not None
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = _is_true(f"REGEX({Literal(text)}, {Literal(self._pattern)}, {Literal(self._flags)})")
        return known


def _ways(pattern: str, length: int) -> int:
    """At most so many ways there are to match a plain pattern in a text of a length: those of alternatives are added up,
    those of parts that follow one another multiplied."""
    before, ways = [0], [1]
    for part in _PART.finditer(pattern):
        if part["opens"]:
            before.append(0)
            ways.append(1)
        elif part["closes"]:
            inner = before.pop() + ways.pop()
            ways[-1] *= inner + bool(part["optional"])
        elif part["or"]:
            before[-1] += ways[-1]
            ways[-1] = 1
        elif part["times"]:
            ways[-1] *= _times(part["times"], length)
    found = before[0] + ways[0]
    return found if pattern.startswith("^") and len(ways) == 1 and not before[0] else found * (length + 1)


def _times(written: str, length: int) -> int:
    """How many numbers of times a sign of repetition allows in a text of a length."""
    if written in "*+":
        return length + 1
    least, comma, most = written.strip("{}").partition(",")
    if written == "?":
        return 2
    return 1 if not comma else int(most) - int(least) + 1 if most else length + 1


def _is_true(expression: str) -> bool:
    found = _STORE.query(f"SELECT (({expression}) AS ?is) {{}}")
    assert isinstance(found, QuerySolutions)
    value = next(iter(found))["is"]
    return isinstance(value, Literal) and value.value == "true"
