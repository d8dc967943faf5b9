"""Each form in a process of its own, and N-Quads beside `oxigraph dump` from the same release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from bench import child
from bench.exports.selections import ACTOR, SELECTIONS
from bench.figures import median, ratio
from bench.judgement import Judgement
from bench.report import Step, cell, out
from bench.serve.environment import peer_program

_MEBIBYTE: Final = 1 << 20
#: The most memory that an export may take, in mebibytes.
MEMORY: Final = 500
#: The most memory of an export as a multiple of what it takes for a tenth of the claims, and from how many claims on: the
#: caches of a tenth have to be full too.
FLAT: Final = 1.5
_LARGE: Final = 1_000_000
#: The least speed of N-Quads as a multiple of the peer's.
SPEED: Final = 0.5
NQUADS: Final = "nquads"


@dataclass(frozen=True)
class Export:
    """A form: seconds and seconds of processor time (medians of the rounds); in bytes the largest of their memory, that of a
    tenth of the claims, and the size of the file."""

    form: str
    seconds: float | None
    processor: float | None
    memory: int | None
    of_tenth: int | None
    size: int


@dataclass(frozen=True)
class Beside:
    """N-Quads and the peer, in quads a second (medians of the rounds, each of which did both)."""

    relgraph: float | None
    oxigraph: float | None


def measure(folder: Path, tenth: Path, forms: Sequence[str], rounds: int, step: Step) -> list[Export]:
    """The forms, and the selections, of the release in a folder; and of that with a tenth of its claims."""
    found = []
    for name in (*forms, *SELECTIONS):
        small, whole = ([_measured(place, name, step) for _ in range(rounds)] for place in (tenth, folder))
        seconds, processor = (median([each[key] for each in whole]) for key in ("seconds", "processor"))
        found.append(Export(name, seconds, processor, _most(whole), _most(small), whole[0]["bytes"]))
    return found


def _measured(folder: Path, name: str, step: Step) -> dict[str, Any]:
    file = folder / "export"
    figures: dict[str, Any] = child.python("bench.exports.child", name, folder, file)
    file.unlink()
    step(name, 1)
    return figures


def _most(figures: Sequence[dict[str, Any]]) -> int | None:
    """The most memory, where all of them know theirs."""
    peaks = [each["peak_memory"] for each in figures]
    return None if None in peaks else max(peaks)


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
    table = Table(
        "form", "s", "s of processor", "MiB of memory", "of a tenth", "MiB written", title="Exports", title_justify="left"
    )
    for each in exports:
        memory, of_tenth = (None if bytes is None else bytes / _MEBIBYTE for bytes in (each.memory, each.of_tenth))
        figures = (each.seconds, each.processor, memory, of_tenth, each.size / _MEBIBYTE)
        table.add_row(each.form, *map(cell, figures))
    out.print(table)
    if found:
        table = Table("N-Quads", "quads/s", title_justify="left")
        table.add_row("relgraph", cell(found.relgraph))
        table.add_row("oxigraph dump", cell(found.oxigraph))
        out.print(table)


def judge(exports: Sequence[Export], found: Beside | None, claims: int) -> list[Judgement]:
    """What has to hold of a release of so many claims."""
    judgements = [
        Judgement(f"MiB of memory, {each.form}", None if each.memory is None else each.memory / _MEBIBYTE, below=MEMORY)
        for each in exports
    ]
    if claims >= _LARGE:
        judgements += [
            Judgement(f"memory as a multiple of that of a tenth, {each.form}", ratio(each.memory, each.of_tenth), at_most=FLAT)
            for each in exports
            if each.form != ACTOR
        ]
    if found is not None:
        speed = ratio(found.relgraph, found.oxigraph)
        judgements.append(Judgement("N-Quads, as a multiple of oxigraph dump", speed, at_least=SPEED))
    return judgements
