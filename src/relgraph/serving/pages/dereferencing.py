"""/id/…, /ns… and /documents/…: every IRI of a release leads to what is said of it, in the form that the client wants.

An IRI of a thing is answered with 303 and the address of a document about it; a document, a scheme and the ontology are what
their IRIs name, and come at once. An address with a suffix (.html, .ttl, .jsonld, .nt, .nq, .trig, .rdf) gives that form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fastapi import HTTPException
from fastapi.concurrency import run_in_threadpool
from pyoxigraph import NamedNode

from relgraph import __version__, describing
from relgraph.ontology import LANGUAGES
from relgraph.redirects import Redirect
from relgraph.serving.http import negotiation, protocol
from relgraph.serving.http.addresses import address
from relgraph.serving.http.negotiation import Wanted
from relgraph.serving.http.requests import Headers, PlainRoute, Request
from relgraph.serving.http.responding import Responder
from relgraph.serving.pages import resources
from relgraph.serving.pages.portraits import Portraits, Served
from relgraph.serving.pages.resources import DATA_FORMS, FORMS, Form, Target
from relgraph.serving.settings import Settings
from relgraph.serving.workers.texts import fingerprint
from relgraph.vocabulary import ID, ONTOLOGY_GRAPH, OWL

CONTEXT = "/ns/context.jsonld"
_VERSION = NamedNode(OWL + "versionIRI")
_VARY = (b"vary", b"Accept, Accept-Language")


def serves(path: str) -> bool:
    """Whether a path (decoded) is one of a resource."""
    return path.startswith(("/id/", "/ns/", "/" + resources.DOCUMENTS, "/ns.")) or path == "/ns"


class Dereferencing(PlainRoute):
    """Answers for the IRIs of a release."""

    methods = ("GET", "HEAD")

    def __init__(self, settings: Settings, responder: Responder, portraits: Portraits, texts: Mapping[str, str]) -> None:
        """texts: the documents at hand by id, for passages."""
        self._settings = settings
        self._responder = responder
        self._portraits = portraits
        self._at_hand = fingerprint(texts)

    async def answer(self, request: Request) -> None:
        """Answers with a description, or the address of one. Raises HTTPException 400, 404, 406, 410."""
        path = _path(request)
        opened = request.snapshot.opened
        if not opened.own:
            raise HTTPException(404, "a file of RDF is served here, and no release of relgraph; ask /sparql for what it says")
        if path == CONTEXT:
            await self._context(request, opened.context)
            return
        given = dict(protocol.parameters(request.scope["query_string"]))
        store = request.snapshot.store

        def is_known(iri: str) -> bool:
            node = _node(iri)
            return node is not None and describing.is_known(store, node)

        target = resources.find(path, is_known)
        if target is None:
            await self._retired(request, path, opened.redirects)
            return
        iri = target.iri
        if "char" in given:
            iri = _span(target, given["char"])
            if not is_known(iri):
                document = target.iri.rpartition("/")[2]
                raise HTTPException(404, f"no claim rests on the characters {given['char']} of document {document}")
        version = any(True for _ in store.quads_for_pattern(None, _VERSION, NamedNode(iri), ONTOLOGY_GRAPH))
        forms = DATA_FORMS if version else FORMS
        if target.form and target.form not in forms:
            raise HTTPException(404, "a version of the ontology has no page of its own; /ns shows the current one")
        release = given.get("release", "")
        places = resources.places(iri, forms, is_known, release)
        _link(request, iri, places)
        form = target.form or _chosen(request, given.get("format", ""), forms)
        language = given.get("lang", "")
        asked = language if form.format is None and language in LANGUAGES else ""
        is_document = path.startswith("/" + resources.DOCUMENTS) or iri.startswith(resources.ROOT + "ns")
        if not target.form and not is_document and "format" not in given:
            place = resources.extended(resources.address(iri), release=release) if target.is_document else places[form]
            await self._see_other(request, resources.extended(place, lang=asked))
            return
        here = places[form]
        request.also.append((b"content-location", here.encode()))
        if form.format:
            document = address(self._settings, request) + here.removeprefix("/")
            coding = negotiation.coding(request.header(b"accept-encoding"))
            await self._responder.description(request, iri, document, Wanted(None, form.format, False, coding))
        else:
            language = negotiation.language(language, request.header(b"accept-language"))
            older = request.scope["state"]["older"]
            await self._page(request, iri, places, language, Served(request.snapshot.release, release, older))

    async def _page(self, request: Request, iri: str, places: Mapping[Form, str], language: str, served: Served) -> None:
        facts = (*served, iri, "html", language, __version__, self._portraits.fingerprint, self._at_hand)
        tag = f'"{hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()}"'
        headers: Headers = [
            _VARY,
            *request.also,
            (b"etag", tag.encode()),
            (b"cache-control", b"public, max-age=%d" % self._settings.max_age),
            (b"content-language", language.encode()),
        ]
        if not {tag, "*"}.isdisjoint(request.known_tags()):
            await request.respond(304, headers)
            return
        sheet = await self._responder.sheet(request, iri, language)
        body = await run_in_threadpool(self._portraits.page, sheet.data, language, served, resources.address(iri), places)
        headers += [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        await request.respond(200, headers, b"" if request.method == "HEAD" else body)

    async def _see_other(self, request: Request, location: str) -> None:
        headers: Headers = [
            (b"location", location.encode()),
            _VARY,
            *request.also,
            (b"cache-control", b"public, max-age=%d" % self._settings.max_age),
            (b"content-length", b"0"),
        ]
        await request.respond(303, headers)

    async def _context(self, request: Request, context: bytes | None) -> None:
        if context is None:
            raise HTTPException(404, "this release has no JSON-LD context")
        tag = f'"{hashlib.blake2b(context, digest_size=16).hexdigest()}"'
        headers: Headers = [(b"etag", tag.encode()), (b"cache-control", b"public, max-age=%d" % self._settings.max_age)]
        if not {tag, "*"}.isdisjoint(request.known_tags()):
            await request.respond(304, headers)
            return
        headers += [(b"content-type", b"application/ld+json"), (b"content-length", b"%d" % len(context))]
        await request.respond(200, headers, b"" if request.method == "HEAD" else context)

    async def _retired(self, request: Request, path: str, redirects: Mapping[str, Redirect]) -> None:
        """Leads on from a retired key. Raises HTTPException 410 where nothing took its place, 404 where it never was one."""
        retired = {ID + old for old in redirects}
        target = resources.find(path, retired.__contains__)
        if target is None:
            raise HTTPException(404, f"there is nothing with the address {path[:200]} in this release")
        found = redirects[target.iri.removeprefix(ID)]
        if found.new is None:
            raise HTTPException(410, f"{found.old} is no more: {found.why}")
        query = request.scope["query_string"]
        location = resources.address(ID + found.new) if target.is_document else "/id/" + resources.uri(found.new)
        location += (f".{target.form.suffix}" if target.form else "") + (f"?{query.decode('latin-1')}" if query else "")
        headers: Headers = [(b"location", location.encode()), (b"content-length", b"0")]
        await request.respond(301, [*headers, (b"cache-control", b"public, max-age=%d" % self._settings.max_age)])


def _path(request: Request) -> str:
    """The path as it was sent; octets that are not UTF-8 stand for themselves nowhere, and so name nothing."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.partition(b"?")[0].decode("utf-8", "replace")


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def _span(target: Target, characters: str) -> str:
    """The IRI of a span. Raises HTTPException 400."""
    if not target.is_document:
        raise HTTPException(400, "only documents have characters; char goes with /documents/…")
    found = resources.span(target.iri, characters)
    if found is None:
        raise HTTPException(400, f"char is two offsets such as 18,44, the second beyond the first, not {characters[:40]!r}")
    return found


def _chosen(request: Request, name: str, forms: tuple[Form, ...]) -> Form:
    """The form that is wanted. Raises HTTPException 406."""
    found = negotiation.offered(forms, request.header(b"accept"), name)
    if found is None:
        listed = ", ".join(f"{form.name} ({form.media_type})" for form in forms)
        links = {"Link": b", ".join(value for key, value in request.also if key == b"link").decode()}
        raise HTTPException(406, f"nothing that you accept fits a description; there are {listed}", links)
    return found


def _link(request: Request, iri: str, places: Mapping[Form, str]) -> None:
    """Says in headers which forms there are, and what the answer is about."""
    links = [f'<{place}>; rel="alternate"; type="{form.media_type}"' for form, place in places.items()]
    relation = "canonical" if iri.startswith(resources.ROOT + "ns") else "describes"
    request.also.append((b"link", ", ".join([*links, f'<{resources.uri(iri)}>; rel="{relation}"']).encode()))
