"""A random sample of claims, each with what a reader needs to check it against the text."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from relgraph.tables import Cell, Reader
from relgraph.vocabulary import ASSERTED, REPORTED, A, local_name, rg


@dataclass(frozen=True)
class Drawn:
    """A claim for a reader.

    types: classes of the fact; says: names of properties with their values as this place states them, sorted; evidence
    and context carry their passages when the documents are at hand.
    """

    claim: NamedNode
    about: Cell
    types: tuple[Cell, ...]
    modality: Cell
    attributed_to: Cell
    conveyed_by: Cell | None
    says: tuple[tuple[str, Cell], ...]
    gloss: str
    evidence: Cell
    context: tuple[Cell, ...]


@dataclass(frozen=True)
class Sample:
    """The claims drawn, by their place; population: how many there were to draw from."""

    drawn: tuple[Drawn, ...]
    population: int


def draw(store: Store, size: int, seed: str, language: str, texts: Mapping[str, str]) -> Sample:
    """A sample of so many claims of a snapshot, or of all where there are fewer; same snapshot and seed, same sample.

    language: of labels and glosses, "en" or "ru"; texts: the documents at hand, by id.
    """
    claims = sorted(
        (quad.subject for quad in store.quads_for_pattern(None, A, rg("Claim"), DefaultGraph())), key=lambda node: str(node)
    )
    chosen = random.Random(seed).sample(claims, min(size, len(claims)))
    view = _View(store, Reader(store, language, texts), language)
    nodes = [node for node in chosen if isinstance(node, NamedNode)]
    return Sample(tuple(view.drawn(node) for node in sorted(nodes, key=view.place)), len(claims))


class _View:
    def __init__(self, store: Store, reader: Reader, language: str) -> None:
        self._store = store
        self._reader = reader
        self._language = language

    def drawn(self, claim: NamedNode) -> Drawn:
        facts = self._objects(claim, "about")
        types = [quad.object for fact in facts for quad in self._store.quads_for_pattern(fact, A, None, ASSERTED)]
        content = [
            (local_name(quad.predicate), self._reader.cell(quad.object))
            for node in self._objects(claim, "says")
            for quad in self._store.quads_for_pattern(node, None, None, REPORTED)
            if quad.predicate != A
        ]
        conveyed = self._cells(claim, "conveyedBy")
        return Drawn(
            claim=claim,
            about=self._cell(claim, "about"),
            types=tuple(sorted(map(self._reader.cell, types), key=_by_iri)),
            modality=self._cell(claim, "modality"),
            attributed_to=self._cell(claim, "attributedTo"),
            conveyed_by=conveyed[0] if conveyed else None,
            says=tuple(sorted(content, key=lambda item: (item[0], *_by_iri(item[1])))),
            gloss=self._gloss(claim),
            evidence=self._cell(claim, "evidence"),
            context=tuple(
                self._reader.cell(span) for span in sorted(self._objects(claim, "context"), key=lambda span: self._offset(span))
            ),
        )

    def place(self, claim: NamedNode) -> tuple[str, int, str]:
        """What claims are put in order by: document and offset of their evidence, then their IRI."""
        spans = self._objects(claim, "evidence")
        return (*self._offset(spans[0]), claim.value) if spans else ("", 0, claim.value)

    def _offset(self, span: NamedNode) -> tuple[str, int]:
        document = "".join(node.value for node in self._objects(span, "document"))
        starts = [quad.object for quad in self._store.quads_for_pattern(span, rg("charStart"), None, DefaultGraph())]
        return document, next((int(start.value) for start in starts if isinstance(start, Literal)), 0)

    def _objects(self, node: NamedNode, name: str) -> list[NamedNode]:
        quads = self._store.quads_for_pattern(node, rg(name), None, DefaultGraph())
        return sorted((quad.object for quad in quads if isinstance(quad.object, NamedNode)), key=str)

    def _cells(self, node: NamedNode, name: str) -> list[Cell]:
        return [self._reader.cell(found) for found in self._objects(node, name)]

    def _cell(self, node: NamedNode, name: str) -> Cell:
        return next(iter(self._cells(node, name)), Cell(""))

    def _gloss(self, claim: NamedNode) -> str:
        quads = self._store.quads_for_pattern(claim, rg("gloss"), None, DefaultGraph())
        glosses = {q.object.language: q.object.value for q in quads if isinstance(q.object, Literal)}
        return glosses.get(self._language) or next(iter(glosses.values()), "")


def _by_iri(cell: Cell) -> tuple[str, str]:
    return cell.iri or "", cell.text
