"""sh:lessThan and sh:lessThanOrEquals, compared as SPARQL compares, whichever engine checks the rest.

The engines differ from SHACL sections 4.5.3 and 4.5.4, and from one another, where SPARQL has no order between two
values (a date and a dateTime, IRIs, texts in two languages). So the values that are not less are found here, by the
definitions of these sections; they are given to the engine as values of a marker property that the shape must be
disjoint with, which points at the same focus nodes and values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph.findings import Node
from relgraph.validation.expressions import holds
from relgraph.validation.graph import DataGraph, Path, path_of
from relgraph.validation.results import Result
from relgraph.validation.shapes import Shapes
from relgraph.validation.terms import FIRST, NIL, REST, Subject, is_true
from relgraph.vocabulary import SH

_DISJOINT = NamedNode(SH + "disjoint")
_COMPONENT = NamedNode(SH + "DisjointConstraintComponent")
_IGNORED = NamedNode(SH + "ignoredProperties")
_OPERATORS = {"lessThan": "<", "lessThanOrEquals": "<="}
#: Pairs of focus node and value.
Pairs = frozenset[tuple[object, object]]


@dataclass(frozen=True)
class Compared:
    """shapes: with markers instead of comparisons; marked: the statements with markers, to be added to the data for all but
    queries, which would see them; failed: for each shape that was changed, what its markers stand for: components, with the
    pairs that fail."""

    shapes: Shapes
    marked: tuple[Triple, ...]
    failed: Mapping[Subject, Mapping[NamedNode, Pairs]]

    @property
    def markers(self) -> frozenset[NamedNode]:
        """The predicates of the statements with markers."""
        return frozenset(triple.predicate for triple in self.marked)

    def restored(self, result: Result) -> list[Result]:
        """The results that there would be without the markers, where one stands for several."""
        if result.component != _COMPONENT or result.shape not in self.failed:
            return [result]
        pair = (result.focus, result.value)
        return [replace(result, component=of) for of, pairs in self.failed[result.shape].items() if pair in pairs]


def compared(shapes: Shapes, graph: DataGraph) -> Compared:
    """The shapes and data with markers."""
    index = shapes.index
    found = [s for s in shapes.nodes if index.values(s, "path") and any(index.values(s, name) for name in _OPERATORS)]
    if not found:
        return Compared(shapes, (), {})
    marked: list[Triple] = []
    markers: dict[Subject, NamedNode] = {}
    failed: dict[Subject, dict[NamedNode, Pairs]] = {}
    for number, shape in enumerate(found):
        path = path_of(index, index.values(shape, "path")[0])
        markers[shape] = NamedNode(f"urn:x-relgraph:compared:{number}")
        failed[shape] = {}
        for name, operator in _OPERATORS.items():
            pairs = {pair: None for other in index.values(shape, name) for pair in _failing(graph, path, other, operator)}
            marked += [Triple(focus, markers[shape], value) for focus, value in pairs]
            failed[shape][NamedNode(f"{SH}{name[0].upper()}{name[1:]}ConstraintComponent")] = frozenset(pairs)
        if others := index.values(shape, "disjoint"):
            rows = [row for other in others for row in graph.forward(other).items()]
            failed[shape][_COMPONENT] = frozenset((subject, value) for subject, values in rows for value in values)
    return Compared(replace(shapes, triples=tuple(_changed(shapes, markers))), tuple(marked), failed)


def _changed(shapes: Shapes, markers: Mapping[Subject, NamedNode]) -> Iterator[Triple]:
    """The shapes with markers, which closed shapes let pass."""
    index = shapes.index
    closed = {shape for shape in shapes.nodes if is_true(index.value(shape, "closed"))}
    dropped = {NamedNode(SH + name) for name in _OPERATORS}
    for triple in shapes.triples:
        compares = triple.subject in markers and triple.predicate in dropped
        if not compares and not (triple.subject in closed and triple.predicate == _IGNORED):
            yield triple
    for shape, marker in markers.items():
        yield Triple(shape, _DISJOINT, marker)
    for number, shape in enumerate(sorted(closed, key=str)):
        members = [*markers.values(), *(index.members(index.value(shape, "ignoredProperties") or NIL) or [])]
        nodes = [BlankNode(f"ignored{number}x{i}") for i in range(len(members))]
        rests: list[Subject] = [*nodes[1:], NIL]
        yield Triple(shape, _IGNORED, nodes[0])
        for node, member, rest in zip(nodes, members, rests, strict=True):
            yield Triple(node, FIRST, member)
            yield Triple(node, REST, rest)


def _failing(graph: DataGraph, path: Path, other: Node, operator: str) -> Iterator[tuple[NamedNode | BlankNode, Node]]:
    """The focus nodes with the values along a path that are not less than each value of another predicate."""
    others = graph.forward(other)
    for focus, values in graph.rows(others, path):
        for value in values:
            if not all(_is_less(value, operator, each) for each in others[focus]):
                yield focus, value


def _is_less(value: Node, operator: str, other: Node) -> bool:
    if isinstance(value, Literal) and isinstance(other, Literal):
        return holds(value, operator, other)
    return operator == "<=" and value == other  # what has no order is equal to itself
