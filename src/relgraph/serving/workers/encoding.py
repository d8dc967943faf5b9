"""Content codings of answers: gzip and Zstandard, in pieces as they are written (RFC 9110 section 8.4.1, RFC 8878)."""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard

#: By preference; what is not coded is "identity".
CODINGS = ("zstd", "gzip")
#: Bytes below which coding an answer does not pay.
WORTHWHILE = 1024
_GZIP_LEVEL, _GZIP_WINDOW = 5, 31
_ZSTD_LEVEL = 3


class Encoder(Protocol):
    """Takes the pieces of an answer and gives their coded form, each piece readable as soon as it arrives."""

    def piece(self, data: bytes) -> bytes:
        """The coded form of a piece that others follow."""

    def last(self, data: bytes) -> bytes:
        """The coded form of the last piece."""


class _Identity:
    def piece(self, data: bytes) -> bytes:
        return data

    def last(self, data: bytes) -> bytes:
        return data


class _Gzip:
    def __init__(self) -> None:
        self._coder = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)

    def piece(self, data: bytes) -> bytes:
        return self._coder.compress(data) + self._coder.flush(zlib.Z_SYNC_FLUSH)

    def last(self, data: bytes) -> bytes:
        return self._coder.compress(data) + self._coder.flush()


class _Zstandard:
    def __init__(self) -> None:
        self._coder = zstandard.ZstdCompressor(_ZSTD_LEVEL).compressobj()

    def piece(self, data: bytes) -> bytes:
        return self._coder.compress(data) + self._coder.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def last(self, data: bytes) -> bytes:
        return self._coder.compress(data) + self._coder.flush()


def encoder(coding: str | None) -> Encoder:
    """An encoder for one of CODINGS, or one that changes nothing."""
    if coding == "gzip":
        return _Gzip()
    return _Zstandard() if coding == "zstd" else _Identity()
