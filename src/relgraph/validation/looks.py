"""Notes on shapes that look at nothing: targets that the data do not have, shapes without targets that nobody uses."""

from __future__ import annotations

from pyoxigraph import NamedNode

from relgraph.validation.graph import DataGraph
from relgraph.validation.preflight import is_deactivated
from relgraph.validation.shapes import Shapes
from relgraph.validation.terms import CORE, shown
from relgraph.vocabulary import SH

_WHAT = {
    "targetClass": "no instance of {}",
    "targetSubjectsOf": "no statement with {}",
    "targetObjectsOf": "no statement with {}",
    "targetNode": "nothing about {}",
}


def notes(shapes: Shapes, data: DataGraph) -> list[str]:
    """One note for each target that matches nothing, for each shape that nothing leads to, and "no focus node" where
    that is true of all of them together."""
    used = {part for shape in shapes.nodes for part in shapes.parts(shape)}
    parameters = {p for pairs in shapes.index.by_subject.values() for p in pairs.get(NamedNode(SH + "parameter"), ())}
    there = data.mentioned(value for shape in shapes.nodes for name, value in shapes.targets(shape) if name == "targetNode")
    said, any_focus = [], False
    for shape in shapes.nodes:
        if is_deactivated(shapes, shape):
            continue
        where, label = shapes.place(shape), shapes.label(shape)
        targets = shapes.targets(shape)
        for name, value in targets:
            if name == "target" or (value in there if name == "targetNode" else data.focus_nodes([(name, value)])):
                any_focus = True
            else:
                any_focus |= name == "targetNode"  # a node that is named is one where nothing is said of it too
                said.append(f"{where}: {label} looks at nothing: the data have {_WHAT[name].format(shown(value))}")
        constrains = any(NamedNode(SH + parameter) in shapes.index.by_subject.get(shape, ()) for parameter in (*CORE, "sparql"))
        if not targets and shape not in used and shape not in parameters and constrains:
            said.append(f"{where}: {label} has no target, and no other shape uses it")
    if not any_focus:
        said.insert(0, "no focus node: no shape looks at anything in the data")
    return said
