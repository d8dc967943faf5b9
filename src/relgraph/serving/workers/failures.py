"""Errors on their way between a worker and the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relgraph.errors import (
    BudgetError,
    DamageError,
    EndpointError,
    ForbiddenError,
    QueryError,
    RelgraphError,
    RoomError,
    UsageError,
)


class UnacceptableError(RelgraphError):
    """The answer has a form, "table" or "graph", for which the client accepts no format; the message is the form."""


_KNOWN: Mapping[str, type[RelgraphError]] = {
    kind.__name__: kind for kind in (QueryError, UsageError, DamageError, RoomError, ForbiddenError, UnacceptableError)
}


def described(error: RelgraphError) -> dict[str, Any]:
    """An error as the meta data of a frame."""
    about: dict[str, Any] = {"error": type(error).__name__, "detail": str(error)}
    if isinstance(error, BudgetError):
        about["budget"] = error.budget
    if isinstance(error, EndpointError):
        about["timeout"] = error.timeout
    return about


def raised(about: Mapping[str, Any]) -> RelgraphError:
    """The error that the meta data of a frame describe."""
    if "budget" in about:
        return BudgetError(about["budget"], about["detail"])
    if "timeout" in about:
        return EndpointError(about["detail"], about["timeout"])
    return _KNOWN.get(about["error"], RelgraphError)(about["detail"])
