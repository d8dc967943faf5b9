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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPResponse
from itertools import islice
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import schemathesis
import zstandard
from hypothesis import HealthCheck, currently_in_test_context, event, given, note, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, Case, GenerationMode, SerializationContext
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS, Format
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


def ask(server: Server, method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]] = (), body: bytes = b"") -> Answer:
    """Sends a request byte for byte and reads the response to its end."""
    lines = [(b"Host", b"localhost"), (b"Connection", b"close"), (b"Content-Length", b"%d" % len(body)), *headers]
    if currently_in_test_context():  # shown where the test fails
        note(f"{method!r} {target!r} {list(headers)} {body!r}")
    head = b"%s %s HTTP/1.1\r\n" % (method, target) + b"".join(b"%s: %s\r\n" % line for line in lines)
    with socket.create_connection(server.address, HUNG) as connection:
        connection.sendall(head + b"\r\n" + body)
        response = HTTPResponse(connection, method=method.decode("latin-1"))
        response.begin()
        answered = response.read()  # raises IncompleteRead where less comes than was promised
        coding, content_type = response.headers.get("Content-Encoding", ""), response.headers.get("Content-Type", "")
    if answered and coding:
        answered = (
            zstandard.ZstdDecompressor().decompressobj().decompress(answered) if coding == "zstd" else gzip.decompress(answered)
        )
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


@schemathesis.serializer(DIRECT)
def direct(_: SerializationContext, value: object) -> bytes:
    return str(value).encode()


OPERATIONS = [
    "GET /export",
    "GET /export/{form}",
    "GET /sparql",
    "POST /sparql",
    "GET /graphs",
    "GET /graphs/{name}",
    "GET /why",
    "GET /queries",
    "GET /search",
    "GET /releases",
    "GET /.well-known/void",
    "GET /files/{release}/{name}",
    "GET /id/{key}",
    "GET /ns",
    "GET /ns/{name}",
    "GET /documents/{id}",
    "GET /health",
    "GET /ready",
    "GET /metrics",
]


@pytest.mark.parametrize("label", OPERATIONS)
@examples(60)
@given(data=st.data())
def test_every_operation_answers_as_the_openapi_document_says(described: BaseSchema, label: str, data: st.DataObject) -> None:
    """With parameters that fit the document and some that do not, and mostly with something to be found."""
    method, path = label.split()
    operation = described[path][method]
    modes = list(GenerationMode) if operation.query else [GenerationMode.POSITIVE]
    case: Case[Any] = data.draw(operation.as_strategy(data.draw(st.sampled_from(modes))))
    if data.draw(st.integers(0, 2)):
        make_sense(case, data)
    response = case.call(timeout=HUNG)
    note(f"{response.request.method} {response.request.url} {response.request.body!r}")
    event(f"status {response.status_code}")
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


def make_sense(case: Case[Any], data: st.DataObject) -> None:
    """Puts a query that is valid, or a graph that exists, into a request, and a header that is common."""
    accept = ["*/*", "text/html, */*;q=0.8", *(f"{media_type}, */*;q=0.1" for media_type in FORMATS)]
    case.headers["Accept"] = data.draw(st.sampled_from(accept))
    if case.operation.label == "GET /sparql":
        case.query = {"query": data.draw(queries()).text}
    elif case.operation.label == "POST /sparql":
        case.query = {}
        text = data.draw(queries()).text
        case.body = {"query": text} if case.media_type == FORM else text
    elif case.operation.label == "GET /graphs":
        case.query = data.draw(st.sampled_from([{"default": ""}, {"graph": "https://example.org/g1"}]))
    if "release" in {parameter.name for parameter in case.operation.query}:
        given = dict(case.query or {})
        given.pop("release", None)
        asked: list[dict[str, str]] = [{}, {"release": "current"}, {"release": "zzz"}]
        case.query = given | data.draw(st.sampled_from(asked))


def test_the_openapi_document_names_every_route_of_the_endpoint_and_of_operation(described: BaseSchema) -> None:
    assert [result.ok().label for result in described.get_all_operations() if isinstance(result, Ok)] == OPERATIONS


# ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@examples(800)
@given(query=queries(), pick=st.integers(0, 1000))
def test_a_valid_query_finds_what_the_engine_finds_in_this_process(
    server: Server, reference: ox.Store, query: Query, pick: int
) -> None:
    """Over HTTP, in any format, and again in a second one: the same rows, or a budget that is really used up."""
    formats = GRAPHS if query.is_graph else TABLES
    answer = post(server, query.text, formats[pick % len(formats)])
    event(f"status {answer.status}")
    if answer.is_refusal:
        assert answer.status in (503, 504)
        if answer.problem()["budget"] == "rows" and not (query.volatile or query.partial):
            assert len(list(islice(found(reference, query), ROWS + 1))) > ROWS  # type: ignore[call-overload]  # not ASK
        return
    if query.volatile:
        read(answer)
        return
    if query.form == "SELECT":
        assert (
            read(post(server, query.text, "json")).total()
            == read(post(server, query.text, "tsv")).total()
            == read(answer).total()
        )
    if not query.partial:
        expected = rows(found(reference, query))
        if answer.media_type == "text/csv":  # without the types of terms
            assert read(answer).total() == expected.total()
        else:
            assert read(answer) == expected


def found(store: ox.Store, query: Query) -> object:
    return store.query(query.text, base_iri=ID)


@examples(200)
@given(text=mutations(), table=st.sampled_from(TABLE_FORMATS), graph=st.sampled_from(GRAPH_FORMATS))
def test_a_damaged_query_is_refused_or_answered_whole(server: Server, text: str, table: Format, graph: Format) -> None:
    accept = f"{table.media_type}, {graph.media_type}".encode()
    answer = ask(server, b"POST", b"/sparql", [(b"Content-Type", DIRECT.encode()), (b"Accept", accept)], text.encode())
    event(f"status {answer.status}")
    assert answer.is_refusal or read(answer) is not None
    assert answer.status in (200, 400, 403, 503, 504)


@examples(120)
@given(query=queries() | mutations())
def test_a_page_answers_with_the_status_that_a_program_gets(server: Server, query: Query | str) -> None:
    text = query if isinstance(query, str) else query.text
    page = get(server, text, "html")
    event(f"status {page.status}")
    assert page.media_type == "text/html"
    assert page.body.rstrip().endswith(b"</html>")
    if page.status != 200:
        assert page.status in {post(server, text, "json").status, post(server, text, "turtle").status}


@examples(80)
@given(query=queries(comment="a service to readers"))
def test_the_word_service_in_a_comment_changes_no_answer(server: Server, reference: ox.Store, query: Query) -> None:
    """It has the query checked and written anew before the engine sees it. What cannot be checked is refused."""
    answer = post(server, query.text, "turtle" if query.is_graph else "json")
    event(f"status {answer.status}")
    if answer.status == 400:
        assert "can be checked" in str(answer.problem()["detail"])
    elif not answer.is_refusal and not query.volatile and not query.partial:
        assert read(answer) == rows(found(reference, query))


@examples(80)
@given(text=services())
def test_a_query_with_a_service_is_refused_or_answered_whole(server: Server, text: str) -> None:
    answer = post(server, text, "json")
    event(f"status {answer.status}")
    assert answer.status in (200, 400, 403, 406, 503, 504)
    assert answer.is_refusal or read(answer) is not None


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

#: Names by which each type of ours may be asked for.
NAMES = {
    format.media_type: {format.media_type, *(alias for alias in format.aliases if "/" in alias)}
    for format in (*TABLE_FORMATS, *GRAPH_FORMATS)
}
#: Long enough for it to be worth a coding.
LONG = "SELECT " + " ".join(f"(SHA512('{number}') AS ?n{number})" for number in range(8)) + " {}"
WEIGHTS = {
    "": 1.0,
    ";q=1": 1.0,
    "; q=1.000": 1.0,
    ";q=0.5": 0.5,
    ";Q=.2": 0.2,
    ";level=1;q=0.001": 0.001,
    ";q=0": 0.0,
    " ; q = 0.0": 0.0,
}
SPACES = st.sampled_from(["", " ", "\t", "  "])
#: Every character that a header may have (RFC 9110, section 5.5), all but as rarely as they come.
HEADER_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=60)


