"""Timelines as data frames: a row for each fact, the times of the exported tables, and a footnote for each claim."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pandas
import pytest

import relgraph
from relgraph import Dataset
from relgraph.errors import UsageError
from relgraph.release import Release

LISTS = ["claims", "modalities", "attributed_to", "documents", "passages", "footnotes", "claim_dates"]
DERIVED = [
    "date_bounds", "date_edtf", "date_events", "date_event_labels", "date_claims", "date_passages", "date_footnotes",
]  # fmt: skip
TIMES = [prefix + name for prefix in ("", "begin_", "end_") for name in ("edtf", "earliest", "latest")]
KEY = "https://w3id.org/relgraph/id/"


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


def test_columns_have_true_types_with_and_without_rows(ds: Dataset) -> None:
    full, empty = ds.timeline("Lord Robertson").to_dataframe(), ds.timeline("Moscow", begin="1800", end="1801").to_dataframe()
    assert (len(full) > 0, len(empty)) == (True, 0)
    for frame in (full, empty):
        kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
        assert {name for name, kind in kinds.items() if kind == "object"} == {"roles", *LISTS, *DERIVED}
        assert {name for name, kind in kinds.items() if kind == "boolean"} == {"contested", "certain"}
        assert {name for name, kind in kinds.items() if kind == "datetime64[us]"} == set(TIMES) - {
            "edtf",
            "begin_edtf",
            "end_edtf",
        }
        assert {kind for name, kind in kinds.items() if kind not in ("object", "boolean", "datetime64[us]")} == {"string"}


def test_a_row_is_a_fact_in_both_languages(release: Release) -> None:
    for language, words, status, footnote in (
        ("en", "visit", "occurred", "Asserted: 004, Chronology, line 167, characters 7069–7121"),
        ("ru", "визит", "состоялось", "Утверждается: 004, Хронология, строка 167, символы 7069–7121"),
    ):
        with relgraph.open(release.path, language=language) as ds:
            row = ds.timeline("Лорд Робертсон", begin="2001-11", end="2001").to_dataframe().iloc[0]
        assert (row.fact, row["class"], row.class_label) == (f"{KEY}event/visit-robertson-moscow-2001-11", "Visit", words)
        assert row.label_en == "Visit: Lord Robertson to Moscow, 21–23 November 2001"
        assert row.label_ru == "Визит: Лорд Робертсон – Москва, 21–23 ноября 2001"
        assert (row.status, row.contested, row.certain, row.roles) == ("Occurred", False, True, ["visitor"])
        assert (row.edtf, row.earliest, row.latest) == (
            "2001-11-21/2001-11-23", datetime(2001, 11, 21), datetime(2001, 11, 23, 23, 59, 59)
        )  # fmt: skip
        assert (row.documents, row.passages) == ([f"{KEY}document/004"], [f"{KEY}document/004#char=7069,7121"])
        assert (row.modalities, row.footnotes, row.status_label) == (["Asserted"], [footnote], status)


def test_what_only_may_fall_in_the_period_is_not_certain(ds: Dataset) -> None:
    frame = ds.timeline("Lord Robertson", begin="2003").to_dataframe()
    row = frame[frame.edtf == "2002-12-13 | 2003-12-13"].iloc[0]
    assert (row.contested, row.certain) == (True, False)
    assert (row.earliest, row.latest) == (datetime(2002, 12, 13), datetime(2003, 12, 13, 23, 59, 59))
    assert {len(row[name]) for name in LISTS} == {3}
    assert row.claim_dates == ["", "2003-12-13", "2002-12-13"]


def test_undated_facts_come_last_and_only_when_asked_for(ds: Dataset) -> None:
    timeline = ds.timeline("NATO", begin="2001", end="2002")
    frame, whole = timeline.to_dataframe(), timeline.to_dataframe(undated=True)
    assert frame.fact.to_list() == [fact.resource.iri for fact in timeline]
    rest = whole.iloc[len(timeline) :]
    assert rest.fact.to_list() == [fact.resource.iri for fact in timeline.undated] != []
    assert rest[TIMES].isna().all(axis=None)
    assert not rest.certain.any()


def test_a_slice_of_a_timeline_is_one(ds: Dataset) -> None:
    timeline = ds.timeline("NATO", begin="2001", end="2002")
    part = timeline[1:3]
    assert list(part) == [timeline[1], timeline[2]]
    assert (part.undated, part.about, len(timeline.undated) > 0) == ((), timeline.about, True)
    assert [part.is_certain(fact) for fact in part] == [timeline.is_certain(fact) for fact in part]
    assert part.to_dataframe(undated=True).fact.to_list() == [fact.resource.iri for fact in part]
    assert repr(part).endswith("(2 facts)")
    assert repr(list(timeline[:1])) == f"[<Fact {timeline[0].resource.key}: {timeline[0].label}>]"


def test_every_footnote_is_a_claim_of_the_release(ds: Dataset) -> None:
    frame = ds.timeline().to_dataframe(undated=True).explode(LISTS)
    found = set(zip(frame.claims, frame.fact, frame.documents, frame.passages, strict=True))
    rows = ds.select("SELECT ?c ?f ?d ?e { ?c rg:about ?f ; rg:evidence ?e . ?e rg:document ?d }")
    assert found == {tuple(str(value) for value in row) for row in rows}
    assert len(frame) == len(rows)


@pytest.mark.parametrize("table", ["events", "relations"])
def test_times_labels_and_status_are_those_of_the_exported_tables(table: str, ds: Dataset, tmp_path: Path) -> None:
    frame = ds.timeline().to_dataframe(undated=True).set_index("fact")
    with ds.export(f"{table}.csv", tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        exported = {row["iri"]: row for row in csv.DictReader(file)}
    assert exported
    for iri, theirs in exported.items():
        ours = frame.loc[iri]
        for name in [*TIMES, "label_en", "label_ru", "class", *(["status"] if table == "events" else [])]:
            value = ours[name]
            text: object = "" if pandas.isna(value) else value.isoformat() if isinstance(value, datetime) else value
            assert (iri, name, text) == (iri, name, theirs[name])
        assert (str(ours.contested).lower(), str(len(ours.claims))) == (theirs["contested"], theirs["claims"])


def test_arrow_has_the_same_rows_and_says_what_are_iris(ds: Dataset) -> None:
    timeline = ds.timeline("Moscow")
    table = timeline.to_arrow()
    assert table.column("fact").to_pylist() == timeline.to_dataframe().fact.to_list()
    named = {field.name for field in table.schema if (field.metadata or {}).get(b"kind") == b"iri"}
    assert named == {"fact", "claims", "documents", "passages", "date_events", "date_claims", "date_passages"}
    assert str(table.schema.field("latest").type) == "timestamp[us]"


@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_what_is_missing_is_named_with_its_remedy(library: str, ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=r'pip install "relgraph\['):
        ds.timeline("Moscow").to_dataframe()
