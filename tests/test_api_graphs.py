"""A query of the project that reads a graph which the data do not have is refused: its empty answer would be taken for a fact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import relgraph
from relgraph import Dataset
from relgraph.api import reading
from relgraph.errors import UsageError
from relgraph.release import Release
from relgraph.vocabulary import ID
from server import Server


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def merged(ds: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """The release as Turtle, which does not name the graphs."""
    with relgraph.open(ds.export("turtle", tmp_path_factory.mktemp("merged") / "merged.ttl")) as opened:
        yield opened


def test_what_would_find_nothing_is_refused_with_what_to_open(merged: Dataset, ds: Dataset) -> None:
    assert len(ds.run("accessions")) > 0
    with pytest.raises(UsageError, match=r"accessions reads the graph graph/reported, which merged\.ttl does not have.*nquads"):
        merged.run("accessions")


def test_every_query_with_a_graph_is_refused_and_every_other_has_the_rows_of_the_release(merged: Dataset, ds: Dataset) -> None:
    refused = []
    for name, question in merged.questions.items():
        try:
            found = question()
        except UsageError as error:
            refused.append(str(error))
        else:
            assert len(found) == len(ds.run(name))
    assert len(refused) > 20
    assert [message for message in refused if "does not have" not in message] == []


@pytest.mark.parametrize("form", ["nquads", "trig"])
def test_exports_with_the_names_of_graphs_answer_as_the_release(form: str, ds: Dataset, tmp_path: Path) -> None:
    with relgraph.open(ds.export(form, tmp_path / f"whole.{'nq' if form == 'nquads' else form}")) as opened:
        assert len(opened.run("accessions")) == len(ds.run("accessions"))


def test_a_free_query_is_answered_as_it_stands(merged: Dataset) -> None:
    assert len(merged.select("SELECT ?s { GRAPH <graph/reported> { ?s ?p ?o } }")) == 0


def test_a_server_of_a_release_answers(release: Release, ds: Dataset, tmp_path: Path) -> None:
    with Server(tmp_path / "log", "--release", release.path) as server, relgraph.open(server.url) as endpoint:
        assert len(endpoint.run("accessions")) == len(ds.run("accessions"))


def test_graphs_are_told_from_other_names() -> None:
    query = """PREFIX g: <urn:> SELECT ?s FROM <urn:a> FROM NAMED g:b {
      GRAPH <graph/reported> { ?s <urn:no> ?o } OPTIONAL { GRAPH g:c { ?s ?p <urn:no> } } GRAPH ?g { ?s a g:no } }"""
    assert reading.whole(query).graphs == {"urn:a", "urn:b", "urn:c", f"{ID}graph/reported"}
