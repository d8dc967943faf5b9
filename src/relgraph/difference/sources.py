"""What can be compared: a release, a revision of the project or the project itself, an RDF file; found by its name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat

from relgraph import build, rdf
from relgraph.difference import revisions
from relgraph.difference.canonical import Canonical, canonical, relabelled
from relgraph.errors import InputError, Problem, UsageError, raise_if_any
from relgraph.project import Project
from relgraph.release import Release, open_release
from relgraph.releases import Releases
from relgraph.vocabulary import ID, ONTOLOGY_GRAPH

_RELEASE = re.compile(r"([\w.+]+-)?[0-9a-f]{4,64}(\.\d+)?")
_FILES = ("shapes/*.ttl", "verify/*.rq", "alignments.*")
_NOT_TOLD = re.compile(r"ontology/(shapes/|verify/|alignments)")


@dataclass(frozen=True)
class Side:
    """One of the two that are compared.

    name: as it was given; kind: release, revision, project or file; id: release id, commit, or SHA-256 of the file ("" for
    a project); data: its dataset; shapes, checks: shapes graph, and text by file name of the whole-graph checks, None
    where it carries none; files: SHA-256 by path of what belongs to the ontology and is in no graph, None where that is
    not known; notes: what a reader should know of it.
    """

    name: str
    kind: str
    id: str
    data: Canonical
    shapes: Canonical | None = None
    checks: Mapping[str, str] | None = None
    files: Mapping[str, str] | None = None
    notes: tuple[str, ...] = ()


def find(name: str, project: Project) -> Side:
    """The side that a name stands for; `release:`, `rev:` and `file:` before it say which kind is meant.

    Without one it may be a path (of a release, of an output folder, of a project, of a file), the beginning of a
    release's id (at least 4 characters) in the releases of the project, or a revision of its repository.
    Raises UsageError when it is none or several of these, InputError with all that is wrong in what it names.
    """
    kind, separator, rest = name.partition(":")
    if separator and kind in ("release", "rev", "file"):
        if kind == "rev":
            return _revision(name, project, revisions.commit(project.root, rest))
        if kind == "release":
            path = Path(rest) if _is_release(Path(rest)) else _release_by_id(rest, project)
            if path is None:
                raise UsageError(f"there is no release {rest!r}, as a folder or in {project.releases / 'releases'}")
            return _release(name, open_release(path))
        return _file(name, Path(rest))
    return _found(name, project)


def _found(name: str, project: Project) -> Side:
    path = Path(name)
    begun = None if path.exists() and name.startswith((".", "/")) else _release_by_id(name, project)
    reason = ""
    revision = None
    if not (path.exists() and name.startswith((".", "/"))):
        try:
            revision = revisions.commit(project.root, name)
        except UsageError as error:
            reason = str(error)
    kinds = {
        f"a path (write {'./' if not path.is_absolute() else ''}{name})": path.exists(),
        f"a release (write release:{name})": begun is not None,
        f"a revision (write rev:{name})": revision is not None,
    }
    meant = [text for text, found in kinds.items() if found]
    if len(meant) > 1:
        raise UsageError(f"{name!r} is ambiguous: it is {' and '.join(meant)}")
    if revision is not None:
        return _revision(name, project, revision)
    if begun is not None:
        return _release(name, open_release(begun))
    if path.is_file():
        return _file(name, path)
    if _is_release(path):
        return _release(name, open_release(path))
    if (path / "data" / "documents.ttl").is_file():
        chosen = Project(path.resolve())
        return _project(name, "project", "", chosen, (), build.assemble(chosen, None, lambda stage: None).quads)
    if path.is_dir():
        raise UsageError(f"the folder {name} holds neither a release (manifest.json) nor a project (data/documents.ttl)")
    raise UsageError(f"{name!r} is no file, no folder, and not the beginning of a release's id; and {reason}")


def _is_release(path: Path) -> bool:
    return any((folder / "manifest.json").is_file() for folder in (path, path / "current"))


def _release_by_id(beginning: str, project: Project) -> Path | None:
    if not _RELEASE.fullmatch(beginning):
        return None
    found = Releases(project.releases).matching(beginning)
    return found.path if found else None


def _release(name: str, release: Release) -> Side:
    problems: list[Problem] = []
    quads = rdf.read(release.path / "dataset.nq", problems, RdfFormat.N_QUADS)
    raise_if_any(problems)
    inputs = release.manifest.get("inputs")
    files = {path: str(digest) for path, digest in inputs.items() if _NOT_TOLD.match(path)} if isinstance(inputs, dict) else None
    return Side(name, "release", release.id, canonical(quads, name), files=files)


def _revision(name: str, project: Project, commit: str) -> Side:
    with revisions.checked_out(project.root, commit) as root:
        try:
            return _project(name, "revision", commit, Project(root), ("a revision is compared by its committed graph",))
        except InputError as error:
            problems = (Problem(p.where.replace(f"{root}/", f"{commit[:12]}:"), p.what, p.remedy) for p in error.problems)
            raise InputError(problems) from error


def _project(
    name: str, kind: str, identity: str, project: Project, notes: tuple[str, ...], assembled: Sequence[Quad] | None = None
) -> Side:
    """A project's graph with its ontology, and its shapes and checks. assembled: the graph as a build makes it of the
    decisions; without it the committed graph is read."""
    problems: list[Problem] = []
    graphs = sorted(project.graph.glob("*.ttl"))
    sources = [(path, NamedNode(f"{ID}graph/{path.stem}")) for path in graphs]
    sources.append((project.ontology / "relgraph.ttl", ONTOLOGY_GRAPH))
    quads = _read(sources, problems) if assembled is None else list(assembled)
    shapes = _read([(path, None) for path in sorted(project.ontology.glob("shapes/*.ttl"))], problems)
    checks = {path.name: rdf.read_text(path, problems) or "" for path in sorted(project.ontology.glob("verify/*.rq"))}
    raise_if_any(problems)
    if not graphs and assembled is None:
        notes = ("it has no committed graph in data/graph, so that only the ontology is compared",)
    files = {
        f"ontology/{path.relative_to(project.ontology).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
        for pattern in _FILES
        for path in sorted(project.ontology.glob(pattern))
    }
    held, shown = canonical(quads, name), canonical(shapes, f"{name} (shapes)")
    return Side(name, kind, identity, held, shown, checks, files, notes)


def _read(sources: Iterable[tuple[Path, NamedNode | None]], problems: list[Problem]) -> list[Quad]:
    """The quads of Turtle files, in a graph where one is given; labels of blank nodes stay apart by file."""
    quads: list[Quad] = []
    for number, (path, graph) in enumerate(sources):
        triples = rdf.read_turtle(path, problems)
        found = rdf.in_graph(triples, graph) if graph is not None else [Quad(*triple) for triple in triples]
        quads += relabelled(found, lambda label, n=number: f"f{n}-{label}")  # type: ignore[misc]
    return quads


def _file(name: str, path: Path) -> Side:
    if path.is_dir():
        raise UsageError(f"{path} is a folder, and file: names a file")
    problems: list[Problem] = []
    quads = rdf.read(path, problems)
    raise_if_any(problems)
    return Side(name, "file", hashlib.sha256(path.read_bytes()).hexdigest(), canonical(quads, name))
