"""Framed JSON-LD: what relgraph writes as a stream is what PyLD's framing gives, and holds what it should."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld as pyld
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

import nasty
from mini import Mini
from relgraph import build
from relgraph.errors import InputError, UsageError
from relgraph.exports import framing, jsonld
from relgraph.exports.context import ADDRESS, of_release
from relgraph.exports.frames import ROOTS, read
from relgraph.exports.seeking import Seeking
from relgraph.exports.source import ALL, Source
from relgraph.project import Project
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, ID, INFERRED, PREF_LABEL, PROVENANCE, REPORTED, XSD, A, data, local_name, rg

FRAMES = Path(__file__).parents[1] / "ontology" / "frames"
#: What the export takes when no graph is chosen.
GRAPHS = (ASSERTED, PROVENANCE, REPORTED)
by_frame = pytest.mark.parametrize("name", ROOTS)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the mini project."""
    project = Project(Mini(tmp_path_factory.mktemp("framing") / "mini").write())
    return build.write(build.assemble(project, None, lambda stage: None), project.root / "build")


@pytest.fixture(scope="module")
def real(release: Release) -> dict[str, dict[str, Any]]:
    """The real release framed, by frame."""
    return {name: framed(Source(release, GRAPHS), name) for name in ROOTS}


def framed(source: Source, frame: str | Mapping[str, Any], address: str | None = None) -> dict[str, Any]:
    out = io.BytesIO()
    framing.framed(source, out, frame, address)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def by_pyld(source: Source, frame: dict[str, Any]) -> list[dict[str, Any]]:
    """The trees that PyLD makes by a frame of the same source."""
    out = io.BytesIO()
    jsonld.compact(source, out)
    document = json.loads(out.getvalue())
    found = pyld.frame(document, frame | {"@context": document["@context"]}, {"omitGraph": False})
    return list(found["@graph"])


def published(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FRAMES / f"{name}.json").read_text("utf-8"))
    return found


def unordered(value: Any) -> Any:
    """JSON in which the order of arrays does not count."""
    if isinstance(value, dict):
        return {key: unordered(below) for key, below in value.items()}
    if isinstance(value, list):
        return sorted(map(unordered, value), key=lambda below: json.dumps(below, sort_keys=True))
    return value


def triples(document: dict[str, Any]) -> set[Triple]:
    return {quad.triple for quad in parse(json.dumps(document), format=RdfFormat.JSON_LD)}


def of(release: Release, *statements: Quad) -> Source:
    """A source of statements under the context of a release."""
    return Source(release, GRAPHS, nasty.canonical(statements))


@by_frame
def test_the_small_release_is_framed_as_pyld_frames_it(name: str, small: Release) -> None:
    source = Source(small, GRAPHS)
    assert unordered(framed(source, name)["@graph"]) == unordered(by_pyld(source, published(name)))


@pytest.mark.parametrize("name", ["event", "relation", "document"])  # memberships are relations
def test_the_real_release_is_framed_as_pyld_frames_it(name: str, release: Release, real: dict[str, dict[str, Any]]) -> None:
    assert unordered(real[name]["@graph"]) == unordered(by_pyld(Source(release, GRAPHS), published(name)))


@by_frame
@pytest.mark.parametrize("graphs", [(ASSERTED,), (ASSERTED, INFERRED), (ASSERTED, PROVENANCE), ALL[:4]], ids=str)
def test_other_graphs_are_framed_as_pyld_frames_them(name: str, graphs: tuple[NamedNode, ...], small: Release) -> None:
    source = Source(small, graphs)
    assert unordered(framed(source, name)["@graph"]) == unordered(by_pyld(source, published(name)))


def test_a_fact_is_one_tree_down_to_the_passages(small: Release) -> None:
    trees = framed(Source(small, GRAPHS), "event")["@graph"]
    [visit] = [tree for tree in trees if tree["@id"] == "id:event/visit-stone"]
    assert visit["@type"] == "Visit"
    assert visit["status"] == "Occurred"
    assert visit["visitor"] == ["id:person/ada-stone"]
    assert visit["time"][0]["edtf"] == "1990-06-05"
    [claim] = visit["claims"]
    assert claim["modality"] == "Asserted"
    assert claim["evidence"]["document"] == "id:document/901"
    assert claim["says"]["place"] == ["id:place/alba"]
    assert claim["says"]["time"][0]["edtf"] == "1990-06-05"


