"""A time for a whole answer. httpx has times for each read only, which a server that sends a byte now and then never exceeds."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

import httpcore2
import httpx2


class Deadlines(httpcore2.SyncBackend):
    """The network of a client, on which nothing is waited for longer than the thread that asks has time."""

    def __init__(self, client: httpx2.Client) -> None:
        """client: which goes over this network from then on."""
        self._end = local()
        for transport in (client._transport, *client._mounts.values()):
            if isinstance(transport, httpx2.HTTPTransport):
                transport._pool._network_backend = self  # httpx has no way of its own to give one

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Gives what this thread asks within the block so many seconds, after which httpx2.TimeoutException is raised."""
        self._end.at = time.monotonic() + seconds
        try:
            yield
        finally:
            del self._end.at

    def left(self, timeout: float | None) -> float | None:
        """Seconds that a step may take, of those that it would be given. Raises ReadTimeout where no time is left."""
        end: float | None = getattr(self._end, "at", None)
        if end is None:
            return timeout
        seconds = end - time.monotonic()
        if seconds <= 0:
            raise httpcore2.ReadTimeout("the time is over")
        return seconds if timeout is None else min(seconds, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection, every step of which is within the time."""
        return _Stream(self, super().connect_tcp(host, port, self.left(timeout), local_address, socket_options))


class _Stream(httpcore2.NetworkStream):
    def __init__(self, deadlines: Deadlines, stream: httpcore2.NetworkStream) -> None:
        self._deadlines = deadlines
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadlines.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadlines.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._deadlines, self._stream.start_tls(ssl_context, server_hostname, self._deadlines.left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
