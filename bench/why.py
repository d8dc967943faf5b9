"""`python -m bench.why`: how long it takes to say where a triple of the real graph comes from."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import Store, Triple
from rich.table import Table

from bench import child, judgement
from bench.errors import main
from bench.figures import percentile
from bench.judgement import Judgement
from bench.report import cell, out, progress, write_json
from relgraph.release import open_release
from relgraph.vocabulary import ASSERTED, INFERRED, PROVENANCE
from relgraph.why import Explainer, Origin, text

SEED = 20040101
MOST_MILLISECONDS = 50

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Example: python -m bench.why --json why.json")
def why(
    release: Annotated[Path | None, typer.Option(help="Folder of a release or of releases; by default one is built.")] = None,
    sample: Annotated[int, typer.Option(help="So many asserted triples, and as many about claims and spans.", min=1)] = 1000,
    json: Annotated[Path | None, typer.Option("--json", help="File for a summary in JSON.")] = None,
) -> None:
    """Milliseconds from a triple to the text of its explanation, with a release that is open: all inferred triples, a sample
    of the others."""
    with tempfile.TemporaryDirectory(prefix="relgraph-bench-") as folder, progress(3) as step:
        if release is None:
            step("relgraph build", 0)
            child.relgraph("build", "--out", folder)
        store = open_release(release or Path(folder)).store()
        explainer = Explainer(store)
        began = time.perf_counter()
        explainer.explain(_triples(store, "inferred", 1)[0])
        cold = (time.perf_counter() - began) * 1000
        found: dict[str, list[float]] = {}
        unexplained = 0
        for name in GRAPHS:
            step(f"why, {name} triples", 1)
            found[name], failures = _measured(explainer, _triples(store, name, None if name == "inferred" else sample))
            unexplained += failures
    table = Table("triples", title="Milliseconds to explain a triple, warm", title_justify="left")
    for head in ("number", "median", "p99", "most"):
        table.add_column(head, justify="right")
    for name, times in found.items():
        table.add_row(name, f"{len(times):,}", *(cell(percentile(times, percent)) for percent in (50, 99, 100)))
    out.print(table)
    out.print(f"The first explanation of an inferred triple, which compiles the rules: {cell(cold)} ms", highlight=False)
    judgements = [
        Judgement(f"median of {name} triples, ms", statistics.median(times), below=MOST_MILLISECONDS)
        for name, times in found.items()
    ]
    judgements.append(Judgement("inferred triples without a derivation", unexplained, at_most=0))
    holds = judgement.show(judgements)
    figures = {
        name: {"number": len(times), **{f"p{percent}": percentile(times, percent) for percent in (50, 99, 100)}}
        for name, times in found.items()
    }
    write_json(json, {"milliseconds": figures, "first": cold, "judgements": judgement.as_json(judgements), "holds": holds})
    raise typer.Exit(0 if holds else 1)


GRAPHS = {"inferred": INFERRED, "asserted": ASSERTED, "provenance": PROVENANCE}


def _triples(store: Store, name: str, number: int | None) -> list[Triple]:
    """So many triples of a graph (None: all of them), in an order by chance that is always the same."""
    every = sorted((quad.triple for quad in store.quads_for_pattern(None, None, None, GRAPHS[name])), key=str)
    return random.Random(SEED).sample(every, min(number or len(every), len(every)))


def _measured(explainer: Explainer, triples: list[Triple]) -> tuple[list[float], int]:
    """Milliseconds for each triple, and how many inferred ones have no derivation."""
    times, failures = [], 0
    for triple in triples:
        began = time.perf_counter()
        explanation = explainer.explain(triple)
        text.render(explanation, "en")
        times.append((time.perf_counter() - began) * 1000)
        failures += not explanation.found or (explanation.origin is Origin.INFERRED and not explanation.rule)
    return times, failures


if __name__ == "__main__":
    main(app)
