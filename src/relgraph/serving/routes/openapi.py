"""The OpenAPI document of what FastAPI does not see: the plain routes, and an operation for each query that is served."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI

from relgraph.questions import Question
from relgraph.serving.routes import products

_PLAIN = Path(__file__).with_name("openapi.yaml")
_REFUSALS = ("400", "403", "406", "408", "414", "429", "431", "502", "503", "504")
_PROBLEM = {"$ref": "#/components/responses/problem"}
#: Paths that answer as of no release (relgraph.serving.envelope).
_OF_NONE = ("/files/", "/health", "/metrics")
#: What is answered where the release that is asked for cannot be had: two are named, there is none, it cannot be opened here.
_NO_RELEASE = ("400", "404", "429", "503")
#: Parameters of every query beside its own.
_LANGUAGE = {
    "name": "lang", "in": "query", "schema": {"type": "string", "enum": ["en", "ru"]},
    "description": "Language of the page, and of texts in the answer where the query has a parameter language.",
}  # fmt: skip
#: The header of a query with parameters.
_DEFAULTS = {
    "Relgraph-Defaults": {
        "description": "The defaults of parameters that are not given, as in an address; absent where all are.",
        "schema": {"type": "string"}, "example": "document=document/001",
    },
    "Relgraph-Taken": {
        "description": "What names were taken for that are no labels, or in other letters: names and keys, as in an address.",
        "schema": {"type": "string"}, "example": "moscow=state/RUS",
    },
}  # fmt: skip


def extend(api: FastAPI, questions: Callable[[], Mapping[str, Question]]) -> None:
    """Adds the plain routes and the queries to the OpenAPI document of an application.

    questions: gives the queries that are served, which may be others after a change of release.
    """
    generated = api.openapi
    plain = yaml.safe_load(_PLAIN.read_text("utf-8"))
    kept: list[tuple[Mapping[str, Question], dict[str, Any]]] = []

    def document() -> dict[str, Any]:
        served = questions()
        if not kept or kept[0][0] is not served:
            whole = copy.deepcopy(generated())
            for kind, parts in plain["components"].items():
                whole.setdefault("components", {}).setdefault(kind, {}).update(parts)
            whole["paths"] = plain["paths"] | whole["paths"] | {path(each): operations(each) for each in served.values()}
            for name, item in whole["paths"].items():
                if not name.startswith(_OF_NONE):
                    whole["paths"][name] = {method: _as_of(operation) for method, operation in item.items()}
            kept[:] = [(served, whole)]
        return kept[0][1]

    api.openapi = document  # type: ignore[method-assign]  # FastAPI's way of changing the document


def _as_of(operation: Mapping[str, Any]) -> dict[str, Any]:
    """An operation that takes the parameter release, and what may come of that."""
    return {
        **operation,
        "parameters": [*operation.get("parameters", ()), {"$ref": "#/components/parameters/release"}],
        "responses": dict.fromkeys(_NO_RELEASE, _PROBLEM) | operation["responses"],
    }


def path(question: Question) -> str:
    """The path of a query."""
    return f"{products.PATH}/{question.name}"


def operations(question: Question) -> dict[str, Any]:
    """The path item of a query (OpenAPI 3.1, section 4.8.9): its title and texts in English and Russian, its parameters."""
    header = question.header
    return {
        "get": {
            "tags": ["Queries"],
            "operationId": f"run_{question.name.replace('-', '_')}",
            "summary": header.title.en,
            "description": f"{header.description.en}\n\n{header.title.ru}. {header.description.ru}",
            "parameters": [
                *(_parameter(question, name) for name in header.parameters),
                _format(question),
                _LANGUAGE,
                {"$ref": "#/components/parameters/timeout"},
            ],
            "responses": {
                "200": {
                    "description": "The whole answer. A connection that ends before the answer does is an error.",
                    "headers": _DEFAULTS if header.parameters else {},
                    "content": {media_type: {} for media_type in products.formats(question).values()},
                },
                "304": {"description": "The answer is the one that the client has."},
            }
            | dict.fromkeys(_REFUSALS, _PROBLEM),
        }
    }


def _parameter(question: Question, name: str) -> dict[str, Any]:
    found = products.parameter(question, name)
    schema: dict[str, Any] = {"type": "string", "default": found["default"]}
    if "values" in found:
        schema["enum"] = found["values"]
    if found["type"] == "dateTime":
        schema["format"] = "edtf"
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"{found['description']['en']} / {found['description']['ru']}. It takes {found['takes']}.",
        "schema": schema,
        "example": found["example"],
    }


def _format(question: Question) -> dict[str, Any]:
    names = sorted(products.formats(question))
    return {
        "name": "format",
        "in": "query",
        "description": f"A format by name, where no Accept header can be sent; also as a suffix: {path(question)}.{names[0]}.",
        "schema": {"type": "string", "enum": names},
    }
