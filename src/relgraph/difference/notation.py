"""How terms are written for people: short IRIs, Turtle for blank nodes, Manchester syntax for class expressions."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from relgraph.vocabulary import OWL, PREFIXES, RDF, SCHEMA, SH, XSD, A

_PREFIXES: Final = {
    namespace: prefix
    for prefix, namespace in ({"sh": SH, "rgs": "https://w3id.org/relgraph/shapes#", "schema": SCHEMA} | PREFIXES).items()
}
_LOCAL = re.compile(r"[\w.\-]*(?:#char=\d+,\d+)?")
_PLAIN = {"integer": r"[+-]?\d+", "decimal": r"[+-]?\d*\.\d+", "boolean": "true|false"}
_TAG = re.compile(r'^".*"@([A-Za-z]+(?:-[A-Za-z0-9]+)*)$', re.DOTALL)
_FIRST, _REST, _NIL = (NamedNode(RDF + name) for name in ("first", "rest", "nil"))
#: So deep blank nodes are written inside each other; what lies deeper is told on its own.
_DEPTH = 40
_QUANTIFIERS = {"someValuesFrom": "some", "allValuesFrom": "only", "hasValue": "value", "hasSelf": "Self"}
_CARDINALITIES = {"minCardinality": "min", "maxCardinality": "max", "cardinality": "exactly"}
_QUALIFIED = {"minQualifiedCardinality": "min", "maxQualifiedCardinality": "max", "qualifiedCardinality": "exactly"}
#: Where the order of a list says nothing, its members are sorted.
_SETS = {"intersectionOf": " and ", "unionOf": " or ", "oneOf": ", "}


@lru_cache(maxsize=1 << 17)
def short(iri: str) -> str:
    """An IRI with a prefix of relgraph, or in angle brackets."""
    for cut in (iri.rfind("#") + 1, iri.rfind("/") + 1):
        prefix = _PREFIXES.get(iri[:cut])
        if prefix is not None and _LOCAL.fullmatch(iri, cut):
            return f"{prefix}:{iri[cut:]}"
    return f"<{iri}>"


def literal(value: Literal) -> str:
    """A literal as Turtle writes it."""
    kind = value.datatype.value
    if kind.startswith(XSD) and re.fullmatch(_PLAIN.get(kind.removeprefix(XSD), "(?!)"), value.value):
        return value.value
    quoted = str(Literal(value.value))
    if value.language:
        return str(value)
    return quoted if kind == XSD + "string" else f"{quoted}^^{short(kind)}"


def language(text: str) -> str:
    """The language tag of a literal as it is written; "" where it has none."""
    found = _TAG.search(text)
    return found[1] if found else ""


class Notation:
    """Writes the terms of a dataset.

    A blank node is written inside the one statement that leads to it; where several do, or none, or where they go in
    circles, it stands by its label and is described on its own (`is_inside` tells).
    """

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._said: dict[BlankNode, list[tuple[NamedNode, object]]] = defaultdict(list)
        uses: Counter[BlankNode] = Counter()
        start: list[tuple[BlankNode, int]] = []
        for quad in quads:
            subject, predicate, value, graph = quad
            if isinstance(subject, BlankNode):
                self._said[subject].append((predicate, value))
            if isinstance(value, BlankNode):
                uses[value] += 1
                if not isinstance(subject, BlankNode):
                    start.append((value, 1))
            elif isinstance(value, Triple):
                uses.update(dict.fromkeys(_within(value), 2))
            if isinstance(graph, BlankNode):
                uses[graph] += 2
        start += [
            (value, 1) for node in self._said if uses[node] != 1 for _, value in self._said[node] if isinstance(value, BlankNode)
        ]
        self._inside: set[BlankNode] = set()
        while start:
            node, depth = start.pop()
            if uses[node] != 1 or node in self._inside or depth > _DEPTH:
                if depth > _DEPTH:
                    start += [(value, 1) for _, value in self._said[node] if isinstance(value, BlankNode)]
                continue
            self._inside.add(node)
            is_cell = self._cell(node) is not None
            start += [
                (value, depth if is_cell and predicate == _REST else depth + 1)
                for predicate, value in self._said[node]
                if isinstance(value, BlankNode)
            ]

    def is_inside(self, node: BlankNode) -> bool:
        """True when the blank node is written inside another statement."""
        return node in self._inside

    def said(self, node: BlankNode) -> list[tuple[NamedNode, object]]:
        """The predicates and objects of a blank node."""
        return self._said[node]

    def members(self, node: object) -> list[object] | None:
        """The members of a well-formed list; None when it is none."""
        found: list[object] = []
        while isinstance(node, BlankNode):
            cell = self._cell(node)
            if cell is None or node not in self._inside:
                return None
            found.append(cell[0])
            node = cell[1]
        return found if node == _NIL else None

    def term(self, term: object) -> str:
        """A term: short IRI, literal, or what a blank node stands for."""
        if isinstance(term, NamedNode):
            return short(term.value)
        if isinstance(term, Literal):
            return literal(term)
        if isinstance(term, Triple):
            return f"<<( {self.term(term.subject)} {self.term(term.predicate)} {self.term(term.object)} )>>"
        if not isinstance(term, BlankNode) or term not in self._inside:
            return str(term)
        members = self.members(term)
        if members is not None:
            return f"( {' '.join(map(self.term, members))} )"
        return self._expression(term) or self._turtle(term)

    def _turtle(self, node: BlankNode) -> str:
        parts = sorted((p != A, "a" if p == A else short(p.value), self.term(value)) for p, value in self._said[node])
        return f"[ {' ; '.join(f'{name} {value}' for _, name, value in parts)} ]" if parts else "[ ]"

    def _expression(self, node: BlankNode) -> str | None:
        """A class expression in Manchester syntax (OWL 2 Manchester Syntax, section 2.4); None for what is none."""
        given = {p.value.removeprefix(OWL): value for p, value in self._said[node] if p != A}
        if len(given) != sum(p != A for p, _ in self._said[node]):
            return None
        names = set(given)
        if "onProperty" in given:
            prop = self._atom(given["onProperty"])
            for name, word in _QUANTIFIERS.items():
                if names == {"onProperty", name}:
                    return f"{prop} Self" if name == "hasSelf" else f"{prop} {word} {self._atom(given[name])}"
            for name, word in (_CARDINALITIES | _QUALIFIED).items():
                number = given.get(name)
                if isinstance(number, Literal) and names - {"onClass", "onDataRange"} == {"onProperty", name}:
                    kind = given.get("onClass") or given.get("onDataRange")
                    return f"{prop} {word} {number.value}" + (f" {self._atom(kind)}" if kind is not None else "")
            return None
        for name, separator in _SETS.items():
            members = self.members(given[name]) if names == {name} else None
            if members is not None:
                text = separator.join(sorted(map(self._atom, members)))
                return f"{{{text}}}" if name == "oneOf" else text
        if names == {"complementOf"}:
            return f"not {self._atom(given['complementOf'])}"
        return f"inverse {self._atom(given['inverseOf'])}" if names == {"inverseOf"} else None

    def _atom(self, term: object) -> str:
        text = self.term(term)
        return f"({text})" if isinstance(term, BlankNode) and " " in text and text[0] not in "[{" else text

    def _cell(self, node: BlankNode) -> tuple[object, object] | None:
        said = [(p, value) for p, value in self._said[node] if (p, value) != (A, NamedNode(RDF + "List"))]
        firsts, rests = ([value for p, value in said if p == wanted] for wanted in (_FIRST, _REST))
        return (firsts[0], rests[0]) if len(firsts) == len(rests) == 1 and len(said) == 2 else None


def _within(term: object) -> Iterator[BlankNode]:
    if isinstance(term, Triple):
        for part in (term.subject, term.object):
            if isinstance(part, BlankNode):
                yield part
            yield from _within(part)
