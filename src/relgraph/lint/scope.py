"""Which resources are an ontology's own, and how messages name resources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from relgraph import turtle
from relgraph.findings import Node
from relgraph.vocabulary import OWL, RDF, RDFS, SKOS, A

#: What a declared term is an instance of.
KINDS: Final = frozenset(
    NamedNode(namespace + name)
    for namespace, names in (
        (OWL, ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")),
        (RDFS, ("Class", "Datatype")),
        (RDF, ("Property",)),
        (SKOS, ("Concept", "ConceptScheme")),
    )
    for name in names
)
#: So many characters of a text are shown in a message.
_SHOWN: Final = 80


def own_namespaces(quads: Iterable[Quad]) -> tuple[str, ...]:
    """How the IRIs of an ontology's own terms begin.

    The IRI of the owl:Ontology with # or / behind it, where there are declared terms there; else the namespace (up to the
    last # or /) that most declared terms are in; none where no term is declared.
    """
    ontologies, terms = _declared(quads)
    bases = [iri.rstrip("#/") + end for iri in sorted(ontologies) for end in ("#", "/")]
    found = tuple(base for base in dict.fromkeys(bases) if any(term.startswith(base) for term in terms))
    if found or not terms:
        return found
    counts = Counter(re.sub(r"[^/#]*$", "", term) for term in sorted(terms))
    return (counts.most_common(1)[0][0],)


class Scope:
    """Which resources are the ontology's own, and how messages name them."""

    def __init__(self, quads: Sequence[Quad], namespaces: Sequence[str]) -> None:
        self.namespaces = tuple(namespaces) or own_namespaces(quads)
        self._ontologies, terms = _declared(quads)
        own = [term for term in terms if term.startswith(self.namespaces)]
        self.notes = () if own else (f"no term is declared in {', '.join(self.namespaces) or 'the files'}",)
        self._users: dict[BlankNode, NamedNode | BlankNode] = {}
        for quad in quads:
            if isinstance(quad.object, BlankNode) and isinstance(quad.subject, NamedNode | BlankNode):
                self._users.setdefault(quad.object, quad.subject)

    def named(self, node: Node) -> Node:
        """A blank node's nearest user that has an IRI; the node itself where it has one, or where there is none."""
        current: Node = node
        seen: set[BlankNode] = set()
        while isinstance(current, BlankNode) and current not in seen:
            seen.add(current)
            current = self._users.get(current, node)
        return node if isinstance(current, BlankNode) else current

    def holds(self, node: Node) -> bool:
        """True for the ontology's own terms, for the ontology itself, and for what has no IRI."""
        return isinstance(node, BlankNode) or node.value in self._ontologies or node.value.startswith(self.namespaces)

    def text(self, node: Node | None) -> str:
        """A term as messages name it: own ones by their name, others with a prefix or in full, a literal by its text."""
        if node is None:
            return ""
        if isinstance(node, Literal):
            folded = " ".join(node.value.split())
            return folded if len(folded) <= _SHOWN else folded[: _SHOWN - 1] + "…"
        if isinstance(node, BlankNode):
            return "[…]"
        short = turtle.short(node)
        namespace = max((one for one in self.namespaces if node.value.startswith(one)), key=len, default=node.value)
        return node.value[len(namespace) :] or short if short.startswith("<") else short


def _declared(quads: Iterable[Quad]) -> tuple[set[str], set[str]]:
    """The IRIs of the ontologies and of the declared terms."""
    ontologies: set[str] = set()
    terms: set[str] = set()
    for quad in quads:
        if quad.predicate == A and isinstance(quad.subject, NamedNode):
            if quad.object == NamedNode(OWL + "Ontology"):
                ontologies.add(quad.subject.value)
            elif quad.object in KINDS:
                terms.add(quad.subject.value)
    return ontologies, terms
