"""What the pages say: on narrow screens, in both languages, of terms of other vocabularies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from relgraph.project import Project
from relgraph.questions import load
from relgraph.release import Release
from server import Server

BROWSER = {"Accept": "text/html"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])


@pytest.fixture(scope="module")
def client(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("log") / "log", "--release", release.path) as server:
        yield server


def page(client: Server, path: str, language: str) -> str:
    answer = client.get(path.lstrip("/"), params={"lang": language}, headers=BROWSER, follow_redirects=True)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


@LANGUAGES
def test_every_cell_of_an_answer_names_its_column_where_there_is_no_head_of_the_table(client: Server, language: str) -> None:
    html = page(client, "/queries/visits-by-office", language)
    heads = re.findall(r'<th scope="col">([^<]*)</th>', html)
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    rows = [re.findall(r'<td data-column="([^"]*)">', row) for row in body.split("<tr>")[1:]]
    assert len(rows) > 1
    assert [row for row in rows if row != heads] == []


@LANGUAGES
def test_the_list_of_releases_names_its_columns_in_each_row(client: Server, language: str) -> None:
    html = page(client, "/releases", language)
    heads = re.findall(r'<th scope="col">([^<]*)</th>', html)
    assert re.findall(r'data-column="([^"]*)"', html) == heads[1:]
    assert ">manifest.json</a>" in html


@LANGUAGES
@pytest.mark.parametrize("path", ["/ns", "/ns/modality", "/id/state/RUS", "/id/graph/asserted", "/documents/004"])
def test_terms_of_other_vocabularies_have_names(client: Server, path: str, language: str) -> None:
    names = re.findall(r'<(?:a|span)\b[^>]*\btitle="https?://[^"]*"[^>]*>([^<]*)<', page(client, path, language))
    assert names
    other = re.compile(r"https?://(?!w3id\.org/relgraph/|creativecommons\.org/)|(?:rdfs?|owl|skos|xsd|dcterms):\w+$")
    assert [name for name in names if other.match(name)] == []


@LANGUAGES
@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/queries/none", "/queries", "/export", "/releases", "/query", "/id/none.html"]
)
def test_every_page_has_a_title_in_its_language(client: Server, path: str, language: str) -> None:
    html = page(client, path, language)
    (title,) = re.findall(r"<title>(.*)</title>", html)
    assert title.endswith("relgraph")
    if path != "/":
        words, dash, _ = title.rpartition(" – ")
        assert dash
        assert bool(re.search("[А-я]", words)) == (language == "ru")


@LANGUAGES
def test_every_example_on_the_page_of_exports_is_a_link_that_works(client: Server, language: str) -> None:
    links = re.findall(r'href="(/export/[^"]*)"', page(client, "/export", language))
    assert any("?actor=" in link for link in links)
    for link in links:
        assert client.get(link.replace("&amp;", "&").lstrip("/")).status_code == 200, link


@LANGUAGES
def test_the_start_page_asks_every_question(client: Server, language: str, project: Project) -> None:
    html = unescape(page(client, "/", language))
    questions = load(project.queries)
    assert "meetings-of-two" in questions
    for name, question in questions.items():
        assert f'<a href="/queries/{name}?lang={language}">{question.header.title[language]}</a>' in html


@LANGUAGES
def test_the_page_of_a_hub_is_bounded_and_leads_to_all(client: Server, language: str) -> None:
    html = page(client, "/id/state/RUS", language)
    assert len(html.encode()) < 150_000
    links = [unescape(link) for link in re.findall(r'<tr class="rest">.*?href="([^"]*)"', html)]
    assert len(links) > 5
    for link in links:
        answer = client.get(link.lstrip("/"), headers=BROWSER)
        assert answer.status_code == 200, link
        assert "<tr><td>" in answer.text, link
