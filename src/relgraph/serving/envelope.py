"""Around every request: the snapshot it is answered from, its id, the headers of every response, metrics and the log."""

from __future__ import annotations

import re
import secrets
import time
from itertools import count

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relgraph.errors import RelgraphError
from relgraph.serving.clients import identify
from relgraph.serving.descriptions.files import PATH as FILES
from relgraph.serving.http import asof
from relgraph.serving.http.problems import Problem, problem
from relgraph.serving.http.protocol import parameters
from relgraph.serving.http.requests import Headers
from relgraph.serving.logs import REQUEST, log
from relgraph.serving.metrics import Metrics
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.current import Snapshots
from relgraph.serving.snapshots.snapshot import Snapshot

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
#: The name of the parameter, however it is encoded.
_ASKED = re.compile(rb"(?:^|&)%s=" % b"".join(b"(?:%c|%%%x)" % (letter, letter) for letter in b"release"), re.IGNORECASE)
#: What is not of a release; a file names its release itself.
_OF_NONE = (FILES + "/", "/static/", "/health", "/metrics")
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
        """Answers a request; an exception that nobody foresaw becomes a problem with status 500.

        Its state says: snapshot; older: whether that is another than the current one; refusal: the problem to answer with,
        where the release that it asks for cannot be had; client; log: facts for it. An answer that is not of the snapshot
        puts the id of its release there as release.
        """
        started = time.perf_counter()
        given, forwarded = b"", []
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value
            elif name == b"x-forwarded-for":
                forwarded.append(value.decode("latin-1"))
        peer = scope.get("client")
        client = identify(peer[0] if peer else None, forwarded, self._settings.trusted_hops)
        snapshot, refusal = await self._entered(scope, client)
        own = [(b"relgraph-release", snapshot.release.encode()), *identified(given if _ID.fullmatch(given) else b"")]
        request_id, prefix = own[1][1].decode(), self._settings.prefix
        facts: dict[str, object] = {}
        state = scope.setdefault("state", {})
        state.setdefault("hang_up", lambda reset=False: None)
        state.setdefault("until_close", lambda: None)
        state["snapshot"] = snapshot
        state["older"] = snapshot is not self._snapshots.current
        state["refusal"] = refusal
        state["client"] = client
        state["log"] = facts
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if "release" in state:
                    own[0] = (b"relgraph-release", state["release"].encode())
                headers = message.get("headers", ())
                message["headers"] = [*(asof.headed(headers, prefix) if prefix else headers), *own]
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
            release = state.get("release", snapshot.release)
            state.clear()  # the connection holds on to it, and with it to the snapshot
            self._metrics.request(status)
            if self._settings.log == "requests":
                log.info(REQUEST, extra={"facts": {
                    "id": request_id, "method": scope["method"], "path": scope["path"], "status": status,
                    "ms": round((time.perf_counter() - started) * 1000, 1), "client": client,
                    "release": release[:12], **facts,
                }})  # fmt: skip

    async def _entered(self, scope: Scope, client: str) -> tuple[Snapshot, Problem | None]:
        """The snapshot that a request is answered from; where it asks for one that cannot be had, the current one, and why."""
        try:
            asked = _release(scope)
            if asked:
                return await self._snapshots.enter_other(asked, client), None
        except (HTTPException, RelgraphError, OSError) as error:
            return self._snapshots.enter(), problem(error)
        return self._snapshots.enter(), None


def _release(scope: Scope) -> str:
    """The release that a request asks for by the parameter `release` of its address; "" for the current one, and where
    the answer is not of a release. Raises HTTPException 400 where there are several."""
    if not _ASKED.search(scope["query_string"]) or scope["method"] == "OPTIONS" or scope["path"].startswith(_OF_NONE):
        return ""
    names = [value for name, value in parameters(scope["query_string"]) if name == "release"]
    if len(names) > 1:
        raise HTTPException(400, f"give one release; there are {len(names)}")
    return names[0] if names else ""
