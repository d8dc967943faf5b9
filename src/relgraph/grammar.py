"""rdflib's grammar of SPARQL, as a copy for a purpose: with marks at the places of clauses, and used by one thread at a time;
and what stands in the text for other characters, which must be decoded before.

rdflib and pyparsing are imported at the first use, which takes its time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyparsing import ParserElement, ParseResults

#: Held while rdflib's grammar is used. pyparsing finds out at the first call of a parse action how many arguments it takes; two
#: threads that do so at once leave it wrong for good, in every copy of the grammar.
PARSING = Lock()

#: A codepoint escape (SPARQL 1.1, section 19.2).
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
#: What is left of escapes, and of line ends that end a comment or not; rdflib reads \U with four digits as an escape, too.
_LEFT = re.compile(r"\\[uU]([0-9A-Fa-f]{4})?|\r(?!\n)")


@dataclass(frozen=True)
class Doubt:
    """What parsers may read in different ways; remedy: what to do about it; line: from 1."""

    reason: str
    remedy: str
    line: int


def unescaped(query: str) -> str:
    """A query with its codepoint escapes decoded, once; those without a character's number stay."""
    return _ESCAPE.sub(_character, query) if "\\" in query else query


def doubt(query: str) -> Doubt | None:
    """The first thing in a query that makes it doubtful whether every parser reads it as it is `unescaped`.

    Parsers differ in whether they decode escapes before they look for quotation marks and backslashes, and in whether a
    carriage return ends a comment. A backslash behind a backslash begins no escape, where no digits follow that make it one.
    """
    for found in _ESCAPE.finditer(query):
        character = _character(found)
        if character == found[0] or _is_escaped(found) or (character.isascii() and not character.isalnum()):
            return Doubt(f"the escape {found[0]} may be read in two ways", "Write the character itself", _line(found))
    for found in _LEFT.finditer(text := unescaped(query)):
        if found[0] == "\r":
            return Doubt("a carriage return stands in it without a line feed", "End lines with a line feed", _line(found))
        if again := _ESCAPE.match(text, found.start()):
            reason = f"the escape {again[0]} comes out of decoding and may be read in two ways"
            return Doubt(reason, "Write the character itself", _line(found))
        if found[1] or not _is_escaped(found):
            reason = f"{found[0][:2]} stands in it without a character's number"
            return Doubt(reason, "Write a backslash as two, and a character as itself", _line(found))
    return None


def _line(found: re.Match[str]) -> int:
    return found.string.count("\n", 0, found.start()) + 1


def _character(found: re.Match[str]) -> str:
    """The character of an escape; the escape itself where its number is none of a character."""
    number = int(found[1] or found[2], 16)
    return found[0] if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF else chr(number)


def _is_escaped(found: re.Match[str]) -> bool:
    """Whether the backslash that a match begins with is the second of a pair, as in "C:\\\\users"."""
    first = found.start()
    while first and found.string[first - 1] == "\\":
        first -= 1
    return (found.start() - first) % 2 == 1


class Grammar:
    """A copy of rdflib's grammar that keeps tabs; change: called once, before the first use, with the copy, to change it."""

    def __init__(self, change: Callable[[ParserElement], None]) -> None:
        self._change = change
        self._copy: ParserElement | None = None

    def parsed(self, text: str) -> ParseResults:
        """The parse tree of a whole SPARQL 1.1 query: its declarations, and its body. Codepoint escapes must be decoded before.

        Raises what pyparsing and rdflib raise: ParseBaseException, and for a deeply nested query RecursionError.
        """
        with PARSING:
            if self._copy is None:
                from rdflib.plugins.sparql.parser import Query

                copy = deepcopy(Query).parse_with_tabs()
                self._change(copy)
                self._copy = copy
            return self._copy.parse_string(text, parse_all=True)


def elements(grammar: ParserElement) -> Iterator[ParserElement]:
    """Every element of a grammar once; what is given may be changed before the next is asked for."""
    seen: dict[int, ParserElement] = {}
    waiting = [grammar]
    while waiting:
        element = waiting.pop()
        if id(element) not in seen:
            seen[id(element)] = element
            waiting += element.recurse()
            yield element
