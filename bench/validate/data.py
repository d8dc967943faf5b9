"""Made-up memberships, visits, meetings and signings, with something wrong in a part of their statements."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

SEED: Final = 20040101
DATA: Final = "https://example.org/bench/id/"
TERMS: Final = "https://example.org/bench/ns#"
#: The shapes that these data are checked with.
SHAPES: Final = Path(__file__).parent / "shapes.ttl"
_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_DATE: Final = "http://www.w3.org/2001/XMLSchema#date"
_FIRST_DAY: Final = date(1991, 1, 1)
_KINDS: Final = ("Membership", "Visit", "Meeting", "Signing")
_WEIGHTS: Final = (15, 40, 30, 15)


def write(path: Path, size: int, faulty: float) -> int:
    """Writes an N-Triples file of about `size` triples (a few more), and gives their number.

    faulty: the part of the statements, but for types, in which something is wrong. The same size and part give the same file.
    """
    lines: dict[str, None] = {}
    made = _Generator(size, faulty)
    for line in made.entities():
        lines[line] = None
    number = 0
    while len(lines) < size:
        lines.update(dict.fromkeys(made.record(f"{number:07}")))
        number += 1
    path.write_text("".join(lines), encoding="utf-8")
    return len(lines)


class _Generator:
    def __init__(self, size: int, faulty: float) -> None:
        self._random = random.Random(SEED)
        self._faulty = faulty
        self._states = [f"<{DATA}state/{number:06}>" for number in range(max(20, size // 500))]
        self._organizations = [f"<{DATA}org/{number:06}>" for number in range(max(5, size // 4000))]
        self._places = [f"<{DATA}place/{number:06}>" for number in range(max(20, size // 500))]

    def entities(self) -> Iterator[str]:
        for nodes, kind in ((self._states, "State"), (self._organizations, "Organization"), (self._places, "Place")):
            for number, node in enumerate(nodes):
                yield from self._named(node, kind, str(number))
        for state in self._states:
            yield from self._statement(state, "neighbour", self._random.choice(self._states))

    def record(self, number: str) -> Iterator[str]:
        (kind,) = self._random.choices(_KINDS, _WEIGHTS)
        node = f"<{DATA}{kind.lower()}/{number}>"
        yield from self._named(node, kind, number)
        first = _FIRST_DAY + timedelta(days=self._random.randrange(30 * 365))
        yield from self._statement(node, "begin", f'"{first.isoformat()}"^^<{_DATE}>')
        last = first + timedelta(days=self._random.randrange(5))
        yield from self._statement(node, "end", f'"{last.isoformat()}"^^<{_DATE}>')
        yield from self._statement(node, "status", f'"{self._random.choice(("occurred", "planned", "proposed"))}"')
        yield from self._roles(node, kind, number)

    def _roles(self, node: str, kind: str, number: str) -> Iterator[str]:
        if kind == "Membership":
            role = self._random.choice(("member", "observer"))
            yield from self._statement(node, role, self._random.choice(self._states))
            yield from self._statement(node, "organization", self._random.choice(self._organizations))
            return
        roles = {"Visit": ("visitor", "host"), "Meeting": ("participant",) * 3, "Signing": ("signatory",) * 2}[kind]
        for role, state in zip(roles, self._random.sample(self._states, len(roles)), strict=True):
            yield from self._statement(node, role, state)
        yield from self._statement(node, "place", self._random.choice(self._places))
        if kind == "Signing":
            yield from self._statement(node, "instrument", f"<{DATA}instrument/{number}>")

    def _named(self, node: str, kind: str, number: str) -> Iterator[str]:
        yield f"{node} {_TYPE} <{TERMS}{kind}> .\n"
        yield from self._statement(node, "label", f'"{kind} {number}"@en')
        yield from self._statement(node, "label", f'"{kind} № {number}"@ru')

    def _statement(self, node: str, name: str, value: str) -> Iterator[str]:
        values = [value] if self._random.random() >= self._faulty else self._random.choice(_faults(value))
        for each in values:
            yield f"{node} <{TERMS}{name}> {each} .\n"


def _faults(value: str) -> list[list[str]]:
    """What may stand in the place of a value: nothing, something else, or one more."""
    if value.startswith("<"):
        other = f"<{DATA}nobody>"
        return [[], [other], [value, other], [f'"{value[1:-1].rpartition("/")[2]}"']]
    text, _, kind = value[1:].rpartition('"')
    if kind.startswith("@"):
        return [[], [f'" {text}"{kind}'], [value, f'"{text}, again"{kind}'], [f'"{text}"@de'], [f'"{text * 8}"{kind}']]
    if kind:
        return [[], ['"some day"'], [value, f'"1990-01-01"{kind}'], [f'"2999-01-01"{kind}']]
    return [[], ['"unknown"'], [value, '"forgotten"']]
