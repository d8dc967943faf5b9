"""Exports in a worker: of the release that is served, or of a file of RDF. What they need is loaded when one is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, serialize

from relgraph import naming
from relgraph.errors import UsageError
from relgraph.exports import FORMS, asking, rdfxml, write
from relgraph.exports.streams import stream
from relgraph.release import Release
from relgraph.serving.workers import arrow, sandbox

_WITH_GRAPHS = {"trig": RdfFormat.TRIG, "nquads": RdfFormat.N_QUADS}
#: What of a job chooses claims.
_CHOOSING = ("document", "actor", "period", "modality")
_WITHOUT = {"turtle": RdfFormat.TURTLE, "ntriples": RdfFormat.N_TRIPLES}


def load(job: Mapping[str, Any]) -> int:
    """Loads what a job needs (the reasoning, pyarrow); gives the bytes of address space that it took."""
    taken = 0
    if any(job[name] for name in _CHOOSING) and "relgraph.exports.extracting" not in sys.modules:
        taken += sandbox.load(lambda: cast("None", import_module("relgraph.exports.extracting")))
    return taken + (arrow.load() if job["form"].endswith("parquet") else 0)


def of_release(
    release: Path, store: Store, job: Mapping[str, Any], take: Callable[[bytes], object], tell: naming.Tell | None = None
) -> None:
    """Writes what a job asks for of a release: form and selection as people write them.

    take: is given the bytes; tell: what names were taken for.

    Raises UsageError for names that are not known, InputError for what the form cannot hold.
    """
    chosen = asking.asked(
        store, job["graph"], job["document"], job["actor"], job["period"], job["modality"], job["undated"], tell
    )
    with stream(take) as out:
        write(Release(release), job["form"], chosen, out)


def of_dataset(store: Store, job: Mapping[str, Any], take: Callable[[bytes], object]) -> None:
    """Writes what a job asks for of any store: all quads, or the triples of its default graph; or of the graphs named."""
    graphs: list[Any] = list(_graphs(store, job["graph"]))
    form = FORMS[job["form"]].name
    with stream(take) as out:
        if form in _WITH_GRAPHS:
            named: list[Any] = graphs or [DefaultGraph(), *sorted(store.named_graphs(), key=str)]
            serialize((quad for graph in named for quad in _quads(store, graph)), out, _WITH_GRAPHS[form])
            return
        _triples(store, graphs or [DefaultGraph()], form, out)


def _triples(store: Store, graphs: list[Any], form: str, out: BinaryIO) -> None:
    quads = (
        quad
        for place, graph in enumerate(graphs)
        for quad in _quads(store, graph)
        if not any(Quad(quad.subject, quad.predicate, quad.object, earlier) in store for earlier in graphs[:place])
    )
    if form == "rdfxml":
        rdfxml.write_quads(quads, out, {})
    else:
        serialize((quad.triple for quad in quads), out, _WITHOUT[form])


def _quads(store: Store, graph: Any) -> Iterator[Quad]:
    return store.quads_for_pattern(None, None, None, graph)


def _graphs(store: Store, names: list[str]) -> Iterator[NamedNode]:
    for name in names:
        try:
            graph = NamedNode(name)
        except ValueError as error:
            raise UsageError(f"the graph {name[:100]!r} is no IRI") from error
        if not store.contains_named_graph(graph):
            raise UsageError(f"there is no graph {name[:100]!r} in this file")
        yield graph
