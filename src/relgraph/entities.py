"""The named things of a project: actors, positions, instruments, places, topics, with labels and aliases.

An entity file says what a thing is called and what it is by its name; anything else about it needs a claim, so other
properties are refused here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph import rdf
from relgraph.errors import Problem
from relgraph.ontology import LANGUAGES, Schema
from relgraph.vocabulary import ALT_LABEL, HIDDEN_LABEL, ID, NOTATION, PREF_LABEL, RG, SKOS, A, rg

#: Keys of entities and facts as decisions write them.
KEY = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.-]*|state/[A-Z]{3}")
_CONCEPT = NamedNode(SKOS + "Concept")
_ALLOWED = {
    A, PREF_LABEL, ALT_LABEL, HIDDEN_LABEL, NOTATION, rg("territoryOf"), rg("drawnFrom"),
    *(NamedNode(SKOS + name) for name in ("definition", "scopeNote", "broader", "inScheme", "topConceptOf", "exactMatch")),
}  # fmt: skip


@dataclass(frozen=True)
class Entity:
    """A named thing: key ("person/george-robertson"), class (local name, or "Concept" for a topic), labels."""

    key: str
    class_name: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Entities:
    """Entities by key, and all their triples."""

    by_key: Mapping[str, Entity]
    triples: tuple[Triple, ...]

    def drawn_from(self) -> dict[str, frozenset[str]]:
        """For each group the actors whose members or representatives make it up (IRIs)."""
        found: dict[str, frozenset[str]] = {}
        for triple in self.triples:
            if triple.predicate == rg("drawnFrom") and isinstance(triple.object, NamedNode):
                group = str(getattr(triple.subject, "value", ""))
                found[group] = found.get(group, frozenset()) | {triple.object.value}
        return found


def load(folder: Path, schema: Schema, problems: list[Problem]) -> Entities:
    """Reads every *.ttl of a folder; broken Turtle, unknown classes, missing labels and claims in disguise add problems."""
    found: dict[str, Entity] = {}
    triples: list[Triple] = []
    for path in sorted(folder.glob("*.ttl")):
        own = rdf.read_turtle(path, problems)
        triples += own
        for key, entity in _entities(path, own, schema, problems).items():
            if key in found:
                problems.append(Problem(_where(path, key), f"{key} is described in two files", "Keep one description of it"))
            found[key] = entity
    _check_references(folder, found, triples, problems)
    return Entities(dict(sorted(found.items())), tuple(triples))


def _entities(path: Path, triples: list[Triple], schema: Schema, problems: list[Problem]) -> dict[str, Entity]:
    classes: dict[str, list[str]] = {}
    labels: dict[str, dict[str, str]] = {}
    for triple in triples:
        if not isinstance(triple.subject, NamedNode) or not triple.subject.value.startswith(ID):
            problems.append(
                Problem(f"{path}:1", f"{triple.subject} is not in {ID}", "Name every entity by an IRI of the project")
            )
            continue
        key = triple.subject.value.removeprefix(ID)
        if isinstance(triple.object, BlankNode):
            problems.append(Problem(_where(path, key), f"{key} refers to a blank node", "Name it by an IRI of the project"))
            continue
        classes.setdefault(key, [])
        labels.setdefault(key, {})
        if triple.predicate not in _ALLOWED:
            problems.append(
                Problem(
                    _where(path, key),
                    f"{key} is given {triple.predicate.value.rsplit('#', 1)[-1]}, which says something about the world",
                    "Say it in a decision, with its passage; entity files hold names only",
                )
            )
        elif triple.predicate == A and isinstance(triple.object, NamedNode):
            if triple.object.value.removeprefix(RG) not in classes[key]:
                classes[key].append(triple.object.value.removeprefix(RG))
        elif triple.predicate == PREF_LABEL and isinstance(triple.object, Literal) and triple.object.language:
            labels[key][triple.object.language] = triple.object.value
    entities = {}
    for key, names in classes.items():
        if not KEY.fullmatch(key):
            remedy = "Keys are lower case with hyphens, such as person/ada-stone; states are state/RUS"
            problems.append(Problem(_where(path, key), f"{key} is no key", remedy))
            continue
        is_topic = names == [_CONCEPT.value]
        if not is_topic and (len(names) != 1 or not _is_entity_class(names[0], schema)):
            problems.append(
                Problem(
                    _where(path, key),
                    f"{key} has the class {', '.join(names) or '(none)'}",
                    "Give it one class of the ontology for entities (rg:Person, rg:Body …), or skos:Concept for a topic",
                )
            )
            continue
        for language in LANGUAGES:
            if not labels[key].get(language, "").strip():
                problems.append(
                    Problem(_where(path, key), f"{key} has no label in {language}", f'Add skos:prefLabel "…"@{language}')
                )
        entities[key] = Entity(key, "Concept" if is_topic else names[0], labels[key])
    return entities


def _is_entity_class(name: str, schema: Schema) -> bool:
    return any(schema.is_a(name, top) for top in ("Agent", "Instrument", "Publication", "Place"))


def _check_references(folder: Path, entities: Mapping[str, Entity], triples: list[Triple], problems: list[Problem]) -> None:
    for triple in triples:
        if isinstance(triple.object, NamedNode) and triple.object.value.startswith(ID):
            key = triple.object.value.removeprefix(ID)
            if key not in entities:
                subject = triple.subject.value.removeprefix(ID) if isinstance(triple.subject, NamedNode) else ""
                path = next((p for p in sorted(folder.glob("*.ttl")) if key in p.read_text("utf-8", errors="replace")), folder)
                where = _where(path, subject) if path.is_file() else str(path)
                problems.append(Problem(where, f"{subject} refers to {key}, which is not described", "Describe it"))


def _where(path: Path, key: str) -> str:
    return f"{path}:{rdf.line_of(path, key.rsplit('/', 1)[-1])}"
