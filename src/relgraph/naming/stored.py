"""The names in a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from relgraph.naming.finding import find, is_plain
from relgraph.naming.suggesting import LOOK_UP
from relgraph.naming.written import ECHOED, LOOKED_AT, Called, Name, folded, key
from relgraph.vocabulary import ALT_LABEL, HIDDEN_LABEL, ID, ONTOLOGY_GRAPH, PREF_LABEL, RG, SKOS, A, rg

_CLAIM: Final = f"{ID}claim/"
_LABELS: Final = (PREF_LABEL, ALT_LABEL, HIDDEN_LABEL)


@dataclass(frozen=True)
class Taken:
    """What a name was taken for that is no IRI, key or preferred label of it, or in other letters.

    what: what the text is given for, in words; text: the name, or its beginning; node: the thing; shown: its label, in English
    where there is one, and key.
    """

    what: str
    text: str
    node: NamedNode
    shown: str

    def __str__(self) -> str:
        return f"{self.what} {self.text!r} is taken for {self.shown}"


#: Takes what there is to say of how a name was understood.
Tell = Callable[[Taken], None]


def filled(store: Store, pieces: Iterable[str | tuple[str, ...]], tell: Tell | None = None) -> str:
    """A query from its pieces: texts, and between them names, which are put in as the IRIs of what the store has by them.

    A name, as a Name or its parts, never becomes text of the query. tell, and what is raised: as of `resource`.
    """
    return "".join(piece if isinstance(piece, str) else f" {resource(store, *Name(*piece), tell=tell)} " for piece in pieces)


def resource(
    store: Store,
    what: str,
    text: str,
    kind: str = "",
    otherwise: str = LOOK_UP,
    is_property: bool = False,
    tell: Tell | None = None,
) -> NamedNode:
    """The resource that a text means in a store, as `find` finds it; of predicates, by the names of terms alone.

    tell: is given what the text was taken for where it is no IRI, key or preferred label of that, but another name of it, or
    written in other letters.
    """
    names = _StoreNames(store, is_property)
    node = NamedNode(find(names, text, what, "this graph", kind, otherwise))
    if tell is not None and not is_plain(names, text, node.value):
        tell(Taken(what, text.strip()[:ECHOED], node, _shown(store, node)))
    return node


def _shown(store: Store, node: NamedNode) -> str:
    """A thing with its label, in English where there is one."""
    found = [quad.object for quad in store.quads_for_pattern(node, PREF_LABEL, None) if isinstance(quad.object, Literal)]
    labels = sorted((label.language != "en", label.value) for label in found)
    return f"{labels[0][1]} ({key(node.value)})" if labels else key(node.value)


def labelled(store: Store, graph: NamedNode | None = None) -> Iterator[tuple[NamedNode, str]]:
    """What has a preferred label, with it, each statement once; but for claims, which have the labels of their facts."""
    for quad in store.quads_for_pattern(None, PREF_LABEL, None, graph):
        is_again = quad.graph_name == DefaultGraph()  # which holds three of the others once more
        if not is_again and isinstance(quad.subject, NamedNode) and not quad.subject.value.startswith(_CLAIM):
            yield quad.subject, getattr(quad.object, "value", "")


class _StoreNames:
    """The names in a store, or of its predicates: what is used as one, and the terms of its ontology."""

    def __init__(self, store: Store, is_property: bool) -> None:
        self._store = store
        self._is_property = is_property
        self._graph = ONTOLOGY_GRAPH if is_property else None

    def knows(self, iri: str) -> bool:
        node = NamedNode(iri)
        if self._is_property:
            return self._has(None, node, None) or self._has(node, None, None)
        return self._has(node, None, None) or self._has(None, None, node)

    def of(self, text: str, any_case: bool) -> Iterator[Called]:
        asked = folded(text)
        for rank, label in enumerate(_LABELS):
            wanted = [None] if any_case else [Literal(text, language=language) for language in ("en", "ru", None)]
            for value in wanted:
                for quad in self._store.quads_for_pattern(None, label, value, self._graph):
                    is_so = isinstance(quad.object, Literal) and folded(quad.object.value) == asked
                    if is_so and isinstance(quad.subject, NamedNode):
                        yield Called(quad.subject.value, rank, self._part(quad.subject))

    def are(self, iri: str, kind: str) -> bool:
        return self._has(NamedNode(iri), A, rg(kind))

    def all(self) -> Iterator[tuple[str, str]]:
        found = islice(labelled(self._store, self._graph), LOOKED_AT)
        parts = sorted((self._part(node), node.value, label) for node, label in found)
        yield from ((iri, label) for _, iri, label in parts)

    def searched(self, text: str) -> tuple[tuple[str, str], ...]:
        return ()

    def _part(self, node: NamedNode) -> int:
        if node.value.startswith(_CLAIM):
            return 3
        if any(self._has(node, A, rg(name)) for name in ("Fact", "Section")):
            return 2
        return 1 if self._has(node, NamedNode(SKOS + "inScheme"), None) or node.value.startswith(RG) else 0

    def _has(self, subject: NamedNode | None, predicate: NamedNode | None, value: NamedNode | None) -> bool:
        graph = ONTOLOGY_GRAPH if self._is_property and subject else None
        return any(True for _ in self._store.quads_for_pattern(subject, predicate, value, graph))
