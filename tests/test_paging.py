"""How pages are made: kept, compressed, charged, beside the event loop, and for nobody who has left."""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from linked import get, released, served
from relgraph.serving.http import jobs
from relgraph.serving.http.paging import Page, Pager
from relgraph.serving.pages.layout import Layout
from relgraph.serving.settings import Settings
from relgraph.serving.workers.frames import Frame, Kind
from relgraph.vocabulary import ASSERTED, PROVENANCE
from server import DEADLINE, Server, eventually

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ROWS = "/query?query=" + quote("SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 200")
#: A page of every kind.
PAGES = ["/", "/queries", "/export", "/releases", "/docs", "/id/place/alba.html", "/documents/901.html", ROWS]
#: Runs longer than any test waits.
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("paging"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder) as client:
        yield client


def count(client: TestClient, outcome: str) -> int:
    """The pages and queries that ended so."""
    found = re.search(rf'^relgraph_queries_total{{outcome="{outcome}"}} (\d+)', client.get("/metrics").text, re.MULTILINE)
    return int(found[1]) if found else 0


# --- kept and compressed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_the_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    first = get(client, path, BROWSER)
    assert (first.status_code, first.headers["content-type"]) == (200, "text/html; charset=utf-8")
    again = get(client, path, BROWSER, If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert get(client, path, BROWSER, Accept_Language="ru").headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_made_once(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = get(client, path, BROWSER)
    monkeypatch.delattr(Layout, "page")
    assert get(client, path, BROWSER).content == first.content


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("path", ["/docs", "/documents/901.html", ROWS])
def test_pages_are_coded_as_the_client_likes(client: TestClient, path: str, coding: str) -> None:
    plain = get(client, path, BROWSER, Accept_Encoding="identity")
    with client.stream("GET", path, headers={"Accept": BROWSER, "Accept-Encoding": coding}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == coding
    assert answer.headers["etag"] != plain.headers["etag"]
    assert len(raw) < len(plain.content) / 2
    assert coding != "gzip" or gzip.decompress(raw) == plain.content


def test_a_page_of_a_query_that_may_answer_otherwise_is_not_kept(client: TestClient) -> None:
    first, second = (get(client, "/query?query=" + quote("SELECT (STRUUID() AS ?id) {}"), BROWSER) for _ in range(2))
    assert first.text != second.text
    assert ("etag" in first.headers, first.headers["cache-control"]) == (False, "no-cache")


@pytest.mark.parametrize("path", ["/id/place/alba.html", "/id/place/alba.ttl"])
def test_another_version_of_the_software_has_other_tags(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = get(client, path).headers["etag"]
    monkeypatch.setattr(jobs, "__version__", "999")
    assert get(client, path, If_None_Match=before).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/sparql", ROWS.replace("/query", "/sparql", 1), "/queries/none"])
def test_a_page_says_that_it_depends_on_what_is_accepted(client: TestClient, path: str) -> None:
    """Each is kept by caches beside the data that have the same address."""
    vary = {name.strip() for name in get(client, path, BROWSER).headers["vary"].split(",")}
    assert {"Accept", "Accept-Encoding", "Accept-Language"} <= vary


# --- charged, and beside the event loop ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "paths",
    [
        [f"/queries?n={number}" for number in range(4)],
        [f"/docs?n={number}" for number in range(4)],
        [f"{ROWS}&n={number}" for number in range(4)],
        ["/id/place/alba.html", "/id/place/alba.html?lang=ru", "/documents/901.html", "/documents/901.html?lang=ru"],
    ],
    ids=lambda paths: paths[0][:10],
)
def test_making_a_page_is_charged(folder: Path, paths: list[str]) -> None:
    with served(folder, client_seconds=0.001) as client:
        statuses = [get(client, path, BROWSER).status_code for path in paths]
        assert (statuses[0], statuses[-1]) == (200, 429)
        refused = get(client, paths[-1], BROWSER)
        assert int(refused.headers["retry-after"]) > 0
        told = "время запросов" if "lang=ru" in paths[-1] else "query time a minute"
        assert told in unescape(refused.text)
        assert get(client, paths[0], BROWSER).status_code == 200  # it is at hand


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_made_one_at_a_time_beside_the_event_loop(folder: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, threads = Layout.page, []

    def page(*arguments: object, **values: object) -> bytes:
        threads.append(threading.current_thread())
        return made(*arguments, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(Layout, "page", page)
    with served(folder) as client:
        loop = client.portal.call(threading.current_thread)  # type: ignore[union-attr]
        asking = [
            threading.Thread(target=get, args=(client, f"{path}{'&' if '?' in path else '?'}n={n}", BROWSER)) for n in range(6)
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(DEADLINE)
    assert threads
    assert loop not in threads
    assert len(set(threads)) == 1


def test_a_page_that_takes_too_long_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(Layout, "page", lambda *_, **__: done.wait(DEADLINE))
    with served(folder, query_timeout=0.2) as client:
        monkeypatch.setattr("relgraph.serving.pages.portraits.Portraits.failure", lambda *_: b"refused")
        answer = get(client, ROWS, BROWSER)
        assert (answer.status_code, answer.content) == (504, b"refused")
        done.set()


# --- whose client has left ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [ROWS, ROWS.replace("/query", "/sparql", 1), "/id/place/alba.html", "/documents/901.html"])
def test_a_page_ends_when_its_client_goes_away(folder: Path, path: str, tmp_path: Path) -> None:
    with Server(tmp_path / "log", "--release", folder, WORKERS=1) as server:
        with server.asking(LONG):
            eventually(lambda: server.metric("relgraph_queries_running") == 1)
            with socket.create_connection(server.address, timeout=DEADLINE) as leaving:
                leaving.sendall(f"GET {path} HTTP/1.1\r\nHost: e.org\r\nAccept: text/html\r\n\r\n".encode())
                eventually(lambda: server.metric("relgraph_queue") == 1)
            eventually(lambda: server.metric("relgraph_queue") == 0)
            assert server.metric("relgraph_queries_running") == 1  # it has not had its turn
        eventually(lambda: server.metric('relgraph_queries_total{outcome="disconnected"}') == 2)


def test_the_query_of_a_page_ends_when_its_client_goes_away(folder: Path, tmp_path: Path) -> None:
    with Server(tmp_path / "log", "--release", folder, WORKERS=1) as server:
        with socket.create_connection(server.address, timeout=DEADLINE) as leaving:
            leaving.sendall(f"GET /query?query={quote(LONG)} HTTP/1.1\r\nHost: e.org\r\nAccept: text/html\r\n\r\n".encode())
            eventually(lambda: server.metric("relgraph_queries_running") == 1)
        eventually(lambda: server.metric("relgraph_queries_running") == 0, 10)  # within its time of 30 s
        assert server.metric('relgraph_queries_total{outcome="disconnected"}') == 1


# --- the same answer in the other language, and again ---------------------------------------------------------------------------


def shown(page: str) -> str:
    """The first cell of the table on a page."""
    return str(re.findall(r"<td[^>]*>([^<]*)</td>", page)[0])


def test_a_page_keeps_the_graphs_and_the_time_of_a_query(client: TestClient) -> None:
    graphs = "".join(f"&default-graph-uri={quote(graph.value)}" for graph in (ASSERTED, PROVENANCE))
    count = quote("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    page = get(client, f"/query?query={count}{graphs}&timeout=9&lang=en", BROWSER).text
    (other,) = re.findall(r'<a href="([^"]*)" hreflang="ru"', page)
    assert shown(get(client, "/query" + unescape(other), BROWSER).text) == shown(page)
    form = page[page.index('<form action="/query"') :]
    hidden = [(name, unescape(value)) for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)]
    kept = [("default-graph-uri", ASSERTED.value), ("default-graph-uri", PROVENANCE.value), ("timeout", "9")]
    assert hidden == [("lang", "en"), *kept]
    assert re.findall("lang=[a-z]*", other) == ["lang=ru"]


def test_all_pages_have_the_same_frame(client: TestClient) -> None:
    frames = set()
    for path in PAGES:
        page = get(client, path + ("&" if "?" in path else "?") + "lang=en", BROWSER).text
        frames.add((re.sub("<title>.*</title>|<nav>.*</nav>", "", page[: page.index("<main>")]), page[page.index("</main>") :]))
    assert len(frames) == 1


def test_who_asks_for_many_pages_does_not_keep_others_waiting() -> None:
    made: list[str] = []

    async def run() -> None:
        nobody: Any = None  # what making a page by itself has no use for
        pager = Pager(Settings(), nobody, nobody, nobody, nobody)
        frame = Frame(Kind.ANSWER, {}, b"")

        async def asked(client: str) -> None:
            def make(_: Frame) -> bytes:
                made.append(client)
                return b"a page"

            await pager._rendered(client, Page("en", (), make, job={}), frame, None, DEADLINE, lambda spent: None)

        await asyncio.gather(*(asked("many") for _ in range(10)), asked("one"))
        pager.close()

    asyncio.run(run())
    assert made.index("one") <= 1, made
    assert len(made) == 11
