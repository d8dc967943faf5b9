"""Parts of a release: which claims are chosen, and what goes with them."""

from __future__ import annotations

import errno
import functools
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import SEEK_END
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize

from mini import Mini, claim
from relgraph import build, edtf
from relgraph import release as releases
from relgraph.errors import DamageError, RoomError, UsageError
from relgraph.exports import Selection, Source, choosing, selected
from relgraph.exports.asking import asked
from relgraph.project import Project
from relgraph.reasoning import infer
from relgraph.release import Release
from relgraph.vocabulary import (
    ASSERTED,
    DCTERMS,
    INFERRED,
    ONTOLOGY_GRAPH,
    PREF_LABEL,
    PROVENANCE,
    RDFS,
    REPORTED,
    XSD,
    A,
    concept,
    data,
    local_name,
    rg,
)

DOCUMENTS = tuple(data(f"document/00{number}") for number in range(5))
ACTORS = tuple(map(data, ("org/nato", "state/RUS", "org/osce", "voice/004", "person/george-robertson")))
MODALITIES = tuple(concept("modality", name) for name in ("Asserted", "Planned", "Denied", "Requested"))
#: What is said of a fact that no claim states: computed, generated, or decided.
OF_ITSELF = {A, PREF_LABEL, rg("status"), rg("contested"), rg("possiblySameAs"), NamedNode(DCTERMS + "replaces")}


