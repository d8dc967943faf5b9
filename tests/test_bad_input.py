"""Bad input: each fault gets a message with its place and a remedy, all of them at once, and nothing is changed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

from mini import ENTITIES, Mini, accept, claim, line, span
from relgraph import build
from relgraph.errors import InputError, Problem
from relgraph.project import Project
from relgraph.vocabulary import ASSERTED, XSD, rg

Row = dict[str, Any]
ROOT = Path(__file__).parents[1]


def problems_of(mini: Mini, texts: bool = False) -> tuple[Problem, ...]:
    root = mini.write()
    with pytest.raises(InputError) as raised:
        build.assemble(Project(root), mini.texts if texts else None, lambda stage: None)
    return raised.value.problems


def with_claim(**changes: Any) -> Callable[[Mini], None]:
    """A change of the planned meeting's claim, in line 3 of the report's decisions."""

    def change(mini: Mini) -> None:
        mini.rows["901"][2]["claims"][0].update(changes)

    return change


def with_row(**changes: Any) -> Callable[[Mini], None]:
    def change(mini: Mini) -> None:
        mini.rows["901"][2].update(changes)

    return change


def with_span(*row: object) -> Callable[[Mini], None]:
    def change(mini: Mini) -> None:
        mini.rows["901"][2]["spans"]["b"] = list(row)

    return change


def says(**values: Any) -> Callable[[Mini], None]:
    return with_claim(says={"meetingOf": "body/union-council"} | values)


BAD_LINES = {
    "unknown decision": (with_row(decision="maybe"), "is no kind of decision", "accept, reject"),
    "missing claims": (lambda m: m.rows["901"][2].pop("claims"), "claims: is missing", "docs/annotation.md"),
    "surplus key": (with_row(note="x"), "note: does not belong here", "docs/annotation.md"),
    "id of another document": (with_row(id="902-0003"), "does not begin with 901-", "its document's file"),
    "id taken": (with_row(id="901-0002"), "is taken by", "never used"),
    "supersedes a standing line": (with_row(supersedes="901-0001"), "still stands", "Remove"),
    "span that is not given": (with_claim(evidence="x"), "no span 'x' is given", "Add it"),
    "span as evidence and context": (with_claim(context=["b"]), "evidence and context at once", "Keep one"),
    "offsets reversed": (with_span(40, 30, "0" * 64), "not a run", "documents locate"),
    "offset outside the document": (with_span(10, 9999, "0" * 64), "lies outside document 901", "documents locate"),
    "hash that is none": (with_span(10, 20, "xyz"), "spans.b.2: is no SHA-256", "docs/annotation.md"),
    "unknown type of fact": (with_claim(type="Meetting"), "unknown type of fact 'Meetting'", "Did you mean Meeting"),
    "entity class as type": (with_claim(type="Person"), "unknown type of fact 'Person'", "Known are"),
    "unknown modality": (with_claim(modality="Assertd"), "unknown modality", "Did you mean Asserted?"),
    "unknown agent": (with_claim(by="voice/999"), "no known agent", "Did you mean"),
    "place as agent": (with_claim(by="place/alba"), "no known agent", ""),
    "conveyed by no speech act": (
        with_claim(conveyedBy="event/visit-stone"),
        "is no speech act that document 901 reports",
        "Add a claim",
    ),
    "unknown property": (says(meetingPlace="place/brin"), "no property of the ontology", ""),
    "property of another class": (says(visitor="person/ada-stone"), "visitor does not go with a Meeting", ""),
    "unknown entity": (says(place="place/brinn"), "unknown entity or fact place/brinn", "Did you mean place/brin"),
    "entity of a wrong class": (says(place="person/ada-stone"), "is a Person", "takes a Place"),
    "impossible date": (says(time="1991-02-30"), "has no day 30", "only as precise"),
    "number as a name": (says(place=7), "has the value 7", "takes a name"),
    "text as a number": (says(ordinal="third"), "has the value 'third'", "a whole number"),
    "entity as fact": (with_claim(about="place/brin"), "place/brin is no key for a Meeting", "begins with event/"),
    "voice of another document": (with_claim(by="voice/902"), "nothing says where", "Add conveyedBy"),
    "speaker without a speech": (with_claim(by="person/ada-stone"), "nothing says where", "is by voice/901"),
    "computed status": (says(status="Occurred"), "status is worked out by the build", "Known are"),
    "computed role": (says(involves="person/ada-stone"), "involves is worked out by the build", ""),
    "reserved key": (with_claim(about="graph/asserted"), "is no key for a Meeting", "begins with event/"),
    "class without keys": (with_claim(type="Relation"), "too general", "Choose a class below it"),
    "dates that exclude each other": (says(time=["1990", "1995"]), "cannot both be right", "write two claims"),
    "value given twice": (says(place=["place/brin", "place/brin"]), "place has a value twice", "Give each value once"),
    "negative number": (says(ordinal=-3), "has the value -3", "a whole number from 0"),
    "supersedes nonsense": (with_row(supersedes="garbage"), "supersedes:", "docs/annotation.md"),
    "two types of one fact": (with_claim(about="event/visit-stone"), "is Meeting here and Visit elsewhere", "one type"),
    "key that is none": (with_claim(about="Meeting in Brin"), "about: is no key", "docs/annotation.md"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_named_with_file_line_and_remedy(mini: Mini, name: str) -> None:
    change, what, remedy = BAD_LINES[name]
    change(mini)
    found = [p for p in problems_of(mini) if what in p.what]
    assert found, name
    assert found[0].where.startswith(f"{mini.statements()}:3")
    assert remedy in found[0].remedy


def published(mini: Mini, address: object) -> None:
    """A further claim in line 3 of the report's decisions: the note is published at an address."""
    mini.entities += '<publication/note> a rg:Publication ; skos:prefLabel "the note"@en , "записка"@ru .\n'
    publishing = {"publishes": "publication/note", "address": address}
    mini.rows["901"][2]["claims"].append(claim("event/publishing-note", "Publishing", publishing))


