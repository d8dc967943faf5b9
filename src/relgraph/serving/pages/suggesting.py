"""What the fields of forms suggest: keys of things, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final
from weakref import WeakKeyDictionary

from pyoxigraph import NamedNode, Store

from relgraph.describing import names
from relgraph.naming import key
from relgraph.serving.snapshots.snapshot import Snapshot
from relgraph.vocabulary import A, rg

#: Things that a field suggests.
_MOST: Final = 5_000
#: Keys with names, sorted by these.
Named = Sequence[tuple[str, str]]


class Suggesting:
    """The things of classes by release, language and classes, looked up once."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Snapshot, dict[tuple[str, ...], Named]] = WeakKeyDictionary()

    def things(self, snapshot: Snapshot, language: str, *classes: str) -> Named:
        """The first 5,000 things of some classes, given by their local names."""
        known = self._known.setdefault(snapshot, {})
        asked = (language, *classes)
        if asked not in known:
            known[asked] = of_classes(snapshot.store, language, *classes)
        return known[asked]


def of_classes(store: Store, language: str, *classes: str) -> Named:
    """The same, looked up."""
    found: set[NamedNode] = set()  # a thing has its class in several graphs
    for quad in chain.from_iterable(store.quads_for_pattern(None, A, rg(name), None) for name in classes):
        if isinstance(quad.subject, NamedNode):
            found.add(quad.subject)
        if len(found) == _MOST:
            break
    return named(store, found, language)


def named(store: Store, nodes: Iterable[NamedNode], language: str) -> Named:
    """Things as a parameter takes them, with what they are called in a language, or else in another."""
    found = {}
    for node in nodes:
        called = names(store, node)
        name = key(node.value)
        found[name] = called.get(language) or next(iter(called.values()), name)
    return sorted(found.items(), key=lambda item: (item[1].casefold(), item[0]))
