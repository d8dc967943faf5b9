"""Both engines find the same, word for word: on every fixture, on the real graph, and on what SHACL can say beyond our shapes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from relgraph import rdf
from relgraph.findings import Finding, Report
from relgraph.project import Project
from relgraph.reports import shacl
from relgraph.validation import Engine, Shapes, load_shapes, paths, pyshacl, rudof, validate
from relgraph.validation.results import EngineFault
from relgraph.vocabulary import ASSERTED, DEFAULT_GRAPHS, INFERRED, PROVENANCE, SH, XSD
from test_validation import BAD, GOOD, SHAPES, changed

PREFIXES = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX : <urn:x:>\n"


def quads(turtle: str) -> list[Quad]:
    return list(parse(PREFIXES + turtle, format=RdfFormat.TURTLE))


def shapes_of(turtle: str) -> Shapes:
    return Shapes(tuple(quad.triple for quad in quads(turtle)))


@cache
def own_shapes() -> Shapes:
    return load_shapes([SHAPES], [])


def both(data: Sequence[Quad], shapes: Shapes, graphs: tuple[NamedNode, ...] | None = None) -> Report:
    """The report that all engines agree on."""
    found = [validate(data, shapes, engine=engine, data_graphs=graphs) for engine in Engine]
    assert found[0] == found[1]
    assert found[0] == found[2]
    return found[0]


def only(data: str, shapes: str) -> Finding:
    (finding,) = both(quads(data), shapes_of(shapes)).findings
    return finding


@pytest.mark.parametrize("path", [*BAD, *GOOD], ids=lambda path: path.name)
def test_on_every_fixture(path: Path) -> None:
    both(changed(path.read_text("utf-8")), own_shapes(), DEFAULT_GRAPHS)


def test_on_the_real_graph(project: Project) -> None:
    data = [
        quad
        for name, graph in (("asserted", ASSERTED), ("inferred", INFERRED), ("provenance", PROVENANCE))
        for quad in rdf.in_graph(rdf.read_turtle(project.graph / f"{name}.ttl", []), graph)
    ]
    assert len(data) > 10_000
    both(data, own_shapes(), DEFAULT_GRAPHS)
    # the graph is clean; without its labels and types of time it is not
    worse = [quad for quad in data if not quad.predicate.value.endswith(("prefLabel", "earliest", "quoteHash"))]
    assert len(both(worse, own_shapes(), DEFAULT_GRAPHS).findings) > 100


def test_blank_nodes_keep_the_names_that_the_data_give_them() -> None:
    finding = only("_:who a :C ; :p _:what .", ":s sh:targetClass :C ; sh:property [ sh:path :p ; sh:nodeKind sh:IRI ] .")
    assert (finding.focus, finding.value) == (BlankNode("who"), BlankNode("what"))
    assert isinstance(finding.shape, BlankNode)


@pytest.mark.parametrize(
    "value",
    [
        '"01"^^xsd:integer',
        '"a \\"b\\\\ \\n"@en-gb',
        '"_:b"',
        '"urn:x:a"',
        "true",
        "1.50",
        '"q"^^:type',
        '""',
        "<urn:x:ü>",
        '"\\u0000"',
    ],
)
def test_values_come_back_as_they_are(value: str) -> None:
    data = quads(f":a :p {value} .")
    (finding,) = both(data, shapes_of(":s sh:targetNode :a ; sh:path :p ; sh:in ( :never ) .")).findings
    assert finding.value == data[0].object


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (":p", "urn:x:p"),
        ("[ sh:inversePath :p ]", "^<urn:x:p>"),
        ("( :p :q )", "<urn:x:p>/<urn:x:q>"),
        ("[ sh:alternativePath ( :p ( :q :r ) ) ]", "<urn:x:p>|<urn:x:q>/<urn:x:r>"),
        ("( [ sh:alternativePath ( :p :q ) ] :r )", "(<urn:x:p>|<urn:x:q>)/<urn:x:r>"),
        ("[ sh:zeroOrMorePath ( :p :q ) ]", "(<urn:x:p>/<urn:x:q>)*"),
        ("[ sh:oneOrMorePath [ sh:inversePath :p ] ]", "(^<urn:x:p>)+"),
        ("[ sh:zeroOrOnePath [ sh:zeroOrMorePath :p ] ]", "(<urn:x:p>*)?"),
        ("[ sh:inversePath ( :p :q ) ]", "^(<urn:x:p>/<urn:x:q>)"),
        ("[ sh:inversePath [ sh:alternativePath ( :p :q ) ] ]", "^(<urn:x:p>|<urn:x:q>)"),
    ],
)
def test_paths_are_written_as_in_sparql_and_reported_as_rdf(path: str, text: str) -> None:
    shapes = shapes_of(f":s sh:targetNode :a ; sh:path {path} ; sh:hasValue :never .")
    report = both(quads(":a :p :b . :b :q :c ; :p :d ."), shapes)
    assert [finding.path for finding in report.findings] == [text]
    again = list(parse(shacl.write(report, shapes), format=RdfFormat.TURTLE))
    (written,) = [quad.object for quad in again if quad.predicate == NamedNode(SH + "resultPath")]
    own = Shapes(tuple(q.triple for q in again)).index
    assert paths.text(own, written) == text


def test_messages_of_the_shape_come_first_and_in_every_language() -> None:
    finding = only(":a :p 1 .", ':s sh:targetNode :a ; sh:path :p ; sh:maxCount 0 ; sh:message "{focus}?"@en, "а?"@ru, "x" .')
    assert finding.messages == {"en": "urn:x:a?", "ru": "а?", "": "x"}


def test_shapes_without_messages_get_ours_in_both_languages() -> None:
    finding = only(":a :p 1 .", ":s sh:targetNode :a ; sh:path :p ; sh:minCount 2 .")
    assert finding.messages == {"en": "There are fewer values than 2.", "ru": "Значений меньше, чем 2."}


@pytest.mark.parametrize(
    "constraint",
    [
        "sh:class :D", "sh:datatype xsd:date", "sh:nodeKind sh:BlankNode", "sh:minCount 9", "sh:maxCount 0", "sh:minExclusive 9",
        "sh:minInclusive 9", "sh:maxExclusive 0", "sh:maxInclusive 0", "sh:minLength 9", "sh:maxLength 0", 'sh:pattern "^x+$"',
        'sh:languageIn ( "ru" "en" )', "sh:equals :q", "sh:disjoint :r", "sh:lessThan :q", "sh:lessThanOrEquals :q",
        "sh:not [ sh:nodeKind sh:Literal ]", "sh:and ( [ sh:minLength 9 ] )", "sh:or ( [ sh:minLength 9 ] :none )",
        "sh:xone ( [ sh:minLength 9 ] )", "sh:node [ sh:minLength 9 ]", "sh:property [ sh:path :z ; sh:minCount 1 ]",
        "sh:qualifiedValueShape [ sh:class :D ] ; sh:qualifiedMinCount 1", "sh:hasValue :never", "sh:in ( 7 8 )",
        "sh:qualifiedValueShape [ sh:nodeKind sh:Literal ] ; sh:qualifiedMaxCount 0",
    ],
)  # fmt: skip
def test_every_component_has_messages_that_say_what_it_asks_for(constraint: str) -> None:
    shapes = shapes_of(f":s sh:targetClass :C ; sh:path :p ; {constraint} . :none sh:class :D .")
    report = both(quads(":a a :C ; :p 1 ; :q 0 ; :r 1 ."), shapes)
    assert report.findings
    for finding in report.findings:
        assert set(finding.messages) == {"en", "ru"}
        assert not any("{" in text for text in finding.messages.values())


def test_closed_shapes_name_the_property() -> None:
    finding = only(":a :p 1 ; :q 2 .", ":s sh:targetNode :a ; sh:closed true ; sh:property [ sh:path :p ] .")
    assert (finding.path, finding.value) == ("urn:x:q", Literal(2))


def test_one_language_twice() -> None:
    finding = only(':a :p "x"@en, "y"@en .', ":s sh:targetNode :a ; sh:path :p ; sh:uniqueLang true .")
    assert finding.messages["en"] == "There is more than one value in a language."


SPARQL = """:s a sh:NodeShape ; sh:targetClass :C ; sh:sparql [ sh:prefixes :o ; %s
    sh:select "SELECT $this ?value ?other WHERE { $this p:p ?value . OPTIONAL { $this p:q ?other } }" ] .
    :o sh:declare [ sh:prefix "p" ; sh:namespace "urn:x:"^^xsd:anyURI ] ."""


def test_sparql_constraints_fill_their_messages() -> None:
    message = 'sh:message "{?other} of {$this}, not {?value}; {?nobody}"@en, "{?other}?"@ru ;'
    finding = only(":a a :C ; :p 1 ; :q :b .", SPARQL % message)
    assert finding.messages == {"en": "urn:x:b of urn:x:a, not 1; {?nobody}", "ru": "urn:x:b?"}
    assert finding.component == NamedNode(SH + "SPARQLConstraintComponent")


def test_values_with_backslashes_do_not_spoil_messages() -> None:
    finding = only(':a a :C ; :p "\\\\d\\\\1" .', SPARQL % 'sh:message "is {?value}"@en ;')
    assert finding.messages == {"en": "is \\d\\1"}


def test_long_values_are_cut_in_messages() -> None:
    long = "x" * 3_000
    for shape in (
        ':s sh:targetNode :a ; sh:path :p ; sh:maxLength 9 ; sh:message "is {value}" .',
        SPARQL % 'sh:message "is {?value}" ;',
    ):
        finding = only(f':a a :C ; :p "{long}" .', shape)
        assert finding.value == Literal(long)
        assert len(finding.message()) < 250
        assert "3000 characters" in finding.message()


def test_comparisons_are_those_of_sparql_where_there_is_no_order() -> None:
    """A date is neither before nor after a dateTime, nor one IRI before another (SHACL section 4.5.3); only equals hold here."""
    values = ['"2000-01-01"^^xsd:date', '"2001-01-01T00:00:00"^^xsd:dateTime', ":v", "1", '"a"', '"b"@en', "_:b"]
    data = quads(" ".join(f":s{i}x{j} :p {v} ; :q {w} ." for i, v in enumerate(values) for j, w in enumerate(values)))
    found = both(data, shapes_of(":s sh:targetSubjectsOf :p ; sh:path :p ; sh:lessThanOrEquals :q ."))
    held = {quad.subject for quad in data} - {finding.focus for finding in found.findings}
    assert held == {NamedNode(f"urn:x:s{i}x{i}") for i in range(len(values))}
    assert {f.component for f in found.findings} == {NamedNode(SH + "LessThanOrEqualsConstraintComponent")}


def test_comparisons_stand_beside_disjointness_in_a_closed_shape() -> None:
    shapes = shapes_of(""":s sh:targetNode :a ; sh:closed true ; sh:ignoredProperties ( :q ) ; sh:property :t .
        :t sh:path :p ; sh:disjoint :q ; sh:lessThan :q ; sh:lessThanOrEquals :q .""")
    found = both(quads(":a :p 1 , 2 , 3 ; :q 2 ; :r 1 ."), shapes).findings
    assert sorted((str(f.component).rsplit("#")[1][:-20], f.value.value) for f in found if f.value) == [
        ("Closed", "1"),
        ("Disjoint", "2"),
        ("LessThan", "2"),
        ("LessThan", "3"),
        ("LessThanOrEquals", "3"),
    ]


@pytest.mark.parametrize("compared", ["sh:property [ sh:path :p ; sh:lessThan :q ]", "sh:node :t"])
def test_queries_do_not_see_what_stands_for_comparisons(compared: str) -> None:
    query = '[ sh:message "m" ; sh:select "SELECT $this ?path ?value { $this ?path ?value }" ]'
    shapes = shapes_of(f""":s a sh:NodeShape ; sh:targetNode :a ; {compared} ; sh:sparql {query} .
        :t a sh:NodeShape ; sh:property [ sh:path :p ; sh:lessThan :q ] .""")
    found = both(quads(":a :p 3 ; :q 1 ."), shapes).findings
    of_query = [f for f in found if f.component == NamedNode(SH + "SPARQLConstraintComponent")]
    assert {(f.path, f.value) for f in of_query} == {("urn:x:p", Literal(3)), ("urn:x:q", Literal(1))}
    assert len(found) == 3


TERMS = st.sampled_from(
    [NamedNode("urn:x:a"), NamedNode("urn:x:b"), BlankNode("c"), Literal("1"), Literal(1), Literal("1", language="en")]
)
NODES = st.sampled_from([NamedNode("urn:x:a"), NamedNode("urn:x:b"), BlankNode("c")])
PREDICATES = st.sampled_from([NamedNode("urn:x:p"), NamedNode("urn:x:q")])
CONSTRAINTS = st.sampled_from(
    [
        "sh:minCount 2", "sh:maxCount 1", "sh:nodeKind sh:IRI", "sh:nodeKind sh:BlankNodeOrLiteral", "sh:datatype xsd:integer",
        "sh:minLength 2", "sh:hasValue 1", "sh:in ( 1 :a )", "sh:equals :q", "sh:disjoint :q", "sh:uniqueLang true",
        "sh:not [ sh:nodeKind sh:Literal ]", "sh:or ( [ sh:datatype xsd:string ] [ sh:nodeKind sh:IRI ] )", "sh:minInclusive 1",
        "sh:node [ sh:property [ sh:path :q ; sh:minCount 1 ] ]", 'sh:languageIn ( "en" )', "sh:lessThan :q", "sh:class :C",
        'sh:pattern "^[a1]"', "sh:maxLength 1", "sh:xone ( [ sh:nodeKind sh:IRI ] [ sh:minLength 1 ] )", "sh:maxExclusive 1",
        "sh:and ( [ sh:nodeKind sh:IRI ] [ sh:hasValue :a ] )", "sh:property [ sh:path :q ; sh:maxCount 0 ]",
        "sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1", "sh:closed true",
    ]
)  # fmt: skip
PATHS = st.sampled_from(
    [":p", "[ sh:inversePath :p ]", "( :p :q )", "[ sh:zeroOrMorePath :p ]", "[ sh:alternativePath ( :p :q ) ]"]
)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(NODES, PREDICATES, TERMS), max_size=8),
    PATHS,
    st.lists(CONSTRAINTS, min_size=1, max_size=2, unique_by=lambda c: c.split()[0]),
)
def test_on_any_small_graph(triples: list[tuple[NamedNode, NamedNode, NamedNode]], path: str, constraints: list[str]) -> None:
    shapes = shapes_of(f":s sh:targetSubjectsOf :p ; sh:targetObjectsOf :q ; sh:path {path} ; {' ; '.join(constraints)} .")
    both([Quad(*triple) for triple in triples], shapes)


def test_when_rudof_gives_up_the_other_engine_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[object]:
        raise EngineFault("no")

    monkeypatch.setattr(rudof, "results", fail)
    report = validate(quads(":a :p 1 ."), shapes_of(":s sh:targetNode :a ; sh:path :p ; sh:maxCount 0 ."), engine=Engine.RUDOF)
    assert len(report.findings) == 1
    assert any("rudof gave up" in note for note in report.notes)


def test_data_are_never_taken_for_a_path_or_an_address() -> None:
    """rudof fetches a text that is an address; what it is given begins with a comment, so that none can be one."""
    core = [quad.triple for quad in quads(":s sh:targetNode :a ; sh:path :p ; sh:maxCount 0 .")]
    assert rudof.results(b"", core, [NamedNode("urn:x:s")]) == []
    with pytest.raises(EngineFault):
        rudof.results(b"http://localhost:1/data.nt", core, [NamedNode("urn:x:s")])
    with pytest.raises(EngineFault):
        rudof.results(str(Path(__file__)).encode(), core, [NamedNode("urn:x:s")])


def test_core_shapes_are_checked_without_rdflib() -> None:
    """Importing rdflib and pySHACL takes longer than checking the graph."""
    program = """if True:
        import sys
        from pathlib import Path
        from pyoxigraph import NamedNode, Quad
        from relgraph.validation import load_shapes, validate
        assert validate([], load_shapes([Path(sys.argv[1])], [])).notes
        assert not {"rdflib", "pyshacl"} & set(sys.modules)"""
    subprocess.run([sys.executable, "-c", program, str(SHAPES)], check=True)


def test_statements_about_triples_are_left_out_with_a_note() -> None:
    inner = Triple(NamedNode("urn:x:a"), NamedNode("urn:x:p"), Literal("1", datatype=NamedNode(XSD + "integer")))
    data = [Quad(BlankNode("r"), NamedNode("urn:x:reifies"), inner), *quads(":a :p 1 .")]
    report = both(data, shapes_of(":s sh:targetNode :a ; sh:path :p ; sh:maxCount 0 ."))
    assert len(report.findings) == 1
    assert report.notes == ("1 statements about triples are not looked at, as SHACL does not know them",)


def test_pyshacl_is_not_given_rules() -> None:
    rule = NamedNode(SH + "rule")
    shape = NamedNode("urn:x:s")
    target = Triple(shape, NamedNode(SH + "targetNode"), NamedNode("urn:x:a"))
    assert pyshacl.results([], [target, Triple(shape, rule, BlankNode("broken"))], [shape], True) == []
