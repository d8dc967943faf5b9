"""Datasets that parsers and writers of RDF stumble over, by what is nasty about them.

Each case has its own subjects, so that the cases can stand in one dataset and still be told apart. Blank nodes are in the
graph of the ontology only, as in a release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, RdfFormat, serialize

from relgraph.vocabulary import (
    ASSERTED,
    DEFAULT_GRAPHS,
    ID,
    INFERRED,
    ONTOLOGY_GRAPH,
    PREF_LABEL,
    PROVENANCE,
    RDF,
    REPORTED,
    RG,
    SKOS,
    XSD,
    A,
)

Subject = NamedNode | BlankNode
Value = NamedNode | BlankNode | Literal

GRAPHS = (ASSERTED, PROVENANCE, INFERRED, REPORTED, ONTOLOGY_GRAPH)
#: What XML 1.0 has no place for, in any spelling (section 2.2): controls and noncharacters.
CONTROLS = [character for character in map(chr, range(1, 0x20)) if character not in "\t\n\r"]
NONCHARACTERS = ["\ufffe", "\uffff"]

#: Names as the ends of IRIs in the namespaces of relgraph; every one is legal in an IRI.
_NAMES = (
    "Москва", "город-Санкт-Петербург", "𝒳", "𐍈𐌰𐌹𐍂𐌺𐌽𐌰", "😀", "%D0%9A", "%d0%9a", "a%2Fb", "%25", "a(b)", "(", ")", "()", "x.",
    "x..", "a_..",
    ".x", "a.b", "-x", "1", "1a", "_", "_:", ":", "a:b", "::", "~x", "a~b", "a'b", "a!b$c&d", "a*b+c,d;e=f", "a@b", "@id",
    "@type",
    "a/b", "a//b", "#", "?", "?char=1,2", "004#char=18,44", "a;base64,", "e\u0301", "é", "\ud7ff", "·x", "x·", "\u203f", "\u200d",
    "true", "a", "base", "prefix", "null", "graph", "BASE",
)  # fmt: skip
_IRIS = (
    "urn:isbn:0-486-27557-4", "mailto:a@example.org", "tag:example.org,2001:x", "data:,", "http://e.org", "http://e.org/",
    "http://e.org/#", "http://e.org?",
    "http://E.ORG:80/", "HTTP://e.org/", "http://[2001:db8::1]/x", "http://u:p@e.org:8080/", "http://пример.рф/х",
    "http://xn--e1afmkfd.xn--p1ai/", "file:///a", "x:", "a:b:c", "http://e.org/a&b;c", "http://e.org/&amp;",
)  # fmt: skip
#: References are resolved to other IRIs than these, also where they are absolute (RFC 3986, section 5.2.4).
_DOT_SEGMENTS = ("http://e.org/a/../b", "http://e.org/./b", "http://e.org/a/.", "http://e.org/..", ID + "time/..")
_SPACES = ("http://e.org/\u00a0", ID + "\u2003x", ID + "org/\u3000")
_TEXTS = (
    "", " ", "  two ends  ", "a\nb", "a\r\nb", "a\rb", "\r", "\n", "\t", "a\tb", "\\", "\\\\", "a\\", "\\n", "\\u0041", '"',
    '""', '"""', "'", "'''",
    'ends in "', 'a"""b', "]]>", "<![CDATA[x]]>", "<!-- x -->", "<a b='c'>&amp;</a>", "&", "&#65;", "<?x?>", "@type", "@id",
    "_:b", "{}", "[1]", "null", "true",
    "1", "1.0", "http://e.org/x", "rg:Visit", "^^", "a@en", "Ё", "e\u0301", "\ufeffa", "a\ufeff", "\u200f\u202eabc\u202c",
    "\u2028\u2029\u0085\u00a0",
    "👩‍👩‍👧‍👦", "𝒳", "\U0010ffff", "\ud7ff\ue000\ufffd", "\U0001fffe", "a,b;c.", " . ", "#", "%", "{{ x }}", "$1", "x" * 20_000,
)  # fmt: skip
_LANGUAGES = (
    "en", "ru", "en-GB", "de-CH-1996", "zh-cmn-Hans-CN", "zh-yue", "sr-Latn-RS", "es-419", "sl-rozaj-biske-1994", "x-klingon",
    "i-default",
    "en-a-bbb-x-a-ccc", "de-DE-u-co-phonebk", "EN-us", "hy-Latn-IT-arevela",
)  # fmt: skip
#: Datatype and lexical forms, valid ones in odd spellings and ones that are not valid.
_TYPED = {
    XSD + "integer": ("0", "-0", "+1", "007", "-00", "9" * 40, "abc", "", " 1 ", "1.0"),
    XSD + "decimal": ("1", "1.", ".5", "-.5", "01.50", "+1.0", "0.000000000000000000000000000001", "1" * 40 + ".5", "1e3"),
    XSD + "double": ("1", "1.0", "1E0", "1e6", "1.0E6", "-0", "-0E0", "INF", "-INF", "+INF", "NaN", "1E400",
        "1.7976931348623157E308", "nan", "Infinity"),
    XSD + "float": ("1", "1.0E1", "0.1", "INF", "NaN", "16777217"),
    XSD + "boolean": ("true", "false", "1", "0", "TRUE", "yes"),
    XSD + "dateTime": ("2001-01-01T00:00:00", "2001-01-01T24:00:00", "2001-01-01T00:00:00.000Z", "2001-01-01T00:00:00+14:00",
        "-0044-03-15T00:00:00", "2001"),
    XSD + "date": ("2001-01-01", "2001-01-01Z", "2001-02-30", "12001-01-01"),
    XSD + "gYear": ("2001", "-0001", "02001"),
    XSD + "gMonthDay": ("--02-29", "--2-29"),
    XSD + "duration": ("P1Y", "P12M", "-P1D", "PT0S", "P1Y2M3DT4H5M6.7S"),
    XSD + "dayTimeDuration": ("PT24H", "P1D"),
    XSD + "byte": ("1", "300"),
    XSD + "negativeInteger": ("-1", "-01"),
    XSD + "anyURI": ("http://e.org/", "a b"),
    XSD + "hexBinary": ("0fb7", "0FB7"),
    XSD + "base64Binary": ("AA==", "A A = ="),
    XSD + "normalizedString": ("a\tb",),
    RDF + "HTML": ("<p>a<br>b</p>", "<p", "&nbsp;"),
    RDF + "XMLLiteral": ("<a/>", '<a b="1"> <c/> </a>', "no XML <", "&amp;", ""),
    RDF + "JSON": ('{"b":1,"a":[1.0,null]}', "no JSON", "1.0"),
    "http://e.org/datatype#own": ("x", "1"),
    "http://e.org/datatype": ("x",),
    "urn:type": ("x",),
    ID + "тип": ("x",),
}  # fmt: skip
#: Predicates and types whose ends are names of XML, as RDF/XML needs.
_PREDICATES = (
    RG + "p1", RG + "_", RG + "имя", "http://e.org/a.b-c", "http://e.org/10p", "http://e.org/%41p", "http://e.org/x(y)z",
        "urn:x:y", "mailto:p",
    RDF + "_1", RDF + "_10", RDF + "value", RDF + "predicate", RDF + "object", SKOS + "prefLabel", "http://e.org/é",
    "http://e.org/a/b?c=d&e=f#g", "http://e.org/x𐍈",
)  # fmt: skip
#: IRIs whose ends are no names of XML.
NAMELESS = (
    "http://e.org/",
    "http://e.org/1",
    "http://e.org/p#",
    "http://e.org/a%20",
    "urn:1",
    "http://e.org/x.",
    "http://e.org/😀",
)
#: Words of RDF/XML itself, which mean something else there (section 5.1 of its recommendation).
_WORDS = tuple(RDF + name for name in ("li", "Description", "about", "ID", "RDF", "parseType", "resource", "bagID"))


def subject(case: str, number: int = 0) -> NamedNode:
    """The subject of a statement of a case."""
    return NamedNode(f"{ID}nasty/{case}/{number}")


def _objects(case: str, objects: Iterable[NamedNode | Literal]) -> Iterator[Quad]:
    for number, value in enumerate(objects):
        yield Quad(subject(case, number), PREF_LABEL, value, GRAPHS[number % 4])


def _everywhere(case: str, iris: Iterable[str]) -> Iterator[Quad]:
    """IRIs as subjects and objects, and in several graphs."""
    own = subject(case)
    for number, iri in enumerate(iris):
        node = NamedNode(iri)
        yield Quad(own, NamedNode(RG + "place"), node, GRAPHS[number % 4])
        yield Quad(node, NamedNode(RG + "partOf"), own, GRAPHS[number % 5])


def _spaced() -> Iterator[str]:
    """The names in namespaces that prefixes stand for, and in one without."""
    for name in _NAMES:
        yield from (space + name for space in (ID, ID + "org/", "http://e.org/"))
        if "#" not in name:  # a fragment has none
            yield RG + name


def _characters() -> Iterator[Literal]:
    """Every character of Unicode but those that XML has no place for, in texts of some thousand each."""
    numbers = [number for number in range(0x20, 0x30000) if not 0xD800 <= number <= 0xDFFF and number not in (0xFFFE, 0xFFFF)]
    for start in range(0, len(numbers), 4096):
        yield Literal("".join(map(chr, numbers[start : start + 4096])))


def _typed(*kinds: str) -> Iterator[Literal]:
    """The literals of datatypes."""
    return (Literal(form, datatype=NamedNode(kind)) for kind in kinds for form in _TYPED[kind])


def _lists() -> Iterator[Quad]:
    first, rest, nil = (NamedNode(RDF + name) for name in ("first", "rest", "nil"))
    own = subject("lists")

    def chain(name: str, *values: Value, end: Subject = nil) -> Iterator[tuple[Subject, NamedNode, Value]]:
        cells = [BlankNode(f"{name}{number}") for number in range(len(values))]
        for cell, following in pairwise([*cells, end]):
            yield cell, rest, following
        yield from ((cell, first, value) for cell, value in zip(cells, values, strict=True))

    statements: list[tuple[Subject, NamedNode, Value]] = [
        (own, NamedNode(RG + "empty"), nil),
        (own, NamedNode(RG + "list"), BlankNode("l0")),
        *chain("l", Literal("a"), Literal("a"), own, nil, Literal("1", datatype=NamedNode(XSD + "integer"))),
        (own, NamedNode(RG + "nested"), BlankNode("n0")),
        *chain("n", BlankNode("m0"), BlankNode("k0"), nil),
        *chain("m", Literal("in")),
        *chain("k", BlankNode("j0")),
        *chain("j", Literal("deep")),
        (own, NamedNode(RG + "shared"), BlankNode("s0")),
        (own, NamedNode(RG + "sharedToo"), BlankNode("s0")),
        *chain("s", Literal("shared")),
        (own, NamedNode(RG + "tail"), BlankNode("t0")),
        *chain("t", Literal("t"), end=BlankNode("s0")),
        (own, NamedNode(RG + "cyclic"), BlankNode("c0")),
        *chain("c", Literal("c"), Literal("d"), end=BlankNode("c0")),
        (own, NamedNode(RG + "twoFirsts"), BlankNode("f0")),
        *chain("f", Literal("f")),
        (BlankNode("f0"), first, Literal("g")),
        (own, NamedNode(RG + "noFirst"), BlankNode("e0")),
        (BlankNode("e0"), rest, nil),
        (own, NamedNode(RG + "annotated"), BlankNode("o0")),
        *chain("o", Literal("o")),
        (BlankNode("o0"), PREF_LABEL, Literal("a list with a name")),
        *chain("loose", Literal("nobody's list")),
        (own, NamedNode(RG + "named"), subject("lists", 1)),
        (subject("lists", 1), first, Literal("a cell with an IRI")),
        (subject("lists", 1), rest, nil),
    ]  # fmt: skip
    for triple in statements:
        yield Quad(*triple, ONTOLOGY_GRAPH)


def _blank() -> Iterator[Quad]:
    own, knows = subject("blank"), NamedNode(RG + "partOf")
    nodes: list[Subject] = [BlankNode(f"b{number}") for number in range(6)]
    pairs: list[tuple[Subject, Subject]] = [
        (own, nodes[0]),
        *pairwise(nodes),
        (nodes[5], nodes[3]),
        (nodes[2], nodes[2]),
        (nodes[1], own),
    ]
    for one, other in pairs:
        yield Quad(one, knows, other, ONTOLOGY_GRAPH)
    yield Quad(nodes[4], A, nodes[4], ONTOLOGY_GRAPH)
    yield Quad(BlankNode("alone"), PREF_LABEL, Literal("alone"), ONTOLOGY_GRAPH)
    for number in range(3):  # told apart by nothing but what they lead to
        yield Quad(BlankNode(f"same{number}"), knows, BlankNode(f"same{(number + 1) % 3}"), ONTOLOGY_GRAPH)


def _types(iris: Iterable[str], case: str) -> Iterator[Quad]:
    for number, iri in enumerate(iris):
        yield Quad(subject(case, number), A, NamedNode(iri), ASSERTED)
        yield Quad(subject(case, number), A, NamedNode(RG + "Document"), INFERRED)


CASES: Mapping[str, tuple[Quad, ...]] = {
    "names": tuple(_everywhere("names", _spaced())),
    "iris": tuple(_everywhere("iris", _IRIS)),
    "dot-segments": tuple(_everywhere("dot-segments", _DOT_SEGMENTS)),
    "spaces": tuple(_everywhere("spaces", _SPACES)),
    "like-prefixed-names": tuple(
        _everywhere("like-prefixed-names", ("rg:Visit", "skos:prefLabel", "id:x", "xsd:string", "rdf:"))
    ),
    "texts": tuple(_objects("texts", map(Literal, _TEXTS))),
    "characters": tuple(_objects("characters", _characters())),
    "languages": tuple(_objects("languages", (Literal("a", language=tag) for tag in _LANGUAGES))),
    "texts-in-languages": tuple(_objects("texts-in-languages", (Literal(text, language="ru") for text in _TEXTS))),
    "datatypes": tuple(_objects("datatypes", _typed(*(kind for kind in _TYPED if kind != XSD + "double")))),
    "doubles": tuple(_objects("doubles", _typed(XSD + "double"))),
    "types": tuple(_types((*_PREDICATES, *(RDF + name for name in ("Bag", "List", "Statement"))), "types")),
    "predicates": tuple(
        Quad(subject("predicates"), NamedNode(iri), value, ASSERTED)
        for iri in _PREDICATES
        for value in (subject("predicates"), Literal("a"))
    ),
    "graphs": tuple(Quad(subject("graphs"), PREF_LABEL, Literal("the same in every graph"), graph) for graph in GRAPHS),
    "lists": tuple(_lists()),
    "blank": tuple(_blank()),
    # what follows is not for RDF/XML
    "controls": tuple(_objects("controls", [*map(Literal, CONTROLS), Literal("".join(CONTROLS), language="en")])),
    "nul": tuple(_objects("nul", map(Literal, ("\0", "a\0b", "a\0")))),
    "noncharacters": tuple(_objects("noncharacters", [*map(Literal, NONCHARACTERS), Literal("a".join(NONCHARACTERS))])),
    "nameless-predicates": tuple(
        Quad(subject("nameless-predicates"), NamedNode(iri), Literal("a"), ASSERTED) for iri in (*NAMELESS, *_WORDS)
    ),
    "nameless-types": tuple(_types((*NAMELESS, *_WORDS), "nameless-types")),
}
#: Cases that have no place in XML.
NOT_IN_XML = ("controls", "nul", "noncharacters", "nameless-predicates", "nameless-types")


def dataset(cases: Iterable[str]) -> bytes:
    """The cases as one dataset: canonical N-Quads (RDFC-1.0), which is what a release holds."""
    return canonical(quad for case in cases for quad in CASES[case])


def canonical(quads: Iterable[Quad]) -> bytes:
    """Canonical N-Quads of quads."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = (serialize(dataset, format=RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
    return b"".join(sorted(lines))


def is_in_default_graph(quad: Quad) -> bool:
    """Whether a quad is in the default graph of queries."""
    return quad.graph_name in DEFAULT_GRAPHS
