"""The numbers of a description, counted in one pass over quads. What each means is fixed by the queries of `queries`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Quad

from relgraph.vocabulary import DEFAULT_GRAPHS, A

#: The IRIs that are entities of relgraph's data begin so.
SPACE = "https://w3id.org/relgraph/"


@dataclass(frozen=True)
class Totals:
    """Numbers of a set of triples: triples, subjects that are IRIs in the IRI space, distinct subjects, objects and
    predicates, and classes that something in it is stated to be of."""

    triples: int
    entities: int
    subjects: int
    objects: int
    properties: int
    classes: int


@dataclass(frozen=True)
class PropertyPart:
    """The triples with one predicate: how many, and of how many distinct subjects and objects."""

    triples: int
    subjects: int
    objects: int


@dataclass(frozen=True)
class ClassPart:
    """The triples about the things of one class: how many things that are IRIs in the IRI space, how many triples have a
    thing of the class as their subject, and the first of the things by IRI ("" for none)."""

    entities: int
    triples: int
    example: str


@dataclass(frozen=True)
class Statistics:
    """The numbers of a dataset.

    whole: of all its graphs taken together, each triple once; default: of the default graph of a query; graphs: of the
    named graphs by IRI; properties and classes: partitions of the default graph by IRI. What could not be counted is None.
    """

    whole: Totals | None
    default: Totals | None
    graphs: Mapping[str, Totals | None]
    properties: Mapping[str, PropertyPart] | None
    classes: Mapping[str, ClassPart] | None


@dataclass
class _Part:
    """What has been seen of a set of triples in which none comes twice."""

    triples: int = 0
    subjects: set[object] = field(default_factory=set)
    objects: set[object] = field(default_factory=set)
    predicates: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)

    def totals(self) -> Totals:
        return Totals(
            triples=self.triples,
            entities=sum(isinstance(subject, str) and subject.startswith(SPACE) for subject in self.subjects),
            subjects=len(self.subjects),
            objects=len(self.objects),
            properties=len(self.predicates),
            classes=len(self.classes),
        )


def counted(quads: Iterable[Quad]) -> Statistics:
    """The numbers of a release, of its quads in any order, each once; quads of the store's own default graph are none."""
    whole, default = _Part(), _Part()
    graphs: dict[str, _Part] = {}
    seen: set[tuple[object, str, object]] = set()
    seen_default: set[tuple[object, str, object]] = set()
    by_property: dict[str, _Part] = defaultdict(_Part)
    types: dict[object, set[str]] = defaultdict(set)
    about: dict[object, int] = defaultdict(int)
    type_iri, in_default = A.value, {graph.value for graph in DEFAULT_GRAPHS}
    for quad in quads:
        # the text of an IRI stands for it; blank nodes and literals are terms, and equal to no text
        subject = quad.subject.value if isinstance(quad.subject, NamedNode) else quad.subject
        object_ = quad.object.value if isinstance(quad.object, NamedNode) else quad.object
        predicate = quad.predicate.value
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        triple = (subject, predicate, object_)
        parts = [graphs.setdefault(name, _Part())]
        if triple not in seen:
            seen.add(triple)
            parts.append(whole)
        if name in in_default and triple not in seen_default:
            seen_default.add(triple)
            about[subject] += 1
            parts += (default, by_property[predicate])
            if predicate == type_iri and isinstance(object_, str):
                types[subject].add(object_)
        for part in parts:
            part.triples += 1
            part.subjects.add(subject)
            part.objects.add(object_)
            part.predicates.add(predicate)
            if predicate == type_iri and isinstance(object_, str):
                part.classes.add(object_)
    return Statistics(
        whole=whole.totals(),
        default=default.totals(),
        graphs={name: part.totals() for name, part in sorted(graphs.items())},
        properties={
            name: PropertyPart(part.triples, len(part.subjects), len(part.objects)) for name, part in sorted(by_property.items())
        },
        classes=_classes(types, about),
    )


def _classes(types: Mapping[object, set[str]], about: Mapping[object, int]) -> dict[str, ClassPart]:
    things: dict[str, list[str]] = defaultdict(list)
    triples: dict[str, int] = defaultdict(int)
    for subject, names in types.items():
        for name in names:
            triples[name] += about[subject]
            if isinstance(subject, str) and subject.startswith(SPACE):
                things[name].append(subject)
    return {name: ClassPart(len(things[name]), count, min(things[name], default="")) for name, count in sorted(triples.items())}
