"""Tidy tables of a release: one row for each entity, event, relation, membership, role and claim.

The issue's four (entities, events, memberships, claims) leave out most of a graph: relations other than memberships, and who took
part in what as what. So there are two more, `relations` and `roles`. Rows come in the order of the source, as streams. What the
columns mean: relgraph.exports.tidycolumns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from relgraph.exports.lookups import Lookups, Thing, iris, labels, texts
from relgraph.exports.records import (
    REPLACES,
    Claim,
    Fact,
    Subject,
    claims,
    documents,
    entities,
    facts,
    first,
    role_name,
    stated,
    statements,
)
from relgraph.exports.source import Source
from relgraph.scalars import scalar
from relgraph.vocabulary import ALT_LABEL, ASSERTED, HIDDEN_LABEL, ID, SKOS, local_name, rg

Cell = str | int | bool | datetime | tuple[str, ...] | None
Row = tuple[Cell, ...]
#: Between the dates of a fact about which documents disagree, and between the values of one cell in CSV.
BETWEEN: Final = " | "
_LANGUAGES = ("en", "ru")


def entity_rows(source: Source) -> Iterator[Row]:
    """A row for each entity. The facts are read first, and the mentions in them counted by entity."""
    lookups = Lookups(source)
    mentions: Counter[str] = Counter()
    for fact in facts(source, lookups):
        mentions.update({value.value for _, value in fact.roles if isinstance(value, NamedNode) and value.value.startswith(ID)})
    for entity, thing in entities(source, lookups):
        alternative = texts(entity.quads, ALT_LABEL)
        yield (
            *_named(entity, thing),
            *(tuple(sorted(text.value for text in alternative if text.language == language)) for language in _LANGUAGES),
            tuple(sorted(f"{text.value}@{text.language}" for text in alternative if text.language not in _LANGUAGES)),
            tuple(sorted({text.value for text in texts(entity.quads, HIDDEN_LABEL)})),
            *_labels(labels(entity.quads, NamedNode(SKOS + "definition"))),
            _iris(entity.quads, NamedNode(SKOS + "broader")),
            _iris(entity.quads, NamedNode(SKOS + "exactMatch")),
            *(_iris(entity.quads, rg(name)) for name in ("territoryOf", "drawnFrom", "possiblySameAs")),
            mentions[entity.iri],
        )


def event_rows(source: Source) -> Iterator[Row]:
    """A row for each event."""
    lookups = Lookups(source)
    for fact in facts(source, lookups):
        if fact.thing.kind == "event":
            places = [value for role, value in fact.roles if role == rg("place") and isinstance(value, NamedNode)]
            named = [lookups.thing(place).labels for place in places]
            yield (
                *_named(fact, fact.thing),
                _code(first(fact.quads, "status")),
                *_times(fact, lookups),
                tuple(place.value for place in places),
                *(tuple(found.get(language, "") for found in named) for language in _LANGUAGES),
                *_stated(fact, lookups),
            )


def relation_rows(source: Source) -> Iterator[Row]:
    """A row for each relation, memberships among them."""
    lookups = Lookups(source)
    for fact in facts(source, lookups):
        if fact.thing.kind == "relation":
            yield (*_named(fact, fact.thing), *_times(fact, lookups), *_stated(fact, lookups))


def membership_rows(source: Source) -> Iterator[Row]:
    """A row for each member of each organization of a membership, which has one of each."""
    lookups = Lookups(source)
    for fact in facts(source, lookups):
        if fact.thing.class_name is None or "Membership" not in lookups.hierarchy.ancestors(fact.thing.class_name):
            continue
        organizations: list[NamedNode | Literal | None] = [value for role, value in fact.roles if role == rg("organization")]
        for role, member in fact.roles:
            if "member" not in lookups.hierarchy.ancestors(local_name(role)):
                continue
            for organization in organizations or [None]:
                yield (
                    *_named(fact, fact.thing),
                    local_name(role),
                    *_reference(member, lookups),
                    *_reference(organization, lookups),
                    *_times(fact, lookups),
                    *(_events(name, fact, lookups) for name in ("initiates", "terminates")),
                    *_stated(fact, lookups),
                )


def role_rows(source: Source) -> Iterator[Row]:
    """A row for each value of each fact."""
    lookups = Lookups(source)
    for fact in facts(source, lookups):
        about = statements(fact.node, lookups)
        for role, value in fact.roles:
            saying = [claim for claim in about if (role, value) in claim.said]
            target = lookups.thing(value) if isinstance(value, NamedNode) else None
            yield (
                fact.iri,
                fact.thing.kind,
                fact.thing.class_name,
                *_labels(fact.thing.labels),
                role_name(role),
                value.value,
                target.kind if target else "text",
                target.class_name if target else None,
                *_labels(target.labels if target else {}),
                value.language if isinstance(value, Literal) else None,
                tuple(claim.iri for claim in saying),
                documents(saying),
            )


def claim_rows(source: Source) -> Iterator[Row]:
    """A row for each claim, with its passage."""
    lookups = Lookups(source)
    for claim in claims(source, lookups):
        fact = first(claim.quads, "about")
        thing = lookups.thing(fact) if fact else Thing("other", None, {})
        section = first(claim.span, "section")
        times = [value for role, value in claim.said if role == rg("time") and isinstance(value, NamedNode)]
        gloss = labels(claim.quads, rg("gloss"))
        yield (
            claim.iri,
            claim.key,
            fact.value if fact else None,
            thing.kind if fact else None,
            thing.class_name,
            *_labels(thing.labels),
            _code(first(claim.quads, "modality")),
            *_reference(first(claim.quads, "attributedTo"), lookups),
            first_iri(claim.quads, "conveyedBy"),
            claim.document.value if claim.document else None,
            claim.evidence.value if claim.evidence else None,
            *_reference(section, lookups),
            *(_number(claim.span, name) for name in ("line", "charStart", "charEnd")),
            next((text.value for text in texts(claim.span, rg("quoteSha256"))), None),
            _iris(claim.quads, rg("context")),
            tuple(_said(claim, lookups)),
            *_bounds(times, lookups),
            *_labels(gloss),
            _iris(claim.quads, rg("conflictsWith")),
        )


#: The rows of each table by its name.
ROWS: Final[dict[str, Callable[[Source], Iterator[Row]]]] = {
    "entities": entity_rows,
    "events": event_rows,
    "relations": relation_rows,
    "memberships": membership_rows,
    "roles": role_rows,
    "claims": claim_rows,
}


def first_iri(quads: list[Quad], name: str) -> str | None:
    """The IRI, as text, that a property of the ontology has."""
    found = first(quads, name)
    return found.value if found else None


def _named(subject: Subject, thing: Thing) -> Row:
    return (subject.iri, subject.key, thing.class_name, *_labels(thing.labels))


def _labels(found: Mapping[str, str]) -> Row:
    return tuple(found.get(language) for language in _LANGUAGES)


def _reference(value: NamedNode | Literal | None, lookups: Lookups) -> Row:
    found: Mapping[str, str] = lookups.thing(value).labels if isinstance(value, NamedNode) else {}
    return (value.value if value is not None else None, *_labels(found))


def _iris(quads: list[Quad], predicate: NamedNode) -> tuple[str, ...]:
    return tuple(node.value for node in iris(quads, predicate))


def _code(concept: NamedNode | None) -> str | None:
    return local_name(concept) if concept else None


def _number(quads: list[Quad], name: str) -> int | None:
    found = next((scalar(text) for text in texts(quads, rg(name))), None)
    return found.value if found and isinstance(found.value, int) else None


def _times(fact: Fact, lookups: Lookups) -> Row:
    """Time, begin and end, each as text, earliest, latest."""
    return tuple(cell for name in ("time", "begin", "end") for cell in _bounds(iris(fact.quads, rg(name)), lookups))


def _bounds(nodes: Sequence[NamedNode], lookups: Lookups) -> Row:
    found = lookups.bounds(nodes)
    return (BETWEEN.join(found.edtf) or None, found.earliest, found.latest)


def _stated(fact: Fact, lookups: Lookups) -> Row:
    contested = any(text.value in ("true", "1") for text in texts(fact.quads, rg("contested")))
    current, same = (_iris(fact.quads, rg(name)) for name in ("currentIn", "possiblySameAs"))
    return (current, contested, *stated(fact.node, lookups), same, _iris(fact.quads, REPLACES))


def _events(name: str, fact: Fact, lookups: Lookups) -> tuple[str, ...]:
    """The events that a relation begins or ends with."""
    return tuple(node.value for node in lookups.subjects(rg(name), fact.node, ASSERTED))


def _said(claim: Claim, lookups: Lookups) -> Iterator[str]:
    for role, value in claim.said:
        if isinstance(value, Literal):
            text = f"{value.value}@{value.language}" if value.language else value.value
        else:
            time = lookups.time(value) if value.value.startswith(f"{ID}time/") else None
            text = time.edtf if time else value.value
        yield f"{role_name(role)}={text}"
