"""One HTTP exchange over a raw socket, however badly the client behaves, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlsplit

from bench.errors import BenchError

_KEPT_BYTES = 65536
_READ_BYTES = 65536


class Ending(StrEnum):
    """How an exchange ended for the client."""

    ANSWERED = "answered"  # with a status and its whole body
    CUT = "cut off"  # with a status, the body ended early
    CLOSED = "closed"  # by the server, without any answer
    LEFT = "left"  # by the client, which is what it meant to do
    HELD = "held"  # not ended within the limit
    REFUSED = "refused"  # no connection


@dataclass(frozen=True)
class Outcome:
    """How an exchange ended, its status (0: none), the reason that the server gave, and how long it took in seconds."""

    ending: Ending
    status: int
    reason: str
    seconds: float


@dataclass(frozen=True)
class Target:
    """The endpoint that is attacked, and the seconds within which it has to be done with any request."""

    host: str
    port: int
    path: str
    limit: float

    @classmethod
    def of(cls, url: str, limit: float) -> Target:
        """The target at a URL. Raises BenchError unless it is http on the loopback interface."""
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost"):
            raise BenchError(f"only servers at http://127.0.0.1:PORT/… are attacked, not {url}")
        return cls("127.0.0.1", parts.port or 80, parts.path or "/", limit)

    def get(self, query: str | bytes, parameters: str = "") -> bytes:
        """A GET request for a query; `parameters` are further ones, such as `&timeout=1`."""
        return self.head("GET", f"{self.path}?query={quote(query, safe='')}{parameters}") + b"\r\n"

    def post(self, body: bytes, media_type: str = "application/sparql-query") -> bytes:
        """A POST request with a body."""
        return self.head("POST", self.path) + f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    def head(self, method: str, path: str) -> bytes:
        """The start of a request, without the empty line that ends its headers."""
        accept = "application/sparql-results+json, application/json;q=0.5, */*;q=0.1"
        return f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nAccept: {accept}\r\nConnection: close\r\n".encode()


#: Sends what a client sends over a connected socket.
Sender = Callable[[socket.socket], Awaitable[None]]


def whole(request: bytes) -> Sender:
    """Sends everything as fast as it goes."""

    async def send(connection: socket.socket) -> None:
        await asyncio.get_running_loop().sock_sendall(connection, request)

    return send


async def connect(target: Target, receive_bytes: int = 0) -> socket.socket:
    """A connected socket, with a small receive buffer if asked. Raises OSError when there is no connection."""
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.setblocking(False)
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    try:
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(connection, (target.host, target.port)), target.limit)
    except BaseException:
        connection.close()
        raise
    return connection


async def exchange(target: Target, send: Sender) -> Outcome:
    """Connects, sends, and reads at the same time, until the answer is whole, the server closes, or the limit is over."""
    began = time.monotonic()
    try:
        connection = await connect(target)
    except (OSError, TimeoutError) as error:
        return Outcome(Ending.REFUSED, 0, str(error), time.monotonic() - began)
    sending = asyncio.ensure_future(send(connection))
    answer = Answer()
    try:
        async with asyncio.timeout(max(0.1, target.limit - (time.monotonic() - began))):
            await answer.read(connection)
    except TimeoutError:
        return Outcome(Ending.HELD, answer.status, "", time.monotonic() - began)
    finally:
        sending.cancel()
        # A server may well close while it is sent to: what it answered counts.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await sending
        connection.close()
    return answer.outcome(time.monotonic() - began)


class Answer:
    """What has come of an answer: its head, the beginning of its body, and whether it is whole."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.tail = b""
        self.count = 0
        self.ended = False

    async def read(self, connection: socket.socket, size: int = _READ_BYTES) -> None:
        """Reads until the answer is whole or the server has closed."""
        while not self.ended and not self.whole:
            await self.read_some(connection, size)

    async def read_some(self, connection: socket.socket, size: int) -> None:
        """Reads once, at most so many bytes."""
        try:
            some = await asyncio.get_running_loop().sock_recv(connection, size)
        except OSError:
            some = b""
        self.ended = not some
        self.count += len(some)
        self.tail = (self.tail + some)[-5:]
        if len(self.kept) < _KEPT_BYTES:
            self.kept += some

    @property
    def status(self) -> int:
        """The HTTP status; 0 when there is none."""
        words = self.kept[:16].split()
        return int(words[1]) if len(words) > 1 and words[1].isdigit() and len(words[1]) == 3 else 0

    @property
    def whole(self) -> bool:
        """Whether head and body are there to their end."""
        end = self.kept.find(b"\r\n\r\n")
        if end < 0:
            return False
        headers = {
            name.strip().lower(): value.strip().lower()
            for name, _, value in (line.partition(b":") for line in bytes(self.kept[:end]).split(b"\r\n")[1:])
        }
        if b"chunked" in headers.get(b"transfer-encoding", b""):
            return self.tail == b"0\r\n\r\n"
        if b"content-length" in headers:
            return self.count - end - 4 >= int(headers[b"content-length"])
        return self.ended

    def outcome(self, seconds: float) -> Outcome:
        """How the exchange ended, when there is nothing more to read."""
        if not self.status:
            return Outcome(Ending.CLOSED, 0, "", seconds)
        return Outcome(Ending.ANSWERED if self.whole else Ending.CUT, self.status, self._reason(), seconds)

    def _reason(self) -> str:
        """The budget that a problem names, or its title."""
        try:
            problem = json.loads(self.kept[self.kept.index(b"{") : self.kept.rindex(b"}") + 1])
            return str(problem.get("budget") or problem.get("title") or "")
        except ValueError:
            return ""
