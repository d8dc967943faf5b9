"""Whether releases are what they say: at a glance by names and sizes, and whole by every byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from relgraph import release, soundness
from relgraph.errors import UsageError
from relgraph.release import Release
from relgraph.releases import Releases
from relgraph.vocabulary import ASSERTED

Damage = Callable[[Path], object]


def built(out: Path, word: str) -> Release:
    quads = [ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:word"), ox.Literal(word), ASSERTED)]
    return release.write(
        out, release.nquads(quads), quads, {"graph/asserted.ttl": b"<urn:x> <urn:y> 1 .\n"}, {"version": "1.0.0"}
    )


def silent(file: str) -> None:
    """Progress that nobody looks at."""


def put(name: str, content: bytes) -> Damage:
    return lambda path: (path / name).write_bytes(content)


def gone(name: str) -> Damage:
    return lambda path: shutil.rmtree(path / name) if (path / name).is_dir() else (path / name).unlink()


def other_store(path: Path) -> None:
    """A store that holds something else, and opens."""
    shutil.rmtree(path / "store")
    store = ox.Store(str(path / "store"))
    store.extend(ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:n"), ox.Literal(n), ASSERTED) for n in range(3))
    store.flush()


def renamed(path: Path) -> None:
    """A manifest with another id."""
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    (path / "manifest.json").write_text(json.dumps(manifest | {"release": "0" * 64}), "utf-8")


def no_folder(name: str) -> Damage:
    def damage(path: Path) -> None:
        shutil.rmtree(path / name)
        (path / name).touch()

    return damage


AT_A_GLANCE: list[tuple[Damage, str]] = [
    (gone("dataset.nq"), "dataset.nq is missing"),
    (put("dataset.nq", b""), "dataset.nq has 0 bytes instead of"),
    (gone("graph/asserted.ttl"), "graph/asserted.ttl is missing"),
    (no_folder("graph"), "graph/"),
    (gone("store"), "store/ is missing"),
    (gone("search.sqlite"), "search.sqlite is missing"),
    (gone("manifest.json"), "manifest.json is missing"),
    (put("manifest.json", b"{"), "manifest.json cannot be used"),
    (put("manifest.json", b"[]"), "manifest.json cannot be used: its manifest is no object"),
    (put("manifest.json", b"{}"), "manifest.json cannot be used: it names no id or no files"),
    (put("manifest.json", b'{"release": "x", "files": {"a": 1}}'), "manifest.json cannot be used: it names no id or no files"),
]  # fmt: skip
WHOLE: list[tuple[Damage, str]] = [
    (lambda path: (path / "dataset.nq").write_bytes((path / "dataset.nq").read_bytes().replace(b"word", b"wxrd")),
     "dataset.nq has another SHA-256 than the manifest or SHA256SUMS says"),
    (put("graph/asserted.ttl", b"<urn:x> <urn:y> 2 .\n"), "graph/asserted.ttl has another SHA-256"),
    (renamed, "dataset.nq has another SHA-256 than the id of the release"),
    (other_store, "store/ holds 3 statements instead of 1"),
    (put("store/CURRENT", b"nothing"), "store/ cannot be read"),
    (put("search.sqlite", b"no database at all" * 1000), "search.sqlite is damaged"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "message"), AT_A_GLANCE)
def test_what_is_seen_at_a_glance_is_seen_by_a_check_too(damage: Damage, message: str, tmp_path: Path) -> None:
    made = built(tmp_path, "a")
    assert soundness.glance(made) == soundness.check(made, silent) == []
    damage(made.path)
    for found in (soundness.glance(made), soundness.check(made, silent)):
        assert len(found) == 1
        assert found[0].startswith(message)


@pytest.mark.parametrize(("damage", "message"), WHOLE)
def test_a_check_sees_what_sizes_do_not_tell(damage: Damage, message: str, tmp_path: Path) -> None:
    made = built(tmp_path, "a")
    damage(made.path)
    assert soundness.glance(made) == []
    assert [fault[: len(message)] for fault in soundness.check(made, silent)] == [message]


def test_the_sums_and_the_manifest_must_agree(release: Release, tmp_path: Path) -> None:
    made = Release(Path(shutil.copytree(release.path, tmp_path / "release")))
    read: list[str] = []
    assert soundness.check(made, read.append) == []
    assert set(read) >= {"dataset.nq", "SHA256SUMS", "catalogue.ttl", "store", "search.sqlite"}
    sums = (made.path / "SHA256SUMS").read_bytes()
    (made.path / "SHA256SUMS").write_bytes(sums.replace(made.id.encode(), b"0" * 64))
    assert soundness.check(made, silent) == [
        f"{name} has another SHA-256 than the manifest or SHA256SUMS says" for name in ("SHA256SUMS", "dataset.nq")
    ]


def relgraph(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "relgraph", "releases", *map(str, arguments)]
    return subprocess.run(command, env=os.environ | {"COLUMNS": "300"}, capture_output=True, text=True, check=False)


def test_the_list_says_which_are_damaged(tmp_path: Path) -> None:
    good, short, broken = (built(tmp_path, word) for word in "abc")
    (short.path / "dataset.nq").write_bytes(b"")
    (broken.path / "manifest.json").write_text("{", "utf-8")
    (tmp_path / "releases" / ".building-x").mkdir()
    rows = {row["name"]: row["damage"] for row in json.loads(relgraph("list", "--out", tmp_path, "--json").stdout)}
    assert {name: bool(damage) for name, damage in rows.items()} == {
        good.path.name: False, short.path.name: True, broken.path.name: True
    }  # fmt: skip
    shown = relgraph("list", "--out", tmp_path)
    assert shown.returncode == 0
    assert [line for line in shown.stdout.splitlines() if "dataset.nq has 0 bytes instead of" in line and short.id[:12] in line]
    assert [
        line for line in shown.stdout.splitlines() if "manifest.json cannot be used" in line and broken.path.name[:12] in line
    ]


def test_the_command_checks_one_or_all(tmp_path: Path) -> None:
    good, bad = built(tmp_path, "a"), built(tmp_path, "b")
    (bad.path / "graph" / "asserted.ttl").write_bytes(b"<urn:x> <urn:y> 2 .\n")
    done = relgraph("check", good.id[:8], "--out", tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{good.path.name} is sound.\n")
    done = relgraph("check", "--out", tmp_path)
    assert done.returncode == 1
    assert f"{good.path.name} is sound." in done.stdout
    assert f"{bad.path.name}: graph/asserted.ttl has another SHA-256" in done.stdout
    assert relgraph("check", "nothing", "--out", tmp_path).returncode == 2
    assert "there is no release in" in relgraph("check", "--out", tmp_path / "none").stderr
    told = json.loads(relgraph("check", "current", "--out", tmp_path, "--json").stdout)
    assert [each["name"] for each in told] == [bad.path.name]


def test_what_cannot_be_read_can_be_checked_and_removed_by_its_folder(tmp_path: Path) -> None:
    broken, _ = built(tmp_path, "a"), built(tmp_path, "b")
    (broken.path / "manifest.json").unlink()
    with pytest.raises(UsageError):
        Releases(tmp_path).find(broken.path.name)
    done = relgraph("check", broken.path.name, "--out", tmp_path)
    assert (done.returncode, done.stdout) == (1, f"{broken.path.name}: manifest.json is missing\n")
    assert relgraph("remove", broken.path.name, "--out", tmp_path).returncode == 0
    assert not broken.path.exists()
