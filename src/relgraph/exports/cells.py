"""The cells of the tidy tables: what is said of a thing, as one value of Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from relgraph.exports.lookups import Lookups, Values, literals, local
from relgraph.exports.tokens import text, typed
from relgraph.scalars import scalar
from relgraph.vocabulary import RG

#: None where a value is missing or cannot be known.
Cell = str | int | bool | datetime | tuple[str, ...] | None
Row = tuple[Cell, ...]
#: Between the dates of a fact about which documents disagree, and between the values of one cell in CSV.
BETWEEN: Final = " | "
LANGUAGES: Final = ("en", "ru")


def both(found: Mapping[str, str]) -> Row:
    """Labels in English and in Russian."""
    return tuple(found.get(each) for each in LANGUAGES)


def resource(iri: str | None, lookups: Lookups) -> Row:
    """An IRI and the labels of what it names."""
    return (iri, *both(lookups.thing(iri).labels if iri else {}))


def code(concept: str | None) -> str | None:
    """The name of a concept in its scheme."""
    return local(concept) if concept else None


def words(found: Values, name: str) -> str | None:
    """The text that a property of the ontology has; of several the first in the order of the source."""
    return next((text(token) for token in literals(found, RG + name)), None)


def number(found: Values, name: str) -> int | None:
    """The integer that a property of the ontology has; None for what is none."""
    return next((_integer(token) for token in literals(found, RG + name)), None)


def dates(nodes: Sequence[str], lookups: Lookups) -> Row:
    """Time spans as EDTF, and the bounds around them: earliest, latest."""
    if not nodes:
        return (None, None, None)
    found = lookups.bounds(nodes)
    return (BETWEEN.join(found.edtf) or None, found.earliest, found.latest)


@lru_cache(maxsize=20_000)
def _integer(token: str) -> int | None:
    found = scalar(typed(token))
    return found.value if found and isinstance(found.value, int) else None
