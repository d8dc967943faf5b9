"""What went wrong, told on a page to those who would rather have HTML, whatever route refused.

The page is made beside the event loop, as all pages are, in a thread of its own: whoever is told that pages take too long shall
not wait for them. Where it cannot be made soon, there are problem details for everybody.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relgraph.errors import BudgetError, RelgraphError
from relgraph.serving.http import negotiation, protocol
from relgraph.serving.http.problems import MEDIA_TYPE
from relgraph.serving.http.requests import Headers, Request
from relgraph.serving.http.turns import Turns
from relgraph.serving.pages import choosing, resources
from relgraph.serving.pages.layout import Served
from relgraph.serving.pages.portraits import Portraits
from relgraph.serving.settings import Settings

_REPLACED = (b"content-type", b"content-length")
#: Seconds that a page has to be made.
_PATIENCE = 5.0


class Refusing:
    """Puts pages in the place of problem details (relgraph.serving.http.problems) where a GET or HEAD would rather have HTML."""

    def __init__(self, application: ASGIApp, settings: Settings, portraits: Portraits) -> None:
        self._application = application
        self._turns = Turns("refusal", settings.max_queue)
        self._portraits = portraits

    def close(self) -> None:
        """Makes no more pages."""
        self._turns.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        refused: Message = {}
        body = bytearray()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_problem(message) and _wants_page(Request(scope, receive, send)):
                refused.update(message)
            elif not refused:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._answer(Request(scope, receive, send), refused, bytes(body))

        await self._application(scope, receive, sending)

    async def _answer(self, request: Request, refused: Message, body: bytes) -> None:
        given = _given(request)
        names = dict(given)
        language = negotiation.language(names.get("lang"), request.header(b"accept-language"))
        state = request.scope["state"]
        asked = "" if state.get("refusal") else names.get("release", "")  # no link leads on to a release that is not there
        kept = [(name, value) for name, value in given if name not in ("lang", "release")]
        here = _path(request) + (f"?{urlencode(kept, safe=',')}" if kept else "")
        served, status = Served(request.snapshot.release, asked, state["older"]), refused["status"]

        def make() -> bytes:
            form = choosing.back(request.scope["path"], given, language)
            return self._portraits.failure(status, json.loads(body)["detail"], language, served, here, form)

        try:
            page = await self._turns.made(request.client, make, _PATIENCE)
        except BudgetError:
            await request.respond(status, refused["headers"], body)
            return
        headers: Headers = [(name, value) for name, value in refused["headers"] if name.lower() not in _REPLACED]
        headers += [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(page)),
            (b"content-language", language.encode()),
            (b"vary", b"Accept, Accept-Language"),
        ]
        await request.respond(status, headers, b"" if request.method == "HEAD" else page)


def _is_problem(message: Message) -> bool:
    return (b"content-type", MEDIA_TYPE) in message["headers"]


def _wants_page(request: Request) -> bool:
    """Whether it asks for the address of a page, or would rather have HTML than anything else."""
    if request.method not in ("GET", "HEAD"):
        return False
    if request.scope["path"].endswith(".html"):
        return True
    try:
        return request.wanted(None).page
    except RelgraphError:
        return False


def _given(request: Request) -> list[tuple[str, str]]:
    try:
        return protocol.parameters(request.scope["query_string"])
    except HTTPException:
        return []


def _path(request: Request) -> str:
    """The path as it can stand in a link; the start page where it would name another server."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw.partition(b"?")[0].decode("utf-8", "replace")
    return resources.uri(path) if path.startswith("/") and not path.startswith("//") else "/"
