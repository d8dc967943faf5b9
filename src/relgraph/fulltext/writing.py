"""Writes the full-text index of a store."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from relgraph.errors import UsageError
from relgraph.fulltext import spelling
from relgraph.fulltext.folding import MADE_WITH, stem, words
from relgraph.vocabulary import ALT_LABEL, DCTERMS, HIDDEN_LABEL, PREF_LABEL, RDFS, SCHEMA, SKOS, XSD, rg

_FOAF: Final = "http://xmlns.com/foaf/0.1/"

#: What is indexed: the property of a literal, and of what kind the literal is (a key of WEIGHTS).
LITERALS: Final[Mapping[NamedNode, str]] = {
    PREF_LABEL: "label",
    NamedNode(RDFS + "label"): "label",
    NamedNode(DCTERMS + "title"): "label",
    NamedNode(SCHEMA + "name"): "label",
    NamedNode(_FOAF + "name"): "label",
    ALT_LABEL: "alias",
    HIDDEN_LABEL: "alias",
    rg("designation"): "alias",
    NamedNode(DCTERMS + "alternative"): "alias",
    NamedNode(SCHEMA + "alternateName"): "alias",
    rg("gloss"): "description",
    rg("characterizesAs"): "description",
    NamedNode(SKOS + "definition"): "description",
    NamedNode(SKOS + "scopeNote"): "description",
    NamedNode(SKOS + "note"): "description",
    NamedNode(RDFS + "comment"): "description",
    NamedNode(DCTERMS + "description"): "description",
    NamedNode(SCHEMA + "description"): "description",
}
#: So many characters of a literal are indexed, from its start; what is behind them is not found.
MAX_INDEXED: Final = 100_000

# The tokenizer "ascii" parts the prepared words at the spaces between them, and nowhere else. Prefixes are looked up among
# the words as they were written (form), since a stem is shorter than what people type.
_TABLES: Final = """
CREATE TABLE about (made_with TEXT NOT NULL);
CREATE TABLE property (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE literal (
    id INTEGER PRIMARY KEY, thing TEXT NOT NULL, property INTEGER NOT NULL,
    language TEXT NOT NULL, direction TEXT NOT NULL, size INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5(form, stem, content='', tokenize='ascii');
CREATE TEMP TABLE staged (
    thing TEXT NOT NULL, property INTEGER NOT NULL,
    language TEXT NOT NULL, direction TEXT NOT NULL, text TEXT NOT NULL
);
"""


def write(store: Store, path: Path) -> int:
    """Writes the index of a store's default graph into a file, and gives the number of literals in it.

    Indexed are plain and language-tagged strings of the properties in LITERALS, their first MAX_INDEXED characters;
    subjects that are blank nodes are left out. The same content gives the same bytes, whatever the order in the store.
    The file is written aside and renamed. Raises UsageError when it cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".fulltext-", dir=path.parent) as folder:
            aside = Path(folder) / "index"
            with contextlib.closing(sqlite3.connect(aside, isolation_level=None)) as connection:
                count = _fill(connection, store)
            aside.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise UsageError(f"cannot write the full-text index {path}: {error}. Choose a folder with room, and writable") from error
    return count


def _fill(connection: sqlite3.Connection, store: Store) -> int:
    # a file that is lost in a crash is written anew: no journal, no waiting for the disk
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES + spelling.SCHEMA)
    connection.execute("BEGIN")
    connection.execute("INSERT INTO about VALUES (?)", (MADE_WITH,))
    numbered = list(enumerate(LITERALS, start=1))
    connection.executemany(
        "INSERT INTO property VALUES (?, ?, ?)", ((number, iri.value, LITERALS[iri]) for number, iri in numbered)
    )
    for number, iri in numbered:
        connection.executemany("INSERT INTO staged VALUES (?, ?, ?, ?, ?)", _literals(store, number, iri))
    count = 0
    # sorted by thing: searching meets the literals of a thing one after the other, and a lower number is a lower IRI
    for count, (*described, text) in enumerate(connection.execute("SELECT * FROM staged ORDER BY 1, 2, 3, 4, 5"), start=1):
        forms = words(text[:MAX_INDEXED])
        connection.execute("INSERT INTO literal VALUES (?, ?, ?, ?, ?, ?, ?)", (count, *described, len(forms), text))
        prepared = (count, " ".join(forms), " ".join(map(stem, forms)))
        connection.execute("INSERT INTO words (rowid, form, stem) VALUES (?, ?, ?)", prepared)
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    spelling.fill(connection)
    connection.execute("COMMIT")
    return count


def _literals(store: Store, number: int, iri: NamedNode) -> Iterator[tuple[str, int, str, str, str]]:
    for quad in store.quads_for_pattern(None, iri, None, DefaultGraph()):
        thing, text = quad.subject, quad.object
        if not isinstance(thing, NamedNode) or not isinstance(text, Literal):
            continue
        if text.language or text.datatype.value == XSD + "string":
            direction = text.direction.value if text.direction else ""
            yield thing.value, number, text.language or "", direction, text.value
