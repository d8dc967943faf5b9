"""Ctrl-C on a server: it says what it waits for; pressed again, it ends at once and quietly, and its workers with it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import Server, eventually, write

#: What the engine finds no row of, and does not come to an end of.
ENDLESS = "SELECT ?s { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?s = ?i && ?s != ?i) }"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    data = write(tmp_path / "data.nt", "first")
    with Server(tmp_path / "log", "--dataset", data, SHUTDOWN_TIMEOUT=60, QUERY_TIMEOUT=60) as running:
        yield running


def under_way(server: Server, count: int) -> list[socket.socket]:
    """Connections on which queries are being answered, or wait for a worker, of which one client gets only some."""
    found = [server.asking(ENDLESS) for _ in range(count)]
    eventually(lambda: server.metric("relgraph_queries_running") + server.metric("relgraph_queue") == count)
    return found


def said(server: Server) -> str:
    """The next line that the server says."""
    assert server.process.stdout
    return server.process.stdout.readline()


@pytest.mark.parametrize(("count", "requests"), [(1, "1 request"), (2, "2 requests")])
def test_it_says_what_it_waits_for_and_ends_at_once_when_ctrl_c_is_pressed_again(
    server: Server, count: int, requests: str
) -> None:
    connections, workers = under_way(server, count), server.workers()
    server.process.send_signal(signal.SIGINT)
    assert said(server) == f"waiting for {requests} to end; press Ctrl-C again to stop at once\n"
    assert server.process.poll() is None
    server.process.send_signal(signal.SIGINT)
    server.process.wait(20)  # of the 60 s that requests have
    assert said(server).strip() == ""
    assert "Traceback" not in server.log.read_text("utf-8")
    assert [line for line in server.logged() if line["level"] == "error"] == []
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    for connection in connections:
        connection.close()


def test_the_answer_that_it_waits_for_arrives(server: Server) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?a ?b ?c FILTER(STRLEN(CONCAT(STR(?o), STR(?c))) > 1) }"
    connection = server.asking(text)
    eventually(lambda: server.metric("relgraph_queries_running") == 1)
    server.process.send_signal(signal.SIGINT)
    answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    server.process.wait(20)
    connection.close()


def test_it_ends_without_a_word_where_nothing_is_under_way(server: Server) -> None:
    server.process.send_signal(signal.SIGINT)
    server.process.wait(20)
    assert said(server).strip() == ""
    assert [line for line in server.logged() if line["level"] == "error"] == []


def test_a_service_manager_is_told_nothing(server: Server) -> None:
    (connection,) = under_way(server, 1)
    server.process.send_signal(signal.SIGTERM)
    with pytest.raises(Exception, match="timed out"):
        server.process.wait(2)
    connection.close()  # the client goes away, and with it the request
    server.process.wait(20)
    assert said(server) == ""
