"""build."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer
from rich.table import Table

from relgraph import build as pipeline
from relgraph.baseline import held
from relgraph.build import Built
from relgraph.cli import collecting
from relgraph.cli.terminal import DocumentsOption, OutOption, ProjectOption, console, progress, project
from relgraph.errors import UsageError
from relgraph.project import Project
from relgraph.reports import terminal


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command(epilog="Example: relgraph build --documents ../texts --check")(build)


def build(
    documents: DocumentsOption = None,
    out: OutOption = None,
    project_folder: ProjectOption = None,
    update: Annotated[bool, typer.Option("--update", help="Also write the built graph to data/graph/.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if data/graph/ differs from what was built; write no release.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Build a release from the reviewed decisions, and make it the current one.

    Reads data/ and ontology/, derives, validates, and writes OUT/releases/ID. Violations block the release (exit 1);
    wrong input is reported whole (exit 2) and leaves the current release as it was.
    """
    if check and update:
        raise UsageError("--check and --update exclude each other: compare, or write")
    began = time.perf_counter()
    chosen = project(project_folder)
    with progress() as stage:
        built = pipeline.assemble(chosen, documents, stage)
        if built.violations:
            _print_findings(built, chosen)
            raise typer.Exit(1)
        if check:
            stale = pipeline.stale_graph_files(built, chosen)
            if as_json:
                typer.echo(json.dumps({"stale": stale}))
            elif stale:
                console.print(f"data/graph differs from a rebuild: {', '.join(stale)}. Run `relgraph build --update`.")
            else:
                console.print("data/graph equals a rebuild.")
            raise typer.Exit(1 if stale else 0)
        stage("writing")
        release = pipeline.write(built, out or chosen.releases)
        if update:
            pipeline.update_graph_files(built, chosen)
    seconds = time.perf_counter() - began
    if as_json:
        counts = {**built.counts, "spans confirmed": built.confirmed_spans}
        typer.echo(json.dumps({"release": release.id, "path": str(release.path), "seconds": seconds, "counts": counts}))
        return
    _print_findings(built, chosen)
    _print_counts(built, documents is not None)
    console.print(f"Release {release.id[:12]} in {release.path} ({seconds:.1f} s).", soft_wrap=True)


def _print_findings(built: Built, chosen: Project) -> None:
    report = collecting.report_of(built, chosen)
    if report.findings:
        terminal.write(held(report, built.quads), console)


def _print_counts(built: Built, with_documents: bool) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, count in built.counts.items():
        table.add_row(name, f"{count:,}".replace(",", " "))
    if with_documents:
        table.add_row("spans confirmed", str(built.confirmed_spans))
    console.print(table)
