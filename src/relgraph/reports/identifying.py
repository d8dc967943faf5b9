"""By what a report tells checks apart: their names or, where several shapes have one local name, their IRIs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode

from relgraph.findings import Check, Finding, Report
from relgraph.validation import Shapes
from relgraph.vocabulary import local_name


@dataclass(frozen=True)
class Identities:
    """checks: each check that ran by its id; of: the id of the check of each finding, in the order of the report."""

    checks: dict[str, Check]
    of: tuple[str, ...]


def identities(report: Report, shapes: Shapes | None) -> Identities:
    """The ids of checks. A name that only one shape or query has is its id; of several, those with an IRI have the IRI.

    shapes: those that were checked, for the IRIs of checks without findings; None knows only what findings say.
    """
    known: dict[str, set[str]] = {}
    for name, iri in (*map(_of_finding, report.findings), *_of_shapes(shapes)):
        known.setdefault(name, set()).add(iri)
    own = [_of_check(check, shapes, known) for check in report.checks]
    for name, iri in own:
        known.setdefault(name, set()).add(iri)

    def chosen(name: str, iri: str) -> str:
        return iri if iri and len(known[name]) > 1 else name

    checks: dict[str, Check] = {}
    for (name, iri), check in zip(own, report.checks, strict=True):
        checks.setdefault(chosen(name, iri), check)
    return Identities(checks, tuple(chosen(*_of_finding(finding)) for finding in report.findings))


def _of_finding(finding: Finding) -> tuple[str, str]:
    shape = finding.shape
    return finding.check, shape.value if isinstance(shape, NamedNode) and local_name(shape) == finding.check else ""


def _of_shapes(shapes: Shapes | None) -> Iterator[tuple[str, str]]:
    for shape in shapes.nodes if shapes else ():
        if isinstance(shape, NamedNode):
            yield local_name(shape), shape.value


def _of_check(check: Check, shapes: Shapes | None, known: dict[str, set[str]]) -> tuple[str, str]:
    """A check with the IRI of its shape: the only one of that name, or the one that stands where the check does."""
    iris = sorted(filter(None, known.get(check.name, ()))) if check.kind == "shape" else []
    if len(iris) > 1 and shapes is not None:
        iris = [iri for iri in iris if shapes.place(NamedNode(iri)) == check.place]
        iris = iris if len(iris) == 1 else []
    return check.name, iris[0] if len(iris) == 1 else ""
