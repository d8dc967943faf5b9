"""/sparql: the query operation of the SPARQL 1.1 Protocol, by GET, form POST and direct POST."""

from __future__ import annotations

from collections.abc import Sequence

import mimeparse
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from pyoxigraph import Store

from relgraph import evaluation
from relgraph.errors import RelgraphError
from relgraph.evaluation import Format

_FORM = "application/x-www-form-urlencoded"
_DIRECT = "application/sparql-query"


def router(store: Store) -> APIRouter:
    """The routes of the SPARQL endpoint over a store."""
    routes = APIRouter()

    @routes.get("/sparql")
    async def get(request: Request) -> Response:
        return await answer(request, request.query_params.getlist("query"), request.query_params.get("format"))

    @routes.post("/sparql")
    async def post(request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type == _DIRECT:
            return await answer(request, [_decode(await request.body())], request.query_params.get("format"))
        if content_type == _FORM:
            form = await request.form()
            queries = [value for value in form.getlist("query") if isinstance(value, str)]
            chosen = form.get("format", request.query_params.get("format"))
            return await answer(request, queries, chosen if isinstance(chosen, str) else None)
        raise HTTPException(415, f"POST a query as {_FORM} or {_DIRECT}, not {content_type or 'without a type'}")

    async def answer(request: Request, queries: Sequence[str], chosen: str | None) -> Response:
        if len(queries) != 1:
            raise HTTPException(400, f"give exactly one query; there are {len(queries)}")
        accept = ", ".join(request.headers.getlist("accept"))
        outcome = await run_in_threadpool(_evaluate, store, queries[0], accept, chosen)
        if isinstance(outcome, Exception):
            raise outcome
        content, media_type = outcome
        return Response(content, headers={"Content-Type": _with_charset(media_type), "Vary": "Accept"})

    return routes


def _evaluate(store: Store, query: str, accept: str, chosen: str | None) -> tuple[bytes, str] | Exception:
    """The answer and its media type, or what went wrong.

    An error is handed back without its traceback: that would hold the engine's results, which must not be dropped on
    another thread than this one.
    """
    try:
        results = evaluation.evaluate(store, query)
        picked = pick(evaluation.formats_for(results), accept, chosen)
        return evaluation.write(results, picked), picked.media_type
    except (RelgraphError, HTTPException) as error:
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)


def pick(formats: Sequence[Format], accept: str, chosen: str | None) -> Format:
    """The format that a request wants: by name (?format=), else by its Accept header. Raises HTTPException 406."""
    names = ", ".join(f"{f.name} ({f.media_type})" for f in formats)
    if chosen:
        for candidate in formats:
            if chosen in (candidate.name, candidate.media_type):
                return candidate
        raise HTTPException(406, f"{chosen!r} is no format for this form of query; there are {names}")
    if not accept.strip():
        return formats[0]
    # the last of equals wins in best_match, so the default goes last
    by_type = {candidate.media_type: candidate for candidate in reversed(formats)}
    try:
        best = mimeparse.best_match(list(by_type), accept)  # type: ignore[no-untyped-call]  # mimeparse has no types
    except mimeparse.MimeTypeParseException as error:
        raise HTTPException(400, f"the Accept header cannot be read: {error}") from error
    if not best:
        raise HTTPException(406, f"nothing in the Accept header fits this form of query; there are {names}")
    return by_type[best]


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the query is not UTF-8 (byte {error.start})") from error
