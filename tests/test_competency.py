"""The competency questions: each is answered by its query, none by its own wording, and the page says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from relgraph import competency, querytext, usage
from relgraph.errors import InputError, Problem, QueryError
from relgraph.project import Project
from relgraph.questions import COMPETENCY
from relgraph.release import Release
from relgraph.vocabulary import RG
from results import file_rows, rdflib_rows, rows

ROOT = Path(__file__).parents[1]
PROBLEMS: list[Problem] = []
CASES = {case.row.id: case for case in competency.load(Project(ROOT), PROBLEMS)}


def test_the_questions_are_in_form_and_each_has_its_expected_rows(project: Project) -> None:
    competency.check_expected(project, CASES.values(), PROBLEMS)
    assert [str(problem) for problem in PROBLEMS] == []
    assert CASES


@pytest.mark.parametrize("name", CASES)
def test_oxigraph_gives_the_expected_rows(store: ox.Store, name: str) -> None:
    assert rows(competency.run(store, CASES[name])) == file_rows(CASES[name].expected)


@pytest.mark.parametrize("name", CASES)
def test_rdflib_gives_the_same(dataset: rdflib.Dataset, name: str) -> None:
    assert rdflib_rows(dataset, CASES[name].text) == file_rows(CASES[name].expected)


@pytest.mark.parametrize("name", CASES)
def test_no_query_foretells_its_answer(store: ox.Store, name: str) -> None:
    assert [str(problem) for problem in competency.foretold(store, CASES[name])] == []


def test_every_query_of_one_question_is_asked() -> None:
    asked = {case.query.path for case in CASES.values()}
    assert sorted(set((ROOT / "queries" / COMPETENCY).iterdir()) - asked) == []


def test_the_page_and_the_reasons_are_up_to_date(project: Project, store: ox.Store) -> None:
    assert (ROOT / "docs" / "competency.md").read_text("utf-8") == competency.render(project, store)


# ── against the questions as they were set ───────────────────────────────────────────────────────────────────────────


def questions_set(folder: Path) -> dict[str, tuple[str, list[str]]]:
    lines = [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    return {line["id"]: (line["question"], line["answer"]) for line in lines}


#: Set in so many words of a source document that they are told here in others.
RETOLD = {"004-Q13": "question", "004-Q17": "answer", "004-Q40": "answer"}


def test_question_and_answer_are_worded_as_they_were_set(shared_questions: Path) -> None:
    """Answers stand in the order of the alphabet, so that a list is no run of words of its source."""
    for name, (question, answer) in questions_set(shared_questions).items():
        row = CASES[name].row
        assert row.question == question or RETOLD.get(name) == "question", name
        assert row.answer == sorted(answer) or (RETOLD.get(name) == "answer" and len(row.answer) == len(answer)), name
    assert set(RETOLD) <= set(CASES)


def test_every_question_that_was_set_is_asked(shared_questions: Path) -> None:
    assert sorted(set(questions_set(shared_questions)) - set(CASES)) == []


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────

HEADER = '#+ title: {en: "A", ru: "А"}\n#+ description: {en: "B", ru: "Б"}\n'
PARAMETER = "#+ parameters: {p: {type: iri, description: {en: P, ru: П}}}\n"
GOOD = {"id": "901-q01", "question": "Who?", "query": "who", "parameters": {"p": "state/RUS"}, "answer": ["Ada"]}


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """A project with one query that takes one parameter, one question, and its expected row."""
    (tmp_path / "queries").mkdir()
    (tmp_path / "competency" / "expected").mkdir(parents=True)
    query = f"{HEADER}{PARAMETER}SELECT ?who {{ VALUES ?p {{ <state/USA> }} ?who rg:partnerOf ?p }}"
    (tmp_path / "queries" / "who.rq").write_text(query, "utf-8")
    (tmp_path / "competency" / "expected" / "901-q01.tsv").write_text('?who\n"Ada"\n', "utf-8")
    ask(tmp_path, GOOD)
    return Project(tmp_path)


def ask(folder: Path, *lines: object) -> None:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "competency" / "901.jsonl").write_text(text + "\n", "utf-8")


def problems_of(project: Project) -> list[str]:
    problems: list[Problem] = []
    competency.check_expected(project, competency.load(project, problems), problems)
    return [str(problem).replace(f"{project.competency}/", "") for problem in problems]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("", "is no competency question: the line: Invalid JSON"),
        ({"id": "901-q02"}, "question: Field required"),
        (GOOD | {"id": "901-q02", "surplus": 1}, "surplus: Extra inputs"),
        (GOOD | {"id": "901-q02", "answer": []}, "answer: List should have at least 1 item"),
        (GOOD | {"id": "901-q02", "query": "whom"}, "there is no query 'whom'. Did you mean who?"),
        (GOOD | {"id": "901-q02", "parameters": {"q": "a"}}, "the query who has no parameter 'q'; it has p"),
        (GOOD | {"id": "901-q02", "parameters": {"p": "a b"}}, "takes an IRI or a key"),
        (GOOD, "the id 901-q01 is taken by"),
        (GOOD | {"id": "901-q02"}, "901-q02 has no file 901-q02.tsv of expected rows"),
        (GOOD | {"id": "902-q01"}, "the id 902-q01 is not of this file. Begin it with 901-"),
    ],
)
def test_a_line_that_is_wrong_is_named(small: Project, line: object, what: str) -> None:
    assert problems_of(small) == []
    ask(small.root, GOOD, line)
    problem, *_ = problems_of(small)
    assert problem.startswith("901.jsonl:2: ")
    assert what in problem


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("901-q01", "?who\n", "expected/901-q01.tsv:1: holds no row"),
        ("901-q01", "who\n", "expected/901-q01.tsv:1: is no SPARQL TSV"),
        ("901-q02", "?who\n1\n", "expected/901-q02.tsv:1: belongs to no question"),
    ],
)
def test_a_file_of_rows_that_is_wrong_is_named(small: Project, name: str, text: str, what: str) -> None:
    (small.competency / "expected" / f"{name}.tsv").write_text(text, "utf-8")
    (problem,) = problems_of(small)
    assert problem.startswith(what)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("SELECT ?who { BIND(<person/ada> AS ?who) }", "<https://w3id.org/relgraph/id/person/ada>"),
        ("SELECT ?who { VALUES ?who { person:ada } }", "<https://w3id.org/relgraph/id/person/ada>"),
        ('SELECT ?who { ?who rg:edtf ?e FILTER(?e = "2002-05-28") }', '"2002-05-28"'),
        ("SELECT ?e { ?who rg:time <time/2002-05-28> ; rg:time/rg:edtf ?e }", '"2002-05-28"'),
        ("SELECT ?e { ?t rg:earliest ?a ; rg:edtf ?e FILTER(?a >= '2002-05-28T00:00:00'^^xsd:dateTime) }", '"2002-05-28"'),
        ('SELECT ?l { ?x skos:prefLabel ?l FILTER(CONTAINS(?l, "Solan")) }', '"Javier Solana"@en'),
        ("SELECT (COUNT(?x) AS ?n) { ?x rg:ordinal 4 }", "4"),
        ("SELECT ?w { ?x a rg:Visit BIND(IF(true, 'yes', 'no') AS ?w) }", '"yes"'),
        ("SELECT ?w { ?x a rg:Visit BIND(COALESCE(?x, 'yes') AS ?w) }", '"yes"'),
        ("SELECT ?s { ?x rg:stance ?s FILTER(?s = stance:Against) }", "<https://w3id.org/relgraph/ns/stance#Against>"),
        ("SELECT ?date { ?x rg:founds <body/nato-russia-council> ; rg:time/rg:edtf ?date }", '"2003"'),
    ],
)
def test_a_query_that_holds_its_answer_is_named(store: ox.Store, small: Project, query: str, answer: str) -> None:
    (problem,) = foretold(store, small, query, answer, "NATO-Russia Council")
    assert problem.where.endswith("901.jsonl:1")
    assert "which the answer holds too" in problem.what


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (
            "SELECT ?s { ?x a rg:Visit ; rg:status ?s FILTER(?s = status:Occurred) }",
            "<https://w3id.org/relgraph/ns/status#Occurred>",
        ),
        ("SELECT ?w { ?x rg:ordinal ?n BIND(IF(?n > 2, 'later', 'early') AS ?w) } LIMIT 4", '"later"'),
        ("SELECT ?n { ?x rg:ordinal ?n } ORDER BY ?n LIMIT 4", "4"),
        ("SELECT ?w { ?x rg:ordinal ?n BIND(COALESCE(?n > 2, false) AS ?w) }", "false"),
        ('SELECT ?e { ?t rg:edtf ?e FILTER(STRSTARTS(?e, "2003")) }', '"2003-06-14"'),
        (
            "SELECT ?g { GRAPH ?g { ?x a rg:Visit } GRAPH <graph/asserted> { ?x a ?y } }",
            "<https://w3id.org/relgraph/id/graph/asserted>",
        ),
    ],
)
def test_what_says_nothing_by_itself_may_stand_in_a_query(store: ox.Store, small: Project, query: str, answer: str) -> None:
    assert foretold(store, small, query, answer, "Ada") == []


def foretold(store: ox.Store, small: Project, query: str, answer: str, words: str) -> list[Problem]:
    (small.queries / "who.rq").write_text(HEADER + query, "utf-8")
    ask(small.root, GOOD | {"parameters": {}, "question": "Who in 2003?", "answer": [words]})
    (small.competency / "expected" / "901-q01.tsv").write_text(f"?a\n{answer}\n", "utf-8")
    problems: list[Problem] = []
    (case,) = competency.load(small, problems)
    assert problems == []
    return competency.foretold(store, case)


# ── what a query names, and which terms nothing names ────────────────────────────────────────────────────────────────


def test_the_terms_of_a_query_are_read_however_they_are_written() -> None:
    text = """PREFIX r: <https://w3id.org/relgraph/ns#>
        SELECT ("rg:quoted" AS ?x) { # rg:comment
        ?a a r:Visit ; r:time/r:edtf|^r:begin ?b ; <https://w3id.org/relgraph/ns#place> ?c ; !(r:end|r:host) ?d
        FILTER NOT EXISTS { ?a rg:partOf* <place/moscow> } }"""
    found = {node.value for node in querytext.constants(text).iris}
    terms = {iri.removeprefix(RG) for iri in found if iri.startswith(RG)}
    assert terms == {"Visit", "time", "edtf", "begin", "place", "end", "host", "partOf"}
    assert "https://w3id.org/relgraph/id/place/moscow" in found


@pytest.mark.parametrize("text", ["SELECT * {", "SELECT * { ?s nowhere:x ?o }"])
def test_a_query_that_cannot_be_parsed_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="cannot be parsed"):
        querytext.constants(text)


@pytest.fixture
def terms(small: Project) -> Project:
    """The small project with an ontology of its own."""
    folder = small.root / "ontology"
    (folder / "shapes").mkdir(parents=True)
    (folder / "relgraph.ttl").write_text(
        """@prefix rg: <https://w3id.org/relgraph/ns#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        rg:Above a owl:Class . rg:Shaped a owl:Class ; rdfs:subClassOf rg:Above . rg:Spare a owl:Class .
        rg:partnerOf a owl:ObjectProperty ; owl:propertyChainAxiom ( rg:step rg:next ) .
        rg:step a owl:ObjectProperty ; owl:inverseOf rg:back . rg:next a owl:ObjectProperty . rg:back a owl:ObjectProperty .
        rg:note a owl:AnnotationProperty .""",
        "utf-8",
    )
    (folder / "shapes" / "a.ttl").write_text("<a:s> <http://www.w3.org/ns/shacl#targetClass> <" + RG + "Shaped> .", "utf-8")
    (small.competency / "unused-terms.tsv").write_text("term\treason\nrg:Spare\tIt may be asked for.\n", "utf-8")
    return small


def test_a_term_is_used_by_queries_shapes_rules_and_chains(terms: Project) -> None:
    problems: list[Problem] = []
    used = usage.read(terms, problems)
    assert problems == []
    assert used.unused == {"Spare": "It may be asked for."}
    assert (used.annotations, used.superclasses) == (("note",), ("Above",))
    assert len(used.kinds) == 8


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("", "unused-terms.tsv:1: rg:Spare is used by nothing and has no reason"),
        ("rg:Spare\tA.\nrg:Shaped\tA.\n", "unused-terms.tsv:3: rg:Shaped is used, and needs no reason"),
        ("rg:Spare\tA.\nrg:note\tA.\n", "unused-terms.tsv:3: rg:note is used, and needs no reason"),
        ("rg:Spare\tA.\nrg:Spare\tA.\n", "unused-terms.tsv:3: rg:Spare stands in the table already"),
        ("rg:Spare\tA.\nrg:Spar\tA.\n", "unused-terms.tsv:3: rg:Spar is no term of the ontology"),
        ("rg:Spare\tA.\n\n", "unused-terms.tsv:3: is no row"),
        ("rg:Spare\t\n", "unused-terms.tsv:2: is no row"),
    ],
)
def test_the_table_of_reasons_is_held_against_the_use(terms: Project, row: str, what: str) -> None:
    (terms.competency / "unused-terms.tsv").write_text("term\treason\n" + row, "utf-8")
    problems: list[Problem] = []
    usage.read(terms, problems)
    assert any(what in str(problem) for problem in problems)


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────────────


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "relgraph.competency", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_expected_rows_are_written_where_they_differ(terms: Project, release: Release, store: ox.Store) -> None:
    ask(terms.root, GOOD | {"parameters": {"p": "framework/partnership-for-peace"}})
    file = terms.competency / "expected" / "901-q01.tsv"
    done = command(terms.root, release.path, "--update")
    assert done.stderr == f"wrote {file}\n"
    assert file.read_text("utf-8") == "?who\n<https://w3id.org/relgraph/id/state/RUS>\n"
    assert done.stdout == competency.render(terms, store)
    assert "`relgraph query who -p p=framework/partnership-for-peace`" in done.stdout
    assert "| Russia |" in done.stdout
    assert command(terms.root, release.path, "--update").stderr == ""
    file.unlink()
    done = command(terms.root, release.path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{terms.competency / '901.jsonl'}:1: 901-q01 has no file")


def test_the_page_is_not_made_from_what_is_wrong(small: Project, store: ox.Store) -> None:
    ask(small.root, GOOD | {"query": "whom"})
    with pytest.raises(InputError, match="there is no query 'whom'"):
        competency.render(small, store)


def test_a_query_that_is_no_select_is_refused(small: Project, store: ox.Store) -> None:
    (small.queries / "who.rq").write_text(HEADER + "ASK {}", "utf-8")
    ask(small.root, GOOD | {"parameters": {}})
    (case,) = competency.load(small, [])
    with pytest.raises(QueryError, match=r"who\.rq: is no SELECT"):
        competency.run(store, case)
