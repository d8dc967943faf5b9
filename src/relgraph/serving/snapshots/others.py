"""Releases besides the current one: opened when somebody asks for one, a few at a time, ended when others are asked for."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from weakref import WeakValueDictionary

from fastapi import HTTPException

from relgraph.errors import BudgetError, RelgraphError
from relgraph.release import Release
from relgraph.serving.clients import Clients
from relgraph.serving.logs import log
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.snapshot import Snapshot, started
from relgraph.serving.snapshots.sources import Source

#: Workers of a release that is not the current one.
_FEW = 2


class Others:
    """The other releases that are open, by folder, the one asked for last at the end."""

    def __init__(
        self,
        source: Source,
        settings: Settings,
        on_kill: Callable[[str], None],
        clients: Clients,
        later: Callable[[Awaitable[None]], None],
    ) -> None:
        """later: has something done that nobody waits for."""
        self._source = source
        self._settings = settings
        self._on_kill = on_kill
        self._clients = clients
        self._later = later
        self._open: dict[Path, Snapshot] = {}
        self._opening = asyncio.Lock()
        #: One for each client that waits for a release to be opened: of all that it asks for, one waits for `_opening`.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def open(self) -> tuple[Snapshot, ...]:
        """Those that are open."""
        return tuple(self._open.values())

    async def enter(self, path: Path, client: str, current: Callable[[], Snapshot]) -> Snapshot:
        """The snapshot of the release in a folder, for one request; the current one, where it has become that meanwhile.

        The client that a release is opened for is charged the time; of what waits to be opened, clients take turns. Raises
        HTTPException 503 where the release is damaged, BudgetError where too many others are in use or wait to be opened.
        """
        turn = self._turns.setdefault(client, asyncio.Lock())
        async with contextlib.AsyncExitStack() as waited:
            try:
                async with asyncio.timeout(self._settings.queue_timeout):
                    for lock in (turn, self._opening):
                        if path not in self._open and path != current().opened.store.parent:  # in the meantime too
                            await waited.enter_async_context(lock)
            except TimeoutError:
                detail = "other releases are being opened. Try again in a moment"
                raise BudgetError("releases", detail, 5.0) from None
            if path == current().opened.store.parent:
                return current().enter()
            snapshot = self._open.pop(path, None) or await self._opened(Release(path), client)
            if path == current().opened.store.parent:  # while it was being opened
                self._later(snapshot.retire())
                return current().enter()
            self._open[path] = snapshot
            return snapshot.enter()

    def drop(self, path: Path) -> None:
        """Ends the release in a folder, if it is open, when its last request has been answered."""
        snapshot = self._open.pop(path, None)
        if snapshot is not None:  # from now on nobody is led to it
            self._later(snapshot.retire())

    def drop_removed(self) -> None:
        """Ends those whose folders are gone, likewise."""
        for path in list(self._open):
            if not path.exists():
                self.drop(path)

    async def _opened(self, release: Release, client: str) -> Snapshot:
        with self._clients.admit(client) as charge:
            began = time.monotonic()
            try:
                opened = await asyncio.to_thread(self._source.open_other, release)
                try:
                    await self._make_room()
                except BaseException:
                    opened.close()
                    raise
                return await started(opened, min(_FEW, self._settings.workers), self._settings, self._on_kill)
            except BudgetError:
                raise
            except (RelgraphError, OSError) as error:
                log.error("cannot open release %s: %s", release.path.name, error)
                raise HTTPException(503, f"the release {release.path.name} is damaged here; others can be asked for") from error
            finally:
                charge(time.monotonic() - began)

    async def _make_room(self) -> None:
        """Ends releases that nobody uses, the one asked for the longest ago first, until one more may be opened."""
        limit = self._settings.old_releases
        for path, snapshot in list(self._open.items()):
            if len(self._open) < limit:
                return
            if not snapshot.users:
                del self._open[path]
                await snapshot.end()
        if len(self._open) >= limit:
            raise BudgetError("releases", f"{limit} other releases are in use, which is the limit here. Try again soon", 1.0)
