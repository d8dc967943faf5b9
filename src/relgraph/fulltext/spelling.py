"""Words of an index that are spelt like one that it does not have: at most one letter is wrong, in long words two.

A letter is wrong that is missing, surplus, another one, or changed places with its neighbour. Words are looked up by their
beginning and by their end, one of which is right; of two wrong letters that is so for most. So the cost grows with the words
of one beginning, not with all, and has an end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final

from relgraph.fulltext.asking import has_stem
from relgraph.fulltext.folding import stem

#: Words so long, in characters, may have one wrong letter; two; longer than that, none is corrected.
ONE, TWO, LONGEST = 4, 8, 40
#: So many words of a search are corrected; each by so many others.
MAX_CORRECTED: Final = 5
MAX_INSTEAD: Final = 3

#: The words that literals hold: as they were written, backwards, their stem, and in how many literals they stand.
SCHEMA: Final = """
CREATE TABLE vocabulary (
    word TEXT PRIMARY KEY, backwards TEXT NOT NULL, stem TEXT NOT NULL, literals INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX by_end ON vocabulary (backwards);
CREATE VIRTUAL TABLE temp.held USING fts5vocab(main, words, col);
"""
#: So many words are compared in one search, the words that it corrects and their beginnings and ends sharing alike; with words
#: longer than TWO fewer, as each takes the longer.
_COMPARED: Final = 10_000
_HELD: Final = "SELECT term, doc FROM temp.held WHERE col = 'form' AND length(term) BETWEEN ? AND ? ORDER BY term"
_LOOK_UP: Final = """
SELECT word, stem, literals FROM vocabulary
WHERE {side} >= :piece AND {side} < :piece || char(0x10ffff) AND length(word) BETWEEN :least AND :most
ORDER BY literals DESC, word LIMIT :limit
"""
#: So many letters longer may a word be of which the stem is compared.
_INFLECTION: Final = 4
#: More wrong letters than any word may have.
_FAR: Final = 3


@dataclass(frozen=True, order=True)
class Near:
    """A word that an index has, the best one is the least: wrong letters; the same as it is written, where the stem is nearer;
    how many literals have it, as a negative number."""

    distance: int
    written: int
    literals: int
    word: str


def fill(connection: sqlite3.Connection) -> None:
    """Writes the vocabulary of the words that a connection has indexed; words with digits are left out."""
    connection.executemany("INSERT INTO vocabulary VALUES (?, ?, ?, ?)", _held(connection))


def is_there(connection: sqlite3.Connection) -> bool:
    """Whether an index has a vocabulary."""
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'vocabulary'").fetchall())


def is_unknown(connection: sqlite3.Connection, word: str) -> bool:
    """Whether a folded word may be mistyped: it is long enough, of letters only, and no literal has it in any inflection."""
    if not ONE <= len(word) <= LONGEST or not word.isalpha():
        return False
    found = connection.execute("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (has_stem(word),))
    return not found.fetchall()


def near(connection: sqlite3.Connection, word: str, among: int = 1) -> list[Near]:
    """The words that are spelt like a folded word, the nearest first, then those that most literals have; of one stem the best.

    among: so many words of the search are corrected, this one included. Words are alike as they are written, or in their stems,
    since few inflections of a word are in names.
    """
    own = stem(word)
    best: dict[str, Near] = {}
    limit = _COMPARED * TWO // max(len(word), TWO) // among
    for other, other_stem, literals in _candidates(connection, word, limit):
        written, stemmed = _distance(word, other), _distance(own, other_stem)
        if (distance := min(written, stemmed)) < _FAR:
            found = Near(distance, written, -literals, other)
            best[other_stem] = min(found, best.get(other_stem, found))
    return sorted(best.values())


def nearest(found: Sequence[Near], most: int) -> tuple[str, ...]:
    """The first few of some words, as `near` gives them, with at most so many wrong letters; the nearest ones at least."""
    within = max(most, found[0].distance)
    return tuple(each.word for each in found if each.distance <= within)[:MAX_INSTEAD]


def _held(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str, int]]:
    for word, literals in connection.execute(_HELD, (ONE - 1, LONGEST + 2)):
        if word.isalpha():
            yield word, word[::-1], stem(word), literals


def _candidates(connection: sqlite3.Connection, word: str, limit: int) -> Iterator[tuple[str, str, int]]:
    """Words, stems and numbers of literals of what begins or ends as a word does; so many at most, the most frequent ones."""
    most = _most(len(word))
    bounds = {"least": len(word) - most, "most": len(word) + most + _INFLECTION, "limit": limit // 2}
    start, end = _pieces(len(word))
    for side, piece in (("word", word[:start]), ("backwards", word[::-1][:end])):
        yield from connection.execute(_LOOK_UP.format(side=side), {"piece": piece, **bounds})


def _pieces(length: int) -> tuple[int, int]:
    """So many letters of the beginning, and of the end: one wrong letter, or two that changed places, spare one of both."""
    if _most(length) == 2:
        return length // 3, length // 3
    return (length - 1) // 2, length - 1 - (length - 1) // 2


def _most(length: int) -> int:
    return 0 if length < ONE else 1 if length < TWO else 2


def _distance(word: str, other: str) -> int:
    """The wrong letters of a word where another is meant (optimal string alignment); _FAR where they are too many."""
    most = _most(len(word))
    if abs(len(word) - len(other)) > most or not most:
        return _FAR
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, start=1):
        earlier, before, row = before, row, [i, *repeat(_FAR, len(other))]
        # what is farther from the diagonal takes more letters than may be wrong
        for j in range(max(i - most, 1), min(i + most, len(other)) + 1):
            meant = other[j - 1]
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != meant))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == meant:
                cost = min(cost, earlier[j - 2] + 1)
            row[j] = cost
        if min(row) > most:
            return _FAR
    return row[-1] if row[-1] <= most else _FAR
