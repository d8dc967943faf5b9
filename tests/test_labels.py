"""Labels and glosses: made by template, in both languages, for every fact and claim."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Store

from mini import Mini, claim
from relgraph import build
from relgraph.build import Built
from relgraph.labels import _fill
from relgraph.project import Project
from relgraph.vocabulary import ASSERTED, PREF_LABEL, PROVENANCE, A, data, rg


def labels(mini: Mini, key: str, predicate: NamedNode = PREF_LABEL) -> dict[str, str]:
    built = build.assemble(Project(mini.write()), None, lambda stage: None)
    return {
        q.object.language: q.object.value
        for q in built.quads
        if q.subject == data(key) and q.predicate == predicate and isinstance(q.object, Literal) and q.object.language
    }


def test_a_fact_is_named_after_its_class_roles_and_date(mini: Mini) -> None:
    assert labels(mini, "event/visit-stone") == {
        "en": "Visit: Ada Stone to Alba, 5 June 1990",
        "ru": "Визит: Ада Стоун – Альба, 5 июня 1990",
    }


def test_dates_that_conflict_all_show(mini: Mini) -> None:
    assert labels(mini, "event/foundation-council")["en"] == "Foundation: Union Council, Alba, 3 May 1990 / 4 May 1990"


def test_a_claim_is_named_after_its_fact_and_place(mini: Mini) -> None:
    assert labels(mini, "claim/901-0002.1")["ru"] == "Визит: Ада Стоун – Альба, 5 июня 1990 (901, строка 4)"


def test_a_gloss_says_who_holds_what_and_how(mini: Mini) -> None:
    assert labels(mini, "claim/901-0003.1", rg("gloss"))["en"] == (
        "author of the report – planned: meeting; meeting of: Union Council; place: Brin; time: autumn 1991"
    )


def test_a_gloss_names_the_speech_act_that_conveys_the_claim(mini: Mini) -> None:
    act = {"speaker": "person/ada-stone", "illocution": "call-for", "ordinal": 2, "aboutFact": "event/meeting-brin"}
    mini.rows["901"][2]["claims"][0] |= {"by": "person/ada-stone", "conveyedBy": "event/call"}
    mini.rows["901"][2]["claims"].append(claim("event/call", "SpeechAct", act))
    assert labels(mini, "claim/901-0003.1", rg("gloss"))["ru"].startswith("Ада Стоун (призыв № 2) – планируется: встреча;")


def test_what_is_known_by_its_designation_is_named_by_it(mini: Mini) -> None:
    mini.rows["901"][0]["claims"] += [
        claim("event/round", "Meeting", {"designation": {"en": "Alba round"}, "time": "1990"}),
        claim("event/war", "Conflict", {"designation": {"ru": "Альбинская война"}}),
    ]
    assert labels(mini, "event/round") == {"en": "Meeting: “Alba round”, 1990", "ru": "Встреча: “Alba round”, 1990"}
    assert labels(mini, "event/war")["ru"] == "Конфликт: “Альбинская война”"


def test_what_a_speech_or_dispute_concerns_is_in_its_label(mini: Mini) -> None:
    judgement = {"speaker": "person/ada-stone", "illocution": "accuse", "concerns": "body/union-council"}
    dispute = {"party": ["org/valley-union", "person/ada-stone"], "concerns": "place/brin"}
    mini.rows["901"][0]["claims"] += [
        claim("event/judgement", "SpeechAct", judgement | {"characterizesAs": {"en": "slow"}}),
        claim("dispute/brin", "Dispute", dispute),
    ]
    assert labels(mini, "event/judgement")["en"] == "Ada Stone: accusation: Union Council"
    assert labels(mini, "dispute/brin")["en"] == "Dispute: Valley Union, Ada Stone – Brin"


def test_a_relation_shows_when_events_begin_and_end_it(mini: Mini) -> None:
    joined = {"joiner": "person/ada-stone", "joined": "org/valley-union", "time": "1990-05-03"}
    member = {"fullMember": "person/ada-stone", "organization": "org/valley-union"}
    mini.rows["901"][0]["claims"] += [
        claim("event/accession-stone", "Accession", joined | {"initiates": "membership/stone-union"}),
        claim("membership/stone-union", "Membership", member),
    ]
    assert labels(mini, "membership/stone-union")["en"] == "Membership: Ada Stone – Valley Union (from: 3 May 1990)"


def test_templates_leave_out_what_is_missing_and_choose_alternatives() -> None:
    template = "Visit: {visitor}[ to {place|host}][, {time}]"
    assert _fill(template, {"visitor": "A", "host": "B"}) == "Visit: A to B"
    assert _fill(template, {"time": "1990"}) == "Visit: …, 1990"
    assert _fill("M[ ({begin}/{end})| (from {begin})]", {"begin": "1990"}) == "M (from 1990)"
    assert _fill("{a}[ {b}]", {"a": "[x] {b}", "b": "{a}"}) == "[x] {b} {a}"


def test_every_fact_and_claim_has_a_label_in_both_languages_and_no_gap(built: Built) -> None:
    store = Store()
    store.bulk_extend(built.quads)
    named = {q.subject for q in store.quads_for_pattern(None, A, rg("Claim"), PROVENANCE)}
    named |= {q.object for q in store.quads_for_pattern(None, rg("about"), None, PROVENANCE) if isinstance(q.object, NamedNode)}
    assert named
    for node in named:
        assert isinstance(node, NamedNode)
        graph = PROVENANCE if "/claim/" in node.value else ASSERTED
        found = [q.object for q in store.quads_for_pattern(node, PREF_LABEL, None, graph)]
        assert sorted(str(getattr(label, "language", "")) for label in found) == ["en", "ru"]
        for label in found:
            assert "…" not in str(label), label
            assert "https://" not in str(label), label
