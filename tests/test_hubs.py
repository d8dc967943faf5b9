"""Pages of hubs: some of each kind of statement, how many there are, and all of them page by page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient

from linked import CUT, NS, get, released, served
from relgraph import describing, sheets
from relgraph.serving.pages import resources
from relgraph.serving.pages.layout import Layout, Served
from relgraph.serving.pages.portraits import Portraits
from relgraph.serving.pages.resources import FORMS
from relgraph.sheets import groups
from relgraph.vocabulary import ASSERTED, ID, INFERRED, REPORTED, data, rg

HUB = f"/id/{CUT}.html"
BROWSER = "text/html"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("hubs"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder) as client:
        yield client


def rows(page: str) -> list[str]:
    """The keys of the things in the first column of the tables of a page."""
    return re.findall(r'<tr><td><a href="[^"]*" title="https://w3id.org/relgraph/id/([^"]*)"', page)


def links(page: str) -> dict[str, str]:
    """The addresses of pages with all of a group, by the text of the link."""
    return {text: unescape(link) for link, text in re.findall(r'<tr class="rest">.*?href="([^"]*)">([^<]*)<', page)}


def turned(page: str, relation: str) -> str | None:
    found = re.search(rf'<a href="([^"]*)" rel="{relation}"', page)
    return unescape(found[1]) if found else None


@pytest.mark.parametrize(("language", "words"), [("en", "all 600: within"), ("ru", "все 600: within")])
def test_a_hub_shows_some_and_leads_to_all_of_them_page_by_page(client: TestClient, language: str, words: str) -> None:
    page = get(client, f"{HUB}?lang={language}", BROWSER).text
    assert len(rows(page)) == groups.SHOWN
    (link,) = [link for text, link in links(page).items() if text.startswith(words.partition(" ")[0])]
    assert "600" in next(iter(links(page)))
    found: list[str] = []
    place: str | None = link
    while place:
        answer = get(client, place, BROWSER)
        assert (answer.status_code, answer.headers["content-language"]) == (200, language)
        found += rows(answer.text)
        place = turned(answer.text, "next")
    assert found == sorted(f"place/p{number}" for number in range(600))


def test_a_page_leads_back_and_to_the_other_language(client: TestClient) -> None:
    (link,) = links(get(client, f"{HUB}?lang=en", BROWSER).text).values()
    second = turned(get(client, link, BROWSER).text, "next")
    assert second
    page = get(client, second, BROWSER).text
    back = turned(page, "prev")
    assert back
    assert rows(get(client, back, BROWSER).text) == rows(get(client, link, BROWSER).text)
    (other,) = re.findall(r'href="([^"]*)" hreflang="ru"', page)
    russian = get(client, unescape(other), BROWSER)
    assert russian.headers["content-language"] == "ru"
    assert rows(russian.text) == rows(page)


def test_pages_show_fewer_where_the_server_says_so(folder: Path) -> None:
    with served(folder, page_rows=7) as client:
        (link,) = links(get(client, HUB, BROWSER).text).values()
        first = get(client, link, BROWSER).text
        assert len(rows(first)) == 7
        assert turned(first, "next")


def test_the_address_that_a_part_gives_as_its_own_is_that_of_the_part(client: TestClient) -> None:
    (link,) = links(get(client, f"{HUB}?lang=ru", BROWSER).text).values()
    answer = get(client, link, BROWSER)
    own = answer.headers["content-location"]
    assert own == link
    assert get(client, own, BROWSER).content == answer.content
    assert get(client, HUB, BROWSER).headers["content-location"] == HUB


def test_a_page_of_an_older_release_keeps_it(client: TestClient, folder: Path) -> None:
    name = folder.name.rpartition("-")[2]
    page = get(client, f"{HUB}?lang=en&release={name}", BROWSER).text
    (link,) = links(page).values()
    assert f"release={name}" in link
    next_page = turned(get(client, link, BROWSER).text, "next")
    assert f"release={name}" in str(next_page)


@pytest.mark.parametrize(("number", "shown"), [(groups.WHOLE, groups.WHOLE), (groups.WHOLE + 1, groups.SHOWN)])
def test_what_is_little_is_shown_whole(number: int, shown: int) -> None:
    store = ox.Store()
    store.extend([quad(f"s{place:02}", rg("party"), "hub") for place in range(number)])
    found, _ = groups.incoming(store, data("hub"), lambda quad: False)
    (group,) = groups.bounded(found)
    assert (group.count, len(group.quads)) == (number, shown)
    assert [str(quad.subject) for quad in group.quads[:2]] == [str(data("s00")), str(data("s01"))]


def test_the_data_are_whole_whatever_the_page_shows(client: TestClient) -> None:
    whole, part = (get(client, f"/id/{CUT}.nq{query}").content for query in ("", "?property=rg:within&graph=asserted"))
    assert whole == part
    assert len(whole.splitlines()) > 500


def test_the_iri_with_a_part_leads_to_its_page_and_for_programs_to_the_data(client: TestClient) -> None:
    part = "property=rg%3Awithin&graph=asserted&from=31"
    for accept, place in ((BROWSER, f".html?{part}&lang=ru"), ("text/turtle", ".ttl")):
        answer = get(client, f"/id/{CUT}?{part}&lang=ru", accept)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/id/{CUT}{place}")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("property=rg:party", "graph is one of"),
        ("property=rg:party&graph=nope", "graph is one of"),
        ("property=rg:party&graph=asserted&side=left", "side is subject or object"),
        ("property=rg:party&graph=asserted&from=0", "from is a number from 1 on"),
        ("property=rg:party&graph=asserted&from=-3", "from is a number from 1 on"),
        ("property=rg:party&graph=asserted&from=9999999999", "from is a number from 1 on"),
        ("property=no+iri&graph=asserted", "property is an IRI"),
        ("property=rg:a%3E+%3Chttp://x&graph=asserted", "property is an IRI"),
        ("property=rg:party&property=rg:place&graph=asserted", "give property once"),
    ],
)
def test_what_no_part_can_be_is_refused_with_the_reason(client: TestClient, query: str, words: str) -> None:
    answer = get(client, f"{HUB}?{query}&lang=en", BROWSER)
    assert answer.status_code == 400
    assert words in answer.text


def test_a_part_with_nothing_in_it_says_so(client: TestClient) -> None:
    for query in ("property=rg:party&graph=asserted", "property=rg:within&graph=asserted&from=601"):
        answer = get(client, f"{HUB}?{query}&lang=en", BROWSER)
        assert answer.status_code == 200
        assert "No rows." in answer.text
    one_page = get(client, f"{HUB}?property=rg:within&graph=asserted&side=subject&lang=en", BROWSER).text
    assert 'class="turns"' not in one_page


def quad(subject: str, predicate: ox.NamedNode, value: str, graph: ox.NamedNode = ASSERTED) -> ox.Quad:
    return ox.Quad(data(subject), predicate, data(value), graph)


def test_each_triple_is_counted_once_in_the_first_of_its_graphs() -> None:
    store = ox.Store()
    store.extend([quad("a", rg("party"), "hub", graph) for graph in (INFERRED, ASSERTED, REPORTED)])
    store.add(ox.Quad(ox.BlankNode("b"), rg("party"), data("hub"), ASSERTED))
    found, more = groups.incoming(store, data("hub"), lambda quad: False)
    assert [(group.graph, group.count) for group in found] == [(ASSERTED, 1)]
    assert not more


def test_groups_are_in_the_order_of_graphs_and_properties_and_statements_in_that_of_their_pages() -> None:
    """An IRI comes before those that it begins, as in ORDER BY."""
    store = ox.Store()
    store.extend([quad(subject, rg("place"), "hub") for subject in ("b", "a/1", "a")])
    store.extend([quad("a", rg(name), "hub", graph) for name in ("within", "party") for graph in (INFERRED, ASSERTED)])
    store.add(quad("a", rg("actor"), "hub", INFERRED))
    found, _ = groups.incoming(store, data("hub"), lambda quad: False)
    assert [(group.graph, group.predicate) for group in found] == [
        (ASSERTED, rg("party")), (ASSERTED, rg("place")), (ASSERTED, rg("within")), (INFERRED, rg("actor")),
    ]  # fmt: skip
    assert [quad.subject for quad in found[1].quads] == [data("a"), data("a/1"), data("b")]


def test_beyond_what_is_counted_a_sheet_says_that_it_is_not_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "COUNTED", 4)
    store = ox.Store()
    store.extend([quad(f"s{number}", rg("party"), "hub") for number in range(6)])
    described = describing.describe(store, data("hub"))
    assert described
    sheet = sheets.sheet(store, described, "en")
    assert sheet["cut"] == ["incoming"]
    assert [(group["count"], group["is_cut"]) for group in sheet["groups"]] == [(4, True)]


def test_a_graph_with_too_many_takes_nothing_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "COUNTED", 4)
    store = ox.Store()
    store.extend([quad(f"s{number}", rg("party"), "hub") for number in range(6)])
    store.extend([quad(f"t{number}", rg("place"), "hub", INFERRED) for number in range(3)])
    found, more = groups.incoming(store, data("hub"), lambda quad: False)
    assert [(group.graph, group.count, group.is_cut) for group in found] == [(ASSERTED, 4, True), (INFERRED, 3, False)]
    assert more
    assert groups.incoming(store, data("hub"), lambda quad: True) == ([], True)


@pytest.mark.parametrize(("language", "words"), [("en", "all, at least 5: rg:party"), ("ru", "все, не меньше 5: rg:party")])
def test_of_what_was_not_counted_to_the_end_a_page_says_that_there_are_at_least_so_many(
    monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr(groups, "COUNTED", 5)
    store = ox.Store()
    store.extend([quad(f"s{number}", rg("party"), "hub") for number in range(6)])
    described = describing.describe(store, data("hub"))
    assert described
    sheet = json.dumps(sheets.sheet(store, described, language)).encode()
    places = resources.places(data("hub").value, FORMS, lambda iri: False)
    page = Portraits(Layout(), {}).page(sheet, language, Served("0"), "/id/hub.html", places).decode()
    assert list(links(page)) == [words]


def test_what_is_stated_and_inferred_too_is_shown_once() -> None:
    store = ox.Store()
    store.extend([quad("hub", rg("party"), "a", graph) for graph in (INFERRED, ASSERTED)])
    store.add(quad("hub", rg("party"), "b", INFERRED))
    described = describing.describe(store, data("hub"))
    assert described
    sheet = sheets.sheet(store, described, "en")
    assert [s["object"]["iri"] for s in sheet["own"]] == [data("a").value]
    assert [s["object"]["iri"] for group in sheet["groups"] for s in group["statements"]] == [data("b").value]


def test_a_conflict_is_told_once_on_the_page_of_a_claim() -> None:
    store = ox.Store()
    provenance = ox.NamedNode(ID + "graph/provenance")
    a, b, c = (data(f"claim/{name}") for name in "abc")
    claim = ox.NamedNode(f"{NS}#Claim")
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    store.add(ox.Quad(a, kind, claim, provenance))
    for one, other in ((a, b), (b, a), (c, a)):
        store.add(ox.Quad(one, rg("conflictsWith"), other, provenance))
    described = describing.describe(store, a)
    assert described
    sheet = sheets.sheet(store, described, "en")
    shown = [s["subject"]["iri"] for group in sheet["groups"] for s in group["statements"]]
    assert shown == [c.value]
