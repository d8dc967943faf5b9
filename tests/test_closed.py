"""Closed by default: no query and no data make the server reach out. A canary on loopback hears of every connection."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from relgraph.release import Release
from server import Server
from standin import Endpoint, answer, serving

TRIPLE = "<https://e.org/s> <https://e.org/p> 1 ."
#: What another endpoint knows of ?s.
KNOWN = b"""{"head":{"vars":["s","name"]},"results":{"bindings":[
  {"s":{"type":"uri","value":"https://e.org/s"},"name":{"type":"literal","value":"found elsewhere"}},
  {"s":{"type":"uri","value":"https://e.org/t"},"name":{"type":"literal","value":"joins with nothing"}}]}}"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "data.ttl"
    file.write_text(TRIPLE, "utf-8")
    return file


@pytest.fixture(scope="module")
def server(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server") / "log", "--dataset", data) as server:
        yield server


@pytest.fixture
def canary() -> Iterator[Endpoint]:
    """A server that nothing may connect to."""
    with serving(Endpoint()) as running:
        yield running
        assert running.connections == 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <CANARY> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <CANARY> { ?s ?p ?o } }",
        "select * { sErViCe<CANARY>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o OPTIONAL { SERVICE <CANARY> { ?s ?q ?r } } }",
        "SELECT * { { SELECT ?s { SERVICE <CANARY> { ?s ?p ?o } } } }",
        "ASK { FILTER EXISTS { SERVICE <CANARY> { ?s ?p ?o } } }",
        "CONSTRUCT { ?s ?p ?o } { SERVICE <CANARY> { ?s ?p ?o } }",
        "PREFIX c: <CANARY> SELECT * { SERVICE c: { ?s ?p ?o } }",
        "BASE <CANARY> SELECT * { SERVICE <> { ?s ?p ?o } }",
        "SELECT * { VALUES ?g { <CANARY> } SERVICE ?g { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT ?g { ?s ?p ?o } BIND(<CANARY> AS ?g) }",
        "SELECT * { SERVICE <CANARY> { SERVICE <CANARY> { ?s ?p ?o } } }",
        "SELECT * { ?a ?b ?c FILTER(?a<?b)SERVICE#>\n<CANARY>{ ?s ?p ?o } }",
    ],
)
def test_service_is_refused_and_reaches_nobody(server: Server, canary: Endpoint, query: str) -> None:
    response = server.query(query.replace("CANARY", canary.origin + "/"))
    assert response.status_code == 403
    assert "SERVICE" in response.json()["detail"]


@pytest.mark.parametrize(
    "query", ["SELECT * { S\\u0045RVICE <CANARY> { ?s ?p ?o } }", "SELECT * { SERVICE <\\u0068ttp:CANARY> {} }"]
)
def test_escapes_do_not_help(server: Server, canary: Endpoint, query: str) -> None:
    assert server.query(query.replace("CANARY", canary.origin + "/")).status_code in (400, 403)


@pytest.mark.parametrize(
    ("query", "graphs"),
    [
        ("SELECT * FROM <CANARY> { ?s ?p ?o }", {}),
        ("SELECT * FROM NAMED <CANARY> { GRAPH ?g { ?s ?p ?o } }", {}),
        ("SELECT * { GRAPH <CANARY> { ?s ?p ?o } }", {}),
        ("SELECT * { ?s ?p ?o }", {"default-graph-uri": "CANARY"}),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", {"named-graph-uri": "CANARY"}),
        ("DESCRIBE <CANARY>", {}),
    ],
)
def test_a_graph_that_is_not_there_is_empty_and_not_fetched(
    server: Server, canary: Endpoint, query: str, graphs: dict[str, str]
) -> None:
    asked = {name: value.replace("CANARY", canary.origin) for name, value in graphs.items()}
    response = server.query(
        query.replace("CANARY", canary.origin), data={**asked, "format": "csv" if "SELECT" in query else "nt"}
    )
    assert response.status_code == 200
    assert len(response.text.splitlines()) <= 1


