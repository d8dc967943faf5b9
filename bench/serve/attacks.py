"""The hostile set: every kind of attack by name, and how one of it is run."""

from __future__ import annotations

import asyncio
import functools
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from bench.serve.exchange import Answer, Ending, Outcome, Sender, Target, connect, exchange, whole
from bench.serve.processes import holds
from bench.serve.queries import FIVE_TRIPLES

HALF_OPEN = 200
AT_ONCE = 500
DEPTH = 5_000
VALUES = 300_000

_FORM = "application/x-www-form-urlencoded"
_UPDATE = "application/sparql-update"
_ROWS_WITHOUT_END = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
_COUNT_WITHOUT_END = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
_MEGABYTE = 1_000_000


class Lane(Enum):
    """What an attack goes for; each lane has attackers of its own, so that slow clients do not wait for slow queries."""

    QUERY = "query"
    NETWORK = "network"


@dataclass(frozen=True)
class Attack:
    """One kind of attack. `may_close` says that no whole request is sent, so that a close without an answer is right."""

    name: str
    lane: Lane
    run: Callable[[Target], Awaitable[list[Outcome]]]
    may_close: bool = False


def hostile_set(canary: int) -> list[Attack]:
    """All attacks; `canary` is the port of 127.0.0.1 that the server must not connect to."""
    return [*_costly_queries(), *_odd_requests(), *_reaching_out(canary), *_network()]


def _costly_queries() -> list[Attack]:
    everything = "{ ?s ?p ?o }"
    aaa = "a" * 40 + "!"
    texts = {
        "cross-count": _COUNT_WITHOUT_END,
        "cross-sorted": f"{_ROWS_WITHOUT_END} ORDER BY ?f ?c ?a",
        "cross-distinct": "SELECT DISTINCT ?a ?c ?d ?f { ?a ?b ?c . ?d ?e ?f }",
        "cross-concat": "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?f))) AS ?all) { ?a ?b ?c . ?d ?e ?f }",
        "cross-ask": 'ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(STR(?a), STR(?d), STR(?g)) = "") }',
        "cross-construct": "CONSTRUCT { ?a ?e ?c } WHERE { ?a ?b ?c . ?d ?e ?f }",
        "sort-everything": f"SELECT * {everything} ORDER BY DESC(STR(?o)) ?s ?p",
        "concat-everything": f'SELECT (GROUP_CONCAT(CONCAT(STR(?s), STR(?p), STR(?o)); SEPARATOR="+") AS ?all) {everything}',
        "doubling-text": f"SELECT ?x0 {{ {''.join(_doubling(40))} }}",
        "regex-backtracking": f'SELECT * {{ ?s ?p ?o BIND("{aaa}" AS ?x) FILTER(REGEX(?x, "^(a+)+$")) }}',
        "regex-backtracking-labels": 'SELECT * { ?s ?p ?o FILTER(REGEX(STR(?o), "^(([a-z]|[^0])*)*[0-9]?№$")) }',
        "regex-huge": 'SELECT * { ?s ?p ?o FILTER(REGEX(STR(?o), "((((a{0,100}){0,100}){0,100}){0,100}){0,100}")) }',
        "path-unbounded": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:x>)* ?b }",
        "path-from-everywhere": "SELECT * { ?a (!<urn:x>|!^<urn:y>)+ ?b . ?b (!<urn:x>)+ ?c } ORDER BY ?c",
        "path-long": f"SELECT * {{ ?a {'/'.join(['(!<urn:x>|^!<urn:x>)'] * 500)} ?b }}",
        "path-nested": f"SELECT * {{ ?a {'(' * 500}<urn:x>{')*' * 500} ?b }}",
    }
    return [_attack(name, functools.partial(Target.get, query=text)) for name, text in texts.items()] + [
        _attack("row-stream", functools.partial(Target.get, query=_ROWS_WITHOUT_END)),
        _attack("values-300000", lambda target: target.post(_values())),
        _attack("lowered-timeout", lambda target: target.get(_COUNT_WITHOUT_END, "&timeout=1")),
        _attack("raised-timeout", lambda target: target.get(_COUNT_WITHOUT_END, "&timeout=1000000")),
    ]


