"""Opening and closing: what is named is opened, or it is said in words for Python why not; what is closed stays closed."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import relgraph
from mini import Mini
from relgraph import Dataset, build
from relgraph.errors import InputError, UsageError
from relgraph.project import Project
from relgraph.release import Release

CALLS: dict[str, Callable[[Dataset], Any]] = {
    "query": lambda ds: ds.query("ASK {}"),
    "entity": lambda ds: ds.entity("NATO"),
    "timeline": lambda ds: ds.timeline(),
    "why": lambda ds: ds.why("Russia", "rg:partnerOf", "Partnership for Peace"),
    "validate": lambda ds: ds.validate(),
    "to_networkx": lambda ds: ds.to_networkx(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nothing_can_be_asked_of_what_is_closed(call: Callable[[Dataset], Any], release: Release) -> None:
    with relgraph.open(release.path) as ds:
        pass
    with pytest.raises(UsageError, match=r"is closed. Open it again with relgraph\.open"):
        call(ds)


def test_nothing_is_written_of_what_is_closed(release: Release, tmp_path: Path) -> None:
    with relgraph.open(release.path) as ds:
        pass
    with pytest.raises(UsageError, match="is closed"):
        ds.export("nquads", tmp_path / "release.nq")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_release_is_told_without_options_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for source in (".", tmp_path):
        with pytest.raises(UsageError) as caught:
            relgraph.open(source)
        assert str(tmp_path) in str(caught.value)
        assert "Name a release, a project, a file of RDF" in str(caught.value)
        assert "--" not in str(caught.value)
    with pytest.raises(UsageError, match="an empty name is given"):
        relgraph.open("")


def test_a_project_that_is_not_built_is_told_where_to_build_it(mini: Mini) -> None:
    root = mini.write().resolve()
    with pytest.raises(UsageError) as caught:
        relgraph.open(root)
    assert str(caught.value).endswith(f"run `relgraph build` in {root}")


def test_documents_are_read_for_a_file_too(mini: Mini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(mini.write())
    release = build.write(build.assemble(project, None, lambda stage: None), tmp_path / "out")
    monkeypatch.chdir(mini.root)
    with relgraph.open(release.path / "dataset.nq", documents=mini.texts) as ds:
        why = ds.why("event/visit-stone", "rg:visitor", "Ada Stone")
    assert why.record["claims"][0]["evidence"]["passage"] == "Minister Ada Stone visits Alba."
    for wrong in ("/nowhere/at/all", tmp_path / "out"):
        with pytest.raises(InputError):
            relgraph.open(release.path / "dataset.nq", documents=wrong)


def test_documents_are_not_for_an_endpoint(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="whose server has its own documents"):
        relgraph.open("http://127.0.0.1:9/sparql", documents=tmp_path)


@pytest.mark.parametrize("send", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_dataset_stays_in_its_process(send: Callable[[object], object], release: Release) -> None:
    with relgraph.open(release.path) as ds, pytest.raises(UsageError, match=r"cannot be pickled.*Open it there"):
        send(ds)


def test_an_entity_is_copied_but_not_sent(release: Release) -> None:
    with relgraph.open(release.path) as ds:
        nato = ds.entity("NATO")
        assert copy.copy(nato).label == copy.deepcopy([nato])[0].label == "NATO"
        with pytest.raises(UsageError, match="the resource of an entity"):
            pickle.dumps(nato)
        assert pickle.loads(pickle.dumps(nato.resource)) == nato.resource
