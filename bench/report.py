"""What all commands print with: consoles, progress, cells of tables, and the JSON file."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

#: Where output goes to a file or another program, tables are as wide as they need to be.
out = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 180)
console = Console(stderr=True)

#: Says what is done now, and how many steps forward that is.
Step = Callable[[str, float], None]


@contextmanager
def progress(total: float) -> Iterator[Step]:
    """A bar of so many steps, on a terminal; elsewhere a line for each new thing that is done; nothing in CI."""
    if os.environ.get("CI"):
        yield lambda what, steps: None
        return
    if not console.is_terminal:
        last = ""

        def say(what: str, steps: float) -> None:
            nonlocal last
            if what != last:
                console.print(what, style="dim", highlight=False, markup=False)
                last = what

        yield say
        return
    with Progress(BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"), console=console, transient=True) as bar:
        task = bar.add_task("…", total=total)
        yield lambda what, steps: bar.update(task, description=what, advance=steps)


def cell(value: float | None, unit: str = "") -> str:
    """A figure for a table, with three significant digits or whole thousands; a dash for none."""
    if value is None:
        return "–"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{unit}"


def write_json(path: Path | None, summary: Mapping[str, object]) -> None:
    """Writes a summary with the time and the machine it was measured on; nothing without a path."""
    if path is None:
        return
    about = {"measured": datetime.now(UTC).isoformat(timespec="seconds"), "machine": _machine()}
    path.write_text(json.dumps({**about, **summary}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _machine() -> dict[str, object]:
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
