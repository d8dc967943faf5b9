"""Tidy tables of a release: one row for each entity, event, relation, membership, role and claim.

The issue's four (entities, events, memberships, claims) leave out most of a graph: relations other than memberships, and who took
part in what as what. So there are two more, `relations` and `roles`. Rows come in the order of the source, as streams. What the
columns mean: relgraph.exports.tidycolumns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from relgraph.exports.lookups import Lookups, Thing, Values, first, iris, labels, literals, local
from relgraph.exports.records import (
    REPLACES,
    Claim,
    Fact,
    Subject,
    claims,
    documents,
    entities,
    facts,
    role_name,
    stated,
    statements,
)
from relgraph.exports.source import Source
from relgraph.exports.tokens import is_iri, is_literal, language, text, typed
from relgraph.scalars import scalar
from relgraph.vocabulary import ALT_LABEL, ASSERTED, HIDDEN_LABEL, ID, RG, SKOS, rg

Cell = str | int | bool | datetime | tuple[str, ...] | None
Row = tuple[Cell, ...]
#: Between the dates of a fact about which documents disagree, and between the values of one cell in CSV.
BETWEEN: Final = " | "
_LANGUAGES = ("en", "ru")
_PLACE, _ORGANIZATION, _TIME = (RG + name for name in ("place", "organization", "time"))
_TIMES = f"<{ID}time/"


def entity_rows(source: Source, lookups: Lookups) -> Iterator[Row]:
    """A row for each entity. The facts are read first, and the mentions in them counted by entity."""
    mentions: Counter[str] = Counter()
    for fact in facts(source, lookups):
        mentions.update({text(value) for _, value in fact.roles if value.startswith(f"<{ID}")})
    for entity, thing in entities(source, lookups):
        alternative = literals(entity.values, ALT_LABEL.value)
        yield (
            *_named(entity, thing),
            *(tuple(sorted(text(name) for name in alternative if language(name) == each)) for each in _LANGUAGES),
            tuple(sorted(f"{text(name)}@{language(name)}" for name in alternative if language(name) not in _LANGUAGES)),
            tuple(sorted({text(name) for name in literals(entity.values, HIDDEN_LABEL.value)})),
            *_labels(labels(entity.values, SKOS + "definition")),
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
                _code(first(fact.values, "status")),
                *_times(fact, lookups),
                tuple(places),
                *(tuple(found.get(each, "") for found in named) for each in _LANGUAGES),
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
            saying = [claim for claim in about if (role, value) in claim.said]
            target = lookups.thing(text(value)) if is_iri(value) else None
            yield (
                fact.iri,
                fact.thing.kind,
                fact.thing.class_name,
                *_labels(fact.thing.labels),
                role_name(role),
                text(value),
                target.kind if target else "text",
                target.class_name if target else None,
                *_labels(target.labels if target else {}),
                language(value),
                tuple(claim.iri for claim in saying),
                documents(saying),
            )


def claim_rows(source: Source, lookups: Lookups) -> Iterator[Row]:
    """A row for each claim, with its passage."""
    for claim in claims(source, lookups):
        fact = first(claim.values, "about")
        thing = lookups.thing(fact) if fact else Thing("other", None, {})
        times = [text(value) for role, value in claim.said if role == _TIME and is_iri(value)]
        yield (
            claim.iri,
            claim.key,
            fact,
            thing.kind if fact else None,
            thing.class_name,
            *_labels(thing.labels),
            _code(first(claim.values, "modality")),
            *_resource(first(claim.values, "attributedTo"), lookups),
            first(claim.values, "conveyedBy"),
            claim.document,
            claim.evidence,
            *_resource(first(claim.span, "section"), lookups),
            *(_number(claim.span, name) for name in ("line", "charStart", "charEnd")),
            next((text(digest) for digest in literals(claim.span, RG + "quoteSha256")), None),
            iris(claim.values, RG + "context"),
            tuple(_said(claim, lookups)),
            *_bounds(times, lookups),
            *_labels(labels(claim.values, RG + "gloss")),
            iris(claim.values, RG + "conflictsWith"),
        )


#: The rows of each table by its name.
ROWS: Final[dict[str, Callable[[Source, Lookups], Iterator[Row]]]] = {
    "entities": entity_rows,
    "events": event_rows,
    "relations": relation_rows,
    "memberships": membership_rows,
    "roles": role_rows,
    "claims": claim_rows,
}


def _named(subject: Subject, thing: Thing) -> Row:
    return (subject.iri, subject.key, thing.class_name, *_labels(thing.labels))


def _labels(found: Mapping[str, str]) -> Row:
    return tuple(found.get(each) for each in _LANGUAGES)


def _reference(value: str | None, lookups: Lookups) -> Row:
    if value and is_literal(value):
        return (text(value), *_labels({}))
    return _resource(text(value) if value else None, lookups)


def _resource(iri: str | None, lookups: Lookups) -> Row:
    return (iri, *_labels(lookups.thing(iri).labels if iri else {}))


def _code(concept: str | None) -> str | None:
    return local(concept) if concept else None


def _number(found: Values, name: str) -> int | None:
    return next((_integer(token) for token in literals(found, RG + name)), None)


@lru_cache(maxsize=20_000)
def _integer(token: str) -> int | None:
    number = scalar(typed(token))
    return number.value if number and isinstance(number.value, int) else None


def _times(fact: Fact, lookups: Lookups) -> Row:
    """Time, begin and end, each as text, earliest, latest."""
    return tuple(cell for name in ("time", "begin", "end") for cell in _bounds(iris(fact.values, RG + name), lookups))


def _bounds(nodes: Sequence[str], lookups: Lookups) -> Row:
    found = lookups.bounds(nodes)
    return (BETWEEN.join(found.edtf) or None, found.earliest, found.latest)


def _stated(fact: Fact, lookups: Lookups) -> Row:
    contested = any(text(token) in ("true", "1") for token in literals(fact.values, RG + "contested"))
    current, same = (iris(fact.values, RG + name) for name in ("currentIn", "possiblySameAs"))
    return (current, contested, *stated(fact.iri, lookups), same, iris(fact.values, REPLACES))


def _events(name: str, fact: Fact, lookups: Lookups) -> tuple[str, ...]:
    """The events that a relation begins or ends with."""
    return tuple(lookups.subjects(rg(name), fact.iri, ASSERTED))


def _said(claim: Claim, lookups: Lookups) -> Iterator[str]:
    for role, value in claim.said:
        words = text(value)
        if tag := language(value):
            words = f"{words}@{tag}"
        elif value.startswith(_TIMES) and (time := lookups.time(words)):
            words = time.edtf
        yield f"{role_name(role)}={words}"
