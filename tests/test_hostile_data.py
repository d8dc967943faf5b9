"""Data may say anything, and requests may come with anything: pages show it as text, and no worker breaks down over it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient

from linked import get, served
from mini import Mini
from relgraph import build
from relgraph.project import Project
from relgraph.serving.pages import resources
from relgraph.vocabulary import ALT_LABEL, ASSERTED, ID, INFERRED, ONTOLOGY_GRAPH, PREF_LABEL, PROVENANCE, REPORTED, A, data, rg

TEXTS = [
    "<script>alert(1)</script>", '" onmouseover="alert(1)', "' onfocus='x", "</title><script>x</script>", "{{ 7 * 7 }}",
    "&lt;b&gt;", "javascript:alert(1)", "<!--", "\x01\x0b", '<a href="/x">', '<form action="http://evil.example">', "x" * 20_000,
]  # fmt: skip
IRIS = [
    "javascript:alert(1)", "data:text/html,x", "http://evil.example/'onx='y(1)&z", f"{resources.ROOT}/evil.example/x",
    f"{resources.ROOT}../x", resources.ROOT, f"{ID}document/%0D%0AX#char=1,2",
]  # fmt: skip
KEYS = ["place/k'onx='y", "place/k&lt;b&gt;", "place/k%22%3E%3Cscript%3E", "place/k%0D%0AX-Evil:1", "/evil.example"]
SPAN, DOCUMENT = ox.NamedNode(f"{ID}document/zz#char=x,y"), data("document/zz")
CLAIM, CONTENT = data("claim/evil"), data("claim/evil/says")
PAGES = [*(f"place/evil{number}" for number in range(len(TEXTS))), *KEYS, "document/zz", "claim/evil", "claim/evil/says"]


def hostile() -> Iterator[ox.Quad]:
    for number, text in enumerate(TEXTS):
        place = data(f"place/evil{number}")
        yield ox.Quad(place, A, rg("Place"), ASSERTED)
        for language in ("en", "ru", "x-evil"):
            yield ox.Quad(place, PREF_LABEL if language != "x-evil" else ALT_LABEL, ox.Literal(text, language=language), ASSERTED)
        yield ox.Quad(place, rg("gloss"), ox.Literal(text, datatype=ox.NamedNode("javascript:x")), ASSERTED)
        for iri in IRIS:
            yield ox.Quad(place, rg("within"), ox.NamedNode(iri), ASSERTED)
            yield ox.Quad(place, ox.NamedNode(iri), place, INFERRED)
        yield ox.Quad(ox.BlankNode(f"b{number}"), rg("within"), place, ONTOLOGY_GRAPH)
    for key in KEYS:
        yield ox.Quad(data(key), PREF_LABEL, ox.Literal(key, language="en"), ASSERTED)
    for name, value in (("charStart", "\u00b2"), ("charEnd", "-5"), ("line", "9" * 5_000)):
        yield ox.Quad(SPAN, rg(name), ox.Literal(value), PROVENANCE)
    yield ox.Quad(SPAN, rg("document"), DOCUMENT, PROVENANCE)
    yield ox.Quad(DOCUMENT, A, rg("Document"), PROVENANCE)
    yield ox.Quad(CLAIM, A, rg("Claim"), PROVENANCE)
    yield ox.Quad(CLAIM, rg("about"), data("place/evil0"), PROVENANCE)
    yield ox.Quad(CLAIM, rg("evidence"), SPAN, PROVENANCE)
    yield ox.Quad(CLAIM, rg("says"), CONTENT, PROVENANCE)
    yield ox.Quad(CONTENT, rg("within"), ox.Literal('<i>"'), REPORTED)
    for name in ("context", "attributedTo", "conflictsWith"):
        yield ox.Quad(CLAIM, rg(name), ox.Literal("<b>"), PROVENANCE)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = Mini(tmp_path_factory.mktemp("hostile") / "mini").write()
    built = build.assemble(Project(folder), None, lambda stage: None)
    release = build.write(replace(built, quads=(*built.quads, *hostile())), Project(folder).releases)
    with served(release.path) as client:
        yield client


class Found(HTMLParser):
    """What of a page a browser could be led astray by."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[object] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            leads = name in ("href", "src", "action") and re.match(r"\s*(?!https?:)[a-z]+:|//", value or "", re.IGNORECASE)
            if leads or name.startswith("on") or (tag == "form" and name == "action" and not (value or "").startswith("/")):
                self.faults.append((tag, name, value))
        if tag in ("script", "iframe", "img", "object", "style", "base", "svg"):
            self.faults.append(tag)


@pytest.mark.parametrize("key", PAGES)
def test_a_page_shows_what_the_data_say_as_text(key: str, client: TestClient) -> None:
    for language in ("en", "ru"):
        page = client.get(f"/id/{key}.html?lang={language}")
        assert page.status_code == 200
        assert not Found(page.text).faults


@pytest.mark.parametrize("key", PAGES)
def test_every_form_is_given_or_refused_and_no_header_is_made_of_a_key(key: str, client: TestClient) -> None:
    for form in resources.FORMS:
        answer = client.get(f"/id/{key}.{form.suffix}")
        assert answer.status_code in (200, 400)
        assert not {"x-evil", "x-evil.html", "set-cookie"} & set(answer.headers)
    lead = get(client, f"/id/{key}", "text/html")
    assert lead.status_code == 303
    assert re.match(r"/(?!/)", lead.headers["location"])


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "blob:x"])
def test_an_answer_to_a_query_leads_to_the_web_and_nowhere_else(iri: str, client: TestClient) -> None:
    for query in (f'SELECT (IRI("{iri}") AS ?x) {{}}', "SELECT * { ?s ?p ?o } LIMIT 1000"):
        page = client.get(f"/query?query={quote(query)}")
        assert page.status_code == 200
        assert not Found(page.text).faults
    assert 'href="https://example.org/x"' in client.get("/query?query=SELECT(IRI('https://example.org/x')AS ?x){}").text


def test_an_iri_with_two_slashes_does_not_lead_to_another_server() -> None:
    assert resources.address(f"{resources.ROOT}/evil.example/x") == "/%2Fevil.example/x"
    assert resources.address(f"{resources.ROOT}id//evil.example") == "/id//evil.example"


@pytest.mark.parametrize(
    "host", ["%", "%zz", "a%", "[12]", "[:::::]", "[1::2::3]", "a b", "x@y", "<x>", '"', "a/b", "a?b", "[zz]"]
)
def test_a_host_that_is_none_is_a_bad_request(host: str, client: TestClient) -> None:
    for path in ("/.well-known/void", "/sparql", "/queries.json", "/id/place/evil0.ttl", "/id/catalogue"):
        assert get(client, path, "text/turtle, */*;q=0.1", Host=host).status_code == 400
    assert get(client, "/.well-known/void", "text/turtle", Host="[::1]:8000").status_code == 200


def test_what_went_wrong_is_told_in_the_language_of_the_reader(client: TestClient) -> None:
    page = get(client, "/id/place/nowhere", "text/html", Accept_Language="ru").text
    assert "Здесь нет ничего с таким именем" in page
    assert "Проверьте адрес" in page
    assert 'role="alert" lang="en"' not in page
