"""Tidy tables of a release: one row for each entity, event, relation, membership, role, claim and document.

The issue's four (entities, events, memberships, claims) leave out most of a graph: relations other than memberships, and who took
part in what as what. So there are `relations` and `roles` as well, and `documents`, by which claims are cited. Rows come in the
order of the source, as streams. What the columns mean: relgraph.exports.tidycolumns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from relgraph.exports.cells import LANGUAGES, Row, both, code, dates, resource
from relgraph.exports.lookups import Lookups, Thing, first, iris, labels, literals, local
from relgraph.exports.records import REPLACES, Fact, Subject, documents, entities, facts, role_name, stated, statements
from relgraph.exports.source import Source
from relgraph.exports.tidysources import claim_rows, document_rows
from relgraph.exports.tokens import is_iri, is_literal, language, text
from relgraph.vocabulary import ALT_LABEL, ASSERTED, HIDDEN_LABEL, ID, RG, SKOS

_PLACE, _ORGANIZATION = (RG + name for name in ("place", "organization"))


def entity_rows(source: Source, lookups: Lookups) -> Iterator[Row]:
    """A row for each entity. The facts are read first, and the mentions in them counted by entity."""
    mentions: Counter[str] = Counter()
    for fact in facts(source, lookups):
        mentions.update({text(value) for _, value in fact.roles if value.startswith(f"<{ID}")})
    for entity, thing in entities(source, lookups):
        alternative = literals(entity.values, ALT_LABEL.value)
        yield (
            *_named(entity, thing),
            *(tuple(sorted(text(name) for name in alternative if language(name) == each)) for each in LANGUAGES),
            tuple(sorted(_tagged(name) for name in alternative if language(name) not in LANGUAGES)),
            tuple(sorted({text(name) for name in literals(entity.values, HIDDEN_LABEL.value)})),
            *both(labels(entity.values, SKOS + "definition")),
            iris(entity.values, SKOS + "broader"),
            iris(entity.values, SKOS + "exactMatch"),
            *(iris(entity.values, RG + name) for name in ("territoryOf", "drawnFrom", "possiblySameAs")),
            mentions[entity.iri],
        )


def event_rows(source: Source, lookups: Lookups) -> Iterator[Row]:
    """A row for each event."""
    for fact in facts(source, lookups):
        if fact.thing.kind == "event":
            places = [text(value) for role, value in fact.roles if role == _PLACE and is_iri(value)]
            named = [lookups.thing(place).labels for place in places]
            yield (
                *_named(fact, fact.thing),
                code(first(fact.values, "status")),
                *_times(fact, lookups),
                tuple(places),
                *(tuple(found.get(each, "") for found in named) for each in LANGUAGES),
                *_stated(fact, lookups),
            )


def relation_rows(source: Source, lookups: Lookups) -> Iterator[Row]:
    """A row for each relation, memberships among them."""
    for fact in facts(source, lookups):
        if fact.thing.kind == "relation":
            yield (*_named(fact, fact.thing), *_times(fact, lookups), *_stated(fact, lookups))


def membership_rows(source: Source, lookups: Lookups) -> Iterator[Row]:
    """A row for each member of each organization of a membership, which has one of each."""
    for fact in facts(source, lookups):
        if fact.thing.class_name is None or "Membership" not in lookups.hierarchy.ancestors(fact.thing.class_name):
            continue
        organizations: list[str | None] = [value for role, value in fact.roles if role == _ORGANIZATION]
        for role, member in fact.roles:
            if "member" not in lookups.hierarchy.ancestors(local(role)):
                continue
            for organization in organizations or [None]:
                yield (
                    *_named(fact, fact.thing),
                    local(role),
                    *_reference(member, lookups),
                    *_reference(organization, lookups),
                    *_times(fact, lookups),
                    *(_events(name, fact, lookups) for name in ("initiates", "terminates")),
                    *_stated(fact, lookups),
                )


def role_rows(source: Source, lookups: Lookups) -> Iterator[Row]:
    """A row for each value of each fact."""
    for fact in facts(source, lookups):
        about = statements(fact.iri, lookups)
        for role, value in fact.roles:
            saying = [claim for claim in about if (role, value) in claim.said] if about is not None else None
            target = lookups.thing(text(value)) if is_iri(value) else None
            yield (
                fact.iri,
                fact.thing.kind,
                fact.thing.class_name,
                *both(fact.thing.labels),
                role_name(role),
                text(value),
                target.kind if target else "text",
                target.class_name if target else None,
                *both(target.labels if target else {}),
                language(value),
                *((tuple(claim.iri for claim in saying), documents(saying)) if saying is not None else (None, None)),
            )


#: The rows of each table by its name.
ROWS: Final[dict[str, Callable[[Source, Lookups], Iterator[Row]]]] = {
    "entities": entity_rows,
    "events": event_rows,
    "relations": relation_rows,
    "memberships": membership_rows,
    "roles": role_rows,
    "claims": claim_rows,
    "documents": document_rows,
}


def _named(subject: Subject, thing: Thing) -> Row:
    return (subject.iri, subject.key, thing.class_name, *both(thing.labels))


def _tagged(name: str) -> str:
    """A text with its language, where it has one."""
    tag = language(name)
    return f"{text(name)}@{tag}" if tag else text(name)


def _reference(value: str | None, lookups: Lookups) -> Row:
    if value and is_literal(value):
        return (text(value), *both({}))
    return resource(text(value) if value else None, lookups)


def _times(fact: Fact, lookups: Lookups) -> Row:
    """Time, begin and end, each as text, earliest, latest."""
    return tuple(cell for name in ("time", "begin", "end") for cell in dates(iris(fact.values, RG + name), lookups))


def _stated(fact: Fact, lookups: Lookups) -> Row:
    contested = any(text(token) in ("true", "1") for token in literals(fact.values, RG + "contested"))
    current, same = (iris(fact.values, RG + name) for name in ("currentIn", "possiblySameAs"))
    return (current, contested, *(stated(fact.iri, lookups) or (None, None)), same, iris(fact.values, REPLACES))


def _events(name: str, fact: Fact, lookups: Lookups) -> tuple[str, ...]:
    """The events that a relation begins or ends with."""
    return tuple(lookups.subjects(name, fact.iri, ASSERTED))
