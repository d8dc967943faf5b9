"""The rows of the tidy tables `claims` and `documents`: who says what, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from relgraph.exports.cells import BETWEEN, Cell, Row, both, code, dates, number, resource, words
from relgraph.exports.lookups import Lookups, Thing, first, iris, labels
from relgraph.exports.passages import Passages
from relgraph.exports.records import Claim, claims, counted, registered, role_name
from relgraph.exports.source import Source
from relgraph.exports.tokens import is_iri, language, text
from relgraph.vocabulary import ID, PROVENANCE, REPORTED, RG

_DATED: Final = tuple(RG + name for name in ("time", "begin", "end"))
_TIMES: Final = f"<{ID}time/"


def claim_rows(source: Source, lookups: Lookups) -> Iterator[Row]:
    """A row for each claim, with its passage where the text is at hand."""
    passages = Passages(lookups.texts)
    knows = lookups.wants(REPORTED)
    for claim in claims(source, lookups):
        fact = first(claim.values, "about")
        thing = lookups.thing(fact) if fact else Thing("other", None, {})
        context = iris(claim.values, RG + "context")
        yield (
            claim.iri,
            claim.key,
            fact,
            thing.kind if fact else None,
            thing.class_name,
            *both(thing.labels),
            code(first(claim.values, "modality")),
            *resource(first(claim.values, "attributedTo"), lookups),
            first(claim.values, "conveyedBy"),
            *_document(claim.document, lookups),
            claim.evidence,
            *resource(first(claim.span, "section"), lookups),
            *(number(claim.span, name) for name in ("line", "charStart", "charEnd")),
            words(claim.span, "quoteSha256"),
            _quote(claim, lookups, passages),
            context,
            _quotes(context, lookups, passages),
            tuple(_said(claim, lookups)) if knows else None,
            *_times(claim, lookups),
            *both(labels(claim.values, RG + "gloss")),
            iris(claim.values, RG + "conflictsWith"),
        )


def document_rows(source: Source, lookups: Lookups) -> Iterator[Row]:
    """A row for each document. The claims are read first, and counted by document."""
    claims_of = counted(source, lookups)
    for document, thing in registered(source, lookups):
        found = document.values
        yield (
            document.iri,
            document.key,
            *both(thing.labels),
            code(first(found, "documentKind")),
            words(found, "language"),
            *resource(first(found, "voice"), lookups),
            *resource(first(found, "publisher"), lookups),
            *dates(iris(found, RG + "issued"), lookups),
            words(found, "fileName"),
            words(found, "sha256"),
            number(found, "textLength"),
            claims_of[document.iri],
        )


def _document(document: str | None, lookups: Lookups) -> Row:
    """IRI, titles, date."""
    if document is None:
        return (None, None, None, None)
    return (*resource(document, lookups), BETWEEN.join(lookups.issued(document).edtf) or None)


def _quote(claim: Claim, lookups: Lookups, passages: Passages) -> str | None:
    """The passages of a claim as one."""
    if not passages:
        return None
    others = (each for each in iris(claim.values, RG + "evidence") if each != claim.evidence)
    return passages.quote([claim.span, *(lookups.values(each, PROVENANCE) for each in others)])


def _quotes(spans: tuple[str, ...], lookups: Lookups, passages: Passages) -> Cell:
    """Passages one by one, in the order of the spans; none of them where a text is not at hand."""
    if not passages:
        return None
    found = [passages.quote([lookups.values(span, PROVENANCE)]) for span in spans]
    known = tuple(quote for quote in found if quote is not None)
    return known if len(known) == len(found) else None


def _times(claim: Claim, lookups: Lookups) -> Row:
    """Time, begin and end that a claim gives, each as text, earliest, latest."""
    given: dict[str, list[str]] = {role: [] for role in _DATED}
    for role, value in claim.said:
        if role in given and is_iri(value):
            given[role].append(text(value))
    return tuple(cell for nodes in given.values() for cell in dates(nodes, lookups))


def _said(claim: Claim, lookups: Lookups) -> Iterator[str]:
    for role, value in claim.said:
        said = text(value)
        if tag := language(value):
            said = f"{said}@{tag}"
        elif value.startswith(_TIMES) and (time := lookups.time(said)):
            said = time.edtf
        yield f"{role_name(role)}={said}"
