"""RDF files given on the command line: read once, kept by file, with the line of each triple when it is asked for.

The parser says nothing of lines. It reads a file line by line, though, when it is handed one line at a time, and gives a
triple as soon as it has read its object: the number of lines handed over by then is the line of the triple. That holds
for Turtle, TriG, N-Triples, N-Quads, N3 and RDF/XML; JSON-LD is given out only at its end, and there the line is the
first one with the IRI of the subject. Both readings give the triples in the same order, so blank nodes are found too.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from relgraph import rdf
from relgraph.errors import InputError, Problem

#: Labels that the parser makes up for blank nodes without one.
_MADE_UP: Final = re.compile(r"[0-9a-f]{24,}")
#: The beginning of a line that can only end what stands on a line before it.
_CLOSING: Final = re.compile(rb"\s*[;,.)\]}](?:\s|$)")


@dataclass(frozen=True)
class DataFile:
    """An RDF file that was read: its name for people, its quads in the order of the file, and what it was read from.

    content: the file where it can be read once more, else (a pipe, standard input) the bytes that were read.
    """

    name: str
    quads: tuple[Quad, ...]
    syntax: RdfFormat
    content: Path | bytes

    def lines(self) -> list[int]:
        """The line of each quad, in the same order. Reads the file once more.

        Raises InputError when it is not what it was when its quads were read.
        """
        try:
            content = self.content.read_bytes() if isinstance(self.content, Path) else self.content
            if self.syntax == RdfFormat.JSON_LD:
                return _json_lines(content, self.quads)
            lines = list(line_numbers(content, self.syntax))
        except (OSError, SyntaxError, ValueError) as error:
            raise self._changed() from error
        if len(lines) != len(self.quads):
            raise self._changed()
        return lines

    def _changed(self) -> InputError:
        return InputError([Problem(f"{self.name}:1", "the file changed while it was read", "Run again when it is written")])


def read_file(path: Path, problems: list[Problem], syntax: RdfFormat | None = None) -> DataFile:
    """Reads an RDF file; one that is missing, broken or of unknown syntax adds a problem and is empty."""
    known = syntax or rdf.FILE_SYNTAXES.get(path.suffix.lower())
    chosen = known or RdfFormat.TURTLE
    if known and path.exists() and not path.is_file() and not path.is_dir():  # a pipe gives what it holds only once
        try:
            return read_bytes(str(path), path.read_bytes(), known, problems)
        except OSError as error:
            problems.append(Problem(f"{path}:1", f"cannot be read: {error.strerror}", "Check that it is readable"))
            return DataFile(str(path), (), chosen, b"")
    return DataFile(str(path), tuple(rdf.read(path, problems, syntax)), chosen, path)


def read_bytes(name: str, content: bytes, syntax: RdfFormat, problems: list[Problem]) -> DataFile:
    """Reads RDF that came from elsewhere than a file, such as standard input; name: what problems and findings call it."""
    try:
        quads = tuple(parse(input=content.removeprefix(BOM_UTF8), format=syntax, base_iri=rdf.BASE))
        return DataFile(name, quads, syntax, content)
    except SyntaxError as error:
        problems.append(Problem(f"{name}:{error.lineno or 1}", f"not valid {syntax.name}: {error.msg}", "Mend it there"))
    except (ValueError, MemoryError) as error:
        problems.append(Problem(f"{name}:1", f"cannot be read: {error}", "Give it as UTF-8"))
    return DataFile(name, (), syntax, content)


def told_apart(files: Iterable[DataFile]) -> list[DataFile]:
    """The files with blank node labels that are the same in every run and never the same in two files.

    Labels stay where they can; one that the parser made up, or that is taken, becomes b1, b2 …
    """
    taken: set[str] = set()
    return [_relabelled(file, taken) for file in files]


def line_numbers(content: bytes, syntax: RdfFormat) -> Iterator[int]:
    """The line, from 1, on which each quad of valid RDF ends, in the order of the text."""
    reader = _LineReader(content.removeprefix(BOM_UTF8))
    for _ in parse(input=cast(IO[bytes], reader), format=syntax, base_iri=rdf.BASE):
        yield reader.line


class _LineReader:
    """A binary file that gives one line at a time. line: the number of the line that was begun last and says something."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._offset = 0
        self._line = 0
        self._begins = True
        self.line = 1

    def read(self, size: int = -1) -> bytes:
        """The rest of the line, or as much of it as was asked for.

        A line that begins by closing what stands before it (`;` under a text) is given in two parts: what comes out
        after the first belongs to the line before.
        """
        start, limit = self._offset, self._offset + size if size >= 0 else len(self._content)
        end = self._content.find(b"\n", start, limit) + 1 or min(limit, len(self._content))
        closing = _CLOSING.match(self._content, start, end) if self._begins else None
        if self._begins:
            self._line += 1
        if closing:
            end = closing.end()
        else:
            piece = self._content[start:end].strip()
            if piece and not (self._begins and piece.startswith(b"#")):
                self.line = self._line
        self._begins = self._content[end - 1 : end] == b"\n"
        self._offset = end
        return self._content[start:end]


def _json_lines(content: bytes, quads: Iterable[Quad]) -> list[int]:
    """For each quad the first line with the IRI of its subject as a JSON string, 1 where there is none."""
    known: dict[str, int] = {}
    lines = []
    for quad in quads:
        iri = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        if iri not in known:
            offset = content.find(json.dumps(iri, ensure_ascii=False).encode())
            known[iri] = content.count(b"\n", 0, max(0, offset)) + 1
        lines.append(known[iri])
    return lines


def _relabelled(file: DataFile, taken: set[str]) -> DataFile:
    names: dict[str, BlankNode] = {}

    def name(node: BlankNode) -> BlankNode:
        if node.value not in names:
            label, number = node.value, len(names)
            while label in taken or _MADE_UP.fullmatch(label):
                number += 1
                label = f"b{number}"
            taken.add(label)
            names[node.value] = BlankNode(label)
        return names[node.value]

    def resource(one: NamedNode | BlankNode | Triple) -> NamedNode | BlankNode | Triple:
        if isinstance(one, Triple):
            return Triple(resource(one.subject), one.predicate, term(one.object))
        return name(one) if isinstance(one, BlankNode) else one

    def term(one: NamedNode | BlankNode | Literal | Triple) -> NamedNode | BlankNode | Literal | Triple:
        return one if isinstance(one, Literal) else resource(one)

    def quad(one: Quad) -> Quad:
        if not any(isinstance(part, BlankNode | Triple) for part in (one.subject, one.object, one.graph_name)):
            return one
        graph = name(one.graph_name) if isinstance(one.graph_name, BlankNode) else one.graph_name
        return Quad(resource(one.subject), one.predicate, term(one.object), graph)

    return replace(file, quads=tuple(map(quad, file.quads)))
