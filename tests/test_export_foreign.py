"""Exports read back by parsers that nobody here wrote, and compared as canonical datasets (RDFC-1.0).

The real release in every RDF format, choices and trees of it, and datasets of all that is nasty in RDF (nasty.py). What a
parser of others is known to miss is in foreign-misses.tsv with its reason; one that is listed and does not miss fails as
well.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, parse
from typer.testing import CliRunner

import foreign
import nasty
import w3c
from foreign import PARSERS, ForeignError
from relgraph import release as releases
from relgraph.cli import app
from relgraph.errors import InputError
from relgraph.release import Release
from relgraph.vocabulary import ID, PREFIXES, PROVENANCE

MISSES = w3c.lookup_misses(Path(__file__).with_name("foreign-misses.tsv"))
#: Formats without names of graphs.
OF_TRIPLES = ("turtle", "ntriples", "rdfxml")
GRAPHS = tuple(part for name in ("asserted", "provenance", "inferred", "reported", "ontology") for part in ("--graph", name))
by_parser = pytest.mark.parametrize(("tool", "syntax"), PARSERS, ids=[f"{tool}-{syntax}" for tool, syntax in PARSERS])


#: A choice of claims, of one document.
CHOICE = ("--document", "document/000")


def exported(release: Release, form: str, file: Path, *options: str) -> bytes:
    """What `relgraph export` writes of a release. Raises AssertionError with what it says."""
    arguments = ["export", "--format", form, "--release", str(release.path), "--output", str(file), *options]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return file.read_bytes()


def released(data: bytes, folder: Path) -> Release:
    """A release of a dataset in canonical N-Quads."""
    return releases.write(folder, data, parse(data, format=RdfFormat.N_QUADS), {}, {})


def expected(data: bytes, syntax: str) -> bytes:
    """Canonical N-Quads of a dataset as a format holds it."""
    if syntax not in OF_TRIPLES:
        return data
    return nasty.canonical(Quad(*quad.triple) for quad in parse(data, format=RdfFormat.N_QUADS))


def held(syntax: str) -> list[str]:
    """The cases that a format can hold."""
    return [case for case in nasty.CASES if syntax != "rdfxml" or case not in nasty.NOT_IN_XML]


@lru_cache
def missed(tool: str, syntax: str) -> frozenset[str]:
    """The cases that a parser misses in a syntax."""
    return frozenset(case for case in nasty.CASES if f"{tool} {syntax} {case}" in MISSES)


def difference(found: bytes, wanted: bytes) -> str:
    """The first lines in which two canonical datasets differ."""
    lines = set(found.splitlines()), set(wanted.splitlines())
    parts = [f"{sign} {line.decode()[:300]}" for sign, own in (("+", lines[0] - lines[1]), ("-", lines[1] - lines[0]))
             for line in sorted(own)[:5]]  # fmt: skip
    return "\n".join(parts)


@by_parser
def test_the_real_release_comes_back_whole(tool: str, syntax: str, release: Release, tmp_path: Path) -> None:
    found = foreign.canonical(exported(release, syntax, tmp_path / "export"), syntax, tool)
    if syntax in OF_TRIPLES:
        quads = parse(path=release.path / "dataset.nq", format=RdfFormat.N_QUADS)
        wanted = nasty.canonical(Quad(*quad.triple) for quad in quads if nasty.is_in_default_graph(quad))
        assert found == wanted, difference(found, wanted)
    else:
        assert hashlib.sha256(found).hexdigest() == release.id


@by_parser
def test_all_that_is_nasty_comes_back_whole(tool: str, syntax: str, tmp_path: Path) -> None:
    data = nasty.dataset(case for case in held(syntax) if case not in missed(tool, syntax))
    export = exported(released(data, tmp_path), syntax, tmp_path / "export", *GRAPHS)
    found, wanted = foreign.canonical(export, syntax, tool), expected(data, syntax)
    assert found == wanted, difference(found, wanted)


@by_parser
def test_a_choice_of_claims_is_the_same_in_every_format(tool: str, syntax: str, release: Release, tmp_path: Path) -> None:
    chosen = exported(release, "nquads", tmp_path / "chosen.nq", *CHOICE, *GRAPHS)
    assert 0 < len(chosen.splitlines()) < len((release.path / "dataset.nq").read_bytes().splitlines())
    found = foreign.canonical(exported(release, syntax, tmp_path / "export", *CHOICE, *GRAPHS), syntax, tool)
    wanted = expected(nasty.canonical(parse(chosen, format=RdfFormat.N_QUADS)), syntax)
    assert found == wanted, difference(found, wanted)


@pytest.mark.parametrize("tool", ["n3", "rapper"])
def test_a_graph_for_each_claim_says_what_the_claims_say(tool: str, release: Release, tmp_path: Path) -> None:
    found = foreign.canonical(exported(release, "claims", tmp_path / "claims.trig"), "trig", tool)
    said = release.store().query(
        """SELECT ?content ?fact ?p ?o {
             ?claim rg:says ?content ; rg:about ?fact . GRAPH <graph/reported> { ?content ?p ?o } FILTER(?o != rg:Content)
           }""",
        base_iri=ID,
        prefixes=PREFIXES,
    )
    in_claims = [Quad(row["fact"], row["p"], row["o"], row["content"]) for row in said]  # type: ignore[union-attr]  # of SELECT
    around = [quad for quad in parse(path=release.path / "dataset.nq", format=RdfFormat.N_QUADS) if quad.graph_name == PROVENANCE]
    wanted = nasty.canonical([*around, *in_claims])
    assert len({quad.graph_name for quad in in_claims}) == release.manifest["counts"]["claims"]  # type: ignore[index]  # by name
    assert found == wanted, difference(found, wanted)


@pytest.mark.parametrize("frame", ["membership", "event", "relation", "document"])
def test_trees_say_nothing_that_the_release_does_not(frame: str, release: Release, tmp_path: Path) -> None:
    tree = exported(release, f"jsonld-{frame}", tmp_path / "tree.jsonld")
    found = set(foreign.canonical(tree, "jsonld", "jsonld").splitlines())
    quads = parse(path=release.path / "dataset.nq", format=RdfFormat.N_QUADS)
    whole = set(nasty.canonical(Quad(*quad.triple) for quad in quads).splitlines())
    assert len(found) > 100
    assert found <= whole, sorted(found - whole)[:5]


@pytest.mark.parametrize("miss", MISSES)
def test_what_is_listed_as_missed_is_missed(miss: str, tmp_path: Path) -> None:
    tool, syntax, case = miss.split()
    assert (tool, syntax) in PARSERS
    data = nasty.dataset([case])
    export = exported(released(data, tmp_path), syntax, tmp_path / "export", *GRAPHS)
    try:
        found = foreign.canonical(export, syntax, tool)
    except ForeignError:
        return
    assert found != expected(data, syntax), f"{tool} reads {case} in {syntax}: take the line out of foreign-misses.tsv"


@pytest.mark.parametrize("case", nasty.NOT_IN_XML)
def test_what_rdf_xml_cannot_hold_is_refused_before_there_is_a_file(case: str, tmp_path: Path) -> None:
    release, file = released(nasty.dataset([case]), tmp_path), tmp_path / "export.rdf"
    done = CliRunner().invoke(app, ["export", "--format", "rdfxml", "--release", str(release.path), "--output", str(file)])
    assert isinstance(done.exception, InputError)
    assert "RDF/XML cannot hold" in str(done.exception)
    assert not file.exists()


@by_parser
def test_a_broken_export_is_not_read_as_whole(tool: str, syntax: str, tmp_path: Path) -> None:
    data = nasty.dataset(["predicates", "graphs"])
    export = exported(released(data, tmp_path), syntax, tmp_path / "export", *GRAPHS)
    cut = export[: len(export) * 2 // 3]
    with pytest.raises((ForeignError, AssertionError)):
        assert foreign.canonical(cut, syntax, tool) == expected(data, syntax)


def test_nothing_is_fetched_for_a_context(tmp_path: Path) -> None:
    document = b'{"@context": "http://127.0.0.1:9/context.jsonld", "@id": "urn:a", "name": "a"}'
    with pytest.raises(ForeignError, match="nothing is fetched"):
        foreign.canonical(document, "jsonld", "jsonld")
    context = tmp_path / "context.jsonld"
    context.write_text('{"@context": {"name": "urn:name"}}', "utf-8")
    found = foreign.canonical(document, "jsonld", "jsonld", {"http://127.0.0.1:9/context.jsonld": context})
    assert found == b'<urn:a> <urn:name> "a" .\n'


def test_a_missing_program_is_named_and_in_ci_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for missing, remedy in (("rapper", "apt install raptor2-utils"), ("node", "install Node 18")):
        monkeypatch.delenv("CI", raising=False)
        with pytest.raises(pytest.skip.Exception, match=f"{missing} is missing: {remedy}"):
            foreign.program(missing)
        monkeypatch.setenv("CI", "true")
        with pytest.raises(pytest.fail.Exception, match=f"{missing} is missing; in CI"):
            foreign.program(missing)
    monkeypatch.undo()
    foreign.program("node")
    monkeypatch.setattr(foreign, "FOLDER", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="run `make foreign`"):
        foreign.script("parse.mjs")


def test_versions_of_others_are_pinned_with_hashes_and_name_no_registry() -> None:
    lock = json.loads((foreign.FOLDER / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all("integrity" in package and "resolved" not in package for package in packages.values())
    asked = json.loads((foreign.FOLDER / "package.json").read_text("utf-8"))["dependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
