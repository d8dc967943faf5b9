"""A project: a folder with data/, and possibly its own ontology/ and queries/."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from relgraph import __version__
from relgraph.errors import UsageError

_MARK = Path("data") / "documents.ttl"


@dataclass(frozen=True)
class Project:
    """The folders of a project; what the project does not have itself comes with the installed package."""

    root: Path

    def _folder(self, name: str) -> Path:
        own = self.root / name
        return own if own.is_dir() else _packaged() / name

    @property
    def ontology(self) -> Path:
        """relgraph.ttl, schemes.ttl, shapes/ and verify/."""
        return self._folder("ontology")

    @property
    def lint(self) -> Path:
        """The checks of ontologies (*.rq): the project's own, else those that come with the package."""
        own = self.ontology / "lint"
        return own if own.is_dir() else _packaged() / "ontology" / "lint"

    @property
    def queries(self) -> Path:
        """The *.rq files, their expected/ results, and competency/ with those that serve one question each."""
        return self._folder("queries")

    @property
    def competency(self) -> Path:
        """The competency questions (JSON lines), their expected/ rows, and unused-terms.tsv."""
        return self.root / "competency"

    @property
    def documents(self) -> Path:
        """The register of documents (Turtle)."""
        return self.root / "data" / "documents.ttl"

    @property
    def entities(self) -> Path:
        """The folder of entity files (Turtle)."""
        return self.root / "data" / "entities"

    @property
    def statements(self) -> Path:
        """The folder of decisions (JSON lines)."""
        return self.root / "data" / "statements"

    @property
    def redirects(self) -> Path:
        """The table of retired keys (relgraph.redirects)."""
        return self.root / "data" / "redirects.tsv"

    @property
    def context(self) -> Path:
        """The JSON-LD context."""
        return self.ontology / "context.jsonld"

    @property
    def licence(self) -> Path:
        """The licence of the data, which a project may lack."""
        return self.root / "LICENSE-data.md"

    @property
    def releases(self) -> Path:
        """The folder of releases: build/ in a project folder, a cache folder of the user for the installed package."""
        if self.root.is_relative_to(Path(__file__).parent):
            return user_cache_path("relgraph") / __version__
        return self.root / "build"

    @property
    def graph(self) -> Path:
        """The folder of the committed built graph (Turtle)."""
        return self.root / "data" / "graph"


def find(explicit: Path | None = None) -> Project:
    """The project to work on: the folder given, else the nearest one around the working directory, else the package's.

    Raises UsageError when the folder given is not a project.
    """
    if explicit is not None:
        if not (explicit / _MARK).is_file():
            raise UsageError(f"{explicit} is not a relgraph project: it has no {_MARK}. Name a folder that has one")
        return Project(explicit.resolve())
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / _MARK).is_file():
            return Project(folder)
    return Project(_packaged())


def _packaged() -> Path:
    """The project that comes with the package: inside it when installed, around it in a source checkout."""
    inside = Path(__file__).parent / "project"
    return inside if inside.is_dir() else Path(__file__).parents[2]
