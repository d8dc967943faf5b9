"""The OpenAPI document of the server as records for a page (docs.html): paths, operations, parameters, responses.

What the document says in English only stays English; queries have their own words in both languages.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from relgraph.ontology import LANGUAGES
from relgraph.questions import Question
from relgraph.serving.routes import products

Json = dict[str, Any]
#: The methods of a path item (OpenAPI 3.1, section 4.8.9.1) that this server may have.
_METHODS = ("get", "post")
_ENGLISH = LANGUAGES[0]


@dataclass(frozen=True)
class Text:
    """Words and the language that they are in."""

    text: str
    language: str = _ENGLISH


@dataclass(frozen=True)
class Parameter:
    """A parameter.

    place: path, query or body; type: of JSON Schema, that of each value where it is repeated (may be given several times);
    allowed: its values, where they are listed; pattern: what any other value must match; least, default: as text, empty for
    none.
    """

    name: str
    place: str
    required: bool
    description: Text
    type: str
    repeated: bool
    allowed: tuple[str, ...]
    pattern: str
    least: str
    default: str


@dataclass(frozen=True)
class Answer:
    """What can come back: statuses with the same description, and the media types that it comes in."""

    statuses: tuple[str, ...]
    description: Text
    media_types: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """An operation. bodies: the media types that a body may have; example: an address, empty where none can be made."""

    method: str
    summary: Text
    description: Text
    parameters: tuple[Parameter, ...]
    bodies: tuple[str, ...]
    answers: tuple[Answer, ...]
    example: str


@dataclass(frozen=True)
class Place:
    """A path with its operations. anchor: its id on the page."""

    path: str
    anchor: str
    operations: tuple[Operation, ...]


class Operations:
    """Knows the OpenAPI document. document: gives it, the same object as long as it is the same."""

    def __init__(self, document: Callable[[], Json]) -> None:
        self._document = document
        self._told: tuple[Json, str] = ({}, "")

    def current(self) -> tuple[str, Json]:
        """A hash of the document, and the document."""
        document = self._document()
        if self._told[0] is not document:
            self._told = document, hashlib.blake2b(json.dumps(document).encode(), digest_size=16).hexdigest()
        return self._told[1], document


def groups(document: Json, questions: Mapping[str, Question], language: str) -> dict[str, list[Place]]:
    """The paths of an OpenAPI document by the first tag of their operations; questions: the queries among them, by name."""
    found: dict[str, list[Place]] = {}
    for path, item in document["paths"].items():
        question = questions.get(path.removeprefix(products.PATH + "/"))
        operations = [method for method in _METHODS if method in item]
        made = tuple(_Reader(document, question, language).operation(path, method, item[method]) for method in operations)
        if made:
            tag = item[operations[0]].get("tags", [""])[0]
            found.setdefault(tag, []).append(Place(path, re.sub("[^A-Za-z0-9]+", "-", path).strip("-"), made))
    return found


class _Reader:
    """Reads one path item; question: the query that has the path, if one has."""

    def __init__(self, document: Json, question: Question | None, language: str) -> None:
        self._document = document
        self._question = question
        self._language = language

    def operation(self, path: str, method: str, given: Json) -> Operation:
        described = [self._resolved(each) for each in given.get("parameters", ())]
        bodies: Json = self._resolved(given.get("requestBody", {})).get("content", {})
        summary, description = Text(given.get("summary", "")), Text(given.get("description", ""))
        if self._question:
            header = self._question.header
            summary, description = self._own(header.title), self._own(header.description)
        return Operation(
            method.upper(),
            summary,
            description,
            (*(self._parameter(each) for each in described), *self._fields(bodies)),
            tuple(bodies),
            tuple(self._answers(given["responses"])),
            _example(path, described) if method == "get" else "",
        )

    def _parameter(self, given: Json) -> Parameter:
        schema = self._resolved(given.get("schema", {}))
        repeated = schema.get("type") == "array"
        if repeated:
            schema = self._resolved(schema.get("items", {}))
        options = [self._resolved(each) for each in schema.get("anyOf", ())] or [schema]
        description = Text(given.get("description", ""))
        if self._question and given["name"] in self._question.header.parameters:
            description = self._own(self._question.header.parameters[given["name"]].description)
        return Parameter(
            given["name"],
            given["in"],
            bool(given.get("required")),
            description,
            schema.get("type", "string"),
            repeated,
            tuple(str(value) for option in options for value in option.get("enum", ())),
            next((option["pattern"] for option in options if "pattern" in option), ""),
            str(schema.get("minimum", "")),
            str(schema.get("default", "")),
        )

    def _fields(self, bodies: Json) -> Iterator[Parameter]:
        """The fields of a form that may be posted."""
        for body in bodies.values():
            schema = self._resolved(body.get("schema", {}))
            for name, field in schema.get("properties", {}).items():
                yield self._parameter(
                    {"name": name, "in": "body", "schema": field, "required": name in schema.get("required", ())}
                )

    def _answers(self, responses: Json) -> Iterator[Answer]:
        alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for status, given in responses.items():
            found = self._resolved(given)
            alike.setdefault((found["description"], tuple(found.get("content", ()))), []).append(status)
        for (description, media_types), statuses in sorted(alike.items(), key=lambda item: min(item[1])):
            yield Answer(tuple(sorted(statuses)), Text(description), media_types)

    def _resolved(self, given: Json) -> Json:
        """An object, or the one that it refers to in the same document."""
        while "$ref" in given:
            found: Any = self._document
            for part in given["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            given = found
        return given

    def _own(self, texts: object) -> Text:
        return Text(str(getattr(texts, self._language)), self._language)


def _example(path: str, parameters: list[Json]) -> str:
    """An address with the example of each parameter that has one; empty where one that must be given has none."""
    query = []
    for each in parameters:
        if "example" not in each:
            if each.get("required"):
                return ""
        elif each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", quote(str(each["example"]), safe="/"))
        else:
            query.append((each["name"], each["example"]))
    return path + (f"?{urlencode(query, doseq=True, safe='/:')}" if query else "")
