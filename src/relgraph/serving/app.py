"""The application: one release behind /sparql and the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as StarletteHTTPException

from relgraph import __version__
from relgraph.errors import QueryError, RelgraphError
from relgraph.questions import Question
from relgraph.release import Release
from relgraph.serving import pages, protocol

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_app(release: Release, questions: Mapping[str, Question], texts: Mapping[str, str]) -> FastAPI:
    """The server of a release.

    questions: the example queries by name; texts: the documents at hand by id, for passages on the pages.
    """
    app = FastAPI(title="relgraph", version=__version__, docs_url=None, redoc_url=None)
    release_id = release.id
    store = release.store()
    app.include_router(protocol.router(store))
    app.include_router(pages.router(release, store, questions, texts))
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))

    @app.middleware("http")
    async def headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers.update({**_HEADERS, "Relgraph-Release": release_id})
        return response

    app.add_exception_handler(RelgraphError, _relgraph_error)
    app.add_exception_handler(StarletteHTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _internal_error)
    return app


def problem(status: int, title: str, detail: str) -> JSONResponse:
    """An error as RFC 9457 problem details."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


async def _relgraph_error(request: Request, error: Exception) -> Response:
    title = "The query cannot be answered" if isinstance(error, QueryError) else "Bad request"
    return problem(400, title, str(error))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException | StarletteHTTPException)
    title = HTTPStatus(error.status_code).phrase
    detail = str(error.detail) if error.detail != title else f"{request.method} {request.url.path}"
    response = problem(error.status_code, title, detail)
    response.headers.update(error.headers or {})
    return response


async def _internal_error(request: Request, error: Exception) -> Response:
    return problem(500, "Internal Server Error", "the server failed on this request; its log says more")


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(400, "Bad request", "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()))
