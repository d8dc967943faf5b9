"""Facts: which values they take, what status they get, and when claims about them conflict."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini import ENTITIES, FOUNDATION, MEETING, OPENING, VISIT, Mini, accept, claim, span
from relgraph import decisions, documents, edtf, entities, facts, ontology, statements
from relgraph.edtf import TimeSpan
from relgraph.errors import Problem
from relgraph.facts import Fact
from relgraph.ontology import Schema
from relgraph.project import Project
from relgraph.spans import Span
from relgraph.statements import Claim, Sources, Term
from relgraph.vocabulary import ID

EVENT = "event/foundation-council"


def fuse(mini: Mini) -> dict[str, Fact]:
    project = Project(mini.write())
    problems: list[Problem] = []
    schema = ontology.load(project.ontology, problems).schema
    things = entities.load(project.entities, schema, problems)
    sources = Sources(schema, things.by_key, documents.load_register(project.documents, problems), {})
    said = statements.resolve(decisions.load(project.statements, problems), sources, problems)
    assert problems == []
    return {fact.key: fact for fact in facts.fuse(said.claims, schema, things.drawn_from())}


def foundation(modality: str, by: str = "voice/901", **says: Any) -> dict[str, Any]:
    """A claim about the foundation: the report's own, or what somebody says in a speech act that the report tells of."""
    row = claim(EVENT, "Foundation", {"founds": "body/union-council"} | says, modality=modality, by=by)
    return row if by == "voice/901" else row | {"conveyedBy": f"event/speech-{by.partition('/')[2]}"}


def speech(by: str) -> dict[str, Any]:
    act = {"speaker": by, "illocution": "state", "aboutFact": EVENT}
    return claim(f"event/speech-{by.partition('/')[2]}", "SpeechAct", act)


def facts_of(mini: Mini, *claims: dict[str, Any]) -> dict[str, Fact]:
    speakers = {row["by"] for row in claims if "conveyedBy" in row}
    mini.rows = {"901": [accept("0001", OPENING, *claims, *map(speech, sorted(speakers)))]}
    return fuse(mini)


def edtf_of(terms: tuple[Term, ...]) -> list[str]:
    return [term.edtf for term in terms if isinstance(term, TimeSpan)]


def test_documents_that_differ_leave_both_values_and_a_conflict(mini: Mini) -> None:
    fact = fuse(mini)[EVENT]
    assert edtf_of(fact.values["time"]) == ["1990-05-03", "1990-05-04"]
    assert fact.conflicts == (("901-0001.1", "902-0001.1"),)
    assert fact.status == ("Occurred",)


def test_of_dates_that_agree_the_narrowest_stays(mini: Mini) -> None:
    fact = facts_of(mini, foundation("Asserted", time="1990"), foundation("Asserted", time="1990-05-03"))[EVENT]
    assert edtf_of(fact.values["time"]) == ["1990-05-03"]
    assert fact.conflicts == ()


def test_an_envisaged_event_takes_its_values_from_the_plan_until_it_is_reported(mini: Mini) -> None:
    planned = foundation("Planned", by="org/valley-union", time="../1990-06", place="place/brin")
    assert edtf_of(facts_of(mini, planned)[EVENT].values["time"]) == ["../1990-06"]
    reported = facts_of(mini, planned, foundation("Asserted", time="1990-05-03"))[EVENT]
    assert edtf_of(reported.values["time"]) == ["1990-05-03"]
    assert "place" not in reported.values
    assert reported.conflicts == ()


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ([("Asserted", "voice/901")], ("Occurred",)),
        ([("Asserted", "org/valley-union")], ("Possible",)),
        ([("Planned", "org/valley-union"), ("Asserted", "voice/901")], ("Occurred",)),
        ([("Requested", "org/valley-union"), ("Planned", "person/ada-stone")], ("Planned",)),
        ([("Proposed", "org/valley-union"), ("Requested", "person/ada-stone")], ("Requested",)),
        ([("Offered", "org/valley-union"), ("Requested", "person/ada-stone")], ("Offered",)),
        ([("Proposed", "org/valley-union"), ("Denied", "person/ada-stone")], ("Proposed",)),
        ([("Denied", "person/ada-stone")], ("Denied",)),
        ([("Denied", "voice/901"), ("Planned", "org/valley-union")], ("Denied",)),
        ([("Denied", "voice/901"), ("Asserted", "voice/901")], ("Denied", "Occurred")),
        ([("Possible", "voice/901")], ("Possible",)),
    ],
)
def test_status_is_computed_from_the_claims(mini: Mini, claims: list[tuple[str, str]], status: tuple[str, ...]) -> None:
    assert facts_of(mini, *(foundation(modality, by) for modality, by in claims))[EVENT].status == status


