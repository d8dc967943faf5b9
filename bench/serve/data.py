"""A made-up dataset with relgraph's terms: actors, visits, meetings, memberships and signings."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from relgraph.vocabulary import ID, RDF, RG, SCHEMES, SKOS, XSD

SEED = 20040101
FIRST_DAY = date(1991, 1, 1)
DAYS = 30 * 365
_KINDS = ("visit", "meeting", "membership", "signing")
_WEIGHTS = (40, 30, 15, 15)


@dataclass
class Dataset:
    """What the generator made: the N-Triples file, how many triples it has, and the keys that queries can ask for."""

    path: Path
    triples: int = 0
    actors: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


def write(path: Path, size: int) -> Dataset:
    """Writes an N-Triples file of about `size` triples (up to 20 more), the same for the same size.

    Everything is in the default graph, with the types and the `rg:involves` that reasoning would add.
    """
    made = Dataset(path)
    generator = _Generator(size, made)
    with path.open("w", encoding="utf-8") as file:
        for line in generator.lines(size):
            file.write(line)
            made.triples += 1
    return made


class _Generator:
    """Makes the lines of the dataset, and notes the actors and events in it."""

    def __init__(self, size: int, made: Dataset) -> None:
        self.random = random.Random(SEED)
        self.made = made
        made.actors = [f"{ID}state/{number:05}" for number in range(max(20, size // 500))]
        self.places = [f"{ID}place/{number:05}" for number in range(max(20, size // 1000))]
        self.organizations = [f"{ID}org/{number:05}" for number in range(max(5, size // 4000))]
        self.days: set[int] = set()
        self.joined: set[tuple[str, str]] = set()

    def lines(self, size: int) -> Iterator[str]:
        count = 0
        for line in self._entities():
            count += 1
            yield line
        number = 0
        while count < size:
            (kind,) = self.random.choices(_KINDS, _WEIGHTS)
            for line in self._record(kind, f"{number:07}"):
                count += 1
                yield line
            number += 1

    def _entities(self) -> Iterator[str]:
        for iris, kind in ((self.made.actors, "State"), (self.places, "Place"), (self.organizations, "Organization")):
            for number, iri in enumerate(iris):
                yield _link(iri, RDF + "type", RG + kind)
                if kind != "Place":
                    yield _link(iri, RDF + "type", RG + "Actor")
                yield _text(iri, SKOS + "prefLabel", f"{kind} number {number}", "en")
                yield _text(iri, SKOS + "prefLabel", f"{kind} № {number}", "ru")

    def _record(self, kind: str, number: str) -> Iterator[str]:
        if kind == "membership":
            yield from self._membership(f"{ID}membership/{number}")
            return
        event = f"{ID}event/{kind}-{number}"
        self.made.events.append(event)
        roles = {
            "visit": ("Visit", "visitor", 1),
            "meeting": ("Meeting", "participant", 3),
            "signing": ("TreatyAction", "signatory", 2),
        }
        class_name, role, people = roles[kind]
        yield _link(event, RDF + "type", RG + class_name)
        yield _link(event, RDF + "type", RG + "Event")
        for actor in self.random.sample(self.made.actors, people):
            yield _link(event, RG + role, actor)
            yield _link(event, RG + "involves", actor)
        yield _link(event, RG + "place", self.random.choice(self.places))
        yield _link(event, RG + "status", SCHEMES + "status#Occurred")
        yield _text(event, SKOS + "prefLabel", f"{class_name} {number}", "en")
        if kind == "signing":
            yield _link(event, RG + "concernsInstrument", f"{ID}instrument/{number}")
            yield _link(event, RG + "actionKind", SCHEMES + "action#Signature")
        yield from self._time(event, RG + "time")

    def _membership(self, membership: str) -> Iterator[str]:
        member, organization = self.random.choice(self.made.actors), self.random.choice(self.organizations)
        yield _link(membership, RDF + "type", RG + "Membership")
        yield _link(membership, RG + "fullMember", member)
        yield _link(membership, RG + "member", member)
        yield _link(membership, RG + "organization", organization)
        if (member, organization) not in self.joined:
            self.joined.add((member, organization))
            yield _link(member, RG + "memberOf", organization)
        yield from self._time(membership, RG + "begin")

    def _time(self, subject: str, predicate: str) -> Iterator[str]:
        day = self.random.randrange(DAYS)
        written = (FIRST_DAY + timedelta(days=day)).isoformat()
        span = f"{ID}time/{written}"
        yield _link(subject, predicate, span)
        if day not in self.days:
            self.days.add(day)
            yield _link(span, RDF + "type", RG + "TimeSpan")
            yield _typed(span, RG + "edtf", written, XSD + "string")
            yield _typed(span, RG + "earliest", f"{written}T00:00:00Z", XSD + "dateTime")
            yield _typed(span, RG + "latest", f"{written}T23:59:59Z", XSD + "dateTime")


def _link(subject: str, predicate: str, target: str) -> str:
    return f"<{subject}> <{predicate}> <{target}> .\n"


def _text(subject: str, predicate: str, words: str, language: str) -> str:
    return f'<{subject}> <{predicate}> "{words}"@{language} .\n'


def _typed(subject: str, predicate: str, value: str, datatype: str) -> str:
    return f'<{subject}> <{predicate}> "{value}"^^<{datatype}> .\n'
