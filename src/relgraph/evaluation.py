"""Evaluating SPARQL on a snapshot, and the formats that its results can be written in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
)

from relgraph.errors import QueryError, UsageError, suggestion
from relgraph.vocabulary import ASSERTED, ID, INFERRED, PREFIXES, PROVENANCE

#: What is said to people who ask for an update.
READ_ONLY = "Only queries are answered: a release is never changed, a new one is built beside it"
#: What SPARQL 1.1 Update (section 3) begins with, behind the prologue.
_UPDATE = re.compile(
    r"(?:\s|#[^\r\n]*+|BASE\s*+<[^<>]*+>|PREFIX\s*+[^\s:<]*+:\s*+<[^<>]*+>)*+"
    r"(INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|COPY|MOVE|ADD|WITH)\b",
    re.IGNORECASE,
)

_TRIPLES = "SELECT ?subject ?predicate ?object { ?subject ?predicate ?object } ORDER BY ?subject ?predicate ?object"

Results = QuerySolutions | QueryBoolean | QueryTriples

#: What the default graph of a query can be (design section 4); "all" is the union as it is stored.
GRAPH_CHOICES: Mapping[str, list[object]] = {
    "asserted": [ASSERTED, PROVENANCE],
    "inferred": [INFERRED],
    "all": [DefaultGraph()],
}


@dataclass(frozen=True)
class Format:
    """A format of results: short name, media type, the format of the engine, and other names and types that mean it."""

    name: str
    media_type: str
    engine: QueryResultsFormat | RdfFormat
    aliases: tuple[str, ...] = ()


#: For SELECT and ASK; the first is the default.
TABLE_FORMATS = (
    Format("json", "application/sparql-results+json", QueryResultsFormat.JSON, ("application/json", "srj")),
    Format("xml", "application/sparql-results+xml", QueryResultsFormat.XML, ("application/xml", "srx")),
    Format("csv", "text/csv", QueryResultsFormat.CSV),
    Format("tsv", "text/tab-separated-values", QueryResultsFormat.TSV),
)
#: For CONSTRUCT and DESCRIBE, and for graphs as they stand; the first is the default.
GRAPH_FORMATS = (
    Format("turtle", "text/turtle", RdfFormat.TURTLE, ("application/x-turtle", "ttl")),
    Format("jsonld", "application/ld+json", RdfFormat.JSON_LD, ("application/json-ld", "application/json", "json-ld", "json")),
    Format("ntriples", "application/n-triples", RdfFormat.N_TRIPLES, ("text/plain", "nt")),
    Format("nquads", "application/n-quads", RdfFormat.N_QUADS, ("nq",)),
    Format("trig", "application/trig", RdfFormat.TRIG, ("application/x-trig",)),
    Format("rdfxml", "application/rdf+xml", RdfFormat.RDF_XML, ("application/xml", "rdf", "xml")),
)


@dataclass(frozen=True)
class Dataset:
    """The graphs that a query sees (SPARQL 1.1 Protocol, section 2.1.4): IRIs of default and of named graphs."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def evaluate(
    store: Store,
    query: str,
    graphs: str = "all",
    dataset: Dataset | None = None,
    base: str | None = ID,
    prefixes: Mapping[str, str] = PREFIXES,
) -> Results:
    """The results of a SPARQL 1.1 query.

    graphs: a key of GRAPH_CHOICES; "all" lets FROM in the query decide. dataset: graphs by IRI, which override both.
    base, prefixes: what relative IRIs are relative to (keys of the data namespace) and the prefixes that are known.
    Raises QueryError with line and column when the query cannot be parsed, UsageError for an unknown choice of graphs
    or a graph that is no IRI.
    """
    if graphs not in GRAPH_CHOICES:
        raise UsageError(f"there is no choice of graphs {graphs!r}; choose {', '.join(GRAPH_CHOICES)}")
    chosen: dict[str, object] = {} if graphs == "all" else {"default_graph": GRAPH_CHOICES[graphs]}
    if dataset and (dataset.default or dataset.named):
        chosen = {"default_graph": _graphs(dataset.default), "named_graphs": _graphs(dataset.named)}
    try:
        with failures():
            return store.query(query, base_iri=base, prefixes=dict(prefixes), **chosen)  # type: ignore[arg-type]  # keys of query()
    except SyntaxError as error:
        if update := _UPDATE.match(query):
            raise QueryError(f"this is an update ({update[1].upper()}) and no query. {READ_ONLY}") from error
        raise QueryError(f"the query cannot be parsed: {_explained(str(error), query)}. Correct it there") from error


