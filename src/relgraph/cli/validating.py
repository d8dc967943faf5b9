"""validate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from pyoxigraph import RdfFormat

from relgraph import baseline as known_findings
from relgraph.cli import collecting, reporting, watching
from relgraph.cli.collecting import STDIN, Request
from relgraph.cli.reporting import Format
from relgraph.cli.terminal import DocumentsOption, ProjectOption, errors
from relgraph.errors import UsageError
from relgraph.outputs import refuse_inputs
from relgraph.validation import Engine


class FailOn(StrEnum):
    """From which severity on a finding fails the run."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"
    NEVER = "never"


class Language(StrEnum):
    """The languages of messages."""

    EN = "en"
    RU = "ru"


class Syntax(StrEnum):
    """The syntaxes of RDF, by the names that exports have."""

    TURTLE = "turtle"
    NTRIPLES = "ntriples"
    NQUADS = "nquads"
    TRIG = "trig"
    RDFXML = "rdfxml"
    JSONLD = "jsonld"
    N3 = "n3"


_SYNTAXES: Final = {
    Syntax.TURTLE: RdfFormat.TURTLE,
    Syntax.NTRIPLES: RdfFormat.N_TRIPLES,
    Syntax.NQUADS: RdfFormat.N_QUADS,
    Syntax.TRIG: RdfFormat.TRIG,
    Syntax.RDFXML: RdfFormat.RDF_XML,
    Syntax.JSONLD: RdfFormat.JSON_LD,
    Syntax.N3: RdfFormat.N3,
}


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command(epilog="Example: relgraph validate data.ttl --shapes shapes.ttl -o report.sarif -o report.md")(validate)


def validate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="RDF files or folders of them, - for standard input; by default the project."),
    ] = None,
    shapes: Annotated[
        list[Path] | None,
        typer.Option("--shapes", help="Files or folders of SHACL shapes; by default those of the project."),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option("--verify", help="Folder of whole-graph checks (*.rq); by default the project's, on the project alone."),
    ] = None,
    engine: Annotated[Engine, typer.Option("--engine", help="What checks the shapes.")] = Engine.AUTO,
    form: Annotated[Format, typer.Option("--format", help="Format of the report on standard output.")] = Format.TEXT,
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help=f"Also write a report; the name tells the format: {', '.join(reporting.ENDS)}."),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", case_sensitive=False, help="Exit 1 from this severity on.")
    ] = FailOn.VIOLATION,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="File of known findings; only those that are not in it fail.")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write what is found into the baseline, and exit 0.")
    ] = False,
    language: Annotated[Language, typer.Option("--lang", help="Language of messages.")] = Language.EN,
    data_format: Annotated[
        Syntax | None, typer.Option("--data-format", help="Syntax of standard input, and of files whose names do not tell.")
    ] = None,
    documents: DocumentsOption = None,
    project_folder: ProjectOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Validate again whenever a file changes; Ctrl-C ends it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Report what the shapes, the whole-graph checks and the ontology find wrong: in the project, or in any RDF files.

    Exit 0 when nothing new is found that is as bad as --fail-on, 1 when there is, 2 for wrong usage or input.
    """
    if as_json and form not in (Format.TEXT, Format.JSON):
        raise UsageError(f"--json and --format {form} exclude each other")
    form = Format.JSON if as_json else form
    syntax = _SYNTAXES[data_format] if data_format else None
    request = Request(tuple(files or ()), tuple(shapes or ()), verify, engine, syntax, documents, project_folder)
    outputs = tuple(output or ())
    _check_usage(request, outputs, baseline, update_baseline, watch)

    def once() -> bool:
        known = known_findings.load(baseline) if baseline and not update_baseline else None
        done = collecting.validated(request)
        outcome = known_findings.held(done.report, done.quads, known, fail_on, done.shapes)
        if baseline and update_baseline:
            entries = known_findings.entries(outcome)
            outcome = replace(outcome, baseline=entries)
            reporting.write_whole(baseline, known_findings.as_bytes(entries))
        reporting.show(outcome, form, language, done.shapes)
        reporting.save(outcome, outputs, language, done.shapes)
        if baseline and update_baseline:
            errors.print(f"{len(outcome.fingerprints)} findings are in {baseline} now.", markup=False, highlight=False)
        return outcome.fails

    if watch:
        watching.repeat(once, collecting.watched(request, baseline))
    elif once():
        raise typer.Exit(1)


def _check_usage(request: Request, outputs: Sequence[Path], baseline: Path | None, update_baseline: bool, watch: bool) -> None:
    """Raises UsageError for what cannot go together, before anything is read."""
    if update_baseline and baseline is None:
        raise UsageError("--update-baseline needs --baseline FILE, the file to write")
    if STDIN in request.files:
        if request.syntax is None:
            raise UsageError("standard input has no name that tells its syntax: give --data-format")
        if watch:
            raise UsageError("standard input cannot be watched: give files")
    for path in (*request.files, *request.shapes, *([request.verify] if request.verify else [])):
        if path != STDIN and not path.exists():
            raise UsageError(f"there is no file or folder {path}")
    if request.verify and not request.verify.is_dir():
        raise UsageError(f"{request.verify} is no folder of whole-graph checks (*.rq)")
    for path in outputs:
        reporting.format_of(path)
    written = [baseline] if baseline and update_baseline else []
    if outputs or written:
        inputs = collecting.inputs(request)
        refuse_inputs(outputs, [*inputs, *([baseline] if baseline else [])])
        refuse_inputs(written, inputs)
    for path in written:
        if path.is_file():  # nothing but a baseline is replaced by one
            known_findings.load(path)
