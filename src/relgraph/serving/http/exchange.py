"""A request and its answer under way: whether the client is still there, how an answer breaks off, how a whole one is sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from relgraph.errors import BudgetError, EndpointError, ForbiddenError, RelgraphError
from relgraph.serving.http.requests import Headers, Request

#: Seconds that a query runs before the server begins to look whether its client is still there.
_PATIENCE = 0.05
#: Bytes that are sent at a time of an answer that is there.
_PART = 65536
#: Seconds that a client has to take the last line of an answer that broke off.
_LAST_LINE = 1.0
#: Formats without an end, in which a last line must say that the answer broke off; it is no line of the format.
_OPEN = (
    "text/csv", "text/tab-separated-values", "application/n-triples", "application/n-quads", "text/turtle", "application/trig",
)  # fmt: skip


class Exchange:
    """A request with what has been sent for it."""

    def __init__(self, request: Request) -> None:
        self.request = request
        #: Whether the answer has begun.
        self.begun = False
        self._gone = False
        self._media_type = ""
        self._coding: str | None = None

    async def start(self, media_type: str, coding: str | None, headers: Headers) -> None:
        """Begins an answer that comes in parts."""
        self._media_type, self._coding, self.begun = media_type, coding, True
        await self.request.start(200, headers)

    async def break_off(self, error: RelgraphError) -> None:
        """Ends the connection with the answer unfinished."""
        marked = self._coding is not None or self._media_type not in _OPEN
        if not marked:
            with contextlib.suppress(TimeoutError):  # a client that takes nothing takes no last line either
                async with asyncio.timeout(_LAST_LINE):
                    await self.request.part(f"\nERROR, the answer is not complete: {error}\n".encode(), True)
                    marked = True
        await self.request.hang_up(reset=self.request.scope["http_version"] == "1.0" and not marked)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Cancels the task when its client goes away; begins to look after a while, so that short queries do not pay."""
        tasks: list[asyncio.Task[None]] = []
        asking = asyncio.current_task()
        timer = asyncio.get_running_loop().call_later(_PATIENCE, lambda: tasks.append(asyncio.ensure_future(self._watch(asking))))
        try:
            yield
        finally:
            timer.cancel()
            for task in tasks:
                task.cancel()

    def left(self) -> bool:
        """Whether the task was cancelled because its client had gone away; it goes on then."""
        task = asyncio.current_task()
        if self._gone and task is not None:
            task.uncancel()
        return self._gone

    async def _watch(self, asking: asyncio.Task[Any] | None) -> None:
        while (await self.request.receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if asking is not None:
            asking.cancel()


async def deliver(request: Request, status: int, headers: Headers, body: bytes, seconds: float) -> None:
    """Sends an answer that is there, without its body to HEAD; a client that does not take it within some seconds is given
    up."""
    await request.start(status, headers)
    if request.method == "HEAD":
        await request.part(b"", False)
        return
    try:
        async with asyncio.timeout(seconds):
            for place in range(0, max(1, len(body)), _PART):
                await request.part(body[place : place + _PART], place + _PART < len(body))
    except TimeoutError:
        await request.hang_up()


def outcome_of(error: Exception) -> str:
    """The outcome of a query that ended with an error, for metrics and log."""
    if isinstance(error, BudgetError):
        return error.budget
    if isinstance(error, ForbiddenError):
        return "forbidden"
    if isinstance(error, EndpointError):
        return "endpoint"
    return "refused"
