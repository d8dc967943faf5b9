"""From a job to a response: the cache, conditional requests, the budgets, and an answer that streams and never lies.

An answer is complete, or it is an error, or it breaks off: what has begun and cannot be finished is never closed as if
it were whole. JSON and XML stay without their end, other formats get a last line that is not of the format, and the
connection is closed before the length or the last chunk that HTTP promises.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from relgraph.errors import BudgetError, EndpointError, ForbiddenError, RelgraphError
from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS
from relgraph.serving.clients import KILLED, Clients
from relgraph.serving.http.cache import Cache, Kept
from relgraph.serving.http.negotiation import Wanted, coding, names, with_charset
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.requests import Headers, Request
from relgraph.serving.metrics import Metrics
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.snapshot import Snapshot
from relgraph.serving.workers.answering import Answering, answering
from relgraph.serving.workers.failures import UnacceptableError
from relgraph.serving.workers.frames import Frame, Kind
from relgraph.serving.workers.outbound import Outbound
from relgraph.serving.workers.texts import fingerprint

#: Functions whose value is another each time (SPARQL 1.1, section 17.4); a SERVICE may answer differently each time.
_VOLATILE = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE|SERVICE)\b|\\u", re.IGNORECASE)
#: Seconds that a query runs before the server begins to look whether its client is still there.
_PATIENCE = 0.05
#: Bytes of rows that a page may show.
_PAGE = 2 * 1024 * 1024
#: Bytes that a sheet may have.
_SHEET = 8 * 1024 * 1024
#: Bytes that are sent at a time of an answer that is there.
_PART = 65536
#: Seconds that a client has to take the last line of an answer that broke off.
_LAST_LINE = 1.0
#: Formats without an end, in which a last line must say that the answer broke off; it is no line of the format.
_OPEN = (
    "text/csv", "text/tab-separated-values", "application/n-triples", "application/n-quads", "text/turtle", "application/trig",
)  # fmt: skip
_VARY = (b"vary", b"Accept, Accept-Encoding")


class Responder:
    """Answers requests with what workers find."""

    def __init__(
        self,
        settings: Settings,
        cache: Cache,
        clients: Clients,
        metrics: Metrics,
        outbound: Outbound,
        texts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """texts: the documents at hand by id, for passages in explanations."""
        self._settings = settings
        self._cache = cache
        self._clients = clients
        self._metrics = metrics
        self._outbound = outbound
        self._texts = texts
        self._at_hand = fingerprint(texts)

    async def query(self, request: Request, asked: Asked, wanted: Wanted) -> None:
        """Answers a request with the results of a query."""
        graphs = {"default": asked.dataset.default, "named": asked.dataset.named}
        job = self._job(wanted) | {"task": "query", "query": asked.pieces or asked.query, **graphs}
        request.note(**self._noted(asked.query))
        await self._answer(request, job, self._seconds(asked), volatile=_VOLATILE.search(asked.query) is not None)

    async def graph(self, request: Request, name: str | None, wanted: Wanted) -> None:
        """Answers a request with the triples of a graph; None for the default graph."""
        job = self._job(wanted) | {"task": "graph", "name": name}
        await self._answer(request, job, self._settings.query_timeout, volatile=False)

    async def why(self, request: Request, terms: Mapping[str, str], language: str, form: str, media_type: str) -> None:
        """Answers a request with the explanation of a triple; terms: as people write them, by subject, predicate, object."""
        wanted = Wanted(None, None, False, coding(request.header(b"accept-encoding")))
        job = self._job(wanted) | {
            "task": "why", **terms, "language": language, "form": form, "type": media_type, "texts": self._at_hand
        }  # fmt: skip
        await self._answer(request, job, self._settings.query_timeout, volatile=False)

    async def export(self, request: Request, form: str, media_type: str, selection: Mapping[str, Any]) -> None:
        """Answers a request with an export; form: a key of relgraph.exports.FORMS; selection: as people write it."""
        packed = media_type == "application/zip" or media_type.endswith("parquet")
        wanted = Wanted(None, None, False, None if packed else coding(request.header(b"accept-encoding")))
        job = self._job(wanted) | {"task": "export", "form": form, "type": media_type} | dict(selection)
        await self._answer(request, job, self._settings.query_timeout, volatile=False)

    async def description(self, request: Request, resource: str, document: str, wanted: Wanted) -> None:
        """Answers a request with what is said of a resource, as RDF; document: the address of the answer."""
        job = self._job(wanted) | {"task": "describe", "resource": resource, "page": None, "document": document}
        await self._answer(request, job, self._settings.query_timeout, volatile=False)

    async def sheet(self, request: Request, resource: str, language: str) -> Frame:
        """What is said of a resource, as a sheet (relgraph.sheets) for a page. Raises RelgraphError."""
        job = self._job(Wanted(None, None, True, None)) | {"task": "describe", "resource": resource, "page": language}
        job["max_bytes"] = min(_SHEET, self._settings.max_bytes)
        facts: dict[str, object] = request.scope["state"]["log"]
        return await self._bounded(request.snapshot, request.client, job, self._settings.query_timeout, facts)

    async def page(self, snapshot: Snapshot, client: str, asked: Asked, facts: dict[str, object]) -> Frame:
        """The first rows that a query finds, for a page; the meta data say whether there are more.

        facts: for the log. Raises RelgraphError.
        """
        job = self._job(Wanted(None, None, True, None)) | {
            "task": "page", "query": asked.pieces or asked.query, "default": asked.dataset.default, "named": asked.dataset.named,
            "page_rows": self._settings.page_rows, "max_bytes": min(_PAGE, self._settings.max_bytes),
        }  # fmt: skip
        facts |= self._noted(asked.query)
        return await self._bounded(snapshot, client, job, self._seconds(asked), facts)

    async def _bounded(
        self, snapshot: Snapshot, client: str, job: Mapping[str, Any], seconds: float, facts: dict[str, object]
    ) -> Frame:
        """The whole answer to a job that is bounded by its kind."""
        started = time.monotonic()
        outcome = "ok"
        try:
            with self._clients.admit(client) as charge:
                try:
                    async with answering(snapshot.pool, client, seconds, self._outbound.select) as run:
                        return await run.whole(job)
                finally:
                    charge(time.monotonic() - started)
        except RelgraphError as error:
            outcome = outcome_of(error)
            raise
        finally:
            facts["outcome"] = outcome
            self._metrics.query(outcome, time.monotonic() - started)

    def _noted(self, query: str) -> dict[str, object]:
        """What the log says of a query."""
        noted: dict[str, object] = {"query": hashlib.sha256(query.encode()).hexdigest()[:16]}
        return noted | {"text": query} if self._settings.log_queries else noted

    def _seconds(self, asked: Asked) -> float:
        return min(asked.timeout or self._settings.query_timeout, self._settings.query_timeout)

    def _job(self, wanted: Wanted) -> dict[str, Any]:
        return {
            "table": wanted.table.name if wanted.table else None,
            "graph": wanted.graph.name if wanted.graph else None,
            "encoding": wanted.coding,
            "max_rows": self._settings.max_rows,
            "max_bytes": self._settings.max_bytes,
        }

    async def _answer(self, request: Request, job: Mapping[str, Any], seconds: float, volatile: bool) -> None:
        started = time.monotonic()
        outcome = "error"
        tag = f'"{_digest(request.snapshot.release, job)}"'
        key = "" if volatile else tag
        try:
            if key and tag in request.known_tags():
                outcome = "not_modified"
                await request.respond(304, self._headers(request, None, key))
                return
            kept = self._cache.get(key) if key and self._cache.largest else None
            if self._cache.largest and key:
                self._metrics.cache(kept is not None)
            if kept:
                outcome = "cached"
                await self._whole(request, key, kept)
                return
            outcome = await self._run(request, job, key, seconds)
        except RelgraphError as error:
            outcome = outcome_of(error)
            if isinstance(error, UnacceptableError):
                formats = TABLE_FORMATS if str(error) == "table" else GRAPH_FORMATS
                error = UnacceptableError(f"nothing that you accept fits this form of query; there are {names(formats)}")
            await request.refuse(error)
        finally:
            self._metrics.query(outcome, time.monotonic() - started)
            request.note(outcome=outcome)

    async def _run(self, request: Request, job: Mapping[str, Any], key: str, seconds: float) -> str:
        """Has a worker answer; gives the outcome. Raises RelgraphError while nothing has been sent."""
        exchange = _Exchange(request)
        texts = self._texts if job["task"] == "why" else {}  # no other answer shows passages
        with self._clients.admit(request.client) as charge:
            began, least = None, 0.0
            try:
                with exchange.watched():
                    pool, fetch = request.snapshot.pool, self._outbound.select
                    async with answering(pool, request.client, seconds, fetch, texts) as run:
                        began = time.monotonic()
                        frame = await run.begin(job)
                        if frame.kind == Kind.HEAD:
                            await self._stream(exchange, run, frame, key)
                        least = 0.0 if run.complete else KILLED
            except asyncio.CancelledError:
                least = KILLED
                if not exchange.left():
                    raise
                return "disconnected"
            except RelgraphError as error:
                least = KILLED if isinstance(error, BudgetError) else 0.0
                if not exchange.begun:
                    raise
                await exchange.break_off(error)
                return outcome_of(error)
            finally:
                if began is not None:
                    charge(max(least, time.monotonic() - began))
        if frame.kind == Kind.ANSWER:
            answer = Kept(frame.meta["type"], frame.meta.get("encoding"), frame.data)
            if key:
                self._cache.put(key, answer)
            await self._whole(request, key, answer)
        return "ok"

    async def _whole(self, request: Request, key: str, answer: Kept) -> None:
        """Sends an answer that is there; a client that does not take it within the time of a query is given up."""
        if "*" in request.known_tags():
            await request.respond(304, self._headers(request, None, key))
            return
        await request.start(200, self._headers(request, answer.media_type, key, answer.coding, len(answer.body)))
        if request.method == "HEAD":
            await request.part(b"", False)
            return
        try:
            async with asyncio.timeout(self._settings.query_timeout):
                for place in range(0, max(1, len(answer.body)), _PART):
                    await request.part(answer.body[place : place + _PART], place + _PART < len(answer.body))
        except TimeoutError:
            await request.hang_up()

    async def _stream(self, exchange: _Exchange, run: Answering, frame: Frame, key: str) -> None:
        """Sends an answer as it comes."""
        request = exchange.request
        media_type, coding = frame.meta["type"], frame.meta["encoding"]
        if "*" in request.known_tags():
            run.abandon()
            await request.respond(304, self._headers(request, None, key))
            return
        until_close = request.scope["http_version"] == "1.0"
        if until_close and request.method != "HEAD":
            request.scope["state"]["until_close"]()
        await exchange.start(media_type, coding, self._headers(request, media_type, key, coding))
        if request.method == "HEAD":
            run.abandon()
            await request.part(b"", False)
            return
        keep = bytearray(frame.data) if key else None
        await request.part(frame.data, True)
        while not run.complete:
            frame = await run.next()
            if keep is not None:
                keep = keep + frame.data if len(keep) + len(frame.data) <= self._cache.largest else None
            await request.part(frame.data, not run.complete or until_close)
        if until_close:
            await request.hang_up()
        if keep:
            self._cache.put(key, Kept(media_type, coding, bytes(keep)))

    def _headers(
        self, request: Request, media_type: str | None, key: str, coding: str | None = None, length: int | None = None
    ) -> Headers:
        headers: Headers = [_VARY, *request.also]
        if media_type:
            headers.append((b"content-type", with_charset(media_type).encode()))
        if key:
            headers += [(b"etag", key.encode()), (b"cache-control", b"public, max-age=%d" % self._settings.max_age)]
        else:
            headers.append((b"cache-control", b"no-cache"))
        if coding:
            headers.append((b"content-encoding", coding.encode()))
        if length is not None:
            headers.append((b"content-length", b"%d" % length))
        if self._settings.max_rows:
            headers.append((b"relgraph-row-limit", b"%d" % self._settings.max_rows))
        return headers


class _Exchange:
    """A request and its answer under way: whether the answer has begun, how it breaks off, whether the client has gone."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.begun = False
        self._gone = False
        self._media_type = ""
        self._coding: str | None = None

    async def start(self, media_type: str, coding: str | None, headers: Headers) -> None:
        self._media_type, self._coding, self.begun = media_type, coding, True
        await self.request.start(200, headers)

    async def break_off(self, error: RelgraphError) -> None:
        """Ends the connection with the answer unfinished."""
        marked = self._coding is not None or self._media_type not in _OPEN
        if not marked:
            with contextlib.suppress(TimeoutError):  # a client that takes nothing takes no last line either
                async with asyncio.timeout(_LAST_LINE):
                    await self.request.part(f"\nERROR, the answer is not complete: {error}\n".encode(), True)
                    marked = True
        await self.request.hang_up(reset=self.request.scope["http_version"] == "1.0" and not marked)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Cancels the task when its client goes away; begins to look after a while, so that short queries do not pay."""
        tasks: list[asyncio.Task[None]] = []
        asking = asyncio.current_task()
        timer = asyncio.get_running_loop().call_later(_PATIENCE, lambda: tasks.append(asyncio.ensure_future(self._watch(asking))))
        try:
            yield
        finally:
            timer.cancel()
            for task in tasks:
                task.cancel()

    def left(self) -> bool:
        """Whether the task was cancelled because its client had gone away; it goes on then."""
        task = asyncio.current_task()
        if self._gone and task is not None:
            task.uncancel()
        return self._gone

    async def _watch(self, asking: asyncio.Task[Any] | None) -> None:
        while (await self.request.receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if asking is not None:
            asking.cancel()


def outcome_of(error: Exception) -> str:
    """The outcome of a query that ended with an error, for metrics and log."""
    if isinstance(error, BudgetError):
        return error.budget
    if isinstance(error, ForbiddenError):
        return "forbidden"
    if isinstance(error, EndpointError):
        return "endpoint"
    return "refused"


def _digest(release: str, job: Mapping[str, Any]) -> str:
    return hashlib.blake2b(repr((release, sorted(job.items()))).encode(), digest_size=16).hexdigest()
