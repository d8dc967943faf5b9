"""Words as the index has them: folded, and stemmed by the rules of Snowball, in English and Russian."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import metadata
from typing import Final

from snowballstemmer.english_stemmer import EnglishStemmer  # type: ignore[import-untyped]  # has no types
from snowballstemmer.russian_stemmer import RussianStemmer  # type: ignore[import-untyped]

#: Written into every file: an index is searched with the rules and stemmers that it was written with, or not at all.
MADE_WITH: Final = f"1, snowballstemmer {metadata.version('snowballstemmer')}"

_WORD: Final = re.compile(r"[^\W_]+")
_MARKS: Final = re.compile(r"(?!(?<=и)\u0306)[\u0300-\u036f]")  # й is a letter, not an и with a breve
_POSSESSIVE: Final = re.compile(r"(?<=\w)['’]s\b")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_LATIN: Final = re.compile(r"[a-z]")


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
