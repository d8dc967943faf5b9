"""Each form in a process of its own, and N-Quads beside `oxigraph dump` from the same release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.table import Table

from bench import child
from bench.figures import median, ratio
from bench.judgement import Judgement
from bench.report import Step, cell, out
from bench.serve.environment import peer_program

_MEBIBYTE: Final = 1 << 20
#: The most memory that an export may take, in mebibytes, and the least speed of N-Quads as a multiple of the peer's.
MEMORY: Final = 500
SPEED: Final = 0.5
NQUADS: Final = "nquads"
#: The form that is exported of one document, under the name that it has in the table.
SELECTED: Final = "nquads of one document"
_DOCUMENT: Final = "document/000000"


@dataclass(frozen=True)
class Export:
    """A form: seconds (the median of the rounds), the largest of their memory and the size of the file, in bytes."""

    form: str
    seconds: float | None
    memory: int | None
    size: int


@dataclass(frozen=True)
class Beside:
    """N-Quads and the peer, in quads a second (medians of the rounds, each of which did both)."""

    relgraph: float | None
    oxigraph: float | None


def measure(folder: Path, forms: Sequence[str], rounds: int, step: Step) -> list[Export]:
    """The forms, and N-Quads of one document, of the release in a folder."""
    file = folder / "export"
    found = []
    for name in (*forms, SELECTED):
        form, documents = (NQUADS, [_DOCUMENT]) if name == SELECTED else (name, [])
        figures = []
        for _ in range(rounds):
            figures.append(child.python("bench.exports.child", form, folder, file, *documents))
            step(name, 1)
        peaks = [each["peak_memory"] for each in figures]
        memory = None if None in peaks else max(peaks)
        found.append(Export(name, median([each["seconds"] for each in figures]), memory, figures[0]["bytes"]))
        file.unlink()
    return found


def beside(folder: Path, quads: int, rounds: int, step: Step) -> Beside:
    """N-Quads and `oxigraph dump` from the store of the release, in turn; the store holds the union of three graphs besides."""
    program, file = peer_program("oxigraph"), folder / "export"
    ours: list[float | None] = []
    theirs: list[float | None] = []
    for number in range(rounds):
        for way in ("relgraph", "oxigraph") if number % 2 else ("oxigraph", "relgraph"):
            if way == "relgraph":
                ours.append(ratio(quads, child.python("bench.exports.child", NQUADS, folder, file)["seconds"]))
            else:
                seconds, _ = child.run(
                    [str(program), "dump", "--location", str(folder / "store"), "--file", str(file), "--format", "nq"]
                )
                theirs.append(ratio(_lines(file), seconds))
            file.unlink()
            step("nquads beside oxigraph dump", 1)
    return Beside(median(ours), median(theirs))


def _lines(file: Path) -> int:
    with file.open("rb") as opened:
        return sum(block.count(b"\n") for block in iter(lambda: opened.read(_MEBIBYTE), b""))


def show(exports: Sequence[Export], found: Beside | None) -> None:
    """Prints what was measured."""
    table = Table("form", "s", "MiB of memory", "MiB written", title="Exports", title_justify="left")
    for each in exports:
        memory = None if each.memory is None else each.memory / _MEBIBYTE
        table.add_row(each.form, cell(each.seconds), cell(memory), cell(each.size / _MEBIBYTE))
    out.print(table)
    if found:
        table = Table("N-Quads", "quads/s", title_justify="left")
        table.add_row("relgraph", cell(found.relgraph))
        table.add_row("oxigraph dump", cell(found.oxigraph))
        out.print(table)


def judge(exports: Sequence[Export], found: Beside | None) -> list[Judgement]:
    """What has to hold."""
    memory = [
        Judgement(f"MiB of memory, {each.form}", None if each.memory is None else each.memory / _MEBIBYTE, below=MEMORY)
        for each in exports
    ]
    if found is None:
        return memory
    return [*memory, Judgement("N-Quads, as a multiple of oxigraph dump", ratio(found.relgraph, found.oxigraph), at_least=SPEED)]
