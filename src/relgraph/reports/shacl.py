"""The validation report of SHACL (https://www.w3.org/TR/shacl/#validation-report) as Turtle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

from relgraph import rdf
from relgraph.findings import Finding, Node, Report
from relgraph.validation import Shapes, paths
from relgraph.vocabulary import DCTERMS, PREFIXES, SH, XSD, A

_SPARQL: Final = NamedNode(SH + "SPARQLConstraintComponent")
_IDENTIFIER: Final = NamedNode(DCTERMS + "identifier")


def write(report: Report, shapes: Shapes | None) -> bytes:
    """The report as Turtle, the same bytes for the same report.

    Findings of whole-graph queries, for which there is no shape, count as those of a SPARQL constraint, and have the
    name of the check as dcterms:identifier. Blank nodes of the data and of the shapes are told apart by their names.
    shapes: those that were checked, for the prefixes of their names; None leaves IRIs in full.
    """
    root = BlankNode("report")
    triples = [
        Triple(root, A, _sh("ValidationReport")),
        Triple(root, _sh("conforms"), Literal(report.conforms)),
    ]
    for number, finding in enumerate(report.findings, start=1):
        node = BlankNode(f"r{number}")
        triples.append(Triple(root, _sh("result"), node))
        triples += _result(node, finding, number)
    prefixes = {"sh": SH, "xsd": XSD, **_prefixes(triples, shapes)}
    return rdf.serialized(triples, RdfFormat.TURTLE, prefixes)


def _result(node: BlankNode, finding: Finding, number: int) -> Iterator[Triple]:
    yield Triple(node, A, _sh("ValidationResult"))
    yield Triple(node, _sh("focusNode"), _apart(finding.focus, "data"))
    if finding.path:
        path = paths.Triples(finding.path, f"r{number}")
        yield Triple(node, _sh("resultPath"), path.node)
        yield from path.triples
    if finding.value is not None:
        yield Triple(node, _sh("value"), _apart(finding.value, "data"))
    for language, text in sorted(finding.messages.items()):
        yield Triple(node, _sh("resultMessage"), Literal(text, language=language) if language else Literal(text))
    yield Triple(node, _sh("resultSeverity"), finding.severity)
    yield Triple(node, _sh("sourceConstraintComponent"), finding.component or _SPARQL)
    if finding.shape is not None:
        yield Triple(node, _sh("sourceShape"), _apart(finding.shape, "shape"))
    else:
        yield Triple(node, _IDENTIFIER, Literal(finding.check))


def _prefixes(triples: list[Triple], shapes: Shapes | None) -> dict[str, str]:
    """The prefixes of relgraph that are in use, where there are shapes to name."""
    if shapes is None:
        return {}
    used = {term.value for triple in triples for term in triple if isinstance(term, NamedNode)}
    namespaces = {iri[: cut + 1] for iri in used for cut in (iri.rfind("/"), iri.rfind("#"))}
    return {prefix: iri for prefix, iri in PREFIXES.items() if iri in namespaces}


def _apart(node: Node, origin: str) -> Node:
    return BlankNode(f"{origin}_{node.value}") if isinstance(node, BlankNode) else node


def _sh(name: str) -> NamedNode:
    return NamedNode(SH + name)