def test_an_assertion_and_a_denial_conflict(mini: Mini) -> None:
    fact = facts_of(mini, foundation("Asserted"), foundation("Denied", by="person/ada-stone"))[EVENT]
    assert len(fact.conflicts) == 1


def test_a_plan_and_what_came_of_it_do_not_conflict(mini: Mini) -> None:
    fact = facts_of(mini, foundation("Planned", time="1989"), foundation("Asserted", time="1990"))[EVENT]
    assert fact.conflicts == ()


def test_places_conflict_unless_one_lies_in_the_other(mini: Mini) -> None:
    other = [foundation("Asserted", place="place/alba"), foundation("Asserted", place="place/brin")]
    assert facts_of(mini, *other)[EVENT].conflicts
    lies_in = claim("composition/alba-brin", "Composition", {"locality": "place/alba", "whole": "place/brin"})
    assert not facts_of(mini, *other, lies_in)[EVENT].conflicts


def test_parties_conflict_when_neither_list_holds_the_other(mini: Mini) -> None:
    def parties(*keys: str) -> dict[str, Any]:
        return foundation("Asserted", party=list(keys))

    assert facts_of(mini, parties("org/valley-union"), parties("body/union-council"))[EVENT].conflicts
    assert not facts_of(mini, parties("org/valley-union"), parties("org/valley-union", "body/union-council"))[EVENT].conflicts


def test_a_group_drawn_from_an_actor_does_not_contradict_it(mini: Mini) -> None:
    group = """<group/members> a rg:ActorGroup ; skos:prefLabel "Members"@en , "Члены"@ru"""
    one, other = foundation("Asserted", party="org/valley-union"), foundation("Asserted", party="group/members")
    for drawn, conflict in ((" .", True), (" ; rg:drawnFrom <org/valley-union> .", False)):
        mini.entities = ENTITIES + group + drawn + "\n"
        assert bool(facts_of(mini, one, other)[EVENT].conflicts) is conflict


def summit(*whose: str, modality: str = "Asserted", **says: Any) -> dict[str, Any]:
    """A claim about a summit, by its name that of the actors given."""
    says |= {"meetingOf": list(whose)} if whose else {}
    return claim("event/summit", "Meeting", says, modality=modality)


UNION, STONE, COUNCIL = "org/valley-union", "person/ada-stone", "body/union-council"


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ([UNION], [UNION, STONE], True),
        ([UNION], [STONE], True),
        ([UNION, STONE], [UNION, COUNCIL], True),
        ([UNION, STONE], [STONE, UNION], False),
        ([UNION], [], False),
        ([], [], False),
    ],
)
def test_whose_meeting_it_is_is_a_complete_list(mini: Mini, one: list[str], other: list[str], conflict: bool) -> None:
    fact = facts_of(mini, summit(*one, place="place/alba"), summit(*other, place="place/alba"))["event/summit"]
    assert bool(fact.conflicts) == conflict
    iris = {ID + key for key in (*one, *other)}  # both lists stay
    assert {getattr(term, "value", None) for term in fact.values.get("meetingOf", ())} == iris


def test_a_list_that_is_only_planned_conflicts_with_none(mini: Mini) -> None:
    assert not facts_of(mini, summit(UNION, modality="Planned"), summit(UNION, STONE))["event/summit"].conflicts


def test_participants_are_no_complete_list(mini: Mini) -> None:
    one = summit(participant=[UNION], place="place/alba")
    other = summit(participant=[UNION, STONE], place="place/alba")
    assert not facts_of(mini, one, other)["event/summit"].conflicts
    assert not facts_of(mini, summit(UNION), other)["event/summit"].conflicts


