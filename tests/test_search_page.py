"""/search: things by the words of their names and descriptions, as a page and as JSON; the box on every page that leads there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from mini import Mini
from relgraph import build
from relgraph.project import Project
from relgraph.release import Release
from relgraph.serving.app import Application
from relgraph.serving.pages.layout import WORDING
from relgraph.serving.pages.searching import SHOWN, spaced
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import DatasetSource, ReleaseSource

BROWSER = {"Accept": "text/html"}
VISIT = "https://w3id.org/relgraph/id/event/visit-stone"
BRIN = "https://w3id.org/relgraph/id/place/brin"
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
#: What would end a literal, a query, a tag or an attribute, if it were put there as it is.
HOSTILE = [
    '" } SELECT ?s { ?s ?p ?o } #',
    '<script>alert("Brin")</script>',
    "'''\\u0022 . ?s ?p ?o",
    "Brin\\",
    "Brin\x00\r\n\t\x1b",
    "a'\"><form action=/x>",
    "{{ words }} {% raw %}",
    "«Brin",
    '"Brin',
]


def application(source: Any, **given: object) -> Application:
    options = {"workers": 1, "client_seconds": 0, "log": "off", "old_releases": 1, **given}
    return Application(source, Settings(**options), {})  # type: ignore[arg-type]  # by name


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Release]]:
    """Two releases of the mini project, the visit being in the first one only."""
    folder = tmp_path_factory.mktemp("search")
    found = []
    for number in range(2):
        mini = Mini(folder / f"mini-{number}")
        mini.rows["901"] = [row for row in mini.rows["901"] if number == 0 or row["id"] != "901-0002"]
        found.append(build.write(build.assemble(Project(mini.write()), None, lambda stage: None), folder / "out"))
    return folder / "out", found


@pytest.fixture(scope="module")
def client(releases: tuple[Path, list[Release]]) -> Iterator[TestClient]:
    """A server of the first of them, which has the visit."""
    with TestClient(application(ReleaseSource(releases[1][0].path, {}))) as client:
        yield client


def searched(client: TestClient, words: str, **given: str) -> dict[str, Any]:
    answer = client.get("/search.json", params={"q": words, **given})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def page(client: TestClient, words: str, status: int = 200, **given: str) -> str:
    answer = client.get("/search", params={"q": words, **given}, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    return answer.text


def links(html: str) -> list[str]:
    """The addresses of what a page lists."""
    lists = re.findall(r'class="found">(.*?)</[ou]l>', html, re.DOTALL)
    return [unescape(link) for each in lists for link in re.findall(r'<a href="([^"]*)"', each)]


@LANGUAGES
def test_the_best_comes_first_with_its_name_in_the_language_of_the_page(client: TestClient, language: str) -> None:
    html = page(client, "Brin", lang=language)
    assert links(html)[0] == f"/id/place/brin?lang={language}"
    assert {"en": ">Brin</a>", "ru": ">Брин</a>"}[language] in html
    assert {"en": "place", "ru": "место"}[language] in html
    assert client.get(links(html)[0], headers=BROWSER).status_code == 200


def test_all_words_count_and_each_thing_comes_once(client: TestClient) -> None:
    found = searched(client, "visit Stone")
    iris = [each["iri"] for each in found["results"]]
    assert VISIT in iris
    assert len(iris) == len(set(iris))
    assert not [iri for iri in iris if "/claim/" in iri]
    scores = [each["score"] for each in found["results"]]
    assert scores == sorted(scores, reverse=True)
    assert found["like"] == []


def test_a_claim_leads_to_its_fact(client: TestClient) -> None:
    """Who says it stands in the text of claims only."""
    found = searched(client, '"author of the report" visitor')["results"]
    assert VISIT in [each["iri"] for each in found]
    assert all("/claim/" not in each["iri"] and "author of the report" in each["text"] for each in found)


@pytest.mark.parametrize("words", ["Альбе", "альбы", "АЛЬБА"])
def test_russian_words_are_found_in_any_inflection(client: TestClient, words: str) -> None:
    first = searched(client, words, lang="en")["results"][0]
    assert (first["iri"], first["label"]) == ("https://w3id.org/relgraph/id/place/alba", "Alba")
    assert (first["text"], first["textLanguage"]) == ("Альба", "ru")
    assert '<small lang="ru">Альба</small>' in page(client, words, lang="en")


def test_the_kinds_are_the_narrowest(client: TestClient) -> None:
    (found,) = (each for each in searched(client, "visit Stone")["results"] if each["iri"] == VISIT)
    assert [kind["iri"] for kind in found["kinds"]] == ["https://w3id.org/relgraph/ns#Visit"]


@pytest.mark.parametrize("words", ["Brinn", "Ada Stonne visit", "Брий"])
def test_a_mistyped_word_finds_what_is_meant(client: TestClient, words: str) -> None:
    meant = searched(client, {"Brinn": "brin", "Ada Stonne visit": "ada stone visit", "Брий": "брин"}[words])
    found = searched(client, words)
    assert found["results"][0]["iri"] == meant["results"][0]["iri"]
    assert found["like"] == []
    assert searched(client, found["corrected"])["results"] == found["results"]
    assert meant["corrected"] == ""


def test_all_that_is_answered_as_data_is_described(client: TestClient) -> None:
    answers = client.get("/openapi.json").json()["paths"]["/search"]["get"]["responses"]
    schema = answers["200"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == set(schema["required"]) == set(searched(client, "Brinn"))


@LANGUAGES
def test_the_page_says_with_which_words_it_was_searched(client: TestClient, language: str) -> None:
    told = WORDING[language]["search"]["corrected"]
    assert f"{told} <b>brin OR bring</b>" in page(client, "Brinn", lang=language)
    assert told not in page(client, "Brin", lang=language)


@LANGUAGES
def test_where_nothing_is_found_the_page_says_so_and_what_is_spelt_alike(client: TestClient, language: str) -> None:
    html = page(client, "Brinnen", lang=language)
    assert WORDING[language]["search"]["none"] in html
    assert links(html)[0] == f"/id/place/brin?lang={language}"
    html = page(client, "xylophone", lang=language)
    assert WORDING[language]["search"]["none"] in html
    assert links(html) == []


def test_a_key_leads_to_its_thing(client: TestClient) -> None:
    for words in ("place/brin", BRIN):
        found = searched(client, words)["results"]
        assert found[0]["iri"] == BRIN
        assert [each["iri"] for each in found].count(BRIN) == 1


@LANGUAGES
@pytest.mark.parametrize("words", ["", "  \t"])
def test_without_words_there_is_the_box_alone(client: TestClient, words: str, language: str) -> None:
    html = page(client, words, lang=language)
    assert '<input type="search" name="q" value=""' in html
    assert WORDING[language]["search"]["none"] not in html
    assert searched(client, words) == {"query": "", "corrected": "", "results": [], "more": False, "like": []}
    assert client.get("/search", headers=BROWSER).status_code == 200


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_words(client: TestClient, words: str) -> None:
    answer = client.get("/search", params={"q": words, "lang": "en"}, headers=BROWSER)
    assert answer.status_code in (200, 400)
    assert "<script" not in answer.text
    assert answer.text.count("<form") == 1
    (value,) = re.findall(r'<input type="search" name="q" value="([^"]*)"', answer.text)
    assert unescape(value) == spaced(words)
    data = client.get("/search.json", params={"q": words})
    assert data.status_code == answer.status_code
    if data.status_code == 200 and spaced(words) in ("Brin\\", "Brin", "«Brin", '"Brin'):
        assert data.json()["results"][0]["iri"] == BRIN


@bounds(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_words_get_an_answer_or_a_reason(client: TestClient, words: str) -> None:
    answer = client.get("/search.json", params={"q": words})
    assert answer.status_code == 200 or (answer.status_code == 400 and "no word to find" in answer.json()["detail"])


def test_words_without_an_end_are_refused_on_the_page_and_as_data(client: TestClient) -> None:
    html = page(client, "a" * 1001, 400, lang="en")
    assert "at most 1000 are allowed" in html
    assert f'value="{"a" * 1001}"' in html
    answer = client.get("/search.json", params={"q": "a" * 1001})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "at most 1000 are allowed" in answer.json()["detail"]


def test_what_names_no_word_is_refused_with_a_remedy(client: TestClient) -> None:
    assert "Give at least one" in page(client, "-Brin", 400, lang="en")


def test_more_than_is_shown_is_told_and_every_kind_has_a_word(release: Release) -> None:
    with TestClient(application(ReleaseSource(release.path, {}))) as real:
        kinds = {kind["label"] for each in searched(real, "НАТО", lang="ru")["results"] for kind in each["kinds"]}
        assert "понятие" in kinds
        assert not [kind for kind in kinds if not re.match("[а-я]", kind)]
        found = searched(real, "NATO OR Russia")
        assert (len(found["results"]), found["more"]) == (SHOWN, True)
        assert WORDING["ru"]["search"]["more"] in page(real, "НАТО OR Россия", lang="ru")


@pytest.mark.parametrize(
    ("path", "headers", "type_"),
    [
        ("/search?q=Brin", {"Accept": "application/json"}, "application/json"),
        ("/search?q=Brin", {"Accept": "*/*"}, "application/json"),
        ("/search?q=Brin", BROWSER, "text/html; charset=utf-8"),
        ("/search?q=Brin&format=json", BROWSER, "application/json"),
        ("/search?q=Brin&format=html", {}, "text/html; charset=utf-8"),
        ("/search.json?q=Brin", BROWSER, "application/json"),
    ],
)
def test_the_form_is_negotiated(client: TestClient, path: str, headers: dict[str, str], type_: str) -> None:
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, type_)
    assert {"Accept", "Accept-Encoding", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
    tag = answer.headers["etag"]
    assert client.get(path, headers={**headers, "If-None-Match": tag}).status_code == 304
    assert client.get(path.replace("Brin", "Alba"), headers=headers).headers["etag"] != tag
    head = client.head(path, headers=headers)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-length"] == answer.headers["content-length"]


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/search?q=Brin", "text/turtle", 406),
        ("/search?q=Brin&format=turtle", "*/*", 400),
        ("/search.json?q=Brin&format=html", "*/*", 400),
        ("/search?q=Brin&q=Alba", "*/*", 400),
        ("/search?q=Brin&lang=de", "*/*", 400),
        ("/search/?q=Brin", "*/*", 404),
    ],
)
def test_what_cannot_be_meant_is_refused(client: TestClient, path: str, accept: str, status: int) -> None:
    assert client.get(path, headers={"Accept": accept}).status_code == status


def test_nothing_is_sent_to_it(client: TestClient) -> None:
    answer = client.post("/search?q=Brin")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@LANGUAGES
@pytest.mark.parametrize("path", ["/", "/search", "/id/place/brin", "/documents/901", "/ns", "/queries", "/docs", "/nowhere"])
def test_every_page_has_the_box(client: TestClient, path: str, language: str) -> None:
    html = client.get(path, params={"lang": language}, headers=BROWSER).text
    (form,) = re.findall(r'<form role="search" action="/search" method="get"[^>]*>(.*?)</form>', html, re.DOTALL)
    label = WORDING[language]["search"]["label"]
    assert f'aria-label="{label}"' in form
    assert f'<input type="hidden" name="lang" value="{language}">' in form
    assert "<button>" in form


def test_a_search_is_answered_as_of_a_release(releases: tuple[Path, list[Release]]) -> None:
    folder, (old, _) = releases
    with TestClient(application(ReleaseSource(folder, {}))) as client:
        assert VISIT not in [each["iri"] for each in searched(client, "visit Stone")["results"]]
        (found,) = (each for each in searched(client, "visit Stone", release=old.id[:12])["results"] if each["iri"] == VISIT)
        assert parse_qs(urlsplit(found["href"]).query) == {"release": [old.id[:12]]}
        html = page(client, "visit Stone", release=old.id[:12])
        assert f'<input type="hidden" name="release" value="{old.id[:12]}">' in html
        assert all(parse_qs(urlsplit(link).query)["release"] == [old.id[:12]] for link in links(html))
        assert client.get(links(html)[0], headers=BROWSER).headers["relgraph-release"] == old.id
        assert client.get("/search.json?q=Brin&release=never").status_code == 404


@LANGUAGES
def test_a_release_without_an_index_says_so(releases: tuple[Path, list[Release]], tmp_path: Path, language: str) -> None:
    shutil.copytree(releases[1][0].path, tmp_path / "release")
    (tmp_path / "release" / "search.sqlite").unlink()
    with TestClient(application(ReleaseSource(tmp_path / "release", {}))) as client:
        assert WORDING[language]["search"]["no_index"] in page(client, "Brin", 404, lang=language)
        answer = client.get("/search.json?q=Brin")
        assert (answer.status_code, "no full-text index" in answer.json()["detail"]) == (404, True)


def test_a_file_of_rdf_is_searched_too_although_its_things_have_no_pages(tmp_path: Path) -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    (tmp_path / "data.nt").write_text(f'<https://e.org/s> {label} "Brin" .\n', "utf-8")
    with TestClient(application(DatasetSource(tmp_path / "data.nt"))) as client:
        assert [each["iri"] for each in searched(client, "brin")["results"]] == ["https://e.org/s"]
        html = page(client, "brin")
        assert ">Brin</span>" in html
        assert links(html) == []


def test_the_operation_is_described(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/search"]["get"]
    assert [each.get("name") for each in operation["parameters"]][:3] == ["q", "format", "lang"]
    schema = client.get("/openapi.json").json()["components"]["schemas"]["found"]
    assert set(searched(client, "Brin")["results"][0]) == set(schema["properties"]) == set(schema["required"])
    assert ">/search<" in client.get("/docs", headers=BROWSER).text
