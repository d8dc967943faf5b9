"""GET /export: exports over HTTP, whole and selected, of a release and of a file of RDF."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import RdfFormat, parse

from mini import Mini
from relgraph import build, exports
from relgraph.errors import RoomError
from relgraph.exports import FORMS, asking
from relgraph.project import Project
from relgraph.release import open_release
from relgraph.serving.app import Application
from relgraph.serving.http import negotiation
from relgraph.serving.http.problems import problem
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import DatasetSource, ReleaseSource
from relgraph.vocabulary import ASSERTED

RDF = {"turtle": RdfFormat.TURTLE, "trig": RdfFormat.TRIG, "ntriples": RdfFormat.N_TRIPLES, "nquads": RdfFormat.N_QUADS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the mini project."""
    project = Project(Mini(tmp_path_factory.mktemp("exports") / "mini").write())
    return build.write(build.assemble(project, None, lambda stage: None), project.releases).path


def settings(**given: object) -> Settings:
    return Settings(**{"workers": 1, "client_seconds": 0, "log": "off", **given})  # type: ignore[arg-type]  # by name


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(Application(ReleaseSource(folder, {}), settings(), {})) as client:
        yield client


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server of a file of RDF, with a triple in its default graph and in two named ones."""
    file = tmp_path_factory.mktemp("file") / "data.trig"
    file.write_text("<urn:s> <urn:x#p> 'default' . <urn:g> { <urn:s> <urn:x#p> 1 } <urn:h> { <urn:s> <urn:x#p> 1 , 2 }", "utf-8")
    with TestClient(Application(DatasetSource(file), settings(), {})) as client:
        yield client


def written(folder: Path, form: str, **names: object) -> bytes:
    """The same export without a server."""
    release, out = open_release(folder), io.BytesIO()
    exports.write(release, form, asking.asked(release.store(), **names), out)  # type: ignore[arg-type]  # by name
    return out.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_served_as_it_is_written(client: TestClient, folder: Path, form: str) -> None:
    answer = client.get(f"/export/{form}")
    assert answer.status_code == 200
    assert answer.content == written(folder, form)
    assert answer.headers["content-type"].split(";")[0] == FORMS[form].media_type
    assert answer.headers["content-disposition"].endswith(f'.{FORMS[form].suffix}"')


def test_a_suffix_may_follow_the_name(client: TestClient) -> None:
    assert client.get("/export/turtle.ttl").content == client.get("/export/turtle").content


def test_a_selection_is_that_of_the_command_line(client: TestClient, folder: Path) -> None:
    answer = client.get("/export/trig", params={"document": ["901"], "actor": ["Ada Stone"], "period": "1990"})
    assert answer.content == written(folder, "trig", documents=["901"], actors=["Ada Stone"], period="1990")
    assert b"visit-stone" in answer.content
    assert b"meeting-brin" not in answer.content


def named(client: TestClient, address: str) -> str:
    return client.head(address).headers["content-disposition"].partition('filename="')[2].rstrip('"')


def test_a_part_has_another_file_name_than_the_whole(client: TestClient) -> None:
    """Else a download of the second overwrites the first, or a part passes for the whole."""
    whole, part = named(client, "/export/claims.csv"), named(client, "/export/claims.csv?actor=Ada+Stone")
    assert re.fullmatch(r"relgraph-[0-9a-f]{12}\.claims\.csv", whole)
    assert re.fullmatch(whole.partition(".")[0] + r"-part-[0-9a-f]{8}\.claims\.csv", part)
    assert part != named(client, "/export/claims.csv?document=901")
    assert named(client, "/export/claims.csv?lang=ru&undated=false") == whole


def test_a_part_has_one_file_name_whatever_the_order(client: TestClient) -> None:
    one = named(client, "/export/turtle?document=901&graph=asserted&graph=provenance")
    assert one == named(client, "/export/turtle?graph=provenance&graph=asserted&document=901")


def test_graphs_are_chosen(client: TestClient) -> None:
    found = parse(client.get("/export/nquads?graph=asserted").content, RdfFormat.N_QUADS)
    assert {quad.graph_name for quad in found} == {ASSERTED}


def test_an_answer_is_known_again(client: TestClient) -> None:
    first = client.get("/export/turtle")
    tag = first.headers["etag"]
    assert client.get("/export/turtle", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/export/turtle?document=901").headers["etag"] != tag
    head = client.head("/export/turtle")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)


@pytest.mark.parametrize(
    ("address", "status", "message"),
    [
        ("/export/docx", 404, "no export 'docx'"),
        ("/export/tutle", 404, "Did you mean turtle?"),
        ("/export/turtle?actors=x", 400, "Did you mean actor?"),
        ("/export/turtle?foo=1", 400, "Known are actor, document, format, graph, lang, modality, period, release, undated"),
        ("/export/turtle?relaese=1", 400, "Did you mean release?"),
        ("/export/turtle?actor=Ada+Stona", 400, "Did you mean Ada Stone"),
        ("/export/turtle?document=999", 400, "there is no document '999'"),
        ("/export/turtle?modality=Sure", 400, "there is no modality 'Sure'"),
        ("/export/turtle?period=soon", 400, "not EDTF"),
        ("/export/turtle?period=1990&period=1991", 400, "give period once"),
        ("/export/turtle?period=1990&undated=true&undated=false", 400, "give undated once"),
        ("/export/turtle?format=jsonld", 400, "the address ends in turtle, and format is 'jsonld'"),
        ("/export/turtle?period=1700", 400, "nothing in the release matches"),
        ("/export/turtle?period=1990&undated=perhaps", 400, "undated is true or false"),
        ("/export/turtle?graph=x", 400, "there is no graph 'x'"),
        ("/export/claims?graph=asserted", 400, "claims cannot be made of the graph asserted alone"),
        ("/export/jsonld-event?graph=ontology", 400, "jsonld-event cannot be made of the graph ontology alone"),
        ("/export/turtle?actor=" + "x" * 1001, 400, "more than 1000 characters"),
    ],
)
def test_what_cannot_be_exported_is_a_problem(client: TestClient, address: str, status: int, message: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert message in answer.json()["detail"]
    assert "content-disposition" not in answer.headers


def test_a_damaged_release_is_the_servers_fault_and_tells_no_place(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "release")
    file = tmp_path / "release" / "dataset.nq"
    file.write_bytes(file.read_bytes()[:-7])
    with TestClient(Application(ReleaseSource(tmp_path / "release", {}), settings(), {})) as client:
        for address in ("/export/claims.csv", "/export/turtle?document=901"):
            answer = client.get(address)
            assert (answer.status_code, "the release is damaged" in answer.json()["detail"]) == (500, True)
            assert str(tmp_path) not in answer.text


def test_other_methods_are_refused(client: TestClient) -> None:
    answer = client.post("/export/turtle")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_an_export_has_the_budgets_of_a_query(folder: Path) -> None:
    with TestClient(Application(ReleaseSource(folder, {}), settings(max_bytes=2048), {})) as client:
        answer = client.get("/export/nquads")
        assert answer.status_code == 503
        assert answer.json()["budget"] == "bytes"


def test_the_list_is_json_and_a_page_in_both_languages(client: TestClient) -> None:
    listed = client.get("/export", headers={"Accept": "application/json"})
    found = listed.json()["exports"]
    assert [form["name"] for form in found] == list(FORMS)
    assert client.get(found[0]["href"]).status_code == 200
    assert (
        client.get("/export", headers={"If-None-Match": listed.headers["etag"], "Accept": "application/json"}).status_code == 304
    )
    for language, word in (("en", "Exports"), ("ru", "Выгрузки")):
        page = client.get(f"/export?lang={language}", headers={"Accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert f"<h1>{word}</h1>" in page.text
        assert all(f'"/export/{form}' in page.text for form in FORMS)
    assert client.get("/export", headers={"Accept": "image/png"}).status_code == 406


def test_parquet_is_not_on_offer_where_it_cannot_be_written(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(negotiation, "WRITES_PARQUET", False)
    listed = [form["name"] for form in client.get("/export").json()["exports"]]
    assert listed == [name for name in FORMS if not name.endswith("parquet")]
    assert "/export/claims.parquet" not in client.get("/export?format=html").text
    refused = client.get("/export/claims.parquet")
    assert (refused.status_code, "relgraph[tables]" in refused.json()["detail"]) == (404, True)
    assert "parquet" not in client.get("/.well-known/void", headers={"Host": "other.example"}).text


@pytest.mark.parametrize(("form", "count"), [("turtle", 1), ("ntriples", 1), ("trig", 4), ("nquads", 4)])
def test_a_file_is_exported_as_rdf(dataset: TestClient, form: str, count: int) -> None:
    assert len(list(parse(dataset.get(f"/export/{form}").content, RDF[form]))) == count


def test_a_triple_of_several_graphs_of_a_file_is_written_once(dataset: TestClient) -> None:
    answer = dataset.get("/export/ntriples", params={"graph": ["urn:g", "urn:h"]})
    assert len(list(parse(answer.content, RdfFormat.N_TRIPLES))) == 2


def test_of_a_file_there_is_no_more_than_rdf(dataset: TestClient) -> None:
    assert dataset.get("/export/rdfxml").status_code == 200
    for form in ("claims", "jsonld", "claims.csv"):
        answer = dataset.get(f"/export/{form}")
        assert answer.status_code == 404
        assert "a file of RDF is served here" in answer.json()["detail"]
    assert "no parameter 'actor'" in dataset.get("/export/turtle?actor=x").json()["detail"]
    assert "no graph 'urn:none'" in dataset.get("/export/turtle?graph=urn:none").json()["detail"]
    assert [form["name"] for form in dataset.get("/export").json()["exports"]] == [*RDF, "rdfxml"]


def test_a_lack_of_room_is_the_servers_and_told_to_its_operator(caplog: pytest.LogCaptureFixture) -> None:
    refused = problem(RoomError("an export needs room for temporary files in /var/tmp: full"))
    assert refused.status == 503
    assert "/var/tmp" not in refused.detail
    assert "no room for temporary files" in caplog.text
