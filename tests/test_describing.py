"""What a description of a resource holds, and the pages made of it: footnotes, passages, languages, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient

from linked import CUT, NS, get, released, served, subjects
from mini import MEETING, REPORT, TEXTS, VISIT, span
from relgraph.serving.pages.resources import FORMS
from relgraph.vocabulary import ID, data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("linked"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder) as client:
        yield client


@pytest.fixture(scope="module")
def quoting(folder: Path) -> Iterator[TestClient]:
    """A server with the texts at hand."""
    with served(folder, {key: text for key, (_, text, _) in TEXTS.items()}) as client:
        yield client


def test_the_page_of_a_document_lists_claims_in_the_order_of_the_text(client: TestClient) -> None:
    page = get(client, "/documents/901.html").text
    starts = [int(number) for number in re.findall(r'<small><a href="/documents/901\?char=(\d+),', page)]
    assert len(starts) == 4
    assert starts == sorted(starts)
    assert "Body" in page
    assert "blockquote" not in page


def test_passages_are_shown_where_the_text_is_at_hand(quoting: TestClient, client: TestClient) -> None:
    start, end, _ = span("901", MEETING)
    for path in (f"/documents/901?char={start},{end}", "/documents/901", "/id/event/meeting-brin.html"):
        assert f"<blockquote>{MEETING}</blockquote>" in get(quoting, path, "text/html").text, path
        assert MEETING not in get(client, path, "text/html").text
    assert REPORT.splitlines()[0] not in get(quoting, "/documents/901", "text/html").text  # no claim rests on the title
    assert get(quoting, "/documents/901.html").headers["etag"] != get(client, "/documents/901.html").headers["etag"]


def test_a_text_that_has_changed_is_not_quoted(folder: Path) -> None:
    with served(folder, {"901": REPORT.replace("Brin", "Bryn")}) as client:
        page = get(client, "/id/event/meeting-brin.html").text
        assert "<blockquote>" not in page
        assert VISIT in get(client, "/id/event/visit-stone.html").text


def test_a_fact_comes_with_its_claims_spans_and_content(client: TestClient) -> None:
    answer = get(client, "/id/event/foundation-council.nq")
    quads = list(ox.parse(answer.content, format=ox.RdfFormat.N_QUADS))
    graphs = {quad.subject.value.removeprefix(ID): quad.graph_name.value.rpartition("/")[2] for quad in quads}
    assert graphs["claim/901-0001.1"] == graphs["claim/902-0001.1"] == "provenance"
    assert graphs["claim/902-0001.1/says"] == "reported"
    assert any(key.startswith("document/902#char=") for key in graphs)
    assert {quad.graph_name.value.rpartition("/")[2] for quad in quads if quad.subject == data("event/foundation-council")} == {
        "asserted", "inferred",
    }  # fmt: skip


def test_all_forms_of_a_description_say_the_same(client: TestClient) -> None:
    read = {}
    for form in FORMS[1:]:
        answer = get(client, f"/id/event/visit-stone.{form.suffix}")
        assert form.format
        read[form.name] = {quad.triple for quad in ox.parse(answer.content, format=form.format.engine)}  # type: ignore[arg-type]
    assert len(read["turtle"]) > 20
    assert all(triples == read["turtle"] for triples in read.values())


def test_each_statement_of_a_page_has_its_footnote(client: TestClient) -> None:
    page = get(client, "/id/event/visit-stone.html").text
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL)
    assert len(rows) >= 5
    for row in rows:
        assert "/id/claim/901-0002.1" in row or 'href="#claims"' in row, row
    inferred = page[page.index("What follows") :]
    assert "/why?subject=" in inferred
    place = get(client, "/id/place/alba.html").text
    assert "/id/claim/902-0001.1" in place
    assert "/documents/902?char=" in place


def test_pages_are_in_both_languages_with_labels(client: TestClient) -> None:
    english, russian = (get(client, f"/id/event/visit-stone.html?lang={code}") for code in ("en", "ru"))
    assert english.headers["content-language"] == "en"
    assert russian.headers["content-language"] == "ru"
    assert "Ада Стоун" in russian.text
    assert "Что указано" in russian.text
    assert english.headers["etag"] != russian.headers["etag"]
    assert get(client, "/id/place/alba.html", Accept_Language="ru, en;q=0.5").headers["content-language"] == "ru"
    text = re.sub(r"<code>.*?</code>|<[^>]*>", "", russian.text)
    assert "https://" not in text


def test_a_description_that_is_cut_says_so_and_where_all_is(client: TestClient) -> None:
    answer = get(client, f"/id/{CUT}.ttl")
    triples = [quad.triple for quad in ox.parse(answer.content, format=ox.RdfFormat.TURTLE)]
    assert len([triple for triple in triples if triple.object == data(CUT) and triple.predicate.value == f"{NS}#within"]) == 500
    (query,) = [t.object.value for t in triples if t.predicate.value.endswith("seeAlso")]
    everything = client.get(query.removeprefix("http://testserver"), headers={"Accept": "text/csv"})
    assert len(everything.text.splitlines()) == 601
    assert "seeAlso" not in get(client, "/id/place/alba.ttl").text


def test_the_query_for_all_is_at_the_public_address(folder: Path) -> None:
    with served(folder, public_url="https://example.org/graph/") as client:
        answer = get(client, f"/id/{CUT}.ttl")
        triples = [quad.triple for quad in ox.parse(answer.content, format=ox.RdfFormat.TURTLE)]
        (query,) = [t.object.value for t in triples if t.predicate.value.endswith("seeAlso")]
        assert query.startswith("https://example.org/graph/sparql?query=")


def test_a_graph_resolves_too(client: TestClient) -> None:
    assert subjects(get(client, "/id/graph/asserted.ttl")) == {f"{ID}graph/asserted"}
    for language, name in (("en", "graph asserted"), ("ru", "граф asserted")):
        assert f"<h1>{name}</h1>" in get(client, f"/id/graph/asserted.html?lang={language}").text


@pytest.mark.parametrize("key", ["graph/asserted", "graph/reported", "event/visit-stone", CUT])
def test_no_statement_is_made_in_a_graph_that_the_release_does_not_have_there(client: TestClient, folder: Path, key: str) -> None:
    whole = set(ox.parse(path=folder / "dataset.nq", format=ox.RdfFormat.N_QUADS))
    said = list(ox.parse(get(client, f"/id/{key}.nq").content, format=ox.RdfFormat.N_QUADS))
    assert said
    assert {quad for quad in said if not isinstance(quad.graph_name, ox.DefaultGraph)} <= whole


def test_a_page_asks_one_query_within_its_budget(folder: Path) -> None:
    with served(folder, max_bytes=1024) as client:
        assert get(client, "/ns.ttl").json()["budget"] == "bytes"
        page = get(client, "/id/place/alba.html", "text/html")
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    with served(folder) as client:
        get(client, "/id/event/visit-stone.html")
        assert 'relgraph_queries_total{outcome="ok"} 1.0' in client.get("/metrics").text


def test_cells_of_answers_lead_to_the_pages(client: TestClient) -> None:
    query = "SELECT ?p ?e { ?p a rg:Place . ?c rg:evidence ?e } LIMIT 5"
    page = client.get("/query", params={"query": query, "lang": "ru"}).text
    assert 'href="/id/place/alba?lang=ru"' in page or 'href="/id/place/brin?lang=ru"' in page
    assert re.search(r'href="/documents/90\d\?char=\d+,\d+&amp;lang=ru"', page)
