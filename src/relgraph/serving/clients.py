"""Who asks, and how much each may ask: seconds of query time a minute, and queries at once."""

from __future__ import annotations

import contextlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from relgraph.errors import BudgetError

#: Seconds in which a client's budget fills up again.
_WINDOW = 60.0
#: Clients that are remembered; the one not heard of for longest is forgotten first.
_REMEMBERED = 10_000
#: One household or office has one such network, and all the addresses in it (RFC 6177).
_IPV6_PREFIX = 64
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+")
#: Seconds that a query is charged at least when its worker had to be killed: replacing it costs something too.
KILLED = 1.0


def identify(peer: str | None, forwarded: Sequence[str], trusted_hops: int) -> str:
    """The client's address: the peer's, or behind proxies what the outermost trusted one wrote into X-Forwarded-For.

    forwarded: the values of X-Forwarded-For in their order; entries left of the trusted ones are the client's own
    invention and do not count. An IPv6 address stands for its /64 network.
    """
    address = peer or ""
    if trusted_hops:
        chain = [part.strip() for value in forwarded for part in value.split(",") if part.strip()]
        if chain:
            address = chain[-min(trusted_hops, len(chain))]
    return _household(address[:64])


@lru_cache(maxsize=4096)
def _household(address: str) -> str:
    with_port = _WITH_PORT.fullmatch(address)  # some proxies write the port too
    if with_port:
        address = with_port[1] or with_port[2]
    with contextlib.suppress(ValueError):
        parsed = ip_address(address)
        if isinstance(parsed, IPv6Address):
            if parsed.ipv4_mapped:
                return str(parsed.ipv4_mapped)
            return str(IPv6Address(int(parsed) >> (128 - _IPV6_PREFIX) << (128 - _IPV6_PREFIX)))
    return address


@dataclass
class _Account:
    left: float
    at: float
    queries: int = 0


class Clients:
    """The accounts of all clients. seconds: query time a minute; queries: at once; 0 for no limit of either."""

    def __init__(self, seconds: float, queries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._queries = queries
        self._clock = clock
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    @contextlib.contextmanager
    def admit(self, client: str) -> Iterator[Callable[[float], None]]:
        """Lets a client ask one query; gives the function that charges it seconds.

        Raises BudgetError (client), with the seconds after which it is worth another try.
        """
        account = self._account(client)
        if self._queries and account.queries >= self._queries:
            raise BudgetError("client", f"you have {account.queries} queries under way, the most one client may have", 1.0)
        if self._seconds and account.left <= 0:
            wait = (min(1.0, self._seconds) - account.left) * _WINDOW / self._seconds
            detail = f"you have used up your {self._seconds:g} s of query time a minute"
            raise BudgetError("client", detail, wait)

        def charge(seconds: float) -> None:
            account.left -= seconds

        account.queries += 1
        try:
            yield charge
        finally:
            account.queries -= 1

    def _account(self, client: str) -> _Account:
        now = self._clock()
        account = self._accounts.get(client)
        if account is None:
            account = self._accounts[client] = _Account(self._seconds, now)
            if len(self._accounts) > _REMEMBERED:
                self._forget(client)
        else:
            self._accounts.move_to_end(client)
        account.left = min(self._seconds, account.left + (now - account.at) * self._seconds / _WINDOW)
        account.at = now
        return account

    def _forget(self, newest: str) -> None:
        """Drops the oldest account that has no query under way."""
        for client, account in self._accounts.items():
            if not account.queries and client != newest:
                del self._accounts[client]
                return