def test_a_relation_begins_with_the_event_that_initiates_it(mini: Mini) -> None:
    joined = {"joiner": "person/ada-stone", "joined": "org/valley-union", "initiates": "membership/stone-union"}
    member = {"fullMember": "person/ada-stone", "organization": "org/valley-union"}

    def begin(date: str) -> list[str]:
        accession = claim("event/accession-stone", "Accession", joined | {"time": "1990-05-03"})
        found = facts_of(mini, accession, claim("membership/stone-union", "Membership", member | {"begin": date}))
        return edtf_of(found["membership/stone-union"].values.get("begin", ()))

    assert begin("1990") == []  # the narrower date of the accession is derived
    assert begin("1991") == ["1991"]  # a date that does not agree stays


def test_relations_have_no_status(mini: Mini) -> None:
    assert fuse(mini)["office/stone"].status == ()


def test_facts_that_are_the_same_become_one_and_those_in_doubt_stay_two(mini: Mini) -> None:
    opening = claim("event/opening", "Foundation", FOUNDATION, evidence="b")
    mini.rows = {
        "901": [
            accept("0001", OPENING, foundation("Asserted"), opening),
            accept("0002", VISIT, claim("event/x", "Event", {"place": "place/alba"})),
            accept("0003", MEETING, claim("event/y", "Event", {"place": "place/alba"})),
        ],
        "identities": [
            {"id": "m-0001", "decision": "same", "facts": [EVENT, "event/opening"], "why": "one opening"},
            {"id": "m-0002", "decision": "unsure", "facts": ["event/x", "event/y"], "why": "alike"},
        ],
    }
    fused = fuse(mini)
    assert set(fused) == {EVENT, "event/x", "event/y"}
    assert len(fused[EVENT].claims) == 2


def test_a_rejected_claim_and_a_sentence_without_statement_are_not_in_the_graph(mini: Mini) -> None:
    rejected = accept("0002", VISIT, claim("event/visit-stone", "Visit", {"visitor": "person/ada-stone"}))
    heading = {"id": "901-0003", "decision": "no-statement", "spans": {"b": span("901", MEETING)}, "why": "transition"}
    mini.rows = {
        "901": [accept("0001", OPENING, foundation("Asserted")), rejected | {"decision": "reject", "why": "doubtful"}, heading]
    }
    assert set(fuse(mini)) == {EVENT}


TIMES = st.sampled_from(["1990", "1990-05", "1990-05-03", "1990-06", "1991", "../1990-05", "1990-06/.."])


def asserted(number: int, time: str) -> Claim:
    place = Span("901", number, number + 1, "0" * 64)
    says: tuple[tuple[str, tuple[Term, ...]], ...] = (("time", (edtf.parse(time),)),)
    return Claim(f"901-{number:04}.1", "event/x", "Event", "Asserted", "voice/901", None, True, place, (), says, "")


@given(st.lists(TIMES, min_size=1, max_size=5))
def test_no_asserted_date_is_lost_unless_a_narrower_one_agrees_with_it(schema: Schema, times: list[str]) -> None:
    claims = [asserted(number, time) for number, time in enumerate(times)]
    (fact,) = facts.fuse(claims, schema)
    kept = [term for term in fact.values["time"] if isinstance(term, TimeSpan)]
    for said in claims:
        (time,) = said.values("time")
        assert isinstance(time, TimeSpan)
        assert any(span == time or span.narrower_than(time) for span in kept)
    disjoint = any(edtf.parse(a).disjoint(edtf.parse(b)) for a in times for b in times)
    assert bool(fact.conflicts) == disjoint


@given(st.permutations(["1990", "1990-05", "1990-05-03", "1991"]))
def test_the_order_of_claims_does_not_matter(schema: Schema, times: list[str]) -> None:
    (fact,) = facts.fuse([asserted(number, time) for number, time in enumerate(times)], schema)
    assert edtf_of(fact.values["time"]) == ["1990-05-03", "1991"]
