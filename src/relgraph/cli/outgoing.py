"""Where a command writes bytes to: a file that is there when all of it has been written, a device, or standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import typer

from relgraph.cli.interrupting import in_order
from relgraph.cli.terminal import READER_GONE
from relgraph.errors import UsageError
from relgraph.exports.streams import stream
from relgraph.outputs import is_device, replacing


@contextmanager
def outgoing(file: Path | None, what: str, is_text: bool = True) -> Iterator[BinaryIO]:
    """What is written to.

    file: none for standard output; what, is_text: what is written, in words, and whether a terminal can show it. Raises
    UsageError for what a terminal cannot show, and where it cannot be written, with what became of the file; ends the command
    quietly when whoever reads standard output has had enough, or when a signal says so (`in_order`). An error of writing is told
    as such, whatever was made of it on its way through the code that writes.
    """
    if file is None and not is_text and sys.stdout.isatty():
        raise UsageError(f"{what} is no text for a terminal. Give --output FILE, or send it on with > or |")
    with in_order(), _target(file) as (target, told):
        noting = _Noting(target)
        try:
            with stream(noting.write) as out:
                yield out
            noting.flush()
        except Exception as error:
            if noting.failure is None:
                raise
            raise told(noting.failure) from error


class _Noting:
    """Writes to a file, and keeps the error where that fails: an engine in between may tell it as one of its own."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.failure: OSError | None = None

    def write(self, data: bytes) -> None:
        self._noted(self._target.write, data)

    def flush(self) -> None:
        self._noted(self._target.flush)

    def _noted(self, action: Callable[..., Any], *arguments: bytes) -> None:
        try:
            action(*arguments)
        except OSError as error:
            self.failure = error
            raise


@contextmanager
def _target(file: Path | None) -> Iterator[tuple[BinaryIO, Callable[[OSError], Exception]]]:
    """The file to write to, and what an error of writing to it is told as."""

    def of_device(error: OSError) -> Exception:
        return UsageError(f"cannot write {file}: {error.strerror}. Choose another place")

    def of_file(error: OSError) -> Exception:
        return UsageError(f"{file} was not written: {error.strerror}; {kept}. Make room, or choose another place")

    if file is None:
        yield sys.stdout.buffer, _of_standard_output
        return
    kept = "what stood there is as it was" if file.exists() else "nothing is there"
    with replacing(file) as out:
        yield out, of_device if is_device(file) else of_file


def _of_standard_output(error: OSError) -> Exception:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in the buffer goes nowhere
    if isinstance(error, BrokenPipeError):
        return typer.Exit(READER_GONE)
    return UsageError(f"standard output cannot be written: {error.strerror}. Make room, or send it elsewhere")
