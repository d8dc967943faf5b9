"""/queries: query files as addresses with parameters, in every format; their list; what may be given."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, Store, parse_query_results
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from relgraph import evaluation, naming, questions
from relgraph.errors import UsageError
from relgraph.evaluation import TABLE_FORMATS
from relgraph.headers import without_header
from relgraph.questions import Question
from relgraph.release import Release
from relgraph.serving.app import Application
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource
from relgraph.vocabulary import ID
from server import Server

ROOT = Path(__file__).parents[1]
QUESTIONS = questions.load(ROOT / "queries")
VISITS = "/queries/visits-by-office"
HTML = {"Accept": "text/html"}
JSON_RESULTS = "application/sparql-results+json"
PARQUET = "application/vnd.apache.parquet"


def served(release: Release, these: Mapping[str, Question] = QUESTIONS, **settings: object) -> TestClient:
    chosen = Settings(**{"workers": 1, "client_seconds": 0, "log": "off", **settings})  # type: ignore[arg-type]  # by name
    return TestClient(Application(ReleaseSource(release.path, these), chosen, {}))


@pytest.fixture(scope="module")
def client(release: Release) -> Iterator[TestClient]:
    with served(release) as client:
        yield client


# ── formats ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_query_is_answered_at_its_address(client: TestClient, store: Store, name: str) -> None:
    answer = client.get(f"/queries/{name}")
    assert answer.headers["content-type"] == JSON_RESULTS
    expected = evaluation.evaluate(store, QUESTIONS[name].text)
    assert isinstance(expected, QuerySolutions)
    assert answer.content == expected.serialize(format=QueryResultsFormat.JSON)


@pytest.mark.parametrize(
    ("accept", "address", "media_type"),
    [
        ("", VISITS, JSON_RESULTS),
        ("*/*", VISITS, JSON_RESULTS),
        ("application/json", VISITS, JSON_RESULTS),
        ("text/csv", VISITS, "text/csv; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", VISITS, "text/html; charset=utf-8"),
        (PARQUET, VISITS, PARQUET),
        ("text/html", f"{VISITS}?format=tsv", "text/tab-separated-values; charset=utf-8"),
        ("text/html", f"{VISITS}?format=parquet", PARQUET),
        ("text/html", f"{VISITS}.csv", "text/csv; charset=utf-8"),
        ("text/html", f"{VISITS}.xml", "application/sparql-results+xml"),
        ("text/html", f"{VISITS}.json?format=json", JSON_RESULTS),
        ("*/*", f"{VISITS}.html", "text/html; charset=utf-8"),
        ("*/*", f"{VISITS}?format=html", "text/html; charset=utf-8"),
    ],
)
def test_the_format_is_that_of_suffix_parameter_or_accept(client: TestClient, accept: str, address: str, media_type: str) -> None:
    answer = client.get(address, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert "Accept" in answer.headers["vary"]


def test_the_same_rows_in_every_format(client: TestClient) -> None:
    read = [list(map(str, row)) for row in parse_query_results(client.get(VISITS).content, QueryResultsFormat.JSON)]  # type: ignore[union-attr]  # a SELECT
    assert read
    table = pyarrow.parquet.read_table(io.BytesIO(client.get(f"{VISITS}.parquet").content))
    assert table.num_rows == len(read)
    assert client.get(f"{VISITS}.csv").text.count("\r\n") == len(read) + 1
    assert client.get(f"{VISITS}.tsv").text.count("\n") == len(read) + 1
    assert client.get(f"{VISITS}.xml").text.count("<result>") == len(read)
    assert client.get(f"{VISITS}.html").text.count("<tr>") == len(read) + 1


@pytest.mark.parametrize("form", [form.name for form in TABLE_FORMATS] + ["parquet"])
def test_tags_and_heads_in_every_format(client: TestClient, form: str) -> None:
    whole = client.get(f"{VISITS}.{form}")
    tag = whole.headers["etag"]
    head = client.head(f"{VISITS}.{form}")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert client.get(f"{VISITS}.{form}", headers={"If-None-Match": tag}).status_code == 304
    assert client.get(f"{VISITS}.{form}", params={"place": "place/rome"}, headers={"If-None-Match": tag}).status_code == 200
    assert client.get(f"{VISITS}.{form}").content == whole.content


def test_graphs_have_formats_of_graphs_and_a_boolean_is_a_table(release: Release, tmp_path: Path) -> None:
    header = "#+ title: {en: A, ru: А}\n#+ description: {en: B, ru: Б}\n"
    (tmp_path / "graph.rq").write_text(header + "# select nothing\nDESCRIBE <place/moscow>", "utf-8")
    (tmp_path / "is.rq").write_text(header + "BASE <https://w3id.org/relgraph/id/>\nASK { <place/moscow> ?p ?o }", "utf-8")
    with served(release, questions.load(tmp_path)) as client:
        assert client.get("/queries/graph").headers["content-type"].startswith("text/turtle")
        assert client.get("/queries/graph.nt").status_code == 404
        assert client.get("/queries/graph.ntriples").text.startswith(f"<{ID}place/moscow>")
        assert client.get("/queries/graph.csv").text.startswith(f"subject,predicate,object\r\n{ID}place/moscow,")
        rows = pyarrow.parquet.read_table(io.BytesIO(client.get("/queries/graph.parquet").content)).to_pylist()
        assert {row["subject"] for row in rows} == {f"{ID}place/moscow"}
        assert "/queries/graph.turtle" in client.get("/queries/graph", headers=HTML).text
        assert client.get("/queries/is").json()["boolean"] is True
        assert pyarrow.parquet.read_table(io.BytesIO(client.get("/queries/is.parquet").content)).to_pylist() == [
            {"boolean": True}
        ]


def test_the_links_of_a_page_are_stable_addresses_and_work(client: TestClient) -> None:
    html = client.get(f"{VISITS}?place=Rome&position=", headers=HTML).text
    for form in ("json", "xml", "csv", "tsv", "parquet"):
        assert f'href="{VISITS}.{form}?place=Rome"' in html
        assert client.get(f"{VISITS}.{form}?place=Rome").status_code == 200


# ── parquet in a worker ──────────────────────────────────────────────────────────────────────────────────────────────


def test_parquet_is_written_in_the_smallest_worker_that_may_be(release: Release) -> None:
    with served(release, query_memory=64 * 1024 * 1024) as client:
        for _ in range(3):  # the libraries count once, and not against the queries that follow
            assert client.get("/queries/publications.parquet").content.startswith(b"PAR1")
            assert client.get("/queries/publications.csv").status_code == 200
        kills = [line for line in client.get("/metrics").text.splitlines() if line.startswith("relgraph_worker_kills_total")]
        assert all(line.endswith(" 0.0") for line in kills), kills


@pytest.mark.parametrize(("setting", "limit", "budget"), [("max_rows", 1, "rows"), ("max_bytes", 1024, "bytes")])
def test_parquet_has_the_budgets_of_a_query(release: Release, setting: str, limit: int, budget: str) -> None:
    with served(release, QUESTIONS, **{setting: limit}) as client:
        answer = client.get("/queries/publications.parquet")
        assert (answer.status_code, answer.json()["budget"]) == (503, budget)
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200


# ── parameters ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "place",
    ["place/moscow", "place:moscow", f"{ID}place/moscow", f"<{ID}place/moscow>", "Moscow", "moscow", "Москва", " Moscow "],
)
def test_a_thing_is_named_by_key_iri_or_label_in_either_language(client: TestClient, place: str) -> None:
    assert client.get(VISITS, params={"place": place}).content == client.get(VISITS).content


def test_a_date_is_as_precise_as_one_likes(client: TestClient) -> None:
    asked = {"from": "1999", "to": "1999"}
    exact = {"from": "1999-01-01T00:00:00", "to": "1999-12-31T23:59:59"}
    found = client.get("/queries/events-in-period", params=asked)
    assert found.json()["results"]["bindings"]
    assert found.content == client.get("/queries/events-in-period", params=exact).content


def test_what_a_request_gives_does_not_depend_on_the_order(client: TestClient) -> None:
    one = client.get(f"{VISITS}?place=Rome&position=position/saceur").headers["etag"]
    assert client.get(f"{VISITS}?position=position/saceur&place=Rome").headers["etag"] == one
    bound = replace(QUESTIONS["visits-by-office"], text=without_header(QUESTIONS["visits-by-office"].text))
    assert bound.pieces({"place": "a", "position": "b"}) == bound.pieces({"position": "b", "place": "a"})


def test_an_empty_parameter_has_its_default_as_in_the_form_of_the_page(client: TestClient) -> None:
    assert client.get(VISITS, params={"place": "", "position": ""}).content == client.get(VISITS).content


def test_the_language_is_that_of_lang_unless_the_query_is_told_another(client: TestClient) -> None:
    address = "/queries/document-on-actor"
    russian = client.get(address, params={"lang": "ru"}).content
    assert russian == client.get(address, params={"language": "ru"}).content
    assert russian == client.get(address, params={"language": "ru", "lang": "en"}).content
    assert russian != client.get(address).content


BAD = [
    (VISITS, {"plase": "x"}, "no parameter 'plase'; it has position, place. Did you mean place?"),
    (VISITS, {"zzz": "x"}, "it has position, place. Give one of these"),
    ("/queries/foundations", {"zzz": "x"}, "it has none. Leave it out"),
    (VISITS, {"place": ["a", "b"]}, "give the parameter place of visits-by-office once; it is given 2 times"),
    (VISITS, {"place": "place/moskow"}, "there is no 'place/moskow' in this graph. Did you mean place/moscow"),
    (VISITS, {"place": "Moskow"}, "Did you mean Moscow"),
    (VISITS, {"place": "state/GEO"}, "the parameter place of visits-by-office: state/GEO is no Place. Did you mean Georgia"),
    (VISITS, {"place": "document/004"}, "document/004 is no Place. Give a thing of that class"),
    (VISITS, {"place": "zzzzzz"}, "Look it up on the pages"),
    ("/queries/document-on-actor", {"document": "4004"}, "there is no 'document/4004' in this graph. Did you mean document/004"),
    ("/queries/events-in-period", {"from": "1999-13"}, "takes a date in EDTF such as 1994, 1994-05 or 1994-05-03"),
    ("/queries/events-in-period", {"from": "1999-13"}, "not '1999-13': "),
    ("/queries/events-in-period", {"from": "../1999"}, "it is open on that side; give a date"),
    ("/queries/document-on-actor", {"language": "de"}, "takes one of en, ru, not 'de'"),
    (VISITS, {"lang": "de"}, "lang is en or ru"),
    (VISITS, {"format": "ods"}, "there is no format 'ods'; choose json, xml, csv, tsv, parquet"),
    (VISITS, {"format": ["csv", "tsv"]}, "give format once"),
    (f"{VISITS}.csv", {"format": "tsv"}, "the address ends in .csv, and format is 'tsv'"),
    (VISITS, {"timeout": "0"}, "timeout is a number of seconds"),
]


@pytest.mark.parametrize(("address", "given", "detail"), BAD)
def test_bad_parameters_are_told_what_is_allowed(client: TestClient, address: str, given: dict[str, Any], detail: str) -> None:
    answer = client.get(address, params=given)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]


def test_a_page_says_the_same(client: TestClient) -> None:
    answer = client.get(VISITS, params={"zzz": "x"}, headers=HTML)
    assert answer.status_code == 400
    assert "it has position, place" in answer.text


def test_a_label_of_several_things_is_refused_with_their_keys(tmp_path: Path) -> None:
    store = Store()
    label = "http://www.w3.org/2004/02/skos/core#prefLabel"
    for key in ("place/alba", "place/alba-longa"):
        store.update(f'INSERT DATA {{ <{ID}{key}> <{label}> "Alba"@en }}')
    with pytest.raises(
        UsageError, match="the parameter place: 'Alba' is the name of several things: place/alba, place/alba-longa"
    ):
        naming.resource(store, "the parameter place", "Alba")
    store.update(f'INSERT DATA {{ <{ID}event/x> <{label}> "Treaty"@en . <{ID}claim/1.1> <{label}> "Treaty"@en }}')
    assert naming.resource(store, "x", "Treaty") == NamedNode(f"{ID}event/x"), "claims have the labels of their facts"


def test_an_unknown_query_is_not_found_and_like_names_are_told(client: TestClient) -> None:
    answer = client.get("/queries/visits-by-ofice.csv")
    assert answer.status_code == 404
    assert "Did you mean visits-by-office?" in answer.json()["detail"]
    assert 'href="/queries/visits-by-office?' in client.get("/queries/visits-by-ofice", headers=HTML).text


def test_where_no_query_has_a_name_like_it_all_are_listed_with_their_titles(client: TestClient) -> None:
    page = client.get("/queries/xyz", params={"lang": "ru"}, headers=HTML)
    assert page.status_code == 404
    for name, question in QUESTIONS.items():
        assert f'<a href="/queries/{name}?lang=ru">{escape(question.header.title.ru)}</a>' in page.text


def test_only_reading_is_allowed(client: TestClient) -> None:
    assert client.post(VISITS).status_code == 405
    assert client.options(VISITS).headers["allow"] == "GET, HEAD, OPTIONS"


# ── the list, and OpenAPI ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_names_every_query_with_what_it_takes(client: TestClient) -> None:
    listed = client.get("/queries").json()["queries"]
    assert [each["name"] for each in listed] == list(QUESTIONS)
    visits = next(each for each in listed if each["name"] == "visits-by-office")
    assert visits["title"] == QUESTIONS["visits-by-office"].header.title.model_dump()
    assert [(p["name"], p["type"], p["default"]) for p in visits["parameters"]] == [
        ("position", "iri", "position/nato-secretary-general"),
        ("place", "iri", "place/moscow"),
    ]
    assert all("label in English or Russian" in p["takes"] for p in visits["parameters"])
    for link in visits["links"].values():
        assert client.get(link).status_code == 200


def test_the_list_is_negotiated_and_has_a_tag(client: TestClient) -> None:
    tag = client.get("/queries.json").headers["etag"]
    assert client.get("/queries/", headers={"If-None-Match": tag}).status_code == 304
    assert client.head("/queries").content == b""
    assert client.get("/queries", headers={"Accept": "image/png"}).status_code == 406
    for language in ("en", "ru"):
        page = client.get("/queries", params={"lang": language}, headers=HTML)
        assert page.headers["content-language"] == language
        for question in QUESTIONS.values():
            assert question.header.title[language].replace("'", "&#39;") in page.text


def test_every_query_is_an_operation_of_openapi(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for name, question in QUESTIONS.items():
        operation = document["paths"][f"/queries/{name}"]["get"]
        own = [each for each in operation["parameters"] if each.get("name") in question.header.parameters]
        assert [each["name"] for each in own] == list(question.header.parameters)
        assert question.header.title.ru in operation["description"]
        assert PARQUET in operation["responses"]["200"]["content"]
        asked = {each["name"]: each["example"] for each in own}
        assert client.get(f"/queries/{name}", params=asked).status_code == 200
        defaults = {each["name"]: each["schema"]["default"] for each in own}
        assert client.get(f"/queries/{name}", params=defaults).content == client.get(f"/queries/{name}").content
    assert len({operation["operationId"] for path in document["paths"].values() for operation in path.values()}) >= len(QUESTIONS)


def test_openapi_tells_what_is_served(release: Release) -> None:
    with served(release, {"accessions": QUESTIONS["accessions"]}) as client:
        paths = client.get("/openapi.json").json()["paths"]
        assert [path for path in paths if path.startswith("/queries/")] == ["/queries/accessions"]


def test_every_operation_that_answers_as_of_a_release_says_so(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    known = document["components"]["parameters"]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            parameters = operation.get("parameters", ())
            given = [known[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in parameters]
            names = [each["name"] for each in given if each["in"] == "query"]
            as_of = not path.startswith(("/files/", "/health", "/metrics"))
            assert names.count("release") == as_of, (method, path)
            assert len(set(names)) == len(names)
            if as_of and "{" not in path and "post" not in method:
                asked = {each["name"]: "x" for each in given if each.get("required")} | {"release": "zzz"}
                assert client.get(path, params=asked).status_code == 404
                assert "404" in operation["responses"], path
    names = [each["name"] for each in document["paths"]["/export"]["get"]["parameters"] if "name" in each]
    assert {"format", "lang", "form", "go"} <= set(names)


def test_every_operation_answers_as_the_openapi_document_says(release: Release, tmp_path: Path) -> None:
    """With arguments that schemathesis makes up from the document, fitting ones and others."""
    with Server(tmp_path / "log", "--release", release.path, WORKERS=1) as server:
        described = schemathesis.openapi.from_url(f"{server.url}openapi.json")
        labels = [path for path in described.raw_schema["paths"] if path.startswith("/queries")]
        assert len(labels) == len(QUESTIONS) + 1

        @settings(max_examples=100)
        @given(data=st.data())
        def asked(data: st.DataObject) -> None:
            operation = described[data.draw(st.sampled_from(labels))]["GET"]
            case = data.draw(operation.as_strategy(data.draw(st.sampled_from(list(GenerationMode)))))
            response = case.call(timeout=60)
            case.validate_response(response, checks=[checks.status_code_conformance, checks.content_type_conformance])

        asked()
