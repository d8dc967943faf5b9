"""What validate works on: RDF files with shapes, or the project; validated, placed, with passages."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyoxigraph import Quad, RdfFormat

from relgraph import build as pipeline
from relgraph import datafiles, locating, rdf
from relgraph.build import Built
from relgraph.cli.terminal import is_around, progress, project, texts
from relgraph.datafiles import DataFile
from relgraph.errors import Problem, UsageError, raise_if_any
from relgraph.findings import Report, ordered
from relgraph.project import Project, find
from relgraph.validation import Engine, Shapes, VerifyCheck, load_checks, load_shapes, validate
from relgraph.vocabulary import DEFAULT_GRAPHS, RDF

#: How standard input is named among files.
STDIN: Final = Path("-")
#: Bytes of a file of XML in which the namespace of RDF is looked for.
_HEAD: Final = 4096
#: How the files of a project end.
_SOURCES: Final = frozenset([*rdf.FILE_SYNTAXES, ".jsonl", ".rq", ".csv", ".tsv"]) - {".xml"}


@dataclass(frozen=True)
class Request:
    """What is asked for: the arguments of the command."""

    files: tuple[Path, ...]
    shapes: tuple[Path, ...]
    verify: Path | None
    engine: Engine
    syntax: RdfFormat | None
    documents: Path | None
    project_folder: Path | None


@dataclass(frozen=True)
class Validated:
    """A report and what it is about: the shapes, the quads, where findings can be placed, and the project, if any."""

    report: Report
    shapes: Shapes
    quads: Sequence[Quad]
    files: Callable[[], Sequence[DataFile]]
    places: Mapping[str, str]


def validated(request: Request) -> Validated:
    """Reads and validates what is asked for. Raises UsageError and InputError for what cannot be read."""
    with progress() as stage:
        done = _of_files(request, stage) if request.files else _of_project(request, stage)
        stage("locating")
        report = _placed(done.report, done.files, done.places, done.quads)
        if request.documents and any(finding.passages for finding in report.findings):
            at_hand = texts(request.documents, project(request.project_folder))
            report = replace(report, findings=locating.with_passages(report.findings, done.quads, at_hand))
    return replace(done, report=report)


def report_of(built: Built, chosen: Project) -> Report:
    """The report of a build, with places and passages."""
    placed = _placed(built.report, lambda: _project_files(chosen), built.places, built.quads)
    return replace(placed, notes=_few(placed.notes, chosen))


def _placed(report: Report, files: Callable[[], Sequence[DataFile]], places: Mapping[str, str], quads: Sequence[Quad]) -> Report:
    findings = locating.located(report.findings, files, places, quads)
    return replace(report, findings=locating.with_passages(findings, quads, {}))


def _of_files(request: Request, stage: pipeline.Progress) -> Validated:
    """RDF files by themselves; with the shapes of the project, its ontology and schemes are added, which these build on."""
    problems: list[Problem] = []
    stage("reading")
    read = [_read(path, request.syntax, problems) for path in expanded(request.files)]
    chosen = None if request.shapes else project(request.project_folder)
    if chosen:
        read += [datafiles.read_file(path, problems) for path in sorted(chosen.ontology.glob("*.ttl"))]
    shapes = _shapes(request.shapes or (_own_shapes(chosen),), problems)
    checks = _checks(request.verify, problems)
    raise_if_any(problems)
    files = datafiles.told_apart(read)
    quads = [quad for file in files for quad in file.quads]
    stage("validating")
    report = validate(quads, shapes, checks, request.engine)
    if chosen:
        report = replace(report, notes=_few(report.notes, chosen))
    if not any(file.quads for file in files[: len(expanded(request.files))]):
        report = replace(report, notes=(*report.notes, "there is no triple in the data"))
    return Validated(report, shapes, quads, lambda: files, {})


def _few(notes: Sequence[str], chosen: Project) -> tuple[str, ...]:
    """The notes, with one for all those on the project's own shapes: data need not have something for each of them."""
    folder = f"{chosen.ontology}{os.sep}"
    own = sum(note.startswith(folder) for note in notes)
    others = tuple(note for note in notes if not note.startswith(folder))
    return (*others, f"{own} targets of the project's shapes have nothing in these data") if own else others


