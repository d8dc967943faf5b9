"""The releases of a folder: listed, found by what people call them, made current, removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from relgraph import release
from relgraph.errors import UsageError
from relgraph.release import Release
from relgraph.releases import Releases
from relgraph.vocabulary import ASSERTED


def built(out: Path, word: str, version: str = "1.0.0", at: int = 0) -> Release:
    """A release with a word of its own; at: when it was built, in seconds since some day."""
    quads = [ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:word"), ox.Literal(word), ASSERTED)]
    made = release.write(out, release.nquads(quads), quads, {}, {"version": version, "counts": {"claims": at}})
    os.utime(made.path / "manifest.json", (1_000_000 + at, 1_000_000 + at))
    return made


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_a_release_is_named_by_version_and_id(out: Path) -> None:
    made = built(out, "a", "1.2.0")
    assert made.path.name == f"1.2.0-{made.id}"
    assert made.version == "1.2.0"


def test_releases_are_listed_the_last_one_first(out: Path) -> None:
    first, second, third = (built(out, word, at=at) for word, at in (("a", 30), ("b", 20), ("c", 40)))
    assert [each.path for each in Releases(out).listed()] == [third.path, first.path, second.path]


def test_what_is_damaged_or_being_built_is_not_listed(out: Path) -> None:
    made = built(out, "a")
    (out / "releases" / "broken").mkdir()
    (out / "releases" / "broken" / "manifest.json").write_text("{", "utf-8")
    (out / "releases" / ".building-x").mkdir()
    (out / "releases" / ".building-x" / "manifest.json").write_text('{"release": "x"}', "utf-8")
    assert [each.path for each in Releases(out).listed()] == [made.path]


def test_no_name_is_the_name_of_no_release(out: Path) -> None:
    quads = [ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:word"), ox.Literal("a"), ASSERTED)]
    made = release.write(out, release.nquads(quads), quads, {}, {})
    assert made.path.name == made.id  # it has no version
    assert Releases(out).matching("") is None
    with pytest.raises(UsageError):
        Releases(out).find("")


def test_a_release_is_found_by_what_the_list_shows_of_it(out: Path) -> None:
    first = built(out, "a")
    others = [built(out, "a", at=at) for at in range(1, 11)]
    assert others[0].path.name == f"1.0.0-{first.id}.2"
    for number, made in enumerate(others, 2):
        for name in (f"{first.id[:12]}.{number}", f"{first.id}.{number}"):
            assert Releases(out).find(name).path == made.path
    assert Releases(out).matching(f"{first.id[:12]}.12") is None


def test_a_manifest_that_is_written_anew_is_read_anew(out: Path) -> None:
    made = built(out, "a")
    before = made.id
    manifest = made.path / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(before, "0" * 64), "utf-8")
    os.utime(manifest, (1_000_000, 1_000_000))
    assert made.id == "0" * 64
    manifest.unlink()
    with pytest.raises(UsageError, match="any more"):
        made.id  # noqa: B018


def test_a_removal_that_was_interrupted_is_no_hindrance(out: Path) -> None:
    made, _ = built(out, "a"), built(out, "b", at=1)
    (made.path.with_name(f".removing-{made.path.name}") / "graph").mkdir(parents=True)
    Releases(out).remove([made])
    assert not list((out / "releases").glob(f"*{made.path.name}*"))
    with pytest.raises(UsageError, match="cannot write to"):
        Releases(out).remove([made])


def test_a_folder_without_releases_lists_none(out: Path) -> None:
    assert Releases(out).listed() == []
    assert Releases(out).current() is None
    with pytest.raises(UsageError, match=r"there is no release 'a'.*there are: none"):
        Releases(out).find("a")


def test_a_release_is_found_by_all_that_it_is_called(out: Path) -> None:
    old, new = built(out, "a", "1.0.0", 1), built(out, "b", "1.1.0", 2)
    releases = Releases(out)
    for name in (old.id, old.id[:8], old.path.name, "1.0.0"):
        assert releases.find(name).path == old.path, name
    for name in ("current", new.id, "1.1.0"):
        assert releases.find(name).path == new.path, name


def test_the_name_of_a_folder_is_that_of_no_other(out: Path) -> None:
    """Folders of one id, with and without a version, as earlier versions of the software wrote them."""
    id_ = built(out, "a", at=1).id
    names = [id_, f"{id_}.2"]
    built(out, "a", at=2)
    for name in names:
        (out / "releases" / f"1.0.0-{name}").rename(out / "releases" / name)
    names += [built(out, "a", version, at).path.name for version, at in (("1.0.0-rc.1", 3), ("1.0.0", 4), ("1.0.0", 5))]
    assert names[3:] == [f"1.0.0-{id_}", f"1.0.0-{id_}.2"]
    releases = Releases(out)
    assert {each.path.name for each in releases.listed()} == set(names)
    for name in names:
        assert releases.find(name).path.name == name
    assert releases.find("1.0.0-rc.1").path.name == names[2]


def test_of_one_version_the_last_release_is_meant(out: Path) -> None:
    built(out, "a", at=1)
    later = built(out, "b", at=2)
    assert Releases(out).find("1.0.0").path == later.path


@pytest.mark.parametrize("name", ["", "x", "1.0", "..", "../out", "releases", "0" * 64, "current/../x", "\x00", "a" * 10_000])
def test_other_names_find_nothing(out: Path, name: str) -> None:
    built(out, "a")
    with pytest.raises(UsageError, match="there is no release"):
        Releases(out).find(name)


def test_a_beginning_of_several_ids_is_refused(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for word in ("a", "b"):
        built(out, word)
    monkeypatch.setattr(Release, "id", property(lambda self: "abcd" + self.path.name[-60:]))
    with pytest.raises(UsageError, match="several releases begin with 'abcd'"):
        Releases(out).find("abcd")


@pytest.mark.parametrize("shown", [4, 12, 64])
def test_what_several_folders_are_called_names_none_for_removal(out: Path, shown: int) -> None:
    """By one id twice, and by one version; for reading the last one built is meant."""
    first = built(out, "a", at=1)
    second, other = built(out, "a", at=2), built(out, "b", "1.1.0", 3)
    releases = Releases(out)
    both = rf"is the name of several releases: {first.path.name}, {second.path.name}\. Give the whole name of one"
    for name in (first.id[:shown], "1.0.0"):
        assert releases.find(name).path == second.path
        with pytest.raises(UsageError, match=both):
            releases.only(name)
    for name, meant in ((f"{first.id[:shown]}.2", second), (first.path.name, first), ("1.1.0", other), (other.id[:4], other)):
        assert releases.only(name).path == meant.path, name
    assert releases.only("current").path == other.path
    with pytest.raises(UsageError, match="there is no release"):
        releases.only("2.0.0")


def test_a_damaged_folder_of_the_same_id_counts_for_removal(out: Path) -> None:
    first, second = built(out, "a", at=1), built(out, "a", at=2)
    (first.path / "manifest.json").unlink()
    with pytest.raises(UsageError, match="is the name of several releases"):
        Releases(out).only(second.id)


def test_another_release_is_made_current(out: Path) -> None:
    old, new = built(out, "a"), built(out, "b")
    releases = Releases(out)
    assert releases.find("current").path == new.path
    releases.use(old)
    assert releases.find("current").path == old.path


def test_a_release_is_removed_but_not_the_current_one(out: Path) -> None:
    old, new = built(out, "a"), built(out, "b")
    releases = Releases(out)
    with pytest.raises(UsageError, match="is the current release"):
        releases.remove([old, new])
    assert len(releases.listed()) == 2
    releases.remove([old])
    assert [each.path for each in releases.listed()] == [new.path]
    assert not old.path.exists()


def test_what_was_half_removed_goes_with_the_next_build(out: Path) -> None:
    built(out, "a")
    stale = out / "releases" / ".removing-x"
    stale.mkdir()
    built(out, "b")
    assert not stale.exists()


def relgraph(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "relgraph", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_commands(out: Path) -> None:
    old, new = built(out, "a", "1.0.0", 1), built(out, "b", "1.1.0", 2)
    rows = json.loads(relgraph("releases", "list", "--out", out, "--json").stdout)
    listed = [(row["release"], row["version"], row["current"]) for row in rows]
    assert listed == [(new.id, "1.1.0", True), (old.id, "1.0.0", False)]
    shown = relgraph("releases", "list", "--out", out).stdout
    assert new.id[:12] in shown
    assert relgraph("releases", "use", old.id[:10], "--out", out).returncode == 0
    assert Releases(out).find("current").path == old.path
    refused = relgraph("releases", "remove", "1.1.0", "current", "--out", out)
    assert (refused.returncode, "current release" in refused.stderr) == (2, True)
    assert relgraph("releases", "remove", "1.1.0", "--out", out).returncode == 0
    assert [each.path for each in Releases(out).listed()] == [old.path]


def test_the_command_removes_nothing_by_a_name_of_several(out: Path) -> None:
    both = [built(out, "a", at=at).path for at in (1, 2)]
    built(out, "b", "1.1.0", 3)
    for name in ("1.0.0", Release(both[0]).id[:8]):
        refused = relgraph("releases", "remove", name, "--out", out)
        assert refused.returncode == 2
        assert all(path.name in refused.stderr.replace("\n", "") and path.is_dir() for path in both)
    assert relgraph("releases", "remove", both[0].name, "--out", out).returncode == 0
    assert [path.is_dir() for path in both] == [False, True]
