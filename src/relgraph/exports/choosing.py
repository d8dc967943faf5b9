"""Which claims a selection chooses (docs/exports.md).

The release is read once. What its claims are about, and say of what is asked for, goes into a temporary database, where the
claims are chosen: there may be more of them than memory holds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from pyoxigraph import NamedNode

from relgraph import edtf
from relgraph.edtf import TimeSpan
from relgraph.errors import DateError
from relgraph.exports import temporary
from relgraph.exports.selection import Selection
from relgraph.exports.source import Source
from relgraph.exports.tokens import written
from relgraph.vocabulary import ID, PROVENANCE, REPORTED, A, concept, rg

#: What is read of a release: tables of subjects and objects, IRIs as the lines have them.
_TABLES: Final = (
    "about", "says", "claims", "modality", "asserted", "answering", "evidence", "document", "role", "time", "begin", "end",
)  # fmt: skip
_TIME: Final = f"<{ID}time/"


@contextmanager
def chosen(source: Source, selection: Selection) -> Iterator[sqlite3.Connection]:
    """The claims of a source that a selection chooses.

    Gives a database with `chosen (claim)`, and of all claims `about (subject, object)` and `says (subject, object)`, IRIs as the
    lines have them, as bytes. Raises DamageError for a source that is damaged, and sqlite3.OperationalError where there is no
    room.

    First come the claims of the documents and modalities; of these, those about facts in which one of them gives an actor a
    role, and those that an actor answers for; of these, those about facts for which one of them gives a time within the period.
    """
    with temporary.database() as database:
        for table in _TABLES:
            database.execute(f'CREATE TABLE "{table}" (subject BLOB, object BLOB, PRIMARY KEY (subject, object)) WITHOUT ROWID')
        database.execute("CREATE TABLE chosen (claim BLOB PRIMARY KEY) WITHOUT ROWID")
        database.execute("CREATE TABLE facts (fact BLOB PRIMARY KEY) WITHOUT ROWID")
        _read(database, source, selection)
        _of_documents(database, selection)
        if selection.actors:
            _of_actors(database)
        if selection.period:
            _of_period(database, selection.period, selection.undated)
        database.execute("CREATE INDEX of_fact ON about (object, subject)")
        yield database


#: For each property: graphs, the values that count there (None: all), and the tables that they go into; terms as lines have them.
_Wanted = dict[bytes, list[tuple[bytes, frozenset[bytes] | None, str]]]


def _read(database: sqlite3.Connection, source: Source, selection: Selection) -> None:
    """Fills the tables that a selection asks for."""
    wanted = _wanted(selection)
    actors, reported = _tokens(selection.actors), written(REPORTED)
    execute = database.execute
    for block in source.blocks():
        for line in block.splitlines():
            subject, _, rest = line.partition(b" ")
            predicate, _, rest = rest.partition(b" ")
            if predicate not in wanted and not actors:
                continue
            value, _, graph = rest[:-2].rpartition(b" ")
            for place, values, table in wanted.get(predicate, ()):
                if graph == place and (values is None or value in values):
                    execute(f'INSERT OR IGNORE INTO "{table}" VALUES (?, ?)', (subject, value))
            if graph == reported and value in actors:
                execute("INSERT OR IGNORE INTO role VALUES (?, ?)", (subject, value))


def _wanted(selection: Selection) -> _Wanted:
    found: _Wanted = {}

    def read(predicate: NamedNode, table: str, values: Iterable[NamedNode] | None = None, graph: NamedNode = PROVENANCE) -> None:
        tokens = None if values is None else _tokens(values)
        found.setdefault(written(predicate), []).append((written(graph), tokens, table))

    read(rg("about"), "about")
    read(rg("says"), "says")
    if selection.documents:
        read(rg("evidence"), "evidence")
        read(rg("document"), "document", selection.documents)
    else:
        read(A, "claims", [rg("Claim")])
    if selection.modalities:
        read(rg("modality"), "modality", selection.modalities)
    if selection.actors:
        read(rg("attributedTo"), "answering", selection.actors)
    if selection.period:
        read(rg("modality"), "asserted", [concept("modality", "Asserted")])
        for name in ("time", "begin", "end"):
            read(rg(name), name, graph=REPORTED)
    return found


def _of_documents(database: sqlite3.Connection, selection: Selection) -> None:
    """Chooses the claims of the documents and modalities, or all where there are none."""
    if selection.documents:
        database.execute("""
            INSERT OR IGNORE INTO chosen SELECT subject FROM evidence
            WHERE EXISTS (SELECT 1 FROM document WHERE document.subject = evidence.object)
        """)
    else:
        database.execute("INSERT OR IGNORE INTO chosen SELECT subject FROM claims")
    if selection.modalities:
        database.execute("DELETE FROM chosen WHERE NOT EXISTS (SELECT 1 FROM modality WHERE modality.subject = claim)")


def _of_actors(database: sqlite3.Connection) -> None:
    """Keeps those that an actor answers for, or whose fact has, by one of the chosen claims, an actor in a role."""
    database.execute("""
        INSERT OR IGNORE INTO facts SELECT about.object FROM chosen
        JOIN says ON says.subject = claim JOIN about ON about.subject = claim
        WHERE EXISTS (SELECT 1 FROM role WHERE role.subject = says.object)
    """)
    _keep_facts(database, but="NOT EXISTS (SELECT 1 FROM answering WHERE answering.subject = claim)")


def _of_period(database: sqlite3.Connection, period: TimeSpan, undated: bool) -> None:
    """Keeps those about facts that, by the chosen claims, may have been in a period: by what is asserted where that gives a
    time, as a deadline in a plan does not say when something was."""
    rows = database.execute("""
        SELECT about.object, EXISTS (SELECT 1 FROM asserted WHERE asserted.subject = claim),
            "time".object, "begin".object, "end".object
        FROM chosen JOIN about ON about.subject = claim LEFT JOIN says ON says.subject = claim
        LEFT JOIN "time" ON "time".subject = says.object
        LEFT JOIN "begin" ON "begin".subject = says.object
        LEFT JOIN "end" ON "end".subject = says.object
        ORDER BY about.object
    """)
    within = (
        (fact,)
        for fact, found in groupby(rows, itemgetter(0))
        if _overlaps([(is_asserted, times) for _, is_asserted, *times in found], period, undated)
    )
    database.execute("DELETE FROM facts")
    database.executemany("INSERT INTO facts VALUES (?)", within)
    _keep_facts(database)


def _keep_facts(database: sqlite3.Connection, but: str = "true") -> None:
    """Of the chosen claims, keeps those about the facts. but: a further condition of what goes."""
    database.execute(f"""
        DELETE FROM chosen WHERE {but}
        AND NOT EXISTS (SELECT 1 FROM about JOIN facts ON fact = about.object WHERE about.subject = claim)
    """)


def _overlaps(said: list[tuple[int, list[Any]]], period: TimeSpan, undated: bool) -> bool:
    """Whether a fact may have been in a period. said: whether it is asserted, and time, begin and end, or None."""
    spans = _spans([times for is_asserted, times in said if is_asserted]) or _spans([times for _, times in said])
    return any(not span.disjoint(period) for span in spans) or (undated and not spans)


def _spans(said: list[list[bytes | None]]) -> list[TimeSpan]:
    """The times of a fact: each time, and from the first begin to the last end."""
    times, begins, ends = (
        [span for value in {row[place] for row in said} if value and (span := _span(value))] for place in range(3)
    )
    if begins or ends:
        earliest, latest = _least([span.earliest for span in begins]), _greatest([span.latest for span in ends])
        return [*times, TimeSpan("", earliest, latest)]
    return times


def _least(moments: list[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None) if None not in moments else None


def _greatest(moments: list[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment), default=None) if None not in moments else None


@lru_cache(maxsize=65536)
def _span(value: bytes) -> TimeSpan | None:
    """The time span of a resource; its key is its EDTF text with / as _."""
    token = value.decode()
    if token.startswith("<"):
        with suppress(DateError):
            return edtf.parse(token[:-1].removeprefix(_TIME).replace("_", "/"))
    return None


def _tokens(nodes: Iterable[NamedNode]) -> frozenset[bytes]:
    return frozenset(map(written, nodes))
