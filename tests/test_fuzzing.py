"""Requests that nobody thought of, against a running server: its OpenAPI document, queries drawn from the grammar of
SPARQL and damaged ones, headers, and bytes. No request may end in a status 500, in silence, or in half an answer.

By default the same examples are drawn every time. RELGRAPH_FUZZ_EXAMPLES=2000 draws so many others for every test.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPResponse
from itertools import islice
from pathlib import Path
from urllib.parse import quote, quote_from_bytes, urlencode

import pyoxigraph as ox
import pytest
import schemathesis
import zstandard
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.specs.openapi import checks

from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS
from relgraph.vocabulary import ID
from server import Server
from sparql_grammar import DATA, Query, mutations, queries, services

#: Few rows, bytes and seconds: what is hostile ends soon.
ROWS = 12
LIMITS = {"QUERY_TIMEOUT": 2, "MAX_ROWS": ROWS, "MAX_BYTES": 20_000, "MAX_QUERY": 20_000, "MAX_URL": 20_000, "MAX_HEADERS": 8_000}
#: Seconds after which a request counts as hung.
HUNG = 30
PROBLEM = "application/problem+json"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
FORMATS = {format.media_type: format.engine for format in (*TABLE_FORMATS, *GRAPH_FORMATS)}
#: The formats that can hold every term that a query of the grammar finds.
TABLES, GRAPHS = (sorted(format.name for format in formats) for formats in (TABLE_FORMATS, GRAPH_FORMATS))
MORE = int(os.environ.get("RELGRAPH_FUZZ_EXAMPLES", "0"))

Rows = Counter[tuple[str, ...]]


def examples(number: int) -> settings:
    """So many examples, unless more are asked for."""
    return settings(
        max_examples=MORE or number,
        derandomize=not MORE,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


# ── the server, and what it answers ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("fuzzing")
    (folder / "data.trig").write_text(DATA, "utf-8")
    with Server(folder / "log", "--dataset", folder / "data.trig", LOG="errors", **LIMITS) as server:
        yield server


@pytest.fixture(scope="module")
def reference() -> ox.Store:
    """The same data in this process."""
    store = ox.Store()
    store.load(DATA.encode(), ox.RdfFormat.TRIG)
    return store


@pytest.fixture(autouse=True)
def goes_on(server: Server) -> Iterator[None]:
    """After every test the server is the same process, has logged no failure of its own, and answers."""
    logged = len(server.logged())
    yield
    assert server.process.poll() is None
    assert server.query("ASK {}").json()["boolean"] is True
    assert [entry for entry in server.logged()[logged:] if entry["event"] == "a request failed"] == []


@dataclass(frozen=True)
class Answer:
    """A response: what was read to its end; body: without its content coding."""

    status: int
    media_type: str
    coding: str
    body: bytes = field(repr=False)

    def problem(self) -> dict[str, object]:
        """The problem that it is."""
        assert self.media_type == PROBLEM
        problem: dict[str, object] = json.loads(self.body)
        assert problem["status"] == self.status
        assert problem["title"]
        assert problem["detail"]
        return problem

    @property
    def is_refusal(self) -> bool:
        """Whether it is a problem that a client can do something about, as every one must be that is no success."""
        if self.status < 400:
            return False
        problem = self.problem()
        assert self.status < 500 or (self.status in (503, 504) and problem["budget"] != "engine"), problem
        return True


def ask(server: Server, method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]] = (), body: bytes = b"") -> Answer:
    """Sends a request byte for byte and reads the response to its end."""
    lines = [(b"Host", b"localhost"), (b"Connection", b"close"), (b"Content-Length", b"%d" % len(body)), *headers]
    head = b"%s %s HTTP/1.1\r\n" % (method, target) + b"".join(b"%s: %s\r\n" % line for line in lines)
    with socket.create_connection(server.address, HUNG) as connection:
        connection.sendall(head + b"\r\n" + body)
        response = HTTPResponse(connection, method=method.decode("latin-1"))
        response.begin()
        answered = response.read()  # raises IncompleteRead where less comes than was promised
        coding, content_type = response.headers.get("Content-Encoding", ""), response.headers.get("Content-Type", "")
    if answered and coding:
        answered = zstandard.ZstdDecompressor().decompressobj().decompress(answered) if coding == "zstd" else gzip.decompress(answered)
    return Answer(response.status, content_type.partition(";")[0], coding, answered)


def get(server: Server, query: str, chosen: str, **parameters: str) -> Answer:
    return ask(server, b"GET", f"/sparql?{urlencode({'query': query, 'format': chosen, **parameters})}".encode())


def post(server: Server, query: str, chosen: str) -> Answer:
    target = f"/sparql?{urlencode({'format': chosen})}".encode()
    return ask(server, b"POST", target, [(b"Content-Type", DIRECT.encode())], query.encode())


def term(value: object) -> str:
    """A term for comparisons; blank nodes are told apart in one answer only."""
    return re.sub(r"_:\w+", "_:", str(value)) if isinstance(value, ox.BlankNode | ox.Triple) else str(value)


def rows(results: object) -> Rows:
    """The rows of an answer, or its triples, or its truth, in no order."""
    if isinstance(results, ox.QueryBoolean):
        return Counter([(str(bool(results)),)])
    if isinstance(results, ox.QuerySolutions):
        names = sorted(variable.value for variable in results.variables)
        return Counter(tuple(term(row[name]) for name in names) for row in results)
    triples: Iterable[ox.Triple | ox.Quad] = results  # type: ignore[assignment]  # the form that is left
    return Counter({tuple(map(term, triple)): 1 for triple in triples})


def read(answer: Answer) -> Rows:
    """The rows of a whole answer in its format. Fails where it does not parse to its end."""
    engine = FORMATS[answer.media_type]
    if engine is ox.QueryResultsFormat.CSV:
        if answer.body in (b"true", b"false"):
            return Counter([(answer.body.decode().title(),)])
        head, *lines = csv.reader(io.StringIO(answer.body.decode("utf-8"), newline=""))
        assert {len(line) for line in lines if line} <= {len(head)}
        return Counter(map(tuple, lines))
    if isinstance(engine, ox.QueryResultsFormat):
        return rows(ox.parse_query_results(answer.body, engine))
    return rows(quad.triple for quad in ox.parse(answer.body, engine))


# ── the OpenAPI document ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def described(server: Server) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{server.url}openapi.json")


OPERATIONS = ["GET /sparql", "POST /sparql", "GET /graphs", "GET /graphs/{name}", "GET /health", "GET /ready", "GET /metrics"]


@pytest.mark.parametrize("label", OPERATIONS)
@examples(30)
@given(data=st.data())
def test_every_operation_answers_as_the_openapi_document_says(described: BaseSchema, label: str, data: st.DataObject) -> None:
    """With parameters that fit the document and some that do not, and half of the time with something to be found."""
    method, path = label.split()
    operation = described[path][method]
    modes = list(GenerationMode) if operation.query else [GenerationMode.POSITIVE]
    case: Case = data.draw(operation.as_strategy(data.draw(st.sampled_from(modes))))
    if data.draw(st.booleans()):
        make_sense(case, data)
    response = case.call(timeout=HUNG)
    assert response.status_code != 500
    case.validate_response(
        response,
        checks=[
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_headers_conformance,
            checks.response_schema_conformance,
        ],
    )


def make_sense(case: Case, data: st.DataObject) -> None:
    """Puts a query that is valid, or a graph that exists, into a request, and a header that is common."""
    case.headers = {**case.headers, "Accept": data.draw(st.sampled_from(["*/*", "text/html", "text/turtle", "text/csv", *FORMATS]))}
    if case.operation.label == "GET /sparql":
        case.query = {"query": data.draw(queries()).text}
    elif case.operation.label == "POST /sparql":
        case.query = {}
        text = data.draw(queries()).text
        case.body = {"query": text} if case.media_type == FORM else text
    elif case.operation.label == "GET /graphs":
        case.query = data.draw(st.sampled_from([{"default": ""}, {"graph": "https://example.org/g1"}]))


def test_the_openapi_document_names_every_route_of_the_endpoint_and_of_operation(described: BaseSchema) -> None:
    assert [result.ok().label for result in described.get_all_operations()] == OPERATIONS


# ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@examples(150)
@given(query=queries(), pick=st.integers(0, 1000))
def test_a_valid_query_finds_what_the_engine_finds_in_this_process(
    server: Server, reference: ox.Store, query: Query, pick: int
) -> None:
    """Over HTTP, in any format, and again in a second one: the same rows, or a budget that is really used up."""
    formats = GRAPHS if query.is_graph else TABLES
    answer = post(server, query.text, formats[pick % len(formats)])
    if answer.is_refusal:
        assert answer.status in (503, 504)
        if answer.problem()["budget"] == "rows" and not (query.volatile or query.partial):
            assert len(list(islice(found(reference, query), ROWS + 1))) > ROWS  # type: ignore[call-overload]  # not ASK
        return
    if query.volatile:
        read(answer)
        return
    if query.form == "SELECT":
        assert read(post(server, query.text, "json")).total() == read(post(server, query.text, "tsv")).total() == read(answer).total()
    if not query.partial:
        expected = rows(found(reference, query))
        if answer.media_type == "text/csv":  # without the types of terms
            assert read(answer).total() == expected.total()
        else:
            assert read(answer) == expected


def found(store: ox.Store, query: Query) -> object:
    return store.query(query.text, base_iri=ID)


@examples(120)
@given(text=mutations(), pick=st.integers(0, 1000))
def test_a_damaged_query_is_refused_or_answered_whole(server: Server, text: str, pick: int) -> None:
    formats = sorted({*TABLES, *GRAPHS})
    answer = post(server, text, formats[pick % len(formats)])
    assert answer.is_refusal or read(answer) is not None
    assert answer.status in (200, 400, 403, 406, 503, 504)


@examples(60)
@given(query=queries() | mutations())
def test_a_page_answers_with_the_status_that_a_program_gets(server: Server, query: Query | str) -> None:
    text = query if isinstance(query, str) else query.text
    page = ask(server, b"GET", f"/sparql?{urlencode({'query': text, 'format': 'html'})}".encode())
    assert page.media_type == "text/html"
    assert page.body.rstrip().endswith(b"</html>")
    if page.status != 200:
        # what is too long for a program is cut for a page, not refused
        other = post(server, text, "json") if "CONSTRUCT" not in text else page
        assert page.status == other.status or other.status == 406


@examples(40)
@given(query=queries(comment="a service to readers"))
def test_the_word_service_in_a_comment_changes_no_answer(server: Server, reference: ox.Store, query: Query) -> None:
    """It has the query checked and written anew before the engine sees it. What cannot be checked is refused."""
    answer = post(server, query.text, "turtle" if query.is_graph else "json")
    if answer.status == 400:
        assert "can be checked" in str(answer.problem()["detail"])
    elif not answer.is_refusal and not query.volatile and not query.partial:
        assert read(answer) == rows(found(reference, query))


@examples(40)
@given(text=services())
def test_a_query_with_a_service_is_refused_or_answered_whole(server: Server, text: str) -> None:
    answer = post(server, text, "json")
    assert answer.status in (200, 400, 403, 406, 503, 504)
    assert answer.is_refusal or read(answer) is not None
