"""The SPARQL 1.1 Service Description: what the endpoint can do and which graphs there are, always of what is served now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote
from weakref import WeakKeyDictionary

from fastapi import HTTPException
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from relgraph.catalogue.terms import DCAT
from relgraph.evaluation import GRAPH_FORMATS, Format
from relgraph.serving.descriptions.locations import WELL_KNOWN, dataset_iri
from relgraph.serving.descriptions.measuring import Measuring
from relgraph.serving.http.addresses import address
from relgraph.serving.http.negotiation import PAGE, names
from relgraph.serving.http.requests import Request, cached
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.snapshot import Snapshot
from relgraph.serving.workers.outbound import Outbound
from relgraph.vocabulary import RDFS, XSD, A

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_VOID: Final = "http://rdfs.org/ns/void#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
#: Unique URIs for file formats (https://www.w3.org/ns/formats/) of the formats that answers come in.
_RESULTS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "JSON-LD", "N-Triples", "N-Quads", "TriG", "RDF_XML",
)  # fmt: skip
_COUNTS = """SELECT ?g (COUNT(*) AS ?n) {
  { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }
} GROUP BY ?g"""
_PREFIXES = {"sd": _SD, "void": _VOID, "dcat": DCAT, "rdfs": RDFS}


class Descriptions:
    """Describes the service, with the number of triples of each graph, which are counted once a snapshot."""

    def __init__(self, settings: Settings, outbound: Outbound) -> None:
        self._settings = settings
        self._measuring = Measuring(settings, outbound)
        self._counts: WeakKeyDictionary[Snapshot, dict[str, int]] = WeakKeyDictionary()
        self._counting = asyncio.Lock()

    async def respond(self, request: Request, form: Format | None, release: str = "") -> None:
        """Answers a request with the description; form: a format of graphs; release: as it was asked for, "" for the current
        one. Raises HTTPException 406, BudgetError where there is nobody to count the triples."""
        if form is None or not isinstance(form.engine, RdfFormat):
            there = names((*GRAPH_FORMATS, PAGE))
            raise HTTPException(406, f"nothing that you accept fits a service description; there are {there}")
        url, query = address(self._settings, request), f"?release={quote(release)}" if release else ""
        triples = list(self._triples(f"{url}sparql{query}", request.snapshot, await self._counted(request.snapshot)))
        triples += _links(url, query, request.snapshot)
        body = serialize(triples, format=form.engine, prefixes=_PREFIXES) or b""
        await request.whole(body, form.media_type, cached(self._settings.max_age, b"Accept"))

    async def _counted(self, snapshot: Snapshot) -> dict[str, int]:
        """Triples by graph, the default graph under "". Empty where counting takes more than a query may have."""
        async with self._counting:
            if snapshot not in self._counts:
                rows = await self._measuring.rows(snapshot, _COUNTS) or []
                self._counts[snapshot] = {row.get("g", ""): int(row["n"]) for row in rows}
            return self._counts[snapshot]

    def _triples(self, endpoint: str, snapshot: Snapshot, counts: dict[str, int]) -> Iterator[Triple]:
        service, dataset, default = (NamedNode(endpoint + part) for part in ("", "#dataset", "#default-graph"))
        yield Triple(service, A, _sd("Service"))
        yield Triple(service, _sd("endpoint"), service)
        yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
        if self._settings.service_allow:
            yield Triple(service, _sd("feature"), _sd("BasicFederatedQuery"))
        for name in _RESULTS:
            yield Triple(service, _sd("resultFormat"), NamedNode(_FORMATS + name))
        yield Triple(service, _sd("defaultDataset"), dataset)
        yield Triple(dataset, A, _sd("Dataset"))
        yield Triple(dataset, _sd("defaultGraph"), default)
        yield Triple(default, A, _sd("Graph"))
        if counts:
            yield Triple(default, NamedNode(_VOID + "triples"), _integer(counts.get("", 0)))
        for number, name in enumerate(sorted(snapshot.graphs), 1):
            named, graph = NamedNode(f"{endpoint}#named-graph-{number}"), NamedNode(f"{endpoint}#graph-{number}")
            yield Triple(dataset, _sd("namedGraph"), named)
            yield Triple(named, A, _sd("NamedGraph"))
            yield Triple(named, _sd("name"), NamedNode(name))
            yield Triple(named, _sd("graph"), graph)
            yield Triple(graph, A, _sd("Graph"))
            if counts:
                yield Triple(graph, NamedNode(_VOID + "triples"), _integer(counts.get(name, 0)))


def _links(url: str, query: str, snapshot: Snapshot) -> Iterator[Triple]:
    """The way to the description of the data; query: of the addresses of the release."""
    service, page = NamedNode(f"{url}sparql{query}"), NamedNode(f"{url}{WELL_KNOWN}{query}")
    yield Triple(service, NamedNode(RDFS + "seeAlso"), page)
    yield Triple(service, NamedNode(DCAT + "servesDataset"), NamedNode(dataset_iri(snapshot.opened, url)))


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=NamedNode(XSD + "integer"))
