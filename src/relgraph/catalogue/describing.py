"""The description of a release: everything that does not depend on where it is served."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple

from relgraph import rdf
from relgraph.catalogue import provenance, voiding
from relgraph.catalogue.statistics import SPACE, counted
from relgraph.catalogue.terms import FORMATS, MEDIA_TYPES, PREFIXES, Words, both, checksum, dcat, dcterms, prov, typed, void
from relgraph.errors import Problem
from relgraph.vocabulary import ASSERTED, ID, INFERRED, ONTOLOGY_GRAPH, OWL, PROVENANCE, REPORTED, RG, XSD, rg

#: The file of a release that holds its description.
FILE: Final = "catalogue.ttl"
#: The graphs of a release, as the description names them.
GRAPH_NAMES: Final = {
    ASSERTED.value: "asserted",
    PROVENANCE.value: "provenance",
    INFERRED.value: "inferred",
    REPORTED.value: "reported",
    ONTOLOGY_GRAPH.value: "ontology",
}
_CATALOGUE = NamedNode(ID + "catalogue")
_TITLE: Words = ("Knowledge graph of political documents", "Граф знаний по политическим документам")
_DESCRIPTION: Words = (
    "Actors, relations and events that political documents speak of, with the claims and the passages behind every statement.",
    "Акторы, отношения и события, о которых говорят политические документы, с утверждениями и отрывками за каждым из них.",
)
_CATALOGUE_TITLE: Words = ("Releases of the graph", "Выпуски графа")
_CATALOGUE_DESCRIPTION: Words = ("Data that relgraph has released.", "Данные, выпущенные relgraph.")
_DEFAULT: Words = (
    "Default graph: what a query sees that names no graph; asserted, provenance and inferred, each triple once",
    "Граф по умолчанию: то, что видит запрос без имени графа; asserted, provenance и inferred, каждый триплет один раз",
)
#: What each graph holds.
_GRAPHS: Mapping[str, Words] = {
    "asserted": ("Entities, concepts, facts and time spans", "Сущности, понятия, факты и промежутки времени"),
    "provenance": ("Claims, passages, documents and sections", "Утверждения, отрывки, документы и разделы"),
    "inferred": ("What OWL 2 RL derives from the asserted graph", "То, что OWL 2 RL выводит из графа asserted"),
    "reported": ("Values as single places state them", "Значения, как их приводят отдельные места"),
    "ontology": ("Classes and properties", "Классы и свойства"),
}
#: Classes whose first thing is an example.
_EXAMPLES = tuple(rg(name).value for name in ("State", "Person", "Membership", "Visit", "Meeting", "Claim", "Document"))
#: Media type, and unique IRI of the format (https://www.w3.org/ns/formats/), by ending of the file.
_TYPES = {".nq": ("application/n-quads", "N-Quads"), ".ttl": ("text/turtle", "Turtle")}
#: An address in a text (Markdown): in angle brackets, or up to white space.
_ADDRESS: Final = re.compile(r"<(?P<enclosed>https?://[^\s<>]+)>|(?P<bare>https?://[^\s<>]+)", re.IGNORECASE)
_SOURCE_HASH, _VERSION = rg("sha256"), NamedNode(OWL + "versionIRI")


@dataclass(frozen=True)
class Made:
    """What is known of a release beside its quads.

    release: its id; version: of the data, "" for none; software: the version of relgraph; inputs: SHA-256 of every input
    file by its path in the project; files: content by name; licence: IRI of the licence of the data, "" where the project
    does not say.
    """

    release: str
    version: str
    software: str
    inputs: Mapping[str, str]
    files: Mapping[str, bytes]
    licence: str


def licence_of(text: str, where: str, problems: list[Problem]) -> str:
    """The IRI of the licence that a project's LICENSE-data.md names: the first address in it; "" for none.

    The address may stand bare, in angle brackets, or be the target of a Markdown link. where: the file; one that is no IRI adds
    a problem with its line.
    """
    found = _ADDRESS.search(text)
    if found is None:
        return ""
    address = found["enclosed"] or _bare(found["bare"])
    try:
        if urlsplit(address).hostname:
            return NamedNode(address).value
    except ValueError:
        pass
    line = text.count("\n", 0, found.start()) + 1
    problems.append(Problem(f"{where}:{line}", f"the first address, {address}, is no IRI", "Write the address of the licence"))
    return ""


def _bare(text: str) -> str:
    """An address in running text, without what ends the sentence or the brackets that it stands in (as in GFM, section 6.9)."""
    before = ""
    while text != before:
        before, text = text, text.rstrip("?!.,:;*_~'\"»”’“")
        for opening, closing in ("()", "[]"):
            if text.endswith(closing) and text.count(closing) > text.count(opening):
                text = text[:-1]
    return text


def release_iri(release: str) -> str:
    """The IRI of a release by its id; fragments of it name its parts."""
    return f"{ID}release/{release}"


def write(quads: Iterable[Quad], made: Made) -> bytes:
    """The description as Turtle, the same bytes for the same release."""
    prefixes = PREFIXES | {"rg": RG, "release": release_iri(made.release) + "#"}
    return rdf.serialized(describe(quads, made), RdfFormat.TURTLE, prefixes)


def describe(quads: Iterable[Quad], made: Made) -> Iterator[Triple]:
    """The description of a release with these quads, each triple once, what belongs together in a row."""
    quads = tuple(quads)
    statistics = counted(quads)
    base = release_iri(made.release)
    release, default = NamedNode(base), NamedNode(base + "#default-graph")
    documents = dict(_values(quads, _SOURCE_HASH, PROVENANCE))
    yield from _catalogue(release)
    yield from typed(release, dcat("Dataset"), void("Dataset"), prov("Entity"))
    yield from both(release, dcterms("title"), _TITLE)
    yield from both(release, dcterms("description"), _DESCRIPTION)
    yield Triple(release, dcterms("identifier"), Literal(made.release))
    if made.version:
        yield Triple(release, dcat("version"), Literal(made.version))
    if made.licence:
        yield Triple(release, dcterms("license"), NamedNode(made.licence))
    for version in sorted({value for _, value in _values(quads, _VERSION, ONTOLOGY_GRAPH)}):
        yield Triple(release, dcterms("conformsTo"), NamedNode(version))
    yield Triple(release, void("uriSpace"), Literal(SPACE))
    yield from voiding.numbers(release, statistics.whole)
    yield from voiding.vocabularies(release, statistics)
    yield from voiding.examples(release, statistics, _EXAMPLES)
    for feature in sorted({_TYPES[ending][1] for ending in _TYPES if any(name.endswith(ending) for name in made.files)}):
        yield Triple(release, void("feature"), NamedNode(FORMATS + feature))
    graphs = {iri: NamedNode(f"{base}#graph-{name}") for iri, name in GRAPH_NAMES.items() if iri in statistics.graphs}
    yield from (Triple(release, void("subset"), subset) for subset in (default, *graphs.values()))
    yield from _distribution(release, release, "dataset.nq", made.files)
    yield from typed(default, void("Dataset"))
    yield from both(default, dcterms("title"), _DEFAULT)
    yield Triple(default, void("uriSpace"), Literal(SPACE))
    yield from voiding.numbers(default, statistics.default)
    for iri, graph in graphs.items():
        name = GRAPH_NAMES[iri]
        yield from typed(graph, dcat("Dataset"), void("Dataset"))
        yield from both(graph, dcterms("title"), (f"Graph {name}", f"Граф {name}"))
        yield from both(graph, dcterms("description"), _GRAPHS[name])
        yield Triple(graph, dcterms("identifier"), Literal(iri))
        yield Triple(graph, void("uriSpace"), Literal(SPACE))
        yield from voiding.numbers(graph, statistics.graphs[iri])
        yield from _distribution(release, graph, f"graph/{name}.ttl", made.files)
    yield from provenance.build(release, made.software, made.inputs, documents)
    yield from voiding.partitions(default, base, statistics)


def _values(quads: Iterable[Quad], predicate: NamedNode, graph: NamedNode) -> Iterator[tuple[str, str]]:
    """Subjects and objects of a predicate in a graph."""
    for quad in quads:
        if quad.predicate == predicate and quad.graph_name == graph and isinstance(quad.subject, NamedNode):
            yield quad.subject.value, quad.object.value if isinstance(quad.object, NamedNode | Literal) else ""


def _catalogue(release: NamedNode) -> Iterator[Triple]:
    yield from typed(_CATALOGUE, dcat("Catalog"))
    yield from both(_CATALOGUE, dcterms("title"), _CATALOGUE_TITLE)
    yield from both(_CATALOGUE, dcterms("description"), _CATALOGUE_DESCRIPTION)
    yield Triple(_CATALOGUE, dcat("dataset"), release)


def _distribution(release: NamedNode, dataset: NamedNode, name: str, files: Mapping[str, bytes]) -> Iterator[Triple]:
    """A file of the release as a distribution of what it holds; nothing where the release has no such file."""
    if name not in files:
        return
    node = NamedNode(f"{release.value}#file-{name}")
    media_type = _TYPES[name[name.rindex(".") :]][0]
    yield Triple(dataset, dcat("distribution"), node)
    yield from typed(node, dcat("Distribution"))
    yield Triple(node, dcterms("title"), Literal(name))
    yield Triple(node, dcat("mediaType"), NamedNode(MEDIA_TYPES + media_type))
    yield Triple(node, dcat("byteSize"), Literal(str(len(files[name])), datatype=NamedNode(XSD + "nonNegativeInteger")))
    yield from checksum(node, hashlib.sha256(files[name]).hexdigest())
