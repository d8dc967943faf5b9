"""`relgraph validate` and `relgraph build` on the real graph, each from cold: a process from its start to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table

from bench import child
from bench.figures import median
from bench.judgement import Judgement
from bench.report import Step, cell, out

#: The commands, and the seconds that each may take.
LIMITS = {"validate": 3, "build": 5}


@dataclass
class Commands:
    """Seconds of each round by command."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {command: [] for command in LIMITS})


def measure(rounds: int, folder: Path, step: Step) -> Commands:
    """The commands in turn; every build writes a whole release into a folder of its own."""
    found = Commands()
    for number in range(rounds):
        step("relgraph validate", 1)
        found.seconds["validate"].append(child.relgraph("validate"))
        step("relgraph build", 1)
        found.seconds["build"].append(child.relgraph("build", "--out", folder / f"build-{number}"))
    return found


def show(found: Commands) -> None:
    """Prints the commands below one another."""
    table = Table("command", title="The real graph, from cold", title_justify="left")
    for head in ("median s", "least", "most"):
        table.add_column(head, justify="right")
    for command, seconds in found.seconds.items():
        table.add_row(f"relgraph {command}", cell(median(seconds)), cell(min(seconds)), cell(max(seconds)))
    out.print(table)


def judge(found: Commands) -> list[Judgement]:
    """What has to hold."""
    return [
        Judgement(f"seconds of relgraph {command}, from cold", median(found.seconds[command]), below=limit)
        for command, limit in LIMITS.items()
    ]
