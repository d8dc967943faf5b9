"""Asking another SPARQL endpoint: listed origins only, at an address that was checked, within bounds."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlencode

import httpcore2
import httpx2
import idna

from relgraph import __version__
from relgraph.errors import EndpointError, ForbiddenError, UsageError

Address = IPv4Address | IPv6Address
#: Gives the addresses of a host (name or address, port).
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

_RESULTS = "application/sparql-results+json"
_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"(?i:(https?))://([^/?#@\[\]:\\\s%]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?((?:[/?][^#]*)?)(?:#.*)?")
#: Not for the open internet, though some versions of the ipaddress module call them global (IANA special-purpose registries).
_SPECIAL = [ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20", "64:ff9b:1::/48")]
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Origin:
    """Scheme and host in lower case, the host as ASCII (IDNA 2008, UTS 46), and the port."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """Host and port as a URL has them: an IPv6 address in brackets, the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


class Outbound:
    """The way out to other endpoints; nothing is kept between two requests.

    allowed: origins, as "https://query.wikidata.org" or "http://127.0.0.1:9000"; networks: those (CIDR) that are not of the
    open internet and may be reached all the same; timeout: seconds for a whole request; max_bytes: length of an answer.
    tls and resolver stand in for the system's. Raises UsageError for an origin or network that is none.
    """

    def __init__(
        self,
        allowed: Sequence[str],
        networks: Sequence[str] = (),
        timeout: float = 20.0,
        max_bytes: int = 10_000_000,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self._allowed = frozenset(_listed(text) for text in allowed)
        self._networks = [_network(text) for text in networks]
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._tls = tls or httpx2.create_ssl_context(trust_env=False)
        self._resolver = resolver or _resolved

    def permits(self, iri: str) -> bool:
        """True where the origin of an IRI is listed."""
        return self.refusal(iri) is None

    def refusal(self, iri: str) -> str | None:
        """Why an endpoint is not asked, for people; None where its origin is listed."""
        try:
            origin, _ = _split(iri)
        except ValueError as error:
            return f"SERVICE <{iri}> is not answered: {error}"
        if origin in self._allowed:
            return None
        listed = ", ".join(sorted(map(str, self._allowed))) or "no other server"
        return f"SERVICE <{iri}> is not answered: this endpoint asks {listed}, and not {origin}"

    async def select(self, iri: str, query: str) -> bytes:
        """The answer of an endpoint to a SELECT query, as SPARQL 1.1 Query Results JSON, not yet parsed.

        The query goes by form POST (SPARQL 1.1 Protocol, section 2.1.2). Raises ForbiddenError for an origin that is not
        listed or a host at an address that is not allowed, and EndpointError for whatever else goes wrong.
        """
        reason = self.refusal(iri)
        if reason:
            raise ForbiddenError(reason)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._asked(iri, query)
        except (TimeoutError, httpcore2.TimeoutException) as error:
            detail = f"<{iri}> has not answered within {self._timeout:g} s. Ask it for less, or try again later"
            raise EndpointError(detail, timeout=True) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            detail = f"<{iri}> cannot be reached: {error or type(error).__name__}. Check the IRI, or try again later"
            raise EndpointError(detail) from error

    async def _asked(self, iri: str, query: str) -> bytes:
        origin, target = _split(iri)
        scheme, host = origin.scheme.encode(), origin.host.encode()
        connection = httpcore2.AsyncHTTPConnection(
            origin=httpcore2.Origin(scheme, host, origin.port),
            ssl_context=self._tls,
            network_backend=_Checked(self._networks, self._resolver),
        )
        headers: list[tuple[str | bytes, str | bytes]] = [
            ("Host", origin.authority),
            ("Accept", _RESULTS),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("User-Agent", f"relgraph/{__version__} (+https://w3id.org/relgraph)"),
        ]
        url = httpcore2.URL(scheme=scheme, host=host, port=origin.port, target=target.encode())
        content = urlencode({"query": query}).encode()
        try:
            async with connection.stream("POST", url, headers=headers, content=content) as response:
                _check(iri, response)
                body = bytearray()
                async for part in response.aiter_stream():
                    body += part
                    if len(body) > self._max_bytes:
                        raise EndpointError(f"the answer of <{iri}> is longer than {self._max_bytes} bytes. Ask it for less")
                return bytes(body)
        finally:
            await connection.aclose()


class _Checked(httpcore2.AsyncNetworkBackend):
    """Connections to addresses that were checked: the host is resolved once, and the connection goes to what came of it."""

    def __init__(self, networks: Sequence[IPv4Network | IPv6Network], resolver: Resolver) -> None:
        self._networks = networks
        self._resolver = resolver
        self._connector = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A stream to a host (name or address) at a port; timeout in seconds. Raises ForbiddenError, or a NetworkError."""
        found = [ip_address(text) for text in await self._resolver(host, port)]
        addresses = [address for address in found if _may_reach(address, self._networks)]
        if not addresses:
            which = ", ".join(map(str, found)) or "no address"
            reason = "that is not of the open internet, and not among the networks that are allowed here"
            raise ForbiddenError(f"{host} is not asked: it has {which}, and {reason}")
        failure: Exception = httpcore2.ConnectError(host)
        for address in addresses:
            try:
                return await self._connector.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore2.ConnectError as error:
                failure = error
        raise failure


def _may_reach(address: Address, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """True of an address of the open internet and of those in networks; an IPv4 address within an IPv6 one decides for it."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return _may_reach(inner, networks)
        if address.scope_id or address.is_site_local:
            return False
    if any(address in network for network in networks):
        return True
    special = address.is_multicast or address.is_reserved or address.is_private or address.is_link_local
    return address.is_global and not special and not any(address in network for network in _SPECIAL)


def _check(iri: str, response: httpcore2.Response) -> None:
    """Sees to it that a response is a table in JSON that need not be decompressed. Raises EndpointError otherwise."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    if 300 <= response.status < 400:
        to = headers.get("location", "nowhere")
        raise EndpointError(f"<{iri}> redirects to {to!r}, which is not followed. If that is right, name it in the query")
    if response.status != 200:
        raise EndpointError(f"<{iri}> answered with status {response.status}. Try the pattern of the clause there by itself")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _RESULTS:
        raise EndpointError(f"<{iri}> answered with {kind or 'no type'} in place of {_RESULTS}. Check that it is an endpoint")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise EndpointError(f"<{iri}> answered with {headers['content-encoding']}, though it was asked not to compress")


def _split(iri: str) -> tuple[Origin, str]:
    """The origin of an http(s) IRI, and what is asked for there (path and query). Raises ValueError for any other."""
    found = _URL.fullmatch(iri)
    if not found:
        raise ValueError("it is no plain http or https IRI (a user name is not allowed in it)")
    scheme, name, port, target = found[1].lower(), found[2], found[3], found[4]
    host = str(IPv6Address(name[1:-1])) if name.startswith("[") else _ascii(name)
    number = int(port) if port else _PORTS[scheme]
    if not 0 < number < 65536:
        raise ValueError(f"{number} is no port")
    return Origin(scheme, host, number), quote("/" * (not target.startswith("/")) + target, safe="/?:@!$&'()*+,;=-._~%[]")


def _ascii(name: str) -> str:
    try:  # an ASCII name may hold what IDNA refuses, as an underscore
        host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode().lower()
    except idna.IDNAError as error:
        raise ValueError(f"{name} is no name of a host") from error
    if not re.fullmatch(r"[a-z0-9._-]+", host):
        raise ValueError(f"{name} is no name of a host")
    return host


def _listed(text: str) -> Origin:
    try:
        origin, target = _split(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no origin: {error}. Write it as https://query.wikidata.org") from error
    if target != "/" or "#" in text or "?" in text:
        raise UsageError(f"{text!r} is more than an origin. Write {origin}")
    return origin


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no network: {error}. Write it as 10.0.0.0/8") from error


async def _resolved(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
