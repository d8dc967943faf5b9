"""Why a triple is in the graph: claims and passages of what is stated, rules and premises of what is inferred."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, parse

from mini import NOTE, OPENED, OPENING, REPORT, VISIT, Mini, claim, span
from relgraph import build
from relgraph.errors import UsageError
from relgraph.project import Project
from relgraph.vocabulary import (
    ASSERTED,
    INFERRED,
    ONTOLOGY_GRAPH,
    PREF_LABEL,
    PROVENANCE,
    REPORTED,
    A,
    concept,
    data,
    rg,
)  # fmt: skip
from relgraph.why import Explainer, Explanation, Nearness, Origin, explain, prov, records, text
from relgraph.why.wording import RULES, WORDS

TEXTS = {"901": REPORT, "902": NOTE}
COUNCIL, STONE, ALBA, BRIN = data("body/union-council"), data("person/ada-stone"), data("place/alba"), data("place/brin")
FOUNDATION, STAY, MEETING = data("event/foundation-council"), data("event/visit-stone"), data("event/meeting-brin")


def store_of(mini: Mini) -> Store:
    project = Project(mini.write())
    return build.write(build.assemble(project, None, lambda stage: None), project.releases).store()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The mini project, in which Ada Stone announces besides that she will go on to Brin."""
    mini = Mini(tmp_path_factory.mktemp("why") / "mini")
    speech = claim("event/announcement", "SpeechAct", {"speaker": "person/ada-stone", "illocution": "state"})
    onward = claim("event/visit-stone", "Visit", {"visitor": "person/ada-stone", "place": "place/brin"}, modality="Planned")
    mini.rows["901"][1]["claims"] += [speech, onward | {"by": "person/ada-stone", "conveyedBy": "event/announcement"}]
    mini.rows["901"][0]["spans"] |= {"y": span("901", "1990")}
    mini.rows["901"][0]["claims"][0]["context"] = ["y"]
    return store_of(mini)


def why(store: Store, s: NamedNode, p: NamedNode, o: NamedNode | Literal, language: str = "en") -> Explanation:
    return explain(store, Triple(s, p, o), TEXTS, language)


# ── what documents state ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_value_of_a_fact_comes_from_the_claims_that_state_it(small: Store) -> None:
    found = why(small, STAY, rg("place"), ALBA)
    assert (found.origin, found.graph, found.found) == (Origin.STATED, "asserted", True)
    (source,) = found.claims
    assert source.modality.text == "asserted"
    assert source.attributed_to.text == "author of the report"
    assert source.conveyed_by is None
    assert source.own_voice
    assert [cell.text for cell in source.says] == ["Alba"]
    assert source.evidence is not None
    start = REPORT.index(VISIT)
    assert (source.evidence.document, source.evidence.start, source.evidence.end) == ("901", start, start + len(VISIT))
    assert (source.evidence.line, source.evidence.section) == (4, "Body")
    assert source.evidence.passage == VISIT


def test_what_is_said_otherwise_of_the_same_property_is_listed_apart(small: Store) -> None:
    (other,) = why(small, STAY, rg("place"), ALBA).others
    assert [cell.text for cell in other.says] == ["Brin"]
    assert other.modality.text == "planned"
    assert not other.own_voice
    assert other.conveyed_by is not None
    assert other.conveyed_by.iri == data("event/announcement").value


def test_context_is_shown_and_passages_only_with_the_documents(small: Store) -> None:
    with_texts = why(small, FOUNDATION, rg("founds"), COUNCIL).claims
    assert [source.evidence.passage for source in with_texts if source.evidence] == [OPENING, OPENED]
    assert [note.passage for note in with_texts[0].context] == ["1990"]
    for texts in ({}, {"901": "another text", "902": NOTE[1:]}):
        claims = explain(small, Triple(FOUNDATION, rg("founds"), COUNCIL), texts).claims
        assert [source.evidence.passage for source in claims if source.evidence] == [None, None]


def test_the_class_of_a_fact_rests_on_all_claims_about_it(small: Store) -> None:
    found = why(small, FOUNDATION, A, rg("Foundation"))
    assert found.origin is Origin.STATED
    assert [source.evidence.document for source in found.claims if source.evidence] == ["901", "902"]


