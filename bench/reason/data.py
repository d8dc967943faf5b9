"""Made-up data for reasoning, without anything that could be inferred, and the ontology that they are read with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

SEED: Final = 20040101
#: What all resources of the data begin with, and all terms of the ontology.
DATA: Final = "https://example.org/bench/id/"
TERMS: Final = "https://example.org/bench/ns#"
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_FIRST_DAY: Final = date(1991, 1, 1)
_KINDS: Final = ("membership", "visit", "meeting", "signing")
_WEIGHTS: Final = (15, 40, 30, 15)

#: 48 triples: subclasses, subproperties, domains, ranges, inverses, a symmetric and a transitive property, two chains.
ONTOLOGY: Final = """
@prefix : <https://example.org/bench/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

:Event rdfs:subClassOf :Fact .
:Relation rdfs:subClassOf :Fact .
:Visit rdfs:subClassOf :Event .
:Meeting rdfs:subClassOf :Event .
:Signing rdfs:subClassOf :Event .
:Membership rdfs:subClassOf :Relation .
:State rdfs:subClassOf :Actor .
:Organization rdfs:subClassOf :Actor .
:City rdfs:subClassOf :Place .
:Instrument rdfs:subClassOf :Text .

:member rdfs:subPropertyOf :involves ; rdfs:domain :Membership ; rdfs:range :Actor ; owl:inverseOf :memberIn .
:organization rdfs:domain :Membership ; rdfs:range :Organization .
:memberOf rdfs:domain :Actor ; rdfs:range :Organization ; owl:propertyChainAxiom ( :memberIn :organization ) .
:visitor rdfs:subPropertyOf :involves ; rdfs:domain :Visit .
:host rdfs:subPropertyOf :involves ; rdfs:domain :Visit .
:participant rdfs:subPropertyOf :involves ; rdfs:domain :Meeting .
:signatory rdfs:subPropertyOf :involves ; rdfs:domain :Signing .
:involves rdfs:domain :Fact ; rdfs:range :Actor ; owl:inverseOf :involvedIn .
:instrument rdfs:domain :Signing ; rdfs:range :Instrument .
:place rdfs:domain :Event ; rdfs:range :Place .
:within a owl:TransitiveProperty ; rdfs:domain :Place ; rdfs:range :Place .
:tookPlaceWithin owl:propertyChainAxiom ( :place :within ) .
:neighbour a owl:SymmetricProperty ; rdfs:domain :State .
"""


def write(path: Path, size: int) -> int:
    """Writes an N-Triples file of about `size` triples (a few more), the same for the same size; gives their number."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for line in _Generator(size).lines():
            file.write(line)
            count += 1
    return count


class _Generator:
    """Makes the lines. The resources grow with the size, so that each is in about as many triples at any size."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._random = random.Random(SEED)
        self._states = [f"{DATA}state/{number:06}" for number in range(max(20, size // 500))]
        self._organizations = [f"{DATA}org/{number:06}" for number in range(max(5, size // 4000))]
        self._places = [f"{DATA}place/{number:06}" for number in range(max(20, size // 500))]

    def lines(self) -> Iterator[str]:
        count = 0
        for line in self._entities():
            count += 1
            yield line
        number = 0
        while count < self._size:
            (kind,) = self._random.choices(_KINDS, _WEIGHTS)
            for line in self._record(kind, f"{DATA}{kind}/{number:07}"):
                count += 1
                yield line
            number += 1

    def _entities(self) -> Iterator[str]:
        for number, state in enumerate(self._states):
            yield _link(state, _TYPE, TERMS + "State")
            yield f'<{state}> <{TERMS}name> "State {number}"@en .\n'
            yield _link(state, TERMS + "neighbour", self._random.choice(self._states))
        for organization in self._organizations:
            yield _link(organization, _TYPE, TERMS + "Organization")
        # each place lies within another, four levels deep at most: cities, districts, regions, countries
        for number, place in enumerate(self._places):
            yield _link(place, _TYPE, TERMS + ("City" if number % 8 else "Place"))
            if number % 512:
                step = next(width for width in (8, 64, 512) if number % width)
                yield _link(place, TERMS + "within", self._places[number - number % step])

    def _record(self, kind: str, record: str) -> Iterator[str]:
        pick = self._random.choice
        yield _link(record, _TYPE, TERMS + kind.capitalize())
        yield f'<{record}> <{TERMS}day> "{self._day()}"^^<http://www.w3.org/2001/XMLSchema#date> .\n'
        if kind == "membership":
            yield _link(record, TERMS + "member", pick(self._states))
            yield _link(record, TERMS + "organization", pick(self._organizations))
            return
        if kind == "visit":
            for role, state in zip(("visitor", "host"), self._random.sample(self._states, 2), strict=True):
                yield _link(record, TERMS + role, state)
        if kind == "meeting":
            for state in self._random.sample(self._states, 3):
                yield _link(record, TERMS + "participant", state)
        if kind == "signing":
            for state in self._random.sample(self._states, 2):
                yield _link(record, TERMS + "signatory", state)
            yield _link(record, TERMS + "instrument", record.replace("signing", "instrument"))
        yield _link(record, TERMS + "place", pick(self._places))

    def _day(self) -> str:
        return (_FIRST_DAY + timedelta(days=self._random.randrange(30 * 365))).isoformat()


def _link(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{predicate}> <{value}> .\n"
