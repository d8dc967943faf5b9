"""query and export."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import NamedNode
from rich.table import Table
from rich.text import Text

from relgraph import evaluation, export, questions, services, tables, writing
from relgraph.cli.terminal import (
    DocumentsOption,
    LanguageOption,
    ProjectOption,
    ReleaseOption,
    console,
    project,
    texts,
)
from relgraph.errors import UsageError, suggestion
from relgraph.release import open_release

#: What can only be a name: one word without white space or brackets.
_NAME = re.compile(r"[\w./-]+")


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command(epilog='Example: relgraph query "SELECT * { ?v a rg:Visit ; rg:visitor ?who }"')(query)
    app.command("export", epilog="Example: relgraph export --format turtle --graph asserted -o asserted.ttl")(export_graphs)


def query(
    file_or_text: Annotated[str, typer.Argument(metavar="FILE|TEXT", help="A query file, its name, or SPARQL itself.")],
    parameter: Annotated[
        list[str] | None, typer.Option("--param", "-p", help="A parameter of a query file, as name=value.")
    ] = None,
    output: Annotated[
        str, typer.Option("--format", "-f", help="table, json, xml, csv, tsv; for graphs turtle, jsonld, ntriples.")
    ] = "table",
    graph: Annotated[
        str, typer.Option("--graph", help="What the default graph is: asserted (with its provenance), inferred, or all.")
    ] = "all",
    lang: LanguageOption = "en",
    release: ReleaseOption = None,
    documents: DocumentsOption = None,
    project_folder: ProjectOption = None,
) -> None:
    """Answer a SPARQL query from the current release, as a readable table or in a format of the field.

    Relative IRIs are keys of the project (`<state/RUS>`); the prefixes of relgraph need not be declared.
    """
    if lang not in ("en", "ru"):
        raise UsageError(f"there are no labels in {lang!r}; choose en or ru")
    chosen = project(project_folder)
    resources: dict[str, NamedNode] = {}
    arguments = dict(_argument(text) for text in parameter or ())
    named = questions.files(chosen.queries)
    path = Path(file_or_text) if _is_file(Path(file_or_text)) else named.get(file_or_text)
    if path is not None:
        question = questions.load_file(path)
        if "language" in question.header.parameters:
            arguments.setdefault("language", lang)
        text = question.bind(arguments)
        resources = question.resources(arguments)
    elif _NAME.fullmatch(file_or_text):
        raise UsageError(f"there is no query file {file_or_text!r}. {suggestion(Path(file_or_text).stem, named)}")
    elif arguments:
        raise UsageError("--param goes with a query file; put the values into the query text instead")
    else:
        text = file_or_text
    opened = open_release(release or chosen.releases)
    store = opened.store()
    evaluation.check_known(store, resources)
    results = evaluation.evaluate(store, services.resolve(text, opened.index), graph)
    if output != "table":
        formats = {f.name: f for f in evaluation.formats_for(results)}
        if output not in formats:
            raise UsageError(f"this form of query cannot be written as {output!r}; choose {', '.join(formats)} or table")
        writing.write(results, formats[output], sys.stdout.buffer)
        return
    _print(tables.table(results, store, lang, texts(documents, chosen)))


def export_graphs(
    output: Annotated[str, typer.Option("--format", "-f", help=f"{', '.join(export.FORMATS)}.")] = "turtle",
    graph: Annotated[
        list[str] | None,
        typer.Option("--graph", help="asserted, provenance, inferred, reported or ontology; more than one may be given."),
    ] = None,
    file: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; by default standard output.")] = None,
    release: ReleaseOption = None,
    project_folder: ProjectOption = None,
) -> None:
    """Write the graphs of the current release as RDF; the same release gives the same bytes."""
    content = export.export(open_release(release or project(project_folder).releases), output, graph or ())
    if file is None:
        sys.stdout.buffer.write(content)
    else:
        file.write_bytes(content)


def _argument(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--param takes name=value, not {text!r}")
    return name, value


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a query text can be too long for a path
        return False


def _print(answer: tables.Table) -> None:
    table = Table(show_lines=any(cell.passage for row in answer.rows for cell in row))
    for column in answer.columns:
        table.add_column(column, overflow="fold")
    for row in answer.rows:
        table.add_row(*(_cell(cell) for cell in row))
    console.print(table)
    console.print(f"{len(answer.rows)} row{'s' if len(answer.rows) != 1 else ''}")


def _cell(cell: tables.Cell) -> Text:
    text = Text(cell.text)
    if cell.passage:
        text.append(f"\n“{cell.passage}”", style="italic")
    return text
