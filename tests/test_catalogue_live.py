"""Every statement of the description is checked against the live server: each predicate has its check, or a test fails."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2
import pyshacl
import pytest
import rdflib
from pyoxigraph import RdfFormat, parse

from described import NUMBERS, SPACE, Description, Service, full, number, pattern
from relgraph.release import Release
from server import Server

ROOT = Path(__file__).parents[1]
SHAPES = ROOT / "tests" / "fixtures" / "catalogue" / "shapes.ttl"
SYNTAXES = {
    "application/n-quads": RdfFormat.N_QUADS, "text/turtle": RdfFormat.TURTLE, "application/n-triples": RdfFormat.N_TRIPLES,
    "application/trig": RdfFormat.TRIG, "application/rdf+xml": RdfFormat.RDF_XML, "application/ld+json": RdfFormat.JSON_LD,
}  # fmt: skip
FEATURES = {
    "Turtle": "turtle",
    "JSON-LD": "jsonld",
    "N-Triples": "ntriples",
    "N-Quads": "nquads",
    "TriG": "trig",
    "RDF_XML": "rdfxml",
}


class Live:
    """A server and what it says of itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx2.Client(timeout=60)
        self.files: dict[str, httpx2.Response] = {}
        self.found = self.client.get(url + ".well-known/void")
        self.said = Description(self.found.content)
        service = self.client.get(url + "sparql", headers={"Accept": "text/turtle"})
        self.service = Service(service.content)

    def rows(self, query: str) -> list[dict[str, str]]:
        answer = self.client.post(self.url + "sparql", data={"query": query})
        assert answer.status_code == 200, answer.text
        bindings = answer.json()["results"]["bindings"]
        return [{name: term["value"] for name, term in row.items()} for row in bindings]

    def ask(self, query: str) -> bool:
        return bool(self.client.post(self.url + "sparql", data={"query": query}).json()["boolean"])

    def file(self, address: str) -> httpx2.Response:
        if address not in self.files:
            self.files[address] = self.client.get(address)
            assert self.files[address].status_code == 200, address
        return self.files[address]

    @cached_property
    def dataset(self) -> str:
        return self.said.value(self.url + ".well-known/void", "foaf:primaryTopic")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        release = self.said.value(self.dataset, "dcterms:identifier")
        found: dict[str, Any] = self.client.get(f"{self.url}files/{release}/manifest.json").json()
        return found

    def kinds(self, node: str) -> set[str]:
        return set(self.said.values(node, "rdf:type"))

    def is_a(self, node: str, kind: str) -> None:
        assert full(kind) in self.kinds(node), (node, kind)


