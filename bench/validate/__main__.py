"""`python -m bench.validate`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bench import judgement
from bench.errors import main
from bench.report import progress, write_json
from bench.validate import commands, copies, data, engines

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Example: python -m bench.validate --rounds 3 --json validate.json")
def validate(
    size: Annotated[int, typer.Option(help="Triples for the engines, or a few more.", min=1)] = 200_000,
    rounds: Annotated[int, typer.Option(help="Rounds; the medians count.", min=1)] = 3,
    faulty: Annotated[float, typer.Option(help="Part of the made-up statements with a fault.", min=0, max=1)] = 0.1,
    json: Annotated[Path | None, typer.Option("--json", help="File for a summary in JSON.")] = None,
) -> None:
    """Validation by relgraph: beside pySHACL alone on made-up data and on copies of the real graph; the commands from cold."""
    with tempfile.TemporaryDirectory(prefix="relgraph-bench-") as name, progress(rounds * 6) as step:
        folder = Path(name)
        cold = commands.measure(rounds, folder, step)
        step("making the data", 0)
        made, real = folder / "made-up.nt", folder / "copies.nt"
        graph, shapes = copies.real_graph()
        sizes = data.write(made, size, faulty), copies.write(real, graph, size)
        beside = engines.measure("made-up data", made, sizes[0], data.SHAPES, rounds, step)
        copied = engines.measure("copies of the real graph", real, sizes[1], shapes, rounds, step)
    engines.show(beside)
    engines.show(copied)
    commands.show(cold)
    judgements = [*engines.judge(beside), *engines.judge(copied), *commands.judge(cold)]
    holds = judgement.show(judgements)
    summary = {"made up": asdict(beside), "copies": asdict(copied), "commands": asdict(cold)}
    write_json(json, {**summary, "judgements": judgement.as_json(judgements), "holds": holds})
    raise typer.Exit(0 if holds else 1)


if __name__ == "__main__":
    main(app)
