"""relgraph diff: what its two names may be, what it prints, its exit statuses."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import typer
from pyoxigraph import Quad, RdfFormat, parse
from typer.testing import CliRunner, Result

from relgraph import release
from relgraph.cli import comparing
from relgraph.errors import InputError, UsageError
from relgraph.vocabulary import ASSERTED, PREFIXES, SH

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in {**PREFIXES, "sh": SH}.items())
FILES = {
    "data/documents.ttl": "",
    "data/graph/asserted.ttl": 'event:v a rg:Visit ; skos:prefLabel "Visit"@en , "Визит"@ru ; rg:visitor person:p .\n'
    'person:p a rg:Person ; skos:prefLabel "Ada Stone"@en , "Ада Стоун"@ru .',
    "data/graph/inferred.ttl": "event:v a rg:Fact .",
    "ontology/relgraph.ttl": 'rg:Visit a owl:Class ; skos:prefLabel "visit"@en , "визит"@ru ; rdfs:subClassOf rg:Fact .',
    "ontology/schemes.ttl": "",
    "ontology/shapes/facts.ttl": "rg:S a sh:NodeShape ; sh:property [ sh:path rg:visitor ; sh:minCount 1 ] .",
    "ontology/verify/check.rq": "#+ severity: Violation\nSELECT ?focus { ?focus a rg:Visit }\n",
}
CHANGED = {
    "data/graph/asserted.ttl": FILES["data/graph/asserted.ttl"].replace("rg:visitor person:p", "rg:visitor person:q"),
    "data/graph/inferred.ttl": "event:v a rg:Fact , rg:Event .",
    "ontology/relgraph.ttl": FILES["ontology/relgraph.ttl"] + "rg:Call a owl:Class .",
    "ontology/shapes/facts.ttl": FILES["ontology/shapes/facts.ttl"].replace("minCount 1", "minCount 2"),
    "ontology/verify/check.rq": FILES["ontology/verify/check.rq"].replace("Violation", "Warning"),
}


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *settings, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text((HEAD if name.endswith(".ttl") else "") + content, "utf-8")


def commit(folder: Path, files: dict[str, str]) -> None:
    write(folder, files)
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "A step", "--allow-empty")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two commits, in which one thing of each kind changes; it is the working directory."""
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "--quiet")
    commit(root, FILES)
    commit(root, CHANGED)
    monkeypatch.chdir(root)
    return root


def run(*arguments: str) -> Result:
    app = typer.Typer()
    comparing.register(app)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["diff", *arguments])


def told(*arguments: str, status: int = 1) -> str:
    result = run(*arguments)
    assert result.exit_code == status, (result.output, result.exception)
    return result.stdout


def refused(*arguments: str) -> str:
    error = run(*arguments).exception
    assert isinstance(error, UsageError | InputError), error
    assert error.exit_code == 2
    return str(error)


def make_release(root: Path, turtle: str) -> release.Release:
    quads = [Quad(q.subject, q.predicate, q.object, ASSERTED) for q in parse(input=HEAD + turtle, format=RdfFormat.TURTLE)]
    manifest = {"inputs": {"ontology/shapes/facts.ttl": str(len(turtle)), "data/documents.ttl": str(len(turtle))}}
    return release.write(root / "build", release.nquads(quads), quads, {}, manifest)


def test_the_help_has_an_example() -> None:
    assert "Example: relgraph diff" in told("--help", status=0)


def test_two_revisions_differ_in_everything_that_a_project_holds(repository: Path) -> None:
    content = json.loads(told("HEAD~1", "HEAD", "--format", "json"))
    assert content["counts"] == {
        "terms": {"added": 1},
        "shapes": {"changed": 1},
        "checks": {"changed": 1},
        "facts": {"changed": 1},
        "inferred": {"changed": 1},
    }
    assert content["equal"] is False
    assert content["ontology"] == {"version": "minor", "reasons": ["new term: rg:Call"]}
    assert content["a"]["id"] == git(repository, "rev-parse", "HEAD~1").strip()
    assert content["a"]["sha256"] != content["b"]["sha256"]
    assert content["sections"]["facts"][0]["changes"] == [
        {"property": "rg:visitor", "removed": ["person:p"], "added": ["person:q"]}
    ]
    assert "inferred" not in content["sections"]
    assert "inferred" in json.loads(told("HEAD~1", "HEAD", "--format", "json", "--inferred"))["sections"]


