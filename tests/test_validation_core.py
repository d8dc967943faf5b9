"""SHACL Core on indexes, by the text of the recommendation, where other engines differ; any nesting, path and pattern."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store, Triple

from relgraph.datatypes import ill_formed
from relgraph.validation import Engine, paths, validate
from relgraph.validation.expressions import Matcher, holds
from relgraph.validation.graph import DataGraph, path_of
from relgraph.validation.preflight import DEEPEST, regex_of
from relgraph.vocabulary import XSD
from test_validation_engines import both, quads, shapes_of

PYSHACL, RUDOF = Engine.PYSHACL, Engine.RUDOF
CLASS = "<http://www.w3.org/2000/01/rdf-schema#Class>"
BELOW = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"


def found(data: str, shapes: str, engine: Engine = Engine.AUTO) -> list[str]:
    """The components that find something, with the text of the value at fault."""
    findings = validate(quads(data), shapes_of(shapes), engine=engine).findings
    return sorted(
        str(f.component).rsplit("#")[1][:-20] + (f" {f.value.value}" if f.value is not None else "")
        for f in findings
        if f.component
    )


#: Section of the recommendation, data, what :s says beside its target, what is found, and the engines that find something else.
CASES = [
    # lengths are those of STRLEN: characters, not bytes; a blank node has none, whatever the limit (4.4.1, 4.4.2)
    ("4.4.2", ':a :p "слово" .', "sh:path :p ; sh:maxLength 5", [], {RUDOF}),
    ("4.4.1", ':a :p "слово" .', "sh:path :p ; sh:minLength 6", ["MinLength слово"], {RUDOF}),
    ("4.4.2", ':a :p "😀😀" .', "sh:path :p ; sh:maxLength 2", [], {RUDOF}),
    ("4.4.2", ":a :p <urn:x:12> .", "sh:path :p ; sh:maxLength 7", ["MaxLength urn:x:12"], set()),
    ("4.4.1", ":a :p _:b .", "sh:path :p ; sh:minLength 0", ["MinLength b"], {PYSHACL}),
    ("4.4.1", ":a :p 1e0 .", "sh:path :p ; sh:maxLength 3", [], set()),
    # patterns are those of REGEX, with its flags; "q" takes every character as it stands (4.4.3)
    ("4.4.3", ':a :p "b" .', 'sh:path :p ; sh:pattern "." ; sh:flags "q"', ["Pattern b"], {PYSHACL}),
    ("4.4.3", ':a :p "abc" .', 'sh:path :p ; sh:pattern "a b" ; sh:flags "x"', [], {PYSHACL}),
    ("4.4.3", ':a :p "a\\n" .', 'sh:path :p ; sh:pattern "^a$"', ["Pattern a\n"], {PYSHACL}),
    ("4.4.3", ':a :p "b\\na" .', 'sh:path :p ; sh:pattern "^a$" ; sh:flags "m"', [], set()),
    ("4.4.3", ':a :p "a\\nb" .', 'sh:path :p ; sh:pattern "a.b"', ["Pattern a\nb"], set()),
    ("4.4.3", ':a :p "a\\nb" .', 'sh:path :p ; sh:pattern "a.b" ; sh:flags "s"', [], {PYSHACL}),
    ("4.4.3", ':a :p "СЛОВО" .', 'sh:path :p ; sh:pattern "^слово$" ; sh:flags "i"', [], set()),
    ("4.4.3", ':a :p "aa" .', 'sh:path :p ; sh:pattern "a++a"', [], {PYSHACL}),
    ("4.4.3", ':a :p "ab" .', 'sh:path :p ; sh:pattern "^a", "^y"', ["Pattern ab"], set()),
    # langMatches: a range is a tag or its beginning up to a hyphen, whatever the case (4.4.4)
    ("4.4.4", ':a :p "x"@en-GB, "x"@EN, "x"@eng .', 'sh:path :p ; sh:languageIn ( "en" )', ["LanguageIn x"], set()),
    ("4.4.4", ':a :p "x"@en .', 'sh:path :p ; sh:languageIn ( "en-GB" )', ["LanguageIn x"], set()),
    ("4.4.4", ':a :p "x"@de-Latn-DE .', 'sh:path :p ; sh:languageIn ( "de-Latn" )', [], {PYSHACL}),
    ("4.4.4", ':a :p "x"@de, "y" .', 'sh:path :p ; sh:languageIn ( "*" )', ["LanguageIn y"], set()),
    ("4.4.4", ':a :p "x"@de .', "sh:path :p ; sh:languageIn ()", ["LanguageIn x"], set()),
    ("4.4.5", ':a :p "x"@en-GB, "y"@EN-gb, "z"@en .', "sh:path :p ; sh:uniqueLang true", ["UniqueLang"], set()),
    # a literal of a datatype is well-formed in it (4.1.2)
    ("4.1.2", ':a :p "2000-02-30"^^xsd:date .', "sh:path :p ; sh:datatype xsd:date", ["Datatype 2000-02-30"], {RUDOF}),
    ("4.1.2", ':a :p "300"^^xsd:byte .', "sh:path :p ; sh:datatype xsd:byte", ["Datatype 300"], set()),
    ("4.1.2", ':a :p " 1"^^xsd:integer .', "sh:path :p ; sh:datatype xsd:integer", ["Datatype  1"], {PYSHACL}),
    ("4.1.2", ':a :p "-0044-03-15"^^xsd:date .', "sh:path :p ; sh:datatype xsd:date", [], {PYSHACL}),
    ("4.1.2", ':a :p "1"^^xsd:byte .', "sh:path :p ; sh:datatype xsd:integer", ["Datatype 1"], set()),
    # what SPARQL cannot compare is a fault (4.3)
    ("4.3.2", ':a :p "b"@en .', 'sh:path :p ; sh:minInclusive "a"', ["MinInclusive b"], {PYSHACL, RUDOF}),
    (
        "4.3.2",
        ":a :p :b, _:b, 2, 2.0, 2e0 .",
        "sh:path :p ; sh:minInclusive 2",
        ["MinInclusive b", "MinInclusive urn:x:b"],
        set(),
    ),
    ("4.3.2", ':a :p "NaN"^^xsd:double .', "sh:path :p ; sh:minInclusive 1", ["MinInclusive NaN"], set()),
    ("4.3.1", ':a :p "300"^^xsd:byte .', "sh:path :p ; sh:minExclusive 1", ["MinExclusive 300"], {RUDOF}),
    ("4.3.2", ':a :p "2000-01-01"^^xsd:date .', "sh:path :p ; sh:minInclusive 1", ["MinInclusive 2000-01-01"], {PYSHACL, RUDOF}),
    (
        "4.3.2",
        ':a :p "2000-01-01T10:00:00Z"^^xsd:dateTime .',
        'sh:path :p ; sh:minInclusive "2000-01-01T00:00:00"^^xsd:dateTime',
        ["MinInclusive 2000-01-01T10:00:00Z"],
        set(),
    ),
    # terms are equal where they are written alike (4.8.2, 4.8.3)
    ("4.8.3", ':a :p "01"^^xsd:integer, 1 .', "sh:path :p ; sh:in ( 1 2 1 )", ["In 01"], set()),
    ("4.8.3", ":a :p 1 .", "sh:path :p ; sh:in ()", ["In 1"], set()),
    ("4.8.2", ":a :p 1 .", "sh:path :p ; sh:hasValue 1, :b, 1.0", ["HasValue"], set()),
    # each member of a list counts (4.6.4)
    ("4.6.4", ":a :p 1 .", "sh:xone ( :t :t ) . :t sh:hasValue :a", ["Xone urn:x:a"], set()),
    # a closed property shape looks at the triples of its values; a literal is the subject of none (4.8.1)
    ("4.8.1", ":a :p :b . :b :q 1 ; :r 2 .", "sh:path :p ; sh:closed true ; sh:ignoredProperties ( :r )", ["Closed 1"], {RUDOF}),
    ("4.8.1", ":a :p 1 .", "sh:path :p ; sh:closed true", [], {RUDOF}),
    # a deactivated shape is one that everything conforms to (2.1.5)
    ("2.1.5", ":a :p 1 .", "sh:not [ sh:deactivated true ; sh:hasValue 1 ]", ["Not urn:x:a"], set()),
    ("2.1.5", ":a :p 1 .", "sh:property [ sh:path :p ; sh:maxCount 0 ; sh:deactivated true ]", [], set()),
    # siblings are all qualified shapes beside one, less its own (4.7.3)
    (
        "4.7.3",
        ":a :p :b, :c .",
        "sh:property [ sh:path :p ; sh:qualifiedValueShape :v ; sh:qualifiedMinCount 2 ; sh:qualifiedValueShapesDisjoint true ] ,"
        " [ sh:path :p ; sh:qualifiedValueShape [ sh:hasValue :b ] ; sh:qualifiedMinCount 1 ] . :v sh:nodeKind sh:IRI",
        ["QualifiedMinCount"],
        set(),
    ),
    # the inverse of a sequence goes through its parts in reverse (2.3.1.4)
    (
        "2.3.1",
        ":a :q :b . :b :p :c .",
        "sh:path [ sh:inversePath ( [ sh:inversePath :p ] [ sh:inversePath :q ] ) ] ; sh:maxCount 0",
        ["MaxCount"],
        {PYSHACL, RUDOF},  # rudof has pySHACL check such paths
    ),
    ("2.3.1", ":b :p 1 .", "sh:path [ sh:zeroOrMorePath [ sh:zeroOrOnePath :p ] ] ; sh:maxCount 0", ["MaxCount"], set()),
]


@pytest.mark.parametrize(("section", "data", "says", "expected", "others"), CASES)
def test_the_text_of_the_recommendation(section: str, data: str, says: str, expected: list[str], others: set[Engine]) -> None:
    for engine in set(Engine) - others:
        assert found(data, f":s sh:targetNode :a ; {says} .", engine) == expected, (section, engine)


@pytest.mark.parametrize(
    ("says", "expected", "others"),
    [
        ("sh:equals :q", ["Equals слово"], {RUDOF}),
        ("sh:disjoint :q", [], set()),
        ("sh:hasValue 1", ["HasValue"], set()),
        ('sh:hasValue "слово"', [], set()),
        ("sh:closed true", [], set()),
        ("sh:class :C", ["Class слово"], set()),
        ("sh:path :p ; sh:minCount 1", ["MinCount"], set()),
        ("sh:path [ sh:zeroOrOnePath :p ] ; sh:datatype xsd:date", ["Datatype слово"], set()),
        ("sh:property [ sh:path [ sh:inversePath :p ] ; sh:maxCount 0 ]", ["MaxCount"], set()),
        ("sh:not [ sh:nodeKind sh:Literal ]", ["Not слово"], set()),
    ],
)
def test_focus_nodes_that_are_literals(says: str, expected: list[str], others: set[Engine]) -> None:
    """A literal is the subject of no triple; at the end of a path of no steps it stands itself."""
    for engine in set(Engine) - others:
        for target in ('sh:targetNode "слово"', "sh:targetObjectsOf :p"):
            assert found(':a :p "слово" .', f":s {target} ; {says} .", engine) == expected, engine


def test_classes_below_a_class_in_a_circle() -> None:
    data = f":a a :D . :b a :C . :c a :E . :D {BELOW} :C . :C {BELOW} :D . :D {BELOW} :D ."
    shapes = shapes_of(f":C a {CLASS}, sh:NodeShape ; sh:nodeKind sh:Literal .")
    assert [str(f.focus) for f in both(quads(data), shapes).findings] == ["<urn:x:a>", "<urn:x:b>"]


def test_a_triple_in_several_graphs_counts_once() -> None:
    (quad,) = quads(":a :p 1 .")
    data = [quad, *(Quad(quad.subject, quad.predicate, quad.object, NamedNode(f"urn:g:{i}")) for i in (1, 2))]
    assert not both(data, shapes_of(":s sh:targetNode :a ; sh:path :p ; sh:maxCount 1 .")).findings


def test_a_literal_that_is_no_value_of_its_type_has_no_order() -> None:
    byte = Literal("300", datatype=NamedNode(XSD + "byte"))
    assert ill_formed([byte]) == {byte}
    assert not holds(byte, ">", Literal(1))
    assert not holds(Literal(1), "<", byte)
    assert holds(Literal("30", datatype=NamedNode(XSD + "byte")), ">", Literal(1))


# --- shapes in shapes, beside pySHACL

PREDICATES = st.sampled_from([":p", ":q", ":r"])
#: Without inverses of longer paths, which pySHACL gets wrong (see above).
PATHS = st.recursive(
    st.one_of(PREDICATES, PREDICATES.map("[ sh:inversePath {} ]".format)),
    lambda path: st.one_of(
        st.tuples(path, path).map(lambda two: f"( {two[0]} {two[1]} )"),
        st.tuples(path, path).map(lambda two: f"[ sh:alternativePath ( {two[0]} {two[1]} ) ]"),
        st.tuples(st.sampled_from(["zeroOrMore", "oneOrMore", "zeroOrOne"]), path).map(
            lambda two: f"[ sh:{two[0]}Path {two[1]} ]"
        ),
    ),
    max_leaves=4,
)
SIMPLE = [
    "sh:nodeKind sh:IRI", "sh:nodeKind sh:BlankNodeOrLiteral", "sh:datatype xsd:integer", "sh:class :C", "sh:hasValue :a",
    'sh:in ( :a 1 "x"@en )', "sh:equals :q", "sh:disjoint :r", 'sh:languageIn ( "en" "ru" )', "sh:minLength 2", "sh:maxLength 7",
    'sh:pattern "^[a1x]"', "sh:minInclusive 1", "sh:closed true", "sh:closed true ; sh:ignoredProperties ( :p :q )",
    "sh:deactivated true", "sh:severity sh:Warning",
]  # fmt: skip
COUNTS = ["sh:minCount 2", "sh:maxCount 1", "sh:uniqueLang true"]


def joined(given: Sequence[str]) -> str:
    return " ; ".join({text.split()[0] + text.split()[-1] * (text[:9] == "sh:class "): text for text in given}.values())


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What a node shape may say with shapes that say what inner gives."""
    two = st.tuples(inner, inner, st.sampled_from(["and", "or", "xone"]))
    more = st.one_of(
        st.tuples(st.sampled_from(["not", "node"]), inner).map(lambda s: f"sh:{s[0]} [ {s[1]} ]"),
        two.map(lambda s: f"sh:{s[2]} ( [ {s[0]} ] [ {s[1]} ] )"),
        st.tuples(PATHS, inner, st.sampled_from(COUNTS)).map(lambda s: f"sh:property [ sh:path {s[0]} ; {s[1]} ; {s[2]} ]"),
        st.tuples(PATHS, inner, inner, st.sampled_from(["true", "false"])).map(
            lambda s: (
                f"sh:property [ sh:path {s[0]} ; sh:qualifiedValueShape [ {s[1]} ] ; sh:qualifiedMinCount 1 ;"
                f" sh:qualifiedValueShapesDisjoint {s[3]} ] , [ sh:path {s[0]} ; sh:qualifiedValueShape [ {s[2]} ] ;"
                " sh:qualifiedMaxCount 1 ]"
            )
        ),
    )
    return st.lists(st.one_of(more, st.sampled_from(SIMPLE)), min_size=1, max_size=3).map(joined)


