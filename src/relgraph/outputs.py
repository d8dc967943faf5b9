"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from relgraph.errors import UsageError


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


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of the one at the path once everything has been written.

    If writing fails, what stood there stays. Raises UsageError where the folder cannot be written to.
    """
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}. Choose another place") from error
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
