"""Parameters of queries are terms, whatever is in them: nothing that is given can change what is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import assume, example, given
from hypothesis import strategies as st

import relgraph
from relgraph import Dataset, DateRange, Resource, Text, Typed
from relgraph.api.parameters import bind
from relgraph.api.terms import python, term
from relgraph.api.tokens import tokens, variables
from relgraph.errors import UsageError
from relgraph.rdflibgraph import oxigraph_term

P = "urn:p"
HOSTILE = [
    '" } ; DROP ALL #', "'''", '"""', "\\", "\\\\", '\\"', "\\u0022 } #", "\\U00000022", "\\\\u0022", "C:\\users", "\r\n} #",
    "?x $x", "<urn:x>", "> . ?s ?p ?o", "\0\x01\x7f", "\u2028", "\ufeff", "😀", "} UNION { ?s ?p ?o", "SERVICE <urn:x> {}",
    "service", "VALUES ?x {}", "{", "@en", "^^<urn:x>", "# ?x",
]  # fmt: skip
_LIKELY = st.sampled_from("\\uU0022\"'{}?x #\n<>.\x01")
texts = st.one_of(st.sampled_from(HOSTILE), st.text(alphabet=_LIKELY, max_size=20), st.text())


class Word(str, Enum):  # noqa: UP042  # StrEnum has another str()
    """A text whose own str() is another."""

    ONE = "one"
    HALF = "ab\ud800"


