"""JSON-LD 1.1, compacted by relgraph's context, as a stream: a node object a line, in the order of the dataset.

The context stands in the file by default: then a file is read without a network, as relgraph itself reads files. By its
address it takes less room; a reader must then have it or fetch it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import Any, BinaryIO, Final

from pyoxigraph import Literal, NamedNode, Quad

from relgraph.exports.compacting import Compaction, expanded, refuse_triples
from relgraph.exports.context import Context, of_release
from relgraph.exports.ordering import types_first
from relgraph.exports.source import Source
from relgraph.vocabulary import A

#: A property with more values than this is written in pieces, so that the busiest node takes no more memory than any other.
_AT_ONCE: Final = 1000
#: JSON in one line.
encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def compact(source: Source, out: BinaryIO, address: str | None = None) -> None:
    """Writes a source as one JSON-LD document, with an object for each graph (`{"@id": graph, "@graph": [nodes]}`).

    address: of the context, written instead of it; who reads the file must find the context of the same ontology there
    (context.of_release; ADDRESS for relgraph's own). Raises InputError for a triple term of RDF 1.2.

    A triple with an IRI that the context would change (compacting.is_mistakable) stands in a node object of its own in which
    no context holds.
    """
    context = of_release(source.release)
    compaction = Compaction(context)
    out.write(header(address or context) + b'"@graph":[')
    for number, graph in enumerate(source.graphs):
        out.write(f'{"," if number else ""}\n{{"@id":{encode(compaction.reference(graph))},"@graph":['.encode())
        separator = "\n"
        for pieces in _nodes(types_first(source.quads(graph)), compaction):
            out.write(separator.encode())
            out.writelines(piece.encode() for piece in pieces)
            separator = ",\n"
        out.write(b"\n]}")
    out.write(b"\n]}\n")


def header(context: Context | str) -> bytes:
    """The beginning of a document, up to its content."""
    return b'{"@context":' + encode(context).encode() + b",\n"


def _nodes(quads: Iterable[Quad], compaction: Compaction) -> Iterator[Iterable[str]]:
    """The text of each node object, in pieces, which are to be taken before the next object."""
    for subject, said in groupby(quads, key=attrgetter("subject")):
        apart: list[tuple[Any, Any]] = []
        if not (isinstance(subject, NamedNode) and compaction.is_mistakable(subject.value)):
            yield _node(subject, said, compaction, apart)
        else:
            apart += [(quad.predicate, quad.object) for quad in said]
        if apart:
            yield [encode(expanded(subject, apart))]


def _node(subject: Any, quads: Iterable[Quad], compaction: Compaction, apart: list[tuple[Any, Any]]) -> Iterator[str]:
    """The text of a node object under the context, in pieces; what cannot be written under it goes to `apart`."""
    entries: dict[str, object] = {"@id": compaction.reference(subject)}
    start = "{"
    for predicate, of_property in groupby(quads, key=attrgetter("predicate")):
        values = _ordinary(subject, predicate, of_property, compaction, apart)
        first = list(islice(values, _AT_ONCE))
        if not first:
            continue
        if predicate == A:
            names = [compaction.name(value.value) for value in chain(first, values)]
            entries["@type"] = names[0] if len(names) == 1 else names
            continue
        term = compaction.term(predicate.value)
        if len(first) < _AT_ONCE or term.language:
            entries |= compaction.entries(predicate.value, chain(first, values))
            continue
        entries[term.key] = []
        yield start + encode(entries)[1:-2]  # up to where the values of the property begin
        entries, start, separator = {}, "],", ""
        while first:
            yield separator + encode([compaction.value(term, value) for value in first])[1:-1]
            first, separator = list(islice(values, _AT_ONCE)), ","
    yield start + encode(entries)[1:] if entries else "]}"


def _ordinary(
    subject: Any, predicate: NamedNode, quads: Iterable[Quad], compaction: Compaction, apart: list[tuple[Any, Any]]
) -> Iterator[Any]:
    """The values of a property that can be written under the context."""
    mistakable = compaction.is_mistakable
    none = mistakable(predicate.value)
    only_iris = predicate == A
    for quad in quads:
        value = quad.object
        if isinstance(value, NamedNode):
            fits = not none and not mistakable(value.value)
        else:
            refuse_triples(subject, value)
            fits = not (none or only_iris or (isinstance(value, Literal) and mistakable(value.datatype.value)))
        if fits:
            yield value
        else:
            apart.append((predicate, value))
