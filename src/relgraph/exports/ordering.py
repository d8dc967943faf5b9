"""The order and the prefixes of what people read: types first within a subject, each triple once, prefixes that are in use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pyoxigraph import NamedNode, Quad

from relgraph.exports.source import Source
from relgraph.vocabulary import PREFIXES, A

#: The texts and the IRIs in lines of N-Quads; what matches as an IRI within a text is passed over with the text.
_TERMS: Final = re.compile(rb'"(?:[^"\\\n]|\\.)*"|<[^<>"\n]*>')


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
        for prefix in [prefix for prefix, start in missing.items() if any(_iris(block, start))]:
            del missing[prefix]
        for iri in _iris(block, b".>"):
            if iri.endswith("."):
                found = {prefix: namespace for prefix, namespace in found.items() if not iri.startswith(namespace)}
    return {prefix: iri for prefix, iri in found.items() if prefix not in missing}


def _iris(block: bytes, part: bytes) -> Iterator[str]:
    """The IRIs in lines of N-Quads with a term <IRI> that has a part; texts may have it too, and are passed over."""
    place = block.find(part)
    while place >= 0:
        end = block.find(b"\n", place) + 1 or len(block)
        for term in _TERMS.findall(block, block.rfind(b"\n", 0, place) + 1, end):
            if term.startswith(b"<") and part in term:
                yield term[1:-1].decode()
        place = block.find(part, end)