def some(values: tuple[NamedNode, ...]) -> st.SearchStrategy[tuple[NamedNode, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


selections = st.builds(
    Selection,
    documents=some(DOCUMENTS),
    actors=some(ACTORS),
    period=st.sampled_from([None, *map(edtf.parse, ("1994/2001", "2002", "../1991", "2008/.."))]),
    modalities=some(MODALITIES),
    undated=st.booleans(),
)
invariant = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
#: Every run has selections of its own, and its invariants the same, so that each is extracted once.
same = seed(random.getrandbits(32))


@pytest.fixture(scope="module")
def whole(release: Release) -> frozenset[Quad]:
    return frozenset(parse(path=release.path / "dataset.nq", format=RdfFormat.N_QUADS))


@functools.lru_cache(maxsize=64)
def extracted(release: Release, selection: Selection) -> bytes:
    """The lines of a selection; empty where nothing is selected."""
    if not chosen(release, selection):
        return b""
    with selected(release, selection) as source:
        return b"".join(source.blocks())


def chosen(release: Release, selection: Selection) -> set[NamedNode]:
    with choosing.chosen(Source(release), selection) as database:
        return {NamedNode(claim[1:-1].decode()) for (claim,) in database.execute("SELECT claim FROM chosen")}


def quads(lines: bytes) -> list[Quad]:
    return list(parse(lines, format=RdfFormat.N_QUADS))


def facts(found: Any) -> set[Any]:
    return {quad.object for quad in found if quad.predicate == rg("about")}


def claims(found: Any) -> set[Any]:
    return {quad.subject for quad in found if quad.predicate == rg("about")}


@contextmanager
def as_release(lines: bytes) -> Iterator[Release]:
    """What was selected, as a release of its own."""
    with tempfile.TemporaryDirectory() as folder:
        yield releases.write(Path(folder), lines, quads(lines), {}, {})


def as_line(quad: Quad) -> bytes:
    return serialize([quad], format=RdfFormat.N_QUADS) or b""


# ── whatever is selected ─────────────────────────────────────────────────────────────────────────────────────────────


@same
@invariant
@given(selection=selections)
def test_every_selected_statement_is_in_the_release_once_and_in_its_order(
    selection: Selection, release: Release, whole: frozenset[Quad]
) -> None:
    lines = extracted(release, selection).splitlines()
    assert lines == sorted(set(lines))
    assert set(quads(b"\n".join(lines))) <= whole


@same
@invariant
@given(selection=selections)
def test_every_value_of_a_fact_keeps_its_footnote(selection: Selection, release: Release, whole: frozenset[Quad]) -> None:
    found = quads(extracted(release, selection))
    about = {quad.subject: quad.object for quad in found if quad.predicate == rg("about")}
    says = {quad.object: about[quad.subject] for quad in found if quad.predicate == rg("says")}
    said = {(says[quad.subject], quad.predicate, quad.object) for quad in found if quad.graph_name == REPORTED}
    known = facts(whole)
    stated = {
        (quad.subject, quad.predicate, quad.object)
        for quad in found
        if quad.graph_name == ASSERTED and quad.subject in known and quad.predicate not in OF_ITSELF
    }
    assert selection == Selection(undated=selection.undated) or stated <= said


@same
@invariant
@given(selection=selections)
def test_every_claim_keeps_its_passages_and_its_content(selection: Selection, release: Release, whole: frozenset[Quad]) -> None:
    found = set(quads(extracted(release, selection)))
    parts = {
        quad.object for quad in found if local_name(quad.predicate) in ("evidence", "context", "says", "document", "section")
    }
    kept = claims(found) | parts
    assert {quad for quad in whole if quad.subject in kept and quad.graph_name in (PROVENANCE, REPORTED)} <= found


@same
@invariant
@given(selection=selections)
def test_what_follows_is_what_follows_from_the_selection_alone(
    selection: Selection, release: Release, whole: frozenset[Quad]
) -> None:
    assume(selection.of_claims)
    found = quads(extracted(release, selection))
    ontology = [quad.triple for quad in found if quad.graph_name == ONTOLOGY_GRAPH]
    follows = set(infer([quad for quad in found if quad.graph_name == ASSERTED], ontology).quads) if found else set()
    assert {quad for quad in found if quad.graph_name == INFERRED} == follows & whole


@same
@settings(invariant, max_examples=10)
@given(selection=selections)
def test_selecting_again_changes_nothing(selection: Selection, release: Release) -> None:
    lines = extracted(release, selection)
    assume(lines)
    with as_release(lines) as again:
        assert extracted(again, selection) == lines


def only(kind: str, *values: NamedNode) -> Selection:
    return Selection(documents=values) if kind == "documents" else Selection(modalities=values)


@same
@invariant
@given(selection=selections)
def test_kinds_are_combined_by_and_and_values_by_or(selection: Selection, release: Release) -> None:
    found = chosen(release, selection)
    for kind in ("documents", "modalities"):
        values = getattr(selection, kind)
        of_each = [chosen(release, only(kind, value)) for value in values]
        if values:
            assert found <= set().union(*of_each)
            assert chosen(release, only(kind, *values)) == set().union(*of_each)
    both = Selection(documents=selection.documents, modalities=selection.modalities)
    assert found <= chosen(release, both)


@pytest.mark.parametrize(("one", "other"), combinations(ACTORS, 2))
def test_actors_are_combined_by_or(one: NamedNode, other: NamedNode, release: Release) -> None:
    apart = chosen(release, Selection(actors=(one,))) | chosen(release, Selection(actors=(other,)))
    assert chosen(release, Selection(actors=(one, other))) == apart


def test_the_documents_together_have_every_fact_and_claim(release: Release, whole: frozenset[Quad]) -> None:
    parts = [quads(extracted(release, Selection(documents=(document,)))) for document in DOCUMENTS]
    assert set().union(*map(facts, parts)) == facts(whole)
    assert set().union(*map(claims, parts)) == claims(whole)


def test_a_selection_is_read_from_its_beginning_by_all_who_read_it(release: Release) -> None:
    with selected(release, Selection(documents=DOCUMENTS[:1])) as source, source.open() as one, source.open() as other:
        whole = extracted(release, Selection(documents=DOCUMENTS[:1]))
        assert one.read(9) == whole[:9]
        assert other.read() == whole
        assert one.read(9) == whole[9:18]
        assert (one.seek(-9, SEEK_END), one.read(), one.seek(1), one.read(1)) == (len(whole) - 9, whole[-9:], 1, whole[1:2])


@pytest.mark.parametrize("graphs", [(), (ASSERTED, PROVENANCE)])
def test_nothing_is_left_of_a_selection(graphs: tuple[NamedNode, ...], release: Release, tmp_path: Path) -> None:
    """Not even a name while it is there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path))
        opened = len(list(Path("/dev/fd").iterdir()))
        with selected(release, Selection(documents=DOCUMENTS[:1], graphs=graphs)) as source:
            assert source.open().read(1) == b"<"
            assert not any(tmp_path.iterdir())
        assert len(list(Path("/dev/fd").iterdir())) == opened


# ── which claims ─────────────────────────────────────────────────────────────────────────────────────────────────────


def made(mini: Mini) -> Release:
    project = Project(mini.write())
    return build.write(build.assemble(project, None, lambda stage: None), project.releases)


def ids(release: Release, **names: Any) -> set[str]:
    """The ids of the claims of a selection as people write it."""
    return {node.value.rpartition("/")[2] for node in chosen(release, asked(release.store(), **names))}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The mini project, and what the minister says of the planned meeting."""
    mini = Mini(tmp_path_factory.mktemp("selection") / "mini")
    speech = {"speaker": "person/ada-stone", "illocution": "state", "aboutFact": "event/meeting-brin"}
    mini.rows["901"][2]["claims"] += [
        claim("event/speech", "SpeechAct", speech),
        claim(
            "event/meeting-brin", "Meeting", {"meetingOf": "body/union-council"},
            modality="Planned", by="person/ada-stone", conveyedBy="event/speech",
        ),
    ]  # fmt: skip
    return made(mini)


ALL = {"901-0001.1", "901-0002.1", "901-0002.2", "901-0003.1", "901-0003.2", "901-0003.3", "902-0001.1"}


def test_without_filters_every_claim_is_chosen(small: Release) -> None:
    assert ids(small) == ALL


@pytest.mark.parametrize(
    "name", ["902", "document/902", "Document 902", "источник 902", "<https://w3id.org/relgraph/id/document/902>"]
)
def test_by_document(name: str, small: Release) -> None:
    assert ids(small, documents=[name]) == {"902-0001.1"}
    assert ids(small, documents=["901", name]) == ALL


@pytest.mark.parametrize("name", ["person/ada-stone", "Ada Stone", "Ада Стоун", "ada stone"])
def test_by_actor_in_a_role_and_as_the_one_who_claims(name: str, small: Release) -> None:
    assert ids(small, actors=[name]) == {"901-0002.1", "901-0002.2", "901-0003.2", "901-0003.3"}


def test_a_fact_is_an_actors_by_any_of_its_claims(small: Release) -> None:
    assert ids(small, actors=["Union Council"]) == {"901-0001.1", "902-0001.1", "901-0003.1", "901-0003.3"}


@pytest.mark.parametrize("name", ["Planned", "planned", "планируется", "modality:Planned"])
def test_by_modality(name: str, small: Release) -> None:
    assert ids(small, modalities=[name]) == {"901-0003.1", "901-0003.3"}


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("1990-05", {"901-0001.1", "902-0001.1"}),
        ("1990-05-04", {"901-0001.1", "902-0001.1"}),  # of a contested fact one time is enough
        ("1990-06/..", {"901-0002.1", "901-0003.1", "901-0003.3"}),
        ("../1990-05-03", {"901-0001.1", "902-0001.1"}),
        ("1991-11-30", {"901-0003.1", "901-0003.3"}),  # the last day of the autumn: possible
    ],
)
def test_by_period(period: str, found: set[str], small: Release) -> None:
    assert ids(small, period=period) == found
    assert ids(small, period=period, undated=True) == found | {"901-0002.2", "901-0003.2"}


