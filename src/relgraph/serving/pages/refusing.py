"""What went wrong, told on a page to those who would rather have HTML, whatever route refused."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relgraph.errors import RelgraphError
from relgraph.serving.http import negotiation, protocol
from relgraph.serving.http.problems import MEDIA_TYPE
from relgraph.serving.http.requests import Headers, Request
from relgraph.serving.pages import resources
from relgraph.serving.pages.layout import Served
from relgraph.serving.pages.portraits import Portraits

_REPLACED = (b"content-type", b"content-length")


class Refusing:
    """Puts pages in the place of problem details (relgraph.serving.http.problems) where a GET or HEAD would rather have HTML."""

    def __init__(self, application: ASGIApp, portraits: Portraits) -> None:
        self._application = application
        self._portraits = portraits

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
                    await self._page(Request(scope, receive, send), refused, json.loads(body)["detail"])

        await self._application(scope, receive, sending)

    async def _page(self, request: Request, refused: Message, detail: str) -> None:
        given = _given(request)
        names = dict(given)
        language = negotiation.language(names.get("lang"), request.header(b"accept-language"))
        state = request.scope["state"]
        asked = "" if state.get("refusal") else names.get("release", "")  # no link leads on to a release that is not there
        kept = [(name, value) for name, value in given if name not in ("lang", "release")]
        here = _path(request) + (f"?{urlencode(kept, safe=',')}" if kept else "")
        served, status = Served(request.snapshot.release, asked, state["older"]), refused["status"]
        body = self._portraits.failure(status, detail, language, served, here)
        headers: Headers = [(name, value) for name, value in refused["headers"] if name.lower() not in _REPLACED]
        headers += [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"content-language", language.encode()),
            (b"vary", b"Accept, Accept-Language"),
        ]
        await request.respond(status, headers, b"" if request.method == "HEAD" else body)


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