@pytest.mark.parametrize("update", ["LOAD <CANARY>", "LOAD <CANARY> INTO GRAPH <https://e.org/g>", "INSERT DATA { <a> <b> <c> }"])
def test_updates_are_refused_with_a_reason(server: Server, canary: Endpoint, update: str) -> None:
    text = update.replace("CANARY", canary.origin)
    by_form = server.query("", data={"update": text})
    assert by_form.status_code == 403
    assert "never changed" in by_form.json()["detail"]
    assert server.query(text).status_code == 400


# ── and if the check failed ──────────────────────────────────────────────────────────────────────────────────────────

ISOLATED = """
import pyoxigraph, sys
from relgraph.serving.workers import sandbox
assert sandbox.isolate() == ("network namespace", "seccomp"), "this machine lacks what the workers rely on"
list(pyoxigraph.Store().query(f"SELECT * {{ SERVICE <{sys.argv[1]}> {{ ?s ?p ?o }} }}"))
"""


def engine_asks(program: str, address: str) -> str:
    """What the engine says when it is made to ask another endpoint."""
    done = subprocess.run([sys.executable, "-c", program, address], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


def test_a_worker_could_not_connect_if_the_engine_tried(canary: Endpoint) -> None:
    assert "Operation not permitted" in engine_asks(ISOLATED, f"{canary.origin}/sparql")


def test_the_engine_does_reach_out_where_nothing_holds_it() -> None:
    with serving(Endpoint()) as reached:
        engine_asks(ISOLATED.replace("assert sandbox.isolate()", "sandbox.isolate"), f"{reached.origin}/sparql")
        assert reached.connections > 0


def test_each_of_the_two_ways_is_enough_by_itself(canary: Endpoint) -> None:
    ways = {"network namespace": ("prctl", "Network is unreachable"), "seccomp": ("unshare", "Operation not permitted")}
    for way, (other, failure) in ways.items():
        program = "import ctypes\nreal = ctypes.CDLL\n" + (
            "class Without:\n"
            f"    def __init__(self, *a, **k): self.real = real(*a, **k)\n"
            f"    def __getattr__(self, name): return (lambda *a: -1) if name == {other!r} else getattr(self.real, name)\n"
            "ctypes.CDLL = Without\n"
        )
        isolated = ISOLATED.replace('("network namespace", "seccomp")', f"({way!r},)")
        assert failure in engine_asks(program + isolated, f"{canary.origin}/sparql")


def test_an_isolated_process_cannot_start_programs() -> None:
    program = "from relgraph.serving.workers import sandbox; sandbox.isolate(); import os; os.execv('/bin/true', ['true'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "PermissionError" in done.stderr


def test_ready_tells_how_workers_are_isolated(server: Server) -> None:
    assert server.get("ready").json()["isolation"] == ["network namespace", "seccomp"]


# ── the allow list ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def other() -> Iterator[Endpoint]:
    with serving(Endpoint()) as running:
        yield running


@pytest.fixture(scope="module")
def opened(data: Path, other: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose SERVICE may reach one other, and no more."""
    log = tmp_path_factory.mktemp("server") / "log"
    allowed = {"SERVICE_ALLOW": other.origin, "SERVICE_NETWORKS": "127.0.0.0/8"}
    with Server(log, "--dataset", data, port=0, SERVICE_TIMEOUT=2, SERVICE_BYTES=4096, **allowed) as server:
        yield server


def replying(content: bytes = KNOWN, status: int = 200, **headers: str) -> Endpoint:
    """An endpoint's reply, as a pattern to copy into one that runs."""
    return Endpoint(reply=lambda handler: answer(handler, content, status, **headers))


def test_a_listed_endpoint_is_asked_and_its_answer_joined(opened: Server, other: Endpoint) -> None:
    other.reply = replying().reply
    response = opened.query(
        f"SELECT ?name ?v {{ ?s <https://e.org/p> ?v SERVICE <{other.origin}/sparql> {{ ?s <https://e.org/name> ?name }} }}"
    )
    (row,) = response.json()["results"]["bindings"]
    assert row["name"]["value"] == "found elsewhere"
    assert "etag" not in response.headers  # what others answer may change


def test_another_endpoint_is_still_refused(opened: Server, canary: Endpoint) -> None:
    assert opened.query(f"SELECT * {{ SERVICE <{canary.origin}/> {{ ?s ?p ?o }} }}").status_code == 403


def test_a_redirect_is_not_followed(opened: Server, other: Endpoint, canary: Endpoint) -> None:
    other.reply = replying(status=307, Location=canary.origin).reply
    response = opened.query(f"SELECT * {{ SERVICE <{other.origin}/> {{ ?s ?p ?o }} }}")
    assert (response.status_code, canary.origin in response.json()["detail"]) == (502, True)


def test_an_answer_that_is_too_long_or_too_slow_or_wrong_is_an_error(opened: Server, other: Endpoint) -> None:
    query = f"SELECT * {{ SERVICE <{other.origin}/> {{ ?s ?p ?o }} }}"
    other.reply = replying(b" " * 5000 + KNOWN).reply
    assert opened.query(query).status_code == 502
    other.reply = replying(b"{").reply
    assert opened.query(query).status_code == 502

    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(1)  # until the other end gives up

    other.reply = slow
    assert opened.query(query).status_code == 504
    assert opened.query(query.replace("SERVICE", "SERVICE SILENT")).json()["results"]["bindings"] == [{}]


def test_the_description_tells_of_federation_only_where_there_is_some(server: Server, opened: Server) -> None:
    assert "BasicFederatedQuery" in opened.get("sparql").text
    assert "BasicFederatedQuery" not in server.get("sparql").text


# ── data ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        (".jsonld", '{"@context": "CANARY/context.jsonld", "@id": "https://e.org/s", "name": "x"}'),
        (".jsonld", '{"@context": {"@import": "CANARY/context.jsonld"}, "@id": "https://e.org/s", "name": "x"}'),
        (
            ".ttl",
            "<https://e.org/o> a <http://www.w3.org/2002/07/owl#Ontology> ; <http://www.w3.org/2002/07/owl#imports> <CANARY/o> .",
        ),
        (
            ".rdf",
            '<!DOCTYPE r [<!ENTITY x SYSTEM "CANARY/x">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns:e="https://e.org/"><rdf:Description rdf:about="https://e.org/s"><e:p>&x;</e:p></rdf:Description></rdf:RDF>',
        ),
    ],
)
def test_data_make_nothing_be_fetched(tmp_path: Path, canary: Endpoint, ending: str, content: str) -> None:
    file = tmp_path / f"data{ending}"
    file.write_text(content.replace("CANARY", canary.origin), "utf-8")
    command = [sys.executable, "-m", "relgraph", "serve", "--dataset", str(file), "--port", "0"]
    if ending == ".ttl":
        with Server(tmp_path / "log", "--dataset", file) as server:
            assert server.query("ASK { ?o <http://www.w3.org/2002/07/owl#imports> ?i }").json()["boolean"]
    else:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 2
        assert file.name in done.stderr


