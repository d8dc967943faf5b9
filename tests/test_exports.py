"""Exports as RDF: complete, the same bytes each time, streamed, and refused where a format cannot hold what is there."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

import nasty
from mini import Mini
from relgraph import build, exports
from relgraph.errors import InputError, UsageError
from relgraph.exports import FORMS, Selection, Source, forms, ordering
from relgraph.exports import source as sources
from relgraph.project import Project
from relgraph.release import Release
from relgraph.vocabulary import DEFAULT_GRAPHS, ID, INFERRED, PREF_LABEL, PROVENANCE, REPORTED, A, data, rg

#: The RDF forms with their format; True where names of graphs are kept.
RDF = {
    "turtle": (RdfFormat.TURTLE, False),
    "ntriples": (RdfFormat.N_TRIPLES, False),
    "rdfxml": (RdfFormat.RDF_XML, False),
    "trig": (RdfFormat.TRIG, True),
    "nquads": (RdfFormat.N_QUADS, True),
}
every_rdf_form = pytest.mark.parametrize("form", RDF)


def written(release: Release, form: str, *graphs: NamedNode) -> bytes:
    out = io.BytesIO()
    exports.write(release, form, Selection(graphs=graphs), out)
    return out.getvalue()


def quads_of(release: Release) -> set[Quad]:
    return set(parse(path=release.path / "dataset.nq", format=RdfFormat.N_QUADS))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the mini project."""
    project = Project(Mini(tmp_path_factory.mktemp("exports") / "mini").write())
    return build.write(build.assemble(project, None, lambda stage: None), project.releases)


def released(folder: Path, *quads: Quad) -> Release:
    """What exports need of a release, with any quads."""
    lines = nasty.canonical(quads)
    (folder / "dataset.nq").write_bytes(lines)
    (folder / "manifest.json").write_text(json.dumps({"release": hashlib.sha256(lines).hexdigest()}), "utf-8")
    return Release(folder)


def one(value: str) -> Quad:
    return Quad(NamedNode(ID + "x"), PREF_LABEL, Literal(value), PROVENANCE)


# ── complete ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@every_rdf_form
def test_the_real_release_comes_back_whole(form: str, release: Release) -> None:
    syntax, named = RDF[form]
    found = list(parse(written(release, form), format=syntax))
    wanted = quads_of(release)
    if named:
        assert (set(found), len(found)) == (wanted, len(wanted))
    else:
        triples = {quad.triple for quad in wanted if quad.graph_name in DEFAULT_GRAPHS}
        assert ({quad.triple for quad in found}, len(found)) == (triples, len(triples))  # each once


@pytest.mark.parametrize(("form", "syntax"), [("turtle", "turtle"), ("rdfxml", "xml"), ("trig", "trig"), ("nquads", "nquads")])
def test_rdflib_reads_the_real_release(form: str, syntax: str, release: Release) -> None:
    found = rdflib.Dataset(default_union=True)
    found.parse(data=written(release, form), format=syntax)
    named = RDF[form][1]
    wanted = {quad if named else quad.triple for quad in quads_of(release) if named or quad.graph_name in DEFAULT_GRAPHS}
    assert len(list(found.quads())) == len(wanted)


@every_rdf_form
def test_what_is_nasty_comes_back_whole(form: str, tmp_path: Path) -> None:
    syntax, named = RDF[form]
    cases = [case for case in nasty.CASES if form != "rdfxml" or case not in nasty.NOT_IN_XML]
    release = released(tmp_path, *parse(nasty.dataset(cases), format=RdfFormat.N_QUADS))
    found = nasty.canonical(parse(written(release, form, *sources.ALL), format=syntax))
    quads = quads_of(release)
    assert found == nasty.canonical(quads if named else (Quad(q.subject, q.predicate, q.object) for q in quads))


def test_nquads_are_the_dataset_itself(release: Release) -> None:
    assert hashlib.sha256(written(release, "nquads")).hexdigest() == release.id


@every_rdf_form
def test_chosen_graphs_are_written_and_no_others(form: str, small: Release) -> None:
    syntax, _ = RDF[form]
    found = {quad.triple for quad in parse(written(small, form, REPORTED, INFERRED), format=syntax)}
    assert found == {quad.triple for quad in quads_of(small) if quad.graph_name in (REPORTED, INFERRED)}


# ── in order ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["turtle", "trig"])
def test_subjects_come_in_one_piece_and_types_first(form: str, small: Release) -> None:
    found = [(quad.graph_name, quad.subject, quad.predicate != A) for quad in parse(written(small, form), RDF[form][0])]
    pieces = [one[:2] for one, other in pairwise([*found, (None, None, True)]) if one[:2] != other[:2]]
    assert len(pieces) == len(set(pieces))
    assert all(one[2] <= other[2] for one, other in pairwise(found) if one[:2] == other[:2])


