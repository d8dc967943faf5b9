"""How the server ends at Ctrl-C: after the requests that are under way, and at once when it is pressed again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from types import FrameType
from typing import Final

import typer
import uvicorn

#: Seconds that requests have before somebody is told that the server waits for them.
_SOON: Final = 0.3
#: Seconds that requests have to end after their connections have been closed.
_AT_ONCE: Final = 2.0


class Server(uvicorn.Server):
    """The server of uvicorn, which tells a person what it waits for, and whose second Ctrl-C closes all connections, so that
    their requests end as they do when a client goes away."""

    _is_told = False
    _loop: asyncio.AbstractEventLoop | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Takes note of a signal. Ctrl-C is raised again once only when all has ended: asyncio takes a second one for a call
        to break off whatever it does."""
        if sig == signal.SIGINT and self.should_exit:
            self.force_exit = True
            if self._loop:
                self._loop.call_soon_threadsafe(self._hang_up)
            return
        self._is_told = sig == signal.SIGINT
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the server; the lifespan of the application ends in any case, and its workers with it."""
        self._loop = asyncio.get_running_loop()
        timer = self._loop.call_later(_SOON, self._tell)
        try:
            await super().shutdown(sockets)
        finally:
            timer.cancel()
        if self.force_exit:
            self._hang_up()
            if tasks := list(self.server_state.tasks):
                await asyncio.wait(tasks, timeout=_AT_ONCE)
            await self.lifespan.shutdown()

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def _tell(self) -> None:
        count = len(self.server_state.tasks)
        if self._is_told and count and not self.force_exit:
            requests = "1 request" if count == 1 else f"{count} requests"
            with contextlib.suppress(OSError):
                typer.echo(f"waiting for {requests} to end; press Ctrl-C again to stop at once")
