"""The clause that asks the full-text index from within a query: SERVICE search:index { … }.

The names query, score and property are those of RDF4J's LuceneSail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from relgraph.errors import QueryError
from relgraph.spans import whole
from relgraph.vocabulary import SEARCH

if TYPE_CHECKING:
    from relgraph.federation import Service

#: The service of the clause.
INDEX: Final = NamedNode(SEARCH + "index")
#: Hits that a search may ask for, and have; the clause is refused rather than cut short.
MAX_LIMIT = 10_000

_EXAMPLE = (
    "PREFIX search: <https://w3id.org/relgraph/search#> "
    'SERVICE search:index { ?thing search:query "visit Moscow" ; search:score ?score ; search:label ?label ; '
    'search:property ?property ; search:corrected ?words ; search:limit 20 ; search:language "ru" }'
)
_ASKED = ("score", "label", "property", "corrected")
_GIVEN = ("query", "limit", "language")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class SearchRequest:
    """What a search clause asks for.

    thing: the variable of what is found; text: the words; limit: so many of the best hits; language: a BCP 47 tag (None for all);
    score, label, property, corrected: the variables for these, None where not asked for.
    """

    thing: str
    text: str
    limit: int | None = None
    language: str | None = None
    score: str | None = None
    label: str | None = None
    property: str | None = None
    corrected: str | None = None


def search_request(service: Service) -> SearchRequest:
    """The request of a clause SERVICE search:index; Service as federation.clauses() gives it.

    Raises QueryError, with an example, for anything in the clause but the triples of one variable with the properties
    above, each at most once, search:query among them.
    """
    import rdflib

    things: dict[str, None] = {}
    found: dict[str, object] = {}
    for subject, predicate, value in _triples(service):
        name = str(predicate).removeprefix(SEARCH)
        if not isinstance(subject, rdflib.Variable):
            raise _wrong("what is searched for must be a variable")
        if not isinstance(predicate, rdflib.URIRef) or str(predicate) != SEARCH + name or name not in (*_ASKED, *_GIVEN):
            raise _wrong(f"{predicate if isinstance(predicate, rdflib.URIRef) else 'a path'} is no property of it")
        if name in found:
            raise _wrong(f"search:{name} stands in it twice")
        if name in _ASKED and not isinstance(value, rdflib.Variable):
            raise _wrong(f"search:{name} takes a variable")
        if name in _GIVEN and not isinstance(value, rdflib.Literal):
            raise _wrong(f"search:{name} takes a literal")
        things[str(subject)] = None
        found[name] = value
    variables = [*things, *(str(found[name]) for name in _ASKED if name in found)]
    if len(things) != 1 or len(variables) != len(set(variables)):
        raise _wrong("there must be one variable for the thing, and others for the rest")
    text = str(found.get("query", "")).strip()
    if not text:
        raise _wrong("search:query with the words to search for is missing")
    return SearchRequest(
        thing=variables[0],
        text=text,
        limit=_limit(found.get("limit")),
        language=_language(found.get("language")),
        **{name: str(found[name]) for name in _ASKED if name in found},
    )


def _triples(service: Service) -> Iterator[tuple[object, object, object]]:
    from rdflib.plugins.sparql.parserutils import CompValue

    from relgraph.querytext import parsed  # imports rdflib

    names, body = parsed(service.request, {}, None)
    names.in_full(body)
    other = _wrong("there is something other than triples in it")
    if body.where.name == "SubSelect":
        raise other
    for block in body.where.part or []:
        if not isinstance(block, CompValue) or block.name != "TriplesBlock":
            raise other
        for terms in block.triples:
            flat = list(terms)
            yield from ((flat[at], _predicate(flat[at + 1]), flat[at + 2]) for at in range(0, len(flat) - 2, 3))


def _predicate(node: object) -> object:
    """The IRI that a path comes down to; a path with an operator is handed back as it is."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(node, CompValue) and node.name in ("PathAlternative", "PathSequence", "PathElt") and list(node) == ["part"]:
        part = node["part"]
        if isinstance(part, CompValue | str):
            return _predicate(part)
        return _predicate(part[0]) if len(part) == 1 else node
    return node


def _limit(value: object) -> int | None:
    from rdflib import XSD, Literal

    if value is None:
        return None
    number = whole(str(value)) if isinstance(value, Literal) and value.datatype == XSD.integer else 0
    if not 1 <= number <= MAX_LIMIT:
        raise _wrong(f"search:limit takes a whole number from 1 to {MAX_LIMIT}")
    return number


def _language(value: object) -> str | None:
    if value is not None and not _LANGUAGE.fullmatch(str(value)):
        raise _wrong('search:language takes a language tag, as "ru"')
    return None if value is None else str(value)


def _wrong(reason: str) -> QueryError:
    return QueryError(f"the search clause cannot be answered: {reason}. Write it as {_EXAMPLE}")
