"""The W3C tests for SHACL, Core and SPARQL, one case each for each choice of engine.

Tests that are known to miss are in w3c-shacl-misses.tsv with their reasons; one that is listed and does not miss fails as
well. Compared are conforms, and of every result focus node, path, value, severity, component, and the shape where it has
an IRI; messages are ours. The suite is not part of the repository: RELGRAPH_W3C names its folder, by default
../shared/w3c.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from _pytest.mark.structures import ParameterSet
from rdflib import RDF, SH, BNode, Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node
from typer.testing import CliRunner

import w3c
from relgraph import rdf
from relgraph.cli import app
from relgraph.errors import InputError
from relgraph.validation import Engine

FOLDER = w3c.FOLDER.parent / "shacl"
if not FOLDER.is_dir():
    if os.environ.get("CI"):
        pytest.fail("RELGRAPH_W3C names no folder with shacl; in CI the W3C test suites must be at hand", pytrace=False)
    pytest.skip("the W3C test suites are not at hand: set RELGRAPH_W3C to their folder", allow_module_level=True)

#: What relative IRIs of the suite are resolved against, never a local path.
BASE = "http://www.w3.org/ns/shacl-test/suite/"
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
MISSES = w3c.lookup_misses(Path(__file__).with_name("w3c-shacl-misses.tsv"))


@dataclass(frozen=True)
class Case:
    """A test: data and shapes by their IRIs, and the node of the report that is expected, None for a failure."""

    id: str
    data: str
    shapes: str
    manifest: Graph
    report: Node | None


def path(iri: str) -> Path:
    return FOLDER / iri.removeprefix(BASE)


def cases(name: str = "manifest.ttl") -> Iterator[Case]:
    """The tests of a manifest, and of all that it includes."""
    manifest = Graph().parse(path(BASE + name), format="turtle", publicID=BASE + name)
    for included in manifest.objects(None, w3c.MF.include):
        yield from cases(str(included).removeprefix(BASE))
    for listed in manifest.objects(None, w3c.MF.entries):
        for test in manifest.items(listed):
            action = manifest.value(test, w3c.MF.action)
            data, shapes = (str(manifest.value(action, kind)) for kind in (SHT.dataGraph, SHT.shapesGraph))
            result = manifest.value(test, w3c.MF.result)
            expected = None if result == SHT.Failure else result
            yield Case(name.removesuffix(".ttl"), data, shapes, manifest, expected)


ALL = list(cases())


def parameters() -> list[ParameterSet]:
    """Every test with every engine; a test that is listed as a miss, as such or for one engine, has to miss."""
    found = []
    for case in ALL:
        for engine in Engine:
            reason = MISSES.get(case.id) or MISSES.get(f"{case.id} {engine}")
            marks = [pytest.mark.xfail(strict=True, raises=(AssertionError, InputError), reason=reason)] if reason else []
            found.append(pytest.param(case, engine, id=f"{case.id}-{engine}", marks=marks))
    return found


def local_copy(iri: str, file: Path) -> Path:
    """A file of the suite with its relative IRIs resolved."""
    triples = [quad.triple for quad in ox.parse(path=path(iri), format=ox.RdfFormat.TURTLE, base_iri=iri)]
    file.write_bytes(rdf.serialized(triples, ox.RdfFormat.N_TRIPLES))
    return file


def report(data: Path, shapes: Path, engine: Engine) -> Graph:
    """The report of the command on a file of data, as an RDF graph. Raises InputError where there is none."""
    arguments = ["validate", str(data), "--shapes", str(shapes), "--engine", engine, "--format", "turtle"]
    done = CliRunner().invoke(app, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    graph = Graph().parse(data=done.stdout_bytes, format="turtle")
    assert done.exit_code == (1 if _violations(graph) else 0)
    return graph


def _violations(graph: Graph) -> list[Node]:
    """The results that are as bad as sh:Violation; a severity of one's own counts as such."""
    return [result for result, level in graph.subject_objects(SH.resultSeverity) if level not in (SH.Warning, SH.Info)]


def essence(graph: Graph, root: Node) -> Graph:
    """What is compared of a report, duplicate results as one."""
    reduced = Graph()
    for conforms in graph.objects(root, SH.conforms):
        reduced.add((SH.ValidationReport, SH.conforms, conforms))
    seen: list[Graph] = []
    for result in graph.objects(root, SH.result):
        own = Graph()
        for predicate in (SH.focusNode, SH.resultPath, SH.value, SH.resultSeverity, SH.sourceConstraintComponent, SH.sourceShape):
            for value in graph.objects(result, predicate):
                if predicate == SH.sourceShape and isinstance(value, BNode):
                    continue
                own.add((result, predicate, value))
                if predicate == SH.resultPath and isinstance(value, BNode):
                    own += graph.cbd(value)
        if not any(isomorphic(own, other) for other in seen):
            seen.append(own)
            reduced += own
    return reduced


def test_the_whole_suite_is_read() -> None:
    """A manifest that is not found, or is read in part only, must not pass for a suite without misses."""
    ids = [case.id for case in ALL]
    assert len(set(ids)) == len(ids)
    assert [sum(id.startswith(part) for id in ids) for part in ("core/", "sparql/")] == [98, 22]
    assert sum(case.report is None for case in ALL) == 7
    assert {name.split(" ")[0] for name in MISSES} <= set(ids)


@pytest.mark.parametrize(("case", "engine"), parameters())
def test_validation(case: Case, engine: Engine, tmp_path: Path) -> None:
    data, shapes = local_copy(case.data, tmp_path / "data.nt"), local_copy(case.shapes, tmp_path / "shapes.nt")
    if case.report is None:
        with pytest.raises(InputError):
            report(data, shapes, engine)
        return
    found = report(data, shapes, engine)
    root = found.value(None, RDF.type, SH.ValidationReport)
    assert root is not None
    expected, actual = essence(case.manifest, case.report), essence(found, root)
    assert isomorphic(expected, actual), f"expected:\n{expected.serialize()}\nfound:\n{actual.serialize()}"


def test_a_report_that_differs_is_told_from_one_that_does_not() -> None:
    """The comparison itself can fail: another value is another report."""
    text = "PREFIX sh: <http://www.w3.org/ns/shacl#> [] sh:conforms false ; sh:result [ sh:focusNode <urn:a> ; sh:value %s ] ."
    graphs = [Graph().parse(data=text % value, format="turtle") for value in ("1", "2", "1")]
    roots = [next(graph.subjects(SH.conforms)) for graph in graphs]
    one, other, same = (essence(graph, root) for graph, root in zip(graphs, roots, strict=True))
    assert isomorphic(one, same)
    assert not isomorphic(one, other)
    assert URIRef("urn:a") in set(one.objects())
