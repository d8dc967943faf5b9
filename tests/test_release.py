"""Releases: reproducible, side by side, switched in one step."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Store, parse

from mini import Mini
from relgraph import build, rdf, release
from relgraph.build import Built
from relgraph.errors import UsageError
from relgraph.findings import Finding, Report
from relgraph.project import Project
from relgraph.release import Release
from relgraph.vocabulary import ONTOLOGY_GRAPH


def assemble(mini: Mini) -> Built:
    return build.assemble(Project(mini.write()), None, lambda stage: None)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "store" not in path.relative_to(folder).parts
    }


def test_a_release_has_its_parts_and_a_true_manifest(release: Release) -> None:
    contents = files(release.path)
    assert set(contents) == {
        "dataset.nq", "manifest.json", "report.json", "search.sqlite", "catalogue.ttl", "context.jsonld", "redirects.tsv",
        "LICENSE-data.md", "SHA256SUMS",
        "graph/asserted.ttl", "graph/inferred.ttl", "graph/provenance.ttl", "graph/reported.ttl",
    }  # fmt: skip
    manifest = json.loads(contents["manifest.json"])
    assert manifest["release"] == hashlib.sha256(contents["dataset.nq"]).hexdigest()
    assert release.path.name == f"{manifest['version']}-{manifest['release']}"
    for name, about in manifest["files"].items():
        assert about == {"bytes": len(contents[name]), "sha256": hashlib.sha256(contents[name]).hexdigest()}
    root = Path(__file__).parents[1]
    for name, digest in manifest["inputs"].items():
        assert hashlib.sha256((root / name).read_bytes()).hexdigest() == digest
    assert {"data/documents.ttl", "ontology/relgraph.ttl", "data/statements/004.jsonl"} <= manifest["inputs"].keys()


def test_the_snapshot_holds_what_the_dataset_holds(release: Release) -> None:
    dataset = set(parse(path=str(release.path / "dataset.nq"), format=RdfFormat.N_QUADS))
    named = {quad for quad in release.store() if str(quad.graph_name) != "DEFAULT"}
    assert named == dataset


def test_a_rebuild_gives_the_same_bytes_under_any_hash_seed(release: Release, tmp_path: Path) -> None:
    """Those of this process, which draws its own, among them."""
    root = Path(__file__).parents[1]
    found = [files(release.path)]
    for seed in ("0", "4711"):
        out = tmp_path / seed
        command = [sys.executable, "-m", "relgraph", "build", "--project", str(root), "--out", str(out)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed})
        found.append(files((out / "current").resolve()))
    assert found[0] == found[1] == found[2]


def test_the_committed_graph_equals_a_rebuild(built: Built, project: Project) -> None:
    assert build.stale_graph_files(built, project) == []


def test_a_committed_graph_that_differs_is_named(mini: Mini) -> None:
    built = assemble(mini)
    project = Project(mini.root)
    build.update_graph_files(built, project)
    assert build.stale_graph_files(built, project) == []
    (project.graph / "asserted.ttl").write_bytes(b"")
    (project.graph / "stray.ttl").write_bytes(b"")
    assert build.stale_graph_files(built, project) == ["asserted.ttl", "stray.ttl"]
    build.update_graph_files(built, project)
    assert build.stale_graph_files(built, project) == []


def test_the_committed_turtle_is_the_dataset(built: Built) -> None:
    for name, content in built.turtle_files().items():
        triples = {quad.triple for quad in parse(content, format=RdfFormat.TURTLE)}
        graph = f"https://w3id.org/relgraph/id/graph/{Path(name).stem}"
        assert triples == {q.triple for q in built.quads if str(q.graph_name) == f"<{graph}>"}
        assert b"_:" not in content


def test_data_hold_no_blank_nodes(built: Built) -> None:
    for quad in built.quads:
        if quad.graph_name != ONTOLOGY_GRAPH:
            assert not isinstance(quad.subject, BlankNode)
            assert not isinstance(quad.object, BlankNode)


def test_rdflib_reads_every_turtle_file_of_a_release(release: Release) -> None:
    for path in (release.path / "graph").glob("*.ttl"):
        assert len(rdflib.Graph().parse(path)) == len(list(parse(path=str(path))))


def test_the_same_inputs_make_no_second_release(mini: Mini, tmp_path: Path) -> None:
    built = assemble(mini)
    first, second = build.write(built, tmp_path), build.write(built, tmp_path)
    assert first == second
    assert len(list((tmp_path / "releases").iterdir())) == 1


def test_the_same_data_with_another_report_stand_beside(mini: Mini, tmp_path: Path) -> None:
    built = assemble(mini)
    first = build.write(built, tmp_path)
    finding = Finding("check", NamedNode("http://www.w3.org/ns/shacl#Warning"), NamedNode("https://e.org/"), {"en": "x"})
    second = build.write(replace(built, report=Report((finding,))), tmp_path)
    assert first.id == second.id
    assert second.path.name == f"{first.path.name}.2"
    assert release.open_release(tmp_path).path == second.path.resolve()


@pytest.mark.parametrize("damage", ["store", "dataset.nq", "manifest.json"])
def test_a_damaged_release_is_refused_and_built_anew_beside_it(mini: Mini, tmp_path: Path, damage: str) -> None:
    built = assemble(mini)
    first = build.write(built, tmp_path)
    assert first.is_intact()
    if damage == "store":
        shutil.rmtree(first.path / damage)
        (first.path / damage).mkdir()
        with pytest.raises(UsageError, match="relgraph build"):
            release.open_release(tmp_path).store()
    else:
        (first.path / damage).write_bytes((first.path / damage).read_bytes()[:-5])
    assert not first.is_intact()
    second = build.write(built, tmp_path)
    assert second.path != first.path
    assert second.is_intact()
    assert release.open_release(tmp_path).path == second.path.resolve()


def test_a_folder_in_place_of_the_link_is_named(mini: Mini, tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        build.write(assemble(mini), tmp_path)


def test_editors_files_are_no_inputs(mini: Mini) -> None:
    inputs = assemble(mini).inputs
    assert inputs
    assert all(Path(name).suffix in (".ttl", ".tsv", ".rq", ".jsonl", ".jsonld") for name in inputs)


def test_an_error_before_the_switch_leaves_the_previous_release(
    mini: Mini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build.write(assemble(mini), tmp_path)
    mini.rows["901"].pop()

    def fail(path: Path, quads: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(release, "_write_store", fail)
    with pytest.raises(OSError, match="disk full"):
        build.write(assemble(mini), tmp_path)
    assert release.open_release(tmp_path).path == first.path.resolve()
    assert len(list((tmp_path / "releases").iterdir())) == 1


def test_two_builds_do_not_write_at_once(mini: Mini, tmp_path: Path) -> None:
    built = assemble(mini)
    with release.locked(tmp_path), pytest.raises(UsageError, match="another command"):
        build.write(built, tmp_path)


def test_a_folder_without_a_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="relgraph build"):
        release.open_release(tmp_path)


def test_the_snapshot_cannot_be_written(release: Release) -> None:
    with pytest.raises((OSError, ValueError, RuntimeError)):
        release.store().update("INSERT DATA { <urn:a> <urn:b> <urn:c> }")


def test_turtle_is_the_same_whatever_the_order(built: Built) -> None:
    triples = [q.triple for q in built.quads if "asserted" in str(q.graph_name)]
    assert rdf.write_turtle(triples) == rdf.write_turtle(reversed(triples))
    store = Store()
    store.load(rdf.write_turtle(triples), format=RdfFormat.TURTLE)
    assert len(store) == len(set(triples))
