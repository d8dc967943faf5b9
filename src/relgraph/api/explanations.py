"""Why a triple is in the data, for people: as text, as HTML, as a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from relgraph.api import html
from relgraph.api.html import Markup


class Explanation:
    """Where a triple comes from: the claims that state it, or the rule and the premises that it follows from; what is nearest to
    it where it is not in the data. docs/why.md describes the record.

    >>> import relgraph
    >>> why = relgraph.open().why("Russia", "rg:partnerOf", "Partnership for Peace")
    >>> why.found, why.origin, why.record["rule"]
    (True, 'inferred', 'prp-spo2')
    >>> print(str(why).splitlines()[0])
    Russia — partner of — Partnership for Peace
    """

    def __init__(self, record: dict[str, Any], text: str) -> None:
        """record: as relgraph.why.records writes it; text: the same for a terminal."""
        self.record = record
        self._text = text

    @property
    def found(self) -> bool:
        """False when the triple is not in the data.

        >>> import relgraph
        >>> relgraph.open().why("Moldova", "rg:memberOf", "NATO").found
        False
        """
        return bool(self.record.get("found"))

    @property
    def origin(self) -> str:
        """Where it comes from: stated, inferred, computed, named, absent …

        >>> import relgraph
        >>> relgraph.open().why("org/nato", "skos:prefLabel", relgraph.Text("NATO", "en")).origin
        'named'
        """
        return str(self.record.get("origin", ""))

    def __str__(self) -> str:
        return self._text.rstrip("\n")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html.block(*_explained(self.record))


def _explained(record: dict[str, Any]) -> Iterator[object]:
    yield html.strong(record.get("reading", ""))
    yield str(record.get("note", ""))
    if record.get("axiom"):
        yield str(record["axiom"])
    yield html.listed(html.item(*_source(source)) for source in record.get("claims", ()))
    if record.get("otherValues"):
        yield "≠"
        yield html.listed(html.item(*_source(source)) for source in record["otherValues"])
    yield html.listed(html.item(html.block(*_explained(premise))) for premise in record.get("premises", ()))
    yield html.listed(html.item(*_near(near)) for near in record.get("nearest", ()))


def _near(near: dict[str, Any]) -> Iterator[object]:
    yield str(near.get("reading", ""))
    yield f"({near.get('reason', '')})"
    yield html.listed(html.item(*_source(source)) for source in near.get("claims", ()))


def _source(source: dict[str, Any]) -> Iterator[object]:
    yield _cell(source.get("modality")) or ""
    yield _cell(source.get("attributedTo")) or ""
    for footnote in (source.get("evidence"), *source.get("context", ())):
        if footnote:
            yield html.linked(str(footnote.get("iri", "")), str(footnote.get("text", "")))
            if footnote.get("passage"):
                yield html.quoted(str(footnote["passage"]))


def _cell(cell: Any) -> Markup | None:
    if not isinstance(cell, dict):
        return None
    words = str(cell.get("label", cell.get("text", "")))
    return html.linked(str(cell["iri"]), words) if cell.get("iri") else html.text(words)