def test_a_document_is_one_tree_down_to_what_its_claims_say(small: Release) -> None:
    trees = framed(Source(small, GRAPHS), "document")["@graph"]
    [report] = [tree for tree in trees if tree["@id"] == "id:document/901"]
    [section] = report["sections"]
    claims = [claim for passage in section["passages"] for claim in passage["evidenceOf"]]
    starts = [passage["charStart"] for passage in section["passages"]]
    assert starts == sorted(starts) == [40, 86, 118]
    assert {claim["about"] for claim in claims} == {
        "id:event/foundation-council", "id:event/visit-stone", "id:office/stone", "id:event/meeting-brin",
    }  # fmt: skip


# ── which triples ────────────────────────────────────────────────────────────────────────────────────────────────────


def merged(release: Release) -> dict[NamedNode, set[Triple]]:
    """What the exported graphs say, by subject."""
    found: dict[NamedNode, set[Triple]] = {}
    for quad in Source(release, GRAPHS).quads():
        assert isinstance(quad.subject, NamedNode)
        found.setdefault(quad.subject, set()).add(quad.triple)
    return found


def values(said: Mapping[NamedNode, set[Triple]], nodes: Iterable[NamedNode], *names: str) -> set[NamedNode]:
    wanted = set(map(rg, names))
    found = (triple.object for node in nodes for triple in said[node] if triple.predicate in wanted)
    return {value for value in found if isinstance(value, NamedNode)}


def referring(said: Mapping[NamedNode, set[Triple]], name: str, nodes: set[NamedNode]) -> set[NamedNode]:
    return {node for node, own in said.items() for t in own if t.predicate == rg(name) and t.object in nodes}


def of_class(said: Mapping[NamedNode, set[Triple]], *names: str) -> set[NamedNode]:
    return {node for node, own in said.items() for t in own if t.predicate == A and t.object in set(map(rg, names))}


def test_facts_hold_all_that_is_said_of_them_their_claims_passages_contents_and_times_and_nothing_else(
    release: Release, real: dict[str, dict[str, Any]]
) -> None:
    said = merged(release)
    found = triples(real["event"]) | triples(real["relation"])
    facts = of_class(said, *published("event")["@type"], *published("relation")["@type"])
    claims = referring(said, "about", facts)
    contents = values(said, claims, "says")
    spans = values(said, claims, "evidence", "context")
    times = values(said, facts | contents, "time", "begin", "end")
    assert claims == of_class(said, "Claim")
    assert facts == values(said, claims, "about")
    assert found == set().union(*(said[node] for node in facts | claims | contents | spans | times))


def test_documents_hold_their_sections_passages_claims_contents_and_times_and_nothing_else(
    release: Release, real: dict[str, dict[str, Any]]
) -> None:
    said = merged(release)
    documents = of_class(said, "Document")
    sections = referring(said, "document", documents) & of_class(said, "Section")
    passages = referring(said, "section", sections)
    claims = referring(said, "evidence", passages)
    contents = values(said, claims, "says")
    others = values(said, claims, "context") | values(said, documents, "issued") | values(said, contents, "time", "begin", "end")
    everything = documents | sections | passages | claims | contents | others
    assert triples(real["document"]) == set().union(*(said[node] for node in everything))


@by_frame
def test_agents_places_and_other_facts_are_named_and_not_held(name: str, real: dict[str, dict[str, Any]]) -> None:
    """A node of a tree is of the classes that the frame holds."""
    held = {"Claim", "Content", "TextSpan", "TimeSpan", "Section", *published("event")["@type"], *published("relation")["@type"]}

    def below(node: dict[str, Any]) -> Iterable[dict[str, Any]]:
        for value in node.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and "@id" in one:
                    yield one
                    yield from below(one)

    for tree in real[name]["@graph"]:
        for node in below(tree):
            assert node["@type"] in held, node["@id"]


def test_what_follows_is_part_of_the_trees_when_it_is_asked_for(small: Release) -> None:
    [tree] = [
        tree for tree in framed(Source(small, (*GRAPHS, INFERRED)), "event")["@graph"] if tree["@id"] == "id:event/visit-stone"
    ]
    assert tree["involves"] == ["id:person/ada-stone"]
    assert {"Visit", "Event", "Fact"} <= set(tree["@type"])


