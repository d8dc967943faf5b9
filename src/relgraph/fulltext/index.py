"""The full-text index of a release, opened: a search → hits."""

from __future__ import annotations

import contextlib
import heapq
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from pyoxigraph import BaseDirection, Literal, NamedNode

from relgraph.errors import UsageError
from relgraph.fulltext import spelling
from relgraph.fulltext.asking import Asked, asked, replaceable, rewritten
from relgraph.fulltext.folding import MADE_WITH

#: By what the score of a literal is multiplied, after its kind.
WEIGHTS: Final[Mapping[str, float]] = {"label": 1.0, "alias": 0.8, "description": 0.5}
#: The most hits that one search gives.
MAX_HITS: Final = 10_000

_REBUILD: Final = "Run `relgraph build`"
_FIND: Final = """
SELECT literal.id, literal.thing, literal.property, literal.size, bm25(words)
FROM words CROSS JOIN literal ON literal.id = words.rowid
WHERE words MATCH :words
  AND (:language IS NULL OR literal.language = :language
       OR substr(literal.language, 1, length(:language) + 1) = :language || '-')
ORDER BY words.rowid
"""
_LANGUAGE: Final = re.compile(r"[a-z0-9-]*", re.ASCII)

#: A literal that matches: its number, its thing, the key it is sorted by (lower is better), and whether it is wanted.
_Row = tuple[int, str, float, bool]


@dataclass(frozen=True)
class Hit:
    """A thing that was found, and the literal that speaks for it best.

    score: above 0, higher is better: BM25 times the weight of the property's kind, times 1 to 2 by the share of the
    literal's words that the search has (2 for the very name), so that NATO comes before what has NATO in its label.
    """

    thing: NamedNode
    score: float
    property: NamedNode
    text: Literal


@dataclass(frozen=True)
class Answer:
    """What a search finds.

    corrected: the search that was answered in place of another that finds nothing: in place of words that no literal has it has
    those that are meant perhaps ("NATO russia council"). Empty where a search was answered as it is.
    """

    hits: list[Hit]
    corrected: str = ""


class Index:
    """An index, opened read-only. Threads may share it and take turns; processes open it each for themselves."""

    def __init__(self, path: Path, connection: sqlite3.Connection, properties: Mapping[int, tuple[NamedNode, float]]) -> None:
        self._path = path
        self._connection = connection
        self._properties = properties
        self._turn = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> Index:
        """The index in a file that `write` made. Raises UsageError when it is missing, damaged or of another version."""
        if not path.is_file():
            raise UsageError(f"there is no full-text index {path}. {_REBUILD}")
        # immutable: SQLite takes no locks and looks for no journal, so that the folder may be read-only
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with _readable(path):
            connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
            try:
                ((made_with,),) = connection.execute("SELECT made_with FROM about")
                rows = connection.execute("SELECT id, iri, kind FROM property").fetchall()
                properties = {number: (NamedNode(iri), WEIGHTS[kind]) for number, iri, kind in rows}
                if made_with != MADE_WITH:
                    raise UsageError(
                        f"the full-text index {path} was written by version {made_with}, this is {MADE_WITH}. {_REBUILD}"
                    )
            except BaseException:
                connection.close()
                raise
        return cls(path, connection, properties)

    def close(self) -> None:
        """Closes the file; the index cannot be searched any more."""
        self._connection.close()

    def search(self, text: str, limit: int = 100, language: str | None = None) -> list[Hit]:
        """The things with a literal that holds all the words of a search: best first, then by IRI; each thing once.

        text: words in any inflection, "phrases", word* for all words that begin so, a OR b; -word leaves out things
        that hold it in any literal. All other signs only part words.
        language: only literals of that language count, with its regional variants; "" for those without. Raises UsageError
        when there is no word to find, when text, limit or language is out of bounds, and when the file is damaged.
        """
        return self._answered(text, limit, language, corrects=False).hits

    def answer(self, text: str, limit: int = 100, language: str | None = None) -> Answer:
        """What `search` finds. Where that is nothing, words that no literal has count as those that are spelt like them, the
        nearest that find something; not in phrases and prefixes, nor words with digits. To be told to who asked."""
        return self._answered(text, limit, language, corrects=True)

    def _answered(self, text: str, limit: int, language: str | None, corrects: bool) -> Answer:
        wanted = asked(text)
        if not 1 <= limit <= MAX_HITS:
            raise UsageError(f"a search gives 1 to {MAX_HITS} hits, not {limit}. Choose a limit between them")
        if language is not None and not _LANGUAGE.fullmatch(language := language.lower()):
            raise UsageError(f"{language!r} is no language tag. Give one as in en or ru")
        with self._turn, _readable(self._path):
            hits = self._hits(wanted, limit, language)
            if hits or not corrects:
                return Answer(hits)
            for corrected in self._corrected(text):
                if hits := self._hits(asked(corrected, bounded=False), limit, language):
                    return Answer(hits, corrected)
        return Answer([])

    def _corrected(self, text: str) -> Iterator[str]:
        """The search with what is near its unknown words: first the nearest and those with one wrong letter, then all."""
        unknown = [word for word in replaceable(text) if spelling.is_unknown(self._connection, word)]
        if not 1 <= len(unknown) <= spelling.MAX_CORRECTED or not spelling.is_there(self._connection):
            return
        near = {word: spelling.near(self._connection, word, len(unknown)) for word in unknown}
        last = text
        for most in (1, 2):
            instead = {word: spelling.nearest(found, most) for word, found in near.items() if found}
            corrected = rewritten(text, instead)
            if corrected != last:
                yield corrected
            last = corrected

    def _hits(self, wanted: Asked, limit: int, language: str | None) -> list[Hit]:
        found = self._found(wanted.wanted, wanted.size, language, True)
        unwanted = self._found(wanted.unwanted, 0, language, False) if wanted.unwanted else ()
        rows = heapq.merge(found, unwanted, key=itemgetter(0))
        return [self._hit(number, -key) for key, number in heapq.nsmallest(limit, _best(rows))]

    def _found(self, expression: str, size: int, language: str | None, wanted: bool) -> Iterator[_Row]:
        """The literals that match an expression of so many words, by number, and so by thing."""
        given = {"words": expression, "language": language}
        for number, thing, property_number, length, rank in self._connection.execute(_FIND, given):
            weight = self._properties[property_number][1] * (1 + min(1.0, size / length))
            yield number, thing, rank * weight, wanted

    def _hit(self, number: int, score: float) -> Hit:
        ((thing, property_number, language, direction, text),) = self._connection.execute(
            "SELECT thing, property, language, direction, text FROM literal WHERE id = ?", (number,)
        )
        literal = Literal(text, language=language or None, direction=BaseDirection(direction) if direction else None)
        return Hit(NamedNode(thing), score, self._properties[property_number][0], literal)


def _best(rows: Iterable[_Row]) -> Iterator[tuple[float, int]]:
    """For each thing without an unwanted literal the sorting key and number of its best; rows come by thing."""
    for _, group in groupby(rows, key=itemgetter(1)):
        literals = list(group)
        if all(map(itemgetter(3), literals)):
            number, _, key, _ = min(literals, key=itemgetter(2))  # of equal ones the first
            yield key, number


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What reading a damaged file raises, as a UsageError."""
    try:
        yield
    except (sqlite3.Error, ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise UsageError(f"the full-text index {path} is damaged ({error}). {_REBUILD}") from error