@pytest.mark.parametrize(
    "address",
    [
        "www.example.org/note",
        "ftp://example.org/note",
        "mailto:note@example.org",
        "HTTPS//example.org",
        "https://",
        "https://example.org/the note",
        "https://example.org/note\n",
        " https://example.org/note",
        "<https://example.org/note>",
        "https://example.org/<note>",
        'https://example.org/"note"',
        "publication/note",
        "",
        7,
        {"en": "https://example.org/note"},
        ["https://example.org/note", "example.org"],
    ],
)
def test_what_is_no_web_address_is_refused(mini: Mini, address: object) -> None:
    published(mini, address)
    (problem,) = problems_of(mini)
    assert problem.where.startswith(f"{mini.statements()}:3")
    assert "address has the value" in problem.what
    assert "a web address" in problem.remedy


@pytest.mark.parametrize("address", ["https://example.org/note", "http://example.org/a?page=2&x=%20#end"])
def test_a_web_address_becomes_an_xsd_any_uri(mini: Mini, address: str) -> None:
    published(mini, address)
    quads = build.assemble(Project(mini.write()), None, lambda stage: None).quads
    (value,) = {q.object for q in quads if q.predicate == rg("address") and q.graph_name == ASSERTED}
    assert value == Literal(address, datatype=NamedNode(XSD + "anyURI"))


def conveyed(mini: Mini, **more: Any) -> None:
    act = {"speaker": "person/ada-stone", "illocution": "state", "aboutFact": "event/meeting-brin"}
    speech = claim("event/speech", "SpeechAct", act) | more
    mini.rows["901"][2]["claims"].append(speech)
    with_claim(by="person/ada-stone", conveyedBy="event/speech")(mini)


def test_what_a_speaker_says_is_conveyed_by_an_act_that_the_document_reports(mini: Mini) -> None:
    conveyed(mini)
    build.assemble(Project(mini.write()), None, lambda stage: None)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"modality": "Denied"}, "is no speech act that document 901 reports"),
        ({"by": "person/ada-stone", "conveyedBy": "event/speech"}, "is conveyed by itself"),
    ],
)
def test_a_speech_that_is_not_reported_conveys_nothing(mini: Mini, more: dict[str, Any], what: str) -> None:
    conveyed(mini, **more)
    assert any(what in problem.what for problem in problems_of(mini))


