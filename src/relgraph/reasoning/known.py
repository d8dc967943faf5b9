"""The facts that a derivation looks into: triples, asserted and entailed, by their two ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from relgraph.turtle import short
from relgraph.vocabulary import A

#: For each property the terms at the other end, with True where the triple is asserted.
Ends = Mapping[Any, Mapping[Any, bool]]
#: How many nodes a store's facts are remembered of.
_REMEMBERED = 2_000


class Statement(NamedTuple):
    """A triple that may have an anonymous property (the inverse of another, say), as the premise of a rule has."""

    subject: Any
    predicate: Any
    object: Any

    @property
    def text(self) -> str:
        """The statement in Turtle, without the full stop."""
        predicate = "a" if self.predicate == A else short(self.predicate)
        return f"{short(self.subject)} {predicate} {short(self.object)}"


class Facts(Protocol):
    """Triples by their ends."""

    def outgoing(self, subject: Any) -> Ends:
        """The objects of a subject, by property."""

    def incoming(self, value: Any) -> Ends:
        """The subjects of an object, by property."""

    def is_complete(self, term: Any) -> bool:
        """True when all that is entailed with this property or class is among the facts; of an anonymous one nothing is."""


class TripleFacts:
    """Facts in memory: asserted triples, and those that they entail, but for those with anonymous classes and properties."""

    def __init__(self, asserted: Iterable[Triple], entailed: Iterable[Triple] = ()) -> None:
        self._outgoing: dict[Any, dict[Any, dict[Any, bool]]] = defaultdict(lambda: defaultdict(dict))
        self._incoming: dict[Any, dict[Any, dict[Any, bool]]] = defaultdict(lambda: defaultdict(dict))
        for triples, is_asserted in ((entailed, False), (asserted, True)):
            for s, p, o in triples:
                self._outgoing[s][p][o] = is_asserted
                self._incoming[o][p][s] = is_asserted

    def outgoing(self, subject: Any) -> Ends:
        """See Facts."""
        return self._outgoing.get(subject, {})

    def incoming(self, value: Any) -> Ends:
        """See Facts."""
        return self._incoming.get(value, {})

    def is_complete(self, term: Any) -> bool:
        """See Facts."""
        return not isinstance(term, BlankNode)


class StoreFacts:
    """Facts in a store's named graphs.

    published: the properties and classes of which what is entailed is in the inferred graph. What is looked up is
    remembered, up to a number of nodes.
    """

    def __init__(
        self, store: Store, asserted: Collection[NamedNode], inferred: NamedNode, published: Collection[NamedNode]
    ) -> None:
        self._store = store
        self._graphs = ((inferred, False), *((graph, True) for graph in asserted))
        self._published = frozenset(published)
        self._outgoing: dict[Any, dict[Any, dict[Any, bool]]] = {}
        self._incoming: dict[Any, dict[Any, dict[Any, bool]]] = {}

    def outgoing(self, subject: Any) -> Ends:
        """See Facts."""
        return self._remembered(self._outgoing, subject, (subject, None, None), lambda quad: quad.object)

    def incoming(self, value: Any) -> Ends:
        """See Facts."""
        return self._remembered(self._incoming, value, (None, None, value), lambda quad: quad.subject)

    def is_complete(self, term: Any) -> bool:
        """See Facts."""
        return term in self._published

    def _remembered(
        self, memory: dict[Any, dict[Any, dict[Any, bool]]], key: Any, pattern: tuple[Any, Any, Any], end: Callable[[Quad], Any]
    ) -> Ends:
        found = memory.get(key)
        if found is None:
            found = {}
            for graph, is_asserted in self._graphs:
                for quad in self._store.quads_for_pattern(pattern[0], pattern[1], pattern[2], graph):
                    found.setdefault(quad.predicate, {})[end(quad)] = is_asserted
            if len(memory) >= _REMEMBERED:
                memory.clear()
            memory[key] = found
        return found
