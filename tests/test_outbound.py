"""The way out to other endpoints: listed origins, checked addresses, bounds; against a stand-in endpoint on loopback."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from relgraph.errors import EndpointError, ForbiddenError, UsageError
from relgraph.serving.workers.outbound import Outbound, Resolver, _may_reach
from standin import ANSWER, TYPE, Endpoint, answer, serving

LOOPBACK = ["127.0.0.0/8"]
QUERY = "SELECT * WHERE { ?s ?p 'é+&=' }"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint()) as running:
        yield running


@pytest.fixture
def canary() -> Iterator[Endpoint]:
    """A server that nothing may connect to."""
    with serving(Endpoint()) as running:
        yield running
        assert running.connections == 0


def ask(outbound: Outbound, iri: str) -> bytes:
    return asyncio.run(outbound.select(iri, QUERY))


def to(endpoint: Endpoint, **more: float) -> Outbound:
    return Outbound([endpoint.origin], LOOPBACK, **{"timeout": 10} | more)  # type: ignore[arg-type]  # int and float


def always(*addresses: str) -> Resolver:
    async def resolver(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolver


def test_an_endpoint_is_asked_by_the_protocol(endpoint: Endpoint) -> None:
    assert ask(to(endpoint), f"{endpoint.origin}/sp arql/é?a=b%20c#f") == ANSWER
    ((path, headers, content),) = endpoint.asked
    assert path == "/sp%20arql/%C3%A9?a=b%20c"
    assert parse_qs(content) == {"query": [QUERY]}
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["accept"] == TYPE
    assert headers["accept-encoding"] == "identity"
    assert headers["host"] == f"127.0.0.1:{endpoint.port}"
    assert headers["user-agent"].startswith("relgraph/")


def test_nothing_is_kept_between_requests(endpoint: Endpoint) -> None:
    endpoint.reply = lambda handler: answer(handler, Set_Cookie="a=b; Path=/")
    outbound = to(endpoint)
    for _ in range(2):
        ask(outbound, endpoint.origin)
    assert [headers.get("cookie") for _, headers, _ in endpoint.asked] == [None, None]
    assert endpoint.connections == 2


def test_proxies_and_logins_of_the_environment_do_not_count(
    endpoint: Endpoint, canary: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, canary.origin)
    assert ask(to(endpoint), endpoint.origin) == ANSWER
    assert "authorization" not in endpoint.asked[0][1]


# ── which origins


@pytest.mark.parametrize(
    "iri",
    [
        "https://good.example",
        "https://good.example/sparql?x=y#z",
        "HTTPS://GOOD.example:443/",
        "https://good。example/",
        "http://127.0.0.1:9000/sparql",
        "https://пример.рф/sparql",
        "https://xn--e1afmkfd.xn--p1ai/sparql",
        "http://[0:0::1]:9000/",
    ],
)
def test_an_origin_that_is_listed_is_permitted(iri: str) -> None:
    listed = ["https://good.example", "http://127.0.0.1:9000", "https://Пример.рф", "http://[::1]:9000"]
    assert Outbound(listed).permits(iri)


@pytest.mark.parametrize(
    "iri",
    [
        "http://good.example/",
        "https://good.example:8443/",
        "https://good.example.evil.example/",
        "https://evil.example/https://good.example",
        "https://good.example@evil.example/",
        "https://good.example:443@evil.example/",
        "https://good.example%40evil.example/",
        "https://good.example\\@evil.example/",
        "https://evil.example\\.good.example/",
        "https://good.example\t.evil.example/",
        "https://good.example／.evil.example/",
        "https://user@good.example/",
        "https://user:pass@good.example/",
        "https://@good.example/",
        "https://good.example./",
        "https://gооd.example/",  # Cyrillic о
        "https://good.example:0443443/",
        "https:good.example/",
        "https:///good.example/",
        " https://good.example/",
        "ftp://good.example/",
        "file:///etc/passwd",
        "urn:x:good.example",
        "",
    ],
)
def test_any_other_origin_is_refused_and_not_connected_to(iri: str) -> None:
    async def resolver(host: str, port: int) -> Sequence[str]:
        raise AssertionError(f"{host} was looked up")

    outbound = Outbound(["https://good.example"], resolver=resolver)
    assert not outbound.permits(iri)
    with pytest.raises(ForbiddenError, match="is not answered"):
        ask(outbound, iri)


def test_without_a_list_nothing_is_permitted() -> None:
    reason = Outbound([]).refusal("https://good.example/")
    assert (
        reason
        == "SERVICE <https://good.example/> is not answered: this endpoint asks no other server, and not https://good.example"
    )


@pytest.mark.parametrize(
    "origin", ["good.example", "https://good.example/sparql", "https://a@good.example", "https://*.example", ""]
)
def test_an_origin_that_is_none_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(UsageError):
        Outbound([origin])


def test_a_network_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(UsageError, match="is no network"):
        Outbound([], ["10.0.0.1/8"])


# ── which addresses


def test_loopback_is_not_reached_unless_it_is_allowed(canary: Endpoint) -> None:
    with pytest.raises(ForbiddenError, match="not of the open internet"):
        ask(Outbound([canary.origin]), canary.origin)
    with pytest.raises(ForbiddenError, match="not of the open internet"):
        ask(Outbound([canary.origin], ["10.0.0.0/8"]), canary.origin)


@pytest.mark.parametrize("host", ["localhost", "2130706433", "127.1", "0x7f.0.0.1", "[::ffff:127.0.0.1]"])
def test_other_names_of_loopback_are_not_reached(canary: Endpoint, host: str) -> None:
    iri = f"http://{host}:{canary.port}"
    with pytest.raises((ForbiddenError, EndpointError)):
        ask(Outbound([iri]), iri)


PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "192.0.2.1", "192.0.0.8", "192.88.99.1", "198.18.0.1", "::", "::1", "fc00::1"),
    *("fe80::1", "fe80::1%1", "fec0::1", "ff0e::1", "2001:db8::1", "2001::1", "3fff::1", "100::1", "::127.0.0.1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_of_the_open_internet_is_refused(address: str) -> None:
    outbound = Outbound(["http://name.example"], resolver=always(address))
    with pytest.raises(ForbiddenError, match="not of the open internet"):
        ask(outbound, "http://name.example/")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"])
def test_an_address_of_the_open_internet_may_be_reached(address: str) -> None:
    assert _may_reach(ip_address(address), [])


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_an_allowed_network_holds_for_every_form_of_its_addresses(address: str) -> None:
    assert _may_reach(ip_address(address), [ip_network("127.0.0.0/8")])
    assert not _may_reach(ip_address("10.0.0.1"), [ip_network("127.0.0.0/8")])


def test_the_connection_goes_to_the_address_that_was_checked(endpoint: Endpoint) -> None:
    asked: list[str] = []
    with serving(Endpoint(), host="127.0.0.2") as elsewhere:

        async def rebinding(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

        iri = f"http://name.invalid:{endpoint.port}"
        outbound = Outbound([iri], ["127.0.0.1/32"], resolver=rebinding)
        assert ask(outbound, iri) == ANSWER
        assert asked == ["name.invalid"]
        with pytest.raises(ForbiddenError, match=r"127\.0\.0\.2"):
            ask(outbound, iri)
        assert elsewhere.connections == 0
    assert endpoint.asked[0][1]["host"] == f"name.invalid:{endpoint.port}"


def test_of_several_addresses_only_the_allowed_ones_are_tried(endpoint: Endpoint) -> None:
    iri = f"http://name.invalid:{endpoint.port}"
    resolver = always("10.0.0.1", "127.0.0.9", "127.0.0.1")
    outbound = Outbound([iri], ["127.0.0.0/8"], timeout=10, resolver=resolver)
    assert ask(outbound, iri) == ANSWER


# ── answers that are not taken


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_named_and_not_followed(endpoint: Endpoint, canary: Endpoint, status: int) -> None:
    endpoint.reply = lambda handler: answer(handler, b"", status, Location=f"{canary.origin}/x")
    with pytest.raises(EndpointError, match=f"redirects to '{canary.origin}/x', which is not followed"):
        ask(to(endpoint), endpoint.origin)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (lambda h: answer(h, b"<html>", kind="text/html; charset=utf-8"), "answered with text/html in place of"),
        (lambda h: answer(h, kind="application/sparql-results+xml"), "in place of application/sparql-results"),
        (lambda h: answer(h, kind=""), "answered with no type"),
        (lambda h: answer(h, b"", 500), "status 500"),
        (lambda h: answer(h, b"", 400), "status 400"),
        (lambda h: answer(h, b"", 204), "status 204"),
        (lambda h: answer(h, b"\x1f\x8b", Content_Encoding="gzip"), "answered with gzip"),
        (lambda h: answer(h, b"x", Content_Length="100"), "cannot be reached"),
        (lambda h: h.wfile.write(b"not HTTP\r\n\r\n"), "cannot be reached"),
        (lambda h: h.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000), "cannot be reached"),
    ],
)
def test_an_answer_that_is_no_table_says_so(
    endpoint: Endpoint, reply: Callable[[BaseHTTPRequestHandler], None], reason: str
) -> None:
    endpoint.reply = reply
    with pytest.raises(EndpointError, match=reason) as caught:
        ask(to(endpoint), endpoint.origin)
    assert not caught.value.timeout


def test_the_length_of_an_answer_is_bounded(endpoint: Endpoint) -> None:
    assert ask(to(endpoint, max_bytes=len(ANSWER)), endpoint.origin) == ANSWER
    with pytest.raises(EndpointError, match=f"longer than {len(ANSWER) - 1} bytes"):
        ask(to(endpoint, max_bytes=len(ANSWER) - 1), endpoint.origin)


def test_an_endless_answer_ends(endpoint: Endpoint) -> None:
    stopped = threading.Event()

    def endless(handler: BaseHTTPRequestHandler) -> None:
        try:
            answer(handler)
            while True:
                handler.wfile.write(b" " * 10_000)
        except OSError:
            stopped.set()
            raise

    endpoint.reply = endless
    with pytest.raises(EndpointError, match="longer than 100000 bytes"):
        ask(to(endpoint, max_bytes=100_000), endpoint.origin)
    assert stopped.wait(10), "the connection was left open"


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\n", f"HTTP/1.1 200 OK\r\nContent-Type: {TYPE}\r\n\r\n".encode()])
def test_a_slow_answer_is_a_timeout_however_it_trickles(endpoint: Endpoint, begin: bytes) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(begin)
        while True:  # until the other side has had enough
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" if not begin else b"X")
            time.sleep(0.02)

    endpoint.reply = slow
    with pytest.raises(EndpointError, match=r"not answered within 0\.3 s") as caught:
        ask(to(endpoint, timeout=0.3), endpoint.origin)
    assert caught.value.timeout


def test_a_slow_look_up_of_the_name_is_a_timeout() -> None:
    async def resolver(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        raise AssertionError

    outbound = Outbound(["http://name.invalid"], timeout=0.05, resolver=resolver)
    with pytest.raises(EndpointError) as caught:
        ask(outbound, "http://name.invalid")
    assert caught.value.timeout


def test_nobody_there_is_said() -> None:
    with serving(Endpoint()) as gone:
        pass
    with pytest.raises(EndpointError, match="cannot be reached"):
        ask(to(gone), gone.origin)
    with pytest.raises(EndpointError, match="cannot be reached"):
        ask(Outbound(["http://name.invalid"]), "http://name.invalid")


# ── TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for name.invalid with its key, which signs itself."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=name.invalid"]
    names = ["-addext", "subjectAltName=DNS:name.invalid", "-keyout", str(path), "-out", str(path) + ".crt"]
    try:
        subprocess.run([*command, *names], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not at hand to make a certificate")
    path.write_text(path.read_text() + Path(str(path) + ".crt").read_text())
    return path


@pytest.mark.parametrize(
    ("name", "trusted", "taken"), [("name.invalid", True, True), ("other.invalid", True, False), ("name.invalid", False, False)]
)
def test_the_certificate_is_held_against_the_name(certificate: Path, name: str, trusted: bool, taken: bool) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    tls = ssl.create_default_context(cafile=str(certificate)) if trusted else None
    with serving(Endpoint(), server) as endpoint:
        iri = f"https://{name}:{endpoint.port}"
        outbound = Outbound([iri], LOOPBACK, tls=tls, resolver=always("127.0.0.1"))
        if taken:
            assert ask(outbound, iri) == ANSWER
        else:
            with pytest.raises(EndpointError, match=r"(?i)certificate"):
                ask(outbound, iri)
        assert len(endpoint.asked) == taken
