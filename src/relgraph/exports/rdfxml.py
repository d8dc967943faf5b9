"""RDF/XML (W3C Recommendation of 25 February 2014), and what cannot be written in it.

XML 1.0 has no way to write some characters, and a property is written as the name of an element; what does not fit is
refused before it is written wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, BinaryIO, Final, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from relgraph.errors import InputError, Problem
from relgraph.exports.ordering import once, prefixes
from relgraph.exports.source import Source
from relgraph.turtle import line
from relgraph.vocabulary import ID, RDF, A

#: Everything but Char of XML 1.0 (section 2.2).
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: NameStartChar and NameChar of XML 1.0, fifth edition (section 2.3), without the colon.
_START: Final = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff"
    "\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME: Final = rf"[{_START}][{_START}0-9.\-\xb7\u0300-\u036f\u203f-\u2040]*"
#: A property IRI is split before the longest name at its end.
_SPLIT: Final = re.compile(rf".*?(?P<name>{_NAME})", re.DOTALL)
_NODE_ID: Final = re.compile(_NAME)
#: What cannot be the name of a property element (section 5.1, and rdf:li, which is read as rdf:_1).
_RESERVED: Final = {
    RDF + name
    for name in (
        "RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "Description", "aboutEach", "aboutEachPrefix",
        "bagID", "li",
    )
}  # fmt: skip
_REMEDY: Final = "Export it as Turtle, N-Triples, TriG, N-Quads or JSON-LD, which can"


class _References:
    """A file that takes what RDF/XML is written to; a carriage return, which XML reads as a line feed, becomes a reference."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        self._out.write(data.replace(b"\r", b"&#13;"))
        return len(data)

    def flush(self) -> None:
        self._out.flush()


def write(source: Source, out: BinaryIO) -> None:
    """RDF/XML, grouped by subject; a triple of several graphs once.

    Raises InputError for the first triple that RDF/XML cannot hold: with a character that XML 1.0 forbids, or with a
    property whose IRI cannot be divided into a namespace and a name of XML.
    """
    # only properties and classes are named by prefix
    write_quads(once(source.quads()), out, {prefix: iri for prefix, iri in prefixes(source).items() if not iri.startswith(ID)})


def write_quads(quads: Iterable[Quad], out: BinaryIO, prefixes: Mapping[str, str]) -> None:
    """The triples of any quads as RDF/XML, in the order given; for what cannot be written, see write."""
    serialize(_writable(quads), cast("BinaryIO", _References(out)), RdfFormat.RDF_XML, prefixes=dict(prefixes))


def _writable(quads: Iterable[Quad]) -> Iterator[Triple]:
    last: Any = None
    for quad in quads:
        fault = _fault_of_name(quad.predicate.value) or _fault_of_object(quad.object)
        if quad.subject != last and quad.predicate == A and isinstance(quad.object, NamedNode):
            fault = fault or _fault_of_name(quad.object.value)  # a subject whose type comes first is an element of that name
        if fault:
            raise InputError([Problem(line(quad.triple), f"RDF/XML cannot hold this triple: {fault}", _REMEDY)])
        last = quad.subject
        yield Triple(_node(quad.subject), quad.predicate, _node(quad.object))


@lru_cache(maxsize=4096)
def _fault_of_name(iri: str) -> str:
    if iri in _RESERVED:
        return f"<{iri}> means something else as the name of an element"
    if not _SPLIT.fullmatch(iri):
        return f"the end of <{iri}> is no name of XML, so it cannot be the name of an element"
    return ""


def _fault_of_object(term: Any) -> str:
    if isinstance(term, Triple):
        return "its object is a triple"
    if isinstance(term, Literal) and (found := _FORBIDDEN.search(term.value)):
        return f"XML 1.0 forbids the character U+{ord(found[0]):04X} in it, at place {found.start()} of the literal"
    return ""


def _node(term: Any) -> Any:
    """The term; a blank node with a label that is a name of XML, as rdf:nodeID must be."""
    if isinstance(term, BlankNode) and (term.value.startswith("_") or not _NODE_ID.fullmatch(term.value)):
        return BlankNode("_" + term.value)
    return term
