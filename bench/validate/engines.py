"""relgraph and pySHACL alone on the same data and shapes: seconds, and whether they find the same."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table

from bench import child
from bench.figures import median, ratio
from bench.judgement import Judgement
from bench.report import Step, cell, out

#: The engines (bench.validate.child), and what the table calls them.
WAYS = {"pyshacl": "pySHACL alone", "relgraph": "relgraph, engine auto"}
FASTER = 8


@dataclass
class Engines:
    """Times of each round by engine, what each finds, and what only one of them does; the same twice counts once."""

    name: str
    triples: int
    seconds: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    processor: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    findings: dict[str, int] = field(default_factory=dict)
    only: dict[str, list[str]] = field(default_factory=dict)
    components: dict[str, int] = field(default_factory=dict)

    def seconds_of(self, way: str) -> float | None:
        """The median of the rounds."""
        return median(self.seconds[way])

    @property
    def times_faster(self) -> float | None:
        """How many times faster relgraph is than pySHACL, by medians."""
        return ratio(self.seconds_of("pyshacl"), self.seconds_of("relgraph"))


def measure(name: str, data: Path, triples: int, shapes: Path, rounds: int, step: Step) -> Engines:
    """Each engine in a process of its own, every other round the other one first. data: an N-Triples file."""
    found = Engines(name, triples)
    findings = data.with_suffix(".json")
    lines: dict[str, set[tuple[str, ...]]] = {}
    for number in range(rounds):
        for way in sorted(WAYS, reverse=bool(number % 2)):
            step(f"{WAYS[way]}, {name}, {triples:,} triples", 1)
            figures = child.python("bench.validate.child", way, data, shapes, findings)
            found.seconds[way].append(figures["seconds"])
            found.processor[way].append(figures["processor"])
            lines[way] = set(map(tuple, json.loads(findings.read_text(encoding="utf-8"))))
            found.findings[way] = len(lines[way])
    for way, other in (("pyshacl", "relgraph"), ("relgraph", "pyshacl")):
        found.only[way] = sorted(" ".join(line) for line in lines[way] - lines[other])
    components = Counter(line[1].rpartition("#")[2].removesuffix("ConstraintComponent>") for line in lines["pyshacl"])
    found.components = dict(components.most_common())
    return found


def show(found: Engines) -> None:
    """Prints the engines side by side, and the first of what only one of them finds."""
    title = f"Validation of {found.name}, {found.triples:,} triples (medians)"
    heads = ("", "seconds", "times faster", "processor s", "times faster", "findings", "only this one's")
    table = Table(*heads, title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for way, name in WAYS.items():
        processor = median(found.processor[way])
        cells = [cell(found.seconds_of(way)), cell(ratio(found.seconds_of("pyshacl"), found.seconds_of(way)))]
        cells += [cell(processor), cell(ratio(median(found.processor["pyshacl"]), processor))]
        table.add_row(name, *cells, f"{found.findings[way]:,}", f"{len(found.only[way]):,}")
    out.print(table)
    counts = ", ".join(f"{name} × {count:,}" for name, count in found.components.items())
    out.print(f"Findings by component: {counts}", highlight=False, soft_wrap=True)
    for way, name in WAYS.items():
        for line in found.only[way][:5]:
            out.print(f"Only {name}: {line}", highlight=False, markup=False, soft_wrap=True)


def judge(found: Engines) -> list[Judgement]:
    """What has to hold beside pySHACL."""
    differing = sum(map(len, found.only.values())) if found.findings["pyshacl"] else None
    return [
        Judgement(f"times faster than pySHACL on {found.name}", found.times_faster, at_least=FASTER),
        Judgement(f"findings in {found.name} that only one of the two has", differing, at_most=0),
    ]
