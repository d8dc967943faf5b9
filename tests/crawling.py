"""A crawler of a running server: every IRI of a release, in every form, as clients of all kinds ask for them.

It knows nothing of relgraph but the namespace and what HTTP and RDF say. As a script it does all checks on all IRIs:

    python tests/crawling.py http://127.0.0.1:8000/ build/current/dataset.nq
"""

from __future__ import annotations

import html
import http.client
import re
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

ROOT = "https://w3id.org/relgraph/"
#: Accept headers that must all lead to the form, by its suffix: of browsers, of libraries, of Java, badly written, by wildcards.
ACCEPTS = {
    "html": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/html",
        "*/*",
        "",
        "TEXT/HTML ;Q=1.0 , text/turtle;q=0.9",
        "application/xhtml+xml",
        "text/turtle;q=0.2, text/*;q=0.5",
        "text/html, image/gif, *; q=.2, */*; q=.2",
        "@, text/html",
    ),
    "ttl": (
        "text/turtle",
        "application/x-turtle, */*;q=0.1",
        "text/html;q=0.1, text/turtle;q=0.9",
        "text/*, text/html;q=0",
        'text/turtle;note="a, b;q=0";q=0.5',
        "text/turtle;charset=utf-8, ,",
        "application/rdf+xml;q=0.3,text/turtle;q=0.301",
    ),
    "jsonld": (
        "application/ld+json",
        "application/json",
        'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"',
        "application/ld+json;q=0.9,text/html;q=0.8,*/*;q=0.1",
        "text/html;q=0, application/*",
    ),
    "nt": (
        "application/n-triples",
        "text/plain",
        "text/html;q=.2, text/plain; q=.3",
        "application/n-triples;q=1.000, text/turtle;q=0.999",
    ),
}
TYPES = {
    "html": "text/html; charset=utf-8",
    "ttl": "text/turtle; charset=utf-8",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
}
SYNTAXES = {"ttl": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD, "nt": ox.RdfFormat.N_TRIPLES}
_LINK = re.compile(r'<([^>]*)>\s*;\s*rel="([^"]*)"(?:\s*;\s*type="([^"]*)")?')
_HREF = re.compile(r'href="(/[^"]*)"')