# ── frames of one's own, and what is refused ─────────────────────────────────────────────────────────────────────────


def test_a_frame_of_ones_own_is_followed_as_pyld_follows_it(small: Release) -> None:
    named = {"@embed": "@never", "@omitDefault": True}
    frame = {"@type": ["Visit", "rg:Meeting"], "@embed": "@never", "place": named | {"@embed": "@always"}}
    source = Source(small, GRAPHS)
    found = framed(source, frame)["@graph"]
    assert unordered(found) == unordered(by_pyld(source, frame))
    assert {tree["place"][0]["prefLabel"]["en"] for tree in found} == {"Alba", "Brin"}


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"@type": "Visit"}, 'the frame: it does not say what is embedded. Add "@embed"'),
        ({"@type": "Visit", "@embed": "@once"}, 'Add "@embed": "@always" or "@never"'),
        ({"@embed": "@never"}, 'does not say what the trees are of. Add "@type"'),
        ({"@embed": "@never", "@type": {}}, 'does not say what the trees are of. Add "@type"'),
        ({"@embed": "@never", "@type": "Vizit"}, "'Vizit' is no class"),
        ({"@embed": "@never", "@type": [{}]}, "{} is no class"),
        ({"@embed": "@never", "place": {"@embed": "@never", "@omitDefault": True}}, 'Add "@type", or "@type": {} for any'),
        ({"@embed": "@never", "@type": "Visit", "@explicit": True}, "@explicit is no term with a frame of its own"),
        ({"@embed": "@never", "@type": "Visit", "plase": {}}, "plase is no term with a frame"),
        ({"@embed": "@never", "@type": "Visit", "place": "id:place/alba"}, "place is no term with a frame of its own"),
        (
            {"@embed": "@never", "@type": "Visit", "place": {"@embed": "@never"}},
            'the frame, place: missing .* "@omitDefault": true',
        ),
    ],
)
def test_a_frame_that_asks_for_more_is_refused_with_the_remedy(frame: dict[str, Any], said: str, small: Release) -> None:
    with pytest.raises(UsageError, match=said if ".*" in said else re.escape(said)):
        framed(Source(small, GRAPHS), frame)


def test_an_unknown_frame_is_refused_with_those_that_are_like_it(small: Release) -> None:
    with pytest.raises(UsageError, match=r"there is no frame 'events'\. Did you mean event"):
        framed(Source(small, GRAPHS), "events")


def test_an_iri_that_the_context_would_change_is_refused_with_what_can_hold_it(release: Release) -> None:
    visit, place = data("event/x"), NamedNode("id:x")
    source = of(release, Quad(visit, A, rg("Visit"), ASSERTED), Quad(visit, rg("place"), place, ASSERTED))
    with pytest.raises(InputError, match=r"<id:x> would be read as a name of the context\. Export it as jsonld"):
        framed(source, "event")


# ── how it is written ────────────────────────────────────────────────────────────────────────────────────────────────


def test_values_that_their_terms_do_not_expect_say_what_they_say_in_the_trees_of_pyld(release: Release) -> None:
    event, time = data("event/x"), data("time/t")
    source = of(
        release,
        Quad(event, A, rg("Visit"), ASSERTED),
        Quad(event, PREF_LABEL, Literal("no language"), ASSERTED),
        Quad(event, PREF_LABEL, Literal("a", language="en"), ASSERTED),
        Quad(event, PREF_LABEL, Literal("b", language="en"), PROVENANCE),
        Quad(event, rg("time"), Literal("a text"), ASSERTED),
        Quad(event, rg("time"), time, ASSERTED),
        Quad(event, rg("time"), event, ASSERTED),
        Quad(event, rg("time"), data("time/unknown"), ASSERTED),
        Quad(event, rg("partOf"), event, ASSERTED),
        Quad(time, A, rg("TimeSpan"), ASSERTED),
        Quad(time, rg("edtf"), Literal("2001"), ASSERTED),
    )
    document = framed(source, "event")
    assert triples(document) == {quad.triple for quad in source.quads()}
    assert triples({**document, "@graph": by_pyld(source, published("event"))}) == triples(document)
    # what cannot be opened is named: the node itself, and what nothing is said of
    assert {"id:event/x", "id:time/unknown"} <= {time for time in document["@graph"][0]["time"] if isinstance(time, str)}


