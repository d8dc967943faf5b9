"""A request as the plain ASGI routes see it, and the responses that they send."""

from __future__ import annotations

import asyncio
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property

from fastapi import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from relgraph.errors import RelgraphError, UsageError
from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS
from relgraph.ontology import LANGUAGES
from relgraph.serving.http import protocol
from relgraph.serving.http.negotiation import PAGE, Offer, Offered, Wanted, named, names, offered, wanted, with_charset
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
        #: What is on offer for rows.
        self.tables: tuple[Offer, ...] = TABLE_FORMATS

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

    @cached_property
    def given(self) -> Sequence[tuple[str, str]]:
        """The parameters of the address. Raises HTTPException 400 where they cannot be read."""
        return protocol.parameters(self.scope["query_string"])

    def once(self, name: str) -> str:
        """The value of a parameter of the address, empty where it is not given. Raises UsageError where it is given more than
        once."""
        return once(self.given, name)

    def language(self) -> str:
        """The language that the parameter lang names, empty where it is not given. Raises UsageError for one that is not ours."""
        chosen = self.once("lang")
        if chosen and chosen not in LANGUAGES:
            raise UsageError(f"lang is {' or '.join(LANGUAGES)}, not {chosen[:40]!r}")
        return chosen

    def form(self, offers: Sequence[Offered], suffix: Offered | None = None, ending: str = "") -> Offered | None:
        """Which of the offers is wanted: the one that the suffix of the address asks for, else the one that the parameter format
        names, else by Accept; None where none is acceptable.

        ending: the suffix as it stands in the address. Raises UsageError for an unknown name, for one that the suffix
        contradicts, and for a header that cannot be read.
        """
        chosen = self.once("format")
        if suffix is None:
            return offered(offers, self.header(b"accept"), chosen)
        if chosen and not named([suffix], chosen):
            raise UsageError(f"the address ends in {ending}, and format is {chosen[:40]!r}. Give one of the two")
        return suffix

    def wanted(self, chosen: str | None) -> Wanted:
        """What is wanted by format and coding; chosen: a format by name. Raises UsageError."""
        return wanted(self.header(b"accept"), chosen, self.header(b"accept-encoding"), self.tables)

    def on_offer(self, form: str) -> str:
        """The formats of a form of result, "table" or "graph", which may come as a table too, for a message."""
        formats: tuple[Offer, ...] = self.tables if form == "table" else (*GRAPH_FORMATS, *self.tables)
        return names((*formats, PAGE) if self.method != "POST" else formats)

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

    async def unchanged(self, tag: str, headers: Headers) -> bool:
        """Whether the client has what an entity tag names; it is told so then (304). headers: of the answer, without the tag."""
        if {tag, "*"}.isdisjoint(self.known_tags()):
            return False
        await self.respond(304, [*headers, *self.also, (b"etag", tag.encode())])
        return True

    async def whole(self, body: bytes, media_type: str, headers: Headers, tag: str = "") -> None:
        """Answers with a body that is at hand, or with 304, or to HEAD without it.

        headers: besides length, type and tag; tag: the entity tag, where it is not that of the body.
        """
        tag = tag or f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        if await self.unchanged(tag, headers):
            return
        about: Headers = [
            (b"etag", tag.encode()),
            (b"content-type", with_charset(media_type).encode()),
            (b"content-length", b"%d" % len(body)),
        ]
        await self.respond(200, [*headers, *self.also, *about], b"" if self.method == "HEAD" else body)

    async def paged(self, pages: ASGIApp, path: str) -> None:
        """Has the application that shows pages answer, as at another path. Raises UsageError for a language that is not ours."""
        self.language()
        await pages({**self.scope, "path": path, "raw_path": path.encode()}, self.receive, self.send)

    async def hang_up(self, reset: bool = False) -> None:
        """Closes the connection without the end of the response; by a reset where its end is that of the response."""
        self.scope["state"]["hang_up"](reset)
        await asyncio.sleep(0)  # the connection takes note of it

    async def refuse(self, error: Exception) -> None:
        """Answers with the problem of an error."""
        found: Problem = problem(error)
        await self.respond(found.status, found.headers, found.body)


def once(given: Sequence[tuple[str, str]], name: str) -> str:
    """The value of a parameter, empty where it is not given. Raises UsageError where it is given more than once."""
    values = [value for key, value in given if key == name]
    if len(values) > 1:
        raise UsageError(f"give {name} once; it is given {len(values)} times")
    return values[0] if values else ""


def cached(age: int, vary: bytes = b"") -> Headers:
    """The headers of an answer that anybody may keep; age: for so many seconds; vary: the request headers that it depends on."""
    headers: Headers = [(b"cache-control", b"public, max-age=%d" % age)]
    return [(b"vary", vary), *headers] if vary else headers


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
