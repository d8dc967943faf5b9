"""Timelines in words: footnotes of every date, also of those that follow from an event, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import relgraph
from relgraph import Dataset, Timeline
from relgraph.release import Release
from relgraph.vocabulary import REPORTED as REPORTED_GRAPH

SFOR = "contribution/russia-sfor"
#: A relation that an event begins and that another event ends: its own claims state the begin, and not the end.
DATA = """@prefix rg: <https://w3id.org/relgraph/ns#> . @prefix m: <https://w3id.org/relgraph/ns/modality#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:pact> a rg:Membership, rg:Fact ; rg:member <urn:vale> ; rg:begin <urn:1990> ; rg:end <urn:1995> ; skos:prefLabel "pact"@en .
<urn:entry> a rg:Accession, rg:Fact ; rg:initiates <urn:pact> ; rg:time <urn:1990> ; skos:prefLabel "entry"@en .
<urn:exit> a rg:Withdrawal, rg:Fact ; rg:terminates <urn:pact> ; rg:time <urn:1995> ; skos:prefLabel "exit"@en .
<urn:1990> rg:edtf "1990" . <urn:1995> rg:edtf "1995" .
<urn:c1> rg:about <urn:pact> ; rg:modality m:Asserted ; rg:says <urn:s1> .
<urn:c2> rg:about <urn:entry> ; rg:modality m:Asserted ; rg:says <urn:s2> .
<urn:c3> rg:about <urn:exit> ; rg:modality m:Asserted ; rg:says <urn:s3> .
<urn:c4> rg:about <urn:exit> ; rg:modality m:Asserted ; rg:says <urn:s4> .
<urn:c5> rg:about <urn:exit> ; rg:modality m:Denied ; rg:says <urn:s5> ."""
REPORTED = """<urn:s1> rg:begin <urn:1990> . <urn:s2> rg:initiates <urn:pact> ; rg:time <urn:1990> .
<urn:s3> rg:terminates <urn:pact> ; rg:time <urn:1995> . <urn:s4> rg:time <urn:1995> .
<urn:s5> rg:terminates <urn:pact> ; rg:time <urn:1995> ."""
PLACES = " ".join(
    f"<urn:c{n}> rg:attributedTo <urn:author> ; rg:evidence <urn:e{n}> . "
    f"<urn:e{n}> rg:document <urn:d> ; rg:charStart {n} ; rg:charEnd {n + 1} ; rg:line {n} ."
    for n in range(1, 6)
)


@pytest.fixture(scope="module", params=["en", "ru"])
def ds(request: pytest.FixtureRequest, release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path, language=request.param) as opened:
        yield opened


@pytest.fixture(scope="module")
def english(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def russian(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path, language="ru") as opened:
        yield opened


def made(tmp_path: Path, reported: str) -> Dataset:
    path = tmp_path / "data.trig"
    path.write_text(f"{DATA} {PLACES} {REPORTED_GRAPH} {{ {reported} }}", "utf-8")
    return relgraph.open(path)


def test_every_date_has_a_footnote_that_states_it(ds: Dataset) -> None:
    """A claim about the fact itself, or one about the event that the date follows from."""
    found = 0
    for fact in ds.timeline():
        own = {date for source in fact.sources for date in source.dates}
        for each in fact.transitions:
            assert each.sources, fact
            assert all(each.date in source.dates and source.modality == "Asserted" for source in each.sources), fact
            found += 1
        derived = {each.date for each in fact.transitions}
        assert {*fact.dates, *fact.begins, *fact.ends} <= own | derived, fact
    assert found > 0


def test_a_date_that_follows_from_an_event_names_it(english: Dataset) -> None:
    [fact] = [fact for fact in english.timeline() if fact.resource.key == SFOR]
    [transition] = fact.transitions
    assert (transition.bound, transition.date.edtf) == ("end", "2003-06-14")
    assert transition.event.label.startswith("Withdrawal: Russian troops in SFOR")
    assert [source.dates for source in fact.sources] == [()]


def test_only_what_no_claim_about_the_relation_states_follows_from_an_event(tmp_path: Path) -> None:
    """The begin is stated; the end follows, by the claim that says both the end and its date, and not by a denial."""
    with made(tmp_path, REPORTED) as ds:
        [fact] = [fact for fact in ds.timeline() if fact.resource.iri == "urn:pact"]
    assert [(each.bound, each.event.iri) for each in fact.transitions] == [("end", "urn:exit")]
    assert [source.claim.iri for source in fact.transitions[0].sources] == ["urn:c3"]


def test_data_without_what_is_reported_do_not_tell_what_a_claim_states(tmp_path: Path) -> None:
    """The claim about the relation may state the bounds itself: none can be said to follow from an event."""
    with made(tmp_path, "") as ds:
        [fact] = [fact for fact in ds.timeline() if fact.resource.iri == "urn:pact"]
    assert (fact.when, fact.transitions) == ("from 1990 until 1995", ())


@pytest.mark.parametrize(
    ("reported", "claims"),
    [
        ("<urn:s3> rg:terminates <urn:pact> . <urn:s4> rg:time <urn:1995> .", ["urn:c4"]),
        ("<urn:s3> rg:terminates <urn:pact> . <urn:s4> rg:place <urn:vale> .", []),
    ],
)
def test_only_claims_that_give_the_date_are_footnotes_of_it(reported: str, claims: list[str], tmp_path: Path) -> None:
    with made(tmp_path, "<urn:s1> rg:begin <urn:1990> . " + reported) as ds:
        timeline = ds.timeline()
        [fact] = [fact for fact in timeline if fact.resource.iri == "urn:pact"]
        note = repr(timeline).splitlines()[-1]
    [transition] = fact.transitions
    assert [source.claim.iri for source in transition.sources] == claims
    assert note == "[1] the date follows from exit" + "".join(f" — {source}" for source in transition.sources)


def test_a_date_that_several_facts_share_has_one_number(english: Dataset) -> None:
    [fact] = [fact for fact in english.timeline("SFOR") if fact.transitions]
    lines = repr(Timeline([fact, replace(fact, roles=())], None, None, "SFOR")).splitlines()
    assert [line.partition("  ")[0] for line in lines[1:3]] == [f"{fact.wording} [1]"] * 2
    assert [line[:4] for line in lines[3:]] == ["(2 f", "[1] "]


def test_text_html_and_frames_say_what_a_date_follows_from(ds: Dataset) -> None:
    timeline = ds.timeline("SFOR")
    [fact] = [fact for fact in timeline if fact.transitions]
    [transition] = fact.transitions
    footnote = str(transition.sources[0])
    text, html = repr(timeline), timeline._repr_html_()
    assert f"{fact.wording} [1]" in text
    assert f"{transition.event.label} — {footnote}" in text.splitlines()[-1]
    assert transition.event.iri in html
    words = {"en": "of the date", "ru": "к дате"}[ds.language]
    linked = f"{footnote}</a>"
    [item] = [
        item for item in html.split("<li>") if linked in item and f"{words} {transition.date.wording(ds.language)}:" in item
    ]
    assert item.index(words) < item.index(linked)
    row = timeline.to_dataframe().set_index("fact").loc[fact.resource.iri]
    assert (row.date_bounds, row.date_edtf, row.date_events) == (["end"], ["2003-06-14"], [transition.event.iri])
    assert (row.date_event_labels, row.date_claims) == ([transition.event.label], [transition.sources[0].claim.iri])
    assert (row.date_passages, row.date_footnotes) == ([transition.sources[0].passage.iri], [footnote])
    others = timeline.to_dataframe().set_index("fact").drop(fact.resource.iri)
    assert {len(cell) for cell in others.date_claims} <= {0}


def test_russian_has_no_english_words(russian: Dataset) -> None:
    timeline = russian.timeline("НАТО")
    lines = repr(timeline).splitlines()
    assert lines[0].split() == ["когда", "статус", "что", "источники"]
    assert f"(фактов: {len(timeline)}, ещё {len(timeline) - 20}); без даты: {len(timeline.undated)}, они в .undated" in lines
    assert {fact.status_label for fact in timeline} >= {None, "состоялось"}
    html = timeline._repr_html_()
    for shown in ("\n".join(lines), html):
        for words in ("с 1991", "по 1999", "22 июня 1994", "спорно", "состоялось", "Утверждается: 002, ", "строка 16, символы"):
            assert words in shown
        for words in (
            "when", "status<", "sources", "from ", "until ", " or ", "Occurred", "occurred", "Asserted", ", line", "characters",
            "contested", "without", "facts", "follows",
        ):  # fmt: skip
            assert words not in shown


def test_english_words_are_those_of_the_ontology(english: Dataset) -> None:
    lines = repr(english.timeline("NATO")).splitlines()
    assert lines[0].split() == ["when", "status", "what", "sources"]
    assert any(line.startswith("from 1991 ") for line in lines)
    assert any(" occurred contested " in line for line in lines)


@pytest.mark.parametrize(
    ("language", "date", "bound", "words"),
    [
        ("en", "1994-06-22", "", "22 June 1994"), ("en", "1999", "end", "until 1999"),
        ("en", "1991/1992", "begin", "begin: 1991 – 1992"),
        ("ru", "1997-21", "begin", "с весны 1997"), ("ru", "1997-21", "end", "по весну 1997"),
        ("ru", "../1990", "end", "конец: по 1990"),
    ],
)  # fmt: skip
def test_bounds_in_words(language: str, date: str, bound: str, words: str) -> None:
    from relgraph.api.words import wording

    assert wording(relgraph.DateRange(date), bound, language) == words


def test_an_empty_timeline_counts_none(english: Dataset) -> None:
    assert repr(english.timeline("Moscow", begin="1800", end="1801")).splitlines()[0].split() == [
        "when",
        "status",
        "what",
        "sources",
    ]


def test_an_empty_timeline_has_the_words_of_the_language_that_it_is_given() -> None:
    assert repr(Timeline([], None, None, "НАТО", "ru")).splitlines() == ["когда  статус  что  источники", "(фактов: 0)"]


def test_a_timeline_has_the_language_of_its_facts(russian: Dataset) -> None:
    assert repr(Timeline(russian.timeline("СФОР"), None, None, "СФОР")).startswith("когда")


@pytest.mark.parametrize(
    ("begin", "end", "is_there", "is_certain"),
    [
        (None, "1989", False, False), (None, "1990", True, True), ("1991", "1994", True, False), ("1995", None, True, True),
        ("1995-12-31", None, True, False), ("1996", None, False, False),
    ],
)  # fmt: skip
def test_a_relation_is_in_a_period_that_it_touches_and_surely_where_it_begins_or_ends(
    begin: str | None, end: str | None, is_there: bool, is_certain: bool, tmp_path: Path
) -> None:
    with made(tmp_path, REPORTED) as ds:
        timeline = ds.timeline(begin=begin, end=end)
        found = [timeline.is_certain(fact) for fact in timeline if fact.resource.iri == "urn:pact"]
    assert found == ([is_certain] if is_there else [])


def test_a_slice_has_nothing_undated(english: Dataset) -> None:
    timeline = english.timeline("SFOR")
    assert timeline.undated
    assert timeline[:1].undated == ()
    assert ".undated" not in repr(timeline[:1])


def test_footnotes_read_in_the_language(russian: Dataset) -> None:
    source = russian.timeline("Лорд Робертсон", begin="2001-11", end="2001")[0].sources[0]
    assert source.place == "004, Хронология, строка 167, символы 7069–7121"
    assert (source.passage.label, source.passage.iri[-14:]) == (source.place, "char=7069,7121")
    assert repr(source) == f"<Source {source.claim.key}: Утверждается: {source.place}>"


def test_a_footnote_is_never_cut(english: Dataset) -> None:
    timeline = english.timeline("NATO")
    for line, fact in zip(repr(timeline).splitlines()[1:], timeline[:20], strict=False):
        more = f"; +{len(fact.sources) - 1}" if len(fact.sources) > 1 else ""
        assert any(line.endswith(f"{source}{more}") for source in fact.sources)


def test_the_footnote_beside_a_date_states_it(english: Dataset) -> None:
    """It need not be the first: of Putin's presidency, the second claim has the date."""
    found = 0
    for fact in english.timeline():
        known = {*fact.dates, *fact.begins, *fact.ends}
        stating = [source for source in fact.sources if known & {*source.dates}]
        found += bool(stating) and stating[0] != fact.sources[0]
        more = f"; +{len(fact.sources) - 1}" if len(fact.sources) > 1 else ""
        shown = repr(Timeline([fact], None, None, "")).splitlines()[1]
        assert shown.endswith(f"  {(stating or fact.sources)[0]}{more}"), fact
    assert found > 0


def test_html_has_the_dates_of_each_claim(ds: Dataset) -> None:
    timeline = ds.timeline("Lord Robertson", begin="2002-12", end="2002")
    items = timeline._repr_html_().split("<li>")[1:]
    dates = {"en": ["", " 13 December 2003", " 13 December 2002"], "ru": ["", " 13 декабря 2003", " 13 декабря 2002"]}[
        ds.language
    ]
    assert [item.partition("</li>")[0].partition("</a>")[2] for item in items] == dates


def test_a_transition_is_a_public_type(english: Dataset) -> None:
    [transition] = [each for fact in english.timeline("SFOR") for each in fact.transitions]
    assert type(transition) is relgraph.Transition
