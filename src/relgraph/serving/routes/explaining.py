"""/why: where a triple of the snapshot comes from, as JSON, Turtle or text."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import HTTPException

from relgraph.ontology import LANGUAGES
from relgraph.serving.http.negotiation import names
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
        form = request.form(FORMS)
        if form is None:
            raise HTTPException(406, f"nothing that you accept fits an explanation; there are {names(FORMS)}")
        language = request.language() or LANGUAGES[0]
        terms = {name: _one(request, name) for name in ("subject", "predicate", "object")}
        await self._responder.why(request, terms, language, form.name, form.media_type)


def _one(request: Request, name: str) -> str:
    """The value of a parameter. Raises HTTPException 400 when it is not given exactly once."""
    values = [value for key, value in request.given if key == name]
    if len(values) != 1:
        raise HTTPException(400, f"give exactly one {name}; there are {len(values)}")
    return values[0]
