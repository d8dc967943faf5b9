"""The W3C tests for SPARQL 1.1, over HTTP against the running server, one case each.

Tests that are known to miss are in w3c-misses.tsv with their reasons; one that is listed and does not miss fails as well.
Out of scope: updates (Update, Update Silent and their syntax), for the endpoint is read-only, and the folder entailment as
a whole, whose tests need entailment regimes: the server answers from what is in its data. http-rdf-update is the deprecated
form of graph-store-protocol.

The suite is not part of the repository: RELGRAPH_W3C names its folder, by default ../shared/w3c.
"""

from __future__ import annotations

import http.client
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from _pytest.mark.structures import ParameterSet
from rdflib import Graph, URIRef

import w3c
import w3c_results
from server import Server
from w3c import ProtocolTest, QueryTest, Request

if not w3c.FOLDER.is_dir():
    if os.environ.get("CI"):
        pytest.fail("RELGRAPH_W3C names no folder with sparql11; in CI the W3C test suites must be at hand", pytrace=False)
    pytest.skip("the W3C test suites are not at hand: set RELGRAPH_W3C to their folder", allow_module_level=True)

MISSES = w3c.lookup_misses(Path(__file__).with_name("w3c-misses.tsv"))
QUERIES = w3c.query_tests("manifest-sparql11-query.ttl", "manifest-sparql11-results.ttl", "manifest-sparql11-fed.ttl")
EVALUATION = [test for test in QUERIES if test.result]
SYNTAX = [test for test in QUERIES if not test.result]
PROTOCOL = w3c.protocol_tests("protocol/manifest.ttl")
READING = [test for test in PROTOCOL if "update" not in test.id]
GRAPH_STORE = w3c.protocol_tests("graph-store-protocol/manifest.ttl")
DESCRIPTION = w3c.protocol_tests("service-description/manifest.ttl")
#: Seconds to wait for an answer.
PATIENCE = 30.0


def cases(tests: Iterable[QueryTest | ProtocolTest]) -> list[ParameterSet]:
    """The parameters of a test function; a test that is listed as a miss has to miss."""
    return [
        pytest.param(test, id=test.id, marks=[pytest.mark.xfail(strict=True, raises=AssertionError, reason=MISSES[test.id])])
        if test.id in MISSES
        else pytest.param(test, id=test.id)
        for test in tests
    ]


