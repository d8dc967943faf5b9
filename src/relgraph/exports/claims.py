"""TriG in which every claim is a graph of its own: what it says of its fact, for any tool that knows named graphs.

The graph has the IRI of the claim's content node, so that `?claim rg:says ?g . GRAPH ?g { ?fact ?p ?o }` reads it: each
triple of the content, with the fact that the claim is about in place of the content node.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, BinaryIO

from pyoxigraph import NamedNode, Quad, RdfFormat, serialize

from relgraph.exports.ordering import prefixes, types_first
from relgraph.exports.referring import Referring
from relgraph.exports.seeking import Seeking
from relgraph.exports.source import Source
from relgraph.vocabulary import PROVENANCE, REPORTED, RG, A, rg

_SAYS, _ABOUT, _CONTENT = RG + "says", RG + "about", rg("Content")


def write(source: Source, out: BinaryIO) -> None:
    """The other graphs as they are, sorted by name, then a graph for each claim in order of its IRI.

    That a node is an rg:Content is left out: the graph is the content.
    """
    serialize(_quads(source), out, RdfFormat.TRIG, prefixes=prefixes(source))


def _quads(source: Source) -> Iterator[Quad]:
    for graph in sorted(source.graphs, key=lambda graph: graph.value):
        if graph != REPORTED:
            yield from types_first(source.quads(graph))
    if REPORTED in source.graphs:
        with source.open() as file, Referring(source, [_SAYS]) as referring:
            seeking = Seeking(file)
            for content, quads in groupby(source.quads(REPORTED), key=lambda quad: quad.subject):
                fact = _fact(source, content, seeking, referring)
                for quad in quads:
                    if (quad.predicate, quad.object) != (A, _CONTENT):
                        yield Quad(fact, quad.predicate, quad.object, content)


def _fact(source: Source, content: Any, seeking: Seeking, referring: Referring) -> Any:
    """What the claim that says a content is about; a content that no claim says speaks of itself."""
    if isinstance(content, NamedNode):
        for claim in referring.subjects(_SAYS, str(content), [PROVENANCE]):
            for quad in source.parsed(b"".join(seeking.starting(f"<{claim}> <{_ABOUT}> ".encode()))):
                if isinstance(quad.object, NamedNode) and quad.graph_name == PROVENANCE:
                    return quad.object
    return content
