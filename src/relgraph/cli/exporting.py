"""export."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.table import Table

from relgraph import exports, parquet
from relgraph.build import Progress
from relgraph.cli.interrupting import in_order
from relgraph.cli.noting import note
from relgraph.cli.outgoing import outgoing
from relgraph.cli.terminal import (
    PLAIN,
    JsonOption,
    ProjectOption,
    ReleaseOption,
    console,
    opened,
    progress,
    project,
    texts,
)
from relgraph.errors import UsageError
from relgraph.exports import FORMS, GRAPHS, Form, asking, forms, tablefiles
from relgraph.exports.source import ALL
from relgraph.exports.streams import stream

#: Bytes between two reports of progress.
_STEP = 1 << 20
#: Media types that a terminal cannot show.
_NO_TEXT = ("application/zip", parquet.MEDIA_TYPE)


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command("export", epilog="Example: relgraph export --actor NATO --period 1994/2001 -o nato.ttl")(export_release)


def export_release(
    form_name: Annotated[
        str | None,
        typer.Option("--format", "-f", help="Format (--list shows all); by default what the name of the file says, else turtle."),
    ] = None,
    graph: Annotated[
        list[str] | None,
        typer.Option("--graph", help="asserted, provenance, inferred, reported or ontology; more than one may be given."),
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option("--document", help="Only claims of this document, by id, key or title.")
    ] = None,
    actor: Annotated[
        list[str] | None, typer.Option("--actor", help="Only facts with this actor, by key or label, and what the actor claims.")
    ] = None,
    period: Annotated[str, typer.Option("--period", help="Only facts that may lie in this time, e.g. 1994/2001 (EDTF).")] = "",
    undated: Annotated[bool, typer.Option("--undated", help="With --period: also facts without a time.")] = False,
    modality: Annotated[list[str] | None, typer.Option("--modality", help="Only claims of this modality, e.g. Planned.")] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="File to write, for csv and parquet also a folder; by default standard output."
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the formats, and the graphs of each.")] = False,
    as_json: JsonOption = False,
    release: ReleaseOption = None,
    documents: Annotated[
        Path | None,
        typer.Option("--documents", help="Folder with the texts of the source documents; claims then have the passages."),
    ] = None,
    project_folder: ProjectOption = None,
) -> None:
    """Write the current release, or a part of it, in a format of the field; the same release gives the same bytes.

    A file is written whole or not at all. What the choices mean is in docs/exports.md.
    """
    if listed:
        _list(as_json)
        return
    file = Path(output) if output is not None else None
    is_folder = output is not None and (output.endswith(os.sep) or Path(output).is_dir())
    form = _form(form_name, file, is_folder)
    if file is not None:
        _refuse(form, file, is_folder)
    chosen_project = project(project_folder)
    source = opened(release, chosen_project)
    if file is not None:
        source.refuse_inside(file)
    quoted = texts(documents, chosen_project) if form.is_quoted else {}
    chosen = asking.asked(source.store(), graph or (), document or (), actor or (), period, modality or (), undated, note)
    form.check(chosen.graphs)
    if file is not None and form_name is not None and not is_folder and (said := _said(file, form)):
        note(f"{file.name} is written as {form.name}, as --format says; its name says {said}")
    with in_order(), progress() as report:
        report(form.name)
        if file is not None and form.name in tablefiles.FORMATS and (is_folder or not file.suffix):
            with exports.selected(source, chosen, form.graphs) as part:
                tablefiles.folder(part, file, form.name, quoted)
            return
        with (
            outgoing(file, form.name, form.media_type not in _NO_TEXT) as target,
            stream(_counting(target, form.name, report)) as out,
        ):
            exports.write(source, form.name, chosen, out, quoted)


def _counting(out: BinaryIO, name: str, report: Progress) -> Callable[[bytes], None]:
    """What takes bytes, writes them to a file, and reports how many there were."""
    written = 0

    def take(data: bytes) -> None:
        nonlocal written
        before, written = written // _STEP, written + len(data)
        if written // _STEP > before:
            report(f"{name}: {written // _STEP} MiB")
        out.write(data)

    return take


def _form(name: str | None, file: Path | None, is_folder: bool) -> Form:
    """The form of a name, else the one that the name of the file says."""
    if name is not None:
        return forms.named(name)
    if file is None or is_folder or not file.suffix:
        return FORMS["turtle"]
    found = forms.of_file(file.name)
    if found is None:
        kind = file.suffix.removeprefix(".").lower()
        remedy = _one_or_all(kind, file) if kind in tablefiles.FORMATS else f"Give --format: {', '.join(FORMS)}"
        raise UsageError(f"{file.name} does not say in which format to write. {remedy}")
    return found


def _said(file: Path, form: Form) -> str:
    """The format that the name of a file says, where it has another media type than a form; else nothing."""
    kind = file.suffix.removeprefix(".").lower()
    said = forms.of_file(file.name) or FORMS.get(f"claims.{kind}")
    if said is None or said.media_type == form.media_type:
        return ""
    return kind if kind in tablefiles.FORMATS else said.name


def _refuse(form: Form, file: Path, is_folder: bool) -> None:
    """Raises UsageError for a folder where a form is one file, and for an archive of tables in a file that has the name of a
    table or something else."""
    if form.name not in tablefiles.FORMATS:
        if is_folder:
            tables = " or ".join(tablefiles.FORMATS)
            raise UsageError(f"{file} is a folder, and {form.name} is one file. Name a file in it, or give --format {tables}")
    elif not is_folder and file.suffix.lower() not in ("", ".zip"):
        raise UsageError(
            f"{form.name} is all tables in a ZIP archive, and {file.name} is no name of one. {_one_or_all(form.name, file)}"
        )


def _one_or_all(format: str, file: Path) -> str:
    """The ways to tables in a format, for somebody who named a file."""
    all_tables = f"all: --format {format} --output {file.with_suffix('')}/ or {file.with_suffix('')}.{format}.zip"
    return f"Choose one table, such as --format claims.{format}, or {all_tables}"


def _list(as_json: bool) -> None:
    if as_json:
        found = [
            {"name": f.name, "mediaType": f.media_type, "suffix": f.suffix, "title": dict(f.titles), "graphs": _graphs(f)}
            for f in FORMS.values()
        ]
        console.print(json.dumps(found, ensure_ascii=False, indent=1), **PLAIN)
        return
    table = Table()
    for column in ("format", "file", "media type", "what it is", "graphs, where none is chosen"):
        table.add_column(column, overflow="fold")
    for form in FORMS.values():
        graphs = "all" if form.graphs == ALL else ", ".join(_graphs(form))
        table.add_row(form.name, f".{form.suffix}", form.media_type, form.titles.get("en", ""), graphs)
    console.print(table)


def _graphs(form: Form) -> list[str]:
    """The names of the graphs that are written in a form where none is chosen."""
    return [name for name, graph in GRAPHS.items() if graph in form.graphs]
