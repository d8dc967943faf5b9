"""relgraph reason: what follows from files of data and ontology."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, parse

from relgraph.errors import UsageError
from relgraph.outputs import replacing
from relgraph.turtle import short

ONTOLOGY = """@prefix : <http://e.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:meets a owl:SymmetricProperty ; rdfs:domain :Envoy .
:Envoy rdfs:subClassOf :Person ; owl:disjointWith :City .
"""
DATA = "@prefix : <http://e.org/> . :ada :meets :bela . :bela :meets _:somebody .\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ontology.ttl").write_text(ONTOLOGY, "utf-8")
    (tmp_path / "data.ttl").write_text(DATA, "utf-8")
    return tmp_path


def reason(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relgraph", "reason", *arguments],
        capture_output=True, text=True, check=False, cwd=folder, env=os.environ | {"COLUMNS": "300"} | environment,
    )  # fmt: skip


def test_what_follows_goes_to_standard_output_as_ntriples(folder: Path) -> None:
    done = reason(folder, "data.ttl", "--ontology", "ontology.ttl")
    assert done.returncode == 0
    assert "<http://e.org/bela> <http://e.org/meets> <http://e.org/ada> ." in done.stdout.splitlines()
    assert "<http://e.org/ada> <http://e.org/meets> <http://e.org/bela> ." not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["out.ttl", "out.nt", "out.nq", "out.trig", "out.rdf", "out.jsonld"])
def test_a_file_is_written_in_the_syntax_of_its_name(folder: Path, name: str) -> None:
    done = reason(folder, "data.ttl", "--ontology", "ontology.ttl", "-o", name)
    assert (done.returncode, done.stdout) == (0, "")
    assert len(list(parse(path=str(folder / name)))) == 8


def test_counts_come_as_json(folder: Path) -> None:
    counts = json.loads(reason(folder, "data.ttl", "--ontology", "ontology.ttl", "-o", "out.nt", "--json").stdout)
    assert (counts["data"], counts["entailed"]) == (2, 8)


def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    (folder / "data.ttl").write_text(DATA + "[ :meets :ada ] :meets [ :meets :ada ] .\n", "utf-8")
    given = ("data.ttl", "--ontology", "ontology.ttl")
    assert len({reason(folder, *given, PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "4711")}) == 1


def test_blank_nodes_of_two_files_are_two(folder: Path) -> None:
    (folder / "more.ttl").write_text("@prefix : <http://e.org/> . _:somebody :meets :cleo .\n", "utf-8")
    done = reason(folder, "data.ttl", "more.ttl", "--ontology", "ontology.ttl")
    people = {row.split()[0] for row in done.stdout.splitlines() if row.endswith("<http://e.org/Person> .")}
    assert len([person for person in people if person.startswith("_:")]) == 2


def test_contradictions_are_named_and_nothing_is_written(folder: Path) -> None:
    (folder / "data.ttl").write_text(DATA + "<http://e.org/ada> a <http://e.org/City> .\n", "utf-8")
    (folder / "out.nt").write_text("as before", "utf-8")
    done = reason(folder, "data.ttl", "--ontology", "ontology.ttl", "-o", "out.nt")
    assert done.returncode == 1
    assert "[disjoint-classes]" in done.stderr
    assert "<http://e.org/Envoy> owl:disjointWith <http://e.org/City>" in done.stderr
    assert "1 contradiction; nothing was written." in done.stderr
    assert (folder / "out.nt").read_text("utf-8") == "as before"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.ttl", "--ontology", "ontology.ttl"), "none.ttl:1: cannot be read"),
        (("data.ttl", "--ontology", "none.ttl"), "none.ttl:1: cannot be read"),
        (("data.foo", "--ontology", "ontology.ttl"), "the syntax of data.foo is not known"),
        (("broken.ttl", "--ontology", "ontology.ttl"), "broken.ttl:2: not valid RDF"),
        (("data.ttl", "--ontology", "ontology.ttl", "-o", "out.pdf"), "the syntax of out.pdf is not known"),
        (("data.ttl", "--ontology", "ontology.ttl", "-o", "none/out.nt"), "cannot write none/out.nt"),
        (("data.ttl", "--ontology", "ontology.ttl", "--json"), "--json needs --output"),
        (("data.ttl", "--ontology", "keys.ttl"), "keys.ttl: the reasoning does not cover the axiom"),
        (("keys.ttl", "--ontology", "ontology.ttl"), "data: the reasoning does not cover the axiom"),
        (("data.ttl", "--ontology", "ontology.ttl", "-o", "data.ttl"), "data.ttl is read"),
        (("data.ttl", "--ontology", "ontology.ttl", "-o", "ontology.ttl"), "ontology.ttl is read"),
    ],
)
def test_what_cannot_be_used_is_named(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    (folder / "broken.ttl").write_text("@prefix : <http://e.org/> .\n:a :b .\n", "utf-8")
    (folder / "keys.ttl").write_text(ONTOLOGY + ":meets a owl:FunctionalProperty .\n", "utf-8")
    done = reason(folder, *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_without_an_ontology_the_projects_own_is_taken(folder: Path) -> None:
    (folder / "visit.ttl").write_text(
        "@prefix rg: <https://w3id.org/relgraph/ns#> . <http://e.org/v> a rg:Visit ; rg:visitor <http://e.org/ada> .", "utf-8"
    )
    done = reason(folder, "visit.ttl")
    assert "<http://e.org/ada> <https://w3id.org/relgraph/ns#involvedIn> <http://e.org/v> ." in done.stdout


def test_a_file_that_fails_half_way_leaves_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("before", "utf-8")
    with pytest.raises(TypeError), replacing(path) as file:
        file.writelines([b"half", "not bytes"])  # type: ignore[list-item]
    assert path.read_text("utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(UsageError, match="cannot write"), replacing(tmp_path / "none" / "out.txt"):
        pass


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (NamedNode("https://w3id.org/relgraph/ns#Visit"), "rg:Visit"),
        (NamedNode("https://w3id.org/relgraph/id/document/004#char=1,2"), "<https://w3id.org/relgraph/id/document/004#char=1,2>"),
        (NamedNode("http://e.org/a b".replace(" ", "%20")), "<http://e.org/a%20b>"),
        (Literal("x", language="en"), '"x"@en'),
        (Literal("x"), '"x"'),
        (Literal("1", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")), '"1"^^xsd:integer'),
        (Literal("y" * 201), '"' + "y" * 200 + '… (201 characters)"'),
    ],
)
def test_terms_in_messages(term: NamedNode | Literal, text: str) -> None:
    assert short(term) == text
