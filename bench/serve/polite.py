"""A client that asks for five triples again and again, while others attack."""

from __future__ import annotations

import http.client
import sys
import threading
import time
from collections import Counter

from bench.serve.exchange import Target
from bench.serve.queries import FIVE_TRIPLES, paths
from bench.serve.servers import JSON_RESULTS

PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.1
#: On Linux all of 127/8 is loopback, so that the server can tell this client from the attackers.
_ADDRESS = ("127.0.0.2", 0) if sys.platform == "linux" else None


class PoliteClient(threading.Thread):
    """Asks until stopped; `seconds` are the latencies of what was answered with 200, `failures` the rest by their reason."""

    def __init__(self, target: Target) -> None:
        super().__init__(daemon=True)
        self.seconds: list[float] = []
        self.failures: Counter[str] = Counter()
        self._target = target
        self._ended = threading.Event()

    def run(self) -> None:
        """Asks, waits a little, asks again."""
        while not self._ended.is_set():
            self.ask()
            self._ended.wait(_PAUSE_SECONDS)

    def stop(self) -> None:
        """Ends the asking, after the answer that is waited for."""
        self._ended.set()
        self.join()

    def ask(self) -> bool:
        """Asks once, with a new connection; whether it was answered with 200 in time."""
        began = time.monotonic()
        connection = http.client.HTTPConnection(
            self._target.host, self._target.port, timeout=PATIENCE_SECONDS, source_address=_ADDRESS
        )
        try:
            connection.request("GET", paths(self._target.path, [FIVE_TRIPLES])[0], headers={"Accept": JSON_RESULTS})
            answer = connection.getresponse()
            answer.read()
            failure = "" if answer.status == 200 else f"status {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            failure = type(error).__name__
        finally:
            connection.close()
        if failure:
            self.failures[failure] += 1
        else:
            self.seconds.append(time.monotonic() - began)
        return not failure
