"""/sparql as a plain ASGI application: the query operation, the service description, and the page for browsers.

It stands beside FastAPI's routes, as what those do for a request would cost more than most queries.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import HTTPException
from starlette.types import ASGIApp, Message

from relgraph.serving.descriptions.description import Descriptions
from relgraph.serving.http import protocol
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.requests import PlainRoute, Request
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
        given = protocol.parameters(request.scope["query_string"])
        if request.method == "POST":
            posted = protocol.posted(given, request.headers, await request.body(self._settings.max_query))
            if any(name == "release" for name, _ in posted[len(given) :]):
                raise HTTPException(400, "name the release in the address, as in /sparql?release=…, not in the form")
            await self._query(request, protocol.asked(posted))
        elif all(name in ("format", "release") for name, _ in given):
            await self._describe(request, dict(given))
        else:
            await self._query(request, protocol.asked(given))

    async def _query(self, request: Request, asked: Asked) -> None:
        wanted = request.wanted(asked.format)
        if wanted.page and request.method != "POST":
            await self._page(request, "/query")
        else:
            await self._responder.query(request, asked, wanted)

    async def _describe(self, request: Request, given: Mapping[str, str]) -> None:
        wanted = request.wanted(given.get("format"))
        if wanted.page:
            await self._page(request, "/")
        else:
            await self._descriptions.respond(request, wanted, given.get("release", ""))

    async def _page(self, request: Request, path: str) -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"Accept")]
            await request.send(message)

        await self._pages({**request.scope, "path": path, "raw_path": path.encode()}, request.receive, send)
