"""Counting the rows of a SELECT in its serialization, as the engine writes it.

The engine writes results itself, which is several times as fast as writing them row by row here, and does not say how
many rows it wrote. Each counter takes the bytes in pieces as they come (of some KiB, as the engine writes them) and knows
how many rows there were in them.
"""

from __future__ import annotations

import re
from typing import Protocol

from pyoxigraph import QueryResultsFormat

#: JSON outside of strings: a string that ends, a string that does not, or the end of one object and the start of the next.
_JSON = re.compile(rb'"(?:[^"\\]|\\.)*(?P<closed>")?|\},(?P<next>\{)', re.DOTALL)
#: The rest of a string that began in an earlier piece.
_REST = re.compile(rb'(?:[^"\\]|\\.)*(?P<closed>")?', re.DOTALL)


class Rows(Protocol):
    """A counter: `feed` takes the next bytes, `count` is the number of rows so far."""

    count: int

    def feed(self, data: bytes) -> None:
        """Takes the next bytes."""


class _JsonRows:
    """SPARQL 1.1 Query Results JSON. Two objects stand side by side only in the array of rows."""

    def __init__(self) -> None:
        self.count = 0
        self._inside = False
        self._kept = b""
        self._begun = False

    def feed(self, data: bytes) -> None:
        data = self._kept + data
        if not self._begun:
            start = data.find(b'"bindings":[')
            if start < 0 or len(data) < start + 13:
                self._kept = data
                return
            self._begun = True
            data = data[start + 12 :]
            self.count = int(data[:1] == b"{")
        self._kept = b""
        position = 0
        if self._inside:
            position = self._string(_REST.match(data), data)
        while not self._inside and position < len(data):
            found = _JSON.search(data, position)
            if found is None:
                self._kept = data[position:][-2:]
                return
            if found["next"]:
                self.count += 1
                position = found.end()
            else:
                position = self._string(found, data)

    def _string(self, found: re.Match[bytes] | None, data: bytes) -> int:
        """Takes note of whether a string ended; an escape that the piece cuts in two is kept for the next."""
        assert found is not None
        self._inside = not found["closed"]
        if self._inside:
            self._kept = data[found.end() :]
        return found.end()


class _XmlRows:
    """SPARQL Query Results XML: the start tag of a row, which no text holds unescaped."""

    _MARK = b"<result>"

    def __init__(self) -> None:
        self.count = 0
        self._kept = b""

    def feed(self, data: bytes) -> None:
        data = self._kept + data
        self.count += data.count(self._MARK)
        self._kept = data[-len(self._MARK) + 1 :]


class _CsvRows:
    """SPARQL 1.1 CSV: line ends outside of quotes; a quote in a value is written twice."""

    def __init__(self) -> None:
        self.count = -1  # the header
        self._quoted = False

    def feed(self, data: bytes) -> None:
        for place, part in enumerate(data.split(b'"')):
            if place:
                self._quoted = not self._quoted
            if not self._quoted:
                self.count += part.count(b"\n")


class _TsvRows:
    """SPARQL 1.1 TSV: lines; line ends in values are escaped."""

    def __init__(self) -> None:
        self.count = -1  # the header

    def feed(self, data: bytes) -> None:
        self.count += data.count(b"\n")


_COUNTERS: dict[QueryResultsFormat, type[_JsonRows | _XmlRows | _CsvRows | _TsvRows]] = {
    QueryResultsFormat.JSON: _JsonRows,
    QueryResultsFormat.XML: _XmlRows,
    QueryResultsFormat.CSV: _CsvRows,
    QueryResultsFormat.TSV: _TsvRows,
}


def counter(chosen: QueryResultsFormat) -> Rows:
    """A counter for a format."""
    return _COUNTERS[chosen]()
