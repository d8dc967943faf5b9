"""One query on one worker, within its time: the answer as frames, or an error that says what stopped it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from relgraph.errors import BudgetError, RelgraphError
from relgraph.serving.failures import described, raised
from relgraph.serving.frames import Frame, Kind
from relgraph.serving.pool import Pool, Worker

#: Asks another server for a SERVICE clause: its address and the query; gives its answer. Raises RelgraphError.
Fetch = Callable[[str, str], Awaitable[bytes]]


class Answering:
    """The answer that a worker is giving. `complete` is true when its last frame has come."""

    def __init__(self, worker: Worker, fetch: Fetch) -> None:
        self._worker = worker
        self._fetch = fetch
        self.complete = False

    async def begin(self, job: Mapping[str, Any]) -> Frame:
        """Sends the job; gives the frame with which the answer begins (HEAD) or that is all of it (ANSWER)."""
        self._worker.link.send(Kind.JOB, job)
        return await self.next()

    async def whole(self, job: Mapping[str, Any]) -> Frame:
        """Sends the job; gives the whole answer as one frame. For answers that are bounded otherwise."""
        frame = await self.begin(job)
        parts = [frame.data]
        while not self.complete:
            frame = await self.next()
            parts.append(frame.data)
        return Frame(Kind.ANSWER, frame.meta, b"".join(parts))

    async def next(self) -> Frame:
        """The next frame of the answer. Raises what the worker, or its end, says was wrong."""
        while True:
            frame = await self._worker.link.next()
            if frame is None:
                raise await self._worker.fate()
            if frame.kind != Kind.FETCH:
                break
            await self._fetched(frame)
        self.complete = frame.kind in (Kind.ANSWER, Kind.END, Kind.ERROR)
        if frame.meta.get("retire"):
            self._worker.retire()
        if frame.kind == Kind.ERROR:
            raise raised(frame.meta)
        return frame

    def abandon(self) -> None:
        """Stops the query: nobody waits for its answer any more."""
        self._worker.kill("abandoned")

    async def _fetched(self, frame: Frame) -> None:
        try:
            answer = await self._fetch(frame.meta["address"], frame.meta["query"])
        except RelgraphError as error:
            self._worker.link.send(Kind.FETCHED, described(error))
        else:
            self._worker.link.send(Kind.FETCHED, None, answer)


@contextlib.asynccontextmanager
async def answering(pool: Pool, client: str, seconds: float, fetch: Fetch) -> AsyncIterator[Answering]:
    """Lends a worker for one query of a client.

    Whatever happens in the block, the query ends with it: when its seconds are over (BudgetError time), when the block
    fails or is cancelled, or when it is left before the answer is complete.
    """
    worker = await pool.acquire(client)
    run = Answering(worker, fetch)
    try:
        async with asyncio.timeout(seconds):
            yield run
    except TimeoutError:
        worker.kill("time")
        raise BudgetError("time", f"the query ran longer than its {seconds:g} s. Ask for less at a time") from None
    finally:
        if not run.complete:
            worker.kill("abandoned")
        pool.give_back(worker)
