"""Which ontologies the reasoning covers; what it does not cover is refused with the axiom named, never ignored.

Terms of RDF, RDFS, OWL and XSD may stand in axioms only where the rules of OWL 2 RL/RDF follow from them what they mean:
owl:Thing for example where it says nothing, a datatype where values of properties are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.term import Node

from relgraph.datatypes import DATATYPES
from relgraph.errors import Problem
from relgraph.reasoning.axioms import members

#: Axioms between classes, between properties, and from a property to a class.
_CLASSES = {RDFS.subClassOf, OWL.equivalentClass, OWL.disjointWith, OWL.complementOf}
_PROPERTIES = {RDFS.subPropertyOf, OWL.equivalentProperty, OWL.inverseOf, OWL.propertyDisjointWith}
_ENDS = {RDFS.domain, RDFS.range}
#: What makes a restriction, beside owl:onProperty.
_RESTRICTIONS = {OWL.someValuesFrom, OWL.allValuesFrom, OWL.hasValue}
#: Lists that axioms hold, by the property that leads to them, and the two kinds of them that name their subject.
_CLASS_LISTS = {OWL.intersectionOf, OWL.unionOf, OWL.oneOf}
_MEMBER_LISTS = {OWL.members, OWL.distinctMembers}
LISTS = {OWL.propertyChainAxiom, *_CLASS_LISTS, *_MEMBER_LISTS}
_CHARACTERISTICS = {OWL.SymmetricProperty, OWL.TransitiveProperty, OWL.IrreflexiveProperty, OWL.AsymmetricProperty}
#: For types that hold a list: by which properties it may be given.
_LIST_TYPES: dict[Node, set[URIRef]] = {
    OWL.AllDisjointClasses: {OWL.members},
    OWL.AllDisjointProperties: {OWL.members},
    OWL.AllDifferent: _MEMBER_LISTS,
}
_ANNOTATIONS = {RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy}
#: What RDFS and OWL terms an ontology may use as predicates.
_PREDICATES = {
    *_CLASSES, *_PROPERTIES, *_ENDS, *_RESTRICTIONS, *LISTS, *_ANNOTATIONS, OWL.onProperty, OWL.differentFrom, RDFS.member,
    OWL.versionIRI, OWL.versionInfo, OWL.priorVersion, OWL.backwardCompatibleWith, OWL.incompatibleWith, OWL.deprecated,
    OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget,
}  # fmt: skip
#: … and as types.
_TYPES = {
    OWL.Ontology, OWL.Class, OWL.Restriction, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty,
    OWL.OntologyProperty, *_CHARACTERISTICS, *_LIST_TYPES, OWL.NamedIndividual, OWL.Thing, OWL.Axiom, OWL.Annotation,
    OWL.DeprecatedClass, OWL.DeprecatedProperty, RDFS.Class, RDFS.Datatype, RDFS.Resource, RDFS.Literal, RDFS.Container,
}  # fmt: skip
#: Predicates that make a triple an axiom, wherever it stands.
SCHEMA_PREDICATES = {RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDF.first, RDF.rest}
#: Built-in properties of which axioms may speak.
_NAMEABLE_PROPERTIES = {*_ANNOTATIONS, RDF.value, RDFS.member}
#: Where owl:Thing and rdfs:Resource, owl:Nothing, and datatypes may stand, as the object of an axiom.
_ANYTHING, _NOTHING = {OWL.Thing, RDFS.Resource}, OWL.Nothing
_TAKE_ANYTHING = {RDFS.subClassOf, *_ENDS, OWL.someValuesFrom, OWL.allValuesFrom}
_TAKE_NOTHING = {RDFS.subClassOf, OWL.equivalentClass}
_TAKE_DATATYPES = {RDFS.range, OWL.allValuesFrom}
_RESERVED = (str(OWL), str(RDFS), str(RDF), str(XSD))
#: What anonymous properties and classes are told by.
_TELLING = (OWL.onProperty, OWL.inverseOf)
_MEND = "Express it as a SHACL shape, or leave it out"
#: Why some constructs are refused, and what to write in their place.
_REMEDIES = {
    OWL.imports: "Nothing is fetched: put the imported ontology into the same file, and leave the import out",
    OWL.sameAs: "The reasoning merges nothing: write the triples with one of the two names",
    OWL.FunctionalProperty: "It would merge what documents disagree on; count values with a SHACL shape",
    OWL.InverseFunctionalProperty: "It would merge what documents disagree on; count values with a SHACL shape",
    OWL.hasKey: "It would merge what documents disagree on; find duplicates with a query",
    OWL.Nothing: "Nothing is in owl:Nothing: take the statement back",
}


def check_profile(ontology: Graph, where: str) -> list[Problem]:
    """What an ontology uses that the reasoning does not cover, each with the axiom; where names it in the messages."""
    problems: list[Problem] = []
    for s, p, o in ontology:
        construct = o if p == RDF.type else p
        if not _is_covered(s, p, o):
            axiom = " ".join(_name(ontology, term) for term in (s, p, o))
            remedy = _REMEDIES.get(construct, _MEND) if isinstance(construct, URIRef) else _MEND
            problems.append(Problem(where, f"the reasoning does not cover the axiom {axiom}", remedy))
    problems += _faulty_lists(ontology, where)
    if not problems:
        problems += _faulty_restrictions(ontology, where)
        problems += _faulty_memberships(ontology, where)
        problems += _recursive_chains(ontology, where)
    return sorted(set(problems))


def is_axiom(predicate: Node, value: Node) -> bool:
    """True of a triple that says something of classes or properties (a schema), and not of instances."""
    if predicate in SCHEMA_PREDICATES or (is_owl(predicate) and predicate not in (OWL.sameAs, OWL.differentFrom)):
        return True
    if _is_rdfs(predicate) and predicate not in _NAMEABLE_PROPERTIES:  # a term that RDFS does not have
        return True
    return predicate == RDF.type and value not in (OWL.NamedIndividual, OWL.Thing) and _is_schema_class(value)


def _is_schema_class(value: Node) -> bool:
    return value == RDF.Property or (isinstance(value, URIRef) and str(value).startswith((str(OWL), str(RDFS))))


def is_owl(term: Node) -> bool:
    """True of a term of OWL's vocabulary."""
    return isinstance(term, URIRef) and str(term).startswith(str(OWL))


