"""Terms of RDF in JSON-LD under relgraph's context: which key a property has, and how a value is written so that nothing is lost.

A value object (`{"@value": …}`) is never coerced, so that a value which a term does not expect keeps its datatype; a text
without a language cannot stand in a language map and is written under another key, which is no term.

An IRI whose scheme is a term of the context, as `rg:x` would be, could be taken for a compact IRI. It can be written only
where the context does not hold: `is_mistakable` finds it, and `expanded` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph.errors import InputError, Problem
from relgraph.exports.context import PREFIXES, Context
from relgraph.vocabulary import RDF, XSD

Node = NamedNode | BlankNode
_STRING: Final = XSD + "string"
#: Lexical forms that a JSON number or boolean says exactly in every reader: safe integers of ECMAScript, and true, false.
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")
_BOOLEAN: Final = XSD + "boolean"
_NATIVE: Final = {XSD + "integer": _INTEGER, _BOOLEAN: re.compile("true|false")}
#: How many compacted IRIs are remembered.
_REMEMBERED: Final = 1 << 14


@dataclass(frozen=True)
class Term:
    """A property of the context. key: its name there; type: IRI of the datatype, "@id", "@vocab" or None;
    language: values are a map by language; several: always an array; concepts: notations by IRI."""

    key: str
    type: str | None
    language: bool
    several: bool
    concepts: Mapping[str, str]


class Compaction:
    """Writes terms under one context."""

    def __init__(self, context: Context) -> None:
        entries = [entry for entry in context.values() if isinstance(entry, Mapping)]
        self._schemes = frozenset(context).union(*(entry.get("@context", ()) for entry in entries))
        self._namespaces = sorted(PREFIXES.items(), key=lambda item: item[0] != "id")
        self._terms: dict[str, Term] = {}
        self.names: dict[str, str] = {}
        for name, entry in context.items():
            if isinstance(entry, Mapping) and "@id" in entry:
                iri = self._absolute(entry["@id"])
                self.names[iri] = name
                self._terms[iri] = self._term(name, entry)
        self.iri = lru_cache(_REMEMBERED)(self._iri)
        self.is_mistakable = lru_cache(_REMEMBERED)(self._is_mistakable)

    def term(self, predicate: str) -> Term:
        """The term of a property; one without conversions, named by its IRI, where the context has none."""
        return self._terms.get(predicate) or Term(self.iri(predicate), None, False, False, {})

    def uncoerced(self, predicate: str) -> str:
        """A key of a property under which values are what they say."""
        key = self.iri(predicate)
        return predicate if key in self._schemes else key

    def name(self, iri: str) -> str:
        """A class: its term, else its IRI."""
        return self.names.get(iri) or self.iri(iri)

    def reference(self, node: Node) -> str:
        """The value of @id."""
        return self.iri(node.value) if isinstance(node, NamedNode) else f"_:{node.value}"

    def value(self, term: Term, value: Node | Literal) -> object:
        """One value of a property outside a language map."""
        if not isinstance(value, Literal):
            if term.type == "@id" and isinstance(value, NamedNode):
                return self.iri(value.value)
            if term.type == "@vocab" and isinstance(value, NamedNode):
                return term.concepts.get(value.value) or self.iri(value.value)
            return self.reference(value) if term.type in ("@id", "@vocab") else {"@id": self.reference(value)}
        datatype = value.datatype.value
        if not value.language and datatype == term.type:
            native = _NATIVE.get(datatype)
            text = value.value
            if native and native.fullmatch(text):
                return text == "true" if datatype == _BOOLEAN else int(text)
            return text
        if datatype == _STRING and term.type is None and not term.language:
            return value.value
        return _value_object(value, self.iri)

    def by_language(self, term: Term, values: Iterable[Literal]) -> dict[str, object]:
        """Texts in languages as a map from language, sorted."""
        texts: dict[str, list[str]] = {}
        for value in values:
            texts.setdefault(value.language or "", []).append(value.value)
        return {key: _array(found, term.several) for key, found in sorted(texts.items())}

    def entries(self, predicate: str, values: Iterable[Node | Literal]) -> dict[str, object]:
        """The entries of a node object for all values of one property (not rdf:type): one key, or two where some values do
        not fit into its language map."""
        term = self.term(predicate)
        found = list(values)
        if not term.language:
            return {term.key: _array([self.value(term, value) for value in found], term.several)}
        fitting: list[Literal] = []
        others: list[object] = []
        plain = Term(self.uncoerced(predicate), None, False, False, {})
        for value in found:
            if isinstance(value, Literal) and value.language and not value.direction:
                fitting.append(value)
            else:
                others.append(self.value(plain, value))
        entries: dict[str, object] = {term.key: self.by_language(term, fitting)} if fitting else {}
        return entries | ({plain.key: _array(others, False)} if others else {})

    def _term(self, name: str, entry: Mapping[str, Any]) -> Term:
        container = entry.get("@container", [])
        kind = entry.get("@type")
        concepts = {iri: notation for notation, iri in entry.get("@context", {}).items()}
        type_ = kind if kind is None or kind.startswith("@") else self._absolute(kind)
        return Term(name, type_, "@language" in container, "@set" in container, concepts)

    def _absolute(self, compact: str) -> str:
        prefix, _, rest = compact.partition(":")
        return PREFIXES[prefix] + rest if prefix in PREFIXES else compact

    def _iri(self, iri: str) -> str:
        for prefix, namespace in self._namespaces:
            rest = iri[len(namespace) :]
            # section 5.2.2 of the API reads what begins with // as an IRI with a scheme
            if rest and iri.startswith(namespace) and not rest.startswith("//"):
                return f"{prefix}:{rest}"
        return iri

    def _is_mistakable(self, iri: str) -> bool:
        return iri.partition(":")[0] in self._schemes


def expanded(subject: Node, statements: Iterable[tuple[NamedNode, Node | Literal]]) -> dict[str, object]:
    """A node object in which no context holds: every IRI absolute, every value an object."""
    node: dict[str, Any] = {"@context": None, "@id": _absolute_reference(subject)}
    for predicate, value in statements:
        if predicate.value == RDF + "type" and not isinstance(value, Literal):
            node.setdefault("@type", []).append(_absolute_reference(value))
            continue
        written = _value_object(value) if isinstance(value, Literal) else {"@id": _absolute_reference(value)}
        node.setdefault(predicate.value, []).append(written)
    return node


def iris(*terms: Node | Literal) -> list[str]:
    """The IRIs that writing the terms needs."""
    found = []
    for term in terms:
        if isinstance(term, NamedNode):
            found.append(term.value)
        elif isinstance(term, Literal) and not term.language:
            found.append(term.datatype.value)
    return found


def refuse_triples(subject: object, value: object) -> None:
    """Raises InputError for a triple term of RDF 1.2, which JSON-LD 1.1 has no way to write."""
    if isinstance(value, Triple):
        what = f"says something of the triple {value}, which JSON-LD 1.1 cannot write"
        raise InputError([Problem(str(subject), what, "Export it as N-Quads or TriG, which can")])


def _absolute_reference(node: Node) -> str:
    return node.value if isinstance(node, NamedNode) else f"_:{node.value}"


def _value_object(value: Literal, name: Callable[[str], str] = str) -> dict[str, object]:
    if value.language:
        direction = {"@direction": str(value.direction)} if value.direction else {}
        return {"@language": value.language, **direction, "@value": value.value}
    if value.datatype.value == _STRING:
        return {"@value": value.value}
    return {"@type": name(value.datatype.value), "@value": value.value}


def _array(values: list[Any], always: bool) -> object:
    return values[0] if len(values) == 1 and not always else values
