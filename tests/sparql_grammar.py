"""SPARQL 1.1 queries drawn from its grammar, and the small dataset that they ask.

`queries()` draws queries that are valid, scoping rules included; `mutations()` draws damaged ones; `services()` draws
queries with SERVICE in them. Groups are small, so that no query takes long on the dataset.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Words = list[str]

#: Asked by every query: names in three scripts, numbers, dates, escapes, a blank node, two named graphs.
DATA = r"""
@prefix : <https://example.org/> .
@prefix ex: <https://example.org/Ж/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :name "Anna", "Анна"@ru ; :knows :b, ex:ё ; :age 41 ; :p.q "1990-05-03"^^xsd:date .
:b :name "a\"b\\c\n😀", "" ; :knows :a ; :age 7.5 ; <urn:x:size> "no number"^^xsd:integer .
<https://w3id.org/relgraph/id/rel> :name "relative to relgraph's names"@en .
ex:ё :name "𝔄"@en-GB ; :age 1e3 ; :knows [ :name "x\ty" ] .
:g1 { :a :knows :b . :b :age 8 }
:g2 { :b :knows ex:ё . :g2 :name "граф"@ru }
"""
_PROLOGUE = [
    "PREFIX",
    ":",
    "<https://example.org/>",
    "PREFIX",
    "ex:",
    "<https://example.org/Ж/>",
    "PREFIX",
    "xsd:",
    "<http://www.w3.org/2001/XMLSchema#>",
]
_NAMES = (":a", ":b", "ex:ё", ":g1", ":p.q", ":a\\~b", ":a%20b", ":1", "<urn:x:size>", "<https://example.org/a>", "<rel/ж?x#y>")
_PROPERTIES = (":name", ":knows", ":age", ":p.q", "<urn:x:size>", "a")
#: None beyond U+FFFF: Oxigraph refuses them in names, where the grammar has them.
_VARIABLES = ("?a", "?b", "$c", "?ж")
#: Triple patterns that find something; drawn more often than the rest.
_TYPICAL = [triple.split() for triple in (
    "?a :knows ?b", "?a :name $c", "?a :age ?ж", ":a ?ж ?b", "?a ?b $c", "?a :knows+ ?b", "ex:ё ?b ?a", "<rel> ?b $c",
)]  # fmt: skip
_GRAPHS = (":g1", ":g2", "<urn:x:none>")
_NUMBERS = ("0", "7", "-3", "+2", "1.5", "-.5", "1e3", "1.0E-2", "41")
_DATES = ('"1990-05-03"^^xsd:date', '"1990-05-03T00:00:00Z"^^xsd:dateTime', '"30 мая"^^xsd:dateTime', "'P1D'^^xsd:duration")
_TAGS = ("@ru", "@en-GB", "@x-klingon", "^^xsd:string", "^^<urn:x:type>")
_SPACES = ("\n", "\t", "\r\n", "  ", " #\n", ' # it\'s "nothing" { Ж 😀\n', "\n\n#{{{\n")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
#: What XML 1.0 can hold too: Oxigraph writes any character into XML as it is.
_TEXT = st.text(st.sampled_from("aZ1 .Жё😀𝔄é\"'\\\n\t{}#?<>&%\u200f\u2028"), max_size=6)

_ONE = (
    "STR", "LANG", "DATATYPE", "IRI", "URI", "ABS", "CEIL", "FLOOR", "ROUND", "STRLEN", "UCASE", "LCASE", "ENCODE_FOR_URI",
    "YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS", "TIMEZONE", "TZ", "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "ISIRI",
    "ISBLANK", "ISLITERAL", "ISNUMERIC", "xsd:integer", "xsd:string", "xsd:double", "xsd:decimal", "xsd:boolean", "xsd:dateTime",
)  # fmt: skip
_TWO = (
    "LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS", "STRBEFORE", "STRAFTER", "STRLANG", "STRDT", "SAMETERM", "REGEX", "SUBSTR",
    "COALESCE", "CONCAT",
)  # fmt: skip
_THREE = ("IF", "REPLACE", "REGEX", "SUBSTR", "CONCAT", "COALESCE")
_VOLATILE = ("NOW", "RAND", "UUID", "STRUUID", "BNODE")
_OPERATORS = ("||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/")


@dataclass(frozen=True)
class Query:
    """A query. form: its first word; volatile: another answer each time; partial: an answer that depends on the order in
    which the engine finds things, as with a LIMIT."""

    text: str
    form: str
    volatile: bool
    partial: bool

    @property
    def is_graph(self) -> bool:
        return self.form in ("CONSTRUCT", "DESCRIBE")


class _Writer:
    """Writes one query, word by word."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw
        self._names = list(_VARIABLES)
        self._numbers = itertools.count(1)
        self._left = 5  # triple patterns that the query may still have
        self._simple = False  # whether EXISTS is out of place
        self.volatile = self.partial = False

    def query(self) -> tuple[str, Words]:
        form = self.one(("SELECT", "SELECT", "SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))
        words = [*_PROLOGUE]
        if self.chance():
            words += ["BASE", "<https://example.org/base/>"]
        return form, [
            *words,
            *{"SELECT": self._select, "ASK": self._ask, "CONSTRUCT": self._construct}.get(form, self._describe)(),
        ]

    # ── drawing

    def one(self, choices: Sequence[T]) -> T:
        chosen: T = self._draw(st.sampled_from(choices))
        return chosen

    def chance(self, of: int = 4) -> bool:
        return bool(self._draw(st.integers(0, of - 1)) == of - 1)

    def some(self, least: int, most: int) -> range:
        return range(self._draw(st.integers(least, most)))

    def fresh(self) -> str:
        return f"?n{next(self._numbers)}"

    # ── forms

    def _select(self) -> Words:
        return [*self._selection(self._dataset), *self._values_clause()]

    def _selection(self, dataset: Callable[[], Words]) -> Words:
        """A SELECT from its first word to its modifiers; what it binds beyond the pool is known afterwards."""
        clause, where = dataset(), self._where()
        head = ["SELECT", *self.one(([], [], [], ["DISTINCT"], ["REDUCED"]))]
        self.partial |= "REDUCED" in head
        if self.chance(3):
            return [*head, *self._grouped([*clause, *where])]
        columns, bound = self._columns()
        words = [*head, *columns, *clause, *where, *self._modifiers(self._expression)]
        self._names += bound
        return words

    def _columns(self) -> tuple[Words, list[str]]:
        if self.chance(3):
            return ["*"], []
        words, bound = self._draw(st.lists(st.sampled_from(self._names), min_size=1, max_size=3, unique=True)), []
        for _ in self.some(0, 2):
            bound.append(self.fresh())
            words = [*words, "(", *self._expression(), "AS", bound[-1], ")"]
        return words, bound

    def _grouped(self, body: Words) -> Words:
        """Columns, body and modifiers of a query with groups: what it shows are keys and aggregates."""
        keys, group = [], []
        for key in self._draw(st.lists(st.sampled_from(_VARIABLES), max_size=2, unique=True)):
            keys.append(key)
            group.append(key)
        if self.chance():
            keys.append(self.fresh())
            group += ["(", "STR", "(", *self._expression(), ")", "AS", keys[-1], ")"]  # Oxigraph refuses (?a AS ?n1)
        elif self.chance():
            group += self.one((["STR", "(", "?a", ")"], ["(", "?b", ")"]))

        def term() -> Words:
            return [self.one(keys)] if keys and self.chance(2) else self._aggregate()

        def combined() -> Words:
            return ["(", *term(), self.one(_OPERATORS), *term(), ")"] if self.chance(3) else term()

        columns = [*keys[:1], "(", *combined(), "AS", self.fresh(), ")"]
        having = ["HAVING", "(", *combined(), ")"] if self.chance() else []
        return [*columns, *body, *(["GROUP", "BY", *group] if group else []), *having, *self._modifiers(term)]

    def _aggregate(self) -> Words:
        name = self.one(("COUNT", "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))
        # sums of doubles, and which of two that cannot be compared is less, depend on the order too
        self.partial |= name != "COUNT"
        distinct = ["DISTINCT"] if self.chance() else []
        if name == "COUNT" and self.chance(2):
            return [name, "(", *distinct, "*", ")"]
        separator = [";", "SEPARATOR", "=", self._quoted()] if name == "GROUP_CONCAT" and self.chance(2) else []
        return [name, "(", *distinct, *self._expression(), *separator, ")"]

    def _ask(self) -> Words:
        return ["ASK", *self._dataset(), *self._where(), *self._values_clause()]

    def _construct(self) -> Words:
        if self.chance():
            return [
                "CONSTRUCT",
                *self._dataset(),
                "WHERE",
                "{",
                *self._triples(paths=False),
                "}",
                *self._modifiers(self._expression),
            ]
        self._left += 2  # the template costs nothing
        template = ["{", *(self._triples(paths=False) if self.some(0, 4) else []), "}"]
        clause, where = self._dataset(), self._where()
        return ["CONSTRUCT", *template, *clause, *where, *self._modifiers(self._expression), *self._values_clause()]

    def _describe(self) -> Words:
        if self.chance(3):
            return ["DESCRIBE", self.one(_NAMES), *self._dataset()]
        clause, where = self._dataset(), self._where()
        return ["DESCRIBE", *self.one((["*"], ["?a"], [":b", "?ж"])), *clause, *where, *self._modifiers(self._expression)]

    def _dataset(self) -> Words:
        words: Words = []
        if self.chance(12):
            for _ in self.some(1, 2):
                words += ["FROM", *self.one(([], ["NAMED"])), self.one(_GRAPHS)]
        return words

    def _modifiers(self, key: Callable[[], Words]) -> Words:
        words: Words = []
        if self.chance(3):
            words += ["ORDER", "BY"]
            for _ in self.some(1, 2):
                words += [*self.one(([], ["ASC"], ["DESC"])), "(", *key(), ")"]
        if self.chance():
            self.partial = True
            limit, offset = ["LIMIT", self.one(("0", "1", "3", "1000"))], ["OFFSET", self.one(("0", "2", "99"))]
            words += self.one((limit, offset, [*limit, *offset], [*offset, *limit]))
        return words

    # ── patterns

    def _where(self) -> Words:
        return [*self.one(([], ["WHERE"])), *self._group(3)]

    def _group(self, depth: int) -> Words:
        words = self._triples() if not self.chance(6) else []
        for _ in self.some(0, 2):
            kinds: list[Callable[[int], Words]] = [self._filter, self._bind, self._bind, self._values]
            if depth and self._left > 0:
                kinds += [
                    self._optional,
                    self._optional,
                    self._union,
                    self._union,
                    self._minus,
                    self._graph,
                    self._subquery,
                    self._group,
                ]
            words += self.one(kinds)(depth - 1)
            if self._left > 0 and self.chance(6):
                words += [*self.one(([], ["."])), *self._triples()]
        return ["{", *words, "}"]

    def _filter(self, depth: int) -> Words:
        condition = self._expression(max(depth, 0))
        # a call needs no brackets
        return ["FILTER", *(condition if condition[0].rstrip("(") in ("", *_ONE, *_TWO, *_THREE) else ["(", *condition, ")"])]

    def _bind(self, depth: int) -> Words:
        expression, name = self._expression(max(depth, 0)), self.fresh()
        self._names.append(name)
        return ["BIND", "(", *expression, "AS", name, ")"]

    def _values(self, _: int) -> Words:
        if self.chance(2):
            return ["VALUES", self.one(_VARIABLES), "{", *(self._constant() for _ in self.some(0, 3)), "}"]
        names = self._draw(st.lists(st.sampled_from(_VARIABLES), max_size=3, unique=True))
        words = ["VALUES", "(", *names, ")", "{"]
        for _ in self.some(0, 3):
            words += ["(", *(self._constant() for _ in names), ")"]
        return [*words, "}"]

    def _values_clause(self) -> Words:
        return self._values(0) if self.chance(6) else []

    def _optional(self, depth: int) -> Words:
        return ["OPTIONAL", *self._group(depth)]

    def _union(self, depth: int) -> Words:
        words = [*self._group(depth), "UNION", *self._group(depth)]
        return [*words, "UNION", *self._group(depth)] if self.chance() else words

    def _minus(self, depth: int) -> Words:
        return ["MINUS", *self._group(depth)]

    def _graph(self, depth: int) -> Words:
        return ["GRAPH", self.one((*_GRAPHS, "?g", "?a")), *self._group(depth)]

    def _subquery(self, depth: int) -> Words:
        return ["{", *self._selection(lambda: []), *self._values_clause(), "}"]

    def _triples(self, paths: bool = True) -> Words:
        words: Words = []
        for number in self.some(1, 2):
            self._left -= 1
            words += ["."] if number else []
            words += self.one(_TYPICAL) if paths and not self.chance() else [*self._subject(paths), *self._property(paths)]
            if self.chance(8):
                words += [self.one((",", ";")) if words[-1] != ";" else ";"]
                words += self._object(paths) if words[-1] == "," else self.one(([], self._property(paths)))
        return [*words, *self.one(([], ["."]))]

    def _property(self, paths: bool) -> Words:
        verb = self._path(2) if paths and self.chance(3) else [self.one((*_PROPERTIES, *_PROPERTIES, *self._names))]
        return [*verb, *self._object(paths)]

    def _subject(self, paths: bool) -> Words:
        if self.chance(6):
            return self.one(([f"_:b{next(self._numbers)}"], ["[]"], ["[", ":name", "?b", "]"], ["(", "?a", "7", ")"]))
        return [self.one((*self._names, *self._names, *_NAMES))]

    def _object(self, paths: bool) -> Words:
        if self.chance(6):
            return ["[", self.one(_PROPERTIES), self.one(self._names), "]"]
        return [self.one((*self._names, *_NAMES))] if not self.chance() else [self._literal()]

    def _path(self, depth: int) -> Words:
        if not depth:
            return [self.one(_PROPERTIES)]
        kind = self.one(("step", "modified", "inverse", "sequence", "alternative", "negated"))
        if kind == "step":
            return self._path(0)
        if kind == "modified":
            return ["(", *self._path(depth - 1), ")", self.one(("*", "+", "?"))]
        if kind == "inverse":
            return ["^", "(", *self._path(depth - 1), ")"]
        if kind == "negated":
            return self.one((["!", ":name"], ["!", "^", ":knows"], ["!", "(", ":age", "|", "^", ":knows", "|", "a", ")"]))
        return ["(", *self._path(depth - 1), "/" if kind == "sequence" else "|", *self._path(depth - 1), ")"]

    # ── expressions

    def _expression(self, depth: int = 2) -> Words:
        if not depth or self.chance(3):
            return [self.one(self._names)] if self.chance(2) else [self._constant(undefined=False)]
        kind = self.one(("one", "two", "three", "operator", "operator", "not", "in", "bound", "exists", "volatile"))

        def inner() -> Words:
            return self._expression(depth - 1)

        if kind == "one":
            return [self.one(_ONE), "(", *inner(), ")"]
        if kind == "two":
            return [*self._called(self.one(_TWO)), *inner(), ",", *inner(), ")"]
        if kind == "three":
            return [*self._called(self.one(_THREE)), *inner(), ",", *inner(), ",", *inner(), ")"]
        if kind == "not":
            return ["(", self.one(("!", "-", "+")), *inner(), ")"]
        if kind == "in":
            return ["(", *inner(), *self.one(([], ["NOT"])), "IN", "(", *inner(), ",", *inner(), ")", ")"]
        if kind == "bound":
            return ["BOUND", "(", self.one(self._names), ")"]
        if kind == "exists" and self._left > 0:
            return [*self.one(([], ["NOT"])), "EXISTS", *self._group(0)]
        if kind == "volatile" and self.chance():
            self.volatile = True
            return [f"{self.one(_VOLATILE)}()"]
        return ["(", *inner(), self.one(_OPERATORS), *inner(), ")"]

    def _called(self, function: str) -> Words:
        # Oxigraph refuses white space between these (and BNODE) and the bracket
        return [f"{function}("] if function in ("CONCAT", "COALESCE") else [function, "("]

    def _constant(self, undefined: bool = True) -> str:
        if undefined and self.chance(6):
            return "UNDEF"
        return self._literal() if self.chance(2) else self.one(_NAMES)

    def _literal(self) -> str:
        kind = self.one(("number", "date", "boolean", "text", "text"))
        if kind != "text":
            return self.one({"number": _NUMBERS, "date": _DATES, "boolean": ("true", "false")}[kind])
        return self._quoted() + (self.one(_TAGS) if self.chance(2) else "")

    def _quoted(self) -> str:
        return quoted(self._draw(_TEXT), self.one(('"', "'", '"""', "'''")), self.one(("", "ж😀")))


def quoted(text: str, mark: str, numbered: str) -> str:
    """A text as a literal between marks; characters of `numbered` by their number, others as they must be."""
    written = ""
    for character in text:
        if character in numbered:
            written += f"\\U{ord(character):08X}" if ord(character) > 0xFFFF else f"\\u{ord(character):04x}"
        elif len(mark) == 3 and character in "\n\t":
            written += character
        else:
            written += _ESCAPED.get(character, character)
    return mark + written + mark


@st.composite
def queries(draw: Callable[[st.SearchStrategy[Any]], Any], comment: str = "") -> Query:
    """Valid queries, with keywords in any case and any white space between words. comment: stands in each of them."""
    writer = _Writer(draw)
    form, words = writer.query()
    if comment:
        words.insert(draw(st.integers(0, len(words))), f"# {comment}\n")
    case: Callable[[str], str] = draw(st.sampled_from((str, str, str.lower, str.title)))
    spaces = draw(st.lists(st.sampled_from(_SPACES), max_size=3))
    between = itertools.cycle([" "] * draw(st.integers(1, 5)) + spaces)
    text = "".join((case(word) if word.isupper() else word) + next(between) for word in words)
    return Query(text, form, writer.volatile, writer.partial)


@st.composite
def mutations(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    """Queries that were valid until they were cut, had a part doubled or taken out, or got characters from anywhere."""
    text: str = draw(queries()).text
    for _ in range(draw(st.integers(1, 3))):
        # between words: the query often stays one
        places = [0, *(place.start() for place in re.finditer(r"\s", text))] if draw(st.booleans()) else range(len(text) + 1)
        start, end = sorted((draw(st.sampled_from(places)), draw(st.sampled_from(places))))
        inserted = draw(st.text(max_size=4) | st.sampled_from(("{", "}", "(", "\\u", '"', "'''", "<", ">", "@", "^^", "\0", "#")))
        kind = draw(st.sampled_from(("cut", "double", "take out", "insert")))
        if kind == "cut":
            text = text[:end]
        elif kind == "double":
            text = text[:end] + text[start:]
        elif kind == "take out":
            text = text[:start] + text[end:]
        else:
            text = text[:start] + inserted + text[start:]
    return text


@st.composite
def services(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    """Queries that ask a service: one that is not allowed, a variable, the search, or nothing that can be asked."""
    name = draw(
        st.sampled_from(("<http://127.0.0.1:9/>", "<urn:x:none>", "?a", "<https://w3id.org/relgraph/search#index>", "<>"))
    )
    silent = draw(st.sampled_from(("", "SILENT")))
    query = draw(queries()).text
    at = draw(st.sampled_from([i for i, character in enumerate(query) if character in "{}"] or [0]))
    pattern = draw(
        st.sampled_from(("?a ?b $c", '?a <https://w3id.org/relgraph/search#query> "Anna"', "", "SERVICE <urn:x:y> {}"))
    )
    return f"{query[: at + 1]} SERVICE {silent} {name} {{ {pattern} }} {query[at + 1 :]}"
