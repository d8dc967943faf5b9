"""The W3C test suite for SPARQL 1.1, read into plain records: what is asked over which data, and what must come back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import cache
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pyoxigraph as ox
from rdflib import Graph, Namespace
from rdflib.namespace import RDF, RDFS
from rdflib.term import Node

FOLDER = Path(os.environ.get("RELGRAPH_W3C") or Path(__file__).parents[2] / "shared" / "w3c") / "sparql11"
#: Where the suite says that it lies; relative IRIs in its files are resolved against this, never against a local path.
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")


def path(iri: str) -> Path:
    """The local file behind the IRI of a file of the suite."""
    return FOLDER / iri.removeprefix(BASE)


def lookup_misses(file: Path) -> dict[str, str]:
    """The tests that are known to miss, each with its reason: lines of test, tab, reason; # begins a comment."""
    lines = [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    misses = dict(line.split("\t") for line in lines)
    if len(misses) < len(lines):
        raise ValueError(f"{file.name} lists a test twice")
    return misses


@dataclass(frozen=True, order=True)
class Data:
    """The dataset of a test, by the IRIs of files: those of the default graph, and those that are named graphs."""

    default: tuple[str, ...] = ()
    #: pairs of the graph's name and the file
    named: tuple[tuple[str, str], ...] = ()

    def quads(self) -> list[ox.Quad]:
        """What the files say; blank nodes of two files are never the same."""
        quads = [quad for file in self.default for quad in read(file, ox.DefaultGraph())]
        return quads + [quad for name, file in self.named for quad in read(file, ox.NamedNode(name))]


def read(file: str, graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[ox.Quad]:
    """The quads of a file of the suite, put into a graph."""
    for quad in ox.parse(path=path(file), base_iri=file, rename_blank_nodes=True):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)


@dataclass(frozen=True)
class QueryTest:
    """A query with its data and the IRI of the file of expected results; without one, only the syntax is the question."""

    id: str
    kind: str
    query: str
    data: Data
    result: str | None

    @property
    def text(self) -> str:
        """The query with its base IRI before it; where it states one itself, that one comes later and counts."""
        return f"BASE <{self.query}>\n{path(self.query).read_text('utf-8')}"


@dataclass(frozen=True)
class Request:
    """One request of a protocol test, and what its response must be."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None
    statuses: tuple[range, ...]
    boolean: bool | None
    #: "boolean", "tabular" or "RDF"
    form: str | None
    #: the variable that stands, in later requests, for the place where a graph was created
    location: str | None
    response_headers: dict[str, str]
    response_body: bytes | None

    def allows(self, status: int) -> bool:
        """Whether a status is one of those that are expected."""
        return any(status in statuses for statuses in self.statuses)

    @property
    def is_update(self) -> bool:
        """Whether this asks the SPARQL endpoint to change its data."""
        in_form = (self.body or b"").startswith(b"update=")
        return self.headers.get("content-type", "").startswith("application/sparql-update") or in_form


@dataclass(frozen=True)
class ProtocolTest:
    """A sequence of requests over some data."""

    id: str
    data: Data
    requests: tuple[Request, ...]


def query_tests(*names: str) -> list[QueryTest]:
    """The query tests of manifests and of all that these include; those of one dataset follow one another."""
    kinds = (MF.QueryEvaluationTest, MF.CSVResultFormatTest, MF.PositiveSyntaxTest11, MF.NegativeSyntaxTest11)
    found = []
    for manifest, test in (entry for name in names for entry in entries(name)):
        kind = manifest.value(test, RDF.type)
        if kind not in kinds:
            continue
        action, result = manifest.value(test, MF.action), manifest.value(test, MF.result)
        query = manifest.value(action, QT.query) or action
        named = [str(graph) for graph in manifest.objects(action, QT.graphData)]
        data = Data(
            tuple(sorted(str(file) for file in manifest.objects(action, QT.data))),
            tuple(sorted((name, name) for name in named)),
        )
        found.append(QueryTest(test_id(manifest, test), str(kind).partition("#")[2], str(query), data, text(result)))
    return sorted(found, key=lambda test: (test.data, test.id))


def protocol_tests(name: str) -> list[ProtocolTest]:
    """The tests of a manifest, and of all that it includes, that are made of HTTP requests."""
    found = []
    for manifest, test in entries(name):
        named = [
            (str(manifest.value(data, RDFS.label)), str(manifest.value(data, UT.graph)))
            for data in manifest.objects(test, UT.graphData)
        ]
        action = manifest.value(test, MF.action)
        requests = manifest.items(required(manifest, action, HT.requests)) if action else ()
        steps = tuple(request(manifest, node) for node in requests)
        found.append(ProtocolTest(test_id(manifest, test), Data(named=tuple(sorted(named))), steps))
    return found


@cache
def load(name: str) -> Graph:
    """A manifest as a graph."""
    return Graph().parse(path(name), format="turtle", publicID=BASE + name)


def entries(name: str) -> Iterator[tuple[Graph, Node]]:
    """The tests that a manifest lists, then those of the manifests that it includes, each with its manifest."""
    manifest = load(name)
    for listed in manifest.objects(None, MF.entries):
        for test in manifest.items(listed):
            yield manifest, test
    for listed in manifest.objects(None, MF.include):
        for included in manifest.items(listed):
            yield from entries(str(included).removeprefix(BASE))


def test_id(manifest: Graph, test: Node) -> str:
    """The folder of a test and its name there: aggregates/agg01."""
    folder = str(manifest.value(None, RDF.type, MF.Manifest)).removeprefix(BASE).split("/")[0]
    return f"{folder}/{str(test).partition('#')[2]}"


def required(manifest: Graph, node: Node, term: Node) -> Node:
    """The value of a property that must be there."""
    value = manifest.value(node, term)
    if value is None:
        raise ValueError(f"{node} has no {term}")
    return value


def text(node: Node | None) -> str | None:
    """A node as plain text."""
    return None if node is None else str(node)


def request(manifest: Graph, node: Node) -> Request:
    """The request that a node of a manifest describes."""
    response = required(manifest, node, HT.resp)
    boolean, form = manifest.value(response, MF.expectedBoolean), manifest.value(response, MF.expectedFormat)
    location = manifest.value(response, MF.expectedLocation)
    return Request(
        method=str(required(manifest, node, HT.methodName)),
        target=str(required(manifest, node, HT.absolutePath)),
        headers=headers(manifest, node),
        body=body(manifest, node),
        statuses=tuple(statuses(str(status)) for status in manifest.objects(response, MF.expectedStatus)),
        boolean=None if boolean is None else str(boolean) == "true",
        form=text(form),
        location=text(location),
        response_headers=headers(manifest, response),
        response_body=body(manifest, response),
    )


def headers(manifest: Graph, message: Node) -> dict[str, str]:
    """The headers of a request or response, their names in lower case."""
    listed = manifest.value(message, HT.headers)
    fields = manifest.items(listed) if listed else ()
    return {str(manifest.value(field, HT.fieldName)).lower(): str(manifest.value(field, HT.fieldValue)) for field in fields}


def body(manifest: Graph, message: Node) -> bytes | None:
    """The body of a request or response in its encoding, or None."""
    content = manifest.value(message, HT.body)
    if content is None:
        return None
    return str(required(manifest, content, CNT.chars)).encode(str(required(manifest, content, CNT.characterEncoding)))


def statuses(iri: str) -> range:
    """The codes that a term for a status, or for a class of them, stands for: hts:StatusCode2xx, hts:NoContent."""
    name = iri.partition("#")[2]
    if name.startswith("StatusCode"):
        first = int(name[len("StatusCode")]) * 100
        return range(first, first + 100)
    code = next(status for status in HTTPStatus if status.name.replace("_", "").lower() == name.lower())
    return range(code, code + 1)


@dataclass
class Graphs:
    """A graph store as it would be if it took writes: what the reads of a protocol test have to find."""

    #: the URL under which graphs have their direct names
    url: str
    quads: frozenset[ox.Quad] = frozenset()

    def name(self, target: str) -> ox.NamedNode | ox.DefaultGraph:
        """The graph that a request target means: ?default, ?graph=IRI, or else the URL of the target itself."""
        parts = urlsplit(target)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        if "default" in asked:
            return ox.DefaultGraph()
        return ox.NamedNode(asked.get("graph") or self.url + parts.path)

    def write(self, request: Request, target: str) -> None:
        """Carry out a PUT, POST or DELETE."""
        graph = self.name(target)
        if request.method in ("PUT", "DELETE"):
            self.quads = frozenset(quad for quad in self.quads if quad.graph_name != graph)
        for content in parts(request):
            parsed = ox.parse(content, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            self.quads |= {ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in parsed}


def parts(request: Request) -> list[bytes]:
    """The Turtle documents in the body of a request, of which multipart/form-data has several."""
    if request.body is None:
        return []
    kind = request.headers["content-type"]
    if not kind.startswith("multipart/"):
        return [request.body]
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body, policy=policy.HTTP)
    return [bytes(part.get_content(), "utf-8") for part in message.iter_parts()]
