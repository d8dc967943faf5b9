"""What /releases tells: the releases that are kept, with what they hold and how to ask them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from relgraph.errors import RelgraphError
from relgraph.serving.descriptions.files import PATH as FILES
from relgraph.serving.snapshots.current import Snapshots


def releases(snapshots: Snapshots) -> list[dict[str, Any]]:
    """The releases, the one built last first: name, version, release (its id), current (whether new requests are answered
    from it), built (UTC, by the file system), counts by name, and links: by name addresses on this server.

    Where no others can be asked for, the one that is served.
    """
    opened = snapshots.current.opened
    folder = snapshots.releases
    if folder is None:
        return [_told(opened.release[:12], opened.version, opened.release, True, opened.built, opened.counts, opened.own)]
    rows = []
    for release in folder.listed():
        with contextlib.suppress(RelgraphError, OSError):  # removed at this moment
            current, counts = release.path == opened.store.parent, release.manifest.get("counts")
            rows.append(_told(release.path.name, release.version, release.id, current, release.built, counts, True))
    return rows


def placed(rows: list[dict[str, Any]], prefix: str) -> list[dict[str, Any]]:
    """The releases with links that stand behind a path such as /graph."""
    return [row | {"links": {name: prefix + link for name, link in row["links"].items()}} for row in rows]


def _told(name: str, version: str, id_: str, current: bool, built: float, counts: object, own: bool) -> dict[str, Any]:
    links = {"sparql": f"/sparql?release={quote(name)}", "start": f"/?release={quote(name)}"}
    if own:
        links |= {"manifest": f"{FILES}/{quote(name)}/manifest.json", "dataset": f"{FILES}/{quote(name)}/dataset.nq"}
    return {
        "name": name,
        "version": version,
        "release": id_,
        "current": current,
        "built": datetime.fromtimestamp(built, UTC).isoformat(timespec="seconds"),
        "counts": counts if isinstance(counts, dict) else {},
        "links": links,
    }
