"""Query files: their defaults as people read them, what stands for a document, and queries of every form from Python."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store
from typer.testing import CliRunner

import relgraph
from relgraph import Dataset, Graph, evaluation, questions
from relgraph.cli import app
from relgraph.errors import InputError, UsageError
from relgraph.project import Project
from relgraph.questions import Parameter, Question
from relgraph.release import Release

HEADER = """#+ title:
#+   en: "T"
#+   ru: "Т"
#+ description:
#+   en: "D"
#+   ru: "О"
"""
PARAMETER = """#+ parameters:
#+   x:
#+     type: {type}
#+     description:
#+       en: "X"
#+       ru: "Х"
"""


def written(folder: Path, name: str, query: str, type_: str | None = None) -> Question:
    path = folder / f"{name}.rq"
    path.write_text(HEADER + (PARAMETER.format(type=type_) if type_ else "") + query, "utf-8")
    return questions.load_file(path)


def test_what_is_left_of_defaults_is_told(tmp_path: Path) -> None:
    question = written(tmp_path, "q", "ASK { VALUES ?x { <place/alba> } ?x ?p ?o }", "iri")
    assert question.left({}) == {"x": "place/alba"}
    assert question.left({"x": "place/brin"}) == {}


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("term", "shown"),
    [
        ('"en"', "en"), ("'en'", "en"), (r'"say \"hi\""', 'say "hi"'), ("'it\"s'", 'it"s'), ('"a } b"', "a } b"),
        ("'''it's'''", "it's"), ('"Москва"@ru', "Москва"), ('"\\u0414а"', "Да"), ('""', ""), ('"a"^^xsd:string', "a"),
    ],
)  # fmt: skip
def test_a_default_is_shown_as_the_text_that_it_is(term: str, shown: str, tmp_path: Path) -> None:
    question = written(tmp_path, "q", f"SELECT ?x {{ VALUES ?x {{ {term} }} }}", "string")
    assert question.defaults() == question.examples() == {"x": shown}


def test_other_defaults_are_as_they_are_taken(tmp_path: Path) -> None:
    for term, shown in (("<place/moscow>", "place/moscow"), ("rg:Visit", "rg:Visit"), ("<urn:a>", "urn:a")):
        assert written(tmp_path, "q", f"SELECT ?x {{ VALUES ?x {{ {term} }} }}", "iri").defaults() == {"x": shown}
    moment = written(tmp_path, "q", 'SELECT ?x { VALUES ?x { "2001-12-31T23:59:59"^^xsd:dateTime } }', "dateTime")
    assert (moment.defaults()["x"], moment.examples()["x"]) == ("2001-12-31T23:59:59", "2001-12-31")


@pytest.mark.parametrize("term", ['"a } b"', "'a \\' } b'", "<urn:a%7D>"])
def test_a_default_ends_where_its_clause_does(term: str, tmp_path: Path) -> None:
    type_ = "iri" if term.startswith("<") else "string"
    question = written(tmp_path, "q", f"SELECT ?x ?y {{ VALUES ?x {{ {term} }} VALUES ?y {{ '}}' }} }}", type_)
    bound = question.bind({"x": "urn:b"})
    value = NamedNode("urn:b") if type_ == "iri" else Literal("urn:b")
    assert evaluation.rows(evaluation.evaluate(Store(), bound)) == [(value, Literal("}"))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "en", "ru"),
    [
        ({"type": "iri"}, "an IRI or a key such as state/RUS, ", "IRI или ключ, например state/RUS, "),
        ({"type": "iri", "class": "Place"}, ", of a thing of the class Place", " (вещь класса Place)"),
        ({"type": "dateTime"}, "a date in EDTF such as 1994, ", "дату EDTF, например 1994, "),
        ({"type": "string"}, "a text", "текст"),
        ({"type": "string", "values": ("en", "ru")}, "one of en, ru", "одно из: en, ru"),
    ],
)
def test_what_a_parameter_takes_is_said_in_either_language(given: dict[str, object], en: str, ru: str) -> None:
    found = Parameter.model_validate({**given, "description": {"en": "X", "ru": "Х"}})
    assert found.takes == found.takes_in("en")
    for words, language in ((en, "en"), (ru, "ru")):
        takes = found.takes_in(language)
        assert takes.endswith(words) if "class" in given else takes.startswith(words)


@pytest.mark.parametrize(
    ("given", "what"),
    [("dateTime, values: [a]", "has values and is no string"), ("dateTime, class: Place", "has a class and is no iri")],
)
def test_what_a_type_does_not_have_is_refused(given: str, what: str, tmp_path: Path) -> None:
    header = (
        "#+ title: {en: A, ru: А}\n#+ description: {en: B, ru: Б}\n#+ parameters: {x: {type: %s, description: {en: X, ru: Х}}}\n"
    )
    (tmp_path / "q.rq").write_text(header % given + "ASK { VALUES ?x { UNDEF } }", "utf-8")
    with pytest.raises(InputError) as refused:
        questions.load_file(tmp_path / "q.rq")
    assert [problem.what for problem in refused.value.problems] == [f"the parameter x {what}"]


@pytest.mark.parametrize("default", ["<document/001>", "<https://w3id.org/relgraph/id/document/001>"])
def test_the_id_of_a_document_stands_for_it_where_a_document_is_wanted(default: str, tmp_path: Path) -> None:
    question = written(tmp_path, "q", f"SELECT ?x {{ VALUES ?x {{ {default} }} }}", "iri")
    assert question.resources({"x": "004"}) == question.resources({"x": "document/004"})
    assert [question.written("x", value) for value in ("004", " 12a ", "Annual report", "document:004")] == [
        "document/004", "document/12a", "Annual report", "document:004",
    ]  # fmt: skip
    other = written(tmp_path, "other", "SELECT ?x { VALUES ?x { <place/moscow> } }", "iri")
    assert other.written("x", "004") == "004"
    with pytest.raises(UsageError, match="no parameter 'y'"):
        question.written("y", "004")


def test_it_is_so_in_python_and_on_the_command_line(ds: Dataset, release: Release) -> None:
    rows = list(ds.run("document-on-actor", document="document/004"))
    assert rows
    for document in ("004", "document:004", ds.entity("document/004")):
        assert list(ds.run("document-on-actor", document=document)) == rows
    command = ["run", "document-on-actor", "--release", str(release.path), "--format", "csv", "--document"]
    by_id, by_key = (CliRunner().invoke(app, [*command, document]) for document in ("004", "document/004"))
    assert (by_id.exit_code, by_id.stdout) == (0, by_key.stdout)
    assert len(by_id.stdout.splitlines()) == len(rows) + 1


def test_a_query_of_any_form_runs_from_python(release: Release, tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    for name, query in {
        "names": "SELECT ?x ?name { VALUES ?x { <place/moscow> } ?x skos:prefLabel ?name }",
        "any": "ASK { VALUES ?x { <place/moscow> } ?x a rg:Place }",
        "about": "CONSTRUCT { ?x skos:prefLabel ?name } { VALUES ?x { <place/moscow> } ?x skos:prefLabel ?name }",
        "described": "DESCRIBE ?x { VALUES ?x { <place/moscow> } }",
    }.items():
        written(tmp_path / "queries", name, query, "iri")
    with relgraph.open(release.path) as opened:
        ds = Dataset(opened._backend, Project(tmp_path))
        assert {row.name.language for row in ds.run("names")} == {"en", "ru"}
        assert ds.run("any") is True
        assert ds.run("any", x="NATO") is False
        assert isinstance(ds.run("about"), Graph)
        assert {triple.subject.key for triple in ds.questions["about"](x="NATO")} == {"org/nato"}
        assert len(ds.run("described")) > 2
