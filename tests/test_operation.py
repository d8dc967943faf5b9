"""Running the server: probes, metrics, the log, other origins, clients and their budgets."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server import DEADLINE, FORM, Server, eventually, write

AGE = 3600
DIRECT = "application/sparql-query"
#: A literal of a query, by which its text would be found in the log.
SECRET = "Sturgeonfish"
#: Many rows, more than the buffers of a connection hold: its worker waits for a client that does not read.
MANY_ROWS = 50_000
MANY = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} LIMIT {MANY_ROWS}"
#: Runs for minutes before its answer begins.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?c) = CONCAT(STR(?f), STR(?i))) }"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that is an hour old."""
    file = write(tmp_path_factory.mktemp("data") / "data.nt", "word")
    os.utime(file, (time.time() - AGE,) * 2)
    return file


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    """A server as it is by default."""
    with Server(data.with_name("server.log"), "--dataset", data) as server:
        yield server


@pytest.fixture(scope="module")
def proxied(data: Path) -> Iterator[Server]:
    """A server behind a proxy, with two origins that may read it, narrow budgets, and queries in its log."""
    settings: dict[str, Any] = {
        "TRUSTED_HOPS": 1, "CLIENT_QUERIES": 1, "CLIENT_SECONDS": 1, "LOG_QUERIES": "true",
        "CORS_ORIGINS": "https://a.example, http://b.example:8080",
    }  # fmt: skip
    with Server(data.with_name("proxied.log"), "--dataset", data, **settings) as server:
        yield server


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without a proxy, which any origin may read, with a dataset of its own and a log of errors only."""
    folder = tmp_path_factory.mktemp("exposed")
    settings: dict[str, Any] = {"CLIENT_QUERIES": 1, "LOG": "errors", "CORS_ORIGINS": "*"}
    with Server(folder / "log", "--dataset", write(folder / "data.nt", "word"), **settings) as server:
        yield server


# ── probes and metrics


def test_the_server_is_alive(server: Server) -> None:
    assert server.get("health").json() == {"status": "alive"}


def test_the_server_is_ready(server: Server, data: Path) -> None:
    answer = server.get("ready")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    ready = answer.json()
    assert ready.pop("isolation") == ["network namespace", "seccomp"] or sys.platform != "linux"
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    assert ready == {"ready": True, "release": digest, "workers": 2, "fault": ""}


def samples(server: Server) -> dict[str, float]:
    """What is at /metrics, by name and labels: name{label=value}."""
    answer = server.get("metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation, family.name
        for sample in family.samples:
            found[sample.name + "".join(f"{{{name}={value}}}" for name, value in sorted(sample.labels.items()))] = sample.value
    return found


def grown(before: Mapping[str, float], after: Mapping[str, float], prefix: str) -> dict[str, float]:
    return {
        name: value - before.get(name, 0)
        for name, value in after.items()
        if name.startswith(prefix) and value != before.get(name, 0)
    }


def test_metrics_count_queries_by_outcome_and_time_them(server: Server) -> None:
    before = samples(server)
    query = f'ASK {{ ?s ?p "{SECRET} of the metrics" }}'
    assert [server.query(query).status_code for _ in range(2)] == [200, 200]
    assert server.query("no query").status_code == 400
    assert server.query("CLEAR ALL").status_code == 400
    assert server.query(ENDLESS, data={"timeout": "0.2"}).status_code == 504
    after = samples(server)
    assert grown(before, after, "relgraph_queries_total") == {
        "relgraph_queries_total{outcome=ok}": 1, "relgraph_queries_total{outcome=cached}": 1,
        "relgraph_queries_total{outcome=refused}": 2, "relgraph_queries_total{outcome=time}": 1,
    }  # fmt: skip
    assert grown(before, after, "relgraph_query_seconds_count") == {
        name.replace("queries_total", "query_seconds_count"): count
        for name, count in grown(before, after, "relgraph_queries_total").items()
    }
    seconds = grown(before, after, "relgraph_query_seconds_sum")["relgraph_query_seconds_sum{outcome=time}"]
    assert seconds >= 0.19, "a timer may be early by the resolution of its clock, and by no more"
    assert "relgraph_query_seconds_bucket{le=0.1}{outcome=time}" not in grown(before, after, "relgraph_query_seconds_bucket")
    assert grown(before, after, "relgraph_worker_kills_total") == {"relgraph_worker_kills_total{reason=time}": 1}
    assert grown(before, after, "relgraph_requests_total{status=4") == {"relgraph_requests_total{status=400}": 2}
    assert grown(before, after, "relgraph_cache_total{result=hit")
    assert after["relgraph_cache_total{result=miss}"] > before.get("relgraph_cache_total{result=miss}", 0)
    assert after["relgraph_cache_size_bytes"] > before["relgraph_cache_size_bytes"]


def test_metrics_tell_what_is_served_and_what_it_takes(server: Server) -> None:
    eventually(lambda: samples(server)["relgraph_workers"] == 2)
    now = samples(server)
    assert now[f"relgraph_release_info{{release={server.get('ready').json()['release']}}}"] == 1
    assert AGE <= now["relgraph_data_age_seconds"] < 2 * AGE
    assert now["relgraph_worker_memory_bytes"] > 2**20
    assert now["process_resident_memory_bytes"] > 2**20


def test_metrics_tell_what_runs_and_what_waits(server: Server) -> None:
    before = samples(server)
    with server.asking(ENDLESS), server.asking(ENDLESS + "# another"):
        # a client runs one query less than there are workers, and there are two
        eventually(lambda: (server.metric("relgraph_queries_running"), server.metric("relgraph_queue")) == (1, 1))
    eventually(lambda: (server.metric("relgraph_queries_running"), server.metric("relgraph_queue")) == (0, 0))
    grew = grown(before, samples(server), "relgraph_queries_total")
    assert grew == {"relgraph_queries_total{outcome=disconnected}": 2}


# ── the log


def logged(server: Server, request_id: str) -> dict[str, Any]:
    """The line of a request, which may come a moment after its answer."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        found[:] = [line for line in server.logged() if line.get("id") == request_id]
        return bool(found)

    eventually(look)
    assert len(found) == 1
    return found[0]