def test_a_time_counts_where_a_claim_that_is_still_there_gives_it(small: Release) -> None:
    assert ids(small, period="1990-05-04", documents=["902"]) == {"902-0001.1"}
    with (
        pytest.raises(UsageError, match="nothing in the release matches"),
        selected(small, asked(small.store(), period="1990-05-04", documents=["901"])),
    ):
        pass


@pytest.mark.parametrize(
    ("says", "period", "overlaps"),
    [
        ({"begin": "1990", "end": "1995"}, "1993", True),
        ({"begin": "1990", "end": "1995"}, "1996", False),
        ({"begin": "1990"}, "2020", True),
        ({"begin": "1990"}, "1989", False),
        ({"end": "1995"}, "1900", True),
        ({"end": "1995"}, "1996/1999", False),
    ],
)
def test_a_relation_lasts_from_its_begin_to_its_end(says: dict[str, str], period: str, overlaps: bool, mini: Mini) -> None:
    mini.rows["901"][1]["claims"][1]["says"] |= says
    release = made(mini)
    assert ("901-0002.2" in ids(release, period=period)) == overlaps


@pytest.mark.parametrize(("period", "is_in"), [("1990-06", True), ("1850", False)])
def test_a_deadline_in_a_plan_does_not_say_when_something_was(period: str, is_in: bool, mini: Mini) -> None:
    planned = mini.rows["901"][1]["claims"][0] | {"modality": "Planned"}
    planned["says"] = planned["says"] | {"time": "../1990-06"}
    mini.rows["901"][1]["claims"].append(planned)
    release = made(mini)
    assert ("901-0002.1" in ids(release, period=period)) == ("901-0002.3" in ids(release, period=period)) == is_in
    assert ids(release, period="1850", modalities=["Planned"]) == {"901-0002.3"}, "where nothing else is chosen, the plan counts"


