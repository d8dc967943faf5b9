"""Whether the releases of an output folder are what they say: at a glance, by sizes, or whole, by every byte."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from relgraph.errors import UsageError
from relgraph.release import Release

#: Called with the name of the file that is read next.
Progress = Callable[[str], None]
#: Bytes that are read at once.
_BLOCK: Final = 1 << 20


def folders(out: Path) -> list[Path]:
    """The folders of all releases, also of those that cannot be read, by name; those that are being built or removed are not."""
    return sorted(path for path in (out / "releases").glob("[!.]*") if path.is_dir())


def glance(release: Release) -> list[str]:
    """What is wrong with a release as far as names and sizes tell, in words; empty where nothing is. No file but the manifest
    is read."""
    try:
        listed = _listed(release)
    except (UsageError, OSError) as error:
        return [_of_manifest(error)]
    found = [fault for name, about in listed.items() if (fault := _size(release.path / name, name, about.get("bytes")))]
    if not (release.path / "store").is_dir():
        found.append("store/ is missing")
    if not release.index.is_file():
        found.append(f"{release.index.name} is missing")
    return found


def check(release: Release, progress: Progress) -> list[str]:
    """What is wrong with a release, in words; empty where nothing is. Every file is read.

    Files must have the hashes of the manifest and of SHA256SUMS, and dataset.nq the one that the release is named by; the store
    must hold as many statements as dataset.nq; the full-text index must be sound as a database.
    """
    found = glance(release)
    try:
        listed = _listed(release)
        wrong = {fault.partition(" ")[0] for fault in found}
        sums = _sums(release.path / "SHA256SUMS") if "SHA256SUMS" in listed else {}
        for name, about in listed.items():
            if name not in wrong:
                progress(name)
                found += _hashes(release, name, {about.get("sha256"), sums.get(name, about.get("sha256"))})
    except UsageError:  # told by the glance
        return found
    except OSError as error:
        return [*found, f"{Path(error.filename or release.path).name} cannot be read: {error.strerror}"]
    if "store/" not in wrong:
        progress("store")
        found += _store(release, counts="dataset.nq" not in wrong)
    if release.index.name not in wrong:
        progress(release.index.name)
        found += _index(release.index)
    return found


def _of_manifest(error: UsageError | OSError) -> str:
    if isinstance(error.__cause__, FileNotFoundError):
        return "manifest.json is missing"
    why = error.strerror if isinstance(error, OSError) else str(error.__cause__ or "it names no id or no files")
    return f"manifest.json cannot be used: {why}"


def _listed(release: Release) -> Mapping[str, Mapping[str, Any]]:
    """The files that the manifest lists, with their sizes and hashes. Raises UsageError for a manifest that has none."""
    listed = release.manifest.get("files")
    if not release.id or not isinstance(listed, dict) or not all(isinstance(about, dict) for about in listed.values()):
        raise UsageError("the manifest lists no files")
    return listed


def _size(path: Path, name: str, wanted: object) -> str:
    """What is wrong with the size of a file; empty where nothing is."""
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return f"{name} is missing"
    except OSError as error:
        return f"{name} cannot be read: {error.strerror}"
    return "" if size == wanted else f"{name} has {size} bytes instead of {wanted}"


def _sums(path: Path) -> dict[str, str]:
    """The hashes of SHA256SUMS by name; nothing of a line of another form."""
    lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    return {name: digest for digest, separator, name in (line.partition("  ") for line in lines) if separator}


def _hashes(release: Release, name: str, wanted: set[object]) -> Iterator[str]:
    with (release.path / name).open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
    if wanted != {digest.hexdigest()}:
        yield f"{name} has another SHA-256 than the manifest or SHA256SUMS says"
    elif name == "dataset.nq" and digest.hexdigest() != release.id:
        yield f"{name} has another SHA-256 than the id of the release"


def _store(release: Release, counts: bool) -> Iterator[str]:
    """What is wrong with the store; counts: whether the number of its statements can be held against dataset.nq."""
    try:
        store = release.store()
        held = sum(1 for graph in store.named_graphs() for _ in store.quads_for_pattern(None, None, None, graph))
    except (UsageError, OSError, RuntimeError, ValueError) as error:
        yield f"store/ cannot be read: {error.__cause__ or error}"
        return
    if counts:
        with (release.path / "dataset.nq").open("rb") as file:
            wanted = sum(1 for _ in file)
        if held != wanted:
            yield f"store/ holds {held} statements instead of {wanted}"


def _index(path: Path) -> Iterator[str]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            told = [str(row[0]) for row in database.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        told = [str(error)]
    if told != ["ok"]:
        yield f"{path.name} is damaged: {'; '.join(told)}"
