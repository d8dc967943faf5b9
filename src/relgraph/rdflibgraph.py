"""The way to rdflib, for the engines that work on its graphs. Apart from `rdf`, as importing rdflib takes its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph import collector
from relgraph.errors import InputError, Problem


def rdflib_graph(triples: Iterable[Triple], literals: Iterable[rdflib.Literal] = ()) -> rdflib.Graph:
    """The triples as an rdflib graph; rdflib has no triple terms, so that triples with one are left out.

    literals: those that stand in the graph as they are written here; rdflib tells "a" from "a"^^xsd:string, and keeps the
    case of language tags, where pyoxigraph does neither.
    """
    graph = rdflib.Graph()
    known: dict[object, rdflib.URIRef | rdflib.BNode | rdflib.Literal | None] = {oxigraph_term(term): term for term in literals}
    add = graph.store.add  # what Graph.add does beside is to look at the types of terms
    with collector.paused():
        for triple in triples:
            subject, predicate, value = (
                known[term] if term in known else known.setdefault(term, rdflib_term(term)) for term in triple
            )
            if subject is not None and predicate is not None and value is not None:
                add((subject, predicate, value), graph)
    return graph


def oxigraph_term(term: rdflib.term.Node) -> NamedNode | BlankNode | Literal:
    """A term of rdflib as one of pyoxigraph; blank nodes keep their labels, literals their text."""
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype))) if term.datatype else Literal(str(term))
    return BlankNode(str(term))


def rdflib_term(term: NamedNode | BlankNode | Literal | Triple) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal | None:
    """A term of pyoxigraph as one of rdflib; None for a triple term."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Literal):
        datatype = None if term.language else rdflib.URIRef(term.datatype.value)
        return rdflib.Literal(term.value, lang=term.language, datatype=datatype, normalize=False)
    return None


def oxigraph_triples(triples: Iterable[tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]]) -> Iterator[Triple]:
    """Triples of rdflib as those of pyoxigraph. Raises InputError for an IRI that is none."""
    known: dict[rdflib.term.Node, NamedNode | BlankNode | Literal] = {}
    for triple in triples:
        terms = []
        for term in triple:
            found = known.get(term)
            if found is None:
                try:
                    found = known[term] = oxigraph_term(term)
                except ValueError as error:
                    raise InputError([Problem("data", f"{term!r} cannot be used: {error}", "Mend the IRI")]) from error
            terms.append(found)
        yield Triple(*terms)  # type: ignore[arg-type]  # subjects and predicates of rdflib are those of RDF
