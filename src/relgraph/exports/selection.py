"""What of a release is exported: a choice of graphs, and of claims by document, actor, period and modality."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyoxigraph import NamedNode

from relgraph.edtf import TimeSpan
from relgraph.exports.source import ALL, Source
from relgraph.release import Release


@dataclass(frozen=True)
class Selection:
    """A choice. Kinds are combined by AND, the values of one kind by OR; what is empty does not restrict.

    graphs: names of graphs; documents, actors: IRIs of resources; period: a time span, with which the time of a fact may
    overlap; modalities: IRIs of concepts; undated: whether a period takes in facts without a time. docs/exports.md says what
    each chooses.
    """

    graphs: tuple[NamedNode, ...] = ()
    documents: tuple[NamedNode, ...] = ()
    actors: tuple[NamedNode, ...] = ()
    period: TimeSpan | None = None
    modalities: tuple[NamedNode, ...] = ()
    undated: bool = False

    @property
    def of_claims(self) -> bool:
        """Whether claims are chosen, and not only graphs."""
        return bool(self.documents or self.actors or self.period or self.modalities)


@contextmanager
def selected(release: Release, selection: Selection, graphs: tuple[NamedNode, ...] = ALL) -> Iterator[Source]:
    """The source of a selection.

    graphs: those that are wanted where the selection chooses none. Raises UsageError when nothing is selected, RoomError where
    there is no room to put it aside.
    """
    wanted = selection.graphs or graphs
    if not selection.of_claims:
        yield Source(release, wanted)
        return
    from relgraph.exports.extracting import extract  # brings the reasoning with it

    with extract(release, selection, wanted) as source:
        yield source
