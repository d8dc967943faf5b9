"""Results of queries in a form that can be compared, from Oxigraph, from rdflib and from files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import rdflib

from relgraph import evaluation

Row = tuple[str | None, ...]
Rows = tuple[list[str], list[Row]]


def rows(results: evaluation.Results) -> Rows:
    """Names of the columns, and the rows, sorted."""
    assert isinstance(results, ox.QuerySolutions)
    names = [variable.value for variable in results.variables]
    return names, sorted((tuple(None if row[n] is None else str(row[n]) for n in names) for row in results), key=str)


def file_rows(path: Path) -> Rows:
    """Those of a SPARQL TSV file."""
    results = ox.parse_query_results(path=str(path), format=ox.QueryResultsFormat.TSV)
    assert isinstance(results, ox.QuerySolutions)
    return rows(results)


def rdflib_rows(dataset: rdflib.Dataset, text: str) -> Rows:
    """Those that rdflib gives."""
    result = dataset.query(text)
    names = [str(name) for name in result.vars or ()]
    found: Iterable[object] = result
    return names, sorted((tuple(_oxigraph(term) for term in row) for row in found), key=str)  # type: ignore[attr-defined]  # rows


def _oxigraph(term: rdflib.term.Node | None) -> str | None:
    if term is None:
        return None
    if isinstance(term, rdflib.Literal):
        if term.language:
            return str(ox.Literal(str(term), language=term.language))
        datatype = term.datatype or rdflib.XSD.string
        if datatype == rdflib.XSD.duration:  # rdflib gives this type to the difference of two dates
            datatype = rdflib.XSD.dayTimeDuration
        return str(ox.Literal(str(term), datatype=ox.NamedNode(str(datatype))))
    return str(ox.NamedNode(str(term)))