def in_three_ways(server: Server, query: str) -> list[httpx2.Response]:
    """The answers to a query by GET, as a form and posted directly."""
    return [
        server.get("sparql", params={"query": query}),
        server.query(query),
        httpx2.post(server.url + "sparql", content=query, headers={"Content-Type": DIRECT}, timeout=60),
    ]


def test_a_request_is_logged_with_the_hash_of_its_query(server: Server) -> None:
    query = "ASK { <urn:x> <urn:word> ?word }"
    for answer, method in zip(in_three_ways(server, query), ("GET", "POST", "POST"), strict=True):
        line = logged(server, answer.headers["x-request-id"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
        assert line.pop("ms") >= 0
        assert line.pop("outcome") in ("ok", "cached")
        assert line == {
            "level": "info", "event": "request", "id": answer.headers["x-request-id"], "method": method, "path": "/sparql",
            "status": 200, "client": "127.0.0.1", "release": answer.headers["relgraph-release"][:12],
            "query": hashlib.sha256(query.encode()).hexdigest()[:16],
        }  # fmt: skip


@pytest.mark.parametrize(("query", "status", "outcome"), [("no query", 400, "refused"), (ENDLESS, 504, "time")])
def test_the_log_says_how_a_query_ended(server: Server, query: str, status: int, outcome: str) -> None:
    line = logged(server, server.query(query, data={"timeout": "0.2"}).headers["x-request-id"])
    assert (line["status"], line["outcome"]) == (status, outcome)


@pytest.mark.parametrize("path", ["query", "sparql"])
def test_a_query_on_a_page_is_logged_like_others(server: Server, path: str) -> None:
    answer = server.get(path, params={"query": "ASK {}"}, headers={"Accept": "text/html"})
    line = logged(server, answer.headers["x-request-id"])
    assert {"query", "outcome"} <= line.keys()


@pytest.mark.parametrize("query", ['ASK {{ ?s ?p "{0}" }}', 'SELECT * {{ ?s "{0}" }}', "ASK {{ ?s ?{0} }}", "{0}"])
def test_the_log_has_nothing_of_the_text_of_a_query(server: Server, query: str) -> None:
    answers = in_three_ways(server, query.format(SECRET))
    answers += [
        server.get("query", params={"query": query.format(SECRET)}),
        server.get("nowhere", params={"query": query.format(SECRET)}, headers={"Referer": f"http://e.org/?query={SECRET}"}),
        httpx2.post(server.url + "sparql", content=query.format(SECRET), headers={"Content-Type": "text/plain"}),
        httpx2.post(server.url + "sparql", content=f"query={SECRET}&query={SECRET}", headers={"Content-Type": FORM}),
    ]
    for answer in answers:
        logged(server, answer.headers["x-request-id"])
    assert SECRET not in server.log.read_text("utf-8")


def test_the_text_of_queries_is_logged_where_that_is_asked_for(proxied: Server) -> None:
    query = f'ASK {{ ?s ?p "{SECRET}" }}'
    for answer in in_three_ways(proxied, query):
        assert logged(proxied, answer.headers["x-request-id"])["text"] == query


@pytest.mark.parametrize("given", ["a", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "Root=1-67891233:abc/def+gh._=", "x" * 64])
def test_a_request_keeps_the_id_that_it_brings(server: Server, given: str) -> None:
    assert server.get("health", headers={"X-Request-Id": given}).headers["x-request-id"] == given
    assert logged(server, given)["path"] == "/health"


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", 'a"b', "a{b}", "a\tb", "é", "a,b", "<script>"])
def test_another_id_is_replaced(server: Server, given: str) -> None:
    answers = [server.get("health", headers={"X-Request-Id": given.encode()}) for _ in range(2)]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]+", new) for new in ids)


# ── a dataset that cannot be read any more, and a log with less

BROKEN = {
    "syntax": (lambda file: file.write_text('<urn:a> <urn:b> "c" .\n<urn:a> broken\n'), "data.nt:2: it cannot be read"),
    "coding": (lambda file: file.write_bytes(b'<urn:a> <urn:b> "\xff" .\n'), "data.nt"),
    "folder": (lambda file: file.mkdir(), "data.nt cannot be loaded"),
}  # fmt: skip


def replace(file: Path, put: Callable[[Path], object]) -> None:
    if file.is_dir():
        file.rmdir()
    else:
        file.unlink(missing_ok=True)
    put(file)


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_cannot_be_read_leaves_what_is_served(exposed: Server, case: str) -> None:
    file = exposed.log.with_name("data.nt")
    before = exposed.get("ready").json()
    word = exposed.word()
    put, words = BROKEN[case]
    replace(file, put)
    exposed.hang_up()
    eventually(lambda: exposed.get("ready").json()["fault"] != "")
    after = exposed.get("ready").json()
    assert words in after["fault"]
    assert after == {**before, "fault": after["fault"]}
    assert exposed.word() == word
    replace(file, lambda file: write(file, f"after {case}"))
    exposed.hang_up()
    exposed.await_release(before["release"])
    assert exposed.get("ready").json()["fault"] == ""
    assert exposed.word() == f"after {case}"


def test_a_file_that_is_gone_leaves_what_is_served(exposed: Server) -> None:
    file = exposed.log.with_name("data.nt")
    before = exposed.get("ready").json()["release"]
    replace(file, lambda file: None)
    exposed.hang_up()
    assert exposed.query("ASK {} # while it is gone").json()["boolean"] is True
    write(file, "back")
    exposed.hang_up()
    exposed.await_release(before)
    assert exposed.word() == "back"


def test_a_log_of_errors_has_the_errors_only(exposed: Server) -> None:
    exposed.query("no query")
    replace(exposed.log.with_name("data.nt"), BROKEN["syntax"][0])
    exposed.hang_up()
    eventually(lambda: any("data.nt:2" in line["event"] for line in exposed.logged()))
    assert {line["level"] for line in exposed.logged()} == {"error"}


def test_a_log_may_be_off(tmp_path: Path) -> None:
    file = write(tmp_path / "data.nt", "word")
    with Server(tmp_path / "log", "--dataset", file, LOG="off") as server:
        with socket.create_connection(server.address, timeout=DEADLINE) as connection:
            connection.sendall(b"HELLO\r\n\r\n")
            assert b" 400 " in connection.recv(4096)
        file.write_text("broken", "utf-8")
        server.hang_up()
        eventually(lambda: server.get("ready").json()["fault"] != "")
    assert server.log.read_bytes() == b""


# ── headers of every response

EVERYWHERE = [
    ("GET", "", 200), ("GET", "query?query=ASK%7B%7D", 200), ("GET", "queries/none", 404), ("GET", "static/style.css", 200),
    ("GET", "static/none", 404), ("GET", "nowhere", 404), ("GET", "health", 200), ("GET", "ready", 200), ("GET", "metrics", 200),
    ("GET", "openapi.json", 200), ("GET", "sparql", 200), ("GET", "sparql?query=ASK%7B%7D", 200), ("GET", "sparql?query=no", 400),
    ("HEAD", "sparql?query=ASK%7B%7D", 200), ("OPTIONS", "sparql", 204), ("PUT", "sparql", 405), ("POST", "sparql", 415),
    ("GET", "sparql?query=ASK%7B%7D&format=turtle", 406), ("GET", "sparql?update=CLEAR%20ALL", 403),
    ("GET", "graphs?default", 200), ("GET", "graphs?graph=urn:none", 404), ("GET", "graphs", 400), ("PUT", "graphs?default", 405),
    ("GET", "graphs/none", 404), ("OPTIONS", "graphs", 204), ("DELETE", "", 405),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), EVERYWHERE)
