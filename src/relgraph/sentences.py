"""Sentences: the units of a text that a reader accounts for one by one.

The layout comes first. A blank line ends a unit, and so does the start of a bullet, of a numbered item, of a dated entry
("5 June: …") and of an address on a line of its own. In a paragraph with a line longer than any wrapped one every line
is a paragraph; otherwise the lines of a paragraph are one text. Full stops then part what is left into sentences, also
inside quotations. Where a full stop may belong to an abbreviation, its words stay together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from babel.dates import get_month_names

#: What a unit without any letter is called.
PAGE_NUMBER, MARK = "page number", "mark"

#: In code points; nobody wraps text at more.
_WIDEST_WRAPPED_LINE = 120

_MONTHS = "|".join(
    sorted(
        {
            re.escape(name)
            for locale in ("en", "ru")
            for context in ("format", "stand-alone")
            for width in ("wide", "abbreviated")
            for name in get_month_names(width, context, locale).values()
        },
        key=lambda name: (-len(name), name),
    )
)
_SEASONS = "spring|summer|autumn|fall|winter|весна|весной|лето|летом|осень|осенью|зима|зимой"
_DAY = r"\d{1,2}(?:\s*[-–—]\s*\d{1,2})?"
_YEAR = r"\d{4}(?:\s*(?:года|г\.))?"
_DATE = (
    rf"(?:(?:{_DAY}\s+)?(?:{_MONTHS})(?:,?\s+{_YEAR})?|(?:{_MONTHS})\s+{_DAY}(?:,?\s+{_YEAR})?"
    rf"|(?:{_SEASONS})(?:\s+{_YEAR})?|{_DAY}\s+(?:{_MONTHS})|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|{_YEAR})"
)
#: What a dated entry begins with: "5 June:", "2001 21-23 November:", "30 June – 2 July:", "Spring 1993:", "5 мая 1990 года:".
_DATED = re.compile(rf"(?:{_YEAR},?\s+)?{_DATE}(?:\s*[-–—]\s*{_DATE})?\s*:(?=\s|$)", re.IGNORECASE)
_BULLET = re.compile(r"[•◦‣▪▫●○■□∙·►\uf0b7\ufffd]+(?=\s|$)")
_DASH = re.compile(r"[-–—*](?=\s)")
_NUMBER = re.compile(r"(?:\(?(?:\d{1,3}|[a-zа-я])\)|\d{1,3}(?:\.\d{1,3})*\.)(?=\s|$)")
_ADDRESS = re.compile(r"[(<\[]?(?:https?://|www\.)\S+", re.IGNORECASE)
_PUNCTUATED = re.compile(r"[.,;:!?…][\"'”’»)\]]*$")

#: A possible end: stops, closing quotes and brackets, reference marks such as [3][4]; then what may begin a sentence.
_STOP = re.compile(
    r"(?P<stop>[.!?…]+)[\"'”’»“)\]]*(?:\s*\[\d{1,3}\])*[\"'”’»)\]]*(?!\s*\[\d)(?=\s+(?P<next>[\"'“„‘«(\[—–-]*\s?[^\W_a-zа-яё]\w*\s?))"
)
#: The word that a full stop stands behind, with the dots inside it ("U.S", "т.е").
_WORD = re.compile(r"[^\W\d_]+(?:\.\s?[^\W\d_]+)*$")
#: What a name follows, and what goes on: a full stop behind it ends no sentence.
_OPEN = frozenset(
    {
        "mr", "mrs", "ms", "dr", "prof", "gen", "maj", "col", "lt", "capt", "sgt", "adm", "sen", "rep", "gov", "amb",
        "hon", "rev", "st", "mt", "vs", "cf", "ca", "approx", "e.g", "i.e", "ул", "пл", "ст", "стст", "см", "ср", "проф",
        "акад", "ген", "полк", "тов", "гр", "напр", "т.е", "т.к", "т.н", "т.ч",
    }
)  # fmt: skip
#: What a number follows: a full stop before it ends no sentence.
_COUNTED = frozenset(
    {
        "no", "nos", "art", "arts", "sec", "secs", "para", "paras", "pp", "vol", "ch", "fig", "jan", "feb", "mar", "apr",
        "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "пп", "гл", "рис", "табл",
    }
)  # fmt: skip
#: What ends a sentence or does not: only a word that opens sentences, written large, tells.
_EITHER = frozenset(
    {
        "inc", "ltd", "co", "corp", "jr", "sr", "гг", "вв", "им", "руб", "тыс", "млн", "млрд",
    }
)  # fmt: skip
#: Abbreviations of single letters that stand at the end of an enumeration.
_CLOSED = frozenset({"т.д", "т.п"})
_OPENERS = frozenset(
    {
        "The", "This", "That", "These", "Those", "It", "Its", "He", "She", "They", "We", "In", "On", "At", "As", "After",
        "Before", "But", "However", "Although", "While", "When", "Since", "There", "Both", "Such", "Later", "Then", "В",
        "Во", "На", "По", "При", "Для", "Это", "Эти", "Этот", "Эта", "Он", "Она", "Они", "Мы", "Однако", "Кроме",
        "Также", "Так", "После", "До", "Как", "Если",
    }
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Sentence:
    """A unit of a text: offsets in code points, end exclusive, without the white space around it; noise: PAGE_NUMBER or
    MARK when it holds no letter, else None: it is text that a decision has to account for."""

    start: int
    end: int
    noise: str | None


def split(text: str, breaks: Collection[int] = ()) -> tuple[Sentence, ...]:
    """The sentences of a text, in order; together they hold every character that is no white space, each once.

    breaks: offsets at which a new part of the text begins, such as the sections of a document; no sentence crosses one.
    """
    return tuple(
        Sentence(start, end, _noise(text[start:end]))
        for part in pairwise(sorted({0, *(offset for offset in breaks if 0 < offset < len(text)), len(text)}))
        for item in _items(text, *part)
        for start, end in _trimmed(text, _sentences(text, *item))
    )


def _noise(quote: str) -> str | None:
    if any(character.isalpha() for character in quote):
        return None
    return PAGE_NUMBER if quote.isdecimal() else MARK


def _items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The runs within which only punctuation parts sentences: paragraphs, headings, list items, entries, addresses."""
    for block in _blocks(text, start, end):
        wrapped = max(last - first for first, last in block) <= _WIDEST_WRAPPED_LINE
        begin, numbered, alone, previous = block[0][0], False, False, ""
        for first, last in block:
            line = text[first:last].strip()
            address = _ADDRESS.fullmatch(line) is not None
            listed = _NUMBER.match(line) or _DASH.match(line)
            opens = not wrapped or address or alone or _BULLET.match(line) or _DATED.match(line)
            if opens or (listed and (not previous or numbered or _PUNCTUATED.search(previous))):
                if first > begin:
                    yield begin, first
                begin, numbered = first, listed is not None
            alone, previous = address, line
        yield begin, block[-1][1]


