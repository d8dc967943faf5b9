"""The log: an object a line for programs, a short line for people at a terminal, to whom it can do no harm."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.serving import logs
from relgraph.serving.settings import Settings
from server import Server, eventually, write

FACTS = {"id": "r-1", "method": "GET", "path": "/id/state/RUS", "status": 200, "ms": 12.4, "client": "192.0.2.1", "release": "a"}


class Standard(io.StringIO):
    """Standard error, which is a terminal or not."""

    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture(scope="module", autouse=True)
def as_before() -> Iterator[None]:
    loggers = [logs.log, logging.getLogger("uvicorn.error")]
    before = [(logger, logger.handlers, logger.propagate, logger.level) for logger in loggers]
    yield
    for logger, handlers, propagate, level in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def written(event: str, level: int = logging.INFO, is_terminal: bool = True, form: str = "auto", **extra: Any) -> str:
    """What is written of an event."""
    error, standard = sys.stderr, Standard(is_terminal)
    sys.stderr = standard
    try:
        logs.configure(Settings(log_format=form))  # type: ignore[arg-type]  # by name
        logs.log.log(level, event, **extra)
    finally:
        sys.stderr = error
    return standard.getvalue()


def requested(is_terminal: bool = True, form: str = "auto", **facts: Any) -> str:
    return written("request", is_terminal=is_terminal, form=form, extra={"facts": {**FACTS, **facts}})


@pytest.mark.parametrize(
    ("form", "is_terminal", "is_json"),
    [
        ("auto", True, False), ("auto", False, True), ("text", True, False), ("text", False, False), ("json", True, True),
        ("json", False, True),
    ],
)  # fmt: skip
def test_people_get_lines_and_programs_objects_unless_the_setting_says_which(form: str, is_terminal: bool, is_json: bool) -> None:
    line = requested(is_terminal, form)
    assert line.startswith("{") == is_json
    if is_json:
        assert json.loads(line).items() >= {"event": "request", **FACTS}.items()


def test_a_line_says_time_status_method_path_and_milliseconds() -> None:
    assert re.fullmatch(r"\d\d:\d\d:\d\d 200 GET  /id/state/RUS 12 ms\n", requested())


@pytest.mark.parametrize(
    ("facts", "end"),
    [
        ({"outcome": "ok", "query": "0123"}, "12 ms"), ({"outcome": "time"}, "12 ms time"), ({"text": "ASK {}"}, "12 ms ASK {}"),
        ({"outcome": "refused", "text": "ASK {\n"}, r"12 ms refused ASK {\n"),
    ],
)  # fmt: skip
def test_a_line_says_what_was_not_well_and_the_query_where_that_is_asked_for(facts: dict[str, Any], end: str) -> None:
    assert requested(**facts).removesuffix("\n").endswith(f"/id/state/RUS {end}")


def test_what_happens_to_the_server_is_a_line_with_its_facts() -> None:
    assert re.fullmatch(r"[\d:]{8} ready release=0123\n", written("ready", extra={"facts": {"release": "0123"}}))
    assert re.fullmatch(r"[\d:]{8} warning cannot start a worker: no\n", written("cannot start a worker: no", logging.WARNING))


def test_a_trace_follows_on_lines_of_its_own() -> None:
    try:
        raise ValueError("odd \x1b[2J\x07")
    except ValueError as error:
        first, *trace = written("a request failed", logging.ERROR, exc_info=error).splitlines()
    assert first.endswith("error a request failed")
    assert trace[0].startswith("  Traceback")
    assert trace[-1] == r"  ValueError: odd \x1b[2J\x07"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_no_line_is_forged_by_what_a_trace_quotes(end: str) -> None:
    try:
        raise ValueError(f"odd{end}12:00:00 200 GET  /health 1 ms")
    except ValueError as error:
        _, *trace = written("a request failed", logging.ERROR, exc_info=error).splitlines()
    assert trace
    assert all(line.startswith("  ") for line in trace)


@given(st.text(max_size=300))
def test_no_path_does_anything_to_a_terminal(path: str) -> None:
    line = requested(path="/" + path)
    assert line.endswith("\n")
    assert line[:-1].isprintable()
    assert not path.isprintable() or ("/" + path)[:100] in line
    told = requested(form="json", path="/" + path)
    assert told[:-1].isprintable()
    assert json.loads(told)["path"] == "/" + path


@pytest.mark.parametrize("character", ["\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u2028", "\U000e0041", "\udc9b"])
def test_what_a_terminal_obeys_is_escaped_in_both_forms(character: str) -> None:
    path = f"/Москва{character}x"
    line, escaped = requested(path=path), character.encode("unicode_escape").decode()
    assert f"/Москва{escaped}x" in line
    told = requested(form="json", path=path)
    assert told[:-1].isprintable()
    assert "Москва" in told
    assert json.loads(told)["path"] == path


def test_a_line_stays_short() -> None:
    assert len(requested(path="/" + "a" * 9000, text="ASK {" + " " * 9000, outcome="time")) < 300


def test_a_server_at_a_terminal_writes_lines(tmp_path: Path) -> None:
    leader, follower = os.openpty()
    seen = bytearray()

    def read() -> None:
        try:
            while data := os.read(leader, 4096):
                seen.extend(data)
        except OSError:  # nobody holds the terminal any more
            pass

    reading = threading.Thread(target=read)
    reading.start()
    with Server(Path(os.ttyname(follower)), "--dataset", write(tmp_path / "data.nt", "a")) as server:
        os.close(follower)
        assert server.get("health").status_code == 200
        eventually(lambda: b" 200 GET  /health " in seen)
    reading.join(30)
    os.close(leader)
    assert b"{" not in seen
