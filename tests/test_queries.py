"""The queries of the project: each gives its expected result, in Oxigraph and in rdflib alike."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from relgraph import evaluation, questions
from relgraph.errors import InputError, QueryError, UsageError
from relgraph.questions import Question
from relgraph.release import Release
from relgraph.vocabulary import DEFAULT_GRAPHS

ROOT = Path(__file__).parents[1]
QUESTIONS = questions.load(ROOT / "queries")
Row = tuple[str | None, ...]


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    return release.store()


@pytest.fixture(scope="module")
def dataset(release: Release) -> rdflib.Dataset:
    """The release in rdflib, with the union that is the default graph."""
    dataset = rdflib.Dataset()
    dataset.parse(release.path / "dataset.nq", format="nquads")
    for graph in DEFAULT_GRAPHS:
        for triple in dataset.graph(rdflib.URIRef(graph.value)):
            dataset.default_graph.add(triple)
    return dataset


def rows(results: evaluation.Results) -> tuple[list[str], list[Row]]:
    assert isinstance(results, ox.QuerySolutions)
    names = [variable.value for variable in results.variables]
    return names, sorted((tuple(None if row[n] is None else str(row[n]) for n in names) for row in results), key=str)


def expected(question: Question) -> tuple[list[str], list[Row]]:
    assert question.header.expected
    path = question.path.parent / question.header.expected
    return rows(ox.parse_query_results(path=str(path), format=ox.QueryResultsFormat.TSV))


def rdflib_rows(dataset: rdflib.Dataset, text: str) -> tuple[list[str], list[Row]]:
    result = dataset.query(text)
    names = [str(name) for name in result.vars or ()]
    found: Iterable[object] = result
    return names, sorted((tuple(_oxigraph(term) for term in row) for row in found), key=str)  # type: ignore[attr-defined]  # rows


def _oxigraph(term: rdflib.term.Node | None) -> str | None:
    if term is None:
        return None
    if isinstance(term, rdflib.Literal):
        if term.language:
            return str(ox.Literal(str(term), language=term.language))
        return str(ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or rdflib.XSD.string))))
    return str(ox.NamedNode(str(term)))


@pytest.mark.parametrize("name", QUESTIONS)
def test_oxigraph_gives_the_expected_result(store: ox.Store, name: str) -> None:
    assert rows(evaluation.evaluate(store, QUESTIONS[name].text)) == expected(QUESTIONS[name])
    assert expected(QUESTIONS[name])[1], "an example question that has no answer shows nothing"


@pytest.mark.parametrize("name", QUESTIONS)
def test_rdflib_gives_the_same(dataset: rdflib.Dataset, name: str) -> None:
    assert rdflib_rows(dataset, QUESTIONS[name].text) == expected(QUESTIONS[name])


def test_every_query_says_what_it_asks_in_both_languages() -> None:
    assert len(QUESTIONS) >= 12
    for question in QUESTIONS.values():
        header = question.header
        texts = [header.title, header.description, *(p.description for p in header.parameters.values())]
        assert all(set(text) == {"en", "ru"} and all(text.values()) for text in texts), question.name


def test_no_expected_result_is_left_over() -> None:
    assert {path.stem for path in (ROOT / "queries" / "expected").iterdir()} == set(QUESTIONS)


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


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("visits-by-office", {"visitor": "x"}, "no parameter 'visitor'; it has position, place"),
        ("visits-by-office", {"place": "a b"}, "takes an IRI or a key"),
        ("events-in-period", {"from": "1999-13"}, "no month or season 13"),
        ("events-in-period", {"from": "../1999"}, "open on that side"),
    ],
)
def test_bad_arguments_are_refused_with_a_reason(name: str, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        QUESTIONS[name].bind(arguments)


@given(st.text(max_size=40))
def test_no_argument_can_change_the_query(value: str) -> None:
    question = QUESTIONS["conflicting-claims"]
    store = ox.Store()
    text = question.bind({"language": value})
    before, after = question.text.split('"en"', 1)
    assert text.startswith(before.rstrip())
    assert text.endswith(after.lstrip())
    assert isinstance(evaluation.evaluate(store, text), ox.QuerySolutions)


@pytest.mark.parametrize("value", ["x> } SELECT * { ?s ?p ?o", "state/RUS }", 'x" y', "x\ny", "a{b}", "x\\u003e"])
def test_hostile_iris_are_refused(value: str) -> None:
    with pytest.raises(UsageError):
        QUESTIONS["visits-by-office"].bind({"place": value})


def test_a_header_that_is_wrong_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.rq").write_text("#+ title: {en: A\nASK {}", "utf-8")
    (tmp_path / "b.rq").write_text("#+ title: {en: B}\n#+ description: {}\n#+ surplus: 1\nASK {}", "utf-8")
    (tmp_path / "c.rq").write_text(
        "#+ title: {}\n#+ description: {}\n#+ parameters: {x: {type: iri, description: {}}}\nASK {}", "utf-8"
    )
    with pytest.raises(InputError) as raised:
        questions.load(tmp_path)
    assert [Path(p.where).name for p in raised.value.problems] == ["a.rq:2", "b.rq:1", "c.rq:1"]
    assert "has no default" in raised.value.problems[2].what


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


def test_from_in_a_query_is_heeded(store: ox.Store) -> None:
    text = "SELECT ?s FROM <https://w3id.org/relgraph/id/graph/reported> { ?s a rg:Content } LIMIT 1"
    assert len(rows(evaluation.evaluate(store, text))[1]) == 1


def test_a_query_that_cannot_be_parsed_says_where(store: ox.Store) -> None:
    with pytest.raises(QueryError, match="1:16"):
        evaluation.evaluate(store, "SELECT * WHERE ?s")
