"""What a SPARQL query names: the IRIs and literals that stand in its text, read from its parse tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

import rdflib
from pyoxigraph import Literal, NamedNode
from pyparsing import ParseBaseException, ParseResults
from rdflib.plugins.sparql.algebra import translatePName, traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Prologue

from relgraph.errors import QueryError
from relgraph.vocabulary import ID, PREFIXES


@dataclass(frozen=True)
class Constants:
    """The IRIs of a query (prefixed and relative ones in full), and its literals.

    Left out are the literals that do not stand for themselves: the two branches of an IF whose condition has a variable,
    booleans in a COALESCE, and the numbers of LIMIT and OFFSET.
    """

    iris: frozenset[NamedNode]
    literals: frozenset[Literal]


class _Names(Prologue):
    """The base and the prefixes of a query; unlike rdflib's own, two prefixes may stand for one namespace."""

    def __init__(self, declarations: ParseResults) -> None:
        super().__init__()
        self.base = ID
        self._prefixes = dict(PREFIXES)
        for declaration in declarations:
            if declaration.name == "Base":
                self.base = declaration.iri
            else:
                self._prefixes[declaration.prefix or ""] = str(self.absolutize(declaration.iri))

    def resolvePName(self, prefix: str | None, localname: str | None) -> rdflib.URIRef:
        """The IRI of a prefixed name. Raises QueryError for a prefix that is not declared."""
        if (prefix or "") not in self._prefixes:
            raise QueryError(f"the query cannot be parsed: the prefix of '{prefix or ''}:{localname or ''}' is not declared")
        return rdflib.URIRef(self._prefixes[prefix or ""] + (localname or ""))


@lru_cache(maxsize=256)
def constants(text: str) -> Constants:
    """The constants of a SPARQL query; relative IRIs are keys of the data namespace, relgraph's prefixes are known.

    Raises QueryError when the query cannot be parsed.
    """
    try:
        prologue, body = parseQuery(text)[:2]
        names = _Names(prologue)
        tree = traverse(body, visitPost=partial(translatePName, prologue=names))
    except ParseBaseException as error:
        raise QueryError(f"the query cannot be parsed: line {error.lineno}: {error.msg}. Correct it there") from error
    found = list(_constants(tree))
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
