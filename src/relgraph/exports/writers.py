"""Turtle, TriG, N-Triples and N-Quads, each in one pass over what is exported (TriG: one a graph)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pyoxigraph import RdfFormat, serialize

from relgraph.exports.ordering import once, prefixes, types_first
from relgraph.exports.source import Source


def turtle(source: Source, out: BinaryIO) -> None:
    """Turtle, grouped by subject, types first; a triple of several graphs once."""
    triples = (quad.triple for quad in types_first(once(source.quads())))
    serialize(triples, out, RdfFormat.TURTLE, prefixes=prefixes(source))


def trig(source: Source, out: BinaryIO) -> None:
    """TriG: a block for each graph, sorted by name; within it as in Turtle."""
    graphs = sorted(source.graphs, key=lambda graph: graph.value)
    quads = (quad for graph in graphs for quad in types_first(source.quads(graph)))
    serialize(quads, out, RdfFormat.TRIG, prefixes=prefixes(source))


def nquads(source: Source, out: BinaryIO) -> None:
    """Canonical N-Quads, sorted: of a whole release, the bytes of its dataset.nq."""
    for block in source.blocks():
        out.write(block)


def ntriples(source: Source, out: BinaryIO) -> None:
    """Canonical N-Triples, sorted; a triple of several graphs once."""
    last = b""
    for block in source.blocks():
        lines = list(_without_graph(block))
        kept = [line for before, line in zip([last, *lines], lines, strict=False) if line != before]
        last = lines[-1]
        out.write(b"".join(kept))


def _without_graph(block: bytes) -> Iterator[bytes]:
    """The triples of lines of N-Quads that all name a graph. The graph's IRI, which holds no space, is what ends a line."""
    for line in block.splitlines():
        yield line[: line.rindex(b" <")] + b" .\n"
