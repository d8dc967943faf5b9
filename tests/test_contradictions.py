"""A project whose statements contradict its ontology: found, explained, and never released."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mini import Mini
from relgraph import build
from relgraph.build import Built
from relgraph.cli import app
from relgraph.project import Project
from relgraph.turtle import line

ONTOLOGY = Path(__file__).parents[1] / "ontology"
#: Whoever is involved in something is said to be an organization, which a person is not.
AXIOM = "\nrg:involvedIn rdfs:domain rg:Organization .\n"


@pytest.fixture
def contradictory(mini: Mini) -> Mini:
    mini.write()
    shutil.copytree(ONTOLOGY, mini.root / "ontology")
    with (mini.root / "ontology" / "relgraph.ttl").open("a", encoding="utf-8") as file:
        file.write(AXIOM)
    return mini


@pytest.fixture
def built(contradictory: Mini) -> Built:
    return build.assemble(Project(contradictory.root), None, lambda stage: None)


def test_a_contradiction_is_a_violation_with_axiom_and_asserted_statements(built: Built) -> None:
    found = [finding for finding in built.violations if finding.focus.value.endswith("person/ada-stone")]
    assert {finding.check for finding in found} == {"disjoint-classes"}
    assert {finding.axiom for finding in found} == {"rg:Person owl:disjointWith rg:Organization"}
    [finding] = found
    # what is inferred is traced to what the documents say
    assert [line(triple) for triple in finding.statements] == [
        "person:ada-stone a rg:Person",
        "event:visit-stone rg:visitor person:ada-stone",
    ]
    assert "однако" in finding.message("ru")


def test_the_check_is_listed_among_those_that_ran(built: Built) -> None:
    assert {"disjoint-classes", "irreflexive", "lexical-form"} <= {check.name for check in built.report.checks}


def test_validate_names_the_decision_and_the_passage(contradictory: Mini) -> None:
    done = CliRunner().invoke(
        app, ["validate", "--project", str(contradictory.root), "--documents", str(contradictory.texts)], env={"COLUMNS": "400"}
    )
    assert done.exit_code == 1
    assert "901.jsonl:2: Violation [disjoint-classes] person/ada-stone" in done.output
    assert "rg:Person owl:disjointWith rg:Organization" in done.output
    assert "Minister Ada Stone visits Alba" in done.output


def test_nothing_is_released(contradictory: Mini) -> None:
    done = CliRunner().invoke(app, ["build", "--project", str(contradictory.root)])
    assert done.exit_code == 1
    assert not (contradictory.root / "build" / "releases").exists()