SHAPES = st.recursive(st.sampled_from(SIMPLE), nested, max_leaves=6)
TERMS = [":a", ":b", "_:c", "1", '"x"@en', '"y"@EN', '"z"@ru', '"ab"']
STATEMENTS = st.one_of(
    st.tuples(st.sampled_from(TERMS[:3]), PREDICATES, st.sampled_from(TERMS)).map(" ".join),
    st.tuples(st.sampled_from(TERMS[:3]), st.sampled_from(["a :C", "a :D", f"{BELOW} :D"])).map(" ".join),
    st.sampled_from([f":D {BELOW} :C", f":C {BELOW} :D"]),
)


@settings(max_examples=60)
@given(st.lists(STATEMENTS, max_size=9), SHAPES)
def test_any_shapes_in_shapes(statements: list[str], shape: str) -> None:
    data = quads(" ".join(f"{statement} ." for statement in statements))
    shapes = shapes_of(f":s sh:targetSubjectsOf :p ; sh:targetObjectsOf :q ; sh:targetClass :C ; sh:targetNode 1 ; {shape} .")
    assert validate(data, shapes).findings == validate(data, shapes, engine=PYSHACL).findings


REFERENCES = st.tuples(
    st.sampled_from(["not", "node", "and", "or", "xone", "property"]), st.lists(st.integers(0, 2), min_size=1, max_size=2)
)


