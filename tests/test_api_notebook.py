"""What notebooks show of the API's objects: nothing in the data can become markup, and terminals get plain lines."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import relgraph
from relgraph import Dataset, Explanation, Text
from relgraph.release import Release

ATTACK = "<script>alert(1)</script><img src=x onerror='alert(1)'>\"&lt;"
#: The elements and attributes that relgraph itself writes.
ELEMENTS = {"div", "p", "table", "thead", "tbody", "tr", "th", "td", "a", "span", "strong", "ul", "li", "blockquote"}
ATTRIBUTES = {"href", "title"}


class Page(HTMLParser):
    """The elements, attributes and text of HTML; every element must be closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def checked(shown: Any) -> Page:
    """What an object shows in a notebook; nothing but relgraph's own elements, and links to the web only."""
    page = Page(shown._repr_html_())
    assert page.elements <= ELEMENTS
    assert {name for name, _ in page.attributes} <= ATTRIBUTES
    assert all(value.startswith(("http://", "https://")) for name, value in page.attributes if name == "href")
    return page


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Dataset]:
    label = ATTACK.replace('"', '\\"')
    data = tmp_path / f"{'<b>x'}.ttl"
    data.write_text(
        f"""@prefix rg: <https://w3id.org/relgraph/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <javascript:alert(1)> a rg:Person ; skos:prefLabel "{label}"@en ; skos:altLabel "{label}2" .
        <urn:visit> a rg:Visit , rg:Fact ; rg:visitor <javascript:alert(1)> ; skos:prefLabel "{label}"@en ; rg:time <urn:t> .
        <urn:t> rg:edtf "2001" . <urn:c> a rg:Claim ; rg:about <urn:visit> ; rg:modality <urn:m#{"x"}> ; rg:attributedTo <urn:b> ;
          rg:evidence <urn:span> . <urn:span> rg:document <urn:d> ; rg:charStart 1 ; rg:charEnd 2 ; rg:line 1 .""",
        "utf-8",
    )
    with relgraph.open(data) as opened:
        yield opened


def test_nothing_in_the_data_becomes_markup(hostile: Dataset) -> None:
    entity = hostile.entity(ATTACK)
    shown = [
        hostile, entity, entity.timeline(), hostile.select("SELECT * { ?s ?p ?o }"),
        hostile.construct("CONSTRUCT WHERE { ?s ?p ?o }"),
        hostile.select("SELECT (?l AS ?onmouseover) { ?s skos:prefLabel ?l }"),
        hostile.why(entity, "skos:prefLabel", Text(ATTACK, "en")),
    ]  # fmt: skip
    pages = [checked(each) for each in shown]
    assert sum(ATTACK in page.text for page in pages) >= 4


def test_an_explanation_of_a_hostile_server_is_escaped() -> None:
    cell = {"text": ATTACK, "iri": "javascript:alert(1)"}
    source = {
        "modality": cell,
        "attributedTo": cell,
        "evidence": {"iri": ATTACK, "text": ATTACK, "passage": ATTACK},
        "context": [],
    }
    premise = {"reading": ATTACK, "note": ATTACK, "axiom": ATTACK, "claims": [source]}
    record = {
        **premise,
        "otherValues": [source],
        "premises": [premise],
        "nearest": [{"reading": ATTACK, "reason": ATTACK, "claims": [source]}],
    }
    page = checked(Explanation(record, ATTACK))
    assert page.text.count(ATTACK) > 10


def test_real_data_are_shown_with_labels_and_links(ds: Dataset) -> None:
    result = checked(ds.select("SELECT ?who ?date { ?v a rg:Visit ; rg:visitor ?who ; rg:time/rg:edtf ?date } ORDER BY ?date"))
    assert "Manfred Wörner" in result.text
    assert "24–25 February 1992" in result.text
    assert ("href", "https://w3id.org/relgraph/id/person/manfred-woerner") in result.attributes
    assert "НАТО" in checked(ds.entity("NATO")).text
    timeline = checked(ds.timeline("Lord Robertson"))
    assert "contested" in timeline.text
    assert "line 167" in timeline.text
    assert "Inferred by prp-spo2" in checked(ds.why("Russia", "rg:partnerOf", "Partnership for Peace")).text
    assert ds.release is not None
    assert ds.release in checked(ds).text


def test_long_answers_say_how_much_is_not_shown(ds: Dataset) -> None:
    every = ds.select("SELECT ?c { ?c a rg:Claim } ORDER BY ?c")
    assert f"{len(every)} rows, the first 50 of which are shown" in checked(every).text
    assert repr(every).endswith(f"({len(every)} rows, {len(every) - 20} more)")
    assert repr(every[:1]).endswith("(1 row)")


def test_a_russian_dataset_has_no_english_words(release: Release) -> None:
    with relgraph.open(release.path, language="ru") as ds:
        rows, triples = ds.select("SELECT ?c { ?c a rg:Claim }"), ds.construct("CONSTRUCT WHERE { ?c a rg:Claim }")
        shown: list[Any] = [ds, ds.entity("НАТО"), ds.questions, ds.questions["events-in-period"], rows, triples]
        heads = [html.partition("</thead>")[0] + html.rpartition("<p>")[2] for html in (each._repr_html_() for each in shown)]
        names = ds.entity("НАТО")._repr_html_() + ds._repr_html_()
        assert f"(строк: {len(rows)}, ещё {len(rows) - 20})" in repr(rows)
        assert f"(триплетов: {len(triples)}, ещё {len(triples) - 20})" in repr(triples)
    for words in (
        "parameter<",
        "what is given",
        "query",
        "title<",
        "answer",
        "parameters<",
        "Ask one",
        " rows",
        " triples",
        "first",
    ):
        assert words not in "".join(heads)
    for words in ("labels", "other names", "classes", "definition", "facts", "claims", ">release<", "language"):
        assert f"<td>{words}</td>" not in names
    for words in ("<td>выпуск</td>", "<td>утверждения</td>", "<td>названия</td>", "<td>классы</td>"):
        assert words in names
    assert f"<p>строк: {len(rows)}, показаны первые 50</p>" in rows._repr_html_()


def test_dates_of_rows_are_in_the_language_of_the_dataset(release: Release) -> None:
    with relgraph.open(release.path, language="ru") as ds:
        shown = checked(ds.select("SELECT ?date { ?v a rg:Visit ; rg:time/rg:edtf ?date }")).text
    assert "24–25 февраля 1992" in shown
    assert "February" not in shown


def test_plain_text_keeps_to_its_lines(hostile: Dataset, tmp_path: Path) -> None:
    data = tmp_path / "lines.ttl"
    data.write_text('<urn:a> <urn:p> "one\\ntwo\\u001B[31m" .', "utf-8")
    with relgraph.open(data) as ds:
        assert repr(ds.select("SELECT ?o { ?s ?p ?o }")).splitlines() == ["o", "one two [31m", "(1 row)"]
    assert repr(hostile.entity(ATTACK)).startswith(ATTACK)
