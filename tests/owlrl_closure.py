"""What owlrl makes of data and an ontology: the entailed instance triples, and the errors that it reports."""

from __future__ import annotations

import owlrl
from owlrl.OWLRL import OWLRL_Semantics
from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

Triple = tuple[Node, Node, Node]
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
#: Predicates that say something of classes and properties, as do all of OWL's.
SCHEMA = {RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDF.first, RDF.rest}
VOCABULARIES = (str(OWL), str(RDFS), str(RDF), str(XSD))


def owlrl_closure(data: Graph, ontology: Graph) -> Graph:
    """Data, ontology and all that owlrl entails from them."""
    closed = Graph()
    for triple in (*data, *ontology):
        closed.add(triple)
    owlrl.DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(closed)  # type: ignore[no-untyped-call]  # owlrl has no types
    return closed


def instance_triples(closed: Graph, data: Graph, ontology: Graph) -> set[Triple]:
    """The entailed triples of a closure that say something of instances.

    Left out are: what is in data or ontology, literal subjects, what says nothing (reflexive owl:sameAs, types that everything
    has), types that are anonymous, and what owlrl says of terms of built-in vocabularies.
    """
    found = set()
    for s, p, o in closed:
        if (s, p, o) in data or (s, p, o) in ontology or isinstance(s, Literal) or isinstance(p, BNode):
            continue
        if p in SCHEMA or str(p).startswith(str(OWL)) or p == ERROR or (str(s).startswith(VOCABULARIES)):
            continue
        if p == RDF.type and (isinstance(o, BNode) or str(o).startswith((*VOCABULARIES, ERROR.rpartition("#")[0]))):
            continue
        found.add((s, p, o))
    return found


def entailed(data: Graph, ontology: Graph) -> set[Triple]:
    """The instance triples that owlrl entails."""
    return instance_triples(owlrl_closure(data, ontology), data, ontology)


def errors(data: Graph, ontology: Graph) -> list[str]:
    """What owlrl reports as contradictions."""
    return sorted(str(message) for message in owlrl_closure(data, ontology).objects(None, ERROR))


def graph(turtle: str) -> Graph:
    """Turtle as a graph, with prefixes for the built-in vocabularies and the empty one for what examples speak of."""
    return Graph().parse(data=PREFIXES + turtle, format="turtle")


def show(triples: set[Triple]) -> list[str]:
    """Triples as sorted lines with short names, for comparisons and messages: x a A."""
    return sorted(" ".join(map(_short, triple)) for triple in triples)


def _short(term: Node) -> str:
    if term == RDF.type:
        return "a"
    return str(term).removeprefix(EX).removeprefix(str(RDFS)) if isinstance(term, URIRef) else term.n3()


EX = "https://example.org/"
PREFIXES = f"@prefix : <{EX}> . @prefix owl: <{OWL}> . @prefix rdf: <{RDF}> . @prefix rdfs: <{RDFS}> . @prefix xsd: <{XSD}> .\n"
