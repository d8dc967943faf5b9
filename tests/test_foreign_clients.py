"""Clients that nobody here wrote, against a running server: select, ask, construct and describe each.

docs/clients.md is run as it stands. What a client cannot do by itself is in its last table, and in the last tests here.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import Dataset, Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

import foreign
from foreign import FOLDER, ForeignError
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, ID, RG
from server import Server

PAGE = Path(__file__).parents[1] / "docs" / "clients.md"
EXAMPLES = re.findall(r"```(sh|python|html)\n(.*?)```\n\n```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
#: The address that the page has.
WRITTEN = "http://127.0.0.1:8000/"
MOSCOW = ID + "place/moscow"
SELECT = f"SELECT ?v {{ ?v a <{RG}Visit> }}"
ASK = f"ASK {{ ?v a <{RG}Visit> }}"
ASK_NOTHING = f"ASK {{ ?v a <{RG}Nothing> }}"
CONSTRUCT = f"CONSTRUCT {{ ?v a <{RG}Visit> }} WHERE {{ ?v a <{RG}Visit> }}"
DESCRIBE = f"DESCRIBE <{MOSCOW}>"
VISITS = 5


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A web server of another origin: its folder and its address."""
    folder = tmp_path_factory.mktemp("pages")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def url(release: Release, pages: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that lets pages of the other origin read."""
    log = tmp_path_factory.mktemp("server") / "log"
    with Server(log, "--release", release.path, CORS_ORIGINS=pages[1]) as server:
        yield server.url


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


def browsed(address: str, profile: Path) -> str:
    """The document that a browser shows at an address once its scripts are done."""
    options = (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", f"user-data-dir={profile}", "virtual-time-budget=20000", "dump-dom",
    )  # fmt: skip
    return foreign.run([foreign.program("chromium"), *(f"--{option}" for option in options), address]).decode()


def shown(document: str) -> str:
    """The text of the element that the pages write to."""
    found = re.search(r'<pre id="found">(.*?)</pre>', document, re.DOTALL)
    assert found
    return html.unescape(found[1])


def roqet(*arguments: str) -> str:
    return foreign.run([foreign.program("roqet"), "-q", *arguments]).decode()


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("language", "text", "wanted"), EXAMPLES, ids=[f"{n}-{e[0]}" for n, e in enumerate(EXAMPLES)])
def test_examples_of_the_page_print_what_it_says(
    language: str, text: str, wanted: str, url: str, pages: tuple[Path, str], tmp_path: Path
) -> None:
    assert WRITTEN in text
    text = text.replace(WRITTEN, url)
    if language == "html":
        (pages[0] / "example.html").write_text(text, "utf-8")
        printed = shown(browsed(f"{pages[1]}/example.html", tmp_path))
    elif language == "python":
        printed = foreign.run([sys.executable, "-W", "ignore", "-c", text]).decode()
    else:
        program = text.split()[0]
        _ = foreign.script("parse.mjs") if program == "npx" else foreign.program(program)
        printed = foreign.run(["bash", "-c", text], cwd=FOLDER, env={**os.environ, "npm_config_offline": "true"}).decode()
    assert printed.replace("\r\n", "\n").strip() == wanted.strip()


def test_the_page_has_an_example_for_every_client() -> None:
    text = PAGE.read_text("utf-8")
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles[:-1] == ["curl", "SPARQLWrapper", "rdflib", "Comunica", "roqet", "A page in a browser"]
    assert len(EXAMPLES) == len(re.findall(r"^```(?:sh|python|html)$", text, re.MULTILINE)) == 8


# ── select, ask, construct, describe ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["", "sparql@"])
def test_comunica(kind: str, url: str) -> None:
    """By its address alone, and told that it is a SPARQL endpoint."""
    queries = {
        "select": (SELECT, "application/sparql-results+json"),
        "ask": (ASK, "application/sparql-results+json"),
        "ask nothing": (ASK_NOTHING, "application/sparql-results+json"),
        "construct": (CONSTRUCT, "application/n-triples"),
        "describe": (DESCRIBE, "application/n-triples"),
    }
    found = json.loads(foreign.run([*foreign.script("comunica.mjs"), f"{kind}{url}sparql"], json.dumps(queries).encode()))
    assert len(json.loads(found["select"])["results"]["bindings"]) == VISITS
    assert [json.loads(found[name])["boolean"] for name in ("ask", "ask nothing")] == [True, False]
    assert len(list(parse(found["construct"], format=RdfFormat.N_TRIPLES))) == VISITS
    described = Graph().parse(data=found["describe"], format="nt")
    assert {str(value) for value in described.objects(URIRef(MOSCOW))} >= {"Moscow", "Москва"}


def test_comunica_is_told_what_is_wrong(url: str) -> None:
    foreign.script("comunica.mjs")
    command = [str(FOLDER / "node_modules" / ".bin" / "comunica-sparql"), f"sparql@{url}sparql", "-q"]
    with pytest.raises(ForeignError, match=r"(?s)HTTP status 403.*is not answered"):
        foreign.run([*command, f"SELECT * {{ SERVICE <{url}sparql> {{ ?s ?p ?o }} }}"])


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib(method: str, url: str) -> None:
    graph = Graph(SPARQLStore(url + "sparql", method=method))
    assert len(list(graph.query(SELECT))) == VISITS
    assert [bool(graph.query(query)) for query in (ASK, ASK_NOTHING)] == [True, False]
    for query, size in ((CONSTRUCT, VISITS), (DESCRIBE, 3)):
        found = graph.query(query).graph
        assert found is not None
        assert len(found) == size
    assert {(str(label), label.language) for label in graph.objects(URIRef(MOSCOW)) if hasattr(label, "language")} == {
        ("Moscow", "en"),
        ("Москва", "ru"),
    }


def test_rdflib_sees_single_graphs(url: str, release: Release) -> None:
    graph = Graph(SPARQLStore(url + "sparql"), identifier=URIRef(ASSERTED.value))
    assert len(graph) == sum(1 for _ in release.store().quads_for_pattern(None, None, None, ASSERTED))


def test_sparqlwrapper_chooses_graphs(url: str) -> None:
    """Its formats and methods are in test_serving."""
    for add, query in (
        (SPARQLWrapper.addDefaultGraph, "SELECT DISTINCT ?g { BIND(<graph/asserted> AS ?g) ?v a rg:Visit }"),
        (SPARQLWrapper.addNamedGraph, "SELECT DISTINCT ?g { GRAPH ?g { ?v a rg:Visit } }"),
    ):
        wrapper = SPARQLWrapper(url + "sparql", returnFormat=JSON)
        add(wrapper, ASSERTED.value)
        wrapper.setQuery(query)
        found = wrapper.queryAndConvert()
        assert isinstance(found, dict)
        assert [row["g"]["value"] for row in found["results"]["bindings"]] == [ASSERTED.value]


def test_sparqlwrapper_is_told_what_is_wrong(url: str) -> None:
    wrapper = SPARQLWrapper(url + "sparql")
    wrapper.setQuery("SELECT nonsense")
    with pytest.raises(QueryBadFormed, match="cannot be parsed"):
        wrapper.query()
    wrapper.setMethod(POST)
    wrapper.setQuery("INSERT DATA { <urn:a> <urn:b> <urn:c> }")
    with pytest.raises(Exception, match="403"):
        wrapper.query()


def test_roqet(url: str) -> None:
    """By the protocol, where it takes tables only: triples come as rows."""

    def rows(query: str) -> list[str]:
        return roqet("-r", "tsv", "-p", url + "sparql", "-e", query).splitlines()

    assert len(rows(SELECT)) == 1 + VISITS
    assert [row.lstrip("?") for row in rows(CONSTRUCT)[0].split("\t")] == ["subject", "predicate", "object"]
    assert len(rows(CONSTRUCT)) == 1 + VISITS
    asked = Request(f"{url}sparql?{urlencode({'query': DESCRIBE})}", headers={"Accept": "application/n-triples"})
    with urlopen(asked) as answer:
        described = set(parse(answer.read(), format=RdfFormat.N_TRIPLES))
    found = "".join(row.replace("\t", " ") + " .\n" for row in rows(DESCRIBE)[1:])
    assert set(parse(found.encode(), format=RdfFormat.N_TRIPLES)) == described


def test_roqet_on_a_graph_that_it_loads(url: str) -> None:
    loaded = ("-D", f"{url}graphs?graph={ASSERTED.value}")
    assert len(list(parse(roqet(*loaded, "-e", CONSTRUCT), format=RdfFormat.N_TRIPLES))) == VISITS
    for query, answer in ((ASK, "true"), (ASK_NOTHING, "false")):
        command = [foreign.program("roqet"), "-q", *loaded, "-r", "xml", "-e", query]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert f"<boolean>{answer}</boolean>" in done.stdout
        assert done.returncode == 2  # of any answer to ASK


@pytest.mark.parametrize(
    ("query", "accept", "reads"),
    [
        (SELECT, "application/sparql-results+json", lambda text: len(json.loads(text)["results"]["bindings"]) == VISITS),
        (ASK, "application/sparql-results+json", lambda text: json.loads(text)["boolean"] is True),
        (CONSTRUCT, "application/n-triples", lambda text: len(list(parse(text, format=RdfFormat.N_TRIPLES))) == VISITS),
        (DESCRIBE, "application/ld+json", lambda text: len(list(parse(text, format=RdfFormat.JSON_LD))) == 3),
    ],
    ids=["select", "ask", "construct", "describe"],
)
def test_curl(query: str, accept: str, reads: Callable[[str], bool], url: str) -> None:
    command = [foreign.program("curl"), "-sS", "--fail", "-H", f"Accept: {accept}", f"{url}sparql"]
    for way in (["--data-urlencode", f"query={query}"], ["-G", "--data-urlencode", f"query={query}"]):
        assert reads(foreign.run([*command, *way]).decode())
    direct = ["-H", "Content-Type: application/sparql-query", "--data-binary", "@-"]
    assert reads(foreign.run([*command, *direct], query.encode()).decode())


def test_a_page_of_another_origin_in_a_browser(url: str, pages: tuple[Path, str], release: Release, tmp_path: Path) -> None:
    queries = {
        "select": (SELECT, "application/sparql-results+json"),
        "ask": (ASK, "application/sparql-results+json"),
        "construct": (CONSTRUCT, "application/n-triples"),
        "describe": (DESCRIBE, "text/turtle"),
        "wrong": ("SELECT nonsense", "application/sparql-results+json"),
        "unacceptable": (ASK, "image/png"),
    }
    (pages[0] / "fetch.html").write_bytes((FOLDER / "fetch.html").read_bytes())
    asked = urlencode({"endpoint": url + "sparql", "queries": json.dumps(queries)}, quote_via=quote)
    found = json.loads(shown(browsed(f"{pages[1]}/fetch.html?{asked}", tmp_path)))
    assert set(found) == {f"{way} {name}" for way in ("get", "form", "direct") for name in queries}
    for way in ("get", "form", "direct"):
        answers = {name: found[f"{way} {name}"] for name in queries}
        assert [answer.get("status") for answer in answers.values()] == [200, 200, 200, 200, 400, 406]
        assert {answer["release"] for answer in answers.values()} == {release.id}
        assert all(answers[name]["tag"] for name in ("select", "ask", "construct", "describe"))
        assert len(json.loads(answers["select"]["text"])["results"]["bindings"]) == VISITS
        assert json.loads(answers["ask"]["text"])["boolean"] is True
        assert len(list(parse(answers["construct"]["text"], format=RdfFormat.N_TRIPLES))) == VISITS
        assert "Москва" in answers["describe"]["text"]
        assert "cannot be parsed" in json.loads(answers["wrong"]["text"])["detail"]


def test_a_page_of_an_origin_that_is_not_allowed_reads_nothing(release: Release, pages: tuple[Path, str], tmp_path: Path) -> None:
    (pages[0] / "fetch.html").write_bytes((FOLDER / "fetch.html").read_bytes())
    with Server(tmp_path / "log", "--release", release.path, CORS_ORIGINS="https://example.org") as server:
        queries = json.dumps({"ask": (ASK, "application/sparql-results+json")})
        asked = urlencode({"endpoint": server.url + "sparql", "queries": queries}, quote_via=quote)
        found = json.loads(shown(browsed(f"{pages[1]}/fetch.html?{asked}", tmp_path / "profile")))
    assert len(found) == 3
    assert all(list(answer) == ["error"] for answer in found.values())


# ── what clients cannot do (the last table of the page); a client that can by now fails here ─────────────────────────


def test_roqet_does_not_read_booleans(url: str, tmp_path: Path) -> None:
    assert "true" not in roqet("-p", url + "sparql", "-e", ASK)
    file = tmp_path / "standard.srx"
    file.write_text('<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/><boolean>true</boolean></sparql>', "utf-8")
    assert "true" not in roqet("-t", str(file))  # from a file as the recommendation has it, too


def test_roqet_does_not_describe(url: str) -> None:
    with pytest.raises(ForeignError, match="execution failed"):
        roqet("-D", f"{url}graphs?graph={ASSERTED.value}", "-e", DESCRIBE)


@pytest.mark.parametrize("format", ["json", "csv", "tsv"])
@pytest.mark.parametrize("query", [CONSTRUCT, DESCRIBE])
def test_rdflib_gets_rows_instead_of_a_graph_where_it_is_told_a_format_of_tables(query: str, format: str, url: str) -> None:
    found = Graph(SPARQLStore(url + "sparql", returnFormat=format)).query(query)
    assert (found.type, found.graph) == ("SELECT", None)
    assert [str(name) for name in found.vars or ()] == ["subject", "predicate", "object"]
    assert len(list(found)) == len(list(Graph(SPARQLStore(url + "sparql")).query(query)))


def test_rdflib_reads_a_boolean_as_the_head_of_a_table(url: str) -> None:
    assert not Graph(SPARQLStore(url + "sparql", returnFormat="csv")).query(ASK)
    with pytest.raises(Exception, match="Expected"):
        Graph(SPARQLStore(url + "sparql", returnFormat="tsv")).query(ASK)


def test_rdflib_cannot_list_or_name_the_graphs_of_a_dataset(url: str) -> None:
    dataset = Dataset(store=SPARQLStore(url + "sparql", context_aware=True))
    with pytest.raises(TypeError, match="read only"):
        list(dataset.graphs())
    with pytest.raises(TypeError, match="read only"):
        dataset.graph(URIRef(ASSERTED.value))
