"""`python -m bench.exports`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bench import judgement
from bench.errors import BenchError, main
from bench.exports import data, measuring
from bench.report import progress, write_json
from relgraph.exports import FORMS

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Example: python -m bench.exports --claims 100000 --form turtle --form nquads --json exports.json")
def exports(
    claims: Annotated[int, typer.Option(help="Claims of the release, of about 40 quads each.", min=1000)] = 1_000_000,
    form: Annotated[list[str] | None, typer.Option(help="Forms; by default all.")] = None,
    rounds: Annotated[int, typer.Option(help="Rounds; the medians count.", min=1)] = 1,
    peer: Annotated[bool, typer.Option(help="Whether oxigraph dump is measured beside.")] = True,
    folder: Annotated[Path | None, typer.Option(help="Folder for the data: about 20 GB for a million claims.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="File for a summary in JSON.")] = None,
) -> None:
    """Each form of export of a large release, and N-Quads beside oxigraph dump."""
    forms = form or list(FORMS)
    if unknown := [name for name in forms if name not in FORMS]:
        raise BenchError(f"there is no form {unknown[0]!r}; choose {', '.join(FORMS)}")
    steps = rounds * (len(forms) + 1 + 2 * peer)
    with tempfile.TemporaryDirectory(prefix="relgraph-bench-", dir=folder) as name, progress(steps) as step:
        place = Path(name)
        step("making the release", 0)
        quads = data.write(place, claims)
        found = measuring.measure(place, forms, rounds, step)
        beside = measuring.beside(place, quads, rounds, step) if peer else None
    measuring.show(found, beside)
    judgements = measuring.judge(found, beside)
    holds = judgement.show(judgements)
    summary = {"claims": claims, "quads": quads, "exports": [asdict(each) for each in found]}
    beside_json = asdict(beside) if beside else None
    write_json(json, {**summary, "beside": beside_json, "judgements": judgement.as_json(judgements), "holds": holds})
    raise typer.Exit(0 if holds else 1)


if __name__ == "__main__":
    main(app)