@dataclass(frozen=True)
class Answer:
    """A response: its status, its headers with their names in lower case, and its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]


class Suite:
    """The server under test, over a file that it reads again on SIGHUP."""

    sparql = "/sparql"
    graphs = "/graphs"

    def __init__(self, server: Server, file: Path) -> None:
        self._server = server
        self._file = file
        self._release = server.await_release("")
        self.url = server.url.rstrip("/")

    def load(self, quads: Iterable[ox.Quad]) -> None:
        """Give the server these data; where it has them already, nothing is done."""
        # canonical, so that other bytes mean other data and the release is sure to change
        content = "".join(f"{line}\n" for line in w3c_results.graph(quads)).encode()
        if content == self._file.read_bytes():
            return
        new = self._file.with_suffix(".new")
        new.write_bytes(content)
        new.replace(self._file)
        self._server.hang_up()
        self._release = self._server.await_release(self._release)

    def send(self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        """The answer to a request that is sent as it stands."""
        connection = http.client.HTTPConnection(*self._server.address, timeout=PATIENCE)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, fields, response.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    folder = tmp_path_factory.mktemp("w3c")
    file = folder / "data.nq"
    file.touch()
    with Server(folder / "log", "--dataset", file, WORKERS=1) as server:  # one test asks at a time
        yield Suite(server, file)


def ask(suite: Suite, query: str, accept: str) -> Answer:
    """The answer to a query that is posted as it is."""
    headers = {"Content-Type": "application/sparql-query", "Accept": accept}
    return suite.send("POST", suite.sparql, headers, query.encode())


def test_the_whole_suite_is_read() -> None:
    """A manifest that is not found, or is read in part only, must not pass for a suite without misses."""
    kinds = Counter(test.kind for test in QUERIES)
    assert kinds == {
        "QueryEvaluationTest": 239,
        "CSVResultFormatTest": 3,
        "PositiveSyntaxTest11": 66,
        "NegativeSyntaxTest11": 40,
    }
    assert (len(READING), len(GRAPH_STORE), len(DESCRIPTION)) == (20, 13, 3)
    assert MISSES.keys() <= {test.id for tests in (QUERIES, READING, GRAPH_STORE, DESCRIPTION) for test in tests}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("?a\t?b\n_:x\t_:x\n", "?b\t?a\n_:y\t_:y\n", True),
        ("?a\t?b\n_:x\t_:x\n", "?a\t?b\n_:y\t_:z\n", False),
        ("?a\n1\n1\n", "?a\n01\n1.0\n", False),
        ("?a\n1\n1\n", "?a\n+01\n1\n", True),
        ("?a\n1\n1\n", "?a\n1\n", False),
        ("?a\t?b\n1\t\n", "?a\t?b\n\t1\n", False),
        ("?a\n1\n2\n", "?a\n2\n1\n", True),
        ("?a\n", "?b\n", False),
    ],
)
def test_results_are_the_same_up_to_blank_nodes_order_and_forms_of_numbers(one: str, other: str, same: bool) -> None:
    lines = [w3c_results.solutions(text.encode(), ox.QueryResultsFormat.TSV, False) for text in (one, other)]
    assert (lines[0] == lines[1]) is same


def test_where_the_query_orders_the_order_counts() -> None:
    assert w3c_results.is_ordered("SELECT * { ?s ?p ?o } ORDER BY ?s")
    assert not w3c_results.is_ordered("SELECT * { { SELECT * { ?s ?p ?o } ORDER BY ?s } }")
    lines = [w3c_results.solutions(text, ox.QueryResultsFormat.TSV, True) for text in (b"?a\n1\n2\n", b"?a\n2\n1\n")]
    assert lines[0] != lines[1]


def test_csv_is_compared_to_the_letter() -> None:
    csv = w3c_results.table('a,b\r\n_:x,"1,\'1"\r\n', "text/csv")
    assert csv == ["a,b", '_:0,"1,\'1"'] == w3c_results.table('b,a\n"1,\'1",_:y\n', "text/csv")
    assert csv != w3c_results.table('a,b\n_:x,"1,1"\n', "text/csv")


def test_a_description_with_faults_does_not_conform() -> None:
    text = """
        PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
        [] a sd:Service ; sd:endpoint "text" ; sd:feature sd:Flying ; sd:defaultDataset [ sd:namedGraph [ a sd:NamedGraph ] ] .
    """
    assert len(w3c_results.faults(Graph().parse(data=text, format="turtle"))) == 5


@pytest.mark.parametrize("test", cases(EVALUATION))
def test_query_evaluation(suite: Suite, test: QueryTest) -> None:
    assert test.result
    suite.load(test.data.quads())
    answer = ask(suite, test.text, w3c_results.ACCEPT[Path(test.result).suffix])
    assert answer.status == 200, answer.body
    assert answer.media_type in w3c_results.ACCEPT[Path(test.result).suffix]
    ordered = w3c_results.is_ordered(test.text)
    assert w3c_results.received(answer.body, answer.media_type, ordered) == w3c_results.expected(test.result, ordered)


@pytest.mark.parametrize("test", cases(SYNTAX))
def test_syntax(suite: Suite, test: QueryTest) -> None:
    suite.load([])
    answer = ask(suite, test.text, "*/*")
    assert answer.status == (400 if test.kind == "NegativeSyntaxTest11" else 200), answer.body


def test_other_endpoints_are_not_asked(suite: Suite) -> None:
    """The federated queries miss for one reason: each of them is refused with 403. What SILENT does is left open here."""
    federated = [test for test in QUERIES if test.id.startswith(("service/", "syntax-fed/")) and "SILENT" not in test.text]
    assert len(federated) == 7
    for test in federated:
        suite.load(test.data.quads())
        assert ask(suite, test.text, "*/*").status == 403, test.id


@pytest.mark.parametrize("test", cases(READING))
def test_protocol(suite: Suite, test: ProtocolTest) -> None:
    suite.load(test.data.quads())
    for request in test.requests:
        answer = suite.send(request.method, at(suite, request), request.headers, request.body)
        assert request.allows(answer.status), answer.body
        if request.form:
            assert answer.media_type in w3c_results.FORMS[request.form]
        if request.boolean is not None:
            assert w3c_results.received(answer.body, answer.media_type, False) == [str(request.boolean).lower()]


def at(suite: Suite, request: Request) -> str:
    """The target of a request to the SPARQL endpoint, which the suite calls /sparql/."""
    return suite.sparql + request.target.removeprefix("/sparql/")


def test_updates_are_refused(suite: Suite) -> None:
    """Every update of the protocol tests that is well-formed gets 403, whichever way it is sent."""
    suite.load([])
    updates = [request for test in PROTOCOL if "/update_" in test.id for request in test.requests if request.is_update]
    assert {request.headers["content-type"].partition(";")[0] for request in updates} == {
        "application/sparql-update",
        "application/x-www-form-urlencoded",
    }
    for request in updates:
        assert suite.send(request.method, at(suite, request), request.headers, request.body).status == 403, request
    assert json.loads(ask(suite, "ASK { ?s ?p ?o }", w3c_results.ACCEPT[".srj"]).body)["boolean"] is False


@pytest.mark.parametrize("test", cases(DESCRIPTION))
def test_service_description(suite: Suite, test: ProtocolTest) -> None:
    # a named graph, so that there is one to be described
    suite.load(next(each for each in READING if each.data.named).data.quads())
    answer = suite.send("GET", suite.sparql)
    assert answer.status == 200
    assert answer.media_type in w3c_results.FORMS["RDF"]
    endpoint = suite.url + suite.sparql
    description = Graph().parse(data=answer.body, format=answer.media_type, publicID=endpoint)
    match test.id.partition("/")[2]:
        case "returns-rdf":
            assert len(description) > 0
        case "has-endpoint-triple":
            assert (None, w3c_results.SD.endpoint, URIRef(endpoint)) in description
        case "conforms-to-schema":
            assert w3c_results.faults(description) == []
        case other:
            pytest.fail(f"no check is written for {other}")


@pytest.mark.parametrize("test", cases(GRAPH_STORE))
def test_graph_store(suite: Suite, test: ProtocolTest) -> None:
    """Writes are refused; reads find what they must over data as those writes would have left them."""
    store = w3c.Graphs(suite.url)
    places: dict[str, str] = {}
    for request in test.requests:
        target = request.target.replace("/gsp", suite.graphs, 1)
        for variable, place in places.items():
            target = target.replace(variable, place)
        suite.load(store.quads)
        answer = suite.send(request.method, target, request.headers, request.body)
        if request.method not in ("GET", "HEAD"):
            assert answer.status in (403, 405)
            if request.location:
                # what a server that creates graphs would choose
                created = f"{suite.url}{suite.graphs}/created"
                places[request.location] = quote(created, safe="")
                target = f"{suite.graphs}?graph={places[request.location]}"
            store.write(request, target)
            continue
        assert request.allows(answer.status), answer.body
        if "content-type" in request.response_headers:
            assert answer.headers["content-type"] == request.response_headers["content-type"]
        if request.method == "HEAD":
            assert answer.body == b""
        elif request.response_body is not None:
            assert w3c_results.received(answer.body, answer.media_type, False) == w3c_results.received(
                request.response_body, "text/turtle", False
            )
