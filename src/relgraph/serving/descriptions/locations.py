"""What a description says that depends on where it is served: addresses of the endpoint, of files, of exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from relgraph import catalogue
from relgraph.catalogue.describing import GRAPH_NAMES
from relgraph.catalogue.statistics import Statistics
from relgraph.catalogue.terms import FOAF, FORMATS, MEDIA_TYPES, both, dcat, dcterms, typed, void
from relgraph.catalogue.voiding import examples, numbers, partitions, vocabularies
from relgraph.evaluation import GRAPH_FORMATS
from relgraph.serving.snapshots.sources import Opened
from relgraph.vocabulary import DEFAULT_GRAPHS

#: Where the description is (https://www.w3.org/TR/void/#well-known), the files of a release, and its exports.
WELL_KNOWN: Final = ".well-known/void"
FILES: Final = "files"
EXPORTS: Final = "export"
_PROTOCOL = NamedNode("https://www.w3.org/TR/sparql11-protocol/")
#: Unique IRIs of formats (https://www.w3.org/ns/formats/) by media type.
_FORMATS = {
    "text/turtle": "Turtle",
    "application/ld+json": "JSON-LD",
    "application/n-triples": "N-Triples",
    "application/n-quads": "N-Quads",
    "application/trig": "TriG",
    "application/rdf+xml": "RDF_XML",
}
#: How many of the largest classes of a file have an example.
_EXAMPLES = 5


class Form(Protocol):
    """A form of exports, as relgraph.exports.forms has them."""

    @property
    def name(self) -> str:
        """Its name, which ends its address."""

    @property
    def media_type(self) -> str:
        """The media type."""

    @property
    def graphs(self) -> tuple[NamedNode, ...]:
        """The graphs that are in it."""

    @property
    def titles(self) -> Mapping[str, str]:
        """What it is, by language."""


def dataset_iri(opened: Opened, address: str) -> str:
    """What is served, as an IRI: the release, or, where it is a file, a name at the address of the server."""
    return catalogue.release_iri(opened.release) if opened.own else f"{address}{WELL_KNOWN}#dataset"


def located(described: Sequence[Triple], opened: Opened, address: str, other: str, forms: Iterable[Form]) -> Iterator[Triple]:
    """What there is to add to a description of what is served at an address.

    described: the description without addresses; other: the name by which a release that is not the current one is asked
    for, "" for what is current; forms: the exports that can be had at EXPORTS.
    """
    dataset = NamedNode(dataset_iri(opened, address))
    default = NamedNode(_base(dataset) + "#default-graph")
    query = f"?release={quote(other)}" if other else ""
    page, endpoint = NamedNode(f"{address}{WELL_KNOWN}{query}"), NamedNode(f"{address}sparql{query}")
    yield from typed(page, void("DatasetDescription"))
    yield from both(page, dcterms("title"), ("Description of the data served here", "Описание данных, которые здесь доступны"))
    yield Triple(page, NamedNode(FOAF + "primaryTopic"), dataset)
    yield from typed(endpoint, dcat("DataService"))
    yield from both(endpoint, dcterms("title"), ("SPARQL endpoint", "Точка доступа SPARQL"))
    yield Triple(endpoint, dcat("endpointURL"), endpoint)
    yield Triple(endpoint, dcat("endpointDescription"), endpoint)
    yield Triple(endpoint, dcat("servesDataset"), dataset)
    yield Triple(endpoint, dcterms("conformsTo"), _PROTOCOL)
    yield from (Triple(found.subject, dcat("service"), endpoint) for found in described if found.object == dcat("Catalog"))
    yield Triple(dataset, dcat("landingPage"), NamedNode(address + query))
    yield from (Triple(part, void("sparqlEndpoint"), endpoint) for part in (dataset, default))
    features = {NamedNode(FORMATS + _FORMATS[format.media_type]) for format in GRAPH_FORMATS}
    stated = {found.object for found in described if found.predicate == void("feature")}
    yield from (Triple(dataset, void("feature"), feature) for feature in sorted(features - stated, key=str))
    yield from _files(described, f"{address}{FILES}/{quote(other or opened.store.parent.name)}/")
    for form in forms:
        yield from _export(form, dataset, default, f"{address}{EXPORTS}/{form.name}{query}")


def _files(described: Sequence[Triple], folder: str) -> Iterator[Triple]:
    """The addresses of the files of a release, each a distribution with its name for a title."""
    names = {found.subject: found.object.value for found in described if isinstance(found.object, Literal)
             and found.predicate == dcterms("title")}  # fmt: skip
    for found in described:
        if found.predicate == dcat("distribution") and isinstance(found.object, NamedNode):
            file = NamedNode(folder + quote(names[found.object]))
            yield Triple(found.subject, void("dataDump"), file)
            yield Triple(found.object, dcat("accessURL"), file)
            yield Triple(found.object, dcat("downloadURL"), file)


def _export(form: Form, dataset: NamedNode, default: NamedNode, address: str) -> Iterator[Triple]:
    """An export, as a distribution of the default graph where it holds that, else of the whole."""
    whole = default if set(form.graphs) == set(DEFAULT_GRAPHS) else dataset
    node, file = NamedNode(f"{_base(dataset)}#export-{form.name}"), NamedNode(address)
    yield Triple(whole, dcat("distribution"), node)
    yield from typed(node, dcat("Distribution"))
    yield from (Triple(node, dcterms("title"), Literal(text, language=tag)) for tag, text in sorted(form.titles.items()))
    yield Triple(node, dcat("mediaType"), NamedNode(MEDIA_TYPES + form.media_type))
    yield Triple(node, dcat("accessURL"), file)
    yield Triple(node, dcat("downloadURL"), file)
    if form.media_type in _FORMATS and (whole == default or len(form.graphs) == len(GRAPH_NAMES)):
        yield Triple(whole, void("dataDump"), file)


def counted_here(statistics: Statistics, opened: Opened, address: str) -> Iterator[Triple]:
    """The description, without addresses, of data that no build has described."""
    dataset = NamedNode(dataset_iri(opened, address))
    base = _base(dataset)
    default = NamedNode(base + "#default-graph")
    yield from typed(dataset, dcat("Dataset"), void("Dataset"))
    yield from both(dataset, dcterms("title"), (f"Data {opened.release[:12]}", f"Данные {opened.release[:12]}"))
    yield from both(dataset, dcterms("description"), ("RDF data served by relgraph.", "Данные RDF, доступные через relgraph."))
    yield Triple(dataset, dcterms("identifier"), Literal(opened.release))
    yield from numbers(dataset, statistics.whole)
    yield from vocabularies(dataset, statistics)
    largest = sorted((statistics.classes or {}).items(), key=lambda item: (-item[1].entities, item[0]))
    yield from examples(dataset, statistics, [name for name, _ in largest[:_EXAMPLES]])
    yield Triple(dataset, void("subset"), default)
    yield from typed(default, void("Dataset"))
    yield from both(default, dcterms("title"), ("Default graph", "Граф по умолчанию"))
    yield from numbers(default, statistics.default)
    for place, (name, totals) in enumerate(sorted(statistics.graphs.items()), 1):
        graph = NamedNode(f"{base}#graph-{GRAPH_NAMES.get(name, place) if opened.own else place}")
        yield Triple(dataset, void("subset"), graph)
        yield from typed(graph, void("Dataset"))
        yield from both(graph, dcterms("title"), (f"Graph {name}", f"Граф {name}"))
        yield Triple(graph, dcterms("identifier"), Literal(name))
        yield from numbers(graph, totals)
    yield from partitions(default, base, statistics)


def _base(dataset: NamedNode) -> str:
    """The IRI of a dataset without a fragment: how the IRIs of its parts begin."""
    return dataset.value.partition("#")[0]
