"""rdflib's grammar of SPARQL, as a copy for a purpose: with marks at the places of clauses, and used by one thread at a time.

rdflib and pyparsing are imported at the first use, which takes its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyparsing import ParserElement, ParseResults

#: Held while rdflib's grammar is used. pyparsing finds out at the first call of a parse action how many arguments it takes; two
#: threads that do so at once leave it wrong for good, in every copy of the grammar.
PARSING = Lock()


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