def _odd_requests() -> list[Attack]:
    nested = {
        "nested-groups": "SELECT * " + "{" * DEPTH + " ?s ?p ?o " + "}" * DEPTH,
        "nested-optionals": "SELECT * {" + " OPTIONAL {" * DEPTH + " ?s ?p ?o " + "}" * DEPTH + "}",
        "nested-selects": "SELECT * {" + "{SELECT * {" * DEPTH + " ?s ?p ?o " + "}}" * DEPTH + "}",
        "nested-parentheses": "SELECT * { ?s ?p ?o FILTER" + "(" * DEPTH + "1" + ")" * DEPTH + " }",
        "nested-functions": "SELECT * { ?s ?p ?o FILTER(" + "STR(" * DEPTH + "?s" + ")" * DEPTH + ' = "") }',
        "nested-not": "SELECT * { ?s ?p ?o FILTER(" + "!" * DEPTH + "?s) }",
        "nested-lists": "SELECT * { ?s ?p " + "(" * DEPTH + "1" + ")" * DEPTH + " }",
        "nested-blanks": "SELECT * { ?s ?p " + "[ ?p " * DEPTH + "1" + "]" * DEPTH + " }",
        "long-union": "SELECT * {" + " UNION ".join(["{ ?s ?p ?o }"] * DEPTH) + "}",
        "long-sum": "SELECT (" + "+".join(["1"] * 20 * DEPTH) + " AS ?n) {}",
    }
    bodies: dict[str, Callable[[], bytes]] = {
        "ten-megabytes-comment": lambda: b"#" + b"x" * 10 * _MEGABYTE + b"\n" + FIVE_TRIPLES.encode(),
        "ten-megabytes-patterns": lambda: b"SELECT * {" + b" ?s ?p ?o ." * (10 * _MEGABYTE // 11) + b"}",
        "ten-megabytes-no-query": lambda: b"x" * 10 * _MEGABYTE,
        "literal-12-megabytes": lambda: b'SELECT * { ?s ?p "' + b"x" * 12 * _MEGABYTE + b'" }',
        "malformed-utf-8": lambda: b'SELECT * { ?s ?p "\xff\xfe\xc0\xaf" }',
        "empty-body": lambda: b"",
        "zero-bytes": lambda: b"SELECT * { ?s ?p ?o }" + b"\x00" * 1000,
    }
    return [
        *(_attack(name, functools.partial(_posted, body=text.encode())) for name, text in nested.items()),
        *(_attack(name, functools.partial(_made_and_posted, make=functools.cache(make))) for name, make in bodies.items()),
        _attack("malformed-utf-8-in-url", lambda target: target.get(b'SELECT * { ?s ?p "\xff\xfe" }')),
        _attack("malformed-utf-8-in-form", lambda target: target.post(b"query=SELECT+*+{+?s+?p+%22%FF\xff%22+}", _FORM)),
        _attack("malformed-percent", lambda target: target.head("GET", target.path + "?query=%zz%") + b"\r\n"),
        _attack("empty-query", lambda target: target.get("")),
        _attack("empty-query-in-form", lambda target: target.post(b"query=", _FORM)),
        _attack("two-queries", lambda target: target.get(FIVE_TRIPLES, "&query=ASK%7B%7D")),
        _attack("strange-timeout", lambda target: target.get(FIVE_TRIPLES, "&timeout=-1e999")),
        _attack("ten-thousand-parameters", lambda target: target.post(b"query=ASK{}" + b"&a=b" * 10_000, _FORM)),
        _attack("strange-method", lambda target: target.head("BREW", target.path) + b"\r\n"),
    ]


def _reaching_out(canary: int) -> list[Attack]:
    where = f"http://127.0.0.1:{canary}"
    inside = "{ ?s ?p ?o }"
    queries = {
        "service": f"SELECT * {{ SERVICE <{where}/plain> {inside} }}",
        "service-silent": f"SELECT * {{ SERVICE SILENT <{where}/silent> {inside} }}",
        "service-by-variable": f"SELECT * {{ BIND(<{where}/variable> AS ?at) SERVICE ?at {inside} }}",
        "service-by-values": f"SELECT * {{ VALUES ?at {{ <{where}/values> }} SERVICE SILENT ?at {inside} }}",
        "service-by-computed": f'SELECT * {{ BIND(IRI(CONCAT("{where}", "/computed")) AS ?at) SERVICE ?at {inside} }}',
        "service-escaped": f"SELECT * {{ S\\u0045RVICE <{where}/escaped> {inside} }}",
        "service-escaped-address": f"SELECT * {{ SERVICE <\\u0068ttp://127.0.0.1:{canary}/address> {inside} }}",
        "service-nested": f"SELECT * {{ {{ {{ {{ SERVICE <{where}/nested> {inside} }} }} }} }}",
        "service-in-subquery": f"SELECT * {{ {{ SELECT ?s {{ OPTIONAL {{ SERVICE <{where}/subquery> {inside} }} }} }} }}",
        "service-in-exists": f"ASK {{ ?a ?b ?c FILTER NOT EXISTS {{ SERVICE SILENT <{where}/exists> {inside} }} }}",
        "service-by-prefix": f"PREFIX c: <{where}/> SELECT * {{ sErViCe c:prefix {inside} }}",
        "service-by-base": f"BASE <{where}/> SELECT * {{ SERVICE <base> {inside} }}",
        "service-localhost": f"SELECT * {{ SERVICE <http://localhost:{canary}/name> {inside} }}",
        "from": f"SELECT * FROM <{where}/from> {inside}",
        "from-named": f"SELECT * FROM NAMED <{where}/named> {{ GRAPH ?g {inside} }}",
        "load-as-query": f"LOAD <{where}/load>",
    }
    update = f"LOAD <{where}/update>".encode()
    return [
        *(_attack(name, functools.partial(Target.get, query=text)) for name, text in queries.items()),
        _attack("load-as-update", lambda target: target.post(update, _UPDATE)),
        _attack("load-as-form", lambda target: target.post(b"update=" + update.replace(b" ", b"+"), _FORM)),
        _attack("graph-parameter", lambda target: target.get(FIVE_TRIPLES, f"&default-graph-uri={where}/parameter")),
    ]


def _network() -> list[Attack]:
    return [
        Attack("slow-reader", Lane.NETWORK, _slow_reader),
        Attack("slow-headers", Lane.NETWORK, lambda target: _one(target, _dripping(target.get("x" * 10_000))), may_close=True),
        Attack("slow-body", Lane.NETWORK, _slow_body, may_close=True),
        Attack("half-open", Lane.NETWORK, lambda target: _many(target, _nothing, HALF_OPEN), may_close=True),
        Attack("endless-header", Lane.NETWORK, lambda target: _one(target, _endless(target)), may_close=True),
        Attack("endless-body", Lane.NETWORK, _endless_body, may_close=True),
        Attack("ten-thousand-headers", Lane.NETWORK, _many_headers),
        Attack("long-url", Lane.NETWORK, lambda target: _one(target, whole(target.get(f"ASK {{}}#{'x' * 100_000}")))),
        Attack(
            "no-http", Lane.NETWORK, lambda target: _one(target, whole(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n")), True
        ),
        Attack("many-at-once", Lane.NETWORK, lambda target: _many(target, whole(target.get(FIVE_TRIPLES)), AT_ONCE)),
        Attack("leaves-in-mid-answer", Lane.NETWORK, lambda target: _leaver(target, _ROWS_WITHOUT_END, 1000)),
        Attack("leaves-before-the-answer", Lane.NETWORK, lambda target: _leaver(target, _COUNT_WITHOUT_END, 0)),
    ]


def _attack(name: str, request: Callable[[Target], bytes]) -> Attack:
    return Attack(name, Lane.QUERY, lambda target: _one(target, whole(request(target))))


async def _one(target: Target, send: Sender) -> list[Outcome]:
    return [await exchange(target, send)]


async def _many(target: Target, send: Sender, count: int) -> list[Outcome]:
    return list(await asyncio.gather(*(exchange(target, send) for _ in range(count))))


async def _nothing(_: socket.socket) -> None:
    """Sends nothing at all."""


def _dripping(request: bytes) -> Sender:
    """Sends a byte a second."""

    async def send(connection: socket.socket) -> None:
        for byte in request:
            await asyncio.get_running_loop().sock_sendall(connection, bytes([byte]))
            await asyncio.sleep(1)

    return send


def _endless(target: Target) -> Sender:
    """Sends one header that does not end, up to 64 MB."""

    async def send(connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(connection, target.head("GET", target.path) + b"X-Endless: ")
        for _ in range(64):
            await loop.sock_sendall(connection, b"x" * _MEGABYTE)

    return send


async def _endless_body(target: Target) -> list[Outcome]:
    """A chunked body without a length, up to 64 MB."""
    start = target.head("POST", target.path) + b"Content-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n"

    async def send(connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(connection, start)
        for _ in range(64):
            await loop.sock_sendall(connection, b"f4240\r\n" + b"#" * _MEGABYTE + b"\r\n")

    return await _one(target, send)


async def _slow_body(target: Target) -> list[Outcome]:
    head = target.head("POST", target.path) + b"Content-Type: application/sparql-query\r\nContent-Length: 100000\r\n\r\n"

    async def send(connection: socket.socket) -> None:
        await asyncio.get_running_loop().sock_sendall(connection, head)
        await _dripping(b"#" * 100_000)(connection)

    return await _one(target, send)


async def _many_headers(target: Target) -> list[Outcome]:
    headers = b"".join(b"X-Header-%d: x\r\n" % number for number in range(10_000))
    start = target.get(FIVE_TRIPLES).removesuffix(b"\r\n")
    return await _one(target, whole(start + headers + b"\r\n"))


async def _slow_reader(target: Target) -> list[Outcome]:
    """Reads an answer without end a byte a second; the server has to let go of the connection within the limit.

    What the kernel still holds for the client keeps it from seeing the end, so the server's end of the connection is looked up.
    """
    began = time.monotonic()
    try:
        connection = await connect(target, receive_bytes=4096)
    except (OSError, TimeoutError) as error:
        return [Outcome(Ending.REFUSED, 0, str(error), time.monotonic() - began)]
    with connection:
        answer = Answer()
        await whole(target.get(_ROWS_WITHOUT_END))(connection)
        mine = connection.getsockname()[1]
        seen = began  # when the server was last seen to hold the connection; one look that misses it proves nothing
        while time.monotonic() - seen < _UNSEEN_SECONDS and seen - began < target.limit:
            if _held(target, mine):
                seen = time.monotonic()
            try:
                async with asyncio.timeout(1):
                    await answer.read_some(connection, 1)
                await asyncio.sleep(1)
            except TimeoutError:
                continue
        took = seen - began
        if took >= target.limit:
            return [Outcome(Ending.HELD, answer.status, "", took)]
        try:
            async with asyncio.timeout(10):
                await answer.read(connection)
        except TimeoutError:
            pass
        return [answer.outcome(took)]


#: A connection that was not seen for so long has been let go of.
_UNSEEN_SECONDS = 5


def _held(target: Target, port: int) -> bool:
    """Whether the server holds the connection from this port; looked up again, as a table that changes is read with gaps."""
    return any(holds(target.port, port) for _ in range(3))


async def _leaver(target: Target, query: str, after_bytes: int) -> list[Outcome]:
    """Goes away with a reset after so many bytes of the answer; with none, half a second after asking."""
    began = time.monotonic()
    try:
        connection = await connect(target)
    except (OSError, TimeoutError) as error:
        return [Outcome(Ending.REFUSED, 0, str(error), time.monotonic() - began)]
    with connection:
        answer = Answer()
        await whole(target.get(query))(connection)
        try:
            async with asyncio.timeout(target.limit if after_bytes else 0.5):
                while not answer.ended and not answer.whole and (not after_bytes or answer.count < after_bytes):
                    await answer.read_some(connection, 1000)
        except TimeoutError:
            if after_bytes:
                return [Outcome(Ending.HELD, answer.status, "", time.monotonic() - began)]
        took = time.monotonic() - began
        if answer.ended or answer.whole:
            return [answer.outcome(took)]
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return [Outcome(Ending.LEFT, answer.status, "", took)]


def _posted(target: Target, body: bytes) -> bytes:
    return target.post(body)


def _made_and_posted(target: Target, make: Callable[[], bytes]) -> bytes:
    return target.post(make())


@functools.cache
def _values() -> bytes:
    return ("SELECT * { VALUES ?x { " + " ".join(f"<urn:x:{number}>" for number in range(VALUES)) + " } ?x ?p ?o }").encode()


def _doubling(times: int) -> list[str]:
    """Patterns that double a text so many times, from ten characters."""
    steps = [f"BIND(CONCAT(?x{number + 1}, ?x{number + 1}) AS ?x{number}) " for number in reversed(range(times))]
    return [f'BIND("0123456789" AS ?x{times}) ', *steps]
