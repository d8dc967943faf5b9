"""What all commands share: the consoles, the common options, and the way to a project and its documents."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, TypedDict

import typer
from rich.console import Console

from relgraph import documents
from relgraph.build import Progress
from relgraph.documents import Register
from relgraph.errors import Problem, UsageError, raise_if_any
from relgraph.project import Project, find
from relgraph.release import Release, open_release
from relgraph.releases import Releases

#: Where output goes to a file or another program, tables are as wide as they need to be.
_WIDTH = None if (sys.stdout is not None and sys.stdout.isatty()) or "COLUMNS" in os.environ else 1000

#: The exit status that a shell gives for a program whose reader has gone.
READER_GONE: Final = 141


class _Console(Console):
    """Ends the command quietly when whoever reads the output has had enough; 1, which rich gives, would tell of findings."""

    def on_broken_pipe(self) -> None:
        try:
            super().on_broken_pipe()
        except SystemExit:
            raise SystemExit(READER_GONE) from None


console = _Console(width=_WIDTH)
errors = Console(stderr=True)


class _Plain(TypedDict):
    markup: bool
    highlight: bool
    soft_wrap: bool


#: How text is printed that may hold brackets, numbers and long lines of its own.
PLAIN: Final[_Plain] = {"markup": False, "highlight": False, "soft_wrap": True}

ProjectOption = Annotated[
    Path | None,
    typer.Option("--project", help="Folder of the project; by default the one around the working directory."),
]
DocumentsOption = Annotated[
    Path | None,
    typer.Option(
        "--documents",
        envvar="RELGRAPH_DOCUMENTS",
        help="Folder with the texts of the source documents; passages are then shown and checked.",
    ),
]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for releases; by default build/ in the project.")]
ReleaseOption = Annotated[
    Path | None,
    typer.Option(
        "--release", help="Folder of a release, or an id (its beginning), version or name in build/; by default the current one."
    ),
]
LanguageOption = Annotated[str, typer.Option("--lang", help="Language of labels: en or ru.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def project(folder: Path | None) -> Project:
    """The project to work on; says so when it is not one around the working directory."""
    found = find(folder)
    if folder is None and not is_around(found):
        errors.print("There is no project here; using the one that comes with relgraph.", style="dim")
    return found


def opened(release: Path | None, chosen: Project) -> Release:
    """The release that an option names: a folder, or one of the project's releases; by default the current one.

    Raises UsageError where there is none.
    """
    if release is None or release.is_dir():
        return open_release(release or chosen.releases)
    return Releases(chosen.releases).find(str(release))


def is_around(chosen: Project) -> bool:
    """True of the project that the working directory is in, False of the one that comes with relgraph."""
    return chosen.root in (Path.cwd(), *Path.cwd().parents)


def registered(chosen: Project) -> Register:
    """The register of documents of a project. Raises InputError with all that is wrong in it."""
    problems: list[Problem] = []
    register = documents.load_register(chosen.documents, problems)
    raise_if_any(problems)
    return register


def texts(folder: Path | None, chosen: Project) -> dict[str, str]:
    """The documents at hand, by id; none without a folder.

    What is wrong with the folder (unknown, changed, missing files) is said and does not stop commands that only read.
    """
    if folder is None:
        return {}
    problems: list[Problem] = []
    found = documents.read_folder(folder, registered(chosen), problems)
    if not found:
        raise_if_any(problems)
    for problem in problems:
        errors.print(f"Note: {problem}", style="dim", markup=False, highlight=False, soft_wrap=True)
    return found


def needed_text(document: str, folder: Path | None, chosen: Project) -> str:
    """The text of a document, for a command that cannot do without. Raises UsageError when it is not at hand."""
    return needed_texts([document], folder, chosen)[document]


def needed_texts(wanted: Collection[str], folder: Path | None, chosen: Project) -> dict[str, str]:
    """The texts of documents by id, for a command that cannot do without. Raises UsageError when one is not at hand."""
    if folder is None:
        raise UsageError("the texts are needed for this: give --documents DIR, or set RELGRAPH_DOCUMENTS")
    found = texts(folder, chosen)
    for document in wanted:
        if document not in found:
            raise UsageError(f"the text of document {document} is not in {folder}")
    return {document: found[document] for document in wanted}


@contextmanager
def progress() -> Iterator[Progress]:
    """Shows the stage that runs, on a terminal; is silent in CI and when output is not a terminal."""
    if not errors.is_terminal or os.environ.get("CI"):
        yield lambda stage: None
        return
    with errors.status("…") as status:
        yield lambda stage: status.update(f"{stage} …")
