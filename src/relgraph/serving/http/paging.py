"""Pages: made beside the event loop, one at a time, on the budget of the client who asks; kept under their entity tag, and
compressed as data are.

A page is made of what a worker found, or of nothing but what the server knows. Making it is charged like a query.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from relgraph.errors import BudgetError, RelgraphError
from relgraph.serving.clients import KILLED, Clients
from relgraph.serving.http.cache import Cache, Kept
from relgraph.serving.http.exchange import Exchange, deliver, outcome_of
from relgraph.serving.http.jobs import tagged
from relgraph.serving.http.negotiation import HTML, coding, with_charset
from relgraph.serving.http.requests import Headers, Request
from relgraph.serving.http.turns import Turns
from relgraph.serving.metrics import Metrics
from relgraph.serving.settings import Settings
from relgraph.serving.workers.answering import answering
from relgraph.serving.workers.encoding import WORTHWHILE, encoder
from relgraph.serving.workers.frames import Frame, Kind
from relgraph.serving.workers.outbound import Outbound

#: What decides which page is given; most addresses of pages have data too.
VARY = (b"vary", b"Accept, Accept-Encoding, Accept-Language")
_NOTHING = Frame(Kind.ANSWER, {}, b"")


@dataclass(frozen=True)
class Page:
    """A page as it is asked for.

    language: of the page; facts: what it depends on beside the release, the language and the job; make: gives its HTML of what
    a worker found, run in a thread; job: for the worker, None where none is needed; seconds: for job and page together;
    volatile: whether it may be another each time; fleeting: whether caches of others must ask if it still holds; status: other
    than 200 for a page that says what is wrong; free: whether it is made also for a client who has used up a budget;
    media_type: of what make gives, where that is the same as data.
    """

    language: str
    facts: tuple[object, ...]
    make: Callable[[Frame], bytes]
    job: Mapping[str, Any] | None = None
    seconds: float = 0.0
    volatile: bool = False
    fleeting: bool = False
    status: int = 200
    free: bool = False
    media_type: str = HTML


class Pager:
    """Answers requests with pages."""

    def __init__(self, settings: Settings, cache: Cache, clients: Clients, metrics: Metrics, outbound: Outbound) -> None:
        self._settings = settings
        self._cache = cache
        self._clients = clients
        self._metrics = metrics
        self._outbound = outbound
        #: For pages of what a worker found, which may be large, and for the others.
        self._large, self._small = Turns("large page", settings.max_queue), Turns("page", settings.max_queue)

    def close(self) -> None:
        """Makes no more pages."""
        self._large.close()
        self._small.close()

    async def answer(self, request: Request, page: Page) -> None:
        """Answers a request with a page. Raises RelgraphError while nothing has been sent."""
        coded = coding(request.header(b"accept-encoding"))
        job = sorted(page.job.items()) if page.job else None
        tag = tagged(request.snapshot.release, page.language, page.facts, job, coded)
        key = "" if page.volatile or page.status != 200 else tag
        exchange, started, outcome = Exchange(request), time.monotonic(), "error"
        headers = self._headers(request, page, key)
        try:
            if key and key in request.known_tags():
                outcome = "not_modified"
                await request.respond(304, headers)
                return
            kept = self._cache.get(key) if key and self._cache.largest else None
            if key and self._cache.largest:
                self._metrics.cache(kept is not None)
            outcome = "cached" if kept else "ok"
            if kept is None:
                with exchange.watched():
                    kept = await self._made(request, page, coded)
                if key:
                    self._cache.put(key, kept)
            if key and "*" in request.known_tags():
                await request.respond(304, headers)
                return
            if kept.coding:
                headers.append((b"content-encoding", kept.coding.encode()))
            headers += [
                (b"content-type", with_charset(kept.media_type).encode()),
                (b"content-length", b"%d" % len(kept.body)),
            ]
            await deliver(request, page.status, headers, kept.body, self._settings.query_timeout)
        except asyncio.CancelledError:
            outcome = "disconnected"
            if not exchange.left():
                raise
        except RelgraphError as error:
            outcome = outcome_of(error)
            raise
        finally:
            if page.job is not None:
                self._metrics.query(outcome, time.monotonic() - started)
                request.note(outcome=outcome)

    def _headers(self, request: Request, page: Page, key: str) -> Headers:
        headers: Headers = [VARY, *request.also, (b"content-language", page.language.encode())]
        kept = b"no-cache" if page.fleeting or not key else b"public, max-age=%d" % self._settings.max_age
        headers.append((b"cache-control", kept if page.status == 200 else b"no-store"))
        return [*headers, (b"etag", key.encode())] if key else headers

    async def _made(self, request: Request, page: Page, coded: str | None) -> Kept:
        """The page. Raises RelgraphError."""
        seconds = page.seconds or self._settings.query_timeout
        if page.free:
            return await self._rendered(request.client, page, _NOTHING, coded, seconds, lambda spent: None)
        with self._clients.admit(request.client) as charge:
            began = time.monotonic()
            found = await self._found(request, page.job, seconds, charge) if page.job is not None else _NOTHING
            left = max(0.0, seconds - (time.monotonic() - began))
            return await self._rendered(request.client, page, found, coded, left, charge)

    async def _found(self, request: Request, job: Mapping[str, Any], seconds: float, charge: Callable[[float], None]) -> Frame:
        """The whole answer of a worker to a job that is bounded by its kind."""
        began, least = None, 0.0
        try:
            async with answering(request.snapshot.pool, request.client, seconds, self._outbound.select) as run:
                began = time.monotonic()
                return await run.whole(job)
        except (asyncio.CancelledError, BudgetError):
            least = KILLED
            raise
        finally:
            if began is not None:
                charge(max(least, time.monotonic() - began))

    async def _rendered(
        self, client: str, page: Page, found: Frame, coded: str | None, seconds: float, charge: Callable[[float], None]
    ) -> Kept:
        """What a thread makes of what was found; it is charged its seconds of processor time even where nobody waits for it."""
        loop = asyncio.get_running_loop()

        def make() -> Kept:
            began = time.thread_time()
            try:
                html = page.make(found)
                chosen = coded if len(html) >= WORTHWHILE else None
                return Kept(page.media_type, chosen, encoder(chosen).last(html))
            finally:
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(charge, time.thread_time() - began)

        return await (self._large if page.job else self._small).made(client, make, seconds)
