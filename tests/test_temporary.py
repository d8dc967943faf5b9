"""What exports put aside is let go of, where they fail too."""

from __future__ import annotations

import errno
import sqlite3
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from relgraph.errors import RoomError
from relgraph.exports import Selection, selected, temporary
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, INFERRED, PROVENANCE, REPORTED, data

LONG = b"a line that is longer than a buffer" * 4096


class Full:
    """A file on a disk that is full when some of it is written."""

    def writelines(self, lines: Iterable[bytes]) -> None:
        next(iter(lines))
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        pass


@pytest.mark.parametrize("fails", [0, 1])
def test_a_full_disk_leaves_no_database_open(fails: int, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even while its error is held, which may be by another thread, where SQLite closes nothing. The file that cannot be
    written is that of what is chosen, or the one with what follows from it."""
    opened: list[sqlite3.Connection] = []
    connect, file, files = sqlite3.connect, tempfile.TemporaryFile, [None] * fails

    def noted(*given: Any, **named: Any) -> sqlite3.Connection:
        opened.append(connect(*given, **named))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: file() if files and files.pop() is None else Full())
    selection = Selection(documents=(data("document/001"),), graphs=(ASSERTED, PROVENANCE, REPORTED, INFERRED))
    with pytest.raises(RoomError) as held, selected(release, selection):
        pass
    assert ("No space left" in str(held.value), len(opened)) == (True, 1 + fails)
    for database in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            database.execute("SELECT 1")


def test_who_reads_on_when_a_file_is_let_go_reads_nothing_else(tmp_path: Path) -> None:
    """Its descriptor may be another file's by then."""
    with temporary.File([LONG]) as file:
        reader = file.open()
        assert reader.read(9) == LONG[:9]
    (tmp_path / "other").write_bytes(b"another" * len(LONG))
    with (tmp_path / "other").open("rb"), pytest.raises(ValueError, match="closed"):
        reader.read()
