"""Lines of dataset.nq by how they begin. The file is sorted, so it is its own index, and a look-up costs the same in any size."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from io import SEEK_END
from typing import BinaryIO, Final

#: Bytes of a block, and blocks that are kept at hand.
_BLOCK: Final = 1 << 15
_BLOCKS: Final = 64
#: First lines of blocks that are kept at hand, a few hundred bytes each.
_HEADS: Final = 16_384


class Seeking:
    """A file of lines, sorted bytewise, in which one can seek; it is read in blocks. Who opened the file closes it, and says
    `forget` when nothing more is asked."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._count = file.seek(0, SEEK_END) // _BLOCK + 1
        self._head = lru_cache(maxsize=_HEADS)(self._read_head)
        self._block = lru_cache(maxsize=_BLOCKS)(self._read_block)

    def forget(self) -> None:
        """Lets go of what is kept at hand."""
        self._head.cache_clear()
        self._block.cache_clear()

    def starting(self, start: bytes) -> Iterator[bytes]:
        """The lines that begin with some bytes, in their order."""
        number, after = 0, self._count
        while after - number > 1:
            middle = (number + after) // 2
            head = self._head(middle)
            if head and head < start:
                number = middle
            else:
                after = middle
        while True:
            text = self._block(number)
            place = 0 if text.startswith(start) else text.find(b"\n" + start) + 1
            while text.startswith(start, place):
                end = text.find(b"\n", place) + 1 or len(text)
                yield text[place:end]
                place = end
            number += 1
            if number >= self._count or not self._head(number).startswith(start):
                return

    def _read_head(self, number: int) -> bytes:
        """The first line that begins in a block, or behind it where none does; empty where the file has no more."""
        self._first(number)
        return self._file.readline()

    def _read_block(self, number: int) -> bytes:
        """The lines that begin in a block, whole."""
        length = (number + 1) * _BLOCK - self._first(number)
        if length <= 0:
            return b""
        text = self._file.read(length)
        return text if text.endswith(b"\n") else text + self._file.readline()

    def _first(self, number: int) -> int:
        """Goes to the place of the first line that begins in a block or behind it."""
        if not number:
            return self._file.seek(0)
        before = self._file.seek(number * _BLOCK - 1)
        return before + len(self._file.readline())
