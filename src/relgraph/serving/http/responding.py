"""From a job to a response: the cache, conditional requests, the budgets, and an answer that streams and never lies.

An answer is complete, or it is an error, or it breaks off: what has begun and cannot be finished is never closed as if
it were whole. JSON and XML stay without their end, other formats get a last line that is not of the format, and the
connection is closed before the length or the last chunk that HTTP promises.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from relgraph.errors import BudgetError, RelgraphError
from relgraph.naming import key as key_of
from relgraph.serving.clients import KILLED, Clients
from relgraph.serving.http.addresses import address
from relgraph.serving.http.cache import Cache, Kept, Taken
from relgraph.serving.http.exchange import Exchange, deliver, outcome_of
from relgraph.serving.http.jobs import Jobs, is_volatile, tagged
from relgraph.serving.http.negotiation import Wanted, coding, with_charset
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.requests import Headers, Request
from relgraph.serving.metrics import Metrics
from relgraph.serving.settings import Settings
from relgraph.serving.workers.answering import Answering, answering
from relgraph.serving.workers.failures import UnacceptableError
from relgraph.serving.workers.frames import Frame, Kind
from relgraph.serving.workers.outbound import Outbound
from relgraph.serving.workers.texts import fingerprint

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
        self._jobs = Jobs(settings)
        self._cache = cache
        self._clients = clients
        self._metrics = metrics
        self._outbound = outbound
        self._texts = texts
        self._at_hand = fingerprint(texts)

    async def query(self, request: Request, asked: Asked, wanted: Wanted) -> None:
        """Answers a request with the results of a query."""
        request.note(**self._jobs.noted(asked.query))
        await self._answer(request, self._jobs.query(asked, wanted), self._jobs.seconds(asked), is_volatile(asked.query))

    async def graph(self, request: Request, name: str | None, wanted: Wanted) -> None:
        """Answers a request with the triples of a graph; None for the default graph."""
        await self._answer(request, self._jobs.graph(name, wanted), self._settings.query_timeout)

    async def why(self, request: Request, terms: Mapping[str, str], language: str, form: str, media_type: str) -> None:
        """Answers a request with the explanation of a triple; terms: as people write them, by subject, predicate, object."""
        manner = {"language": language, "form": form, "type": media_type, "texts": self._at_hand}
        wanted = Wanted(None, None, False, coding(request.header(b"accept-encoding")))
        await self._answer(request, self._jobs.why(terms, manner, wanted), self._settings.query_timeout)

    async def export(self, request: Request, form: str, media_type: str, selection: Mapping[str, Any]) -> None:
        """Answers a request with an export; form: a key of relgraph.exports.FORMS; selection: as people write it."""
        packed = media_type == "application/zip" or media_type.endswith("parquet")
        wanted = Wanted(None, None, False, None if packed else coding(request.header(b"accept-encoding")))
        await self._answer(request, self._jobs.export(form, media_type, selection, wanted), self._settings.query_timeout)

    async def description(self, request: Request, resource: str, document: str, wanted: Wanted) -> None:
        """Answers a request with what is said of a resource, as RDF; document: the address of the answer."""
        job = self._jobs.description(resource, document, address(self._settings, request), wanted)
        await self._answer(request, job, self._settings.query_timeout)

    async def _answer(self, request: Request, job: Mapping[str, Any], seconds: float, volatile: bool = False) -> None:
        started = time.monotonic()
        outcome = "error"
        tag = tagged(request.snapshot.release, sorted(job.items()))
        key = "" if volatile else tag
        try:
            if key and tag in request.known_tags():
                outcome = "not_modified"
                await request.respond(304, self._headers(request, job, None, key))
                return
            kept = self._cache.get(key) if key and self._cache.largest else None
            if self._cache.largest and key:
                self._metrics.cache(kept is not None)
            if kept:
                outcome = "cached"
                request.also += _taken(kept.taken)
                await self._whole(request, job, key, kept)
                return
            outcome = await self._run(request, job, key, seconds)
        except RelgraphError as error:
            outcome = outcome_of(error)
            if isinstance(error, UnacceptableError):
                there = request.on_offer(str(error))
                error = UnacceptableError(f"nothing that you accept fits this form of query; there are {there}")
            await request.refuse(error)
        finally:
            self._metrics.query(outcome, time.monotonic() - started)
            request.note(outcome=outcome)

    async def _run(self, request: Request, job: Mapping[str, Any], key: str, seconds: float) -> str:
        """Has a worker answer; gives the outcome. Raises RelgraphError while nothing has been sent."""
        exchange = Exchange(request)
        texts = self._texts if job["task"] == "why" else {}  # no other answer shows passages
        with self._clients.admit(request.client) as charge:
            began, least = None, 0.0
            try:
                with exchange.watched():
                    pool, fetch = request.snapshot.pool, self._outbound.select
                    async with answering(pool, request.client, seconds, fetch, texts) as run:
                        began = time.monotonic()
                        frame = await run.begin(job)
                        request.also += _taken(frame.meta["taken"])
                        if frame.kind == Kind.HEAD:
                            await self._stream(exchange, run, job, frame, key)
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
            answer = Kept(frame.meta["type"], frame.meta.get("encoding"), frame.data, frame.meta["taken"])
            if key:
                self._cache.put(key, answer)
            await self._whole(request, job, key, answer)
        return "ok"

    async def _whole(self, request: Request, job: Mapping[str, Any], key: str, answer: Kept) -> None:
        """Sends an answer that is there."""
        if "*" in request.known_tags():
            await request.respond(304, self._headers(request, job, None, key))
            return
        headers = self._headers(request, job, answer.media_type, key, answer.coding, len(answer.body))
        await deliver(request, 200, headers, answer.body, self._settings.query_timeout)

    async def _stream(self, exchange: Exchange, run: Answering, job: Mapping[str, Any], frame: Frame, key: str) -> None:
        """Sends an answer as it comes."""
        request = exchange.request
        media_type, coding, taken = (frame.meta[name] for name in ("type", "encoding", "taken"))
        if "*" in request.known_tags():
            run.abandon()
            await request.respond(304, self._headers(request, job, None, key))
            return
        until_close = request.scope["http_version"] == "1.0"
        if until_close and request.method != "HEAD":
            request.scope["state"]["until_close"]()
        await exchange.start(media_type, coding, self._headers(request, job, media_type, key, coding))
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
            self._cache.put(key, Kept(media_type, coding, bytes(keep), taken))

    def _headers(
        self,
        request: Request,
        job: Mapping[str, Any],
        media_type: str | None,
        key: str,
        coding: str | None = None,
        length: int | None = None,
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
        if job["max_rows"]:
            headers.append((b"relgraph-row-limit", b"%d" % job["max_rows"]))
        return headers


def _taken(names: Taken) -> Headers:
    """The header that says what names were taken for: names and keys, as in an address."""
    pairs = [(text, key_of(iri)) for text, iri in names]
    return [(b"relgraph-taken", urlencode(pairs, safe="/:").encode())] if pairs else []
