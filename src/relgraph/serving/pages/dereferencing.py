"""/id/…, /ns… and /documents/…: every IRI of a release leads to what is said of it, in the form that the client wants.

An IRI of a thing is answered with 303 and the address of a document about it; a document, a scheme and the ontology are what
their IRIs name, and come at once. An address with a suffix (.html, .ttl, .jsonld, .nt, .nq, .trig, .rdf) gives that form.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import HTTPException
from pyoxigraph import NamedNode

from relgraph import describing, sheets
from relgraph.evaluation import Dataset
from relgraph.redirects import Redirect
from relgraph.serving.http import negotiation
from relgraph.serving.http.addresses import address
from relgraph.serving.http.jobs import Jobs
from relgraph.serving.http.negotiation import Wanted
from relgraph.serving.http.paging import Page, Pager
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.requests import Headers, PlainRoute, Request, cached
from relgraph.serving.http.responding import Responder
from relgraph.serving.pages import absent, parts, resources
from relgraph.serving.pages.layout import Served
from relgraph.serving.pages.parts import Part
from relgraph.serving.pages.portraits import Portraits
from relgraph.serving.pages.resources import DATA_FORMS, FORMS, Form, Target
from relgraph.serving.settings import Settings
from relgraph.serving.workers.frames import Frame
from relgraph.vocabulary import ID, ONTOLOGY_GRAPH, OWL

CONTEXT = "/ns/context.jsonld"
_VERSION = NamedNode(OWL + "versionIRI")
_VARY = b"Accept, Accept-Language"


def serves(path: str) -> bool:
    """Whether a path (decoded) is one of a resource."""
    return path.startswith(("/id/", "/ns/", "/" + resources.DOCUMENTS, "/ns.")) or path == "/ns"


class Dereferencing(PlainRoute):
    """Answers for the IRIs of a release."""

    methods = ("GET", "HEAD")

    def __init__(self, settings: Settings, responder: Responder, pager: Pager, portraits: Portraits) -> None:
        self._settings = settings
        self._responder = responder
        self._jobs = Jobs(settings)
        self._pager = pager
        self._portraits = portraits

    async def answer(self, request: Request) -> None:
        """Answers with a description, or the address of one; what is not there is told in the RDF that was asked for. Raises
        HTTPException 400, 406, to others 404 and 410; UsageError for a parameter that is given twice or has no such value."""
        try:
            await self._answer(request)
        except HTTPException as error:
            form = absent.form(request, error)
            if form is None:
                raise
            await absent.answer(request, form, error)

    async def _answer(self, request: Request) -> None:
        path = _path(request)
        opened = request.snapshot.opened
        if not opened.own:
            raise HTTPException(404, "a file of RDF is served here, and no release of relgraph; ask /sparql for what it says")
        if path == CONTEXT:
            await self._context(request, opened.context)
            return
        store, release, language = request.snapshot.store, request.once("release"), request.language()

        def is_known(iri: str) -> bool:
            node = _node(iri)
            return node is not None and describing.is_known(store, node)

        of_span = any(name == "char" for name, _ in request.given)
        target = resources.find(path, is_known)
        if target is None:
            await self._retired(request, path, opened.redirects)
            return
        iri = target.iri
        if of_span:
            characters = request.once("char")
            iri = _span(target, characters)
            if not is_known(iri):
                document = target.iri.rpartition("/")[2]
                raise HTTPException(404, f"no claim rests on the characters {characters} of document {document}")
        version = any(True for _ in store.quads_for_pattern(None, _VERSION, NamedNode(iri), ONTOLOGY_GRAPH))
        forms = DATA_FORMS if version else FORMS
        if target.form and target.form not in forms:
            raise HTTPException(404, "a version of the ontology has no page of its own; /ns shows the current one")
        places = resources.places(iri, forms, is_known, release)
        _link(request, iri, places)
        form = _chosen(request, target.form, forms)
        asked = language if form.format is None else ""
        is_document = path.startswith("/" + resources.DOCUMENTS) or iri.startswith(resources.ROOT + "ns")
        if not target.form and not is_document and not request.once("format"):
            place = resources.extended(resources.address(iri), release=release) if target.is_document else places[form]
            part = parts.asked(request, iri) if form.format is None else None
            await self._see_other(request, part.address(place, asked) if part else resources.extended(place, lang=asked))
            return
        here, part = places[form], parts.asked(request, iri) if form.format is None else None
        if form.format is None:
            language = negotiation.language(language, request.header(b"accept-language"))
        if part:
            here = part.address(here, language)
        request.also.append((b"content-location", here.encode()))
        if form.format:
            document = address(self._settings, request) + here.removeprefix("/")
            coding = negotiation.coding(request.header(b"accept-encoding"))
            await self._responder.description(request, iri, document, Wanted(None, form.format, False, coding))
        else:
            served = Served(request.snapshot.release, release, request.scope["state"]["older"])
            if part:
                await self._part(request, part, places, language, served)
            else:
                await self._page(request, iri, places, language, served)

    async def _page(self, request: Request, iri: str, places: Mapping[Form, str], language: str, served: Served) -> None:
        """The page is made of the sheet that a worker writes."""
        facts = (*served, iri, "html", self._portraits.fingerprint)

        def make(sheet: Frame) -> bytes:
            return self._portraits.page(sheet.data, language, served, resources.address(iri), places)

        await self._pager.answer(request, Page(language, facts, make, self._jobs.sheet(iri, language)))

    async def _part(self, request: Request, part: Part, places: Mapping[Form, str], language: str, served: Served) -> None:
        """The page is made of the statements that a worker finds; where there are none, it says so."""
        size = min(parts.SIZE, self._settings.page_rows)
        facts = (*served, part, size, tuple(places.values()), self._portraits.fingerprint)
        asked, store = Asked(part.query(size), Dataset()), request.snapshot.store

        def make(found: Frame) -> bytes:
            group, more = part.found(found.data, size)
            sheet = sheets.part(store, part.node, group, language)
            return self._portraits.part(sheet, language, served, places, part, size, more or found.meta["more"])

        await self._pager.answer(request, Page(language, facts, make, self._jobs.page(asked)))

    async def _see_other(self, request: Request, location: str) -> None:
        about: Headers = [(b"location", location.encode()), (b"content-length", b"0")]
        await request.respond(303, [*about, *request.also, *cached(self._settings.max_age, _VARY)])

    async def _context(self, request: Request, context: bytes | None) -> None:
        if context is None:
            raise HTTPException(404, "this release has no JSON-LD context")
        await request.whole(context, "application/ld+json", cached(self._settings.max_age))

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
        about: Headers = [(b"location", location.encode()), (b"content-length", b"0")]
        await request.respond(301, [*about, *cached(self._settings.max_age)])


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


def _chosen(request: Request, suffix: Form | None, forms: tuple[Form, ...]) -> Form:
    """The form that is wanted. Raises HTTPException 406, UsageError."""
    found = request.form(forms, suffix, f".{suffix.suffix}" if suffix else "")
    if found is None:
        links = {"Link": b", ".join(value for key, value in request.also if key == b"link").decode()}
        raise HTTPException(406, f"nothing that you accept fits a description; there are {negotiation.names(forms)}", links)
    return found


def _link(request: Request, iri: str, places: Mapping[Form, str]) -> None:
    """Says in headers which forms there are, and what the answer is about."""
    links = [f'<{place}>; rel="alternate"; type="{form.media_type}"' for form, place in places.items()]
    relation = "canonical" if iri.startswith(resources.ROOT + "ns") else "describes"
    request.also.append((b"link", ", ".join([*links, f'<{resources.uri(iri)}>; rel="{relation}"']).encode()))
