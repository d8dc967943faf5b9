"""releases."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from relgraph import soundness
from relgraph.build import Progress
from relgraph.cli.terminal import PLAIN, JsonOption, OutOption, ProjectOption, console, progress, project
from relgraph.errors import UsageError
from relgraph.release import Release
from relgraph.releases import SHOWN, Releases

#: So many faults of a release are listed.
_TOLD: Final = 2
#: An id, of which lists show the beginning.
_ID: Final = re.compile(rf"([0-9a-f]{{{SHOWN}}})[0-9a-f]{{{64 - SHOWN}}}")
#: So many characters of a release's name stand in front of what is being read.
_SHORT: Final = 20
NameArgument = Annotated[str, typer.Argument(help="Name, id (or its beginning) or version of a release.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    commands = typer.Typer(
        help="The releases that have been built: list and check them, make another one current, remove old ones."
    )
    commands.command("list", epilog="Example: relgraph releases list --json")(listed)
    commands.command("use", epilog="Example: relgraph releases use 79c70e09")(use)
    commands.command("check", epilog="Example: relgraph releases check current")(check)
    commands.command("remove", epilog="Example: relgraph releases remove 493506b9")(remove)
    app.add_typer(commands, name="releases")


def listed(out: OutOption = None, project_folder: ProjectOption = None, as_json: JsonOption = False) -> None:
    """List the releases, the one built last first, and say which are damaged as far as names and sizes of files tell.

    They are kept until they are removed here.
    """
    releases = _releases(out, project_folder)
    current = releases.current()
    sound = releases.listed()
    damaged = [path for path in soundness.folders(releases.out) if path.resolve() not in {release.path for release in sound}]
    rows = [_row(release, current) for release in sound] + [_unreadable(Release(path.resolve()), current) for path in damaged]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = Table("", "version", "id", "built", "claims", "facts", *(["damage"] if any(row["damage"] for row in rows) else []))
    for row in rows:
        counts = row["counts"] if isinstance(row["counts"], dict) else {}
        name, release = str(row["name"]), str(row["release"] or "")
        shown = f"{release[:SHOWN]}{name.partition(release)[2]}" if release else _ID.sub(r"\1", name)
        built = str(row["built"] or "")[:16].replace("T", " ")
        cells = ("→" if row["current"] else "", str(row["version"]), shown, built)
        found = row["damage"] if isinstance(row["damage"], list) else []
        damage = "; ".join(found[:_TOLD]) + (f"; {len(found) - _TOLD} more" if len(found) > _TOLD else "")
        table.add_row(
            *map(Text, (*cells, *(str(counts.get(what, "")) for what in ("claims", "facts")), *([damage] * bool(damage))))
        )
    console.print(table)


def _row(release: Release, current: Release | None) -> dict[str, object]:
    """What is listed of a release whose manifest can be read."""
    return {
        "name": release.path.name,
        "version": release.version,
        "release": release.id,
        "current": current == release,
        "built": datetime.fromtimestamp(release.built, UTC).isoformat(timespec="seconds"),
        "counts": release.manifest.get("counts", {}),
        "damage": soundness.glance(release),
    }


def _unreadable(release: Release, current: Release | None) -> dict[str, object]:
    """What is listed of a release whose manifest cannot be read."""
    known: dict[str, object] = {"version": "", "release": None, "current": current == release, "built": None, "counts": {}}
    return {"name": release.path.name, **known, "damage": soundness.glance(release)}


def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Names, ids or versions of releases; by default all.")
    ] = None,
    out: OutOption = None,
    project_folder: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read every file of releases, and say which are not what the release says (SHA-256). Exit 1 when one is damaged."""
    releases = _releases(out, project_folder)
    every = [Release(path.resolve()) for path in soundness.folders(releases.out)]
    chosen = [_found(releases, name) for name in names] if names else every
    if not chosen:
        raise UsageError(f"there is no release in {releases.out}. Run `relgraph build`, or name the folder with --out")
    found: dict[str, list[str]] = {}
    with progress() as report:
        for release in chosen:
            name = release.path.name
            found[name] = soundness.check(release, partial(_tell, report, name))
    if as_json:
        typer.echo(json.dumps([{"name": name, "damage": damage} for name, damage in found.items()], ensure_ascii=False, indent=1))
    else:
        for name, damage in found.items():
            for line in (f"{name}: {fault}" for fault in damage) if damage else (f"{name} is sound.",):
                console.print(line, **PLAIN)
    if any(found.values()):
        raise typer.Exit(1)


def _tell(report: Progress, release: str, file: str) -> None:
    report(f"{release[:_SHORT]}: {file}")


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
    """Remove releases for good. The current one is refused, and a name that several have; where one name is wrong, nothing is
    removed."""
    releases = _releases(out, project_folder)
    chosen = [_found(releases, name, is_only=True) for name in names]
    releases.remove(chosen)
    for release in chosen:
        console.print(f"{release.path.name} is removed.", markup=False, highlight=False, soft_wrap=True)


def _found(releases: Releases, name: str, is_only: bool = False) -> Release:
    """The release that is called so, or the only one that is; one that is damaged is known by the name of its folder."""
    named = {path.name: path for path in soundness.folders(releases.out)}
    if name in named:
        return Release(named[name].resolve())
    return releases.only(name) if is_only else releases.find(name)


def _releases(out: OutOption, folder: ProjectOption) -> Releases:
    return Releases(out or project(folder).releases)
