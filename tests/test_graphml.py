"""GraphML: what networkx reads is what SPARQL finds, and what XML cannot hold is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO, cast
from xml.etree import ElementTree

import networkx
import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from relgraph.errors import InputError
from relgraph.exports import Selection, Source, graphml, selected
from relgraph.exports.graphml import EDGE_KEYS, NODE_KEYS, node_id
from relgraph.exports.source import ALL
from relgraph.release import Release, nquads
from relgraph.vocabulary import ASSERTED, ID, PREF_LABEL, PREFIXES, PROVENANCE, REPORTED, RG, A, data, rg

ROOT = Path(__file__).parents[1]
PREFIX = f"BASE <{ID}>\n" + "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
#: The stubs of networkx do not say what attributes are.
Network = Any
NAMESPACE = "{http://graphml.graphdrawing.org/xmlns}"


def written(source: Source) -> bytes:
    out = io.BytesIO()
    graphml.write(source, out)
    return out.getvalue()


def read(content: bytes) -> Network:
    return networkx.MultiDiGraph(networkx.read_graphml(io.BytesIO(content)))


@pytest.fixture(scope="module")
def content(release: Release) -> bytes:
    return written(Source(release))


@pytest.fixture(scope="module")
def network(content: bytes) -> Network:
    return read(content)


def asked(store: Store, query: str) -> list[tuple[Any, ...]]:
    return [tuple(None if term is None else term.value for term in row) for row in cast(Any, store.query(PREFIX + query))]


def test_nodes_are_the_entities_and_facts(network: Network, release: Release) -> None:
    counts = cast("dict[str, int]", release.manifest["counts"])
    kinds = [kind for _, kind in network.nodes(data="kind")]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "entity": counts["entities"], "event": counts["events"], "relation": counts["relations"],
    }  # fmt: skip
    assert all(node == node_id(iri) for node, iri in network.nodes(data="iri"))


def test_edges_are_the_roles_of_facts(network: Network, store: Store) -> None:
    expected = asked(
        store,
        "SELECT ?f ?p ?v { ?f a rg:Fact GRAPH <graph/asserted> { ?f ?p ?v . ?v a ?class } "
        "FILTER(?class != rg:TimeSpan && STRSTARTS(STR(?v), STR(id:)) && ?p != rg:possiblySameAs) }",
    )
    found = [(source, label, target) for source, target, label in network.edges(data="label")]
    assert sorted(found) == sorted((node_id(fact), role.removeprefix(RG), node_id(value)) for fact, role, value in expected)


def test_a_fact_has_its_status_date_and_claims(network: Network, store: Store) -> None:
    for iri, count, label, edtf in asked(
        store,
        "SELECT ?f (COUNT(DISTINCT ?c) AS ?n) ?label (MIN(?e) AS ?edtf) { ?c rg:about ?f . ?f skos:prefLabel ?label "
        "FILTER(LANG(?label) = 'en') OPTIONAL { ?f rg:time/rg:edtf ?e } } GROUP BY ?f ?label",
    ):
        node = network.nodes[node_id(iri)]
        assert (node["claims"], node["label"]) == (int(count), label)
        assert node.get("edtf", "").split(" | ")[0] == (edtf or "")
    visit = network.nodes["event:accession-russia-pfp"]
    assert (visit["status"], visit["earliest"], visit["latest"]) == ("Occurred", "1994-06-22T00:00:00", "1994-06-22T23:59:59")
    assert visit["label_ru"].startswith("Присоединение")
    assert {f"{ID}event/{node.removeprefix('event:')}" for node, contested in network.nodes(data="contested") if contested} == {
        iri for (iri,) in asked(store, "SELECT ?f { ?f rg:contested true }")
    }


def test_an_edge_says_which_claims_it_rests_on(network: Network) -> None:
    for _, _, about in network.edges(data=True):
        claims = about["claims"].split(" | ")
        assert about["weight"] == len(claims)
        assert {claim.removeprefix(f"{ID}claim/")[:3] for claim in claims} == {
            document.removeprefix(f"{ID}document/") for document in about["documents"].split(" | ")
        }


def test_the_same_release_makes_the_same_bytes(content: bytes, release: Release) -> None:
    assert written(Source(release)) == content


def test_a_selection_is_a_network_of_its_own(release: Release, network: Network) -> None:
    with selected(release, Selection(documents=(data("document/001"),)), ALL) as source:
        found = read(written(source))
    assert 0 < len(found) < len(network)
    assert set(found) <= set(network)
    assert all("kind" in about for _, about in found.nodes(data=True))  # no node is there only because of an edge
    assert {document for _, _, document in found.edges(data="documents")} == {f"{ID}document/001"}


@pytest.mark.parametrize(
    ("graphs", "of_nodes"), [((ASSERTED,), False), ((ASSERTED, REPORTED), False), ((ASSERTED, PROVENANCE), True)]
)
def test_what_claims_say_is_left_out_where_their_graphs_are_not_wanted(
    release: Release, network: Network, graphs: tuple[NamedNode, ...], of_nodes: bool
) -> None:
    found = read(written(Source(release, graphs)))
    assert set(found) == set(network)
    facts = [about for _, about in found.nodes(data=True) if about["kind"] != "entity"]
    assert {"claims" in about for about in facts} == {"documents" in about for about in facts} == {of_nodes}
    assert [set(about) for _, _, about in found.edges(data=True)] == [{"label"}] * network.number_of_edges()


def test_keys_are_declared_before_they_are_used_and_named_as_gephi_reads_them(content: bytes) -> None:
    declared: set[str] = set()
    places = []
    for _, element in ElementTree.iterparse(io.BytesIO(content)):
        if element.tag == f"{NAMESPACE}key":
            assert element.get("attr.name") == str(element.get("id")).partition("-")[2]
            declared.add(str(element.get("id")))
        if element.tag == f"{NAMESPACE}data":
            assert element.get("key") in declared
        places.append(element.tag.removeprefix(NAMESPACE))
    assert {"node-label", "edge-label", "edge-weight"} <= declared
    assert places.index("edge") > len(places) - 1 - places[::-1].index("node")  # nodes first


def made(release: Release, label: str, key: str = "place/x") -> Source:
    place, event = NamedNode(ID + key), data("event/x")
    quads = [
        Quad(place, A, rg("Place"), ASSERTED),
        Quad(place, PREF_LABEL, Literal(label, language="en"), ASSERTED),
        Quad(event, A, rg("Meeting"), ASSERTED),
        Quad(event, rg("place"), place, ASSERTED),
        Quad(event, rg("place"), data("place/elsewhere"), ASSERTED),
        Quad(event, rg("designation"), Literal("not an edge", language="en"), ASSERTED),
    ]
    return Source(release, ALL, nquads(quads))


@pytest.mark.parametrize(
    "label", ["<a & b>", "]]>", '"', "a\r\nb\rc\td", "😀𝒳", " two  blanks ", "Ё", "&#1;", "\x7f\x85", "\ud7ff\ue000\ufffd"]
)
def test_what_xml_can_hold_comes_back_as_it_was(release: Release, label: str) -> None:
    network = read(written(made(release, label)))
    assert network.nodes["place:x"]["label"] == label


@pytest.mark.parametrize("character", ["\0", "\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_what_xml_forbids_is_refused_with_the_node(release: Release, character: str) -> None:
    with pytest.raises(InputError) as caught:
        written(made(release, f"a{character}b"))
    (problem,) = caught.value.problems
    assert problem.where == f"<{ID}place/x>"
    assert f"U+{ord(character):04X}" in problem.what
    assert "label" in problem.what


@pytest.mark.parametrize("key", ["place/Москва", "place/𝒳", "place/a&b'c", "place/a:b", "place/a/b"])
def test_an_iri_that_is_no_key_is_its_own_id(release: Release, key: str) -> None:
    network = read(written(made(release, "x", key)))
    assert network.nodes[ID + key]["label"] == "x"
    assert network.has_edge("event:x", ID + key)


def test_values_that_are_not_there_or_no_resources_are_no_edges(release: Release) -> None:
    network = read(written(made(release, "x")))
    assert sorted(network) == ["event:x", "place:x"]
    assert network.number_of_edges() == 1


def test_ids_of_keys_are_different_and_stable() -> None:
    assert node_id(f"{ID}state/RUS") == "state:RUS"
    assert node_id("https://example.org/x") == "https://example.org/x"
    assert node_id(ID) == ID


def test_an_empty_source_is_an_empty_network(release: Release) -> None:
    assert len(read(written(Source(release, ALL, b"")))) == 0


def test_a_full_disk_is_an_error(release: Release) -> None:
    class Full(io.RawIOBase):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        graphml.write(Source(release), cast(BinaryIO, Full()))


def test_the_docs_name_every_attribute() -> None:
    documented = (ROOT / "docs" / "tables.md").read_text("utf-8").partition("## Networks")[2]
    for keys in (NODE_KEYS, EDGE_KEYS):
        assert "".join(f"| `{name}` | {kind} |\n" for name, kind in keys.items()) in documented
