"""A socket on loopback that nobody may connect to: it counts those that do."""

from __future__ import annotations

import socket
import threading


class Canary(threading.Thread):
    """Listens on a port of 127.0.0.1 until stopped; `visits` are the connections that came, by the first line they sent."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self._ended = threading.Event()
        self.port = int(self._listener.getsockname()[1])
        self.visits: list[str] = []

    def run(self) -> None:
        """Takes connections, and closes each when it has sent something or a second is over."""
        while not self._ended.is_set():
            try:
                visitor, _ = self._listener.accept()
            except OSError:
                continue
            with visitor:
                visitor.settimeout(1)
                try:
                    self.visits.append(visitor.recv(1000).partition(b"\r\n")[0].decode(errors="replace"))
                except OSError:
                    self.visits.append("")

    def stop(self) -> None:
        """Ends the listening."""
        self._ended.set()
        self.join()
        self._listener.close()
