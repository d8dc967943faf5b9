"""The application: a snapshot behind /sparql, /graphs, /why, the pages and the routes of operation."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from relgraph import __version__
from relgraph.errors import RelgraphError, UsageError
from relgraph.serving.clients import Clients
from relgraph.serving.descriptions import catalogues, files
from relgraph.serving.descriptions.description import Descriptions
from relgraph.serving.envelope import Envelope
from relgraph.serving.http.cache import Cache
from relgraph.serving.http.paging import Pager
from relgraph.serving.http.problems import problem
from relgraph.serving.http.responding import Responder
from relgraph.serving.logs import log
from relgraph.serving.metrics import Metrics
from relgraph.serving.pages import dereferencing, site
from relgraph.serving.pages.layout import Layout
from relgraph.serving.pages.portraits import Portraits
from relgraph.serving.pages.refusing import Refusing
from relgraph.serving.routes import explaining, exporting, graphstore, openapi, operation, products
from relgraph.serving.routes.endpoint import Endpoint
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.current import Snapshots
from relgraph.serving.snapshots.sources import Source
from relgraph.serving.workers.outbound import Outbound

#: What pages of other origins may read beside the answer.
_EXPOSED = [
    "Content-Disposition", "Content-Location", "ETag", "Link", "Relgraph-Defaults", "Relgraph-Release", "Relgraph-Row-Limit",
    "Relgraph-Taken", "Retry-After", "X-Request-Id",
]  # fmt: skip

_AS_OF = (
    "Every address but those of /files, /health and /metrics answers as of an older release with the parameter release: "
    "an id, name or version from /releases. The header Relgraph-Release says which one answered."
)


class Application:
    """An ASGI application. Its workers live from the start of the lifespan to its end; SIGHUP looks for another release."""

    def __init__(
        self, source: Source, settings: Settings, texts: Mapping[str, str], on_ready: Callable[[], None] = lambda: None
    ) -> None:
        """texts: the documents at hand by id, for passages on the pages; on_ready is called when queries can be answered.

        Raises UsageError for settings that do not fit.
        """
        self._on_ready = on_ready
        try:
            outbound = Outbound(
                settings.service_allow, settings.service_networks, settings.service_timeout, settings.service_bytes
            )
        except UsageError as error:
            raise UsageError(f"the settings service_allow and service_networks: {error}") from error
        cache = Cache(settings.cache_bytes, settings.cache_entry_bytes)
        metrics = Metrics(lambda: operation.gauges(self.snapshots, cache))
        clients = Clients(settings.client_seconds, settings.client_queries)
        self.snapshots = Snapshots(source, settings, metrics.kill, metrics.swap, clients)
        responder = Responder(settings, cache, clients, metrics, outbound, texts)
        self._pager = Pager(settings, cache, clients, metrics, outbound)
        self.api = _api(self.snapshots, settings, metrics)
        layout = Layout(settings.prefix)
        self._site = site.Site(settings, self._pager, layout, self.snapshots, texts, lambda: self.api.openapi())
        self._endpoint = Endpoint(settings, responder, Descriptions(settings, outbound), self._site)
        self._graphs = graphstore.GraphStore(settings, responder)
        self._why = explaining.Why(responder)
        self._products = products.Products(settings, responder, self._site)
        self._exports = exporting.Exporting(settings, responder, self._site)
        self._catalogues = catalogues.Catalogues(settings, outbound, self.snapshots, exporting.forms)
        self._files = files.Files(settings, self.snapshots)
        portraits = Portraits(layout, texts)
        self._resources = dereferencing.Dereferencing(settings, responder, self._pager, portraits)
        self._refusing = Refusing(self._route, settings, portraits)
        inside: ASGIApp = self._refusing
        if settings.cors_origins:
            inside = CORSMiddleware(
                inside, allow_origins=settings.cors_origins, allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
                allow_headers=["*"], expose_headers=_EXPOSED,
            )  # fmt: skip
        #: Why the server could not start; empty when it could.
        self.failure = ""
        self._envelope = Envelope(inside, settings, self.snapshots, metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or lives through the lifespan of the server."""
        if scope["type"] == "http":
            await self._envelope(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if refusal := scope["state"].get("refusal"):
            await send({"type": "http.response.start", "status": refusal.status, "headers": refusal.headers})
            await send({"type": "http.response.body", "body": refusal.body})
        elif path in ("/sparql", "/sparql/"):
            await self._endpoint(scope, receive, send)
        elif path == graphstore.PATH or path.startswith(graphstore.PATH + "/"):
            await self._graphs(scope, receive, send)
        elif catalogues.serves(path):
            await self._catalogues(scope, receive, send)
        elif path.startswith(files.PATH + "/"):
            await self._files(scope, receive, send)
        elif path in (explaining.PATH, explaining.PATH + "/"):
            await self._why(scope, receive, send)
        elif path == products.PATH or path.startswith((products.PATH + "/", products.PATH + ".")):
            await self._products(scope, receive, send)
        elif path == exporting.PATH or path.startswith(exporting.PATH + "/"):
            await self._exports(scope, receive, send)
        elif dereferencing.serves(path):
            await self._resources(scope, receive, send)
        elif site.serves(path):
            await self._site(scope, receive, send)
        else:
            await self.api(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.snapshots.start()
        except RelgraphError as error:
            self.failure = str(error)
            await send({"type": "lifespan.startup.failed", "message": self.failure})
            return
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # only the main thread hears signals
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.snapshots.look)
        log.info("ready", extra={"facts": {"release": self.snapshots.current.release[:12]}})
        self._on_ready()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._pager.close()
        self._refusing.close()
        await self.snapshots.close()
        await send({"type": "lifespan.shutdown.complete"})


def _api(snapshots: Snapshots, settings: Settings, metrics: Metrics) -> FastAPI:
    """The routes that FastAPI serves: those of operation. Its OpenAPI document describes the plain routes too."""
    servers = [{"url": settings.public_url.rstrip("/")}] if settings.public_url else None
    api = FastAPI(
        title="relgraph",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=servers,
        description=_AS_OF,
    )
    api.include_router(operation.router(snapshots, metrics))
    api.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    for kind in (RelgraphError, HTTPException, RequestValidationError, Exception):
        api.add_exception_handler(kind, _problem)
    openapi.extend(api, lambda: snapshots.current.questions)
    return api


async def _problem(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        error = HTTPException(400, "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()))
    elif isinstance(error, HTTPException) and error.detail in ("Not Found", "Method Not Allowed"):
        error = HTTPException(error.status_code, f"{request.method} {request.url.path}", error.headers)
    found = problem(error)
    return Response(found.body, found.status, {name.decode(): value.decode() for name, value in found.headers})
