"""The server: the SPARQL protocol, the formats, the pages in two languages, and errors that say what is wrong."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from rdflib import Graph
from SPARQLWrapper import CSV, JSON, JSONLD, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from relgraph import documents, questions
from relgraph.errors import Problem
from relgraph.evaluation import TABLE_FORMATS
from relgraph.project import Project
from relgraph.questions import Question
from relgraph.release import Release
from relgraph.serving.app import Application
from relgraph.serving.pages.layout import WORDING
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource
from server import Server

SELECT = "SELECT ?who ?date { ?v a rg:Visit ; rg:visitor ?who ; rg:time/rg:edtf ?date } ORDER BY ?date LIMIT 2"
FORM = "application/x-www-form-urlencoded"
CONSTRUCT = "CONSTRUCT WHERE { ?v a rg:Visit ; rg:visitor ?who }"


def application(release: Release, asked: Mapping[str, Question], texts: Mapping[str, str]) -> Application:
    return Application(ReleaseSource(release.path, asked), Settings(workers=2, client_seconds=0, log="off"), texts)


@pytest.fixture(scope="module")
def client(release: Release, project: Project) -> Iterator[TestClient]:
    with TestClient(application(release, questions.load(project.queries), {})) as client:
        yield client


@pytest.mark.parametrize(
    ("accept", "media_type", "form"),
    [
        ("", "application/sparql-results+json", QueryResultsFormat.JSON),
        ("*/*", "application/sparql-results+json", QueryResultsFormat.JSON),
        ("application/sparql-results+json", "application/sparql-results+json", QueryResultsFormat.JSON),
        ("application/sparql-results+xml", "application/sparql-results+xml", QueryResultsFormat.XML),
        ("text/csv", "text/csv; charset=utf-8", None),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", QueryResultsFormat.TSV),
        ("text/html;q=0.4, application/sparql-results+xml;q=0.5", "application/sparql-results+xml", QueryResultsFormat.XML),
        ("text/csv;q=0.1, application/sparql-results+json;q=0.2", "application/sparql-results+json", None),
        ("application/json", "application/sparql-results+json", QueryResultsFormat.JSON),
        ("application/xml", "application/sparql-results+xml", QueryResultsFormat.XML),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml", QueryResultsFormat.XML),
    ],
)
def test_tables_come_in_the_format_that_is_asked_for(
    client: TestClient, accept: str, media_type: str, form: QueryResultsFormat | None
) -> None:
    response = client.get("/sparql", params={"query": SELECT}, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    if form:
        assert len(list(parse_query_results(response.content, format=form))) == 2  # type: ignore[arg-type]  # SELECT


@pytest.mark.parametrize(
    ("accept", "media_type", "form"),
    [
        ("", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("application/ld+json", "application/ld+json", RdfFormat.JSON_LD),
        ("application/n-triples", "application/n-triples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", "application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_graphs_come_in_the_format_that_is_asked_for(client: TestClient, accept: str, media_type: str, form: RdfFormat) -> None:
    response = client.get("/sparql", params={"query": CONSTRUCT}, headers={"Accept": accept})
    assert response.headers["content-type"] == media_type
    turtle = client.get("/sparql", params={"query": CONSTRUCT, "format": "turtle"})
    assert set(parse(response.content, format=form)) == set(parse(turtle.content, format=RdfFormat.TURTLE))


def test_get_form_post_and_direct_post_are_one(client: TestClient) -> None:
    by_get = client.get("/sparql", params={"query": SELECT})
    by_form = client.post("/sparql", data={"query": SELECT})
    direct = client.post("/sparql", content=SELECT, headers={"Content-Type": "application/sparql-query; charset=utf-8"})
    assert by_get.json() == by_form.json() == direct.json()
    percent = client.post("/sparql", data={"query": 'SELECT (STRLEN("%2541") AS ?n) {}'})  # decoded once only
    assert percent.json()["results"]["bindings"][0]["n"]["value"] == "5"


def test_ask_and_describe(client: TestClient) -> None:
    assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
    described = client.get("/sparql", params={"query": "DESCRIBE <place/moscow>"})
    assert "Москва" in described.text


@pytest.mark.parametrize("query", [CONSTRUCT, "DESCRIBE <place/moscow>"])
@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_who_accepts_tables_only_gets_a_row_for_each_triple(client: TestClient, query: str, form: str) -> None:
    media_type = {each.name: each.media_type for each in TABLE_FORMATS}[form]
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": media_type})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media_type)
    graph = client.get("/sparql", params={"query": query, "format": "ntriples"})
    triples = sorted(f"{t.subject} {t.predicate} {t.object}" for t in parse(graph.content, format=RdfFormat.N_TRIPLES))
    assert triples
    if form == "tsv":
        assert sorted(row.replace("\t", " ") for row in answer.text.splitlines()[1:]) == triples
    elif form == "csv":
        rows = list(csv.reader(answer.text.splitlines()))
        assert (rows[0], len(rows)) == (["subject", "predicate", "object"], 1 + len(triples))
    else:
        engine = QueryResultsFormat.JSON if form == "json" else QueryResultsFormat.XML
        found = parse_query_results(answer.content, engine)
        assert isinstance(found, QuerySolutions)
        assert sorted(" ".join(map(str, row)) for row in found) == triples


@pytest.mark.parametrize("accept", ["text/csv, */*;q=0.1", "text/csv, text/turtle;q=0.5", "*/*"])
def test_a_graph_is_sent_as_a_graph_where_that_is_acceptable_at_all(client: TestClient, accept: str) -> None:
    answer = client.get("/sparql", params={"query": CONSTRUCT}, headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("text/turtle")


def test_rows_of_a_graph_are_counted_as_rows(release: Release) -> None:
    source = ReleaseSource(release.path, {})
    with TestClient(Application(source, Settings(workers=1, client_seconds=0, log="off", max_rows=2), {})) as client:
        graph = "CONSTRUCT { ?v a rg:Visit } WHERE { ?v a rg:Visit } LIMIT"
        assert client.get("/sparql", params={"query": f"{graph} 2", "format": "csv"}).status_code == 200
        refused = client.get("/sparql", params={"query": f"{graph} 3", "format": "csv"})
        assert (refused.status_code, refused.json()["budget"]) == (503, "rows")


@pytest.mark.parametrize(
    ("method", "arguments", "status", "detail"),
    [
        ("GET", {"params": {"query": "SELECT * WHERE"}}, 400, "cannot be parsed: error at 1:15"),
        ("GET", {"params": {"timeout": 1}}, 400, "exactly one query; there are 0"),
        ("GET", {"params": {"query": ["ASK {}", "ASK {}"]}}, 400, "there are 2"),
        ("GET", {"params": {"query": SELECT}, "headers": {"Accept": "image/png"}}, 406, "nothing that you accept fits"),
        ("GET", {"params": {"query": CONSTRUCT}, "headers": {"Accept": "image/png"}}, 406, "turtle (text/turtle)"),
        ("GET", {"params": {"query": SELECT, "format": "turtle"}}, 406, "nothing that you accept fits"),
        ("GET", {"params": {"query": SELECT}, "headers": {"Accept": "nonsense"}}, 400, "Accept header cannot be read"),
        ("POST", {"content": b"ASK {}", "headers": {"Content-Type": "text/plain"}}, 415, "not text/plain"),
        ("POST", {"content": b"\xff", "headers": {"Content-Type": "application/sparql-query"}}, 400, "not UTF-8"),
        ("GET", {"params": {"query": "DROP ALL"}}, 400, "this is an update (DROP) and no query. Only queries are answered"),
        ("POST", {"data": {"update": "CLEAR ALL"}}, 403, "answers queries only"),
        ("POST", {"content": b"query=%ff", "headers": {"Content-Type": FORM}}, 400, "not UTF-8"),
        ("GET", {"params": {"query": SELECT, "default-graph-uri": "no IRI"}}, 400, "named by an IRI"),
        ("DELETE", {}, 405, "DELETE is not among GET, HEAD, POST"),
    ],
)
def test_errors_are_problem_details(
    client: TestClient, method: str, arguments: dict[str, dict[str, str]], status: int, detail: str
) -> None:
    response = client.request(method, "/sparql", **arguments)  # type: ignore[arg-type]  # keyword arguments of the request
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert detail in f"{body['title']} {body['detail']}"


def test_updates_are_not_carried_out(client: TestClient) -> None:
    count = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
    before = client.get("/sparql", params=count).json()
    for update in ("DELETE WHERE { ?s ?p ?o }", "INSERT DATA { <urn:a> <urn:b> <urn:c> }", "CLEAR ALL"):
        assert client.get("/sparql", params={"query": update}).status_code == 400
        assert client.post("/sparql", content=update, headers={"Content-Type": "application/sparql-update"}).status_code == 403
    assert client.get("/sparql", params=count).json() == before


def test_russian_text_may_be_posted_raw(client: TestClient) -> None:
    body = 'query=SELECT ?s { ?s skos:prefLabel "Москва"@ru }'.encode()
    answer = client.post("/sparql", content=body, headers={"Content-Type": FORM}).json()
    assert len(answer["results"]["bindings"]) == 1


def test_the_graphs_of_a_request_are_heeded(client: TestClient) -> None:
    graph = "https://w3id.org/relgraph/id/graph/reported"
    ask = {"query": "ASK { ?s a rg:Content }"}
    assert client.get("/sparql", params=ask).json()["boolean"] is False
    assert client.get("/sparql", params=ask | {"default-graph-uri": graph}).json()["boolean"] is True
    assert client.post("/sparql", data=ask | {"default-graph-uri": graph}).json()["boolean"] is True


def test_a_format_of_a_clients_own_does_not_count_against_its_accept_header(client: TestClient) -> None:
    accept = {"Accept": "application/ld+json"}
    response = client.get("/sparql", params={"query": CONSTRUCT, "format": "json-ld"}, headers=accept)
    assert response.headers["content-type"] == "application/ld+json"


def test_an_empty_graph_is_an_answer(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": "CONSTRUCT WHERE { <nobody> ?p ?o }", "format": "ntriples"})
    assert (response.status_code, response.content) == (200, b"")


def test_the_cache_gives_what_the_worker_gave(client: TestClient) -> None:
    asked = {"params": {"query": SELECT + " # cached"}}
    first, second = client.get("/sparql", **asked), client.get("/sparql", **asked)  # type: ignore[arg-type]  # keyword arguments
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    hits = [line for line in client.get("/metrics").text.splitlines() if line.startswith('relgraph_cache_total{result="hit"}')]
    assert float(hits[0].split()[-1]) >= 1


def test_a_post_is_answered_whatever_its_client_has(client: TestClient) -> None:
    assert client.post("/sparql", data={"query": SELECT}, headers={"If-None-Match": "*"}).status_code == 200


def test_a_page_does_not_show_millions_of_bytes(client: TestClient) -> None:
    grown = " ".join(f"BIND(CONCAT(?v{n}, ?v{n}, ?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(11))
    page = client.get("/query", params={"query": f'SELECT * {{ BIND("x" AS ?v0) {grown} }}'})
    assert page.status_code == 503
    assert "2097152 bytes" in page.text


def test_a_client_that_has_the_answer_is_told_so(client: TestClient) -> None:
    tag = client.get("/sparql", params={"query": SELECT}).headers["etag"]
    for sent in (tag, f'"other", W/{tag}', "*"):
        again = client.get("/sparql", params={"query": SELECT}, headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = [
        client.get("/sparql", params={"query": SELECT + " "}).headers["etag"],
        client.get("/sparql", params={"query": SELECT, "format": "csv"}).headers["etag"],
        client.get("/sparql", params={"query": SELECT, "named-graph-uri": "urn:x"}).headers["etag"],
        client.get("/sparql", params={"query": SELECT}, headers={"Accept-Encoding": "identity"}).headers["etag"],
    ]
    assert len({tag, *other}) == 5


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", "N\\u004FW()"])
def test_what_is_another_answer_each_time_is_not_kept(client: TestClient, call: str) -> None:
    response = client.get("/sparql", params={"query": f"SELECT ({call} AS ?x) {{}}"})
    assert "etag" not in response.headers
    assert response.status_code == 400 or response.headers["cache-control"] == "no-cache"


def test_head_is_answered(client: TestClient) -> None:
    for path in ("/", "/queries/accessions", "/query", f"/sparql?query={SELECT}"):
        response = client.head(path)
        assert (response.status_code, response.content) == (200, b""), path


def test_what_nobody_foresaw_is_a_problem_too(release: Release) -> None:
    app = application(release, {}, {})

    def broken() -> None:
        raise ZeroDivisionError

    app.api.add_api_route("/broken", broken)
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/broken")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"


def test_every_response_carries_the_release(client: TestClient, release: Release) -> None:
    for path in ("/", "/sparql", "/nowhere", "/queries/accessions"):
        response = client.get(path)
        assert response.headers["relgraph-release"] == release.id
        assert "default-src 'none'" in response.headers["content-security-policy"]


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


BROWSER = {"Accept": "text/html"}


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize(("language", "words"), [("en", "Questions"), ("ru", "Вопросы")])
def test_the_start_page_lists_every_question(client: TestClient, project: Project, language: str, words: str) -> None:
    html = client.get("/", params={"lang": language}).text
    assert f'<html lang="{language}">' in html
    assert words in html
    for name, question in questions.load(project.queries).items():
        assert f'href="/queries/{name}?lang={language}"' in html
        assert question.header.title[language] in text_of(html)


def test_the_language_follows_the_browser(client: TestClient) -> None:
    assert '<html lang="ru">' in client.get("/", headers={"Accept-Language": "de, ru-RU;q=0.8, en;q=0.5"}).text
    assert '<html lang="ru">' in client.get("/", headers={"Accept-Language": "en;q=0.1, ru;q=0.9"}).text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "de"}).text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_question_is_answered_with_labels_and_places(client: TestClient, project: Project, language: str) -> None:
    for name in questions.load(project.queries):
        response = client.get(f"/queries/{name}", params={"lang": language}, headers=BROWSER)
        assert response.status_code == 200, name
        table = response.text[response.text.index("<tbody>") : response.text.index("</tbody>")]
        assert "https://" not in text_of(table), name
        columns = set(re.findall(r'<th scope="col">([^<]*)</th>', response.text))
        assert columns <= set(WORDING[language]["columns"].values()), name


def test_a_place_is_given_as_document_section_line_and_characters(client: TestClient) -> None:
    answer = text_of(client.get("/queries/visits-by-office", headers=BROWSER).text)
    assert "Lord Robertson" in answer
    assert "004, Chronology, line 167, characters 7069–7121" in answer


def test_a_fact_leads_to_its_page_with_the_evidence(client: TestClient) -> None:
    html = client.get("/queries/visits-by-office", headers=BROWSER).text
    (first, *_) = re.findall(r'href="(/id/event/[^"]*)"', html)
    page = client.get(unescape(first), headers=BROWSER)
    assert "004, Chronology" in text_of(page.text)
    assert 'href="/id/claim/' in page.text


def test_graphs_come_with_links_to_formats_of_graphs(client: TestClient) -> None:
    html = client.get("/query", params={"query": "DESCRIBE <place/moscow>"}).text
    links = [unescape(link) for link in re.findall(r'href="(/sparql\?[^"]*)"', html)]
    assert links
    assert {client.get(link).status_code for link in links} == {200}


def test_a_passage_of_another_text_is_not_shown(release: Release, project: Project) -> None:
    app = application(release, questions.load(project.queries), {"004": "another text " * 1000})
    with TestClient(app) as client:
        assert "<blockquote>" not in client.get("/queries/visits-by-office", headers=BROWSER).text


def test_passages_are_shown_where_the_documents_are_at_hand(release: Release, project: Project, documents_folder: Path) -> None:
    problems: list[Problem] = []
    texts = documents.read_folder(documents_folder, documents.load_register(project.documents, problems), problems)
    app = application(release, questions.load(project.queries), texts)
    with TestClient(app) as client:
        html = client.get("/queries/visits-by-office", headers=BROWSER).text
    passage = " ".join(texts["004"][7069:7121].split())
    assert f"<blockquote>{passage}</blockquote>" in html


def test_parameters_can_be_given_and_bad_ones_are_explained(client: TestClient) -> None:
    assert "No rows." in client.get("/queries/visits-by-office", params={"place": "place/rome"}, headers=BROWSER).text
    unknown = client.get("/queries/visits-by-office", params={"place": "place/moskow"}, headers=BROWSER)
    assert unknown.status_code == 400
    assert "Did you mean place/moscow" in unknown.text
    assert 'value="place/moskow"' in unknown.text
    bad = client.get("/queries/events-in-period", params={"from": "1999-13"}, headers=BROWSER)
    assert bad.status_code == 400
    assert "no month or season 13" in bad.text


def test_a_page_shows_so_many_rows_and_says_that_there_are_more(client: TestClient) -> None:
    html = client.get("/query", params={"query": "SELECT * { ?s ?p ?o }"}).text
    assert html.count("<tr>") == Settings().page_rows + 1
    assert "There are more rows than are shown here" in html
    triples = client.get("/query", params={"query": "CONSTRUCT WHERE { ?s ?p ?o }"}).text
    assert triples.count("<tr>") == Settings().page_rows + 1


def test_a_browser_gets_the_page_where_a_program_gets_data(client: TestClient) -> None:
    accept = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    answer = client.get("/sparql", params={"query": SELECT}, headers=accept)
    assert "<table>" in answer.text
    assert "Accept" in answer.headers["vary"].split(", ")
    assert "Questions" in client.get("/sparql", headers=accept).text
    assert client.get("/sparql").headers["content-type"].startswith("text/turtle")


def test_a_typed_query_is_answered_or_explained(client: TestClient) -> None:
    assert "Lord Robertson" in client.get("/query", params={"query": SELECT.replace("LIMIT 2", "")}).text
    bad = client.get("/query", params={"query": "SELECT <script>"})
    assert bad.status_code == 400
    assert "cannot be parsed" in bad.text
    assert "<script>" not in bad.text


def test_an_unknown_question_is_not_found(client: TestClient) -> None:
    assert client.get("/queries/nothing").status_code == 404


# ── a real server and clients that nobody here wrote ─────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def server(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Server(tmp_path_factory.mktemp("server") / "log", "--release", release.path) as server:
        yield server.url


def converted(wrapper: SPARQLWrapper) -> object:
    """The converted answer of a SPARQLWrapper query, its connection closed."""
    result = wrapper.query()
    with result.response:
        return result.convert()


def test_sparqlwrapper_can_select_ask_construct_and_describe(server: str) -> None:
    wrapper = SPARQLWrapper(server + "sparql")
    wrapper.setQuery(SELECT)
    for form in (JSON, XML, CSV, TSV):
        wrapper.setReturnFormat(form)
        assert converted(wrapper)
    wrapper.setReturnFormat(JSON)
    wrapper.setMethod(POST)
    by_form = converted(wrapper)
    wrapper.setRequestMethod(POSTDIRECTLY)
    assert converted(wrapper) == by_form
    wrapper.setQuery("ASK { ?v a rg:Visit }")
    assert converted(wrapper) == {"head": {}, "boolean": True}
    wrapper.setQuery(CONSTRUCT)
    for form in (JSONLD, RDFXML):
        wrapper.setReturnFormat(form)
        found = converted(wrapper)
        assert isinstance(found, Graph)
        assert len(found) > 0
    wrapper.setReturnFormat(TURTLE)
    for query in (CONSTRUCT, "DESCRIBE <place/moscow>"):
        wrapper.setQuery(query)
        answer = converted(wrapper)
        assert isinstance(answer, bytes)
        assert list(parse(answer, format=RdfFormat.TURTLE))


def test_curl_gets_json(server: str) -> None:
    curl = shutil.which("curl")
    if not curl:
        assert not os.environ.get("CI"), "in CI curl must be there; .ci/run installs it"
        pytest.skip("curl is not installed")
    command = [curl, "-sS", "--fail", "--data-urlencode", f"query={SELECT}", server + "sparql"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert len(answer["results"]["bindings"]) == 2


def test_a_taken_port_is_explained(server: str, release: Release) -> None:
    port = server.rstrip("/").rsplit(":", 1)[1]
    command = [sys.executable, "-m", "relgraph", "serve", "--release", str(release.path), "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert done.returncode == 2
    assert "Choose another with --host or --port" in done.stderr
    assert "serves" not in done.stdout