def test_every_response_has_the_headers_of_security(server: Server, data: Path, method: str, path: str, status: int) -> None:
    answer = httpx2.request(method, server.url + path, timeout=60)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["relgraph-release"] == hashlib.sha256(data.read_bytes()).hexdigest()
    assert "server" not in answer.headers
    if status >= 400 and path != "queries/none":  # a page
        assert answer.headers["content-type"] == "application/problem+json"


# ── other origins


def cors(answer: httpx2.Response) -> dict[str, str]:
    return {name.removeprefix("access-control-"): value for name, value in answer.headers.items() if "access-control" in name}


def vary(answer: httpx2.Response) -> set[str]:
    return {name.strip().lower() for name in answer.headers.get("vary", "").split(",")}


def preflight(server: Server, origin: str, method: str = "POST", headers: str = "content-type") -> httpx2.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return httpx2.options(server.url + "sparql", headers=asked)


@pytest.mark.parametrize("origin", ["https://a.example", "null", "http://localhost", "*"])
def test_other_origins_may_read_nothing_by_default(server: Server, origin: str) -> None:
    for path in ("", "sparql?query=ASK%7B%7D", "sparql?query=no", "graphs?default", "health", "nowhere", "static/style.css"):
        assert cors(server.get(path, headers={"Origin": origin})) == {}
    assert cors(preflight(server, origin)) == {}


