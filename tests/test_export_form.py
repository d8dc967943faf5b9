"""The form of /export: what it offers, where it leads, and how an error leads back to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from pyoxigraph import Literal, NamedNode, Quad, Store

from linked import get, released, served
from relgraph.exports import FORMS
from relgraph.exports.asking import asked
from relgraph.exports.source import GRAPHS
from relgraph.release import Release
from relgraph.serving.app import Application
from relgraph.serving.pages import choosing, suggesting
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import DatasetSource
from relgraph.vocabulary import INFERRED, ONTOLOGY_GRAPH, PREF_LABEL, SCHEMES, SKOS, A, concept, data, rg

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("form"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder) as client:
        yield client


class Form(HTMLParser):
    """The form for exports on a page: what a browser sends of it, what it offers, and which fields have no label."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.offered: dict[str, set[str]] = {}
        self.unlabelled: list[str] = []
        self._fors: set[str] = set()
        self._select, self._options, self._labels = "", {"first": "", "chosen": ""}, 0
        (found,) = re.findall(r'<form action="/export".*?</form>', page, re.DOTALL)
        self.feed(found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "label":
            self._labels += 1
            self._fors.add(given.get("for", ""))
        elif tag == "select":
            self._select = given["name"]
            if given["id"] not in self._fors:
                self.unlabelled.append(given["name"])
        elif tag == "option" and self._select:
            self.offered.setdefault(self._select, set()).add(given["value"])
            self._options["first"] = self._options["first"] or given["value"]
            if "selected" in given:
                self._options["chosen"] = given["value"]
        elif tag == "input":
            if given.get("type") != "hidden" and not self._labels:
                self.unlabelled.append(given["name"])
            if given.get("type") == "checkbox":
                self.offered.setdefault(given["name"], set()).add(given["value"])
            if given.get("type") != "checkbox" or "checked" in given:
                self.sent.append((given["name"], given.get("value", "")))
        elif tag == "button":
            self.sent.append((given["name"], given["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._labels -= 1
        elif tag == "select":
            self.sent.append((self._select, self._options["chosen"] or self._options["first"]))
            self._select = ""


def form(client: TestClient, query: str = "") -> Form:
    answer = get(client, "/export" + query, BROWSER)
    assert answer.status_code == 200
    return Form(answer.text)


def led(client: TestClient, sent: list[tuple[str, str]]) -> str:
    """Where a browser is led that sends a form."""
    answer = get(client, f"/export?{urlencode(sent)}", BROWSER)
    assert answer.status_code == 303
    assert "accept" in answer.headers["vary"].lower()
    return str(answer.headers["location"])


def send(client: TestClient, sent: list[tuple[str, str]]) -> httpx2.Response:
    """What a browser gets that sends a form."""
    return get(client, led(client, sent), BROWSER)


@LANGUAGES
def test_every_field_has_a_label_and_every_choice_is_offered(client: TestClient, language: str) -> None:
    found = form(client, f"?lang={language}")
    assert found.unlabelled == []
    assert found.offered["form"] == set(FORMS)
    assert found.offered["graph"] == set(GRAPHS)
    assert found.offered["document"] >= {"901", "902"}
    assert "Planned" in found.offered["modality"]
    assert {name for name, _ in found.sent} == {"lang", "form", "actor", "period", "go"}


@LANGUAGES
def test_a_form_that_is_sent_as_it_is_gives_the_whole(client: TestClient, language: str) -> None:
    answer = send(client, form(client, f"?lang={language}").sent)
    assert answer.headers["content-type"].startswith("text/turtle")
    assert answer.content == get(client, "/export/turtle").content


def test_what_is_chosen_is_what_is_exported(client: TestClient) -> None:
    chosen = [("form", "nquads"), ("actor", ""), ("actor", "Ada Stone"), ("period", ""), ("document", "901"), ("lang", "ru")]
    location = urlsplit(led(client, [*chosen, ("go", "1")]))
    assert location.path == "/export/nquads"
    assert parse_qsl(location.query) == [("actor", "Ada Stone"), ("document", "901"), ("lang", "ru")]
    found = send(client, [*chosen, ("go", "1")])
    assert found.status_code == 200
    assert found.content == get(client, "/export/nquads?actor=Ada+Stone&document=901").content
    assert len(found.content) < len(get(client, "/export/nquads").content)


def test_what_was_wrong_leads_back_to_the_form_with_what_was_chosen(client: TestClient) -> None:
    chosen = [
        ("form", "csv"), ("actor", "Nobody"), ("actor", "Ada Stone"), ("period", "1994-2001"), ("document", "901"),
        ("undated", "true"), ("modality", "Planned"), ("graph", "asserted"), ("lang", "ru"), ("go", "1"),
    ]  # fmt: skip
    refused = send(client, chosen)
    assert (refused.status_code, refused.headers["content-type"]) == (400, "text/html; charset=utf-8")
    (link,) = re.findall(r'href="(/export\?[^"]*)"', refused.text)
    again = form(client, unescape(link).removeprefix("/export"))
    assert set(chosen) <= set(again.sent)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("document", "999"), ("document", "https://w3id.org/relgraph/id/document/901"), ("modality", "Possibel"),
        ("modality", "https://w3id.org/relgraph/ns/modality#Planned"), ("graph", "assertd"),
    ],
)  # fmt: skip
def test_the_form_keeps_what_it_has_no_option_for(client: TestClient, name: str, value: str) -> None:
    found = form(client, f"?form=turtle&lang=en&{urlencode({name: value})}")
    assert [sent for sent in found.sent if sent[0] == name] == [(name, value)]
    assert value in found.offered[name]


@pytest.mark.parametrize(
    ("value", "is_ticked"), [("true", True), ("1", True), ("TRUE", True), ("false", False), ("0", False), ("", False)]
)
def test_what_is_undated_is_ticked_where_an_export_would_take_it(client: TestClient, value: str, is_ticked: bool) -> None:
    sent = form(client, f"?period=1994&undated={value}").sent
    assert (("undated", "true") in sent) == is_ticked


def test_no_more_things_are_suggested_than_a_page_can_hold(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Release(folder).store()
    assert len(suggesting.of_classes(store, "en", "Agent")) > 1
    monkeypatch.setattr(suggesting, "_MOST", 1)
    assert len(suggesting.of_classes(store, "en", "Agent")) == 1


def test_what_is_suggested_is_looked_up_once_for_a_release_and_language(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    get(client, "/export?lang=ru", BROWSER)
    looked_up: list[str] = []

    def look_up(*asked: str) -> list[tuple[str, str]]:
        looked_up.append(asked[1])
        return []

    monkeypatch.setattr(suggesting, "of_classes", look_up)
    assert '<datalist id="actors"><option' in get(client, "/export?lang=ru&period=2003", BROWSER).text
    assert looked_up == []


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", [("b", "Alba"), ("a", "Brin"), ("d", "only Russian"), ("c", "org/c")]),
        ("ru", [("d", "only Russian"), ("c", "org/c"), ("a", "Альба"), ("b", "Брин")]),
    ],
)
def test_things_are_suggested_by_name_in_the_language_of_the_page_or_by_what_there_is(
    language: str, shown: list[tuple[str, str]]
) -> None:
    names = {"a": {"en": "Brin", "ru": "Альба"}, "b": {"en": "Alba", "ru": "Брин"}, "c": {}, "d": {"ru": "only Russian"}}
    store = Store()
    for key, labels in names.items():
        store.add(Quad(data(f"org/{key}"), A, rg("Agent"), INFERRED))
        store.extend(Quad(data(f"org/{key}"), PREF_LABEL, Literal(name, language=tag)) for tag, name in labels.items())
    found = suggesting.of_classes(store, language, "Agent")
    assert list(found) == [(f"org/{key}", name) for key, name in shown]


def test_a_modality_has_a_name_that_an_export_takes_wherever_it_is_from() -> None:
    store = Store()
    for node in (concept("modality", "Planned"), NamedNode("https://example.org/said#Rumoured")):
        store.add(Quad(node, NamedNode(SKOS + "inScheme"), NamedNode(SCHEMES + "modality"), ONTOLOGY_GRAPH))
    offered = [option.value for option in choosing.choice(store, lambda _: [], [], [], "en").modalities]
    assert offered == ["https://example.org/said#Rumoured", "Planned"]
    assert len(asked(store, modalities=offered).modalities) == 2


@pytest.mark.parametrize("name", [".", ".."])
def test_a_format_that_is_a_step_of_an_address_leads_nowhere(client: TestClient, name: str) -> None:
    assert get(client, f"/export?form={name}&go=1", BROWSER).status_code == 200


def test_an_unknown_format_leads_back_too(client: TestClient) -> None:
    refused = get(client, "/export/turtel?lang=en", BROWSER)
    assert refused.status_code == 404
    assert 'href="/export?form=turtel&amp;lang=en"' in refused.text
    assert "form=" not in get(client, "/id/state/none?lang=en", BROWSER).text


@pytest.mark.parametrize("name", ["//example.org", "../files", "turtle?x=y#z", "\\\\example.org", "a\r\nX: y"])
def test_nothing_that_is_typed_leads_elsewhere(client: TestClient, name: str) -> None:
    assert re.fullmatch(r"/export/[A-Za-z0-9%._-]+", led(client, [("form", name), ("go", "1")]))


def test_nothing_that_is_typed_becomes_part_of_the_page(client: TestClient) -> None:
    page = get(client, "/export?actor=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", BROWSER).text
    assert "alert(1)" in page
    assert "<script" not in page


def test_without_the_button_the_form_is_shown_with_what_the_address_says(client: TestClient) -> None:
    found = form(client, "?form=graphml&actor=a&actor=b&actor=c&period=1994")
    assert ("form", "graphml") in found.sent
    assert [value for name, value in found.sent if name == "actor"] == ["a", "b", "c", ""]
    assert ("period", "1994") in found.sent


def test_many_documents_are_typed_and_suggested(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "_TICKED", 1)
    found = form(client, "?document=902&lang=en&period=1999")
    assert "document" not in found.offered
    assert [value for name, value in found.sent if name == "document"] == ["902", ""]
    assert found.unlabelled == []


def test_an_older_release_is_kept(client: TestClient, folder: Path) -> None:
    name = folder.name.rpartition("-")[2]
    found = form(client, f"?release={name}&lang=en")
    assert ("release", name) in found.sent
    assert f"release={name}" in led(client, found.sent)


def test_programs_get_the_list_whatever_a_form_would_say(client: TestClient) -> None:
    answer = get(client, "/export?form=turtle&go=1", "application/json")
    assert (answer.status_code, "exports" in answer.json()) == (200, True)


def test_a_file_of_rdf_offers_formats_and_its_graphs(tmp_path: Path) -> None:
    (tmp_path / "data.trig").write_text("<urn:s> <urn:x#p> 1 . <urn:g> { <urn:s> <urn:x#p> 2 }", "utf-8")
    settings = Settings(workers=1, client_seconds=0, log="off")
    with TestClient(Application(DatasetSource(tmp_path / "data.trig"), settings, {}), follow_redirects=False) as client:
        found = form(client, "?lang=en")
        assert "nquads" in found.offered["form"]
        assert "csv" not in found.offered["form"]
        assert {name for name, _ in found.sent} == {"lang", "form", "graph", "go"}
        answer = send(client, [*(pair for pair in found.sent if pair[0] != "graph"), ("graph", "urn:g")])
        assert answer.status_code == 200
        assert "2" in answer.text
        refused = send(client, [("form", "turtle"), ("graph", "urn:none"), ("go", "1")])
        assert "/export?form=turtle&amp;graph=urn%3Anone" in refused.text
        assert ("graph", "urn:none") in form(client, "?form=turtle&graph=urn%3Anone").sent
