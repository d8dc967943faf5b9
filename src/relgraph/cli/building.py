"""build and validate."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from relgraph import build as pipeline
from relgraph.build import Built
from relgraph.cli.terminal import DocumentsOption, OutOption, ProjectOption, console, progress, project
from relgraph.errors import UsageError
from relgraph.validation import Finding
from relgraph.vocabulary import ID, RG


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command(epilog="Example: relgraph build --documents ../texts --check")(build)
    app.command(epilog="Example: relgraph validate --json > findings.json")(validate)


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
            _print_findings(built)
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
    _print_findings(built)
    _print_counts(built, documents is not None)
    console.print(f"Release {release.id[:12]} in {release.path} ({seconds:.1f} s).", soft_wrap=True)


def validate(
    documents: DocumentsOption = None,
    project_folder: ProjectOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Build in memory and report what the shapes and the whole-graph checks find. Exit 1 on a violation."""
    with progress() as stage:
        built = pipeline.assemble(project(project_folder), documents, stage)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in built.findings], ensure_ascii=False, indent=1))
    else:
        _print_findings(built)
        console.print(f"{len(built.violations)} violations, {len(built.findings) - len(built.violations)} other findings.")
    if built.violations:
        raise typer.Exit(1)


def _print_findings(built: Built) -> None:
    for finding in built.findings:
        place = built.places.get(finding.focus, "")
        console.print(
            f"{place + ': ' if place else ''}{finding.severity} {finding.check}: {_short(finding.focus)}: "
            f"{_short(finding.message_en)}{_detail(finding)}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def _detail(finding: Finding) -> str:
    given = [f"{name} {_short(value)}" for name, value in (("path", finding.path), ("value", finding.value)) if value]
    return f" ({', '.join(given)})" if given else ""


def _short(text: str) -> str:
    """A text with keys for the project's IRIs and names with rg: for the ontology's."""
    return text.replace(ID, "").replace(RG, "rg:")


def _print_counts(built: Built, with_documents: bool) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, count in built.counts.items():
        table.add_row(name, f"{count:,}".replace(",", " "))
    if with_documents:
        table.add_row("spans confirmed", str(built.confirmed_spans))
    console.print(table)
