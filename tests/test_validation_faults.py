"""Where a validation could reach the network, pass over what a shape asks for, or find what is not wrong."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode
from rdflib.plugins.sparql.parser import expandUnicodeEscapes

from relgraph.errors import InputError, Problem
from relgraph.findings import Finding, ordered
from relgraph.grammar import doubt, unescaped
from relgraph.lint import lint
from relgraph.lint import load_checks as load_lint
from relgraph.validation import Engine, check_files, core, load_checks, routing, validate
from relgraph.validation.graph import DataGraph
from relgraph.validation.outward import outward
from relgraph.vocabulary import SH
from test_bad_shapes import SHAPE, problems
from test_validation_engines import both, quads, shapes_of

ELSEWHERE = "SERVICE <http://localhost:1/> { ?s ?p ?o }"
#: An escaped quotation mark in a name, which is no beginning of a text.
HIDDEN = f"PREFIX ex: <urn:x:> SELECT $this {{ $this ex:a\\'b ?o . {ELSEWHERE} FILTER ('' = '') }}"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*given: object) -> NoReturn:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)


@pytest.mark.parametrize(
    ("query", "clause", "line"),
    [
        (HIDDEN, "SERVICE", 1),
        ("SELECT ?s {\n\t?s ?p ?o . FILTER EXISTS {\n\t\tservice silent ?x { ?a ?b ?c } } }", "SERVICE", 3),
        (f"SELECT ?s {{ {{ SELECT ?s {{ ?s ?p ?o MINUS {{ GRAPH ?g {{ {ELSEWHERE} }} }} }} }} }}", "SERVICE", 1),
        ("SELECT ?s { SERVICE <urn:a> { SERVICE <urn:b> { ?s ?p ?o } } }", "SERVICE", 1),
        (f"SELECT (EXISTS {{ {ELSEWHERE} }} AS ?s) {{}}", "SERVICE", 1),
        (f"SELECT ?s {{ ?s ?p ?o }} ORDER BY (EXISTS {{ {ELSEWHERE} }})", "SERVICE", 1),
        (f"SELECT ?s {{ ?s ?p ?o }} GROUP BY ?s HAVING (EXISTS {{ {ELSEWHERE} }})", "SERVICE", 1),
        (f"ASK {{ {ELSEWHERE} }}", "SERVICE", 1),
        (f"CONSTRUCT {{ ?s ?p ?o }} {{ {ELSEWHERE} }}", "SERVICE", 1),
        ("SELECT ?s { \\u0053ERVICE <urn:a> { ?s ?p ?o } }", "SERVICE", 1),
        ("SELECT ?s { ſervıce <urn:a> { ?s ?p ?o } }", "SERVICE", 1),
        ("SELECT ?s\nFROM <urn:a> { ?s ?p ?o }", "FROM", 2),
        ("ASK from named <urn:a> { ?s ?p ?o }", "FROM", 1),
        ("CONSTRUCT FROM <urn:a> WHERE { ?s ?p ?o }", "FROM", 1),
        ("# one\n#+ two\nDESCRIBE <urn:a> FROM <urn:b>", "FROM", 3),
        ("SELECT ?s { ?s ?p ?o\n. SERVICE", "", 2),
        ('SELECT ?s { ?s ?p "\\u0022 FROM" }', "", 1),
        ('SELECT ?s { ?s ?p "\\\\u0041 FROM" }', "", 1),
        # rdflib reads \U with four digits as an escape
        ('SELECT ?s { ?s ?p "C:\\\\users" } # \\\\U000A SERVICE <urn:a> {}', "", 1),
        ('SELECT ?s { ?s ?p "\\\\\\users from" }', "", 1),
        (f"SELECT ?s {{ ?s ?p ?o # \r {ELSEWHERE}\n}}", "", 1),
        ("SELECT ?s { " + "{" * 2_000 + ELSEWHERE + "}" * 2_000 + " }", "", 1),
    ],
)
def test_clauses_that_reach_beyond_the_data_are_recognised(query: str, clause: str, line: int) -> None:
    found = outward(query)
    assert found is not None
    assert (found.clause, found.line) == (clause, line)
    assert bool(found.reason) == (not clause)


@pytest.mark.parametrize(
    "query",
    [
        "# SERVICE FROM\nSELECT ?from { ?from <urn:SERVICE> 'SERVICE', \"FROM\", '''FROM \"SERVICE''' } # FROM",
        "PREFIX service: <urn:x:> SELECT $service { $service service:FROM ?from ; service:service\\'s 1 }",
        'SELECT ?s { ?s ?p "C:\\\\users from \\\\\\\\Users" }',
        "this is no query",
    ],
)
def test_the_words_alone_reach_nothing(query: str) -> None:
    assert outward(query) is None


PIECES = ["\\", "\\\\", "u", "U", "0041", "000A", "00", "\\u0041", "\\U00000041", "\\u005C", "\\U000A", "\r", "\n", '"', "s"]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_where_there_is_no_doubt_rdflib_reads_the_same(text: str) -> None:
    if doubt(text) is None:
        with contextlib.suppress(ValueError):  # a number that is too high, which it refuses
            assert expandUnicodeEscapes(text) == unescaped(text)


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize(
    "shapes",
    [
        f':s sh:target [ a sh:SPARQLTarget ; sh:select """{HIDDEN.replace(chr(92), chr(92) * 2)}""" ] ; sh:class :D .',
        f':s sh:targetClass :C ; sh:sparql [ sh:select """{HIDDEN.replace(chr(92), chr(92) * 2)}""" ] .',
        f':f a sh:SPARQLFunction ; sh:ask """ASK {{ {ELSEWHERE} }}""" .',
        f':f a sh:SPARQLFunction ; sh:select """SELECT ?x {{ {ELSEWHERE} }}""" .',
        f':c sh:parameter [ sh:path :q ] ; sh:validator [ sh:ask """ASK {{ {ELSEWHERE} }}""" ] .',
        f':r sh:rule [ sh:construct """CONSTRUCT {{ ?s ?p ?o }} {{ {ELSEWHERE} }}""" ] .',
        ':r sh:rule [ sh:update "LOAD <http://localhost:1/>" ] .',
        ":s sh:targetClass :C ; sh:sparql [ sh:prefixes :s ; sh:select 'SELECT $this { $this a :C } }' ] ; "
        f"sh:declare [ sh:prefix 'a' ; sh:namespace 'urn:x> SELECT $this {{ $this a <urn:C> . {ELSEWHERE} }} #' ] .",
    ],
)
def test_no_query_of_a_shapes_graph_reaches_the_network(shapes: str, engine: Engine) -> None:
    with pytest.raises(InputError, match=r"read nothing but the data"):
        validate(quads(":a a :C ; :p 1 ."), shapes_of(shapes), engine=engine)


def test_no_path_of_a_shape_opens_a_text_of_its_query() -> None:
    """pySHACL writes the path as owl:a'b into the query, which ends the text that holds the clause."""
    query = f"SELECT $this {{ $this ?p 'x $PATH . {ELSEWHERE} # ' }}"
    path = "<http://www.w3.org/2002/07/owl#a'b>"
    shapes = f':s sh:targetClass :C ; sh:property [ sh:path {path} ; sh:sparql [ sh:select "{query}" ] ] .'
    with pytest.raises(InputError, match=r"a query cannot name"):
        validate(quads(":a a :C ; :p 1 ."), shapes_of(shapes))


