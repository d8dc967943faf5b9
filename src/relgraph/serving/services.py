"""SERVICE in a query: what reaches the engine has none. Each clause is answered first and put into the query as VALUES."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from relgraph import federation
from relgraph.errors import BudgetError, EndpointError, UsageError
from relgraph.federation import Service, Solutions
from relgraph.searchclause import INDEX, MAX_LIMIT, search_request
from relgraph.serving.failures import raised
from relgraph.serving.frames import Channel, Kind
from relgraph.vocabulary import ID, XSD


class Services:
    """Answers the SERVICE clauses of queries: the search here, other endpoints by way of the server process."""

    def __init__(self, channel: Channel, index: str | None, prefixes: Mapping[str, str]) -> None:
        self._channel = channel
        self._index = index
        self._prefixes = prefixes

    def resolve(self, query: str) -> str:
        """The query without SERVICE. Raises ForbiddenError, EndpointError or QueryError."""
        if not federation.may_federate(query):
            return query
        found = federation.clauses(query, self._prefixes, ID)
        if not found:
            return federation.decoded(query)
        return federation.replaced(query, {service: self._answered(service) for service in found})

    def _answered(self, service: Service) -> Solutions:
        if service.name == INDEX:
            return self._searched(service)
        try:
            return federation.solutions(service, self._fetched(service))
        except EndpointError:
            if service.silent:
                return federation.NOTHING_BOUND
            raise

    def _fetched(self, service: Service) -> bytes:
        self._channel.send(Kind.FETCH, {"address": service.name.value, "query": service.request})
        reply = self._channel.receive()
        if reply is None:
            raise SystemExit  # the server has ended
        if reply.meta:
            raise raised(reply.meta)
        return reply.data

    def _searched(self, service: Service) -> Solutions:
        from relgraph.fulltext import Index  # here, as few queries search and workers start often

        asked = search_request(service)
        if self._index is None:
            raise UsageError("this release has no full-text index. Build it again with `relgraph build`")
        hits = Index.open(Path(self._index)).search(asked.text, asked.limit or MAX_LIMIT, asked.language)
        if asked.limit is None and len(hits) == MAX_LIMIT:
            detail = f"the search finds {MAX_LIMIT} things and more. Add words, or search:limit for the best ones"
            raise BudgetError("rows", detail)
        double = NamedNode(XSD + "double")
        columns = {
            asked.thing: [hit.thing for hit in hits],
            asked.score: [Literal(str(hit.score), datatype=double) for hit in hits],
            asked.label: [hit.text for hit in hits],
            asked.property: [hit.property for hit in hits],
        }
        names = [name for name in columns if name is not None]
        return Solutions(tuple(names), tuple(zip(*(columns[name] for name in names), strict=True)))
