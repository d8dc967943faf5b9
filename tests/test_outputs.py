"""Files that are written whole or not at all: who may read them, when they take their places, and what is left behind."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest

from relgraph.errors import UsageError
from relgraph.outputs import replacing, replacing_all


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_a_folder_that_takes_no_files_is_not_said_to_be_missing(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match=r"cannot write /proc/x\.ttl: no file can be made in /proc"),
        replacing(Path("/proc/x.ttl")),
    ):
        pass
    with pytest.raises(UsageError, match="there is no folder"), replacing(tmp_path / "none" / "x.ttl"):
        pass


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def break_off(out: BinaryIO) -> None:
    out.write(b"half")
    raise RuntimeError


def write_all(paths: list[Path]) -> None:
    with replacing_all(paths) as files:
        for file in files:
            file.write(b"after")


@pytest.mark.parametrize("before", [0o600, 0o640, 0o644, 0o666, 0o755, 0o444])
def test_a_file_that_is_replaced_keeps_its_mode(before: int, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"before")
    file.chmod(before)
    with replacing(file) as out:
        out.write(b"after")
        assert all(mode(each) & ~before == 0 for each in tmp_path.iterdir())  # nobody else may read it meanwhile
    assert (file.read_bytes(), mode(file)) == (b"after", before)


def test_a_new_file_has_the_mode_that_new_files_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plain").touch()

    def forbidden(mask: int) -> int:
        raise AssertionError("the mask is that of all threads")

    monkeypatch.setattr(os, "umask", forbidden)
    with replacing(tmp_path / "new") as out:
        out.write(b"x")
    assert mode(tmp_path / "new") == mode(tmp_path / "plain")


def test_what_was_written_is_on_the_disk_before_it_has_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    replace = Path.replace

    def replaced(self: Path, target: Path) -> Path:
        happened.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", lambda number: happened.append("written"))
    monkeypatch.setattr(Path, "replace", replaced)
    with replacing(tmp_path / "x") as out:
        out.write(b"x")
    assert happened == ["written", "x"]


def test_a_name_may_be_as_long_as_names_can_be(tmp_path: Path) -> None:
    file = tmp_path / ("я" * 127)
    with replacing(file) as out:
        out.write(b"x")
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_of_several_files_none_takes_its_place_before_all_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in "abc"]
    paths[0].write_bytes(b"before")
    sync, count = os.fsync, iter(range(9))

    def full(number: int) -> None:
        if next(count) == 2:
            raise OSError(28, "No space left on device")
        sync(number)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match=r"cannot write .*: No space left"):
        write_all(paths)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"before")]
    write_all(paths)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == dict.fromkeys("abc", b"after")


def test_a_place_that_cannot_be_is_said_before_anything_is_written(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "none" / "b"]
    with pytest.raises(UsageError, match="there is no folder"), replacing_all(paths):
        raise AssertionError("not reached")
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="there is no memory file system here")
def test_a_file_in_memory_is_a_file_and_no_device() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        file = Path(folder) / "x"
        file.write_bytes(b"before")
        with pytest.raises(RuntimeError), replacing(file) as out:
            break_off(out)
        assert file.read_bytes() == b"before"
