"""What goes wrong, told to people on a page and to programs as problem details, whatever route refused."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from linked import get, released, served
from relgraph.serving.pages import refusing
from relgraph.serving.pages.portraits import Portraits
from server import DEADLINE, eventually

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
    assert "а не &#39;9,2&#39;" in answer.text


def test_what_was_asked_for_cannot_become_part_of_the_page(client: TestClient) -> None:
    page = get(client, '/id/<script>alert(1)</script>?a="><script>alert(1)</script>', BROWSER).text
    assert "<script" not in page


@pytest.mark.parametrize("path", [path for path, _ in REFUSED])
def test_its_page_is_made_beside_the_event_loop(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, threads = Portraits.failure, []

    def failure(*arguments: Any) -> bytes:
        threads.append(threading.current_thread())
        return made(*arguments)

    monkeypatch.setattr(Portraits, "failure", failure)
    loop = client.portal.call(threading.current_thread)  # type: ignore[union-attr]
    assert get(client, path, BROWSER).headers["content-type"] == "text/html; charset=utf-8"
    assert [thread is loop for thread in threads] == [False]


def test_where_no_page_can_be_made_a_browser_gets_problem_details(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(Portraits, "failure", lambda *_: ended.wait(DEADLINE) and b"late")
    monkeypatch.setattr(refusing, "_PATIENCE", 0.1)
    answer = get(client, "/nowhere", BROWSER)
    head = client.head("/nowhere", headers={"Accept": BROWSER})
    ended.set()
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == "GET /nowhere"
    assert (head.status_code, head.headers["content-type"], head.content) == (404, "application/problem+json", b"")


def test_a_flood_of_refusals_makes_no_queue_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(Portraits, "failure", lambda *_: b"a page" if ended.wait(DEADLINE) else b"")
    answers: list[str] = []
    with served(released(tmp_path), max_queue=2) as client:
        asking = [
            threading.Thread(target=lambda: answers.append(get(client, "/nowhere", BROWSER).headers["content-type"]))
            for _ in range(9)
        ]
        for thread in asking:
            thread.start()
        eventually(lambda: len(answers) == 6)  # those beyond the queue, at once
        ended.set()
        for thread in asking:
            thread.join(DEADLINE)
    assert answers == ["application/problem+json"] * 6 + ["text/html; charset=utf-8"] * 3
