"""/why: where a triple of the snapshot comes from, as JSON, Turtle or text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import HTTPException

from relgraph.ontology import LANGUAGES
from relgraph.serving.http import protocol
from relgraph.serving.http.negotiation import offered
from relgraph.serving.http.requests import PlainRoute, Request
from relgraph.serving.http.responding import Responder

PATH = "/why"


@dataclass(frozen=True)
class Form:
    """A form of explanations: name, media type, and other names and types that mean it."""

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()


#: The first is the default.
FORMS = (
    Form("json", "application/json"),
    Form("turtle", "text/turtle", ("application/x-turtle", "ttl")),
    Form("text", "text/plain", ("txt",)),
)


class Why(PlainRoute):
    """Explains triples."""

    methods = ("GET", "HEAD")

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    async def answer(self, request: Request) -> None:
        """Answers with an explanation, also where the triple is not in the graph."""
        given = protocol.parameters(request.scope["query_string"])
        form = offered(FORMS, request.header(b"accept"), _one(given, "format", ""))
        if form is None:
            names = ", ".join(f"{form.name} ({form.media_type})" for form in FORMS)
            raise HTTPException(406, f"nothing that you accept fits an explanation; there are {names}")
        language = _one(given, "lang", LANGUAGES[0])
        if language not in LANGUAGES:
            raise HTTPException(400, f"lang is {' or '.join(LANGUAGES)}, not {language[:40]!r}")
        terms = {name: _one(given, name) for name in ("subject", "predicate", "object")}
        await self._responder.why(request, terms, language, form.name, form.media_type)


def _one(given: Sequence[tuple[str, str]], name: str, otherwise: str | None = None) -> str:
    """The value of a parameter. Raises HTTPException 400 when it is not given exactly once and there is no other."""
    values = [value for key, value in given if key == name]
    if len(values) == 1:
        return values[0]
    if values or otherwise is None:
        raise HTTPException(400, f"give exactly one {name}; there are {len(values)}")
    return otherwise
