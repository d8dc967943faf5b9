"""/id/…, /ns… and /documents/…: from an IRI to what is said of it, whatever the IRI looks like and whoever asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from linked import AWKWARD, CONTEXT, NS, REDIRECTS, get, links, released, served, subjects
from mini import OPENED, VISIT, span
from relgraph.serving.app import Application
from relgraph.serving.pages import resources
from relgraph.serving.pages.resources import FORMS, Form
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import DatasetSource
from relgraph.vocabulary import ID

RDF_TYPES = {form.media_type for form in FORMS[1:]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("linked"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder) as client:
        yield client


# --- things: 303 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_thing_leads_to_a_document_about_it_in_the_form_that_is_wanted(client: TestClient, form: resources.Form) -> None:
    answer = get(client, "/id/event/visit-stone", form.media_type)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/id/event/visit-stone.{form.suffix}"
    assert "Accept" in answer.headers["vary"]
    assert answer.content == b""
    document = get(client, answer.headers["location"], "image/png")  # who names a form wants it
    assert document.status_code == 200
    assert document.headers["content-type"].partition(";")[0] == form.media_type
    assert f"{ID}event/visit-stone" in document.text or "event:visit-stone" in document.text


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("", "html"),
        ("*/*", "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("text/turtle;q=0.9, text/html;q=0.1", "ttl"),
        ("application/rdf+xml, text/turtle;q=0.5, */*;q=0.1", "rdf"),
        ("text/html;q=0, */*", "ttl"),
        ("application/json", "jsonld"),
        ("text/plain", "nt"),
        ("@, application/n-quads", "nq"),
    ],
)
def test_awkward_headers_are_understood(client: TestClient, accept: str, suffix: str) -> None:
    assert get(client, "/id/place/alba", accept).headers["location"] == f"/id/place/alba.{suffix}"


def test_the_language_of_a_page_is_kept_on_the_way(client: TestClient) -> None:
    assert get(client, "/id/place/alba?lang=ru").headers["location"] == "/id/place/alba.html?lang=ru"
    assert get(client, "/id/place/alba?lang=ru", "text/turtle").headers["location"] == "/id/place/alba.ttl"


def test_a_form_by_name_is_given_at_once(client: TestClient) -> None:
    answer = get(client, "/id/place/alba?format=nt", "text/html")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/n-triples")
    assert answer.content == get(client, "/id/place/alba.nt").content


def test_every_answer_links_to_all_forms_and_to_what_it_is_about(client: TestClient) -> None:
    for path, accept in (("", ""), (".ttl", ""), (".html", ""), ("", "image/png")):
        answer = get(client, "/id/place/alba" + path, accept)
        assert links(answer, "alternate") == {form.media_type: f"/id/place/alba.{form.suffix}" for form in FORMS}, path
        if answer.status_code != 406:
            assert links(answer, "describes") == {"": f"{ID}place/alba"}


def test_what_no_form_fits_is_told_with_the_list_of_forms(client: TestClient) -> None:
    answer = get(client, "/id/place/alba", "image/png, text/html;q=0")
    assert answer.status_code == 406
    for form in FORMS:
        assert form.media_type in answer.json()["detail"]
    assert get(client, "/id/place/alba", "nonsense").status_code == 400
    assert get(client, "/id/place/alba?format=docx").status_code == 400


# --- keys ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", AWKWARD)
def test_any_key_is_found_as_clients_send_it(client: TestClient, key: str) -> None:
    path = "/id/" + quote(key, safe="/:@!$&'()*+,;=~%")  # as RFC 3987 section 3.1 has it
    answer = get(client, path, "text/turtle")
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].isascii()
    document = get(client, answer.headers["location"], "text/turtle")
    assert document.status_code == 200
    assert ID + key in subjects(document)
    page = get(client, get(client, path, "text/html").headers["location"], "text/html")
    assert page.status_code == 200
    assert "&lt;" + key.replace("&", "&amp;").replace("'", "&#39;") + "&gt;" in page.text


def test_the_exact_key_wins_over_a_suffix(client: TestClient) -> None:
    assert get(client, "/id/place/a.ttl").headers["location"] == "/id/place/a.ttl.html"
    assert subjects(get(client, "/id/place/a.ttl.ttl")) == {ID + "place/a.ttl"}
    assert subjects(get(client, "/id/place/a.nt"), ox.RdfFormat.N_TRIPLES) == {ID + "place/a"}
    assert get(client, "/id/place/a", "text/turtle").headers["location"] == "/id/place/a?format=turtle"
    assert subjects(get(client, "/id/place/a?format=turtle")) == {ID + "place/a"}
    assert '"/id/place/a?format=turtle"' in get(client, "/id/place/a.html").text


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/id/place/%61lba", "place/alba"),
        ("/id/%70lace/alba", "place/alba"),
        ("/id/place/a%2fb", "place/a%2Fb"),
        ("/id/place/%d0%90%d0%bb%D1%8C%D0%b1%d0%B0", "place/Альба"),
        ("/id/place/%f0%9f%98%80", "place/😀"),
        ("/id/place/a%c3", "place/a%C3"),
        ("/id/place/%7Ex", "place/~x"),
    ],
)
def test_escapes_mean_the_same_however_they_are_written(client: TestClient, path: str, key: str) -> None:
    answer = get(client, path, "text/turtle")
    assert answer.status_code == 303
    assert ID + key in subjects(get(client, answer.headers["location"]))


def test_an_escape_in_the_key_itself_wins(client: TestClient) -> None:
    assert subjects(get(client, "/id/place/%D0%91.ttl")) == {ID + "place/%D0%91"}


@pytest.mark.parametrize(
    "path",
    [
        "/id/place/al ba", "/id/place/al%20ba", '/id/place/"', "/id/place/%22", "/id/place/<b>", "/id/place/%3Cscript%3E",
        "/id/place/%00", "/id/place%2Falba", "/id/place/alba/", "/id/place/ALBA", "/id/place/../place/alba%2F..",
        "/id/%2e%2e/id/place/alba", "/id/", "/id/place/a%", "/id/place/a%zz", "/id/place/%FF%FE", "/id/place/Брин",
        "/id/place/😈", "/id/place/" + "x" * 5000,
        "/id/place/" + "%D0%90" * 3000, "/id//place/alba", "/id/place/alba.docx", "/id/.ttl", "/ns/", "/ns/nothing", "/ns/.ttl",
        "/documents/", "/documents/000", "/documents/901/section/body", "/documents/901.", "/id/place/a\u202eb", "/ns.html.ttl",
    ],
)  # fmt: skip
def test_an_unknown_iri_is_not_found_in_the_type_asked_for(client: TestClient, path: str) -> None:
    plain = get(client, path, "text/turtle")
    assert plain.status_code == 404, plain.text
    assert plain.headers["content-type"].partition(";")[0] in RDF_TYPES
    assert "404 Not Found" in plain.text
    told = get(client, path, "application/json")
    assert told.status_code == 404
    if told.headers["content-type"] == "application/problem+json":
        assert " ".join(told.json()["detail"].split()) in plain.text
    page = get(client, path, "text/html,*/*;q=0.8", Accept_Language="ru")
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="ru">' in page.text
    assert "<b>" not in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize("form", FORMS[1:], ids=lambda form: form.suffix)
@pytest.mark.parametrize("key", ["place/none", "place/--", '"\u0000<&>\n<urn:a> <urn:b> <urn:c> .', "\ufffe😈", "x" * 3000])
def test_what_is_not_there_is_rdf_without_a_triple(client: TestClient, key: str, form: Form) -> None:
    """Asked for by header, by suffix, by name and by HEAD."""
    path = "/id/" + quote(key, safe="")
    by_header, head = get(client, path, form.media_type), client.head(path, headers={"Accept": form.media_type})
    answers = [by_header, get(client, f"{path}.{form.suffix}"), get(client, f"{path}?format={form.name}")]
    for answer in (*answers, head):
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (404, form.media_type)
        assert answer.headers["cache-control"] == "no-store"
    for answer in answers:
        assert "404" in answer.text
        assert list(ox.parse(answer.content, format=form.format.engine)) == []  # type: ignore[union-attr, arg-type]  # not HTML
    assert (head.content, head.headers["content-length"]) == (b"", by_header.headers["content-length"])


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml, text/turtle;q=0.5, */*;q=0.1", "application/rdf+xml"),
        ("text/turtle;q=0.3, text/html", "text/html; charset=utf-8"),
        ("image/png", "application/problem+json"),
        ("nonsense", "application/problem+json"),
    ],
)
def test_what_is_not_there_is_told_in_the_type_that_was_asked_for(client: TestClient, accept: str, media_type: str) -> None:
    answer = get(client, "/id/place/none", accept)
    assert (answer.status_code, answer.headers["content-type"]) == (404, media_type)
    if "json" in media_type:
        assert answer.json()["status"] == 404


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_text_behind_id_is_found_or_not_and_never_fails(client: TestClient, text: str) -> None:
    path = "/id/" + quote(text, safe="/%")
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code in (303, 200, 404), (path, answer.text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_the_normal_spelling_is_one(text: str) -> None:
    escaped = quote(text, safe="/")
    lower = re.sub("%..", lambda match: match[0].lower(), escaped)
    every = "".join(f"%{octet:02x}" if octet != 0x2F else "/" for octet in text.encode())
    assert resources.normal(escaped) == resources.normal(lower)
    assert resources.normal(resources.normal(escaped)) == resources.normal(escaped)
    assert resources.normal(quote(resources.normal(every), safe="/%")) == resources.normal(every)


# --- hash namespaces -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "term"), [("/ns", f"{NS}#Visit"), ("/ns/modality", f"{NS}/modality#Asserted")])
def test_a_namespace_is_answered_at_once_with_all_of_its_terms(client: TestClient, path: str, term: str) -> None:
    for accept, suffix in (("text/turtle", "ttl"), ("text/html", "html"), ("application/n-triples", "nt")):
        answer = get(client, path, accept)
        assert answer.status_code == 200
        assert answer.headers["content-location"] == f"{path}.{suffix}"
        assert links(answer, "canonical") == {"": f"https://w3id.org/relgraph{path}"}
        suffixed = get(client, f"{path}.{suffix}")
        assert suffixed.content == answer.content
        assert suffixed.headers["etag"] == answer.headers["etag"]
    assert term in subjects(get(client, path, "text/turtle"))
    page = get(client, path, "text/html").text
    assert f'id="{term.rpartition("#")[2]}"' in page  # so that a browser finds the term


def test_a_version_of_the_ontology_is_always_data(client: TestClient) -> None:
    answer = get(client, "/ns/0.1.0", "text/html, */*;q=0.1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/turtle; charset=utf-8")
    assert f"{NS}#Visit" in subjects(answer)
    assert get(client, "/ns/0.1.0", "text/html").status_code == 406
    assert get(client, "/ns/0.1.0.jsonld").headers["content-type"] == "application/ld+json"
    assert get(client, "/ns/0.1.0.html").status_code == 404
    assert "text/html" not in links(answer, "alternate")
    assert get(client, "/ns/9.9.9").status_code == 404


def test_the_context_is_served(client: TestClient) -> None:
    answer = get(client, "/ns/context.jsonld", "text/html")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "application/ld+json", CONTEXT)
    assert get(client, "/ns/context.jsonld", If_None_Match=answer.headers["etag"]).status_code == 304


# --- documents and spans -------------------------------------------------------------------------------------------------


def test_a_document_has_its_own_address(client: TestClient) -> None:
    assert get(client, "/id/document/901", "text/turtle").headers["location"] == "/documents/901"
    answer = get(client, "/documents/901", "text/turtle")
    assert answer.status_code == 200
    assert answer.headers["content-location"] == "/documents/901.ttl"
    start, end, _ = span("901", VISIT)
    assert {f"{ID}document/901", f"{ID}document/901/section/body", f"{ID}document/901#char={start},{end}"} <= subjects(answer)
    assert get(client, "/id/document/901/section/body", "text/turtle").headers["location"] == "/id/document/901/section/body.ttl"


def test_a_span_is_asked_for_by_its_characters(client: TestClient) -> None:
    start, end, digest = span("901", VISIT)
    path = f"/documents/901?char={start},{end}"
    assert get(client, f"/id/document/901?char={start},{end}").headers["location"] == path
    answer = get(client, path, "text/turtle")
    assert answer.headers["content-location"] == f"/documents/901.ttl?char={start},{end}"
    assert {f"{ID}document/901#char={start},{end}", f"{ID}claim/901-0002.1", f"{ID}claim/901-0002.2"} <= subjects(answer)
    page = get(client, path, "text/html").text
    assert str(digest) in page
    assert "line 4" in page
    assert "Visit: Ada Stone to Alba" in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/documents/901?char=1,2", 404),
        ("/documents/901?char=2,1", 400),
        ("/documents/901?char=1", 400),
        ("/documents/901?char=", 400),
        ("/documents/901?char=-1,5", 400),
        ("/documents/901?char=01,5", 400),
        ("/documents/901?char=1,5%20", 400),
        ("/documents/901?char=%D9%A1,5", 400),
        ("/documents/901?char=0," + "9" * 30, 400),
        ("/documents/999?char=1,5", 404),
        ("/id/place/alba?char=1,5", 400),
    ],
)
def test_a_span_that_cannot_be_or_is_not_known_is_refused(client: TestClient, path: str, status: int) -> None:
    answer = get(client, path, "text/turtle")
    assert answer.status_code == status
    assert answer.headers["content-type"] == ("application/problem+json" if status == 400 else "text/turtle; charset=utf-8")


# --- HTTP ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/id/place/alba.html", "/id/place/alba.ttl", "/ns.nt", "/documents/901"])
def test_what_is_known_is_not_sent_again(client: TestClient, path: str) -> None:
    answer = get(client, path)
    tag = answer.headers["etag"]
    assert re.fullmatch(r'"\w+"', tag)
    assert get(client, path).headers["etag"] == tag
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = get(client, path, If_None_Match=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert get(client, path, If_None_Match='"x"').status_code == 200


def test_each_form_language_and_resource_has_an_etag_of_its_own(client: TestClient) -> None:
    paths = [f"/id/place/{key}.{form.suffix}" for key in ("alba", "brin") for form in FORMS]
    assert len({get(client, path).headers["etag"] for path in paths}) == len(paths)


@pytest.mark.parametrize(
    "path", ["/id/place/alba", "/id/place/alba.html", "/id/place/alba.ttl", "/id/nothing", "/ns/context.jsonld"]
)
def test_head_is_get_without_the_body(client: TestClient, path: str) -> None:
    whole, head = get(client, path), client.head(path, headers={"Accept": ""})
    assert head.content == b""
    assert head.status_code == whole.status_code
    for name in ("content-type", "content-length", "etag", "link", "location", "vary"):
        assert head.headers.get(name) == whole.headers.get(name), name


def test_a_release_that_was_asked_for_is_kept_on_the_way(client: TestClient) -> None:
    release = get(client, "/id/place/alba").headers["relgraph-release"]
    answer = get(client, f"/id/place/alba?release={release}&lang=ru")
    assert answer.headers["location"] == f"/id/place/alba.html?release={release}&lang=ru"
    assert links(answer, "alternate")["text/turtle"] == f"/id/place/alba.ttl?release={release}"
    page = get(client, answer.headers["location"])
    start, end, _ = span("902", OPENED)
    assert f"/documents/902?char={start},{end}&amp;lang=ru&amp;release={release}" in page.text
    assert get(client, "/id/document/901?release=" + release).headers["location"] == f"/documents/901?release={release}"
    assert page.headers["etag"] != get(client, "/id/place/alba.html?lang=ru").headers["etag"]


def test_other_methods_are_not_allowed(client: TestClient) -> None:
    answer = client.post("/id/place/alba")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options("/id/place/alba").status_code == 204


def test_pages_of_other_origins_may_read_and_see_the_links(folder: Path) -> None:
    with served(folder, cors_origins=["*"]) as client:
        answer = get(client, "/id/place/alba.ttl", Origin="https://example.org")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"Link", "ETag", "Content-Location"} <= set(answer.headers["access-control-expose-headers"].split(", "))


# --- retired -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/event/visit-of-stone", "/id/event/visit-stone"),
        ("/id/event/visit-of-stone.ttl", "/id/event/visit-stone.ttl"),
        ("/id/event/visit-of-stone?lang=ru", "/id/event/visit-stone?lang=ru"),
        ("/id/event/visit%2Dof-stone", "/id/event/visit-stone"),
        ("/documents/900", "/documents/901"),
        ("/id/document/900", "/documents/901"),
    ],
)
def test_a_retired_key_leads_to_what_took_its_place(client: TestClient, path: str, location: str) -> None:
    answer = get(client, path, "text/turtle")
    assert (answer.status_code, answer.headers["location"]) == (301, location)
    assert get(client, location, "text/turtle").status_code in (200, 303)


def test_what_nothing_took_the_place_of_is_gone_and_the_reason_is_told(client: TestClient) -> None:
    answer = get(client, "/id/event/nothing", "text/turtle")
    assert answer.status_code == 410
    assert answer.text.startswith("# 410 Gone: ")
    assert "the passage was misread" in answer.text
    assert "the passage was misread" in get(client, "/id/event/nothing", "application/json").json()["detail"]
    page = get(client, "/id/event/nothing.html")
    assert (page.status_code, page.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert "the passage was misread" in page.text


def test_the_table_goes_with_the_release(folder: Path) -> None:
    assert (folder / "redirects.tsv").read_text("utf-8") == REDIRECTS


def test_a_file_of_rdf_has_no_resources_and_that_is_said(tmp_path: Path) -> None:
    file = tmp_path / "data.ttl"
    file.write_text(f"<{ID}place/alba> <urn:p> 1 .", "utf-8")
    with TestClient(Application(DatasetSource(file), Settings(workers=1, log="off"), {})) as client:
        answer = client.get("/id/place/alba")
        assert answer.status_code == 404
        assert "file of RDF" in answer.json()["detail"]
