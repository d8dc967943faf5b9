"""Shapes that cannot be used, or look at nothing: what people are told, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from relgraph.errors import InputError, Problem, raise_if_any
from relgraph.findings import Report
from relgraph.validation import Engine, check_files, load_shapes, validate

HEAD = "PREFIX sh: <http://www.w3.org/ns/shacl#>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\nPREFIX : <urn:x:>\n\n"
DATA = list(parse(HEAD + ":a a :C ; :p 1 , :b . :b a :D .", format=RdfFormat.TURTLE))


def run(folder: Path, shapes: str, data: list[Quad] = DATA, engine: Engine = Engine.AUTO) -> Report:
    """The report on data by shapes in a file, whose fifth line is the first of the shapes."""
    file = folder / "shapes.ttl"
    file.write_text(HEAD + shapes, "utf-8")
    problems: list[Problem] = []
    loaded = load_shapes([file], problems)
    raise_if_any(problems)
    return validate(data, loaded, engine=engine)


def problems(folder: Path, shapes: str) -> list[str]:
    """What is said of shapes that are refused: line, colon, text."""
    with pytest.raises(InputError) as caught:
        run(folder, shapes)
    return [f"{problem.where.rsplit(':', 1)[1]}: {problem.what}" for problem in caught.value.problems]


SHAPE = ":s sh:targetClass :C ; "
SELECT = ':s sh:targetClass :C ; sh:sparql [ sh:select "%s" ] .'


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        (":s a sh:PropertyShape ; sh:targetClass :C .", "a property shape has no sh:path"),
        (SHAPE + "sh:property [ sh:minCount 1 ] .", "sh:property is a part of urn:x:s, which has no sh:path"),
        (SHAPE + "sh:property :gone .", "sh:property is urn:x:gone, which is not in the shapes graph"),
        (SHAPE + "sh:node :gone .", "sh:node is urn:x:gone, which is not in the shapes graph"),
        (SHAPE + "sh:property 1 .", 'sh:property is "1", which is no shape'),
        (":s a sh:NodeShape ; sh:path :p .", "a node shape has an sh:path"),
        (SHAPE + "sh:path :p , :q .", "sh:path is given 2 times, and may be once"),
        (SHAPE + 'sh:path "p" .', "sh:path is not well-formed: "),
        (SHAPE + "sh:path ( :p ) .", "sh:path is not well-formed: a sequence of a path is no list of at least two paths"),
        (SHAPE + "sh:path [ sh:inversePath :p , :q ] .", "sh:path is not well-formed: "),
        (SHAPE + "sh:path _:p . _:p sh:inversePath _:p .", "sh:path is not well-formed: the path contains itself"),
        (SHAPE + "sh:path [ sh:alternativePath :p ] .", "sh:alternativePath is no list of at least two paths"),
        (SHAPE + 'sh:path :p ; sh:minCount "one" .', 'sh:minCount is "one", which is no integer'),
        (SHAPE + "sh:path :p ; sh:maxCount 1.5 .", 'sh:maxCount is "1.5", which is no integer'),
        (SHAPE + "sh:path :p ; sh:maxCount 1 , 2 .", "sh:maxCount is given 2 times, and may be once"),
        (SHAPE + "sh:minCount 1 .", "sh:minCount stands in a shape without sh:path"),
        (SHAPE + "sh:nodeKind sh:Iri .", "sh:nodeKind is sh:Iri, and must be one of sh:BlankNode, "),
        (SHAPE + 'sh:datatype "x" .', 'sh:datatype is "x", which is no IRI'),
        (SHAPE + 'sh:closed "yes" .', 'sh:closed is "yes", which is neither true nor false'),
        (SHAPE + 'sh:pattern "(" .', 'sh:pattern is "(", which is no regular expression'),
        (SHAPE + "sh:pattern :p .", "sh:pattern is urn:x:p, which is no string"),
        (SHAPE + "sh:in :p .", "sh:in is no well-formed list"),
        (SHAPE + 'sh:in "a" .', "sh:in is no well-formed list"),
        (SHAPE + "sh:languageIn ( 1 ) .", "sh:languageIn lists something that is no plain string"),
        (SHAPE + 'sh:or ( "a" ) .', "sh:or lists a literal, which is no shape"),
        (SHAPE + "sh:message 5 .", 'sh:message is "5", which is no text'),
        (":s sh:targetClass 1 .", 'sh:targetClass is "1", which is no IRI'),
        (":s sh:targetNode [] .", "sh:targetNode is a blank node"),
        (SELECT % "SELECT $this { $this a }", "its query is not valid SPARQL: "),
        (SELECT % "SELECT ?x { ?x a :C }", "its query is not valid SPARQL: "),
        (SELECT % "SELECT ?x { ?x a <urn:x:C> }", "its query does not select $this"),
        (SELECT % "ASK { $this a <urn:x:C> }", "its query does not select $this"),
        (SELECT % "SELECT $this { SERVICE <http://localhost:1/> { $this ?p ?o } }", "its query has SERVICE: "),
        (SELECT % "SELECT $this { service silent <http://localhost:1/> { $this ?p ?o } }", "its query has SERVICE: "),
        (SELECT % "SELECT $this FROM <http://localhost:1/> { $this ?p ?o }", "its query has FROM: "),
        (SHAPE + "sh:sparql [] .", "a SPARQL constraint has not exactly one sh:select"),
        (SHAPE + "sh:sparql [ sh:select 5 ] .", "a query is no string"),
        (SHAPE + "sh:sparql [ sh:prefixes :s ; sh:select 'SELECT $this {}' ] ; sh:declare [ sh:prefix 'p' ] .", "sh:declare"),
        (SHAPE + "sh:closed true ; sh:entailment <http://www.w3.org/ns/entailment/RDFS> .", "entailment"),
    ],
)
def test_shapes_that_are_not_well_formed_are_refused_with_their_line(tmp_path: Path, shapes: str, said: str) -> None:
    found = problems(tmp_path, shapes)
    assert any(said in problem and problem.startswith("5: ") for problem in found), found


@pytest.mark.parametrize(
    "list_", ["_:l . _:l rdf:first 1 ; rdf:rest _:l", "_:l . _:l rdf:first 1 , 2 ; rdf:rest ()", "_:l . _:l rdf:first 1"]
)
@pytest.mark.parametrize("parameter", ["in", "or", "and", "xone", "ignoredProperties", "languageIn"])
def test_lists_that_are_cyclic_or_broken_are_refused(tmp_path: Path, parameter: str, list_: str) -> None:
    rdf = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
    (problem,) = problems(tmp_path, f"{rdf}{SHAPE}sh:{parameter} {list_} .")
    assert problem.endswith(f"sh:{parameter} is no well-formed list (it is broken, cyclic, or no list at all)")


@pytest.mark.parametrize(
    ("shapes", "cycle"),
    [
        (":s sh:targetClass :C ; sh:node :s .", "urn:x:s → urn:x:s"),
        (":s sh:targetClass :C ; sh:node :t .\n:t sh:not :u . :u sh:node :s .", "urn:x:s → urn:x:t → urn:x:u → urn:x:s"),
        (":s sh:targetClass :C ; sh:property :t .\n:t sh:path :p ; sh:or ( :s ) .", "urn:x:s → urn:x:t → urn:x:s"),
        (":s sh:targetClass :C ; sh:property [ sh:path :p ; sh:node :s ] .", "urn:x:s → a part of urn:x:s → urn:x:s"),
        # what must not be a value of a sibling's, refers to the sibling's shape
        (
            ":t sh:path :p ; sh:qualifiedValueShape :v ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true .\n"
            ":s sh:targetClass :C ; sh:property :t , [ sh:path :p ; sh:qualifiedValueShape :u ; sh:qualifiedMinCount 1 ] .\n"
            ":u sh:property :t . :v sh:nodeKind sh:IRI .",
            "urn:x:t → urn:x:u → urn:x:t",
        ),
    ],
)
def test_recursive_shapes_are_refused_with_the_cycle(tmp_path: Path, shapes: str, cycle: str) -> None:
    (problem,) = problems(tmp_path, shapes)
    assert problem == f"5: the shapes refer to themselves: {cycle}; what recursive shapes mean is undefined"


def test_very_deep_shapes_are_refused(tmp_path: Path) -> None:
    deep = "".join(f":s{i} sh:node :s{i + 1} .\n" for i in range(2_000))
    assert any("nested more than 100 deep" in problem for problem in problems(tmp_path, deep + ":s2000 sh:class :C ."))
    path = "[ sh:inversePath " * 300 + ":p" + " ]" * 300
    assert "nested more than 50 deep" in problems(tmp_path, f"{SHAPE}sh:path {path} .")[0]


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    assert problems(tmp_path, ":s a sh:PropertyShape .\n\n:t sh:path :p ; sh:minCount :x .") == [
        "5: urn:x:s: a property shape has no sh:path",
        "7: urn:x:t: sh:minCount is urn:x:x, which is no integer",
    ]


def test_the_line_is_that_of_the_shape_and_not_of_what_names_it(tmp_path: Path) -> None:
    text = "# <urn:x:t>\n:s sh:targetClass :C ;\n  sh:node\n  :t .\n\n<urn:x:t>\n  sh:nodeKind :x ."
    assert [problem.partition(":")[0] for problem in problems(tmp_path, text)] == ["10"]


def test_a_folder_of_shapes_is_checked_before_there_are_data(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(HEAD + ":s a sh:PropertyShape .", "utf-8")
    found: list[Problem] = []
    check_files(tmp_path, tmp_path, found)
    assert [problem.where for problem in found] == [f"{tmp_path / 'a.ttl'}:5"]


@pytest.mark.parametrize("engine", [Engine.AUTO, Engine.PYSHACL])
def test_queries_that_the_engine_refuses_are_told_with_their_shape(tmp_path: Path, engine: Engine) -> None:
    """Section 5.2.1 of SHACL forbids what pre-bound variables do not work with."""
    fine = ":t sh:targetClass :C ; sh:sparql [ sh:select 'SELECT $this { $this a <urn:x:E> }' ] .\n"
    with pytest.raises(InputError) as caught:
        run(tmp_path, fine + SELECT % "SELECT $this { $this ?p ?o MINUS { $this ?p 1 } }", engine=engine)
    (problem,) = caught.value.problems
    assert problem.where.endswith(":6")
    assert problem.what.startswith("urn:x:s cannot be used: ")


@pytest.mark.parametrize("text", ["'FROM <urn:x>'", "<urn:FROM>", "?from", "1 # FROM"])
def test_keywords_in_strings_iris_names_and_comments_are_none(tmp_path: Path, text: str) -> None:
    query = f"SELECT $this {{ $this ?p ?o . BIND ({text}\n AS ?x) }}"
    assert run(tmp_path, f':s sh:targetClass :C ; sh:sparql [ sh:select """{query}""" ] .').findings


def test_a_pattern_that_only_one_engine_knows_goes_to_that_one(tmp_path: Path) -> None:
    data = [Quad(NamedNode("urn:x:a"), NamedNode("urn:x:p"), Literal(text)) for text in ("слово", "5")]
    shape = ":s sh:targetNode :a ; sh:path :p ; sh:pattern '%s' ."
    (finding,) = run(tmp_path, shape % r"^\\p{L}+$", data).findings
    assert finding.value == Literal("5")
    (finding,) = run(tmp_path, shape % "^(?!5)", data).findings
    assert finding.value == Literal("5")


@pytest.mark.parametrize(
    ("shapes", "note"),
    [
        (SHAPE + "sh:proprety [ sh:path :p ] .", ":5: SHACL has no term sh:proprety; did you mean sh:property?"),
        (SHAPE + "sh:severity sh:Warn .", ":5: SHACL has no term sh:Warn; did you mean sh:Warning?"),
        (":s sh:targetClass :E ; sh:class :D .", ":5: urn:x:s looks at nothing: the data have no instance of urn:x:E"),
        (":s sh:targetSubjectsOf :z ; sh:class :D .", "urn:x:s looks at nothing: the data have no statement with urn:x:z"),
        (":s sh:targetObjectsOf :z ; sh:class :D .", "urn:x:s looks at nothing: the data have no statement with urn:x:z"),
        (":s sh:targetNode :z ; sh:class :D .", "urn:x:s looks at nothing: the data have nothing about urn:x:z"),
        (":s sh:class :D .", ":5: urn:x:s has no target, and no other shape uses it"),
    ],
)
def test_what_looks_like_a_slip_is_noted(tmp_path: Path, shapes: str, note: str) -> None:
    notes = run(tmp_path, shapes + "\n:fine sh:targetClass :C .").notes
    assert len(notes) == 1
    assert notes[0].endswith(note)


def test_targets_that_are_there_are_not_noted(tmp_path: Path) -> None:
    sub = [*DATA, *parse("<urn:x:D> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:x:E> .", format=RdfFormat.TURTLE)]
    targets = "sh:targetClass :E , :C ; sh:targetNode :b ; sh:targetSubjectsOf :p ; sh:targetObjectsOf :p"
    text = f":s {targets} ; sh:node :t . :t sh:nodeKind sh:IRI ."
    assert run(tmp_path, text, sub).notes == ()


@pytest.mark.parametrize("shapes", [":s sh:targetClass :E ; sh:class :D .", ":s sh:class :D .", ":not :a :shape ."])
def test_shapes_that_match_nothing_say_so(tmp_path: Path, shapes: str) -> None:
    report = run(tmp_path, shapes)
    assert report.conforms
    assert report.notes[0] == "no focus node: no shape looks at anything in the data"


def test_shapes_that_are_switched_off_are_left_out(tmp_path: Path) -> None:
    report = run(tmp_path, ":s sh:targetClass :C ; sh:deactivated true ; sh:class :D .\n:t sh:targetClass :C .")
    assert (report.findings, report.notes, [check.name for check in report.checks]) == ((), (), ["urn:x:t"])


@pytest.mark.parametrize("engine", [Engine.AUTO, Engine.PYSHACL])
def test_imports_are_never_fetched(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network is used")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    imports = "<http://localhost:1/%s> <http://www.w3.org/2002/07/owl#imports> <http://localhost:1/other> ."
    data = [*DATA, *parse(imports % "data", format=RdfFormat.TURTLE)]
    assert run(tmp_path, SHAPE + "sh:class :D .\n" + imports % "shapes", data, engine).findings


@pytest.mark.parametrize("engine", [Engine.AUTO, Engine.PYSHACL])
def test_one_very_long_literal_is_no_trouble(tmp_path: Path, engine: Engine) -> None:
    data = [Quad(NamedNode("urn:x:a"), NamedNode("urn:x:p"), Literal("x y\n" * 250_000))]
    shape = ":s sh:targetSubjectsOf :p ; sh:path :p ; sh:maxLength 9 ; sh:pattern '^z' ; sh:message '{value}' ."
    report = run(tmp_path, shape, data, engine)
    assert [len(finding.message()) < 250 for finding in report.findings] == [True, True]
    assert "1000000 characters" in report.findings[0].message()