def _is_covered(s: Node, p: Node, o: Node) -> bool:
    """True of a triple that is no axiom, and of an axiom whose construct and terms are covered; lists are not looked into."""
    if p == RDF.type:
        if o in _CHARACTERISTICS:
            return _is_property(s)
        return not (is_owl(o) or _is_rdfs(o)) or o in _TYPES
    if not (is_owl(p) or _is_rdfs(p)):
        return True
    if p in _CLASSES:
        return _is_class(s, p in _TAKE_NOTHING) and _is_value(p, o)
    if p in _PROPERTIES:
        return _is_property(s) and _is_property(o)
    if p in _ENDS:
        return _is_property(s) and _is_value(p, o)
    if p == OWL.onProperty:
        return _is_class(s) and _is_property(o)
    if p in _RESTRICTIONS:
        return _is_class(s) and (p == OWL.hasValue or _is_value(p, o))
    if p in _CLASS_LISTS:
        return _is_class(s)
    if p == OWL.propertyChainAxiom:
        return _is_property(s)
    return p in _PREDICATES and not (p == OWL.differentFrom and s == o)


def _is_rdfs(term: Node) -> bool:
    return isinstance(term, URIRef) and str(term).startswith(str(RDFS))


def _is_own(term: Node) -> bool:
    """True of a resource that is not of a built-in vocabulary."""
    return not isinstance(term, RdfLiteral) and not (isinstance(term, URIRef) and str(term).startswith(_RESERVED))


def _is_property(term: Node) -> bool:
    return _is_own(term) or term in _NAMEABLE_PROPERTIES


def _is_class(term: Node, or_nothing: bool = False) -> bool:
    return _is_own(term) or (or_nothing and term == _NOTHING)


