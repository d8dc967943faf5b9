"""The pages: start page, example questions with their answers, and answers to a typed query. They need no JavaScript."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from pyoxigraph import Store

from relgraph import evaluation, tables
from relgraph.errors import RelgraphError
from relgraph.headers import without_header
from relgraph.ontology import LANGUAGES
from relgraph.questions import Question
from relgraph.release import Release
from relgraph.vocabulary import ID

#: The words of the pages by language; column names of the queries among them.
WORDING = tomllib.loads((Path(__file__).parent / "wording.toml").read_text("utf-8"))
_EXAMPLE = """SELECT ?visitor ?date ?evidence {
  ?visit a rg:Visit ; rg:visitor ?visitor ; rg:time/rg:edtf ?date .
  ?claim rg:about ?visit ; rg:evidence ?evidence .
} ORDER BY ?date"""
#: A weight of Accept-Language (RFC 9110, section 12.4.2).
_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


def router(release: Release, store: Store, questions: Mapping[str, Question], texts: Mapping[str, str]) -> APIRouter:
    """The routes of the pages."""
    routes = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    environment = Environment(
        loader=PackageLoader("relgraph.serving"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    manifest = release.manifest
    things = {language: _things(store, language) for language in LANGUAGES}

    def page(request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        language = _language(request)
        other = {code: "?" + urlencode({**request.query_params, "lang": code}) for code in LANGUAGES if code != language}
        html = environment.get_template(name).render(
            words=WORDING[language],
            lang=language,
            other=other,
            release=manifest["release"],
            counts=manifest["counts"],
            questions=questions.values(),
            has_texts=bool(texts),
            things=things[language],
            evidence="evidence-for-fact" in questions,
            **values,
        )
        return HTMLResponse(html, status, headers={"Content-Language": language, "Vary": "Accept-Language"})

    def answer(request: Request, question: Question | None, query: str) -> HTMLResponse:
        values: dict[str, object] = {"question": question, "table": None, "error": None}
        try:
            if question:
                given = {k: v for k, v in request.query_params.items() if k in question.header.parameters and v}
                if "language" in question.header.parameters:
                    given["language"] = _language(request)
                query = question.bind(given)
                evaluation.check_known(store, question.resources(given))
                values["arguments"] = question.defaults() | given
            results = evaluation.evaluate(store, query)
            values["table"] = tables.table(results, store, _language(request), texts)
            values["links"] = {
                f.name: "/sparql?" + urlencode({"query": without_header(query), "format": f.name})
                for f in evaluation.formats_for(results)
            }
        except RelgraphError as error:
            values["error"] = str(error)
            values["arguments"] = question.defaults() | dict(request.query_params) if question else {}
        values["query"] = without_header(query)
        return page(request, "answer.html", 400 if values["error"] else 200, **values)

    @routes.api_route("/", methods=["GET", "HEAD"])
    def start(request: Request) -> HTMLResponse:
        return page(request, "start.html", example=_EXAMPLE, endpoint=str(request.url_for("get")))

    @routes.api_route("/queries/{name}", methods=["GET", "HEAD"])
    def example(request: Request, name: str) -> HTMLResponse:
        if name not in questions:
            return page(request, "missing.html", 404)
        return answer(request, questions[name], questions[name].text)

    @routes.api_route("/query", methods=["GET", "HEAD"])
    def typed(request: Request, query: str = _EXAMPLE) -> HTMLResponse:
        return answer(request, None, query)

    return routes


def _language(request: Request) -> str:
    """The language asked for by ?lang=, else the first of ours in Accept-Language, else English."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return asked
    preferred = []
    for position, part in enumerate(request.headers.get("accept-language", "").lower().split(",")):
        tag, _, weight = part.partition(";q=")
        preferred.append((-float(weight) if _WEIGHT.fullmatch(weight) else -1.0, position, tag.strip()[:2]))
    return next((code for _, _, code in sorted(preferred) if code in LANGUAGES), LANGUAGES[0])


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
