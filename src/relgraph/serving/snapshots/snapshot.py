"""One snapshot: data that are opened, with the workers that answer from them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Store

from relgraph.errors import UsageError
from relgraph.questions import Question
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import Opened
from relgraph.serving.workers.pool import Pool, Setup


@dataclass(eq=False)
class Snapshot:
    """A release, or a file of RDF, that is being served, with its workers. users: requests that are under way on it."""

    opened: Opened
    store: Store
    pool: Pool
    graphs: frozenset[str] = field(default_factory=frozenset)
    users: int = 0

    @property
    def release(self) -> str:
        """The id of the release: a hash of the data."""
        return self.opened.release

    @property
    def questions(self) -> Mapping[str, Question]:
        """The example questions that come with the data."""
        return self.opened.questions

    def enter(self) -> Snapshot:
        """Itself, for one request, which must leave() it at its end."""
        self.users += 1
        return self

    def leave(self) -> None:
        """A request has been answered."""
        self.users -= 1

    @contextlib.contextmanager
    def unneeded(self) -> Iterator[None]:
        """Part of a request that has entered it and needs nothing of it, so that it may end meanwhile."""
        self.leave()
        try:
            yield
        finally:
            self.enter()

    async def end(self) -> None:
        """Ends its workers and gives back what was opened."""
        await self.pool.close()
        self.opened.close()

    async def retire(self) -> None:
        """Ends it when the last of its requests has been answered."""
        while self.users:
            await asyncio.sleep(0.05)
        await self.end()
        gc.collect()  # what is left of its last requests holds its files open


async def started(opened: Opened, workers: int, settings: Settings, on_kill: Callable[[str], None]) -> Snapshot:
    """A snapshot of what has been opened, its workers ready; on_kill: as the pool has it. Raises RelgraphError, and gives
    back what was opened, where that fails."""
    try:
        store, graphs = await asyncio.to_thread(_read, opened)
        setup = Setup(
            store=str(opened.store),
            index=str(opened.index) if opened.index else None,
            own=opened.own,
            memory=settings.query_memory,
            workers=workers,
            queue=settings.max_queue,
            queue_timeout=settings.queue_timeout,
        )
        pool = Pool(setup, on_kill)
        try:
            await pool.start()
        except BaseException:
            await pool.close()
            raise
        return Snapshot(opened, store, pool, graphs)
    except BaseException:
        opened.close()
        raise


def _read(opened: Opened) -> tuple[Store, frozenset[str]]:
    """The database with the names of its graphs. Raises UsageError where it cannot be read."""
    try:
        store = opened.read()
        return store, frozenset(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{opened.store} cannot be read: {error}. Run `relgraph build`") from error
