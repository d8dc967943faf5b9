"""/sparql as a plain ASGI application: the query operation, the service description, and the page for browsers.

It stands beside FastAPI's routes, as what those do for a request would cost more than most queries.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import HTTPException
from starlette.types import ASGIApp

from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS
from relgraph.serving.descriptions.description import Descriptions
from relgraph.serving.http import protocol
from relgraph.serving.http.negotiation import PAGE, Offer, named
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.requests import PlainRoute, Request, once
from relgraph.serving.http.responding import Responder
from relgraph.serving.settings import Settings


class Endpoint(PlainRoute):
    """Answers SPARQL Protocol requests; pages: the application that shows results to people."""

    methods = ("GET", "HEAD", "POST")

    def __init__(self, settings: Settings, responder: Responder, descriptions: Descriptions, pages: ASGIApp) -> None:
        self._settings = settings
        self._responder = responder
        self._descriptions = descriptions
        self._pages = pages

    async def answer(self, request: Request) -> None:
        """Answers with the results of a query, a description of the service, or a page."""
        given = request.given
        if request.method == "POST":
            posted = protocol.posted(given, request.headers, await request.body(self._settings.max_query))
            if any(name == "release" for name, _ in posted[len(given) :]):
                raise HTTPException(400, "name the release in the address, as in /sparql?release=…, not in the form")
            await self._query(request, _asked(posted))
        elif all(name in ("format", "release") for name, _ in given):
            await self._describe(request)
        else:
            await self._query(request, _asked(given))

    async def _query(self, request: Request, asked: Asked) -> None:
        wanted = request.wanted(asked.format)
        if wanted.page and request.method != "POST":
            await request.paged(self._pages, "/query")
        else:
            await self._responder.query(request, asked, wanted)

    async def _describe(self, request: Request) -> None:
        request.tables = ()  # a description is a graph
        wanted = request.wanted(request.once("format"))
        if wanted.page:
            await request.paged(self._pages, "/")
        else:
            await self._descriptions.respond(request, wanted.graph, request.once("release"))


def _asked(given: Sequence[tuple[str, str]]) -> Asked:
    """What the parameters ask. Raises HTTPException 400, or 403 for an update; UsageError for what is given twice.

    A format may be given by several names, of which the first counts: SPARQLWrapper sends all that a format is called somewhere.
    """
    once(given, "timeout")
    formats = [value for name, value in given if name == "format"]
    meant = {(_name(named((*TABLE_FORMATS, PAGE), value)), _name(named(GRAPH_FORMATS, value))) for value in formats}
    if len(meant - {("", "")}) > 1:
        once(given, "format")
    return protocol.asked(given)


def _name(format: Offer | None) -> str:
    return format.name if format else ""
