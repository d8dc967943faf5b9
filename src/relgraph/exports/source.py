"""What is exported: quads of a release, in the order of its dataset.nq, as a stream of flat memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from relgraph.errors import UsageError
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, DEFAULT_GRAPHS, INFERRED, ONTOLOGY_GRAPH, PROVENANCE, REPORTED

#: The graphs of a release by the names that people give.
GRAPHS: Final = {
    "asserted": ASSERTED,
    "provenance": PROVENANCE,
    "inferred": INFERRED,
    "reported": REPORTED,
    "ontology": ONTOLOGY_GRAPH,
}
ALL: Final = tuple(GRAPHS.values())
#: What is exported without a choice where graph names are lost: the default graph of a query.
DEFAULT: Final = DEFAULT_GRAPHS
#: Bytes that are read at once.
_BLOCK: Final = 1 << 20


class Source:
    """Quads of a release, whole or selected.

    release: where they are from; graphs: those that are wanted; data: a file of N-Quads or its bytes, one quad a line, lines
    sorted bytewise; by default the release's dataset.nq. What is selected comes with its own data, and what opens its store.
    """

    def __init__(
        self,
        release: Release,
        graphs: tuple[NamedNode, ...] = ALL,
        data: Path | bytes | None = None,
        store: Callable[[], Store] | None = None,
    ) -> None:
        self.release = release
        self.graphs = graphs
        self._data = release.path / "dataset.nq" if data is None else data
        self._open_store = store or release.store

    @cached_property
    def store(self) -> Store:
        """A store of what is exported, of all graphs, for looking things up; its default graph is that of a query."""
        return self._open_store()

    def quads(self, *graphs: NamedNode) -> Iterator[Quad]:
        """The quads of the named graphs (by default those wanted), in bytewise order of their lines.

        So they are grouped by subject, and a triple that stands in several graphs comes in a row.
        """
        for block in self.blocks(*graphs):
            yield from parse(block, format=RdfFormat.N_QUADS)

    def blocks(self, *graphs: NamedNode) -> Iterator[bytes]:
        """The same as whole lines of N-Quads, about a megabyte at a time."""
        wanted = graphs or self.graphs
        ends = None if set(wanted) >= set(ALL) else tuple(f" <{graph.value}> .\n".encode() for graph in wanted)
        with self._open() as file:
            while block := file.read(_BLOCK):
                block += file.readline()
                if ends is None:
                    yield block
                    continue
                kept = b"".join([line for line in block.splitlines(keepends=True) if line.endswith(ends)])
                if kept:
                    yield kept

    def by_subject(self, *graphs: NamedNode) -> Iterator[Iterator[Quad]]:
        """The same, the quads of one subject at a time."""
        for _, quads in groupby(self.quads(*graphs), key=lambda quad: quad.subject):
            yield quads

    def _open(self) -> BinaryIO:
        if isinstance(self._data, bytes):
            return BytesIO(self._data)
        try:
            return self._data.open("rb")
        except OSError as error:
            raise UsageError(f"{self._data} cannot be read: {error.strerror}. Run `relgraph build`") from error