@pytest.fixture(scope="module")
def ds(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    data = tmp_path_factory.mktemp("data") / "data.ttl"
    data.write_text("<urn:x> <urn:p> 0 , 1 , 2 . <urn:y> <urn:p> 9 .", "utf-8")
    return relgraph.open(data)


@given(text=texts)
@example(text="\\u0022 } #")
def test_any_text_comes_back_as_it_was_given(text: str, ds: Dataset) -> None:
    assume(not any(0xD800 <= ord(c) <= 0xDFFF for c in text))
    assert ds.select("SELECT ?x (STR(?x) AS ?s) {}", x=text).first.asdict() == {"x": text, "s": text}
    assert ds.select("SELECT ?x {}", x=Text(text, "ru")).first.x == text
    assert not ds.ask("ASK { ?s <urn:p> ?x }", x=text)


@given(text=texts)
@example(text="\\u0022 } #")
@example(text="\\\\u0022")
@example(text="\x0111234")
def test_an_engine_that_decodes_escapes_first_reads_the_same(text: str) -> None:
    """rdflib decodes codepoint escapes before it looks for the end of a text, as SPARQL 1.1 section 19.2 has it."""
    assume(not any(0xD800 <= ord(c) <= 0xDFFF for c in text))
    query = bind("SELECT ?x { BIND(?x AS ?y) }", {"x": ox.Literal(text)})
    (row,) = rdflib.Graph().query(query)
    assert isinstance(row, rdflib.query.ResultRow)
    assert oxigraph_term(row["x"]) == ox.Literal(text)


@given(name=texts)
def test_an_iri_is_one_or_is_refused(name: str, ds: Dataset) -> None:
    for make in (relgraph.iri, Resource, lambda text: Typed("x", text)):
        try:
            value: Any = make("urn:" + name)
            found = ds.select("SELECT ?x {}", x=value).first.x
        except UsageError:
            continue
        assert found == value


@given(language=st.text(max_size=12))
def test_a_language_is_one_or_is_refused(language: str, ds: Dataset) -> None:
    try:
        found = ds.select("SELECT ?x {}", x=Text("a", language)).first.x
    except UsageError:
        return
    assert found == "a"


VALUES: list[object] = [
    0, -7, 2**63 - 1, True, False, 1.5, float("inf"), Decimal("1.50"), Decimal("1E-7"), date(2001, 2, 3),
    datetime(2001, 2, 3, 4, 5, 6),
    datetime(2001, 2, 3, 4, 5, 6, 789, tzinfo=UTC), datetime(2001, 2, 3, tzinfo=timezone(timedelta(hours=3))), Resource("urn:a"),
    Typed("P3M", "http://www.w3.org/2001/XMLSchema#duration"), "text",
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_as_they_were_given(value: object, ds: Dataset) -> None:
    found = ds.select("SELECT ?x {}", x=value).first.x
    assert found == value
    assert type(found) is type(value)
    assert python(term(value)) == value


def test_terms_of_other_libraries_are_taken_as_they_are() -> None:
    assert term(rdflib.URIRef("urn:a")) == term(ox.NamedNode("urn:a")) == ox.NamedNode("urn:a")
    assert term(rdflib.Literal("a", lang="en")) == ox.Literal("a", language="en")
    assert term(DateRange("2001/..")) == ox.Literal("2001/..")


@pytest.mark.parametrize(
    "value",
    [None, [], {}, object(), b"a", 1j, "\ud800", Decimal("NaN"), relgraph.Blank("_:b0"), ox.BlankNode(), rdflib.BNode()],
    ids=lambda value: type(value).__name__,
)
def test_what_no_term_stands_for_is_refused(value: object, ds: Dataset) -> None:
    with pytest.raises(UsageError, match="the parameter x"):
        ds.query("SELECT ?x {}", x=value)


@pytest.mark.parametrize("value", ["ab\ud800", Text("ab\udfff", "en"), Typed("ab\ud800", "urn:t"), Word.HALF], ids=ascii)
def test_half_a_character_is_called_what_it_is(value: str, ds: Dataset) -> None:
    with pytest.raises(UsageError, match=r"the parameter x is not valid Unicode: character 2 is a lone surrogate \(U\+D[8F]"):
        ds.query("SELECT ?x {}", x=value)
    with pytest.raises(UsageError, match="the query is not valid Unicode: character 7 is"):
        ds.query("ASK { '\ud800' a ?x }")
    assert ds.select("SELECT ?x {}", x="ab😀").first.x == "ab😀"


def test_scalars_of_data_frames_are_what_they_are_to_python() -> None:
    numpy = pytest.importorskip("numpy")
    scalars = [numpy.float64(1.5), numpy.int64(3), numpy.bool_(True), numpy.str_("a")]
    assert [term(value) for value in scalars] == [term(1.5), term(3), term(True), term("a")]
    assert term(Word.ONE) == ox.Literal("one")


def test_a_name_that_is_no_variable_is_refused_with_those_there_are(ds: Dataset) -> None:
    with pytest.raises(UsageError, match=r"no variable \?z .* it has \?s, \?o"):
        ds.query("SELECT ?s { ?s <urn:p> ?o } # ?z", z=1)
    with pytest.raises(UsageError, match="it has none"):
        ds.query("ASK {}", z=1)


def test_a_day_is_not_compared_with_moments(ds: Dataset) -> None:
    query = "SELECT ?v { ?v rg:time/rg:earliest ?e FILTER(?e > ?day) }"
    with pytest.raises(UsageError, match=r'DateRange\("2001-02-03"\)\.earliest'):
        ds.query(query, day=date(2001, 2, 3))
    assert len(ds.select(query, day=datetime(2001, 2, 3))) == 0


X, Y, ONE = ox.NamedNode("urn:x"), ox.NamedNode("urn:y"), ox.Literal(1)
#: Queries, parameters, and what the same query gives with the terms written into it by hand.
PLACES: list[tuple[str, dict[str, Any], str]] = [
    ("SELECT ?o { ?s <urn:p> ?o }", {"s": Y}, "SELECT ?o { <urn:y> <urn:p> ?o }"),
    ("SELECT ?s ?o { ?s <urn:p> ?o }", {"s": Y}, "SELECT ?s ?o { <urn:y> <urn:p> ?o BIND(<urn:y> AS ?s) }"),
    ("SELECT ?s { ?s <urn:p> ?o FILTER(?o > ?m) }", {"m": ONE}, "SELECT ?s { ?s <urn:p> ?o FILTER(?o > 1) }"),
    ("SELECT ?s { { ?s <urn:p> ?o FILTER(?o > ?m) } }", {"m": ONE}, "SELECT ?s { ?s <urn:p> ?o FILTER(?o > 1) }"),
    (
        "SELECT ?s { { SELECT ?s { ?s <urn:p> ?o FILTER(?o > $m) } ORDER BY ?s LIMIT 1 } }", {"m": ONE},
        "SELECT ?s { { SELECT ?s { ?s <urn:p> ?o FILTER(?o > 1) } ORDER BY ?s LIMIT 1 } }",
    ),
    ("SELECT ?s { SELECT ?s { ?s <urn:p> ?m } }", {"m": ONE}, "SELECT ?s { ?s <urn:p> 1 }"),
    ("SELECT ?s { ?s <urn:p> ?o MINUS { ?s <urn:p> ?m } }", {"m": ONE}, "SELECT ?s { ?s <urn:p> ?o MINUS { ?s <urn:p> 1 } }"),
    (
        "SELECT ?s { ?s <urn:p> ?o FILTER NOT EXISTS { ?s <urn:p> ?m } }", {"m": ONE},
        "SELECT ?s { ?s <urn:p> ?o FILTER NOT EXISTS { ?s <urn:p> 1 } }",
    ),
    ("SELECT ?s { ?s <urn:p> ?o OPTIONAL { ?s <urn:q> ?m } }", {"m": ONE}, "SELECT ?s { ?s <urn:p> ?o }"),
    (
        "SELECT ?s (SUM(?o) AS ?n) { ?s <urn:p> ?o } GROUP BY ?s HAVING(SUM(?o) > ?m) ORDER BY (?o = ?m)", {"m": ox.Literal(4)},
        "SELECT ?s (SUM(?o) AS ?n) { ?s <urn:p> ?o } GROUP BY ?s HAVING(SUM(?o) > 4)",
    ),
    (
        "SELECT ?s (COUNT(*) AS ?n) { ?s <urn:p> ?o } GROUP BY ?s", {"s": X},
        "SELECT ?s (COUNT(*) AS ?n) { ?s <urn:p> ?o FILTER(?s = <urn:x>) } GROUP BY ?s",
    ),
    ("SELECT (?m + 1 AS ?n) { ?s <urn:p> ?m }", {"m": ONE}, "SELECT (2 AS ?n) { ?s <urn:p> 1 }"),
    ("SELECT ?s { ?s <urn:p> ?o FILTER(BOUND(?m)) }", {"m": ONE}, "SELECT ?s { ?s <urn:p> ?o }"),
    ("SELECT ?s { ?s <urn:p> ?o FILTER(!BOUND(?m)) }", {"m": ONE}, "SELECT ?s { FILTER(false) }"),
    (
        "SELECT ?s # ?m {\n{ ?s <urn:p> ?o FILTER('?m' != \"\"\"?m \" ?m\"\"\" && ?o = ?m) }", {"m": ONE},
        "SELECT ?s { ?s <urn:p> 1 }",
    ),
    ("CONSTRUCT { ?s <urn:q> ?m } { ?s <urn:p> ?m }", {"s": Y}, "CONSTRUCT { <urn:y> <urn:q> ?m } { <urn:y> <urn:p> ?m }"),
    (
        "CONSTRUCT { ?s <urn:q> ?m } FROM <urn:none> { ?s <urn:p> ?m }", {"s": Y},
        "CONSTRUCT { ?s <urn:q> ?m } FROM <urn:none> { ?s <urn:p> ?m }",
    ),
    ("SELECT ?s { ?s <urn:p> ?o . VALUES ?o { 1 2 } FILTER(?o = ?m) }", {"m": ONE}, "SELECT ?s { ?s <urn:p> 1 }"),
    (
        "SELECT ?s (IF(EXISTS { ?s <urn:p> ?m }, 2, 0) AS ?n) { ?s <urn:p> ?o FILTER(?o = ?m) }", {"m": ONE},
        "SELECT ?s (2 AS ?n) { ?s <urn:p> 1 }",
    ),
    (
        "SELECT ?s (EXISTS { ?s <urn:p> ?m } AS ?n) { ?s <urn:p> 0 } ORDER BY (EXISTS { ?s <urn:p> ?m })", {"m": ONE},
        "SELECT ?s (true AS ?n) { ?s <urn:p> 0 }",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "parameters", "same"), PLACES, ids=[query for query, *_ in PLACES])
def test_a_parameter_stands_for_its_value_everywhere(query: str, parameters: Mapping[str, Any], same: str, ds: Dataset) -> None:
    def rows(result: Any) -> list[str]:
        return sorted(repr(row) for row in result)

    assert rows(ds.query(query, **parameters)) == rows(ds.query(same))


@pytest.mark.parametrize("clause", ["WHERE", "", "FROM <urn:g> WHERE", "FROM <urn:g>", "FROM NAMED <urn:g>"])
def test_the_pattern_of_a_construct_is_found_with_and_without_its_word(clause: str) -> None:
    query = f"CONSTRUCT {{ ?s <urn:q> ?o }} {clause} {{ ?s <urn:p> ?o }}"
    assert bind(query, {"s": Y}).endswith("{ VALUES ?s { <urn:y> }   <urn:y>  <urn:p> ?o }")


def test_what_may_be_an_iri_or_two_comparisons_is_refused(ds: Dataset) -> None:
    """The grammar reads the longest token, an IRI (SPARQL 1.1, section 19.8); some engines read two comparisons."""
    for query in ("SELECT ?o { ?s <urn:p> ?o FILTER(?o<?m&&?m>?o) }", "SELECT ?o { ?s <urn:p> ?o , ?m FILTER(?o<$m&&1>?o) }"):
        with pytest.raises(UsageError, match="may be an IRI"):
            ds.query(query, m=1)
    assert ds.ask("ASK { ?s <urn:p> ?o FILTER(?o < ?m && ?m > ?o) }", m=1)
    assert not ds.ask("ASK { ?s <urn:p?mx=1> ?m }", m=1)


def test_in_graphs_and_questions_too(ds: Dataset) -> None:
    made = ds.construct("CONSTRUCT { ?s <urn:q> ?o } WHERE { ?s <urn:p> ?o }", s=Y)
    assert made.serialize("ntriples") == '<urn:y> <urn:q> "9"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    assert len(ds.construct("CONSTRUCT WHERE { ?s <urn:p> ?o }", s=X)) == 3
    assert len(ds.construct("DESCRIBE ?s", s=X)) == len(ds.construct("DESCRIBE ?s { ?s <urn:p> ?o }", s=X)) == 3
    assert ds.ask("ASK { ?s <urn:p> 9 }", s=Y)
    assert not ds.ask("ASK { ?s <urn:p> 9 }", s=X)


def test_a_parameter_can_be_what_is_searched_for(ds: Dataset, tmp_path: Path) -> None:
    data = tmp_path / "names.ttl"
    data.write_text('<urn:m> <http://www.w3.org/2004/02/skos/core#prefLabel> "Москва"@ru .', "utf-8")
    query = "SELECT ?x { SERVICE search:index { ?x search:query ?words } }"
    with relgraph.open(data) as names:
        assert [row.x for row in names.select(query, words="в Москве".removeprefix("в "))] == ["urn:m"]
        assert len(names.select(query, words="} SERVICE <urn:evil> {")) == 0


@pytest.mark.parametrize(
    "query", ["SELECT ?x { BIND(1 AS ?x) }", "SELECT ?x { VALUES ?x { 1 } }", "SELECT ?x {} VALUES (?x) { (1) }"]
)
def test_a_variable_that_the_query_gives_values_to_is_no_parameter(query: str, ds: Dataset) -> None:
    with pytest.raises(UsageError, match=r"the query itself gives \?x"):
        ds.query(query, x=2)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (r"SELECT ?a { ?b ex:c\?d ?e . _:b rg:x? ?f }", ["a", "b", "e", "f"]),
        ('SELECT * { ?a (rg:x)?b \'?c\' , <http://e/?d> , "?e\\"?f" }', ["a", "b"]),
        ("ASK { FILTER(?a<?b && ?c>?d) } # ?e", ["a", "b", "c", "d"]),
        ("ASK { ?а_1 $б ex:a#b?c\n ?d }", ["а_1", "б", "d"]),
        ('ASK { """ ?a " \\""" ?b """ ?c \'\'\' ?d \'\' ?e \'\'\' }', ["c"]),
    ],
)
def test_variables_are_told_from_what_looks_like_them(query: str, names: list[str]) -> None:
    assert variables(query) == names


@given(text=st.text(alphabet=st.sampled_from("?$x<>\"'#\\{}()_: \n.a1"), max_size=40))
def test_tokens_are_in_order_and_apart(text: str) -> None:
    last = 0
    for token in tokens(text):
        assert token.start >= last
        assert text[token.start : token.end] == token.text
        last = token.end


def test_binding_twice_is_binding_at_once() -> None:
    once: Callable[[str], str] = lambda query: bind(query, {"s": X, "m": ONE})  # noqa: E731
    query = "SELECT * { ?s <urn:p> ?m }"
    assert "?s <" not in once(query)
    assert bind(query, {}) == query
