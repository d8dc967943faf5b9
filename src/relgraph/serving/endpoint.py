"""/sparql as a plain ASGI application: the query operation, the service description, and the page for browsers.

It stands beside FastAPI's routes, as what those do for a request would cost more than most queries.
"""

from __future__ import annotations

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relgraph.errors import RelgraphError
from relgraph.serving import protocol
from relgraph.serving.description import Descriptions
from relgraph.serving.protocol import Asked
from relgraph.serving.requests import Request, only
from relgraph.serving.responding import Responder
from relgraph.serving.settings import Settings

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class Endpoint:
    """Answers SPARQL Protocol requests; pages: the application that shows results to people."""

    def __init__(self, settings: Settings, responder: Responder, descriptions: Descriptions, pages: ASGIApp) -> None:
        self._settings = settings
        self._responder = responder
        self._descriptions = descriptions
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        request = Request(scope, receive, send)
        try:
            only(request, *_METHODS)
            if request.method == "OPTIONS":
                await request.respond(204, [(b"allow", ", ".join(_METHODS).encode())])
                return
            given = protocol.parameters(scope["query_string"])
            if request.method == "POST":
                given = protocol.posted(given, request.headers, await request.body(self._settings.max_query))
            if request.method != "POST" and all(name == "format" for name, _ in given):
                await self._describe(request, dict(given).get("format"))
            else:
                await self._query(request, protocol.asked(given))
        except (HTTPException, RelgraphError) as error:
            await request.refuse(error)

    async def _query(self, request: Request, asked: Asked) -> None:
        wanted = request.wanted(asked.format)
        if wanted.page and request.method != "POST":
            await self._page(request, "/query")
        else:
            await self._responder.query(request, asked.query, asked.dataset, wanted, asked.timeout)

    async def _describe(self, request: Request, chosen: str | None) -> None:
        wanted = request.wanted(chosen)
        if wanted.page:
            await self._page(request, "/")
        else:
            await self._descriptions.respond(request, wanted)

    async def _page(self, request: Request, path: str) -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"Accept")]
            await request.send(message)

        await self._pages({**request.scope, "path": path, "raw_path": path.encode()}, request.receive, send)
