"""A connection that is bounded: the head of a request in bytes, its arrival in seconds, their number.

uvicorn leaves these to a proxy in front. Here each limit is answered with a status and a problem, and then the
connection is closed: 408, 414, 431, 503. What HTTP itself asks for and uvicorn does not do is done here too.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from typing import cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from relgraph.serving.envelope import identified
from relgraph.serving.http.problems import Problem
from relgraph.serving.settings import Settings

#: Seconds in which a client must take what has been sent before its connection is cut.
_FLUSH = 5.0
#: Bytes around each byte of a body in chunks of one byte (RFC 9112, section 7.1), and some to spare.
_FRAMING = 8
#: Requests that may wait on a connection for the answer to an earlier one.
_PIPELINED = 16
#: An offer of another protocol, which is never taken; httptools would leave the body unread (as Java's client sends it).
_UPGRADE = re.compile(rb"\r\nUpgrade(?=[ \t]*:)", re.IGNORECASE)


class _RefusedError(Exception):
    """Ends the reading of a request; the problem is the answer."""


def bounded(settings: Settings) -> type[HttpToolsProtocol]:
    """The protocol class of a server with these settings."""
    peers: Counter[str] = Counter()
    # behind proxies every connection comes from one of them
    each = settings.max_connections if settings.trusted_hops else max(1, settings.max_connections // 2)

    class Bounded(HttpToolsProtocol):
        """One connection."""

        _peer = ""
        _refusal: Problem | None = None
        #: What ends the connection after the answer that is under way.
        _last: Problem | None = None
        _timer: asyncio.TimerHandle | None = None
        #: A request has begun and has not arrived whole; what comes is the head of one.
        _arriving, _in_head = False, True
        #: The request that is being answered; uvicorn's `cycle` is the one that came last.
        _answered: RequestResponseCycle | None = None
        #: Bytes of that request, of its header fields, and of its body.
        _bytes = _fields = _body = 0

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
            super().connection_made(cast("asyncio.Transport", _Gathering(transport, self.loop)))
            self._peer = self.client[0] if self.client else ""
            peers[self._peer] += 1
            if len(self.connections) > settings.max_connections or peers[self._peer] > each:
                self._end(Problem(503, "Service Unavailable", "there are too many connections", "connections", 1.0))
            else:
                self._expect()

        def connection_lost(self, exc: Exception | None) -> None:
            self._arrived()
            peers[self._peer] -= 1
            if not peers[self._peer]:
                del peers[self._peer]
            for cycle in (self._answered, *(cycle for cycle, _ in self.pipeline)):
                if cycle is not None and not cycle.response_complete:
                    cycle.disconnected = True
                    cycle.message_event.set()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self.transport.is_closing():
                return
            if self._in_head and _UPGRADE.search(data):
                head, end, body = data.partition(b"\r\n\r\n")
                data = _UPGRADE.sub(b"\r\nRelgraph-No-Upgrade", head) + end + body
            self._bytes += len(data)
            super().data_received(data)
            if self.transport.is_closing() or self.parser is None:
                return
            if not self._arriving:
                self._bytes = 0
                if self._timer is None and self.timeout_keep_alive_task is None and self._is_idle():
                    # line ends before a request have stopped the timer of an idle connection
                    self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
            elif self._bytes - self._body * (1 + _FRAMING) > settings.max_url + settings.max_headers:
                self._end(_too_large(settings))

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._arriving = True
            self._fields = self._body = 0
            self._expect()
            self.scope["state"] |= {"hang_up": self._hang_up, "until_close": self._until_close}

        def on_url(self, url: bytes) -> None:
            super().on_url(url)
            if len(self.url) > settings.max_url:
                detail = f"the address has more than {settings.max_url} bytes. POST long queries"
                self._refuse(Problem(414, "URI Too Long", detail))

        def on_header(self, name: bytes, value: bytes) -> None:
            self._fields += len(name) + len(value) + 4
            if self._fields > settings.max_headers:
                self._refuse(_too_large(settings))
            super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._in_head = False
            if len(self.pipeline) >= _PIPELINED:
                self._refuse(Problem(429, "Too Many Requests", "there are too many requests on this connection", None, 1.0))
            hosts = sum(name == b"host" for name, _ in self.headers)
            if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
                self._refuse(Problem(400, "Bad Request", f"there must be one Host header, not {hosts}"))  # RFC 9112, 3.2
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._body += len(body)
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._arriving, self._in_head = False, True
            self._arrived()
            super().on_message_complete()

        def on_response_complete(self) -> None:
            if self._last:
                self.pipeline.clear()
                self._say(self._last)
                self._close()
            else:
                super().on_response_complete()

        def send_400_response(self, msg: str) -> None:
            self._end(self._refusal or Problem(400, "Bad Request", "this is no HTTP request that can be read"))

        def timeout_keep_alive_handler(self) -> None:
            if not self.transport.is_closing():
                self._close()  # also where the client has not taken the last answer yet

        def _is_idle(self) -> bool:
            return self._answered is None or self._answered.response_complete

        def _refuse(self, problem: Problem) -> None:
            self._refusal = problem
            raise _RefusedError  # the parser stops and uvicorn answers through send_400_response

        def _end(self, problem: Problem) -> None:
            """Ends the connection with a problem; an answer that is under way to an earlier request comes first, alone."""
            self._arrived()
            under_way = None if self._is_idle() else self._answered
            if under_way and not under_way.more_body:
                self._last = problem
                self.transport.pause_reading()
                return
            if not under_way or not under_way.response_started:
                self._say(problem)
            if under_way:
                under_way.disconnected = True
                under_way.message_event.set()
            self._close()

        def _say(self, problem: Problem) -> None:
            headers = (*self.server_state.default_headers, *problem.headers, *identified(), (b"connection", b"close"))
            lines = [name + b": " + value for name, value in headers]
            self.transport.write(STATUS_LINE[problem.status] + b"\r\n".join([*lines, b"", problem.body]))

        def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
            self._answered = cycle
            super()._start_asgi_task(cycle, app)

        def _expect(self) -> None:
            """A request must have arrived whole before the timer runs out."""
            self._arrived()
            self._timer = self.loop.call_later(settings.receive_timeout, self._too_slow)

        def _arrived(self) -> None:
            if self._timer:
                self._timer.cancel()
                self._timer = None

        def _too_slow(self) -> None:
            self._timer = None
            if self.pipeline:
                self._expect()  # nothing is read from it while an earlier request is answered
            elif not self.transport.is_closing():
                detail = f"the request did not arrive within {settings.receive_timeout:g} s"
                self._end(Problem(408, "Request Timeout", detail))

        def _hang_up(self, reset: bool = False) -> None:
            """Closes the connection with the response unfinished; with a reset where nothing else would show that."""
            if self._answered is not None:
                self._answered.disconnected = True
            if reset:
                self.transport.abort()
            else:
                self._close()

        def _until_close(self) -> None:
            """The response ends with the connection: HTTP/1.0 knows no chunks (RFC 9112, section 6.1)."""
            if self._answered is not None:
                self._answered.chunked_encoding = False
                self._answered.expected_content_length = sys.maxsize

        def _close(self) -> None:
            self.transport.close()
            self.loop.call_later(_FLUSH, self.transport.abort)

    return Bounded


class _Gathering:
    """A transport that gathers what is written in one turn of the loop: uvicorn writes the head of a response and its
    body one after the other, and two system calls take nearly twice the time of one."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._gathered: list[bytes] = []
        self.get_extra_info = transport.get_extra_info
        self.is_closing = transport.is_closing
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def write(self, data: bytes) -> None:
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._gathered.clear()
        self._transport.abort()

    def _flush(self) -> None:
        if self._gathered:
            data = self._gathered[0] if len(self._gathered) == 1 else b"".join(self._gathered)
            self._gathered.clear()
            self._transport.write(data)


def _too_large(settings: Settings) -> Problem:
    return Problem(431, "Request Header Fields Too Large", f"the headers have more than {settings.max_headers} bytes")
