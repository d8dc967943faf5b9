"""Values and tables as plain text, for terminals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from relgraph.api.values import Resource
from relgraph.api.words import counted, word

#: So many rows are shown, and so many characters of a value.
SHOWN: Final = 20
_WIDE: Final = 60


class Whole(str):
    """Text that is shown at its full length."""

    __slots__ = ()


def table(columns: Sequence[str], rows: Iterable[Iterable[object]], total: int, unit: str = "row", language: str = "en") -> str:
    """A table in columns, with how many rows there are in all; unit: row, triple or fact."""
    lines = [list(columns), *([cell(value) for value in row] for row in rows)]
    widths = [max((len(line[place]) for line in lines), default=0) for place in range(len(columns))]
    texts = ["  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    more = word("more", language, total - len(lines) + 1) if total > len(lines) - 1 else ""
    return "\n".join([*texts, f"({counted(total, unit, language)}{more})"])


def cell(value: object) -> str:
    """A value on one line: the label of a resource, nothing for None."""
    shown = line("" if value is None else value.label if isinstance(value, Resource) else str(value))
    return shown if len(shown) <= _WIDE or isinstance(value, Whole) else shown[: _WIDE - 1] + "…"


def line(text: str) -> str:
    """A text on one line, whole."""
    return "".join(c if c.isprintable() else " " for c in text)
