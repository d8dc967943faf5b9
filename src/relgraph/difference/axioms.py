"""Axioms of OWL and RDFS as single lines, in words of the Manchester syntax; the same text is the same axiom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad

from relgraph.difference.notation import Notation
from relgraph.vocabulary import OWL, RDFS, A

#: Predicates of axioms, and how the Manchester syntax calls them (OWL 2 Manchester Syntax, section 2.5).
_PREDICATES: Final = {
    NamedNode(namespace + name): word
    for namespace, words in (
        (RDFS, {"subClassOf": "SubClassOf", "subPropertyOf": "SubPropertyOf", "domain": "Domain", "range": "Range"}),
        (OWL, {
            "inverseOf": "InverseOf", "equivalentClass": "EquivalentTo", "equivalentProperty": "EquivalentTo",
            "disjointWith": "DisjointWith", "propertyDisjointWith": "DisjointWith", "hasKey": "HasKey",
            "disjointUnionOf": "DisjointUnionOf", "unionOf": "EquivalentTo (union)", "complementOf": "EquivalentTo (complement)",
            "intersectionOf": "EquivalentTo (intersection)", "oneOf": "EquivalentTo (one of)",
            "propertyChainAxiom": "SubPropertyChain",
        }),
    )
    for name, word in words.items()
}  # fmt: skip
_SETS = frozenset(NamedNode(OWL + name) for name in ("disjointUnionOf", "unionOf", "intersectionOf", "oneOf", "hasKey"))
CHARACTERISTICS: Final = frozenset(
    NamedNode(f"{OWL}{name}Property")
    for name in ("Functional", "InverseFunctional", "Transitive", "Symmetric", "Asymmetric", "Reflexive", "Irreflexive")
)
_TOGETHER = {
    NamedNode(OWL + "AllDisjointClasses"): "DisjointClasses",
    NamedNode(OWL + "AllDisjointProperties"): "DisjointProperties",
    NamedNode(OWL + "AllDifferent"): "DifferentIndividuals",
}
_MEMBERS = frozenset(NamedNode(OWL + name) for name in ("members", "distinctMembers"))


@dataclass(frozen=True)
class Axiom:
    """text: the axiom; about: the terms that it is about, as the text names them."""

    text: str
    about: frozenset[str]


def axiom(quad: Quad, notation: Notation, types: Collection[object]) -> Axiom | None:
    """The axiom that a quad states; None when it states none. types: of its subject.

    Axioms on several things at once hang on a blank node; each of its quads gives the same axiom.
    """
    subject, predicate, value, _ = quad
    if isinstance(subject, BlankNode) and (kinds := [word for kind, word in _TOGETHER.items() if kind in types]):
        lists = [notation.members(o) for p, o in notation.said(subject) if p in _MEMBERS]
        if len(lists) != 1 or lists[0] is None:
            return None
        members = sorted(map(notation.term, lists[0]))
        return Axiom(f"{kinds[0]}: {', '.join(members)}", frozenset(members))
    name = notation.term(subject)
    if predicate == A and value in CHARACTERISTICS:
        characteristic = value.value.removeprefix(OWL).removesuffix("Property") if isinstance(value, NamedNode) else ""
        return Axiom(f"{name} Characteristics: {characteristic}", frozenset({name}))
    word = _PREDICATES.get(predicate)
    if word is None:
        return None
    members_ = notation.members(value)
    if members_ is not None and word == "SubPropertyChain":
        text = " o ".join(map(notation.term, members_))
    elif members_ is not None and predicate in _SETS:
        text = ", ".join(sorted(map(notation.term, members_)))
    else:
        text = notation.term(value)
    return Axiom(f"{name} {word}: {text}", frozenset({name}))
