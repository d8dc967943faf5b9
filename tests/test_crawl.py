"""The whole release, crawled: every IRI in HTML, Turtle, JSON-LD and N-Triples under awkward Accept headers, and every link.

`python tests/crawling.py URL DATASET` does also what is done here for a part only.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from crawling import ACCEPTS, ROOT, Crawler, addresses, iris
from relgraph.release import Release
from server import Server

#: One in so many addresses is also asked for by suffix, with HEAD and with If-None-Match, and followed from the pages.
THOROUGH = 13
#: One in so many of the links that lead to explanations, queries and the forms that are not crawled.
SAMPLE = 97
_FORM = re.compile(r"\.(ttl|jsonld|nt|nq|trig|rdf)(\?|$)")


@pytest.fixture(scope="module")
def server(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("crawl") / "log", "--release", release.path, LOG="errors") as server:
        yield server


def queries(server: Server) -> float:
    """How many queries the server has counted, those that it answered from its cache among them."""
    return sum(server.metric(f'relgraph_queries_total{{outcome="{outcome}"}}') for outcome in ("ok", "cached", "not_modified"))


def test_every_iri_of_the_release_resolves_in_every_form(server: Server, release: Release) -> None:
    names = iris(release.path / "dataset.nq")
    paths = addresses(names)
    assert len(names) > 3_000
    assert set().union(*paths.values()) == names  # nothing is left out
    crawler = Crawler(server.url)
    crawler.crawl(paths, lambda number: number % THOROUGH == 0)
    answers = crawler.requests[200] + crawler.requests[304]
    assert crawler.faults == []
    assert answers >= 4 * len(paths) - 1  # each address in each form; a version of the ontology has no page
    assert queries(server) <= answers  # one query a page, at most
    links = sorted(crawler.links)
    pages = [link for link in links if not link.startswith(("/why?", "/query?")) and not _FORM.search(link)]
    others = sorted(set(links) - set(pages))
    assert len(pages) > 3_000
    assert len(others) > 10_000
    crawled = {path.partition("?")[0] for path in paths}
    known = [link for link in pages if link.partition("?")[0] in crawled]  # in another language, or as of this release
    crawler.follow([*sorted(set(pages) - set(known)), *known[::THOROUGH], *others[::SAMPLE]])
    assert crawler.faults == []
    linked = {link.partition("?")[0].removesuffix(".html") for link in pages if link.startswith(("/id/", "/ns"))}
    assert linked <= crawled  # no page links to what is not in the release


def test_the_crawler_finds_fault(server: Server) -> None:
    crawler = Crawler(server.url)
    wrong = {
        "/id/state/NOWHERE": {ROOT + "id/state/NOWHERE"},
        "/id/state/RUS": {ROOT + "id/state/RUS", ROOT + "id/state/NOWHERE"},
        "/documents/000?char=1,2": {ROOT + "id/document/000#char=1,2"},
    }
    crawler.crawl(wrong, lambda number: True)
    assert len([fault for fault in crawler.faults if "gives 404" in fault]) == 8
    assert len([fault for fault in crawler.faults if "does not mention" in fault]) == 3
    for number, _ in enumerate(ACCEPTS["html"]):  # a version that is not there, under every header; the numbers choose them
        found = Crawler(server.url)
        found.crawl({f"/a/{n}": set() for n in range(number)} | {"/ns/99.0.0": {ROOT + "ns/99.0.0"}}, lambda number: False)
        assert any(fault.startswith("/ns/99.0.0") and " gives 404 not " in fault for fault in found.faults)
    crawler.follow(["/id/state/NOWHERE"])
    assert crawler.faults[-1] == "/id/state/NOWHERE is linked and gives 404"


@pytest.mark.parametrize(
    "target",
    [
        b"/id/state/../state/RUS", b"/id/state/RUS/..", b"/id/state/RUS/.", b"/id/../../etc/passwd",
        b"/id/..%2f..%2fetc%2fpasswd",
        b"/id/%2e%2e/%2e%2e/etc/passwd", b"/id/state/RUS%00", b"/id/state/RUS%00.ttl", b'/id/state/"RUS"', b"/id/state/R\\US",
        b"/id/state/<RUS>", b"/id/state/%ff", b"/id/state/" + "РОССИЯ".encode(), b"/id/state/" + "😀".encode(), b"/id/state/\xff",
        b"/documents/..%2f000", b"/ns/..", b"/ns/../id/state/RUS", b"/id/" + b"a/" * 20_000, b"/id/" + b"%41" * 30_000,
    ],
)  # fmt: skip
def test_no_target_leads_anywhere_else(server: Server, target: bytes) -> None:
    """Sent as it is, which libraries would not do: nothing but a plain refusal comes back, and the server goes on."""
    with socket.create_connection(server.address, timeout=30) as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: e.org\r\nAccept: text/turtle\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.split(b" ", 2)[1] in (b"400", b"404", b"414"), answer[:300]
    assert b"root:" not in answer
    assert server.get("id/state/RUS.ttl").status_code == 200
