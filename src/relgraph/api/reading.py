"""What the text of a query says of its answer: its form, which variables are dates, and which terms it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from relgraph.api.tokens import tokens
from relgraph.errors import QueryError
from relgraph.vocabulary import ID, PREFIXES, RG

_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_SAME: Final = ("Aggregate_Sample", "Aggregate_Min", "Aggregate_Max", "Builtin_COALESCE")


@dataclass(frozen=True)
class Reading:
    """What is known of a query.

    form: SELECT, ASK, CONSTRUCT or DESCRIBE, in doubt SELECT; dates: names of the variables that hold EDTF, as they are the
    object of rg:edtf or another name of one that is; iris: the IRIs that it names. The last two are empty for a query that is
    not SPARQL 1.1.
    """

    form: str
    dates: frozenset[str] = frozenset()
    iris: frozenset[str] = frozenset()


def form(query: str) -> str:
    """The form of a query: its first keyword that is one."""
    return next((token.keyword for token in tokens(query) if token.keyword in _FORMS), _FORMS[0])


def read(query: str) -> Reading:
    """What a query says of its answer; a query that cannot be read says its form only, and the engine what is wrong."""
    if "edtf" not in query and "earliest" not in query and "latest" not in query:
        return Reading(form(query))  # the parser takes its time
    from pyparsing import ParseBaseException

    try:
        return _read(query)
    except (ParseBaseException, QueryError, RecursionError, ValueError, OverflowError):  # ValueError: of escapes and literals
        return Reading(form(query))


@lru_cache(maxsize=256)
def _read(query: str) -> Reading:
    """The reading of a query that can be read. Raises what `querytext.parsed` does."""
    from rdflib import URIRef
    from rdflib.plugins.sparql.parser import expandUnicodeEscapes

    from relgraph.querytext import parsed

    names, body = parsed(expandUnicodeEscapes(query), PREFIXES, ID)
    nodes = list(_nodes(names.in_full(body)))
    dates = {str(found) for node in nodes if _name(node) == "TriplesBlock" for found in _objects(node)}
    given = [node for node in nodes if _name(node) in ("vars", "Bind")]
    renamed = [(_of(node, "expr"), _of(node, "evar") or _of(node, "var")) for node in given]
    while new := {str(name) for expr, name in renamed if expr is not None and _is_date(expr, dates)} - dates:
        dates |= new
    return Reading(form(query), frozenset(dates), frozenset(str(node) for node in nodes if isinstance(node, URIRef)))


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for part in _parts(node):
        yield from _nodes(part)


def _parts(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return list(node) if not isinstance(node, str) and hasattr(node, "__iter__") else []


def _of(node: Any, key: str) -> Any:
    """A part of a node by its key; rdflib's own get gives the key back where there is none."""
    return node[key] if isinstance(node, dict) and key in node else None


def _name(node: Any) -> str:
    return str(getattr(node, "name", "")) if isinstance(node, dict) else ""


def _objects(block: Any) -> Iterator[Any]:
    """The variables that are objects of rg:edtf, or of a path that ends in it, in a block of triples."""
    for flat in block["triples"]:
        row = list(flat)
        for predicate, value in zip(row[1::3], row[2::3], strict=False):
            if type(value).__name__ == "Variable" and _ends_in_edtf(predicate):
                yield value


def _ends_in_edtf(path: Any) -> bool:
    if isinstance(path, str):
        return str(path) == RG + "edtf"
    parts = _of(path, "part")
    if parts is None or _of(path, "mod"):
        return False
    if isinstance(parts, str | dict):
        return _ends_in_edtf(parts)
    several = list(parts)
    return all(map(_ends_in_edtf, several)) if _name(path) == "PathAlternative" else _ends_in_edtf(several[-1])


def _is_date(expr: Any, dates: set[str]) -> bool:
    """Whether an expression is a date variable, wrapped in nothing but what gives back one of its values."""
    if type(expr).__name__ == "Variable":
        return str(expr) in dates
    if isinstance(expr, dict):
        if _name(expr) in _SAME:
            values = _of(expr, "vars") if "vars" in expr else _of(expr, "arg")
            several = [values] if isinstance(values, dict | str) else _parts(values)
            return bool(several) and all(_is_date(each, dates) for each in several)
        if _name(expr).endswith("Expression") and set(expr) == {"expr"}:
            return _is_date(expr["expr"], dates)
    return False