def _graphs(iris: tuple[str, ...]) -> list[NamedNode]:
    try:
        return [NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise UsageError(f"a graph is named by an IRI: {error}") from error


def _explained(message: str, query: str) -> str:
    """The engine's message with what stands at its position in place of the long list of what might."""
    found = re.match(r"error at (\d+):(\d+)", message)
    if not found:
        return message
    lines = query.splitlines() or [""]
    line, column = int(found[1]), int(found[2])
    if "Prefix not found" in message:  # the position is behind the prefixed name
        name = (lines[line - 1][: column - 1].split() or [""])[-1]
        return f"error at {line}:{column}: the prefix of {name!r} is not declared"
    rest = lines[line - 1][column - 1 :].strip() if line <= len(lines) else ""
    near = f" at {rest[:30]!r}" if rest else " at the end of the query" if line >= len(lines) else ""
    reason = message.partition(": ")[2]
    if len(reason) > 100:
        reason = "something else is expected"
    return f"error at {line}:{column}{near}: {reason}"


def check_known(store: Store, resources: Mapping[str, NamedNode]) -> None:
    """Sees to it that what parameters name (IRIs by parameter) occurs in the graph; an answer without rows would not
    tell a slip of the pen from a finding. Raises UsageError, with names that are like it."""
    for name, node in resources.items():
        if any(store.quads_for_pattern(node, None, None)) or any(store.quads_for_pattern(None, None, node)):
            continue
        found = store.query("SELECT ?thing { ?thing skos:prefLabel ?label } LIMIT 20000", prefixes=PREFIXES)
        keys = {node.value.removeprefix(ID) for (node,) in found}  # type: ignore[union-attr]  # a SELECT of one column
        key = node.value.removeprefix(ID)
        remedy = suggestion(key, keys, "Look it up on the pages, or with a query for its label")
        raise UsageError(f"the parameter {name}: there is no {key} in this graph. {remedy}")


def formats_for(results: Results) -> tuple[Format, ...]:
    """The formats that results of this form can be written in."""
    return GRAPH_FORMATS if isinstance(results, QueryTriples) else TABLE_FORMATS


def terms(results: QuerySolutions | QueryTriples) -> Iterator[tuple[object, ...]]:
    """The rows of a SELECT, or the triples, as terms (None where unbound), one after the other as they are found.

    Raises QueryError when evaluation fails on the way. The error does not hold the results, which must end in their thread.
    """
    try:
        with failures():
            yield from map(tuple, results)
    finally:
        del results


def rows(results: QuerySolutions | QueryTriples) -> list[tuple[object, ...]]:
    """All rows of a SELECT, or all triples, as `terms` gives them."""
    try:
        return list(terms(results))
    finally:
        del results


def tabled(triples: Iterable[Triple]) -> QuerySolutions:
    """The triples of a CONSTRUCT or DESCRIBE as rows of subject, predicate and object, sorted, for who takes tables only.

    The Protocol has no such answer (SPARQL 1.1 Protocol, section 2.1.6): it stands in the place of none. They are held in memory.
    Raises QueryError when evaluation fails.
    """
    store = Store()
    with failures():
        store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
        return store.query(_TRIPLES)  # type: ignore[return-value]  # a SELECT


def triples_of(store: Store, name: NamedNode | None) -> Iterator[Triple]:
    """The triples of a named graph, or of the default graph as it is stored."""
    return (quad.triple for quad in store.quads_for_pattern(None, None, None, name or DefaultGraph()))


@contextmanager
def failures() -> Iterator[None]:
    """Turns what the engine raises while it evaluates into a QueryError."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        raise QueryError(f"the query cannot be evaluated: {error}") from error
