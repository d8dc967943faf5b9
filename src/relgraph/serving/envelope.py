"""Around every request: the snapshot it is answered from, its id, the headers of every response, metrics and the log."""

from __future__ import annotations

import re
import secrets
import time
from itertools import count

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relgraph.serving.clients import identify
from relgraph.serving.logs import log
from relgraph.serving.metrics import Metrics
from relgraph.serving.problems import problem
from relgraph.serving.requests import Headers
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots import Snapshots

_SECURITY: Headers = [
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
#: Ids of requests: random for a run of the server, then counted.
_RUN = secrets.token_hex(4).encode()
_NUMBERS = count(1)
#: Ids that others may give to a request; any other is replaced.
_ID = re.compile(rb"[\w.:/+=-]{1,64}", re.ASCII)


def identified(request_id: bytes = b"") -> Headers:
    """The headers of every response, with a new id where the request has none."""
    return [(b"x-request-id", request_id or b"%s-%x" % (_RUN, next(_NUMBERS))), *_SECURITY]


class Envelope:
    """Puts the application into its envelope."""

    def __init__(self, application: ASGIApp, settings: Settings, snapshots: Snapshots, metrics: Metrics) -> None:
        self._application = application
        self._settings = settings
        self._snapshots = snapshots
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request; an exception that nobody foresaw becomes a problem with status 500."""
        started = time.perf_counter()
        snapshot = self._snapshots.enter()
        given, forwarded = b"", []
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value
            elif name == b"x-forwarded-for":
                forwarded.append(value.decode("latin-1"))
        own = [(b"relgraph-release", snapshot.release.encode()), *identified(given if _ID.fullmatch(given) else b"")]
        request_id = own[1][1].decode()
        peer = scope.get("client")
        facts: dict[str, object] = {}
        state = scope.setdefault("state", {})
        state.setdefault("hang_up", lambda reset=False: None)
        state.setdefault("until_close", lambda: None)
        state["snapshot"] = snapshot
        state["client"] = identify(peer[0] if peer else None, forwarded, self._settings.trusted_hops)
        state["log"] = facts
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *own]
            await send(message)

        try:
            await self._application(scope, receive, sending)
        except Exception as error:
            log.error("a request failed", exc_info=error, extra={"facts": {"id": request_id}})
            if status:
                state["hang_up"](scope["http_version"] == "1.0")
            else:
                found = problem(error)
                await sending({"type": "http.response.start", "status": found.status, "headers": found.headers})
                await sending({"type": "http.response.body", "body": found.body})
        finally:
            snapshot.leave()
            client = state["client"]
            state.clear()  # the connection holds on to it, and with it to the snapshot
            self._metrics.request(status)
            if self._settings.log == "requests":
                log.info("request", extra={"facts": {
                    "id": request_id, "method": scope["method"], "path": scope["path"], "status": status,
                    "ms": round((time.perf_counter() - started) * 1000, 1), "client": client,
                    "release": snapshot.release[:12], **facts,
                }})  # fmt: skip
