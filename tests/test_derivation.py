"""Derivations: every inferred triple has a proof from asserted ones; a second reading of the rules confirms each step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, Triple, parse
from rdflib import Graph

from relgraph.rdflibgraph import rdflib_graph
from relgraph.reasoning import Reasoned, compile_rules
from relgraph.reasoning.axioms import Axiom, Kind
from relgraph.reasoning.derivation import Derivation, Theory, derive
from relgraph.reasoning.known import Statement, StoreFacts, TripleFacts
from relgraph.vocabulary import ASSERTED, INFERRED, ONTOLOGY_GRAPH, A

PREFIXES = (
    "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    "@prefix : <http://example.org/> ."
)
Proof = tuple[int, int]


def triples(turtle: str) -> list[Triple]:
    return [quad.triple for quad in parse((PREFIXES + turtle).encode(), format=RdfFormat.TURTLE)]


def statement(turtle: str) -> Statement:
    return Statement(*triples(turtle)[0])


def theory_and_facts(ontology: str, data: str) -> tuple[Theory, TripleFacts, list[Triple]]:
    reasoned = Reasoned(triples(data), Graph().parse(data=PREFIXES + ontology, format="turtle"))
    entailed = list(reasoned.entailed())
    return Theory(reasoned.rules.axioms), TripleFacts(triples(data), entailed), entailed


def why(ontology: str, data: str, goal: str) -> Derivation | None:
    theory, facts, _ = theory_and_facts(ontology, data)
    return theory.derive(triples(goal)[0], facts)


# ── a second reading of the rules (OWL 2 Profiles, tables 5 to 7): what an axiom makes of statements ─────────────────────


def conclusions(axiom: Axiom, given_: list[Statement]) -> Iterator[tuple[Statement, tuple[Statement, ...]]]:
    """Everything that the axiom concludes from the statements, with the premises."""
    kind, c, terms = axiom.kind, axiom.subject, axiom.terms
    types = [t for t in given_ if t.predicate == A]
    if kind is Kind.CHAIN or kind is Kind.TRANSITIVE:
        parts = terms if kind is Kind.CHAIN else (c, c)
        for path in product(*([t for t in given_ if t.predicate == part] for part in parts)):
            if all(one.object == other.subject for one, other in pairwise(path)):
                yield Statement(path[0].subject, c, path[-1].object), path
    if kind is Kind.ONE_OF:
        yield from ((Statement(x, A, c), ()) for x in terms)
    if kind is Kind.INTERSECTION:
        for x in {t.subject for t in types}:
            needed = tuple(Statement(x, A, part) for part in terms)
            if set(needed) <= set(types):
                yield Statement(x, A, c), needed
    if kind in (Kind.SOME, Kind.ALL):
        for t in (t for t in given_ if t.predicate == terms[0]):
            typed, concluded = (t.object, t.subject) if kind is Kind.SOME else (t.subject, t.object)
            needed_class, made = (terms[1], c) if kind is Kind.SOME else (c, terms[1])
            if kind is Kind.SOME and str(terms[1]).endswith("#Thing>"):
                yield Statement(concluded, A, made), (t,)
            elif Statement(typed, A, needed_class) in types:
                other = Statement(typed, A, needed_class)
                yield Statement(concluded, A, made), (t, other) if kind is Kind.SOME else (other, t)
    for t in given_:
        yield from ((found, (t,)) for found in single(axiom, t))


def single(axiom: Axiom, t: Statement) -> Iterator[Statement]:
    """… from one statement."""
    kind, c, terms = axiom.kind, axiom.subject, axiom.terms
    if kind is Kind.SUB_PROPERTY and t.predicate == c:
        yield Statement(t.subject, terms[0], t.object)
    if kind is Kind.INVERSE and t.predicate == c:
        yield Statement(t.object, terms[0], t.subject)
    if kind is Kind.INVERSE and t.predicate == terms[0]:
        yield Statement(t.object, c, t.subject)
    if kind is Kind.SYMMETRIC and t.predicate == c:
        yield Statement(t.object, c, t.subject)
    if kind is Kind.DOMAIN and t.predicate == c:
        yield Statement(t.subject, A, terms[0])
    if kind is Kind.RANGE and t.predicate == c:
        yield Statement(t.object, A, terms[0])
    if kind is Kind.SUB_CLASS and t.predicate == A and t.object == c:
        yield Statement(t.subject, A, terms[0])
    if kind is Kind.VALUE and t.predicate == A and t.object == c:
        yield Statement(t.subject, terms[0], terms[1])
    if kind is Kind.VALUE and t.predicate == terms[0] and t.object == terms[1]:
        yield Statement(t.subject, A, c)


def least(axioms: tuple[Axiom, ...], data: list[Triple]) -> dict[Statement, Proof]:
    """Forwards, until nothing gets cheaper: all that is entailed, with the least number of entailed axioms and steps."""
    costs: dict[Statement, Proof] = {Statement(*t): (0, 0) for t in data}
    changed = True
    while changed:
        changed = False
        for axiom in axioms:
            for found, premises in list(conclusions(axiom, list(costs))):
                if isinstance(found.subject, Literal):
                    continue
                cost = (
                    (not axiom.stated) + sum(costs[p][0] for p in premises),
                    1 + sum(costs[p][1] for p in premises),
                )
                if found not in costs or cost < costs[found]:
                    costs[found] = cost
                    changed = True
    return costs


def check(derivation: Derivation, asserted: set[Statement], above: tuple[Statement, ...] = ()) -> None:
    """The leaves are asserted, each step follows, and nothing rests on itself."""
    assert derivation.statement not in above
    if derivation.axiom is None:
        assert derivation.statement in asserted
        assert derivation.premises == ()
        return
    premises = tuple(premise.statement for premise in derivation.premises)
    assert (derivation.statement, premises) in list(conclusions(derivation.axiom, list(premises)))
    for premise in derivation.premises:
        check(premise, asserted, (*above, derivation.statement))


def entailed_axioms(derivation: Derivation) -> int:
    own = derivation.axiom is not None and not derivation.axiom.stated
    return own + sum(map(entailed_axioms, derivation.premises))


# ── the real graph ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_inferred_triple_of_the_real_graph_is_derived_from_asserted_ones(store: Store) -> None:
    ontology = rdflib_graph(quad.triple for quad in store.quads_for_pattern(None, None, None, ONTOLOGY_GRAPH))
    theory = Theory(compile_rules(ontology).axioms)
    published = {quad.subject for quad in store.quads_for_pattern(None, A, None, ONTOLOGY_GRAPH)}
    facts = StoreFacts(store, [ASSERTED], INFERRED, [node for node in published if isinstance(node, NamedNode)])
    asserted = {Statement(*quad.triple) for quad in store.quads_for_pattern(None, None, None, ASSERTED)}
    inferred = [quad.triple for quad in store.quads_for_pattern(None, None, None, INFERRED)]
    assert len(inferred) > 1000
    for triple in inferred:
        derivation = theory.derive(triple, facts)
        assert derivation is not None, triple
        assert derivation.steps > 0
        check(derivation, asserted)


# ── one rule after the other ───────────────────────────────────────────────────────────────────────────────────────────

RULES = [
    ("prp-spo1", ":p rdfs:subPropertyOf :q .", ":x :p :y .", ":x :q :y ."),
    ("prp-eqp1", ":p owl:equivalentProperty :q .", ":x :p :y .", ":x :q :y ."),
    ("prp-eqp2", ":p owl:equivalentProperty :q .", ":x :q :y .", ":x :p :y ."),
    ("prp-inv1", ":p owl:inverseOf :q .", ":x :p :y .", ":y :q :x ."),
    ("prp-inv2", ":p owl:inverseOf :q .", ":x :q :y .", ":y :p :x ."),
    ("prp-symp", ":p a owl:SymmetricProperty .", ":x :p :y .", ":y :p :x ."),
    ("prp-trp", ":p a owl:TransitiveProperty .", ":x :p :y . :y :p :z .", ":x :p :z ."),
    ("prp-spo2", ":p owl:propertyChainAxiom ( :q :r :s ) .", ":x :q :y . :y :r :z . :z :s :w .", ":x :p :w ."),
    ("prp-spo2", ":p owl:propertyChainAxiom ( :q ) .", ":x :q :y .", ":x :p :y ."),
    ("prp-dom", ":p rdfs:domain :C .", ':x :p "text" .', ":x a :C ."),
    ("prp-rng", ":p rdfs:range :C .", ":x :p :y .", ":y a :C ."),
    ("cax-sco", ":C rdfs:subClassOf :D .", ":x a :C .", ":x a :D ."),
    ("cax-eqc1", ":C owl:equivalentClass :D .", ":x a :C .", ":x a :D ."),
    ("cax-eqc2", ":C owl:equivalentClass :D .", ":x a :D .", ":x a :C ."),
    ("cls-uni", ":C owl:unionOf ( :D :E ) .", ":x a :E .", ":x a :C ."),
    ("cls-int1", ":C owl:intersectionOf ( :D :E ) .", ":x a :E . :x a :D .", ":x a :C ."),
    ("cls-int2", ":C owl:intersectionOf ( :D :E ) .", ":x a :C .", ":x a :E ."),
    ("cls-oo", ":C owl:oneOf ( :x :y ) .", ":x :p :y .", ":y a :C ."),
    ("cls-svf1", ":C owl:onProperty :p ; owl:someValuesFrom :D .", ":x :p :y . :y a :D .", ":x a :C ."),
    ("cls-svf2", ":C owl:onProperty :p ; owl:someValuesFrom owl:Thing .", ":x :p :y .", ":x a :C ."),
    ("cls-avf", ":C owl:onProperty :p ; owl:allValuesFrom :D .", ":x :p :y . :x a :C .", ":y a :D ."),
    ("cls-hv1", ":C owl:onProperty :p ; owl:hasValue :y .", ":x a :C .", ":x :p :y ."),
    ("cls-hv2", ":C owl:onProperty :p ; owl:hasValue :y .", ":x :p :y .", ":x a :C ."),
]


@pytest.mark.parametrize(("rule", "ontology", "data", "goal"), RULES)
def test_each_rule_is_one_step_from_what_it_needs(rule: str, ontology: str, data: str, goal: str) -> None:
    found = why(ontology, data, goal)
    assert found is not None
    assert found.rule == rule
    assert found.axiom is not None
    assert found.axiom.stated
    assert found.steps == 1
    check(found, {Statement(*t) for t in triples(data)})


def test_what_is_asserted_needs_no_rule() -> None:
    found = why(":C rdfs:subClassOf :D .", ":x a :C , :D .", ":x a :D .")
    assert found == Derivation(statement(":x a :D ."))
    assert found.steps == 0


@pytest.mark.parametrize("goal", [":y a :D .", ":x a :Unknown .", ":x :p :y .", ":x a :C2 ."])
def test_what_does_not_follow_has_no_derivation(goal: str) -> None:
    assert why(":C rdfs:subClassOf :D . :C2 rdfs:subClassOf :D .", ":x a :C .", goal) is None


def test_of_two_proofs_the_shorter_is_taken() -> None:
    found = why(":A rdfs:subClassOf :B . :B rdfs:subClassOf :D . :p rdfs:domain :D .", ":x a :A . :x :p :y .", ":x a :D .")
    assert found is not None
    assert (found.rule, found.steps) == ("prp-dom", 1)


def test_stated_axioms_are_preferred_to_what_only_the_closure_has() -> None:
    found = why(":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :C rdfs:subClassOf :D .", ":x a :A .", ":x a :D .")
    assert found is not None
    assert (found.steps, entailed_axioms(found)) == (3, 0)


def test_a_circle_of_axioms_does_not_make_a_circle_of_reasons() -> None:
    ontology = ":p owl:inverseOf :q . :q owl:inverseOf :r . :r rdfs:subPropertyOf :p . :p a owl:SymmetricProperty ."
    theory, facts, entailed = theory_and_facts(ontology, ":x :q :y .")
    assert entailed
    for triple in entailed:
        found = theory.derive(triple, facts)
        assert found is not None
        check(found, {statement(":x :q :y .")})


def test_anonymous_classes_and_properties_stand_among_the_premises() -> None:
    ontology = (
        ":memberOf owl:propertyChainAxiom ( [ owl:inverseOf :member ] :organization ) ."
        ":Host rdfs:subClassOf :Actor ; owl:equivalentClass [ owl:onProperty :hosts ; owl:someValuesFrom :Event ] ."
    )
    data = ":m :member :x ; :organization :o . :x :hosts :e . :e a :Event ."
    by_chain, by_class = why(ontology, data, ":x :memberOf :o ."), why(ontology, data, ":x a :Actor .")
    for found in (by_chain, by_class):
        assert found is not None
        check(found, {Statement(*t) for t in triples(data)})
    assert by_chain is not None
    assert by_chain.premises[0].statement.text.startswith("<http://example.org/x> _:")
    assert isinstance(by_chain.premises[0].statement.predicate, BlankNode)


def test_a_long_transitive_path_is_derived_in_a_flat_tree() -> None:
    length = 40
    data = " ".join(f":n{number} :p :n{number + 1} ." for number in range(length))
    found = why(":p a owl:TransitiveProperty .", data, f":n0 :p :n{length} .")
    assert found is not None
    assert found.steps == length - 1

    def depth(derivation: Derivation) -> int:
        return 1 + max(map(depth, derivation.premises)) if derivation.premises else 0

    assert depth(found) == 6  # 2 ** 5 < 40 <= 2 ** 6


def test_the_same_data_give_the_same_derivation_in_any_order() -> None:
    ontology = [":p rdfs:subPropertyOf :r .", ":q rdfs:subPropertyOf :r .", ":r rdfs:domain :C .", ":s rdfs:domain :C ."]
    data = [":x :p :y .", ":x :q :y .", ":x :s :z .", ":x :s :w ."]
    found = {
        str([why(" ".join(axioms), " ".join(facts), goal) for goal in (":x :r :y .", ":x a :C .")])
        for axioms in (ontology, ontology[::-1])
        for facts in (data, data[::-1])
    }
    assert len(found) == 1


def test_derive_takes_axioms_as_they_are() -> None:
    rules = compile_rules(Graph().parse(data=PREFIXES + ":C rdfs:subClassOf :D .", format="turtle"))
    goal = triples(":x a :D .")[0]
    found = derive(goal, rules.axioms, TripleFacts(triples(":x a :C ."), [goal]))
    assert found is not None
    assert [premise.statement for premise in found.premises] == [statement(":x a :C .")]


# ── generated ontologies ───────────────────────────────────────────────────────────────────────────────────────────────

classes = st.sampled_from([":A", ":B", ":C", ":D"])
properties = st.sampled_from([":p", ":q", ":r"])
nodes = st.sampled_from([":x", ":y", ":z"])
parts = st.lists(st.one_of(properties, properties.map("[ owl:inverseOf {} ]".format)), min_size=1, max_size=3).map(" ".join)
axioms = st.one_of(
    st.builds("{} rdfs:subClassOf {} .".format, classes, classes),
    st.builds("{} owl:equivalentClass {} .".format, classes, classes),
    st.builds("{} rdfs:subPropertyOf {} .".format, properties, properties),
    st.builds("{} owl:inverseOf {} .".format, properties, properties),
    st.builds("{} rdfs:domain {} .".format, properties, classes),
    st.builds("{} rdfs:range {} .".format, properties, classes),
    st.builds("{} a owl:SymmetricProperty .".format, properties),
    st.builds("{} a owl:TransitiveProperty .".format, properties),
    st.builds(":t owl:propertyChainAxiom ( {} ) .".format, parts),
    st.builds("{} owl:intersectionOf ( {} {} ) .".format, classes, classes, classes),
    st.builds("{} rdfs:subClassOf [ owl:onProperty {} ; owl:hasValue {} ] .".format, classes, properties, nodes),
    st.builds("[ owl:onProperty {} ; owl:someValuesFrom {} ] rdfs:subClassOf {} .".format, properties, classes, classes),
    st.builds("{} rdfs:subClassOf [ owl:onProperty {} ; owl:allValuesFrom {} ] .".format, classes, properties, classes),
)
statements_ = st.one_of(
    st.builds("{} a {} .".format, nodes, classes),
    st.builds("{} {} {} .".format, nodes, properties, nodes),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(axioms, min_size=1, max_size=5), st.lists(statements_, min_size=1, max_size=4))
def test_derivations_of_generated_data_are_sound_complete_and_minimal(ontology: list[str], data: list[str]) -> None:
    theory, facts, entailed = theory_and_facts(" ".join(ontology), " ".join(data))
    own = triples(" ".join(data))
    costs = least(tuple(theory.axioms), own)
    asserted = {Statement(*t) for t in own}
    for triple in entailed:
        derivation = theory.derive(triple, facts)
        assert derivation is not None, triple
        check(derivation, asserted)
        assert (entailed_axioms(derivation), derivation.steps) == costs[Statement(*triple)]
