"""OWL 2 RL: what follows from data and ontology, and which ontologies are within what is covered.

owlrl computes the closure; only this module knows. owlrl's raw closure is mostly noise (reflexive owl:sameAs, literal
subjects), so only entailed triples with the ontology's own properties and classes are given back.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import owlrl
from owlrl.OWLRL import OWLRL_Semantics
from pyoxigraph import NamedNode, Quad, Triple
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from relgraph.errors import InputError, Problem
from relgraph.rdflibgraph import rdflib_graph
from relgraph.vocabulary import INFERRED

_ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
#: The OWL and RDFS terms that an ontology may use as predicates or types; anything else of OWL is refused.
_COVERED_PREDICATES = {
    RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.inverseOf, OWL.propertyChainAxiom,
    OWL.disjointWith, OWL.members, OWL.versionIRI, OWL.versionInfo, OWL.priorVersion, OWL.deprecated,
}  # fmt: skip
_COVERED_TYPES = {
    OWL.Ontology, OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.SymmetricProperty,
    OWL.TransitiveProperty, OWL.IrreflexiveProperty, OWL.AsymmetricProperty, OWL.AllDisjointClasses,
}  # fmt: skip
_LOGICAL = _COVERED_PREDICATES | {RDF.type, RDF.first, RDF.rest}


def check_profile(ontology: Graph, where: str) -> list[Problem]:
    """What an ontology uses that the reasoning does not cover, each with the axiom; where names it in the messages."""
    problems = []
    owl = str(OWL)
    for s, p, o in ontology:
        is_axiom = str(p).startswith(owl) and p not in _COVERED_PREDICATES
        is_type = p == RDF.type and str(o).startswith(owl) and o not in _COVERED_TYPES
        is_expression = p in (RDFS.subClassOf, RDFS.domain, RDFS.range, OWL.disjointWith) and isinstance(o, BNode)
        if is_axiom or is_type or is_expression:
            axiom = " ".join(term.n3(ontology.namespace_manager) for term in (s, p, o))
            problems.append(Problem(where, f"the reasoning does not cover the axiom {axiom}", "Express it as a SHACL shape"))
    for head, _, chain in ontology.triples((None, OWL.propertyChainAxiom, None)):
        if head in Collection(ontology, chain):
            problems.append(
                Problem(
                    where,
                    f"the chain of {head.n3(ontology.namespace_manager)} holds the property itself, "
                    "so that reasoning may not end",
                    "Give the recursive step a property of its own",
                )
            )
    return sorted(problems)


def closure(data: Graph, ontology: Graph) -> Graph:
    """The triples that the data and the ontology entail and that are in neither.

    data, ontology: graphs that stay as they are. The result holds only triples about the data's resources, with
    predicates and classes that the ontology declares. Raises InputError when the data contradict the ontology, and
    when the ontology is outside what is covered.
    """
    problems = check_profile(ontology, "ontology")
    if problems:
        raise InputError(problems)
    work = Graph()
    for triple in ontology:
        if triple[1] in _LOGICAL:
            work.add(triple)
    for triple in data:
        if not isinstance(triple[2], Literal):
            work.add(triple)
    _close(work)
    _raise_contradictions(work)
    declared = {s for s in ontology.subjects(RDF.type, None) if isinstance(s, URIRef)}
    resources = {s for s in data.subjects() if isinstance(s, URIRef)} | {o for o in data.objects() if isinstance(o, URIRef)}
    entailed = Graph()
    for s, p, o in work:
        says = o in declared if p == RDF.type else p in declared
        if says and s in resources and s not in declared and not isinstance(o, Literal) and (s, p, o) not in data:
            entailed.add((s, p, o))
    return entailed


def infer(asserted: Iterable[Quad], ontology: Iterable[Triple]) -> list[Quad]:
    """The inferred graph of a build: the closure of the asserted graph, as quads."""
    entailed = closure(rdflib_graph(quad.triple for quad in asserted), rdflib_graph(ontology))
    return [
        Quad(NamedNode(str(s)), NamedNode(str(p)), NamedNode(str(o)), INFERRED)
        for s, p, o in entailed
        if isinstance(s, URIRef) and isinstance(o, URIRef)
    ]


def ontology_graph(path: Path) -> Graph:
    """An ontology file as a graph."""
    return Graph().parse(path, format="turtle")


def _close(work: Graph) -> None:
    owlrl.DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(work)  # type: ignore[no-untyped-call]  # owlrl has no types


def _raise_contradictions(work: Graph) -> None:
    messages = sorted(str(message) for message in work.objects(None, _ERROR))
    if messages:
        raise InputError(
            Problem("asserted graph", f"contradicts the ontology: {m}", "Correct the type or role that it names")
            for m in messages
        )
