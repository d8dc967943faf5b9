"""/queries: the query files as addresses that take parameters, answered as data in any format or as a page; and their list."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import HTTPException
from starlette.types import ASGIApp, Message

from relgraph.errors import UsageError, suggestion
from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS, Dataset
from relgraph.ontology import LANGUAGES
from relgraph.questions import Question
from relgraph.serving.http import protocol
from relgraph.serving.http.addresses import address
from relgraph.serving.http.negotiation import HTML, LISTS, PARQUET, Offer, offered, wanted
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.requests import Headers, PlainRoute, Request
from relgraph.serving.http.responding import Responder
from relgraph.serving.settings import Settings

PATH = "/queries"
#: The formats of rows; Parquet where pyarrow is installed.
TABLES: tuple[Offer, ...] = (*TABLE_FORMATS, *([PARQUET] if importlib.util.find_spec("pyarrow") else []))
#: Parameters that say how an answer is to be, beside those of the query.
_MANNER = ("format", "lang", "timeout", "release")
#: The parameter that the language of an answer is put into, where a query has it.
_LANGUAGE = "language"


class Products(PlainRoute):
    """Answers the addresses of queries; pages: the application that shows results to people."""

    methods = ("GET", "HEAD")

    def __init__(self, settings: Settings, responder: Responder, pages: ASGIApp) -> None:
        self._settings = settings
        self._responder = responder
        self._pages = pages

    async def answer(self, request: Request) -> None:
        """Answers with what a query finds, or with the list of queries. Raises HTTPException 404 for an unknown query."""
        given = protocol.parameters(request.scope["query_string"])
        name, suffix = split(request.scope["path"].removeprefix(PATH).removeprefix("/"), request.snapshot.questions)
        chosen = _format(given, suffix)
        if not name:
            await self._list(request, chosen)
            return
        question = request.snapshot.questions.get(name)
        choice = wanted(request.header(b"accept"), chosen, request.header(b"accept-encoding"), TABLES)
        if choice.page:
            await self._page(request, f"{PATH}/{name}")
            return
        if question is None:
            raise HTTPException(404, f"there is no query {name[:100]!r}. {suggestion(name, request.snapshot.questions)}")
        if choice.table == PARQUET:
            choice = replace(choice, coding=None)  # it is compressed as it is
        await self._responder.query(request, bound(question, given), choice)

    async def _list(self, request: Request, chosen: str) -> None:
        form = offered(LISTS, request.header(b"accept"), chosen)
        if form is None:
            raise HTTPException(406, "nothing that you accept fits a list of queries; there are json and html")
        if form.name == "html":
            await self._page(request, PATH)
            return
        base = address(self._settings, request)
        questions = request.snapshot.questions.values()
        body = json.dumps({"queries": [record(question, base) for question in questions]}, ensure_ascii=False, indent=1).encode()
        tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        headers: Headers = [
            (b"vary", b"Accept"),
            (b"etag", tag.encode()),
            (b"cache-control", b"public, max-age=%d" % self._settings.max_age),
        ]
        if {tag, "*"} & set(request.known_tags()):
            await request.respond(304, headers)
            return
        headers += [(b"content-type", form.media_type.encode()), (b"content-length", b"%d" % len(body))]
        await request.respond(200, headers, b"" if request.method == "HEAD" else body)

    async def _page(self, request: Request, path: str) -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"Accept")]
            await request.send(message)

        await self._pages({**request.scope, "path": path, "raw_path": path.encode()}, request.receive, send)


def split(path: str, questions: Mapping[str, Question]) -> tuple[str, str]:
    """The name of a query and the suffix, empty where there is none, of what stands behind /queries/ or /queries."""
    if path in questions:
        return path, ""
    stem, dot, suffix = path.rpartition(".")
    known = {form.name for form in (*TABLES, *GRAPH_FORMATS, *LISTS)}
    return (stem, suffix) if dot and suffix in known and (not stem or stem in questions) else (path, "")


def bound(question: Question, given: Sequence[tuple[str, str]], language: str = "") -> Asked:
    """A query with what a request gives for its parameters, and its seconds.

    `lang`, else language where it is given, is put into the parameter `language`, where the query has one that is not given.
    Raises UsageError for what does not fit, HTTPException 400 for seconds that are none.
    """
    arguments = question.arguments([(name, value) for name, value in given if name not in _MANNER])
    language = _language(given) or language
    if language and _LANGUAGE in question.header.parameters:
        arguments.setdefault(_LANGUAGE, language)
    plain = question.without_header()
    seconds = protocol.timeout([value for name, value in given if name == "timeout"])
    return Asked(plain.text, Dataset(), timeout=seconds, pieces=tuple(plain.pieces(arguments)))


def links(question: Question, given: Sequence[tuple[str, str]] = (), language: str = "") -> dict[str, str]:
    """The addresses of an answer as data, by name of the format; given: as `bound` takes it."""
    arguments = [(name, value) for name, value in given if name not in _MANNER and value]
    if language and _LANGUAGE in question.header.parameters:
        arguments.append(("lang", language))
    query = f"?{urlencode(arguments)}" if arguments else ""
    return {form: f"{PATH}/{quote(question.name)}.{form}{query}" for form in formats(question) if form != "html"}


def record(question: Question, base: str) -> dict[str, Any]:
    """A query as an object of JSON: names, texts in both languages, parameters, addresses under that of the start page."""
    home = f"{base.rstrip('/')}{PATH}/{question.name}"
    return {
        "name": question.name,
        "title": question.header.title.model_dump(),
        "description": question.header.description.model_dump(),
        "parameters": [parameter(question, name) for name in question.header.parameters],
        "links": {"self": home} | {form: f"{home}.{form}" for form in formats(question)},
    }


def parameter(question: Question, name: str) -> dict[str, Any]:
    """A parameter of a query as an object of JSON."""
    found = question.header.parameters[name]
    return {
        "name": name,
        "type": found.type,
        "description": found.description.model_dump(),
        "takes": found.takes,
        "default": question.defaults()[name],
        "example": question.examples()[name],
    } | ({"values": list(found.values)} if found.values else {})


def formats(question: Question) -> dict[str, str]:
    """The formats that a query is answered in: media types by name."""
    offers: Sequence[Offer] = GRAPH_FORMATS if question.gives_graph else TABLES
    return {offer.name: offer.media_type for offer in offers} | {"html": HTML}


def _format(given: Sequence[tuple[str, str]], suffix: str) -> str:
    """The format that is asked for by name, empty where none is."""
    values = [value for name, value in given if name == "format"]
    if len(values) > 1:
        raise UsageError(f"give format once; it is given {len(values)} times")
    if suffix and values and values[0].lower() != suffix:
        raise UsageError(f"the address ends in .{suffix}, and format is {values[0][:40]!r}. Give one of the two")
    if values and values[0].lower() in (PARQUET.name, PARQUET.media_type) and PARQUET not in TABLES:
        raise UsageError('this server writes no Parquet. Where it runs, `pip install "relgraph[tables]"` helps')
    return suffix or (values[0] if values else "")


def _language(given: Sequence[tuple[str, str]]) -> str:
    values = [value for name, value in given if name == "lang" and value]
    if len(values) > 1 or any(value not in LANGUAGES for value in values):
        raise UsageError(f"lang is {' or '.join(LANGUAGES)}, once; it is {', '.join(values)[:40]!r}")
    return values[0] if values else ""
