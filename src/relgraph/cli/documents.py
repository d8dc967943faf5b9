"""documents: the register, and the tools for writing decisions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from relgraph import decisions, documents
from relgraph.cli.terminal import (
    DocumentsOption,
    JsonOption,
    ProjectOption,
    console,
    needed_text,
    project,
    registered,
)
from relgraph.errors import Problem, UsageError, raise_if_any
from relgraph.spans import quote_hash

app = typer.Typer(
    help="List, find and show source documents; the tools for writing and checking decisions.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

DocumentArgument = Annotated[str, typer.Argument(help="Id, file name or SHA-256 of a registered document.")]


@app.command("list", epilog="Example: relgraph documents list")
def list_documents(project_folder: ProjectOption = None, as_json: JsonOption = False) -> None:
    """List the registered documents."""
    register = registered(project(project_folder))
    if as_json:
        rows = [
            {"id": d.id, "title": d.title, "language": d.language, "length": d.length, "sha256": d.sha256}
            for d in register.documents.values()
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = Table("id", "title", "language", "code points", "sha-256")
    for d in register.documents.values():
        table.add_row(d.id, d.title, d.language, str(d.length), d.sha256[:12] + "…")
    console.print(table)


@app.command(epilog='Example: relgraph documents locate 004 "visits Moscow" --documents ../texts')
def locate(
    document: DocumentArgument,
    text: Annotated[str, typer.Argument(help="The passage; white space of any length matches.")],
    folder: DocumentsOption = None,
    project_folder: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print offsets, line and quote hash of every place of a passage. Exit 1 when it does not occur."""
    chosen = project(project_folder)
    found = registered(chosen).find(document)
    spans = documents.locate(found, needed_text(found.id, folder, chosen), text)
    for span in spans:
        if as_json:
            line = {"start": span.start, "end": span.end, "line": found.line(span.start), "sha256": span.quote_sha256}
            typer.echo(json.dumps(line))
        else:
            typer.echo(f'[{span.start},{span.end},"{span.quote_sha256}"]  line {found.line(span.start)}')
    if not spans:
        typer.echo(f"document {found.id} does not hold {text!r}", err=True)
        raise typer.Exit(1)


@app.command(epilog="Example: relgraph documents show 004 6929 7121 --documents ../texts")
def show(
    document: DocumentArgument,
    start: Annotated[int, typer.Argument(help="First offset, in code points.")],
    end: Annotated[int, typer.Argument(help="Offset behind the last character.")],
    folder: DocumentsOption = None,
    project_folder: ProjectOption = None,
) -> None:
    """Print the passage between two offsets, its line, section and quote hash."""
    chosen = project(project_folder)
    found = registered(chosen).find(document)
    text = needed_text(found.id, folder, chosen)
    if not 0 <= start < end <= len(text):
        raise UsageError(f"{start}-{end} is not a run of document {found.id}, which has {len(text)} code points")
    section = found.section(start)
    label = dict(section.labels).get("en", section.key) if section else "no section"
    typer.echo(text[start:end])
    typer.echo(f"— {found.id}, {label}, line {found.line(start)}, {quote_hash(text[start:end])}", err=True)


@app.command(epilog="Example: relgraph documents register new.txt --id 005 >> data/documents.ttl")
def register(
    file: Annotated[Path, typer.Argument(help="The text to register (UTF-8).", exists=True, dir_okay=False)],
    document_id: Annotated[str, typer.Option("--id", help="The id to give it.")],
) -> None:
    """Print the Turtle that registers a document; labels, kind and what else is marked … are to be filled in."""
    typer.echo(documents.registration(file, document_id))


@app.command("format", epilog="Example: relgraph documents format data/statements/004.jsonl")
def format_decisions(
    files: Annotated[list[Path], typer.Argument(help="Files of decisions.", exists=True, dir_okay=False)],
) -> None:
    """Put files of decisions into canonical form: keys sorted, lines sorted by their first passage."""
    problems: list[Problem] = []
    formatted = {path: decisions.formatted(path, problems) for path in files}
    raise_if_any(problems)
    for path, text in formatted.items():
        path.write_text(text, "utf-8")
