"""Doing something again whenever files change.

Times and sizes of the files are looked at twice a second: that costs milliseconds for a project, sees files that
editors replace, and works on network drives and mounted volumes, where the system sends no notices.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from relgraph.cli.terminal import errors
from relgraph.errors import InputError, RelgraphError

#: Seconds between two looks.
_EVERY = 0.5

#: When a file was changed, how long it is, and which one it is.
Stamps = Mapping[str, tuple[int, int, int]]


def repeat(action: Callable[[], object], watched: Sequence[Path]) -> None:
    """Runs the action, and again whenever a file among those watched (or below a folder) changes, until Ctrl-C.

    What is wrong with the input is said, and watching goes on.
    """
    try:
        while True:
            before = stamps(watched)
            try:
                action()
            except (RelgraphError, OSError) as error:
                _say(error)
            errors.print("Watching; Ctrl-C ends it.", style="dim")
            changed: list[str] = []
            while not changed:
                time.sleep(_EVERY)
                after = stamps(watched)
                changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
            errors.print(f"Changed: {', '.join(changed[:3])}", style="dim", markup=False, highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        return


def stamps(watched: Iterable[Path]) -> Stamps:
    """The state of every file among the paths and in the folders among them; hidden ones are left out."""
    result = {}
    for path in watched:
        for file in [path, *path.rglob("*")] if path.is_dir() else [path]:
            if any(part.startswith(".") for part in file.relative_to(path).parts):
                continue
            try:
                stat = file.stat()
            except OSError:
                continue
            if not file.is_dir():
                result[str(file)] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return result


def _say(error: RelgraphError | OSError) -> None:
    lines = [str(problem) for problem in error.problems] if isinstance(error, InputError) else [f"relgraph: {error}"]
    for line in lines:
        errors.print(line, markup=False, highlight=False, soft_wrap=True)
