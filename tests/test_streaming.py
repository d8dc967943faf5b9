"""Answers that stream: flat memory, back pressure, and never a short answer that looks whole."""

from __future__ import annotations

import gzip
import http.client
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
import zstandard
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from linked import released, served
from server import Server

MIB = 1024 * 1024
ROWS = 1000
PAIRS = "SELECT ?a ?b { ?a <https://e.org/p> ?x . ?b <https://e.org/p> ?y }"
ALL = "SELECT ?s ?o { ?s <https://e.org/p> ?o }"
#: Begins at once and has a thousand million rows.
LONG = "SELECT ?a ?b ?c { ?a <https://e.org/p> ?x . ?b <https://e.org/p> ?y . ?c <https://e.org/p> ?z }"
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "zstd": lambda data: bytes(zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    "identity": bytes,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "data.nt"
    file.write_text("".join(f'<https://e.org/{n}> <https://e.org/p> "{n}, \\"a\\"\\n}},{{" .\n' for n in range(ROWS)), "utf-8")
    return file


@pytest.fixture(scope="module")
def server(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with Server(log, "--dataset", data, QUERY_TIMEOUT=30, CACHE_BYTES=0) as server:
        yield server


@pytest.fixture(scope="module")
def strict(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with limits that answers of some size pass."""
    log = tmp_path_factory.mktemp("server") / "log"
    with Server(log, "--dataset", data, QUERY_TIMEOUT=1, MAX_ROWS=5000, MAX_BYTES=MIB, CACHE_BYTES=0) as server:
        yield server


def test_a_million_rows_arrive_in_flat_memory(server: Server) -> None:
    before = server.metric("process_resident_memory_bytes") + server.metric("relgraph_worker_memory_bytes")
    lines = 0
    with httpx2.stream("POST", server.url + "sparql", data={"query": PAIRS, "format": "tsv"}, timeout=60) as response:
        assert response.headers["transfer-encoding"] == "chunked"
        for part in response.iter_bytes():
            lines += part.count(b"\n")
    assert lines == ROWS * ROWS + 1
    after = server.metric("process_resident_memory_bytes") + server.metric("relgraph_worker_memory_bytes")
    assert after - before < 64 * MIB


def test_a_client_that_does_not_read_holds_the_worker_back(server: Server) -> None:
    with server.asking(LONG, format="csv") as client:
        assert client.recv(15) == b"HTTP/1.1 200 OK"
        seen = [server.metric("process_resident_memory_bytes") + server.metric("relgraph_worker_memory_bytes") for _ in range(20)]
        assert max(seen) - min(seen) < 32 * MIB
        assert server.metric("relgraph_queries_running") == 1


def broken_off(server: Server, query: str, **data: str) -> tuple[int, bytes]:
    """Status and body of an answer that breaks off: the connection is closed without the last chunk."""
    with server.asking(query, **data) as client:
        response = http.client.HTTPResponse(client, method="POST")
        response.begin()
        received = bytearray()
        try:
            while part := response.read1(65536):
                received += part
        except http.client.IncompleteRead:
            return response.status, bytes(received)
    pytest.fail("the answer has an end")


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
@pytest.mark.parametrize("reason", ["time", "rows", "bytes"])
def test_an_answer_that_fails_late_is_never_well_formed(data: Path, tmp_path: Path, form: str, reason: str) -> None:
    limits = {"time": {"QUERY_TIMEOUT": 1}, "rows": {"MAX_ROWS": 50000}, "bytes": {"MAX_BYTES": 5 * MIB}}[reason]
    with Server(tmp_path / "log", "--dataset", data, **limits) as server:
        status, body = broken_off(server, LONG, format=form)
        assert status == 200
        assert len(body) > 65536
        if form == "json":
            with pytest.raises(json.JSONDecodeError):
                json.loads(body)
        elif form == "xml":
            with pytest.raises(ET.ParseError):
                ET.fromstring(body)
        else:
            assert b"ERROR, the answer is not complete" in body.splitlines()[-1]
        assert server.metric(f'relgraph_queries_total{{outcome="{reason}"}}') == 1
        assert server.query("ASK {}").status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_coded_answer_that_fails_late_cannot_be_decoded_whole(strict: Server, coding: str) -> None:
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.DecodingError)):
        strict.query(LONG, headers={"Accept-Encoding": coding, "Accept": "text/csv"})


def test_what_fails_before_the_first_row_has_a_status_of_its_own(strict: Server) -> None:
    slow = strict.query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    assert (slow.status_code, slow.json()["budget"]) == (504, "time")


def test_a_limit_of_rows_is_told_and_kept(strict: Server) -> None:
    whole = strict.query(ALL)
    assert whole.headers["relgraph-row-limit"] == "5000"
    assert whole.json()["head"]["link"] == ["https://w3id.org/relgraph/id/limit/rows/5000"]
    assert len(whole.json()["results"]["bindings"]) == ROWS
    as_xml = strict.query(ALL, data={"format": "xml"}).content
    namespace = "{http://www.w3.org/2005/sparql-results#}"
    assert [link.get("href") for link in ET.fromstring(as_xml).iter(f"{namespace}link")] == whole.json()["head"]["link"]
    solutions = parse_query_results(as_xml, QueryResultsFormat.XML)
    assert isinstance(solutions, QuerySolutions)
    assert len(list(solutions)) == ROWS
    exact = strict.query(f"SELECT (1 AS ?one) {{ {{ {ALL} }} {{ SELECT ?n {{ VALUES ?n {{ 1 2 3 4 5 }} }} }} }}")
    assert len(exact.json()["results"]["bindings"]) == 5000
    over = strict.query(
        f"SELECT (1 AS ?one) {{ {{ {ALL} }} {{ SELECT ?n {{ VALUES ?n {{ 1 2 3 4 5 6 }} }} }} }}", data={"format": "csv"}
    )
    assert (over.status_code, over.json()["budget"]) == (503, "rows")


def test_a_limit_of_rows_counts_triples_too(strict: Server) -> None:
    construct = "CONSTRUCT { ?s <https://e.org/q> ?n } { ?s <https://e.org/p> ?o VALUES ?n { 1 2 3 4 5 %s } }"
    assert strict.query(construct % "").status_code == 200
    over = strict.query(construct % "6", data={"format": "turtle"})  # short enough that nothing has been sent yet
    assert (over.status_code, over.json()["budget"]) == (503, "rows")
    for form in ("ntriples", "jsonld", "rdfxml"):
        assert broken_off(strict, construct % "6", format=form)[0] == 200


def test_only_what_somebody_asks_for_in_sparql_is_bounded_by_rows(tmp_path: Path) -> None:
    """A description, its page and an export are whole, and tell of no limit."""
    with served(released(tmp_path), max_rows=5) as client:
        assert client.get("/sparql?query=ASK%7B%7D").headers["relgraph-row-limit"] == "5"
        assert client.get("/graphs/asserted").status_code == 503
        for path in ("/export/turtle", "/id/event/visit-stone.nt", "/id/event/visit-stone.html"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert answer.content.count(b"\n") > 5
            assert "relgraph-row-limit" not in answer.headers


def test_without_a_limit_nothing_is_told(server: Server) -> None:
    answer = server.query(ALL)
    assert "relgraph-row-limit" not in answer.headers
    assert set(answer.json()["head"]) == {"vars"}


@pytest.mark.parametrize("coding", ["gzip", "zstd", "identity"])
def test_answers_are_coded_as_the_client_likes(server: Server, coding: str) -> None:
    plain = server.query(ALL, headers={"Accept-Encoding": "identity"}).content
    with httpx2.stream("POST", server.url + "sparql", data={"query": ALL}, headers={"Accept-Encoding": coding}) as response:
        coded = b"".join(response.iter_raw())
        assert response.headers.get("content-encoding", "identity") == coding
        assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert DECODERS[coding](coded) == plain
    assert coding == "identity" or len(coded) < len(plain) / 2


def test_a_short_answer_is_not_coded(server: Server) -> None:
    assert "content-encoding" not in server.query("ASK {}", headers={"Accept-Encoding": "gzip"}).headers
