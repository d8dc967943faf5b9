"""Claims of a snapshot as sources of a statement: who says it, how, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Store

from relgraph.spans import whole
from relgraph.tables import Cell, Reader
from relgraph.turtle import short
from relgraph.vocabulary import ASSERTED, ID, PROVENANCE, REPORTED, A, rg
from relgraph.why.explanation import Footnote, Source
from relgraph.why.wording import WORDS

_Properties = Mapping[str, list[Any]]


class Claims:
    """The claims of a snapshot, read in a language; texts: the documents at hand, by id."""

    def __init__(self, store: Store, language: str, texts: Mapping[str, str]) -> None:
        self.store = store
        self.language = language
        self.words = WORDS[language]
        self._reader = Reader(store, language, texts)
        self._read: dict[Any, _Properties] = {}
        self._footnotes: dict[Any, Footnote | None] = {}

    def cell(self, term: Any) -> Cell:
        """A term for a reader."""
        return self._reader.cell(term)

    def reading(self, s: Any, p: Any, o: Any) -> str:
        """A statement with labels in place of IRIs."""
        words = [self._word(s), self.words["is a"] if p == A else self._word(p), self._word(o)]
        return " — ".join(words)

    def _word(self, term: Any) -> str:
        if isinstance(term, NamedNode):
            return self.cell(term).text
        if isinstance(term, Literal):
            return f"“{term.value}”" if term.language else term.value
        return short(term)

    def about(self, fact: Any) -> list[NamedNode]:
        """The claims about a fact, in the order of their places."""
        return self.in_order(quad.subject for quad in self.store.quads_for_pattern(None, rg("about"), fact, PROVENANCE))

    def with_span(self, span: Any) -> list[NamedNode]:
        """The claims that rest on a span."""
        quads = [q for name in ("evidence", "context") for q in self.store.quads_for_pattern(None, rg(name), span, PROVENANCE)]
        return self.in_order(quad.subject for quad in quads)

    def saying(self, content: Any) -> list[NamedNode]:
        """The claim that a content node belongs to."""
        return self.in_order(quad.subject for quad in self.store.quads_for_pattern(None, rg("says"), content, PROVENANCE))

    def conflicting(self, claim: Any) -> bool:
        """True of a claim that another one conflicts with."""
        return any(self.store.quads_for_pattern(claim, rg("conflictsWith"), None, PROVENANCE))

    def in_order(self, claims: Iterable[Any]) -> list[NamedNode]:
        """Claims, each once, by document and offset of their evidence, then by IRI."""
        nodes = {claim for claim in claims if isinstance(claim, NamedNode)}
        return sorted(nodes, key=lambda claim: (*self._place(claim), claim.value))

    def values(self, claim: Any, predicate: Any) -> list[Any]:
        """The values of a property as the place of the claim states them."""
        quads: list[Quad] = []
        for content in self._properties(claim).get("says", ()):
            quads += self.store.quads_for_pattern(content, predicate, None, REPORTED)
        return sorted((quad.object for quad in quads), key=str)

    def modality(self, claim: Any) -> str:
        """The notation of a claim's modality."""
        return "".join(node.value.rsplit("#", 1)[-1] for node in self._properties(claim).get("modality", ())[:1])

    def own_voice(self, claim: Any) -> bool:
        """True where the document says it itself, and does not report a speaker."""
        return not self._properties(claim).get("conveyedBy")

    def status(self, fact: Any) -> list[Any]:
        """The status of an event: concepts."""
        return sorted((quad.object for quad in self.store.quads_for_pattern(fact, rg("status"), None, ASSERTED)), key=str)

    def source(self, claim: NamedNode, predicate: Any = None) -> Source:
        """A claim as a source; predicate: the property whose values it is to show."""
        about = self._properties(claim)
        glosses = {gloss.language: gloss.value for gloss in about.get("gloss", ()) if isinstance(gloss, Literal)}
        conveyed = about.get("conveyedBy", ())
        evidence = [note for span in about.get("evidence", ()) if (note := self._footnote(span))]
        context = [note for span in about.get("context", ()) if (note := self._footnote(span))]
        return Source(
            claim=self.cell(claim),
            gloss=glosses.get(self.language) or next(iter(glosses.values()), ""),
            modality=self._first(about, "modality"),
            attributed_to=self._first(about, "attributedTo"),
            conveyed_by=self.cell(conveyed[0]) if conveyed else None,
            own_voice=not conveyed,
            says=tuple(map(self.cell, self.values(claim, predicate))) if predicate is not None and predicate != A else (),
            evidence=evidence[0] if evidence else None,
            context=tuple(sorted(context, key=lambda note: (note.document, note.start))),
        )

    def _first(self, about: _Properties, name: str) -> Cell:
        return next(map(self.cell, about.get(name, ())), Cell(""))

    def _properties(self, node: Any) -> _Properties:
        """What the provenance graph says of a node: terms by the local name of the property."""
        if node not in self._read:
            found: dict[str, list[Any]] = {}
            for quad in self.store.quads_for_pattern(node, None, None, PROVENANCE):
                found.setdefault(quad.predicate.value.rsplit("#", 1)[-1], []).append(quad.object)
            self._read[node] = found
        return self._read[node]

    def _place(self, claim: Any) -> tuple[str, int]:
        notes = [note for span in self._properties(claim).get("evidence", ()) if (note := self._footnote(span))]
        return (notes[0].document, notes[0].start) if notes else ("", 0)

    def _footnote(self, span: Any) -> Footnote | None:
        if span not in self._footnotes:
            about = self._properties(span)
            document, start, end, line = (about.get(name) for name in ("document", "charStart", "charEnd", "line"))
            cell = self.cell(span)
            self._footnotes[span] = (
                Footnote(
                    iri=span.value,
                    text=cell.text,
                    document=document[0].value.removeprefix(f"{ID}document/"),
                    start=whole(start[0].value),
                    end=whole(end[0].value),
                    line=whole(line[0].value) if line else 0,
                    section=next((self.cell(section).text for section in about.get("section", ())), None),
                    passage=cell.passage,
                )
                if document and start and end
                else None
            )
        return self._footnotes[span]
