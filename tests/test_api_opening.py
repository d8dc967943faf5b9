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
        with pytest.raises(UsageError, match=r"org/nato belongs to a dataset.*Send its \.resource"):
            pickle.dumps(nato)
        assert pickle.loads(pickle.dumps(nato.resource)) == nato.resource


def test_a_release_of_the_project_is_opened_by_version_id_or_the_beginning_of_it(
    mini: Mini, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(mini.write())
    release = build.write(build.assemble(project, None, lambda stage: None), project.releases)
    monkeypatch.chdir(mini.root)
    for name in (release.id, release.id[:12], release.id[:4], release.version, release.path.name, "current"):
        with relgraph.open(name) as ds:
            assert ds.release == release.id
    with pytest.raises(UsageError, match=rf"there is no release '....0000' in .*; there are: .*{release.id[:12]}\. Name"):
        relgraph.open("ffff0000" if not release.id.startswith("ffff") else "eeee0000")
    with pytest.raises(UsageError, match="there is no file or folder"):
        relgraph.open(release.id[:3])
    with pytest.raises(UsageError, match=r"cannot be opened: File name too long\. Name a release"):
        relgraph.open("x" * 5000)
    (mini.root / release.id[:12]).mkdir()
    with pytest.raises(UsageError, match="there is no release in the folder"):
        relgraph.open(release.id[:12])


def test_a_document_is_found_by_its_id_as_queries_take_it(release: Release, tmp_path: Path) -> None:
    with relgraph.open(release.path) as ds:
        assert ds.entity("004") == ds.entity("document/004") == ds.entity(ds.entity("004").resource)
        with pytest.raises(UsageError, match="there is no '099' in these data"):
            ds.entity("099")
    data = tmp_path / "data.ttl"
    data.write_text(
        """@prefix rg: <https://w3id.org/relgraph/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <https://w3id.org/relgraph/id/document/7> a rg:Document . <https://w3id.org/relgraph/id/document/G7> a rg:Document .
        <urn:group> a rg:Group ; skos:prefLabel "G7"@en .""",
        "utf-8",
    )
    with relgraph.open(data) as ds:
        assert (ds.entity(" 7 ").key, ds.entity("G7").key) == ("document/7", "urn:group")
