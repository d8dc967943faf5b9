"""export."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.table import Table

from relgraph import exports, parquet
from relgraph.build import Progress
from relgraph.cli.outgoing import outgoing
from relgraph.cli.terminal import PLAIN, JsonOption, ProjectOption, ReleaseOption, console, opened, progress, project
from relgraph.errors import UsageError
from relgraph.exports import FORMS, Form, Selection, asking, forms, tablefiles
from relgraph.exports.streams import stream
from relgraph.release import Release

#: Bytes between two reports of progress.
_STEP = 1 << 20
#: Media types that a terminal cannot show.
_NO_TEXT = ("application/zip", parquet.MEDIA_TYPE)


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command("export", epilog="Example: relgraph export --actor NATO --period 1994/2001 -o nato.ttl")(export_release)


def export_release(
    output: Annotated[
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
    file: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write, for csv and parquet also a folder; by default standard output."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the formats.")] = False,
    as_json: JsonOption = False,
    release: ReleaseOption = None,
    project_folder: ProjectOption = None,
) -> None:
    """Write the current release, or a part of it, in a format of the field; the same release gives the same bytes.

    A file is written whole or not at all. What the choices mean is in docs/exports.md.
    """
    if listed:
        _list(as_json)
        return
    form = _form(output, file)
    _refuse_archive(form, file)
    source = opened(release, project(project_folder))
    chosen = asking.asked(source.store(), graph or (), document or (), actor or (), period, modality or (), undated)
    if file is not None and form.name in tablefiles.FORMATS and (file.is_dir() or not file.suffix):
        _folder(source, form, chosen, file)
        return
    is_text = form.media_type not in _NO_TEXT
    with (
        progress() as report,
        tempfile.TemporaryDirectory(prefix="relgraph-") as aside,
        outgoing(file, form.name, is_text) as target,
    ):
        report(form.name)
        with stream(_counting(target, form.name, report)) as out:
            exports.write(source, form.name, chosen, out, Path(aside))


def _folder(release: Release, form: Form, chosen: Selection, path: Path) -> None:
    """All tables as files of a folder."""
    with progress() as report, tempfile.TemporaryDirectory(prefix="relgraph-") as aside:
        report(form.name)
        with exports.selected(release, chosen, form.graphs, Path(aside)) as source:
            tablefiles.folder(source, path, form.name)


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


def _form(name: str | None, file: Path | None) -> Form:
    if name is not None:
        return forms.named(name)
    if file is None or not file.suffix:
        return FORMS["turtle"]
    found = forms.of_file(file.name)
    if found is None:
        kind = file.suffix.removeprefix(".").lower()
        remedy = _one_or_all(kind, file) if kind in tablefiles.FORMATS else f"Give --format: {', '.join(FORMS)}"
        raise UsageError(f"{file.name} does not say in which format to write. {remedy}")
    return found


def _refuse_archive(form: Form, file: Path | None) -> None:
    """Raises UsageError for an archive of tables in a file that has the name of a table or something else."""
    if form.name in tablefiles.FORMATS and file is not None and file.suffix.lower() not in ("", ".zip") and not file.is_dir():
        raise UsageError(
            f"{form.name} is all tables in a ZIP archive, and {file.name} is no name of one. {_one_or_all(form.name, file)}"
        )


def _one_or_all(format: str, file: Path) -> str:
    """The ways to tables in a format, for somebody who named a file."""
    all_tables = f"all: --format {format} --output {file.with_suffix('')}/ or {file.with_suffix('')}.{format}.zip"
    return f"Choose one table, such as --format claims.{format}, or {all_tables}"


def _list(as_json: bool) -> None:
    if as_json:
        found = [{"name": f.name, "mediaType": f.media_type, "suffix": f.suffix, "title": dict(f.titles)} for f in FORMS.values()]
        console.print(json.dumps(found, ensure_ascii=False, indent=1), **PLAIN)
        return
    table = Table()
    for column in ("format", "file", "media type", "what it is"):
        table.add_column(column, overflow="fold")
    for form in FORMS.values():
        table.add_row(form.name, f".{form.suffix}", form.media_type, form.titles.get("en", ""))
    console.print(table)
