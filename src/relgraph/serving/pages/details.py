"""What is wrong, in the language of a page: the messages of errors are written in English, and here are those that pages show
often in another language, as pairs of patterns (details.toml).

A pattern holds names in braces, each for any text, which stands in the translation as it is. A name in capitals is for a text
that has a pattern itself, and is told in the other language too; where there is none for it, the whole stays English. The name
`either` is for alternatives, with “or” between them.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

#: The language that messages are written in.
WRITTEN = "en"
_OR = {"ru": "или"}
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


def told(message: str, language: str) -> Told:
    """A message in a language if there is a pattern for it, else as it is written."""
    if language == WRITTEN or len(message) > _LONGEST:
        return Told(message, WRITTEN)
    found = _translated(message, language, 0)
    return Told(message, WRITTEN) if found is None else Told(found, language)


def _translated(message: str, language: str, depth: int) -> str | None:
    for pair in _pairs().get(language, ()):
        if not (match := pair.pattern.fullmatch(message)):
            continue
        parts = match.groupdict()
        for name, part in parts.items():
            if name.isupper():
                inner = _translated(part, language, depth + 1) if depth < 4 else None
                if inner is None:
                    break
                parts[name] = inner
            elif name == "either":
                parts[name] = part.replace(" or ", f" {_OR[language]} ")
        else:
            return pair.translation.format_map(parts)
    return None


@lru_cache(maxsize=1)
def _pairs() -> dict[str, tuple[_Pair, ...]]:
    written = tomllib.loads((Path(__file__).parent / "details.toml").read_text("utf-8"))
    return {
        language: tuple(_Pair(_pattern(text), translation) for text, translation in pairs.items())
        for language, pairs in written.items()
    }


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern as a regular expression: a text between quotation marks goes up to the next mark that may end it."""
    pieces = _NAME.split(text)
    made = [re.escape(piece) if place % 2 == 0 else f"(?P<{piece}>.+?)" for place, piece in enumerate(pieces)]
    return re.compile("".join(made), re.DOTALL)
