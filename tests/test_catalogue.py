"""The description that a build writes: every number is what its query gives, everything else what the manifest says."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

import relgraph
from described import NUMBERS, Description, full, number, pattern
from mini import Mini
from relgraph import build, catalogue
from relgraph.build import Built
from relgraph.catalogue import queries
from relgraph.catalogue.statistics import SPACE, Statistics, counted
from relgraph.errors import InputError, Problem
from relgraph.project import Project
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, INFERRED, PREFIXES, PROVENANCE, REPORTED

SHAPES = Path(__file__).parent / "fixtures" / "catalogue" / "shapes.ttl"
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def description(release: Release) -> Description:
    return Description((release.path / catalogue.FILE).read_bytes())


def built(mini: Mini) -> Built:
    return build.assemble(Project(mini.write()), None, lambda stage: None)


def asked(store: ox.Store, query: str) -> list[dict[str, str]]:
    """The rows of a query."""
    found = store.query(query, prefixes=PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [{name: row[name].value for name in names if row[name] is not None} for row in found]


def queried(store: ox.Store, space: str) -> Statistics:
    """The numbers of a store by the queries of the package."""
    graphs = sorted(graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode))
    return Statistics(
        whole=queries.read_totals(asked(store, queries.totals(queries.WHOLE, space))),
        default=queries.read_totals(asked(store, queries.totals(queries.DEFAULT, space))),
        graphs={g: queries.read_totals(asked(store, queries.totals(queries.graph(g), space))) for g in graphs},
        properties=queries.read_properties(asked(store, queries.PROPERTIES)),
        classes=queries.read_classes(asked(store, queries.classes(space))),
    )


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("predicate", NUMBERS)
def test_every_number_is_what_its_query_gives(description: Description, store: ox.Store, predicate: str) -> None:
    stated = description.pairs(predicate)
    assert stated
    for node, value in stated:
        assert asked(store, number(predicate, pattern(description, node))) == [{"n": value}], (node, predicate)


def test_one_pass_and_the_queries_count_the_same(release: Release, store: ox.Store) -> None:
    quads = ox.parse((release.path / "dataset.nq").read_bytes(), ox.RdfFormat.N_QUADS)
    assert counted(quad for quad in quads if isinstance(quad, ox.Quad)) == queried(store, SPACE)


def test_the_graphs_together_are_more_than_the_default_graph_and_less_than_their_sum(description: Description) -> None:
    """A triple in two graphs counts once: in the default graph, and in the whole."""
    release = description.one("dcat:Catalog")
    dataset = description.value(release, "dcat:dataset")
    whole = int(description.value(dataset, "void:triples"))
    default = int(description.value(f"{dataset}#default-graph", "void:triples"))
    parts = {name: int(description.value(f"{dataset}#graph-{name}", "void:triples")) for name in catalogue.GRAPH_NAMES.values()}
    assert default < whole < sum(parts.values())
    assert default < parts["asserted"] + parts["provenance"] + parts["inferred"]
    assert max(parts.values()) < default


def test_a_class_counts_what_is_asserted_and_what_is_inferred(description: Description, store: ox.Store) -> None:
    by_class = {iri: node for node, iri in description.pairs("void:class")}
    stated = int(description.value(by_class[full("rg:Meeting")], "void:entities"))
    (asserted,) = asked(store, f"SELECT (COUNT(*) AS ?n) {{ GRAPH {ASSERTED} {{ ?s a rg:Meeting }} }}")
    assert stated > int(asserted["n"]) > 0


GRAPHS = [ASSERTED, PROVENANCE, INFERRED, REPORTED]
IRIS = [ox.NamedNode(text) for text in (f"{SPACE}a", f"{SPACE}b", "https://e.org/c")]
TERMS = [*IRIS, ox.Literal("a"), ox.Literal("a", language="en"), ox.Literal(f"{SPACE}a"), ox.BlankNode("x")]
QUADS = st.builds(
    ox.Quad,
    st.sampled_from([*IRIS, ox.BlankNode("x"), ox.BlankNode("y")]),
    st.sampled_from([*IRIS, ox.NamedNode(full("rdf:type"))]),
    st.sampled_from(TERMS),
    st.sampled_from(GRAPHS),
)


@given(st.sets(QUADS, max_size=25))
def test_one_pass_and_the_queries_agree_on_any_quads(quads: set[ox.Quad]) -> None:
    store = ox.Store()
    store.extend(quads)
    store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads if q.graph_name != REPORTED)
    assert counted(quads) == queried(store, SPACE)


# ── everything else ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_release_says_what_it_was_made_from(description: Description, release: Release) -> None:
    manifest = release.manifest
    dataset = description.value(description.one("dcat:Catalog"), "dcat:dataset")
    assert description.value(dataset, "dcterms:identifier") == release.id
    assert description.value(dataset, "dcat:version") == manifest["version"]
    assert description.value(description.one("prov:SoftwareAgent"), "dcat:version") == relgraph.__version__
    activity = description.value(dataset, "prov:wasGeneratedBy")
    used = description.values(activity, "prov:used")
    checksums = {
        description.value(node, "dcterms:identifier"): description.value(
            description.value(node, "spdx:checksum"), "spdx:checksumValue"
        )
        for node in used
    }
    assert checksums == manifest["inputs"]
    assert len(description.values(dataset, "prov:hadPrimarySource")) == 5


def test_files_are_described_by_size_and_checksum(description: Description, release: Release) -> None:
    names = set()
    for _, node in description.pairs("dcat:distribution"):
        name = description.value(node, "dcterms:title")
        content = (release.path / name).read_bytes()
        assert description.value(node, "dcat:byteSize") == str(len(content))
        checksum = description.value(node, "spdx:checksum")
        assert description.value(checksum, "spdx:checksumValue") == hashlib.sha256(content).hexdigest()
        names.add(name)
    assert names == {"dataset.nq", *(f"graph/{name}.ttl" for name in ("asserted", "inferred", "provenance", "reported"))}


def test_the_sums_of_all_files_can_be_checked(release: Release) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=release.path, check=True, capture_output=True)
    listed = {line.split("  ", 1)[1] for line in (release.path / "SHA256SUMS").read_text("utf-8").splitlines()}
    files = release.manifest["files"]
    assert isinstance(files, dict)
    assert listed == files.keys() - {"SHA256SUMS"}


def test_it_has_no_clock_no_machine_and_no_blank_node(release: Release) -> None:
    text = (release.path / catalogue.FILE).read_text("utf-8")
    assert str(release.path.parent) not in text
    assert "xsd:date" not in text
    assert "_:" not in text


def test_the_same_inputs_give_the_same_bytes_and_others_another_activity(mini: Mini, tmp_path: Path) -> None:
    one = built(mini)
    first, again = (build.write(one, tmp_path / name).path / catalogue.FILE for name in ("a", "b"))
    assert first.read_bytes() == again.read_bytes()
    changed = replace(one, inputs={**one.inputs, "ontology/verify/x.rq": "0" * 64})
    other = build.write(changed, tmp_path / "c").path / catalogue.FILE
    activities = [Description(file.read_bytes()).one("prov:Activity") for file in (first, other)]
    assert activities[0].rpartition("-")[0] == activities[1].rpartition("-")[0]
    assert activities[0] != activities[1]


def test_a_licence_is_stated_only_where_the_project_has_one(mini: Mini, tmp_path: Path, description: Description) -> None:
    dataset = description.value(description.one("dcat:Catalog"), "dcat:dataset")
    (licence,) = description.values(dataset, "dcterms:license")
    assert f"<{licence}>" in (ROOT / "LICENSE-data.md").read_text("utf-8")
    written = build.write(built(mini), tmp_path / "out").path / catalogue.FILE
    assert Description(written.read_bytes()).pairs("dcterms:license") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See <https://e.org/l/> and <https://e.org/m/>.", "https://e.org/l/"),
        ("See https://e.org/l/.", "https://e.org/l/"),
        ("See [the licence](https://e.org/l/), then <https://e.org/m/>.", "https://e.org/l/"),
        ('[1]: https://e.org/l/ "The licence"', "https://e.org/l/"),
        ("**https://e.org/l_(2.0)**", "https://e.org/l_(2.0)"),
        ("(see https://e.org/l?a=(b)&c=d)", "https://e.org/l?a=(b)&c=d"),
        ("Лицензия: «https://e.org/л/».", "https://e.org/л/"),
        ("All rights reserved.", ""),
        ("<not one>", ""),
        ("", ""),
    ],
)
def test_the_licence_is_the_first_address_in_the_file(text: str, expected: str) -> None:
    problems: list[Problem] = []
    assert catalogue.licence_of(text, "LICENSE-data.md", problems) == expected
    assert problems == []


@pytest.mark.parametrize("address", ["https://x.org/{y}", "https://[bad", "https:///x", "https://x.org/|"])
@pytest.mark.parametrize("form", ["See <{}>.", "See {} now."])
def test_an_address_that_is_no_iri_is_a_problem_with_its_line(mini: Mini, address: str, form: str) -> None:
    root = mini.write()
    (root / "LICENSE-data.md").write_text(f"# Licence\n\n{form.format(address)}\n", "utf-8")
    with pytest.raises(InputError) as refused:
        build.assemble(Project(root), None, lambda stage: None)
    (problem,) = refused.value.problems
    assert problem.where == f"{root / 'LICENSE-data.md'}:3"
    assert problem.what == f"the first address, {address}, is no IRI"


def test_nothing_in_the_graph_links_to_other_data_so_there_is_no_linkset(description: Description, store: ox.Store) -> None:
    links = asked(store, f'SELECT ?o {{ ?s ?p ?o FILTER(?p != rdf:type && isIRI(?o) && !STRSTARTS(STR(?o), "{SPACE}")) }}')
    assert links == []
    assert "void:Linkset" not in {kind for _, kind in description.pairs("rdf:type")}


def test_it_has_the_form_that_catalogues_of_data_ask_for(release: Release) -> None:
    graph = rdflib.Graph().parse(release.path / catalogue.FILE)
    conforms, _, text = pyshacl.validate(graph, shacl_graph=str(SHAPES))
    assert conforms, text


@pytest.mark.parametrize("lost", ["dcterms:title", "dcat:mediaType", "spdx:checksumValue", "void:triples", "prov:used"])
def test_the_shapes_see_what_is_missing(release: Release, lost: str) -> None:
    graph = rdflib.Graph().parse(release.path / catalogue.FILE)
    graph.remove((None, rdflib.URIRef(full(lost)), None))
    assert not pyshacl.validate(graph, shacl_graph=str(SHAPES))[0]
