"""What stands in the cells of pages: dates and fixed words in the language of the page, the data beside them; each name once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient

from linked import get, released, served
from relgraph.ontology import LANGUAGES
from relgraph.project import Project
from relgraph.questions import load
from relgraph.serving.pages import cells, dates
from relgraph.serving.pages.cells import Shown
from relgraph.serving.pages.layout import WORDING
from relgraph.serving.pages.portraits import View
from relgraph.tables import Cell, Table
from relgraph.vocabulary import XSD

DATES = "SELECT ?date { ?time rg:edtf ?date }"
#: Every kind of date of the profile of relgraph.edtf, and how it reads.
KINDS = [
    ("1994", "1994", "1994"),
    ("1994-06", "June 1994", "июнь 1994"),
    ("1993-21", "spring 1993", "весна 1993"),
    ("1993-22", "summer 1993", "лето 1993"),
    ("1993-23", "autumn 1993", "осень 1993"),
    ("1993-24", "winter 1993", "зима 1993"),
    ("1994-06-22", "22 June 1994", "22 июня 1994"),
    ("1991/2002", "1991 – 2002", "1991 – 2002"),
    ("2001-11-21/2001-11-23", "21–23 November 2001", "21–23 ноября 2001"),
    ("1994/..", "from 1994", "с 1994"),
    ("../2002-05", "until May 2002", "по май 2002"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with served(released(tmp_path_factory.mktemp("values"))) as client:
        yield client


def shown(text: str, column: str = "date", query: str = DATES, language: str = "en") -> Shown:
    ((cell,),) = cells.shown(Table((column,), ((Cell(text),),)), query, language)
    return cell


@pytest.mark.parametrize(("text", "english", "russian"), KINDS)
def test_a_date_reads_as_people_write_it_with_the_edtf_beside_it(text: str, english: str, russian: str) -> None:
    for language, words in (("en", english), ("ru", russian)):
        assert dates.readable(text, language) == words
        cell = shown(text, language=language)
        assert cell.text == words
        assert (cell.raw, cell.is_told) == (("", False) if words == text else (text, True))


@pytest.mark.parametrize("text", ["199X", "1993~", "1993?", "../..", "2002/1991", "NATO", "", "1994-13"])
def test_what_is_no_date_of_the_profile_stays_as_it_is(text: str) -> None:
    assert dates.readable(text, "ru") is None
    assert shown(text) == Shown(text)


@pytest.mark.parametrize(
    ("query", "is_date"),
    [
        ("SELECT ?d { ?t rg:edtf ?d }", True),
        ("SELECT ?d { ?v rg:time/rg:edtf ?d }", True),
        ("SELECT ?d { ?t <https://w3id.org/relgraph/ns#edtf> $d }", True),
        ("SELECT ?d { ?t rg:edtf ?date ; rg:line ?d }", False),
        ("SELECT ?d { ?t rg:edtfs ?d }", False),
    ],
)
def test_only_what_the_query_says_is_a_date_is_read_as_one(query: str, is_date: bool) -> None:
    assert shown("1994-06", "d", query).text == ("June 1994" if is_date else "1994-06")


def test_an_iri_is_never_a_date_or_a_word() -> None:
    ((cell,),) = cells.shown(Table(("date",), ((Cell("1994-06", "https://example.org/", "words"),),)), DATES, "ru")
    assert cell == Shown("1994-06", "https://example.org/", "words")


def test_fixed_words_of_the_queries_are_in_the_language_of_the_page() -> None:
    assert shown("possibly", "certainty", language="ru") == Shown("возможно", raw="possibly", is_told=True)
    assert shown("possibly", "gloss", language="ru") == Shown("possibly")
    assert shown("possibly", "certainty").is_told is False
    assert shown("true", "contested", language="ru") == Shown("да", raw="true", is_told=True)
    assert shown("false", "contested") == Shown("no", raw="false", is_told=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_be_a_boolean_or_a_text_stands_beside_its_word(client: TestClient, language: str) -> None:
    word = WORDING[language]["values"]["truth"]["no"]
    page = get(client, f'/query?query=SELECT+("false"+AS+?x)+{{}}&lang={language}', "text/html").text
    assert f'<span title="false">{word}</span> <code class="soft">false</code>' in page


@pytest.mark.parametrize(
    ("value", "word"),
    [("true", "yes"), ("1", "yes"), ("false", "no"), ("0", "no"), ("maybe", None), ("", None), ("True", None), ("2", None)],
)
def test_what_is_no_boolean_reads_as_it_is_whatever_its_datatype_says(value: str, word: str | None) -> None:
    view = View({}, "en", {}, {})
    assert view.truth({"value": value, "datatype": XSD + "boolean"}) == word
    assert view.truth({"value": value, "datatype": XSD + "string"}) is None


def test_every_fixed_word_of_a_query_has_words_in_both_languages(project: Project) -> None:
    """A column with texts that a query makes itself: in each language the same ones are known."""
    known = {language: {c: set(words) for c, words in WORDING[language]["values"].items()} for language in LANGUAGES}
    assert known["en"] == known["ru"]
    for question in load(project.queries).values():
        for first, second, column in re.findall(r'IF\(.*"(\w+)", "(\w+)"\) AS \?(\w+)\)', question.text):
            assert {first, second} <= known["ru"][column], question.name
        for word, column in re.findall(r'BIND\("([\w-]+)" AS \?(\w+)\)', question.text):
            assert word in known["ru"][column], question.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_read_so_on_the_pages_of_things_and_of_answers(client: TestClient, language: str) -> None:
    rows = get(client, "/sparql?query=SELECT+?t+?d+{+?t+rg:edtf+?d+}", "text/csv").text.split()[1:]
    time, edtf = next(row.split(",") for row in rows if re.search(r"\d{4}-\d\d-\d\d$", row))
    words = dates.readable(edtf, language)
    beside = f'{words} <code class="soft" title="EDTF">{edtf}</code>'
    assert beside in get(client, f"/id/time/{time.rpartition('/')[2]}.html?lang={language}").text
    answer = get(client, f"/query?query=SELECT+?d+{{+?t+rg:edtf+?d+}}&lang={language}", "text/html").text
    assert f'<span title="{edtf}">{words}</span> <code class="soft">{edtf}</code>' in answer
    assert edtf in get(client, f"/id/time/{time.rpartition('/')[2]}.ttl").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_claim_has_each_name_once(client: TestClient, language: str) -> None:
    page = get(client, f"/id/claim/901-0002.1.html?lang={language}", "text/html").text
    (name,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page)
    main = page[page.index("<main>") : page.index("</main>")]
    assert main.count(name) == 1
    links = re.findall(r'<a href="[^"]*" title="([^"]*)"', main)
    for linked in ("/id/event/visit-stone", "/id/claim/901-0002.1/says", "/ns/modality#Asserted"):
        assert len([link for link in links if link.endswith(linked)]) == 1, linked


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_fact_names_its_claims_by_key(client: TestClient, language: str) -> None:
    page = unescape(get(client, f"/id/event/visit-stone.html?lang={language}", "text/html").text)
    (name,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page)
    assert f"{WORDING[language]['resource']['claim']} 901-0002.1" in page
    assert page[page.index("<main>") :].count(f">{name}") == 1 + page.count(f">{name}</a></td>")
