"""No value of a parameter can change a query: it becomes one term between the braces of its VALUES clause, or is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import rdflib
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store
from pyparsing import ParseResults
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import expandUnicodeEscapes, parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from relgraph import evaluation, naming, questions, services
from relgraph.errors import RelgraphError, UsageError
from relgraph.questions import Question
from relgraph.release import Release
from relgraph.serving.app import Application
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource
from relgraph.vocabulary import ID, PREFIXES

ROOT = Path(__file__).parents[1]
ALL = questions.load_all(ROOT / "queries")

HOSTILE = [
    '"', "'", "}", "{", "<", ">", "\\", "#", "\n", "\r", "\0", "\t", '"""', "'''", "\\u003E", "\\U0000003E", "%3E", "\U0001d11e",
    "> } DELETE WHERE { ?s ?p ?o } #", '" } DELETE { ?s ?p ?o', "} UNION { ?s ?p ?o", "VALUES ?place { <x:y> }", "?actor", "$x",
    "place/moscow } #", "place/moscow> <x:y", "\\u007D", "\\", "\\\\", "@en", "^^xsd:integer", "\ufeff",
    "SERVICE <http://e.org/> { }", "\u2028", "x" * 60_000,
    "1999-01-01T00:00:00\"^^xsd:dateTime } #", "../..", "CALL", "ЁЖ \u202e", "\ufffe",
]  # fmt: skip
values = st.one_of(
    st.text(max_size=60), st.sampled_from(HOSTILE), st.lists(st.sampled_from(HOSTILE[:-5]), max_size=4).map("".join)
)


def algebra(query: str) -> list[object]:
    """The algebra of a query, as rdflib has it, flattened: names of nodes and of their parts, and terms."""

    def flat(node: object) -> Iterator[object]:
        if isinstance(node, CompValue):
            yield node.name
            for key in sorted(node):
                yield key
                yield from flat(node[key])
        elif isinstance(node, Mapping):
            for key in sorted(node, key=str):
                yield from (key, *flat(node[key]))
        elif isinstance(node, list | tuple | ParseResults):
            yield len(node)
            for part in node:
                yield from flat(part)
        elif isinstance(node, set | frozenset):
            yield sorted(map(str, node))
        else:
            yield node

    found = translateQuery(parseQuery(expandUnicodeEscapes(query)), base=ID, initNs=dict(PREFIXES)).algebra
    return list(flat(found))


def term_between_braces(term: str) -> object:
    """The one term that stands between the braces of a VALUES clause, as Oxigraph reads it."""
    (row,) = Store().query(f"SELECT ?x {{ VALUES ?x {{ {term} }} }}")  # type: ignore[misc]  # a SELECT of one row
    return row[0]


@pytest.mark.parametrize("name", [name for name, question in ALL.items() if question.header.parameters])
@settings(max_examples=40)
@given(data=st.data())
def test_a_value_becomes_one_term_or_is_refused(name: str, data: st.DataObject) -> None:
    question = ALL[name].without_header()
    own = data.draw(st.sampled_from(sorted(question.header.parameters)))
    value = data.draw(values)
    try:
        pieces = question.pieces({own: value})
    except UsageError:
        return
    plain = question.pieces({})
    assert len(plain) == 1
    before, term, after = pieces
    # nothing of the text changes but what stands between the braces of this parameter
    default = str(plain[0])[len(str(before)) : len(str(plain[0])) - len(str(after))]
    assert plain[0] == f"{before}{default}{after}"
    assert "{" not in default
    assert "}" not in default
    if isinstance(term, naming.Name):
        assert term.text == value
        for iri in naming.iris(value.strip()):
            try:
                node = NamedNode(iri)
            except ValueError:
                continue
            assert term_between_braces(str(node)) == node
        return
    read = term_between_braces(term)
    assert isinstance(read, Literal)
    if question.header.parameters[own].type == "string":
        assert read == Literal(value)
    assert evaluation.evaluate(Store(), services.resolve(f"{before}{term}{after}", None)) is not None


HARMLESS = {"iri": "place/x", "dateTime": "2001", "string": "en"}


