"""/docs: the operations of the server on a page made from its own OpenAPI document; and words for every status that they give."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest

from relgraph.errors import BudgetError, DamageError, EndpointError, ForbiddenError, QueryError, UsageError
from relgraph.release import Release
from relgraph.serving.http.problems import problem
from relgraph.serving.pages.layout import WORDING
from server import Server

BROWSER = {"Accept": "text/html"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])


@pytest.fixture(scope="module")
def server(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("log") / "log", "--release", release.path) as server:
        yield server


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = server.get("openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def sections(page: str) -> dict[str, str]:
    """What the page says of each path."""
    parts = re.split(r'<h2 id="[^"]*"><code>(.*)</code></h2>', page)
    return dict(zip(map(unescape, parts[1::2]), parts[2::2], strict=True))


@LANGUAGES
def test_every_operation_is_told_with_all_that_it_takes_and_gives(
    server: Server, document: dict[str, Any], language: str
) -> None:
    page = server.get("docs", params={"lang": language}, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    told = sections(page.text)
    assert set(told) == set(document["paths"])
    resolved = json.dumps(document)
    for path, method, operation in operations(document):
        assert f"<b>{method.upper()}</b>" in told[path]
        for parameter in operation.get("parameters", ()):
            if "$ref" in parameter:
                parameter = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
            assert f"<code>{parameter['name']}</code>" in told[path]
            for value in parameter.get("schema", {}).get("enum", ()):
                assert f"<code>{value}</code>" in told[path]
        for status in operation["responses"]:
            assert re.search(rf"<dt>[^<]*\b{status}\b", told[path]), (path, status)
        for body in operation.get("requestBody", {}).get("content", ()):
            assert f"<code>{body}</code>" in told[path]
    assert "#/components" in resolved
    assert "#/components" not in page.text


def test_the_words_of_queries_are_in_the_language_of_the_page(server: Server) -> None:
    (query,) = [each for each in server.get("queries.json").json()["queries"] if each["name"] == "visits-by-office"]
    for language, other in (("en", "ru"), ("ru", "en")):
        told = unescape(sections(server.get("docs", params={"lang": language}).text)["/queries/visits-by-office"])
        for texts in (query["title"], query["description"], query["parameters"][0]["description"]):
            assert texts[language] in told
            assert texts[other] not in told


@LANGUAGES
def test_examples_are_answered(server: Server, language: str) -> None:
    page = server.get("docs", params={"lang": language}).text
    examples = [unescape(link) for link in re.findall(r': <a href="([^"]*)"><code>', page)]
    assert len(examples) > 20
    assert {"/id/state/RUS", "/export/turtle?period=1994/2001&modality=Planned", "/graphs/asserted"} <= set(examples)
    for example in examples:
        assert server.get(example.lstrip("/"), headers={"Accept": "*/*"}).status_code in (200, 303), example


def test_the_page_needs_no_script_and_no_other_server(server: Server) -> None:
    page = server.get("docs").text
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!/|#|\?)([^"]*)"', page) == []
    assert server.get("redoc").status_code == 404


@LANGUAGES
def test_the_start_page_leads_to_it(server: Server, language: str) -> None:
    page = server.get("", params={"lang": language}, headers=BROWSER).text
    footer = page[page.index("<footer>") :]
    assert f'href="/docs?lang={language}"' in footer


@LANGUAGES
def test_there_are_words_for_every_status_that_is_given(document: dict[str, Any], language: str) -> None:
    statuses = {status for _, _, operation in operations(document) for status in operation["responses"] if status >= "400"}
    plain = [kind("x") for kind in (ForbiddenError, EndpointError, QueryError, UsageError, DamageError, RuntimeError)]
    statuses |= {str(problem(error).status) for error in (*plain, BudgetError("time", "x"))} | {"405"}
    words = WORDING[language]["resource"]
    assert len(statuses) > 10
    for table in (words["failures"], words["remedies"]):
        assert set(map(str, table)) >= statuses
        assert all(bool(re.search("[А-я]", text)) == (language == "ru") for text in table.values())
    assert all(HTTPStatus(int(status)) for status in words["failures"])


@LANGUAGES
def test_a_page_of_an_error_has_words_in_its_language(server: Server, language: str) -> None:
    page = server.get("query", params={"update": "DELETE WHERE {}", "lang": language}, headers=BROWSER)
    assert page.status_code == 403
    assert f"<h1>{WORDING[language]['resource']['failures']['403']}</h1>" in page.text
    assert HTTPStatus.FORBIDDEN.phrase not in page.text
