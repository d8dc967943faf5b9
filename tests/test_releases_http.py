"""Releases over HTTP: the list, answers as of an older one, and what happens when there is none."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from described import Description
from mini import Mini
from relgraph import build
from relgraph.catalogue import release_iri
from relgraph.project import Project
from relgraph.release import Release
from relgraph.serving.http.asof import kept
from server import Server, eventually, write
from test_releases import built

COUNT = "SELECT (COUNT(*) AS ?n) { ?claim a rg:Claim }"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Release]]:
    """Three releases of the mini project: with all its claims, and with fewer and fewer; the last one
    is the current one."""
    folder = tmp_path_factory.mktemp("releases")
    found = []
    for number in range(3):
        mini = Mini(folder / f"mini-{number}")
        mini.rows = {"901": mini.rows["901"][: 3 - number], "902": mini.rows["902"] if number == 0 else []}
        found.append(build.write(build.assemble(Project(mini.write()), None, lambda stage: None), folder / "out"))
    return folder / "out", found


@pytest.fixture(scope="module")
def server(releases: tuple[Path, list[Release]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log") / "log"
    with Server(log, "--release", releases[0], OLD_RELEASES=1) as running:
        yield running


def claims(server: Server, release: str = "") -> int:
    answer = server.get("sparql", params={"query": COUNT, **({"release": release} if release else {})})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["results"]["bindings"][0]["n"]["value"])


def test_the_releases_have_different_claims(releases: tuple[Path, list[Release]]) -> None:
    counts = [release.manifest["counts"]["claims"] for release in releases[1]]  # type: ignore[index]
    assert len(set(counts)) == 3


def test_a_query_is_answered_as_of_the_release_that_it_names(server: Server, releases: tuple[Path, list[Release]]) -> None:
    for release in releases[1]:
        counts = release.manifest["counts"]
        assert isinstance(counts, dict)
        for name in (release.id, release.id[:12], release.path.name):
            assert claims(server, name) == counts["claims"], name
    assert claims(server) == claims(server, "current") == claims(server, releases[1][-1].id)


def test_the_response_says_which_release_answered(server: Server, releases: tuple[Path, list[Release]]) -> None:
    old = releases[1][0]
    answer = server.get("sparql", params={"query": COUNT, "release": old.id})
    now = server.get("sparql", params={"query": COUNT})
    assert answer.headers["relgraph-release"] == old.id
    assert now.headers["relgraph-release"] == releases[1][-1].id
    assert answer.headers["etag"] != now.headers["etag"]


def test_a_query_by_post_names_its_release_in_the_address(server: Server, releases: tuple[Path, list[Release]]) -> None:
    old = releases[1][1]
    answer = server.query(COUNT)
    assert answer.headers["relgraph-release"] != old.id
    server.url, bare = f"{server.url}sparql?release={old.id}#", server.url  # query() appends its path, here to the fragment
    try:
        assert server.query(COUNT).headers["relgraph-release"] == old.id
    finally:
        server.url = bare


def test_a_release_in_a_posted_form_is_refused_and_not_passed_over(server: Server, releases: tuple[Path, list[Release]]) -> None:
    answer = server.query(COUNT, data={"release": releases[1][0].id})
    assert (answer.status_code, "in the address" in answer.json()["detail"]) == (400, True)


def test_the_service_describes_itself_as_of_a_release(server: Server, releases: tuple[Path, list[Release]]) -> None:
    old = releases[1][0].id
    answer = server.get("sparql", params={"release": old}, headers={"Accept": "application/n-triples"})
    assert answer.headers["relgraph-release"] == old
    assert f"endpoint> <{server.url}sparql?release={old}> ." in answer.text


def test_the_list_names_every_release(server: Server, releases: tuple[Path, list[Release]]) -> None:
    rows = server.get("releases.json").json()
    assert {row["release"] for row in rows} == {release.id for release in releases[1]}
    assert [row["release"] for row in rows if row["current"]] == [releases[1][-1].id]
    assert server.get("releases", headers={"Accept": "application/json"}).json() == rows
    for row in rows:
        link = row["links"]["sparql"].lstrip("/")
        answer = server.get(f"{link}&query=ASK%7B%7D")
        assert (answer.status_code, answer.headers["relgraph-release"]) == (200, row["release"])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_list_is_a_page_too(server: Server, releases: tuple[Path, list[Release]], language: str) -> None:
    page = server.get("releases", params={"lang": language}, headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    for release in releases[1]:
        assert release.id in page.text


def test_the_files_of_every_release_are_there(server: Server, releases: tuple[Path, list[Release]]) -> None:
    for row, release in zip(sorted(server.get("releases.json").json(), key=lambda row: str(row["release"])),
                            sorted(releases[1], key=lambda release: release.id), strict=True):  # fmt: skip
        answer = server.get(row["links"]["dataset"].lstrip("/"))
        assert hashlib.sha256(answer.content).hexdigest() == release.id
        assert "immutable" in answer.headers["cache-control"]
        assert json.loads(server.get(row["links"]["manifest"].lstrip("/")).content)["release"] == release.id


def test_pages_of_an_older_release_say_so_and_stay_in_it(server: Server, releases: tuple[Path, list[Release]]) -> None:
    old = releases[1][0]
    page = server.get("", params={"release": old.id, "lang": "en"}, headers={"Accept": "text/html"}).text
    assert "an older release" in page
    assert f'<input type="hidden" name="release" value="{old.id}">' in page
    assert "an older release" not in server.get("", params={"lang": "en"}, headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("form", ["html", "csv", "json"])
def test_the_query_files_are_answered_as_of_a_release(server: Server, releases: tuple[Path, list[Release]], form: str) -> None:
    old = releases[1][0]
    answer = server.get("queries/visits-by-office", params={"release": old.id, "format": form, "place": "place/alba"})
    assert (answer.status_code, answer.headers["relgraph-release"]) == (200, old.id)
    if form == "html":
        leading = re.findall(r'href="(/queries/visits-by-office\.[^"]*)"', answer.text)
        assert leading
        assert all(f"release={old.id}" in link for link in leading)


@pytest.mark.parametrize("name", ["x", "0" * 64, "..", "../../etc", "%00", "a" * 5000, "<b>"])
def test_an_unknown_release_is_a_404_that_lists_what_there_is(server: Server, name: str) -> None:
    answer = server.get("sparql", params={"query": COUNT, "release": name})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "there is no release" in answer.json()["detail"]
    assert server.get("ready").json()["ready"]


@pytest.mark.parametrize("name", ["%72elease", "releas%65", "%72%65%6C%65%61%73%65"])
def test_the_name_of_the_parameter_may_be_encoded(server: Server, releases: tuple[Path, list[Release]], name: str) -> None:
    page = server.get(f"?lang=en&{name}={releases[1][0].id}", headers={"Accept": "text/html"})
    assert page.headers["relgraph-release"] == releases[1][0].id
    assert "an older release" in page.text
    for word in ("xrelease", "release2"):
        assert server.get(f"?{word}={releases[1][0].id}").headers["relgraph-release"] == releases[1][-1].id


@pytest.mark.parametrize("path", ["", "id/state/FRA", "queries/accessions", "releases"])
def test_pages_of_the_current_release_are_not_called_old(server: Server, releases: tuple[Path, list[Release]], path: str) -> None:
    for name in ("current", releases[1][-1].id):
        page = server.get(f"{path}?lang=en&release={name}", headers={"Accept": "text/html"}, follow_redirects=True)
        assert "an older release" not in page.text


def test_two_releases_at_once_are_refused(server: Server, releases: tuple[Path, list[Release]]) -> None:
    ids = [release.id for release in releases[1][:2]]
    answer = server.get(f"sparql?query=ASK%7B%7D&release={ids[0]}&release={ids[1]}")
    assert answer.status_code == 400


def test_no_more_are_open_than_the_settings_allow(server: Server, releases: tuple[Path, list[Release]]) -> None:
    for _ in range(3):
        for release in releases[1]:
            assert claims(server, release.id) >= 0
    # two workers of the current release, and two of one other
    eventually(lambda: len(server.workers()) == 4)


def test_each_folder_of_one_id_is_reached_by_its_name(tmp_path: Path) -> None:
    made = [built(tmp_path / "out", "a", at=at) for at in range(3)]
    id_ = made[0].id
    made[0].path.rename(made[0].path.with_name(id_))
    with Server(tmp_path / "log", "--release", tmp_path / "out") as server:
        rows = server.get("releases.json").json()
        assert {row["name"] for row in rows} == {id_, *(each.path.name for each in made[1:])}
        for row in rows:
            content = (tmp_path / "out" / "releases" / row["name"] / "manifest.json").read_bytes()
            assert server.get(row["links"]["manifest"].lstrip("/")).content == content
            assert claims(server, row["name"]) == 0
        # what describes the current one leads to its own files
        found = Description(server.get(".well-known/void").content)
        for node, address in found.pairs("dcat:downloadURL"):
            for checksum in found.values(node, "spdx:checksum"):
                content = server.get(address.removeprefix(server.url)).content
                assert found.value(checksum, "spdx:checksumValue") == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(("path", "key"), [("queries.json", "queries"), ("export?format=json", "exports")])
def test_lists_in_json_lead_to_the_release_that_was_asked_for(
    server: Server, releases: tuple[Path, list[Release]], path: str, key: str
) -> None:
    old, joint = releases[1][0], "&" if "?" in path else "?"
    found = server.get(f"{path}{joint}release={old.id[:12]}").json()[key]
    addresses = [address for each in found for address in (each["links"].values() if "links" in each else [each["href"]])]
    assert len(addresses) >= len(found) > 10
    assert all(address.endswith(f"?release={old.id[:12]}") for address in addresses)
    assert server.get(addresses[0].removeprefix(server.url)).headers["relgraph-release"] == old.id
    assert "release=" not in server.get(path).text


def test_the_iris_of_release_and_catalogue_lead_to_the_release_that_was_asked_for(
    server: Server, releases: tuple[Path, list[Release]]
) -> None:
    old, other = releases[1][:2]
    for path in ("id/catalogue", "id/catalogue.ttl", f"id/release/{old.id}", f"id/release/{old.id}.ttl"):
        answer = server.get(path, params={"release": old.id[:12]}, follow_redirects=True)
        assert {topic for _, topic in Description(answer.content).pairs("foaf:primaryTopic")} == {release_iri(old.id)}, path
    beside = server.get(f"id/release/{other.id}", params={"release": old.id})
    assert beside.headers["location"] == f"{server.url}.well-known/void?release={other.id}"
    turtle = server.get("id/catalogue", params={"format": "nt"}, follow_redirects=True)
    assert turtle.headers["content-type"] == "application/n-triples"


def test_a_refusal_tells_nothing_of_the_folder(server: Server) -> None:
    detail = server.get("?release=zz").json()["detail"]
    assert "there is no release 'zz' here; there are: " in detail
    assert "/releases" not in detail


def test_a_file_of_rdf_has_no_releases(tmp_path: Path) -> None:
    with Server(tmp_path / "log", "--dataset", write(tmp_path / "data.nt", "word", 3)) as server:
        refused = server.get("sparql", params={"query": "ASK {}", "release": "abcd"})
        assert (refused.status_code, refused.json()["detail"]) == (
            404, "nothing but the current data are served here; leave `release` out"
        )  # fmt: skip
        (row,) = server.get("releases.json").json()
        assert row["current"]
        assert server.get("sparql", params={"query": "ASK {}", "release": row["release"]}).status_code == 200


def test_a_release_that_stands_alone_has_its_version(releases: tuple[Path, list[Release]], tmp_path: Path) -> None:
    alone = shutil.copytree(releases[1][0].path, tmp_path / "alone")
    with Server(tmp_path / "log", "--release", alone) as server:
        (row,) = server.get("releases.json").json()
        assert (row["release"], row["version"]) == (releases[1][0].id, releases[1][0].version)
        assert row["version"]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<a href="/id/x">', '<a href="/id/x?release=r">'),
        ('<a href="/id/x?lang=ru#y">', '<a href="/id/x?lang=ru&amp;release=r#y">'),
        ('<a class="b" href="?lang=ru">', '<a class="b" href="?lang=ru&amp;release=r">'),
        ('<a href="/?release=q">', '<a href="/?release=q">'),
        ('<a href="/releases?lang=en">', '<a href="/releases?lang=en">'),
        ('<a href="https://example.org/x">', '<a href="https://example.org/x">'),
        ('<a href="#y">', '<a href="#y">'),
        ('<form action="/query">', '<form action="/query"><input type="hidden" name="release" value="r">'),
    ],
)
def test_links_of_pages_keep_the_release(link: str, expected: str) -> None:
    assert kept(link, "r") == expected


def test_a_hostile_name_of_a_release_stays_a_value() -> None:
    assert '"><script>' not in kept('<a href="/id/x"><form action="/query">', '"><script>')
