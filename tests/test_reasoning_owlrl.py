"""What is entailed is exactly what owlrl entails: by construct, on generated ontologies and data, and on the real graph.

One difference is meant: rdfs:Resource as the class of some value stands for anything, as owl:Thing does, where the rules do
not know it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, Graph

from generated_ontologies import data_graphs, ontologies
from owlrl_closure import entailed, graph, show
from relgraph.errors import InputError, Problem
from relgraph.project import Project
from relgraph.rdf import read_turtle
from relgraph.rdflibgraph import rdflib_graph
from relgraph.reasoning import closure, ontology_graph
from relgraph.vocabulary import RG

#: Name, ontology, data, and what follows.
CASES = [
    ("subclass", ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .", ":x a :A .", "x a B ; x a C"),
    ("cycle of subclasses", ":A rdfs:subClassOf :B . :B rdfs:subClassOf :A .", ":x a :A . :y a :B .", "x a B ; y a A"),
    ("subproperty", ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .", ':x :p :y , "v" .',
     'x q y ; x r y ; x q "v" ; x r "v"'),
    ("subproperty of a label", ":p rdfs:subPropertyOf rdfs:label .", ':x :p "v"@en .', 'x label "v"@en'),
    ("domain", ":p rdfs:domain :A . :A rdfs:subClassOf :B .", ':x :p "v" .', "x a A ; x a B"),
    ("range", ":p rdfs:range :A . :A rdfs:subClassOf :B .", ':x :p :y , "v" .', "y a A ; y a B"),
    ("domain of a superproperty", ":p rdfs:subPropertyOf :q . :q rdfs:domain :A .", ":x :p :y .", "x q y ; x a A"),
    ("domain of an inverse", ":p owl:inverseOf :q . :q rdfs:domain :A .", ":x :p :y .", "y q x ; y a A"),
    ("inverse, both ways", ":p owl:inverseOf :q .", ":x :p :y . :a :q :b .", "y q x ; b p a"),
    ("inverse of itself", ":p owl:inverseOf :p .", ":x :p :y .", "y p x"),
    ("inverse of an inverse", ":p owl:inverseOf :q . :q owl:inverseOf :r .", ":x :p :y .", "y q x ; x r y"),
    ("subproperty of an anonymous inverse", ":p rdfs:subPropertyOf [ owl:inverseOf :q ] .", ":x :p :y .", "y q x"),
    ("symmetric", ":p a owl:SymmetricProperty . :p rdfs:domain :A .", ":x :p :y .", "y p x ; x a A ; y a A"),
    ("transitive", ":p a owl:TransitiveProperty .", ":x :p :y . :y :p :z . :z :p :w .", "x p z ; x p w ; y p w"),
    ("transitive, in a circle", ":p a owl:TransitiveProperty .", ":x :p :y . :y :p :x .", "x p x ; y p y"),
    ("transitive and symmetric", ":p a owl:TransitiveProperty , owl:SymmetricProperty .", ":x :p :y .", "y p x ; x p x ; y p y"),
    ("transitive, to a literal", ":p a owl:TransitiveProperty .", ':x :p :y . :y :p "v" .', 'x p "v"'),
    ("chain of one", ":p owl:propertyChainAxiom ( :q ) .", ":x :q :y .", "x p y"),
    ("chain of two", ":p owl:propertyChainAxiom ( :q :r ) .", ":x :q :y . :y :r :z , :w .", "x p z ; x p w"),
    ("chain of four", ":p owl:propertyChainAxiom ( :q :r :q :r ) .", ":x :q :y . :y :r :x .", "x p x"),
    ("chain with an inverse", ":p owl:propertyChainAxiom ( [ owl:inverseOf :q ] :r ) .", ":x :q :y ; :r :z .", "y p z"),
    ("chain of what another chain gives", ":p owl:propertyChainAxiom ( :q :q ) . :r owl:propertyChainAxiom ( :p :q ) .",
     ":x :q :y . :y :q :z . :z :q :w .", "x p z ; y p w ; x r w"),
    ("hasValue, both ways", ":A owl:onProperty :p ; owl:hasValue :v .", ":x a :A . :y :p :v .", "x p v ; y a A"),
    ("hasValue of a literal", ":A rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue 5 ] .", ":x a :A .",
     'x p "5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ("equivalent classes", ":A owl:equivalentClass :B .", ":x a :A . :y a :B .", "x a B ; y a A"),
    ("equivalent properties", ":p owl:equivalentProperty :q . :q a owl:SymmetricProperty .",
     ":x :p :y .", "x q y ; y q x ; y p x"),
    ("intersection", ":C owl:intersectionOf ( :A :B ) .", ":x a :A , :B . :y a :C . :z a :A .", "x a C ; y a A ; y a B"),
    ("union", ":C owl:unionOf ( :A :B ) .", ":x a :A . :y a :B .", "x a C ; y a C"),
    ("someValuesFrom", "[ owl:onProperty :p ; owl:someValuesFrom :B ] rdfs:subClassOf :A .", ":x :p :y . :y a :B . :z :p :w .",
     "x a A"),
    ("someValuesFrom anything", "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :A .",
     ':x :p "v" .', "x a A"),
    ("someValuesFrom, never a witness", ":A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ] .", ":x a :A .", ""),
    ("allValuesFrom", ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :B ] .",
     ":x a :A ; :p :y . :y :p :z .", "y a B"),
    ("allValuesFrom anything", ":A owl:onProperty :p ; owl:allValuesFrom owl:Thing .", ":x a :A ; :p :y .", ""),
    ("oneOf", ":A owl:oneOf ( :x :y ) . :A rdfs:subClassOf :B .", ":x :p :z .", "x a A ; x a B ; y a A ; y a B"),
    ("the same restriction twice", ":B a owl:Class . :p a owl:ObjectProperty ."
     ":A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ] ."
     "[ owl:onProperty :p ; owl:someValuesFrom :B ] rdfs:subClassOf :C .", ":x a :A .", "x a C"),
    ("some of a class is some of anything", ":B a owl:Class . :A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ] ."
     "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :C .", ":x a :A .", "x a C"),
    ("all of a class, twice", ":B a owl:Class . :A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :B ] ."
     "[ owl:onProperty :p ; owl:allValuesFrom :B ] rdfs:subClassOf :C .", ":x a :A .", "x a C"),
    ("nested classes", ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:someValuesFrom ["
     " owl:unionOf ( :C [ owl:onProperty :q ; owl:hasValue :v ] ) ] ] ) ] .", ":x a :B ; :p :y . :y :q :v .", "x a A"),
    ("what shares a value", ":sameCode owl:propertyChainAxiom ( :code [ owl:inverseOf :code ] ) .",
     ':x :code "1" . :y :code "1" .',
     "x sameCode x ; x sameCode y ; y sameCode x ; y sameCode y"),
    ("the inverse of an inverse, to a literal", ":p owl:inverseOf :q . :q owl:inverseOf :r .", ':x :p "v" .', 'x r "v"'),
    ("symmetric and transitive, to a literal", ":p a owl:SymmetricProperty , owl:TransitiveProperty .", ':x :p "v" .', "x p x"),
    ("some of a class that has a literal in it", ":p rdfs:range :B . [ owl:onProperty :p ; owl:someValuesFrom :B ]"
     " rdfs:subClassOf :A .", ':x :p "v" .', "x a A"),
    ("a class that is a resource as well", ":A a :Kind . :Kind rdfs:subClassOf :Term .", ":x a :A .", "A a Term"),
    ("terms that nothing is said of", ":A rdfs:subClassOf :B .", ":x a :Other ; :other :y .", ""),
    ("a class called Literal, outside RDFS", ":p rdfs:range <https://example.org/n#Literal> .", ":x :p :y .", "y a n#Literal"),
    ("a subclass of nothing known", ":A rdfs:subClassOf [] .", ":x a :A .", ""),
]  # fmt: skip


@pytest.mark.parametrize(("ontology", "data", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_construct_entails_what_owlrl_entails(ontology: str, data: str, expected: str) -> None:
    terms, facts = graph(ontology), graph(data)
    found = set(closure(facts, terms))
    assert show(found) == sorted(filter(None, expected.split(" ; ")))
    assert found == entailed(facts, terms)


def test_axioms_count_wherever_they_stand() -> None:
    axioms, facts = graph(":A rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue :v ] ."), graph(":x a :A .")
    assert set(closure(facts + axioms, Graph())) == set(closure(facts, axioms)) == entailed(facts, axioms)


def test_some_resource_is_some_thing() -> None:
    """owlrl knows rdfs:Resource as any other class; in RDF everything is in it."""
    terms = graph("[ owl:onProperty :p ; owl:someValuesFrom rdfs:Resource ] rdfs:subClassOf :A .")
    facts = graph(":x :p :y .")
    assert not entailed(facts, terms)
    assert show(set(closure(facts, terms))) == ["x a A"]


@settings(max_examples=60)
@given(st.data())
def test_generated_ontologies_and_data_entail_what_owlrl_entails(draw: st.DataObject) -> None:
    terms, facts = draw.draw(ontologies()), draw.draw(data_graphs())
    try:
        found = set(closure(facts, terms))
    except InputError as error:
        raise AssertionError(f"{terms.serialize()} is refused: {error}") from error
    assert show(found) == show(entailed(facts, terms))


def read(path: Path) -> Graph:
    """A Turtle file of the project; by pyoxigraph, as rdflib stumbles over local names that end in an escaped dot."""
    problems: list[Problem] = []
    triples = read_turtle(path, problems)
    assert not problems
    return rdflib_graph(triples)


def test_the_real_graph_entails_what_owlrl_entails(project: Project) -> None:
    terms, facts = ontology_graph(project.ontology / "relgraph.ttl"), read(project.graph / "asserted.ttl")
    found = set(closure(facts, terms))
    assert found == entailed(facts, terms)
    own = {triple for triple in found if str(RG) in str(triple[2] if triple[1] == RDF.type else triple[1])}
    assert set(read(project.graph / "inferred.ttl")) == own
    assert own
