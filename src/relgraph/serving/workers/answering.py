"""One query on one worker, within its time: the answer as frames, or an error that says what stopped it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from relgraph.errors import BudgetError, RelgraphError, UsageError
from relgraph.serving.workers.failures import described, raised
from relgraph.serving.workers.frames import MOST, Frame, Kind
from relgraph.serving.workers.pool import Pool, Worker

#: Asks another server for a SERVICE clause: its address and the query; gives its answer. Raises RelgraphError.
Fetch = Callable[[str, str], Awaitable[bytes]]
#: For queries that have no business with texts.
_NO_TEXTS: Mapping[str, str] = MappingProxyType({})


class Answering:
    """The answer that a worker is giving. `complete` is true when its last frame has come.

    texts: those that the worker may have, by id of their document.
    """

    def __init__(self, worker: Worker, fetch: Fetch, texts: Mapping[str, str] = _NO_TEXTS) -> None:
        self._worker = worker
        self._fetch = fetch
        self._texts = texts
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
            if "document" in frame.meta:
                answer = self._text(frame.meta["document"])
            else:
                answer = await self._fetch(frame.meta["address"], frame.meta["query"])
        except RelgraphError as error:
            self._worker.link.send(Kind.FETCHED, described(error))
        else:
            self._worker.link.send(Kind.FETCHED, None, answer)

    def _text(self, document: str) -> bytes:
        text = self._texts.get(document)
        if text is None:
            raise UsageError(f"the text of document {document} is not at hand")
        data = text.encode()
        if len(data) > MOST:
            raise BudgetError("memory", f"the text of document {document} is longer than a worker may have it")
        return data


@contextlib.asynccontextmanager
async def answering(
    pool: Pool, client: str, seconds: float, fetch: Fetch, texts: Mapping[str, str] = _NO_TEXTS
) -> AsyncIterator[Answering]:
    """Lends a worker for one query of a client; texts: of documents, those that it may have.

    Whatever happens in the block, the query ends with it: when its seconds are over (BudgetError time), when the block
    fails or is cancelled, or when it is left before the answer is complete.
    """
    worker = await pool.acquire(client)
    run = Answering(worker, fetch, texts)
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
