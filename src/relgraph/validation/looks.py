"""Notes on shapes that look at nothing: targets that the data do not have, shapes without targets that nobody uses."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from relgraph.findings import Node
from relgraph.validation.preflight import is_deactivated
from relgraph.validation.shapes import Shapes
from relgraph.validation.terms import CORE, shown
from relgraph.vocabulary import RDFS, SH, A

_SUBCLASS = NamedNode(RDFS + "subClassOf")
_WHAT = {
    "targetClass": "no instance of {}",
    "targetSubjectsOf": "no statement with {}",
    "targetObjectsOf": "no statement with {}",
    "targetNode": "nothing about {}",
}


def notes(shapes: Shapes, data: Iterable[Triple]) -> list[str]:
    """One note for each target that matches nothing, for each shape that nothing leads to, and "no focus node" where
    that is true of all of them together."""
    wanted = {target for shape in shapes.nodes for target in shapes.targets(shape)}
    found = _matched(wanted, data)
    used = {part for shape in shapes.nodes for part in shapes.parts(shape)}
    parameters = {p for pairs in shapes.index.by_subject.values() for p in pairs.get(NamedNode(SH + "parameter"), ())}
    said, any_focus = [], False
    for shape in shapes.nodes:
        if is_deactivated(shapes, shape):
            continue
        where, label = shapes.place(shape), shapes.label(shape)
        targets = shapes.targets(shape)
        for name, value in targets:
            if (name, value) in found or name == "target":
                any_focus = True
            else:
                any_focus |= name == "targetNode"
                said.append(f"{where}: {label} looks at nothing: the data have {_WHAT[name].format(shown(value))}")
        constrains = any(NamedNode(SH + parameter) in shapes.index.by_subject.get(shape, ()) for parameter in (*CORE, "sparql"))
        if not targets and shape not in used and shape not in parameters and constrains:
            said.append(f"{where}: {label} has no target, and no other shape uses it")
    if not any_focus:
        said.insert(0, "no focus node: no shape looks at anything in the data")
    return said


def _matched(wanted: set[tuple[str, Node]], data: Iterable[Triple]) -> set[tuple[str, Node]]:
    """Those of the targets that have a focus node among the statements of the data."""
    nodes = {value for name, value in wanted if name == "targetNode"}
    types: set[object] = set()
    predicates: set[object] = set()
    above: dict[object, set[object]] = {}
    present: set[object] = set()
    for subject, predicate, value in data:
        predicates.add(predicate)
        if predicate == A:
            types.add(value)
        elif predicate == _SUBCLASS:
            above.setdefault(subject, set()).add(value)
        if nodes:
            present.update({subject, value} & nodes)
    queue = list(types)
    while queue:
        new = above.get(queue.pop(), set()) - types
        types |= new
        queue += new
    return {
        (name, value)
        for name, value in wanted
        if (name == "targetClass" and value in types)
        or (name in ("targetSubjectsOf", "targetObjectsOf") and value in predicates)
        or (name == "targetNode" and value in present)
    }
