"""diff."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from relgraph.cli.collecting import files_of
from relgraph.cli.reporting import write_whole
from relgraph.cli.terminal import LanguageOption, ProjectOption, console, is_around
from relgraph.difference import presenting
from relgraph.difference.comparing import compare
from relgraph.difference.describing import SECTIONS
from relgraph.difference.markdown import markdown
from relgraph.difference.sources import find
from relgraph.errors import UsageError, suggestion
from relgraph.outputs import refuse_inputs
from relgraph.project import Project
from relgraph.project import find as find_project

_STYLES = {"+": "green", "-": "red", "~": "yellow", ">": "cyan"}


class Format(StrEnum):
    """How a difference is told."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command("diff", epilog="Example: relgraph diff HEAD~1 HEAD --only terms,axioms,facts --format markdown -o changes.md")(
        diff
    )


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A release, an RDF file, a project folder or a git revision.")],
    b: Annotated[str, typer.Argument(metavar="B", help="What to compare it with; likewise.")],
    output: Annotated[Format, typer.Option("--format", "-f", help="How to tell it.")] = Format.TEXT,
    only: Annotated[str, typer.Option("--only", help=f"Sections to tell, with commas: {', '.join(SECTIONS)}.")] = "",
    inferred: Annotated[bool, typer.Option("--inferred", help="List what is inferred, too; otherwise it is counted.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
    lang: LanguageOption = "en",
    project_folder: ProjectOption = None,
) -> None:
    """Tell what differs between two releases, revisions or RDF files. Exit 0 when they are equal, 1 when they differ.

    A name may be a path, the beginning of a release's id, or a git revision of the project; where it is several of
    these, write `./name`, `file:`, `release:` or `rev:` before it. With --only, the exit status is about those sections.
    """
    if lang not in ("en", "ru"):
        raise UsageError(f"there are no labels in {lang!r}; choose en or ru")
    chosen = [name.strip() for name in only.split(",") if name.strip()]
    for name in chosen:
        if name not in SECTIONS:
            raise UsageError(f"there is no section {name!r}. {suggestion(name, SECTIONS)}")
    found = find_project(project_folder)
    if project_folder is None and not is_around(found):
        for name in (a, b):
            if not Path(name.partition(":")[2] if name.startswith(("file:", "release:")) else name).exists():
                raise UsageError(
                    f"{name!r} is no file or folder, and there is no project here whose release or revision it could be"
                )
    if out is not None:
        refuse_inputs([out], [path for name in (a, b) for path in _read(name, found)])
    difference = compare(find(a, found), find(b, found))
    seen = presenting.view(lang, chosen, inferred)
    write = {"text": presenting.text, "markdown": markdown, "json": presenting.as_json}[output.value]
    told = write(difference, seen)
    if out is not None:
        write_whole(out, told.encode("utf-8", "replace"))
    elif output is Format.TEXT and sys.stdout.isatty():
        for line in told.splitlines():
            console.print(Text(line, style=_STYLES.get(line[2:3], "") if line.startswith("  ") else ""), soft_wrap=True)
    else:
        typer.echo(told, nl=False)
    if presenting.differs(difference, seen):
        raise typer.Exit(1)


def _read(name: str, project: Project) -> Iterator[Path]:
    """The files that a name may stand for: a file, those of a release or of a project, and every release of the project."""
    kind, separator, rest = name.partition(":")
    for path in {Path(name), Path(rest if separator and kind in ("file", "release") else name)}:
        if path.is_file():
            yield path
        elif (path / "data" / "documents.ttl").is_file():
            yield from files_of(Project(path.resolve()))
        elif path.is_dir():
            for folder in (path, path / "current", *path.glob("releases/*")):
                if (folder / "manifest.json").is_file():
                    yield from folder.rglob("*")
    yield from (project.releases / "releases").rglob("*")
