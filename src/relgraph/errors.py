"""All exceptions of relgraph, and the problem record that they carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with the input.

    where: file:line, or document:start-end in code points; what: the fault; remedy: what to do about it.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


class RelgraphError(Exception):
    """Base of every error that relgraph raises on purpose; exit_code is the exit status of the command line."""

    exit_code = 3


class InputError(RelgraphError):
    """The input is wrong; carries every problem found, in order."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)  # for other processes: an exception is made again from its message otherwise


class UsageError(RelgraphError):
    """The command or call cannot be carried out as given (wrong name, missing release, unknown format)."""

    exit_code = 2


class DamageError(UsageError):
    """The files of a release are not what the release says; the message names their place on this machine."""


class RoomError(UsageError):
    """There is no room for temporary files; the message names their place on this machine."""


class DateError(RelgraphError):
    """A date is not valid EDTF in relgraph's profile; the message says why."""

    exit_code = 2


class QueryError(RelgraphError):
    """A SPARQL query cannot be parsed or evaluated."""

    exit_code = 2


class ForbiddenError(RelgraphError):
    """What is asked for is understood and not allowed here (an update, a server that SERVICE may not reach)."""

    exit_code = 2


class BudgetError(RelgraphError):
    """A query, or a client, has used up what it may use.

    budget: which one (time, memory, rows, bytes, nesting, queue, client, engine); retry_after: seconds after which
    it is worth another try, where that is known.
    """

    exit_code = 2

    def __init__(self, budget: str, detail: str, retry_after: float | None = None) -> None:
        self.budget = budget
        self.retry_after = retry_after
        super().__init__(detail)

    def __reduce__(self) -> tuple[type[BudgetError], tuple[str, str, float | None]]:
        return type(self), (self.budget, str(self), self.retry_after)


def suggestion(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """The remedy for an unknown name: the known ones that are like it, else what is given, else all that are known."""
    names = sorted(known)
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return otherwise or f"Known are {', '.join(names)}"


def raise_if_any(problems: Iterable[Problem]) -> None:
    """Raises InputError when there is at least one problem."""
    found = tuple(problems)
    if found:
        raise InputError(found)


class EndpointError(RelgraphError):
    """Another SPARQL endpoint, asked for a SERVICE clause, did not give a usable answer.

    timeout: it did not answer in time; otherwise it could not be reached, or what it answered cannot be used.
    """

    exit_code = 3

    def __init__(self, detail: str, timeout: bool = False) -> None:
        self.timeout = timeout
        super().__init__(detail)
