"""A search finds, or says why it cannot: nothing is found only where nothing is, or where data have no search."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest

import relgraph
from relgraph.errors import EndpointError, QueryError, UsageError
from relgraph.release import Release

LONG = " ".join(f"word{n}" for n in range(60))
NONE = b'{"head": {"vars": ["thing"]}, "results": {"bindings": []}}'


@contextmanager
def endpoint(header: dict[str, str], refusal: int = 400) -> Iterator[str]:
    """An endpoint that refuses every query with SERVICE, and answers others with no rows."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            [query] = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["query"]
            self.send_response(refusal if "SERVICE" in query else 200)
            for name, value in {"Content-Type": "application/sparql-results+json", **header}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(NONE)))
            self.end_headers()
            self.wfile.write(NONE)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/sparql"
        finally:
            server.shutdown()
            thread.join()


def test_a_closed_dataset_is_not_searched(release: Release) -> None:
    ds = relgraph.open(release.path)
    ds.close()
    with pytest.raises(UsageError, match="is closed"):
        ds.search("Moscow")


def test_too_many_words_are_said(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text("<urn:a> <http://www.w3.org/2004/02/skos/core#prefLabel> 'word1' .", "utf-8")
    for data in (release.path, path):
        with relgraph.open(data) as ds, pytest.raises(UsageError, match="at most 50"):
            ds.search(LONG)


def test_an_endpoint_that_cannot_be_reached_is_said() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    with relgraph.open(f"http://127.0.0.1:{port}/sparql") as ds, pytest.raises(EndpointError, match="cannot be reached"):
        ds.search("Moscow")


@pytest.mark.parametrize("refusal", [400, 403, 500])
def test_an_endpoint_that_is_not_relgraph_has_no_search(refusal: int) -> None:
    with endpoint({}, refusal) as address, relgraph.open(address) as ds:
        assert ds.search("Moscow") == []


def test_what_a_server_of_relgraph_refuses_is_said() -> None:
    header = {"Relgraph-Release": "a" * 64}
    with endpoint(header) as address, relgraph.open(address) as ds, pytest.raises(QueryError, match="400"):
        ds.search("Moscow")


def test_an_unknown_name_of_many_words_is_still_unknown(release: Release) -> None:
    """Suggestions can do without the search."""
    with relgraph.open(release.path) as ds, pytest.raises(UsageError, match=r"there is no .*word0"):
        ds.entity(LONG)


def test_a_release_is_searched_without_the_client_of_endpoints(release: Release) -> None:
    code = f"import relgraph, sys; relgraph.open({str(release.path)!r}).search('Moscow'); print('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
