"""An explanation as JSON (docs/why.md describes it)."""

from __future__ import annotations

from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from relgraph.reasoning.known import Statement
from relgraph.tables import Cell
from relgraph.why.explanation import Explanation, Footnote, Near, Source


def record(explanation: Explanation) -> dict[str, Any]:
    """The explanation as values that JSON has; what an explanation does not have is left out."""
    inferred = {
        "rule": explanation.rule,
        "axiom": explanation.axiom,
        "axiomStated": explanation.stated,
        "premises": [record(premise) for premise in explanation.premises],
    }
    return {
        "found": explanation.found,
        "statement": _statement(explanation.statement),
        "reading": explanation.reading,
        "origin": explanation.origin.value,
        "note": explanation.note,
        **({"graph": explanation.graph} if explanation.graph else {}),
        **({"claims": [_source(source) for source in explanation.claims]} if explanation.claims else {}),
        **({"otherValues": [_source(source) for source in explanation.others]} if explanation.others else {}),
        **(inferred if explanation.axiom else {}),
        **({"nearest": [_near(near) for near in explanation.near]} if explanation.near else {}),
    }


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "subject": _term(statement.subject),
        "predicate": _term(statement.predicate),
        "object": _term(statement.object),
        "turtle": statement.text,
    }


def _term(term: Any) -> dict[str, str]:
    """A term as SPARQL 1.1 Query Results JSON writes it (section 3.2.2)."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, Literal):
        more = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
        return {"type": "literal", "value": term.value, **more}
    return {"type": "bnode", "value": term.value} if isinstance(term, BlankNode) else {"type": "triple", "value": str(term)}


def _source(source: Source) -> dict[str, Any]:
    return {
        "claim": _cell(source.claim),
        "gloss": source.gloss,
        "modality": _cell(source.modality),
        "attributedTo": _cell(source.attributed_to),
        "conveyedBy": _cell(source.conveyed_by) if source.conveyed_by else None,
        "ownVoice": source.own_voice,
        "says": [_cell(cell) for cell in source.says],
        "evidence": _footnote(source.evidence) if source.evidence else None,
        "context": [_footnote(footnote) for footnote in source.context],
    }


def _cell(cell: Cell) -> dict[str, str]:
    return {"text": cell.text, **({"iri": cell.iri} if cell.iri else {})}


def _footnote(footnote: Footnote) -> dict[str, Any]:
    return {
        "iri": footnote.iri,
        "document": footnote.document,
        "start": footnote.start,
        "end": footnote.end,
        "line": footnote.line,
        "section": footnote.section,
        "text": footnote.text,
        "passage": footnote.passage,
    }


def _near(near: Near) -> dict[str, Any]:
    claims = {"claims": [_source(source) for source in near.claims]} if near.claims else {}
    return {
        "kind": near.kind.value,
        "reason": near.reason,
        "statement": _statement(near.statement),
        "reading": near.reading,
    } | claims
