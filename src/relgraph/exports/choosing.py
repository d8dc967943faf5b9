"""Which claims a selection chooses (docs/exports.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any

from pyoxigraph import NamedNode, Store

from relgraph import edtf
from relgraph.edtf import TimeSpan
from relgraph.errors import DateError
from relgraph.exports.selection import Selection
from relgraph.vocabulary import ID, PROVENANCE, REPORTED, A, concept, rg

_TIME: str = ID + "time/"


def chosen(store: Store, selection: Selection) -> set[Any]:
    """The claims of a store that a selection chooses.

    First those of the documents and modalities; of these, those about facts in which one of them gives an actor a role, and
    those that an actor answers for; of these, those about facts for which one of them gives a time within the period.
    """
    claims = _Claims(store)
    found = claims.first(selection)
    if selection.actors:
        found = claims.of_actors(found, selection.actors)
    if selection.period:
        found = claims.of_period(found, selection.period, selection.undated)
    return found


class _Claims:
    """What claims of a store say, looked up one by one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def first(self, selection: Selection) -> set[Any]:
        """The claims of the documents and modalities chosen."""
        if selection.documents:
            found = {claim for document in selection.documents for claim in self._of_document(document)}
        else:
            found = {quad.subject for quad in self._store.quads_for_pattern(None, A, rg("Claim"), PROVENANCE)}
        if selection.modalities:
            said = {claim for modality in selection.modalities for claim in self._subjects(rg("modality"), modality)}
            found &= said
        return found

    def of_actors(self, claims: set[Any], actors: Iterable[NamedNode]) -> set[Any]:
        """Those of the claims that an actor answers for, or whose fact has, by one of the claims, an actor in a role."""
        answering, facts = set(), set()
        for actor in actors:
            answering |= claims.intersection(self._subjects(rg("attributedTo"), actor))
            for quad in self._store.quads_for_pattern(None, None, actor, REPORTED):
                facts |= {self.fact(claim) for claim in self._subjects(rg("says"), quad.subject) if claim in claims}
        return answering | {claim for fact in facts for claim in self._subjects(rg("about"), fact) if claim in claims}

    def of_period(self, claims: set[Any], period: TimeSpan, undated: bool) -> set[Any]:
        """Those of the claims about facts that, by the claims, may have been in a period: by what is asserted where that gives a
        time, as a deadline in a plan does not say when something was."""
        of_fact: dict[Any, list[Any]] = defaultdict(list)
        for claim in claims:
            of_fact[self.fact(claim)].append(claim)
        found: set[Any] = set()
        asserted = set(self._subjects(rg("modality"), concept("modality", "Asserted")))
        for about in of_fact.values():
            spans = list(self._spans(asserted.intersection(about))) or list(self._spans(about))
            if any(not span.disjoint(period) for span in spans) or (undated and not spans):
                found.update(about)
        return found

    def fact(self, claim: Any) -> Any:
        """What a claim is about."""
        return next((quad.object for quad in self._store.quads_for_pattern(claim, rg("about"), None, PROVENANCE)), None)

    def _of_document(self, document: NamedNode) -> Iterator[Any]:
        for span in self._subjects(rg("document"), document):
            yield from self._subjects(rg("evidence"), span)

    def _subjects(self, predicate: NamedNode, value: Any) -> list[Any]:
        return [quad.subject for quad in self._store.quads_for_pattern(None, predicate, value, PROVENANCE)]

    def _spans(self, claims: Iterable[Any]) -> Iterator[TimeSpan]:
        """The times of a fact by some of its claims: each time, and from the first begin to the last end."""
        found = list(claims)
        yield from self._values(found, "time")
        begins, ends = self._values(found, "begin"), self._values(found, "end")
        if begins or ends:
            yield TimeSpan("", _least([span.earliest for span in begins]), _greatest([span.latest for span in ends]))

    def _values(self, claims: Iterable[Any], name: str) -> list[TimeSpan]:
        contents = [q.object for claim in claims for q in self._store.quads_for_pattern(claim, rg("says"), None, PROVENANCE)]
        nodes = [content for content in contents if isinstance(content, NamedNode)]
        values = [q.object for node in nodes for q in self._store.quads_for_pattern(node, rg(name), None, REPORTED)]
        return [span for value in values if isinstance(value, NamedNode) and (span := _span(value.value))]


def _least(moments: list[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None) if None not in moments else None


def _greatest(moments: list[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment), default=None) if None not in moments else None


@lru_cache(maxsize=65536)
def _span(iri: str) -> TimeSpan | None:
    """The time span of a resource; its key is its EDTF text with / as _."""
    with suppress(DateError):
        return edtf.parse(iri.removeprefix(_TIME).replace("_", "/"))
    return None
