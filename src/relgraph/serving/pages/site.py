"""The pages that are not of one resource: start page, questions with their answers, answers to a typed query, what a search
finds, exports, releases, operations. They need no JavaScript."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

from fastapi import HTTPException

from relgraph.serving.http.addresses import address
from relgraph.serving.http.negotiation import LISTS, names
from relgraph.serving.http.paging import Pager
from relgraph.serving.http.requests import Headers, PlainRoute, Request, cached
from relgraph.serving.pages import choosing
from relgraph.serving.pages.answers import EXAMPLE, Answers
from relgraph.serving.pages.layout import Layout
from relgraph.serving.pages.operations import Operations, groups
from relgraph.serving.pages.presenting import Presenter, language_of
from relgraph.serving.pages.searching import DATA, PATH, Searching
from relgraph.serving.pages.suggesting import Suggesting
from relgraph.serving.routes import exporting, listing, products
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.current import Snapshots
from relgraph.serving.workers.frames import Frame

OPERATIONS = "/docs"
_ANY = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 100"
_LIST = ("/releases", "/releases.json")
_QUERY = products.PATH + "/"


def serves(path: str) -> bool:
    """Whether a path (decoded) is that of a page, or of a list that is one."""
    return path in ("/", "/query", products.PATH, exporting.PATH, OPERATIONS, PATH, DATA, *_LIST) or path.startswith(_QUERY)


class Site(PlainRoute):
    """Answers with pages, and with the list of releases and a search as data."""

    methods = ("GET", "HEAD")

    def __init__(
        self,
        settings: Settings,
        pager: Pager,
        layout: Layout,
        snapshots: Snapshots,
        texts: Mapping[str, str],
        document: Callable[[], dict[str, Any]],
    ) -> None:
        """texts: the documents at hand by id, for passages; document: gives the OpenAPI document of the server."""
        self._settings = settings
        self._snapshots = snapshots
        self._presenter = Presenter(pager, layout, texts)
        self._suggesting = Suggesting()
        self._answers = Answers(settings, self._presenter, texts, self._suggesting)
        self._searching = Searching(settings, pager, self._presenter)
        self._operations = Operations(document)

    async def answer(self, request: Request) -> None:
        """Answers with a page. Raises HTTPException 404 where there is none, 406; RelgraphError."""
        path, opened = request.scope["path"], request.snapshot.opened
        if path == "/":
            endpoint = f"{address(self._settings, request)}sparql"
            values = {"endpoint": endpoint, "example": EXAMPLE if opened.own else _ANY}
            await self._presenter.show(request, "start.html", lambda _: values, (endpoint,))
        elif path == "/query":
            await self._answers.typed(request)
        elif path == products.PATH:
            await self._presenter.show(request, "queries.html", lambda _: {"examples": products.links})
        elif path == exporting.PATH:
            await self._exports(request)
        elif path in (PATH, DATA):
            await self._searching.answer(request)
        elif path in _LIST:
            await self._releases(request)
        elif path == OPERATIONS:
            language, questions = language_of(request), request.snapshot.questions
            told, document = self._operations.current()
            await self._presenter.show(request, "docs.html", lambda _: {"groups": groups(document, questions, language)}, (told,))
        elif path.startswith(_QUERY):
            await self._question(request, path.removeprefix(_QUERY))
        else:
            raise HTTPException(404, f"{request.method} {path[:200]}")

    async def _exports(self, request: Request) -> None:
        """Answers with the form for exports, or leads on to the export that was chosen in it."""
        place, opened = choosing.place(request.given), request.snapshot.opened
        if place:
            about: Headers = [(b"location", place.encode()), (b"content-length", b"0")]
            await request.respond(303, [*about, *cached(self._settings.max_age, b"Accept")])
            return
        forms, language = exporting.forms(opened.own), language_of(request)

        def values(_: Frame) -> Mapping[str, object]:
            suggest = partial(self._suggesting.things, request.snapshot, language)
            choice = choosing.choice(request.snapshot.store, suggest, forms, request.given, language)
            return {"forms": forms, "link": exporting.link, "choice": choice}

        await self._presenter.show(request, "exports.html", values, tuple(form.name for form in forms))

    async def _question(self, request: Request, name: str) -> None:
        questions = request.snapshot.questions
        if name in questions:
            await self._answers.question(request, questions[name])
            return
        like = [questions[each] for each in get_close_matches(name, questions) or questions]
        await self._presenter.show(request, "missing.html", lambda _: {"like": like}, status=404)

    async def _releases(self, request: Request) -> None:
        negotiated = request.scope["path"] == _LIST[0]
        form = request.form(LISTS) if negotiated else LISTS[0]
        if form is None:
            raise HTTPException(406, f"nothing that you accept fits a list of releases; there are {names(LISTS)}")
        rows = await asyncio.to_thread(listing.releases, self._snapshots)
        if form.name == "html":
            await self._presenter.show(request, "releases.html", lambda _: {"rows": rows}, (repr(rows),), fleeting=True)
            return
        body = json.dumps(listing.placed(rows, self._settings.prefix), ensure_ascii=False).encode()
        headers: Headers = [(b"cache-control", b"no-cache"), *([(b"vary", b"Accept")] if negotiated else [])]
        await request.whole(body, form.media_type, headers)
