"""GET /why: explanations over HTTP, within the budgets of queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import RdfFormat, parse

from mini import MEETING, NOTE, OPENED, REPORT, VISIT, Mini
from relgraph import build, why
from relgraph.errors import UsageError
from relgraph.project import Project
from relgraph.release import open_release
from relgraph.serving.app import Application
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource
from relgraph.serving.workers import answering
from relgraph.vocabulary import ID, rg

ASKED = {"subject": "Ada Stone", "predicate": "holdsPosition", "object": "Minister"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the mini project."""
    project = Project(Mini(tmp_path_factory.mktemp("why") / "mini").write())
    return build.write(build.assemble(project, None, lambda stage: None), project.releases).path


def served(folder: Path, texts: Mapping[str, str] | None = None, **settings: object) -> TestClient:
    chosen = Settings(**{"workers": 1, "client_seconds": 0, "log": "off", **settings})  # type: ignore[arg-type]  # by name
    return TestClient(Application(ReleaseSource(folder, {}), chosen, texts or {}))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder) as client:
        yield client


def test_the_explanation_is_that_of_the_command_line(client: TestClient) -> None:
    answer = client.get("/why", params=ASKED)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert (found["rule"], len(found["premises"])) == ("prp-spo2", 2)
    assert found["premises"][1]["claims"][0]["evidence"]["line"] == 4


@pytest.mark.parametrize(
    ("accept", "chosen", "media_type"),
    [
        ("", None, "application/json"),
        ("text/html, */*;q=0.8", None, "application/json"),
        ("text/turtle", None, "text/turtle; charset=utf-8"),
        ("text/plain, application/json;q=0.5", None, "text/plain; charset=utf-8"),
        ("application/json", "turtle", "text/turtle; charset=utf-8"),
        ("", "text", "text/plain; charset=utf-8"),
    ],
)
def test_the_form_is_negotiated(client: TestClient, accept: str, chosen: str | None, media_type: str) -> None:
    answer = client.get("/why", params=ASKED | ({"format": chosen} if chosen else {}), headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    if media_type.startswith("text/turtle"):
        assert list(parse(answer.content, format=RdfFormat.TURTLE))


def test_russian_words_for_those_who_want_them(client: TestClient) -> None:
    answer = client.get("/why", params=ASKED | {"subject": "Ада Стоун", "lang": "ru", "format": "text"})
    assert answer.text.startswith("Ада Стоун — занимает должность — Министр\n")


def test_a_triple_that_is_not_there_is_answered_with_what_is_near(client: TestClient) -> None:
    asked = {"subject": f"{ID}event/visit-stone", "predicate": rg("place").value, "object": f"{ID}place/brin"}
    found = client.get("/why", params=asked).json()
    assert not found["found"]
    assert found["nearest"][0]["statement"]["object"]["value"] == f"{ID}place/alba"


@pytest.mark.parametrize(
    ("change", "status", "detail"),
    [
        ({"subject": "Ada Ston"}, 400, "Did you mean Ada Stone"),
        ({"subject": "http://[x"}, 400, "there is no 'http://[x'"),
        ({"object": '"open'}, 400, "no literal of Turtle"),
        ({"subject": None}, 400, "give exactly one subject; there are 0"),
        ({"predicate": ["a", "b"]}, 400, "give exactly one predicate; there are 2"),
        ({"lang": "de"}, 400, "lang is en or ru"),
        ({"format": "csv"}, 400, "there is no format 'csv'; choose json, turtle, text"),
    ],
)
def test_wrong_questions_are_problems(client: TestClient, change: dict[str, object], status: int, detail: str) -> None:
    asked = {name: value for name, value in {**ASKED, **change}.items() if value is not None}
    answer = client.get("/why", params=asked)  # type: ignore[arg-type]  # a list is a repeated parameter
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]


def test_what_nobody_offers_is_not_acceptable(client: TestClient) -> None:
    assert client.get("/why", params=ASKED, headers={"Accept": "image/png"}).status_code == 406


def test_only_reading_is_allowed(client: TestClient) -> None:
    assert client.post("/why", params=ASKED).status_code == 405
    assert client.head("/why", params=ASKED).content == b""