MEETING, VISITED, OPENED = "event/meeting-brin", "event/visit-stone", "event/foundation-council"


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([("same", "event/typo", MEETING)], "no claim is about event/typo"),
        ([("same", MEETING, "event/typo")], "no claim is about event/typo"),
        ([("unsure", MEETING, MEETING)], "names a fact twice"),
        ([("same", MEETING, VISITED), ("same", OPENED, MEETING)], "is itself replaced by"),
        ([("same", MEETING, VISITED), ("same", OPENED, VISITED)], "is replaced elsewhere by"),
        ([("same", MEETING, VISITED), ("different", VISITED, MEETING)], "are decided otherwise elsewhere"),
        ([("same", "place/alba", "place/brin")], "place/alba is an entity, and only facts can be merged"),
        ([("unsure", "place/alba", "place/typo")], "no claim is about place/typo"),
    ],
)
def test_decisions_on_identity_must_agree(mini: Mini, rows: list[tuple[str, str, str]], what: str) -> None:
    mini.rows["identities"] = [
        {"id": f"m-{number:04}", "decision": kind, "facts": [one, other], "why": "test"}
        for number, (kind, one, other) in enumerate(rows)
    ]
    assert any(what in problem.what for problem in problems_of(mini))


def test_a_repetition_of_nothing_is_named(mini: Mini) -> None:
    spans = mini.rows["901"][2]["spans"]
    mini.rows["901"][2] = {"id": "901-0003", "decision": "no-statement", "spans": spans, "why": "repetition-of:901-9999"}
    assert any("repeats 901-9999" in problem.what for problem in problems_of(mini))


def test_files_that_are_none_and_other_encodings_are_named(mini: Mini) -> None:
    root = mini.write()
    (root / "data" / "statements" / "999.jsonl").mkdir()
    (root / "data" / "entities" / "more.ttl").write_bytes(b'<urn:a> <urn:b> "caf\xe9" .')
    mini.statements("902").write_bytes(mini.statements("902").read_bytes().replace(b"\n", b"\r\n"))
    mini.rows = {}
    found = {Path(p.where.rsplit(":", 1)[0]).name: p.what for p in problems_of(mini)}
    assert "cannot be read" in found["999.jsonl"]
    assert "more.ttl" in found
    assert "canonical form" in found["902.jsonl"]


def test_broken_shapes_and_checks_are_reported_with_the_rest(mini: Mini) -> None:
    with_claim(modality="Maybe")(mini)
    own = mini.root / "ontology"
    shutil.copytree(ROOT / "ontology", own)
    (own / "shapes" / "time.ttl").write_text("rgs:Time a sh:NodeShape", "utf-8")
    (own / "verify" / "span-iri.rq").write_text("SELECT ?focus {}", "utf-8")
    found = "\n".join(map(str, problems_of(mini)))
    for part in ("time.ttl:1: not valid Turtle", "span-iri.rq:1: the header", "Maybe"):
        assert part in found


def test_a_project_without_documents_is_told_what_to_do(mini: Mini) -> None:
    root = mini.write()
    (root / "data" / "documents.ttl").write_text("", "utf-8")
    with pytest.raises(InputError, match="no document is registered"):
        build.assemble(Project(root), None, lambda stage: None)


def test_a_voice_and_a_publisher_must_be_known_agents(mini: Mini) -> None:
    path = mini.write() / "data" / "documents.ttl"
    text = path.read_text("utf-8").replace("rg:voice <voice/902>", "rg:publisher <place/alba> ; rg:voice <voice/999>")
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as raised:
        build.assemble(Project(mini.root), None, lambda stage: None)
    found = "\n".join(p.what for p in raised.value.problems)
    assert "document 902 names voice/999" in found
    assert "document 902 names place/alba" in found


def test_broken_json_and_a_missing_file_of_a_document(mini: Mini) -> None:
    mini.write()
    mini.statements().write_text("{oops\n", "utf-8")
    mini.rows = {}
    (mini.root / "data" / "statements" / "903.jsonl").write_text(
        line(accept("0001", "Report", claim("event/x", "Event", {"place": "place/alba"})) | {"id": "903-0001"}) + "\n", "utf-8"
    )
    found = problems_of(mini)
    assert any(p.where.endswith("901.jsonl:1") and "no JSON object" in p.what for p in found)
    assert any("document '903' is not registered" in p.what for p in found)


def test_lines_must_be_in_canonical_form_and_order(mini: Mini) -> None:
    mini.rows["901"].reverse()
    mini.write()
    path = mini.statements("902")
    path.write_text(path.read_text("utf-8").replace('":', '": '), "utf-8")
    mini.rows.pop("902")
    found = {p.what for p in problems_of(mini)}
    assert any("out of order" in what for what in found)
    assert any("not in canonical form" in what for what in found)


def test_a_hash_that_does_not_fit_the_text_is_found_when_the_text_is_at_hand(mini: Mini) -> None:
    start, end, _ = span("901", "Ada Stone")
    mini.rows["901"][2]["spans"]["b"] = [start, end, span("901", "Alba")[2]]
    (problem,) = [p for p in problems_of(mini, texts=True) if "hash" in p.what]
    assert f"901:{start}-{end}" in problem.where
    assert "does not fit" in problem.what


