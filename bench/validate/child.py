"""`python -m bench.validate.child ENGINE DATA SHAPES OUT`: validates once, writes the findings, prints figures as JSON.

Data and shapes are parsed beforehand, into what each engine takes: quads of pyoxigraph for relgraph, graphs of rdflib for
pySHACL. Whatever relgraph converts for its engines is in its time. Writing the findings for a comparison is in no time.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pyrudof  # noqa: F401  # loaded beforehand, as pySHACL is
import pyshacl
import rdflib
from pyoxigraph import Literal, NamedNode

from bench.child import Stopwatch, peak_memory
from relgraph import rdf
from relgraph.errors import Problem, raise_if_any
from relgraph.findings import Node
from relgraph.rdflibgraph import oxigraph_term, rdflib_graph
from relgraph.validation import Shapes, load_shapes, paths, validate
from relgraph.vocabulary import SH

#: Shape, component, focus, path, value, severity.
Line = tuple[str, ...]
Figures = tuple[Mapping[str, float], list[Line]]


def of_relgraph(data: Path, shapes: Shapes) -> Figures:
    """relgraph with the engine that it chooses."""
    quads = rdf.read(data, [])
    watch = Stopwatch()
    report = validate(quads, shapes)
    times = watch.read()
    return times, [_line(f.shape, f.component, f.focus, f.path, f.value, f.severity) for f in report.findings]


def of_pyshacl(data: Path, shapes: Shapes) -> Figures:
    """pySHACL alone."""
    graph, shapes_graph = rdflib_graph(rdf.stream([data])), rdflib_graph(shapes.triples)
    watch = Stopwatch()
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes_graph, inference="none")
    times = watch.read()
    assert isinstance(report, rdflib.Graph)
    return times, [_of_report(report, result, shapes) for result in report.objects(None, _sh("result"))]


WAYS: dict[str, Callable[[Path, Shapes], Figures]] = {
    "relgraph": of_relgraph,
    "pyshacl": of_pyshacl,
}


def _of_report(report: rdflib.Graph, result: rdflib.term.Node, shapes: Shapes) -> Line:
    def value(name: str) -> Node | None:
        found = report.value(result, _sh(name))
        return None if found is None else oxigraph_term(found)

    path, shape, focus = value("resultPath"), value("sourceShape"), value("focusNode")
    assert shape is not None
    assert focus is not None
    own = shapes.index.value(shape, "path")
    # the blank nodes of a path have other names in the report
    text = path.value if isinstance(path, NamedNode) else paths.text(shapes.index, own) if path is not None and own else ""
    return _line(shape, value("sourceConstraintComponent"), focus, text, value("value"), value("resultSeverity"))


def _line(shape: Node | None, component: Node | None, focus: Node, path: str, value: Node | None, severity: Node | None) -> Line:
    named = str(shape) if isinstance(shape, NamedNode | Literal) else "a shape without an IRI"
    return (named, str(component), str(focus), path, "" if value is None else str(value), str(severity))


def _sh(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(SH + name)


def main() -> None:
    """Validates with the engine that the first argument names."""
    way, data, folder, out = sys.argv[1:]
    problems: list[Problem] = []
    shapes = load_shapes([Path(folder)], problems)
    raise_if_any(problems)
    times, found = WAYS[way](Path(data), shapes)
    Path(out).write_text(json.dumps(sorted(found), ensure_ascii=False), encoding="utf-8")
    print(json.dumps({**times, "findings": len(found), "peak_memory": peak_memory()}))


if __name__ == "__main__":
    main()
