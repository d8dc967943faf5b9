"""relgraph and owlrl on the same triples: seconds, and whether the same follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import RdfFormat, parse
from rich.table import Table

from bench import child
from bench.figures import median, ratio
from bench.judgement import Judgement
from bench.report import Step, cell, out

#: The ways to reason (bench.reason.child), and what the table calls them.
WAYS = {
    "owlrl": "owlrl on everything",
    "reasoned": "relgraph, Reasoned(…).entailed()",
    "closure": "relgraph, closure() of rdflib graphs",
}
FASTER = 100


@dataclass
class Peers:
    """Times of each round by way, and how many of the entailed triples only owlrl or only the other way has."""

    triples: int
    seconds: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    processor: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    entailed: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)

    def seconds_of(self, way: str) -> float | None:
        """The median of the rounds."""
        return median(self.seconds[way])

    def times_faster(self, way: str) -> float | None:
        """How many times faster than owlrl, by medians."""
        return ratio(self.seconds_of("owlrl"), self.seconds_of(way))


def measure(data: Path, triples: int, ontology: Path, rounds: int, folder: Path, step: Step) -> Peers:
    """Each way in a process of its own, in every round another one first; folder: for what follows."""
    found = Peers(triples)
    for number in range(rounds):
        for way in _turned(list(WAYS), number):
            step(f"{WAYS[way]}, {triples:,} triples", 1)
            figures = child.python("bench.reason.child", way, data, ontology, folder / f"{way}.nt")
            found.seconds[way].append(figures["seconds"])
            found.processor[way].append(figures["processor"])
            found.entailed[way] = figures["entailed"]
    entailed = {way: _read(folder / f"{way}.nt") for way in WAYS}
    for way in WAYS:
        found.missing[way] = len(entailed["owlrl"] - entailed[way])
        found.added[way] = len(entailed[way] - entailed["owlrl"])
    return found


def show(found: Peers) -> None:
    """Prints the ways side by side."""
    title = f"Reasoning on {found.triples:,} triples (medians)"
    heads = ("", "seconds", "times faster", "processor s", "times faster", "entailed", "not in owlrl's", "only in owlrl's")
    table = Table(*heads, title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for way, name in WAYS.items():
        processor = median(found.processor[way])
        cells = [cell(found.seconds_of(way)), cell(found.times_faster(way)), cell(processor)]
        cells.append(cell(ratio(median(found.processor["owlrl"]), processor)))
        table.add_row(name, *cells, f"{found.entailed[way]:,}", f"{found.added[way]:,}", f"{found.missing[way]:,}")
    out.print(table)


def judge(found: Peers) -> list[Judgement]:
    """What has to hold beside owlrl."""
    differing = sum(found.missing.values()) + sum(found.added.values())
    return [
        Judgement(f"times faster than owlrl on {found.triples:,} triples", found.times_faster("reasoned"), at_least=FASTER),
        Judgement("entailed triples that differ from owlrl's", differing, at_most=0),
    ]


def _read(path: Path) -> set[str]:
    return {str(quad.triple) for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES)}


def _turned(names: Sequence[str], by: int) -> list[str]:
    """The names in the same order, beginning with another one each time."""
    start = by % len(names)
    return [*names[start:], *names[:start]]