def test_a_path_that_runs_into_a_keyword_is_read_as_the_engine_reads_it() -> None:
    query = "SELECT $this { $this ?p $PATHSERVICE ; ?q 1 }"
    shapes = f':s sh:targetClass :C ; sh:property [ sh:path :p ; sh:sparql [ sh:select "{query}" ] ] .'
    with pytest.raises(InputError, match=r"may have SERVICE or FROM"):
        validate(quads(":a a :C ; :p 1 ."), shapes_of(shapes))


CHECK = """#+ name: {en: a check, ru: проверка}
#+ severity: Warning
#+ message: {en: "from here", ru: "отсюда"}
"""
LINT = CHECK.replace("severity: Warning", "level: WARN\n#+ from: us")


@pytest.mark.parametrize("clause", ["SERVICE", "FROM"])
def test_a_whole_graph_check_reaches_no_network(tmp_path: Path, clause: str) -> None:
    asks = {"SERVICE": HIDDEN.replace("$this", "?focus"), "FROM": "SELECT ?focus FROM <urn:a> { ?focus ?p ?o }"}
    (tmp_path / "x.rq").write_text(CHECK + "\n" + asks[clause], "utf-8")
    found: list[Problem] = []
    check_files(tmp_path, tmp_path, found)
    assert [problem.where for problem in found] == [f"{tmp_path / 'x.rq'}:5"]
    with pytest.raises(InputError, match=rf"x\.rq:5: .*{clause}"):
        validate(quads(":a :p 1 ."), shapes_of(""), load_checks(tmp_path, []))


