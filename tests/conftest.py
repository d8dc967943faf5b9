"""Fixtures: the mini project for single rules, the real project for what is released."""

from __future__ import annotations

import os
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import settings

from mini import Mini
from relgraph import build, ontology
from relgraph.build import Built
from relgraph.ontology import Schema
from relgraph.project import Project
from relgraph.release import Release
from relgraph.vocabulary import DEFAULT_GRAPHS

# how long an example takes is not what the tests are about
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
#: Taken out of the environment, so that the commands that tests run see only the documents that they are given.
DOCUMENTS = os.environ.pop("RELGRAPH_DOCUMENTS", None)


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
def release(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the real project."""
    return build.write(built, tmp_path_factory.mktemp("releases"))


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