def test_a_prefix_that_would_make_a_name_end_in_a_full_stop_is_left_out(tmp_path: Path) -> None:
    closed, opened = NamedNode(ID + "time/2001"), NamedNode(ID + "time/2001_..")
    release = released(tmp_path, Quad(closed, A, rg("TimeSpan"), PROVENANCE))
    assert b"@prefix time:" in written(release, "turtle")
    release = released(tmp_path, *(Quad(time, A, rg("TimeSpan"), PROVENANCE) for time in (closed, opened)))
    text = written(release, "turtle")
    assert b"@prefix time:" not in text
    assert len(rdflib.Graph().parse(data=text, format="turtle")) == 2


@pytest.mark.parametrize("text", ["<https://w3id.org/relgraph/ns#Visit.>", "a .> b", '"<https://w3id.org/relgraph/ns#x.>"', "\\"])
def test_what_a_text_holds_makes_no_difference_to_prefixes(text: str, tmp_path: Path) -> None:
    release = released(tmp_path, Quad(rg("x"), rg("y"), Literal(text), PROVENANCE), Quad(rg("x"), rg("z"), rg("y"), PROVENANCE))
    found = written(release, "turtle")
    assert b"@prefix rg: <https://w3id.org/relgraph/ns#> .\nrg:x " in found


def test_a_prefix_that_only_a_text_has_is_not_in_use(tmp_path: Path) -> None:
    release = released(tmp_path, Quad(NamedNode("urn:x"), NamedNode("urn:y"), Literal(f"<{ID}time/2001>"), PROVENANCE))
    assert b"@prefix time:" not in written(release, "turtle")


def test_prefixes_of_a_long_text_are_found_in_one_pass(tmp_path: Path) -> None:
    """Each line is looked at once, however often it has what an IRI could end in."""
    release = released(tmp_path, one("<a .> " * 50_000), Quad(rg("x"), rg("y"), rg("z."), PROVENANCE))
    looked_at: list[str] = []
    for block in Source(release).blocks():
        looked_at += ordering._iris(block, b".>")
    assert looked_at == [rg("z.").value]


def test_the_same_release_gives_the_same_bytes_whatever_the_hash_seed(small: Release) -> None:
    code = (
        "import hashlib, io, pathlib, sys\n"
        "from relgraph import exports, release, vocabulary\n"
        "of = release.Release(pathlib.Path(sys.argv[1]))\n"
        "for documents in ((), (vocabulary.data('document/901'),)):\n"
        "    for graphs in dict.fromkeys(form.graphs for form in exports.FORMS.values()):\n"
        "        with exports.selected(of, exports.Selection(documents=documents), graphs) as source:\n"
        "            for form in (form for form in exports.FORMS.values() if form.graphs == graphs):\n"
        "                out = io.BytesIO()\n"
        "                form.write(source, out)\n"
        "                print(form.name, hashlib.sha256(out.getvalue()).hexdigest())\n"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code, str(small.path)],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(answers) == 1
    assert len(answers.pop().splitlines()) == 2 * len(FORMS)


# ── as streams ───────────────────────────────────────────────────────────────────────────────────────────────────────


@given(block=st.integers(1, 3000))
def test_where_blocks_are_divided_makes_no_difference(block: int, small: Release) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "_BLOCK", block)
        assert b"".join(Source(small).blocks()) == (small.path / "dataset.nq").read_bytes()
        parts = [line for graph in sources.ALL for part in Source(small).blocks(graph) for line in part.splitlines()]
        assert sorted(parts) == (small.path / "dataset.nq").read_bytes().splitlines()
        assert len(written(small, "ntriples").splitlines()) == len(list(parse(written(small, "turtle"), RdfFormat.TURTLE)))


