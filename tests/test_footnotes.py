"""Footnotes on pages: beside the words that a value is read from stand those of its context, such as the year of a date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient

import mini
from mini import Mini
from relgraph import build, describing, sheets
from relgraph.project import Project
from relgraph.release import Release, open_release
from relgraph.serving.app import Application
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource
from relgraph.vocabulary import data, rg
from relgraph.why import wording

YEAR, DAY = "1990", "5 June:"
TEXTS = {key: text for key, (_, text, _) in mini.TEXTS.items()}


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The mini valley, where the visit rests on the year and the day; the day is named first."""
    rows = mini.decisions()
    rows["901"][1]["spans"] |= {"c": mini.span("901", DAY), "d": mini.span("901", YEAR)}
    rows["901"][1]["claims"][0]["context"] = ["c", "d"]
    project = Project(Mini(tmp_path_factory.mktemp("footnotes") / "mini", rows).write())
    build.write(build.assemble(project, None, lambda stage: None), project.releases)
    return open_release(project.releases)


@pytest.fixture(scope="module")
def client(valley: Release) -> Iterator[TestClient]:
    settings = Settings(workers=1, client_seconds=0, log="off")
    with TestClient(Application(ReleaseSource(valley.path, {}), settings, TEXTS)) as client:
        yield client


def footnotes(client: TestClient, key: str, name: str, language: str) -> str:
    """The footnotes of a property of a thing."""
    html = client.get(f"/id/{key}.html", params={"lang": language}).text
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    (row,) = (row for row in rows if f'title="{rg(name).value}"' in row.partition("<td>")[0])
    return str(row).rpartition("<td>")[2]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_value_is_shown_with_the_context_of_its_claim(client: TestClient, language: str) -> None:
    notes = footnotes(client, "event/visit-stone", "time", language)
    assert [unescape(words) for words in re.findall(r"<blockquote>(.*?)</blockquote>", notes)] == [mini.VISIT, YEAR, DAY]
    marked = re.findall(r'<div class="context"><small>(\w+): <a href="([^"]*)"', notes)
    assert [word for word, _ in marked] == [wording.WORDS[language]["context"]] * 2
    for _, link in marked:
        assert client.get(unescape(link)).status_code == 200


def test_what_has_no_context_has_its_evidence_alone(client: TestClient) -> None:
    notes = footnotes(client, "event/meeting-brin", "place", "en")
    assert mini.MEETING in notes
    assert 'class="context"' not in notes


def test_the_notes_of_a_sheet_name_the_context_in_the_order_of_the_text(valley: Release) -> None:
    store = valley.store()
    described = describing.describe(store, data("event/visit-stone"))
    assert described
    (note,) = next(
        each["notes"] for each in sheets.sheet(store, described, "en")["own"] if each["predicate"]["iri"] == rg("visitor").value
    )
    document = data("document/901").value
    spans = [f"{document}#char={start},{end}" for start, end, _ in (mini.span("901", words) for words in (YEAR, DAY))]
    assert note["context"] == [{"iri": span} for span in spans]


def test_the_footnotes_of_where_a_thing_occurs_have_it_too(client: TestClient) -> None:
    html = client.get("/id/person/ada-stone.html?lang=en").text
    assert f"<blockquote>{YEAR}</blockquote>" in html


def test_a_server_without_texts_names_the_places_of_the_context(valley: Release) -> None:
    settings = Settings(workers=1, client_seconds=0, log="off")
    with TestClient(Application(ReleaseSource(valley.path, {}), settings, {})) as client:
        notes = footnotes(client, "event/visit-stone", "time", "en")
    assert notes.count('class="context"') == 2
    assert "<blockquote>" not in notes
