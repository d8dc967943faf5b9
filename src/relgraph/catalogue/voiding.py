"""VoID: the numbers of a dataset, its partitions, vocabularies and examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from pyoxigraph import NamedNode, Triple

from relgraph.catalogue.statistics import Statistics, Totals
from relgraph.catalogue.terms import number, void
from relgraph.turtle import short
from relgraph.vocabulary import A


def numbers(dataset: NamedNode, totals: Totals | None) -> Iterator[Triple]:
    """The numbers of a set of triples; nothing where they could not be counted."""
    if totals is None:
        return
    yield Triple(dataset, void("triples"), number(totals.triples))
    yield Triple(dataset, void("entities"), number(totals.entities))
    yield Triple(dataset, void("distinctSubjects"), number(totals.subjects))
    yield Triple(dataset, void("distinctObjects"), number(totals.objects))
    yield Triple(dataset, void("properties"), number(totals.properties))
    yield Triple(dataset, void("classes"), number(totals.classes))


def partitions(dataset: NamedNode, base: str, statistics: Statistics) -> Iterator[Triple]:
    """The partitions of the default graph, described as `dataset`, by class and by property; base: how their IRIs begin."""
    classes = {name: NamedNode(f"{base}#class-{_fragment(name)}") for name in statistics.classes or {}}
    properties = {name: NamedNode(f"{base}#property-{_fragment(name)}") for name in statistics.properties or {}}
    yield from (Triple(dataset, void("classPartition"), node) for node in classes.values())
    yield from (Triple(dataset, void("propertyPartition"), node) for node in properties.values())
    for name, node in classes.items():
        things = (statistics.classes or {})[name]
        yield Triple(node, A, void("Dataset"))
        yield Triple(node, void("class"), NamedNode(name))
        yield Triple(node, void("entities"), number(things.entities))
        yield Triple(node, void("triples"), number(things.triples))
    for name, node in properties.items():
        part = (statistics.properties or {})[name]
        yield Triple(node, A, void("Dataset"))
        yield Triple(node, void("property"), NamedNode(name))
        yield Triple(node, void("triples"), number(part.triples))
        yield Triple(node, void("distinctSubjects"), number(part.subjects))
        yield Triple(node, void("distinctObjects"), number(part.objects))


def vocabularies(dataset: NamedNode, statistics: Statistics) -> Iterator[Triple]:
    """The namespaces of the classes and properties of the default graph: their IRIs up to the last # or, without one, /."""
    names = (*(statistics.classes or {}), *(statistics.properties or {}))
    for namespace in sorted({namespace_of(name) for name in names} - {""}):
        yield Triple(dataset, void("vocabulary"), NamedNode(namespace))


def examples(dataset: NamedNode, statistics: Statistics, classes: Sequence[str]) -> Iterator[Triple]:
    """For each of the classes the first thing by IRI, in the order of the classes."""
    found = statistics.classes or {}
    for example in dict.fromkeys(found[name].example for name in classes if name in found and found[name].example):
        yield Triple(dataset, void("exampleResource"), NamedNode(example))


def namespace_of(iri: str) -> str:
    """The namespace of a term; "" where it has none."""
    cut = max(iri.rfind("#"), iri.rfind("/") if "#" not in iri else -1)
    return iri[: cut + 1]


def _fragment(iri: str) -> str:
    """A term in the fragment of an IRI: with the prefix of relgraph, or all of it, escaped."""
    name = short(NamedNode(iri))
    return name if not name.startswith("<") else quote(iri, safe="")
