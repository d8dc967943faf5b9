"""An explanation as RDF: reified statements (RDF 1.1 Schema, section 5.3) and their derivation in PROV-O.

A statement is named by a hash of its N-Triples, so that the same triple has the same IRI in every explanation and release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from relgraph import rdf
from relgraph.reasoning.known import Statement
from relgraph.tables import Cell
from relgraph.vocabulary import ID, PREFIXES, RDF, RDFS, XSD, A, data, rg
from relgraph.why.explanation import Explanation, Footnote, Source

PROV = "http://www.w3.org/ns/prov#"
_INTEGER = NamedNode(XSD + "integer")
_DERIVED = NamedNode(PROV + "wasDerivedFrom")
_ENTITY = NamedNode(PROV + "Entity")
_SEE_ALSO = NamedNode(RDFS + "seeAlso")
_COMMENT, _LABEL = NamedNode(RDFS + "comment"), NamedNode(RDFS + "label")


def turtle(explanation: Explanation, language: str = "en") -> bytes:
    """The explanation in Turtle; the same explanation gives the same bytes."""
    triples = sorted(set(_explained(explanation, language)), key=lambda t: (str(t.subject), t.predicate != A, str(t)))
    used = {getattr(term, "value", "") for triple in triples for term in triple}
    used |= {term.datatype.value for triple in triples for term in triple if isinstance(term, Literal)}
    namespaces = {value[: cut + 1] for value in used for cut in (value.rfind("/"), value.rfind("#"))}
    prefixes = {prefix: iri for prefix, iri in {**PREFIXES, "prov": PROV}.items() if iri in namespaces}
    return rdf.serialized(triples, RdfFormat.TURTLE, prefixes)


def iri(statement: Statement) -> NamedNode:
    """The IRI of a statement."""
    line = f"{statement.subject} {statement.predicate} {statement.object} ."
    return data(f"why/{hashlib.sha256(line.encode()).hexdigest()[:32]}")


def _explained(explanation: Explanation, language: str) -> Iterator[Triple]:
    node = iri(explanation.statement)
    yield from _reified(node, explanation.statement, explanation.reading, language)
    yield Triple(node, _COMMENT, Literal(explanation.note, language=language))
    for source in explanation.claims:
        yield from _source(source)
        yield Triple(node, _DERIVED, _node(source.claim))
    for source in explanation.others:
        yield from _source(source)
        yield Triple(node, _SEE_ALSO, _node(source.claim))
    if explanation.axiom:
        yield from _inference(node, explanation, language)
    for near in explanation.near:
        yield from _reified(iri(near.statement), near.statement, near.reading, language)
        if iri(near.statement) != node:
            yield Triple(node, _SEE_ALSO, iri(near.statement))
        for source in near.claims:
            yield from _source(source)
            yield Triple(node, _SEE_ALSO, _node(source.claim))


def _reified(node: NamedNode, statement: Statement, reading: str, language: str) -> Iterator[Triple]:
    yield Triple(node, A, NamedNode(RDF + "Statement"))
    yield Triple(node, A, _ENTITY)
    for name, term in zip(("subject", "predicate", "object"), statement, strict=True):
        yield Triple(node, NamedNode(RDF + name), term)
    yield Triple(node, _LABEL, Literal(reading, language=language))


def _inference(node: NamedNode, explanation: Explanation, language: str) -> Iterator[Triple]:
    activity = NamedNode(f"{node.value}/inference")
    yield Triple(node, NamedNode(PROV + "wasGeneratedBy"), activity)
    yield Triple(activity, A, NamedNode(PROV + "Activity"))
    yield Triple(activity, _LABEL, Literal(explanation.rule))
    yield Triple(activity, _COMMENT, Literal(explanation.axiom))
    for premise in explanation.premises:
        yield Triple(activity, NamedNode(PROV + "used"), iri(premise.statement))
        yield Triple(node, _DERIVED, iri(premise.statement))
        yield from _explained(premise, language)


def _source(source: Source) -> Iterator[Triple]:
    claim = _node(source.claim)
    yield Triple(claim, A, rg("Claim"))
    yield Triple(claim, A, _ENTITY)
    for name, cell in (("modality", source.modality), ("attributedTo", source.attributed_to), ("conveyedBy", source.conveyed_by)):
        if cell and cell.iri:
            yield Triple(claim, rg(name), NamedNode(cell.iri))
    if source.attributed_to.iri:
        yield Triple(claim, NamedNode(PROV + "wasAttributedTo"), NamedNode(source.attributed_to.iri))
    footnotes: list[tuple[str, Footnote]] = [("context", footnote) for footnote in source.context]
    if source.evidence:
        footnotes.append(("evidence", source.evidence))
    for name, footnote in footnotes:
        yield Triple(claim, rg(name), NamedNode(footnote.iri))
        yield Triple(claim, _DERIVED, NamedNode(footnote.iri))
        yield from _footnote(footnote)


def _footnote(footnote: Footnote) -> Iterator[Triple]:
    span, document = NamedNode(footnote.iri), data(f"document/{footnote.document}")
    values: tuple[tuple[NamedNode, Any], ...] = (
        (A, rg("TextSpan")),
        (A, _ENTITY),
        (rg("document"), document),
        (NamedNode(PROV + "wasQuotedFrom"), document),
        (rg("charStart"), Literal(str(footnote.start), datatype=_INTEGER)),
        (rg("charEnd"), Literal(str(footnote.end), datatype=_INTEGER)),
        (rg("line"), Literal(str(footnote.line), datatype=_INTEGER)),
        (NamedNode(RDF + "value"), Literal(footnote.passage) if footnote.passage else None),
    )
    yield from (Triple(span, predicate, value) for predicate, value in values if value is not None)


def _node(cell: Cell) -> NamedNode:
    return NamedNode(cell.iri or ID)
