"""A server behind a proxy that takes a path off: what it sends leads back through the proxy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import httpx2
import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient

from linked import get, links, released
from relgraph import questions
from relgraph.project import Project
from relgraph.release import Release
from relgraph.serving.app import Application
from relgraph.serving.http.asof import headed, placed
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource

PUBLIC = "https://example.org/some/graph/"
PREFIX = "/some/graph"
PAGES = [
    "/", "/queries", "/queries/accessions", "/query?query=SELECT%20*%20%7B%20?s%20a%20rg:Visit%20%7D", "/releases", "/export",
    "/id/event/visit-stone.html", "/documents/901", "/ns", "/ns/modality", "/none", "/id/none", "/queries/none",
]  # fmt: skip


@pytest.fixture(scope="module")
def client(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    source = ReleaseSource(released(tmp_path_factory.mktemp("prefix")), questions.load(project.queries))
    settings = Settings(workers=1, client_seconds=0, log="off", public_url=PUBLIC)
    with TestClient(Application(source, settings, {}), follow_redirects=False) as client:
        yield client


def through(client: TestClient, link: str, accept: str = "*/*") -> httpx2.Response:
    """The answer to a link that leads through the proxy."""
    assert link.startswith(PREFIX + "/"), link
    return get(client, link.removeprefix(PREFIX), accept)


@pytest.mark.parametrize("query", ["", "release=current"])
@pytest.mark.parametrize("path", PAGES)
def test_every_link_and_form_of_a_page_leads_through_the_proxy(client: TestClient, path: str, query: str) -> None:
    page = get(client, f"{path}{'&' if '?' in path else '?'}{query}" if query else path, "text/html").text
    found = {unescape(link) for link in re.findall(r'(?:href|action)="([^"]*)"', page)}
    ours = {link for link in found if not link.startswith(("http://", "https://", "?", "#"))}
    assert f"{PREFIX}/static/style.css" in ours
    assert {link for link in ours if not link.startswith(PREFIX + "/") or link.startswith(PREFIX * 2)} == set()
    for link in sorted(ours)[:5]:
        assert through(client, link).status_code < 400 or "none" in path, link


def test_redirects_and_links_in_headers_lead_through_the_proxy(client: TestClient) -> None:
    answer = get(client, "/id/event/visit-stone", "text/turtle")
    assert answer.headers["location"] == f"{PREFIX}/id/event/visit-stone.ttl"
    document = through(client, answer.headers["location"])
    assert document.headers["content-location"] == answer.headers["location"]
    for type_, link in links(document, "alternate").items():
        assert through(client, link).headers["content-type"].partition(";")[0] == type_
    assert list(links(document, "describes").values()) == ["https://w3id.org/relgraph/id/event/visit-stone"]
    assert get(client, "/id/event/visit-of-stone").headers["location"] == f"{PREFIX}/id/event/visit-stone"


def test_lists_and_descriptions_name_addresses_behind_the_path(client: TestClient) -> None:
    for path in ("/releases.json", "/releases?format=json"):
        (row,) = client.get(path).json()
        assert {through(client, link).status_code for link in row["links"].values()} == {200}
    for path in ("/queries.json", "/export?format=json"):
        addresses = re.findall(r'"(https?://[^"]*)"', client.get(path).text)
        assert addresses
        assert {address for address in addresses if not address.startswith(PUBLIC)} == set()
    described = {quad.object for quad in ox.parse(client.get("/.well-known/void").content, format=ox.RdfFormat.TURTLE)}
    assert {ox.NamedNode(PUBLIC + path) for path in ("", "sparql", "export/turtle")} <= described
    assert ox.NamedNode("https://example.org/sparql") not in described


def test_the_openapi_document_says_where_the_server_is(client: TestClient) -> None:
    document = json.loads(client.get("/openapi.json").content)
    assert document["servers"] == [{"url": PUBLIC.rstrip("/")}]


@pytest.mark.parametrize(
    ("address", "path"),
    [("", ""), ("https://example.org", ""), ("https://example.org/", ""), ("https://a:8/x", "/x"), (PUBLIC, PREFIX)],
)
def test_the_path_is_that_of_the_public_address(address: str, path: str) -> None:
    settings = Settings(public_url=address)
    assert settings.prefix == path == urlsplit(settings.public_url).path.rstrip("/")


def test_addresses_of_others_stay() -> None:
    for html in ('<a href="https://example.org/x">', '<a href="//example.org/x">', '<a href="?x">', '<a href="#x">', 'href="/x"'):
        assert placed(html, "/p") == html
    assert placed('<a class="b" href="/x?y#z">', "/p") == '<a class="b" href="/p/x?y#z">'
    assert placed('<a href="/x">', "") == '<a href="/x">'
    others = [
        (b"location", b"https://example.org/x"),
        (b"location", b"//example.org"),
        (b"link", b"<urn:x>; rel=y"),
        (b"etag", b"/x"),
    ]
    assert headed(others, "/p") == others


def test_a_page_for_another_path_has_another_entity_tag(release: Release) -> None:
    tags = set()
    for public in ("", PUBLIC):
        settings = Settings(workers=1, log="off", public_url=public)
        with TestClient(Application(ReleaseSource(release.path, {}), settings, {})) as client:
            tags.add(get(client, "/ns", "text/html").headers["etag"])
    assert len(tags) == 2
