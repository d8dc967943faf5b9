"""Whether servers give the same answers: a rate is worth nothing where the results differ."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Mapping, Sequence

from bench.errors import BenchError
from bench.serve.queries import paths
from bench.serve.servers import Server, get

_ANSWER_SECONDS = 120


def check(servers: Sequence[Server], queries: Sequence[str]) -> None:
    """Sends each query to each server. Raises BenchError for the first one whose rows are others than at the first server."""
    for query in queries:
        rows = [_rows(server, query) for server in servers]
        for server, found in zip(servers, rows, strict=True):
            if found != rows[0]:
                raise BenchError(
                    f"{server.name} gives {found.total()} rows where {servers[0].name} gives {rows[0].total()}, "
                    f"or other values, for: {query}"
                )
        if not rows[0]:
            raise BenchError(f"no rows at all for: {query}")


def _rows(server: Server, query: str) -> Counter[str]:
    try:
        status, body = get(server, paths(server.endpoint, [query])[0], _ANSWER_SECONDS)
    except (OSError, http.client.HTTPException) as error:
        raise BenchError(f"{server.name} did not answer ({error!r}): {query}") from error
    if status != 200:
        raise BenchError(f"{server.name} answered {status} to: {query}\n{body[:500].decode(errors='replace')}")
    return Counter(_row(binding) for binding in json.loads(body)["results"]["bindings"])


def _row(binding: Mapping[str, Mapping[str, str]]) -> str:
    """A row as text, the same for two ways to write a literal: xsd:string may be left out, and UTC is Z or +00:00."""
    plain = {
        name: sorted(
            (key, value.replace("+00:00", "Z"))
            for key, value in term.items()
            if (key, value) != ("datatype", "http://www.w3.org/2001/XMLSchema#string")
        )
        for name, term in binding.items()
    }
    return json.dumps(plain, sort_keys=True)
