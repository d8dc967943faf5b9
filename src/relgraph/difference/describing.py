"""A side as people look at it: by section, by what is described, by property."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from relgraph.difference.axioms import CHARACTERISTICS, axiom
from relgraph.difference.notation import Notation, short
from relgraph.vocabulary import (
    ASSERTED,
    ID,
    INFERRED,
    ONTOLOGY_GRAPH,
    OWL,
    PREF_LABEL,
    PROVENANCE,
    RDF,
    RDFS,
    REPORTED,
    SCHEMES,
    SH,
    A,
    rg,
)

#: The sections, in the order in which they are told.
SECTIONS: Final = (
    "terms", "axioms", "shapes", "checks", "files", "documents", "entities", "facts", "claims", "subjects", "times", "spans",
    "inferred",
)  # fmt: skip

_TERMS = CHARACTERISTICS | {
    NamedNode(iri)
    for iri in (
        *(OWL + name for name in ("Class", "Ontology", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")),
        RDFS + "Class", RDFS + "Datatype", RDF + "Property",
    )
}  # fmt: skip
_SHAPES = frozenset(NamedNode(SH + name) for name in ("NodeShape", "PropertyShape"))
_LABELS = frozenset((PREF_LABEL, NamedNode(RDFS + "label"), NamedNode("http://purl.org/dc/terms/title"), NamedNode(SH + "name")))
_KNOWN_GRAPHS = (ASSERTED, PROVENANCE, REPORTED, INFERRED, ONTOLOGY_GRAPH, DefaultGraph())
_BY_TYPE = {
    rg("Claim"): "claims", rg("Content"): "claims", rg("TextSpan"): "spans", rg("TimeSpan"): "times", rg("Document"): "documents",
    rg("Section"): "documents",
}  # fmt: skip
_PROPERTY, _PATH = NamedNode(SH + "property"), NamedNode(SH + "path")
_SAYS, _LINE = rg("says"), rg("line")
_PLACES = (rg("evidence"), rg("context"))
_TOLD_WITH = frozenset((*_PLACES, _SAYS))


@dataclass
class Entry:
    """What is said of one thing: its IRI or label of a blank node, values by property, and for an axiom the terms that it
    is about."""

    iri: str
    values: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    about: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Description:
    """A dataset by section and name of the thing; labels: by name and language."""

    entries: Mapping[str, Mapping[str, Entry]]
    labels: Mapping[str, Mapping[str, str]]


def fact_classes(quads: Iterable[Quad]) -> frozenset[NamedNode]:
    """rg:Fact and the classes below it, as far as the quads tell."""
    below: dict[object, set[NamedNode]] = defaultdict(set)
    for quad in quads:
        if quad.predicate.value == RDFS + "subClassOf" and isinstance(quad.subject, NamedNode):
            below[quad.object].add(quad.subject)
    found, left = {rg("Fact")}, [rg("Fact")]
    while left:
        new = below[left.pop()] - found
        found |= new
        left += new
    return frozenset(found)


def describe(quads: Iterable[Quad], facts: frozenset[NamedNode], differing: Set[Quad], everything: str = "") -> Description:
    """Describes what quads say of the things that differ.

    facts: the classes of facts; differing: the quads that only one side has; everything: the section of what no type
    tells (for a shapes graph).
    """
    return _Describer(list(quads), facts, differing, everything).description()


class _Describer:
    def __init__(self, quads: list[Quad], facts: frozenset[NamedNode], differing: Set[Quad], everything: str) -> None:
        self._quads = quads
        self._differing = differing
        self._facts = facts
        self._everything = everything
        self._notation = Notation(quads)
        self._types: dict[object, set[object]] = defaultdict(set)
        self._graphs: dict[object, set[object]] = defaultdict(set)
        self._lines: dict[object, str] = {}
        self._claims: dict[object, NamedNode] = {}
        for quad in quads:
            subject, predicate, value, graph = quad
            self._graphs[subject].add(graph)
            if predicate == A:
                self._types[subject].add(value)
            elif predicate == _SAYS and isinstance(subject, NamedNode):
                self._claims[value] = subject
            elif predicate == _LINE and isinstance(value, Literal):
                self._lines[subject] = value.value
        self._told = self._closure()
        self._sections = {subject: self._section(subject) for subject in self._told if subject in self._graphs}
        self._entries: dict[str, dict[str, Entry]] = {section: {} for section in SECTIONS}
        self._labels: dict[str, dict[str, str]] = defaultdict(dict)

    def description(self) -> Description:
        for quad in self._quads:
            subject, predicate, value, _ = quad
            if isinstance(value, Literal) and predicate in _LABELS:
                self._labels[_name(subject)].setdefault(value.language or "", value.value)
            if subject not in self._told or (isinstance(subject, BlankNode) and self._notation.is_inside(subject)):
                continue
            if quad.graph_name == INFERRED:
                self._put("inferred", subject, short(quad.predicate.value), self._notation.term(quad.object))
            elif not self._axiom(quad):
                self._statement(quad)
        return Description(self._entries, self._labels)

    def _closure(self) -> set[object]:
        """What is to be told: the subjects of quads that differ, and of those that are told with what these are about."""
        told: set[object] = {quad.subject for quad in self._differing}
        for quad in self._quads:
            subject, predicate, value, _ = quad
            if isinstance(subject, BlankNode) or isinstance(value, BlankNode) or (predicate in _TOLD_WITH and value in told):
                told.add(subject)
        return (
            told
            | {claim for content, claim in self._claims.items() if content in told}
            | {content for content, claim in self._claims.items() if claim in told}
        )

    def _section(self, subject: object) -> str:
        types = self._types[subject]
        if self._everything:
            return self._everything
        if types & _TERMS or (isinstance(subject, NamedNode) and subject.value.startswith(SCHEMES)):
            return "terms"
        if types & _SHAPES:
            return "shapes"
        for kind, section in _BY_TYPE.items():
            if kind in types:
                return section
        if types & self._facts:
            return "facts"
        return "entities" if ASSERTED in self._graphs[subject] else "subjects"

    def _statement(self, quad: Quad) -> None:
        section = self._sections[quad.subject]
        if section == "terms" and quad.predicate.value.startswith(SH):
            section = "shapes"
        name = short(quad.predicate.value) if quad.predicate != A else "a"
        if quad.graph_name not in _KNOWN_GRAPHS:
            name += f" in {quad.graph_name}"
        if section == "shapes":
            self._constraint(quad.subject, (), quad.predicate, quad.object)
        elif section == "claims" and quad.subject in self._claims and rg("Content") in self._types[quad.subject]:
            if quad.predicate != A:
                self._put("claims", self._claims[quad.subject], f"says {name}", self._notation.term(quad.object))
        elif section == "claims" and quad.predicate == _SAYS and rg("Content") in self._types[quad.object]:
            self._put("claims", quad.subject, "a", "rg:Claim")
        else:
            text = self._place(quad.object) if quad.predicate in _PLACES else self._notation.term(quad.object)
            self._put(section, quad.subject, name, text, isinstance(quad.object, BlankNode))

    def _constraint(self, subject: object, way: tuple[str, ...], predicate: NamedNode, value: object) -> None:
        """A constraint of a shape; those of a property shape inside it are told by its path."""
        if predicate == _PROPERTY and isinstance(value, BlankNode) and self._notation.is_inside(value):
            said = self._notation.said(value)
            paths = [self._notation.term(path) for p, path in said if p == _PATH]
            if len(paths) == 1 and len(way) < 10:
                for p, inner in said:
                    if p != _PATH or len(said) == 1:
                        self._constraint(subject, (*way, paths[0]), p, inner)
                return
        name = "a" if predicate == A else short(predicate.value)
        self._put("shapes", subject, " / ".join((*way, name)), self._notation.term(value), isinstance(value, BlankNode))

    def _axiom(self, quad: Quad) -> bool:
        """Takes a quad that is an axiom; shapes graphs have none."""
        found = None if self._everything else axiom(quad, self._notation, self._types[quad.subject])
        if found is None:
            return False
        self._entries["axioms"].setdefault(found.text, Entry(_identity(quad.subject), about=found.about))
        return True

    def _place(self, span: object) -> str:
        """A span as document:start-end with its line."""
        text = self._notation.term(span)
        if isinstance(span, NamedNode) and span.value.startswith(f"{ID}document/") and "#char=" in span.value:
            document, _, offsets = span.value.removeprefix(f"{ID}document/").partition("#char=")
            line = self._lines.get(span)
            return f"{document}:{offsets.replace(',', '-')}" + (f" (line {line})" if line else "")
        return text

    def _put(self, section: str, subject: object, name: str, value: str, is_blank: bool = False) -> None:
        entries = self._entries[section]
        key = _name(subject)
        if key not in entries:
            entries[key] = Entry(_identity(subject))
        values, text, number = entries[key].values[name], value, 1
        while is_blank and text in values:  # two blank nodes of which the same is said are two values
            number += 1
            text = f"{value} ({number})"
        values.add(text)


def _name(subject: object) -> str:
    return short(subject.value) if isinstance(subject, NamedNode) else str(subject)


def _identity(subject: object) -> str:
    return subject.value if isinstance(subject, NamedNode) else str(subject)