@every_rdf_form
def test_writing_begins_before_reading_ends(form: str, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has been read when the first 64 KiB are written shows that no form gathers what it reads."""
    monkeypatch.setattr(sources, "_BLOCK", 1 << 14)
    read = 0
    blocks = Source.blocks

    def counted(self: Source, *graphs: NamedNode) -> object:
        nonlocal read
        read = 0
        for block in blocks(self, *graphs):
            read += len(block)
            yield block

    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            if self.tell() > 1 << 16:
                raise OSError(28, "No space left on device")
            return super().write(data)  # type: ignore[arg-type]  # bytes

    monkeypatch.setattr(Source, "blocks", counted)
    with pytest.raises(OSError, match="No space"):
        exports.write(release, form, Selection(), Full())
    assert read < (release.path / "dataset.nq").stat().st_size / 4


# ── RDF/XML ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("character", ["\0", *nasty.CONTROLS, *nasty.NONCHARACTERS])
def test_a_character_that_xml_forbids_is_refused_in_rdf_xml_and_kept_elsewhere(character: str, tmp_path: Path) -> None:
    release = released(tmp_path, one(f"a{character}b"))
    with pytest.raises(InputError) as refused:
        written(release, "rdfxml")
    (problem,) = refused.value.problems
    assert f"U+{ord(character):04X}" in problem.what
    assert "place 1 of the literal" in problem.what
    assert "skos:prefLabel" in problem.where
    assert "N-Quads" in problem.remedy
    for form in ("turtle", "ntriples", "trig", "nquads"):
        (quad,) = parse(written(release, form), format=RDF[form][0])
        assert quad.object == Literal(f"a{character}b")


@pytest.mark.parametrize("iri", ["http://e.org/", "http://e.org/1", "http://e.org/p#", "http://e.org/a%20", "urn:1"])
def test_a_property_without_a_name_is_refused_in_rdf_xml(iri: str, tmp_path: Path) -> None:
    release = released(tmp_path, Quad(NamedNode(ID + "x"), NamedNode(iri), Literal("a"), PROVENANCE))
    with pytest.raises(InputError, match="is no name of XML"):
        written(release, "rdfxml")


def test_line_ends_survive_xml(tmp_path: Path) -> None:
    text = written(released(tmp_path, one("a\r\nb\rc\nd\te")), "rdfxml")
    (_, _, value) = next(iter(rdflib.Graph().parse(data=text, format="xml")))
    assert str(value) == "a\r\nb\rc\nd\te"


# ── a graph for each claim ───────────────────────────────────────────────────────────────────────────────────────────


def test_each_claim_is_a_graph_that_speaks_of_its_fact(release: Release) -> None:
    found = set(parse(written(release, "claims"), format=RdfFormat.TRIG))
    quads = quads_of(release)
    says = {quad.object: quad.subject for quad in quads if quad.predicate == rg("says")}
    about = {quad.subject: quad.object for quad in quads if quad.predicate == rg("about")}
    contents = {
        Quad(about[says[quad.subject]], quad.predicate, quad.object, quad.subject)  # type: ignore[arg-type]  # named nodes
        for quad in quads
        if quad.graph_name == REPORTED and (quad.predicate, quad.object) != (A, rg("Content"))
    }
    assert found == contents | {quad for quad in quads if quad.graph_name == PROVENANCE}


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_forms_are_found_by_name_media_type_and_file() -> None:
    for name, form in FORMS.items():
        assert form.name == name
        assert forms.named(name) == forms.named(name.upper()) == forms.named(form.suffix) == form
        assert forms.of_file(f"Мой файл.{form.suffix}") == form
        assert set(form.titles) == {"en", "ru"}
    assert forms.named("text/turtle") == FORMS["turtle"]
    assert forms.named("application/trig") == FORMS["trig"]
    assert forms.named("Application/LD+JSON") == FORMS["jsonld"]
    assert forms.of_file("x.docx") is None
    assert forms.of_file("turtle") is None


@pytest.mark.parametrize(
    ("media_type", "names"),
    [
        ("text/csv", "entities.csv, events.csv, relations.csv, memberships.csv, roles.csv, claims.csv"),
        ("application/vnd.apache.parquet", "entities.parquet"),
        ("application/zip", "csv, parquet"),
    ],
)
def test_a_media_type_of_several_forms_is_refused_with_their_names(media_type: str, names: str) -> None:
    with pytest.raises(UsageError, match=f"several formats are {media_type}: {names}.*Give one of these names"):
        forms.named(media_type)


def test_an_unknown_form_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"Did you mean turtle\? Formats are turtle, trig"):
        forms.named("tutle")
    with pytest.raises(UsageError, match="Formats are turtle"):
        forms.named("docx")


def test_a_release_without_its_dataset_says_so(tmp_path: Path) -> None:
    release = released(tmp_path, one("a"))
    (tmp_path / "dataset.nq").unlink()
    with pytest.raises(UsageError, match=r"dataset\.nq cannot be read"):
        written(release, "turtle")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("chosen", [Selection(), Selection(documents=(data("document/901"),))])
@pytest.mark.parametrize("damage", ["cut off", "a line less", "no N-Quads"])
def test_a_damaged_dataset_never_passes_for_whole(
    damage: str, chosen: Selection, form: str, small: Release, tmp_path: Path
) -> None:
    shutil.copytree(small.path, tmp_path / "release")
    file = tmp_path / "release" / "dataset.nq"
    lines = file.read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    damaged = {
        "cut off": b"".join(lines)[:-7],
        "a line less": b"".join(lines[:half] + lines[half + 1 :]),
        "no N-Quads": b"".join(b"<<" + line[1:] for line in lines),
    }
    file.write_bytes(damaged[damage])
    with pytest.raises(UsageError, match=r"dataset\.nq is damaged.*relgraph build"):
        exports.write(Release(tmp_path / "release"), form, chosen, io.BytesIO())
