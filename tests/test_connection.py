"""A connection, byte by byte: each of its limits is answered with a status and a problem, and HTTP is kept to."""

from __future__ import annotations

import contextlib
import json
import select
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from server import Server

#: Seconds in which whatever is waited for must have come.
DEADLINE = 30.0
MAX_URL, MAX_HEADERS, MAX_QUERY = 256, 2048, 8192
DIRECT = "Content-Type: application/sparql-query\r\n"
#: The answer has many rows, begins at once, and is more than the buffers of a connection hold.
MANY_ROWS = 30_000
MANY = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} LIMIT {MANY_ROWS}"
#: The answer takes long to begin, longer than a request may take to arrive.
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f VALUES ?x { 1 2 3 4 5 6 7 8 } FILTER(STR(?c) != STR(?f)) }"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand triples."""
    file = tmp_path_factory.mktemp("data") / "data.nt"
    file.write_text("".join(f'<urn:s{number}> <urn:p> "{number}" .\n' for number in range(1000)), "utf-8")
    return file


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    """A server with the limits that it has by default."""
    with Server(data.with_name("server.log"), "--dataset", data) as server:
        yield server


@pytest.fixture(scope="module")
def strict(data: Path) -> Iterator[Server]:
    """A server with narrow limits: a second for a request to arrive, and a few bytes."""
    settings: dict[str, Any] = {
        "MAX_URL": MAX_URL, "MAX_HEADERS": MAX_HEADERS, "MAX_QUERY": MAX_QUERY, "RECEIVE_TIMEOUT": 1, "KEEP_ALIVE": 1,
        "QUERY_TIMEOUT": DEADLINE, "WORKERS": 3,
    }  # fmt: skip
    with Server(data.with_name("strict.log"), "--dataset", data, **settings) as server:
        yield server


