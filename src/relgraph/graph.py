"""Facts, claims and spans as RDF: the graphs asserted, provenance and reported (design section 4). No blank nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from pyoxigraph import Literal, NamedNode, Quad, Triple

from relgraph import edtf, rdf
from relgraph.documents import Document, Register
from relgraph.edtf import TimeSpan
from relgraph.entities import Entities
from relgraph.facts import Fact
from relgraph.labels import Labeller
from relgraph.ontology import LANGUAGES, Ontology
from relgraph.spans import Span
from relgraph.statements import Claim, Statements, Term
from relgraph.vocabulary import (
    ASSERTED,
    DCTERMS,
    ID,
    PREF_LABEL,
    PROVENANCE,
    REPORTED,
    XSD,
    A,
    concept,
    data,
    rg,
)

_REPLACES = NamedNode(DCTERMS + "replaces")
_TRUE = Literal("true", datatype=NamedNode(XSD + "boolean"))
#: What only the build needs of the register of documents.
_BUILD_ONLY = {rg("lineStarts")}


def assemble(
    ontology: Ontology, register: Register, entities: Entities, statements: Statements, facts: Sequence[Fact]
) -> list[Quad]:
    """All quads but the ontology's and the inferred ones."""
    labeller = Labeller(ontology.schema, _labels(ontology, entities), facts)
    spans = {span for claim in statements.claims for span in (claim.evidence, *claim.context)}
    asserted = [
        *ontology.schemes,
        *entities.triples,
        *(triple for fact in facts for triple in _fact(fact, labeller)),
        *(Triple(data(one), rg("possiblySameAs"), data(other)) for one, other in statements.identities.possibly_same),
        *(Triple(data(new), _REPLACES, data(old)) for old, new in sorted(statements.identities.replaced.items())),
    ]
    provenance = [
        *(triple for triple in register.triples if triple.predicate not in _BUILD_ONLY),
        *(triple for fact in facts for triple in _conflicts(fact)),
        *(triple for claim in statements.claims for triple in _claim(claim, register, labeller)),
        *(triple for span in spans for triple in _span(span, register.documents[span.document])),
    ]
    reported = [triple for claim in statements.claims for triple in _content(claim)]
    times = _times((*asserted, *provenance, *reported))
    asserted += [triple for span in times for triple in _time(span)]
    return [
        *rdf.in_graph(asserted, ASSERTED),
        *rdf.in_graph(provenance, PROVENANCE),
        *rdf.in_graph(reported, REPORTED),
    ]


def _labels(ontology: Ontology, entities: Entities) -> dict[str, Mapping[str, str]]:
    things: dict[str, Mapping[str, str]] = {key: entity.labels for key, entity in entities.by_key.items()}
    concepts: dict[str, dict[str, str]] = {}
    for triple in ontology.schemes:
        if triple.predicate == PREF_LABEL and isinstance(triple.object, Literal) and triple.object.language:
            concepts.setdefault(str(getattr(triple.subject, "value", "")), {})[triple.object.language] = triple.object.value
    return things | concepts


def _fact(fact: Fact, labeller: Labeller) -> Iterator[Triple]:
    node = data(fact.key)
    yield Triple(node, A, rg(fact.class_name))
    for language in LANGUAGES:
        yield Triple(node, PREF_LABEL, Literal(labeller.fact(fact.key, language), language=language))
    yield from _property_values(node, fact.values.items())
    for status in fact.status:
        yield Triple(node, rg("status"), concept("status", status))
    if fact.conflicts:
        yield Triple(node, rg("contested"), _TRUE)


def _conflicts(fact: Fact) -> Iterator[Triple]:
    for one, other in fact.conflicts:
        yield Triple(data(f"claim/{one}"), rg("conflictsWith"), data(f"claim/{other}"))
        yield Triple(data(f"claim/{other}"), rg("conflictsWith"), data(f"claim/{one}"))


def _claim(claim: Claim, register: Register, labeller: Labeller) -> Iterator[Triple]:
    node = data(f"claim/{claim.id}")
    line = register.documents[claim.evidence.document].line(claim.evidence.start)
    yield Triple(node, A, rg("Claim"))
    for language in LANGUAGES:
        yield Triple(node, PREF_LABEL, Literal(labeller.claim(claim, line, language), language=language))
        yield Triple(node, rg("gloss"), Literal(labeller.gloss(claim, language), language=language))
    yield Triple(node, rg("about"), data(claim.fact))
    yield Triple(node, rg("modality"), concept("modality", claim.modality))
    yield Triple(node, rg("attributedTo"), data(claim.by))
    if claim.conveyed_by:
        yield Triple(node, rg("conveyedBy"), data(claim.conveyed_by))
    yield Triple(node, rg("evidence"), data(claim.evidence.key))
    for span in claim.context:
        yield Triple(node, rg("context"), data(span.key))
    yield Triple(node, rg("says"), _content_node(claim))


def _content(claim: Claim) -> Iterator[Triple]:
    yield Triple(_content_node(claim), A, rg("Content"))
    yield from _property_values(_content_node(claim), claim.says)


def _content_node(claim: Claim) -> NamedNode:
    return data(f"claim/{claim.id}/says")


def _property_values(node: NamedNode, values: Iterable[tuple[str, tuple[Term, ...]]]) -> Iterator[Triple]:
    for name, terms in values:
        for term in terms:
            yield Triple(node, rg(name), data(term.key) if isinstance(term, TimeSpan) else term)


def _span(span: Span, document: Document) -> Iterator[Triple]:
    node = data(span.key)
    yield Triple(node, A, rg("TextSpan"))
    yield Triple(node, rg("document"), data(f"document/{span.document}"))
    yield Triple(node, rg("charStart"), _integer(span.start))
    yield Triple(node, rg("charEnd"), _integer(span.end))
    yield Triple(node, rg("line"), _integer(document.line(span.start)))
    section = document.section(span.start)
    if section:
        yield Triple(node, rg("section"), data(section.key))
    yield Triple(node, rg("quoteSha256"), Literal(span.quote_sha256))


def _times(triples: Iterable[Triple]) -> list[TimeSpan]:
    """Every time span that is referred to; its key is its EDTF text with / as _."""
    prefix = ID + "time/"
    keys = {t.object.value for t in triples if isinstance(t.object, NamedNode) and t.object.value.startswith(prefix)}
    return [edtf.parse(key.removeprefix(prefix).replace("_", "/")) for key in sorted(keys)]


def _time(span: TimeSpan) -> Iterator[Triple]:
    node = data(span.key)
    yield Triple(node, A, rg("TimeSpan"))
    for language in LANGUAGES:
        yield Triple(node, PREF_LABEL, Literal(edtf.wording(span.edtf, language), language=language))
    yield Triple(node, rg("edtf"), Literal(span.edtf))
    if span.earliest:
        yield Triple(node, rg("earliest"), _moment(span.earliest))
    if span.latest:
        yield Triple(node, rg("latest"), _moment(span.latest))


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=NamedNode(XSD + "integer"))


def _moment(value: datetime) -> Literal:
    return Literal(value.isoformat(), datatype=NamedNode(XSD + "dateTime"))
