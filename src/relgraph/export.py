"""Exports of a release as RDF, byte for byte the same for the same release."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import RdfFormat

from relgraph import rdf
from relgraph.errors import UsageError
from relgraph.release import Release, nquads
from relgraph.vocabulary import ASSERTED, INFERRED, ONTOLOGY_GRAPH, PREFIXES, PROVENANCE, REPORTED

#: Formats by name; those that carry graph names come with True.
FORMATS = {
    "turtle": (RdfFormat.TURTLE, False),
    "ntriples": (RdfFormat.N_TRIPLES, False),
    "rdfxml": (RdfFormat.RDF_XML, False),
    "jsonld": (RdfFormat.JSON_LD, True),
    "trig": (RdfFormat.TRIG, True),
    "nquads": (RdfFormat.N_QUADS, True),
}
GRAPHS = {
    "asserted": ASSERTED,
    "provenance": PROVENANCE,
    "inferred": INFERRED,
    "reported": REPORTED,
    "ontology": ONTOLOGY_GRAPH,
}
#: What is exported without a choice where graph names are lost: the default graph of a query.
_DEFAULT = ("asserted", "provenance", "inferred")


def export(release: Release, output: str, graphs: Sequence[str]) -> bytes:
    """The graphs of a release in a format.

    output: a key of FORMATS; graphs: keys of GRAPHS, all for formats with graph names and the default graph's three
    for the others when none is named. Raises UsageError for an unknown format or graph.
    """
    if output not in FORMATS:
        raise UsageError(f"there is no export format {output!r}; choose {', '.join(FORMATS)}")
    for name in graphs:
        if name not in GRAPHS:
            raise UsageError(f"there is no graph {name!r}; choose {', '.join(GRAPHS)}")
    chosen, named = FORMATS[output]
    wanted = {GRAPHS[name] for name in graphs or (GRAPHS if named else _DEFAULT)}
    store = release.store()
    quads = [quad for graph in sorted(wanted, key=str) for quad in store.quads_for_pattern(None, None, None, graph)]
    if output == "nquads":
        return nquads(quads)
    if output == "turtle":
        return rdf.write_turtle(quad.triple for quad in quads)
    if named:
        quads.sort(key=lambda q: (str(q.graph_name), str(q.subject), str(q.predicate), str(q.object)))
        return rdf.serialized(quads, chosen, PREFIXES)
    triples = sorted({quad.triple for quad in quads}, key=str)
    return rdf.serialized(triples, chosen, PREFIXES)
