"""The axioms of an ontology as records, one for each rule of OWL 2 RL/RDF that an axiom sets going.

Rules are named as in OWL 2 Profiles, section 4.3 (tables 4 to 7).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pyoxigraph import BlankNode, Literal, NamedNode
from rdflib import OWL, RDF, RDFS, Graph
from rdflib.term import Node

from relgraph.rdflibgraph import oxigraph_term
from relgraph.turtle import short
from relgraph.vocabulary import OWL as OWL_NAMESPACE

#: A node of RDF.
Term = NamedNode | BlankNode | Literal

THING = NamedNode(OWL_NAMESPACE + "Thing")
NOTHING = NamedNode(OWL_NAMESPACE + "Nothing")


class Kind(StrEnum):
    """What an axiom does; subject and terms of an Axiom are in the order of the names given here."""

    SUB_PROPERTY = "subPropertyOf"  # p; q
    INVERSE = "inverseOf"  # p; q
    SYMMETRIC = "SymmetricProperty"  # p
    TRANSITIVE = "TransitiveProperty"  # p
    CHAIN = "propertyChainAxiom"  # p; p1 … pn
    DOMAIN = "domain"  # p; class
    RANGE = "range"  # p; class or datatype
    SUB_CLASS = "subClassOf"  # class; superclass
    INTERSECTION = "intersectionOf"  # class; class1 … classn
    SOME = "someValuesFrom"  # restriction; p, class
    ALL = "allValuesFrom"  # restriction; p, class
    VALUE = "hasValue"  # restriction; p, value
    ONE_OF = "oneOf"  # class; value1 … valuen
    DISJOINT_CLASSES = "disjointWith"  # class; class
    COMPLEMENT = "complementOf"  # class; class
    DISJOINT_PROPERTIES = "propertyDisjointWith"  # p; q
    IRREFLEXIVE = "IrreflexiveProperty"  # p
    ASYMMETRIC = "AsymmetricProperty"  # p


@dataclass(frozen=True)
class Axiom:
    """An axiom as far as one rule uses it.

    rule: name of the rule; stated: it stands in the ontology, otherwise the ontology entails it; construct: the term of
    OWL or RDFS with which it is stated, where that is another than the kind's own (unionOf, equivalentClass …).
    """

    kind: Kind
    rule: str
    subject: Term
    terms: tuple[Term, ...] = ()
    construct: str = ""
    stated: bool = True

    @property
    def text(self) -> str:
        """The axiom in Turtle, on one line, with the prefixes of relgraph."""
        construct = self.construct or self.kind.value
        prefix = "rdfs" if construct in _RDFS_NAMES else "owl"
        subject, terms = short(self.subject), [short(term) for term in self.terms]
        if not terms:
            return f"{subject} a owl:{construct}"
        if self.kind in (Kind.SOME, Kind.ALL, Kind.VALUE):
            return f"{subject} owl:onProperty {terms[0]} ; owl:{construct} {terms[1]}"
        if self.construct in ("AllDisjointClasses", "AllDisjointProperties"):
            return f"[] a owl:{construct} ; owl:members ( {' '.join([subject, *terms])} )"
        if self.construct in ("intersectionOf", "unionOf") and self.kind is Kind.SUB_CLASS:
            whole, part = (subject, terms[0]) if construct == "intersectionOf" else (terms[0], subject)
            return f"{whole} owl:{construct} ( … {part} … )"
        if self.kind in (Kind.CHAIN, Kind.INTERSECTION, Kind.ONE_OF):
            return f"{subject} owl:{construct} ( {' '.join(terms)} )"
        return f"{subject} {prefix}:{construct} {terms[0]}"


_RDFS_NAMES = {"subPropertyOf", "subClassOf", "domain", "range"}
_PAIRS = (
    (RDFS.subPropertyOf, Kind.SUB_PROPERTY, "prp-spo1"),
    (RDFS.domain, Kind.DOMAIN, "prp-dom"),
    (RDFS.range, Kind.RANGE, "prp-rng"),
    (RDFS.subClassOf, Kind.SUB_CLASS, "cax-sco"),
    (OWL.inverseOf, Kind.INVERSE, "prp-inv"),
    (OWL.disjointWith, Kind.DISJOINT_CLASSES, "cax-dw"),
    (OWL.complementOf, Kind.COMPLEMENT, "cls-com"),
    (OWL.propertyDisjointWith, Kind.DISJOINT_PROPERTIES, "prp-pdw"),
)
_CHARACTERISTICS = (
    (OWL.SymmetricProperty, Kind.SYMMETRIC, "prp-symp"),
    (OWL.TransitiveProperty, Kind.TRANSITIVE, "prp-trp"),
    (OWL.IrreflexiveProperty, Kind.IRREFLEXIVE, "prp-irp"),
    (OWL.AsymmetricProperty, Kind.ASYMMETRIC, "prp-asyp"),
)
_EQUIVALENCES = (
    (OWL.equivalentProperty, Kind.SUB_PROPERTY, "prp-eqp"),
    (OWL.equivalentClass, Kind.SUB_CLASS, "cax-eqc"),
)
_LISTS = (
    (OWL.propertyChainAxiom, Kind.CHAIN, "prp-spo2"),
    (OWL.intersectionOf, Kind.INTERSECTION, "cls-int1"),
    (OWL.oneOf, Kind.ONE_OF, "cls-oo"),
)
_RESTRICTIONS = (
    (OWL.someValuesFrom, Kind.SOME, "cls-svf"),
    (OWL.allValuesFrom, Kind.ALL, "cls-avf"),
    (OWL.hasValue, Kind.VALUE, "cls-hv"),
)
_MEMBERS = (
    (OWL.AllDisjointClasses, Kind.DISJOINT_CLASSES, "cax-adc", "AllDisjointClasses"),
    (OWL.AllDisjointProperties, Kind.DISJOINT_PROPERTIES, "prp-adp", "AllDisjointProperties"),
)


def read(stated: Graph, closed: Graph) -> tuple[Axiom, ...]:
    """The axioms of an ontology: those that it states first, then those that its closure adds, each once, in order.

    stated: the ontology, of which every list is well-formed (relgraph.reasoning.profile); closed: its closure.
    """
    found: dict[tuple[object, ...], Axiom] = {}
    for graph, is_stated in ((stated, True), (closed, False)):
        for axiom in sorted(_axioms(graph, is_stated), key=_order):
            found.setdefault((axiom.kind, axiom.subject, axiom.terms), axiom)
    return tuple(found.values())


def _order(axiom: Axiom) -> tuple[str, ...]:
    return (axiom.kind, str(axiom.subject), *map(str, axiom.terms), axiom.rule)


def members(graph: Graph, head: Node) -> list[Node]:
    """The members of an RDF list. Raises ValueError when it is cyclic, forked or has no end."""
    found: list[Node] = []
    seen = set()
    while head != RDF.nil:
        firsts, rests = list(graph.objects(head, RDF.first)), list(graph.objects(head, RDF.rest))
        if head in seen:
            raise ValueError("the list leads back into itself")
        if len(firsts) != 1 or len(rests) != 1:
            raise ValueError("the list is broken: each of its nodes needs one rdf:first and one rdf:rest")
        seen.add(head)
        found.append(firsts[0])
        head = rests[0]
    return found


def _axioms(graph: Graph, stated: bool) -> Iterator[Axiom]:
    for predicate, kind, rule in _PAIRS:
        for s, o in graph.subject_objects(predicate):
            if s != o or kind in (Kind.DISJOINT_CLASSES, Kind.DISJOINT_PROPERTIES, Kind.INVERSE):
                yield Axiom(kind, rule, oxigraph_term(s), (oxigraph_term(o),), stated=stated)
    for type_, kind, rule in _CHARACTERISTICS:
        for s in graph.subjects(RDF.type, type_):
            yield Axiom(kind, rule, oxigraph_term(s), stated=stated)
    for predicate, kind, rule in _EQUIVALENCES:
        name = str(predicate).rsplit("#", 1)[1]
        for s, o in graph.subject_objects(predicate):
            if s != o:
                yield Axiom(kind, rule + "1", oxigraph_term(s), (oxigraph_term(o),), name, stated)
                yield Axiom(kind, rule + "2", oxigraph_term(o), (oxigraph_term(s),), name, stated)
    yield from _list_axioms(graph, stated)
    for predicate, kind, rule in _RESTRICTIONS:
        for s, o in graph.subject_objects(predicate):
            for p in graph.objects(s, OWL.onProperty):
                yield Axiom(kind, rule, oxigraph_term(s), (oxigraph_term(p), oxigraph_term(o)), stated=stated)


def _list_axioms(graph: Graph, stated: bool) -> Iterator[Axiom]:
    for predicate, kind, rule in _LISTS:
        for s, head in graph.subject_objects(predicate):
            terms = tuple(oxigraph_term(term) for term in members(graph, head))
            yield Axiom(kind, rule, oxigraph_term(s), terms, stated=stated)
            if kind is Kind.INTERSECTION:
                for term in terms:
                    yield Axiom(Kind.SUB_CLASS, "cls-int2", oxigraph_term(s), (term,), "intersectionOf", stated)
    for s, head in graph.subject_objects(OWL.unionOf):
        for member in members(graph, head):
            yield Axiom(Kind.SUB_CLASS, "cls-uni", oxigraph_term(member), (oxigraph_term(s),), "unionOf", stated)
    for type_, kind, rule, name in _MEMBERS:
        for s in graph.subjects(RDF.type, type_):
            for head in graph.objects(s, OWL.members):
                terms = tuple(oxigraph_term(term) for term in members(graph, head))
                for number, term in enumerate(terms):
                    for other in terms[number + 1 :]:
                        yield Axiom(kind, rule, term, (other,), name, stated)
