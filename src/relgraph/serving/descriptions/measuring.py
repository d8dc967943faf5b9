"""The numbers of data that no build has counted: by queries, each within the time of a query, on the workers.

What cannot be counted within its limits never will be, and is left out; what could not be tried is tried again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from relgraph.catalogue import queries
from relgraph.catalogue.queries import Row
from relgraph.catalogue.statistics import SPACE, Statistics, Totals
from relgraph.errors import BudgetError, RelgraphError
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.snapshot import Snapshot
from relgraph.serving.workers.answering import answering
from relgraph.serving.workers.outbound import Outbound

#: Named graphs that are counted one by one; of more there is no telling.
_GRAPHS = 100
#: Budgets that a query has used up by itself, whatever else the server was doing.
_ITS_OWN = ("time", "bytes", "memory", "engine")
Found = TypeVar("Found")


class Measuring:
    """Counts what is in a snapshot."""

    def __init__(self, settings: Settings, outbound: Outbound) -> None:
        self._settings = settings
        self._outbound = outbound

    async def statistics(self, snapshot: Snapshot) -> Statistics:
        """The numbers; what takes longer than a query may, or is more than an answer may be, is None. Raises what `rows`
        raises."""
        space = SPACE if snapshot.opened.own else ""
        graphs = sorted(snapshot.graphs)[:_GRAPHS]

        async def totals(pattern: str) -> Totals | None:
            return await self._found(snapshot, queries.totals(pattern, space), queries.read_totals)

        return Statistics(
            whole=await totals(queries.WHOLE),
            default=await totals(queries.DEFAULT),
            graphs={name: await totals(queries.graph(name)) for name in graphs},
            properties=await self._found(snapshot, queries.PROPERTIES, queries.read_properties),
            classes=await self._found(snapshot, queries.classes(space), queries.read_classes),
        )

    async def _found(self, snapshot: Snapshot, query: str, read: Callable[[list[Row]], Found]) -> Found | None:
        rows = await self.rows(snapshot, query)
        return None if rows is None else read(rows)

    async def rows(self, snapshot: Snapshot, query: str) -> list[Row] | None:
        """The rows of a query, None where it does not get by with what a query may use. Raises BudgetError wait where the
        workers are too busy to try."""
        job: Mapping[str, object] = {
            "task": "query", "query": query, "default": (), "named": (), "table": "json", "graph": None, "encoding": None,
            "max_rows": 0, "max_bytes": self._settings.max_bytes,
        }  # fmt: skip
        try:
            async with answering(snapshot.pool, "", self._settings.query_timeout, self._outbound.select) as run:
                frame = await run.whole(job)
        except RelgraphError as error:
            if isinstance(error, BudgetError) and error.budget in _ITS_OWN:
                return None
            wait = error.retry_after if isinstance(error, BudgetError) else None
            raise BudgetError("wait", "what is served could not be counted. Try again in a moment", wait or 5.0) from error
        bindings = json.loads(frame.data)["results"]["bindings"]
        return [{name: term["value"] for name, term in row.items()} for row in bindings]
