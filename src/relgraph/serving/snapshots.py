"""What is served: an immutable snapshot with its workers, and the change to another one without a failed request."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Store

from relgraph.errors import RelgraphError
from relgraph.questions import Question
from relgraph.serving.logs import log
from relgraph.serving.pool import Pool, Setup
from relgraph.serving.settings import Settings
from relgraph.serving.sources import Opened, Source


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

    def leave(self) -> None:
        """A request has been answered."""
        self.users -= 1


class Snapshots:
    """The snapshot that is current, and those that are still answering requests."""

    def __init__(
        self, source: Source, settings: Settings, on_kill: Callable[[str], None], on_swap: Callable[[str], None]
    ) -> None:
        self._source = source
        self._settings = settings
        self._on_kill = on_kill
        self._on_swap = on_swap
        self._swapping = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._current: Snapshot | None = None
        #: Why the last attempt to change to another release failed; empty when it did not.
        self.fault = ""

    @property
    def current(self) -> Snapshot:
        """The snapshot that new requests are answered from."""
        assert self._current is not None, "start() comes first"
        return self._current

    async def start(self) -> None:
        """Opens the source and starts its workers. Raises RelgraphError when that fails."""
        self._current = await self._open()
        if self._settings.release_poll:
            self._later(self._watch())

    def enter(self) -> Snapshot:
        """The current snapshot, for one request, which must leave() it at its end."""
        snapshot = self.current
        snapshot.users += 1
        return snapshot

    def look(self) -> None:
        """Has somebody look for something else to serve, soon; what could not be opened is tried once more."""
        self._later(self.swap(again=bool(self.fault)))

    async def swap(self, again: bool = False) -> None:
        """Changes to what the source holds now, if it is something else; keeps what there is when that cannot be opened."""
        async with self._swapping:
            if not again and not await asyncio.to_thread(self._source.changed):
                return
            try:
                opened = await self._open()
            except (RelgraphError, OSError) as error:
                self.fault = str(error)
                self._on_swap("failed")
                log.error("cannot change to another release: %s", error)
                return
            self.fault = ""
            old, self._current = self.current, opened
            self._on_swap("done")
            log.info("serves release %s now", opened.release[:12])
            self._later(self._retire(old))

    async def close(self) -> None:
        """Ends all workers and gives back what the source has opened."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._end(self.current)

    async def _open(self) -> Snapshot:
        opened = await asyncio.to_thread(self._source.open)
        try:
            return await self._served(opened)
        except BaseException:
            opened.close()
            raise

    async def _served(self, opened: Opened) -> Snapshot:
        store = opened.read()
        settings = self._settings
        setup = Setup(
            store=str(opened.store),
            index=str(opened.index) if opened.index else None,
            own=opened.own,
            memory=settings.query_memory,
            workers=settings.workers,
            queue=settings.max_queue,
            queue_timeout=settings.queue_timeout,
        )
        pool = Pool(setup, self._on_kill)
        await pool.start()
        graphs = frozenset(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))
        return Snapshot(opened, store, pool, graphs)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._settings.release_poll)
            await self.swap()

    async def _retire(self, old: Snapshot) -> None:
        """Ends a snapshot when the last of its requests has been answered."""
        while old.users:
            await asyncio.sleep(0.05)
        await self._end(old)
        gc.collect()  # what is left of its last requests holds its files open

    async def _end(self, snapshot: Snapshot) -> None:
        await snapshot.pool.close()
        snapshot.opened.close()

    def _later(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[call-overload]  # a coroutine
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