@dataclass
class Response:
    """A response as it came over the connection; names of headers are in lower case."""

    version: str
    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A connection to a server. source: the address that it comes from."""

    def __init__(self, server: Server, sent: str | bytes = b"", source: str = "127.0.0.1") -> None:
        self.socket = socket.socket()
        self.socket.settimeout(DEADLINE)
        self.socket.bind((source, 0))
        self.socket.connect(server.address)
        self._incoming = self.socket.makefile("rb")
        self.send(sent)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *raised: object) -> None:
        self._incoming.close()
        self.socket.close()

    def send(self, data: str | bytes) -> None:
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def send_until_answered(self, pieces: Iterator[bytes], pause: float = 0.0) -> None:
        """Sends one piece after the other until there is something to read."""
        for piece in pieces:
            if select.select([self.socket], [], [], pause)[0]:
                return
            try:
                self.send(piece)
            except OSError:  # the server reads no more
                return

    def response(self, method: str = "GET") -> Response:
        """The next response, read no further than its end."""
        version, status, *_ = self._line().split(" ")
        headers = {}
        while line := self._line():
            name, _, value = line.partition(":")
            assert name.lower() not in headers, f"{name} stands there twice"
            headers[name.lower()] = value.strip()
        return Response(version, int(status), headers, self._body(method, int(status), headers))

    def has_ended(self) -> bool:
        """Waits for the server to close the connection; False when it sends something, or does neither in time."""
        try:
            return self._incoming.read(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    def _body(self, method: str, status: int, headers: dict[str, str]) -> bytes:
        if method == "HEAD" or status in (100, 204, 304):
            return b""
        if headers.get("transfer-encoding") == "chunked":
            parts = []
            while size := int(self._line(), 16):
                parts.append(self._incoming.read(size))
                assert self._line() == ""
            assert self._line() == ""
            return b"".join(parts)
        if "content-length" in headers:
            return self._incoming.read(int(headers["content-length"]))
        return self._incoming.read()

    def _line(self) -> str:
        line = self._incoming.readline()
        assert line.endswith(b"\r\n"), f"the connection has ended with {line!r}"
        return line[:-2].decode("latin-1")


def get(target: str, headers: str = "", version: str = "1.1", method: str = "GET") -> str:
    return f"{method} {target} HTTP/{version}\r\nHost: example.org\r\n{headers}\r\n"


def post(body: str, headers: str = "") -> str:
    return f"POST /sparql HTTP/1.1\r\nHost: example.org\r\n{DIRECT}{headers}Content-Length: {len(body)}\r\n\r\n{body}"


def asking(query: str) -> str:
    return "/sparql?query=" + quote(query)


def health(wire: Wire) -> int:
    wire.send(get("/health"))
    return wire.response().status


def detail_of(response: Response) -> str:
    """What a problem says."""
    assert response.headers["content-type"] == "application/problem+json"
    problem = json.loads(response.body)
    assert problem["status"] == response.status
    assert problem["title"]
    return str(problem["detail"])


def refused(wire: Wire, status: int, *words: str) -> Response:
    """The response is a problem with that status and those words, and it is the last one."""
    response = wire.response()
    assert response.status == status, response
    assert response.headers["connection"] == "close"
    detail = detail_of(response)
    assert all(word in detail for word in words), detail
    assert wire.has_ended()
    return response


# ── time

PARTS = {
    "nothing": "",
    "a part of a line": "GET /hea",
    "a head without its end": "GET /health HTTP/1.1\r\nHost: example.org\r\n",
    "a head without its body": f"POST /sparql HTTP/1.1\r\nHost: example.org\r\n{DIRECT}Content-Length: 6\r\n\r\n",
    "a part of a body": f"POST /sparql HTTP/1.1\r\nHost: example.org\r\n{DIRECT}Content-Length: 6\r\n\r\nASK",
    "a part of a chunk": f"POST /sparql HTTP/1.1\r\nHost: example.org\r\n{DIRECT}Transfer-Encoding: chunked\r\n\r\n6\r\nASK",
    "chunks without the last": f"POST /sparql HTTP/1.1\r\nHost: example.org\r\n{DIRECT}Transfer-Encoding: chunked\r\n\r\n"
    "6\r\nASK {}\r\n",
}


@pytest.mark.parametrize("sent", PARTS.values(), ids=PARTS)
def test_a_request_that_does_not_arrive_whole_is_refused(strict: Server, sent: str) -> None:
    with Wire(strict, sent) as wire:
        refused(wire, 408, "within 1 s")


@pytest.mark.parametrize("sent", [PARTS["a head without its end"] + "X: ", PARTS["a head without its body"].replace("6", "900")])
def test_it_counts_when_a_request_has_arrived_not_that_something_arrives(strict: Server, sent: str) -> None:
    with Wire(strict, sent) as wire:
        wire.send_until_answered(repeat(b"a", 300), pause=0.05)
        refused(wire, 408)


def test_the_second_request_on_a_connection_has_the_same_time(strict: Server) -> None:
    with Wire(strict) as wire:
        assert health(wire) == 200
        wire.send(PARTS["a part of a line"])
        refused(wire, 408)


def test_half_open_connections_do_not_keep_others_from_being_served(strict: Server) -> None:
    with contextlib.ExitStack() as stack:
        half_open = [stack.enter_context(Wire(strict, sent)) for sent in PARTS.values() for _ in range(8)]
        assert strict.get("health").status_code == 200
        assert strict.query("ASK {}").json() == {"head": {}, "boolean": True}
        for wire in half_open:
            refused(wire, 408)


def test_an_idle_connection_is_closed(strict: Server) -> None:
    with Wire(strict) as wire:
        assert health(wire) == 200
        assert wire.has_ended()


def test_an_idle_connection_is_closed_whatever_is_sent_that_begins_no_request(strict: Server) -> None:
    with Wire(strict) as wire:
        assert health(wire) == 200
        wire.send("\r\n")
        wire.socket.settimeout(6)
        assert wire.has_ended()


# ── bytes


def test_a_target_may_be_as_long_as_the_limit(strict: Server) -> None:
    with Wire(strict, get("/health?".ljust(MAX_URL, "a"))) as wire:
        assert wire.response().status == 200


def test_too_long_a_target_is_refused(strict: Server) -> None:
    with Wire(strict, get("/health?".ljust(MAX_URL + 1, "a"))) as wire:
        refused(wire, 414, f"{MAX_URL} bytes", "POST")


def test_a_target_without_end_is_refused(strict: Server) -> None:
    with Wire(strict, "GET /") as wire:
        wire.send_until_answered(repeat(b"a" * 4096))
        refused(wire, 414)


def padded(size: int) -> str:
    """Headers that, with Host, have that many bytes."""
    return f"X: {'a' * (size - len('Host: example.org') - len('X: ') - 4)}\r\n"


def test_headers_may_be_as_large_as_the_limit(strict: Server) -> None:
    with Wire(strict, get("/health", padded(MAX_HEADERS))) as wire:
        assert wire.response().status == 200


@pytest.mark.parametrize("headers", [padded(MAX_HEADERS + 1), "X: a\r\n" * (MAX_HEADERS // 6)], ids=["one", "many"])
def test_too_large_headers_are_refused(strict: Server, headers: str) -> None:
    with Wire(strict, get("/health", headers)) as wire:
        refused(wire, 431, f"{MAX_HEADERS} bytes")


@pytest.mark.parametrize("piece", [b"a" * 4096, b"X: a\r\n" * 100], ids=["one line", "many lines"])
def test_headers_without_end_are_refused(strict: Server, piece: bytes) -> None:
    with Wire(strict, "GET /health HTTP/1.1\r\nHost: example.org\r\nX: a") as wire:
        wire.send_until_answered(repeat(piece))
        refused(wire, 431)


def test_headers_after_the_body_have_a_limit_too(server: Server) -> None:
    with Wire(server, PARTS["chunks without the last"] + "0\r\nX: ") as wire:
        wire.send_until_answered(repeat(b"a" * 65536, 200))
        wire.socket.settimeout(5)
        refused(wire, 431)


def test_a_request_may_have_as_large_a_body_as_the_limit(strict: Server) -> None:
    sent = post("ASK {} #".ljust(MAX_QUERY, "a"))
    with Wire(strict, sent[:-MAX_QUERY]) as wire:
        for start in range(len(sent) - MAX_QUERY, len(sent), 1024):
            assert not select.select([wire.socket], [], [], 0.05)[0]  # so that the server reads it piece by piece
            wire.send(sent[start : start + 1024])
        assert json.loads(wire.response().body)["boolean"] is True


@pytest.mark.parametrize("size", [MAX_QUERY - 1000, MAX_QUERY])
def test_a_request_with_a_large_body_may_arrive_all_at_once(strict: Server, size: int) -> None:
    with Wire(strict, post("ASK {} #".ljust(size, "a"))) as wire:
        assert wire.response().status == 200


def test_too_large_a_body_is_refused_before_it_is_sent(strict: Server) -> None:
    with Wire(strict, post("a" * (MAX_QUERY + 1)).partition("a" * MAX_QUERY)[0]) as wire:
        response = refused(wire, 413, f"{MAX_QUERY} bytes")
        assert response.headers["relgraph-release"]


def test_too_large_a_body_in_chunks_is_refused_as_soon_as_it_is(strict: Server) -> None:
    with Wire(strict, PARTS["chunks without the last"]) as wire:
        wire.send_until_answered(repeat(b"400\r\n" + b"a" * 0x400 + b"\r\n"), pause=0.01)
        refused(wire, 413, f"{MAX_QUERY} bytes")


def test_a_body_may_come_in_chunks(server: Server) -> None:
    with Wire(server, PARTS["chunks without the last"] + "0\r\n\r\n") as wire:
        assert json.loads(wire.response().body)["boolean"] is True


# ── connections


def hold(stack: contextlib.ExitStack, server: Server, source: str, count: int) -> list[Wire]:
    """Opens connections until so many of them are served; those of earlier requests may take a moment to be gone."""
    held: list[Wire] = []
    while len(held) < count:
        wire = stack.enter_context(Wire(server, get("/health"), source))
        if wire.response().status == 200:
            held.append(wire)
    return held


def test_connections_have_a_limit_of_which_one_client_gets_half(data: Path) -> None:
    with Server(data.with_name("few.log"), "--dataset", data, MAX_CONNECTIONS=6) as server, contextlib.ExitStack() as stack:
        mine = hold(stack, server, "127.0.0.1", 3)
        with Wire(server) as wire:
            assert refused(wire, 503, "too many connections").headers["retry-after"] == "1"
        hold(stack, server, "127.0.0.2", 3)
        with Wire(server, source="127.0.0.3") as wire:
            refused(wire, 503)
        assert [health(wire) for wire in mine] == [200, 200, 200]
        mine[0].__exit__()
        hold(stack, server, "127.0.0.3", 1)


# ── what is no HTTP

NOT_HTTP = {
    "words": b"HELLO\r\n\r\n",
    "the beginning of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "the beginning of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another version": b"GET /health HTTP/9.9\r\n\r\n",
    "an unknown method": b"BREW /health HTTP/1.1\r\nHost: a\r\n\r\n",
    "no target": b"GET  HTTP/1.1\r\nHost: a\r\n\r\n",
    "a target that is not ASCII": b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    "lines that end with a line feed": b"GET /health HTTP/1.1\nHost: a\n\n",
    "a header that goes on in the next line": b"GET /health HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
    "a space before the colon": b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
    "a zero byte in a header": b"GET /health HTTP/1.1\r\nHost: a\x00\r\n\r\n",
    "two lengths": b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a length and chunks": b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a length that is no number": b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "a chunk whose size is no number": b"POST /sparql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
}


@pytest.mark.parametrize("sent", NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_no_http_is_refused(server: Server, sent: bytes) -> None:
    with Wire(server, sent) as wire:
        refused(wire, 400, "no HTTP request")


@pytest.mark.parametrize("hosts", ["", "Host: a\r\nHost: b\r\n"])
def test_a_request_names_one_host(server: Server, hosts: str) -> None:
    with Wire(server, f"GET /health HTTP/1.1\r\n{hosts}\r\n") as wire:
        assert wire.response().status == 400


def test_a_refusal_has_the_headers_of_every_response(server: Server) -> None:
    with Wire(server, NOT_HTTP["words"]) as wire:
        headers = refused(wire, 400).headers
        assert {"date", "x-content-type-options", "content-security-policy", "x-request-id"} <= headers.keys()


# ── one request after the other


def test_a_connection_serves_one_request_after_the_other(server: Server) -> None:
    with Wire(server) as wire:
        for sent in (get(asking("ASK {}")), post("ASK { <urn:no> ?p ?o }"), get("/nowhere"), get("/health")):
            wire.send(sent)
            response = wire.response()
            assert "connection" not in response.headers
        assert json.loads(response.body) == {"status": "alive"}


def test_a_client_may_ask_for_the_end(server: Server) -> None:
    with Wire(server, get("/health", "Connection: close\r\n")) as wire:
        response = wire.response()
        assert (response.status, response.headers["connection"]) == (200, "close")
        assert wire.has_ended()


def pipelined(requests: Sequence[str]) -> str:
    """The requests at once, each with its place as its id."""
    return "".join(sent.replace("\r\n", f"\r\nX-Request-Id: {place}\r\n", 1) for place, sent in enumerate(requests))


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    requests = [get(asking(MANY)), get("/health"), post("ASK {}"), get("/nowhere"), get("/", method="HEAD"), get("/ready")]
    with Wire(server, pipelined(requests)) as wire:
        responses = [wire.response(sent.partition(" ")[0]) for sent in requests]
    assert [response.headers["x-request-id"] for response in responses] == ["0", "1", "2", "3", "4", "5"]
    assert [response.status for response in responses] == [200, 200, 200, 404, 200, 200]
    assert len(json.loads(responses[0].body)["results"]["bindings"]) == MANY_ROWS
    assert json.loads(responses[2].body)["boolean"] is True


def test_a_request_is_answered_although_the_next_one_is_no_http(server: Server) -> None:
    with Wire(server, get("/health") + "HELLO\r\n\r\n") as wire:
        assert wire.response().status == 200
        refused(wire, 400)


def test_a_request_is_answered_although_the_next_one_has_not_arrived(strict: Server) -> None:
    with Wire(strict, get(asking(LONG)) + "GET /hea") as wire:
        assert wire.response().status == 200


# ── HTTP/1.0, HEAD, Expect


@pytest.mark.parametrize("target", ["/health", asking("ASK {}"), "/nowhere"])
def test_http_1_0_is_answered_and_closed(server: Server, target: str) -> None:
    with Wire(server, get(target, version="1.0")) as wire:
        response = wire.response()
        assert response.status == (404 if target == "/nowhere" else 200)
        assert response.headers["connection"] == "close"
        assert json.loads(response.body)
        assert wire.has_ended()


def test_a_long_answer_to_http_1_0_ends_with_the_connection(server: Server) -> None:
    with Wire(server, get(asking(MANY), version="1.0")) as wire:
        response = wire.response()
        assert "transfer-encoding" not in response.headers
        assert len(json.loads(response.body)["results"]["bindings"]) == MANY_ROWS


@pytest.mark.parametrize(
    "target",
    [
        "/", "/query?query=ASK%7B%7D", "/static/style.css", "/sparql", "/graphs?default&format=ntriples", asking("ASK {}"),
        asking("SELECT * { ?s ?p ?o } LIMIT 100"), asking(MANY), asking("no query"), "/graphs?graph=urn:none",
        "/health", "/ready",
    ],
)  # fmt: skip
def test_head_has_the_headers_of_get_and_no_body(server: Server, target: str) -> None:
    differing = {"date", "x-request-id", "transfer-encoding"}
    with Wire(server) as wire:
        wire.send(get(target))
        by_get = wire.response()
        wire.send(get(target, method="HEAD"))
        by_head = wire.response("HEAD")
        assert by_head.status == by_get.status
        for name in (by_get.headers.keys() | by_head.headers.keys()) - differing:
            assert by_head.headers.get(name) == by_get.headers.get(name), name
        assert health(wire) == 200  # whatever came after the head would stand in the way of this


def test_a_client_that_waits_to_send_its_body_is_told_to_go_on(server: Server) -> None:
    sent = post("ASK {}", "Expect: 100-continue\r\n")
    with Wire(server, sent.removesuffix("ASK {}")) as wire:
        assert wire.response().status == 100
        wire.send("ASK {}")
        assert json.loads(wire.response().body)["boolean"] is True


def test_a_client_whose_body_is_not_wanted_is_not_told_to_go_on(server: Server) -> None:
    expecting = f"{DIRECT}Expect: 100-continue\r\n"
    with Wire(server, f"POST /sparql HTTP/1.1\r\nHost: a\r\n{expecting}Content-Length: 9000000\r\n\r\n") as wire:
        refused(wire, 413)


UPGRADE = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"


def test_an_offer_of_http_2_is_passed_over(server: Server) -> None:
    with Wire(server) as wire:
        for _ in range(2):
            wire.send(get(asking("ASK {}"), UPGRADE))
            assert json.loads(wire.response().body)["boolean"] is True


def test_a_body_comes_with_an_offer_of_http_2(server: Server) -> None:
    with Wire(server, post("ASK {}", UPGRADE)) as wire:
        assert json.loads(wire.response().body)["boolean"] is True


def test_a_body_may_wait_for_the_answer_to_an_earlier_request(strict: Server) -> None:
    with Wire(strict, get(asking(MANY)) + post("ASK {}").removesuffix("ASK {}")) as wire, Wire(strict) as late:
        wire.send("ASK {}")
        refused(late, 408)  # as long as a request may take has passed by now
        assert len(json.loads(wire.response().body)["results"]["bindings"]) == MANY_ROWS
        assert json.loads(wire.response().body)["boolean"] is True


# ── what a reader of the code found


def test_a_body_is_never_changed(server: Server) -> None:
    """A prefix named Upgrade in a body that comes apart from its head, which offers nothing."""
    query = "PREFIX\r\nUpgrade: <urn:a>\r\nASK { FILTER(Upgrade:b = <urn:ab>) }"
    head, _, body = post(query).partition("\r\n\r\n")
    with Wire(server, head + "\r\n\r\n") as wire:
        assert not select.select([wire.socket], [], [], 0.2)[0]
        wire.send(body)
        assert json.loads(wire.response().body)["boolean"] is True
        assert health(wire) == 200


def test_a_fault_behind_requests_that_wait_ends_the_connection(server: Server) -> None:
    with Wire(server, get("/health") * 3 + "garbage\r\n\r\n") as wire:
        assert wire.response().status == 200
        refused(wire, 400)


def test_few_requests_may_wait_on_a_connection(server: Server) -> None:
    with Wire(server, get(asking("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }")) + get("/health") * 100) as wire:
        assert wire.response().status == 200
        refused(wire, 429)


def test_a_request_that_waits_with_its_body_does_not_disturb_the_answer_before_it(strict: Server) -> None:
    with Wire(strict, get(asking(LONG)) + post("ASK {}").removesuffix("ASK {}")) as wire:
        assert "bindings" in json.loads(wire.response().body)["results"]
        wire.send("ASK {}")
        assert json.loads(wire.response().body)["boolean"] is True


def test_a_path_with_a_slash_too_many_leads_nowhere_else(server: Server) -> None:
    with Wire(server, "GET /health/ HTTP/1.1\r\nHost: evil.example\r\n\r\n") as wire:
        response = wire.response()
        assert response.status == 404
        assert "location" not in response.headers
