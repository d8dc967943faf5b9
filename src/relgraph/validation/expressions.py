"""What of SPARQL shapes of SHACL Core need: the order of two literals, and regular expressions."""

from __future__ import annotations

import re
from functools import lru_cache

from pyoxigraph import Literal, QuerySolutions, Store

_STORE = Store()
#: Regular expressions that mean the same in Python and in SPARQL, for printable texts, and that Python cannot take long
#: over in short ones: no repeated groups, and of classes only plain ones.
_PLAIN = re.compile(
    r"""(?: [^\\\[\]{}?*+|^$.()] | \\[dDsS.\\/*+?()\[\]{}|^$-]  # characters, also escaped
        | \[\^?(?: [^\\\[\]&~^-] | \\[dDsS.\\/-] | -(?!-) )+\]
        | \((?!\?) | \)(?![*+{]) | [?*+|^$.] | \{\d{1,3}(?:,\d{0,3})?\}
        )*""",
    re.VERBOSE,
)
#: Longer texts are left to the engine, whose regular expressions take time in proportion.
_SHORT = 1_000


@lru_cache(maxsize=100_000)
def holds(one: Literal, operator: str, other: Literal) -> bool:
    """Whether two literals compare so by SPARQL 1.1 section 17.3; False where they have no order."""
    return _is_true(f"{one} {operator} {other}")


class Matcher:
    """Whether SPARQL's REGEX finds a pattern in a text. Plain patterns are matched by Python, which is faster."""

    def __init__(self, pattern: str, flags: str) -> None:
        self._pattern, self._flags = pattern, flags
        plain = not flags.strip("i") and _PLAIN.fullmatch(pattern)
        self._regex = re.compile(pattern, re.IGNORECASE if flags else 0) if plain else None
        self._known: dict[str, bool] = {}

    def __call__(self, text: str) -> bool:
        """True when the pattern is found."""
        if self._regex and len(text) <= _SHORT and text.isprintable() and (text.isascii() or not self._flags):
            return self._regex.search(text) is not None
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = _is_true(f"REGEX({Literal(text)}, {Literal(self._pattern)}, {Literal(self._flags)})")
        return known


def _is_true(expression: str) -> bool:
    found = _STORE.query(f"SELECT (({expression}) AS ?is) {{}}")
    assert isinstance(found, QuerySolutions)
    value = next(iter(found))["is"]
    return isinstance(value, Literal) and value.value == "true"
