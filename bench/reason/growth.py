"""relgraph from file to file at growing sizes: seconds, memory, time for each triple."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table

from bench import child
from bench.figures import median, ratio
from bench.judgement import Judgement
from bench.report import Step, cell, out

MOST_SECONDS = 60
MOST_MEMORY = 4e9
#: How much longer a triple may take at the largest size than at the smallest.
MOST_GROWTH = 2


@dataclass
class Size:
    """The rounds at one size; triples: 0 for an empty file, which takes what a run takes anyway."""

    triples: int
    rounds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    entailed: int = 0
    peak_memory: int | None = None

    @property
    def seconds(self) -> float | None:
        """The median of the rounds."""
        return median(self.rounds)


def rounds_at(triples: int, rounds: int) -> int:
    """Runs that take a moment are done more often, as other work disturbs them more."""
    return rounds * 3 if triples < 100_000 else rounds


def measure(files: Sequence[tuple[Path, int]], ontology: Path, rounds: int, folder: Path, step: Step) -> list[Size]:
    """An empty file, then each file; every run in a process of its own. files: with the number of their triples."""
    empty = folder / "empty.nt"
    empty.touch()
    found = []
    for path, triples in [(empty, 0), *files]:
        at = Size(triples)
        for _ in range(rounds_at(triples, rounds)):
            step(f"relgraph from file to file, {triples:,} triples", 1)
            figures = child.python("bench.reason.child", "stream", path, ontology, folder / "entailed.nt")
            at.rounds.append(figures["seconds"])
            at.processor.append(figures["processor"])
            at.entailed = figures["entailed"]
            peak = figures["peak_memory"]
            at.peak_memory = None if peak is None else max(peak, at.peak_memory or 0)
        found.append(at)
    return found


def microseconds(found: Sequence[Size], at: Size) -> float | None:
    """The time for each triple at a size, less what an empty file takes; None where that is not the lesser of the two."""
    constant = found[0].seconds
    if at.seconds is None or constant is None or at.seconds <= constant:
        return None
    return (at.seconds - constant) / at.triples * 1e6


def show(found: Sequence[Size]) -> None:
    """Prints the sizes below one another."""
    heads = ("triples", "seconds", "processor s", "entailed", "µs a triple", "… less the constant part", "peak memory, MB")
    table = Table(*heads, title="relgraph from file to file (medians)", title_justify="left")
    for column in table.columns:
        column.justify = "right"
    for at in found:
        gross = None if at.seconds is None or not at.triples else at.seconds / at.triples * 1e6
        memory = None if at.peak_memory is None else at.peak_memory / 1e6
        cells = (cell(at.seconds), cell(median(at.processor)), f"{at.entailed:,}", cell(gross))
        table.add_row(f"{at.triples:,}", *cells, cell(microseconds(found, at)), cell(memory))
    out.print(table)


def judge(found: Sequence[Size]) -> list[Judgement]:
    """What has to hold at the largest size, and beside the smallest."""
    small, large = found[1], found[-1]
    of = f"{large.triples:,} triples"
    memory = None if large.peak_memory is None else large.peak_memory / 1e9
    growth = ratio(microseconds(found, large), microseconds(found, small))
    return [
        Judgement(f"seconds for {of}", large.seconds, below=MOST_SECONDS),
        Judgement(f"peak memory for {of}, GB", memory, below=MOST_MEMORY / 1e9),
        Judgement(f"time of a triple among {of}, as a multiple of that among {small.triples:,}", growth, at_most=MOST_GROWTH),
    ]
