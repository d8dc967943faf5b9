"""What people write for a resource: an IRI, a prefixed name, a key, a label in either language; and what a store has by it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode, Store

from relgraph.errors import UsageError, suggestion
from relgraph.vocabulary import ALT_LABEL, HIDDEN_LABEL, ID, ONTOLOGY_GRAPH, PREF_LABEL, PREFIXES, RG, A, rg

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")
_CLAIM = f"{ID}claim/"
_LABELS = (PREF_LABEL, ALT_LABEL, HIDDEN_LABEL)
#: So many resources of one label are named.
_SHOWN = 5
#: So many labels are looked at for names that are like an unknown one.
_LOOKED_AT = 20_000
#: So much of an unknown name is repeated, in characters.
_ECHOED = 100
#: What can be done about an unknown name that is like no other.
LOOK_UP = "Look it up on the pages, or with a query for its label"


class Name(NamedTuple):
    """A name that is still to be found in a store: what it is given for, in words ("the parameter place"), and its text."""

    what: str
    text: str


def filled(store: Store, pieces: Iterable[str | tuple[str, str]]) -> str:
    """A query from its pieces: texts, and between them names, which are put in as the IRIs of what the store has by them.

    A name, as a pair of what it is given for and its text, never becomes text of the query. Raises UsageError as `resource`.
    """
    return "".join(piece if isinstance(piece, str) else f" {resource(store, *piece)} " for piece in pieces)


def resource(store: Store, what: str, text: str, otherwise: str = LOOK_UP, is_property: bool = False) -> NamedNode:
    """The resource that a text means in a store.

    A text is an IRI (with or without < >, relative ones are keys), a prefixed name, a key (state/RUS), the name of a term
    of the ontology (memberOf), a label or other name in either language. what: what it is given for, in words; otherwise:
    the remedy where nothing is like it. Raises UsageError for what the store does not know, with names that are like it, and
    for a label of several resources, with their keys.
    """
    text = text.strip()
    for iri in _candidates(text):
        with contextlib.suppress(ValueError):  # it is no IRI
            if _is_known(store, NamedNode(iri), is_property):
                return NamedNode(iri)
    found = _by_label(store, text, is_property)
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(_key(node) for node in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        raise UsageError(f"{what}: {text!r} is the name of several things: {keys}. Give one of these")
    echoed, names = text[:_ECHOED], _names(store, is_property)
    ends = [name for name in sorted(names) if name.rpartition("/")[2].casefold() == echoed.casefold() and "/" in name]
    remedy = f"Did you mean {' or '.join(ends[:_SHOWN])}?" if ends else suggestion(echoed, names, otherwise)
    raise UsageError(f"{what}: there is no {echoed!r} in this graph. {remedy}")


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


def _is_known(store: Store, node: NamedNode, is_property: bool) -> bool:
    described = any(store.quads_for_pattern(node, None, None, None))
    if is_property:
        return any(store.quads_for_pattern(None, node, None, None)) or any(
            store.quads_for_pattern(node, None, None, ONTOLOGY_GRAPH)
        )
    return described or any(store.quads_for_pattern(None, None, node, None))


def _by_label(store: Store, text: str, is_property: bool) -> list[NamedNode]:
    """The resources of a name: by preferred label before other names, in the same case before any case; headings of sections,
    which repeat the names of what the sections are about, only where there is nothing else."""
    headings: list[NamedNode] = []
    for nodes in map(_sorted, _of_label(store, text, ONTOLOGY_GRAPH if is_property else None)):
        if found := [node for node in nodes if not any(store.quads_for_pattern(node, A, rg("Section"), None))]:
            return found
        headings = headings or nodes
    return headings


def _of_label(store: Store, text: str, graph: NamedNode | None) -> Iterator[set[Any]]:
    """What has a name, the likeliest first."""
    for label in _LABELS:
        yield {
            quad.subject
            for language in ("en", "ru", None)
            for quad in store.quads_for_pattern(None, label, Literal(text, language=language), graph)
        }
    folded = text.casefold()
    for label in _LABELS:
        quads = store.quads_for_pattern(None, label, None, graph)
        yield {quad.subject for quad in quads if isinstance(quad.object, Literal) and quad.object.value.casefold() == folded}


def _sorted(nodes: set[Any]) -> list[NamedNode]:
    """Resources in the order of their IRIs; claims, which have the labels of their facts, only where there is nothing else."""
    named = sorted((node for node in nodes if isinstance(node, NamedNode)), key=lambda node: node.value)
    return [node for node in named if not node.value.startswith(_CLAIM)] or named


def _names(store: Store, is_property: bool) -> set[str]:
    """What may be meant: keys and labels of what has a label, but for claims; of predicates, names and labels of terms."""
    graph = ONTOLOGY_GRAPH if is_property else None
    names = set()
    for quad in islice(store.quads_for_pattern(None, PREF_LABEL, None, graph), _LOOKED_AT):
        if isinstance(quad.subject, NamedNode) and not quad.subject.value.startswith(_CLAIM):
            names |= {_key(quad.subject), getattr(quad.object, "value", "")}
    return names


def _key(node: NamedNode) -> str:
    """How a resource is named on the command line."""
    return node.value.removeprefix(ID).removeprefix(RG)
