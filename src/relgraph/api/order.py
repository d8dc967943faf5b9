"""Which classes and properties stand above which: by the ontology in the data, else by that of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

from pyoxigraph import NamedNode

from relgraph import ontology
from relgraph.errors import Problem, raise_if_any
from relgraph.vocabulary import ONTOLOGY_GRAPH, RDFS, RG

_ABOVE: Final = frozenset([f"{RDFS}subClassOf", f"{RDFS}subPropertyOf"])
_PAIRS: Final = "SELECT DISTINCT ?narrow ?wide { %s FILTER(isIRI(?narrow) && isIRI(?wide)) }"
_OWN: Final = f"GRAPH {ONTOLOGY_GRAPH} {{ ?narrow rdfs:subClassOf|rdfs:subPropertyOf ?wide }}"
_BESIDE: Final = "?narrow rdfs:subClassOf|rdfs:subPropertyOf ?wide"
_Iri = TypeVar("_Iri", bound=str)


class Order:
    """Classes and properties by what stands above them."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """pairs: IRIs of a class or property, and of one right above it."""
        self._next: dict[str, set[str]] = {}
        for narrow, wide in pairs:
            self._next.setdefault(narrow, set()).add(wide)
        self._known: dict[str, frozenset[str]] = {}

    def above(self, iri: str) -> frozenset[str]:
        """A class or property, and all above it."""
        if iri not in self._known:
            found = [iri]
            for current in found:
                found += self._next.get(current, set()).difference(found)
            self._known[iri] = frozenset(found)
        return self._known[iri]

    def below(self, iri: str) -> list[str]:
        """A class or property, and all below it, sorted."""
        return sorted({iri} | {each for each in self._next if iri in self.above(each)})

    def narrowest(self, iris: Iterable[_Iri]) -> list[_Iri]:
        """Those of several that stand above no other of them, sorted; of two that stand above each other both."""
        given = set(iris)
        wide = {one for one in given for other in given if one in self.above(other) and other not in self.above(one)}
        return sorted(given - wide)

    def special(self, iris: Iterable[_Iri]) -> _Iri | None:
        """The one with the most above it, as exports choose the class of a thing; None of none."""
        return max(iris, key=lambda iri: (len(self.above(iri)), iri), default=None)


def order_of(select: Callable[[str], Iterable[tuple[Any, ...]]], folder: Path) -> Order:
    """The order in some data; that of the ontology in a folder, and what the data say beside it, where they have none.

    select: gives the rows of a SELECT as terms. Raises InputError for an ontology that cannot be read.
    """
    if pairs := _texts(select(_PAIRS % _OWN)):
        return Order(pairs)
    problems: list[Problem] = []
    terms = ontology.load(folder, problems).terms
    raise_if_any(problems)
    packaged = _texts((t.subject, t.object) for t in terms if t.predicate.value in _ABOVE and isinstance(t.object, NamedNode))
    return Order([*packaged, *_texts(select(_PAIRS % _BESIDE))])


def names(iris: Iterable[str]) -> frozenset[str]:
    """The local names of those that are relgraph's."""
    return frozenset(iri.removeprefix(RG) for iri in iris if iri.startswith(RG))


def _texts(rows: Iterable[tuple[Any, ...]]) -> list[tuple[str, str]]:
    return [(narrow.value, wide.value) for narrow, wide in rows]