def test_a_known_explanation_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/why", params=ASKED).headers["etag"]
    assert client.get("/why", params=ASKED, headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/why", params=ASKED | {"lang": "ru"}).headers["etag"] != tag


def test_a_budget_bounds_it_as_it_bounds_a_query(folder: Path) -> None:
    with served(folder, max_bytes=1024) as small:
        answer = small.get("/why", params=ASKED)
        assert answer.status_code == 503
        assert answer.json()["budget"] == "bytes"


def test_the_openapi_document_names_it(client: TestClient) -> None:
    assert "get" in client.get("/openapi.json").json()["paths"]["/why"]


# ── passages ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEXTS = {"901": REPORT, "902": NOTE}
#: A fact that two documents state.
CONTESTED = {"subject": f"{ID}event/foundation-council", "predicate": rg("place").value, "object": f"{ID}place/alba"}


@pytest.fixture(scope="module")
def reader(folder: Path) -> Iterator[TestClient]:
    """A client of a server that has the texts."""
    with served(folder, TEXTS) as client:
        yield client


def passages(client: TestClient, asked: Mapping[str, str]) -> dict[str, str | None]:
    """The passages of an explanation by document."""
    places = [claim["evidence"] for claim in client.get("/why", params=asked).json()["claims"]]
    return {place["document"]: place["passage"] for place in places}


@pytest.mark.parametrize("form", ["json", "turtle", "text"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_passages_are_shown_where_the_texts_are_at_hand(client: TestClient, reader: TestClient, form: str, language: str) -> None:
    asked = ASKED | {"format": form, "lang": language}
    assert VISIT in reader.get("/why", params=asked).text
    assert VISIT not in client.get("/why", params=asked).text


def test_the_bytes_are_those_of_the_command_line(reader: TestClient, folder: Path) -> None:
    store = open_release(folder).store()
    triple = why.resolve(store, *ASKED.values())
    for form, write in why.FORMS.items():
        for language in ("en", "ru"):
            explanation = why.explain(store, triple, TEXTS, language)
            assert reader.get("/why", params=ASKED | {"format": form, "lang": language}).content == write(explanation, language)


def test_passages_of_several_documents_in_their_own_languages(reader: TestClient) -> None:
    assert passages(reader, CONTESTED) == {"901": "Opening of the Union Council in Alba.", "902": OPENED}


def test_a_document_whose_text_is_missing_or_another_is_given_without_words(folder: Path) -> None:
    for texts in ({"902": NOTE}, {"901": REPORT.replace("Opening", "Closing"), "902": NOTE}, {"901": "", "902": NOTE}):
        with served(folder, texts) as client:
            assert passages(client, CONTESTED) == {"901": None, "902": OPENED}
            assert passages(client, CONTESTED | {"lang": "ru"}) == {"901": None, "902": OPENED}  # it asks once


def test_an_explanation_is_another_one_when_other_texts_are_at_hand(folder: Path) -> None:
    tags = []
    for texts in ({}, {"901": REPORT}, TEXTS, {"901": REPORT + "!", "902": NOTE}, dict(reversed(TEXTS.items()))):
        with served(folder, texts) as client:
            tags.append(client.get("/why", params=ASKED).headers["etag"])
            assert client.head("/why", params=ASKED).headers["etag"] == tags[-1]
            assert client.get("/why", params=ASKED, headers={"If-None-Match": tags[0]}).status_code == (304 if not texts else 200)
    assert len(set(tags)) == 4
    assert tags[2] == tags[4], "the order of the texts does not matter"


def test_a_text_longer_than_what_is_read_at_once_arrives_whole(folder: Path) -> None:
    with served(folder, {"901": REPORT + "ж" * 3_000_000, "902": NOTE}) as client:
        assert passages(client, CONTESTED)["901"] == "Opening of the Union Council in Alba."


def test_a_text_that_does_not_fit_into_a_frame_is_over_the_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "MOST", 100)
    with served(folder, TEXTS) as client:
        answer = client.get("/why", params=ASKED)
        assert (answer.status_code, answer.json()["budget"]) == (503, "memory")
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200


def test_only_passages_are_shown_of_a_text(reader: TestClient) -> None:
    shown = "".join(reader.get("/why", params=ASKED | {"format": form}).text for form in ("json", "turtle", "text"))
    assert VISIT in shown
    assert MEETING not in shown, "another passage of the same document"
    assert "Report on the Valley Union" not in shown, "words that no claim rests on"


def test_a_query_is_given_no_text() -> None:
    run = answering.Answering(None, None)  # type: ignore[arg-type]  # neither is used
    with pytest.raises(UsageError, match="not at hand"):
        run._text("901")