def test_a_check_of_lint_reaches_no_network(tmp_path: Path) -> None:
    text = LINT + HIDDEN.replace("$this {", "?entity ?property ?value {")
    (tmp_path / "x.rq").write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"x\.rq:5: .*SERVICE"):
        lint([], load_lint(tmp_path, []))


def test_a_check_that_says_from_in_its_header_and_texts_runs(tmp_path: Path) -> None:
    (tmp_path / "x.rq").write_text(CHECK + 'SELECT ?focus { ?focus ?from ?o FILTER (?o != "FROM") } # SERVICE', "utf-8")
    assert len(validate(quads(":a :p 1 ."), shapes_of(""), load_checks(tmp_path, [])).findings) == 1


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ("sh:js [ sh:jsFunctionName 'f' ] .", "sh:js is not supported"),
        ("sh:expression [ sh:path :p ] .", "sh:expression is not supported"),
        ("sh:nodeByExpression [ sh:path :p ] .", "sh:nodeByExpression is not supported"),
        ("sh:target [ a sh:JSTarget ; sh:jsFunctionName 'f' ] .", "a target in JavaScript is not supported"),
        ("sh:or () .", "sh:or is an empty list"),
        ("sh:and () .", "sh:and is an empty list"),
        ("sh:xone () .", "sh:xone is an empty list"),
        ("sh:path :p ; sh:qualifiedValueShape [ sh:class :D ] .", "sh:qualifiedValueShape has neither sh:qualifiedMinCount nor "),
        ("sh:path :p ; sh:qualifiedMaxCount 1 .", "sh:qualifiedMaxCount has no sh:qualifiedValueShape"),
        ("sh:path :p ; sh:minCount -1 .", 'sh:minCount is "-1", which is less than 0'),
        ("sh:maxLength -3 .", 'sh:maxLength is "-3", which is less than 0'),
        (f"sh:path :p ; sh:maxCount 1{'0' * 5_000} .", "which has more than 18 digits"),
        ("sh:path :p ; sh:minCount '٣'^^xsd:integer .", "which is no integer"),
        ("sh:closed 'TRUE'^^xsd:boolean .", 'sh:closed is "TRUE", which is neither true nor false'),
        ("sh:deactivated 'yes'^^xsd:boolean .", 'sh:deactivated is "yes", which is neither true nor false'),
    ],
)
def test_what_no_engine_would_heed_is_refused_with_its_line(tmp_path: Path, shapes: str, said: str) -> None:
    found = problems(tmp_path, SHAPE + shapes)
    assert any(problem.startswith("5: ") and said in problem for problem in found), found


