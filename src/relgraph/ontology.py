"""The ontology read as a schema: which classes, properties and concepts there are, and what may go with what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from relgraph import rdf
from relgraph.errors import Problem
from relgraph.vocabulary import NOTATION, OWL, PREF_LABEL, RDFS, RG, SCHEMA, SKOS, A, rg

_SUBCLASS = NamedNode(RDFS + "subClassOf")
_SUBPROPERTY = NamedNode(RDFS + "subPropertyOf")
_DOMAIN = NamedNode(RDFS + "domain")
_DOMAIN_INCLUDES = NamedNode(SCHEMA + "domainIncludes")
_RANGE = NamedNode(RDFS + "range")
_IN_SCHEME = NamedNode(SKOS + "inScheme")
_PROPERTY_KINDS = (NamedNode(OWL + "ObjectProperty"), NamedNode(OWL + "DatatypeProperty"))
LANGUAGES = ("en", "ru")


@dataclass(frozen=True)
class Property:
    """A property of the ontology.

    classes: those that it may be used with (from rdfs:domain, its own or inherited, and schema:domainIncludes);
    range: local name of a class, an XSD datatype IRI, or None; scheme: IRI of its concept scheme, or None;
    computed: the build works its values out, so that no decision may state them.
    """

    name: str
    is_object: bool
    classes: frozenset[str]
    range: str | None
    scheme: str | None
    computed: bool


@dataclass(frozen=True)
class Schema:
    """Classes with all their superclasses, properties, concepts by scheme and notation, labels, label templates and
    key prefixes by class."""

    superclasses: Mapping[str, frozenset[str]]
    properties: Mapping[str, Property]
    concepts: Mapping[str, Mapping[str, NamedNode]]
    labels: Mapping[str, Mapping[str, str]]
    templates: Mapping[str, Mapping[str, str]]
    key_prefixes: Mapping[str, str]

    def is_a(self, name: str, parent: str) -> bool:
        """True when the class is the parent class or below it."""
        return parent in self.superclasses.get(name, frozenset())

    def properties_of(self, class_name: str) -> list[str]:
        """The names of the properties that a decision may state of a fact of the class, sorted."""
        return sorted(p.name for p in self.properties.values() if self.allows(class_name, p))

    def allows(self, class_name: str, prop: Property) -> bool:
        """True when a decision may state the property of a fact of the class."""
        return not prop.computed and any(self.is_a(class_name, allowed) for allowed in prop.classes)

    def key_prefix(self, class_name: str) -> str | None:
        """How the keys of facts of the class begin, its own or inherited; None when the ontology does not say."""
        return next((self.key_prefixes[name] for name in self._nearest(class_name) if name in self.key_prefixes), None)

    def template(self, class_name: str, language: str) -> str:
        """The label template of the class, or of its nearest superclass that has one."""
        return next(self.templates[name][language] for name in self._nearest(class_name) if name in self.templates)

    def _nearest(self, class_name: str) -> list[str]:
        return sorted(self.superclasses[class_name], key=lambda name: (-len(self.superclasses[name]), name))


@dataclass(frozen=True)
class Ontology:
    """The ontology's triples (classes and properties), its concept schemes' triples, and the schema read from both."""

    terms: tuple[Triple, ...]
    schemes: tuple[Triple, ...]
    schema: Schema


def load(folder: Path, problems: list[Problem]) -> Ontology:
    """Reads relgraph.ttl and schemes.ttl of an ontology folder; broken files add problems."""
    terms = tuple(rdf.read_turtle(folder / "relgraph.ttl", problems))
    schemes = tuple(rdf.read_turtle(folder / "schemes.ttl", problems))
    return Ontology(terms, schemes, schema_of(terms, schemes))


def schema_of(terms: Iterable[Triple], schemes: Iterable[Triple]) -> Schema:
    """The schema that triples of classes and properties, and of concept schemes, say."""
    values: dict[tuple[str, NamedNode], list[NamedNode | Literal]] = defaultdict(list)
    classes: list[str] = []
    kinds: dict[str, bool] = {}
    for triple in terms:
        if not isinstance(triple.subject, NamedNode) or not isinstance(triple.object, NamedNode | Literal):
            continue
        values[triple.subject.value, triple.predicate].append(triple.object)
        if triple.predicate == A and triple.object == NamedNode(OWL + "Class"):
            classes.append(triple.subject.value)
        if triple.predicate == A and triple.object in _PROPERTY_KINDS:
            kinds[triple.subject.value] = kinds.get(triple.subject.value, False) or triple.object == _PROPERTY_KINDS[0]

    def ancestors(iri: str, predicate: NamedNode) -> list[str]:
        found = [iri]
        for current in found:
            found += [parent.value for parent in values[current, predicate] if parent.value not in found]
        return found

    properties = {}
    for iri, is_object in kinds.items():
        line = ancestors(iri, _SUBPROPERTY)
        domains = [values[ancestor, _DOMAIN] for ancestor in line]
        included = values[iri, _DOMAIN_INCLUDES] or next((found for found in domains if found), [])
        ranges = next((found for ancestor in line if (found := values[ancestor, _RANGE])), [])
        scheme = values[iri, rg("valueScheme")]
        properties[_local(iri)] = Property(
            name=_local(iri),
            is_object=is_object,
            classes=frozenset(_local(term.value) for term in included),
            range=_local(ranges[0].value) if ranges else None,
            scheme=scheme[0].value if scheme else None,
            computed=bool(values[iri, rg("computed")]),
        )
    return Schema(
        superclasses={_local(c): frozenset(map(_local, ancestors(c, _SUBCLASS))) for c in classes},
        properties=properties,
        concepts=_concepts(schemes),
        labels={_local(iri): _by_language(values[iri, PREF_LABEL]) for iri in (*classes, *kinds)},
        templates={
            _local(iri): _by_language(values[iri, rg("labelTemplate")]) for iri in classes if values[iri, rg("labelTemplate")]
        },
        key_prefixes={_local(iri): values[iri, rg("keyPrefix")][0].value for iri in classes if values[iri, rg("keyPrefix")]},
    )


def _concepts(schemes: Iterable[Triple]) -> dict[str, dict[str, NamedNode]]:
    notation: dict[NamedNode, str] = {}
    scheme: dict[NamedNode, str] = {}
    for triple in schemes:
        if isinstance(triple.subject, NamedNode) and triple.predicate == NOTATION:
            notation[triple.subject] = str(triple.object.value) if isinstance(triple.object, Literal) else ""
        if isinstance(triple.subject, NamedNode) and triple.predicate == _IN_SCHEME:
            scheme[triple.subject] = triple.object.value if isinstance(triple.object, NamedNode) else ""
    concepts: dict[str, dict[str, NamedNode]] = defaultdict(dict)
    for node, name in scheme.items():
        concepts[name][notation.get(node, "")] = node
    return dict(concepts)


def _by_language(terms: Iterable[NamedNode | Literal]) -> dict[str, str]:
    return {term.language: term.value for term in terms if isinstance(term, Literal) and term.language}


def _local(iri: str) -> str:
    """Local name for terms of relgraph, the whole IRI for others."""
    return iri.removeprefix(RG)
