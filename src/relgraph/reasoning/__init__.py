"""OWL 2 RL: what follows from data and ontology, which ontologies are covered, and what contradicts them.

owlrl closes the ontology; the instances go through tables compiled from that closure (docs/decisions/0013). What says
nothing is left out: types that everything has, reflexive owl:sameAs, and literals in the place of subjects. Literals that
are equal in value but not in text are not exchanged for one another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import rdflib
from pyoxigraph import NamedNode, Quad, Triple
from rdflib import Graph

from relgraph.errors import InputError, Problem, raise_if_any
from relgraph.findings import Check, Finding
from relgraph.rdflibgraph import oxigraph_triples, rdflib_graph
from relgraph.reasoning import report
from relgraph.reasoning.consistency import Contradiction, contradictions
from relgraph.reasoning.materialisation import Materialisation
from relgraph.reasoning.profile import LISTS, check_profile, is_axiom
from relgraph.reasoning.rules import Rules, compile_rules
from relgraph.turtle import line
from relgraph.vocabulary import INFERRED, OWL, RDF, RDFS, A

__all__ = ["Contradiction", "Reasoned", "Rules", "check_profile", "closure", "compile_rules", "infer", "ontology_graph"]

_SAME_AS = NamedNode(OWL + "sameAs")
_FIRST, _REST = NamedNode(RDF + "first"), NamedNode(RDF + "rest")


class Reasoned:
    """Data with an ontology: read entailed() to its end, then ask for contradictions().

    data: triples, read once; ontology: as a graph. Axioms that stand among the data count as the ontology's, and what the
    ontology says of single resources counts as data. where: how messages name the ontology. Raises InputError when an
    axiom is outside what is covered, and for owl:sameAs between two resources.
    """

    def __init__(self, data: Iterable[Triple], ontology: Graph, where: str = "ontology") -> None:
        self._work = Materialisation()
        self._work.add(data)
        among_data = list(_axioms(self._work))
        same = [(s, o) for s, o in self._work.pairs(_SAME_AS) if s != o]
        if same:
            raise InputError(
                Problem(
                    "data",
                    f"the reasoning does not merge resources: {line(Triple(s, _SAME_AS, o))}",
                    "Write the triples with one of the two names",
                )
                for s, o in same
            )
        every = ontology + rdflib_graph(among_data) if among_data else ontology
        if among_data:
            own = check_profile(ontology, where)
            known = {problem.what for problem in own}
            others = [replace(p, where="data") for p in check_profile(every, where) if p.what not in known]
            raise_if_any([*own, *others])
        self.rules = compile_rules(every, where)
        given = oxigraph_triples(triple for triple in ontology if not is_axiom(triple[1], triple[2]))
        self._work.add(sorted(given, key=str))

    def entailed(self) -> Iterator[Triple]:
        """The entailed triples that are in neither data nor ontology, each once; to be called once."""
        return self._work.run(self.rules)

    def contradictions(self) -> list[Contradiction]:
        """What the ontology does not allow, sorted; after entailed() was read to its end."""
        return contradictions(self._work, self.rules)


def closure(data: Graph, ontology: Graph) -> Graph:
    """The triples that the data and the ontology entail and that are in neither.

    data, ontology: graphs that stay as they are. Raises InputError when the data contradict the ontology, and when the
    ontology is outside what is covered.
    """
    reasoned = Reasoned(oxigraph_triples(data), ontology)
    written = {o for graph in (ontology, data) for o in graph.objects() if isinstance(o, rdflib.Literal)}
    entailed = rdflib_graph(reasoned.entailed(), written)
    raise_contradictions(reasoned.contradictions(), "data")
    return entailed


def raise_contradictions(found: Iterable[Contradiction], where: str) -> None:
    """Raises InputError that names every contradiction. where: how messages name the data."""
    problems = [
        Problem(
            where,
            f"contradicts the ontology ({c.rule}): {' and '.join(map(line, c.triples))}, but {c.text}",
            "Correct one of the statements, or the axiom",
        )
        for c in found
    ]
    if problems:
        raise InputError(problems)


@dataclass(frozen=True)
class Inferred:
    """What a build takes from the reasoning: the inferred graph, and what the ontology finds wrong with the asserted one."""

    quads: list[Quad]
    findings: list[Finding]
    checks: list[Check]


def infer(asserted: Iterable[Quad], ontology: Iterable[Triple]) -> Inferred:
    """The inferred graph of a build, and what contradicts the ontology.

    Of what is entailed, only what has a property or class of the ontology's own is published.
    """
    terms = rdflib_graph(ontology)
    triples = [quad.triple for quad in asserted]
    reasoned = Reasoned(triples, terms)
    declared = {NamedNode(str(s)) for s in terms.subjects(rdflib.RDF.type) if isinstance(s, rdflib.URIRef)}
    entailed = list(reasoned.entailed())
    return Inferred(
        [
            Quad(t.subject, t.predicate, t.object, INFERRED)
            for t in entailed
            if (t.object if t.predicate == A else t.predicate) in declared and t.subject not in declared
        ],
        report.as_findings(reasoned.contradictions(), reasoned.rules.axioms, triples, entailed),
        report.checks(reasoned.rules.axioms),
    )


def ontology_graph(path: Path) -> Graph:
    """An ontology file as a graph."""
    return Graph().parse(path, format="turtle")


def _axioms(work: Materialisation) -> Iterator[Triple]:
    """The axioms among data, found by their predicates and classes, with the lists that they hold."""
    heads = set()
    for p in work.predicates() - {_FIRST, _REST}:
        if p.value.startswith((OWL, RDFS, RDF)) and is_axiom(rdflib.URIRef(p.value), rdflib.URIRef("")):
            for s, o in work.pairs(p):
                yield Triple(s, p, o)
                if rdflib.URIRef(p.value) in LISTS:
                    heads.add(o)
    if heads:
        yield from _lists(work, heads)
    for c in work.classes():
        if isinstance(c, NamedNode) and is_axiom(rdflib.RDF.type, rdflib.URIRef(c.value)):
            for s in work.members(c):
                yield Triple(s, A, c)


def _lists(work: Materialisation, heads: set[Any]) -> Iterator[Triple]:
    """The triples of the lists that begin with some nodes; other lists are data, and there may be many."""
    of_node: dict[Any, list[Triple]] = defaultdict(list)
    for p in (_FIRST, _REST):
        for s, o in work.pairs(p):
            of_node[s].append(Triple(s, p, o))
    open_, seen = list(heads), set(heads)
    while open_:
        for triple in of_node.get(open_.pop(), ()):
            yield triple
            if triple.predicate == _REST and triple.object not in seen:
                seen.add(triple.object)
                open_.append(triple.object)
