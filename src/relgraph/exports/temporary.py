"""Temporary databases: what an export has to know of a whole release, in bounded memory.

SQLite puts rows in order, and holds in a file what exceeds its cache; the file has no name, and is gone when the process ends,
however it does (sqlite.org/tempfiles.html, section 2.7).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

#: KiB of a database that are held in memory, and as many again while rows are put in order.
_CACHE: Final = 16_384


@contextmanager
def temporary() -> Iterator[sqlite3.Connection]:
    """An empty database, in a transaction that nobody ends: it goes with the connection."""
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute(f"PRAGMA cache_size = -{_CACHE}")
        database.execute("BEGIN")
        yield database
