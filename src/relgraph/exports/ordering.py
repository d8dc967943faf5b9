"""The order and the prefixes of what people read: types first within a subject, each triple once, prefixes that are in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyoxigraph import NamedNode, Quad

from relgraph.exports.source import Source
from relgraph.vocabulary import PREFIXES, A


def once(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The quads without those that repeat the triple of the one before; in a source's order, each triple once."""
    last: tuple[Any, ...] = ()
    for quad in quads:
        triple = (quad.subject, quad.predicate, quad.object)
        if triple != last:
            last = triple
            yield quad


def types_first(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The quads of a source, those with rdf:type before the others of their subject.

    Only what stands before the types of a subject is held, which are few: properties with IRIs that sort before rdf:type.
    """
    subject: Any = None
    held: list[Quad] = []
    before = True
    for quad in quads:
        if quad.subject != subject:
            yield from held
            held, before, subject = [], True, quad.subject
        if before and quad.predicate != A:
            if quad.predicate.value < A.value:
                held.append(quad)
                continue
            yield from held
            held, before = [], False
        yield quad
    yield from held


def prefixes(source: Source, *graphs: NamedNode) -> dict[str, str]:
    """The prefixes of relgraph whose namespaces occur in what is exported, sorted; found by reading it once.

    Those with which a name would end in a full stop, as of open time spans, are left out: rdflib does not read such names.
    """
    missing = {prefix: f"<{iri}".encode() for prefix, iri in PREFIXES.items()}
    found = dict(sorted(PREFIXES.items()))
    for block in source.blocks(*graphs):
        for prefix in [prefix for prefix, start in missing.items() if start in block]:
            del missing[prefix]
        for iri in _with_full_stop(block):
            found = {prefix: namespace for prefix, namespace in found.items() if not iri.startswith(namespace)}
    return {prefix: iri for prefix, iri in found.items() if prefix not in missing}


def _with_full_stop(block: bytes) -> Iterator[str]:
    """The IRIs in lines of N-Quads that end in a full stop."""
    place = block.find(b".>")
    while place >= 0:
        yield block[block.rfind(b"<", 0, place) + 1 : place + 1].decode()
        place = block.find(b".>", place + 1)