def test_what_a_text_says_makes_no_tree(release: Release) -> None:
    triple = f"it says <x> {A} {rg('Visit')} <y>"
    node = data("org/x")
    source = of(release, Quad(node, A, rg("Organization"), ASSERTED), Quad(node, rg("gloss"), Literal(triple), ASSERTED))
    assert str(A) in b"".join(source.blocks()).decode().split('"')[1]
    assert framed(source, "event")["@graph"] == []


def test_a_number_keeps_its_digits(release: Release) -> None:
    event = data("event/x")
    source = of(
        release,
        Quad(event, A, rg("Visit"), ASSERTED),
        Quad(event, rg("charStart"), Literal("007", datatype=NamedNode(XSD + "integer")), ASSERTED),
        Quad(event, rg("charEnd"), Literal("7", datatype=NamedNode(XSD + "integer")), ASSERTED),
    )
    [tree] = framed(source, "event")["@graph"]
    assert (tree["charStart"], tree["charEnd"]) == ("007", 7)


def test_a_value_of_another_class_than_the_frame_holds_is_left_out_as_pyld_leaves_it_out(release: Release) -> None:
    event, claim, span, other = data("event/x"), data("claim/x"), data("document/x#char=1,2"), data("org/x")
    source = of(
        release,
        Quad(event, A, rg("Visit"), ASSERTED),
        Quad(claim, A, rg("Claim"), PROVENANCE),
        Quad(claim, rg("about"), event, PROVENANCE),
        Quad(span, A, rg("TextSpan"), PROVENANCE),
        Quad(other, A, rg("Organization"), ASSERTED),
        *(Quad(claim, rg("context"), value, PROVENANCE) for value in (span, other, data("document/unknown"))),
    )
    trees = framed(source, "event")["@graph"]
    assert [found["@id"] for found in trees[0]["claims"][0]["context"]] == ["id:document/x#char=1,2"]
    assert unordered(trees) == unordered(by_pyld(source, published("event")))


@by_frame
def test_what_is_kept_at_hand_changes_nothing(name: str, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    def written() -> bytes:
        out = io.BytesIO()
        framing.framed(Source(release, GRAPHS), out, name)
        return out.getvalue()

    whole = written()
    for kept, small in ((1, 20), (3, 1000), (1, 0)):
        monkeypatch.setattr(framing, "_KEPT", kept)
        monkeypatch.setattr(framing, "_SMALL", small)
        assert written() == whole


@by_frame
def test_what_is_only_named_is_not_read(name: str, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """An organization or a voice may stand in a million quads."""
    read_of: set[str] = set()
    starting = Seeking.starting

    def noting(seeking: Seeking, start: bytes) -> Iterator[bytes]:
        read_of.add(start.decode().split("> ")[0].strip("<"))
        return starting(seeking, start)

    monkeypatch.setattr(Seeking, "starting", noting)
    trees = framed(Source(release, GRAPHS), name)["@graph"]
    assert len(read_of) >= len(trees) > 0
    kinds = {iri.removeprefix(ID).split("/")[0] for iri in read_of}
    facts = {tree["@id"].removeprefix("id:").split("/")[0] for tree in trees}
    assert kinds <= facts | {"claim", "document", "time"}


def test_a_tree_stands_in_one_line_in_the_order_of_the_dataset(release: Release) -> None:
    out = io.BytesIO()
    framing.framed(Source(release, GRAPHS), out, "membership")
    lines = out.getvalue().splitlines()
    trees = [json.loads(line.rstrip(b",")) for line in lines[2:-1]]
    order = [quad.subject for quad in Source(release, (ASSERTED,)).quads() if quad.object == rg("Membership")]
    assert [tree["@id"] for tree in trees] == [
        f"id:membership/{local_name(node)}" for node in order if isinstance(node, NamedNode)
    ]


def test_the_context_can_be_referred_to(small: Release) -> None:
    source = Source(small, GRAPHS)
    by_address = framed(source, "event", ADDRESS)
    assert by_address["@context"] == ADDRESS
    assert by_address["@graph"] == framed(source, "event")["@graph"]


@by_frame
def test_a_published_frame_is_one_that_is_followed(name: str, release: Release) -> None:
    assert read(published(name), of_release(release)).types