@pytest.mark.parametrize("name", [name for name, question in ALL.items() if question.header.parameters])
@settings(max_examples=5)
@given(data=st.data())
def test_the_algebra_is_the_same_but_for_the_term(name: str, data: st.DataObject) -> None:
    question = ALL[name].without_header()
    own = data.draw(st.sampled_from(sorted(question.header.parameters)))
    kind = question.header.parameters[own].type
    good = {"iri": st.sampled_from(["a:b", "place/'x'", "x/$&#?y=(1)", "мир/№1", "p/𝄞", "rg:x", "urn:x:;,."]), "string": values}
    value = data.draw(st.one_of(good.get(kind, st.sampled_from(["1999-05", "2001-21", "-0044"])), values))
    try:
        bound = question.bind({own: value})
    except UsageError:
        return
    ours, theirs = algebra(bound), algebra(question.bind({own: HARMLESS[kind]}))
    assert len(ours) == len(theirs)
    others = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    assert all(isinstance(one, rdflib.URIRef | rdflib.Literal) and isinstance(other, type(one)) for one, other in others)
    assert len(others) <= 1


ANY_TEXT = "SELECT ?x { ?s ?p ?o VALUES ?a { <x:a> } VALUES ?s { \"a\" } VALUES ?b { <x:b> } FILTER(?o != '}') } # VALUES"
HEADER = {
    "title": {"en": "A", "ru": "А"}, "description": {"en": "B", "ru": "Б"},
    "parameters": {
        name: {"type": kind, "description": {"en": "X", "ru": "Х"}}
        for name, kind in (("a", "iri"), ("s", "string"), ("b", "iri"))
    },
}  # fmt: skip
FREE = Question("free", Path("free.rq"), questions.Header.model_validate(HEADER), ANY_TEXT)


@given(values, values, values)
def test_values_of_several_parameters_stay_apart(a: str, s: str, b: str) -> None:
    """The bound query has the algebra of the query as it stands, but for the three terms."""
    given = {"a": a, "s": s, "b": b}
    try:
        text = FREE.bind(given)
    except UsageError:
        return
    terms = {"s": Literal(s), "a": FREE.resources(given)["a"], "b": FREE.resources(given)["b"]}
    for name, term in terms.items():
        assert f"VALUES ?{name} {{ {term} }}" in text
    again = FREE.bind({"a": "x:1", "s": "x:2", "b": "x:3"})
    for term, plain in ((terms["s"], '"x:2"'), (terms["a"], "<x:1>"), (terms["b"], "<x:3>")):
        text = text.replace(f"{{ {term} }}", f"{{ {plain} }}", 1)
    assert text == again
    store = Store()
    store.update("INSERT DATA { <x:s> <x:p> 1 }")
    assert evaluation.evaluate(store, FREE.bind(given)) is not None
    assert len(store) == 1


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(("name", "parameter"), [("visits-by-office", "place"), ("events-in-period", "from"), ("free", "s")])
def test_hostile_values_over_http_are_answered_or_refused(
    release: Release, hostile: TestClient, name: str, parameter: str, value: str
) -> None:
    for form in ("json", "csv", "parquet", "html"):
        answer = hostile.get(f"/queries/{name}", params={parameter: value, "format": form})
        assert answer.status_code in (200, 400, 414), answer.text
        assert len(answer.text) < 200_000 or form == "html"
        assert answer.headers["relgraph-release"] == release.id


@pytest.fixture(scope="module")
def hostile(release: Release) -> Iterator[TestClient]:
    """A client of a server with a query that takes any text."""
    chosen = Settings(workers=1, client_seconds=0, log="off")
    with TestClient(Application(ReleaseSource(release.path, {**ALL, "free": FREE}), chosen, {})) as client:
        yield client


@pytest.mark.parametrize("value", ["\\u0022 }", "C:\\users", "\udcff"])
def test_a_text_that_engines_read_in_different_ways_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="the parameter s of free"):
        FREE.bind({"s": value})


@pytest.mark.parametrize("name", [*sorted(questions.RESERVED), "1x", "a-b", "имя"])
def test_a_parameter_cannot_have_the_name_of_an_option(tmp_path: Path, name: str) -> None:
    parameter = f"#+ parameters: {{{name}: {{type: iri, description: {{en: X, ru: Х}}}}}}\n"
    header = "#+ title: {en: A, ru: А}\n#+ description: {en: B, ru: Б}\n"
    (tmp_path / "a.rq").write_text(f"{header}{parameter}ASK {{ VALUES ?{name} {{ <x:y> }} }}", "utf-8")
    with pytest.raises(RelgraphError, match=f"a parameter cannot be called '{name}'"):
        questions.load(tmp_path)
