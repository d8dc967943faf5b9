"""A SPARQL endpoint on loopback that stands in for those of others, and may be as bad as they can be."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TYPE = "application/sparql-results+json"
ANSWER = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'


@dataclass
class Endpoint:
    """A server that does what reply says, and what it was asked."""

    port: int = 0
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    connections: int = 0
    reply: Callable[[BaseHTTPRequestHandler], None] = lambda handler: answer(handler)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def answer(handler: BaseHTTPRequestHandler, content: bytes = ANSWER, status: int = 200, kind: str = TYPE, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


@contextlib.contextmanager
def serving(endpoint: Endpoint, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            endpoint.connections += 1
            super().setup()

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            endpoint.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, content))
            with contextlib.suppress(OSError):
                endpoint.reply(self)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: object) -> None:
            pass  # a client that goes away, or does not trust us

    with Server((host, 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        endpoint.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield endpoint
        finally:
            server.shutdown()
            thread.join()
