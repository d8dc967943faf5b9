"""Fixtures: the mini project for single rules, the real project for what is released."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import settings

from mini import Mini
from relgraph import build, ontology
from relgraph import release as releases
from relgraph.build import Built
from relgraph.ontology import Schema
from relgraph.project import Project
from relgraph.release import Release
from relgraph.vocabulary import DEFAULT_GRAPHS

# how long an example takes is not what the tests are about
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
DOCUMENTS = os.environ.get("RELGRAPH_DOCUMENTS")
#: Each worker takes up to 1 GB, with the servers that its tests start, and the longest file of tests is never divided.
MOST_WORKERS = 8


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """A worker for every processor that may be used; on a machine with one, none: tests run in the process that was started.
    PYTEST_XDIST_AUTO_NUM_WORKERS asks for another number."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_WORKERS) if usable > 1 else 0


def pytest_configure(config: pytest.Config) -> None:
    """Takes out of the environment, where tests run, the folder of documents, so that commands see only those that they are
    given, and the size of the terminal, which workers have from the process that leads them. That one leaves all as it is."""
    if config.getoption("dist", "no") == "no":
        for name in ("RELGRAPH_DOCUMENTS", "COLUMNS", "LINES"):
            os.environ.pop(name, None)


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    """The mini project; change it, then write() it."""
    return Mini(tmp_path / "mini")


@pytest.fixture(scope="session")
def project() -> Project:
    """The real project."""
    return Project(ROOT)


@pytest.fixture(scope="session")
def schema(project: Project) -> Schema:
    """The ontology as a schema."""
    return ontology.load(project.ontology, []).schema


@pytest.fixture(scope="session")
def built(project: Project) -> Built:
    """What a build of the real project gives."""
    return build.assemble(project, None, lambda stage: None)


@pytest.fixture(scope="session")
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the real project, not to be changed: workers share the one that the first of them writes."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # of all workers
    with (folder / "release.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "release" / "current").exists():
            return releases.open_release(folder / "release")
        return build.write(request.getfixturevalue("built"), folder / "release")


@pytest.fixture(scope="session")
def store(release: Release) -> ox.Store:
    """The snapshot of that release."""
    return release.store()


@pytest.fixture(scope="session")
def dataset(release: Release) -> rdflib.Dataset:
    """The release in rdflib, with the union that is the default graph."""
    dataset = rdflib.Dataset()
    dataset.parse(release.path / "dataset.nq", format="nquads")
    for graph in DEFAULT_GRAPHS:
        for triple in dataset.graph(rdflib.URIRef(graph.value)):
            dataset.default_graph.add(triple)
    return dataset


@pytest.fixture(scope="session")
def documents_folder() -> Path:
    """The folder of the real source documents; where RELGRAPH_DOCUMENTS names none, the test is skipped, but not in CI."""
    if DOCUMENTS and Path(DOCUMENTS).is_dir():
        return Path(DOCUMENTS)
    if os.environ.get("CI"):
        pytest.fail("RELGRAPH_DOCUMENTS names no folder; in CI the source documents must be at hand")
    pytest.skip("the source documents are not at hand: set RELGRAPH_DOCUMENTS to their folder")


@pytest.fixture(scope="session")
def shared_questions() -> Path:
    """The folder of the competency questions as they were set: RELGRAPH_COMPETENCY, else the one beside the repository;
    where there is none, the test is skipped, but not in CI."""
    folder = Path(os.environ.get("RELGRAPH_COMPETENCY") or ROOT.parent / "shared" / "competency")
    if any(folder.glob("*.jsonl")):
        return folder
    if os.environ.get("CI"):
        pytest.fail("RELGRAPH_COMPETENCY names no folder with questions; in CI the competency questions must be at hand")
    pytest.skip("the competency questions are not at hand: set RELGRAPH_COMPETENCY to their folder")
