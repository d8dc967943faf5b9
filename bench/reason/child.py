"""`python -m bench.reason.child WAY DATA ONTOLOGY OUT`: reasons once, writes what follows, prints figures as JSON.

Ways: `owlrl` and `closure` on rdflib graphs that are loaded beforehand, `reasoned` on triples of pyoxigraph that are, each
to the end in memory; `stream` from file to file. Writing the result for a comparison is not in the time, but for `stream`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import owlrl
import rdflib
from owlrl.OWLRL import OWLRL_Semantics
from pyoxigraph import RdfFormat, Triple, serialize
from rdflib import OWL, RDF, RDFS

from bench.child import Stopwatch, peak_memory
from bench.reason.data import DATA
from relgraph import rdf
from relgraph.rdflibgraph import oxigraph_triples, rdflib_graph
from relgraph.reasoning import Reasoned, closure

#: Times, and the number of triples that follow.
Figures = tuple[Mapping[str, float], int]


def of_owlrl(data: Path, ontology: rdflib.Graph, out: Path) -> Figures:
    """owlrl on everything; of its result, what it says of the data, without types that all things have."""
    given = rdflib_graph(rdf.stream([data]))
    closed = given + ontology
    watch = Stopwatch()
    owlrl.DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(closed)  # type: ignore[no-untyped-call]  # owlrl has no types
    times = watch.read()
    found = [
        (s, p, o)
        for s, p, o in closed
        if str(s).startswith(DATA)
        and not isinstance(s, rdflib.Literal)
        and (s, p, o) not in given
        and not (p == RDF.type and o in (OWL.Thing, RDFS.Resource))
        and not (p == OWL.sameAs and s == o)
    ]
    serialize(oxigraph_triples(found), str(out), format=RdfFormat.N_TRIPLES)
    return times, len(found)


def of_reasoned(data: Path, ontology: rdflib.Graph, out: Path) -> Figures:
    """relgraph's streaming form, on triples in memory, read to its end."""
    triples = list(rdf.stream([data]))
    watch = Stopwatch()
    entailed = list(Reasoned(triples, ontology).entailed())
    times = watch.read()
    serialize(entailed, str(out), format=RdfFormat.N_TRIPLES)
    return times, len(entailed)


def of_closure(data: Path, ontology: rdflib.Graph, out: Path) -> Figures:
    """relgraph's form for graphs of rdflib, contradictions looked for as well."""
    graph = rdflib_graph(rdf.stream([data]))
    watch = Stopwatch()
    entailed = closure(graph, ontology)
    times = watch.read()
    serialize(oxigraph_triples(entailed), str(out), format=RdfFormat.N_TRIPLES)
    return times, len(entailed)


def of_stream(data: Path, ontology: rdflib.Graph, out: Path) -> Figures:
    """relgraph from an N-Triples file to an N-Triples file."""
    watch = Stopwatch()
    count = 0

    def counted(triples: Iterator[Triple]) -> Iterator[Triple]:
        nonlocal count
        for triple in triples:
            count += 1
            yield triple

    serialize(counted(Reasoned(rdf.stream([data]), ontology).entailed()), str(out), format=RdfFormat.N_TRIPLES)
    return watch.read(), count


WAYS: dict[str, Callable[[Path, rdflib.Graph, Path], Figures]] = {
    "owlrl": of_owlrl,
    "reasoned": of_reasoned,
    "closure": of_closure,
    "stream": of_stream,
}


def main() -> None:
    """Reasons in the way that the first argument names."""
    way, data, ontology, out = sys.argv[1:]
    times, entailed = WAYS[way](Path(data), rdflib.Graph().parse(ontology, format="turtle"), Path(out))
    print(json.dumps({**times, "entailed": entailed, "peak_memory": peak_memory()}))


if __name__ == "__main__":
    main()