@settings(max_examples=60)
@given(
    st.lists(STATEMENTS, max_size=9),
    st.lists(st.tuples(st.lists(REFERENCES, max_size=3), st.sampled_from(SIMPLE)), min_size=4, max_size=4),
    st.lists(st.tuples(PATHS, st.sampled_from(COUNTS)), min_size=3, max_size=3),
)
def test_any_shapes_that_several_refer_to(
    statements: list[str], nodes: list[tuple[list[tuple[str, list[int]]], str]], properties: list[tuple[str, str]]
) -> None:
    """What is known of a node and a shape is of use for all that refer to the shape."""
    data = quads(" ".join(f"{statement} ." for statement in statements))
    texts = [f":n0 a sh:NodeShape ; {says} ; sh:targetSubjectsOf :p ; sh:targetObjectsOf :q ." for _, says in nodes[:1]]
    texts += [f":n{i} a sh:NodeShape ; {says} ; sh:targetClass :C ." for i, (_, says) in enumerate(nodes[1:], 1)]
    texts += [f":p{i} sh:path {path} ; {says} ; sh:node :n{i + 1} ." for i, (path, says) in enumerate(properties)]
    for i, (references, _) in enumerate(nodes[:3]):
        for name, others in references:
            reached = [f":p{max(i, j)}" if name == "property" else f":n{max(i, j) + 1}" for j in others]
            value = f"( {' '.join(reached)} )" if name in ("and", "or", "xone") else reached[0]
            texts.append(f":n{i} sh:{name} {value} .")
    shapes = shapes_of(" ".join(texts))
    assert validate(data, shapes).findings == validate(data, shapes, engine=PYSHACL).findings


