"""HTML for notebooks. Everything that comes from data is escaped here; nothing else makes HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from relgraph.api.dates import DateRange
from relgraph.api.values import Resource
from relgraph.api.words import counted, word

#: So many rows are shown.
SHOWN: Final = 50
_SAFE: Final = ("http://", "https://")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: object, language: str = "en") -> Markup:
    """A value as HTML: labels with their IRIs for resources, dates in words, a blank for None, all of it escaped."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, Resource):
        return linked(value.iri, value.label)
    if isinstance(value, DateRange):
        return hinted(value.wording(language), value.edtf)
    return Markup("" if value is None else escape(str(value)))


def hinted(words: str, hint: str) -> Markup:
    """Words with a hint that shows when one points at them."""
    return Markup(f'<span title="{escape(hint)}">{escape(words)}</span>')


def linked(iri: str, words: str) -> Markup:
    """Words that lead to an IRI of the web; other IRIs are only shown."""
    if iri.lower().startswith(_SAFE):
        return Markup(f'<a href="{escape(iri)}" title="{escape(iri)}">{escape(words)}</a>')
    return hinted(words, iri)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], language: str = "en") -> Markup:
    """A table of values; language: of dates."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{text(value, language)}</td>" for value in row) + "</tr>" for row in rows)
    return Markup(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def count(total: int, unit: str, language: str) -> str:
    """How many rows, triples or facts there are, and that only the first are shown where there are more."""
    return counted(total, unit, language) + (word("first", language, SHOWN) if total > SHOWN else "")


def item(*parts: object) -> Markup:
    """An item of a list."""
    return Markup("<li>" + " ".join(text(part) for part in parts if part not in (None, "")) + "</li>")


def block(*parts: object) -> Markup:
    """Parts below one another; texts become paragraphs."""
    return Markup("<div>" + "".join(p if isinstance(p, Markup) else f"<p>{text(p)}</p>" for p in parts if p) + "</div>")


def listed(items: Iterable[Markup]) -> Markup:
    """A list of items; nothing for none."""
    inner = "".join(items)
    return Markup(f"<ul>{inner}</ul>" if inner else "")


def strong(value: object) -> Markup:
    """A value in bold."""
    return Markup(f"<strong>{text(value)}</strong>")


def quoted(words: str) -> Markup:
    """Words of a document."""
    return Markup(f"<blockquote>{escape(words)}</blockquote>")
