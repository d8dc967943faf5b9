"""Evaluating SPARQL on a snapshot, and writing results in the formats of the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import (
    DefaultGraph,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
)

from relgraph import rdf
from relgraph.errors import QueryError, UsageError
from relgraph.vocabulary import ASSERTED, ID, INFERRED, PREFIXES, PROVENANCE

Results = QuerySolutions | QueryBoolean | QueryTriples

#: What the default graph of a query can be (design section 4); "all" is the union as it is stored.
GRAPH_CHOICES: Mapping[str, list[object]] = {
    "asserted": [ASSERTED, PROVENANCE],
    "inferred": [INFERRED],
    "all": [DefaultGraph()],
}


@dataclass(frozen=True)
class Format:
    """A format of results: short name, media type, and the format of the engine."""

    name: str
    media_type: str
    engine: QueryResultsFormat | RdfFormat


#: For SELECT and ASK; the first is the default.
TABLE_FORMATS = (
    Format("json", "application/sparql-results+json", QueryResultsFormat.JSON),
    Format("xml", "application/sparql-results+xml", QueryResultsFormat.XML),
    Format("csv", "text/csv", QueryResultsFormat.CSV),
    Format("tsv", "text/tab-separated-values", QueryResultsFormat.TSV),
)
#: For CONSTRUCT and DESCRIBE; the first is the default.
GRAPH_FORMATS = (
    Format("turtle", "text/turtle", RdfFormat.TURTLE),
    Format("jsonld", "application/ld+json", RdfFormat.JSON_LD),
    Format("ntriples", "application/n-triples", RdfFormat.N_TRIPLES),
)


def evaluate(store: Store, query: str, graphs: str = "all") -> Results:
    """The results of a SPARQL 1.1 query; relative IRIs are keys of the data namespace, relgraph's prefixes are known.

    graphs: a key of GRAPH_CHOICES; "all" lets FROM in the query decide. Raises QueryError with line and column when
    the query cannot be parsed, UsageError for an unknown choice of graphs.
    """
    if graphs not in GRAPH_CHOICES:
        raise UsageError(f"there is no choice of graphs {graphs!r}; choose {', '.join(GRAPH_CHOICES)}")
    chosen = {} if graphs == "all" else {"default_graph": GRAPH_CHOICES[graphs]}
    try:
        return store.query(query, base_iri=ID, prefixes=PREFIXES, **chosen)  # type: ignore[arg-type]  # one key or none
    except SyntaxError as error:
        raise QueryError(f"the query cannot be parsed: {error}. Correct it there") from error
    except (ValueError, OSError, RuntimeError) as error:
        raise QueryError(f"the query cannot be evaluated: {error}") from error


def formats_for(results: Results) -> tuple[Format, ...]:
    """The formats that results of this form can be written in."""
    return GRAPH_FORMATS if isinstance(results, QueryTriples) else TABLE_FORMATS


def write(results: Results, chosen: Format) -> bytes:
    """The results in a format. Raises QueryError when evaluation fails on the way."""
    try:
        if isinstance(results, QueryTriples) and isinstance(chosen.engine, RdfFormat):
            return rdf.serialized(results, chosen.engine, PREFIXES)
        if isinstance(results, QuerySolutions | QueryBoolean) and isinstance(chosen.engine, QueryResultsFormat):
            return results.serialize(format=chosen.engine) or b""
    except (ValueError, OSError, RuntimeError) as error:
        raise QueryError(f"the query cannot be evaluated: {error}") from error
    raise UsageError(f"{chosen.name} is no format for this form of query")
