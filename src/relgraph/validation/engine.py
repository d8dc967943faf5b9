"""A validation: shapes by the engine that is asked for, whole-graph checks on Oxigraph, one report for both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple

from relgraph import collector, rdf
from relgraph.errors import InputError, Problem, UsageError, raise_if_any
from relgraph.findings import Check, Finding, Report, ordered
from relgraph.validation import comparing, core, looks, messages, paths, preflight, pyshacl, queries, routing, rudof
from relgraph.validation.comparing import Compared
from relgraph.validation.graph import DataGraph
from relgraph.validation.queries import VerifyCheck
from relgraph.validation.results import EngineFault, Result
from relgraph.validation.shapes import Shapes, load_shapes
from relgraph.validation.terms import Subject
from relgraph.vocabulary import local_name

_REMEDY = "Mend the shape; https://www.w3.org/TR/shacl/ says what it may hold"


class Engine(StrEnum):
    """What checks the shapes.

    auto: what is SHACL Core here (relgraph.validation.core), pySHACL the rest, with SPARQL constraints apart from the Core
    constraints beside them; rudof: rudof what is SHACL Core, pySHACL the
    rest; pyshacl: pySHACL alone.
    """

    AUTO = "auto"
    PYSHACL = "pyshacl"
    RUDOF = "rudof"


def check_files(shapes: Path, verify: Path, problems: list[Problem]) -> None:
    """Adds what is wrong with the files of shapes and checks themselves, before there is anything to validate."""
    known = len(problems)
    loaded = load_shapes([shapes], problems)
    if len(problems) == known:
        problems += preflight.check(loaded)[0]
    queries.load_checks(verify, problems)


def validate(
    quads: Iterable[Quad],
    shapes: Shapes,
    checks: Sequence[VerifyCheck] = (),
    engine: Engine = Engine.AUTO,
    data_graphs: Collection[NamedNode] | None = None,
) -> Report:
    """All findings about the quads, the same for the same quads in any order and from any engine.

    data_graphs: the named graphs whose union the shapes look at; None for that of all graphs. Statements about triples
    (RDF 1.2), which SHACL does not know, are left out, with a note. Raises InputError for shapes or checks that cannot
    be used, UsageError where the engine that is asked for is not installed.
    """
    every = quads if isinstance(quads, Sequence) else list(quads)
    problems, notes = preflight.check(shapes)
    raise_if_any(problems)
    with collector.paused(), ThreadPoolExecutor(1) as other:  # both engines leave Python to itself while they work
        of_queries = other.submit(queries.findings, every, checks)
        graph, left_out = _graph(every, data_graphs)
        if left_out:
            notes.append(f"{left_out} statements about triples are not looked at, as SHACL does not know them")
        if shapes.triples:
            notes += looks.notes(shapes, graph)
        marked = comparing.compared(shapes, graph)
        graph.add(marked.marked)
        results = _results(graph, marked, engine, notes)
        findings = _Findings(shapes)
        found = [findings.of(each) for result in results for each in marked.restored(result)]
        found += of_queries.result()
        return Report(ordered(found), (*_shape_checks(shapes), *(check.check for check in checks)), tuple(notes))


def _graph(quads: Iterable[Quad], chosen: Collection[NamedNode] | None) -> tuple[DataGraph, int]:
    """The data as shapes look at them, and how many statements about triples have been left out."""
    graph, left_out = DataGraph(), 0

    def known() -> Iterator[tuple[Any, Any, Any]]:
        nonlocal left_out
        for s, p, o, name in quads:
            if chosen is None or name in chosen:
                if type(o) is Triple or type(s) is Triple:
                    left_out += 1
                else:
                    yield s, p, o

    graph.add(known())
    return graph, left_out


def _results(graph: DataGraph, marked: Compared, engine: Engine, notes: list[str]) -> list[Result]:
    if engine is Engine.RUDOF:
        return _by_rudof(graph, marked, notes)
    shapes = marked.shapes
    routes = routing.route(shapes)
    if engine is Engine.PYSHACL:
        return _beside_queries(graph, marked, [*routes.core, *routes.other])
    apart = routing.split(shapes, routes.other)
    found = core.results(graph, shapes, [*routes.core, *apart.mixed])
    found += _by_pyshacl(graph.triples(without=marked.markers), apart.queries, apart.mixed)
    return found + _by_pyshacl(graph.triples(), shapes, apart.other)


def _beside_queries(graph: DataGraph, marked: Compared, chosen: Sequence[Subject]) -> list[Result]:
    """By pySHACL alone; at once, unless there are queries that would see markers."""
    shapes = marked.shapes
    apart = routing.split(shapes, chosen)
    if not marked.markers or not any(shapes.index.values(shape, "sparql") for shape in shapes.nodes):
        return _by_pyshacl(graph.triples(), shapes, chosen)
    found = _by_pyshacl(graph.triples(), apart.silent, apart.mixed)
    found += _by_pyshacl(graph.triples(without=marked.markers), apart.queries, apart.mixed)
    return found + _by_pyshacl(graph.triples(), shapes, apart.other)


def _by_rudof(graph: DataGraph, marked: Compared, notes: list[str]) -> list[Result]:
    if not rudof.is_installed():
        raise UsageError("rudof is not installed; install pyrudof, or take another --engine")
    shapes, data = marked.shapes, list(graph.triples())
    routes = routing.route(shapes, routing.beyond_rudof(shapes, data))
    found: list[Result] = []
    other = list(routes.other)
    if routes.core:
        reached = list(routing.reached(shapes, routes.core))
        text = rdf.serialized(routing.relevant(data, reached), RdfFormat.N_TRIPLES)
        try:
            found += rudof.results(text, reached, shapes.nodes)
        except EngineFault as error:
            notes.append(f"rudof gave up ({error}); pySHACL checked every shape")
            other += routes.core
    return found + _beside_queries(graph, marked, other)


def _by_pyshacl(triples: Iterable[Triple], shapes: Shapes, chosen: Sequence[Subject]) -> list[Result]:
    def run(some: Sequence[Subject]) -> list[Result]:
        advanced = any(shapes.index.values(shape, "target") for shape in some)
        return pyshacl.results(data, routing.only(shapes, some), shapes.nodes, advanced)

    if not chosen:
        return []
    data = list(triples)
    try:
        return run(chosen)
    except EngineFault as error:
        # which shape it was, pySHACL often does not say: each is tried alone
        problems = []
        for shape in chosen:
            try:
                run([shape])
            except EngineFault as fault:
                what = f"{shapes.label(shape)} cannot be used: {str(fault).rstrip('.')}"
                problems.append(Problem(str(shapes.place(shape)), what, _REMEDY))
        raise InputError(problems or [Problem(shapes.files[0] if shapes.files else "shapes", str(error), _REMEDY)]) from error


class _Findings:
    """Results as findings; what is the same for all results of a shape is worked out once."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._messages = messages.Messages(shapes)
        self._paths: dict[Subject, str] = {}

    def of(self, result: Result) -> Finding:
        """The finding of a result."""
        shape, path = result.shape, self._path(result)
        return Finding(
            check=local_name(self._shapes.named(shape) or result.component),
            severity=self._shapes.severity(shape),
            focus=result.focus,
            messages=self._messages.of(result, path),
            path=path,
            value=result.value,
            component=result.component,
            shape=shape,
            constraint=result.constraint,
        )

    def _path(self, result: Result) -> str:
        if result.path is not None:
            return paths.text(self._shapes.index, result.path)
        if result.shape not in self._paths:
            given = self._shapes.index.value(result.shape, "path")
            self._paths[result.shape] = paths.text(self._shapes.index, given) if given is not None else ""
        return self._paths[result.shape]


def _shape_checks(shapes: Shapes) -> list[Check]:
    """Every shape that has an IRI and is not switched off."""
    return [
        Check(local_name(shape), "shape", shapes.severity(shape), messages.titles(shapes, shape), shapes.place(shape))
        for shape in shapes.nodes
        if isinstance(shape, NamedNode) and not preflight.is_deactivated(shapes, shape)
    ]
