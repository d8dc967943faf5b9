"""SERVICE in queries: it is recognised where the engine would see it, and its answer stands in for it exactly."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from collections.abc import Mapping

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relgraph.errors import BudgetError, EndpointError, ForbiddenError, QueryError, RelgraphError
from relgraph.federation import (
    MAX_CLAUSES,
    NOTHING_BOUND,
    Service,
    Solutions,
    clauses,
    decoded,
    may_federate,
    replaced,
    solutions,
)
from relgraph.searchclause import INDEX, SearchRequest, search_request
from relgraph.vocabulary import ID, PREFIXES

CLAUSE = "SERVICE <https://x.example/sparql> { ?s ?p ?o }"
EX = "http://ex.example/"


def found(query: str) -> list[Service]:
    return clauses(query, PREFIXES, ID)


def only(query: str) -> Service:
    (service,) = found(query)
    return service


def sent_out(query: str) -> bool | None:
    """Whether the engine tries to ask a service (of a scheme that it has no client for); None for a syntax error."""
    try:
        results = ox.Store().query(query)
        assert isinstance(results, ox.QuerySolutions)
        list(results)
    except SyntaxError:
        return None
    except (OSError, RuntimeError) as error:
        return "scheme" in str(error) or "service name" in str(error)
    return False


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ {CLAUSE} }}",
        f"SELECT * {{ {CLAUSE.lower()} }}",
        "SELECT * { SeRvIcE<https://x.example/sparql>{ ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <https://x.example/sparql> { ?s ?p ?o } }",
        "PREFIX x: <https://x.example/> SELECT * { SERVICE x:sparql { ?s ?p ?o } }",
        "PREFIX : <https://x.example/sparql> SELECT * { SERVICE : { ?s ?p ?o } }",
        "BASE <https://x.example/> SELECT * { SERVICE <sparql> { ?s ?p ?o } }",
        "BASE <https://y.example/> SELECT * { SERVICE <//x.example/sparql> { ?s ?p ?o } }",
        r"SELECT * { S\u0045RVICE <https://x.example/sparql> { ?s ?p ?o } }",
        r"SELECT * { \U00000053ERVIC\u0065 <https://x.example/sparql> { ?s ?p ?o } }",
        r"SELECT * { SERVICE <https://\u0078.example/sparql> { ?s ?p ?o } }",
        "SELECT * { SERVICE # ?v {\n <https://x.example/sparql> # }\n { ?s ?p ?o } }",
        "SELECT * { FILTER(?a<?b)SERVICE#>\n<https://x.example/sparql>{ ?s ?p ?o } }",
        f'SELECT * {{ ?x ?y "# {{" . {CLAUSE} ?x ?y "}}" }}',
        f"SELECT * {{ ?x ?y '''a\n'b' \" # ''' . {CLAUSE} }}",
        f"SELECT * {{ ?x <http://a/#> ?y . {CLAUSE} }}",
        f"SELECT * {{ {{ SELECT * {{ {CLAUSE} }} }} }}",
        f"SELECT * {{ OPTIONAL {{ {CLAUSE} }} }}",
        f"SELECT * {{ {{}} UNION {{ {CLAUSE} }} }}",
        f"SELECT * {{ ?s ?p ?o MINUS {{ {CLAUSE} }} }}",
        f"SELECT * {{ GRAPH ?g {{ {CLAUSE} }} }}",
        f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ {CLAUSE} }} }}",
        f"SELECT * {{ ?s ?p ?o FILTER(1 = 2 || COALESCE(?u, IF(?p IN (1, NOT EXISTS {{ {CLAUSE} }}), 1, 2))) }}",
        f"SELECT (EXISTS {{ {CLAUSE} }} AS ?e) {{ }}",
        f"SELECT ?s {{ ?s ?p ?o }} GROUP BY ?s HAVING (EXISTS {{ {CLAUSE} }})",
        f"SELECT ?s {{ ?s ?p ?o }} ORDER BY DESC(EXISTS {{ {CLAUSE} }})",
        f"ASK {{ {CLAUSE} }}",
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {CLAUSE} }}",
        f"DESCRIBE ?s {{ {CLAUSE} }}",
        f"SELECT * {{\t\t{CLAUSE} }}",
        f"# {CLAUSE}\r\nSELECT * {{ {CLAUSE} }}",
    ],
)
def test_a_clause_is_recognised(query: str) -> None:
    assert may_federate(query)
    service = only(query)
    assert service.name == ox.NamedNode("https://x.example/sparql")
    assert service.pattern == "{ ?s ?p ?o }"
    assert service.variables == ("s", "p", "o")
    assert service.silent == ("SILENT" in query)
    text = decoded(query)
    assert text[service.start : service.end] == service.text
    assert service.text.upper().startswith("SERVICE")
    assert service.text.endswith("{ ?s ?p ?o }")
    assert not found(replaced(query, {service: NOTHING_BOUND}))


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?x ?y "SERVICE <http://a> {}" }',
        "SELECT * { ?x ?y '''\nSERVICE <http://a> {}''' }",
        'SELECT * { ?x rdfs:label ?l FILTER CONTAINS(LCASE(?l), "foreign service") }',
        "SELECT * { ?x <http://a/service> ?y }",
        "SELECT * { ?x rg:service ?y }",
        "PREFIX service: <http://a> SELECT * { ?x service:x ?y }",
        "SELECT ?service { ?service ?y $SERVICE }",
        "SELECT * { ?x ?y _:service }",
        f"SELECT * {{ ?x ?y ?z }} # {CLAUSE}",
        f"# {CLAUSE}\nSELECT * {{ ?x ?y ?z }}",
        f"SELECT * {{ ?x ?y ?z . # {CLAUSE}\r\n }}",
    ],
)
def test_the_word_elsewhere_is_no_clause(query: str) -> None:
    assert may_federate(query)
    assert found(query) == []
    assert replaced(query, {}) == query


def test_a_query_without_the_word_needs_no_check() -> None:
    assert not may_federate('SELECT * { ?x ?y "serv\\\\ice", "\\u0441ервис", "ſervice" }')


@pytest.mark.parametrize("text", [r"C:\\users", r"C:\\\U00000075sers", r"C:\\\U000000750041", r"C:\\u0022", r"\U0001F600\\Users"])
def test_a_backslash_in_a_text_is_no_escape(text: str) -> None:
    """No decoding of escapes makes the word of these, before or after it looks for backslashes."""
    assert not may_federate(f'SELECT * {{ ?x ?y "{text}" }}')


_FRAGMENTS = ["\\", "\\\\", "u", "U0000", "u0053", "u005C", "\\u005C", "\\u0075", "0053", "S", "ERVICE", "ervic", "\\u0045", '"']
_ONE_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@given(st.lists(st.sampled_from(_FRAGMENTS), max_size=9).map("".join))
def test_no_decoding_in_any_order_makes_the_word_of_what_needs_no_check(text: str) -> None:
    """Whatever escapes a parser decodes, one by one, and those that come out of it too."""
    seen, waiting = {text}, [text]
    while waiting and len(seen) < 300:
        one = waiting.pop()
        for found in _ONE_ESCAPE.finditer(one):
            number = int(found[1] or found[2], 16)
            if number < 0xD800 and (other := one[: found.start()] + chr(number) + one[found.end() :]) not in seen:
                seen.add(other)
                waiting.append(other)
    if any("service" in each.lower() for each in seen):
        assert may_federate(text)


@pytest.mark.parametrize(("text", "plain"), [(r"C:\\users", r"C:\\users"), (r"C:\\\U00000075sers", r"C:\\users")])
def test_a_backslash_in_a_text_may_stand_beside_a_clause(text: str, plain: str) -> None:
    query = f'SELECT * {{ ?x ?y "{text}" . {CLAUSE} }}'
    assert may_federate(query)
    service = only(query)
    assert replaced(query, {service: NOTHING_BOUND}).startswith(f'SELECT * {{ ?x ?y "{plain}" .  VALUES')


@pytest.mark.parametrize("query", [r"\u005Cu0053ERVICE", r"\u005C\u0075\u0030\u0030\u00353ERVICE", r"\U0000005Cu0053ERVICE"])
def test_escapes_that_come_out_of_escapes_are_checked(query: str) -> None:
    assert may_federate(query)
    with pytest.raises(QueryError, match="read in two ways"):
        found(query)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT *\n{ << ?a ?b ?c >> ?service ?d }", "line 2, column 3 cannot be read, at '<< "),
        ("SELECT * { ?service ?b }", "line 1, column 12"),
        (r'SELECT * { ?a ?service "\u0022 }', r"\\u0022 may be read in two ways"),
        (r'SELECT * { ?a ?service "\\u0041" }', r"\\u0041 may be read in two ways"),
        (r'SELECT * { ?a ?service "\\\\u0041" }', r"\\u0041 may be read in two ways"),
        (r'SELECT * { ?a ?service "\\\U000000750022" }', r"\\u0022 comes out of decoding and may be read in two ways"),
        (r'SELECT * { ?a ?service "\ud800" }', r"\\ud800 may be read in two ways"),
        (r'SELECT * { ?a ?service "\u41" }', "without a character's number"),
        (r'SELECT * { ?a ?service "\\\u41" }', "without a character's number"),
        (r'SELECT * { ?a ?service "\\U0041" }', "without a character's number"),
        (f"SELECT * {{ ?a ?b ?c # \r {CLAUSE} \n }}", "carriage return"),
        ("SELECT * {" + "?a ?b ?service . " * 200 + "}", "too many triples"),
        ("SELECT * {" + 300 * "{" + "?a ?b ?service" + 300 * "}" + "}", "nested too deeply"),
    ],
)
def test_what_cannot_be_checked_is_refused(query: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason) as caught:
        found(query)
    assert "CONCAT" in str(caught.value)


def test_a_prefix_that_is_not_declared_is_named() -> None:
    with pytest.raises(QueryError, match="'none:x' is not declared"):
        found("SELECT * { SERVICE none:x { } }")


def test_a_service_by_variable_is_forbidden() -> None:
    with pytest.raises(ForbiddenError, match=r"line 2: SERVICE \?where .* depend on the data"):
        found("SELECT * { VALUES ?where { <https://x.example> }\n SERVICE ?where { ?s ?p ?o } }")


@pytest.mark.parametrize("inner", [CLAUSE, f"OPTIONAL {{ {CLAUSE} }}", f"FILTER EXISTS {{ {CLAUSE} }}"])
def test_a_clause_within_a_clause_is_forbidden(inner: str) -> None:
    with pytest.raises(ForbiddenError, match="side by side"):
        found(f"SELECT * {{ SERVICE <https://y.example> {{ ?a ?b ?c {inner} }} }}")


def test_there_is_a_limit_of_clauses() -> None:
    assert len(found(f"SELECT * {{ {CLAUSE * MAX_CLAUSES} }}")) == MAX_CLAUSES
    with pytest.raises(QueryError, match=f"{MAX_CLAUSES + 1} SERVICE clauses"):
        found(f"SELECT * {{ {CLAUSE * (MAX_CLAUSES + 1)} }}")


def test_clauses_survive_the_way_to_another_process() -> None:
    service = only(f"SELECT * {{ {CLAUSE} }}")
    assert pickle.loads(pickle.dumps(service)) == service


def test_rdflib_is_imported_only_where_a_query_is_parsed() -> None:
    code = "import sys, relgraph.federation as f; f.may_federate('service'); sys.exit('rdflib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


SPECIAL = ["#", "\n", "\r", "\r\n", '"', "'", '"""', "'''", "<", ">", "\\", '\\"', "\\'", "{", "}", "(", ")", "<?a", ".", "x"]
PIECES = [
    *('?a ?b "~" .', "?a ?b '~' .", '?a ?b """~""" .', "?a ?b '''~''' .", "#~\n", "?a <x:~> ?b .", "FILTER(?a<~?b)", "~"),
    *("SERVICE <x:y> {}", "SERVICE#~\n<x:y>{}", "OPTIONAL { ~ SERVICE <x:y> {} }", "?a ?b ex:x~ .", "BIND('~' AS ?z)"),
]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Queries, many of them broken, with quotation marks and the like around clauses."""
    pieces = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4))
    fill = st.lists(st.sampled_from(SPECIAL), max_size=2).map("".join)
    body = " ".join("".join(draw(fill) if letter == "~" else letter for letter in piece) for piece in pieces)
    return f"PREFIX ex: <x:> SELECT * {{ {body} SERVICE <x:y> {{}} }}"


@given(texts())
@example("SELECT * { FILTER(?a<?b)SERVICE#>\n<x:y>{} }")
@example("SELECT * { # \rSERVICE <x:y> {}\n }")
@example('SELECT * { ?a ?b "\\u0022 . SERVICE <x:y> {} #" \n }')
def test_no_clause_gets_past_the_check_to_the_engine(query: str) -> None:
    if sent_out(query) is None:
        return
    assert may_federate(query) or not sent_out(query)
    try:
        answered = replaced(query, dict.fromkeys(clauses(query, {}, None), NOTHING_BOUND))
    except RelgraphError:
        return
    assert sent_out(answered) is False


# ── what a clause binds and asks


@pytest.mark.parametrize(
    ("pattern", "variables"),
    [
        ("", ()),
        ("<x:a> <x:b> <x:c>", ()),
        ("?b ?c ?a . ?a ?b ?c", ("b", "c", "a")),
        ("?a <x:p>* ?b", ("a", "b")),
        ("_:n ?p [ ?q (?e ?f) ]", ("p", "q", "e", "f")),
        ("?a <x:p> 1 FILTER(?a = ?z && EXISTS { ?y ?x ?w })", ("a",)),
        ("?a <x:p> 1 MINUS { ?a <x:q> ?m }", ("a",)),
        ("OPTIONAL { ?a <x:p> ?b } { ?c <x:p> 1 } UNION { ?d <x:p> 1 }", ("a", "b", "c", "d")),
        ("GRAPH ?g { ?a <x:p> 1 }", ("g", "a")),
        ("BIND(?u + 1 AS ?b) VALUES (?v ?w) { (1 2) } VALUES ?x { 1 }", ("b", "v", "w", "x")),
        ("SELECT ?a (COUNT(?z) AS ?n) WHERE { ?a <x:p> ?z } GROUP BY ?a", ("a", "n")),
        ("SELECT * WHERE { ?a <x:p> ?b } VALUES ?v { 1 }", ("a", "b", "v")),
        ("{ SELECT ?a { ?a <x:p> ?z } } ?a <x:q> ?b", ("a", "b")),
    ],
)
def test_the_variables_are_those_in_scope(pattern: str, variables: tuple[str, ...]) -> None:
    assert set(only(f"SELECT * {{ SERVICE <x:y> {{ {pattern} }} }}").variables) == set(variables)
    results = ox.Store().query(f"SELECT * {{ {pattern} }}")
    assert isinstance(results, ox.QuerySolutions)
    assert {variable.value for variable in results.variables} == set(variables), "the engine sees it otherwise"


def test_the_request_has_the_prologue_that_the_pattern_needs() -> None:
    query = (
        "PREFIX x: <http://x.example/> PREFIX skos: <http://other.example/#> BASE <http://b.example/> PREFIX r: <rel/>\n"
        "SELECT ?a { ?a rg:place ?q SERVICE <https://y.example> { ?s rdfs:label <k> ; skos:x r:y } }"
    )
    assert only(query).request == (
        "BASE <http://b.example/>\nPREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
        "PREFIX skos: <http://other.example/#>\n"
        "PREFIX x: <http://x.example/>\nPREFIX r: <http://b.example/rel/>\n"
        "SELECT * WHERE { ?s rdfs:label <k> ; skos:x r:y }"
    )


def test_without_a_base_the_request_has_none() -> None:
    assert clauses(f"SELECT * {{ {CLAUSE} }}", {}, None)[0].request == "SELECT * WHERE { ?s ?p ?o }"


# ── putting answers in place

TERMS = st.one_of(
    st.integers(0, 2).map(lambda number: ox.NamedNode(f"{EX}{number}")),
    st.sampled_from([ox.Literal(1), ox.Literal("a"), ox.Literal("a", language="en"), ox.Literal('"}\\\n\t\r SERVICE')]),
)
Row = tuple[ox.NamedNode | ox.Literal | None, ox.NamedNode | ox.Literal | None]
TABLES = st.lists(st.tuples(st.none() | TERMS, st.none() | TERMS), max_size=4)


def rows(store: ox.Store, query: str) -> list[dict[str, str]]:
    results = store.query(query)
    assert isinstance(results, ox.QuerySolutions)
    names = [variable.value for variable in results.variables]
    solved = [{name: str(row[name]) for name in names if row[name] is not None} for row in results]
    return sorted(solved, key=lambda row: sorted(row.items()))


@given(TABLES, TABLES)
@example([], [])
@example([(None, None)], [(None, None), (None, ox.Literal("\x00\x7f"))])
def test_the_answer_is_joined_as_the_service_would_be(local: list[Row], remote: list[Row]) -> None:
    inner = " ".join("(" + " ".join("UNDEF" if term is None else str(term) for term in row) + ")" for row in local)
    query = f"SELECT * {{ VALUES (?a ?b) {{ {inner} }} SERVICE <x:y> {{ ?b <x:p> ?c }} }}"
    answer = Solutions(("c", "b"), tuple((row[1], row[0]) for row in remote))
    expected = []
    for a, b in local:
        for other, c in remote:
            if b is None or other is None or b == other:
                bound = {"a": a, "b": b if b is not None else other, "c": c}
                expected.append({name: str(term) for name, term in bound.items() if term is not None})
    expected.sort(key=lambda row: sorted(row.items()))
    assert rows(ox.Store(), replaced(query, {only(query): answer})) == expected


@given(st.sets(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 2)), max_size=8))
def test_the_query_gives_what_it_gives_with_the_data_in_hand(facts: set[tuple[int, int, int]]) -> None:
    node = [ox.NamedNode(f"{EX}{number}") for number in range(3)]
    store = ox.Store()
    for s, p, o in facts:
        store.add(ox.Quad(node[s], node[p], node[o]))
    template = "SELECT * {{ ?a <{0}0> ?b OPTIONAL {{ {1} FILTER(?c != ?a) }} FILTER NOT EXISTS {{ {2} }} }}"
    first, second = f"{{ ?b <{EX}1> ?c }}", f"{{ ?a <{EX}1> ?b }}"
    query = template.format(EX, f"SERVICE <x:y> {first}", f"SERVICE <x:z> {second}")
    answers = {}
    for service in found(query):
        results = store.query(service.request)
        assert isinstance(results, ox.QuerySolutions)
        answers[service] = solutions(service, results.serialize(format=ox.QueryResultsFormat.JSON) or b"")
    assert rows(store, replaced(query, answers)) == rows(store, template.format(EX, first, second))


def test_clauses_with_the_same_text_and_texts_like_them_are_kept_apart() -> None:
    clause = "SERVICE <x:y> { ?s ?p ?o }"
    query = f'SELECT * {{ BIND("{clause}" AS ?t) {{ {clause} }} UNION {{ {clause} }} }} # {clause}'
    one, two = found(query)
    answers = {
        one: Solutions(("s",), ((ox.Literal("1"),),)),
        two: Solutions(("s",), ((ox.Literal("2"),),)),
    }
    solved = rows(ox.Store(), replaced(query, answers))
    assert solved == [{"s": f'"{number}"', "t": f'"{clause}"'} for number in (1, 2)]


def test_a_failed_silent_service_binds_nothing() -> None:
    query = "SELECT * { VALUES ?x { 1 2 } SERVICE SILENT <x:y> { ?x <x:p> ?z } }"
    assert len(rows(ox.Store(), replaced(query, {only(query): NOTHING_BOUND}))) == 2


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_pattern_without_variables_counts_by_its_rows(count: int) -> None:
    query = "SELECT * { VALUES ?x { 1 } SERVICE <x:y> { <x:a> <x:b> <x:c> } }"
    assert len(rows(ox.Store(), replaced(query, {only(query): Solutions((), ((),) * count)}))) == count


def test_a_column_that_was_not_asked_for_does_not_get_in() -> None:
    query = "SELECT * { VALUES ?x { 1 } SERVICE <x:y> { ?z <x:b> 1 FILTER(?x) } }"
    answer = Solutions(("x", "z"), ((ox.Literal(2), ox.Literal(3)),))
    (row,) = rows(ox.Store(), replaced(query, {only(query): answer}))
    assert row["x"] == str(ox.Literal(1))


def test_a_clause_of_another_query_is_refused() -> None:
    service = only(f"SELECT * {{ {CLAUSE} }}")
    with pytest.raises(QueryError, match="does not stand in this query"):
        replaced(f"SELECT ?s {{ {CLAUSE} }}", {service: NOTHING_BOUND})


# ── reading answers

SERVICE = only(f"SELECT * {{ {CLAUSE} }}")


def body(*terms: Mapping[str, object]) -> bytes:
    return json.dumps({"head": {"vars": ["s"]}, "results": {"bindings": [{"s": term} for term in terms]}}).encode()


def test_an_answer_is_read() -> None:
    read = solutions(SERVICE, body({"type": "uri", "value": EX}, {"type": "literal", "value": "[{", "xml:lang": "en"}))
    assert read == Solutions(("s",), ((ox.NamedNode(EX),), (ox.Literal("[{", language="en"),)))


NODE = {"type": "uri", "value": EX}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (body({"type": "bnode", "value": "b0"}), "a blank node, which has no name outside"),
        (body({"type": "triple", "value": {"subject": NODE, "predicate": NODE, "object": NODE}}), "has a triple as [?]s"),
        (body({"type": "uri", "value": "x:a> } SERVICE <x:evil"}), "cannot be read"),
        (body({"type": "uri", "value": "relative"}), "cannot be read"),
        (body({"type": "literal", "value": "a", "xml:lang": "en } SERVICE <x:evil> {}"}), "cannot be read"),
        (body({"type": "literal", "value": "a", "datatype": "x:a> } <x:b"}), "cannot be read"),
        (b'{"head":{},"boolean":true}', "no table of solutions"),
        (b"<html>", "cannot be read"),
        (b"", "cannot be read"),
        (b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":' + b'{"type":"triple","value":{"object":' * 50_000, "too deeply"),
        (b"[" * 100_000, "too deeply"),
    ],
)
def test_an_answer_that_cannot_be_used_says_why(answer: bytes, reason: str) -> None:
    with pytest.raises(EndpointError, match=reason):
        solutions(SERVICE, answer)


def test_rows_are_bounded() -> None:
    assert len(solutions(SERVICE, body(NODE, NODE), max_rows=2).rows) == 2
    with pytest.raises(BudgetError, match="more than 2 rows"):
        solutions(SERVICE, body(NODE, NODE, NODE), max_rows=2)


# ── the search clause


def search(pattern: str) -> SearchRequest:
    prefix = "PREFIX search: <https://w3id.org/relgraph/search#>"
    service = only(f"{prefix} SELECT * {{ SERVICE search:index {{ {pattern} }} }}")
    assert service.name == INDEX
    return search_request(service)


def test_a_search_clause_is_read() -> None:
    full = '?thing search:query "visit Moscow" ; search:score ?score ; search:label ?label ; search:property ?p '
    assert search(full + '; search:corrected ?c ; search:limit 20 ; search:language "ru"') == SearchRequest(
        "thing", "visit Moscow", 20, "ru", "score", "label", "p", "c"
    )
    assert search("?x search:query 'Москва'@ru") == SearchRequest("x", "Москва")
    assert search("?x search:limit 3 . # so\n ?x (search:query) 'a'") == SearchRequest("x", "a", 3)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "one variable for the thing"),
        ("?t search:limit 5", "words to search for is missing"),
        ('?t search:query " "', "words to search for is missing"),
        ("?t search:query ?q", "search:query takes a literal"),
        ("?t search:query <x:y>", "search:query takes a literal"),
        ('?t search:query "a", "b"', "search:query stands in it twice"),
        ('<x:t> search:query "a"', "must be a variable"),
        ('[] search:query "a"', "must be a variable"),
        ('?t search:query "a" . ?u search:limit 3', "one variable for the thing"),
        ('?t search:query "a" ; search:score ?t', "others for the rest"),
        ('?t search:query "a" ; search:score ?s ; search:label ?s', "others for the rest"),
        ('?t search:query "a" ; search:score 1', "search:score takes a variable"),
        ('?t search:query "a" ; search:score [ ?b ?c ]', "search:score takes a variable"),
        ('?t search:query "a" ; search:limit 0', "whole number"),
        ('?t search:query "a" ; search:limit 10001', "whole number"),
        ('?t search:query "a" ; search:limit "5"', "whole number"),
        ('?t search:query "a" ; search:limit 1.5', "whole number"),
        (f'?t search:query "a" ; search:limit {"9" * 5000}', "whole number"),
        ('?t search:query "a" ; search:limit "many"^^<http://www.w3.org/2001/XMLSchema#integer>', "whole number"),
        ('?t search:query "a" ; search:language "r u"', "language tag"),
        ('?t search:query "a" ; search:other "b"', "search#other is no property"),
        ('?t rdfs:label "a"', "label is no property"),
        ('?t ?p "a"', "is no property"),
        ('?t ^search:query "a"', "a path is no property"),
        ('?t !search:query "a"', "a path is no property"),
        ('?t search:query+ "a"', "a path is no property"),
        ('?t search:query "a" FILTER(1)', "other than triples"),
        ('{ ?t search:query "a" }', "other than triples"),
        ('SELECT * { ?t search:query "a" }', "other than triples"),
    ],
)
def test_a_search_clause_that_is_wrong_shows_a_right_one(pattern: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason) as caught:
        search(pattern)
    example = str(caught.value).partition("Write it as ")[2]
    prefix, clause = example.split(" SERVICE ")
    request = search_request(only(f"{prefix} SELECT * {{ SERVICE {clause} }}"))
    assert request.text == "visit Moscow"
    assert [name for name, value in vars(request).items() if value is None] == [], "it shows all that there is"
