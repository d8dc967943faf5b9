"""An ontology compiled into tables: what a triple, a type or a pair of triples entails, looked up once.

owlrl closes the ontology alone; only this module knows. What is read from the closure is followed together here: for
each property all properties that a triple with it entails (subproperties, inverses and symmetry), and the classes of its
two ends with their superclasses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import owlrl
from owlrl.OWLRL import OWLRL_Semantics
from pyoxigraph import Literal, NamedNode
from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from relgraph.datatypes import DATATYPES
from relgraph.errors import InputError, Problem
from relgraph.rdflibgraph import oxigraph_term
from relgraph.reasoning.axioms import THING, Axiom, Kind, Term, read
from relgraph.reasoning.profile import LISTS, check_profile, is_axiom
from relgraph.vocabulary import RDFS as RDFS_NAMESPACE
from relgraph.vocabulary import XSD

_Step = TypeVar("_Step", bound=Hashable)
_ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
_DECLARATIONS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
#: Classes that everything is in, so that a type says nothing.
_TRIVIAL = {THING, NamedNode(RDFS_NAMESPACE + "Resource")}


@dataclass(frozen=True)
class Rules:
    """What an ontology entails of instances.

    entailed: for a property the properties that its triples entail, each with True where subject and object change
    places; subject_classes, object_classes: the classes of what stands before and behind a property; superclasses: of
    each class; chains: head and parts; transitive: properties; intersections: class and the classes that make it up;
    some: restriction, property and class (None for any); every: restriction, property, class; values: restriction,
    property, value; one_of: class and its members; axioms: everything that this was made from, and the axioms that
    data may contradict.
    """

    entailed: Mapping[Term, tuple[tuple[Term, bool], ...]]
    subject_classes: Mapping[Term, tuple[Term, ...]]
    object_classes: Mapping[Term, tuple[Term, ...]]
    superclasses: Mapping[Term, tuple[Term, ...]]
    chains: tuple[tuple[Term, tuple[Term, ...]], ...]
    transitive: tuple[Term, ...]
    intersections: tuple[tuple[Term, tuple[Term, ...]], ...]
    some: tuple[tuple[Term, Term, Term | None], ...]
    every: tuple[tuple[Term, Term, Term], ...]
    values: tuple[tuple[Term, Term, Term], ...]
    one_of: tuple[tuple[Term, tuple[Term, ...]], ...]
    axioms: tuple[Axiom, ...]


def compile_rules(ontology: Graph, where: str = "ontology") -> Rules:
    """The tables of an ontology. Raises InputError when it is outside what is covered, or contradicts itself.

    where: how messages name the ontology.
    """
    problems = check_profile(ontology, where)
    if problems:
        raise InputError(problems)
    stated = Graph()
    listed = _listed(ontology)
    for s, p, o in ontology:
        if s in listed if p in (RDF.first, RDF.rest) else is_axiom(p, o):
            stated.add((s, p, o))
    try:
        axioms = read(stated, _closed(stated, where))
    except ValueError as error:
        raise InputError([Problem(where, f"{_unusable(stated)!r} cannot be used: {error}", "Mend it")]) from error
    return _tables(axioms)


def _listed(ontology: Graph) -> set[Node]:
    """The nodes of the lists that axioms hold; owlrl is slow where there are many others."""
    open_ = [head for predicate in LISTS for head in ontology.objects(None, predicate)]
    found = set(open_)
    while open_:
        rests = set(ontology.objects(open_.pop(), RDF.rest)) - found
        found |= rests
        open_ += rests
    return found


def _unusable(stated: Graph) -> Node | None:
    """The first term that pyoxigraph does not take."""
    for term in sorted({term for triple in stated for term in triple}, key=str):
        try:
            oxigraph_term(term)
        except ValueError:
            return term
    return None


#: With these a class is described by others; without any, _tables follows all that an ontology entails.
_EXPRESSIONS = (OWL.onProperty, OWL.intersectionOf, OWL.unionOf, OWL.oneOf, OWL.complementOf)


def _closed(stated: Graph, where: str) -> Graph:
    """What owlrl makes of the axioms; the axioms themselves where there is nothing in them that only owlrl follows."""
    if not any((None, p, None) in stated for p in _EXPRESSIONS):
        return stated
    closed = Graph()
    # of what restrictions speak of, it matters that it is declared: two restrictions alike follow from each other only then
    restricted = {o for p in (OWL.onProperty, OWL.someValuesFrom, OWL.allValuesFrom) for o in stated.objects(None, p)}
    for s, p, o in stated:
        # left out is what makes owlrl slow and adds nothing to what is read here: types, from which it makes reflexive
        # axioms, and the ends of properties, which _tables follows through subproperties and superclasses itself
        if p not in (RDFS.domain, RDFS.range) and (p != RDF.type or o not in _DECLARATIONS or s in restricted):
            closed.add((s, p, o))
    owlrl.DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(closed)  # type: ignore[no-untyped-call]  # owlrl has no types
    messages = sorted(str(message) for message in closed.objects(None, _ERROR))
    if messages:
        raise InputError(Problem(where, f"the ontology contradicts itself: {m}", "Take back one of the axioms") for m in messages)
    return closed


def _tables(axioms: tuple[Axiom, ...]) -> Rules:
    by_kind: dict[Kind, list[Axiom]] = defaultdict(list)
    for axiom in axioms:
        by_kind[axiom.kind].append(axiom)
    superclasses = _reachable([(a.subject, a.terms[0]) for a in by_kind[Kind.SUB_CLASS]])
    entailed = _entailed(by_kind)
    domains = _ends(by_kind[Kind.DOMAIN], superclasses)
    ranges = _ends(by_kind[Kind.RANGE], superclasses)
    properties = sorted({*entailed, *domains, *ranges}, key=str)
    subjects: dict[Term, tuple[Term, ...]] = {}
    objects: dict[Term, tuple[Term, ...]] = {}
    for p in properties:
        reached = ((p, False), *entailed.get(p, ()))
        subjects[p] = _classes((ranges if turned else domains)[q] for q, turned in reached)
        objects[p] = _classes((domains if turned else ranges)[q] for q, turned in reached)
    return Rules(
        entailed=entailed,
        subject_classes={p: classes for p, classes in subjects.items() if classes},
        object_classes={p: classes for p, classes in objects.items() if classes},
        superclasses={c: found for c, above in superclasses.items() if (found := _classes([above]))},
        chains=tuple((a.subject, a.terms) for a in by_kind[Kind.CHAIN]),
        transitive=tuple(a.subject for a in by_kind[Kind.TRANSITIVE]),
        intersections=tuple((a.subject, a.terms) for a in by_kind[Kind.INTERSECTION]),
        some=tuple((a.subject, a.terms[0], None if a.terms[1] in _TRIVIAL else a.terms[1]) for a in by_kind[Kind.SOME]),
        every=tuple((a.subject, a.terms[0], a.terms[1]) for a in by_kind[Kind.ALL] if _classes([[a.terms[1]]])),
        values=tuple((a.subject, a.terms[0], a.terms[1]) for a in by_kind[Kind.VALUE]),
        one_of=tuple((a.subject, a.terms) for a in by_kind[Kind.ONE_OF]),
        axioms=axioms,
    )


def is_datatype(term: Term) -> bool:
    """True of a datatype of XSD, RDF or RDFS (rdfs:Literal); none of them is a class of resources."""
    return isinstance(term, NamedNode) and (term.value in DATATYPES or term.value.startswith(XSD))


def _entailed(by_kind: Mapping[Kind, list[Axiom]]) -> dict[Term, tuple[tuple[Term, bool], ...]]:
    steps: dict[tuple[Term, bool], set[tuple[Term, bool]]] = defaultdict(set)
    for axiom in by_kind[Kind.SUB_PROPERTY]:
        for turned in (False, True):
            steps[axiom.subject, turned].add((axiom.terms[0], turned))
    inverses = [(a.subject, a.terms[0]) for a in by_kind[Kind.INVERSE]]
    inverses += [(a.subject, a.subject) for a in by_kind[Kind.SYMMETRIC]]
    for one, other in inverses:
        for turned in (False, True):
            steps[one, turned].add((other, not turned))
            steps[other, turned].add((one, not turned))
    found = {}
    for p in sorted({p for p, _ in steps}, key=str):
        reached = _walk((p, False), steps)
        if reached:
            found[p] = tuple(sorted(reached, key=str))
    return found


def _walk(start: _Step, steps: Mapping[_Step, Iterable[_Step]]) -> set[_Step]:
    reached: set[_Step] = set()
    open_ = [start]
    while open_:
        for found in steps.get(open_.pop(), ()):
            if found not in reached and found != start:
                reached.add(found)
                open_.append(found)
    return reached


def _reachable(pairs: Iterable[tuple[Term, Term]]) -> dict[Term, set[Term]]:
    steps: dict[Term, set[Term]] = defaultdict(set)
    for one, other in pairs:
        steps[one].add(other)
    return {start: _walk(start, steps) for start in list(steps)}


def _ends(axioms: Iterable[Axiom], superclasses: Mapping[Term, set[Term]]) -> dict[Term, set[Term]]:
    found: dict[Term, set[Term]] = defaultdict(set)
    for axiom in axioms:
        found[axiom.subject] |= {axiom.terms[0], *superclasses.get(axiom.terms[0], ())}
    return found


def _classes(sets: Iterable[Iterable[Term]]) -> tuple[Term, ...]:
    every = {c for classes in sets for c in classes}
    return tuple(sorted((c for c in every if c not in _TRIVIAL and not is_datatype(c) and not isinstance(c, Literal)), key=str))
