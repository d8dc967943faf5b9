"""Namespaces, graph names and the terms that the code itself refers to."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

RG: Final = "https://w3id.org/relgraph/ns#"
ID: Final = "https://w3id.org/relgraph/id/"
SCHEMES: Final = "https://w3id.org/relgraph/ns/"
DCTERMS: Final = "http://purl.org/dc/terms/"
OWL: Final = "http://www.w3.org/2002/07/owl#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
SH: Final = "http://www.w3.org/ns/shacl#"
SCHEMA: Final = "https://schema.org/"
SEARCH: Final = "https://w3id.org/relgraph/search#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

#: The graph that holds ontology (classes and properties); not part of the default graph.
ONTOLOGY_GRAPH: Final = NamedNode("https://w3id.org/relgraph/ns")
#: Entities, concepts, facts and time spans.
ASSERTED: Final = NamedNode(ID + "graph/asserted")
#: Claims, spans, documents, sections.
PROVENANCE: Final = NamedNode(ID + "graph/provenance")
#: What OWL 2 RL derives from the asserted graph.
INFERRED: Final = NamedNode(ID + "graph/inferred")
#: Content nodes: values as single places state them; outside the default graph and outside reasoning.
REPORTED: Final = NamedNode(ID + "graph/reported")
#: The graphs whose union is the default graph of a query (design section 4).
DEFAULT_GRAPHS: Final = (ASSERTED, PROVENANCE, INFERRED)

#: Prefixes of every Turtle file, query and page. Kinds of data resource have one each, since a local name holds no slash.
PREFIXES: Final[dict[str, str]] = {
    "rg": RG,
    "id": ID,
    "modality": SCHEMES + "modality#",
    "status": SCHEMES + "status#",
    "illocution": SCHEMES + "illocution#",
    "stance": SCHEMES + "stance#",
    "action": SCHEMES + "action#",
    "kind": SCHEMES + "event#",
    "dcterms": DCTERMS,
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "search": SEARCH,
    "skos": SKOS,
    "xsd": XSD,
} | {
    name: f"{ID}{name}/"
    for name in (
        "body", "claim", "composition", "contribution", "cooperation", "dispute", "document", "event", "formation",
        "framework", "group", "instrument", "leadership", "membership", "office", "org", "party", "person", "place", "position",
        "publication", "seat", "state", "succession", "time", "topic", "voice",
    )
}  # fmt: skip

A: Final = NamedNode(RDF + "type")
PREF_LABEL: Final = NamedNode(SKOS + "prefLabel")
ALT_LABEL: Final = NamedNode(SKOS + "altLabel")
HIDDEN_LABEL: Final = NamedNode(SKOS + "hiddenLabel")
NOTATION: Final = NamedNode(SKOS + "notation")


def rg(name: str) -> NamedNode:
    """The term NAME of the relgraph ontology, e.g. rg("Visit")."""
    return NamedNode(RG + name)


def data(key: str) -> NamedNode:
    """The data resource with a key as written in decisions, e.g. data("event/visit-x")."""
    return NamedNode(ID + key)


def concept(scheme: str, notation: str) -> NamedNode:
    """The concept of a relgraph scheme, e.g. concept("modality", "Asserted")."""
    return NamedNode(f"{SCHEMES}{scheme}#{notation}")


def local_name(term: NamedNode) -> str:
    """The part of an IRI behind its last # or, without one, its last slash."""
    return term.value.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