def test_one_span_has_one_hash(mini: Mini) -> None:
    start, end, _ = span("901", "Opening of the Union Council in Alba.")
    mini.rows["901"][2]["spans"]["b"] = [start, end, "0" * 64]
    assert any("differs from that of the same span" in p.what for p in problems_of(mini))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("rg:Person ;", "rg:Person", "not valid Turtle"),
        ("a rg:Person", "a rg:Human", "has the class Human"),
        ("a rg:Person", "a rg:Visit", "has the class Visit"),
        (' , "Ада Стоун"@ru', "", "has no label in ru"),
        ("<person/ada-stone> a", "<person/ada-stone> rg:memberOf <org/valley-union> ; a", "says something about the world"),
        ("<place/alba> a", "<place/alba> skos:broader <place/nowhere> ; a", "place/nowhere, which is not described"),
        ("<place/alba> a", "<place/alba> skos:broader [ a rg:Place ] ; a", "refers to a blank node"),
        ("<place/brin>", "<place/Brin_1>", "place/Brin_1 is no key"),
    ],
)
def test_a_bad_entity_is_named_with_file_and_line(mini: Mini, old: str, new: str, what: str) -> None:
    mini.entities = ENTITIES.replace(old, new)
    found = [p for p in problems_of(mini) if what in p.what]
    assert found
    assert re.search(r"all\.ttl:\d+$", found[0].where)
    assert not found[0].where.endswith(":1")


def test_all_problems_are_reported_not_only_the_first(mini: Mini) -> None:
    mini.entities = ENTITIES.replace("a rg:Person", "a rg:Human")
    with_claim(modality="Maybe")(mini)
    says(time="1991-13")(mini)
    (mini.root / "texts").mkdir(parents=True)
    (mini.texts / "stray.txt").write_text("stray", "utf-8")
    found = "\n".join(map(str, problems_of(mini, texts=True)))
    for part in ("Human", "Maybe", "1991-13", "stray.txt"):
        assert part in found


# ── what a failed or killed build leaves ─────────────────────────────────────────────────────────────────────────────


def relgraph(mini: Mini, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "relgraph", *arguments, "--project", str(mini.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def snapshot(out: Path) -> dict[str, bytes]:
    current = out / "current"
    files = {p.name: p.read_bytes() for p in current.iterdir() if p.is_file()}
    return {"link": str(current.readlink()).encode(), **files}


def test_a_failed_build_exits_2_and_leaves_the_previous_release(mini: Mini) -> None:
    mini.write()
    assert relgraph(mini, "build").returncode == 0
    before = snapshot(mini.root / "build")
    with_claim(type="Meetting")(mini)
    mini.write()
    failed = relgraph(mini, "build")
    assert failed.returncode == 2
    assert f"{mini.statements()}:3" in failed.stderr
    assert "Did you mean Meeting?" in failed.stderr
    assert snapshot(mini.root / "build") == before


def test_a_violation_exits_1_and_leaves_the_previous_release(mini: Mini) -> None:
    mini.write()
    assert relgraph(mini, "build").returncode == 0
    before = snapshot(mini.root / "build")
    mini.rows["901"][1]["claims"][1]["modality"] = "Possible"  # a relation that no document asserts
    mini.write()
    failed = relgraph(mini, "build")
    assert failed.returncode == 1, failed.stderr
    assert "Violation" in failed.stdout
    assert snapshot(mini.root / "build") == before


KILLED_AT = """
import sys, time
import relgraph.release
from relgraph.cli import main

def wait(*arguments):
    print("half-way", flush=True)
    time.sleep(60)

setattr(relgraph.release, sys.argv.pop(1), wait)
main()
"""


@pytest.mark.parametrize("step", ["_write_file", "_write_store", "switch"])
def test_a_killed_build_leaves_the_previous_release_and_the_next_one_clears_up(mini: Mini, step: str) -> None:
    mini.write()
    assert relgraph(mini, "build").returncode == 0
    out = mini.root / "build"
    before = snapshot(out)
    says(time="1991-10")(mini)
    mini.write()
    command = [sys.executable, "-c", KILLED_AT, step, "build", "--project", str(mini.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "half-way\n"
        process.kill()
    assert snapshot(out) == before
    assert relgraph(mini, "build").returncode == 0
    assert snapshot(out) != before
    assert not list((out / "releases").glob(".building-*"))
