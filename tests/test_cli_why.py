"""relgraph why: names as people write them, three forms of output, exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse
from typer.testing import CliRunner, Result

from mini import VISIT, Mini
from relgraph import build
from relgraph.cli import explaining
from relgraph.errors import UsageError
from relgraph.project import Project
from relgraph.vocabulary import ID, PREF_LABEL, XSD, A, data, rg
from relgraph.why import naming

app = typer.Typer()
explaining.register(app)


@app.callback()
def _root() -> None:
    """So that the command is called by its name."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini project with a release in its build folder."""
    folder = Mini(tmp_path_factory.mktemp("why") / "mini").write()
    project = Project(folder)
    build.write(build.assemble(project, None, lambda stage: None), project.releases)
    return folder


@pytest.fixture(scope="module")
def store(root: Path) -> Store:
    return Store.read_only(str(root / "build" / "current" / "store"))


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["why", "--project", str(root), *arguments], catch_exceptions=False)


# ── names ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name",
    [
        "person/ada-stone",
        "person:ada-stone",
        "id:person/ada-stone",
        f"{ID}person/ada-stone",
        f"<{ID}person/ada-stone>",
        "<person/ada-stone>",
        "Ada Stone",
        "ada stone",
        "Ада Стоун",
        " Ada Stone ",
    ],
)
def test_a_resource_has_many_names(store: Store, name: str) -> None:
    assert naming.resolve(store, name, "a", "Person").subject == data("person/ada-stone")


@pytest.mark.parametrize(
    "name", ["holdsPosition", "rg:holdsPosition", rg("holdsPosition").value, "holds position", "занимает должность"]
)
def test_a_property_has_many_names(store: Store, name: str) -> None:
    assert naming.resolve(store, "Ada Stone", name, "Minister").predicate == rg("holdsPosition")


def test_a_stands_for_the_type(store: Store) -> None:
    triple = naming.resolve(store, "Ada Stone", "a", "rg:Person")
    assert (triple.predicate, triple.object) == (A, rg("Person"))


@pytest.mark.parametrize(
    ("written", "literal"),
    [
        ('"Ada Stone"@en', Literal("Ada Stone", language="en")),
        ("'Ada Stone'@en", Literal("Ada Stone", language="en")),
        ('"text"', Literal("text")),
        ('"1"^^xsd:integer', Literal("1", datatype=NamedNode(XSD + "integer"))),
        ("3", Literal("3", datatype=NamedNode(XSD + "integer"))),
        ("-1.5", Literal("-1.5", datatype=NamedNode(XSD + "decimal"))),
        ("true", Literal(True)),
    ],
)
def test_a_literal_is_written_as_in_turtle(store: Store, written: str, literal: Literal) -> None:
    assert naming.resolve(store, "Ada Stone", "skos:prefLabel", written).object == literal


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Ada Ston", "a", "Person"), "the subject: there is no 'Ada Ston' in this graph. Did you mean Ada Stone"),
        (("person/ada-stne", "a", "Person"), "Did you mean person/ada-stone"),
        (("Ada Stone", "holdsPositon", "Minister"), "the predicate: there is no 'holdsPositon'.*Did you mean holdsPosition"),
        (("Ada Stone", "holdsPosition", "Q"), "the object: there is no 'Q'.*a text goes in quotes"),
        (("Ada Stone", "skos:prefLabel", '"open'), "no literal of Turtle"),
        (("Ada Stone", "skos:prefLabel", '"x" . <x:a> <x:b> "y"'), "no literal of Turtle"),
        (("", "a", "Person"), "the subject: there is no ''"),
        (("<a b>", "a", "Person"), "there is no '<a b>'"),
        (("x:y", "a", "Person"), "there is no 'x:y'"),
    ],
)
def test_an_unknown_name_is_refused_with_names_like_it(store: Store, arguments: tuple[str, str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        naming.resolve(store, *arguments)


def test_a_name_of_several_things_is_refused_with_their_keys(mini: Mini) -> None:
    mini.entities += '<place/alba-north> a rg:Place ; skos:prefLabel "alba"@en , "Альба"@ru .\n'
    project = Project(mini.write())
    store = build.write(build.assemble(project, None, lambda stage: None), project.releases).store()
    with pytest.raises(UsageError, match="several things: place/alba, place/alba-north"):
        naming.resolve(store, "Альба", "a", "Place")
    assert naming.resolve(store, "Alba", "a", "Place").subject == data("place/alba")


# ── the command ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_in_the_graph_is_explained_with_exit_status_0(root: Path) -> None:
    done = run(root, "Ada Stone", "holds position", "Minister", "--documents", str(root / "texts"))
    assert done.exit_code == 0
    assert done.stdout.startswith("Ada Stone — holds position — Minister\n")
    assert f"“{VISIT}”" in done.stdout
    assert "Inferred by prp-spo2 (chain of properties)." in done.stdout
    assert VISIT not in run(root, "Ada Stone", "holds position", "Minister").stdout


def test_what_is_not_in_the_graph_names_the_nearest_with_exit_status_1(root: Path) -> None:
    done = run(root, "event/visit-stone", "place", "Brin")
    assert done.exit_code == 1
    assert "This is not in the graph." in done.stdout
    assert "event:visit-stone rg:place place:alba" in done.stdout


def test_russian_is_a_language_of_equal_rank(root: Path) -> None:
    done = run(root, "Ада Стоун", "занимает должность", "Министр", "--lang", "ru")
    assert done.exit_code == 0
    assert done.stdout.startswith("Ада Стоун — занимает должность — Министр\n")
    assert "Выведено по правилу prp-spo2 (цепочка свойств)." in done.stdout
    with pytest.raises(UsageError, match="choose en or ru"):
        run(root, "Ada Stone", "a", "Person", "--lang", "de")


def test_json_and_turtle_are_for_programs(root: Path) -> None:
    arguments = ("event/visit-stone", "visitor", "Ada Stone", "--documents", str(root / "texts"), "--format")
    found = json.loads(run(root, *arguments, "json").stdout)
    assert found["claims"][0]["evidence"]["passage"] == VISIT
    written = run(root, *arguments, "turtle").stdout
    assert written == run(root, *arguments, "turtle").stdout
    quads = list(parse(written.encode(), format=RdfFormat.TURTLE))
    assert any(isinstance(quad.object, Literal) and quad.object.value == VISIT for quad in quads)
    assert run(root, *arguments, "yaml").exit_code == 2


def test_absent_triples_are_told_in_every_form(root: Path) -> None:
    for form in ("json", "turtle"):
        done = run(root, "event/visit-stone", "place", "Brin", "--format", form)
        assert done.exit_code == 1
        assert "place/alba" in done.stdout or "place:alba" in done.stdout


def test_label_and_literal_go_together(root: Path) -> None:
    done = run(root, "Ada Stone", PREF_LABEL.value, '"Ada Stone"@en')
    assert done.exit_code == 0
    assert "A name given by the editors" in done.stdout


def test_without_a_release_it_says_what_to_do(mini: Mini) -> None:
    with pytest.raises(UsageError, match="relgraph build"):
        run(mini.write(), "Ada Stone", "a", "Person")
