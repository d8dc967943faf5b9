"""The time of an endpoint is that of a whole answer: a server that sends a little now and then has no more of it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

import relgraph
from relgraph.errors import EndpointError
from standin import TYPE, Endpoint, answer, serving

#: Seconds that an endpoint is given, seconds between two drops, and how many drops: those of them all are far too many.
TIMEOUT, PAUSE, DROPS = 0.4, 0.1, 200

Drip = Callable[[BaseHTTPRequestHandler, Callable[[bytes], None]], None]


def status_line(handler: BaseHTTPRequestHandler, drip: Callable[[bytes], None]) -> None:
    drip(b"HTTP/1.1 200 " + b"O" * DROPS)


def header(handler: BaseHTTPRequestHandler, drip: Callable[[bytes], None]) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    drip(b"a" * DROPS)


def body(handler: BaseHTTPRequestHandler, drip: Callable[[bytes], None]) -> None:
    answer(handler, b"")
    drip(b" " * DROPS)


def chunk_size(handler: BaseHTTPRequestHandler, drip: Callable[[bytes], None]) -> None:
    handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Type: {TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n1;".encode())
    drip(b"a" * DROPS)


def nothing_packed(handler: BaseHTTPRequestHandler, drip: Callable[[bytes], None]) -> None:
    """A packed body whose bytes unpack to nothing: a long name of a file in its head."""
    answer(handler, gzip.compress(b"")[:3] + b"\x08" + gzip.compress(b"")[4:10], Content_Encoding="gzip")
    drip(b"n" * DROPS)


@pytest.fixture(scope="module")
def other() -> Iterator[Endpoint]:
    with serving(Endpoint()) as running:
        yield running


@pytest.mark.parametrize("way", [status_line, header, body, chunk_size, nothing_packed])
def test_a_server_that_drips_is_given_up(way: Drip, other: Endpoint) -> None:
    gone, drops = threading.Event(), 0

    def reply(handler: BaseHTTPRequestHandler) -> None:
        def drip(content: bytes) -> None:
            nonlocal drops
            for byte in content:
                handler.wfile.write(bytes([byte]))
                drops += 1
                if gone.wait(PAUSE):
                    return

        way(handler, drip)

    other.reply = reply
    with relgraph.open(f"{other.origin}/sparql", timeout=TIMEOUT) as ds:
        with pytest.raises(EndpointError, match=r"has not answered within 0\.4 s") as caught:
            ds.query("ASK {}")
        gone.set()
        assert caught.value.timeout
        assert drops < DROPS / 2
        other.reply = lambda handler: answer(handler, b'{"head":{},"boolean":true}')
        assert ds.ask("ASK {}")


def test_the_time_is_that_of_one_answer(other: Endpoint) -> None:
    """Answers that together take longer than one may."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        threading.Event().wait(TIMEOUT * 0.6)
        answer(handler, b'{"head":{},"boolean":true}')

    other.reply = reply
    with relgraph.open(f"{other.origin}/sparql", timeout=TIMEOUT) as ds:
        assert [ds.ask("ASK {}") for _ in range(3)] == [True] * 3