def _of_project(request: Request, stage: pipeline.Progress) -> Validated:
    """The project, assembled; other shapes, checks or engines than its own are run on what was assembled."""
    chosen = find(request.project_folder)
    if request.project_folder is None and not is_around(chosen):
        # to validate what comes with relgraph would say that all is well, of something else than what lies here
        raise UsageError("there is no relgraph project here. Name RDF files and their --shapes, or the --project")
    built = pipeline.assemble(chosen, request.documents, stage)
    problems: list[Problem] = []
    shapes = _shapes(request.shapes or (_own_shapes(chosen),), problems)
    checks = _checks(request.verify or (None if request.shapes else chosen.ontology / "verify"), problems)
    raise_if_any(problems)
    report = built.report
    if request.shapes or request.verify or request.engine is not Engine.AUTO:
        stage("validating")
        report = validate(built.quads, shapes, checks, request.engine, DEFAULT_GRAPHS)
        own = [finding for finding in built.report.findings if finding.axiom]
        axioms = tuple(check for check in built.report.checks if check.kind == "axiom")
        report = Report(ordered([*report.findings, *own]), (*report.checks, *axioms), report.notes)
    report = replace(report, notes=_few(report.notes, chosen))
    return Validated(report, shapes, built.quads, lambda: _project_files(chosen), built.places)


def _project_files(chosen: Project) -> list[DataFile]:
    """The Turtle files of a project in which something can be at fault."""
    folders = (chosen.entities, chosen.ontology, chosen.ontology / "shapes")
    paths = [chosen.documents, *(path for folder in folders for path in sorted(folder.glob("*.ttl")))]
    return [datafiles.read_file(path, []) for path in paths]


def _own_shapes(chosen: Project | None) -> Path:
    return chosen.ontology / "shapes" if chosen else Path()


def _shapes(paths: Sequence[Path], problems: list[Problem]) -> Shapes:
    for path in paths:
        if path.is_fifo():
            raise UsageError(f"{path} is a pipe, and shapes are read twice: give a file")
        if path.is_dir() and not any(path.glob("*.ttl")):
            raise UsageError(f"there are no shapes (*.ttl) in {path}")
    known = len(problems)
    loaded = load_shapes(paths, problems)
    if len(problems) == known and not loaded.nodes:
        raise UsageError(f"there is no shape in {', '.join(map(str, paths))}. Are data and shapes exchanged?")
    return loaded


def _checks(folder: Path | None, problems: list[Problem]) -> list[VerifyCheck]:
    if folder is None:
        return []
    checks = load_checks(folder, problems)
    if not checks and not problems:
        raise UsageError(f"there are no whole-graph checks (*.rq) in {folder}")
    return checks


def _read(path: Path, syntax: RdfFormat | None, problems: list[Problem]) -> DataFile:
    if path == STDIN and syntax:
        if sys.stdin is None:
            raise UsageError("standard input is closed: give files, or something to read")
        return datafiles.read_bytes("<stdin>", sys.stdin.buffer.read(), syntax, problems)
    return datafiles.read_file(path, problems, None if path.suffix.lower() in rdf.FILE_SYNTAXES else syntax)


def expanded(paths: Sequence[Path]) -> list[Path]:
    """The files, each once, and for a folder the RDF files below it. Raises UsageError for a folder without any."""
    found: dict[Path, Path] = {}
    for path in paths:
        if path != STDIN and path.is_dir():
            inside = [
                file
                for file in sorted(path.rglob("*"))
                if file.suffix.lower() in rdf.FILE_SYNTAXES
                and file.is_file()
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
                and (file.suffix.lower() != ".xml" or _is_rdf_xml(file))
            ]
            if not inside:
                raise UsageError(f"there is no RDF file in {path}; such files end with {', '.join(rdf.FILE_SYNTAXES)}")
            found |= {file.resolve(): file for file in inside if file.resolve() not in found}
        else:
            found.setdefault(path.resolve() if path != STDIN else path, path)
    return list(found.values())


def _is_rdf_xml(file: Path) -> bool:
    """Whether a file of XML has the namespace of RDF near its beginning: reports of tests, for one, are XML too."""
    with file.open("rb") as opened:
        return RDF.encode() in opened.read(_HEAD)


def inputs(request: Request) -> list[Path]:
    """Every file that a validation reads, but standard input: of folders the files in them, of a project all of its own."""
    found = [path for path in expanded(request.files) if path != STDIN]
    found += [file for path in request.shapes for file in (path.glob("*.ttl") if path.is_dir() else [path])]
    folders = [request.verify, request.documents]
    if not request.files or not request.shapes:
        chosen = project(request.project_folder)
        found += files_of(chosen)
    found += [file for folder in folders if folder for file in folder.rglob("*") if file.is_file()]
    return found


def files_of(chosen: Project) -> list[Path]:
    """The files of a project that its graph, its shapes and its checks are made from."""
    folders = (chosen.ontology, chosen.root / "data")
    return [file for folder in folders for file in folder.rglob("*") if file.suffix.lower() in _SOURCES and file.is_file()]


def watched(request: Request, baseline: Path | None) -> list[Path]:
    """The files and folders that a validation depends on."""
    paths = [*request.files, *request.shapes, *([request.verify] if request.verify else []), *([baseline] if baseline else [])]
    if not request.files or not request.shapes:
        chosen = project(request.project_folder)
        paths += [chosen.ontology, *([] if request.files else [chosen.root / "data"])]
    return paths
