"""Releases: immutable folders side by side, and the link `current` that is switched in one atomic step.

OUT/releases/<version>-<id>/ holds `store/` (an Oxigraph database), `search.sqlite` (its full-text index), `dataset.nq`,
`graph/*.ttl`, `manifest.json`, `report.json` and what else the build gives it. The version is that of the ontology; the
id is the SHA-256 of dataset.nq, which is canonical (RDFC-1.0), so that it names the data whatever made them. All but the
files of the store and the index are a function of the inputs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store

from relgraph import fulltext, rdf
from relgraph.errors import UsageError

_BUILDING = ".building-"
#: What can be done about a release that is damaged.
REBUILD = "Run `relgraph build`; a damaged release is built anew beside it"


@dataclass(frozen=True)
class Release:
    """A release on disk."""

    path: Path

    @property
    def manifest(self) -> dict[str, object]:
        """The manifest as it was written; not to be changed. Raises UsageError where it cannot be read."""
        file = self.path / "manifest.json"
        try:
            about = file.stat()
            return _manifest(file, about.st_ino, about.st_ctime_ns, about.st_size)
        except FileNotFoundError as error:
            raise UsageError(f"there is no release in {self.path} any more. {REBUILD}") from error
        except ValueError as error:
            raise UsageError(f"the release in {self.path} is damaged ({error}). {REBUILD}") from error

    @property
    def id(self) -> str:
        """The SHA-256 (hex) of dataset.nq."""
        found = self.manifest.get("release")
        if not isinstance(found, str) or not found:
            raise UsageError(f"the release in {self.path} is damaged (its manifest has no id). {REBUILD}")
        return found

    @property
    def version(self) -> str:
        """The version of the ontology that the data are in; empty where the manifest gives none."""
        return str(self.manifest.get("version", ""))

    @property
    def built(self) -> float:
        """When it was written, in seconds since 1970, by the file system."""
        return (self.path / "manifest.json").stat().st_mtime

    @property
    def index(self) -> Path:
        """The full-text index (relgraph.fulltext)."""
        return self.path / "search.sqlite"

    def refuse_inside(self, path: Path) -> None:
        """Raises UsageError for a path in the folder of the release, where nothing may be written."""
        if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.path)):  # which takes loops of links
            raise UsageError(f"{path} is in the folder of the release, which never changes. Write elsewhere")

    def store(self) -> Store:
        """The snapshot, opened read-only; its default graph is the union that design section 4 fixes."""
        try:
            return Store.read_only(str(self.path / "store"))
        except (OSError, RuntimeError) as error:
            raise UsageError(f"the store of the release in {self.path} cannot be opened ({error}). {REBUILD}") from error

    def is_intact(self) -> bool:
        """True when every file has the hash that the manifest gives, the store opens, and the index is there."""
        try:
            listed = self.manifest["files"]
            hashes = {name: about["sha256"] for name, about in listed.items()} if isinstance(listed, dict) else {}
            return (
                bool(hashes)
                and self.index.is_file()
                and len(self.store()) > 0
                and all(hashlib.sha256((self.path / name).read_bytes()).hexdigest() == digest for name, digest in hashes.items())
            )
        except (UsageError, OSError, KeyError, TypeError):
            return False


@lru_cache(maxsize=512)
def _manifest(file: Path, *_: int) -> dict[str, object]:
    """A manifest, read once as long as the file is the same: who asks for a release by its name, looks at all of them."""
    loaded = json.loads(file.read_text("utf-8"))
    if not isinstance(loaded, dict):
        raise ValueError("its manifest is no object")
    return loaded


def open_release(path: Path) -> Release:
    """The release in a folder, or the current one of an output folder. Raises UsageError when there is none."""
    for folder in (path / "current", path):
        if (folder / "manifest.json").is_file():
            return Release(folder.resolve())
    raise UsageError(f"there is no release in {path}. Run `relgraph build`, or name a release with --release")


def nquads(quads: Iterable[Quad]) -> bytes:
    """Canonical N-Quads: one quad a line, lines sorted."""
    lines = rdf.serialized(set(quads), RdfFormat.N_QUADS).splitlines(keepends=True)
    return b"".join(sorted(lines))


def write(
    out: Path, dataset: bytes, quads: Iterable[Quad], files: Mapping[str, bytes], manifest: Mapping[str, object]
) -> Release:
    """Writes a release aside, puts it beside the others, and points `current` at it.

    dataset: the bytes of dataset.nq; files: further files by relative name; manifest: without the id and the hashes,
    which are added here. A release that stands already with the same files is used as it is. Until the last step, and
    if the process is killed at any point, `current` leads to the previous release.
    """
    releases = out / "releases"
    try:
        releases.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write releases into {out}: {error.strerror}. Choose another --out") from error
    with locked(out):
        for stale in (*releases.glob(_BUILDING + "*"), *releases.glob(".removing-*")):
            shutil.rmtree(stale)
        building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=releases))
        try:
            contents = {"dataset.nq": dataset, **files}
            release_id = hashlib.sha256(dataset).hexdigest()
            full = {
                "release": release_id,
                **manifest,
                "files": {
                    name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                    for name, content in sorted(contents.items())
                },
            }
            contents["manifest.json"] = (json.dumps(full, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
            name = f"{full['version']}-{release_id}" if full.get("version") else release_id
            target = _place(releases, name, contents["manifest.json"])
            if not target.exists():
                for name, content in contents.items():
                    _write_file(building / name, content)
                _write_store(building / "store", quads)
                fulltext.write(Store.read_only(str(building / "store")), building / "search.sqlite")
                building.chmod(0o755)
                building.rename(target)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        switch(out / "current", target)
    return Release(target)


def _place(releases: Path, name: str, manifest: bytes) -> Path:
    """Where the release goes: its name, or name.2, name.3 … where the same data stand with another manifest, or damaged."""
    number = 1
    while True:
        target = releases / (name if number == 1 else f"{name}.{number}")
        if not target.exists() or (_bytes(target / "manifest.json") == manifest and Release(target).is_intact()):
            return target
        number += 1


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _write_store(path: Path, quads: Iterable[Quad]) -> None:
    store = Store(str(path))
    store.bulk_extend(rdf.with_default_graph(quads))
    store.flush()
    store.optimize()


def switch(link: Path, target: Path) -> None:
    """Points a link at a release in one atomic step. Raises UsageError where a folder is in its place."""
    aside = link.with_name(".current")
    aside.unlink(missing_ok=True)
    if link.is_dir() and not link.is_symlink():
        raise UsageError(f"{link} is a folder, where the link to the current release belongs. Move it away")
    aside.symlink_to(os.path.relpath(target, link.parent))
    aside.replace(link)


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """Holds an output folder, so that nobody else writes to it. Raises UsageError where somebody does."""
    with (out / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"another command is writing to {out}. Wait for it, or choose another --out") from error
        yield
