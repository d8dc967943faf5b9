"""What is not there, told in the RDF that was asked for: no triples, and in a comment why."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from xml.sax.saxutils import escape

from fastapi import HTTPException

from relgraph.errors import RelgraphError
from relgraph.evaluation import Format
from relgraph.serving.http.negotiation import offered, with_charset
from relgraph.serving.http.problems import problem
from relgraph.serving.http.requests import Headers, Request
from relgraph.serving.pages.resources import FORMS
from relgraph.vocabulary import RDF

_STATUSES = (404, 410)
_REPLACED = (b"content-type", b"content-length")
#: What XML 1.0 (section 2.2) has no place for.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def form(request: Request, error: HTTPException) -> Format | None:
    """The RDF that somebody asks for who does not find it; None for others: a page and JSON have errors of their own."""
    if error.status_code not in _STATUSES:
        return None
    suffix, accept = request.scope["path"].rpartition(".")[2], request.header(b"accept")
    by_suffix = next((each for each in FORMS if each.suffix == suffix), None)
    try:
        chosen = request.once("format")
        if request.wanted(None).page and not chosen:
            return None
        asked = by_suffix or offered(FORMS, accept, chosen)
    except RelgraphError:
        return None
    is_json = not by_suffix and not chosen and "json" in accept and "ld" not in accept  # which JSON-LD is taken for
    return None if asked is None or (asked.name == "jsonld" and is_json) else asked.format


async def answer(request: Request, wanted: Format, error: HTTPException) -> None:
    """Answers with status, headers and words of an error, in a format of RDF."""
    found = problem(error)
    body = _body(wanted, error.status_code, found.detail, found.body)
    headers: Headers = [(name, value) for name, value in found.headers if name not in _REPLACED]
    headers += [
        *request.also,
        (b"content-type", with_charset(wanted.media_type).encode()),
        (b"content-length", b"%d" % len(body)),
        (b"vary", b"Accept"),
    ]
    await request.respond(error.status_code, headers, b"" if request.method == "HEAD" else body)


def _body(wanted: Format, status: int, detail: str, problem_details: bytes) -> bytes:
    """A document without a triple. In JSON-LD the members of problem details are there, which mean nothing in it."""
    told = f"{status} {HTTPStatus(status).phrase}: {' '.join(detail.split())}"
    if wanted.name == "jsonld":
        return json.dumps({"@context": {}} | json.loads(problem_details), ensure_ascii=False).encode()
    if wanted.name == "rdfxml":
        comment = _NO_XML.sub("\ufffd", told).replace("--", "- -")
        return f'<?xml version="1.0" encoding="utf-8"?>\n<!-- {comment} -->\n<rdf:RDF xmlns:rdf="{escape(RDF)}"/>\n'.encode()
    return f"# {told}\n".encode()