@pytest.mark.parametrize(("language", "words"), [("en", "Ada Stone"), ("ru", "Ада Стоун")])
def test_the_text_has_marks_and_labels_in_the_language(repository: Path, language: str, words: str) -> None:
    text = told("HEAD~1", "HEAD", "--lang", language)
    assert f"rg:visitor: person:p “{words}” → person:q" in text
    assert "+ rg:Call (owl:Class)" in text
    assert "rg:visitor / sh:minCount: 1 → 2" in text
    assert "graph ontology: " in text


def test_a_revision_equals_itself(repository: Path) -> None:
    assert "Equal." in told("HEAD", "main", status=0)
    assert json.loads(told("HEAD", "main", "--format", "json", status=0))["equal"] is True


def test_the_working_tree_is_neither_read_nor_touched(repository: Path) -> None:
    (repository / "data" / "graph" / "asserted.ttl").write_text("not Turtle", "utf-8")
    before = git(repository, "status", "--porcelain")
    assert "Equal." in told("HEAD", "HEAD", status=0)
    assert git(repository, "status", "--porcelain") == before
    assert (repository / "data" / "graph" / "asserted.ttl").read_text("utf-8") == "not Turtle"


def test_a_project_that_cannot_be_assembled_is_refused_with_its_problems(repository: Path) -> None:
    """As it stands, a project is what its decisions make; this one has registered no document."""
    result = run("HEAD", ".")
    assert isinstance(result.exception, InputError)
    assert "no document is registered" in str(result.exception)


def test_markdown_goes_to_a_file(repository: Path, tmp_path: Path) -> None:
    assert told("HEAD~1", "HEAD", "-f", "markdown", "-o", str(tmp_path / "changes.md")) == ""
    text = (tmp_path / "changes.md").read_text("utf-8")
    assert "| terms | 1 | 0 | 0 | 0 |" in text
    assert "- `event:v` “Visit”\n  - `rg:visitor`: removed `person:p` “Ada Stone”, added `person:q`" in text


def test_only_some_sections_are_told_and_count(repository: Path) -> None:
    text = told("HEAD~1", "HEAD", "--only", "terms")
    assert "rg:Call" in text
    assert "event:v" not in text
    assert "Equal in documents, claims." in told("HEAD~1", "HEAD", "--only", "claims, documents", status=0)
    assert "terms" in refused("HEAD~1", "HEAD", "--only", "term")


def test_a_project_in_a_folder_of_its_repository_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, {f"inner/{name}": content for name, content in FILES.items()})
    monkeypatch.chdir(tmp_path / "inner")
    assert "Equal." in told("HEAD", "HEAD", status=0)


# ── names that are refused ───────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_nothing_is_refused_with_what_it_could_have_been(repository: Path) -> None:
    message = refused("nowhere", "HEAD")
    assert "no file, no folder" in message
    assert "no revision 'nowhere'" in message


@pytest.mark.parametrize("name", ["rev:--output=caught", "rev:-1", "rev:"])
def test_a_revision_cannot_be_an_option(repository: Path, name: str) -> None:
    assert "is not the name of a revision" in refused(name, "HEAD")
    assert not (repository / "caught").exists()


def test_a_revision_without_the_project_is_refused(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--orphan", "other")
    git(repository, "rm", "-r", "--quiet", "--cached", ".")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "Nothing")
    assert "there is no relgraph project in revision" in refused("other", "main")