def test_targets_that_are_nodes_are_looked_for_in_every_place() -> None:
    shapes = shapes_of(':s sh:targetNode :a , :b , "слово"@ru , 1 , :p , :never ; sh:nodeKind sh:Literal .')
    notes = validate(quads(':a :p 1 . :c :q :b , "слово"@ru , 2 .'), shapes).notes
    assert sorted(note.rpartition(" ")[2] for note in notes) == ["urn:x:never", "urn:x:p"]


# --- paths

ANY_PATHS = st.recursive(
    PREDICATES,
    lambda path: st.one_of(
        st.lists(path, min_size=2, max_size=3).map(lambda found: f"( {' '.join(found)} )"),
        st.lists(path, min_size=2, max_size=3).map(lambda found: f"[ sh:alternativePath ( {' '.join(found)} ) ]"),
        st.tuples(st.sampled_from(["zeroOrMore", "oneOrMore", "zeroOrOne", "inverse"]), path).map(
            lambda two: f"[ sh:{two[0]}Path {two[1]} ]"
        ),
    ),
    max_leaves=6,
)
NODES = st.sampled_from([NamedNode(f"urn:x:{name}") for name in "abcd"])
EDGES = st.tuples(NODES, st.sampled_from([NamedNode(f"urn:x:{name}") for name in "pqr"]), NODES)


