"""What refers to a thing: lines of a source by their objects, in a temporary database of SQLite.

The lines are sorted by their subjects, so that what refers to something stands anywhere in them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Final, Self

from pyoxigraph import NamedNode

from relgraph.exports import temporary
from relgraph.exports.room import room
from relgraph.exports.source import ALL, Source, holding

_WHAT: Final = "an export of this size"
#: Object, number of the predicate, graph, subject, as the lines have them.
_Row = tuple[bytes, int, bytes, bytes]


class Referring:
    """The subjects of some properties by their values. To be closed, as by `with`.

    predicates: IRIs of the properties. The source is read once, when something is first asked.
    """

    def __init__(self, source: Source, predicates: Iterable[str]) -> None:
        self._source = source
        self._numbers = {predicate: number for number, predicate in enumerate(sorted(set(predicates)))}
        self._held = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of what is held; nothing may be asked then."""
        self._held.close()

    def subjects(self, predicate: str, value: str, graphs: Iterable[NamedNode]) -> list[str]:
        """The IRIs that have a value of a property in one of some graphs, sorted.

        predicate: one of those it was made with; value: an IRI or a blank node, as lines have it. Raises RoomError where there
        is no room for temporary files.
        """
        key = (value.encode(), self._numbers[predicate])
        ends = {f"<{graph.value}>".encode() for graph in graphs}
        with room(_WHAT):
            found = self._database.execute("SELECT subject, graph FROM refers WHERE object = ? AND predicate = ?", key).fetchall()
        return sorted({subject[1:-1].decode(errors="replace") for subject, graph in found if graph in ends})

    @cached_property
    def _database(self) -> sqlite3.Connection:
        with room(_WHAT):
            database = self._held.enter_context(temporary.database())
            database.execute("CREATE TABLE refers (object BLOB, predicate INTEGER, graph BLOB, subject BLOB)")
            database.executemany("INSERT INTO refers VALUES (?, ?, ?, ?)", self._rows())
            database.execute("CREATE INDEX by_object ON refers (object, predicate, graph, subject)")
            return database

    def _rows(self) -> Iterator[_Row]:
        marks = {f" <{predicate}> ".encode(): number for predicate, number in self._numbers.items()}
        for block in self._source.blocks(*ALL):
            for mark, number in marks.items():
                for line in holding(block, mark):
                    subject, _, rest = line.partition(mark)
                    if subject.startswith(b"<") and b" " not in subject and rest.startswith((b"<", b"_")):
                        value, _, rest = rest.partition(b" ")
                        yield value, number, rest.partition(b" ")[0], subject
