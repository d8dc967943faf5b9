"""A server as its users get it: `relgraph serve` in a process of its own, with settings of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2

#: No limit of what one client may ask: tests are one client. What they are about, they set themselves.
_SETTINGS = {"CLIENT_SECONDS": "0", "CLIENT_QUERIES": "0", "WORKERS": "2", "RELEASE_POLL": "0", "SHUTDOWN_TIMEOUT": "5"}
_START = 60.0
FORM = "application/x-www-form-urlencoded"


#: Seconds in which whatever is waited for must have come.
DEADLINE = 30.0


def eventually(holds: Callable[[], bool], seconds: float = DEADLINE) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it has not come about"
        time.sleep(0.02)


def write(file: Path, word: str, triples: int = 1000) -> Path:
    """Writes a dataset in which a word stands."""
    lines = [f'<urn:s{number}> <urn:p> "{number}" .\n' for number in range(triples)]
    file.write_text("".join([*lines, f'<urn:x> <urn:word> "{word}" .\n']), "utf-8")
    return file


class Server:
    """A running server; use it in a with statement.

    arguments: of `relgraph serve`, without the port; settings: by name in capitals, as in the environment but without
    RELGRAPH_; log: what it writes on standard error goes to this file.
    """

    def __init__(self, log: Path, *arguments: str | Path, port: int = 0, **settings: object) -> None:
        self.log = log
        self._command = [sys.executable, "-m", "relgraph", "serve", "--port", str(port), *map(str, arguments)]
        self._settings = {f"RELGRAPH_{name}": str(value) for name, value in {**_SETTINGS, **settings}.items()}
        self.process: subprocess.Popen[str]
        self.url = ""

    def __enter__(self) -> Server:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command, env={**os.environ, **self._settings}, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout
        announced = self.process.stdout.readline()
        assert "http://" in announced, self.log.read_text("utf-8")
        self.url = announced[announced.index("http://") :].split()[0]
        self.await_release("")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for plain sockets."""
        host, _, port = self.url.removeprefix("http://").rstrip("/").rpartition(":")
        return host, int(port)

    def get(self, path: str, **arguments: Any) -> httpx2.Response:
        """A GET request on a connection of its own."""
        return httpx2.get(self.url + path, timeout=60, verify=False, **arguments)

    def query(self, text: str, **arguments: Any) -> httpx2.Response:
        """A query by form POST; further parameters of the form in `data`."""
        data = {"query": text, **arguments.pop("data", {})}
        return httpx2.post(self.url + "sparql", data=data, timeout=60, verify=False, **arguments)

    def asking(self, text: str, **data: str) -> socket.socket:
        """A connection on which a query has been sent by form POST, and nothing has been read."""
        body = str(httpx2.QueryParams({"query": text, **data})).encode()
        head = f"POST /sparql HTTP/1.1\r\nHost: e.org\r\nContent-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection = socket.create_connection(self.address, timeout=60)
        connection.sendall(head.encode() + body)
        return connection

    def metric(self, name: str) -> float:
        """A value at /metrics, by name and labels as they stand there; 0 where it has not been counted yet."""
        for line in self.get("metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[-1])
        return 0.0

    def word(self) -> str:
        """The word that stands in the dataset (of `write`)."""
        (row,) = self.query("SELECT ?word { <urn:x> <urn:word> ?word }").json()["results"]["bindings"]
        return str(row["word"]["value"])

    def workers(self) -> set[int]:
        """The processes that the server has started and that have not ended."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii")
        return {int(number) for number in children.split()}

    def logged(self) -> list[dict[str, Any]]:
        """The lines of the log."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def hang_up(self) -> None:
        """SIGHUP: look for another release."""
        self.process.send_signal(signal.SIGHUP)

    def await_release(self, other_than: str) -> str:
        """Waits until the server is ready with another release than this; gives its id."""
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text("utf-8")
            try:
                ready = httpx2.get(self.url + "ready", timeout=10, verify=False)
                if ready.status_code == 200 and ready.json()["release"] != other_than:
                    return str(ready.json()["release"])
            except httpx2.TransportError:
                pass
            time.sleep(0.02)
        raise AssertionError(self.log.read_text("utf-8"))