@given(st.lists(EDGES, max_size=10), ANY_PATHS, NODES)
def test_values_along_any_path_are_those_of_sparql(
    edges: list[tuple[NamedNode, NamedNode, NamedNode]], path: str, node: NamedNode
) -> None:
    index = shapes_of(f":s sh:path {path} .").index
    head = index.values(NamedNode("urn:x:s"), "path")[0]
    text = paths.text(index, head)
    store = Store()
    # Oxigraph has a path of no steps only at nodes that are in the graph
    store.extend(Quad(*edge) for edge in [*edges, (node, NamedNode("urn:x:is"), node)])
    rows = store.query(f"SELECT DISTINCT ?v {{ {node} {text if text[0] in '^(<' else f'<{text}>'} ?v }}")
    assert isinstance(rows, QuerySolutions)
    values = list(DataGraph([Triple(*edge) for edge in edges]).values(node, path_of(index, head)))
    assert len(values) == len(set(values))
    assert set(values) == {row["v"] for row in rows}


def test_a_long_chain() -> None:
    data = [Quad(NamedNode(f"urn:n:{i}"), NamedNode("urn:x:next"), NamedNode(f"urn:n:{i + 1}")) for i in range(5_000)]
    shapes = shapes_of(":s sh:targetNode <urn:n:0> ; sh:path [ sh:zeroOrMorePath :next ] ; sh:class :C ; sh:maxCount 5000 .")
    assert len(validate(data, shapes).findings) == 5_002  # each node, and that they are one too many


