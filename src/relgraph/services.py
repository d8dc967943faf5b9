"""SERVICE in a query: what reaches the engine has none. Each clause is answered first and put into the query as VALUES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from relgraph import federation
from relgraph.errors import BudgetError, EndpointError, ForbiddenError, UsageError
from relgraph.federation import Service, Solutions
from relgraph.searchclause import INDEX, MAX_LIMIT, search_request
from relgraph.vocabulary import ID, PREFIXES, XSD

#: Asks another endpoint (its IRI, a SELECT query) and gives its answer as SPARQL JSON. Raises RelgraphError.
Fetch = Callable[[str, str], bytes]


def refused(address: str, query: str) -> bytes:
    """Asks nobody. Raises ForbiddenError."""
    raise ForbiddenError(f"SERVICE <{address}> is not answered here; a server with the setting service_allow may answer it")


def resolve(query: str, index: Path | None, fetch: Fetch = refused, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """The query without SERVICE: the search answered from the full-text index, other endpoints by way of `fetch`.

    Raises ForbiddenError, EndpointError, QueryError, UsageError or BudgetError.
    """
    if not federation.may_federate(query):
        return query
    found = federation.clauses(query, prefixes, ID)
    if not found:
        return federation.decoded(query)
    answers = {service: _searched(service, index) if service.name == INDEX else _fetched(service, fetch) for service in found}
    return federation.replaced(query, answers)


def _fetched(service: Service, fetch: Fetch) -> Solutions:
    try:
        return federation.solutions(service, fetch(service.name.value, service.request))
    except EndpointError:
        if service.silent:
            return federation.NOTHING_BOUND
        raise


def _searched(service: Service, index: Path | None) -> Solutions:
    from relgraph.fulltext import Answer, Index  # here, as few queries search and workers start often

    asked = search_request(service)
    if index is None or not index.is_file():
        raise UsageError("there is no full-text index of these data. Build the release again with `relgraph build`")
    bounds = (asked.text, asked.limit or MAX_LIMIT, asked.language)
    with closing(Index.open(index)) as opened:
        # words are corrected for who asks with which words it was done, and for nobody else
        answer = opened.answer(*bounds) if asked.corrected else Answer(opened.search(*bounds))
    hits = answer.hits
    if asked.limit is None and len(hits) == MAX_LIMIT:
        raise BudgetError("rows", f"the search finds {MAX_LIMIT} things and more. Add words, or search:limit for the best ones")
    double = NamedNode(XSD + "double")
    columns = {
        asked.thing: [hit.thing for hit in hits],
        asked.score: [Literal(str(hit.score), datatype=double) for hit in hits],
        asked.label: [hit.text for hit in hits],
        asked.property: [hit.property for hit in hits],
        asked.corrected: [Literal(answer.corrected)] * len(hits),
    }
    names = [name for name in columns if name is not None]
    return Solutions(tuple(names), tuple(zip(*(columns[name] for name in names), strict=True)))
