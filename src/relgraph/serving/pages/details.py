"""What is wrong, in the language of a page: the messages of errors are written in English, and here are those that pages show
often in another language, as pairs of patterns (details.toml).

A pattern holds names in braces, each for any text, which stands in the translation as it is; some names are for numbers only,
and `date` is for a text in quotation marks. A name in capitals is for a text that has a pattern itself, and is told in the other
language too; where there is none for it, the whole stays English. The name `reason` is told so too, but stays as it is where
there is no pattern for it. The names `either`, `both` and `graphs` are for lists, with “or” and “and” between the items.
Patterns of the table `parts` are for these texts within others, never for a whole message.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

#: The language that messages are written in.
WRITTEN = "en"
_OR = {"ru": "или"}
_AND = {"ru": "и"}
#: Texts in quotation marks, as repr() writes them.
_QUOTED = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\""""
#: What stands between items, outside quotation marks that an item begins and ends with.
_BETWEEN = re.compile(rf"(?<!\w)(?:{_QUOTED})(?!\w)| (or|and) ", re.DOTALL)
_COUNT, _SECONDS = r"\d{1,12}", r"\d[\d.e+]{0,11}"
#: The names that are for numbers, or for a text in quotation marks only, and how those are written.
_NARROW = dict.fromkeys(("number", "line", "column", "most", "day", "last", "month"), _COUNT)
_NARROW |= dict.fromkeys(("seconds", "least"), _SECONDS) | {"date": _QUOTED}
_NAME = re.compile(r"\{(\w+)\}")
#: Messages that are looked at; longer ones stay as they are, and no text of a client makes matching slow.
_LONGEST = 2_000


@dataclass(frozen=True)
class Told:
    """A message and the language that it is in."""

    text: str
    language: str


@dataclass(frozen=True)
class _Pair:
    pattern: re.Pattern[str]
    translation: str


@dataclass(frozen=True)
class _Patterns:
    """whole: for messages; parts: for texts within them, for which `whole` is looked at too."""

    whole: tuple[_Pair, ...]
    parts: tuple[_Pair, ...]


def told(message: str, language: str) -> Told:
    """A message in a language if there is a pattern for it, else as it is written."""
    if language == WRITTEN or len(message) > _LONGEST:
        return Told(message, WRITTEN)
    found = _translated(message, language, 0)
    return Told(message, WRITTEN) if found is None else Told(found, language)


def _translated(message: str, language: str, depth: int) -> str | None:
    found = _patterns().get(language)
    if found is None or depth > 4:
        return None
    for pair in (*found.parts, *found.whole) if depth else found.whole:
        if not (match := pair.pattern.fullmatch(message)):
            continue
        parts = match.groupdict()
        for name, part in parts.items():
            if name.isupper():
                inner = _translated(part, language, depth + 1)
                if inner is None:
                    break
                parts[name] = inner
            elif name == "reason":
                parts[name] = _translated(part, language, depth + 1) or part
            elif name in ("either", "both", "graphs"):
                parts[name] = _listed(part, language, ("or",) if name == "either" else ("or", "and"))
        else:
            return pair.translation.format_map(parts)
    return None


def _listed(items: str, language: str, words: tuple[str, ...]) -> str:
    """A list with the words between its items in another language."""
    other = {"or": _OR[language], "and": _AND[language]}
    return _BETWEEN.sub(lambda found: f" {other[found[1]]} " if found[1] in words else found[0], items)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, _Patterns]:
    written = tomllib.loads((Path(__file__).parent / "details.toml").read_text("utf-8"))
    return {language: _Patterns(_pairs(pairs), _pairs(pairs["parts"])) for language, pairs in written.items()}


def _pairs(pairs: Mapping[str, object]) -> tuple[_Pair, ...]:
    return tuple(_Pair(_pattern(text), told) for text, told in pairs.items() if isinstance(told, str))


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern as a regular expression: a name is for a text in quotation marks where what comes next in the pattern stands
    behind it, else for the shortest text that this stands behind. But for the last name, no other text is tried (atomic groups,
    as what comes next is best found where it stands first), so that matching takes time in proportion to the message."""
    opening, *pieces = _NAME.split(text)
    made = [re.escape(opening)]
    for name, behind in zip(pieces[::2], pieces[1::2], strict=True):
        if name in _NARROW:
            made[-1] += f"(?P<{name}>{_NARROW[name]}){re.escape(behind)}"
        else:
            made.append(f"(?P<{name}>{_QUOTED}|.+?){re.escape(behind)}")
    first, *middle = made
    last = middle.pop() if middle else ""
    return re.compile(first + "".join(f"(?>{piece})" for piece in middle) + last, re.DOTALL)