@st.composite
def listed(draw: Callable[[st.SearchStrategy[object]], object], members: tuple[str, ...]) -> tuple[str, dict[str, list[float]]]:
    """A header that lists members with weights, and what it says: the weights of each member."""
    parts, said = [], dict[str, list[float]]()
    for _ in range(draw(st.integers(1, 5))):  # type: ignore[call-overload]  # an integer
        member, weight = str(draw(st.sampled_from(members))), str(draw(st.sampled_from(sorted(WEIGHTS))))
        said.setdefault(member.lower(), []).append(WEIGHTS[weight])
        parts.append(f"{draw(SPACES)}{member}{weight}{draw(SPACES)}")
    return ",".join(parts), said


def weight_of(media_type: str, said: dict[str, list[float]]) -> float | None:
    """What a header says of a type: by its own name, else by another, else by a range; None where it says nothing."""
    kind = media_type.partition("/")[0]
    for names in ({media_type}, NAMES[media_type], {f"{kind}/*"}, {"*/*"}):
        weights = [weight for name in names for weight in said.get(name, [])]
        if weights:
            return max(weights)
    return None


#: application/* stands in a test of its own, below.
RANGES = (
    "*/*",
    "text/*",
    "application/*",
    "TEXT/csv",
    "image/png",
    *sorted({name for names in NAMES.values() for name in names}),
)


@examples(150)
@given(header=listed(RANGES), query=st.sampled_from(["ASK {}", "SELECT * { ?a :name ?b }", "DESCRIBE <https://example.org/a>"]))
def test_what_has_a_weight_of_0_in_accept_is_never_served(
    server: Server, header: tuple[str, dict[str, list[float]]], query: str
) -> None:
    accept, said = header
    query = f"PREFIX : <https://example.org/> {query}"
    answer = ask(server, b"GET", b"/sparql?query=" + quote(query).encode(), [(b"Accept", accept.encode())])
    event(f"status {answer.status}")
    if answer.status == 200:
        assert weight_of(answer.media_type, said) != 0
        read(answer)
    else:
        assert answer.status == 406
        assert answer.is_refusal
        possible = GRAPH_FORMATS if "DESCRIBE" in query else TABLE_FORMATS
        assert not any(weight_of(format.media_type, said) for format in possible)


@examples(150)
@given(header=listed(("gzip", "zstd", "ZSTD", "identity", "*", "br", "x-gzip")))
def test_what_has_a_weight_of_0_in_accept_encoding_is_never_served(
    server: Server, header: tuple[str, dict[str, list[float]]]
) -> None:
    accept_encoding, said = header
    target = b"/sparql?query=" + quote(LONG).encode()
    answer = ask(server, b"GET", target, [(b"Accept-Encoding", accept_encoding.encode())])
    event(f"coding {answer.coding}")
    assert answer.status == 200
    assert answer.coding in ("", "gzip", "zstd")
    weights = said.get(answer.coding, []) + said.get(f"x-{answer.coding}", [])  # x-gzip is another name of gzip
    assert not answer.coding or any(weights or said.get("*", [0.0]))
    assert read(answer) == read(get(server, LONG, "json"))


@examples(150)
@given(accept=HEADER_TEXT, accept_encoding=HEADER_TEXT)
def test_any_text_in_the_headers_of_negotiation_has_an_answer(server: Server, accept: str, accept_encoding: str) -> None:
    headers = [(b"Accept", accept.encode("latin-1")), (b"Accept-Encoding", accept_encoding.encode("latin-1"))]
    answer = ask(server, b"GET", b"/sparql?query=ASK%20%7B%7D", headers)
    event(f"status {answer.status}")
    assert answer.status in (200, 400, 406)
    if not answer.is_refusal:
        assert answer.media_type in FORMATS
        read(answer)


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

#: Bytes of any kind, and such as mean something in a query, a form or an address.
BYTES = st.binary(max_size=80) | st.sampled_from([b"ASK {}", b"query=ASK {}&timeout=1e999"]) | st.lists(
    st.sampled_from([
        b"query=", b"ASK {}", b"query=ASK {}", b"&", b"=", b"%", b"%ff", b"%00", b"+", b";", b"\xd0\x96", b"\xff", b"timeout=",
        b"default-graph-uri=", b"format=", b"1e999", b"-0", b"nan", b"html", b"csv", b"update=", b"#", b"?", b"/", b"\\u0000",
    ]),
    max_size=10,
).map(b"".join)  # fmt: skip
#: What a request line cannot have within an address.
BREAKS = re.compile(rb"[\x00-\x20\x7f]")
TYPES = st.sampled_from(
    [FORM, DIRECT, f"{DIRECT}; charset=utf-8", f"{FORM}; charset=koi8-r", "application/sparql-update", "text/plain", ""]
)


