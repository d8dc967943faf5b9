"""Samples of claims: reproducible, complete for a reader, with passages where the documents are at hand."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Store
from typer.testing import CliRunner

from mini import NOTE, OPENING, REPORT, VISIT, Mini, claim, span
from relgraph import build, sampling
from relgraph.cli import app
from relgraph.errors import UsageError
from relgraph.project import Project
from relgraph.release import Release, open_release
from relgraph.sampling import Drawn
from relgraph.vocabulary import ID, A, data, rg

TEXTS = {"901": REPORT, "902": NOTE}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the mini project in its build folder."""
    project = Project(Mini(tmp_path_factory.mktemp("sampling") / "mini").write())
    return build.write(build.assemble(project, None, lambda stage: None), project.releases)


@pytest.fixture(scope="module")
def store(made: Release) -> Store:
    return made.store()


def claims(store: Store) -> list[NamedNode]:
    quads = store.quads_for_pattern(None, A, rg("Claim"), DefaultGraph())
    return sorted((quad.subject for quad in quads if isinstance(quad.subject, NamedNode)), key=str)


def by_fact(store: Store, key: str, language: str = "en") -> Drawn:
    drawn = sampling.draw(store, 100, "x", language, TEXTS).drawn
    return next(claim for claim in drawn if claim.about.iri == data(key).value)


def test_a_sample_is_what_the_seed_draws_from_the_sorted_claims(store: Store) -> None:
    for seed in ("a", "b", ""):
        expected = random.Random(seed).sample(claims(store), 2)
        drawn = sampling.draw(store, 2, seed, "en", {})
        assert {claim.claim for claim in drawn.drawn} == set(expected)
        assert drawn == sampling.draw(store, 2, seed, "en", {})


def test_a_sample_of_more_than_there_are_is_all_in_the_order_of_their_places(store: Store) -> None:
    drawn = sampling.draw(store, 100, "x", "en", {})
    assert drawn.population == len(drawn.drawn) == len(claims(store)) == 5
    assert [claim.evidence.text.split(",")[0] for claim in drawn.drawn] == ["901"] * 4 + ["902"]


def test_a_claim_shows_all_that_a_reader_needs(store: Store) -> None:
    visit = by_fact(store, "event/visit-stone")
    assert [cell.iri for cell in visit.types] == [rg("Visit").value]
    assert visit.modality.text == "asserted"
    assert visit.attributed_to.text == "author of the report"
    assert visit.conveyed_by is None
    assert [(name, cell.text) for name, cell in visit.says] == [
        ("place", "Alba"),
        ("time", "5 June 1990"),
        ("visitor", "Ada Stone"),
    ]
    assert "Ada Stone" in visit.gloss
    assert visit.evidence.text.startswith("901, Body, line 4")
    assert visit.evidence.passage == VISIT
    assert by_fact(store, "event/visit-stone", "ru").attributed_to.text == "автор доклада"


def test_context_and_conveying_speech_act_are_shown(mini: Mini) -> None:
    mini.rows["901"][0]["spans"] |= {"y": span("901", "1990")}
    mini.rows["901"][0]["claims"][0]["context"] = ["y"]
    speech = {"speaker": "person/ada-stone", "illocution": "state", "aboutFact": "event/meeting-brin"}
    meeting = mini.rows["901"][2]["claims"]
    meeting[0] |= {"by": "person/ada-stone", "conveyedBy": "event/announcement"}
    meeting.insert(0, claim("event/announcement", "SpeechAct", speech))
    project = Project(mini.write())
    made = build.write(build.assemble(project, None, lambda stage: None), project.releases)
    drawn = sampling.draw(made.store(), 100, "x", "en", TEXTS).drawn
    first = drawn[0]
    (planned,) = [one for one in drawn if one.about.iri == data("event/meeting-brin").value]
    assert planned.conveyed_by is not None
    assert planned.conveyed_by.iri == data("event/announcement").value
    assert [cell.passage for cell in first.context] == ["1990"]
    assert first.evidence.passage == OPENING


def run(made: Release, *arguments: str) -> str:
    command = ["documents", "sample", "--project", str(made.path.parents[2]), *arguments]
    done = CliRunner().invoke(app, command, env={"COLUMNS": "200"}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_draws_by_the_release_unless_a_seed_is_given(made: Release) -> None:
    content = json.loads(run(made, "--size", "2", "--json"))
    assert content["release"] == content["seed"] == open_release(made.path).id
    assert content["claimsInRelease"] == 5
    expected = random.Random(made.id).sample(claims(made.store()), 2)
    assert {claim["claim"] for claim in content["claims"]} == {node.value for node in expected}
    assert json.loads(run(made, "--size", "2", "--seed", "s", "--json"))["seed"] == "s"


def test_the_command_shows_passages_only_with_the_documents(made: Release) -> None:
    texts = str(made.path.parents[2] / "texts")
    assert VISIT not in run(made)
    shown = run(made, "--documents", texts)
    assert f"“{VISIT}”" in shown
    assert "person/ada-stone" in shown
    assert "5 of 5 claims" in shown
    content = json.loads(run(made, "--documents", texts, "--json"))
    visit = next(claim for claim in content["claims"] if claim["about"]["iri"] == f"{ID}event/visit-stone")
    assert visit["evidence"]["passage"] == VISIT
    assert {"property": "visitor", "iri": f"{ID}person/ada-stone", "text": "Ada Stone"} in visit["says"]


def test_the_command_refuses_other_languages_and_missing_releases(made: Release, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose en or ru"):
        run(made, "--lang", "de")
    with pytest.raises(UsageError, match="there is no release"):
        run(made, "--release", str(tmp_path))
