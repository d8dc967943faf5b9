"""What people write for a term: an IRI, a prefixed name, a key, a label in either language, a literal in Turtle."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, parse

from relgraph.errors import UsageError, suggestion
from relgraph.vocabulary import ALT_LABEL, HIDDEN_LABEL, ID, ONTOLOGY_GRAPH, PREF_LABEL, PREFIXES, RG, A

_LITERAL = re.compile(r"""["'].*|[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|true|false""", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")
_LABELS = (PREF_LABEL, ALT_LABEL, HIDDEN_LABEL)
#: So many resources of one label are named.
_SHOWN = 5


def resolve(store: Store, subject: str, predicate: str, value: str) -> Triple:
    """The triple that three texts mean in a store.

    A text is an IRI (with or without < >, relative ones are keys), a prefixed name, a key (state/RUS), the name of a term
    of the ontology (memberOf), a label or other name in either language; the value may be a literal in Turtle. Raises
    UsageError for what the store does not know, with names that are like it, and for a label of several resources.
    """
    return Triple(
        _resource(store, "subject", subject),
        A if predicate.strip() == "a" else _resource(store, "predicate", predicate),
        _literal(value.strip()) if _LITERAL.fullmatch(value.strip()) else _resource(store, "object", value),
    )


#: So much of an unknown name is repeated, in characters.
_ECHOED = 100


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


def _resource(store: Store, position: str, text: str) -> NamedNode:
    text = text.strip()
    for iri in _candidates(text):
        with contextlib.suppress(ValueError):  # it is no IRI
            if _is_known(store, NamedNode(iri), position):
                return NamedNode(iri)
    found = _by_label(store, text, position)
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(_key(node) for node in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        raise UsageError(f"the {position} {text!r} is the name of several things: {keys}. Give one of these")
    otherwise = "Look it up on the pages, or with a query for its label"
    if position == "object":
        otherwise += "; a text goes in quotes, as in '\"text\"@en'"
    raise UsageError(
        f"the {position}: there is no {text[:_ECHOED]!r} in this graph. "
        f"{suggestion(text[:_ECHOED], _names(store, position), otherwise)}"
    )


def _candidates(text: str) -> list[str]:
    """The IRIs that a text may stand for, the likeliest first."""
    bare = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    if not bare or _NOT_IN_IRI.search(bare):
        return []
    prefix, colon, rest = bare.partition(":")
    found = [PREFIXES[prefix] + rest] if colon and prefix in PREFIXES and bare == text else []
    if _SCHEME.match(bare):
        return [*found, bare]
    return [*found, ID + bare, RG + bare]


def _is_known(store: Store, node: NamedNode, position: str) -> bool:
    described = any(store.quads_for_pattern(node, None, None, None))
    if position == "predicate":
        return any(store.quads_for_pattern(None, node, None, None)) or any(
            store.quads_for_pattern(node, None, None, ONTOLOGY_GRAPH)
        )
    return described or any(store.quads_for_pattern(None, None, node, None))


def _by_label(store: Store, text: str, position: str) -> list[NamedNode]:
    """The resources of a name: by preferred label before other names, in the same case before any case."""
    graph = ONTOLOGY_GRAPH if position == "predicate" else None
    for label in _LABELS:
        same = {
            quad.subject
            for language in ("en", "ru", None)
            for quad in store.quads_for_pattern(None, label, Literal(text, language=language), graph)
        }
        if nodes := _sorted(same):
            return nodes
    folded = text.casefold()
    for label in _LABELS:
        quads = store.quads_for_pattern(None, label, None, graph)
        like = {q.subject for q in quads if isinstance(q.object, Literal) and q.object.value.casefold() == folded}
        if nodes := _sorted(like):
            return nodes
    return []


def _sorted(nodes: set[Any]) -> list[NamedNode]:
    return sorted((node for node in nodes if isinstance(node, NamedNode)), key=lambda node: node.value)


def _names(store: Store, position: str) -> set[str]:
    """What may be meant: keys and labels of what has a label, but for claims; of predicates, names and labels of terms."""
    graph = ONTOLOGY_GRAPH if position == "predicate" else None
    names = set()
    for quad in store.quads_for_pattern(None, PREF_LABEL, None, graph):
        if isinstance(quad.subject, NamedNode) and not quad.subject.value.startswith(f"{ID}claim/"):
            names |= {_key(quad.subject), getattr(quad.object, "value", "")}
    return names


def _key(node: NamedNode) -> str:
    """How a resource is named on the command line."""
    return node.value.removeprefix(ID).removeprefix(RG)
