"""What goes wrong, told to people on a page and to programs as problem details, whatever route refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient

from linked import get, released, served

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#: Addresses of which nothing can be had, by every kind of route.
REFUSED = [
    ("/nowhere", 404), ("/?release=nope", 404), ("/releases?release=nope", 404), ("/releases?format=xml", 400),
    ("/id/state/none", 404), ("/documents/901?char=x", 400), ("/export/none", 404), ("/export/turtle?period=x", 400),
    ("/files/current/none", 404), ("/why", 400), ("/graphs/none", 404), ("/.well-known/void?release=nope", 404),
    ("/static/none", 404), ("/sparql?release=nope&query=ASK%7B%7D", 404), ("/id/%00?%ff", 400),
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with served(released(tmp_path_factory.mktemp("refusing"))) as client:
        yield client


@pytest.mark.parametrize(("path", "status"), REFUSED)
@pytest.mark.parametrize(("language", "home"), [("en", "Start page"), ("ru", "Начало")])
def test_a_browser_gets_a_page_that_leads_on(client: TestClient, path: str, status: int, language: str, home: str) -> None:
    answer = get(client, path, BROWSER, Accept_Language=language)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert answer.headers["content-language"] == language
    assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
    assert answer.headers["cache-control"] == "no-store"
    assert f'<html lang="{language}">' in answer.text
    assert home in answer.text
    title, heading = re.findall(r"<title>(.*) – relgraph</title>|<h1>(.*)</h1>", answer.text)
    assert title[0] == heading[1]


@pytest.mark.parametrize(("path", "status"), REFUSED)
def test_a_page_says_what_a_program_is_told(client: TestClient, path: str, status: int) -> None:
    told = get(client, path, "application/json;q=0.1, text/plain;q=0.1, */*;q=0.1")
    assert (told.status_code, told.headers["content-type"]) == (status, "application/problem+json")
    assert told.json()["detail"] in unescape(get(client, path, BROWSER).text)


def test_what_is_refused_to_head_has_no_body(client: TestClient) -> None:
    answer = client.head("/nowhere", headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (404, "text/html; charset=utf-8", b"")


def test_a_post_is_answered_with_problem_details(client: TestClient) -> None:
    answer = client.post("/sparql", data={"query": "no"}, headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_the_page_about_an_unknown_release_leads_to_those_that_are_there(client: TestClient) -> None:
    page = get(client, "/id/place/alba?release=nope&lang=en", BROWSER).text
    assert 'href="/releases?lang=en"' in page
    assert 'href="/?lang=en"' in page
    assert "release=nope" not in page


def test_the_other_language_says_the_same_of_the_same_address(client: TestClient) -> None:
    page = get(client, "/documents/901?char=9,2&lang=en", BROWSER).text
    (other,) = re.findall(r'href="([^"]*)" hreflang="ru"', page)
    answer = get(client, unescape(other), BROWSER)
    assert (answer.status_code, answer.headers["content-language"]) == (400, "ru")
    assert "not &#39;9,2&#39;" in answer.text


def test_what_was_asked_for_cannot_become_part_of_the_page(client: TestClient) -> None:
    page = get(client, '/id/<script>alert(1)</script>?a="><script>alert(1)</script>', BROWSER).text
    assert "<script" not in page
