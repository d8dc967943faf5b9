"""lint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from relgraph import baseline as known_findings
from relgraph.cli import reporting
from relgraph.cli.reporting import Format
from relgraph.cli.terminal import ProjectOption, console, project
from relgraph.datafiles import read_file
from relgraph.errors import Problem, UsageError, raise_if_any
from relgraph.lint import Excuse, LintCheck, lint, load_checks, load_excuses
from relgraph.project import Project, find
from relgraph.validation import Shapes

#: The files of the project's own ontology.
_OWN: Final = ("relgraph.ttl", "schemes.ttl")
_EXCEPTIONS: Final = "lint-exceptions.tsv"


class Level(StrEnum):
    """From which level on a finding fails the run."""

    ERROR = "ERROR"
    WARN = "WARN"
    INFO = "INFO"
    NEVER = "never"


class Language(StrEnum):
    """The languages of messages."""

    EN = "en"
    RU = "ru"


_THRESHOLDS: Final = {Level.ERROR: "Violation", Level.WARN: "Warning", Level.INFO: "Info", Level.NEVER: "never"}


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command("lint", epilog="Example: relgraph lint ontology.ttl --fail-on WARN -o lint.sarif")(run)


def run(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="Files of one ontology, in any RDF syntax; by default the project's."),
    ] = None,
    fail_on: Annotated[
        Level, typer.Option("--fail-on", case_sensitive=False, help="Exit 1 from this level on: the level of a check is fixed.")
    ] = Level.ERROR,
    namespaces: Annotated[
        list[str] | None,
        typer.Option(
            "--namespace",
            metavar="IRI",
            help="How the IRIs of the terms to check begin; by default as the ontology's, else as most declared terms.",
        ),
    ] = None,
    exceptions: Annotated[
        Path | None,
        typer.Option("--exceptions", help=f"TSV file: check, entity, reason; the project's ontology has {_EXCEPTIONS}."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Format of the report on standard output.")] = Format.TEXT,
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help=f"Also write a report; the name tells the format: {', '.join(reporting.ENDS)}."),
    ] = None,
    language: Annotated[Language, typer.Option("--lang", help="Language of messages.")] = Language.EN,
    listing: Annotated[bool, typer.Option("--list", help="List the checks and exit; with --format json as JSON.")] = False,
    project_folder: ProjectOption = None,
) -> None:
    """Report what is wrong with an ontology: names, texts, deprecation, axioms that say more or less than they seem to.

    ERROR counts as Violation, WARN as Warning, INFO as Info. Nothing is fetched, owl:imports is not followed.
    Exit 0 when nothing is found that is as bad as --fail-on, 1 when there is, 2 for wrong usage or input.
    """
    chosen = find(project_folder) if files or listing else project(project_folder)
    problems: list[Problem] = []
    checks = load_checks(chosen.lint, problems)
    raise_if_any(problems)
    if listing:
        _list(checks, form, language)
        return
    paths = list(files or (chosen.ontology / name for name in _OWN))
    for path in output or ():
        reporting.format_of(path)
        if path.resolve() in {each.resolve() for each in paths}:
            raise UsageError(f"{path} is read: a report would take its place")
    sources = [read_file(path, problems) for path in paths]
    excuses = _excuses(exceptions, None if files else chosen, checks, problems)
    raise_if_any(problems)
    report = lint(sources, checks, tuple(namespaces or ()), excuses)
    quads = [quad for source in sources for quad in source.quads]
    outcome = known_findings.held(report, quads, threshold=_THRESHOLDS[fail_on])
    reporting.show(outcome, form, language, Shapes(()))
    reporting.save(outcome, list(output or ()), language, Shapes(()))
    if outcome.fails:
        raise typer.Exit(1)


def _excuses(given: Path | None, own: Project | None, checks: Sequence[LintCheck], problems: list[Problem]) -> list[Excuse]:
    """The exceptions of the file given, else those of the project's ontology, where that is what is checked."""
    path = given or (own.ontology / _EXCEPTIONS if own else None)
    if path is None or (given is None and not path.is_file()):
        return []
    return load_excuses(path, checks, problems)


def _list(checks: Sequence[LintCheck], form: Format, language: str) -> None:
    if form is Format.JSON:
        content = [
            {
                "name": check.name,
                "level": check.header.level,
                "title": {"en": check.header.name.en, "ru": check.header.name.ru},
                "from": check.header.source,
            }
            for check in checks
        ]
        typer.echo(json.dumps(content, ensure_ascii=False, indent=1))
        return
    if form is not Format.TEXT:
        raise UsageError("--list gives text or JSON")
    table = Table(box=None, pad_edge=False)
    for column in ("check", "level", "what", "from"):
        table.add_column(column, overflow="fold")
    for check in checks:
        table.add_row(*map(Text, (check.name, check.header.level, check.header.name[language], check.header.source)))
    console.print(table)