def test_a_document_shows_of_a_fact_what_it_says_itself(small: Release) -> None:
    found = {(local_name(q.predicate), getattr(q.object, "value", "")) for q in quads(
        extracted(small, Selection(documents=(data("document/902"),)))
    ) if q.subject == data("event/foundation-council") and q.graph_name == ASSERTED}  # fmt: skip
    assert [value for name, value in found if name == "time"] == [data("time/1990-05-04").value]
    assert {name for name, _ in found} == {"type", "prefLabel", "status", "contested", "founds", "place", "time"}


@pytest.mark.parametrize("text", ['a "b" \\ c', "line\nand\r\nline\ttab", "\x01\x7f\x85\u2028", "Ёж ﬁ 𝔐 \ufffe", "x> <y . \n"])
def test_a_value_of_any_signs_is_kept_where_a_chosen_claim_says_it(text: str, small: Release) -> None:
    fact, gloss = data("event/foundation-council"), rg("designation")
    store = small.store()
    claim = next(q.subject for q in store.quads_for_pattern(None, rg("about"), fact, PROVENANCE) if "902" in str(q.subject))
    (content,) = (quad.object for quad in store.quads_for_pattern(claim, rg("says"), None, PROVENANCE))
    said, other = Literal(text, language="en"), Literal(text + "!")
    assert isinstance(content, NamedNode)
    added = [Quad(fact, gloss, said, ASSERTED), Quad(fact, gloss, other, ASSERTED), Quad(content, gloss, said, REPORTED)]
    lines = sorted([*(small.path / "dataset.nq").read_bytes().splitlines(keepends=True), *map(as_line, added)])
    with as_release(b"".join(lines)) as changed:
        found = extracted(changed, Selection(documents=(data("document/902"),))).splitlines(keepends=True)
    assert [as_line(quad) in found for quad in added] == [True, False, True]


def test_a_number_is_kept_as_it_is_written(small: Release) -> None:
    """The store has one form of each value."""
    fact, amount = data("event/foundation-council"), rg("amount")
    store = small.store()
    claim = next(q.subject for q in store.quads_for_pattern(None, rg("about"), fact, PROVENANCE) if "902" in str(q.subject))
    (content,) = (quad.object for quad in store.quads_for_pattern(claim, rg("says"), None, PROVENANCE))
    assert isinstance(content, NamedNode)
    said, other = (Literal(text, datatype=NamedNode(f"{XSD}integer")) for text in ("05", "06"))
    added = [Quad(fact, amount, said, ASSERTED), Quad(fact, amount, other, ASSERTED), Quad(content, amount, said, REPORTED)]
    lines = sorted([*(small.path / "dataset.nq").read_bytes().splitlines(keepends=True), *map(as_line, added)])
    with as_release(b"".join(lines)) as changed:
        found = extracted(changed, Selection(documents=(data("document/902"),))).splitlines(keepends=True)
    assert [as_line(quad) in found for quad in added] == [True, False, True]


