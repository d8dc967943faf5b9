"""The part of a release that goes with chosen claims, so that every statement about a fact keeps its footnote.

Exported are the claims with their passages and contents; their facts, with those values that a chosen claim says; and what
all of these mention, with what is said of it itself (docs/exports.md). All is taken from the release as it stands.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse, serialize
from rdflib import Graph

from relgraph.errors import UsageError
from relgraph.exports import temporary
from relgraph.exports.choosing import chosen
from relgraph.exports.parts import Parts
from relgraph.exports.room import room
from relgraph.exports.seeking import Seeking
from relgraph.exports.selection import Selection
from relgraph.exports.source import Source
from relgraph.rdflibgraph import oxigraph_term, rdflib_graph
from relgraph.reasoning import Reasoned
from relgraph.release import Release
from relgraph.vocabulary import ALT_LABEL, ASSERTED, HIDDEN_LABEL, INFERRED, ONTOLOGY_GRAPH, PREF_LABEL

_LABELS = frozenset({PREF_LABEL, ALT_LABEL, HIDDEN_LABEL})


@contextmanager
def extract(release: Release, selection: Selection, graphs: tuple[NamedNode, ...]) -> Iterator[Source]:
    """The source of a selection of claims; see relgraph.exports.selection.selected.

    Memory is used for the reasoning over what is chosen, where the inferred graph is wanted, and else for caches only. Raises
    RoomError where there is no room for temporary files.
    """
    whole = Source(release)
    with ExitStack() as stack:
        with room("a selection"), whole.open() as file, ExitStack() as stated:
            seeking = Seeking(file)
            data = stated.enter_context(_put_aside(_chosen_lines(whole, seeking, selection)))
            if INFERRED in graphs:
                data = stack.enter_context(_put_aside(_with_inferred(seeking, data)))
            else:
                stack.enter_context(stated.pop_all())
            seeking.forget()
        yield Source(release, graphs, data)


def _put_aside(lines: Generator[bytes]) -> temporary.File:
    """A file with some lines. Their database is closed here in any case: it belongs to the thread that opened it."""
    with closing(lines):
        return temporary.File(lines)


def _chosen_lines(whole: Source, seeking: Seeking, selection: Selection) -> Generator[bytes]:
    """The lines of a selection without the inferred ones."""
    with chosen(whole, selection) as database:
        if database.execute("SELECT 1 FROM chosen").fetchone() is None:
            raise UsageError("nothing in the release matches this selection. Leave out one of its filters, or widen one")
        yield from Parts(database, whole, seeking).lines()


def _with_inferred(seeking: Seeking, data: temporary.File) -> Generator[bytes]:
    """The lines of selected data, and those of the release's inferred graph that follow from them alone."""
    with temporary.database() as database, data.open() as file:
        database.execute("CREATE TABLE entailed (line BLOB)")
        database.executemany("INSERT INTO entailed VALUES (?)", _entailed(data))
        lines = (line for (line,) in database.execute("SELECT line FROM entailed ORDER BY line"))
        yield from heapq.merge(file, (line for line in lines if any(seeking.starting(line))))


def _entailed(data: temporary.File) -> Iterator[tuple[bytes]]:
    """What follows from data, as lines of the inferred graph. Whether they contradict the ontology the build has asked."""
    ontology = rdflib_graph(quad.triple for quad in _quads(data) if quad.graph_name == ONTOLOGY_GRAPH)
    for triple in Reasoned(_asserted(data, ontology), ontology).entailed():
        quad = Quad(triple.subject, triple.predicate, triple.object, INFERRED)
        yield (serialize([quad], format=RdfFormat.N_QUADS) or b"",)


def _asserted(data: temporary.File, ontology: Graph) -> Iterator[Triple]:
    """What is asserted, but for labels, where the ontology says nothing of them: nothing follows from these."""
    known = {oxigraph_term(term) for ends in (ontology.subjects(), ontology.objects()) for term in ends}
    left_out = _LABELS - known
    return (quad.triple for quad in _quads(data) if quad.graph_name == ASSERTED and quad.predicate not in left_out)


def _quads(data: temporary.File) -> Iterator[Quad]:
    with data.open() as file:
        yield from parse(file, RdfFormat.N_QUADS)
