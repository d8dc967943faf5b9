"""Odd answers – empty, unbound, huge, malformed – are the same of a release and of an endpoint, and lose nothing."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import relgraph
from relgraph import Dataset, DateRange, Result, Text, Typed
from relgraph.api.terms import term
from relgraph.errors import QueryError, UsageError
from relgraph.release import Release
from server import Server

BIG = 123456789012345678901234567890


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def both(ds: Dataset, release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dataset, Dataset]]:
    with (
        Server(tmp_path_factory.mktemp("odd") / "log", "--release", release.path) as server,
        relgraph.open(server.url) as endpoint,
    ):
        yield ds, endpoint


def values(query: str, *datasets: Dataset) -> list[Any]:
    """The values of ?x, the same of all datasets, and of the same types."""
    first, *others = [[row.x for row in ds.select(f"SELECT ?x {{ {query} }}")] for ds in datasets]
    for other in others:
        assert [(type(each), each) for each in other] == [(type(each), each) for each in first]
    return first


def test_answers_without_rows_or_columns_are_shown_and_are_frames(both: tuple[Dataset, Dataset]) -> None:
    for ds in both:
        for query, shape in (("SELECT ?a ?b { ?a <urn:none> ?b }", (0, 2)), ("SELECT * {}", (1, 0))):
            found = ds.select(query)
            assert (len(found), len(found.columns)) == shape
            assert (found.to_arrow().num_rows, len(found.to_dataframe().columns)) == shape
            assert [*found.to_dataframe(labels=True).columns] == [
                f"{name}{end}" for name in found.columns for end in ("", "_label")
            ]
            assert f"({shape[0]} row" in repr(found)
            assert "<table>" in found._repr_html_()
        with pytest.raises(UsageError, match="the answer has no rows"):
            _ = ds.select("SELECT ?a { ?a <urn:none> ?b }").first
        graph = ds.construct("CONSTRUCT WHERE { ?a <urn:none> ?b }")
        assert (len(graph), graph.serialize(), len(graph.to_networkx()), len(graph.to_rdflib())) == (0, "", 0, 0)
        assert ds.query("ASK {}") is True
        assert ds.query("ASK { <urn:a> <urn:b> <urn:c> }") is False


def test_what_is_unbound_is_none_and_missing(both: tuple[Dataset, Dataset]) -> None:
    query = "SELECT ?x ?y { VALUES (?x ?y) { (UNDEF 1) (<state/RUS> UNDEF) (UNDEF UNDEF) } }"
    for ds in both:
        found = ds.select(query)
        assert [tuple(row) for row in found] == [(None, 1), (relgraph.iri("state/RUS"), None), (None, None)]
        frame = found.to_dataframe(labels=True)
        assert frame["x_label"].fillna("").to_list() == ["", "Russia", ""]
        assert (str(frame["y"].dtype), frame["y"].isna().sum()) == ("Int64", 2)


def test_numbers_of_any_length_are_numbers(both: tuple[Dataset, Dataset]) -> None:
    long = "1." + "1234567890" * 5
    query = (
        f'VALUES ?x {{ {BIG} -{BIG} "+00{BIG}"^^xsd:nonNegativeInteger 9223372036854775808 {long} "{"9" * 5000}"^^xsd:integer }}'
    )
    *numbers, endless = values(query, *both)
    assert numbers == [BIG, -BIG, BIG, 2**63, Decimal(long)]
    assert isinstance(endless, Typed)
    assert both[0].select("SELECT ?x {}", x=BIG).first.x == BIG
    assert both[0].select(f"SELECT ?x {{ VALUES ?x {{ {BIG} }} }}").to_dataframe()["x"].to_list() == [str(BIG)]


@given(number=st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=45))
def test_a_number_comes_back_whole(number: int | Decimal, ds: Dataset) -> None:
    found = ds.select("SELECT ?x {}", x=number).first.x
    assert (type(found), found) == (type(number), number)


def test_malformed_values_stay_texts_with_their_datatype(both: tuple[Dataset, Dataset]) -> None:
    wrong = ['"2001-02-30"^^xsd:date', '"seven"^^xsd:integer', '"1,5"^^xsd:decimal', '"0000-01-01"^^xsd:date']
    found = values(f"VALUES ?x {{ {' '.join(wrong)} }}", *both)
    assert [type(each) for each in found] == [Typed] * 4
    assert [f'"{each}"^^xsd:{each.datatype.rpartition("#")[2]}' for each in found] == wrong
    fine = values('VALUES ?x { "2001-02-28"^^xsd:date "2001-01-01T24:00:00"^^xsd:dateTime }', *both)
    assert fine == [date(2001, 2, 28), datetime(2001, 1, 2)]


def test_texts_that_are_no_edtf_stay_texts_beside_dates(both: tuple[Dataset, Dataset]) -> None:
    dates = values('VALUES ?x { "2001" "20O1" "2001-13" "" "1994/.." "x"@en } OPTIONAL { <urn:none> rg:edtf ?x }', *both)
    assert dates == [DateRange("2001"), "20O1", "2001-13", "", DateRange("1994/.."), "x"]
    assert (type(dates[1]), type(dates[5])) == (str, Text)


def test_dates_that_may_overlap_are_not_sorted_as_if_they_did_not() -> None:
    dates = [DateRange("2001-05"), DateRange("2001")]
    with pytest.raises(TypeError, match=r"have no order.*sort by key=lambda date: date\.earliest or datetime\.min"):
        sorted(dates)
    assert sorted(dates, key=lambda date: date.earliest or datetime.min) == [DateRange("2001"), DateRange("2001-05")]


def test_a_text_keeps_its_language_and_direction(both: tuple[Dataset, Dataset]) -> None:
    found = values('VALUES ?x { "a"@en--ltr "б"@ar--rtl "c"@en }', *both)
    assert [(text.language, text.direction) for text in found] == [("en", "ltr"), ("ar", "rtl"), ("en", None)]
    for ds in both:
        again = ds.select("SELECT ?x {}", x=found[1]).first.x
        assert (again, again.language, again.direction) == ("б", "ar", "rtl")
    for copied in (pickle.loads(pickle.dumps(found[1])), copy.deepcopy(found[1])):
        assert (copied, copied.language, copied.direction) == ("б", "ar", "rtl")
    with pytest.raises(UsageError, match="'up' is no direction; write ltr or rtl"):
        term(Text("a", "en", "up"))


def test_names_of_columns_are_any_names(ds: Dataset) -> None:
    row = ds.select("SELECT ?index ?class ?asdict ?имя { VALUES (?index ?class ?asdict ?имя) { (1 2 3 4) } }").first
    assert (row.index, row["class"], row["asdict"], row.имя) == (1, 2, 3, 4)
    assert row.asdict() == {"index": 1, "class": 2, "asdict": 3, "имя": 4}


@pytest.mark.parametrize("query", ["SELECT ?x ?x { VALUES ?x { 1 } }", "SELECT (1 AS ?x) (2 AS ?x) {}"])
def test_a_name_of_two_columns_is_refused(query: str, both: tuple[Dataset, Dataset]) -> None:
    for ds in both:
        with pytest.raises(QueryError, match="Duplicated variable name"):
            ds.query(query)


def test_what_is_no_text_is_refused_in_words(ds: Dataset) -> None:
    wrong: Any
    for wrong in (5, b"ASK {}", None):
        for call in (ds.query, ds.select, ds.search, ds.run):
            with pytest.raises(UsageError, match=f"is of the type {type(wrong).__name__}. Give it as text"):
                call(wrong)
    for wrong in ("", " ", 5, None):
        with pytest.raises(UsageError, match=r"is no name\. Give a label, a key such as state/RUS, or an IRI"):
            ds.entity(wrong)


def test_a_result_is_a_sequence_of_rows(ds: Dataset) -> None:
    found = ds.select("SELECT ?v { ?v a rg:Visit } ORDER BY ?v")
    assert isinstance(found[1:3], Result)
    assert (list(found[1:3]), found[-1], found[0] in found) == (list(found)[1:3], list(found)[4], True)
    with pytest.raises(IndexError):
        _ = found[99]
