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
#: Where a query has the names of graphs: the name of a node of its tree, and the key in it.
_GRAPHS: Final = (("GraphGraphPattern", "term"), ("DatasetClause", "default"), ("DatasetClause", "named"))
_EDTF: Final = frozenset([RG + "edtf"])
#: Steps of a path that do not lead to a value of the property that they name: ^p, !p.
_OTHER_WAY: Final = ("PathEltOrInverse", "PathNegatedPropertySet")
_SAME: Final = ("Aggregate_Sample", "Aggregate_Min", "Aggregate_Max", "Builtin_COALESCE")


@dataclass(frozen=True)
class Reading:
    """What is known of a query.

    form: SELECT, ASK, CONSTRUCT or DESCRIBE, in doubt SELECT; dates: names of the variables that hold EDTF, as they are the
    object of rg:edtf or another name of one that is; iris: the IRIs that it names; graphs: those of them that are names of
    graphs, behind GRAPH, FROM and FROM NAMED. All but the form are empty for a query that is not SPARQL 1.1.
    """

    form: str
    dates: frozenset[str] = frozenset()
    iris: frozenset[str] = frozenset()
    graphs: frozenset[str] = frozenset()


def form(query: str) -> str:
    """The form of a query: its first keyword that is one."""
    return next((token.keyword for token in tokens(query) if token.keyword in _FORMS), _FORMS[0])


def read(query: str) -> Reading:
    """What a query says of its answer; a query that cannot be read says its form only, and the engine what is wrong."""
    if "edtf" not in query and "earliest" not in query and "latest" not in query:
        return Reading(form(query))  # the parser takes its time
    return whole(query)


def whole(query: str) -> Reading:
    """As `read`, also of a query that has no dates, and names no bounds of dates."""
    try:
        return _whole(query)
    except QueryError:
        return Reading(form(query))


def nodes(query: str) -> list[Any] | None:
    """The nodes of the parse tree of a query, with its names in full; None where it is not SPARQL 1.1."""
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.parser import expandUnicodeEscapes

    from relgraph.querytext import parsed

    try:
        names, body = parsed(expandUnicodeEscapes(query), PREFIXES, ID)
        return list(_nodes(names.in_full(body)))
    except (ParseBaseException, QueryError, RecursionError, ValueError, OverflowError):  # ValueError: of escapes and literals
        return None


@lru_cache(maxsize=256)
def _whole(query: str) -> Reading:
    """The reading of a query. Raises QueryError for one that cannot be read: what is raised is not kept, and tried again."""
    from rdflib import URIRef

    found = nodes(query)
    if found is None:
        raise QueryError("the query is not SPARQL 1.1")
    dates = {str(date) for node in found if name(node) == "TriplesBlock" for date in _objects(node)}
    given = [node for node in found if name(node) in ("vars", "Bind")]
    renamed = [(_of(node, "expr"), _of(node, "evar") or _of(node, "var")) for node in given]
    while new := {str(other) for expr, other in renamed if expr is not None and _is_date(expr, dates)} - dates:
        dates |= new
    graphs = {_of(node, key) for node in found for kind, key in _GRAPHS if name(node) == kind}
    iris, named = (frozenset(str(term) for term in terms if isinstance(term, URIRef)) for terms in (found, graphs))
    return Reading(form(query), frozenset(dates), iris, named)


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


def name(node: Any) -> str:
    """What a node of the tree is, as the grammar calls it; empty for terms and lists."""
    return str(getattr(node, "name", "")) if isinstance(node, dict) else ""


def _objects(block: Any) -> Iterator[Any]:
    """The variables that are objects of rg:edtf, or of a path that ends in it, in a block of triples."""
    for flat in block["triples"]:
        row = list(flat)
        for predicate, value in zip(row[1::3], row[2::3], strict=False):
            if type(value).__name__ == "Variable" and ends_in(predicate, _EDTF):
                yield value


def ends_in(path: Any, properties: frozenset[str]) -> bool:
    """Whether a predicate is one of some properties, or a path whose last step is, whichever way is taken."""
    if isinstance(path, str):
        return str(path) in properties
    parts = _of(path, "part")
    if parts is None or _of(path, "mod") or name(path) in _OTHER_WAY:
        return False
    if isinstance(parts, str | dict):
        return ends_in(parts, properties)
    several = list(parts)
    if name(path) == "PathAlternative":
        return all(ends_in(each, properties) for each in several)
    return ends_in(several[-1], properties)


def _is_date(expr: Any, dates: set[str]) -> bool:
    """Whether an expression is a date variable, wrapped in nothing but what gives back one of its values."""
    if type(expr).__name__ == "Variable":
        return str(expr) in dates
    if isinstance(expr, dict):
        if name(expr) in _SAME:
            values = _of(expr, "vars") if "vars" in expr else _of(expr, "arg")
            several = [values] if isinstance(values, dict | str) else _parts(values)
            return bool(several) and all(_is_date(each, dates) for each in several)
        if name(expr).endswith("Expression") and set(expr) == {"expr"}:
            return _is_date(expr["expr"], dates)
    return False
