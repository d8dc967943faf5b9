"""What query and run share: the choice of language, the answer on the screen or in a file, what is said of one without rows."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer
from pyoxigraph import Literal, QueryBoolean, QuerySolutions, QueryTriples, Store
from rich.table import Table
from rich.text import Text

from relgraph import evaluation, tables, writing
from relgraph.cli.noting import note
from relgraph.cli.outgoing import outgoing
from relgraph.cli.terminal import console
from relgraph.errors import UsageError, suggestion
from relgraph.evaluation import Results
from relgraph.ontology import LANGUAGES
from relgraph.release import Release

FormatOption = Annotated[
    str,
    typer.Option("--format", "-f", help="table, json, xml, csv, tsv, parquet; for graphs turtle, jsonld, ntriples and others."),
]
FileOption = Annotated[Path | None, typer.Option("--output", "-o", help="File to write; by default standard output.")]
_TABLE, _PARQUET = "table", "parquet"
#: Formats of rows that a graph is written in too, as subject, predicate and object; json and xml would be taken for RDF.
_TABLES_OF_GRAPHS = ("csv", "tsv", _PARQUET)


def check_language(language: str) -> None:
    """Raises UsageError for a language that there are no labels in."""
    if language not in LANGUAGES:
        raise UsageError(f"there are no labels in {language!r}; choose {' or '.join(LANGUAGES)}")


def check_file(file: Path | None, release: Release) -> None:
    """Raises UsageError for a file in the folder of the release, where nothing may be written."""
    if file is not None:
        release.refuse_inside(file)


def explain(left: Mapping[str, str], option: str, given: str) -> None:
    """Says of an answer without rows which defaults it is restricted to, and how to change them.

    left: defaults by parameter; option, given: how the command writes a parameter, and one with its value, as templates with
    name and value.
    """
    if left:
        listed = " ".join(given.format(name=name, value=shlex.quote(value)) for name, value in left.items())
        options = " or ".join(option.format(name=name) for name in left)
        are = "which are defaults" if len(left) > 1 else "which is the default"
        note(f"nothing is found with {listed}, {are}. Give {options} to ask for something else")


def give(results: Results, form: str, file: Path | None, readable: Callable[[], tables.Table]) -> bool:
    """Writes an answer in a format to a file, whole or not at all, or to standard output; gives whether it has any row.

    readable: gives the answer as a table for people, which the format `table` is. Raises UsageError for another format.
    """
    if form == _TABLE:
        if file is not None:
            raise UsageError("a table is for the screen; choose --format csv or another for a file")
        answer = readable()
        _print(answer)
        return bool(answer.rows)
    with outgoing(file, form, is_text=form != _PARQUET) as out:
        return _write(results, form, out)


def _write(results: Results, form: str, out: BinaryIO) -> bool:
    """Writes an answer in a format of programs; gives whether it has any row."""
    if isinstance(results, QueryTriples) and form in _TABLES_OF_GRAPHS:
        results = evaluation.tabled(results)
    formats = {each.name: each for each in evaluation.formats_for(results)}
    if form == _PARQUET and not isinstance(results, QueryTriples):
        from relgraph import columns  # here, as it brings what few need

        if isinstance(results, QueryBoolean):
            columns.parquet(["boolean"], [(Literal(bool(results)),)], out)
            return True
        rows = evaluation.terms(results)
        first = list(islice(rows, 1))
        columns.parquet([variable.value for variable in results.variables], chain(first, rows), out)
        return bool(first)
    if form not in formats:
        names = [*formats, *(_TABLES_OF_GRAPHS if isinstance(results, QueryTriples) else [_PARQUET]), _TABLE]
        like = suggestion(form, names, "Give one of these")
        raise UsageError(f"this form of query cannot be written as {form!r}; choose {', '.join(names)}. {like}")
    empty = BytesIO()
    if isinstance(results, QuerySolutions):
        variables = " ".join(map(str, results.variables)) or "*"
        writing.write(evaluation.evaluate(Store(), f"SELECT {variables} {{ FILTER(false) }}"), formats[form], empty)
    elif isinstance(results, QueryTriples):
        writing.write([], formats[form], empty)
    counting = _Counting(out)
    writing.write(results, formats[form], cast("BinaryIO", counting))
    return counting.written > len(empty.getvalue())  # whatever has rows is longer than what has none


class _Counting:
    """Passes on what is written, and counts the bytes."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.written = 0

    def write(self, data: bytes) -> int:
        self.written += len(data)
        return self._out.write(data)

    def flush(self) -> None:
        self._out.flush()


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
