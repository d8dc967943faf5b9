"""releases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from relgraph.cli.terminal import JsonOption, OutOption, ProjectOption, console, project
from relgraph.releases import SHOWN, Releases

NameArgument = Annotated[str, typer.Argument(help="Name, id (or its beginning) or version of a release.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    commands = typer.Typer(help="The releases that have been built: list them, make another one current, remove old ones.")
    commands.command("list", epilog="Example: relgraph releases list --json")(listed)
    commands.command("use", epilog="Example: relgraph releases use 79c70e09")(use)
    commands.command("remove", epilog="Example: relgraph releases remove 493506b9")(remove)
    app.add_typer(commands, name="releases")


def listed(out: OutOption = None, project_folder: ProjectOption = None, as_json: JsonOption = False) -> None:
    """List the releases, the one built last first. They are kept until they are removed here."""
    releases = _releases(out, project_folder)
    current = releases.current()
    rows = [
        {
            "name": release.path.name,
            "version": release.version,
            "release": release.id,
            "current": current is not None and current.path == release.path,
            "built": datetime.fromtimestamp(release.built, UTC).isoformat(timespec="seconds"),
            "counts": release.manifest.get("counts", {}),
        }
        for release in releases.listed()
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = Table("", "version", "id", "built", "claims", "facts")
    for row in rows:
        counts = row["counts"] if isinstance(row["counts"], dict) else {}
        name = str(row["name"])
        shown = f"{str(row['release'])[:SHOWN]}{name.partition(str(row['release']))[2]}"
        built = str(row["built"])[:16].replace("T", " ")
        cells = ("→" if row["current"] else "", str(row["version"]), shown, built)
        table.add_row(*cells, *(str(counts.get(what, "")) for what in ("claims", "facts")))
    console.print(table)


def use(name: NameArgument, out: OutOption = None, project_folder: ProjectOption = None) -> None:
    """Make a release the current one. A server that runs on the folder changes to it without a failed request."""
    releases = _releases(out, project_folder)
    release = releases.find(name)
    releases.use(release)
    console.print(f"{release.path.name} is the current release.", markup=False, highlight=False, soft_wrap=True)


def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="Names, ids or versions of releases.")],
    out: OutOption = None,
    project_folder: ProjectOption = None,
) -> None:
    """Remove releases for good. The current one is refused; where one name is wrong, nothing is removed."""
    releases = _releases(out, project_folder)
    chosen = [releases.find(name) for name in names]
    releases.remove(chosen)
    for release in chosen:
        console.print(f"{release.path.name} is removed.", markup=False, highlight=False, soft_wrap=True)


def _releases(out: OutOption, folder: ProjectOption) -> Releases:
    return Releases(out or project(folder).releases)
