"""`python -m bench.exports`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bench import judgement
from bench.errors import BenchError, main
from bench.exports import data, measuring
from bench.exports.selections import SELECTIONS
from bench.report import progress, write_json
from relgraph.exports import FORMS

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Example: python -m bench.exports --claims 100000 --form turtle --form nquads --json exports.json")
def exports(
    claims: Annotated[int, typer.Option(help="Claims of the release, of about 40 quads each.", min=1000)] = 1_000_000,
    form: Annotated[list[str] | None, typer.Option(help="Forms; by default all.")] = None,
    rounds: Annotated[int, typer.Option(help="Rounds; the medians count.", min=1)] = 1,
    peer: Annotated[bool, typer.Option(help="Whether oxigraph dump is measured beside.")] = True,
    folder: Annotated[
        Path | None, typer.Option(help="Folder for the data: 25 GB for a million claims, while they are made.")
    ] = None,
    keep: Annotated[bool, typer.Option(help="Whether the data stay in the folder, for the next time.")] = False,
    json: Annotated[Path | None, typer.Option("--json", help="File for a summary in JSON.")] = None,
) -> None:
    """Each form of export of a large release, its memory beside that of a tenth of it, and N-Quads beside oxigraph dump."""
    forms = form or list(FORMS)
    if unknown := [name for name in forms if name not in FORMS]:
        raise BenchError(f"there is no form {unknown[0]!r}; choose {', '.join(FORMS)}")
    if keep and folder is None:
        raise BenchError("data that are to stay need a place. Give --folder")
    steps = 2 * rounds * (len(forms) + len(SELECTIONS)) + 2 * rounds * peer
    with _place(folder, keep) as place, progress(steps) as step:
        step("making the releases", 0)
        (tenth, _), (whole, quads) = (data.made(place, size) for size in (claims // 10, claims))
        found = measuring.measure(whole, tenth, forms, rounds, step)
        beside = measuring.beside(whole, quads, rounds, step) if peer else None
    measuring.show(found, beside)
    judgements = measuring.judge(found, beside, claims)
    holds = judgement.show(judgements)
    summary = {"claims": claims, "quads": quads, "exports": [asdict(each) for each in found]}
    beside_json = asdict(beside) if beside else None
    write_json(json, {**summary, "beside": beside_json, "judgements": judgement.as_json(judgements), "holds": holds})
    raise typer.Exit(0 if holds else 1)


@contextmanager
def _place(folder: Path | None, keep: bool) -> Iterator[Path]:
    """The folder for the data: as it is if they are to stay, else one in it that goes."""
    if keep and folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="relgraph-bench-", dir=folder) as name:
            yield Path(name)


if __name__ == "__main__":
    main(app)