@pytest.mark.parametrize("origin", ["https://a.example", "http://b.example:8080"])
@pytest.mark.parametrize("path", ["sparql?query=ASK%7B%7D", "sparql?query=no", "graphs?default", "nowhere"])
def test_listed_origins_may_read_answers_and_errors(proxied: Server, origin: str, path: str) -> None:
    answer = proxied.get(path, headers={"Origin": origin})
    allowed = cors(answer)
    assert allowed["allow-origin"] == origin
    named = {"Content-Disposition", "ETag", "Link", "Relgraph-Defaults", "Relgraph-Release", "X-Request-Id", "Retry-After"}
    assert named <= set(allowed["expose-headers"].split(", "))
    assert "allow-credentials" not in allowed
    assert "origin" in vary(answer)
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://c.example",
        "http://a.example",
        "https://a.example:444",
        "https://x.a.example",
        "https://a.example.c",
        "null",
        None,
    ],
)
def test_origins_that_are_not_listed_may_not(proxied: Server, origin: str | None) -> None:
    answer = proxied.get("sparql?query=ASK%7B%7D", headers={"Origin": origin} if origin else {})
    assert answer.status_code == 200
    assert {"allow-origin", "allow-credentials"}.isdisjoint(cors(answer))
    assert {"origin", "accept"} <= vary(answer)  # a cache must not give this answer to those that may


def test_a_listed_origin_may_post_after_it_has_asked(proxied: Server) -> None:
    answer = preflight(proxied, "https://a.example")
    assert answer.status_code == 200
    allowed = cors(answer)
    assert allowed["allow-origin"] == "https://a.example"
    assert set(allowed["allow-methods"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}
    assert allowed["allow-headers"] == "content-type"
    assert "allow-credentials" not in allowed
    assert "origin" in vary(answer)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("origin", "method"), [("https://c.example", "POST"), ("https://a.example", "DELETE")])