def _blocks(text: str, start: int, end: int) -> Iterator[list[tuple[int, int]]]:
    """The paragraphs between blank lines, as offsets of their lines without the line feeds."""
    block: list[tuple[int, int]] = []
    for line in text[start:end].split("\n"):
        if line.strip():
            block.append((start, start + len(line)))
        elif block:
            yield block
            block = []
        start += len(line) + 1
    if block:
        yield block


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences within one item; none is without a letter, unless the item is."""
    begin = start
    for found in _STOP.finditer(text, start, end):
        if any(map(str.isalpha, text[begin : found.end()])) and _ends(text[begin : found.start("stop")], found):
            yield begin, found.end()
            begin = found.end()
    yield begin, end


def _ends(before: str, found: re.Match[str]) -> bool:
    """Whether a sentence ends at a stop; before: the sentence up to it."""
    if found["stop"] != ".":
        return True
    listed = _NUMBER.match(f"{before.strip()}. ")
    if listed and listed.end() > len(before.strip()):
        return False  # the stop belongs to the number of an item
    word = _WORD.search(before)
    if word is None:
        return True
    joined = re.sub(r"\s", "", word[0]).lower()
    if joined in _CLOSED:
        return True
    last = joined.rsplit(".", 1)[-1]
    following = found["next"].lstrip("\"'“„‘«([—–- \n")
    if joined in _OPEN or last in _OPEN or (last in _COUNTED and following[:1].isdigit()):
        return False
    if last in _EITHER or len(last) == 1:  # an initial, "U.S.", "a.m.", "1990 г."
        return following.strip() in _OPENERS and following[-1:].isspace()
    return True


def _trimmed(text: str, runs: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in runs:
        quote = text[start:end]
        if quote.strip():
            yield start + len(quote) - len(quote.lstrip()), end - len(quote) + len(quote.rstrip())