def test_without_git_revisions_are_refused_and_files_are_not(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "git is not installed" in refused("HEAD", "HEAD")
    assert "Equal." in told("./ontology/relgraph.ttl", "ontology/relgraph.ttl", status=0)


def test_outside_a_repository_revisions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    assert "not a git repository" in refused("rev:HEAD", ".")


def test_a_broken_file_of_a_revision_is_named_with_the_revision(repository: Path) -> None:
    commit(repository, {"data/graph/asserted.ttl": "event:v a ."})
    found = git(repository, "rev-parse", "HEAD").strip()[:12]
    assert f"{found}:data/graph/asserted.ttl:{HEAD.count(chr(10)) + 1}: not valid Turtle" in refused("HEAD", "HEAD~1")


def test_links_that_lead_out_of_a_revision_are_not_followed(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.ttl").write_text("<x:a> <x:b> <x:c> .", "utf-8")
    (repository / "data" / "graph" / "leak.ttl").symlink_to(tmp_path / "secret.ttl")
    commit(repository, {})
    assert "cannot be unpacked" in refused("HEAD", "HEAD~1")


def test_a_name_that_is_a_path_and_a_revision_is_ambiguous(repository: Path) -> None:
    git(repository, "tag", "v1.ttl", "HEAD~1")
    write(repository, {"v1.ttl": "event:v a rg:Visit ."})
    message = refused("v1.ttl", "HEAD")
    assert "ambiguous" in message
    assert "./v1.ttl" in message
    assert "rev:v1.ttl" in message
    assert "Equal." in told("rev:v1.ttl", "HEAD~1", status=0)
    assert "Equal." in told("./v1.ttl", "file:v1.ttl", status=0)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", "", "syntax of a.txt is not known"),
        ("a.ttl", "<x:a> <x:b> .", "a.ttl:1: not valid Turtle"),
        ("a", None, "is no file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(repository: Path, name: str, content: str | None, words: str) -> None:
    if content is not None:
        (repository / name).write_text(content, "utf-8")
    assert words in refused(name, "HEAD")


def test_an_empty_folder_and_another_language_are_refused(repository: Path) -> None:
    (repository / "empty").mkdir()
    assert "holds neither a release" in refused("empty", "HEAD")
    assert "there are no labels in 'de'" in refused("HEAD", "HEAD", "--lang", "de")


# ── releases and files ───────────────────────────────────────────────────────────────────────────────────────────────


def test_releases_are_found_by_folder_and_by_the_beginning_of_their_id(repository: Path) -> None:
    one, two = (make_release(repository, f"person:p rg:address {number} .") for number in (1, 2))
    for name in (str(one.path), f"release:{one.path}", one.id, one.id[:8], f"release:{one.id[:8]}"):
        text = told(name, "build/current")
        assert "rg:address: 1 → 2" in text
        assert f"RDFC-1.0 sha256 {one.id}" in text
        assert f"RDFC-1.0 sha256 {two.id}" in text
    assert "Equal." in told(two.id[:10], "build", status=0)
    assert "there is no release" in refused("release:0123", "HEAD")


def test_an_id_that_several_releases_begin_with_is_refused(repository: Path) -> None:
    made = make_release(repository, "person:p rg:address 1 .")
    other = made.path.parent / "other"
    other.mkdir()
    manifest = made.manifest | {"release": f"{made.id[:20]}{'0' * 44}"}
    (other / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert "several releases begin with" in refused(made.id[:10], "HEAD")


def test_shapes_of_releases_are_compared_by_the_hashes_of_their_files(repository: Path) -> None:
    make_release(repository, "person:p rg:address 1 .")
    first = (repository / "build" / "current").resolve()
    make_release(repository, "person:p rg:address 1 , 20 .")
    content = json.loads(told(str(first), "build/current", "--format", "json"))
    assert [item["name"] for item in content["sections"]["files"]] == ["ontology/shapes/facts.ttl"]
    assert "carries no shapes and checks" in told("HEAD", "build/current")


def test_any_two_rdf_files_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.ttl").write_text("<x:a> <x:p> [ <x:q> 1 ] . <x:b> <x:p> 1 .", "utf-8")
    Path("b.nt").write_text('_:z <x:q> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n<x:a> <x:p> _:z .\n', "utf-8")
    text = told("a.ttl", "b.nt")
    assert "- <x:b>" in text
    assert "<x:a>" not in text
    Path("c.jsonld").write_text(
        '[{"@id": "x:a", "x:p": [{"x:q": [{"@value": 1}]}]}, {"@id": "x:b", "x:p": [{"@value": 1}]}]', "utf-8"
    )
    assert "Equal." in told("a.ttl", "c.jsonld", status=0)


def test_relative_iris_do_not_depend_on_where_a_file_lies(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(tmp_path, {f"{folder}/a.ttl": "<> rg:address <#x> ."})
    assert "Equal." in told(str(tmp_path / "one" / "a.ttl"), str(tmp_path / "two" / "a.ttl"), status=0)