def test_dates_that_conflict_both_stay_and_name_each_other(small: Store) -> None:
    found = why(small, FOUNDATION, rg("time"), data("time/1990-05-03"))
    assert [cell.text for source in found.claims for cell in source.says] == ["3 May 1990"]
    assert [cell.text for source in found.others for cell in source.says] == ["4 May 1990"]
    assert WORDS["en"]["narrowest"] in found.note
    contested = why(small, FOUNDATION, rg("contested"), Literal(True))
    assert contested.origin is Origin.COMPUTED
    assert len(contested.claims) == 2


def test_a_fact_that_no_document_asserts_says_so(small: Store) -> None:
    found = why(small, MEETING, rg("place"), BRIN)
    assert found.note == WORDS["en"]["not own"]
    assert found.claims[0].modality.text == "planned"


@pytest.mark.parametrize(
    ("fact", "status", "word", "modalities"),
    [(STAY, "Occurred", "settled", ["asserted"]), (MEETING, "Planned", "progress", ["planned"])],
)
def test_a_status_names_the_claims_that_decide_it(
    small: Store, fact: NamedNode, status: str, word: str, modalities: list[str]
) -> None:
    found = why(small, fact, rg("status"), concept("status", status))
    assert (found.origin, found.note) == (Origin.COMPUTED, WORDS["en"][word])
    assert [source.modality.text for source in found.claims] == modalities


def test_two_documents_that_differ_on_whether_it_happened_decide_both_statuses(mini: Mini) -> None:
    mini.rows["902"][0]["claims"][0] |= {"modality": "Denied"}
    store = store_of(mini)
    for status, document in (("Occurred", "901"), ("Denied", "902")):
        found = why(store, FOUNDATION, rg("status"), concept("status", status))
        assert [source.evidence.document for source in found.claims if source.evidence] == [document]
        assert len(found.others) == 1


# ── what is not stated by documents ────────────────────────────────────────────────────────────────────────────────────


def first(store: Store, graph: NamedNode, s: NamedNode | None, p: NamedNode | None) -> Triple:
    return min((quad.triple for quad in store.quads_for_pattern(s, p, None, graph)), key=str)


