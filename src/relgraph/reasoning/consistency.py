"""Contradictions: triples that an axiom does not allow together (the rules of OWL 2 RL/RDF that conclude false)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from relgraph.datatypes import ill_formed, is_in
from relgraph.reasoning.axioms import NOTHING, Axiom, Kind, Term
from relgraph.reasoning.materialisation import Materialisation
from relgraph.reasoning.rules import Rules, is_datatype
from relgraph.vocabulary import OWL, A

_DIFFERENT = NamedNode(OWL + "differentFrom")
_WITHOUT_AXIOM = {
    "dt-not-type": "the text of a literal must be in the lexical space of its datatype",
    "eq-diff1": "nothing differs from itself",
}


@dataclass(frozen=True)
class Contradiction:
    """An axiom and the triples, asserted or inferred, that it does not allow together.

    axiom: None where no axiom of the ontology's is needed, as for a literal that is not in its own datatype; focus: the
    resource that they are about.
    """

    rule: str
    axiom: Axiom | None
    triples: tuple[Triple, ...]

    @property
    def focus(self) -> Term:
        """The subject of the first of the triples."""
        return self.triples[0].subject  # type: ignore[return-value]  # a subject is never a triple here

    @property
    def text(self) -> str:
        """The axiom in Turtle, or a wording of the rule where there is none."""
        return self.axiom.text if self.axiom else _WITHOUT_AXIOM[self.rule]


def contradictions(work: Materialisation, rules: Rules) -> list[Contradiction]:
    """All contradictions of data that have been materialised, sorted by axiom and triples.

    Triples that an axiom does not allow together come once, even where the axiom is stated in both directions.
    """
    found: dict[tuple[str, frozenset[Triple]], Contradiction] = {}
    for axiom in sorted(rules.axioms, key=lambda axiom: axiom.text):
        for contradiction in _of(axiom, work):
            found.setdefault((contradiction.rule, frozenset(contradiction.triples)), contradiction)
    each = [*found.values(), *_ill_formed(work), *_self_different(work)]
    return sorted(each, key=lambda c: (c.rule, c.text, str(c.triples)))


def _of(axiom: Axiom, work: Materialisation) -> Iterator[Contradiction]:
    one, other = axiom.subject, axiom.terms[0] if axiom.terms else axiom.subject
    if axiom.kind in (Kind.DISJOINT_CLASSES, Kind.COMPLEMENT):
        for x in work.members(one) & work.members(other):
            yield Contradiction(axiom.rule, axiom, _once(_typed(x, one), _typed(x, other)))
    elif axiom.kind is Kind.SUB_CLASS and other == NOTHING and axiom.stated:
        for x in work.members(one):
            yield Contradiction("cls-nothing2", axiom, (_typed(x, one),))
    elif axiom.kind is Kind.DISJOINT_PROPERTIES:
        for s, o in set(work.pairs(one)) & set(work.pairs(other)):
            yield Contradiction(axiom.rule, axiom, _once(Triple(s, one, o), Triple(s, other, o)))  # type: ignore[arg-type]
    elif axiom.kind is Kind.IRREFLEXIVE:
        for s, o in work.pairs(one):
            if s == o:
                yield Contradiction(axiom.rule, axiom, (Triple(s, one, o),))  # type: ignore[arg-type]
    elif axiom.kind is Kind.ASYMMETRIC:
        pairs = set(work.pairs(one))
        for s, o in pairs:
            if (o, s) in pairs and str(s) <= str(o):
                yield Contradiction(axiom.rule, axiom, _once(Triple(s, one, o), Triple(o, one, s)))  # type: ignore[arg-type]
    elif axiom.kind is Kind.RANGE and isinstance(other, NamedNode) and is_datatype(other):
        for s, o in work.pairs(one):
            if isinstance(o, Literal) and not is_in(o, other):
                yield Contradiction("dt-not-type", axiom, (Triple(s, one, o),))  # type: ignore[arg-type]
    elif axiom.kind is Kind.ALL and isinstance(datatype := axiom.terms[1], NamedNode) and is_datatype(datatype):
        members = work.members(one)
        for s, o in work.pairs(axiom.terms[0]) if members else ():
            if s in members and isinstance(o, Literal) and not is_in(o, datatype):
                yield Contradiction("dt-not-type", axiom, (_typed(s, one), Triple(s, axiom.terms[0], o)))  # type: ignore[arg-type]


def _ill_formed(work: Materialisation) -> Iterator[Contradiction]:
    wrong = ill_formed(literal for literal in work.literals() if isinstance(literal, Literal))
    if wrong:
        for triple in work.with_objects(wrong):
            yield Contradiction("dt-not-type", None, (triple,))


def _self_different(work: Materialisation) -> Iterator[Contradiction]:
    for s, o in work.pairs(_DIFFERENT):
        if s == o:
            yield Contradiction("eq-diff1", None, (Triple(s, _DIFFERENT, o),))


def _once(*triples: Triple) -> tuple[Triple, ...]:
    return tuple(dict.fromkeys(triples))


def _typed(x: Term, class_: Term) -> Triple:
    return Triple(x, A, class_)  # type: ignore[arg-type]
