"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from relgraph.errors import UsageError

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
    """Whether a path leads to what is written to and not replaced: a device, a pipe, an open file such as /dev/stdout."""
    absolute = path.absolute()
    return absolute.exists() and (not absolute.is_file() or absolute.parts[1:2] in (("dev",), ("proc",)))


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of the one at the path once everything has been written.

    If writing fails, what stood there stays. A device is written to as it is, and a link stays and leads to the new file.
    Raises UsageError where the folder cannot be written to.
    """
    if is_device(path):
        try:
            with path.open("wb") as device:
                yield device
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}. Choose another place") from error
        return
    path = path.resolve() if path.is_symlink() else path
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except FileNotFoundError as error:
        raise UsageError(f"cannot write {path}: there is no folder {path.parent}. Make it, or choose another place") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}. Choose another place") from error
    _unfinished.add(Path(aside))
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(aside).chmod(0o666 & ~umask)
        Path(aside).replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}. Choose another place") from error
    finally:
        Path(aside).unlink(missing_ok=True)
        _unfinished.discard(Path(aside))
