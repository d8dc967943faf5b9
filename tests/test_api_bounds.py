"""An endpoint that is asked from Python may answer anything: no answer fills the memory, and none is a traceback."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

import relgraph
from relgraph import Dataset
from relgraph.api import endpoint as module
from relgraph.errors import BudgetError, EndpointError, QueryError, RelgraphError, UsageError
from standin import TYPE, Endpoint, answer, serving

PROBLEM = "application/problem+json"
DEEP = b"[" * 100_000


@pytest.fixture(scope="module")
def other() -> Iterator[Endpoint]:
    with serving(Endpoint()) as running:
        yield running


def asked(other: Endpoint, reply: Callable[[BaseHTTPRequestHandler], None], query: str = "SELECT ?s {}") -> object:
    other.reply = reply
    with relgraph.open(f"{other.origin}/sparql") as ds:
        return ds.query(query)


def test_a_long_answer_is_broken_off(other: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 100_000)
    with pytest.raises(EndpointError, match="more than 100000 bytes"):
        asked(other, lambda handler: answer(handler, b" " * 100_001))
    with pytest.raises(EndpointError, match="more than 100000 bytes"):
        asked(other, lambda handler: answer(handler, gzip.compress(b" " * 50_000_000), Content_Encoding="gzip"))
    assert asked(other, lambda handler: answer(handler, b'{"head":{},"boolean":true}' + b" " * 90_000), "ASK {}")


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "compress"])
def test_a_coding_that_was_not_asked_for_is_not_undone(coding: str, other: Endpoint) -> None:
    with pytest.raises(EndpointError, match="which was not asked for"):
        asked(other, lambda handler: answer(handler, gzip.compress(gzip.compress(b" ")), Content_Encoding=coding))


def test_what_a_server_says_is_short_and_printable(other: Endpoint) -> None:
    said = b'{"detail": "\\u001b]0;title\\u0007' + b"x" * 100_000 + b'"}'
    with pytest.raises(QueryError) as caught:
        asked(other, lambda handler: answer(handler, said, 400, PROBLEM))
    assert len(str(caught.value)) < 1200
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("status", "kind", "body", "headers"),
    [
        (500, PROBLEM, DEEP, {}),
        (500, PROBLEM, b"null", {}),
        (503, PROBLEM, b'{"budget": ["time"], "detail": null}', {"Retry_After": "\u00b2"}),
        (503, PROBLEM, b'{"budget": "time"}', {"Retry_After": "9" * 400}),
        (302, TYPE, b"", {"Location": "file:///etc/passwd"}),
        (200, TYPE, DEEP, {}),
        (200, TYPE, b"", {}),
        (200, TYPE, b"\xff\xfe", {}),
        (200, TYPE, b"not packed", {"Content_Encoding": "gzip"}),
        (200, TYPE, b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"u:x> } #"}}]}}', {}),
        (200, TYPE, b'{"head":{"vars":["s"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}', {}),
    ],
)
def test_whatever_comes_is_told_in_words(status: int, kind: str, body: bytes, headers: dict[str, str], other: Endpoint) -> None:
    with pytest.raises((EndpointError, BudgetError)) as caught:
        asked(other, lambda handler: answer(handler, body, status, kind, **headers))
    assert other.origin in str(caught.value)


@pytest.mark.parametrize("body", [b"[]", b"null", b"{}", DEEP, b"\xff", b'{"found": "yes"}'])
def test_an_explanation_is_a_record_or_there_is_none(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with relgraph.open("http://127.0.0.1:9/sparql") as ds:
        monkeypatch.setattr(ds._backend, "_asked", lambda *given: ("application/json", body))
        with pytest.raises(EndpointError, match="no explanation that can be read"):
            ds.why("a", "b", "c")


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), None, "5"])
def test_seconds_are_seconds(seconds: float) -> None:
    with pytest.raises(UsageError, match="give a number of seconds"):
        relgraph.open("http://127.0.0.1:9/sparql", timeout=seconds)


def test_what_is_no_name_or_date_is_told_in_words(other: Endpoint) -> None:
    wrong: list[Callable[[Dataset], object]] = [
        lambda ds: ds.entity(None),  # type: ignore[arg-type]
        lambda ds: ds.entity(5),  # type: ignore[arg-type]
        lambda ds: ds.timeline(begin=1999),  # type: ignore[arg-type]
        lambda ds: relgraph.DateRange(1999),  # type: ignore[arg-type]
    ]
    with relgraph.open(f"{other.origin}/sparql") as ds:
        other.reply = lambda handler: answer(handler)
        for call in wrong:
            with pytest.raises(RelgraphError, match=r"no name|no text"):
                call(ds)
