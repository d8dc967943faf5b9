"""The names in any data that answer queries: labels in any language, keys, IRIs; and what may have been meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Final

from relgraph import naming
from relgraph.api.results import Result
from relgraph.api.values import Resource, iri
from relgraph.errors import EndpointError, ForbiddenError, QueryError, UsageError
from relgraph.naming import LOOKED_AT, Called
from relgraph.vocabulary import ONTOLOGY_GRAPH, RG

_BY_LABEL: Final = f"""SELECT DISTINCT ?thing ?label ?rank (IF(EXISTS {{ ?thing a ?p FILTER(?p IN (rg:Fact, rg:Section)) }}, 2,
    IF(EXISTS {{ ?thing skos:inScheme ?s }} || STRSTARTS(STR(?thing), STR(rg:)), 1, 0)) AS ?part) {{
  VALUES (?name ?rank) {{ (skos:prefLabel 0) (rdfs:label 0) (skos:altLabel 1) (skos:hiddenLabel 2) }}
  {{ ?thing ?name ?label }} UNION {{ GRAPH {ONTOLOGY_GRAPH} {{ ?thing ?name ?label }} }}
  FILTER(REPLACE(REPLACE(LCASE(STR(?label)), "[\u2010-\u2015\u2212]", "-"), "ё", "е") = ?folded)
  FILTER NOT EXISTS {{ ?thing a rg:Claim }}
}}"""
_KNOWN: Final = f"""SELECT ?thing ?there {{
  BIND(EXISTS {{ ?thing ?p ?o }} || EXISTS {{ ?s ?q ?thing }}
    || EXISTS {{ GRAPH {ONTOLOGY_GRAPH} {{ ?thing ?p ?o }} }} AS ?there) }}"""
_IS_A: Final = """SELECT ?there { BIND(EXISTS { ?thing a ?kind } AS ?there) }"""
_ALL: Final = f"""SELECT ?thing ?label {{
  ?thing skos:prefLabel|rdfs:label|skos:altLabel ?label
  FILTER NOT EXISTS {{ ?thing a rg:Claim }} FILTER NOT EXISTS {{ ?thing a rg:Fact }}
}} LIMIT {LOOKED_AT}"""
_TERMS: Final = f"SELECT DISTINCT ?thing ?label {{ GRAPH {ONTOLOGY_GRAPH} {{ ?thing skos:prefLabel|rdfs:label ?label }} }}"
#: How like a text the label of a term must be for the term to be suggested (difflib's ratio): there are many short ones.
_LIKE: Final = 0.8
_SEARCH: Final = """SELECT ?thing ?label {
  SERVICE search:index { ?thing search:query ?words ; search:label ?label ; search:score ?score ; search:limit 20 }
  FILTER NOT EXISTS { ?thing a rg:Claim } FILTER NOT EXISTS { ?thing a rg:Fact }
} ORDER BY DESC(?score) ?thing"""
_NOTHING: Final = "SELECT ?thing { VALUES ?thing { 1 } }"
_LOOK_UP: Final = "Look it up with Dataset.search, or with a query for its label"

Ask = Callable[..., Result]


def find(ask: Ask, name: str, data: str, what: str = "", kind: str = "") -> Resource:
    """The resource of a name, as relgraph.naming finds it.

    ask: answers a SELECT with parameters; data: what the data are called, what: what the name is given for, for messages;
    kind: the class that is wanted, by its local name, empty for any.
    Raises UsageError for a name of several things, with their keys, for one of none, with what is like it, and for what is no
    text.
    """
    if not isinstance(name, str) or not name.strip():
        raise UsageError(f"{name!r} is no name. Give a label, a key such as state/RUS, or an IRI, as text")
    found: Resource = ask(_KNOWN, thing=iri(naming.find(_Names(ask, name), name, what, data, kind, _LOOK_UP))).first.thing
    return found  # with its label


def check(ask: Ask, resource: Resource, what: str, kind: str = "") -> None:
    """Sees to it that a resource is in the data, and of a class. Raises UsageError, with what is like it."""
    names = _Names(ask, resource.key)
    if not names.knows(resource.iri):
        raise UsageError(f"{what}: there is no {resource.key} in these data. {naming.remedy(names, resource.key, _LOOK_UP)}")
    naming.checked(names, resource.iri, f"{what}: ", kind)


def searched(ask: Ask, words: str, is_foreign: Callable[[], bool]) -> list[Resource]:
    """What the full-text search finds, the best first.

    is_foreign: whether what has answered is no relgraph. It has no search: when it refuses that alone, nothing is found. Raises
    what `ask` raises for anything else, also UsageError for too many words.
    """
    try:
        return [thing for thing, _ in _searched(ask, words)]
    except (EndpointError, ForbiddenError, QueryError) as error:
        if _is_late(error):
            raise
        ask(_NOTHING)  # raises where it is not the search that is refused
        if is_foreign():
            return []
        raise


class _Names:
    """The names in what answers queries; text: what is looked for."""

    def __init__(self, ask: Ask, text: str) -> None:
        self._ask = ask
        self._text = text
        self._of: dict[str, list[tuple[str, Called]]] = {}

    def knows(self, iri: str) -> bool:
        return bool(self._ask(_KNOWN, thing=Resource(iri)).first.there)

    def of(self, text: str, any_case: bool) -> Iterator[Called]:
        folded = naming.folded(text)
        if folded not in self._of:
            rows = [row for row in self._ask(_BY_LABEL, folded=folded) if isinstance(row.thing, Resource)]
            self._of[folded] = [(str(row.label), Called(row.thing.iri, row.rank, row.part)) for row in rows]
        yield from (called for label, called in self._of[folded] if any_case or label == text)

    def are(self, iri: str, kind: str) -> bool:
        return bool(self._ask(_IS_A, thing=Resource(iri), kind=Resource(RG + kind)).first.there)

    def all(self) -> Iterator[tuple[str, str]]:
        for row in self._ask(_ALL):
            if isinstance(row.thing, Resource):
                yield row.thing.iri, str(row.label)
        terms = [(row.thing, str(row.label)) for row in self._ask(_TERMS) if isinstance(row.thing, Resource)]
        labels = [naming.folded(label) for _, label in terms]
        like = get_close_matches(naming.folded(self._text), labels, n=len(labels) or 1, cutoff=_LIKE)
        yield from ((thing.iri, label) for thing, label in terms if naming.folded(label) in like)

    def searched(self, text: str) -> Iterator[tuple[str, str]]:
        """What the search finds, for suggestions: they can do without."""
        try:
            found = _searched(self._ask, text)
        except (EndpointError, ForbiddenError, QueryError, UsageError) as error:
            if _is_late(error):
                raise
            return
        yield from ((thing.iri, label) for thing, label in found)


def _searched(ask: Ask, words: str) -> list[tuple[Resource, str]]:
    from relgraph.fulltext import words as parts

    asked = " ".join(parts(words))
    rows = ask(_SEARCH, words=asked) if asked else ()
    return [(row.thing, str(row.label)) for row in rows if isinstance(row.thing, Resource)]


def _is_late(error: Exception) -> bool:
    return isinstance(error, EndpointError) and error.timeout
