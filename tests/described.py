"""A description as tests read it, and the queries that say what its numbers mean, written apart from those of the package."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rg": "https://w3id.org/relgraph/ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
}
SPACE = "https://w3id.org/relgraph/"
DEFAULT = "?s ?p ?o"
WHOLE = "SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }"


def full(name: str) -> str:
    """The IRI of a prefixed name."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def short(iri: str) -> str:
    """The prefixed name of an IRI; itself where there is none."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


class Description:
    """The triples of a description; terms are their texts."""

    def __init__(self, data: bytes, syntax: RdfFormat = RdfFormat.TURTLE) -> None:
        self.store = Store()
        self.store.load(data, format=syntax)

    def predicates(self) -> set[str]:
        """The predicates in use, by prefixed name."""
        return {short(quad.predicate.value) for quad in self.store}

    def pairs(self, predicate: str) -> list[tuple[str, str]]:
        """Subjects and objects of a predicate, sorted."""
        found = self.store.quads_for_pattern(None, NamedNode(full(predicate)), None)
        return sorted((_text(quad.subject), _text(quad.object)) for quad in found)

    def values(self, subject: str, predicate: str) -> list[str]:
        """The objects of a predicate of a thing, sorted."""
        found = self.store.quads_for_pattern(NamedNode(subject), NamedNode(full(predicate)), None)
        return sorted(_text(quad.object) for quad in found)

    def value(self, subject: str, predicate: str) -> str:
        """The one object of a predicate of a thing."""
        (found,) = self.values(subject, predicate)
        return found

    def languages(self, subject: str, predicate: str) -> list[str]:
        """The languages of the texts of a predicate of a thing, sorted; "" for none."""
        found = self.store.quads_for_pattern(NamedNode(subject), NamedNode(full(predicate)), None)
        return sorted(quad.object.language or "" for quad in found if isinstance(quad.object, Literal))

    def one(self, kind: str) -> str:
        """The one thing of a class."""
        (found,) = (subject for subject, object_ in self.pairs("rdf:type") if object_ == full(kind))
        return found

    def subjects(self) -> Iterator[str]:
        """Everything that something is said of."""
        return iter({_text(quad.subject) for quad in self.store})


def _text(term: object) -> str:
    return str(getattr(term, "value", term))


def pattern(description: Description, node: str) -> str:
    """The triples that a void:Dataset of a release holds, as a SPARQL pattern of ?s ?p ?o."""
    if found := description.values(node, "void:class"):
        return f"?s a <{found[0]}> . ?s ?p ?o"
    if found := description.values(node, "void:property"):
        return f"?s ?p ?o FILTER(?p = <{found[0]}>)"
    if node.endswith("#default-graph"):
        return DEFAULT
    if (name := description.values(node, "dcterms:identifier")) and ":" in name[0]:
        return f"GRAPH <{name[0]}> {{ ?s ?p ?o }}"
    return WHOLE


def number(predicate: str, triples: str) -> str:
    """The query, with one number in ?n, that a number of VoID answers for these triples."""
    in_space = f'FILTER(isIRI(?s) && STRSTARTS(STR(?s), "{SPACE}"))'
    counts = {
        "void:triples": "SELECT (COUNT(*) AS ?n) { %s }",
        "void:entities": f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {{ %s }} {in_space} }}",
        "void:distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { %s }",
        "void:distinctObjects": "SELECT (COUNT(DISTINCT ?o) AS ?n) { %s }",
        "void:properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { %s }",
        "void:classes": "SELECT (COUNT(DISTINCT ?o) AS ?n) { { %s } FILTER(?p = rdf:type && isIRI(?o)) }",
    }
    return counts[predicate] % triples


NUMBERS = ("void:triples", "void:entities", "void:distinctSubjects", "void:distinctObjects", "void:properties", "void:classes")


SD = "http://www.w3.org/ns/sparql-service-description#"


class Service(Description):
    """A service description."""

    def graphs(self) -> tuple[str, dict[str, str]]:
        """The triples that the default graph is said to have, and each named graph by its name."""
        query = f"""PREFIX sd: <{SD}> PREFIX void: <{PREFIXES["void"]}> SELECT ?name ?n {{
          {{ ?d sd:defaultGraph/void:triples ?n }}
          UNION {{ ?d sd:namedGraph ?g . ?g sd:name ?name ; sd:graph/void:triples ?n }} }}"""
        found = self.store.query(query)
        assert isinstance(found, QuerySolutions)
        numbers = {_text(row["name"]) if row["name"] else "": _text(row["n"]) for row in found}
        return numbers.pop(""), numbers
