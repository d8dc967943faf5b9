"""The queries of the project: each gives its expected result, in Oxigraph and in rdflib alike."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from relgraph import evaluation, questions, services, tables
from relgraph.errors import InputError, QueryError, UsageError
from relgraph.headers import without_header
from relgraph.questions import Question
from relgraph.release import Release
from relgraph.vocabulary import DEFAULT_GRAPHS, ID
from results import Rows, file_rows, rdflib_rows, rows

ROOT = Path(__file__).parents[1]
QUESTIONS = questions.load(ROOT / "queries")


def expected(question: Question) -> Rows:
    assert question.header.expected
    return file_rows(question.path.parent / question.header.expected)


@pytest.mark.parametrize("name", QUESTIONS)
def test_oxigraph_gives_the_expected_result(store: ox.Store, name: str) -> None:
    assert rows(evaluation.evaluate(store, QUESTIONS[name].text)) == expected(QUESTIONS[name])
    assert expected(QUESTIONS[name])[1], "an example question that has no answer shows nothing"


@pytest.mark.parametrize("name", QUESTIONS)
def test_rdflib_gives_the_same(dataset: rdflib.Dataset, name: str) -> None:
    assert rdflib_rows(dataset, QUESTIONS[name].text) == expected(QUESTIONS[name])


def test_every_query_says_what_it_asks_in_both_languages() -> None:
    assert len(QUESTIONS) >= 12
    for question in questions.load_all(ROOT / "queries").values():
        header = question.header
        for text in (header.title, header.description, *(p.description for p in header.parameters.values())):
            assert text.en, question.name
            assert text.ru, question.name


def test_no_expected_result_is_left_over() -> None:
    assert {path.stem for path in (ROOT / "queries" / "expected").iterdir()} == set(QUESTIONS)


def test_a_query_of_one_question_is_found_by_name_but_is_no_example(tmp_path: Path) -> None:
    (tmp_path / questions.COMPETENCY).mkdir()
    (tmp_path / "a.rq").write_text(GOOD + "ASK {}", "utf-8")
    (tmp_path / questions.COMPETENCY / "b.rq").write_text(GOOD + "ASK {}", "utf-8")
    assert list(questions.load(tmp_path)) == ["a"]
    assert list(questions.load_all(tmp_path)) == list(questions.files(tmp_path)) == ["a", "b"]
    (tmp_path / questions.COMPETENCY / "a.rq").write_text(GOOD + "ASK {}", "utf-8")
    with pytest.raises(InputError, match=r"competency/a\.rq:1: the name a is taken by"):
        questions.load_all(tmp_path)


# ── parameters ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_parameter_takes_a_key_a_prefixed_name_or_an_iri(store: ox.Store) -> None:
    question = QUESTIONS["visits-by-office"]
    forms = ("position/saceur", "position:saceur", "https://w3id.org/relgraph/id/position/saceur")
    texts = {question.bind({"position": form}) for form in forms}
    assert len(texts) == 1
    assert rows(evaluation.evaluate(store, texts.pop()))[1] == []  # the text names no holder of that office


def test_a_period_is_given_by_dates_as_precise_as_one_likes(store: ox.Store) -> None:
    text = QUESTIONS["events-in-period"].bind({"from": "1999", "to": "1999"})
    found = rows(evaluation.evaluate(store, text))[1]
    assert found
    assert {row[2] for row in found} == {'"certainly"'}
    text = QUESTIONS["events-in-period"].bind({"from": "1999-06", "to": "1999-07"})
    assert {row[2] for row in rows(evaluation.evaluate(store, text))[1]} == {'"possibly"'}


def test_partners_are_no_members_and_nobody_was_in_what_was_founded_later(store: ox.Store) -> None:
    council, nato = f"<{ID}body/nato-russia-council>", f"<{ID}org/nato>"
    found = {
        year: {
            row[:3]
            for row in rows(evaluation.evaluate(store, QUESTIONS["members-in-period"].bind({"from": year, "to": year})))[1]
        }
        for year in ("1994", "2003")
    }
    russia = f"<{ID}state/RUS>"
    assert (russia, "<https://w3id.org/relgraph/ns#partner>", nato) in found["1994"]
    assert (russia, "<https://w3id.org/relgraph/ns#fullMember>", council) in found["2003"]
    assert {row[2] for row in found["2003"]} - {row[2] for row in found["1994"]} == {council}


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("visits-by-office", {"visitor": "x"}, "no parameter 'visitor'; it has position, place"),
        ("visits-by-office", {"place": "a b"}, "takes an IRI or a key"),
        ("events-in-period", {"from": "1999-13"}, "no month or season 13"),
        ("events-in-period", {"from": "../1999"}, "open on that side"),
        ("events-in-period", {"from": "2001-02-31T00:00:00"}, "no date and time"),
        (
            "events-in-period",
            {"from": "2001", "to": "1994"},
            "ends before it begins: from 2001-01-01T00:00:00 to 1994-12-31T23:59:59",
        ),
        ("members-in-period", {"from": "2001"}, "ends before it begins.*Give to too; this is its default"),
    ],
)
def test_bad_arguments_are_refused_with_a_reason(name: str, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        QUESTIONS[name].bind(arguments)


def with_any_text(question: Question) -> Question:
    """The question with a language that may be any text."""
    parameters = question.header.parameters
    anything = parameters | {"language": parameters["language"].model_copy(update={"values": ()})}
    return replace(question, header=question.header.model_copy(update={"parameters": anything}))


@given(st.text(max_size=40).filter(lambda text: "\\u" not in text.lower()), st.sampled_from(["document/004", "document:004"]))
def test_no_argument_can_change_the_query_or_another_argument(value: str, document: str) -> None:
    question = with_any_text(QUESTIONS["document-on-actor"])
    bound = without_header(question.bind({"language": value, "document": document}))
    assert isinstance(evaluation.evaluate(ox.Store(), bound), ox.QuerySolutions)
    again = without_header(question.bind({"document": document}))
    assert bound.replace(str(ox.Literal(value)), "@", 1) == again.replace('"en"', "@", 1).replace("{ @ }", "{ @ }")


def test_an_argument_that_looks_like_a_clause_stays_an_argument() -> None:
    hostile = "VALUES ?document { }"
    question = with_any_text(QUESTIONS["document-on-actor"])
    bound = question.bind({"language": hostile, "document": "document/004"})
    assert f'VALUES ?language {{ "{hostile}" }}' in bound
    assert "VALUES ?document { <https://w3id.org/relgraph/id/document/004> }" in bound


@pytest.mark.parametrize("value", ["x> } SELECT * { ?s ?p ?o", "state/RUS }", 'x" y', "x\ny", "a{b}", "x\\u003e"])
def test_hostile_iris_are_refused(value: str) -> None:
    with pytest.raises(UsageError):
        QUESTIONS["visits-by-office"].bind({"place": value})


GOOD = "#+ title: {en: A, ru: А}\n#+ description: {en: B, ru: Б}\n"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("#+ title: {en: A\nASK {}", 2, "not YAML"),
        ("#+ title: {en: A}\n#+ description: {en: B, ru: Б}\nASK {}", 1, "title.ru: Field required"),
        (GOOD + "#+ surplus: 1\nASK {}", 1, "surplus"),
        (GOOD + "#+ parameters: {x: {type: date, description: {en: X, ru: Х}}}\nASK {}", 1, "parameters.x.type"),
        (GOOD + "#+ parameters: {x: {type: iri, description: {en: X, ru: Х}}}\nASK {}", 1, "has no default"),
        (
            GOOD + "#+ parameters: {x: {type: iri, description: {en: X, ru: Х}}}\nASK { VALUES ?x {<a:b>} VALUES ?x {<a:c>} }",
            1,
            "has 2 defaults",
        ),
    ],
)
def test_a_header_that_is_wrong_is_named(tmp_path: Path, text: str, line: int, what: str) -> None:
    (tmp_path / "a.rq").write_text(text, "utf-8")
    with pytest.raises(InputError) as raised:
        questions.load(tmp_path)
    (problem,) = raised.value.problems
    assert problem.where == f"{tmp_path / 'a.rq'}:{line}"
    assert what in problem.what


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.rq").write_bytes(b"ASK {}\n# caf\xe9")
    with pytest.raises(InputError, match=r"a\.rq:2: is not UTF-8"):
        questions.load_file(tmp_path / "a.rq")


# ── evaluation ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_default_graph_is_a_union_without_doubles(store: ox.Store) -> None:
    (total,) = evaluation.evaluate(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")  # type: ignore[misc]  # one row
    distinct = len({t for g in DEFAULT_GRAPHS for t in (q.triple for q in store.quads_for_pattern(None, None, None, g))})
    assert int(total["n"].value) == distinct


def test_graphs_can_be_chosen(store: ox.Store) -> None:
    ask = "ASK { <state/RUS> rg:partnerOf ?x }"
    assert evaluation.evaluate(store, ask)
    assert evaluation.evaluate(store, ask, "inferred")
    assert not evaluation.evaluate(store, ask, "asserted")
    with pytest.raises(UsageError, match="asserted, inferred, all"):
        evaluation.evaluate(store, ask, "some")


def test_what_single_places_say_is_outside_the_default_graph(store: ox.Store) -> None:
    assert not evaluation.evaluate(store, "ASK { ?claim rg:says ?c . ?c a rg:Content }")
    assert evaluation.evaluate(store, "ASK { ?claim rg:says ?c . GRAPH <graph/reported> { ?c a rg:Content } }")


def test_the_graphs_of_a_request_come_before_those_of_the_query(store: ox.Store) -> None:
    ask = "ASK { ?s a rg:Content }"
    reported = evaluation.Dataset(default=("https://w3id.org/relgraph/id/graph/reported",))
    assert evaluation.evaluate(store, ask, dataset=reported)
    assert not evaluation.evaluate(store, ask)
    named = evaluation.Dataset(named=("https://w3id.org/relgraph/id/graph/inferred",))
    assert not evaluation.evaluate(store, "ASK { ?s ?p ?o }", dataset=named)
    assert not evaluation.evaluate(store, "ASK { GRAPH <graph/reported> { ?s ?p ?o } }", dataset=named)
    with pytest.raises(UsageError, match="named by an IRI"):
        evaluation.evaluate(store, ask, dataset=evaluation.Dataset(default=("not an IRI",)))


def test_from_in_a_query_is_heeded(store: ox.Store) -> None:
    text = "SELECT ?s FROM <https://w3id.org/relgraph/id/graph/reported> { ?s a rg:Content } LIMIT 1"
    assert len(rows(evaluation.evaluate(store, text))[1]) == 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * WHERE ?s", "error at 1:16 at '?s'"),
        ("SELECT * {\n ?s foo:bar ?o }", "the prefix of 'foo:bar' is not declared"),
        ("SELECT * { ?s", "at the end of the query"),
    ],
)
def test_a_query_that_cannot_be_parsed_says_where(store: ox.Store, query: str, message: str) -> None:
    with pytest.raises(QueryError, match=re.escape(message)):
        evaluation.evaluate(store, query)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("DROP ALL", "DROP"),
        ("insert data { <urn:a> <urn:b> <urn:c> }", "INSERT"),
        (
            "# a note\nBASE <urn:x> PREFIX a: <urn:a#> prefix : <urn:b>\nWITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
            "WITH",
        ),
    ],
)
def test_an_update_is_told_from_a_slip(store: ox.Store, query: str, word: str) -> None:
    with pytest.raises(QueryError, match=rf"this is an update \({word}\) and no query. Only queries are answered"):
        evaluation.evaluate(store, query)


@pytest.mark.parametrize("query", ["DROPS", "SELECT * { DROP ALL }", "# DROP ALL", "#" * 100_000 + "\n" + "# \n" * 10_000])
def test_a_slip_is_no_update(store: ox.Store, query: str) -> None:
    with pytest.raises(QueryError, match="cannot be parsed: error at"):
        evaluation.evaluate(store, query)


def test_a_failure_on_the_way_is_a_query_error(store: ox.Store) -> None:
    remote = "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"
    with pytest.raises(QueryError, match="cannot be evaluated"):
        tables.table(evaluation.evaluate(store, remote), store, "en", {})


# ── docs/queries.md ──────────────────────────────────────────────────────────────────────────────────────────────────

PATTERNS = re.findall(r"```sparql\n(.*?)```", (ROOT / "docs" / "queries.md").read_text("utf-8"), re.DOTALL)


#: The pattern of what held throughout a period: no relation in the documents has both a begin and an end.
THROUGHOUT = 3
#: One membership that certainly held from 1997 to 2001, one of which only the year 1997 is known, one long over.
MEMBERSHIPS = """
@prefix rg: <https://w3id.org/relgraph/ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <https://e.org/> .
:m1 a rg:Membership ; rg:member :certain ; rg:organization :o ; rg:begin :y1995 ; rg:end :y2003 .
:m2 a rg:Membership ; rg:member :possible ; rg:organization :o ; rg:begin :y1997 .
:m3 a rg:Membership ; rg:member :never ; rg:organization :o ; rg:end :y1995 .
:y1995 rg:earliest "1995-01-01T00:00:00"^^xsd:dateTime ; rg:latest "1995-12-31T23:59:59"^^xsd:dateTime .
:y1997 rg:earliest "1997-01-01T00:00:00"^^xsd:dateTime ; rg:latest "1997-12-31T23:59:59"^^xsd:dateTime .
:y2003 rg:earliest "2003-01-01T00:00:00"^^xsd:dateTime ; rg:latest "2003-12-31T23:59:59"^^xsd:dateTime .
"""


def first_column(store: ox.Store, pattern: int) -> set[str]:
    found = evaluation.evaluate(store, PATTERNS[pattern])
    assert isinstance(found, ox.QuerySolutions)
    return {str(row[0]) for row in evaluation.rows(found)}


@pytest.mark.parametrize("number", [number for number in range(len(PATTERNS)) if number != THROUGHOUT])
def test_the_patterns_of_the_docs_find_something(release: Release, store: ox.Store, number: int) -> None:
    names, found = rows(evaluation.evaluate(store, services.resolve(PATTERNS[number], release.index)))
    assert names
    assert found


def test_what_certainly_happened_in_a_period_possibly_did(store: ox.Store) -> None:
    assert first_column(store, 1) < first_column(store, 2)


def test_what_certainly_held_throughout_a_period_possibly_held_in_it() -> None:
    memberships = ox.Store()
    memberships.load(MEMBERSHIPS, format=ox.RdfFormat.TURTLE)
    assert first_column(memberships, THROUGHOUT) == {"<https://e.org/certain>"}
    assert first_column(memberships, THROUGHOUT + 1) == {"<https://e.org/certain>", "<https://e.org/possible>"}
