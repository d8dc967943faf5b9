"""`python -m bench.reason`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bench import judgement
from bench.errors import BenchError, main
from bench.reason import data, growth, peers
from bench.report import progress, write_json

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Example: python -m bench.reason --sizes 20000,2000000 --rounds 3 --json reason.json")
def reason(
    sizes: Annotated[
        str, typer.Option(help="Sizes in triples; owlrl runs at the smallest, and memory counts at the largest.")
    ] = "20000,200000,2000000",
    rounds: Annotated[int, typer.Option(help="Rounds; the medians count.", min=1)] = 3,
    json: Annotated[Path | None, typer.Option("--json", help="File for a summary in JSON.")] = None,
) -> None:
    """Reasoning by relgraph: beside owlrl on the same triples, and from file to file at growing sizes."""
    wanted = _sizes(sizes)
    steps = len(peers.WAYS) * rounds + sum(growth.rounds_at(size, rounds) for size in (0, *wanted))
    with tempfile.TemporaryDirectory(prefix="relgraph-bench-") as name, progress(steps) as step:
        folder = Path(name)
        ontology = folder / "ontology.ttl"
        ontology.write_text(data.ONTOLOGY, encoding="utf-8")
        step("making the data", 0)
        files = [(path, data.write(path, size)) for size in wanted for path in [folder / f"{size}.nt"]]
        beside = peers.measure(*files[0], ontology, rounds, folder, step)
        grown = growth.measure(files, ontology, rounds, folder, step)
    peers.show(beside)
    growth.show(grown)
    judgements = peers.judge(beside) + growth.judge(grown)
    holds = judgement.show(judgements)
    summary = {"peers": asdict(beside), "sizes": [asdict(at) for at in grown]}
    write_json(json, {**summary, "judgements": judgement.as_json(judgements), "holds": holds})
    raise typer.Exit(0 if holds else 1)


def _sizes(text: str) -> list[int]:
    """Sizes in ascending order. Raises BenchError for what is none."""
    try:
        found = sorted({int(size) for size in text.split(",")})
    except ValueError as error:
        raise BenchError(f"{text!r} is no list of sizes; write for example 20000,200000") from error
    if found[0] < 1000:
        raise BenchError("a size is at least 1000 triples")
    return found


if __name__ == "__main__":
    main(app)
