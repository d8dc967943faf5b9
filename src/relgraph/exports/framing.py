"""Framed JSON-LD 1.1: a tree for each fact or document, written as a stream.

What is framed is the merged graph of those that are exported, as JSON-LD Framing does it without `@graph` in the frame
(section 4.1); graph names are lost. Of the frames those are followed that frames.read understands. Each tree is walked in the
store and written as it is walked, so that it takes the memory of one node's triples and the IRIs that are still to be written.

One rule differs from JSON-LD Framing: a property that an embedding frame does not list is not followed, so that a tree ends
where the frame ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, BinaryIO

from pyoxigraph import BlankNode, Literal, NamedNode

from relgraph.errors import InputError, Problem, UsageError, suggestion
from relgraph.exports.compacting import Compaction, iris, refuse_triples
from relgraph.exports.context import Context, of_release, schema_of_store
from relgraph.exports.frames import ROOTS, Frame, frames, read
from relgraph.exports.jsonld import encode, header
from relgraph.exports.source import Source
from relgraph.vocabulary import A

_Node = NamedNode | BlankNode
#: What is said of a node: properties and values.
_Said = list[tuple[NamedNode, Any]]


def framed(source: Source, out: BinaryIO, frame: str | Mapping[str, Any], address: str | None = None) -> None:
    """Writes the trees of a source as one JSON-LD document (`{"@context": …, "@graph": [trees]}`), a tree a line.

    frame: a name (frames.ROOTS) or a frame; address: of the context, written instead of it, as in jsonld.compact.
    Raises UsageError for an unknown name or a frame that asks for more than frames.read understands, and InputError for what
    cannot be written: an IRI that the context would change, a triple term of RDF 1.2.
    """
    context = of_release(source.release)
    if isinstance(frame, str):
        if frame not in ROOTS:
            raise UsageError(f"there is no frame {frame[:40]!r}. {suggestion(frame, ROOTS)}")
        frame = frames(schema_of_store(source.release.store()))[frame]
    followed = read(frame, context)
    if not followed.types:
        raise UsageError('the frame does not say what the trees are of. Add "@type"')
    walk = _Walk(source, context)
    out.write(header(address or context) + b'"@graph":[')
    separator = "\n"
    for root in _roots(source, followed.types):
        out.write(separator.encode())
        out.writelines(piece.encode() for piece in walk.tree(root, followed))
        separator = ",\n"
    out.write(b"\n]}\n")


def _roots(source: Source, types: frozenset[str]) -> Iterator[NamedNode]:
    """The nodes of the classes, in the order of the dataset."""
    last = None
    marked = f" {A} ".encode()
    for block in source.blocks():
        lines = b"".join(line for line in block.splitlines(keepends=True) if marked in line)
        for quad in source.parsed(lines):
            node = quad.subject
            matches = quad.predicate == A and isinstance(quad.object, NamedNode) and quad.object.value in types
            if matches and node != last and isinstance(node, NamedNode):
                last = node
                yield node


class _Walk:
    """Writes nodes of a source by frames."""

    def __init__(self, source: Source, context: Context) -> None:
        self._store = source.store
        self._graphs = frozenset(source.graphs)
        self._compaction = Compaction(context)

    def tree(self, node: _Node, frame: Frame, path: tuple[_Node, ...] = (), said: _Said | None = None) -> Iterator[str]:
        """The text of a node object, in pieces. path: the nodes that it stands in; said: of it, where that is known."""
        said = self._said(node) if said is None else said
        here = (*path, node)
        yield f'{{"@id":{encode(self._compaction.reference(node))}'
        for predicate, statements in groupby(said, key=lambda statement: statement[0]):
            values = [value for _, value in statements]
            below = frame.properties.get(predicate.value)
            if predicate == A:
                names = [self._compaction.name(value.value) for value in values]
                yield f',"@type":{encode(names[0] if len(names) == 1 else names)}'
                continue
            if below and below.types is not None:
                values = [value for value in values if isinstance(value, Literal) or below.takes(self._types(value))]
            if below and below.held and values:
                yield f",{encode(self._compaction.term(predicate.value).key)}:"
                yield from self._held(predicate.value, values, below, here)
            elif values:
                entries = self._compaction.entries(predicate.value, values)
                yield "".join(f",{encode(key)}:{encode(value)}" for key, value in entries.items())
        for key, predicate_iri, below in frame.reverse:
            referring = self._referring(node, NamedNode(predicate_iri))
            if referring:
                matching = [other for other in referring if below.takes(self._types(other))]
                yield f",{encode(key)}:["
                yield from self._joined(matching, below, here)
                yield "]"
        yield "}"

    def _held(self, predicate: str, values: list[Any], frame: Frame, path: tuple[_Node, ...]) -> Iterator[str]:
        term = self._compaction.term(predicate)
        array = term.several or len(values) > 1
        yield "[" if array else ""
        separator = ""
        for value in values:
            yield separator
            said = [] if isinstance(value, Literal) or value in path else self._said(value)
            if said:
                yield from self.tree(value, frame, path, said)
            else:
                yield encode(self._compaction.value(term, value))
            separator = ","
        yield "]" if array else ""

    def _joined(self, nodes: Iterable[NamedNode], frame: Frame, path: tuple[_Node, ...]) -> Iterator[str]:
        separator = ""
        for node in nodes:
            yield separator
            yield from self.tree(node, frame, path)
            separator = ","

    def _said(self, node: _Node) -> _Said:
        """What the graphs say of a node, each once: types first, then by property and value."""
        found = {
            (quad.predicate, quad.object)
            for quad in self._store.quads_for_pattern(node, None, None, None)
            if quad.graph_name in self._graphs
        }
        for predicate, value in found:
            refuse_triples(node, value)
            for iri in iris(node, predicate, value):  # type: ignore[arg-type]
                if self._compaction.is_mistakable(iri):
                    what = f"<{iri}> would be read as a name of the context"
                    raise InputError([Problem(str(node), what, "Export it as jsonld, which has a way to write it")])
        return sorted(found, key=lambda said: (said[0] != A, said[0].value, str(said[1])))

    def _types(self, node: _Node) -> frozenset[str]:
        quads = self._store.quads_for_pattern(node, A, None, None)
        return frozenset(q.object.value for q in quads if q.graph_name in self._graphs and isinstance(q.object, NamedNode))

    def _referring(self, node: _Node, predicate: NamedNode) -> list[NamedNode]:
        quads = self._store.quads_for_pattern(None, predicate, node, None)
        found = {q.subject for q in quads if q.graph_name in self._graphs and isinstance(q.subject, NamedNode)}
        return sorted(found, key=_natural)


def _natural(node: NamedNode) -> tuple[list[str | int], str]:
    """A key by which IRIs sort as people count: #char=40,71 before #char=118,163."""
    parts = re.split("([0-9]{1,18})", node.value)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], node.value