def test_an_empty_list_of_values_and_a_count_of_nought_are_fine() -> None:
    shapes = ":s sh:targetClass :C ; sh:in () ; sh:closed false ; sh:property [ sh:path :p ; sh:maxCount 0 ; sh:minCount 0 ] ."
    found = both(quads(":a a :C ; :p 1 ."), shapes_of(shapes)).findings
    assert {finding.component for finding in found} == {component("In"), component("MaxCount")}


def component(name: str) -> NamedNode:
    return NamedNode(f"{SH}{name}ConstraintComponent")


def test_a_closed_property_shape_is_about_its_values() -> None:
    shapes = shapes_of(":s sh:targetNode :a ; sh:path :p ; sh:closed true .")
    assert both(quads(":a :p :b ."), shapes).findings == ()
    (finding,) = both(quads(":a :p :b . :b :q :c ."), shapes).findings
    assert (finding.path, finding.value) == ("urn:x:q", NamedNode("urn:x:c"))


MIXED = """
:s sh:targetClass :C ; sh:closed true ; sh:ignoredProperties ( :q rdf:type ) ; sh:pattern "^urn:x:[a-c]$" ; sh:flags "i" ;
   sh:sparql [ sh:select "SELECT $this ?value { $this <urn:x:p> ?value FILTER (?value > 5) }" ] ;
   sh:property [ sh:path :p ; sh:maxCount 1 ] , [ sh:path :q ; sh:minCount 2 ; sh:property :deep ] .
:deep sh:path :r ; sh:minCount 1 ; sh:sparql [
   sh:message "none"@en ; sh:select "SELECT $this { FILTER NOT EXISTS { $this $PATH ?any } }" ] .
"""
BEHIND = """
:t sh:targetClass :C ; sh:not [ sh:property :large ] ; sh:nodeKind sh:Literal .
:large sh:path :p ; sh:minCount 1 ; sh:sparql [ sh:select "SELECT $this ?value { $this $PATH ?value FILTER (?value > 5) }" ] .
"""
MIXED_DATA = ":a a :C ; :p 1 , 7 ; :q :b ; :z 3 . :b :x 1 . :c a :C ; :p 2 ; :q :b , :d . :d :r 1 . :e a :C ; :q :d , :c ."


@pytest.mark.parametrize("shapes", [MIXED, BEHIND, MIXED + BEHIND])
def test_constraints_beside_those_of_sparql_are_found_by_every_engine(shapes: str) -> None:
    rdf = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
    assert len(both(quads(MIXED_DATA), shapes_of(rdf + shapes)).findings) > 2


def test_only_what_decides_no_other_shape_is_checked_apart() -> None:
    rdf = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
    shapes = shapes_of(rdf + MIXED + BEHIND)
    routes = routing.route(shapes)
    assert routes.core == ()
    apart = routing.split(shapes, routes.other)
    assert apart.mixed == (NamedNode("urn:x:s"),)
    assert apart.other == (NamedNode("urn:x:t"),)
    left = {triple.predicate.value.removeprefix(SH) for triple in apart.queries.triples}
    assert left.isdisjoint({"closed", "ignoredProperties", "pattern", "flags", "maxCount", "minCount", "not", "nodeKind"})
    assert left >= {"sparql", "select", "property", "path", "message"}


def test_constraints_beside_those_of_sparql_do_not_go_to_pyshacl() -> None:
    shape = ":s sh:targetNode :a ; sh:property [ sh:path :p ; sh:minInclusive 0 ] "
    query = "; sh:sparql [ sh:select 'SELECT $this { $this <urn:x:none> 1 }' ] "
    data = quads(":a :p 9223372036854775808 , 1.00000000000000000001 , -1 .")
    (finding,) = validate(data, shapes_of(shape + query + ".")).findings
    assert finding.value == Literal(-1)