# ── the search, which is a service of our own ────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def searched(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server") / "log", "--release", release.path) as server:
        yield server


@pytest.mark.parametrize("words", ["NATO-Russia Council", "Совет Россия – НАТО", "советом России", "russia coun*"])
def test_things_are_found_by_words_in_both_languages(searched: Server, words: str) -> None:
    search = f'SERVICE search:index {{ ?x search:query "{words}" ; search:score ?score }}'
    query = f"SELECT ?x {{ {search} ?x a rg:Body }} ORDER BY DESC(?score)"
    things = [row["x"]["value"] for row in searched.query(query).json()["results"]["bindings"]]
    assert "https://w3id.org/relgraph/id/body/nato-russia-council" in things


def test_a_search_is_joined_with_the_rest_of_the_query(searched: Server) -> None:
    query = """SELECT ?visitor ?date {
      SERVICE search:index { ?place search:query "Москве" ; search:label ?label ; search:language "ru" }
      ?visit a rg:Visit ; rg:place ?place ; rg:visitor ?visitor ; rg:time/rg:edtf ?date }"""
    assert len(searched.query(query).json()["results"]["bindings"]) == 5


def test_a_search_that_finds_too_much_is_refused_rather_than_cut(searched: Server) -> None:
    wrong = searched.query("SELECT * { SERVICE search:index { ?x search:words 'x' } }")
    assert wrong.status_code == 400
    assert "search:query" in wrong.json()["detail"]
