"""The part of a release that goes with chosen claims, so that every statement about a fact keeps its footnote.

Exported are the claims with their passages and contents; their facts, with those values that a chosen claim says; and what
all of these mention, with what is said of it itself (docs/exports.md). All is taken from the release as it stands.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse, serialize

from relgraph.errors import UsageError
from relgraph.exports.choosing import chosen
from relgraph.exports.room import room
from relgraph.exports.selection import Selection
from relgraph.exports.source import Source
from relgraph.reasoning import infer
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, DCTERMS, INFERRED, ONTOLOGY_GRAPH, PREF_LABEL, PROVENANCE, REPORTED, A, rg

#: What is kept of a fact whatever the chosen claims say: what it is and is called, and what follows from all its claims.
_OF_ITSELF: Final = {A, PREF_LABEL, rg("status"), rg("contested")}
#: What leads to another claim, or to another resource that may be the same: kept, but not followed.
_NOT_FOLLOWED: Final = {rg("conflictsWith"), rg("possiblySameAs"), NamedNode(DCTERMS + "replaces")}


@contextmanager
def extract(release: Release, selection: Selection, graphs: tuple[NamedNode, ...], folder: Path | None) -> Iterator[Source]:
    """The source of a selection of claims; see relgraph.exports.selection.selected.

    Memory is used for the IRIs of what is chosen and, where the inferred graph is wanted, for the reasoning over it.
    """
    whole, store = Source(release), release.store()
    claims = chosen(store, selection)
    if not claims:
        raise UsageError("nothing in the release matches this selection. Leave out one of its filters, or look at it with query")
    parts = _Parts(store, claims)
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relgraph-", dir=folder))) if folder else None
        with room("a selection"):
            data = _written(parts.lines(whole), place, "selected.nq")
            if INFERRED in graphs:
                data = _written(_with_inferred(store, data), place, "dataset.nq")
        yield Source(release, graphs, data)


class _Parts:
    """What goes with chosen claims: resources that are taken whole, facts that are taken in part, facts only named."""

    def __init__(self, store: Store, claims: set[Any]) -> None:
        self._store = store
        self._claims = claims
        self._whole: set[Any] = set()
        self._facts: set[Any] = set()
        self._named: set[Any] = set()
        for claim in claims:
            self._take_claim(claim)

    def lines(self, source: Source) -> Iterator[bytes]:
        """The lines of the source, without the inferred ones, that go with the claims, in their order."""
        whole = {f"<{node.value}>".encode() for node in self._whole | self._claims}
        partly = {f"<{node.value}>".encode(): node in self._facts for node in self._facts | self._named}
        ontology, inferred = (f" <{graph.value}> .\n".encode() for graph in (ONTOLOGY_GRAPH, INFERRED))
        for block in source.blocks():
            for line in block.splitlines(keepends=True):
                subject = line[: line.index(b" ")]
                if subject in whole:
                    if not line.endswith(inferred):
                        yield line
                elif subject in partly:
                    if not line.endswith(inferred) and self._is_kept(next(source.parsed(line)), partly[subject]):
                        yield line
                elif line.endswith(ontology):
                    yield line

    def _take_claim(self, claim: Any) -> None:
        for quad in self._store.quads_for_pattern(claim, None, None, PROVENANCE):
            if quad.predicate == rg("about"):
                self._take_fact(quad.object)
            elif quad.predicate not in _NOT_FOLLOWED:
                self._mention(quad.object)
            if quad.predicate == rg("says") and isinstance(quad.object, NamedNode):
                self._whole.add(quad.object)
                for said in self._store.quads_for_pattern(quad.object, None, None, REPORTED):
                    self._mention(said.object)

    def _take_fact(self, fact: Any) -> None:
        if fact in self._facts:
            return
        self._facts.add(fact)
        self._name(fact)

    def _name(self, fact: Any) -> None:
        """Names a fact: its values that are kept are mentioned by the contents that say them."""
        self._named.add(fact)
        for quad in self._store.quads_for_pattern(fact, rg("status"), None, ASSERTED):
            self._mention(quad.object)

    def _mention(self, term: Any) -> None:
        """Takes a resource that is mentioned, and what it mentions itself."""
        ahead = [term]
        while ahead:
            node = ahead.pop()
            if not isinstance(node, NamedNode) or node in self._whole or node in self._named:
                continue
            if any(self._store.quads_for_pattern(None, rg("about"), node, PROVENANCE)):
                self._name(node)
                continue
            quads = [q for g in (ASSERTED, PROVENANCE) for q in self._store.quads_for_pattern(node, None, None, g)]
            if quads:
                self._whole.add(node)
                ahead += [quad.object for quad in quads if quad.predicate not in _NOT_FOLLOWED]

    def _is_kept(self, quad: Quad, in_part: bool) -> bool:
        """Whether a statement about a fact is kept: what it is of itself, and what a chosen claim says."""
        if quad.predicate in _OF_ITSELF:
            return True
        if not in_part:
            return False
        if quad.predicate in _NOT_FOLLOWED:
            return True
        return any(
            Quad(says.object, quad.predicate, quad.object, REPORTED) in self._store
            for about in self._store.quads_for_pattern(None, rg("about"), quad.subject, PROVENANCE)
            if about.subject in self._claims
            for says in self._store.quads_for_pattern(about.subject, rg("says"), None, PROVENANCE)
            if isinstance(says.object, NamedNode)
        )


def _with_inferred(store: Store, data: Path | bytes) -> Iterator[bytes]:
    """The lines of selected data, and those of the release's inferred graph that follow from them alone."""
    asserted, ontology = [], []
    for quad in _quads(data):
        if quad.graph_name == ASSERTED:
            asserted.append(quad)
        elif quad.graph_name == ONTOLOGY_GRAPH:
            ontology.append(quad.triple)
    follows = (quad for quad in infer(asserted, ontology).quads if quad in store)
    lines = sorted((serialize(follows, format=RdfFormat.N_QUADS) or b"").splitlines(keepends=True))
    with _opened(data) as file:
        yield from heapq.merge(file, lines)


def _written(lines: Iterator[bytes], place: Path | None, name: str) -> Path | bytes:
    """Lines in a file of a folder, or in memory."""
    if place is None:
        return b"".join(lines)
    path = place / name
    with path.open("wb") as file:
        file.writelines(lines)
    return path


def _opened(data: Path | bytes) -> BinaryIO:
    return BytesIO(data) if isinstance(data, bytes) else data.open("rb")


def _quads(data: Path | bytes) -> Iterator[Quad]:
    with _opened(data) as file:
        yield from parse(file, RdfFormat.N_QUADS)