def test_two_queries_of_a_shape_without_messages_are_two_findings() -> None:
    query = "sh:sparql [ sh:select 'SELECT $this { $this <urn:x:p> %d }' ]"
    shapes = shapes_of(f":s sh:targetClass :C ; {query % 1} ; {query % 2} .")
    found = both(quads(":a a :C ; :p 1 , 2 ."), shapes).findings
    assert len(found) == len({finding.constraint for finding in found}) == 2
    assert len({finding.message() for finding in found}) == 1


def test_findings_are_told_apart_by_what_they_rest_on() -> None:
    plain = Finding("check", NamedNode(SH + "Violation"), NamedNode("urn:x:a"), {"en": "Wrong."})
    triple = quads(":a :p 1 .")[0].triple
    others = [
        Finding(**{**vars(plain), **more})
        for more in ({"constraint": NamedNode("urn:x:c")}, {"axiom": ":A owl:disjointWith :B ."}, {"statements": (triple,)})
    ]
    assert len(ordered([plain, *others, plain, *others])) == 4


def test_shapes_that_share_their_parts_are_looked_at_once() -> None:
    """Thirty layers of two property shapes, each with both of the next: a way through them for every subset."""
    layers = "".join(
        f":s{i}{side} sh:path {path} ; sh:minCount 1 ; sh:property :s{i + 1}a , :s{i + 1}b .\n"
        for i in range(30)
        for side, path in (("a", ":p"), ("b", ":q"))
    )
    last = ":s30a sh:path :r ; sh:minCount 1 . :s30b sh:path :p ."
    shapes = shapes_of(f":s sh:targetNode :a ; sh:property :s0a , :s0b .\n{layers}{last}")
    data = DataGraph(quad.triple for quad in quads(":a :p :a , :b ; :q :b . :b :p :a ; :q :a , :c ."))
    found = core.results(data, shapes, [NamedNode("urn:x:s")])
    assert len(found) == len(set(map(str, found)))
    # :c has neither :p nor :q from the second layer on, and nothing has :r
    assert {str(result.focus) for result in found if result.shape == NamedNode("urn:x:s30a")} == {
        "<urn:x:a>", "<urn:x:b>", "<urn:x:c>"
    }  # fmt: skip


NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30).map(lambda number: (number, f"{number}", "integer")),
    st.integers(0, 2**64 - 1).map(lambda number: (number, f"+0{number}", "unsignedLong")),
    st.decimals(allow_nan=False, allow_infinity=False, places=25, min_value=-100, max_value=100).map(
        lambda number: (number, f"{number:f}", "decimal")
    ),
)


@given(NUMBERS, NUMBERS)
def test_numbers_are_compared_however_long_they_are(one: tuple[object, str, str], other: tuple[object, str, str]) -> None:
    (a, first, kind), (b, second, sort) = one, other
    data = quads(f':a :p "{first}"^^xsd:{kind} ; :q "{second}"^^xsd:{sort} .')
    limit = f'"{second}"^^xsd:{sort}'
    shapes = shapes_of(
        f":s sh:targetNode :a ; sh:path :p ; sh:minInclusive {limit} ; sh:maxExclusive {limit} ; sh:lessThan :q . "
        ":t sh:targetNode :a ; sh:path :p ; sh:lessThanOrEquals :q ."
    )
    found = {finding.component for finding in validate(data, shapes).findings}
    expected = {component("MinInclusive")} if a < b else {component("MaxExclusive"), component("LessThan")}  # type: ignore[operator]
    if a > b:  # type: ignore[operator]
        expected.add(component("LessThanOrEquals"))
    assert found == expected


@pytest.mark.parametrize("engine", Engine)
def test_values_are_compared_as_they_are_written(engine: Engine) -> None:
    data = quads(":a :p '007'^^xsd:integer ; :q 5 . :b :p 9223372036854775808 ; :q 9223372036854775809 .")
    shapes = shapes_of(":s sh:targetSubjectsOf :p ; sh:path :p ; sh:lessThan :q .")
    (finding,) = validate(data, shapes, engine=engine).findings
    assert finding.value == Literal("007", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
