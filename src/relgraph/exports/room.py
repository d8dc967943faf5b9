"""Room for temporary files of exports."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from relgraph.errors import UsageError

_REMEDY = "Make room there, or set TMPDIR to another folder"


@contextmanager
def room(what: str) -> Iterator[None]:
    """Tells of temporary files that cannot be written: they are not the file that somebody asked for.

    what: what needs them, as the beginning of a sentence. Raises UsageError for the errors of files and of SQLite.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{what} needs room for temporary files in {tempfile.gettempdir()}: {reason}. {_REMEDY}") from error
    except sqlite3.Error as error:  # its folder is another where TMPDIR is not set (sqlite.org/tempfiles.html, section 5)
        where = "TMPDIR, or without it /var/tmp"
        raise UsageError(f"{what} needs room for temporary files in {where}: {error}. {_REMEDY}") from error
