"""The SHA-256 of files, beside the event loop: each file is read once, as long as it stays as it is."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from typing import BinaryIO, Final, NamedTuple
from weakref import WeakValueDictionary

#: Bytes that are read at a time.
_BLOCK: Final = 1 << 22
#: Files whose hash is remembered.
_MOST: Final = 4096


class State(NamedTuple):
    """What the system says of a file; another where it has been replaced or written to, the same where it has been removed.

    size: in bytes; written: when it was written to last, in ns.
    """

    device: int
    inode: int
    size: int
    written: int


def state(file: BinaryIO) -> State:
    """The state of an open file."""
    found = os.fstat(file.fileno())
    return State(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


class Hashes:
    """The hashes of files that have been read.

    All files that are read at once share one thread, by blocks, so that a small one does not wait for the end of a large one.
    """

    def __init__(self) -> None:
        self._known: dict[State, str] = {}
        self._thread = asyncio.Lock()
        #: One for each file that is being read: whoever else waits for it finds its hash.
        self._readers: WeakValueDictionary[State, asyncio.Lock] = WeakValueDictionary()

    async def of(self, file: BinaryIO, is_wanted: Callable[[], bool] = lambda: True) -> str:
        """The SHA-256 (hex) of an open file, which is at its start then; empty where nobody wants it any more, or somebody writes
        to the file. Raises OSError for a file that cannot be read."""
        seen = state(file)
        async with self._readers.setdefault(seen, asyncio.Lock()):
            if seen not in self._known:
                digest = hashlib.sha256()

                def add() -> bool:
                    block = file.read(_BLOCK)
                    digest.update(block)
                    return bool(block)

                more = True
                while more:
                    if not is_wanted():
                        return ""
                    async with self._thread:
                        more = await asyncio.to_thread(add)
                file.seek(0)
                if state(file) != seen:
                    return ""
                while len(self._known) >= _MOST:
                    del self._known[next(iter(self._known))]
                self._known[seen] = digest.hexdigest()
            return self._known[seen]
