"""/.well-known/void and /files over HTTP: formats, conditions, what is not there; a file of RDF that no build has described."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from pyoxigraph import RdfFormat, serialize

from described import NUMBERS, Description, full
from mini import Mini
from relgraph import build
from relgraph.catalogue import release_iri
from relgraph.errors import BudgetError
from relgraph.evaluation import GRAPH_FORMATS
from relgraph.project import Project
from relgraph.release import Release
from relgraph.serving.app import Application
from relgraph.serving.descriptions import catalogues
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import DatasetSource, ReleaseSource
from relgraph.serving.workers.pool import Worker
from server import Server

VOID = ".well-known/void"
FORMATS = {
    "text/turtle": RdfFormat.TURTLE, "application/ld+json": RdfFormat.JSON_LD, "application/rdf+xml": RdfFormat.RDF_XML,
    "application/n-triples": RdfFormat.N_TRIPLES,
}  # fmt: skip
DATA = """<urn:a> <urn:p> "x" , "y" .
<urn:a> a <urn:C> .
_:b a <urn:C> .
GRAPH <urn:g> { <urn:a> a <urn:C> . <urn:c> <urn:q> <urn:a> }
"""


@pytest.fixture(scope="module")
def server(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server") / "log", "--release", release.path) as running:
        yield running


@pytest.fixture(scope="module")
def file_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("file")
    (folder / "data.trig").write_text(DATA, "utf-8")
    with Server(folder / "log", "--dataset", folder / "data.trig") as running:
        yield running


@pytest.mark.parametrize("media_type", FORMATS)
def test_every_format_says_the_same(server: Server, media_type: str) -> None:
    found = server.get(VOID, headers={"Accept": f"{media_type}, */*;q=0.1"})
    assert found.headers["content-type"].partition(";")[0] == media_type
    turtle = Description(server.get(VOID, params={"format": "turtle"}).content)
    assert {quad.triple for quad in Description(found.content, FORMATS[media_type]).store} == {q.triple for q in turtle.store}


@pytest.mark.parametrize("accept", ["", "*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"])
def test_clients_that_do_not_ask_for_rdf_get_some(server: Server, accept: str) -> None:
    found = server.get(VOID, headers={"Accept": accept})
    assert found.status_code == 200
    assert found.headers["content-type"].partition(";")[0] in FORMATS


def test_what_is_not_on_offer_is_said(server: Server) -> None:
    found = server.get(VOID, headers={"Accept": "image/png"})
    assert found.status_code == 406
    assert "text/turtle" in found.json()["detail"]
    assert server.get(VOID, params={"format": "docx"}).status_code == 400


def test_conditions_and_methods(server: Server) -> None:
    found = server.get(VOID)
    again = server.get(VOID, headers={"If-None-Match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = server.get(VOID, headers={"Accept": "application/n-triples", "If-None-Match": found.headers["etag"]})
    assert other.status_code == 200
    assert found.headers["vary"] == "Accept"
    head = httpx2.head(server.url + VOID, timeout=60)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", found.headers["content-length"])


def test_addresses_are_those_that_the_client_used(server: Server) -> None:
    found = Description(server.get(VOID, headers={"Host": "data.example:8000"}).content)
    (endpoint,) = {object_ for _, object_ in found.pairs("void:sparqlEndpoint")}
    assert endpoint == "http://data.example:8000/sparql"
    assert server.get(VOID, headers={"Host": "a b"}).status_code == 400


@pytest.mark.parametrize("host", ["data.example:8000", "a%2Fb", "[::1]:80"])
def test_a_description_is_made_once_whatever_the_server_is_called(
    release: Release, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """And says what it would say if it were made for that name."""
    made = []

    def counted(*arguments: Any, **names: Any) -> bytes | None:
        made.append(names)
        return serialize(*arguments, **names)

    monkeypatch.setattr(catalogues, "serialize", counted)
    found: dict[str, list[bytes]] = {}
    for known in ("", f"http://{host}/"):
        settings = Settings(workers=1, client_seconds=0, log="off", public_url=known)
        with TestClient(Application(ReleaseSource(release.path, {}), settings, {})) as client:
            for format in GRAPH_FORMATS:
                for name in ("other.example", host):
                    answer = client.get(f"/{VOID}?format={format.name}", headers={"Host": name})
                found.setdefault(known, []).append(answer.content)
    assert len(made) == 2 * len(GRAPH_FORMATS)
    assert found[""] == found[f"http://{host}/"]
    assert all(f"http://{host}/sparql".encode() in content for content in found[""])


def test_the_address_of_a_file_is_part_of_its_name_too(file_server: Server) -> None:
    for name in ("one.example", "two.example"):
        found = Description(file_server.get(VOID, headers={"Host": name}).content)
        assert found.value(f"http://{name}/{VOID}", "foaf:primaryTopic") == f"http://{name}/{VOID}#dataset"
        assert found.values(f"http://{name}/{VOID}#dataset", "dcterms:identifier")


# ── counting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def counting(tmp_path: Path) -> Application:
    (tmp_path / "data.trig").write_text(DATA, "utf-8")
    return Application(DatasetSource(tmp_path / "data.trig"), Settings(workers=1, client_seconds=0, log="off"), {})


@pytest.mark.parametrize("path", [f"/{VOID}", "/sparql"])
@pytest.mark.parametrize("budget", ["queue", "wait"])
def test_a_busy_moment_is_not_remembered(counting: Application, monkeypatch: pytest.MonkeyPatch, path: str, budget: str) -> None:
    async def busy(client: str) -> Worker:
        raise BudgetError(budget, "all are busy", 3.0)

    with TestClient(counting) as client:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(counting.snapshots.current.pool, "acquire", busy)
            refused = client.get(path)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "3")
            assert refused.headers["cache-control"] == "no-store"
        answer = client.get(path)
        assert answer.status_code == 200
        assert "4" in {number for _, number in Description(answer.content).pairs("void:triples")}


@pytest.mark.parametrize("path", [f"/{VOID}", "/sparql"])
@pytest.mark.parametrize("budget", ["time", "bytes", "memory"])
def test_what_cannot_be_counted_is_not_tried_again(
    counting: Application, monkeypatch: pytest.MonkeyPatch, path: str, budget: str
) -> None:
    async def spent(client: str) -> Worker:
        raise BudgetError(budget, "too much")

    with TestClient(counting) as client:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(counting.snapshots.current.pool, "acquire", spent)
            first = client.get(path)
        assert first.status_code == 200
        assert Description(first.content).pairs("void:triples") == []
        assert client.get(path).content == first.content


# ── releases and files ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_iris_of_release_and_catalogue_lead_to_it(server: Server, release: Release) -> None:
    for path in ("id/catalogue", f"id/release/{release.id}"):
        found = server.get(path)
        assert (found.status_code, found.headers["location"]) == (303, server.url + VOID)
    assert server.get(f"id/release/{'0' * 64}").status_code == 404


@pytest.mark.parametrize(
    ("suffix", "media_type"), [("ttl", "text/turtle"), ("nt", "application/n-triples"), ("html", "text/html")]
)
def test_so_do_their_addresses_with_the_suffix_of_a_form(server: Server, release: Release, suffix: str, media_type: str) -> None:
    for path in ("id/catalogue", f"id/release/{release.id}"):
        found = server.get(f"{path}.{suffix}", follow_redirects=True)
        assert found.status_code == 200
        assert found.headers["content-type"].partition(";")[0] == media_type
    assert server.get("id/catalogue.docx").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["dataset.ttl", "", "../manifest.json", "..%2f..%2fmanifest.json", "store/CURRENT", "search.sqlite", "/etc/passwd", "graph/"],
)
def test_only_the_files_that_the_manifest_lists_are_given(server: Server, release: Release, path: str) -> None:
    found = server.get(f"files/{release.id}/{path}")
    assert found.status_code == 404
    assert found.headers["content-type"] == "application/problem+json"


def test_the_files_are_those_of_the_release_served(server: Server, release: Release) -> None:
    assert server.get(f"files/{'0' * 64}/dataset.nq").status_code == 404
    found = server.get(f"files/{release.id}/dataset.nq")
    assert found.content == (release.path / "dataset.nq").read_bytes()
    assert found.headers["etag"] == f'"{release.id}"'
    assert "immutable" in found.headers["cache-control"]
    assert "immutable" not in server.get(f"files/{release.id}/report.json").headers["cache-control"]


def test_a_file_is_counted_when_it_is_asked_about(file_server: Server) -> None:
    found = Description(file_server.get(VOID).content)
    dataset = found.value(file_server.url + VOID, "foaf:primaryTopic")
    base = dataset.removesuffix("#dataset")
    assert dataset == f"{file_server.url}{VOID}#dataset"
    numbers = {
        node: [found.value(node, name) for name in NUMBERS] for node in (dataset, f"{base}#default-graph", f"{base}#graph-1")
    }
    assert numbers == {
        # triples, entities, subjects, objects, properties, classes
        dataset: ["5", "2", "3", "4", "3", "1"],
        f"{base}#default-graph": ["4", "1", "2", "3", "2", "1"],
        f"{base}#graph-1": ["2", "2", "2", "2", "2", "1"],
    }
    (part,) = found.values(f"{base}#default-graph", "void:classPartition")
    assert [found.value(part, name) for name in ("void:class", "void:entities", "void:triples")] == ["urn:C", "1", "4"]
    assert found.values(dataset, "void:exampleResource") == ["urn:a"]


def test_a_file_has_neither_licence_nor_history_nor_files(file_server: Server) -> None:
    found = Description(file_server.get(VOID).content)
    kinds = {kind for _, kind in found.pairs("rdf:type")}
    assert kinds.isdisjoint({full("dcat:Catalog"), full("prov:Activity"), full("spdx:Checksum")})
    assert found.pairs("dcterms:license") == []
    assert file_server.get("id/catalogue").status_code == 404
    assert file_server.get("files/x/dataset.nq").status_code == 404


def test_an_older_release_is_described_as_it_is_asked_for(mini: Mini, release: Release, tmp_path: Path) -> None:
    """Addresses name the release, since without a name they are those of the current one."""
    built = build.assemble(Project(mini.write()), None, lambda stage: None)
    old = build.write(built, tmp_path)
    current = build.write(replace(built, quads=built.quads[1:]), tmp_path)
    with Server(tmp_path / "log", "--release", tmp_path) as running:
        there = running.get(f"id/release/{old.id}")
        assert there.headers["location"] == f"{running.url}{VOID}?release={old.id}"
        found = Description(running.get(VOID, params={"release": old.id}).content)
        dataset = release_iri(old.id)
        assert found.value(dataset, "dcterms:identifier") == old.id
        (endpoint,) = found.values(dataset, "void:sparqlEndpoint")
        count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        answer = httpx2.post(endpoint, data={"query": count}, timeout=60).json()
        assert answer["results"]["bindings"][0]["n"]["value"] == found.value(f"{dataset}#default-graph", "void:triples")
        for node, address in found.pairs("dcat:downloadURL"):
            content = httpx2.get(address, timeout=60).content
            assert content
            for checksum in found.values(node, "spdx:checksum"):
                assert found.value(checksum, "spdx:checksumValue") == hashlib.sha256(content).hexdigest()
        assert Description(running.get(VOID).content).pairs("dcterms:identifier") != found.pairs("dcterms:identifier")
        assert running.get(f"id/release/{current.id}").headers["location"] == running.url + VOID


def test_what_cannot_be_counted_in_time_is_left_out(tmp_path: Path) -> None:
    lines = [f"<urn:s{n}> <urn:p{n % 500}> <urn:o{n % 7000}> .\n" for n in range(300_000)]
    (tmp_path / "data.nt").write_text("".join(lines), "utf-8")
    with Server(tmp_path / "log", "--dataset", tmp_path / "data.nt", QUERY_TIMEOUT="0.1") as running:
        found = running.get(VOID)
        assert found.status_code == 200
        said = Description(found.content)
        assert said.pairs("void:sparqlEndpoint")
        assert said.pairs("void:distinctSubjects") == []
        assert running.query("ASK {}").json()["boolean"] is True


@pytest.mark.parametrize("damage", [None, "", "not turtle"])
def test_a_release_without_its_description_is_counted_too(release: Release, tmp_path: Path, damage: str | None) -> None:
    folder = tmp_path / release.path.name
    folder.mkdir()
    for path in release.path.iterdir():
        if path.name != "catalogue.ttl":
            (folder / path.name).symlink_to(path)
    if damage is not None:
        (folder / "catalogue.ttl").write_text(damage, "utf-8")
    with Server(tmp_path / "log", "--release", folder) as running:
        found = Description(running.get(VOID).content)
    built = Description((release.path / "catalogue.ttl").read_bytes())
    for name in (*NUMBERS, "void:class", "void:property", "void:vocabulary", "void:subset"):
        assert found.pairs(name) == built.pairs(name), name


@pytest.mark.parametrize("suffix", ["", ".html"])
def test_people_are_led_from_the_iri_of_a_release_to_a_page(server: Server, release: Release, suffix: str) -> None:
    for path, place in ((f"id/release/{release.id}", f"?release={release.id}"), ("id/catalogue", "releases?format=html")):
        answer = server.get(path + suffix, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["vary"]) == (303, "Accept")
        assert answer.headers["location"] == server.url + place
        page = server.get(place, headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert release.id[:12] in page.text
        assert server.get(path, headers={"Accept": "text/turtle"}).headers["location"] == server.url + VOID
