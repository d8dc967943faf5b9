"""The part of a release that goes with chosen claims, so that every statement about a fact keeps its footnote.

Exported are the claims with their passages and contents; their facts, with those values that a chosen claim says; and what
all of these mention, with what is said of it itself (docs/exports.md). All is taken from the release as it stands.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize

from relgraph.errors import UsageError
from relgraph.exports.choosing import chosen
from relgraph.exports.room import room
from relgraph.exports.selection import Selection
from relgraph.exports.source import Source
from relgraph.rdflibgraph import rdflib_graph
from relgraph.reasoning import Reasoned
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, DCTERMS, INFERRED, ONTOLOGY_GRAPH, PREF_LABEL, PROVENANCE, REPORTED, A, rg

_ABOUT, _SAYS = rg("about"), rg("says")
#: What leads to another claim, or to another resource that may be the same: kept, but not followed.
_NOT_FOLLOWED: Final = {rg("conflictsWith"), rg("possiblySameAs"), NamedNode(DCTERMS + "replaces")}
_KEPT: Final = {f"<{predicate.value}>".encode() for predicate in _NOT_FOLLOWED}
#: What is kept of a fact whatever the chosen claims say: what it is and is called, and what follows from all its claims; as
#: lines have it.
_OF_ITSELF: Final = {f"<{predicate.value}>".encode() for predicate in (A, PREF_LABEL, rg("status"), rg("contested"))}


@contextmanager
def extract(release: Release, selection: Selection, graphs: tuple[NamedNode, ...], folder: Path | None) -> Iterator[Source]:
    """The source of a selection of claims; see relgraph.exports.selection.selected.

    Memory is used for the IRIs of what is chosen and, where the inferred graph is wanted, for the reasoning over it.
    """
    whole, store = Source(release), release.store()
    with ExitStack() as stack:
        with room("a selection", folder):
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relgraph-", dir=folder))) if folder else None
            data = _written(_chosen_lines(whole, store, selection), place, "selected.nq")
            if INFERRED in graphs:
                data = _written(_with_inferred(store, data), place, "dataset.nq")
        del store  # which holds much of its tables in memory
        yield Source(release, graphs, data)


def _chosen_lines(whole: Source, store: Store, selection: Selection) -> Iterator[bytes]:
    """The lines of a selection without the inferred ones. What it holds is let go with the last of them."""
    claims = chosen(store, selection)
    if not claims:
        raise UsageError("nothing in the release matches this selection. Leave out one of its filters, or widen one")
    yield from _Parts(store, claims).lines(whole)


class _Parts:
    """What goes with chosen claims: resources that are taken whole, facts that are taken in part, facts only named.

    Resources are held as the lines have them, which is all that has to be known of them.
    """

    def __init__(self, store: Store, claims: set[Any]) -> None:
        self._store = store
        self._claims = claims
        self._whole: set[bytes] = set()
        self._facts: set[bytes] = set()
        self._named: set[bytes] = set()
        for claim in claims:
            self._take_claim(claim)

    def lines(self, source: Source) -> Iterator[bytes]:
        """The lines of the source, without the inferred ones, that go with the claims, in their order."""
        ontology, inferred = (f" <{graph.value}> .\n".encode() for graph in (ONTOLOGY_GRAPH, INFERRED))
        fact, said, contents = b"", frozenset[bytes](), list[NamedNode]()
        for block in source.blocks():
            for line in block.splitlines(keepends=True):
                subject, _, rest = line.partition(b" ")
                if subject in self._whole:
                    if not line.endswith(inferred):
                        yield line
                elif subject in self._named:
                    if line.endswith(inferred):
                        continue
                    if subject in self._facts and subject != fact:
                        fact, contents = subject, list(self._contents(subject))
                        said = frozenset(self._said(subject, contents))
                    predicate, _, _ = rest.partition(b" ")
                    if (
                        predicate in _OF_ITSELF
                        or (subject == fact and (predicate in _KEPT or _triple(line) in said))
                        or (subject == fact and b'"^^<' in line and self._is_said(next(source.parsed(line)), contents))
                    ):
                        yield line
                elif line.endswith(ontology):
                    yield line

    def _take_claim(self, claim: NamedNode) -> None:
        self._whole.add(_token(claim))
        for quad in self._store.quads_for_pattern(claim, None, None, PROVENANCE):
            if quad.predicate == _ABOUT:
                self._take_fact(quad.object)
            elif quad.predicate == _SAYS and isinstance(quad.object, NamedNode):
                self._whole.add(_token(quad.object))
                for said in self._store.quads_for_pattern(quad.object, None, None, REPORTED):
                    self._mention(said.object)
            elif quad.predicate not in _NOT_FOLLOWED:
                self._mention(quad.object)

    def _take_fact(self, fact: Any) -> None:
        token = _token(fact)
        if token not in self._facts:
            self._facts.add(token)
            self._name(fact, token)

    def _name(self, fact: Any, token: bytes) -> None:
        """Names a fact: its values that are kept are mentioned by the contents that say them."""
        self._named.add(token)
        for quad in self._store.quads_for_pattern(fact, rg("status"), None, ASSERTED):
            self._mention(quad.object)

    def _mention(self, term: Any) -> None:
        """Takes a resource that is mentioned, and what it mentions itself."""
        ahead = [term]
        while ahead:
            node = ahead.pop()
            if not isinstance(node, NamedNode):
                continue
            token = _token(node)
            if token in self._whole or token in self._named:
                continue
            if any(self._store.quads_for_pattern(None, _ABOUT, node, PROVENANCE)):
                self._name(node, token)
                continue
            quads = [q for g in (ASSERTED, PROVENANCE) for q in self._store.quads_for_pattern(node, None, None, g)]
            if quads:
                self._whole.add(token)
                ahead += [quad.object for quad in quads if quad.predicate not in _NOT_FOLLOWED]

    def _contents(self, token: bytes) -> Iterator[NamedNode]:
        """The contents of the chosen claims about a fact."""
        for about in self._store.quads_for_pattern(None, _ABOUT, NamedNode(token[1:-1].decode()), PROVENANCE):
            if about.subject in self._claims:
                for says in self._store.quads_for_pattern(about.subject, _SAYS, None, PROVENANCE):
                    if isinstance(says.object, NamedNode):
                        yield says.object

    def _said(self, token: bytes, contents: Iterable[NamedNode]) -> Iterator[bytes]:
        """What contents say of a fact, as lines have it, without a graph."""
        fact = NamedNode(token[1:-1].decode())
        for content in contents:
            quads = self._store.quads_for_pattern(content, None, None, REPORTED)
            triples = (Triple(fact, quad.predicate, quad.object) for quad in quads)
            yield from (line[:-2] for line in (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").splitlines())

    def _is_said(self, quad: Quad, contents: Iterable[NamedNode]) -> bool:
        return any(Quad(content, quad.predicate, quad.object, REPORTED) in self._store for content in contents)


def _token(node: NamedNode) -> bytes:
    """An IRI as lines have it."""
    return f"<{node.value}>".encode()


def _triple(line: bytes) -> bytes:
    """A line without its graph and its end."""
    return line[: line.rfind(b" ", 0, -3)]


def _with_inferred(store: Store, data: Path | bytes) -> Iterator[bytes]:
    """The lines of selected data, and those of the release's inferred graph that follow from them alone."""
    lines = sorted(_following(store, data))
    with _opened(data) as file:
        yield from heapq.merge(file, lines)


def _following(store: Store, data: Path | bytes) -> Iterator[bytes]:
    """Those lines of the release's inferred graph. Whether data contradict the ontology is not asked: the build has asked it."""
    ontology = rdflib_graph(quad.triple for quad in _quads(data) if quad.graph_name == ONTOLOGY_GRAPH)
    reasoned = Reasoned((quad.triple for quad in _quads(data) if quad.graph_name == ASSERTED), ontology)
    for triple in reasoned.entailed():
        quad = Quad(triple.subject, triple.predicate, triple.object, INFERRED)
        if quad in store:
            yield serialize([quad], format=RdfFormat.N_QUADS) or b""


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
