"""Full-text search over the names and descriptions of a graph, in English and Russian, with SQLite FTS5.

The index is one file, a function of the store's content. Words are folded and stemmed here, before SQLite sees them,
on writing as on searching (docs/decisions/0012-full-text.md).
"""

from __future__ import annotations

import contextlib
import heapq
import re
import sqlite3
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from pyoxigraph import BaseDirection, DefaultGraph, Literal, NamedNode, Store
from snowballstemmer.english_stemmer import EnglishStemmer  # type: ignore[import-untyped]  # has no types
from snowballstemmer.russian_stemmer import RussianStemmer  # type: ignore[import-untyped]

from relgraph.errors import UsageError
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
#: By what the score of a literal is multiplied, after its kind.
WEIGHTS: Final[Mapping[str, float]] = {"label": 1.0, "alias": 0.8, "description": 0.5}

#: So many characters of a literal are indexed, from its start; what is behind them is not found.
MAX_INDEXED: Final = 100_000
#: The longest search, in characters and in words.
MAX_SEARCH: Final = 1_000
MAX_WORDS: Final = 50
#: The most hits that one search gives.
MAX_HITS: Final = 10_000

# Written into every file: an index is searched with the rules and stemmers that it was written with, or not at all.
_MADE_WITH: Final = f"1, snowballstemmer {metadata.version('snowballstemmer')}"
_REBUILD: Final = "Run `relgraph build`"

# The tokenizer "ascii" parts the prepared words at the spaces between them, and nowhere else. Prefixes are looked up among
# the words as they were written (form), since a stem is shorter than what people type.
_SCHEMA: Final = """
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
_FIND: Final = """
SELECT literal.id, literal.thing, literal.property, literal.size, bm25(words)
FROM words CROSS JOIN literal ON literal.id = words.rowid
WHERE words MATCH :words
  AND (:language IS NULL OR literal.language = :language
       OR substr(literal.language, 1, length(:language) + 1) = :language || '-')
ORDER BY words.rowid
"""

_WORD: Final = re.compile(r"[^\W_]+")
_MARKS: Final = re.compile(r"(?!(?<=и)\u0306)[\u0300-\u036f]")  # й is a letter, not an и with a breve
_POSSESSIVE: Final = re.compile(r"(?<=\w)['’]s\b")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_LATIN: Final = re.compile(r"[a-z]")
_LANGUAGE: Final = re.compile(r"[a-z0-9-]*", re.ASCII)
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„«»", '"'))
_UNIT: Final = re.compile(r"""(?:(?<!\S)(?P<minus>-))?(?:"(?P<phrase>[^"]*)"|(?P<bare>[^\s"]+))""")

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
                if made_with != _MADE_WITH:
                    raise UsageError(
                        f"the full-text index {path} was written by version {made_with}, this is {_MADE_WITH}. {_REBUILD}"
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
        that hold it in any literal. All other signs only part words. language: only literals of that language count,
        with its regional variants; "" for those without. Raises UsageError when there is no word to find, when text,
        limit or language is out of bounds, and when the file is damaged.
        """
        asked = _asked(text)
        if not 1 <= limit <= MAX_HITS:
            raise UsageError(f"a search gives 1 to {MAX_HITS} hits, not {limit}. Choose a limit between them")
        if language is not None and not _LANGUAGE.fullmatch(language := language.lower()):
            raise UsageError(f"{language!r} is no language tag. Give one as in en or ru")
        with self._turn, _readable(self._path):
            wanted = self._found(asked.wanted, asked.size, language, True)
            unwanted = self._found(asked.unwanted, 0, language, False) if asked.unwanted else ()
            rows = heapq.merge(wanted, unwanted, key=itemgetter(0))
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


def words(text: str) -> list[str]:
    """The words of a text in order: casefolded, without diacritics and possessive 's, ё as е."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = unicodedata.normalize("NFC", _MARKS.sub("", decomposed))
    return _WORD.findall(_POSSESSIVE.sub("", plain))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a folded word by the Snowball rules: Russian for Cyrillic letters, English for Latin, else the word."""
    # The classes, since snowballstemmer.stemmer() takes PyStemmer where that is installed, and its stems may differ. One for
    # each call, since they keep the word in themselves, and threads would mix theirs up.
    if _CYRILLIC.search(word):
        return str(RussianStemmer().stemWord(word))
    if _LATIN.search(word):
        return str(EnglishStemmer().stemWord(word))
    return word


def _fill(connection: sqlite3.Connection, store: Store) -> int:
    # a file that is lost in a crash is written anew: no journal, no waiting for the disk
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
    connection.execute("BEGIN")
    connection.execute("INSERT INTO about VALUES (?)", (_MADE_WITH,))
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


@dataclass(frozen=True)
class _Asked:
    """A search as two FTS5 expressions: what one literal must hold, in so many words; what none may (or nothing)."""

    wanted: str
    size: int
    unwanted: str


@dataclass(frozen=True)
class _Term:
    """A part of a search: what FTS5 is to match, in so many words; whether it is excluded, or is the bare word OR."""

    expression: str
    size: int
    excluded: bool
    joins: bool


def _asked(text: str) -> _Asked:
    if len(text) > MAX_SEARCH:
        raise UsageError(f"the search has {len(text)} characters, at most {MAX_SEARCH} are allowed. Shorten it")
    terms = list(_terms(text))
    if (size := sum(term.size for term in terms)) > MAX_WORDS:
        raise UsageError(f"the search has {size} words, at most {MAX_WORDS} are allowed. Shorten it")
    choices: list[list[_Term]] = []
    joined = False
    for place, term in enumerate(terms):
        around = terms[max(place - 1, 0) : place] + terms[place + 1 : place + 2]
        if term.excluded:
            continue
        if term.joins and len(around) == 2 and not any(other.excluded or other.joins for other in around):
            joined = True
        elif joined:
            choices[-1].append(term)
            joined = False
        else:
            choices.append([term])
    if not choices:
        raise UsageError("the search names no word to find. Give at least one, without a minus before it")
    return _Asked(
        " AND ".join(f"({' OR '.join(term.expression for term in terms)})" for terms in choices),
        sum(min(term.size for term in terms) for terms in choices),
        " OR ".join(term.expression for term in terms if term.excluded),
    )


def _terms(text: str) -> Iterator[_Term]:
    for unit in _UNIT.finditer(text.translate(_QUOTES)):
        bare = unit["bare"]
        forms = words(unit["phrase"] if bare is None else bare)
        if not forms:
            continue
        # several words in one unit (NATO-Russia) are a phrase; words hold letters and digits only, so none ends the string
        if bare is not None and bare.endswith("*"):
            expression = f'form : "{" ".join(forms)}" *'
        else:
            expression = f'stem : "{" ".join(map(stem, forms))}"'
        excluded = unit["minus"] is not None
        yield _Term(expression, len(forms), excluded, bare == "OR" and not excluded)
