"""Opening data: a release, a file of RDF, or an endpoint, told by what is named."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from relgraph import project as projects
from relgraph.api import backends, passages
from relgraph.api.backends import Backend
from relgraph.api.dataset import LANGUAGES, Dataset
from relgraph.errors import DamageError, UsageError
from relgraph.project import Project
from relgraph.release import Release, open_release
from relgraph.releases import Releases

_NAME_ONE: Final = "Name a release, a project, a file of RDF, or the http address of an endpoint"


def open(
    source: str | Path | None = None, *, language: str = "en", documents: str | Path | None = None, timeout: float = 60.0
) -> Dataset:
    """Opens data to ask.

    source: nothing for the current release of the project around the working directory, else for the data that come with
    relgraph (built once, into a cache folder of the user); the folder of a release, of releases, or of a project; the version of
    a release of the project, its id or the beginning of it (four characters or more), where no file is called so; a file of
    RDF, in the syntax that its name tells; the http(s) address of a SPARQL endpoint. language: of labels, en or ru. documents:
    the folder with the texts of the documents of the project, for passages in explanations and in exported claims; a text that
    is missing, changed or unknown is a warning; a server has its own. timeout: seconds for a whole answer of an endpoint.

    >>> import relgraph
    >>> ds = relgraph.open()
    >>> ds.entity("NATO").label
    'NATO'
    >>> relgraph.open(language="ru").entity("NATO").label
    'НАТО'

    Raises UsageError where there is nothing to open, InputError for a file that is not valid RDF, and for texts that are not
    those of the documents.
    """
    if language not in LANGUAGES:
        raise UsageError(f"there are no labels in {language!r}; choose {' or '.join(LANGUAGES)}")
    if source == "":
        raise UsageError(f"an empty name is given. {_NAME_ONE}, or nothing for the data of the project")
    project = projects.find()
    is_own = project.root in (Path.cwd(), *Path.cwd().parents)
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        from relgraph.api.endpoint import Endpoint

        if documents is not None:
            raise UsageError(f"{source} is an endpoint, whose server has its own documents. Leave documents out")
        return Dataset(Endpoint(source, timeout), project, language)
    try:
        is_there = source is None or Path(source).exists()
    except OSError as error:  # a name that no file can have
        raise UsageError(f"{str(source)[:80]!r} cannot be opened: {error.strerror}. {_NAME_ONE}") from error
    if not is_there:
        return Dataset(_called(str(source), project, documents), project, language)
    if source is not None and (Path(source) / "data" / "documents.ttl").is_file():
        project, is_own, source = projects.find(Path(source)), True, None
    return Dataset(_local(None if source is None else Path(source), project, is_own, documents), project, language)


def _local(path: Path | None, project: Project, is_own: bool, documents: str | Path | None) -> Backend:
    """What is on this machine; is_own: the project is the user's, and not the one that comes with relgraph."""
    texts = {} if documents is None else passages.texts(project, documents, 3)
    if path is not None and path.is_file():
        return backends.of_file(path, texts)
    release = _release(path or project.releases, project) if path is not None or is_own else _packaged(project)
    return backends.of_release(release, texts)


def _called(name: str, project: Project, documents: str | Path | None) -> Backend:
    """A release of the project by its name, version, id or the beginning of it, as the command line finds it."""
    releases = Releases(project.releases)
    found = releases.matching(name)
    if found is None:
        unknown = releases.unknown(name, f"in {project.releases}")
        raise UsageError(f"there is no file or folder {name[:80]!r}, and {unknown}. {_NAME_ONE}")
    return backends.of_release(found, {} if documents is None else passages.texts(project, documents, 3))


def _release(path: Path, project: Project) -> Release:
    try:
        return open_release(path)
    except DamageError:
        raise
    except UsageError as error:
        missing = f"there is no release in the folder {path.resolve()}"
        if path == project.releases:
            raise UsageError(f"{missing}: run `relgraph build` in {project.root}") from error
        raise UsageError(f"{missing}. {_NAME_ONE}") from error


def _packaged(project: Project) -> Release:
    """The current release of the project that comes with relgraph, built where there is none."""
    try:
        return open_release(project.releases)
    except UsageError:
        from relgraph import build

        return build.write(build.assemble(project, None, lambda stage: None), project.releases)
