"""What is exported: quads of a release, in the order of its dataset.nq, as a stream of flat memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from relgraph.errors import DamageError
from relgraph.exports import temporary
from relgraph.release import REBUILD, Release
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
    sorted bytewise; by default the release's dataset.nq. What is selected comes with its own data.
    """

    def __init__(
        self,
        release: Release,
        graphs: tuple[NamedNode, ...] = ALL,
        data: temporary.File | Path | bytes | None = None,
    ) -> None:
        self.release = release
        self.graphs = graphs
        self._is_own = data is not None
        self._data = release.path / "dataset.nq" if data is None else data
        self._what = str(self._data) if isinstance(self._data, Path) else "what is exported"

    def quads(self, *graphs: NamedNode) -> Iterator[Quad]:
        """The quads of the named graphs (by default those wanted), in bytewise order of their lines.

        So they are grouped by subject, and a triple that stands in several graphs comes in a row.
        """
        for block in self.blocks(*graphs):
            yield from self.parsed(block)

    def parsed(self, lines: bytes) -> Iterator[Quad]:
        """The quads of some of the lines. Raises DamageError for lines that no build writes."""
        try:
            yield from parse(lines, format=RdfFormat.N_QUADS)
        except SyntaxError as error:
            raise DamageError(f"{self._what} is damaged ({error}). {REBUILD}") from error

    def blocks(self, *graphs: NamedNode) -> Iterator[bytes]:
        """The same as whole lines of N-Quads, about a megabyte at a time.

        Raises DamageError at the end of a dataset.nq that is not the one the release is named by: nothing may pass for whole
        that was read from it.
        """
        wanted = graphs or self.graphs
        ends = None if set(wanted) >= set(ALL) else tuple(f" <{graph.value}> .\n".encode() for graph in wanted)
        digest = hashlib.sha256()
        with self.open() as file:
            while block := file.read(_BLOCK):
                block += file.readline()
                digest.update(block)
                if ends is None:
                    yield block
                    continue
                kept = b"".join([line for line in block.splitlines(keepends=True) if line.endswith(ends)])
                if kept:
                    yield kept
        if not self._is_own and digest.hexdigest() != self.release.id:
            raise DamageError(f"{self._what} is damaged: its SHA-256 is not that of the release. {REBUILD}")

    def by_subject(self, *graphs: NamedNode) -> Iterator[Iterator[Quad]]:
        """The same, the quads of one subject at a time."""
        for _, quads in groupby(self.quads(*graphs), key=lambda quad: quad.subject):
            yield quads

    def open(self) -> BinaryIO:
        """What is exported as a file of N-Quads, to be closed by who opens it. Raises DamageError where there is none."""
        if isinstance(self._data, bytes):
            return BytesIO(self._data)
        if isinstance(self._data, temporary.File):
            return self._data.open()
        try:
            return self._data.open("rb")
        except OSError as error:
            raise DamageError(f"{self._data} cannot be read: {error.strerror}. {REBUILD}") from error


def holding(block: bytes, mark: bytes) -> Iterator[bytes]:
    """Those of whole lines that hold some bytes."""
    place = block.find(mark)
    while place >= 0:
        end = block.find(b"\n", place) + 1 or len(block)  # a file that is cut short is found out at its end
        yield block[block.rfind(b"\n", 0, place) + 1 : end]
        place = block.find(mark, end)
