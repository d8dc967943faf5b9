"""The parse tree of a SPARQL query, with its names in full; and the IRIs and literals that stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import rdflib
from pyoxigraph import Literal, NamedNode
from pyparsing import And, Empty, ParseBaseException, ParserElement, ParseResults, rest_of_line
from rdflib.plugins.sparql.algebra import translatePName, traverse
from rdflib.plugins.sparql.parser import expandUnicodeEscapes
from rdflib.plugins.sparql.parserutils import Comp, CompValue, Param
from rdflib.plugins.sparql.sparql import Prologue

from relgraph.errors import QueryError
from relgraph.grammar import Grammar, elements
from relgraph.vocabulary import ID, PREFIXES


@dataclass(frozen=True)
class Constants:
    """The IRIs of a query (prefixed and relative ones in full), and its literals.

    Left out are the literals that do not stand for themselves: the two branches of an IF whose condition has a variable,
    booleans in a COALESCE, and the numbers of LIMIT and OFFSET.
    """

    iris: frozenset[NamedNode]
    literals: frozenset[Literal]


class Names(Prologue):
    """The base and the prefixes of a query; unlike rdflib's own, two prefixes may stand for one namespace.

    prefixes: namespace by prefix, as given from outside, and as the query itself has it (own); base: an IRI, or None.
    """

    def __init__(self, declarations: ParseResults, prefixes: Mapping[str, str], base: str | None) -> None:
        super().__init__()
        self.base = base
        self.prefixes = dict(prefixes)
        self.own: dict[str, str] = {}
        for declaration in declarations:
            iri = str(self.absolutize(declaration.iri))
            if declaration.name == "Base":
                self.base = iri
            else:
                self.own[declaration.prefix or ""] = iri
        self.prefixes |= self.own

    def resolvePName(self, prefix: str | None, localname: str | None) -> rdflib.URIRef:
        """The IRI of a prefixed name. Raises QueryError for a prefix that is not declared."""
        if (prefix or "") not in self.prefixes:
            raise QueryError(f"the query cannot be parsed: the prefix of '{prefix or ''}:{localname or ''}' is not declared")
        return rdflib.URIRef(self.prefixes[prefix or ""] + _LOCAL_ESCAPE.sub(r"\1", localname or ""))

    def in_full(self, tree: object) -> object:
        """A parse tree with IRIs for prefixed and relative names, and literals as terms; the given one changes too."""
        return traverse(tree, visitPost=partial(translatePName, prologue=self))


#: A character of a local name that a backslash stands before (SPARQL 1.1, section 19.8, PN_LOCAL_ESC).
_LOCAL_ESCAPE = re.compile(r"\\(.)")


def parsed(text: str, prefixes: Mapping[str, str], base: str | None) -> tuple[Names, CompValue]:
    """The names of a SPARQL 1.1 query, and its parse tree, in which names are as they were written.

    A SERVICE clause is a node "Service"; its start, opened and closed are places in the text, in code points: where the
    clause and its group begin, and where both end. Codepoint escapes must be decoded before.
    Raises what pyparsing and rdflib raise: ParseBaseException, and for a deeply nested query RecursionError.
    """
    declarations, body = _GRAMMAR.parsed(text)[:2]
    return Names(declarations, prefixes, base), body


def _with_places(grammar: ParserElement) -> None:
    """Marks the places of SERVICE clauses.

    rdflib itself looks for the text of a clause from the start of the query, finds the first one for each, and never ends
    where one stands within another; under another name the node is spared that.
    """
    service = next(node for node in elements(grammar) if isinstance(node, Comp) and node.name == "ServiceGraphPattern")
    *head, group = service.expr.exprs  # type: ignore[attr-defined]  # a sequence: SERVICE, SILENT, name, group
    start, opened, closed = (Empty().set_parse_action(lambda text, place, found: place) for _ in range(3))
    opened.ignore("#" + rest_of_line)
    closed.leave_whitespace()
    service.expr = And([Param("start", start), *head, Param("opened", opened), group, Param("closed", closed)])
    service.set_name("Service")


_GRAMMAR = Grammar(_with_places)


@lru_cache(maxsize=256)
def constants(text: str) -> Constants:
    """The constants of a SPARQL query; relative IRIs are keys of the data namespace, relgraph's prefixes are known.

    Raises QueryError when the query cannot be parsed.
    """
    try:
        names, body = parsed(expandUnicodeEscapes(text), PREFIXES, ID)
        found = list(_constants(names.in_full(body)))
    except ParseBaseException as error:
        raise QueryError(f"the query cannot be parsed: line {error.lineno}: {error.msg}. Correct it there") from error
    return Constants(
        iris=frozenset(NamedNode(str(term)) for term in found if isinstance(term, rdflib.URIRef)),
        literals=frozenset(_literal(term) for term in found if isinstance(term, rdflib.Literal)),
    )


def _constants(node: object) -> Iterator[rdflib.URIRef | rdflib.Literal]:
    if isinstance(node, rdflib.URIRef | rdflib.Literal):
        yield node
    for part in _parts(node):
        if not _is_choice(node, part):
            yield from _constants(part)


def _parts(node: object) -> list[object]:
    if isinstance(node, CompValue):
        if node.name == "LimitOffsetClauses":
            return []
        if node.name == "Builtin_COALESCE":
            return list(node["arg"])
        return list(node.values())
    return list(node) if isinstance(node, list | tuple | ParseResults) else []


def _is_choice(node: object, part: object) -> bool:
    """True of a literal that a function chooses by the data, and that so says nothing by itself."""
    value = _single(part)
    if not isinstance(node, CompValue) or not isinstance(value, rdflib.Literal):
        return False
    if node.name == "Builtin_COALESCE":
        return value.datatype == rdflib.XSD.boolean
    if node.name == "Builtin_IF":
        branches = [_single(node["arg2"]), _single(node["arg3"])]
        return value in branches and branches[0] != branches[1] and _has_variable(node["arg1"])
    return False


def _single(node: object) -> object:
    """What a chain of nodes with one part each comes down to: the grammar wraps a term in every level of precedence."""
    while True:
        parts = [part for part in _parts(node) if part is not None]
        if len(parts) != 1:
            return node
        node = parts[0]


def _has_variable(node: object) -> bool:
    return isinstance(node, rdflib.Variable) or any(_has_variable(part) for part in _parts(node))


def _literal(term: rdflib.Literal) -> Literal:
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype or rdflib.XSD.string)))
