"""A made-up release of any size, written straight in the order of dataset.nq: about 40 quads a claim, as the real one has."""

from __future__ import annotations

import hashlib
import heapq
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Store, parse, serialize

from relgraph.exports import writers
from relgraph.exports.source import DEFAULT, Source
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, ID, INFERRED, ONTOLOGY_GRAPH, PROVENANCE, REPORTED, RG, SCHEMES, SKOS, XSD

_ONTOLOGY: Final = Path(__file__).parents[2] / "ontology"
_A: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL: Final = f"<{SKOS}prefLabel>"
_FIRST_DAY: Final = date(1991, 1, 1)
_DAYS: Final = 9000


@dataclass(frozen=True)
class Size:
    """How many there are of everything, from the number of claims."""

    claims: int

    @cached_property
    def facts(self) -> int:
        """Facts: some have two claims, each fourth is a membership, the others are meetings."""
        return max(1, self.claims * 4 // 5)

    @cached_property
    def documents(self) -> int:
        """Documents, of a hundred claims each."""
        return max(1, self.claims // 100)

    @cached_property
    def organizations(self) -> int:
        """Organizations."""
        return max(10, self.claims // 200)

    @cached_property
    def places(self) -> int:
        """Places."""
        return max(10, self.claims // 500)


def made(folder: Path, claims: int) -> tuple[Path, int]:
    """A release of that many claims within a folder, and its quads; one that is there whole is not made again."""
    path = folder / f"claims-{claims}"
    note = path / "quads.json"  # the last file that is written
    if not note.exists():
        if path.exists():
            shutil.rmtree(path)
        path.mkdir()
        note.write_text(json.dumps(write(path, claims)), encoding="utf-8")
    return path, int(json.loads(note.read_text(encoding="utf-8")))


def write(folder: Path, claims: int) -> int:
    """Writes a release into a folder (dataset.nq, store, manifest.json), the same for the same size; gives its quads."""
    count = 0
    digest = hashlib.sha256()
    with (folder / "dataset.nq").open("wb") as file:
        for text in heapq.merge(_made(Size(claims)), _ontology()):
            line = text.encode()
            file.write(line)
            digest.update(line)
            count += 1
    (folder / "manifest.json").write_text(json.dumps({"release": digest.hexdigest(), "counts": {"claims": claims}}), "utf-8")
    release = Release(folder)
    store = Store(str(folder / "store"))
    store.bulk_load(path=str(folder / "dataset.nq"), format=RdfFormat.N_QUADS)
    union = folder / "default.nt"
    with union.open("wb") as file:
        writers.ntriples(Source(release, DEFAULT), file)
    store.bulk_load(path=str(union), format=RdfFormat.N_TRIPLES)
    union.unlink()
    store.optimize()
    return count


def _ontology() -> list[str]:
    """The lines of the real ontology and its schemes."""
    quads = Dataset(
        Quad(quad.subject, quad.predicate, quad.object, graph)
        for name, graph in (("relgraph.ttl", ONTOLOGY_GRAPH), ("schemes.ttl", ASSERTED))
        for quad in parse(path=str(_ONTOLOGY / name), format=RdfFormat.TURTLE)
    )
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted({f"{line}\n" for line in (serialize(quads, format=RdfFormat.N_QUADS) or b"").decode().splitlines()})


def _made(size: Size) -> Iterator[str]:
    """The lines of everything else; kinds in the order of their names, numbers with leading zeros."""
    for kind, count in (
        (_claim, size.claims), (_document, size.documents), (_meeting, size.facts), (_membership, size.facts),
        (_organization, size.organizations), (_place, size.places), (_time, min(_DAYS, size.facts)),
    ):  # fmt: skip
        for number in range(count):
            yield from kind(number, size)
    yield from _named("voice/1", "Voice", "the author", "автор")


def _claim(number: int, size: Size) -> list[str]:
    key, fact = f"claim/{number:08}", number % size.facts
    document, start = number % size.documents, number // size.documents * 200
    claim = [
        _line(key, _A, f"<{RG}Claim>", PROVENANCE.value),
        *_labels(key, _LABEL, f"Fact {fact} (line {start})", f"Факт {fact} (строка {start})", PROVENANCE.value),
        *_labels(key, f"<{RG}gloss>", f"the author – asserted: fact {fact}; participants: organization",
                 f"автор – утверждается: факт {fact}; участники: организация", PROVENANCE.value),
        _line(key, _rg("about"), _id(_key(fact)), PROVENANCE.value),
        _line(key, _rg("modality"), f"<{SCHEMES}modality#{'Planned' if number % 10 == 9 else 'Asserted'}>", PROVENANCE.value),
        _line(key, _rg("attributedTo"), _id("voice/1"), PROVENANCE.value),
        _line(key, _rg("evidence"), _id(_span(document, start)), PROVENANCE.value),
        _line(key, _rg("says"), _id(f"{key}/says"), PROVENANCE.value),
    ]  # fmt: skip
    content = [
        _line(f"{key}/says", _A, f"<{RG}Content>", REPORTED.value),
        *(_line(f"{key}/says", predicate, value, REPORTED.value) for predicate, value in _values(fact, size)),
    ]
    return sorted(content) + sorted(claim)


def _span(document: int, start: int) -> str:
    return f"document/{document:06}#char={start:08},{start + 150:08}"


def _document(number: int, size: Size) -> Iterator[str]:
    count = len(range(number, size.claims, size.documents))
    for place in range(count):
        start = place * 200
        key = _span(number, start)
        yield from sorted([
            _line(key, _A, f"<{RG}TextSpan>", PROVENANCE.value),
            _line(key, _rg("document"), _id(f"document/{number:06}"), PROVENANCE.value),
            _line(key, _rg("charStart"), _integer(start), PROVENANCE.value),
            _line(key, _rg("charEnd"), _integer(start + 150), PROVENANCE.value),
            _line(key, _rg("line"), _integer(place + 1), PROVENANCE.value),
            _line(key, _rg("section"), _id(f"document/{number:06}/section/1"), PROVENANCE.value),
            _line(key, _rg("quoteSha256"), f'"{hashlib.sha256(key.encode()).hexdigest()}"', PROVENANCE.value),
        ])  # fmt: skip
    own = f"document/{number:06}"
    section = [
        *_named(f"{own}/section/1", "Section", "Body", "Текст", PROVENANCE.value),
        _line(f"{own}/section/1", _rg("document"), _id(own), PROVENANCE.value),
    ]
    yield from sorted(section)
    yield from sorted([
        *_named(own, "Document", f"Document {number}", f"Источник {number}", PROVENANCE.value),
        _line(own, _rg("language"), '"en"', PROVENANCE.value),
        _line(own, _rg("voice"), _id("voice/1"), PROVENANCE.value),
    ])  # fmt: skip


def _is_membership(fact: int) -> bool:
    return fact % 4 == 3


def _key(fact: int) -> str:
    return f"{'membership' if _is_membership(fact) else 'event'}/{fact:08}"


def _meeting(number: int, size: Size) -> list[str]:
    """The lines of a fact, if it is a meeting."""
    if _is_membership(number):
        return []
    key = _key(number)
    asserted = [
        *_named(key, "Meeting", f"Meeting {number}", f"Встреча {number}"),
        *(_line(key, predicate, value) for predicate, value in _values(number, size)),
        _line(key, _rg("status"), f"<{SCHEMES}status#Occurred>"),
    ]
    inferred = [
        *(_line(key, _A, f"<{RG}{name}>", INFERRED.value) for name in ("Event", "Fact")),
        *(_line(key, _rg("involves"), _id(f"org/{each:06}"), INFERRED.value) for each in set(_pair(number, size))),
    ]
    return sorted(asserted + inferred)


def _membership(number: int, size: Size) -> list[str]:
    """The lines of a fact, if it is a membership."""
    if not _is_membership(number):
        return []
    key = _key(number)
    asserted = [
        *_named(key, "Membership", f"Membership {number}", f"Участие {number}"),
        *(_line(key, predicate, value) for predicate, value in _values(number, size)),
    ]
    inferred = [
        *(_line(key, _A, f"<{RG}{name}>", INFERRED.value) for name in ("Fact", "Relation")),
        _line(key, _rg("member"), _id(f"org/{_pair(number, size)[0]:06}"), INFERRED.value),
    ]
    return sorted(asserted + inferred)


def _values(fact: int, size: Size) -> list[tuple[str, str]]:
    pair, day = _pair(fact, size), _id(f"time/{_day(fact % min(_DAYS, size.facts))}")
    if _is_membership(fact):
        member, organization = (_id(f"org/{number:06}") for number in pair)
        return [(_rg("fullMember"), member), (_rg("organization"), organization), (_rg("begin"), day)]
    return [
        *((_rg("participant"), _id(f"org/{number:06}")) for number in sorted(set(pair))),
        (_rg("place"), _id(f"place/{fact % size.places:06}")),
        (_rg("time"), day),
    ]


def _pair(fact: int, size: Size) -> tuple[int, int]:
    """The two organizations of a fact, or one twice over; the first of all, like a great power, is in each tenth fact."""
    other = 0 if fact % 10 == 5 else fact // size.organizations % size.organizations
    return fact % size.organizations, other


def _organization(number: int, size: Size) -> list[str]:
    key, every = f"org/{number:06}", size.organizations
    block = range(number * every, size.facts, every * every)
    near = {
        *range(number, size.facts, every),
        *(fact for first in block for fact in range(first, min(first + every, size.facts))),
        *(range(5, size.facts, 10) if number == 0 else ()),
    }
    pairs = {fact: pair for fact in near if number in (pair := _pair(fact, size))}
    return sorted([
        *_named(key, "Organization", f"Organization {number}", f"Организация {number}"),
        *(_line(key, _A, f"<{RG}{name}>", INFERRED.value) for name in ("Actor", "Agent")),
        *(_line(key, _rg("involvedIn"), _id(_key(fact)), INFERRED.value) for fact in pairs if not _is_membership(fact)),
        *(
            _line(key, _rg("hasFullMembership"), _id(_key(fact)), INFERRED.value)
            for fact, (member, _) in pairs.items()
            if _is_membership(fact) and member == number
        ),
    ])  # fmt: skip


def _place(number: int, size: Size) -> list[str]:
    return sorted(_named(f"place/{number:06}", "Place", f"Place {number}", f"Место {number}"))


def _time(number: int, size: Size) -> list[str]:
    day = _day(number)
    return sorted([
        *_named(f"time/{day}", "TimeSpan", day, day),
        _line(f"time/{day}", _rg("edtf"), f'"{day}"'),
        _line(f"time/{day}", _rg("earliest"), f'"{day}T00:00:00"^^<{XSD}dateTime>'),
        _line(f"time/{day}", _rg("latest"), f'"{day}T23:59:59"^^<{XSD}dateTime>'),
    ])  # fmt: skip


def _day(number: int) -> str:
    return (_FIRST_DAY + timedelta(days=number)).isoformat()


def _named(key: str, kind: str, english: str, russian: str, graph: str = ASSERTED.value) -> list[str]:
    return sorted([_line(key, _A, f"<{RG}{kind}>", graph), *_labels(key, _LABEL, english, russian, graph)])


def _labels(key: str, predicate: str, english: str, russian: str, graph: str) -> list[str]:
    return [_line(key, predicate, f'"{english}"@en', graph), _line(key, predicate, f'"{russian}"@ru', graph)]


def _line(key: str, predicate: str, value: str, graph: str = ASSERTED.value) -> str:
    return f"<{ID}{key}> {predicate} {value} <{graph}> .\n"


def _rg(name: str) -> str:
    return f"<{RG}{name}>"


def _id(key: str) -> str:
    return f"<{ID}{key}>"


def _integer(number: int) -> str:
    return f'"{number}"^^<{XSD}integer>'
