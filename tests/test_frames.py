"""Frames between the server and its workers: what goes in comes out, however the bytes are cut on their way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.serving.workers.frames import Channel, Frame, Kind, Unpacker, packed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FRAMES = st.lists(st.builds(Frame, st.sampled_from(Kind), st.dictionaries(st.text(), JSON, max_size=3), st.binary()), max_size=5)
CUTS = st.lists(st.integers(min_value=0))


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data cut at arbitrary places; pieces may be empty."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The two ends of a socket, for the server and for the worker."""
    server, worker = socket.socketpair()
    with server, worker:
        yield server, worker


@given(FRAMES, CUTS)
def test_frames_come_out_as_they_went_in(frames: list[Frame], cuts: list[int]) -> None:
    data = b"".join(packed(*frame) for frame in frames)
    unpacker = Unpacker()
    assert [frame for piece in pieces(data, cuts) for frame in unpacker.feed(piece)] == frames


@given(FRAMES)
def test_byte_by_byte_they_come_out_too(frames: list[Frame]) -> None:
    unpacker = Unpacker()
    data = b"".join(packed(*frame) for frame in frames)
    assert [frame for byte in data for frame in unpacker.feed(bytes([byte]))] == frames


@given(st.dictionaries(st.text(), JSON, max_size=3), st.binary())
def test_a_frame_comes_out_with_its_last_byte_and_not_before(meta: dict[str, Any], rest: bytes) -> None:
    unpacker = Unpacker()
    data = packed(Kind.DATA, meta, rest)
    assert list(unpacker.feed(data[:-1])) == []
    assert list(unpacker.feed(data[-1:])) == [Frame(Kind.DATA, meta, rest)]


def test_a_frame_may_be_a_kind_alone() -> None:
    assert list(Unpacker().feed(packed(Kind.END))) == [Frame(Kind.END, {}, b"")]


def test_a_frame_of_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="99"):
        list(Unpacker().feed(bytes([99]) + packed(Kind.END)[1:]))


def test_both_ends_understand_each_other(ends: tuple[socket.socket, socket.socket]) -> None:
    server, worker = map(Channel, ends)
    server.send(Kind.JOB, {"query": "ASK {} # «да»"})
    server.send(Kind.FETCHED, None, b"\0\xff")
    worker.send(Kind.ANSWER, {"rows": 1}, b"yes")
    assert worker.receive() == Frame(Kind.JOB, {"query": "ASK {} # «да»"}, b"")
    assert worker.receive() == Frame(Kind.FETCHED, {}, b"\0\xff")
    assert server.receive() == Frame(Kind.ANSWER, {"rows": 1}, b"yes")


def test_what_a_channel_sends_an_unpacker_reads(ends: tuple[socket.socket, socket.socket]) -> None:
    server, worker = ends
    Channel(worker).send(Kind.HEAD, {"type": "text/csv"}, b"a,b")
    assert list(Unpacker().feed(server.recv(1000))) == [Frame(Kind.HEAD, {"type": "text/csv"}, b"a,b")]


def test_after_the_last_frame_a_closed_end_is_none(ends: tuple[socket.socket, socket.socket]) -> None:
    server, worker = ends
    Channel(server).send(Kind.JOB, {"task": "query"})
    server.close()
    channel = Channel(worker)
    assert channel.receive() == Frame(Kind.JOB, {"task": "query"}, b"")
    assert channel.receive() is None


def test_a_frame_larger_than_the_socket_holds_arrives_whole(ends: tuple[socket.socket, socket.socket]) -> None:
    server, worker = ends
    data = bytes(range(256)) * 20_000
    sending = threading.Thread(target=Channel(worker).send, args=(Kind.ANSWER, {"rows": 7}, data))
    sending.start()
    assert Channel(server).receive() == Frame(Kind.ANSWER, {"rows": 7}, data)
    sending.join()


def test_sending_waits_while_the_other_end_takes_nothing(ends: tuple[socket.socket, socket.socket]) -> None:
    server, worker = ends
    worker.setblocking(False)
    with pytest.raises(BlockingIOError):
        Channel(worker).send(Kind.DATA, None, bytes(50_000_000))
    assert server.recv(1)


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=5))
def test_frames_cut_by_the_socket_are_put_together(parts: list[bytes]) -> None:
    server, worker = socket.socketpair()
    with server, worker:
        frames = [Frame(Kind.DATA, {"part": number}, part) for number, part in enumerate(parts)]
        data = b"".join(packed(*frame) for frame in frames)

        def trickle() -> None:
            for byte in data:
                server.sendall(bytes([byte]))

        sending = threading.Thread(target=trickle)
        sending.start()
        channel = Channel(worker)
        assert [channel.receive() for _ in parts] == frames
        sending.join()


@pytest.mark.parametrize("kept", [3, 12, -1], ids=["in the header", "in the JSON", "in the data"])
def test_a_frame_that_is_cut_off_is_none(kept: int) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(packed(Kind.FETCHED, {"ok": 1}, b"data")[:kept])
        ours.close()
        assert Channel(theirs).receive() is None