@pytest.mark.parametrize("name", ["property", "node", "not", "and", "or", "xone", "qualifiedValueShape"])
def test_shapes_nested_as_deep_as_may_be(name: str) -> None:
    """What checks them recurs; each level of the deepest shapes has a deep path besides."""
    texts = [":s0 sh:targetNode :a ."]
    path = "[ sh:zeroOrOnePath " * 45 + ":p" + " ]" * 45
    for i in range(DEEPEST - 1):
        value = f"( :s{i + 1} )" if name in ("and", "or", "xone") else f":s{i + 1}"
        texts.append(f":s{i} sh:{name} {value} .")
        if name in ("property", "qualifiedValueShape"):
            texts.append(f":s{i + 1} sh:path {path} .")
        if name == "qualifiedValueShape":
            texts.append(f":s{i} sh:qualifiedMinCount 1 .")
    texts += [f":s0 sh:path {path} ." if name == "qualifiedValueShape" else "", f":s{DEEPEST - 1} sh:hasValue :never ."]
    is_odd = name == "not" and DEEPEST % 2 == 0  # what does not conform to a shape that is not conformed to, conforms
    assert len(validate(quads(":a :p :a ."), shapes_of(" ".join(texts))).findings) == (0 if is_odd else 1)


# --- patterns


def is_found(pattern: str, text: str, flags: str = "") -> bool:
    """By Oxigraph alone."""
    rows = Store().query(f"SELECT (REGEX({Literal(text)}, {Literal(pattern)}, {Literal(flags)}) AS ?is) {{}}")
    assert isinstance(rows, QuerySolutions)
    value = next(iter(rows))["is"]
    return isinstance(value, Literal) and value.value == "true"


ATOMS = [
    "a", "b", "A", "1", "-", " ", "é", "ı", "ſ", "слово", "😀", ".", r"\d", r"\S", r"\.", r"\\", r"\[", "[a-c]", "[^ab]", "[-a]",
    "[a|b]", "[a||b]", r"[^\s<>]", "[+-.]", "[ſ-ƀ]", "[^ı]", r"\b", r"\p{L}", "[[:alpha:]]", "^", "$",
]  # fmt: skip
TIMES = ["", "", "", "?", "*", "+", "??", "*?", "+?", "?+", "++", "*+", "**", "{2}", "{0,2}", "{1,}", "{2,3}?", "{2}{2}"]
PATTERNS = st.recursive(
    st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(TIMES)).map("".join), max_size=3).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("|".join),
        st.tuples(inner, inner, st.sampled_from(["", "?", "??", "*", "{2}", "?+"])).map(lambda s: f"{s[0]}({s[1]}){s[2]}"),
    ),
    max_leaves=5,
)
LETTERS = "abcABiIsSkK1-. |[]\\\néıſſKß٣слово😀"


@settings(max_examples=300)
@given(PATTERNS, st.lists(st.text(LETTERS, max_size=8), max_size=5), st.sampled_from(["", "i"]))
@example("ı", ["i", "ı", "I"], "i")
@example("[^ı]", ["i"], "i")
@example("a++a", ["aa"], "")
@example("a?+a", ["a"], "")
@example("(a)?*b", ["b"], "")
@example("a{2}{3}", ["a" * 6], "")
@example("^*a", ["a"], "")
@example("[a||b]", ["|"], "")
def test_patterns_mean_what_they_mean_in_sparql(pattern: str, texts: list[str], flags: str) -> None:
    assume(regex_of(pattern, flags))
    matcher = Matcher(pattern, flags)
    for text in texts:
        assert matcher(text) == is_found(pattern, text, flags)


@pytest.mark.parametrize(
    "pattern",
    [".*.*.*.*=", "a?" * 40 + "b", "(a|a)?" * 40 + "b", "(a|a)" * 40 + "b", "(a|a|(a?(a|a)?)?)?" * 9 + "b", "^a*a*a*a*a*b"],
)
@pytest.mark.parametrize("length", [30, 39, 300, 1_000, 20_000])
def test_no_pattern_takes_for_ever(pattern: str, length: int) -> None:
    """Python would try more ways of matching than can be counted in a lifetime."""
    assert not Matcher(pattern, "")("a" * length)


def test_plain_patterns_of_our_shapes_are_matched_by_python() -> None:
    for pattern in (r"^\S(.*\S)?$", "^[0-9a-f]{64}$", r'^https?://[^\s<>"]+$', "^([.][.]/[0-9]{4}(-(0[1-9]|1[0-2]))?|[0-9]{4})$"):
        matcher = Matcher(pattern, "")
        assert not matcher("x y ")
        assert not matcher._known  # what Oxigraph is asked for is kept
