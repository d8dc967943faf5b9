"""One group of the statements about a resource, all of them, page by page: ?property=rg:participant&graph=asserted&from=51.

A worker finds the statements of a page; names and footnotes are looked up for these alone, so that the server's part of a hub
costs no more than that of any other resource.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import HTTPException
from pyoxigraph import NamedNode, Quad, QueryResultsFormat, QuerySolutions, parse_query_results

from relgraph.exports.source import GRAPHS
from relgraph.serving.http.requests import Request
from relgraph.serving.pages import resources
from relgraph.serving.pages.resources import shortened
from relgraph.sheets import Group
from relgraph.vocabulary import ASSERTED, PREFIXES, REPORTED, rg

#: Statements on a page.
SIZE = 30
_GIVEN = ("property", "graph", "side", "from")
_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_NAME = re.compile(r"([a-z]+):([^:/]\S*|)")


@dataclass(frozen=True)
class Part:
    """Which statements: of what resource, with what property, in what graph (a key of GRAPHS), on which side the resource
    stands, from which one on (1 is the first)."""

    node: NamedNode
    predicate: NamedNode
    graph: str
    outgoing: bool
    start: int = 1

    def address(self, place: str, language: str, start: int | None = None) -> str:
        """The address of a page of it; place: that of the page of the resource; start: where another page begins."""
        first, side = start or self.start, "subject" if self.outgoing else ""
        given = {"property": shortened(self.predicate.value), "graph": self.graph, "side": side}
        return resources.extended(place, **given, **{"from": str(first) if first > 1 else "", "lang": language})

    def query(self, size: int) -> str:
        """The query for one statement more than a page has."""
        node, predicate, graph = self.node, self.predicate, GRAPHS[self.graph]
        pattern = f"{node} {predicate} ?other" if self.outgoing else f"?other {predicate} {node}"
        wanted = "FILTER(!isBlank(?other))"
        if graph == REPORTED and not self.outgoing:  # what stands on the fact too is told there, with its footnotes
            of_fact = f"?claim {rg('says')} ?other ; {rg('about')} ?fact . GRAPH {ASSERTED} {{ ?fact {predicate} {node} }}"
            wanted += f" FILTER NOT EXISTS {{ {of_fact} }}"
        some = f"ORDER BY ?other LIMIT {size + 1} OFFSET {self.start - 1}"
        return f"SELECT DISTINCT ?other {{ GRAPH {graph} {{ {pattern} }} {wanted} }} {some}"

    def found(self, rows: bytes, size: int) -> tuple[Group, bool]:
        """The statements among the rows (TSV) that a worker found, and whether there are more."""
        solutions = parse_query_results(rows, QueryResultsFormat.TSV)
        assert isinstance(solutions, QuerySolutions)  # a SELECT
        graph, quads = GRAPHS[self.graph], []
        for (other,) in solutions:
            if self.outgoing and other is not None:
                quads.append(Quad(self.node, self.predicate, other, graph))
            elif isinstance(other, NamedNode):
                quads.append(Quad(other, self.predicate, self.node, graph))
        shown = tuple(quads[:size])
        return Group(graph, self.predicate, self.outgoing, len(shown), shown), len(quads) > size


def asked(request: Request, iri: str) -> Part | None:
    """The part of a page about a resource that a request asks for; None for the page itself. Raises HTTPException 400, and
    UsageError for a parameter that is given twice."""
    given = {name: request.once(name) for name in _GIVEN}
    if not given["property"]:
        return None
    if given["graph"] not in GRAPHS:
        raise HTTPException(400, f"graph is one of {', '.join(GRAPHS)}, not {given['graph'][:40]!r}")
    if given["side"] not in ("", "subject", "object"):
        raise HTTPException(400, f"side is subject or object, not {given['side'][:40]!r}")
    if given["from"] and not _NUMBER.fullmatch(given["from"]):
        raise HTTPException(400, f"from is a number from 1 on, not {given['from'][:40]!r}")
    try:
        predicate = NamedNode(_full(given["property"]))
    except ValueError as error:
        raise HTTPException(400, f"property is an IRI or a name such as rg:party, not {given['property'][:80]!r}") from error
    return Part(NamedNode(iri), predicate, given["graph"], given["side"] == "subject", int(given["from"] or 1))


def _full(name: str) -> str:
    found = _NAME.fullmatch(name)
    return PREFIXES[found[1]] + found[2] if found and found[1] in PREFIXES else name
