"""Text spans: runs of Unicode code points of a document, and the hash that stands for their quote."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

#: What is longer is no place in a text.
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, order=True)
class Span:
    """A run of a document.

    document: id of the document ("004"); start, end: offsets in Unicode code points, 0-based, end exclusive;
    quote_sha256: hash of the quote, see quote_hash.
    """

    document: str
    start: int
    end: int
    quote_sha256: str

    @property
    def key(self) -> str:
        """The key of its resource: `document/004#char=7069,7121` (the fragment follows RFC 5147)."""
        return f"document/{self.document}#char={self.start},{self.end}"

    @property
    def place(self) -> str:
        """How the span is named in messages: `004:7069-7121`."""
        return f"{self.document}:{self.start}-{self.end}"


def whole(text: str) -> int:
    """An offset or a line as data state it; 0 for what is none."""
    return int(text) if _NUMBER.fullmatch(text) else 0


def quote_hash(quote: str) -> str:
    """SHA-256 (hex) of the UTF-8 of a quote with every run of white space folded to one blank (design section 4)."""
    return hashlib.sha256(" ".join(quote.split()).encode()).hexdigest()


def line_starts(text: str) -> tuple[int, ...]:
    """The offsets (code points) at which the lines of a text begin; only a line feed ends a line."""
    return (0, *(offset + 1 for offset, character in enumerate(text) if character == "\n"))


def line_number(offset: int, starts: Sequence[int]) -> int:
    """The number, from 1, of the line that an offset lies in."""
    return bisect_right(starts, offset)
