"""How an answer is asked for: format, suffix, language and conditions mean the same at every address, and what contradicts
itself is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from linked import get, released
from relgraph import questions
from relgraph.evaluation import GRAPH_FORMATS
from relgraph.project import Project
from relgraph.release import Release
from relgraph.serving.app import Application
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource

ASK = "/sparql?query=ASK%7B%7D"
DESCRIBE = "/sparql?query=DESCRIBE%20%3Cplace/alba%3E"
WHY = "/why?subject=place/alba&predicate=a&object=Place"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("manner"))


@pytest.fixture(scope="module")
def client(folder: Path, project: Project) -> Iterator[TestClient]:
    source = ReleaseSource(folder, questions.load(project.queries))
    with TestClient(Application(source, Settings(workers=1, client_seconds=0, log="off"), {}), follow_redirects=False) as client:
        yield client


# --- what contradicts itself ---------------------------------------------------------------------------------------------

ONCE = [
    ("/sparql", "format", "turtle", "nt"),
    (ASK, "format", "json", "xml"),
    (ASK, "timeout", "1", "2"),
    ("/graphs/asserted", "format", "turtle", "nt"),
    (WHY, "format", "json", "text"),
    (WHY, "lang", "en", "ru"),
    ("/queries", "format", "json", "html"),
    ("/queries/accessions", "format", "json", "csv"),
    ("/queries/accessions", "lang", "en", "ru"),
    ("/queries/accessions", "timeout", "1", "2"),
    ("/export", "format", "json", "html"),
    ("/export/turtle", "format", "turtle", "jsonld"),
    ("/export/turtle", "period", "1990", "1991"),
    ("/export/turtle?period=1990", "undated", "true", "false"),
    ("/.well-known/void", "format", "turtle", "nt"),
    ("/id/catalogue", "format", "turtle", "nt"),
    ("/id/place/alba", "format", "turtle", "nt"),
    ("/id/place/alba", "lang", "en", "ru"),
    ("/documents/901", "format", "turtle", "nt"),
    ("/documents/901", "char", "1,2", "2,3"),
    ("/ns", "format", "turtle", "nt"),
]


@pytest.mark.parametrize(("address", "name", "one", "other"), ONCE)
def test_what_can_have_one_value_is_given_once(client: TestClient, address: str, name: str, one: str, other: str) -> None:
    joint = "&" if "?" in address else "?"
    for first, second in ((one, other), (other, one)):
        answer = get(client, f"{address}{joint}{name}={first}&{name}={second}")
        assert answer.status_code == 400, answer.text
        assert answer.json()["detail"] == f"give {name} once; it is given 2 times"
        assert answer.json()["title"] == "Bad Request"


@pytest.mark.parametrize(
    ("formats", "media_type"),
    [
        (["tsv", "text/tab-separated-values"], "text/tab-separated-values; charset=utf-8"),
        (["tsv", ""], "text/tab-separated-values; charset=utf-8"),
        (["csv", "text/x-csv,text/csv+unheard"], "text/csv; charset=utf-8"),
    ],
)
def test_a_query_may_give_several_names_of_one_format_as_sparqlwrapper_does(
    client: TestClient, formats: list[str], media_type: str
) -> None:
    answer = client.get("/sparql", params={"query": "SELECT * {} ", "format": formats})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


@pytest.mark.parametrize(
    ("address", "same", "another"),
    [
        ("/export/turtle", "text/turtle", "jsonld"),
        ("/export/turtle.ttl", "turtle", "nquads"),
        ("/id/place/alba.ttl", "ttl", "jsonld"),
        ("/id/place/alba.html", "html", "turtle"),
        ("/documents/901.nt", "ntriples", "html"),
        ("/ns.rdf", "rdfxml", "turtle"),
        ("/queries/accessions.csv", "text/csv", "tsv"),
        ("/queries.json", "application/json", "html"),
        ("/id/catalogue.ttl", "turtle", "nt"),
        ("/id/catalogue.html", "html", "turtle"),
    ],
)
def test_a_format_that_the_address_contradicts_is_refused(client: TestClient, address: str, same: str, another: str) -> None:
    plain = get(client, address)
    assert get(client, f"{address}?format={same}").content == plain.content
    assert plain.status_code in (200, 303)
    answer = get(client, f"{address}?format={another}")
    assert (answer.status_code, answer.headers["content-type"]) in (
        (400, "application/problem+json"), (400, "text/html; charset=utf-8")
    )  # fmt: skip
    assert "Give one of the two" in answer.text


@pytest.mark.parametrize(
    "address", [WHY, "/queries/accessions", "/queries", "/export?format=html", "/export", "/id/place/alba", "/ns"]
)
def test_a_language_that_is_not_ours_is_refused(client: TestClient, address: str) -> None:
    answer = get(client, f"{address}{'&' if '?' in address else '?'}lang=xx")
    assert (answer.status_code, "lang is en or ru, not 'xx'" in answer.text.replace("&#39;", "'")) == (400, True)


# --- what is on offer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/.well-known/void", "/graphs/asserted", "/sparql"])
def test_an_unknown_format_of_a_graph_is_told_the_formats_of_graphs(client: TestClient, address: str) -> None:
    detail = get(client, f"{address}?format=foo").json()["detail"]
    listed = detail.partition("choose ")[2].removesuffix(" or html").split(", ")
    assert listed == [form.name for form in GRAPH_FORMATS]


@pytest.mark.parametrize(
    ("address", "there", "missing"),
    [
        ("/queries/accessions", ("json (", "parquet (", "html ("), ("turtle (",)),
        (ASK, ("json (", "tsv (", "html ("), ("parquet (", "turtle (")),
        (DESCRIBE, ("turtle (", "rdfxml (", "csv (", "html ("), ("parquet (",)),
        ("/graphs/asserted", ("turtle (",), ("csv (", "html (")),
        ("/.well-known/void", ("turtle (",), ("csv (", "html (")),
        ("/sparql", ("turtle (", "html ("), ("csv (",)),
    ],
)
def test_what_fits_nothing_is_told_what_there_is(
    client: TestClient, address: str, there: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    answer = get(client, address, "image/png")
    assert answer.status_code == 406
    detail = answer.json()["detail"]
    assert all(name in detail for name in there), detail
    assert not any(name in detail for name in missing), detail


@pytest.mark.parametrize(
    ("address", "title"),
    [
        (ASK.replace("ASK", "ASQ"), "The query cannot be answered"),
        ("/export/turtle?actor=nobody", "Bad Request"),
        ("/id/place/alba?format=docx", "Bad Request"),
        ("/queries/accessions?format=docx", "Bad Request"),
    ],
)
def test_the_title_of_a_problem_speaks_of_a_query_only_where_there_is_one(client: TestClient, address: str, title: str) -> None:
    answer = get(client, address)
    assert (answer.status_code, answer.json()["title"]) == (400, title)


# --- conditions ----------------------------------------------------------------------------------------------------------

WHOLE = [
    "/sparql", ASK, "/.well-known/void", "/queries.json", "/export?format=json", "/export/turtle", "/files/current/manifest.json",
    "/ns/context.jsonld", "/id/place/alba.html", "/id/place/alba.ttl", "/graphs/asserted",
]  # fmt: skip


@pytest.mark.parametrize("address", WHOLE)
def test_what_the_client_has_is_not_sent_again(client: TestClient, address: str) -> None:
    whole = get(client, address)
    tag = whole.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = get(client, address, If_None_Match=known)
        assert (answer.status_code, answer.content) == (304, b""), known
        for name in ("etag", "vary", "cache-control", "content-location", "link"):
            assert answer.headers.get(name) == whole.headers.get(name), name
    for unknown in ('"other"', tag[:-1] + '-"', tag.strip('"')):
        assert get(client, address, If_None_Match=unknown).status_code == 200, unknown


@pytest.mark.parametrize("address", WHOLE)
def test_heads_are_those_of_the_whole(client: TestClient, address: str) -> None:
    whole, head = get(client, address), client.head(address, headers={"Accept": ""})
    assert (head.status_code, head.content) == (200, b"")
    own = ("date", "x-request-id")
    assert {k: v for k, v in head.headers.items() if k not in own} == {k: v for k, v in whole.headers.items() if k not in own}
    assert whole.headers["cache-control"].startswith("public, max-age=")


@pytest.mark.parametrize("address", [ASK, "/id/place/alba.ttl", "/export/turtle", "/graphs/asserted"])
def test_another_version_of_the_software_may_answer_otherwise(
    client: TestClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = get(client, address).headers["etag"]
    monkeypatch.setattr("relgraph.serving.http.jobs.__version__", "0.0.0")
    assert get(client, address, If_None_Match=tag).status_code == 200


def test_a_suffix_and_a_name_of_the_real_release_agree(release: Release) -> None:
    with TestClient(Application(ReleaseSource(release.path, {}), Settings(workers=1, log="off"), {})) as client:
        assert get(client, "/id/state/RUS.ttl?format=jsonld").status_code == 400
        assert get(client, "/id/state/RUS.ttl?format=turtle").status_code == 200
