"""What the server and its workers say to each other: frames of a kind, a JSON object and bytes, over one socket.

A frame is a header (kind, length of the JSON, length of the bytes; big-endian) and the two parts.

| kind | direction | JSON | bytes |
|---|---|---|---|
| SETUP | to the worker, once | where the data are, and the limits | – |
| READY | from the worker, once | how it is isolated | – |
| JOB | to the worker | what to answer | – |
| ANSWER | from the worker | media type, rows | the whole answer |
| HEAD | from the worker | media type | the beginning of an answer |
| DATA | from the worker | – | the next part |
| END | from the worker | rows | the last part |
| ERROR | from the worker | kind and detail | – |
| FETCH | from the worker | the address and query of a SERVICE clause; or the id of a document whose text it needs | – |
| FETCHED | to the worker | what went wrong, if anything | the answer of the other server; the text in UTF-8 |
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any, NamedTuple

_HEADER = struct.Struct(">BII")
#: Bytes that a frame can hold.
MOST = 2**32 - 1
#: Bytes that are read at a time.
_PIECE = 1024 * 1024


class Kind(IntEnum):
    """The kind of a frame."""

    SETUP = 1
    READY = 2
    JOB = 3
    ANSWER = 4
    HEAD = 5
    DATA = 6
    END = 7
    ERROR = 8
    FETCH = 9
    FETCHED = 10


class Frame(NamedTuple):
    """A frame that has come in."""

    kind: Kind
    meta: Mapping[str, Any]
    data: bytes


def packed(kind: Kind, meta: Mapping[str, Any] | None = None, data: bytes = b"") -> bytes:
    """The bytes of a frame."""
    text = json.dumps(meta).encode() if meta else b""
    return b"".join((_HEADER.pack(kind, len(text), len(data)), text, data))


class Unpacker:
    """Takes bytes as they come and gives the frames that are complete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with these bytes."""
        self._buffer += data
        while len(self._buffer) >= _HEADER.size:
            kind, text, rest = _HEADER.unpack_from(self._buffer)
            size = _HEADER.size + text + rest
            if len(self._buffer) < size:
                return
            meta = json.loads(self._buffer[_HEADER.size : _HEADER.size + text]) if text else {}
            frame = Frame(Kind(kind), meta, bytes(self._buffer[_HEADER.size + text : size]))
            del self._buffer[:size]
            yield frame


class Channel:
    """The worker's end: reads and writes that wait. Writing waits while the server takes nothing: that is back pressure."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send(self, kind: Kind, meta: Mapping[str, Any] | None = None, data: bytes = b"") -> None:
        """Sends a frame."""
        self._end.sendall(packed(kind, meta, data))

    def receive(self) -> Frame | None:
        """The next frame; None when the server has closed its end, be it in the middle of a frame."""
        header = self._exactly(_HEADER.size)
        if header is None:
            return None
        kind, text, rest = _HEADER.unpack(header)
        meta, data = self._exactly(text), self._exactly(rest)
        if meta is None or data is None:
            return None
        return Frame(Kind(kind), json.loads(meta) if meta else {}, data)

    def _exactly(self, size: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < size:
            part = self._end.recv(min(_PIECE, size - len(parts)))
            if not part:
                return None
            parts += part
        return bytes(parts)