@examples(250)
@given(data=BYTES, encoded=st.booleans(), path=st.sampled_from([b"/sparql", b"/graphs", b"/query", b"/"]))
def test_any_bytes_may_be_a_query_string(server: Server, data: bytes, encoded: bool, path: bytes) -> None:
    data = quote_from_bytes(data).encode() if encoded else BREAKS.sub(b"", data)
    answer = ask(server, b"GET", path + b"?" + data)
    event(f"status {answer.status}")
    assert answer.status in (200, 400, 403, 404, 406, 504)
    assert answer.media_type == "text/html" or answer.is_refusal or answer.media_type in FORMATS


@examples(250)
@given(body=BYTES, content_type=TYPES)
def test_any_bytes_may_be_a_body(server: Server, body: bytes, content_type: str) -> None:
    answer = ask(server, b"POST", b"/sparql", [(b"Content-Type", content_type.encode())], body)
    event(f"status {answer.status}")
    assert answer.status in (200, 400, 403, 406, 415, 504)
    assert answer.is_refusal or read(answer) is not None


PATHS = ("/sparql", "/sparql/", "/graphs", "/graphs/", "/graphs/asserted", "/health", "/ready", "/metrics", "/openapi.json", "/",
         "/query", "/queries/", "/static/", "/static", "//", "*", "/..")  # fmt: skip
METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "QUERY",
    "PRI",
    "get",
    "SPARQL",
)


@examples(300)
@given(
    method=st.sampled_from(METHODS[:4]) | st.sampled_from(METHODS) | st.text("!#$%&'*+-.^_`|~AZaz09", min_size=1, max_size=8),
    path=st.sampled_from(PATHS),
    rest=st.text(max_size=12) | st.sampled_from(["\0", "../../etc/passwd", "style.css", "a" * 300, "\ud800", "%", "?", "//"]),
    encoded=st.booleans(),
)
def test_any_method_and_path_have_an_answer(server: Server, method: str, path: str, rest: str, encoded: bool) -> None:
    data = rest.encode("utf-8", "surrogatepass")
    data = quote_from_bytes(data).encode() if encoded else BREAKS.sub(b"", data)
    answer = ask(server, method.encode(), path.encode() + data)
    event(f"status {answer.status}")
    assert answer.status < 500
    if answer.status >= 400 and method != "HEAD":  # a person gets a page at these
        assert (answer.media_type == "text/html" and path not in ("/graphs", "/graphs/asserted")) or answer.is_refusal
    if answer.status == 204:
        assert method == "OPTIONS"


# ── faults that fuzzing found, each with the least request that showed it ───────────────────────────────────────────


def test_a_page_shows_triple_terms(server: Server) -> None:
    answer = get(server, "SELECT (TRIPLE(<urn:a>, <urn:b>, <urn:c>) AS ?t) {}", "html")
    assert answer.status == 200


def test_a_range_means_official_names_only(server: Server) -> None:
    answer = ask(server, b"GET", b"/sparql?query=DESCRIBE%20%3Curn:a%3E", [(b"Accept", b"application/*")])
    assert answer.media_type.startswith("application/")


def test_an_iri_with_a_comma_is_one_field_of_csv(server: Server) -> None:
    body = get(server, "SELECT (<urn:a,b> AS ?a) {}", "csv").body.decode()
    assert list(csv.reader(io.StringIO(body, newline=""))) == [["a"], ["urn:a,b"]]


def test_a_carriage_return_stands_in_xml_as_a_reference(server: Server) -> None:
    literal = ElementTree.fromstring(get(server, r'SELECT ("a\rb" AS ?a) {}', "xml").body).find(".//{*}literal")
    assert literal is not None
    assert literal.text == "a\rb"


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        (r'SELECT ("\u0001" AS ?a) {}', "xml"),
        (r'CONSTRUCT { <urn:a> <urn:x:b> "\u0001" } {}', "rdfxml"),
        ('CONSTRUCT { <urn:a> <https://example.org/1> "b" } {}', "rdfxml"),  # a property that has no name in XML
    ],
)
def test_xml_is_well_formed_or_refused(server: Server, query: str, chosen: str) -> None:
    answer = get(server, query, chosen)
    assert answer.is_refusal
    assert answer.status == 400
