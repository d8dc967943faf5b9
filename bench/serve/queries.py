"""The polite queries of the benchmark, as texts, and their paths for GET requests."""

from __future__ import annotations

import random
from collections.abc import Sequence
from urllib.parse import quote

from bench.serve.data import SEED, Dataset
from relgraph.vocabulary import RG, XSD

PREFIX = f"PREFIX rg: <{RG}> "
#: What a client asks that wants very little: whether the server works at all.
FIVE_TRIPLES = "SELECT * { ?s ?p ?o } LIMIT 5"

#: Each takes oxigraph more than 50 ms at 200,000 triples; how long it took is measured and shown with the results.
HEAVY = {
    "partners": PREFIX
    + "SELECT ?a ?b (COUNT(*) AS ?n) { ?m a rg:Meeting ; rg:participant ?a , ?b FILTER(STR(?a) < STR(?b)) } "
    "GROUP BY ?a ?b ORDER BY DESC(?n) ?a ?b LIMIT 20",
    "places-by-year": PREFIX
    + "SELECT ?place ?year (COUNT(?e) AS ?n) { ?e a rg:Event ; rg:place ?place ; rg:time/rg:earliest ?t "
    "BIND(YEAR(?t) AS ?year) } GROUP BY ?place ?year ORDER BY DESC(?n) ?place ?year LIMIT 20",
    "latest-events": PREFIX
    + "SELECT ?e ?t { ?e a rg:Event ; rg:time/rg:latest ?t } ORDER BY DESC(?t) ?e LIMIT 50",
    "visit-then-sign": PREFIX
    + "SELECT ?actor (COUNT(DISTINCT ?s) AS ?n) { ?v a rg:Visit ; rg:visitor ?actor ; rg:place ?p ; rg:time/rg:earliest ?tv . "
    "?s rg:signatory ?actor ; rg:place ?p ; rg:time/rg:earliest ?ts FILTER(?ts > ?tv) } "
    "GROUP BY ?actor ORDER BY DESC(?n) ?actor LIMIT 20",
    "fellow-members": PREFIX
    + "SELECT ?o (COUNT(*) AS ?n) { ?m a rg:Meeting ; rg:participant ?a , ?b . ?a rg:memberOf ?o . ?b rg:memberOf ?o "
    "FILTER(?a != ?b) } GROUP BY ?o ORDER BY DESC(?n) ?o",
}  # fmt: skip


def point(data: Dataset, count: int) -> list[str]:
    """All of one event, for so many events (or all there are, when fewer)."""
    chosen = random.Random(SEED).sample(data.events, min(count, len(data.events)))
    return [f"SELECT ?p ?o {{ <{event}> ?p ?o }}" for event in chosen]


def join(data: Dataset, count: int) -> list[str]:
    """One actor's visits after a date, ordered; so many different pairs of actor and date.

    It names no class, here and below: rdflib would go through all of the class first, which is no fair comparison.
    """
    return [
        f"{PREFIX}SELECT ?visit ?place ?t {{ ?visit rg:visitor <{actor}> ; rg:place ?place ; rg:time ?time . "
        f'?time rg:earliest ?t FILTER(?t > "{year}-01-01T00:00:00Z"^^<{XSD}dateTime>) }} ORDER BY ?t ?visit'
        for actor, year in _actors_and_years(data, count)
    ]


def aggregate(data: Dataset, count: int) -> list[str]:
    """With whom one actor met how often since a date; so many different pairs of actor and date."""
    return [
        f"{PREFIX}SELECT ?other (COUNT(?meeting) AS ?n) {{ ?meeting rg:participant <{actor}> ; rg:participant ?other ; "
        f"rg:time ?time . ?time rg:earliest ?t "
        f'FILTER(?other != <{actor}> && ?t > "{year}-01-01T00:00:00Z"^^<{XSD}dateTime>) }} '
        "GROUP BY ?other ORDER BY DESC(?n) ?other"
        for actor, year in _actors_and_years(data, count)
    ]


def mixed(data: Dataset, count: int) -> list[str]:
    """About so many point, join and aggregate queries, a third each, shuffled."""
    queries = [*point(data, count // 3), *join(data, count // 3), *aggregate(data, count // 3)]
    random.Random(SEED).shuffle(queries)
    return queries


def paths(endpoint: str, queries: Sequence[str]) -> list[str]:
    """The request targets that send these queries by GET to an endpoint (its path, such as /sparql)."""
    return [f"{endpoint}?query={quote(query, safe='')}" for query in queries]


def _actors_and_years(data: Dataset, count: int) -> list[tuple[str, int]]:
    pairs = [(actor, year) for actor in data.actors for year in range(1991, 2016)]
    return random.Random(SEED).sample(pairs, min(count, len(pairs)))
