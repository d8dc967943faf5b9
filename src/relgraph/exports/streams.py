"""A binary file for whatever takes bytes: what writes an export may need more of a file than to write to it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

#: Bytes that are handed over at once.
_BLOCK: Final = 1 << 16


@contextmanager
def stream(take: Callable[[bytes], object]) -> Iterator[BinaryIO]:
    """A file that cannot be sought in; take: is given what is written to it, about 64 KiB at a time, and may raise."""
    raw = _Raw(take)
    out = io.BufferedWriter(raw, _BLOCK)
    try:
        yield out
        out.flush()
    finally:
        raw.forget()  # what an error left in the buffer goes nowhere
        out.close()


class _Raw(io.RawIOBase):
    def __init__(self, take: Callable[[bytes], object]) -> None:
        super().__init__()
        self._take: Callable[[bytes], object] | None = take
        self._place = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self._take:
            self._take(bytes(data))
        self._place += len(data)
        return len(data)

    def tell(self) -> int:
        return self._place

    def forget(self) -> None:
        self._take = None
