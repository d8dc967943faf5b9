"""The rules of OWL 2 RL/RDF read backwards: what an axiom concludes, and from which premises (OWL 2 Profiles, section 4.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from pyoxigraph import Literal

from relgraph.reasoning.axioms import THING, Axiom, Kind
from relgraph.reasoning.known import Statement
from relgraph.reasoning.rules import is_datatype
from relgraph.vocabulary import RDFS, A


class Conclusions:
    """The axioms of an ontology by the property, or the class, that they conclude, each with the name of the rule.

    rank: which axiom goes first, by id(axiom).
    """

    def __init__(self, axioms: Iterable[Axiom]) -> None:
        # the order in which an ontology is read is chance, the order by text is not
        self.axioms = sorted(axioms, key=lambda axiom: (not axiom.stated, axiom.text, axiom.kind.value, axiom.rule))
        self.rank = {id(axiom): number for number, axiom in enumerate(self.axioms)}
        self.of_property: dict[Any, list[tuple[str, Axiom]]] = defaultdict(list)
        self.of_class: dict[Any, list[tuple[str, Axiom]]] = defaultdict(list)
        for axiom in self.axioms:
            for conclusion, rule, is_class in _concluded(axiom):
                (self.of_class if is_class else self.of_property)[conclusion].append((rule, axiom))


def _concluded(axiom: Axiom) -> Iterator[tuple[Any, str, bool]]:
    """What an axiom concludes, by which rule: property or class, name of the rule, and whether it is a class."""
    kind, terms = axiom.kind, axiom.terms
    if kind is Kind.SUB_PROPERTY:
        yield terms[0], axiom.rule, False
    elif kind is Kind.INVERSE:
        yield terms[0], "prp-inv1", False
        yield axiom.subject, "prp-inv2", False
    elif kind in (Kind.SYMMETRIC, Kind.TRANSITIVE, Kind.CHAIN):
        yield axiom.subject, axiom.rule, False
    elif kind in (Kind.DOMAIN, Kind.RANGE, Kind.SUB_CLASS):
        yield terms[0], axiom.rule, True
    elif kind in (Kind.INTERSECTION, Kind.ONE_OF):
        yield axiom.subject, axiom.rule, True
    elif kind is Kind.SOME:
        yield axiom.subject, "cls-svf2" if _is_anything(terms[1]) else "cls-svf1", True
    elif kind is Kind.ALL and not is_datatype(terms[1]):
        yield terms[1], axiom.rule, True
    elif kind is Kind.VALUE:
        yield terms[0], "cls-hv1", False
        yield axiom.subject, "cls-hv2", True


def _is_anything(class_: Any) -> bool:
    return bool(class_ == THING) or str(getattr(class_, "value", "")) == RDFS + "Resource"


def parts(axiom: Axiom) -> tuple[Any, ...]:
    """The properties along which a chain, or a transitive property, leads."""
    return axiom.terms if axiom.kind is Kind.CHAIN else (axiom.subject, axiom.subject)


def before(rule: str, axiom: Axiom) -> Any:
    """The property that an inverse is concluded from."""
    return axiom.subject if rule == "prp-inv1" else axiom.terms[0]


def direct_premises(rule: str, axiom: Axiom, s: Any, o: Any) -> tuple[Statement, ...] | None:
    """The premises of a rule in which all terms of the premises stand in axiom and conclusion; None where it does not apply."""
    kind, subject = axiom.kind, axiom.subject
    if kind is Kind.SUB_PROPERTY:
        return (Statement(s, subject, o),)
    if kind in (Kind.INVERSE, Kind.SYMMETRIC):
        other = subject if kind is Kind.SYMMETRIC else before(rule, axiom)
        return None if isinstance(o, Literal) else (Statement(o, other, s),)
    if kind is Kind.SUB_CLASS:
        return (Statement(s, A, subject),)
    if kind is Kind.INTERSECTION:
        return tuple(Statement(s, A, part) for part in axiom.terms)
    if kind is Kind.ONE_OF:
        return () if s in axiom.terms else None
    if rule == "cls-hv1":
        return (Statement(s, A, subject),) if o == axiom.terms[1] else None
    return (Statement(s, axiom.terms[0], axiom.terms[1]),)
