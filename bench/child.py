"""Programs that are measured in a process of their own, so that nothing of one measurement is left for the next."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from bench.errors import BenchError

_ROOT = Path(__file__).parent.parent
_STATUS = Path("/proc/self/status")


def python(module: str, *arguments: object) -> Any:
    """Runs a module of the benchmark with this Python, and gives what it printed, which is JSON."""
    return json.loads(run([sys.executable, "-m", module, *map(str, arguments)])[1])


def relgraph(*arguments: object, may_end_with: Collection[int] = (0,)) -> float:
    """Runs a command of relgraph with this Python, and gives the seconds from its start to its end."""
    return run([sys.executable, "-m", "relgraph", *map(str, arguments)], may_end_with)[0]


def run(command: Sequence[str], may_end_with: Collection[int] = (0,)) -> tuple[float, str]:
    """The seconds that a program took from its start to its end, and its output. Raises BenchError when it fails."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=_ROOT, env={**os.environ, "CI": "true"}, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode not in may_end_with:
        raise BenchError(f"{' '.join(command)} ended with status {done.returncode}:\n{(done.stderr or done.stdout)[-1500:]}")
    return seconds, done.stdout


class Stopwatch:
    """Seconds, and seconds of processor time, which other work on the machine disturbs less."""

    def __init__(self) -> None:
        gc.collect()  # what is left of the preparations
        self._began = time.perf_counter()
        self._processor = time.process_time()

    def read(self) -> dict[str, float]:
        """Both since the start."""
        return {"seconds": time.perf_counter() - self._began, "processor": time.process_time() - self._processor}


def peak_memory() -> int | None:
    """The most memory that this process has held so far, in bytes; None where the system does not say (Linux does)."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)