def _is_value(predicate: Node, term: Node) -> bool:
    """True of a class or datatype that may be the object of an axiom."""
    if _is_own(term):
        return True
    if term in _ANYTHING:
        return predicate in _TAKE_ANYTHING
    if term == _NOTHING:
        return predicate in _TAKE_NOTHING
    return predicate in _TAKE_DATATYPES and str(term) in DATATYPES


def _faulty_lists(ontology: Graph, where: str) -> Iterator[Problem]:
    for predicate in LISTS:
        for s, head in ontology.subject_objects(predicate):
            axiom = f"{_name(ontology, s)} {_name(ontology, predicate)}"
            try:
                found = members(ontology, head)
                if not found:
                    raise ValueError("the list is empty")
            except ValueError as error:
                yield Problem(where, f"the axiom {axiom} cannot be read: {error}", "Write the list as ( … )")
                continue
            is_listable = _is_property if predicate in (OWL.propertyChainAxiom, OWL.members) else _is_own
            for member in found:
                if not is_listable(member):
                    text = f"the reasoning does not cover the axiom {axiom} ( … {_name(ontology, member)} … )"
                    yield Problem(where, text, _MEND)


def _faulty_restrictions(ontology: Graph, where: str) -> Iterator[Problem]:
    parts = (OWL.onProperty, *_RESTRICTIONS)
    restrictions = {s for part in parts for s in ontology.subjects(part)} | set(ontology.subjects(RDF.type, OWL.Restriction))
    for restriction in restrictions:
        counts = [len(list(ontology.objects(restriction, part))) for part in parts]
        if counts[0] != 1 or sum(counts[1:]) != 1:
            stated = sorted(
                f"{_name(ontology, part)} {_name(ontology, o)}" for part in parts for o in ontology.objects(restriction, part)
            )
            text = f"the restriction {_name(ontology, restriction)} cannot be read: it has {' ; '.join(stated) or 'no parts'}"
            remedy = "Give it one owl:onProperty and one of owl:someValuesFrom, owl:allValuesFrom, owl:hasValue"
            yield Problem(where, text, remedy)


def _faulty_memberships(ontology: Graph, where: str) -> Iterator[Problem]:
    for predicate in _MEMBER_LISTS:
        for s, head in ontology.subject_objects(predicate):
            types = set(ontology.objects(s, RDF.type))
            if not any(predicate in _LIST_TYPES.get(type_, ()) for type_ in types):
                text = f"the list of {_name(ontology, predicate)} cannot be read: no type says what it is for"
                yield Problem(where, text, "Type it as owl:AllDisjointClasses, owl:AllDisjointProperties or owl:AllDifferent")
            found = members(ontology, head)
            if OWL.AllDifferent in types and len(set(found)) < len(found):
                text = f"the ontology contradicts itself: {_name(ontology, s)} says of a resource that it differs from itself"
                yield Problem(where, text, "Name each resource once")
    for type_, predicates in _LIST_TYPES.items():
        for s in ontology.subjects(RDF.type, type_):
            if not any((s, predicate, None) in ontology for predicate in predicates):
                yield Problem(where, f"the {_name(ontology, type_)} {_name(ontology, s)} has no list", "Name its members")


def _recursive_chains(ontology: Graph, where: str) -> Iterator[Problem]:
    for head, chain in ontology.subject_objects(OWL.propertyChainAxiom):
        if head in members(ontology, chain):
            yield Problem(
                where,
                f"the chain of {_name(ontology, head)} holds the property itself, on which reasoners may not end",
                "Give the recursive step a property of its own, or declare the property transitive",
            )


def _name(ontology: Graph, term: Node) -> str:
    """A term in Turtle; of an anonymous one what tells most, for its label is chance."""
    if isinstance(term, BNode):
        terms = [(p, o) for p in _TELLING for o in ontology.objects(term, p) if not isinstance(o, BNode)]
        told = (f"{_name(ontology, p)} {_name(ontology, o)}" for p, o in terms)
        return f"[ {first} ]" if (first := min(told, default=None)) else "[]"
    return term.n3(ontology.namespace_manager)
