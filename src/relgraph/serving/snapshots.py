"""What is served: an immutable snapshot with its workers, and the change to another one without a failed request."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

from fastapi import HTTPException
from pyoxigraph import NamedNode, Store

from relgraph.errors import BudgetError, RelgraphError, UsageError
from relgraph.questions import Question
from relgraph.release import Release
from relgraph.releases import Releases
from relgraph.serving.clients import Clients
from relgraph.serving.logs import log
from relgraph.serving.pool import Pool, Setup
from relgraph.serving.settings import Settings
from relgraph.serving.sources import Opened, Source

#: From so many characters on, the beginning of an id is taken for it.
_SHORTEST = 4
#: Workers of a release that is not the current one.
_FEW = 2


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
        self,
        source: Source,
        settings: Settings,
        on_kill: Callable[[str], None],
        on_swap: Callable[[str], None],
        clients: Clients,
    ) -> None:
        self._source = source
        self._settings = settings
        self._clients = clients
        self._on_kill = on_kill
        self._on_swap = on_swap
        self._swapping = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._current: Snapshot | None = None
        #: Other releases that have been asked for, the one asked for last at the end.
        self._others: dict[Path, Snapshot] = {}
        self._opening = asyncio.Lock()
        #: One for each client that waits for a release to be opened: of all that it asks for, one waits for `_opening`.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
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

    @property
    def releases(self) -> Releases | None:
        """The folder of the releases that may be asked for; None where nothing but the current data are served."""
        return self._source.releases() if self._settings.old_releases else None

    @property
    def open(self) -> tuple[Snapshot, ...]:
        """The current snapshot, and the other releases that are open."""
        return self.current, *self._others.values()

    async def enter_other(self, name: str, client: str) -> Snapshot:
        """The snapshot of a release by its name, id (or its beginning) or version, for one request, which must leave() it.

        What is not the current release is opened when somebody asks for it, and stays open until others are asked for. The
        client that it is opened for is charged the time; of what waits to be opened, clients take turns.
        Raises HTTPException 404 where there is no such release, 503 where it is damaged, BudgetError where too many others
        are in use or wait to be opened.
        """
        path = await self.find(name)
        turn = self._turns.setdefault(client, asyncio.Lock())
        async with contextlib.AsyncExitStack() as waited:
            try:
                async with asyncio.timeout(self._settings.queue_timeout):
                    for lock in (turn, self._opening):
                        if not self._is_open(path):  # in the meantime too
                            await waited.enter_async_context(lock)
            except TimeoutError:
                detail = "other releases are being opened. Try again in a moment"
                raise BudgetError("releases", detail, 5.0) from None
            if path == self.current.opened.store.parent:
                return self.enter()
            snapshot = self._others.pop(path, None) or await self._opened(Release(path), client)
            self._others[path] = snapshot
            snapshot.users += 1
            return snapshot

    def _is_open(self, path: Path) -> bool:
        return path in self._others or path == self.current.opened.store.parent

    async def find(self, name: str) -> Path:
        """The folder of a release by its name, id (or its beginning) or version; where a file of RDF is served, that of its
        database. Raises HTTPException 404 where there is no such release."""
        current = self.current
        if name in ("current", current.release, current.opened.store.parent.name):
            return current.opened.store.parent
        releases = self.releases
        if releases is None:
            if len(name) >= _SHORTEST and current.release.startswith(name):
                return current.opened.store.parent
            raise HTTPException(404, "nothing but the current data are served here; leave `release` out")
        try:
            return (await asyncio.to_thread(releases.find, name)).path
        except UsageError as error:
            self._forget_removed()
            raise HTTPException(404, str(error)) from error

    async def _opened(self, release: Release, client: str) -> Snapshot:
        with self._clients.admit(client) as charge:
            began = time.monotonic()
            try:
                return await self._open(release)
            except BudgetError:
                raise
            except (RelgraphError, OSError) as error:
                log.error("cannot open release %s: %s", release.path.name, error)
                raise HTTPException(503, f"the release {release.path.name} is damaged here; others can be asked for") from error
            finally:
                charge(time.monotonic() - began)

    def _forget_removed(self) -> None:
        """Ends the other releases whose folders are gone, when their last requests have been answered."""
        for path, snapshot in list(self._others.items()):
            if not path.exists():
                del self._others[path]
                self._later(self._retire(snapshot))

    async def _make_room(self) -> None:
        """Ends other releases that nobody uses, the one asked for the longest ago first, until one more may be opened."""
        for path, snapshot in list(self._others.items()):
            if len(self._others) < self._settings.old_releases:
                return
            if not snapshot.users:
                del self._others[path]
                await self._end(snapshot)
        if len(self._others) >= self._settings.old_releases:
            limit = self._settings.old_releases
            raise BudgetError("releases", f"{limit} other releases are in use, which is the limit here. Try again soon", 1.0)

    def look(self) -> None:
        """Has somebody look for something else to serve, soon; what could not be opened is tried once more."""
        self._later(self.swap(again=bool(self.fault)))

    async def swap(self, again: bool = False) -> None:
        """Changes to what the source holds now, if it is something else; keeps what there is when that cannot be opened."""
        self._forget_removed()
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
            beside = self._others.pop(opened.opened.store.parent, None)
            if beside is not None:  # from now on nobody is led to it
                self._later(self._retire(beside))

    async def close(self) -> None:
        """Ends all workers and gives back what the source has opened."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._end(snapshot) for snapshot in self.open))

    async def _open(self, other: Release | None = None) -> Snapshot:
        opened = await asyncio.to_thread(self._source.open_other, other) if other else await asyncio.to_thread(self._source.open)
        workers = min(_FEW, self._settings.workers) if other else self._settings.workers
        try:
            if other:
                await self._make_room()
            return await self._served(opened, workers)
        except BaseException:
            opened.close()
            raise

    async def _served(self, opened: Opened, workers: int) -> Snapshot:
        store, graphs = await asyncio.to_thread(_read, opened)
        settings = self._settings
        setup = Setup(
            store=str(opened.store),
            index=str(opened.index) if opened.index else None,
            own=opened.own,
            memory=settings.query_memory,
            workers=workers,
            queue=settings.max_queue,
            queue_timeout=settings.queue_timeout,
        )
        pool = Pool(setup, self._on_kill)
        try:
            await pool.start()
        except BaseException:
            await pool.close()
            raise
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


def _read(opened: Opened) -> tuple[Store, frozenset[str]]:
    """The database with the names of its graphs. Raises UsageError where it cannot be read."""
    try:
        store = opened.read()
        return store, frozenset(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{opened.store} cannot be read: {error}. Run `relgraph build`") from error