def test_others_and_other_methods_are_refused_when_they_ask(proxied: Server, origin: str, method: str) -> None:
    answer = preflight(proxied, origin, method)
    assert answer.status_code == 400
    assert cors(answer).get("allow-origin") in (None, "https://a.example")
    assert method not in cors(answer).get("allow-methods", "") or origin != cors(answer).get("allow-origin")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_any_origin_may_be_allowed_but_never_with_credentials(exposed: Server) -> None:
    for answer in (exposed.get("health", headers={"Origin": "https://c.example"}), preflight(exposed, "https://c.example")):
        assert cors(answer)["allow-origin"] == "*"
        assert "allow-credentials" not in cors(answer)


# ── clients


def ask_as(server: Server, query: str, *forwarded: str, **data: str) -> httpx2.Response:
    """Asks with these values of X-Forwarded-For, each in a header of its own."""
    headers = [("X-Forwarded-For", value) for value in forwarded]
    return httpx2.post(server.url + "sparql", data={"query": query, **data}, headers=headers, timeout=60)


def turned_away(answer: httpx2.Response) -> bool:
    """Whether the client has been told that it has used up its budget, and when to come back."""
    if answer.status_code == 200:
        return False
    assert answer.status_code == 429
    assert answer.json()["budget"] == "client"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["x-content-type-options"] == "nosniff"
    return True


def test_clients_behind_a_proxy_have_budgets_of_their_own(proxied: Server) -> None:
    for number, client in enumerate(("192.0.2.1", "192.0.2.2", "192.0.2.1")):
        answer = ask_as(proxied, f"{ENDLESS} # {number}", client, timeout="1.1")
        assert turned_away(answer) if number == 2 else answer.status_code == 504
    assert logged(proxied, answer.headers["x-request-id"])["client"] == "192.0.2.1"
    assert turned_away(ask_as(proxied, "ASK {} # seconds", "198.51.100.1, 192.0.2.1"))
    assert turned_away(ask_as(proxied, "ASK {} # seconds", "198.51.100.1", "192.0.2.1"))
    assert not turned_away(ask_as(proxied, "ASK {} # seconds", "192.0.2.1, 198.51.100.1"))
    assert not turned_away(ask_as(proxied, "ASK {} # seconds, without the header"))


def test_a_client_has_one_query_at_once_and_another_has_its_own(proxied: Server) -> None:
    body = str(httpx2.QueryParams({"query": ENDLESS})).encode()
    head = f"POST /sparql HTTP/1.1\r\nHost: e.org\r\nX-Forwarded-For: 2001:db8::1\r\nContent-Type: {FORM}\r\n"
    with socket.create_connection(proxied.address, timeout=DEADLINE) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        eventually(lambda: proxied.metric("relgraph_queries_running") == 1)
        assert turned_away(ask_as(proxied, "ASK {} # at once", "2001:db8::2"))  # the same network
        assert not turned_away(ask_as(proxied, "ASK {} # at once", "2001:db8:0:1::1"))
    eventually(lambda: proxied.metric("relgraph_queries_running") == 0)


def test_without_a_proxy_the_header_means_nothing(exposed: Server) -> None:
    with exposed.asking(ENDLESS):
        eventually(lambda: exposed.metric("relgraph_queries_running") == 1)
        assert turned_away(ask_as(exposed, "ASK {} # one more", "192.0.2.1"))
    eventually(lambda: not turned_away(ask_as(exposed, "ASK {} # one more", "192.0.2.1")))


# ── workers


def test_workers_that_somebody_kills_are_replaced(server: Server) -> None:
    eventually(lambda: len(server.workers()) == 2)
    before = server.workers()
    lost = server.metric('relgraph_worker_kills_total{reason="lost"}')
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: len(server.workers() - before) == 2 and server.get("ready").json()["workers"] == 2)
    assert server.metric('relgraph_worker_kills_total{reason="lost"}') == lost + 2
    assert server.query("ASK {} # after the loss").json()["boolean"] is True
    assert server.workers().isdisjoint(before)


def test_a_query_whose_worker_somebody_kills_fails_and_the_next_does_not(server: Server) -> None:
    with server.asking(ENDLESS + "# to be killed") as connection:
        eventually(lambda: server.metric("relgraph_queries_running") == 1)
        for pid in server.workers():
            os.kill(pid, signal.SIGKILL)
        assert connection.recv(4096).startswith(b"HTTP/1.1 503 ")
    assert server.query("ASK {} # after the kill").json()["boolean"] is True
