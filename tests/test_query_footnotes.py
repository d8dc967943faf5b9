"""Queries with passages: each value beside a passage is of the claim that the passage is of, and what conflicts is marked."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from relgraph import evaluation, questions
from relgraph.vocabulary import DEFAULT_GRAPHS, ID
from results import rows

QUESTIONS = questions.load(Path(__file__).parents[1] / "queries")


def answers(store: ox.Store, name: str, **arguments: str) -> list[dict[str, str | None]]:
    """The rows of a query by column."""
    names, found = rows(evaluation.evaluate(store, QUESTIONS[name].bind({key.rstrip("_"): v for key, v in arguments.items()})))
    return [dict(zip(names, row, strict=True)) for row in found]


def test_what_two_claims_say_differently_is_contested_and_certain_only_where_both_fit(store: ox.Store) -> None:
    conference = f"<{ID}event/third-nato-russia-terrorism-conference>"

    def dates(first: str, last: str) -> set[tuple[str | None, ...]]:
        found = [row for row in answers(store, "events-in-period", from_=first, to=last) if row["event"] == conference]
        assert {row["contested"] for row in found} == {str(ox.Literal(True))}
        return {(row["date"], row["certainty"]) for row in found}

    assert dates("2004", "2004") == {('"2004-04-05"', '"certainly"'), ('"2004-04-06"', '"certainly"')}
    assert dates("2004-04-06", "2004") == {('"2004-04-06"', '"possibly"')}


#: Columns of values that the claim of the row itself gives, by property, and the column with its passage.
STATED = [
    ("accessions", "evidence", {"joiner": "joiner", "joined": "joined", "date": "time/rg:edtf"}),
    ("calls-of-an-appeal", "actEvidence", {"number": "ordinal", "addressee": "addressee", "requested": "aboutFact"}),
    ("condemnations", "evidence", {"speaker": "speaker", "stance": "stance", "fact": "aboutFact", "date": "time/rg:edtf"}),
    ("contributions", "leaderEvidence", {"leader": "leader", "force": "led"}),
    ("contributions", "beginEvidence", {"begin": "begin/rg:edtf|rg:time/rg:edtf"}),
    ("contributions", "endEvidence", {"end": "end/rg:edtf|rg:time/rg:edtf"}),
    ("disputes-and-conflicts", "evidence", {"place": "place", "date": "time/rg:edtf"}),
    ("events-in-period", "evidence", {"date": "time/rg:edtf"}),
    (
        "exercises",
        "evidence",
        {"organizer": "organizer|rg:framework", "topic": "topic", "place": "place", "date": "time/rg:edtf"},
    ),
    (
        "foundations",
        "evidence",
        {"founded": "founds", "date": "time/rg:edtf", "place": "place", "instrument": "constitutedBy"}
        | {"by": "founder|rg:initiator|rg:party"},
    ),
    ("members-in-period", "beginEvidence", {"begin": "time/rg:edtf"}),
    ("not-reported-done", "addresseeEvidence", {"addressee": "addressee"}),
    ("offices-at-events", "evidence", {"person": "holder", "position": "position", "event": "attestedIn"}),
    ("offices-at-events", "dateEvidence", {"date": "time/rg:edtf"}),
    ("places-within", "evidence", {"place": "place", "date": "time/rg:edtf"}),
    ("proposals", "actEvidence", {"speaker": "speaker", "addressee": "addressee", "fact": "aboutFact", "date": "time/rg:edtf"}),
    ("publications", "evidence", {"author": "author", "publishedIn": "publishedIn", "date": "time/rg:edtf"}),
    ("recognitions-and-expulsions", "evidence", {"cause": "cause", "date": "time/rg:edtf"}),
    (
        "signatures-by-place",
        "evidence",
        {"place": "place", "party": "signatory|rg:party", "instrument": "concernsInstrument", "date": "time/rg:edtf"},
    ),
    ("visits-by-office", "evidence", {"visitor": "visitor", "date": "time/rg:edtf"}),
    ("meetings-of-two", "evidence", {"place": "place", "date": "time/rg:edtf"}),
    ("contested-dates", "evidence", {"date": "time/rg:edtf"}),
]


@pytest.mark.parametrize(("name", "footnote", "columns"), STATED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_row_shows_is_said_by_the_claim_behind_its_passage(
    store: ox.Store, name: str, footnote: str, columns: dict[str, str]
) -> None:
    graphs = "FROM <graph/provenance> FROM <graph/reported> FROM <graph/asserted>"
    shown = 0
    for row in answers(store, name):
        pairs = [(path, row[column]) for column, path in columns.items() if row[column] is not None]
        shown += len(pairs)
        said = " ".join(f"?content rg:{path} {value} ." for path, value in pairs)
        if pairs:
            assert evaluation.evaluate(
                store, f"ASK {graphs} {{ ?claim rg:evidence {row[footnote]} ; rg:says ?content . {said} }}"
            )
    assert shown


#: Claims that conflict, and two signings that may be one.
CONFLICTS = """
@prefix rg: <https://w3id.org/relgraph/ns#> . @prefix modality: <https://w3id.org/relgraph/ns/modality#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix status: <https://w3id.org/relgraph/ns/status#> .
@prefix g: <https://w3id.org/relgraph/id/graph/> . @prefix : <https://e.org/> .
g:provenance {
  :c1 rg:about :m ; rg:modality modality:Asserted ; rg:says :s1 ; rg:attributedTo :v ; rg:evidence :e1 ;
    rg:conflictsWith :c2 , :c3 .
  :c2 rg:about :m ; rg:modality modality:Asserted ; rg:says :s2 ; rg:attributedTo :w ; rg:evidence :e2 ; rg:conflictsWith :c1 .
  :c3 rg:about :m ; rg:modality modality:Denied ; rg:says :s3 ; rg:attributedTo :w ; rg:evidence :e3 ; rg:conflictsWith :c1 .
  :f1 rg:about :o ; rg:modality modality:Asserted ; rg:says :u1 ; rg:attributedTo :v ; rg:evidence :e6 ; rg:conflictsWith :f2 .
  :f2 rg:about :o ; rg:modality modality:Asserted ; rg:says :u2 ; rg:attributedTo :w ; rg:evidence :e7 ; rg:conflictsWith :f1 .
  :d1 rg:about :n ; rg:modality modality:Asserted ; rg:says :t1 ; rg:attributedTo :v ; rg:evidence :e4 ; rg:conflictsWith :d2 .
  :d2 rg:about :n ; rg:modality modality:Asserted ; rg:says :t2 ; rg:attributedTo :w ; rg:evidence :e5 ; rg:conflictsWith :d1 .
}
g:asserted {
  :m a rg:Meeting ; rg:status status:Occurred ; rg:place :alba , :brin .
  :o a rg:RelationsChange ; rg:status status:Occurred ; rg:party :ada , :bo , :cy .
  :n a rg:Meeting ; rg:status status:Occurred ; rg:place :alba , :alba-port .
  :alba-port rg:partOf :alba .
  :alba skos:prefLabel "Alba"@en . :brin skos:prefLabel "Brin"@en . :alba-port skos:prefLabel "Port of Alba"@en .
  :ada skos:prefLabel "Ada"@en . :bo skos:prefLabel "Bo"@en .
}
g:reported {
  :s1 rg:place :alba . :s2 rg:place :brin . :s3 rg:place :alba .
  :t1 rg:place :alba ; rg:meetingOf :bo , :ada . :t2 rg:place :alba-port ; rg:meetingOf :ada .
  :u1 rg:eventKind :break ; rg:party :ada , :bo . :u2 rg:eventKind :break ; rg:party :ada , :cy .
}
"""


@pytest.fixture(scope="module")
def conflicts() -> ox.Store:
    store = ox.Store()
    store.load(CONFLICTS, format=ox.RdfFormat.TRIG)
    for quad in [quad for graph in DEFAULT_GRAPHS for quad in store.quads_for_pattern(None, None, None, graph)]:
        store.add(ox.Quad(*quad.triple))
    return store


def test_conflicts_are_told_by_property_with_what_each_side_says(conflicts: ox.Store) -> None:
    found = {
        (row["property"], row["value"], row["otherValue"], row["bothRight"]) for row in answers(conflicts, "conflicting-claims")
    }
    ns = "https://w3id.org/relgraph/ns#"
    assert found == {
        (f"<{ns}place>", '"Alba"', '"Brin"', '"if-one-in-other"'),
        (f"<{ns}party>", '"Ada; Bo"', '"Ada"', '"if-one-in-other"'),
        (f"<{ns}modality>", '"Asserted"', '"Denied"', '"never"'),
        (f"<{ns}meetingOf>", '"Ada; Bo"', '"Ada"', '"if-lists-incomplete"'),
    }


def test_contested_is_what_the_row_shows_and_not_what_it_leaves_out(conflicts: ox.Store) -> None:
    found = {(row["place"], row["contested"]) for row in answers(conflicts, "places-within", region="https://e.org/brin")}
    assert found == {("<https://e.org/brin>", str(ox.Literal(True)))}
    found = {(row["event"], row["contested"]) for row in answers(conflicts, "places-within", region="https://e.org/alba")}
    assert found == {("<https://e.org/m>", str(ox.Literal(True))), ("<https://e.org/n>", str(ox.Literal(False)))}


def test_parties_are_contested_whichever_of_the_two_differs(conflicts: ox.Store) -> None:
    """Both rows share the party that is first in order."""
    found = {(row["party"], row["otherParty"], row["contested"]) for row in answers(conflicts, "changes-in-relations")}
    ada, bo, cy = (f"<https://e.org/{name}>" for name in ("ada", "bo", "cy"))
    assert found == {(ada, bo, str(ox.Literal(True))), (ada, cy, str(ox.Literal(True)))}


def test_accessions_of_a_period_and_those_that_are_planned(store: ox.Store) -> None:
    partnership = f"<{ID}framework/partnership-for-peace>"
    assert {row["joined"] for row in answers(store, "accessions", from_="1994", to="1994")} >= {partnership}
    later = answers(store, "accessions", from_="1995")
    assert partnership not in {row["joined"] for row in later}
    assert {row["status"] for row in later} == {
        f"<https://w3id.org/relgraph/ns/status#{name}>" for name in ("Planned", "Proposed")
    }


def test_what_a_voice_says_and_what_is_told_of_a_speaker(store: ox.Store) -> None:
    found = answers(store, "statements-by", speaker="person/rasmussen", language="ru")
    speakers = {row["accordingTo"] for row in found}
    assert speakers == {f"<{ID}person/rasmussen>", f"<{ID}voice/002>"}
    assert all(row["illocution"] for row in found if row["accordingTo"] == f"<{ID}voice/002>")
    assert {row["document"] for row in answers(store, "statements-by", speaker="voice/000")} == {f"<{ID}document/000>"}
