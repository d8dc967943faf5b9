"""What refers to a thing: what is found is what a filter of all quads finds, and nothing else passes for it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from nasty import GRAPHS, canonical
from relgraph.errors import DamageError, RoomError
from relgraph.exports import Source
from relgraph.exports.context import of_release, schema_of_store
from relgraph.exports.frames import frames, read
from relgraph.exports.referring import Referring
from relgraph.exports.source import ALL, holding
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, PROVENANCE, REPORTED, RG, data, rg

ABOUT, SAYS = RG + "about", RG + "says"
NODES = [data(key) for key in ("a", "a/b", "a b".replace(" ", "\u00a0"), "город", "𝒳")] + [NamedNode("urn:x"), BlankNode("b")]
PREDICATES = [rg("about"), rg("says"), rg("aboutness"), rg("other")]
#: Texts in which a line seems to begin, or a property to stand.
TEXTS = [f"<{data('a').value}> <{ABOUT}> <{data('a').value}> .", f" <{ABOUT}> <urn:x> ", f"\n<urn:x> <{SAYS}> <urn:x> .\n", ""]
QUADS = st.lists(
    st.builds(
        Quad,
        st.sampled_from(NODES),
        st.sampled_from(PREDICATES),
        st.sampled_from([*NODES, *map(Literal, TEXTS)]),
        st.sampled_from(GRAPHS),
    )
)


@given(QUADS, st.sets(st.sampled_from(GRAPHS)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_subjects_are_those_that_a_filter_finds(release: Release, quads: list[Quad], graphs: set[NamedNode]) -> None:
    source = Source(release, ALL, canonical(quads))
    every = list(source.quads())  # blank nodes have canonical names there
    with Referring(source, [ABOUT, SAYS]) as referring:
        for predicate in (ABOUT, SAYS):
            for node in {quad.object for quad in every if not isinstance(quad.object, Literal)}:
                expected = {
                    quad.subject.value
                    for quad in every
                    if (quad.predicate.value, quad.object) == (predicate, node)
                    and quad.graph_name in graphs
                    and isinstance(quad.subject, NamedNode)
                }
                assert referring.subjects(predicate, str(node), graphs) == sorted(expected)


def test_what_nothing_refers_to_has_no_subjects(release: Release) -> None:
    source = Source(release, ALL, canonical([Quad(data("a"), rg("about"), data("b"), PROVENANCE)]))
    with Referring(source, [ABOUT]) as referring:
        assert referring.subjects(ABOUT, str(data("b")), [PROVENANCE]) == [data("a").value]
        assert referring.subjects(ABOUT, str(data("b")), [ASSERTED, REPORTED]) == []
        assert referring.subjects(ABOUT, str(data("a")), [PROVENANCE]) == []
        assert referring.subjects(ABOUT, "nothing of the kind", [PROVENANCE]) == []


def test_the_source_is_not_read_before_something_is_asked(release: Release, tmp_path: Path) -> None:
    missing = Source(release, ALL, tmp_path / "dataset.nq")
    with Referring(missing, [ABOUT]):
        pass
    with Referring(missing, [ABOUT]) as referring, pytest.raises(DamageError, match="cannot be read"):
        referring.subjects(ABOUT, "<a:a>", ALL)


@pytest.mark.parametrize("inside", [False, True])
def test_a_release_that_is_cut_short_is_refused_here_too(tmp_path: Path, release: Release, inside: bool) -> None:
    """An answer from half a file would pass for the whole one; the cut may be in a line that is looked for."""
    (tmp_path / "manifest.json").write_bytes((release.path / "manifest.json").read_bytes())
    whole = (release.path / "dataset.nq").read_bytes()
    place = whole.index(f"<{ABOUT}> ".encode(), len(whole) // 8)
    (tmp_path / "dataset.nq").write_bytes(whole[: place + len(ABOUT) + 9 if inside else whole.index(b"\n", place) + 1])
    with Referring(Source(Release(tmp_path)), [ABOUT]) as referring, pytest.raises(DamageError, match="SHA-256"):
        referring.subjects(ABOUT, "<a:a>", ALL)


def test_a_lack_of_room_is_told_with_a_remedy(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def full(*args: object, **names: object) -> sqlite3.Connection:
        database = connect(*args, **names)  # type: ignore[call-overload]  # as it was called
        database.execute("PRAGMA max_page_count = 2")
        return database  # type: ignore[no-any-return]

    monkeypatch.setattr(sqlite3, "connect", full)
    with Referring(Source(release), [ABOUT]) as referring, pytest.raises(RoomError, match=r"full.*set TMPDIR"):
        referring.subjects(ABOUT, "<a:a>", ALL)


@pytest.mark.skipif(sys.platform != "linux", reason="open files are listed in Linux's /proc")
def test_what_exceeds_memory_is_in_a_file_without_a_name(release: Release, tmp_path: Path) -> None:
    code = (
        "import os\n"
        "from pathlib import Path\n"
        "from relgraph.exports import Source, referring, temporary\n"
        "from relgraph.release import Release\n"
        "temporary._CACHE = 8\n"
        f"with referring.Referring(Source(Release(Path({str(release.path)!r}))), [{ABOUT!r}]) as found:\n"
        f"    found.subjects({ABOUT!r}, '<a:a>', [])\n"
        "    names = [os.readlink(f'/proc/self/fd/{name}') for name in os.listdir('/proc/self/fd') if int(name) > 2 "
        "and os.path.islink(f'/proc/self/fd/{name}')]\n"
        f"    print(sum(name.startswith({str(tmp_path)!r}) for name in names), len(os.listdir({str(tmp_path)!r})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SQLITE_TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    opened, listed = map(int, done.stdout.split() or (done.stderr,))
    assert (opened >= 1, listed) == (True, 0)


def test_frames_know_what_they_ask_for_at_any_depth(release: Release) -> None:
    known = frames(schema_of_store(release.store()))
    found = {
        name: {iri.removeprefix(RG) for iri in read(frame, of_release(release)).referring()} for name, frame in known.items()
    }
    assert found == {
        "document": {"document", "section", "evidence"},
        "event": {"about"},
        "membership": {"about"},
        "relation": {"about"},
    }


@given(st.lists(st.text("ab \n", max_size=6)), st.text("ab ", min_size=1, max_size=3))
def test_lines_that_hold_something_are_found_once(texts: list[str], mark: str) -> None:
    lines = [f"{line}\n".encode() for text in texts for line in text.split("\n")]
    assert list(holding(b"".join(lines), mark.encode())) == [line for line in lines if mark.encode() in line]