def test_an_axiom_among_what_is_selected_counts(small: Release) -> None:
    town, is_kind_of = NamedNode("https://example.org/Town"), NamedNode(RDFS + "subClassOf")
    added = [
        Quad(data("place/alba"), A, town, ASSERTED),
        Quad(town, is_kind_of, rg("Organization"), ASSERTED),
        Quad(data("place/alba"), A, rg("Organization"), INFERRED),
    ]
    lines = sorted([*(small.path / "dataset.nq").read_bytes().splitlines(keepends=True), *map(as_line, added)])
    with as_release(b"".join(lines)) as changed:
        found = extracted(changed, Selection(documents=(data("document/902"),))).splitlines(keepends=True)
    assert set(map(as_line, added)) <= set(found)


def test_a_folder_that_is_not_there_is_told(small: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(RoomError, match=r"missing.*set TMPDIR"), selected(small, Selection(documents=DOCUMENTS[:1])):
        pass


def test_that_there_is_no_folder_for_temporary_files_is_told(small: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", none)
    with pytest.raises(RoomError, match=r"No usable.*set TMPDIR"), selected(small, Selection(documents=DOCUMENTS[:1])):
        pass


@pytest.mark.parametrize("inside", [False, True])
def test_of_a_release_that_is_cut_short_nothing_is_selected(inside: bool, release: Release, tmp_path: Path) -> None:
    """The claims behind the cut would be missing; it may be within a line."""
    (tmp_path / "manifest.json").write_bytes((release.path / "manifest.json").read_bytes())
    whole = (release.path / "dataset.nq").read_bytes()
    end = whole.index(b"\n", len(whole) // 2) + 1
    (tmp_path / "dataset.nq").write_bytes(whole[: end + 9 if inside else end])
    with pytest.raises(DamageError, match="SHA-256"), selected(Release(tmp_path), Selection(documents=DOCUMENTS[:1])):
        pass


def test_of_what_is_only_mentioned_the_name_is_given_and_no_more(small: Release) -> None:
    found = quads(extracted(small, asked(small.store(), modalities=["Planned"])))
    speech = {
        local_name(quad.predicate) for quad in found if quad.subject == data("event/speech") and quad.graph_name == ASSERTED
    }
    assert speech == {"type", "prefLabel", "status"}
    named = {quad.subject for quad in found if quad.predicate == PREF_LABEL}
    assert {data("body/union-council"), data("person/ada-stone"), data("place/brin"), data("time/1991-23")} <= named
    assert data("event/visit-stone") not in {term for quad in found for term in (quad.subject, quad.object)}


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The mini project with two documents of one title, and a third that has the id of another for its title."""
    mini = Mini(tmp_path_factory.mktemp("twins") / "mini")
    root = mini.write()
    register = root / "data" / "documents.ttl"
    text = register.read_text("utf-8").replace("Document 901", "Annual report").replace("Document 902", "annual Report")
    register.write_text(text.replace("Источник 901", "902"), "utf-8")
    return build.write(build.assemble(Project(root), None, lambda stage: None), root / "build")


def test_a_title_of_several_documents_is_refused_with_their_keys(twins: Release) -> None:
    with pytest.raises(UsageError, match="'Annual report' is the name of several things: document/901, document/902"):
        asked(twins.store(), documents=["Annual report"])
    for name in ("901", "document/901"):
        assert asked(twins.store(), documents=[name]).documents == (data("document/901"),)


def test_an_id_goes_before_a_title(twins: Release) -> None:
    assert asked(twins.store(), documents=["902"]).documents == (data("document/902"),)


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"documents": ["903"]}, "there is no document '903' in this graph. There are 901"),
        ({"actors": ["Ada Stona"]}, "the actor: there is no 'Ada Stona' in this graph. Did you mean Ada Stone"),
        ({"modalities": ["Planed"]}, "there is no modality 'Planed' in this graph. Did you mean"),
        ({"graphs": ["assert"]}, "there is no graph 'assert'. Did you mean asserted?"),
        ({"period": "spring"}, "the period: 'spring' is not EDTF"),
        ({"undated": True}, "Give a period too"),
        ({"actors": ['x" } UNION {']}, "there is no"),
    ],
)
def test_unknown_names_are_refused_with_suggestions(names: dict[str, Any], message: str, small: Release) -> None:
    with pytest.raises(UsageError) as refused:
        asked(small.store(), **names)
    assert message in str(refused.value)
