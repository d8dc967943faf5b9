"""Load by wrk: requests in turn from a list, over some connections, for some seconds."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError
from bench.serve.environment import wrk_program
from bench.serve.servers import JSON_RESULTS, Server

_SCRIPT = Path(__file__).with_name("wrk.lua")
_ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Load:
    """What wrk measured: answers with a 2xx or 3xx status a second, latencies of all answers in milliseconds, failures."""

    rate: float
    p50: float | None
    p99: float | None
    failures: int


def load(server: Server, targets: Sequence[str], connections: int, seconds: float) -> Load:
    """Sends GET requests for the targets (paths with query) for so many seconds. Raises BenchError when wrk fails."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(targets) + "\n")
        file.flush()
        command = [wrk_program(), "--threads", "1", "--connections", str(connections), "--duration", f"{max(1, round(seconds))}s"]
        command += ["--timeout", f"{_ANSWER_SECONDS}s", "--script", str(_SCRIPT), server.url, "--", file.name, JSON_RESULTS]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 2 * _ANSWER_SECONDS)
    lines = [line.removeprefix("MEASURED ") for line in done.stdout.splitlines() if line.startswith("MEASURED ")]
    if not lines:
        said = f"{(done.stderr or done.stdout)[-500:].strip()}\n{server.name} said:\n{server.last_words()}"
        raise BenchError(f"wrk measured nothing at {server.name} (process {'runs' if server.alive() else 'ended'}):\n{said}")
    measured = json.loads(lines[0])
    any_answer = measured["requests"] > 0
    return Load(
        rate=(measured["requests"] - measured["refused"]) / measured["seconds"],
        p50=measured["p50"] if any_answer else None,
        p99=measured["p99"] if any_answer else None,
        failures=measured["refused"] + measured["broken"],
    )
