"""Terms of the ontology are found by their labels, as `relgraph why` finds them, described, and give their things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Store

import relgraph
from relgraph import Dataset, naming
from relgraph.errors import UsageError
from relgraph.release import Release
from server import Server

MEMBERSHIPS = "SELECT DISTINCT ?m { ?m a rg:Membership } ORDER BY ?m"


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


@pytest.mark.parametrize(
    "name", ["Membership", "membership", "Членство", "членство", "rg:Membership", relgraph.iri("rg:Membership")]
)
def test_a_class_is_found_by_its_label_in_either_language(name: str, ds: Dataset, store: Store) -> None:
    found = ds.entity(name)
    assert found.key == "rg:Membership"
    assert naming.resource(store, "the subject", str(name)).value == found.iri
    assert found.labels == {"en": "membership", "ru": "членство"}


def test_a_class_says_what_it_is_and_how_to_ask_for_its_things(release: Release) -> None:
    shown = {
        "en": ("membership (rg:Membership): class of the ontology; its things are .instances()", "A relation in which an actor"),
        "ru": ("членство (rg:Membership): класс онтологии; его экземпляры – .instances()", "Отношение, в котором актор"),
    }
    for language, (words, definition) in shown.items():
        with relgraph.open(release.path, language=language) as ds:
            found = ds.entity("Членство")
            assert repr(found) == words
            assert (found.definition or "").startswith(definition)
            assert definition in found._repr_html_()


def test_the_things_of_a_class_are_its_instances_and_its_timeline(ds: Dataset) -> None:
    found = ds.entity("Членство")
    assert [row.thing for row in found.instances()] == [row.m for row in ds.select(MEMBERSHIPS)] != []
    timeline = found.timeline()
    assert {fact.resource for fact in (*timeline, *timeline.undated)} == {row.thing for row in found.instances()}
    assert {fact.roles for fact in found.facts()} == {()}
    assert {row.thing for row in ds.entity("State").instances()} < {row.thing for row in ds.entity("Actor").instances()}


def test_what_is_no_class_has_no_instances(ds: Dataset, tmp_path: Path) -> None:
    for name in ("NATO", "visitor"):
        with pytest.raises(UsageError, match=r"is no class of the ontology, and only classes have instances"):
            ds.entity(name).instances()
    data = tmp_path / "data.ttl"
    data.write_text("@prefix owl: <http://www.w3.org/2002/07/owl#> . <urn:C> a owl:Class . <urn:a> a <urn:D> .", "utf-8")
    with relgraph.open(data) as file:
        assert len(file.entity("urn:C").instances()) == 0
        assert [row.thing.iri for row in file.entity("urn:D").instances()] == ["urn:a"]


def test_a_property_is_found_and_is_a_parameter(ds: Dataset) -> None:
    visitor = ds.entity("visitor")
    assert repr(visitor) == "visitor (rg:visitor): property of the ontology"
    assert len(ds.select("SELECT ?who { ?visit ?role ?who }", role=visitor)) == 5


def test_a_topic_is_called_a_concept(release: Release) -> None:
    for language, word in (("en", "concept"), ("ru", "понятие")):
        with relgraph.open(release.path, language=language) as ds:
            assert repr(ds.entity("NATO enlargement")).endswith(f"(topic/nato-enlargement): {word}")


def test_a_thing_of_a_name_comes_before_a_term(tmp_path: Path) -> None:
    data = tmp_path / "data.trig"
    data.write_text(
        """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix rg: <https://w3id.org/relgraph/ns#> .
        <https://w3id.org/relgraph/ns> { rg:Visit skos:prefLabel "visit"@en . rg:Treaty skos:prefLabel "treaty"@en }
        <urn:a> skos:prefLabel "Visit"@en .""",
        "utf-8",
    )
    with relgraph.open(data) as ds:
        assert ds.entity("visit").iri == "urn:a"
        assert ds.entity("Treaty").key == "rg:Treaty"
        with pytest.raises(UsageError, match=r"Did you mean treaty \(Treaty\)"):
            ds.entity("Traety")
        with pytest.raises(UsageError, match="Look it up"):
            ds.entity("Teeth")


def test_a_class_is_not_taken_for_a_thing_of_that_kind(ds: Dataset) -> None:
    with pytest.raises(UsageError, match="the parameter place: Membership is no Place"):
        ds.run("visits-by-office", place="Членство")


def test_an_endpoint_and_a_file_find_the_same_terms(release: Release, ds: Dataset, tmp_path: Path) -> None:
    with (
        Server(tmp_path / "log", "--release", release.path) as server,
        relgraph.open(server.url) as endpoint,
        relgraph.open(release.path / "dataset.nq") as file,
    ):
        for other in (endpoint, file):
            found = other.entity("Членство")
            assert (repr(found), found.definition) == (repr(ds.entity("Membership")), ds.entity("Membership").definition)
            assert list(found.instances()) == list(ds.entity("Membership").instances())
