"""Where a snapshot comes from: the current release of a folder, or a file of RDF."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pyoxigraph import RdfFormat, Store

from relgraph import fulltext, redirects
from relgraph.errors import UsageError
from relgraph.exports import context as contexts
from relgraph.fulltext import Index
from relgraph.questions import Question
from relgraph.redirects import Redirect
from relgraph.release import Release, open_release
from relgraph.releases import Releases
from relgraph.serving.logs import log

#: File endings by format; pyoxigraph knows them too, but not all of them.
_ENDINGS = {
    ".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES, ".nq": RdfFormat.N_QUADS, ".trig": RdfFormat.TRIG,
    ".rdf": RdfFormat.RDF_XML, ".owl": RdfFormat.RDF_XML, ".xml": RdfFormat.RDF_XML, ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD, ".n3": RdfFormat.N3,
}  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """Data ready to be served.

    release: hash of the data; store: folder of the database; index: file of the full-text index, if there is one; own:
    whether these are relgraph's own data, with its prefixes and keys; counts: what the start page says there is; built:
    when they were made, in seconds since 1970; version: of their ontology, empty where they have none; redirects: retired keys;
    context: the JSON-LD context that comes with the data, as its bytes; close: gives back what was opened.
    """

    release: str
    store: Path
    index: Path | None
    own: bool
    counts: Mapping[str, int]
    built: float
    version: str = ""
    questions: Mapping[str, Question] = field(default_factory=dict)
    redirects: Mapping[str, Redirect] = field(default_factory=dict)
    context: bytes | None = None
    close: Callable[[], None] = lambda: None

    def read(self) -> Store:
        """The database, for reading only."""
        return Store.read_only(str(self.store))


class Source(Protocol):
    """Opens data, and knows when there are others."""

    def changed(self) -> bool:
        """True when `open` would give something else than it gave the last time."""

    def open(self) -> Opened:
        """The data as they are now. Raises UsageError when they cannot be opened."""

    def releases(self) -> Releases | None:
        """The folder of the releases that may be asked for; None where there is nothing but what `open` gives."""

    def open_other(self, release: Release) -> Opened:
        """Another release of that folder. Raises UsageError when it cannot be opened."""


class ReleaseSource:
    """The current release of a folder of releases, or one release."""

    def __init__(self, path: Path, questions: Mapping[str, Question]) -> None:
        self._path = path
        self._questions = questions
        self._last: Path | None = None

    def changed(self) -> bool:
        """True when the link to the current release leads elsewhere."""
        try:
            return open_release(self._path).path != self._last
        except UsageError:
            return False  # between two releases, or gone: what is served stays

    def open(self) -> Opened:
        """The current release."""
        release = open_release(self._path)
        self._last = release.path
        return opened(release, self._questions)

    def releases(self) -> Releases | None:
        """The folder; None where one release is served by itself."""
        return Releases(self._path) if (self._path / "releases").is_dir() else None

    def open_other(self, release: Release) -> Opened:
        """A release of the folder, with the questions of today."""
        return opened(release, self._questions)


def opened(release: Release, questions: Mapping[str, Question]) -> Opened:
    """A release, ready to be served."""
    release.store()  # whether it can be opened is said with a remedy here
    manifest = release.manifest
    counts = manifest.get("counts")
    return Opened(
        release=release.id,
        store=release.path / "store",
        index=_readable(release.index),
        own=True,
        counts=counts if isinstance(counts, dict) else {},
        built=(release.path / "manifest.json").stat().st_mtime,
        version=release.version,
        questions=questions,
        redirects=redirects.read(release.path / "redirects.tsv"),
        context=_bytes(release.path / "context.jsonld") or contexts.rendered({"@context": contexts.of_release(release)}),
    )


def _bytes(file: Path) -> bytes | None:
    """A file that a release may lack."""
    return file.read_bytes() if file.is_file() else None


def _readable(index: Path) -> Path | None:
    """The full-text index, if it can be read; without one, all but the search works."""
    try:
        Index.open(index).close()
    except UsageError as error:
        log.warning("serves without the search: %s", error)
        return None
    return index


class DatasetSource:
    """A file of RDF in any of the usual formats, loaded into a database in a temporary folder."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._format = _ENDINGS.get(file.suffix.lower())
        self._last: tuple[int, int, int] | None = None
        #: Goes with the process, whatever happens to what is in it.
        self._root = tempfile.TemporaryDirectory(prefix="relgraph-")
        if self._format is None:
            raise UsageError(f"{file} has no ending of an RDF file; name it with one of {', '.join(_ENDINGS)}")

    def changed(self) -> bool:
        """True when the file has been written anew."""
        try:
            return self._written() != self._last
        except OSError:
            return False  # gone for a moment: what is served stays

    def open(self) -> Opened:
        """The file as it is now. Raises UsageError with line and column where it cannot be read."""
        folder = Path(tempfile.mkdtemp(dir=self._root.name))
        try:
            self._last = self._written()
            release = self._hash()
            store = Store(str(folder / "store"))
            store.bulk_load(path=str(self._file), format=self._format)
            store.flush()
            store.optimize()
            fulltext.write(store, folder / "search.sqlite")
            triples = len(store)
            del store
        except SyntaxError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise UsageError(f"{self._file}:{error.lineno or 1}: it cannot be read: {error.msg}. Correct it there") from error
        except (OSError, ValueError, RuntimeError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise UsageError(f"{self._file} cannot be loaded: {error}. Check that it exists, and that it is UTF-8") from error
        return Opened(
            release=release,
            store=folder / "store",
            index=folder / "search.sqlite",
            own=False,
            counts={"triples": triples},
            built=self._file.stat().st_mtime,
            close=lambda: shutil.rmtree(folder, ignore_errors=True),
        )

    def releases(self) -> None:
        """None: a file has no releases."""

    def open_other(self, release: Release) -> Opened:
        """Never called, as there are no releases."""
        raise UsageError(f"{self._file} has no releases")

    def _written(self) -> tuple[int, int, int]:
        about = self._file.stat()
        return about.st_mtime_ns, about.st_size, about.st_ino

    def _hash(self) -> str:
        with self._file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