@pytest.mark.parametrize(
    ("graph", "subject", "predicate", "origin", "word"),
    [
        (ASSERTED, STONE, A, Origin.NAMED, "named"),
        (ASSERTED, STONE, PREF_LABEL, Origin.NAMED, "named"),
        (ASSERTED, STAY, PREF_LABEL, Origin.GENERATED, "generated"),
        (ASSERTED, data("time/1990-06-05"), rg("earliest"), Origin.TIME, None),
        (ASSERTED, concept("modality", "Asserted"), PREF_LABEL, Origin.SCHEME, "scheme"),
        (PROVENANCE, None, rg("modality"), Origin.CLAIM, "claim"),
        (PROVENANCE, None, rg("gloss"), Origin.GENERATED, "generated"),
        (PROVENANCE, None, rg("conflictsWith"), Origin.COMPUTED, "conflict"),
        (PROVENANCE, None, rg("quoteSha256"), Origin.SPAN, "span"),
        (PROVENANCE, data("document/901"), None, Origin.REGISTER, "register"),
        (REPORTED, None, rg("visitor"), Origin.REPORTED, "reported"),
        (ONTOLOGY_GRAPH, rg("memberOf"), None, Origin.ONTOLOGY, "axiom"),
        (ONTOLOGY_GRAPH, rg("memberOf"), PREF_LABEL, Origin.ONTOLOGY, "described"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_kind_of_triple_says_where_it_comes_from(
    small: Store,
    graph: NamedNode,
    subject: NamedNode | None,
    predicate: NamedNode | None,
    origin: Origin,
    word: str | None,
    language: str,
) -> None:
    found = explain(small, first(small, graph, subject, predicate), TEXTS, language)
    assert found.origin is origin
    assert found.note == (WORDS[language][word] if word else WORDS[language]["time"].format(edtf="1990-06-05"))
    if origin in (Origin.CLAIM, Origin.SPAN, Origin.REPORTED, Origin.COMPUTED):
        assert all(source.evidence and source.evidence.passage for source in found.claims)
        assert found.claims


def test_a_decision_on_identity_is_no_statement_of_a_document(mini: Mini) -> None:
    pair = ["event/visit-stone", "event/meeting-brin"]
    mini.rows["identities"] = [{"id": "m-0001", "decision": "unsure", "facts": pair, "why": "neither date is certain"}]
    found = why(store_of(mini), STAY, rg("possiblySameAs"), MEETING)
    assert found.origin is Origin.IDENTITY
    assert found.claims == ()


def test_a_graph_of_others_is_named() -> None:
    store = Store()
    quads = parse(b"<x:s> <x:p> <x:o> <x:g> .", format=RdfFormat.N_QUADS)
    store.extend(quads)
    found = explain(store, Triple(NamedNode("x:s"), NamedNode("x:p"), NamedNode("x:o")))
    assert (found.origin, found.note) == (Origin.OTHER, "It stands in the graph x:g.")


# ── what is inferred ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_inferred_triple_names_rule_axiom_and_premises_down_to_passages(small: Store) -> None:
    found = why(small, STONE, rg("holdsPosition"), data("position/union-minister"))
    assert (found.origin, found.rule, found.stated) == (Origin.INFERRED, "prp-spo2", True)
    assert found.axiom == "rg:holdsPosition owl:propertyChainAxiom ( rg:hasOfficeHolding rg:position )"
    holding, position = found.premises
    assert (holding.rule, position.origin) == ("prp-inv2", Origin.STATED)
    (holder,) = holding.premises
    assert holder.statement.text == "office:stone rg:holder person:ada-stone"
    for leaf in (holder, position):
        assert [source.evidence.passage for source in leaf.claims if source.evidence] == [VISIT]


def test_every_rule_has_words_in_both_languages() -> None:
    assert RULES["en"].keys() == RULES["ru"].keys()
    assert WORDS["en"].keys() == WORDS["ru"].keys()


# ── what is not in the graph ───────────────────────────────────────────────────────────────────────────────────────────


def test_what_only_a_speaker_plans_is_said_first(small: Store) -> None:
    found = why(small, STAY, rg("place"), BRIN)
    assert (found.origin, found.found) == (Origin.ABSENT, False)
    assert found.note == "No document asserts it, so that it is not in the graph; 901 reports it as planned."
    assert found.near[0].kind is Nearness.REPORTED
    assert [source.modality.text for source in found.near[0].claims] == ["planned"]


def test_a_wider_date_that_another_claim_narrows_is_stated_but_not_kept(mini: Mini) -> None:
    mini.rows["902"][0]["claims"][0]["says"]["time"] = "1990-05"
    found = why(store_of(mini), FOUNDATION, rg("time"), data("time/1990-05"))
    assert not found.found
    assert found.note.startswith("This is not in the graph, although 902 states it")


def test_near_triples_share_two_terms_with_what_is_asked_for(small: Store) -> None:
    found = why(small, STAY, rg("place"), data("place/nowhere"))
    assert [(near.kind, near.statement.object) for near in found.near] == [(Nearness.PREDICATE, ALBA)]
    by_kind = {near.kind: near.statement for near in why(small, STAY, rg("addressee"), STONE).near}
    assert by_kind[Nearness.RELATION].predicate in (rg("visitor"), rg("involves"))
    by_value = {near.kind: near.statement for near in why(small, MEETING, rg("visitor"), STONE).near}
    assert by_value[Nearness.VALUE].subject == STAY


def test_a_short_cut_that_is_not_there_names_facts_with_both_and_how_far_they_got(small: Store) -> None:
    (near,) = [n for n in why(small, COUNCIL, rg("seatedIn"), BRIN).near if n.kind is Nearness.BOTH]
    assert near.statement.subject == MEETING
    assert near.reason == "a fact in which both have a role; its status: planned"
    assert [source.modality.text for source in near.claims] == ["planned"]


def test_a_literal_or_a_stranger_has_nothing_near(small: Store) -> None:
    found = why(small, data("person/nobody"), rg("nothing"), Literal("x"))
    assert (found.origin, found.near) == (Origin.ABSENT, ())


def test_there_are_two_languages(small: Store) -> None:
    assert why(small, STAY, rg("place"), ALBA, "ru").claims[0].attributed_to.text == "автор доклада"
    with pytest.raises(UsageError, match="choose en or ru"):
        why(small, STAY, rg("place"), ALBA, "de")


# ── forms ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_text_is_a_tree_with_passages(small: Store) -> None:
    shown = text.render(why(small, STONE, rg("holdsPosition"), data("position/union-minister")))
    assert shown.splitlines()[0] == "Ada Stone — holds position — Minister"
    assert f"“{VISIT}”" in shown
    depths = [len(line) - len(line.lstrip()) for line in shown.splitlines() if "office:stone rg:holder" in line]
    assert depths == [12]
    assert "Правило" not in shown
    assert "Выведено" in text.render(why(small, STONE, rg("holdsPosition"), data("position/union-minister"), "ru"), "ru")


def test_json_has_the_whole_tree(small: Store) -> None:
    found = json.loads(json.dumps(records.record(why(small, STONE, rg("holdsPosition"), data("position/union-minister")))))
    assert found["found"]
    assert found["statement"]["predicate"] == {"type": "uri", "value": rg("holdsPosition").value}
    claims = found["premises"][0]["premises"][0]["claims"]
    assert claims[0]["evidence"]["passage"] == VISIT
    assert claims[0]["evidence"]["start"] == REPORT.index(VISIT)
    absent = records.record(why(small, STAY, rg("place"), BRIN))
    assert not absent["found"]
    assert absent["nearest"][0]["kind"] == "reported"


def test_turtle_leads_from_the_statement_to_the_span(small: Store) -> None:
    found = why(small, STONE, rg("holdsPosition"), data("position/union-minister"))
    written = prov.turtle(found)
    assert written == prov.turtle(why(small, STONE, rg("holdsPosition"), data("position/union-minister")))
    store = Store()
    store.extend(parse(written, format=RdfFormat.TURTLE))
    query = f"""PREFIX prov: <{prov.PROV}> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX rg: <{rg("").value}>
        SELECT DISTINCT ?document ?start ?words {{
          ?statement rdf:subject <{STONE.value}> ; rdf:predicate rg:holdsPosition ; prov:wasDerivedFrom+ ?span .
          ?span prov:wasQuotedFrom ?document ; rg:charStart ?start ; rdf:value ?words }}"""
    ((document, start, words),) = [tuple(row) for row in store.query(query)]  # type: ignore[union-attr]
    assert (document, start.value, words.value) == (data("document/901"), str(REPORT.index(VISIT)), VISIT)
    generated = store.query(
        f"PREFIX prov: <{prov.PROV}> ASK {{ <{prov.iri(found.statement).value}> prov:wasGeneratedBy/prov:used ?premise }}"
    )
    assert bool(generated)


# ── the real graph ─────────────────────────────────────────────────────────────────────────────────────────────────────


def leaves(explanation: Explanation) -> Iterator[Explanation]:
    if not explanation.premises:
        yield explanation
    for premise in explanation.premises:
        yield from leaves(premise)


def sampled(store: Store, graph: NamedNode, size: int) -> list[Triple]:
    triples = sorted((quad.triple for quad in store.quads_for_pattern(None, None, None, graph)), key=str)
    return random.Random(size).sample(triples, min(size, len(triples)))


def test_inferred_triples_of_the_real_graph_end_in_claims_with_spans_or_in_names(store: Store) -> None:
    explainer = Explainer(store)
    for triple in sampled(store, INFERRED, 300):
        for leaf in leaves(explainer.explain(triple)):
            assert leaf.graph in ("asserted", "provenance")
            if leaf.origin is Origin.STATED:
                assert leaf.claims
                assert all(source.evidence for source in leaf.claims)
            else:
                assert leaf.origin in (Origin.NAMED, Origin.COMPUTED, Origin.REGISTER, Origin.IDENTITY, Origin.TIME), leaf


@pytest.mark.parametrize("graph", [ASSERTED, PROVENANCE, REPORTED, ONTOLOGY_GRAPH], ids=lambda graph: graph.value[-8:])
def test_stated_triples_of_the_real_graph_are_explained_and_values_have_claims(store: Store, graph: NamedNode) -> None:
    explainer = Explainer(store)
    origins: Counter[Origin] = Counter()
    for triple in sampled(store, graph, 300):
        found = explainer.explain(triple)
        origins[found.origin] += 1
        assert found.origin not in (Origin.ABSENT, Origin.OTHER, Origin.INFERRED)
        if found.origin in (Origin.STATED, Origin.COMPUTED, Origin.CLAIM, Origin.REPORTED):
            assert found.claims, found
            assert all(source.evidence and source.evidence.end > source.evidence.start for source in found.claims)
    assert sum(origins.values()) > 0
