"""Whether a query asks for more than the data that it is given: SERVICE and FROM, by its parse tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relgraph.grammar import Grammar, doubt, elements, unescaped

if TYPE_CHECKING:
    from pyparsing import ParserElement

#: The clauses by the names of rdflib's grammar.
_CLAUSES = {"ServiceGraphPattern": "SERVICE", "DatasetClause": "FROM"}
#: The comments that a file begins with.
_HEADER = re.compile(r"\A(?:\s*#[^\n\r]*(?:[\n\r]|\Z))+")


@dataclass(frozen=True)
class Outward:
    """A clause that reaches beyond the data: SERVICE or FROM, "" where that cannot be told, with the reason; line: from 1."""

    clause: str
    line: int
    reason: str = ""


def outward(query: str) -> Outward | None:
    """The first such clause of a query; None where it has none, which is what is told of a query that is no SPARQL and in
    which neither word stands."""
    text = unescaped(query)
    # upper case as the parser compares: some other letters have an S or an I as their capital
    words = text[header.end() :].upper() if (header := _HEADER.match(text)) else text.upper()
    if not ("\\U" in words or any(word in words for word in _CLAUSES.values())):
        return None
    if odd := doubt(query):
        return Outward("", odd.line, odd.reason)
    from pyparsing import ParseBaseException

    try:
        found = _GRAMMAR.parsed(text)
    except ParseBaseException as error:
        return Outward("", error.lineno, f"it cannot be read at {text[error.loc :].partition(chr(10))[0][:30]!r}")
    except RecursionError:
        return Outward("", 1, "it is nested too deeply")
    except Exception as error:  # what rdflib raises on odd text
        return Outward("", 1, " ".join(str(error).split()) or type(error).__name__)
    clauses = sorted(_clauses(found))
    return Outward(clauses[0][1], text.count("\n", 0, clauses[0][0]) + 1) if clauses else None


def _with_places(grammar: ParserElement) -> None:
    """Marks the places of the clauses.

    Under its own name, rdflib's node for SERVICE looks for its text in the whole query, which never ends for some.
    """
    from pyparsing import And, Empty
    from rdflib.plugins.sparql.parserutils import Comp, Param

    for node in list(elements(grammar)):
        if isinstance(node, Comp) and node.name in _CLAUSES:
            place = Empty().set_parse_action(lambda text, place, found: place)
            node.expr = And([Param("place", place), node.expr])
            node.set_name(f"Outward{_CLAUSES[node.name]}")


_GRAMMAR = Grammar(_with_places)


def _clauses(tree: object) -> Iterator[tuple[int, str]]:
    """The places and names of the clauses in a parse tree."""
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parserutils import CompValue

    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, CompValue):
            if node.name.startswith("Outward"):
                yield node["place"], node.name.removeprefix("Outward")
            waiting.extend(node.values())
        elif isinstance(node, list | tuple | ParseResults):
            waiting.extend(node)
