"""Single terms and triples in Turtle, as messages and explanations show them."""

from __future__ import annotations

import re

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph.vocabulary import PREFIXES, XSD, A

_LOCAL = re.compile(r"[A-Za-z0-9_]([\w.-]*[\w-])?", re.ASCII)
_BY_NAMESPACE = sorted(((iri, prefix) for prefix, iri in PREFIXES.items()), key=lambda pair: -len(pair[0]))
#: Literals are cut at so many characters.
_LONGEST = 200


def short(term: NamedNode | BlankNode | Literal | Triple) -> str:
    """A term in Turtle, with the prefixes of relgraph where they apply; the text of a long literal is cut, and says so."""
    if isinstance(term, Triple):
        return f"<<( {line(term)} )>>"
    if isinstance(term, Literal):
        text = term.value if len(term.value) <= _LONGEST else f"{term.value[:_LONGEST]}… ({len(term.value)} characters)"
        plain = str(Literal(text, language=term.language))
        return plain if term.language or term.datatype.value == XSD + "string" else f"{plain}^^{short(term.datatype)}"
    if isinstance(term, NamedNode):
        for namespace, prefix in _BY_NAMESPACE:
            if term.value.startswith(namespace) and _LOCAL.fullmatch(local := term.value[len(namespace) :]):
                return f"{prefix}:{local}"
    return str(term)


def line(triple: Triple) -> str:
    """A triple in Turtle, without the full stop; rdf:type is `a`."""
    predicate = "a" if triple.predicate == A else short(triple.predicate)
    return f"{short(triple.subject)} {predicate} {short(triple.object)}"
