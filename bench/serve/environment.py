"""What the benchmark needs beside relgraph: the peers in a virtual environment of their own, and wrk."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bench.errors import BenchError
from bench.report import console

_BENCH = Path(__file__).parent.parent
REQUIREMENTS = _BENCH / "requirements.txt"
VENV = _BENCH / ".venv"
_STAMP = VENV / "installed.txt"


def peer_program(name: str) -> Path:
    """The path of a peer's program (`oxigraph`, `rdflib-endpoint`); installs the peers when they are not there yet.

    Raises BenchError with the end of pip's output when that fails.
    """
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not _STAMP.exists() or _STAMP.read_text(encoding="utf-8") != wanted:
        with console.status("installing the peers into bench/.venv …"):
            _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
            _run([str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)])
        _STAMP.write_text(wanted, encoding="utf-8")
    return VENV / "bin" / name


def wrk_program() -> str:
    """The path of wrk. Raises BenchError that says how to install it."""
    found = shutil.which("wrk")
    if found is None:
        raise BenchError(
            "the load generator wrk is missing: install it (Debian, Ubuntu: apt install wrk; macOS: brew install wrk)"
        )
    return found


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"the peers could not be installed from bench/requirements.txt:\n{(done.stderr or done.stdout)[-1500:]}")
