"""What people write for a triple: names of resources, and for the object also a literal in Turtle."""

from __future__ import annotations

import re

from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, parse

from relgraph import naming
from relgraph.errors import UsageError
from relgraph.vocabulary import PREFIXES, A

_LITERAL = re.compile(r"""["'].*|[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|true|false""", re.DOTALL)


def resolve(store: Store, subject: str, predicate: str, value: str) -> Triple:
    """The triple that three texts mean in a store.

    A text is an IRI (with or without < >, relative ones are keys), a prefixed name, a key (state/RUS), the name of a term
    of the ontology (memberOf), a label or other name in either language; the value may be a literal in Turtle. Raises
    UsageError for what the store does not know, with names that are like it, and for a label of several resources.
    """
    return Triple(
        naming.resource(store, "the subject", subject),
        A if predicate.strip() == "a" else naming.resource(store, "the predicate", predicate, is_property=True),
        _object(store, value.strip()),
    )


def _object(store: Store, text: str) -> Literal | NamedNode:
    if _LITERAL.fullmatch(text):
        return _literal(text)
    return naming.resource(store, "the object", text, otherwise=f"{naming.LOOK_UP}; a text goes in quotes, as in '\"text\"@en'")


def _literal(text: str) -> Literal:
    prefixes = "".join(f"@prefix {prefix}: <{iri}> . " for prefix, iri in PREFIXES.items())
    try:
        quad, *others = parse(f"{prefixes}<x:s> <x:p> {text} .".encode(), format=RdfFormat.TURTLE)
    except (SyntaxError, ValueError) as error:
        reason = getattr(error, "msg", None) or error
        raise UsageError(f'the object {text} is no literal of Turtle: {reason}. Write "text"@en, 3, or true') from error
    if others or not isinstance(quad.object, Literal):
        raise UsageError(f'the object {text} is no literal of Turtle. Write "text"@en, 3, or true')
    return quad.object
