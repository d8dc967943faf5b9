"""Cells of a table as a page shows them: dates and fixed words of the queries in the language of the page, what the data have
beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relgraph.serving.pages import dates
from relgraph.serving.pages.layout import WORDING
from relgraph.tables import Cell, Table

#: Variables that a query gets from rg:edtf, as its text says.
_DATES = re.compile(r"(?:\brg:edtf|<https://w3id\.org/relgraph/ns#edtf>)\s*[?$](\w+)")
_TRUTH = {"true": "yes", "false": "no"}


@dataclass(frozen=True)
class Shown:
    """A cell: text; iri and passage as tables.Cell has them; raw: the value as the data have it, where the text is another;
    is_told: whether the page tells it beside the text, and not only where somebody points."""

    text: str
    iri: str | None = None
    passage: str | None = None
    raw: str = ""
    is_told: bool = False


def shown(table: Table, query: str, language: str) -> list[list[Shown]]:
    """The rows of a table for a page in a language; query: the text that found them."""
    found = set(_DATES.findall(query))
    return [
        [_shown(cell, column, column in found, language) for column, cell in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]


def _shown(cell: Cell, column: str, is_date: bool, language: str) -> Shown:
    if cell.iri is None:
        words = WORDING[language]["values"]
        if is_date and (date := dates.readable(cell.text, language)) and date != cell.text:
            return Shown(date, raw=cell.text, is_told=True)
        if word := words.get(column, {}).get(cell.text):
            return Shown(word, raw=cell.text, is_told=word != cell.text)
        if cell.text in _TRUTH:
            return Shown(words["truth"][_TRUTH[cell.text]], raw=cell.text, is_told=True)  # it may be a text that says so
    return Shown(cell.text, cell.iri, cell.passage)
