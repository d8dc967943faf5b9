"""Errors as RFC 9457 problem details: one shape for every status, with the budget that was used up, where one was."""

from __future__ import annotations

import json
import math
from http import HTTPStatus

from starlette.exceptions import HTTPException

from relgraph.errors import BudgetError, DamageError, EndpointError, ForbiddenError, QueryError, RelgraphError, RoomError
from relgraph.serving.logs import log
from relgraph.serving.workers.failures import UnacceptableError

MEDIA_TYPE = b"application/problem+json"
#: The status of a used-up budget; 503 for those not named.
_BUDGETS = {"time": 504, "client": 429, "queue": 429, "nesting": 400}


class Problem:
    """An error as status, headers and body of a response."""

    def __init__(self, status: int, title: str, detail: str, budget: str | None = None, retry_after: float | None = None) -> None:
        self.status = status
        self.detail = detail
        body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        if budget:
            body["budget"] = budget
        self.body = json.dumps(body, ensure_ascii=False).encode()
        self.headers: list[tuple[bytes, bytes]] = [
            (b"content-type", MEDIA_TYPE),
            (b"content-length", str(len(self.body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        if retry_after is not None:
            self.headers.append((b"retry-after", str(max(1, math.ceil(retry_after))).encode()))


def problem(error: Exception) -> Problem:
    """The problem of an exception; one that nobody foresaw is a 500 that tells nothing of the inside, as are damaged data,
    which the log tells of."""
    if isinstance(error, BudgetError):
        return Problem(_BUDGETS.get(error.budget, 503), "Over the limit", str(error), error.budget, error.retry_after)
    if isinstance(error, HTTPException):
        found = Problem(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail))
        found.headers += [(name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()]
        return found
    if isinstance(error, ForbiddenError):
        return Problem(403, "Forbidden", str(error))
    if isinstance(error, EndpointError):
        return Problem(504, "Gateway Timeout", str(error)) if error.timeout else Problem(502, "Bad Gateway", str(error))
    if isinstance(error, UnacceptableError):
        return Problem(406, "Not Acceptable", str(error))
    if isinstance(error, DamageError):
        log.error("a release is damaged", extra={"facts": {"detail": str(error)}})
        return Problem(500, "Internal Server Error", "the release is damaged; the log of the server says more")
    if isinstance(error, RoomError):
        log.error("there is no room for temporary files", extra={"facts": {"detail": str(error)}})
        return Problem(503, "Service Unavailable", "the server has no room for temporary files; its log says more")
    if isinstance(error, QueryError):
        return Problem(400, "The query cannot be answered", str(error))
    if isinstance(error, RelgraphError):
        return Problem(400, "Bad Request", str(error))
    return Problem(500, "Internal Server Error", "the server failed on this request; its log says more")
