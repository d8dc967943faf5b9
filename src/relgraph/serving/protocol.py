"""/sparql: the query operation of the SPARQL 1.1 Protocol, by GET, form POST and direct POST."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

import mimeparse
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from pyoxigraph import Store

from relgraph import evaluation
from relgraph.errors import RelgraphError
from relgraph.evaluation import Dataset, Format

_FORM = "application/x-www-form-urlencoded"
_DIRECT = "application/sparql-query"
#: Types that clients ask for and that mean one of ours.
_ALIASES = {
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
    "text/plain": "application/n-triples",
    "application/json-ld": "application/ld+json",
    "application/x-turtle": "text/turtle",
}
#: A media range that is not wanted (RFC 9110, section 12.4.2).
_REFUSED = re.compile(r";\s*q=0(\.0{0,3})?\s*$")


def router(store: Store) -> APIRouter:
    """The routes of the SPARQL endpoint over a store."""
    routes = APIRouter()

    @routes.api_route("/sparql", methods=["GET", "HEAD"])
    async def get(request: Request) -> Response:
        return await answer(request, _parameters(request.scope["query_string"]))

    @routes.post("/sparql")
    async def post(request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        in_url = _parameters(request.scope["query_string"])
        if content_type == _DIRECT:
            return await answer(request, [*in_url, ("query", _decode(await request.body()))])
        if content_type == _FORM:
            return await answer(request, [*in_url, *_parameters(await request.body())])
        raise HTTPException(415, f"POST a query as {_FORM} or {_DIRECT}, not {content_type or 'without a type'}")

    async def answer(request: Request, parameters: Sequence[tuple[str, str]]) -> Response:
        queries = [value for name, value in parameters if name == "query"]
        chosen = next((value for name, value in parameters if name == "format"), None)
        if any(name == "update" for name, _ in parameters):
            raise HTTPException(403, "this endpoint answers queries only; a release is never changed")
        dataset = Dataset(
            tuple(value for name, value in parameters if name == "default-graph-uri"),
            tuple(value for name, value in parameters if name == "named-graph-uri"),
        )
        if len(queries) != 1:
            raise HTTPException(400, f"give exactly one query; there are {len(queries)}")
        accept = ", ".join(request.headers.getlist("accept"))
        outcome = await run_in_threadpool(_evaluate, store, queries[0], dataset, accept, chosen)
        if isinstance(outcome, Exception):
            raise outcome
        content, media_type = outcome
        return Response(content, headers={"Content-Type": _with_charset(media_type), "Vary": "Accept"})

    return routes


def _evaluate(store: Store, query: str, dataset: Dataset, accept: str, chosen: str | None) -> tuple[bytes, str] | Exception:
    """The answer and its media type, or what went wrong.

    An error is handed back without its traceback: that would hold the engine's results, which must not be dropped on
    another thread than this one.
    """
    try:
        results = evaluation.evaluate(store, query, dataset=dataset)
        picked = pick(evaluation.formats_for(results), accept, chosen)
        return evaluation.write(results, picked), picked.media_type
    except (RelgraphError, HTTPException) as error:
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)


def pick(formats: Sequence[Format], accept: str, chosen: str | None) -> Format:
    """The format that a request wants: by name (?format=), else by its Accept header. Raises HTTPException 406.

    A name that is none of ours does not count where an Accept header says more: some clients send names of their own.
    """
    names = ", ".join(f"{f.name} ({f.media_type})" for f in formats)
    if chosen:
        for candidate in formats:
            if chosen in (candidate.name, candidate.media_type):
                return candidate
        if accept.strip() in ("", "*/*"):
            raise HTTPException(406, f"{chosen!r} is no format for this form of query; there are {names}")
    if not accept.strip():
        return formats[0]
    # the last of equals wins in best_match, so the default goes last
    by_type = {candidate.media_type: candidate for candidate in reversed(formats)}
    by_type = {alias: by_type[kind] for alias, kind in _ALIASES.items() if kind in by_type} | by_type
    ranges = [part.strip() for part in accept.split(",") if part.strip()]
    refused = {part.partition(";")[0].strip() for part in ranges if _REFUSED.search(part)}
    by_type = {kind: candidate for kind, candidate in by_type.items() if kind not in refused}
    accept = ", ".join(part for part in ranges if not _REFUSED.search(part))
    try:
        best = by_type and accept and mimeparse.best_match(list(by_type), accept)  # type: ignore[no-untyped-call]  # mimeparse has no types
    except mimeparse.MimeTypeParseException as error:
        raise HTTPException(400, f"the Accept header cannot be read: {error}") from error
    if not best:
        raise HTTPException(406, f"nothing in the Accept header fits this form of query; there are {names}")
    return by_type[best]


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _parameters(encoded: bytes) -> list[tuple[str, str]]:
    """Names and values of a query string or form, in UTF-8 whether percent-encoded or raw. HTTPException 400 if not."""
    try:
        return parse_qsl(encoded.decode("utf-8"), keep_blank_values=True, encoding="utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the parameters are not UTF-8 (byte {error.start})") from error


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the query is not UTF-8 (byte {error.start})") from error
