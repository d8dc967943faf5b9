"""Parameters of a query: terms in the place of variables, token by token, never text in text.

A parameter stands for its value everywhere in the query, in filters and subqueries too, as in a prepared statement. The
engine's own substitution (SPARQL-dev SEP-0007) only takes variables that the query projects, and other endpoints have none; this
way every source of data gets the same query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from relgraph.api.tokens import Token, tokens
from relgraph.errors import UsageError

Term = NamedNode | Literal

_FORMS: Final = ("SELECT", "CONSTRUCT", "DESCRIBE", "ASK")
_TAIL: Final = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")
#: In a term as the serializer writes it: a backslash of the text itself with the letter behind it, or a codepoint escape.
_ESCAPES: Final = re.compile(r"\\\\([uU])?|\\u([0-9A-Fa-f]{4})")


def bind(query: str, terms: Mapping[str, Term]) -> str:
    """The query with terms for variables; `SELECT *` gives the parameters as columns, too.

    Raises UsageError for a name that is no variable of the query, for a variable that the query itself gives values to (by
    VALUES or AS), for one within what may be an IRI or two comparisons, and for codepoint escapes outside texts and IRIs.
    """
    if not terms:
        return query
    found = list(tokens(query))
    for token in found:
        for name in terms:
            if token.kind == "iri" and re.search(
                rf"[?$]{re.escape(name)}(?!\w)", token.text
            ):  # a<?b&&?c>d may be two comparisons
                raise UsageError(f"{token.text} may be an IRI. Put a space behind <, or give the variable ?{name} another name")
    known = list(dict.fromkeys(token.variable for token in found if token.variable))
    for name in terms:
        if name not in known:
            there = ", ".join(f"?{each}" for each in known) or "none"
            raise UsageError(f"the query has no variable ?{name} that the parameter {name} could stand for; it has {there}")
    if any(token.keyword == "\\" for token in found):
        raise UsageError("the query has codepoint escapes outside its texts; write the characters themselves to use parameters")
    return _Binding(query, found, terms).text()


def spelt(term: Term) -> str:
    """A term in SPARQL: as the engine writes it, but so that no text of it can be taken for a codepoint escape.

    Engines that decode escapes before anything else (SPARQL 1.1, section 19.2) would read the end of a text into it. With its
    letter written as an escape, a backslash and a u mean the same in either order. Escapes have eight digits, as rdflib takes
    eight wherever there are as many.
    """
    return _ESCAPES.sub(_escaped, str(term))


def _escaped(match: re.Match[str]) -> str:
    letter, digits = match.groups()
    if digits:
        return f"\\U0000{digits}"
    return f"\\\\\\U{ord(letter):08X}" if letter else match[0]


class _Binding:
    def __init__(self, query: str, found: Sequence[Token], terms: Mapping[str, Term]) -> None:
        self._query = query
        self._tokens = found
        self._terms = terms
        self._edits: list[tuple[int, int, str]] = []
        self._at = 0

    def text(self) -> str:
        """The query with all edits made."""
        while self._keyword() not in (*_FORMS, ""):
            self._at += 1
        self._query_form()
        pieces, last = [], 0
        for start, end, text in sorted(self._edits):
            pieces += [self._query[last:start], text]
            last = end
        return "".join([*pieces, self._query[last:]])

    def _keyword(self, ahead: int = 0) -> str:
        """The keyword at a place; for a token that is none a space, behind the last one nothing."""
        place = self._at + ahead
        return (self._tokens[place].keyword or " ") if 0 <= place < len(self._tokens) else ""

    def _query_form(self) -> None:
        """A query or subquery, from its form to the end of what is around it."""
        start = self._at
        form = self._keyword()
        self._head(form)
        is_short = form == "CONSTRUCT" and not any(t.keyword == "{" for t in self._tokens[start : self._at])
        names = self._used(start)
        if self._keyword() == "{":
            self._group(() if is_short else names)
        depth = 0
        while (keyword := self._keyword()) and not (keyword == "}" and depth == 0):
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(keyword, 0)
            self._values() if keyword == "VALUES" else self._term(leave=depth == 0)

    def _head(self, form: str) -> None:
        """From the form to the brace of the pattern; the template of a CONSTRUCT stays, as its variables are bound there."""
        depth, is_pattern = 0, form != "CONSTRUCT"
        while keyword := self._keyword():
            if keyword == "{" and depth:
                self._group(())  # an EXISTS in what is projected
                continue
            if keyword == "{":
                if is_pattern:
                    return
                self._skip_braces()
                is_pattern = True  # behind the template, be there a WHERE or not
                continue
            if form == "DESCRIBE" and depth == 0 and keyword in (*_TAIL, "}"):
                return
            is_pattern = is_pattern or keyword == "WHERE"
            depth += {"(": 1, ")": -1}.get(keyword, 0)
            self._term(leave=depth == 0 and form != "DESCRIBE")

    def _skip_braces(self) -> None:
        depth = 0
        while keyword := self._keyword():
            depth += {"{": 1, "}": -1}.get(keyword, 0)
            self._at += 1
            if depth == 0:
                return

    def _group(self, names: Sequence[str]) -> None:
        """A group in braces; names: parameters that it must bind for what is outside of it."""
        opened = self._tokens[self._at].end
        self._at += 1
        clause = " ".join(f"VALUES ?{name} {{ {spelt(self._terms[name])} }}" for name in names)
        if self._keyword() == "SELECT":
            self._query_form()
            if clause and self._at < len(self._tokens):
                closed = self._tokens[self._at].start
                self._edits += [(opened, opened, f" {clause} {{"), (closed, closed, "} ")]
        elif clause:
            self._edits.append((opened, opened, f" {clause} "))
        while (keyword := self._keyword()) and keyword != "}":
            if keyword == "{":
                self._group(())
            elif keyword == "VALUES":
                self._values()
            else:
                self._term()
        self._at += 1

    def _values(self) -> None:
        """The variables of a VALUES clause, none of which may be a parameter."""
        self._at += 1
        while (keyword := self._keyword()) and keyword != "{":
            name = self._tokens[self._at].variable
            if name in self._terms:
                raise UsageError(
                    f"the query itself gives ?{name} its values, by VALUES. Take that clause out, or run the query as a question "
                    "with parameters (Dataset.run)"
                )
            self._at += 1

    def _term(self, leave: bool = False) -> None:
        """A token; the term goes in its place where it is a parameter, unless it is to be left as it is."""
        token = self._tokens[self._at]
        if token.variable in self._terms:
            name = str(token.variable)
            if self._keyword(-1) == "AS":
                raise UsageError(f"the query itself gives ?{name} its value, by AS; it cannot be a parameter")
            if self._keyword(-1) == "(" and self._keyword(-2) == "BOUND" and self._keyword(1) == ")":
                self._edits.append((self._tokens[self._at - 2].start, self._tokens[self._at + 1].end, " true "))
            elif not leave:
                self._edits.append((token.start, token.end, f" {spelt(self._terms[name])} "))
        self._at += 1

    def _used(self, start: int) -> list[str]:
        """The parameters in the query that starts at a token, down to where it ends."""
        depth = 0
        names: dict[str, None] = {}
        for token in self._tokens[start:]:
            depth += {"{": 1, "}": -1}.get(token.keyword, 0)
            if depth < 0:
                break
            if token.variable in self._terms:
                names[str(token.variable)] = None
        return list(names)
