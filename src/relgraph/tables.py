"""Results for people: labels for IRIs, and for every span its place, with the passage when the document is at hand.

A passage is shown only when its hash is the one that the release holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, QueryBoolean, QuerySolutions, Store

from relgraph import evaluation
from relgraph.evaluation import Results
from relgraph.spans import quote_hash, whole
from relgraph.vocabulary import ID, ONTOLOGY_GRAPH, PREF_LABEL, PREFIXES, rg

_WORDS = {
    "en": {"line": "line", "characters": "characters", "yes": "yes", "no": "no"},
    "ru": {"line": "строка", "characters": "символы", "yes": "да", "no": "нет"},
}


@dataclass(frozen=True)
class Cell:
    """One value for a reader: text, the IRI it stands for, and for a span the passage, if the document is at hand."""

    text: str
    iri: str | None = None
    passage: str | None = None


@dataclass(frozen=True)
class Table:
    """Column names and rows; of a CONSTRUCT or DESCRIBE the columns are subject, predicate, object."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(results: Results, store: Store, language: str, texts: Mapping[str, str]) -> Table:
    """The results as a table of labels and places in a language; texts: the documents at hand, by id."""
    reader = Reader(store, language, texts)
    if isinstance(results, QueryBoolean):
        return Table(("answer",), ((Cell(_WORDS[language]["yes" if results else "no"]),),))
    columns: tuple[str, ...] = ("subject", "predicate", "object")
    if isinstance(results, QuerySolutions):
        columns = tuple(variable.value for variable in results.variables)
    return Table(columns, tuple(tuple(reader.cell(term) for term in row) for row in evaluation.rows(results)))


class Reader:
    """Terms of a snapshot as cells in a language; texts: the documents at hand, by id."""

    def __init__(self, store: Store, language: str, texts: Mapping[str, str]) -> None:
        self._store = store
        self._language = language
        self._texts = texts
        self._seen: dict[str, Cell] = {}

    def cell(self, term: object) -> Cell:
        """What a reader sees of a term; empty where it is None."""
        if isinstance(term, NamedNode):
            if term.value not in self._seen:
                self._seen[term.value] = self._resource(term)
            return self._seen[term.value]
        return Cell("" if term is None else str(getattr(term, "value", term)))

    def _resource(self, node: NamedNode) -> Cell:
        if node.value.startswith(ID + "document/") and "#char=" in node.value:
            return self._place(node)
        return Cell(self._label(node) or _shortened(node.value), node.value)

    def _label(self, node: NamedNode) -> str | None:
        for graph in (DefaultGraph(), ONTOLOGY_GRAPH):
            labels = {
                quad.object.language: quad.object.value
                for quad in self._store.quads_for_pattern(node, PREF_LABEL, None, graph)
                if isinstance(quad.object, Literal)
            }
            if labels:
                return labels.get(self._language) or next(iter(labels.values()))
        return None

    def _place(self, span: NamedNode) -> Cell:
        """Document, section, line and offsets of a span, e.g. "004, Chronology, line 215, characters 7069–7121"."""
        words = _WORDS[self._language]
        document = next(self._objects(span, "document"), "").removeprefix(ID + "document/")
        section = next(self._objects(span, "section"), None)
        line = next(self._objects(span, "line"), "")
        start, end = next(self._objects(span, "charStart"), ""), next(self._objects(span, "charEnd"), "")
        if not (document and start and end):
            return Cell(_shortened(span.value), span.value)
        parts = [document, self._label(NamedNode(section)) if section else None, f"{words['line']} {line}"]
        text = ", ".join([*(part for part in parts if part), f"{words['characters']} {start}–{end}"])
        quote = self._texts.get(document, "")[whole(start) : whole(end)]
        confirmed = quote_hash(quote) == next(self._objects(span, "quoteSha256"), None)
        return Cell(text, span.value, " ".join(quote.split()) if confirmed else None)

    def _objects(self, node: NamedNode, name: str) -> Iterator[str]:
        for quad in self._store.quads_for_pattern(node, rg(name), None, DefaultGraph()):
            yield str(getattr(quad.object, "value", ""))


def _shortened(iri: str) -> str:
    prefix, namespace = max(PREFIXES.items(), key=lambda item: len(item[1]) if iri.startswith(item[1]) else 0)
    return f"{prefix}:{iri.removeprefix(namespace)}" if iri.startswith(namespace) else iri
