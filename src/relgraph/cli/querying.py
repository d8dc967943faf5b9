"""query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from relgraph import evaluation, naming, questions, services, tables
from relgraph.cli import answers
from relgraph.cli.answers import FileOption, FormatOption
from relgraph.cli.interrupting import interruptible
from relgraph.cli.noting import note
from relgraph.cli.terminal import DocumentsOption, LanguageOption, ProjectOption, ReleaseOption, opened, project, texts
from relgraph.errors import UsageError, suggestion
from relgraph.naming import Name

#: What can only be a name: one word without white space or brackets.
_NAME = re.compile(r"[\w./-]+")


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command(epilog='Example: relgraph query "SELECT * { ?v a rg:Visit ; rg:visitor ?who }"')(query)


def query(
    file_or_text: Annotated[str, typer.Argument(metavar="FILE|TEXT", help="A query file, its name, or SPARQL itself.")],
    parameter: Annotated[
        list[str] | None, typer.Option("--param", "-p", help="A parameter of a query file, as name=value.")
    ] = None,
    output: FormatOption = "table",
    file: FileOption = None,
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
    answers.check_language(lang)
    chosen = project(project_folder)
    pieces: list[str | Name]
    left: Mapping[str, str] = {}
    arguments = dict(_argument(text) for text in parameter or ())
    named = questions.files(chosen.queries)
    path = Path(file_or_text) if _is_file(Path(file_or_text)) else named.get(file_or_text)
    if path is not None:
        question = questions.load_file(path)
        if "language" in question.header.parameters:
            arguments.setdefault("language", lang)
        pieces, left = question.pieces(arguments), question.left(arguments)
    elif _NAME.fullmatch(file_or_text):
        raise UsageError(f"there is no query file {file_or_text!r}. {suggestion(Path(file_or_text).stem, named)}")
    elif arguments:
        raise UsageError("--param goes with a query file; put the values into the query text instead")
    else:
        pieces = [file_or_text]
    source = opened(release, chosen)
    answers.check_file(file, source)
    store = source.store()
    with interruptible():
        results = evaluation.evaluate(store, services.resolve(naming.filled(store, pieces, note), source.index), graph)
        if not answers.give(results, output, file, lambda: tables.table(results, store, lang, texts(documents, chosen))):
            answers.explain(left, "--param {name}=…", "--param {name}={value}")


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
