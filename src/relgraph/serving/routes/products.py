"""/queries: the query files as addresses that take parameters, answered as data in any format or as a page; and their list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import HTTPException
from starlette.types import ASGIApp

from relgraph.errors import UsageError, suggestion
from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS, Dataset
from relgraph.ontology import LANGUAGES
from relgraph.questions import Question
from relgraph.serving.http import protocol
from relgraph.serving.http.addresses import address
from relgraph.serving.http.negotiation import HTML, LISTS, NO_PARQUET, PARQUET, WRITES_PARQUET, Offer, offered
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.requests import PlainRoute, Request, cached, once
from relgraph.serving.http.responding import Responder
from relgraph.serving.settings import Settings
from relgraph.vocabulary import ID

PATH = "/queries"
#: The formats of rows; Parquet where pyarrow is installed.
TABLES: tuple[Offer, ...] = (*TABLE_FORMATS, *([PARQUET] if WRITES_PARQUET else []))
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
        name, suffix = split(request.scope["path"].removeprefix(PATH).removeprefix("/"), request.snapshot.questions)
        request.tables = TABLES
        chosen = _format(request, suffix)
        if not name:
            await self._list(request, chosen)
            return
        question = request.snapshot.questions.get(name)
        choice = request.wanted(chosen)
        if choice.page:
            await request.paged(self._pages, f"{PATH}/{name}")
            return
        if question is None:
            raise HTTPException(404, f"there is no query {name[:100]!r}. {suggestion(name, request.snapshot.questions)}")
        if choice.table == PARQUET:
            choice = replace(choice, coding=None)  # it is compressed as it is
        asked = bound(question, request.given)
        if left := defaults(question, request.given):
            request.also.append((b"relgraph-defaults", urlencode(left, safe="/:").encode()))
        await self._responder.query(request, asked, choice)

    async def _list(self, request: Request, chosen: str) -> None:
        request.language()
        form = offered(LISTS, request.header(b"accept"), chosen)
        if form is None:
            raise HTTPException(406, "nothing that you accept fits a list of queries; there are json and html")
        if form.name == "html":
            await request.paged(self._pages, PATH)
            return
        base, release = address(self._settings, request), request.once("release")
        listed = [record(question, base, release) for question in request.snapshot.questions.values()]
        body = json.dumps({"queries": listed}, ensure_ascii=False, indent=1).encode()
        await request.whole(body, form.media_type, cached(self._settings.max_age, b"Accept"))


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
    asked = once(given, "timeout")
    seconds = protocol.timeout([asked] if asked else [])
    return Asked(plain.text, Dataset(), timeout=seconds, pieces=tuple(plain.pieces(arguments)))


def defaults(question: Question, given: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The defaults that narrow an answer as nothing else was given, by parameter, keys for IRIs; the language is left out, which
    narrows nothing. given: as `bound` takes it. Raises UsageError for what does not fit."""
    left = question.left(question.arguments([(name, value) for name, value in given if name not in _MANNER]))
    return {name: value.removeprefix(ID) for name, value in left.items() if name != _LANGUAGE}


def links(question: Question, given: Sequence[tuple[str, str]] = (), language: str = "") -> dict[str, str]:
    """The addresses of an answer as data, by name of the format; given: as `bound` takes it."""
    arguments = [(name, value) for name, value in given if name not in _MANNER and value]
    if language and _LANGUAGE in question.header.parameters:
        arguments.append(("lang", language))
    query = f"?{urlencode(arguments)}" if arguments else ""
    return {form: f"{PATH}/{quote(question.name)}.{form}{query}" for form in formats(question) if form != "html"}


def record(question: Question, base: str, release: str = "") -> dict[str, Any]:
    """A query as an object of JSON: names, texts in both languages, parameters, addresses under that of the start page;
    release: the one that was asked for by name, which the addresses keep."""
    home = f"{base.rstrip('/')}{PATH}/{question.name}"
    query = f"?{urlencode({'release': release})}" if release else ""
    return {
        "name": question.name,
        "title": question.header.title.model_dump(),
        "description": question.header.description.model_dump(),
        "parameters": [parameter(question, name) for name in question.header.parameters],
        "links": {"self": home + query} | {form: f"{home}.{form}{query}" for form in formats(question)},
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


def _format(request: Request, suffix: str) -> str:
    """The format that is asked for by name, empty where none is."""
    chosen = request.once("format")
    if chosen.lower() in (PARQUET.name, PARQUET.media_type) and PARQUET not in request.tables:
        raise UsageError(NO_PARQUET)
    if suffix:
        offers = [offer for offer in (*request.tables, *GRAPH_FORMATS, *LISTS) if offer.name == suffix]
        request.form(offers, offers[0], f".{suffix}")
    return suffix or chosen


def _language(given: Sequence[tuple[str, str]]) -> str:
    chosen = once(given, "lang")
    if chosen and chosen not in LANGUAGES:
        raise UsageError(f"lang is {' or '.join(LANGUAGES)}, not {chosen[:40]!r}")
    return chosen
