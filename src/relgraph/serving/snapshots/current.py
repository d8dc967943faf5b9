"""What is served: the current snapshot, the change to another one without a failed request, and the way to older releases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import HTTPException

from relgraph.errors import RelgraphError, UsageError
from relgraph.releases import Releases
from relgraph.serving.clients import Clients
from relgraph.serving.logs import log
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.others import Others
from relgraph.serving.snapshots.snapshot import Snapshot, started
from relgraph.serving.snapshots.sources import Source

#: From so many characters on, the beginning of an id is taken for it.
_SHORTEST = 4


class Snapshots:
    """The snapshot that is current, those that are still answering requests, and older releases."""

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
        self._on_kill = on_kill
        self._on_swap = on_swap
        self._swapping = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._retiring: set[Snapshot] = set()
        self._current: Snapshot | None = None
        self._others = Others(source, settings, on_kill, clients, self._later)
        #: Why the last attempt to change to another release failed; empty when it did not.
        self.fault = ""

    @property
    def current(self) -> Snapshot:
        """The snapshot that new requests are answered from."""
        assert self._current is not None, "start() comes first"
        return self._current

    @property
    def releases(self) -> Releases | None:
        """The folder of the releases that may be asked for; None where nothing but the current data are served."""
        return self._source.releases() if self._settings.old_releases else None

    @property
    def open(self) -> tuple[Snapshot, ...]:
        """The current snapshot, and the other releases that are open."""
        return self.current, *self._others.open

    async def start(self) -> None:
        """Opens the source and starts its workers. Raises RelgraphError when that fails."""
        self._current = await self._opened()
        if self._settings.release_poll:
            self._later(self._watch())

    def enter(self) -> Snapshot:
        """The current snapshot, for one request, which must leave() it at its end."""
        return self.current.enter()

    async def enter_other(self, name: str, client: str) -> Snapshot:
        """The snapshot of a release by its name, id (or its beginning) or version, for one request, which must leave() it.

        Raises HTTPException 404 where there is no such release, and what Others.enter raises.
        """
        return await self._others.enter(await self.find(name), client, lambda: self.current)

    async def find(self, name: str) -> Path:
        """The folder of a release by its name, id (or its beginning) or version; where a file of RDF is served, that of its
        database. Raises HTTPException 404 where there is no such release."""
        current, releases = self.current, self.releases
        here = current.opened.store.parent
        if name in ("current", here.name):
            return here
        is_id = len(name) >= _SHORTEST and current.release.startswith(name)
        if releases is None:
            if is_id:
                return here
            raise HTTPException(404, "nothing but the current data are served here; leave `release` out")
        try:
            found = await asyncio.to_thread(releases.matching, name)
        except UsageError as error:
            raise HTTPException(404, str(error)) from error
        if found is None and name != current.release:
            self._others.drop_removed()
            raise HTTPException(404, await asyncio.to_thread(releases.unknown, name))
        if found is None or (is_id and found.path.name != name and found.id == current.release):
            return here  # of several with its id, the current one is meant
        return found.path

    def look(self) -> None:
        """Has somebody look for something else to serve, soon; what could not be opened is tried once more."""
        self._later(self.swap(again=bool(self.fault)))

    async def swap(self, again: bool = False) -> None:
        """Changes to what the source holds now, if it is something else; keeps what there is when that cannot be opened."""
        self._others.drop_removed()
        async with self._swapping:
            if not again and not await asyncio.to_thread(self._source.changed):
                return
            try:
                opened = await self._opened()
            except (RelgraphError, OSError) as error:
                self.fault = str(error)
                self._on_swap("failed")
                log.error("cannot change to another release: %s", error)
                return
            self.fault = ""
            old, self._current = self.current, opened
            self._on_swap("done")
            log.info("serves release %s now", opened.release[:12])
            self._retiring.add(old)
            self._later(self._retire(old))
            self._others.drop(opened.opened.store.parent)

    async def close(self) -> None:
        """Ends all workers and gives back what the source has opened."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(snapshot.end() for snapshot in {*self.open, *self._retiring}))

    async def _retire(self, old: Snapshot) -> None:
        await old.retire()
        self._retiring.discard(old)

    async def _opened(self) -> Snapshot:
        opened = await asyncio.to_thread(self._source.open)
        return await started(opened, self._settings.workers, self._settings, self._on_kill)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._settings.release_poll)
            await self.swap()

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
