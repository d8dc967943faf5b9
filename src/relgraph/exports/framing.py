"""Framed JSON-LD 1.1: a tree for each fact or document, written as a stream.

What is framed is the merged graph of those that are exported, as JSON-LD Framing does it without `@graph` in the frame
(section 4.1); graph names are lost. Of the frames those are followed that frames.read understands. What is said of a node is
looked up in the lines of the source, what refers to it in a list of these lines by objects. A tree is written as it is walked,
so that it takes the memory of one node with the nodes that its own properties hold, and the IRIs that are still to be written.

One rule differs from JSON-LD Framing: a property that an embedding frame does not list is not followed, so that a tree ends
where the frame ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, BinaryIO, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from relgraph.errors import InputError, Problem, UsageError, suggestion
from relgraph.exports.compacting import Compaction, Term, iris, refuse_triples
from relgraph.exports.context import Context, of_release, schema_of_store
from relgraph.exports.frames import ROOTS, Frame, frames, read
from relgraph.exports.jsonld import encode, header
from relgraph.exports.referring import Referring
from relgraph.exports.seeking import Seeking
from relgraph.exports.source import Source, holding
from relgraph.vocabulary import A

_Node = NamedNode | BlankNode
#: What is said of a node: the values of each property, by its IRI.
_Said = Mapping[str, list[Any]]
#: What recurs, as times do, is kept at hand: how many nodes, and triples of one at most, a few kilobytes each.
_KEPT: Final = 1 << 14
_SMALL: Final = 20


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
    out.write(header(address or context) + b'"@graph":[')
    separator = "\n"
    with source.open() as file, Referring(source, followed.referring()) as referring:
        walk = _Walk(source, Seeking(file), referring, context)
        for root in _roots(source, followed.types):
            out.write(separator.encode())
            out.writelines(piece.encode() for piece in walk.tree(root, followed))
            separator = ",\n"
    out.write(b"\n]}\n")


def _roots(source: Source, types: frozenset[str]) -> Iterator[NamedNode]:
    """The nodes of the classes, in the order of the dataset."""
    last = None
    classes = {f"<{each}>".encode() for each in types}
    for block in source.blocks():
        for quad in source.parsed(b"".join(_typed(block, classes))):
            node = quad.subject
            if quad.predicate == A and node != last and isinstance(node, NamedNode):
                last = node
                yield node


def _typed(block: bytes, classes: set[bytes]) -> Iterator[bytes]:
    """The lines that say of something that it is of one of the classes, which are written as in N-Quads; and those in whose
    text such words stand."""
    mark = f" {A} ".encode()
    for line in holding(block, mark):
        if line.partition(mark)[2].partition(b" ")[0] in classes:
            yield line


class _Walk:
    """Writes nodes of a source by frames. seeking, referring: of the lines of the source."""

    def __init__(self, source: Source, seeking: Seeking, referring: Referring, context: Context) -> None:
        self._source = source
        self._seeking = seeking
        self._referring = referring
        self._ends = tuple(f" {graph} .\n".encode() for graph in source.graphs)
        self._compaction = Compaction(context)
        self._types = lru_cache(_KEPT)(self._read_types)
        self._kept: dict[_Node, dict[str, object]] = {}

    def tree(self, node: _Node, frame: Frame, path: tuple[_Node, ...] = ()) -> Iterator[str]:
        """The text of a node object, in pieces. path: the nodes that it stands in.

        What refers to the node is written one by one: all claims of a document can be below it.
        """
        text = encode(self._object(node, frame, path, self._said(node)))
        yield text[:-1]
        for key, nodes, below in self._reverse(node, frame):
            yield f",{encode(key)}:["
            separator = ""
            for other in nodes:
                yield separator
                yield from self.tree(other, below, (*path, node))
                separator = ","
            yield "]"
        yield "}"

    def _object(self, node: _Node, frame: Frame, path: tuple[_Node, ...], said: _Said) -> dict[str, object]:
        """A node object with the nodes that its own properties hold, without those that refer to it."""
        entries: dict[str, object] = {"@id": self._compaction.reference(node)}
        for predicate, values in said.items():
            below = frame.properties.get(predicate)
            if predicate == A.value:
                names = [self._compaction.name(value.value) for value in values]
                entries["@type"] = names[0] if len(names) == 1 else names
            elif below and below.held:
                term = self._compaction.term(predicate)
                held = [entry for value in values for entry in self._held(term, value, below, (*path, node))]
                if held:
                    entries[term.key] = held if term.several or len(held) > 1 else held[0]
            else:
                if below and below.types is not None:
                    values = [value for value in values if isinstance(value, Literal) or below.takes(self._types(value))]
                if values:
                    entries |= self._compaction.entries(predicate, values)
        return entries

    def _held(self, term: Term, value: Any, frame: Frame, path: tuple[_Node, ...]) -> Iterator[object]:
        """A value of a property that holds: a node object, or where there is none the value alone; nothing if no class fits."""
        if isinstance(value, Literal):
            yield self._compaction.value(term, value)
            return
        is_leaf = frame.types is None  # then it holds nothing itself, and is the same wherever it stands
        if is_leaf and value in self._kept and value not in path:
            yield self._kept[value]
            return
        said = self._said(value)
        if not frame.takes(_classes(said.get(A.value, ()))):
            return
        if value in path or not said:
            yield self._compaction.value(term, value)
            return
        whole = self._whole(value, frame, path, said)
        if is_leaf and sum(map(len, said.values())) <= _SMALL:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[value] = whole
        yield whole

    def _whole(self, node: _Node, frame: Frame, path: tuple[_Node, ...], said: _Said) -> dict[str, object]:
        """A node object with what it holds and what refers to it."""
        entries = self._object(node, frame, path, said)
        here = (*path, node)
        for key, nodes, below in self._reverse(node, frame):
            entries[key] = [self._whole(other, below, here, self._said(other)) for other in nodes]
        return entries

    def _reverse(self, node: _Node, frame: Frame) -> Iterator[tuple[str, Iterator[NamedNode], Frame]]:
        """What refers to a node and is of the classes of the frame: key, nodes, their frame; none where nothing refers to it."""
        for key, predicate, below in frame.reverse:
            if referring := self._by(predicate, node):
                yield key, (other for other in referring if below.takes(self._types(other))), below

    def _by(self, predicate: str, node: _Node) -> list[NamedNode]:
        """What refers to a node by a property."""
        return sorted(map(NamedNode, self._referring.subjects(predicate, str(node), self._source.graphs)), key=_natural)

    def _said(self, node: _Node) -> _Said:
        """What the graphs say of a node, each once, in the order of the dataset: types first, then by property."""
        found: dict[str, list[Any]] = {}
        for quad in self._quads(f"{node} "):
            value = quad.object
            values = found.setdefault(quad.predicate.value, [])
            if not values or values[-1] != value:
                values.append(value)
        for predicate, values in found.items():
            self._refuse_unwritable(node, predicate, values)
        return {predicate: found[predicate] for predicate in sorted(found, key=lambda iri: (iri != A.value, iri))}

    def _refuse_unwritable(self, node: _Node, predicate: str, values: list[Any]) -> None:
        for value in values:
            refuse_triples(node, value)
        for iri in (predicate, *iris(node, *values)):
            if self._compaction.is_mistakable(iri):
                what = f"<{iri}> would be read as a name of the context"
                raise InputError([Problem(str(node), what, "Export it as jsonld, which has a way to write it")])

    def _read_types(self, node: _Node) -> frozenset[str]:
        return _classes(quad.object for quad in self._quads(f"{node} {A} "))

    def _quads(self, start: str) -> Iterator[Quad]:
        """The quads of the lines that begin so, in the graphs that are exported."""
        lines = [line for line in self._seeking.starting(start.encode()) if line.endswith(self._ends)]
        return self._source.parsed(b"".join(lines))


def _classes(types: Iterable[Any]) -> frozenset[str]:
    return frozenset(each.value for each in types if isinstance(each, NamedNode))


def _natural(node: NamedNode) -> tuple[list[str | int], str]:
    """A key by which IRIs sort as people count: #char=40,71 before #char=118,163."""
    parts = re.split("([0-9]{1,18})", node.value)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], node.value
