"""Room for temporary files of exports."""

from __future__ import annotations

import errno
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from relgraph.errors import RoomError

_REMEDY: Final = "Make room there, or set TMPDIR to another folder"
#: What a folder says that takes no more, or nothing; all else is no matter of room.
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)


@contextmanager
def room(what: str) -> Iterator[None]:
    """Tells of temporary files that cannot be written: they are not the file that somebody asked for.

    what: what needs them, as the beginning of a sentence. Raises RoomError for a folder that cannot be written to, or is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        where = tempfile.tempdir or "TMPDIR"  # None where Python has found no folder at all
        raise RoomError(f"{what} needs room for temporary files in {where}: {error.strerror}. {_REMEDY}") from error
    except sqlite3.OperationalError as error:  # its folder is another (sqlite.org/tempfiles.html, section 5)
        where = "SQLITE_TMPDIR, TMPDIR, or without them /var/tmp"
        raise RoomError(f"{what} needs room for temporary files in {where}: {error}. {_REMEDY}") from error