@pytest.fixture(scope="module")
def live(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with Server(tmp_path_factory.mktemp("live") / "log", "--release", release.path) as server:
        found = Live(server.url)
        yield found
        found.client.close()


# ── the checks, by predicate: each is called with every subject and object ──────────────────────────────────────────

Check = Callable[[Live, str, str], None]


def counts(predicate: str) -> Check:
    def check(live: Live, node: str, value: str) -> None:
        assert live.rows(number(predicate, pattern(live.said, node))) == [{"n": value}], node

    return check


def leads_to(kind: str) -> Check:
    return lambda live, node, value: live.is_a(value, kind)


def has_both_languages(predicate: str) -> Check:
    def check(live: Live, node: str, value: str) -> None:
        file = full("dcat:Distribution") in live.kinds(node)
        assert live.said.languages(node, predicate) in ([["en", "ru"], [""]] if file else [["en", "ru"]]), node

    return check


def identifier(live: Live, node: str, value: str) -> None:
    if node == live.dataset:
        assert value == live.found.headers["relgraph-release"] == live.manifest["release"]
    elif full("dcat:Dataset") in live.kinds(node):
        assert value in live.service.graphs()[1]
    else:
        assert value in live.manifest["inputs"]


def conforms(live: Live, node: str, value: str) -> None:
    if node == live.dataset:
        assert live.ask(f"ASK {{ GRAPH ?g {{ <{SPACE}ns> owl:versionIRI <{value}> }} }}")
    else:
        assert value == "https://www.w3.org/TR/sparql11-protocol/"  # held by tests/test_w3c_sparql.py


def version(live: Live, node: str, value: str) -> None:
    assert value == live.manifest["version" if node == live.dataset else "software"]


def licence(live: Live, node: str, value: str) -> None:
    release = live.manifest["release"]
    assert f"<{value}>" in live.file(f"{live.url}files/{release}/LICENSE-data.md").text


def vocabularies(live: Live, node: str, value: str) -> None:
    terms = [row["t"] for row in live.rows("SELECT DISTINCT ?t { { ?s ?t ?o } UNION { ?s a ?t } }")]
    used = {term[: term.rfind("#") + 1] or term[: term.rfind("/") + 1] for term in terms}
    assert value in used
    assert set(live.said.values(node, "void:vocabulary")) == used
    if value.startswith(SPACE):
        resolves(live, value.partition("#")[0])


def example(live: Live, node: str, value: str) -> None:
    assert live.ask(f"ASK {{ <{value}> ?p ?o }}")
    resolves(live, value)


def resolves(live: Live, iri: str) -> None:
    """At this server: the redirect of w3id.org is that of docs/w3id."""
    address = live.url + iri.removeprefix(SPACE)
    found = live.client.get(address, headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert found.status_code == 200, address
    assert iri in {str(subject) for subject in rdflib.Graph().parse(data=found.content, format="turtle").subjects()} | {iri + "#"}


def feature(live: Live, node: str, value: str) -> None:
    name = FEATURES[value.removeprefix("http://www.w3.org/ns/formats/")]
    found = live.client.get(live.url + "graphs", params={"default": "", "format": name})
    assert found.status_code == 200
    assert found.headers["content-type"].partition(";")[0] in SYNTAXES


def space(live: Live, node: str, value: str) -> None:
    inside = f'SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {{ {pattern(live.said, node)} }} FILTER(STRSTARTS(STR(?s), "{value}")) }}'
    assert live.rows(inside) == [{"n": live.said.value(node, "void:entities")}]


def subset(live: Live, node: str, value: str) -> None:
    live.is_a(value, "void:Dataset")
    assert int(live.said.value(value, "void:triples")) <= int(live.said.value(node, "void:triples"))


def in_use(what: str) -> Check:
    """There is something that the pattern finds."""

    def check(live: Live, node: str, value: str) -> None:
        assert live.ask(f"ASK {{ {what.format(value)} }}")

    return check


def name(live: Live, node: str, value: str) -> None:
    live.is_a(node, "prov:SoftwareAgent")
    assert value == "relgraph"


def partition(predicate: str, named_by: str, query: str) -> Check:
    """There is a partition for everything that the query finds, and for nothing else."""

    def check(live: Live, node: str, value: str) -> None:
        assert node.endswith("#default-graph")
        assert live.said.values(value, named_by)

    def complete(live: Live, node: str, value: str) -> None:
        check(live, node, value)
        parts = live.said.values(node, predicate)
        if value == parts[0]:
            assert {live.said.value(part, named_by) for part in parts} == {row["t"] for row in live.rows(query)}

    return complete


def endpoint(live: Live, node: str, value: str) -> None:
    found = live.client.get(value, params={"query": "ASK {}"}, headers={"Accept": "application/sparql-results+json"})
    assert found.json()["boolean"] is True


def described_by(live: Live, node: str, value: str) -> None:
    answer = live.client.get(value, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200
    found = Description(answer.content)
    assert "http://www.w3.org/ns/sparql-service-description#Service" in found.values(node, "rdf:type")


def page(live: Live, node: str, value: str) -> None:
    assert live.file(value).headers["content-type"].startswith("text/html")


def dump(live: Live, node: str, value: str) -> None:
    """A dump holds the triples that the dataset is said to have."""
    found = live.file(value)
    quads = parse(found.content, SYNTAXES[found.headers["content-type"].partition(";")[0]])
    triples = {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}
    assert len(triples) == int(live.said.value(node, "void:triples"))


def download(live: Live, node: str, value: str) -> None:
    """A file can be had, looked at without being had, and asked for only where it is another."""
    found = live.file(value)
    head = live.client.head(value)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == found.headers["content-type"]
    assert live.client.get(value, headers={"If-None-Match": found.headers["etag"]}).status_code == 304


def size(live: Live, node: str, value: str) -> None:
    assert int(value) == len(live.file(live.said.value(node, "dcat:downloadURL")).content)


def media_type(live: Live, node: str, value: str) -> None:
    content_type = live.file(live.said.value(node, "dcat:downloadURL")).headers["content-type"].partition(";")[0]
    assert value == f"https://www.iana.org/assignments/media-types/{content_type}"


def checksum(live: Live, node: str, value: str) -> None:
    """The SHA-256 of a file is that of what is downloaded, that of an input what the manifest says."""
    ((owner, _),) = [pair for pair in live.said.pairs("spdx:checksum") if pair[1] == node]
    if full("dcat:Distribution") in live.kinds(owner):
        assert value == hashlib.sha256(live.file(live.said.value(owner, "dcat:downloadURL")).content).hexdigest()
    else:
        assert value == live.manifest["inputs"][live.said.value(owner, "dcterms:identifier")]


def algorithm(live: Live, node: str, value: str) -> None:
    assert value == full("spdx:checksumAlgorithm_sha256")


def used(live: Live, node: str, value: str) -> None:
    live.is_a(value, "prov:Entity")
    paths = {live.said.value(item, "dcterms:identifier") for item in live.said.values(node, "prov:used")}
    assert paths == set(live.manifest["inputs"])


def source(live: Live, node: str, value: str) -> None:
    documents = {
        row["d"] for row in live.rows("SELECT ?d { GRAPH <https://w3id.org/relgraph/id/graph/provenance> { ?d a rg:Document } }")
    }
    assert value in documents
    assert set(live.said.values(node, "prov:hadPrimarySource")) == documents


def document_hash(live: Live, node: str, value: str) -> None:
    assert live.ask(f'ASK {{ <{node}> rg:sha256 "{value}" }}')


def kind(live: Live, node: str, value: str) -> None:
    assert value in KINDS


KINDS = {
    full(name)
    for name in (
        "dcat:Catalog", "dcat:Dataset", "dcat:DataService", "dcat:Distribution", "prov:Activity", "prov:Entity",
        "prov:SoftwareAgent", "spdx:Checksum", "void:Dataset", "void:DatasetDescription",
    )
}  # fmt: skip

CHECKS: dict[str, Check] = {
    **{name: counts(name) for name in NUMBERS},
    "rdf:type": kind,  # what each must have besides is held by the shapes
    "dcat:accessURL": download,
    "dcat:byteSize": size,
    "dcat:dataset": leads_to("dcat:Dataset"),
    "dcat:distribution": leads_to("dcat:Distribution"),
    "dcat:downloadURL": download,
    "dcat:endpointDescription": described_by,
    "dcat:endpointURL": endpoint,
    "dcat:landingPage": page,
    "dcat:mediaType": media_type,
    "dcat:servesDataset": leads_to("dcat:Dataset"),
    "dcat:service": leads_to("dcat:DataService"),
    "dcat:version": version,
    "dcterms:conformsTo": conforms,
    "dcterms:description": has_both_languages("dcterms:description"),
    "dcterms:identifier": identifier,
    "dcterms:license": licence,
    "dcterms:title": has_both_languages("dcterms:title"),
    "foaf:name": name,
    "foaf:primaryTopic": leads_to("void:Dataset"),
    "prov:hadPrimarySource": source,
    "prov:used": used,
    "prov:wasAssociatedWith": leads_to("prov:SoftwareAgent"),
    "prov:wasGeneratedBy": leads_to("prov:Activity"),
    "rg:sha256": document_hash,
    "spdx:algorithm": algorithm,
    "spdx:checksum": leads_to("spdx:Checksum"),
    "spdx:checksumValue": checksum,
    "void:class": in_use("?s a <{}>"),
    "void:classPartition": partition("void:classPartition", "void:class", "SELECT DISTINCT ?t { ?s a ?t }"),
    "void:dataDump": dump,
    "void:exampleResource": example,
    "void:feature": feature,
    "void:property": in_use("?s <{}> ?o"),
    "void:propertyPartition": partition("void:propertyPartition", "void:property", "SELECT DISTINCT ?t { ?s ?t ?o }"),
    "void:sparqlEndpoint": endpoint,
    "void:subset": subset,
    "void:uriSpace": space,
    "void:vocabulary": vocabularies,
}


#: What is said in words, for people.
WORDS = {"dcterms:title", "dcterms:description"}


@pytest.mark.parametrize("predicate", CHECKS)
def test_each_statement_is_true(live: Live, predicate: str) -> None:
    stated = live.said.pairs(predicate)
    assert stated, "nothing is stated with it: the check has lost its purpose"
    for node, value in stated:
        CHECKS[predicate](live, node, value)


def test_there_is_a_check_for_every_predicate(live: Live) -> None:
    assert live.said.predicates() == CHECKS.keys()


@pytest.mark.parametrize("predicate", sorted(CHECKS.keys() - WORDS))
def test_no_check_takes_something_false_for_true(live: Live, predicate: str) -> None:
    node, value = live.said.pairs(predicate)[0]
    false = str(int(value) + 1) if value.isdecimal() else live.url + "false" if "://" in value else value[::-1] + "x"
    with pytest.raises((AssertionError, LookupError, ValueError)):
        CHECKS[predicate](live, node, false)


def test_the_service_description_gives_the_same_numbers(live: Live) -> None:
    default, graphs = live.service.graphs()
    assert default == live.said.value(f"{live.dataset}#default-graph", "void:triples")
    stated = {
        live.said.value(node, "dcterms:identifier"): live.said.value(node, "void:triples")
        for node in live.said.values(live.dataset, "void:subset")
        if live.said.values(node, "dcterms:identifier")
    }
    assert graphs == stated


def test_the_service_description_leads_to_it(live: Live) -> None:
    endpoint = live.url + "sparql"
    assert live.service.values(endpoint, "rdfs:seeAlso") == [live.url + ".well-known/void"]
    assert live.service.values(endpoint, "dcat:servesDataset") == [live.dataset]


def test_the_served_description_is_that_of_the_build_and_more(live: Live, release: Release) -> None:
    built = {quad.triple for quad in Description((release.path / "catalogue.ttl").read_bytes()).store}
    served = {quad.triple for quad in live.said.store}
    assert built < served
    local = {triple for triple in built if live.url in str(triple)}
    assert local == set()


def test_it_has_the_form_that_catalogues_of_data_ask_for(live: Live) -> None:
    conforms, _, text = pyshacl.validate(rdflib.Graph().parse(data=live.found.content), shacl_graph=str(SHAPES))
    assert conforms, text