class Answer(NamedTuple):
    """A response: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def iris(dataset: Path) -> set[str]:
    """Every IRI of the namespace in any position of an N-Quads file, datatypes among them."""
    found = set()
    for quad in ox.parse(path=str(dataset), format=ox.RdfFormat.N_QUADS):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            term = term.datatype if isinstance(term, ox.Literal) else term
            if isinstance(term, ox.NamedNode) and term.value.startswith(ROOT):
                found.add(term.value)
    return found


def addresses(names: Iterable[str]) -> dict[str, set[str]]:
    """Paths to ask for, each with the IRIs that it must speak of: an IRI without its fragment, and a span also by ?char=."""
    found: dict[str, set[str]] = defaultdict(set)
    for iri in names:
        path, _, fragment = iri.removeprefix(ROOT).partition("#")
        found["/" + quote(path, safe="/:@!$&'()*+,;=~%")].add(iri)
        if fragment.startswith("char="):
            found[f"/documents/{path.rpartition('/')[2]}?{fragment}"].add(iri)
    return dict(found)


class Crawler:
    """Asks, checks, counts. faults: what was wrong, with the request; requests: by status; links: of all pages."""

    def __init__(self, url: str, threads: int = 4) -> None:
        self._host = urlsplit(url).netloc
        self._threads = threads
        self._local = threading.local()
        self._lock = threading.Lock()
        self.faults: list[str] = []
        self.requests: Counter[int] = Counter()
        self.links: set[str] = set()
        self.versions: set[str] = set()

    def ask(self, path: str, accept: str = "", method: str = "GET", **headers: str) -> Answer:
        """One request on the connection of the thread."""
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection(self._host, timeout=60)
        given = {name.replace("_", "-"): value for name, value in headers.items()} | ({"Accept": accept} if accept else {})
        self._local.connection.request(method, path, headers=given)
        response = self._local.connection.getresponse()
        answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        with self._lock:
            self.requests[answer.status] += 1
        return answer

    def crawl(self, paths: dict[str, set[str]], thorough: Callable[[int], bool]) -> None:
        """Asks for every path in every form; those whose number is thorough also with suffix, HEAD and If-None-Match."""
        jobs = [
            (path, mentioned, form, ACCEPTS[form][number % len(ACCEPTS[form])], thorough(number))
            for number, (path, mentioned) in enumerate(sorted(paths.items()))
            for form in ACCEPTS
        ]
        self._all(lambda job: self._resource(*job), jobs)

    def follow(self, paths: Iterable[str]) -> None:
        """Asks for every path once: it must be there."""
        self._all(self._followed, sorted(paths))

    def _all(self, work: Callable[..., None], jobs: Iterable[object]) -> None:
        with ThreadPoolExecutor(self._threads) as pool:
            for _ in pool.map(work, jobs):
                pass

    def _fault(self, *said: object) -> None:
        with self._lock:
            self.faults.append(" ".join(map(str, said)))

    def _followed(self, path: str) -> None:
        answer = self.ask(path, ACCEPTS["html"][0])
        if answer.status not in (200, 303):
            self._fault(path, "is linked and gives", answer.status)

    def _resource(self, path: str, mentioned: set[str], form: str, accept: str, thorough: bool) -> None:
        is_version = re.fullmatch(r"/ns/\d[\w.-]*", path) is not None
        if is_version and form == "html":  # a version of the ontology has no page
            status = 200 if not accept or "*" in accept or "text/turtle" in accept else 406
            if (found := self.ask(path, accept).status) != status:
                self._fault(path, repr(accept), "gives", found, "not", status)
            return
        answer, place = self.ask(path, accept), path
        hops: list[str] = []
        while answer.status == 303 and len(hops) < 3:
            if "accept" not in answer.headers.get("vary", "").lower():
                self._fault(path, accept, "a 303 without Vary: Accept")
            self._check_links(path, answer, form)
            place = answer.headers["location"]
            hops.append(place)
            answer = self.ask(place, accept)
        if bool(hops) != path.startswith("/id/"):
            self._fault(path, accept, "redirects", hops)
        self._check(path, accept, form, answer, mentioned)
        if thorough and answer.status == 200:
            self._second_order(place, accept, form, answer)

    def _check(self, path: str, accept: str, form: str, answer: Answer, mentioned: set[str]) -> None:
        if answer.status != 200:
            self._fault(path, repr(accept), "gives", answer.status, answer.body[:200])
            return
        headers = answer.headers
        if headers.get("content-type") != TYPES[form]:
            self._fault(path, repr(accept), "is", headers.get("content-type"))
            return
        if not re.fullmatch(r'"[^"]+"', headers.get("etag", "")):
            self._fault(path, accept, "has the ETag", headers.get("etag"))
        if "accept" not in headers.get("vary", "").lower():
            self._fault(path, accept, "has the Vary", headers.get("vary"))
        if not headers.get("content-location", "").partition("?")[0].endswith(f".{form}"):
            self._fault(path, accept, "has the Content-Location", headers.get("content-location"))
        self._check_links(path, answer, form)
        if form == "html":
            self._check_page(path, answer.body.decode(), mentioned)
        else:
            self._check_data(path, form, answer.body, mentioned)

    def _check_links(self, path: str, answer: Answer, form: str) -> None:
        links = _LINK.findall(answer.headers.get("link", ""))
        alternates = {type_: target for target, relation, type_ in links if relation == "alternate"}
        expected = {TYPES[name].partition(";")[0] for name in TYPES}
        if not expected - {"text/html"} <= set(alternates) or TYPES[form].partition(";")[0] not in alternates:
            self._fault(path, "has the alternates", sorted(alternates))
        with self._lock:
            self.versions |= set(alternates.values())

    def _check_page(self, path: str, page: str, mentioned: set[str]) -> None:
        for part in ('<html lang="', "<h1", "<main>", "<title>"):
            if part not in page:
                self._fault(path, "is a page without", part)
        if len(mentioned) == 1 and html.escape(next(iter(mentioned))) not in page:
            self._fault(path, "is a page that does not mention", mentioned)
        if "<script" in page or " style=" in page:
            self._fault(path, "has script or style in it")
        found = {html.unescape(link).partition("#")[0] for link in _HREF.findall(page)}
        with self._lock:
            self.links |= found

    def _check_data(self, path: str, form: str, data: bytes, mentioned: set[str]) -> None:
        try:
            quads = list(ox.parse(data, format=SYNTAXES[form]))
        except (SyntaxError, ValueError) as error:
            self._fault(path, "is not", form, error)
            return
        terms = {term.value for quad in quads for term in (quad.subject, quad.predicate, quad.object) if hasattr(term, "value")}
        missing = mentioned - terms
        if missing:
            self._fault(path, form, "does not mention", sorted(missing)[:3], len(missing))

    def _second_order(self, place: str, accept: str, form: str, answer: Answer) -> None:
        """The address of the form itself, HEAD, and what is already known."""
        own = answer.headers["content-location"]
        suffixed = self.ask(own, "image/png")
        if (suffixed.status, suffixed.headers.get("content-type"), suffixed.body) != (200, TYPES[form], answer.body):
            self._fault(own, "differs from what is negotiated:", suffixed.status)
        tag = answer.headers["etag"]
        known = self.ask(place, accept, If_None_Match=f'"other", W/{tag}')
        if known.status != 304 or known.body or known.headers.get("etag") != tag:
            self._fault(place, accept, "known, but gives", known.status)
        head = self.ask(place, accept, "HEAD")
        same = ["etag", "content-type", "link", "vary", "content-location"]
        if {"transfer-encoding"}.isdisjoint({*head.headers, *answer.headers}):  # what took long comes in parts, without a length
            same.append("content-length")
        differ = [name for name in same if head.headers.get(name) != answer.headers.get(name)]
        if head.status != 200 or head.body or differ:
            self._fault(place, accept, "HEAD differs", head.status, differ)


def main(url: str, dataset: str) -> int:
    """Crawls all; prints counts and faults."""
    crawler = Crawler(url)
    started = time.monotonic()
    names = iris(Path(dataset))
    paths = addresses(names)
    crawler.crawl(paths, lambda number: True)
    crawler.follow(crawler.links | crawler.versions)
    seconds = time.monotonic() - started
    print(f"{len(names)} IRIs at {len(paths)} addresses, {len(crawler.links)} links, {sum(crawler.requests.values())} requests")
    print(f"in {seconds:.0f} s; by status: {dict(sorted(crawler.requests.items()))}")
    for fault in crawler.faults[:50]:
        print(fault)
    print(f"{len(crawler.faults)} failures")
    return 1 if crawler.faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
