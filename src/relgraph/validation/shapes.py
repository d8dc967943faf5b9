"""Shapes graphs: read from files with the line of each shape, and what of it are shapes (SHACL section 2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph import rdf
from relgraph.errors import Problem
from relgraph.findings import Node, Place
from relgraph.validation.terms import CORE, LISTS_OF_SHAPES, NIL, SHAPES, TARGETS, VIOLATION, Index, Subject, is_true
from relgraph.vocabulary import RDFS, SH, A, local_name

_PREFIX = re.compile(r"^\s*@?prefix\s+([\w.-]*):\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
_SUBJECT = re.compile(r"^([ \t]*)(?:<([^>\s]*)>|([\w.-]*):([\w.-]+))", re.MULTILINE)
#: Classes of which a subject is a target class of itself where it is a shape as well (SHACL section 2.1.3.3).
_CLASSES = (NamedNode(RDFS + "Class"), NamedNode("http://www.w3.org/2002/07/owl#Class"))


@dataclass(frozen=True, eq=False)
class Shapes:
    """A shapes graph.

    triples: all of it; the blank nodes of all files are told apart and named by their order, so that the same files
    give the same names; files: the files that it was read from; places: where each IRI of a subject is written.
    """

    triples: tuple[Triple, ...]
    files: tuple[str, ...] = ()
    places: Mapping[NamedNode, Place] = field(default_factory=dict)

    @cached_property
    def index(self) -> Index:
        """The triples by subject and predicate."""
        return Index(dict.fromkeys(self.triples))

    @cached_property
    def nodes(self) -> tuple[Subject, ...]:
        """Every shape, in the order of the graph."""
        index = self.index
        kinds = {NamedNode(SH + "NodeShape"), NamedNode(SH + "PropertyShape")}
        marks = {NamedNode(SH + name) for name in (*TARGETS, *CORE, "target", "sparql")}
        found: dict[Subject, None] = {}
        for subject, pairs in index.by_subject.items():
            if kinds.intersection(pairs.get(A, ())) or marks.intersection(pairs):
                found[subject] = None
        queue = list(found)
        while queue:
            for shape in self.parts(queue.pop()):
                if shape not in found:
                    found[shape] = None
                    queue.append(shape)
        return tuple(found)

    def parts(self, shape: Subject) -> list[Subject]:
        """The shapes that a shape refers to by sh:property, sh:node, sh:and and so on, in order."""
        found = [value for name in SHAPES for value in self.index.values(shape, name)]
        for name in LISTS_OF_SHAPES:
            for head in self.index.values(shape, name):
                found += self.index.members(head) or []
        return [part for part in found if not isinstance(part, Literal) and part != NIL]

    @cached_property
    def siblings(self) -> Mapping[Node, frozenset[Node]]:
        """For each property shape whose qualified values must not be those of its siblings, the qualified value shapes of
        these, and its own (SHACL section 4.7.3)."""
        index = self.index
        found: dict[Node, set[Node]] = {}
        for parent in index.by_subject:
            parts = index.values(parent, "property")
            beside = {value for part in parts for value in index.values(part, "qualifiedValueShape")}
            for part in parts:
                if is_true(index.value(part, "qualifiedValueShapesDisjoint")):
                    found.setdefault(part, set()).update(beside)
        return {part: frozenset(beside) for part, beside in found.items()}

    @cached_property
    def owners(self) -> Mapping[Node, Node]:
        """For each blank node that something refers to, the first subject that does."""
        found: dict[Node, Node] = {}
        for triple in self.triples:
            if isinstance(triple.object, BlankNode) and not isinstance(triple.subject, Triple):
                found.setdefault(triple.object, triple.subject)
        return found

    def targets(self, shape: Subject) -> list[tuple[str, Node]]:
        """What a shape looks at: pairs of the local name of the predicate and its value, implicit classes included."""
        found = [(name, value) for name in (*TARGETS, "target") for value in self.index.values(shape, name)]
        if any(kind in _CLASSES for kind in self.index.values(shape, A)):
            found.append(("targetClass", shape))
        return found

    def named(self, node: Node) -> NamedNode | None:
        """The node itself where it has an IRI, else the nearest that has one of those that refer to it."""
        seen = set()
        current: Node | None = node
        while current is not None and not isinstance(current, NamedNode) and current not in seen:
            seen.add(current)
            current = self.owners.get(current)
        return current if isinstance(current, NamedNode) else None

    def place(self, node: Node) -> Place:
        """Where a node is written; of a blank node, where the IRI is that it belongs to."""
        named = self.named(node)
        return (self.places.get(named) if named else None) or Place(self.files[0] if self.files else "shapes", 1)

    def label(self, node: Node) -> str:
        """What a message calls a node: an IRI's local name, else the IRI that it belongs to and its path."""
        if isinstance(node, NamedNode):
            return local_name(node) or node.value
        named = self.named(node)
        return f"a part of {local_name(named)}" if named else "a shape without an IRI"

    def severity(self, shape: Node) -> NamedNode:
        """The severity of a shape's findings; sh:Violation where it says none (SHACL section 2.1.4)."""
        given = self.index.value(shape, "severity")
        return given if isinstance(given, NamedNode) else VIOLATION


def load_shapes(paths: Sequence[Path], problems: list[Problem]) -> Shapes:
    """The shapes of files, in any syntax of RDF, and of the Turtle files in folders; what cannot be read adds a problem."""
    files = [file for path in paths for file in (sorted(path.glob("*.ttl")) if path.is_dir() else [path])]
    triples: list[Triple] = []
    places: dict[NamedNode, Place] = {}
    names: dict[tuple[Path, str], BlankNode] = {}

    def renamed(file: Path, term: Node) -> Node:
        return names.setdefault((file, term.value), BlankNode(f"s{len(names) + 1}")) if isinstance(term, BlankNode) else term

    for file in files:
        own = [quad.triple for quad in rdf.read(file, problems)]
        for subject, _, value in own:
            if not isinstance(subject, Triple) and not isinstance(value, Triple):
                triples.append(Triple(renamed(file, subject), _, renamed(file, value)))  # type: ignore[arg-type]
        subjects = {triple.subject for triple in own if isinstance(triple.subject, NamedNode)}
        for iri, line in (_lines(file, subjects) if subjects else {}).items():
            places.setdefault(iri, Place(str(file), line))
    return Shapes(tuple(triples), tuple(map(str, files)), places)


def from_triples(triples: Iterable[Triple]) -> Shapes:
    """A shapes graph that comes from no file."""
    return Shapes(tuple(triples))


def _lines(file: Path, subjects: set[NamedNode]) -> dict[NamedNode, int]:
    """The line on which each subject is written first at the start of a line, indented ones last."""
    content = file.read_bytes().decode("utf-8", errors="replace")
    prefixes = dict(_PREFIX.findall(content))
    wanted = {subject.value: subject for subject in subjects}
    found: dict[NamedNode, tuple[bool, int]] = {}
    line, position = 1, 0
    for match in _SUBJECT.finditer(content):
        line += content.count("\n", position, match.start())
        position = match.start()
        indent, iri, prefix, name = match.groups()
        subject = wanted.get(iri if iri is not None else prefixes.get(prefix, prefix + ":") + name.rstrip("."))
        if subject is not None:
            found[subject] = min(found.get(subject, (True, line)), (bool(indent), line))
    for subject in subjects - found.keys():
        at = content.find(local_name(subject) or subject.value)
        found[subject] = (True, content.count("\n", 0, max(at, 0)) + 1)
    return {subject: place[1] for subject, place in found.items()}
