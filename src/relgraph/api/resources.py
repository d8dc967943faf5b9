"""Which columns of an answer may hold IRIs, by the text of the query alone: what an answer holds must not change its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from relgraph.api import reading
from relgraph.vocabulary import DCTERMS, PREFIXES, RDFS, RG, XSD

#: Properties with texts, numbers and dates as values: those of relgraph's ontology, and those for labels and notes.
LITERAL: Final = frozenset([
    *(RG + name for name in (
        "address", "charEnd", "charStart", "characterizesAs", "contested", "designation", "earliest", "edtf", "fileName", "gloss",
        "language", "latest", "line", "lineStarts", "ordinal", "participantCount", "quoteSha256", "sha256", "textLength",
    )),
    *(PREFIXES["skos"] + name for name in (
        "altLabel", "definition", "hiddenLabel", "note", "notation", "prefLabel", "scopeNote",
    )),
    *(RDFS + name for name in ("comment", "label")),
    *(DCTERMS + name for name in ("description", "title")),
    *(PREFIXES["search"] + name for name in ("corrected", "label", "score")),
])  # fmt: skip
#: What gives back one of its arguments as it is, and the keys of those; other functions but IRI, DATATYPE and UUID give literals.
_SAME: Final = {
    "Aggregate_Sample": ("vars",), "Aggregate_Min": ("vars",), "Aggregate_Max": ("vars",), "Builtin_COALESCE": ("arg",),
    "Builtin_IF": ("arg2", "arg3"),
}  # fmt: skip
_NAMING: Final = ("Builtin_IRI", "Builtin_URI", "Builtin_DATATYPE", "Builtin_UUID")
_LITERALS: Final = ("Builtin_", "Aggregate_", "Unary")


def may_be(columns: Iterable[str], query: str) -> frozenset[str]:
    """The columns that may hold IRIs: all but those that the query has only as values of properties with literals, and as
    results of what gives literals (numbers, comparisons, STR, COUNT …). All, where the query is not SPARQL 1.1."""
    nodes = reading.nodes(query)
    if nodes is None:
        return frozenset(columns)
    places = [place for node in nodes for place in _places(node)]
    known = {name for name, _ in places}
    found = {name for name, value in places if value is True}
    while new := {name for name, value in places if name not in found and _may(value, found, known)}:
        found |= new
    return frozenset(name for name in columns if name in found or name not in known)


def _places(node: Any) -> Iterator[tuple[str, Any]]:
    """The variables that a node of the tree binds, each with True where to an IRI, False where not, or to an expression."""
    kind = reading.name(node)
    if kind == "TriplesBlock":
        for flat in node["triples"]:
            row = list(flat)
            for subject, predicate, value in zip(row[::3], row[1::3], row[2::3], strict=False):
                is_literal = reading.ends_in(predicate, LITERAL)
                yield from ((str(term), True) for term in (subject, predicate) if _is_variable(term))
                yield from ((str(term), not is_literal) for term in (value,) if _is_variable(term))
    elif kind in ("GraphGraphPattern", "Service") and _is_variable(node["term"]):
        yield str(node["term"]), True
    elif kind in ("vars", "Bind") and "expr" in node:
        yield str(node["evar"] if "evar" in node else node["var"]), node["expr"]
    elif kind == "InlineData":
        names, rows = (list(node[key]) if key in node else [] for key in ("var", "value"))  # rdflib's get gives the key back
        for row in rows:
            values = [row] if isinstance(row, str) else list(row)
            yield from ((str(name), value) for name, value in zip(names, values, strict=False))


def _may(expr: Any, found: set[str], known: set[str]) -> bool:
    """Whether an expression may give an IRI. found: variables that may hold one; known: all that the query binds."""
    if isinstance(expr, bool):
        return expr
    if _is_variable(expr):
        return str(expr) in found or str(expr) not in known
    kind = reading.name(expr)
    if not kind:
        return type(expr).__name__ == "URIRef"  # else a literal, or UNDEF
    if kind in _SAME:
        parts = [expr[key] for key in _SAME[kind] if key in expr]
        return any(_may(each, found, known) for part in parts for each in _several(part))
    if kind.endswith("Expression"):
        return set(expr) == {"expr"} and _may(expr["expr"], found, known)
    if kind == "Function":
        return not str(expr["iri"]).startswith(XSD)
    return kind in _NAMING or not kind.startswith(_LITERALS)


def _several(part: Any) -> list[Any]:
    return [part] if isinstance(part, dict | str) else list(part)


def _is_variable(term: Any) -> bool:
    return type(term).__name__ == "Variable"
