"""What people call things: the resource of a key, an IRI, or a label in any language; and what may have been meant."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Final

from relgraph.api.results import Result
from relgraph.api.values import Resource, iri
from relgraph.errors import RelgraphError, UsageError

#: Names, those that count for more first.
_BY_LABEL: Final = """SELECT ?thing ?label ?rank (EXISTS { ?thing a ?part FILTER(?part IN (rg:Fact, rg:Section)) } AS ?isPart) {
  VALUES (?name ?rank) { (skos:prefLabel 0) (rdfs:label 0) (skos:altLabel 1) (skos:hiddenLabel 2) }
  ?thing ?name ?label FILTER(LCASE(STR(?label)) = ?folded) FILTER NOT EXISTS { ?thing a rg:Claim }
}"""
_KNOWN: Final = """SELECT ?thing ?there { BIND(EXISTS { ?thing ?p ?o } || EXISTS { ?s ?q ?thing } AS ?there) }"""
_ALL: Final = """SELECT ?thing ?label {
  ?thing skos:prefLabel|rdfs:label|skos:altLabel ?label
  FILTER NOT EXISTS { ?thing a rg:Claim } FILTER NOT EXISTS { ?thing a rg:Fact }
} LIMIT 20000"""
_SEARCH: Final = """SELECT ?thing ?label {
  SERVICE search:index { ?thing search:query ?words ; search:label ?label ; search:score ?score ; search:limit 20 }
  FILTER NOT EXISTS { ?thing a rg:Claim } FILTER NOT EXISTS { ?thing a rg:Fact }
} ORDER BY DESC(?score) ?thing"""
#: So many names are listed, so many suggested, and so many characters of an unknown one repeated.
_SHOWN: Final = 5
_MEANT: Final = 3
_ECHOED: Final = 100

Ask = Callable[..., Result]


def find(ask: Ask, name: str, data: str, where: str = "") -> Resource:
    """The resource of a name; labels count before other names, the same letters before the same in another case, facts and the
    headings of sections after all else.

    ask: answers a SELECT with parameters; data: what the data are called, where: what the name is given for, for messages.
    Raises UsageError for a name of several things, with their keys, for one of none, with what is like it, and for what is no
    text.
    """
    if not isinstance(name, str):
        raise UsageError(f"{name!r} is no name. Give a label, a key such as state/RUS, or an IRI, as text")
    name = name.strip()
    if ("/" in name or ":" in name) and (resource := _by_key(ask, name)):
        return resource
    rows = list(ask(_BY_LABEL, folded=name.lower()))
    if rows:
        best = min((row.isPart, row.rank, str(row.label) != name) for row in rows)
        things = {row.thing: None for row in rows if (row.isPart, row.rank, str(row.label) != name) == best}
        if len(things) == 1:
            found: Resource = next(iter(things))
            return found
        keys = sorted(thing.key for thing in things)
        raise UsageError(f"{where}{name!r} is the name of several things: {', '.join(keys[:_SHOWN])}. Give one of these keys")
    if resource := _by_key(ask, name):
        return resource
    raise UsageError(f"{where}there is no {name[:_ECHOED]!r} in {data}. {_remedy(ask, name[:_ECHOED])}")


def check(ask: Ask, resource: Resource, where: str) -> None:
    """Sees to it that a resource is in the data. Raises UsageError, with what is like it."""
    if not ask(_KNOWN, thing=resource).first.there:
        raise UsageError(f"{where}: there is no {resource.key} in these data. {_remedy(ask, resource.key)}")


def _by_key(ask: Ask, name: str) -> Resource | None:
    try:
        resource = iri(name)
    except UsageError:
        return None
    row = ask(_KNOWN, thing=resource).first
    known: Resource | None = row.thing if row.there else None  # with its label
    return known


def _remedy(ask: Ask, name: str) -> str:
    meant = _meant(ask, name)
    return f"Did you mean {' or '.join(meant)}?" if meant else "Look it up with Dataset.search, or with a query for its label"


def _meant(ask: Ask, name: str) -> list[str]:
    """Labels, with keys, of what is spelt like a name, or has its words in any inflection."""
    names: dict[str, tuple[str, Resource]] = {}
    for row in ask(_ALL):
        if isinstance(row.thing, Resource):
            for spelling in (str(row.label), row.thing.key, row.thing.key.rpartition("/")[2]):
                names.setdefault(spelling.casefold(), (str(row.label), row.thing))
    close = [names[each] for each in get_close_matches(name.casefold(), names, n=_MEANT, cutoff=0.6)]
    hits = searched(ask, name)[:_MEANT]
    found: dict[Resource, str] = {}
    for label, thing in [*hits[:1], *close, *hits[1:]]:
        found.setdefault(thing, label)
    return [f"{label} ({thing.key})" for thing, label in found.items()][:_MEANT]


def searched(ask: Ask, words: str) -> list[tuple[str, Resource]]:
    """Labels and things that the full-text search finds, the best first; none where there is no search."""
    from relgraph.fulltext import words as parts

    asked = " ".join(parts(words))
    if not asked:
        return []
    try:
        return [(str(row.label), row.thing) for row in ask(_SEARCH, words=asked) if isinstance(row.thing, Resource)]
    except RelgraphError:
        return []
