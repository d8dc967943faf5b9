"""Threads that share a dataset get what one alone gets; each case in a process of its own, whose parser is not yet used."""

from __future__ import annotations

import gc
import json
import logging
import subprocess
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pyoxigraph as ox
import pytest
from pyparsing import ParseException

import relgraph
from relgraph import Dataset, evaluation, grammar, querytext
from relgraph.api import reading
from relgraph.errors import QueryError, UsageError
from relgraph.release import Release
from relgraph.validation import pyshacl
from relgraph.validation.outward import outward
from relgraph.vocabulary import SH, A

DATES = "SELECT ?date { ?v a rg:Visit ; rg:time/rg:edtf ?date } ORDER BY ?date"
FOUND = 'SELECT ?t { SERVICE search:index { ?t search:query "Moscow" } }'
#: What is asked, as an expression of Python that gives something to compare.
CASES = [
    "[len(ds.timeline('NATO')), len(ds.timeline('NATO').undated)]",
    f"[type(row.date).__name__ for row in ds.select({DATES!r})]",
    "[entity.key for entity in ds.search('Moscow')]",
    f"sorted(row.t.key for row in ds.select({FOUND!r}))",
    "[row.who.label for row in ds.select('SELECT ?who { ?v rg:visitor ?who } ORDER BY ?who')]",
]
THREADS = """
import json, sys, threading, relgraph
ds, seen = relgraph.open(sys.argv[1]), []
def ask():
    try:
        seen.append(eval(sys.argv[2]))
    except Exception as error:
        seen.append(repr(error))
threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
ask()
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=["timeline", "dates", "search", "service", "labels"])
def test_the_first_questions_of_a_process_may_come_from_many_threads(case: str, ds: Dataset, release: Release) -> None:
    alone = eval(case, {"ds": ds})
    assert alone
    command = [sys.executable, "-c", THREADS, str(release.path), case]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [alone] * 9
    assert done.stderr == ""


@pytest.mark.parametrize(
    "use",
    [
        lambda: querytext.parsed("ASK {}", {}, None),
        lambda: outward("ASK { SERVICE <urn:a> {} }"),
        lambda: pyshacl.results([], _queried(), [], advanced=False),
    ],
    ids=["reading", "validation", "pyshacl"],
)
def test_the_grammar_is_used_by_one_thread_at_a_time(use: Callable[[], object]) -> None:
    finished = threading.Event()

    def read() -> None:
        use()
        finished.set()

    thread = threading.Thread(target=read)
    with grammar.PARSING:
        thread.start()
        assert not finished.wait(0.2)
    assert finished.wait(60)
    thread.join()


def test_shapes_without_queries_wait_for_nobody() -> None:
    with grammar.PARSING:
        assert pyshacl.results([], _shape("nodeKind", ox.NamedNode(SH + "IRI")), [], advanced=False) == []


def test_of_several_threads_the_last_one_puts_back_what_is_silenced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first to begin ends before the second, which has found the log already off."""
    import pyshacl as engine

    log, filters = logging.getLogger("rdflib.term"), list(warnings.filters)
    validate = engine.validate
    began, second, first_is_done = threading.Event(), threading.Event(), threading.Event()
    silent: list[bool] = []

    def waiting(*given: Any, **named: Any) -> Any:
        if threading.current_thread() is first:
            began.set()
            assert second.wait(60)
        else:
            second.set()
            assert first_is_done.wait(60)
        silent.append(log.disabled)
        return validate(*given, **named)

    def run() -> None:
        assert pyshacl.results([], _shape("nodeKind", ox.NamedNode(SH + "IRI")), [], advanced=False) == []

    def run_first() -> None:
        run()
        first_is_done.set()

    monkeypatch.setattr(engine, "validate", waiting)
    first = threading.Thread(target=run_first)
    first.start()
    assert began.wait(60)
    run()
    first.join()
    assert silent == [True, True]
    assert not log.disabled
    assert warnings.filters == filters


def _shape(name: str, value: ox.NamedNode | ox.BlankNode, *more: ox.Triple) -> list[ox.Triple]:
    """A shape of a node with one constraint."""
    shape = ox.NamedNode("urn:shape")
    return [
        ox.Triple(shape, A, ox.NamedNode(SH + "NodeShape")),
        ox.Triple(shape, ox.NamedNode(SH + "targetNode"), ox.NamedNode("urn:a")),
        ox.Triple(shape, ox.NamedNode(SH + name), value),
        *more,
    ]


def _queried() -> list[ox.Triple]:
    """A shape with a query that finds nothing."""
    constraint = ox.BlankNode()
    query = ox.Literal("SELECT $this { FILTER(false) }")
    return _shape("sparql", constraint, ox.Triple(constraint, ox.NamedNode(SH + "select"), query))


def test_a_reading_that_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    query = f"{DATES} # tried again"

    def fails(*given: object) -> Any:
        raise ParseException("")

    with monkeypatch.context() as patched:
        patched.setattr(querytext, "parsed", fails)
        assert reading.read(query).dates == frozenset()
    assert reading.read(query).dates == {"date"}


def test_a_fault_in_the_reader_is_no_empty_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*given: object) -> Any:
        raise TypeError("a fault")

    monkeypatch.setattr(querytext, "parsed", faulty)
    with pytest.raises(TypeError, match="a fault"):
        reading.read(f"{DATES} # faulty")


def test_what_the_parser_leaves_behind_can_be_cleared_away_by_any_thread(ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyparsing leaves cycles that lead to the frames of its callers; results of the engine end only in their own thread."""
    refused: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", refused.append)
    gc.collect()
    gc.disable()
    try:
        assert ds.search("Moscow")
        with pytest.raises(UsageError):
            ds.entity("Moskow")
        thread = threading.Thread(target=gc.collect)
        thread.start()
        thread.join()
    finally:
        gc.enable()
    assert refused == []


class Failing:
    """Results that end in a fault of the engine."""

    variables = ()

    def __iter__(self) -> Iterator[Any]:
        return map(int, ["no number"])


def test_an_error_does_not_hold_the_results_that_it_is_about() -> None:
    results: list[Any] = [Failing()]
    held = weakref.ref(results[0])
    with pytest.raises(QueryError, match="cannot be evaluated") as caught:
        evaluation.rows(results.pop())
    assert caught.value.__traceback__ is not None
    assert held() is None
