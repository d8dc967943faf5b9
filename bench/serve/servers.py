"""Starting and stopping the servers that are compared, each with the same data, on free ports of 127.0.0.1."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.errors import BenchError
from bench.report import console
from bench.serve.environment import peer_program
from bench.serve.queries import FIVE_TRIPLES, paths

HOST: Final = "127.0.0.1"
OURS: Final = "relgraph"
OXIGRAPH: Final = "oxigraph"
RDFLIB: Final = "rdflib-endpoint"
PEERS: Final = (OXIGRAPH, RDFLIB)
NAMES: Final = (OURS, *PEERS)
JSON_RESULTS: Final = "application/sparql-results+json"

#: The benchmark is one client that asks for everything: what limits a single client is off, and nothing is logged.
UNLIMITED_CLIENT: Final = {"RELGRAPH_CLIENT_SECONDS": "0", "RELGRAPH_CLIENT_QUERIES": "0", "RELGRAPH_LOG": "off"}
NO_CACHE: Final = {"RELGRAPH_CACHE_BYTES": "0"}

_READY_SECONDS = 180
_STOP_SECONDS = 10


@dataclass
class Server:
    """A server that runs: its name, port, the path of its SPARQL endpoint, its process and the file with its output."""

    name: str
    port: int
    endpoint: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Where it takes queries."""
        return f"http://{HOST}:{self.port}{self.endpoint}"

    def alive(self) -> bool:
        """Whether its process is still there."""
        return self.process.poll() is None

    def last_words(self) -> str:
        """The end of its output."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-1500:].strip()


@contextmanager
def running(
    name: str, data: Path, folder: Path, settings: Mapping[str, str] | None = None, timeout: int | None = None
) -> Iterator[Server]:
    """Runs a server by name with the data of an RDF file, until the block ends.

    `folder` takes its output and, for oxigraph, its store; `settings` are environment variables; `timeout` in seconds is
    given to oxigraph (ours takes it by its settings, rdflib-endpoint has none). Raises BenchError when it does not get ready.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    with console.status(f"starting {name} …"):
        command, endpoint = _command(name, data, folder, port, timeout)
        log = folder / "output.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, **(settings or {})},
                start_new_session=True,  # so that its workers end with it
            )
        server = Server(name, port, endpoint, process, log)
        try:
            _wait_until_ready(server)
        except BaseException:
            _stop(process)
            raise
    try:
        yield server
    finally:
        _stop(process)


def get(server: Server, target: str, seconds: float) -> tuple[int, bytes]:
    """Status and body of a GET of a path. Raises OSError or HTTPException when there is no answer within so many seconds."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=seconds)
    try:
        connection.request("GET", target, headers={"Accept": JSON_RESULTS, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def settle(server: Server, seconds: float) -> bool:
    """Waits, at most so many seconds, until the server answers a small query at once: what was sent before is then done."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.alive():
        try:
            began = time.monotonic()
            if _answers(server, min(5, seconds)) and time.monotonic() - began < 0.1:
                return True
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    return False


def _command(name: str, data: Path, folder: Path, port: int, timeout: int | None) -> tuple[list[str], str]:
    """The command that serves a file on a port, and the path of the endpoint."""
    if name == OURS:
        return [sys.executable, "-m", "relgraph", "serve", "--dataset", str(data), "--port", str(port)], "/sparql"
    program = str(peer_program(name))
    if name == RDFLIB:
        return [program, "serve", "--host", HOST, "--port", str(port), str(data)], "/"
    if name != OXIGRAPH:
        raise BenchError(f"there is no server {name}; there are {', '.join(NAMES)}")
    store = str(folder / "store")
    for step in (["load", "--location", store, "--file", str(data)], ["optimize", "--location", store]):
        loaded = subprocess.run([program, *step], capture_output=True, text=True, check=False)
        if loaded.returncode:
            raise BenchError(f"oxigraph did not take the data: {loaded.stderr[-500:]}")
    limit = [] if timeout is None else ["--timeout-s", str(timeout)]
    return [program, "serve", "--location", store, "--bind", f"{HOST}:{port}", *limit], "/query"


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if not server.alive():
            raise BenchError(f"{server.name} ended while it started:\n{server.last_words()}")
        try:
            if _answers(server, 5):
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    raise BenchError(f"{server.name} was not ready within {_READY_SECONDS} s:\n{server.last_words()}")


def _answers(server: Server, seconds: float) -> bool:
    if server.name == OURS and get(server, "/ready", seconds)[0] != 200:
        return False
    return get(server, paths(server.endpoint, [FIVE_TRIPLES])[0], seconds)[0] == 200


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as taken:
        return int(taken.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a server and all that it started: politely, and after a while by force."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
