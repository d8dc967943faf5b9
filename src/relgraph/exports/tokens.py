"""Terms as the lines of dataset.nq have them: canonical N-Quads, where equal terms are equal texts. Few of them need a parser."""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

#: Characters of a path or a fragment (RFC 3987, section 2.2) that are not escaped: most of ucschar, and those of ASCII.
_CHARACTERS: Final = r"[A-Za-z0-9._~!$&'()*+,;=:@/?\xa0-\ud7ff-]*"
#: IRIs of which nothing has to be checked further; a host is plain, without a port.
_IRI: Final = rf"[A-Za-z][A-Za-z0-9+.-]*:(?://[A-Za-z0-9.-]*(?=[/?#>])|(?!//)){_CHARACTERS}(?:#{_CHARACTERS})?"
#: A line without anything escaped, and its property and object; blank nodes, triples and the rest are for a parser.
PLAIN: Final = re.compile(rf'<{_IRI}> <({_IRI})> (<{_IRI}>|"[^"\\]*"(?:@[A-Za-z0-9-]+|\^\^<{_IRI}>)?) <{_IRI}> \.\n')


def written(node: NamedNode) -> bytes:
    """An IRI as a line has it."""
    return f"<{node.value}>".encode()


def is_iri(token: str) -> bool:
    """Whether a term is an IRI."""
    return token.startswith("<")


def is_literal(token: str) -> bool:
    """Whether a term is a literal."""
    return token.startswith('"')


def text(token: str) -> str:
    """An IRI, or the characters of a literal."""
    if is_iri(token):
        return token[1:-1]
    end = token.rindex('"')
    if "\\" not in token:
        return token[1:end]
    (triple,) = parse(f"<a:a> <a:a> {token[: end + 1]} .", format=RdfFormat.N_TRIPLES)
    assert isinstance(triple.object, Literal)
    return triple.object.value


def language(token: str) -> str | None:
    """The language of a literal that has one, without a direction."""
    _, _, tag = token.rpartition('"')
    return tag[1:].partition("--")[0] if is_literal(token) and tag.startswith("@") else None


def typed(token: str) -> Literal | None:
    """A literal with a datatype that is written out; None for other terms."""
    _, _, datatype = token.rpartition('"')
    return Literal(text(token), datatype=NamedNode(datatype[3:-1])) if is_literal(token) and datatype.startswith("^^") else None
