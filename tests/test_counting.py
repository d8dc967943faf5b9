"""Counting rows in a serialization: as many as there are solutions, whatever they hold and however the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.evaluation import TABLE_FORMATS
from relgraph.serving.workers.counting import counter

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = tuple[Term, Term | None]

FORMATS = [format.engine for format in TABLE_FORMATS if isinstance(format.engine, ox.QueryResultsFormat)]
VALUE, OTHER = ox.NamedNode("http://example.org/value"), ox.NamedNode("http://example.org/other")
QUERY = f"SELECT ?value ?other {{ ?thing {VALUE} ?value OPTIONAL {{ ?thing {OTHER} ?other }} }}"
EMPTY = "SELECT ?value { ?thing ?property ?value FILTER(false) }"

#: What stands between rows, or looks like it.
MARKS = ['"', "\\", '\\"', "{", "}", ",", "},{", '"}},{"', '"bindings":[{', "]}}", "<result>", "&lt;result>", "<", "&"]
SPACES = ["\n", "\r", "\r\n", "\t", "\\n", " ", "\0"]
TEXTS = st.lists(st.sampled_from([*MARKS, *SPACES, "é", "𝄞"])).map("".join) | st.text()
LITERALS = (
    st.builds(ox.Literal, TEXTS)
    | st.builds(lambda text, language: ox.Literal(text, language=language), TEXTS, st.sampled_from(["en", "ru", "sr-latn"]))
    | st.builds(
        lambda text, name: ox.Literal(text, datatype=ox.NamedNode(f"http://example.org/{name}")),
        TEXTS,
        st.sampled_from(["result", "a,b", "bindings"]),
    )
    | st.integers().map(ox.Literal)
)
TERMS = (
    LITERALS
    | st.just(ox.NamedNode("http://example.org/,'result'"))
    | st.builds(ox.BlankNode)
    | LITERALS.map(lambda literal: ox.Triple(VALUE, OTHER, literal))
    | LITERALS.map(lambda literal: ox.Triple(VALUE, OTHER, ox.Triple(VALUE, OTHER, literal)))
)
ROWS = st.lists(st.tuples(TERMS, st.none() | TERMS), max_size=8)
CUTS = st.lists(st.integers(min_value=0))


def holding(rows: list[Row]) -> ox.Store:
    """A store in which QUERY has these rows; without the other value it is unbound."""
    store = ox.Store()
    for number, (value, other) in enumerate(rows):
        thing = ox.NamedNode(f"http://example.org/{number}")
        store.add(ox.Quad(thing, VALUE, value))
        if other is not None:
            store.add(ox.Quad(thing, OTHER, other))
    return store


def written(store: ox.Store, query: str, format: ox.QueryResultsFormat) -> bytes:
    results = store.query(query)
    assert isinstance(results, ox.QuerySolutions)
    return results.serialize(format=format) or b""


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data cut at arbitrary places; pieces may be empty."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


def counts(format: ox.QueryResultsFormat, parts: list[bytes]) -> list[int]:
    """What a counter says after each part."""
    rows, found = counter(format), []
    for part in parts:
        rows.feed(part)
        found.append(rows.count)
    return found


@pytest.mark.parametrize("format", FORMATS, ids=str)
@given(ROWS, CUTS)
def test_all_rows_are_counted_whatever_they_hold(format: ox.QueryResultsFormat, rows: list[Row], cuts: list[int]) -> None:
    data = written(holding(rows), QUERY, format)
    found = counts(format, pieces(data, cuts))
    assert found[-1] == len(rows)
    assert found == sorted(found)


@pytest.mark.parametrize("format", FORMATS, ids=str)
@given(ROWS)
def test_byte_by_byte_is_counted_like_the_whole(format: ox.QueryResultsFormat, rows: list[Row]) -> None:
    data = written(holding(rows), QUERY, format)
    assert counts(format, [data[place : place + 1] for place in range(len(data))])[-1] == len(rows)


@pytest.mark.parametrize("format", FORMATS, ids=str)
@given(CUTS)
def test_a_result_without_rows_has_none(format: ox.QueryResultsFormat, cuts: list[int]) -> None:
    assert counts(format, pieces(written(holding([]), EMPTY, format), cuts))[-1] == 0


@pytest.mark.parametrize("format", FORMATS, ids=str)
@pytest.mark.parametrize(("query", "rows"), [("SELECT * {}", 1), ("SELECT ?none { VALUES ?x { 1 2 3 } }", 3)])
@given(CUTS)
def test_rows_in_which_nothing_is_bound_are_rows(format: ox.QueryResultsFormat, query: str, rows: int, cuts: list[int]) -> None:
    assert counts(format, pieces(written(ox.Store(), query, format), cuts))[-1] == rows


@pytest.mark.parametrize("format", FORMATS, ids=str)
def test_rows_are_counted_while_they_come(format: ox.QueryResultsFormat) -> None:
    """A limit of rows stops an answer before it is whole: half of the bytes hold about half of the rows."""
    data = written(holding([(ox.Literal(f"{number:03}"), None) for number in range(100)]), QUERY, format)
    [half, whole] = counts(format, pieces(data, [len(data) // 2]))
    assert 40 < half < 60
    assert whole == 100
