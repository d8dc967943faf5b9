"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from relgraph.errors import UsageError

#: So many characters of a file's name are in the name that it has until then: names are no longer than 255 bytes.
_SHOWN: Final = 60
#: The files that are being written, under the names that they have until then.
_unfinished: set[Path] = set()


def discard() -> None:
    """Removes what is being written, for a process that ends at once."""
    for aside in list(_unfinished):
        aside.unlink(missing_ok=True)


def refuse_inputs(outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Raises UsageError when an output is the same file as an input, also through a link.

    outputs, inputs: files, whether there or not; what is not a regular file (a terminal, a pipe) is never refused.
    """
    wanted = list(outputs)
    if not wanted:
        return
    read = {_identity(path): path for path in inputs}
    for path in wanted:
        same = read.get(_identity(path))
        if same is not None and (path.is_file() or not path.exists()):
            also = "" if same == path else f" (it is {same})"
            raise UsageError(f"{path} is read{also}: what is written would take its place. Choose another file")


def _identity(path: Path) -> object:
    """What two names of one file have in common: its number in the file system or, where there is none yet, its path."""
    try:
        stat = path.stat()
    except OSError:
        return path.resolve()
    return (stat.st_dev, stat.st_ino)


def is_device(path: Path) -> bool:
    """Whether a path leads to what is written to and not replaced: a device, a pipe, an open file such as /dev/stdout; files in
    /dev/shm are files."""
    absolute = path.absolute()
    is_open = absolute.parts[1:2] in (("dev",), ("proc",)) and absolute.parts[1:3] != ("dev", "shm")
    return absolute.exists() and (not absolute.is_file() or is_open)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of the one at the path once everything has been written.

    If writing fails, what stood there stays. The new file may be read and written by those who might the old one. A device is
    written to as it is, and a link stays and leads to the new file.
    Raises UsageError where the folder cannot be written to.
    """
    with replacing_all([path]) as files:
        yield files[0]


@contextmanager
def replacing_all(paths: Sequence[Path]) -> Iterator[list[BinaryIO]]:
    """Files to write to, as of `replacing`: none takes its place before all of them have been written.

    paths: of one folder, in the order in which the files take their places, one right after the other.
    """
    begun: list[_Begun] = []
    try:
        for path in paths:
            begun.append(_begun(path))
        yield [each.file for each in begun]
        for each in begun:
            each.finish()
        for each in begun:
            if each.aside:
                each.aside.replace(each.path)
    except OSError as error:
        where = paths[0] if len(paths) == 1 else paths[0].parent
        raise UsageError(f"cannot write {where}: {error.strerror}. Choose another place") from error
    finally:
        for each in begun:
            each.leave()


@dataclass(frozen=True)
class _Begun:
    """A file that is being written: where it belongs, and the name that it has until then; a device has none."""

    file: BinaryIO
    path: Path
    aside: Path | None

    def finish(self) -> None:
        """Has everything written down: a name never leads to less, whatever becomes of the machine."""
        self.file.flush()
        if self.aside:
            os.fsync(self.file.fileno())
        self.file.close()

    def leave(self) -> None:
        """Closes the file, and removes it where it is still aside."""
        with suppress(OSError):  # has been told when it happened first
            self.file.close()
        if self.aside:
            self.aside.unlink(missing_ok=True)
            _unfinished.discard(self.aside)


def _begun(path: Path) -> _Begun:
    """Begins to write a file. Raises UsageError."""
    try:
        if is_device(path):
            return _Begun(path.open("wb"), path, None)
        path = path.resolve() if path.is_symlink() else path
        handle, aside = _aside(path)
    except FileNotFoundError as error:
        if path.parent.is_dir():  # of a file system that makes its files itself, as /proc
            raise UsageError(f"cannot write {path}: no file can be made in {path.parent}. Choose another place") from error
        raise UsageError(f"cannot write {path}: there is no folder {path.parent}. Make it, or choose another place") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}. Choose another place") from error
    return _Begun(os.fdopen(handle, "wb"), path, aside)


def _aside(path: Path) -> tuple[int, Path]:
    """A new file beside a path, open for writing: who may read and write it is as of the file that it will replace, else
    as the system has it for new files."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mode = None
    while True:
        aside = path.with_name(f".{path.name[:_SHOWN]}-{secrets.token_hex(4)}")
        _unfinished.add(aside)
        try:
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 if mode is None else mode & 0o777)
        except FileExistsError:
            _unfinished.discard(aside)  # it is another's
            continue
        except OSError:
            _unfinished.discard(aside)
            raise
        if mode is not None:
            os.fchmod(handle, mode)  # what the system takes away of a mode for new files
        return handle, aside
