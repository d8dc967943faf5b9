"""run: every query file as a command, with options for its parameters."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from relgraph import evaluation, naming, questions, services, tables
from relgraph.cli import answers
from relgraph.cli.answers import FileOption, FormatOption
from relgraph.cli.interrupting import interruptible
from relgraph.cli.noting import note
from relgraph.cli.terminal import DocumentsOption, LanguageOption, ReleaseOption, opened, project, texts
from relgraph.errors import UsageError, suggestion
from relgraph.project import Project
from relgraph.questions import Question

_PANEL = "Parameters of the query"
#: Where a context keeps the project and the queries that it has read.
_READ = "relgraph.running"
#: The parameter that --lang is put into where it is not given.
_LANGUAGE = "language"


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    example = "Example: relgraph run members-in-period --from 1994 --to 1994 --format csv -o members.csv"
    commands = typer.Typer(cls=Queries, no_args_is_help=True, epilog=example, rich_markup_mode="markdown")
    commands.callback()(run)
    app.add_typer(commands, name="run")


def run(
    project_folder: Annotated[
        Path | None,
        typer.Option("--project", is_eager=True, help="Folder of the project; by default the one around the working directory."),
    ] = None,
) -> None:
    """Answer a query of the project; its parameters are options. `relgraph run NAME --help` tells them."""


class Queries(TyperGroup):
    """The queries of a project as commands. They are read when they are asked for, those for single questions as well."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments; --project may stand behind the name of the query too, as with other commands."""
        return super().parse_args(ctx, _project_first(args))

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the general queries."""
        return list(questions.load(_project(ctx).queries))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a query. Raises UsageError, with names that are like it, for an unknown one."""
        chosen = _project(ctx)
        named = questions.files(chosen.queries)
        if cmd_name not in named:
            raise UsageError(f"there is no query {cmd_name!r}. {suggestion(cmd_name, named)}")
        return command(questions.load_file(named[cmd_name]), chosen)


class Once(TyperCommand):
    """A command whose options are given once each: of two values for a parameter none is the one that is meant."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments. Raises UsageError for an option that is there twice."""
        _, _, given = self.make_parser(ctx).parse_args(list(args))
        for parameter, count in Counter(given).items():
            if count > 1:
                raise UsageError(f"give {parameter.opts[0]} once; it is given {count} times")
        return super().parse_args(ctx, args)


def command(question: Question, chosen: Project) -> Any:
    """A query as a command of Typer's kind, with an option for each parameter."""

    def answer(**given: Any) -> None:
        arguments = {name: given[f"p_{name}"] for name in question.header.parameters if given[f"p_{name}"] is not None}
        language = given["lang"]
        answers.check_language(language)
        if _LANGUAGE in question.header.parameters:
            arguments.setdefault(_LANGUAGE, language)
        release = opened(given["release"], chosen)
        answers.check_file(given["file"], release)
        store = release.store()
        text = naming.filled(store, question.without_header().pieces(arguments), note)
        with interruptible():
            results = evaluation.evaluate(store, services.resolve(text, release.index))
            documents = given["documents"]
            readable = lambda: tables.table(results, store, language, texts(documents, chosen))  # noqa: E731
            if not answers.give(results, given["form"], given["file"], readable):
                answers.explain(question.left(arguments), "--{name}", "--{name} {value}")

    common: dict[str, tuple[Any, Any]] = {
        "form": (FormatOption, "table"),
        "file": (FileOption, None),
        "lang": (LanguageOption, "en"),
        "release": (ReleaseOption, None),
        "documents": (DocumentsOption, None),
    }
    own = {f"p_{name}": (_option(question, name), None) for name in question.header.parameters}
    _take(answer, own | common)
    header = question.header
    answer.__doc__ = f"{header.title.en} / {header.title.ru}\n\n{header.description.en}"
    single = typer.Typer(rich_markup_mode="markdown", add_completion=False)
    single.command(question.name, cls=Once, epilog=f"Example: {_example(question)}", short_help=header.title.en)(answer)
    return typer.main.get_command(single)


def _take(function: Callable[..., None], options: dict[str, tuple[Any, Any]]) -> None:
    """Has a function that takes anything by name tell Typer which options it takes: annotation and default by name."""
    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(n, kind, default=d, annotation=a) for n, (a, d) in options.items()]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect.signature gives then
    function.__annotations__ = {name: annotation for name, (annotation, _) in options.items()}


def _option(question: Question, name: str) -> Any:
    parameter = question.header.parameters[name]
    words = f"{parameter.description.en} / {parameter.description.ru}: {parameter.takes}. Default: {question.defaults()[name]}"
    return Annotated[str | None, typer.Option(f"--{name}", help=words, rich_help_panel=_PANEL, show_default=False)]


def _example(question: Question) -> str:
    options = "".join(f" --{name} {value}" for name, value in question.examples().items())
    return f"relgraph run {question.name}{options} --format csv -o {question.name}.csv"


def _project(ctx: Any) -> Project:
    """The project of a call of run."""
    if _READ not in ctx.meta:
        ctx.meta[_READ] = project(ctx.params.get("project_folder"))
    found: Project = ctx.meta[_READ]
    return found


def _project_first(args: list[str]) -> list[str]:
    for place, word in enumerate(args):
        if word == "--":
            break
        if word == "--project" or word.startswith("--project="):
            size = 1 if "=" in word else 2
            return [*args[place : place + size], *args[:place], *args[place + size :]]
    return args
