"""The graphs that a query needs: without one of them its answer would be empty, as if nothing had been said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from relgraph.api import reading
from relgraph.api.values import Resource
from relgraph.errors import UsageError

if TYPE_CHECKING:
    from relgraph.api.dataset import Dataset

_THERE: Final = "SELECT ?graph { VALUES ?graph { %s } FILTER EXISTS { GRAPH ?graph { ?s ?p ?o } } }"


def check(dataset: Dataset, name: str, text: str) -> None:
    """Sees to it that the data have every graph that a query names; a release has them all, be there something in them or not.

    name: of the query, for the message. Raises UsageError with the graphs that are missing, and what to open instead.
    """
    if dataset.release is not None:
        return
    named = sorted(reading.whole(text).graphs)
    if not named:
        return
    there = {row.graph.iri for row in dataset.select(_THERE % " ".join(str(NamedNode(iri)) for iri in named))}
    missing = [Resource(iri).key for iri in named if iri not in there]
    if missing and dataset.release is None:
        graphs = f"the graph{'s' if len(missing) > 1 else ''} {' and '.join(missing)}"
        raise UsageError(
            f"the query {name} reads {graphs}, which {dataset.name} does not have: it would find nothing, whatever the data say. "
            "Open a release, or an export with the names of all graphs (nquads or trig; Turtle, N-Triples and RDF/XML have none)"
        )
