"""The command line. Exit status: 0 fine, 1 findings, 2 wrong usage or input, 3 internal error."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import typer

from relgraph import __version__
from relgraph.cli import (
    building,
    checking,
    comparing,
    documents,
    explaining,
    exporting,
    linting,
    querying,
    reasoning,
    releasing,
    running,
    serving,
    validating,
)
from relgraph.cli.terminal import PLAIN, errors
from relgraph.errors import InputError, RelgraphError, UsageError

app = typer.Typer(
    name="relgraph",
    help="Political documents as a knowledge graph in which every statement has a footnote.",
    epilog="Example: relgraph build && relgraph query queries/visits-by-office.rq",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
building.register(app)
validating.register(app)
querying.register(app)
running.register(app)
exporting.register(app)
reasoning.register(app)
explaining.register(app)
linting.register(app)
comparing.register(app)
serving.register(app)
releasing.register(app)
checking.register(documents.app)
app.add_typer(documents.app, name="documents")


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def _reopen_closed() -> None:
    """Lets output that the caller closed (`>&-`) go nowhere; Python has None for such a stream."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 – it stays open to the end
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 – it stays open to the end


def main() -> None:
    """Runs the command line and turns every error of relgraph into its message and exit status."""
    _reopen_closed()
    try:
        app()
    except InputError as error:
        for problem in error.problems:
            errors.print(str(problem), markup=False, highlight=False, soft_wrap=True)
        count = len(error.problems)
        errors.print(f"{count} problem{'s' if count != 1 else ''}.", soft_wrap=True)
        sys.exit(error.exit_code)
    except RelgraphError as error:
        errors.print(f"relgraph: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        errors.print(f"relgraph: {where}{error.strerror or error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(UsageError.exit_code)
    except Exception as error:  # what nobody foresaw: one line for people, the traceback for whoever asks for it
        if os.environ.get("RELGRAPH_DEBUG"):
            raise
        if isinstance(error, UnicodeEncodeError) and (argument := _not_utf8(error)):
            errors.print(f"relgraph: the argument {argument!r} is not UTF-8. Write it as UTF-8", **PLAIN)
            sys.exit(UsageError.exit_code)
        errors.print(f"relgraph: internal error: {type(error).__name__}: {error}", markup=False, highlight=False, soft_wrap=True)
        errors.print("Set RELGRAPH_DEBUG=1 to see where; please report it.", soft_wrap=True)
        sys.exit(RelgraphError.exit_code)


def _not_utf8(error: UnicodeEncodeError) -> str:
    """The argument of the command line that an error is about; empty where it is about something else."""
    bad = error.object[error.start : error.end]
    return next((argument for argument in sys.argv[1:] if bad in argument), "")
