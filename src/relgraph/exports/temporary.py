"""What memory would not hold: databases and files without a name, which are gone when the process ends, however it does."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from types import TracebackType
from typing import IO, Any, BinaryIO, Final, Self

#: KiB of a database that are held in memory, and as many again while rows are put in order.
_CACHE: Final = 16_384


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """An empty database of SQLite, in a transaction that nobody ends: it goes with the connection.

    SQLite holds in a file what exceeds its cache (sqlite.org/tempfiles.html, section 2.7).
    """
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        connection.execute("BEGIN")
        yield connection


class File:
    """A file with some bytes, which several may read at once. To be closed, as by `with`.

    parts: the bytes, piece by piece. Raises OSError where there is no room for them.
    """

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close
        try:
            self._file.writelines(parts)
            self._file.flush()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file; nothing may be read then."""
        self._file.close()

    def open(self) -> BinaryIO:
        """The file from its beginning, to be closed by who opens it."""
        return BufferedReader(_Reader(self._file))


class _Reader(RawIOBase):
    """Reads a file at a place of its own, as long as the file is open: its descriptor may be another file's afterwards."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        start = {SEEK_SET: 0, SEEK_CUR: self._place}.get(whence)
        self._place = (os.fstat(self._file.fileno()).st_size if whence == SEEK_END else start or 0) + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        data = os.pread(self._file.fileno(), len(buffer), self._place)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)
