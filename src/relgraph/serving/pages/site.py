"""The pages: start page, example questions with their answers, and answers to a typed query. They need no JavaScript."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from pyoxigraph import QueryResultsFormat, Store, parse_query_results

from relgraph import evaluation, tables
from relgraph.errors import RelgraphError
from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS, Dataset
from relgraph.headers import without_header
from relgraph.ontology import LANGUAGES
from relgraph.questions import Question
from relgraph.serving.http import asof, negotiation, protocol
from relgraph.serving.http.problems import problem
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.responding import Responder
from relgraph.serving.pages import resources
from relgraph.serving.routes import exporting, listing, products
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.current import Snapshots
from relgraph.serving.snapshots.snapshot import Snapshot
from relgraph.serving.workers.frames import Frame
from relgraph.vocabulary import ID

#: The words of the pages by language; column names of the queries among them.
WORDING = tomllib.loads((Path(__file__).parent / "wording.toml").read_text("utf-8"))
_EXAMPLE = """SELECT ?visitor ?date ?evidence {
  ?visit a rg:Visit ; rg:visitor ?visitor ; rg:time/rg:edtf ?date .
  ?claim rg:about ?visit ; rg:evidence ?evidence .
} ORDER BY ?date"""
_ANY = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 100"


def router(settings: Settings, responder: Responder, snapshots: Snapshots, texts: Mapping[str, str]) -> APIRouter:
    """The routes of the pages. texts: the documents at hand by id, for passages."""
    routes = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    environment = Environment(
        loader=PackageLoader("relgraph.serving.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals["address"] = resources.address
    things: WeakKeyDictionary[Snapshot, dict[str, list[tuple[str, str]]]] = WeakKeyDictionary()

    def page(request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        snapshot: Snapshot = request.state.snapshot
        language = _language(request)
        other = {code: "?" + urlencode({**request.query_params, "lang": code}) for code in LANGUAGES if code != language}
        html = environment.get_template(name).render(
            words=WORDING[language],
            lang=language,
            other=other,
            release=snapshot.release,
            counts=snapshot.opened.counts,
            own=snapshot.opened.own,
            questions=snapshot.questions.values(),
            has_texts=bool(texts) or not snapshot.opened.own,
            as_of=request.query_params.get("release", "") if request.state.older else "",
            **values,
        )
        if "release" in request.query_params:
            html = asof.kept(html, request.query_params["release"])
        html = asof.placed(html, settings.prefix)
        return HTMLResponse(html, status, headers={"Content-Language": language, "Vary": "Accept-Language"})

    def known_things(snapshot: Snapshot, language: str) -> list[tuple[str, str]]:
        by_language = things.setdefault(snapshot, {})
        if language not in by_language:
            by_language[language] = _things(snapshot.store, language)
        return by_language[language]

    async def answer(request: Request, question: Question | None, asked: Asked) -> HTMLResponse:
        query = asked.query
        snapshot: Snapshot = request.state.snapshot
        language = _language(request)
        values: dict[str, object] = {"question": question, "table": None, "error": None, "more": False, "things": []}
        values["arguments"] = question.defaults() | {k: v for k, v in request.query_params.items() if v} if question else {}
        status = 200
        try:
            if question:
                values["things"] = await run_in_threadpool(known_things, snapshot, language)
                asked = products.bound(question, request.query_params.multi_items(), language)
            found = await responder.page(snapshot, request.state.client, asked, request.state.log)
            query = found.meta["query"] or query
            values["more"] = found.meta["more"]
            values["table"] = await run_in_threadpool(_table, found, snapshot.store, language, texts)
            formats = GRAPH_FORMATS if found.meta["form"] == "graph" else TABLE_FORMATS
            values["links"] = {
                f.name: "/sparql?" + urlencode([("query", without_header(query)), *_graphs(asked), ("format", f.name)])
                for f in formats
            }
            if question:
                values["links"] = products.links(question, request.query_params.multi_items(), language)
        except RelgraphError as error:
            status = problem(error).status
            values["error"] = str(error)
        values["query"] = without_header(query)
        return await run_in_threadpool(page, request, "answer.html", status, **values)

    @routes.api_route("/", methods=["GET", "HEAD"])
    def start(request: Request) -> HTMLResponse:
        endpoint = f"{settings.public_url or request.base_url}sparql"
        example = _EXAMPLE if request.state.snapshot.opened.own else _ANY
        return page(request, "start.html", example=example, endpoint=endpoint)

    @routes.api_route("/releases", methods=["GET", "HEAD"])
    async def releases(request: Request) -> Response:
        rows = await run_in_threadpool(listing.releases, snapshots)
        wanted = negotiation.offered(negotiation.LISTS, request.headers.get("accept", ""), request.query_params.get("format", ""))
        if wanted is None:
            raise HTTPException(
                406, f"nothing that you accept fits; there are {', '.join(form.media_type for form in negotiation.LISTS)}"
            )
        if wanted.name == "json":
            return JSONResponse(listing.placed(rows, settings.prefix), headers={"Vary": "Accept", "Cache-Control": "no-cache"})
        return await run_in_threadpool(page, request, "releases.html", rows=rows)

    @routes.api_route("/releases.json", methods=["GET", "HEAD"])
    async def releases_as_json() -> Response:
        rows = await run_in_threadpool(listing.releases, snapshots)
        return JSONResponse(listing.placed(rows, settings.prefix), headers={"Cache-Control": "no-cache"})

    @routes.api_route("/export", methods=["GET", "HEAD"])
    def exports(request: Request) -> HTMLResponse:
        return page(request, "exports.html", forms=exporting.forms(request.state.snapshot.opened.own), link=exporting.link)

    @routes.api_route("/queries", methods=["GET", "HEAD"])
    def queries(request: Request) -> HTMLResponse:
        return page(request, "queries.html", examples=products.links)

    @routes.api_route("/queries/{name}", methods=["GET", "HEAD"])
    async def example(request: Request, name: str) -> HTMLResponse:
        questions = request.state.snapshot.questions
        if name not in questions:
            return page(request, "missing.html", 404, like=get_close_matches(name, questions))
        return await answer(request, questions[name], Asked(questions[name].text, Dataset()))

    @routes.api_route("/query", methods=["GET", "HEAD"])
    async def typed(request: Request) -> HTMLResponse:
        given = request.query_params.multi_items()
        if not any(name == "query" for name, _ in given):
            given.append(("query", _EXAMPLE))
        return await answer(request, None, protocol.asked(given))

    return routes


def _graphs(asked: Asked) -> list[tuple[str, str]]:
    """The graphs of a query as parameters."""
    return [
        *(("default-graph-uri", name) for name in asked.dataset.default),
        *(("named-graph-uri", name) for name in asked.dataset.named),
    ]


def _table(found: Frame, store: Store, language: str, texts: Mapping[str, str]) -> tables.Table:
    """The rows that a worker found, for readers."""
    form = QueryResultsFormat.JSON if found.meta["form"] == "boolean" else QueryResultsFormat.TSV
    return tables.table(parse_query_results(found.data, form), store, language, texts)


def _language(request: Request) -> str:
    return negotiation.language(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def _things(store: Store, language: str) -> list[tuple[str, str]]:
    """Keys and labels of what a parameter can be: entities, documents, events and other facts."""
    query = f"""SELECT ?thing ?label {{
      {{ ?thing a rg:Agent }} UNION {{ ?thing a rg:Place }} UNION {{ ?thing a rg:Document }} UNION {{ ?thing a rg:Event }}
      ?thing skos:prefLabel ?label FILTER(LANG(?label) = "{language}")
    }} LIMIT 5000"""
    rows = evaluation.rows(evaluation.evaluate(store, query))  # type: ignore[arg-type]  # a SELECT
    return sorted(
        {(str(getattr(thing, "value", "")).removeprefix(ID), str(getattr(label, "value", ""))) for thing, label in rows}
    )
