"""A request as the plain ASGI routes see it, and the responses that they send."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property

from fastapi import HTTPException
from starlette.types import Receive, Scope, Send

from relgraph.errors import RelgraphError
from relgraph.serving.http.negotiation import Wanted, wanted
from relgraph.serving.http.problems import Problem, problem
from relgraph.serving.snapshots.snapshot import Snapshot

Headers = list[tuple[bytes, bytes]]


class Request:
    """One request, with the snapshot that it is answered from."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.method: str = scope["method"]
        self.snapshot: Snapshot = scope["state"]["snapshot"]
        self.client: str = scope["state"]["client"]
        #: Headers that an answer gets besides those that every answer has.
        self.also: Headers = []

    @cached_property
    def headers(self) -> Mapping[bytes, bytes]:
        """Headers by lower-case name; the values of a repeated one are joined by commas (RFC 9110, section 5.3)."""
        found: dict[bytes, bytes] = {}
        for name, value in self.scope["headers"]:
            found[name] = found[name] + b", " + value if name in found else value
        return found

    def header(self, name: bytes) -> str:
        """The value of a header, empty where there is none."""
        return self.headers.get(name, b"").decode("latin-1")

    def known_tags(self) -> list[str]:
        """The entity tags of If-None-Match, which GET and HEAD heed (RFC 9110, section 13.1.2)."""
        header = self.header(b"if-none-match") if self.method != "POST" else ""
        return [tag.strip().removeprefix("W/") for tag in header.split(",")] if header else []

    def wanted(self, chosen: str | None) -> Wanted:
        """What is wanted by format and coding; chosen: a format by name. Raises UsageError."""
        return wanted(self.header(b"accept"), chosen, self.header(b"accept-encoding"))

    def note(self, **facts: object) -> None:
        """Leaves facts for the log (outcome, query hash …)."""
        self.scope["state"]["log"].update(facts)

    async def body(self, limit: int) -> bytes:
        """The body. Raises HTTPException 413 as soon as it has more bytes than the limit, 400 when the client goes away."""
        detail = f"the body has more than {limit} bytes, the limit here"
        length = self.header(b"content-length")
        if length.isdigit() and int(length) > limit:
            raise HTTPException(413, detail, {"Connection": "close"})
        parts = bytearray()
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise HTTPException(400, "the request ended before its body did")
            parts += message.get("body", b"")
            if len(parts) > limit:
                raise HTTPException(413, detail, {"Connection": "close"})
            if not message.get("more_body"):
                return bytes(parts)

    async def start(self, status: int, headers: Headers) -> None:
        """Sends status and headers."""
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def part(self, data: bytes, more: bool) -> None:
        """Sends a part of the body."""
        await self.send({"type": "http.response.body", "body": data, "more_body": more})

    async def respond(self, status: int, headers: Headers, body: bytes = b"") -> None:
        """Sends a whole response."""
        await self.start(status, headers)
        await self.part(body, False)

    async def hang_up(self, reset: bool = False) -> None:
        """Closes the connection without the end of the response; by a reset where its end is that of the response."""
        self.scope["state"]["hang_up"](reset)
        await asyncio.sleep(0)  # the connection takes note of it

    async def refuse(self, error: Exception) -> None:
        """Answers with the problem of an error."""
        found: Problem = problem(error)
        await self.respond(found.status, found.headers, found.body)


class PlainRoute(ABC):
    """A route that is an ASGI application by itself: its methods are checked, its errors become problems."""

    methods: tuple[str, ...]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        request = Request(scope, receive, send)
        allowed = ", ".join((*self.methods, "OPTIONS"))
        try:
            if request.method == "OPTIONS":
                await request.respond(204, [(b"allow", allowed.encode())])
            elif request.method not in self.methods:
                raise HTTPException(405, f"{request.method} is not among {allowed}", {"Allow": allowed})
            else:
                await self.answer(request)
        except (HTTPException, RelgraphError) as error:
            await request.refuse(error)

    @abstractmethod
    async def answer(self, request: Request) -> None:
        """Answers a request of one of the methods. Raises HTTPException or RelgraphError while nothing has been sent."""
