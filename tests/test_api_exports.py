"""What relgraph exports is opened again with the same answers, or what is missing is said; networks are those of the GraphML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import networkx
import pytest

import relgraph
from relgraph import Dataset, exports
from relgraph.api.order import Order
from relgraph.errors import UsageError
from relgraph.exports import asking
from relgraph.release import Release


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def turtle(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default export: what is asserted, inferred and where it stands, without names of graphs and without the ontology."""
    return exported(release, tmp_path_factory.mktemp("exports") / "graph.ttl", "turtle")


def exported(release: Release, path: Path, form: str, *graphs: str) -> Path:
    with path.open("wb") as out:
        exports.write(release, form, asking.asked(release.store(), graphs=graphs), out)
    return path


def seen(ds: Dataset) -> list[object]:
    """What depends on which class is the narrowest, and which role."""
    every = ds.timeline()
    entity = ds.entity("NATO")
    return [
        sorted((fact.resource, fact.kind, fact.when) for fact in (*every, *every.undated)),
        [(fact.resource, fact.roles) for fact in entity.facts()],
        {name: ds.entity(name).kinds for name in ("NATO", "Russia", "Lord Robertson", "Moscow")},
        dict(ds.to_networkx().nodes(data=True)),
    ]


def test_a_file_without_the_ontology_gives_what_the_release_gives(ds: Dataset, turtle: Path) -> None:
    with relgraph.open(turtle) as file:
        assert file.entity("NATO").kinds == (relgraph.iri("rg:InternationalOrganization"),)
        assert seen(file) == seen(ds)


def test_a_file_with_all_graphs_gives_what_the_release_gives(ds: Dataset, release: Release) -> None:
    with relgraph.open(release.path / "dataset.nq") as file:
        assert seen(file) == seen(ds)


def edges(network: Any) -> Counter[tuple[str, str, str]]:
    iris = {node: data.get("iri", node) for node, data in network.nodes(data=True)}
    return Counter((iris[start], iris[end], data["label"]) for start, end, data in network.edges(data=True))


def test_a_network_has_the_nodes_and_edges_of_the_graphml(ds: Dataset, release: Release) -> None:
    out = BytesIO()
    exports.write(release, "graphml", exports.Selection(), out)
    out.seek(0)
    graphml, network = networkx.read_graphml(out), ds.to_networkx()
    same = ("kind", "class", "label", "status", "edtf", "begin", "end", "contested", "claims")
    ours = {node: {name: data[name] for name in same if name in data} for node, data in network.nodes(data=True)}
    theirs = {data["iri"]: {name: data[name] for name in same if name in data} for _, data in graphml.nodes(data=True)}
    assert ours == theirs
    assert edges(network) == edges(graphml)


def test_of_a_file_without_graphs_inferred_roles_are_edges_too(ds: Dataset, turtle: Path) -> None:
    with relgraph.open(turtle) as file:
        merged, stated = edges(file.to_networkx()), edges(ds.to_networkx())
    more = merged - stated
    assert not stated - merged
    assert {role for _, _, role in more} == {"initiatedBy", "terminatedBy"}


def test_data_without_what_is_inferred_say_so(release: Release, tmp_path: Path) -> None:
    with relgraph.open(exported(release, tmp_path / "asserted.ttl", "turtle", "asserted")) as ds:
        for call in (ds.timeline, ds.entity("NATO").facts, ds.to_networkx):
            with pytest.raises(UsageError, match=r"nothing that is a rg:Fact.*graphs asserted, provenance and inferred"):
                call()


def test_other_data_have_no_facts_and_no_complaint(tmp_path: Path) -> None:
    data = tmp_path / "other.ttl"
    data.write_text("<urn:a> a <urn:Person> ; <http://www.w3.org/2000/01/rdf-schema#label> 'Ann' .", "utf-8")
    with relgraph.open(data) as ds:
        assert [*ds.timeline(), *ds.entity("Ann").facts()] == []
        assert ds.to_networkx().number_of_nodes() == 0
        assert [kind.iri for kind in ds.entity("Ann").kinds] == ["urn:Person"]


def test_the_ontology_in_the_data_counts(tmp_path: Path) -> None:
    data = tmp_path / "own.trig"
    data.write_text(
        """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        <https://w3id.org/relgraph/ns> { <urn:Town> rdfs:subClassOf <urn:Place> . }
        <urn:a> a <urn:Town> , <urn:Place> ; rdfs:label "A" .""",
        "utf-8",
    )
    with relgraph.open(data) as ds:
        assert [kind.iri for kind in ds.entity("A").kinds] == ["urn:Town"]


def test_the_narrowest_stand_above_no_other() -> None:
    order = Order([("a", "b"), ("b", "c"), ("x", "c"), ("p", "q"), ("q", "p")])
    assert order.narrowest(["c", "b", "a", "x", "z"]) == ["a", "x", "z"]
    assert order.narrowest(["p", "q"]) == ["p", "q"]
    assert (order.special(["a", "x"]), order.special([])) == ("a", None)
    assert order.below("c") == ["a", "b", "c", "x"]
