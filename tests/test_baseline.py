"""The baseline: what is known does not fail, what is new does, and neither depends on where things stand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from relgraph.baseline import as_bytes, entries, fingerprints, held, load
from relgraph.errors import InputError, Problem, UsageError
from relgraph.findings import Finding, Passage, Place, Report, ordered
from relgraph.validation import load_shapes, validate
from relgraph.vocabulary import RG, SH, data

VIOLATION, WARNING = NamedNode(SH + "Violation"), NamedNode(SH + "Warning")
ONE = Finding("PlaceName", VIOLATION, data("place/alba"), {"en": "no name"}, path=RG + "name", place=Place("x.ttl", 4))
TWO = Finding("PlaceName", WARNING, data("place/brin"), {"en": "bad name"}, value=Literal("b"))


def report(*findings: Finding) -> Report:
    return Report(ordered(findings))


def test_only_what_is_not_in_the_baseline_fails() -> None:
    known = entries(held(report(ONE)))
    assert held(report(ONE)).fails
    assert not held(report(ONE), baseline=known).fails
    other = replace(ONE, focus=data("place/corr"))
    outcome = held(report(ONE, other), baseline=known)
    assert outcome.fails
    assert (outcome.known, outcome.failing) == ((True, False), (False, True))


@pytest.mark.parametrize(("threshold", "fails"), [("Violation", False), ("Warning", True), ("Info", True), ("never", False)])
def test_the_threshold_decides_which_severity_fails(threshold: str, fails: bool) -> None:
    assert held(report(TWO), threshold=threshold).fails is fails
    assert held(report(ONE), threshold=threshold).fails is (threshold != "never")


def test_a_severity_of_ones_own_counts_as_a_violation() -> None:
    assert held(report(replace(TWO, severity=NamedNode("urn:grave")))).fails


def test_what_is_mended_is_named() -> None:
    outcome = held(report(TWO), baseline=entries(held(report(ONE, TWO))))
    assert [(entry.check, entry.focus) for entry in outcome.mended] == [("PlaceName", data("place/alba").value)]
    assert held(report(TWO)).mended == ()


def test_moving_and_rewording_make_nothing_new() -> None:
    moved = replace(ONE, place=Place("y.ttl", 400), messages={"en": "reworded"}, passages=(Passage("9", 1, 2, 3),))
    assert fingerprints([moved]) == fingerprints([ONE])


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, check="Other"),
        replace(ONE, severity=WARNING),
        replace(ONE, focus=data("place/other")),
        replace(ONE, path=RG + "other"),
        replace(ONE, value=Literal("x")),
        replace(ONE, component=NamedNode("urn:c")),
        replace(ONE, shape=NamedNode("urn:one#PlaceName")),
        replace(ONE, axiom="rg:Place owl:disjointWith rg:Agent ."),
    ],
)
def test_what_is_wrong_with_what_makes_the_fingerprint(other: Finding) -> None:
    assert fingerprints([other]) != fingerprints([ONE])


def test_findings_that_are_alike_are_counted() -> None:
    first, second = fingerprints([ONE, replace(ONE, messages={"en": "another"})])
    assert second == first + "#2"


def test_shapes_of_one_name_in_two_namespaces_are_two() -> None:
    one, two = (replace(ONE, shape=NamedNode(f"urn:{space}#PlaceName")) for space in ("one", "two"))
    assert held(report(two), baseline=entries(held(report(one)))).fails


#: Constraints of shapes without an IRI that are told apart, none met by a node without <urn:p> and with <urn:q> 1.
PARTS = [
    "sh:property [ sh:path <urn:p> ; sh:hasValue 'L' ]",
    "sh:property [ sh:path <urn:p> ; sh:hasValue 'M' ]",
    "sh:property [ sh:path <urn:p> ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape [ sh:class <urn:C> ] ]",
    "sh:property [ sh:path <urn:p> ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape [ sh:in (1 2) ] ]",
    "sh:property [ sh:path <urn:q> ; sh:or ( [ sh:in ( <urn:C> ) ] ) ]",
    "sh:property [ sh:path <urn:q> ; sh:or ( [ sh:in ( <urn:D> ) ] ) ]",
    "sh:property [ sh:path <urn:p> ; sh:sparql [ sh:select 'SELECT $this { $this a <urn:T> }' ] ]",
    "sh:property [ sh:path <urn:p> ; sh:sparql [ sh:select 'SELECT $this { $this a ?type }' ] ]",
]


def shaped(folder: Path, *parts: str, owner: str = "<urn:s#Owner>") -> tuple[str, ...]:
    """The fingerprints of what is found by shapes, each part in a file of its own, read in the order given."""
    head = f"@prefix sh: <{SH}> .\n"
    target = f"{owner} a sh:NodeShape ; sh:targetClass <urn:T> ; "
    paths = []
    for number, part in enumerate(parts):
        paths.append(folder / f"{number}.ttl")
        paths[-1].write_text(f"{head}{target}{part} .\n", "utf-8")
    problems: list[Problem] = []
    shapes = load_shapes(paths, problems)
    quads = list(parse(input=b"<urn:x> a <urn:T> ; <urn:q> 1 .", format=RdfFormat.TURTLE))
    outcome = held(validate(quads, shapes), quads, shapes=shapes)
    assert not problems
    return outcome.fingerprints


def test_anonymous_shapes_are_known_by_their_constraints(tmp_path: Path) -> None:
    every = shaped(tmp_path, *PARTS)
    assert len(set(every)) == len(PARTS)
    assert not any("#" in one for one in every)
    assert set(shaped(tmp_path, *reversed(PARTS))) == set(every), "the order of files does not matter"
    alone = [shaped(tmp_path, part) for part in PARTS]
    assert {one for prints in alone for one in prints} == set(every), "nor do other shapes"


def test_a_known_missing_value_does_not_hide_another(tmp_path: Path) -> None:
    assert not set(shaped(tmp_path, PARTS[0])) & set(shaped(tmp_path, PARTS[1]))
    assert not set(shaped(tmp_path, PARTS[0])) & set(shaped(tmp_path, PARTS[0], owner="<urn:s#Other>"))


def test_rewording_an_anonymous_shape_makes_nothing_new(tmp_path: Path) -> None:
    reworded = PARTS[0].replace("sh:hasValue", "sh:name 'p' ; sh:message 'other words' ; sh:hasValue")
    assert shaped(tmp_path, reworded) == shaped(tmp_path, PARTS[0])


def test_two_queries_of_one_shape_are_two(tmp_path: Path) -> None:
    first, second = (f"sh:sparql [ sh:message 'same' ; sh:select 'SELECT $this {{ $this a ?{n} }}' ]" for n in "ab")
    prints = shaped(tmp_path, first, second)
    assert len(prints) == 2
    assert not any("#" in one for one in prints)


def test_an_anonymous_shape_without_its_graph_counts_as_the_message() -> None:
    one = replace(ONE, shape=BlankNode("s1"))
    assert fingerprints([one]) == fingerprints([replace(one, shape=BlankNode("s9"))])
    assert fingerprints([one]) != fingerprints([replace(one, messages={"en": "M is missing"})])


@given(st.permutations(["a", "b", "zz"]))
def test_blank_nodes_are_known_by_what_is_said_of_them(labels: list[str]) -> None:
    text = "".join(f'_:{label} <urn:p> "{number}" ; <urn:q> _:{labels[0]} .\n' for number, label in enumerate(labels))
    quads = list(parse(input=text.encode(), format=RdfFormat.N3))
    found = [replace(ONE, focus=BlankNode(label), value=BlankNode(label)) for label in labels]
    prints = fingerprints(found, quads)
    assert len(set(prints)) == 3
    assert not any("#" in one for one in prints)
    assert prints == EXPECTED.setdefault("prints", prints)


#: The fingerprints of the first example, which all others must give as well.
EXPECTED: dict[str, tuple[str, ...]] = {}


def test_the_file_is_sorted_readable_and_without_lines(tmp_path: Path) -> None:
    content = as_bytes(entries(held(report(TWO, ONE))))
    path = tmp_path / "baseline.json"
    path.write_bytes(content)
    assert content == as_bytes(load(path))
    assert json.loads(content)["findings"][0] == {
        "fingerprint": fingerprints([ONE])[0],
        "check": "PlaceName",
        "severity": "Violation",
        "focus": "https://w3id.org/relgraph/id/place/alba",
        "message": "no name",
    }
    assert b"x.ttl" not in content
    assert content.endswith(b"}\n")


def test_labels_of_blank_nodes_do_not_stand_in_the_file() -> None:
    (entry,) = entries(held(report(replace(ONE, focus=BlankNode("b7"), messages={"en": "_:b7 is odd"}))))
    assert (entry.focus, entry.message) == ("[]", "[] is odd")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('{"version": 1,\n oops', 2, "is not JSON"),
        ("", 1, "is not JSON"),
        ("[]", 1, "is not of its form at the whole"),
        ("[" * 200_000, 1, "nested too deeply"),
        ('{"version": ' + "1" * 5000 + "}", 1, "is not of its form"),
        ('{"version": 2, "findings": []}', 1, "is not of its form at version"),
        ('{"version": 1, "findings": [{"fingerprint": "x"}]}', 1, "findings.0."),
    ],
)
def test_a_broken_baseline_is_refused_with_its_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.where == f"{path}:{line}"
    assert what in problem.what
    assert "--update-baseline" in problem.remedy


def test_a_missing_baseline_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--update-baseline"):
        load(tmp_path / "nowhere.json")


def test_a_baseline_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not UTF-8"):
        load(tmp_path / "b.json")
