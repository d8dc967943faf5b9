"""Dates on pages: in words of the language of the page, with the EDTF beside them."""

from __future__ import annotations

from relgraph import edtf
from relgraph.errors import DateError


def readable(text: str, language: str) -> str | None:
    """How an EDTF text reads in a language; None for a text that is no date of relgraph's profile."""
    try:
        edtf.parse(text)
        return edtf.wording(text, language)
    except DateError:
        return None
