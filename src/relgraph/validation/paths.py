"""Property paths (SHACL section 2.3.1): from RDF to text, and back.

The text of a path that is a single IRI is the IRI itself; every other path is written as SPARQL 1.1 section 9.1 writes
it, with full IRIs in angle brackets: <urn:a>/^<urn:b>|(<urn:c>|<urn:d>)*.
"""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Triple

from relgraph.findings import Node
from relgraph.validation.terms import FIRST, NIL, REST, Index, Subject
from relgraph.vocabulary import SH

#: Predicates of paths with one step, and what SPARQL writes behind that step.
REPEATED: Final = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}
#: So deep a path may be nested.
_DEEPEST: Final = 50
_TOKEN = re.compile(r"<[^>]*>|[\^/|()*+?]")


class PathError(ValueError):
    """A node is no well-formed path; the text says why."""


def text(index: Index, path: Node) -> str:
    """The text of a path. Raises PathError where it is not well-formed."""
    return path.value if isinstance(path, NamedNode) else _text(index, path, (), 0)


def is_simple(index: Index, path: Node) -> bool:
    """False for a path that has the inverse of something other than an IRI in it."""
    steps = [*index.values(path, "inversePath")]
    if any(not isinstance(step, NamedNode) for step in steps):
        return False
    for name in REPEATED:
        steps += index.values(path, name)
    alternatives = index.value(path, "alternativePath")
    steps += (index.members(alternatives) if alternatives is not None else None) or []
    if index.values(path, FIRST):
        steps += index.members(path) or []
    return all(is_simple(index, step) for step in steps)


def _text(index: Index, path: Node, above: tuple[Node, ...], level: int) -> str:
    """level: 0 where alternatives may stand, 1 where sequences may, 2 where ^ may, 3 where only one step may."""
    if isinstance(path, NamedNode) and path != NIL:
        return str(path)
    if path in above:
        raise PathError("the path contains itself")
    if len(above) > _DEEPEST:
        raise PathError(f"the path is nested more than {_DEEPEST} deep")
    if not isinstance(path, BlankNode):
        raise PathError(f"{path} is not a property path")
    below = (*above, path)
    kinds = [name for name in ("inversePath", "alternativePath", *REPEATED) if index.values(path, name)]
    if index.values(path, FIRST) or index.values(path, REST):
        members = index.members(path)
        if members is None or len(members) < 2:  # what else it says does not count (W3C test path-strange-001)
            raise PathError("a sequence of a path is no list of at least two paths")
        own, result = 1, "/".join(_text(index, member, below, 2) for member in members)
    elif len(kinds) != 1 or len(index.values(path, kinds[0])) != 1:
        raise PathError("a node of the path is neither a list nor has it exactly one of inversePath, alternativePath and so on")
    elif kinds[0] == "alternativePath":
        members = index.members(index.values(path, "alternativePath")[0])
        if members is None or len(members) < 2:
            raise PathError("sh:alternativePath is no list of at least two paths")
        own, result = 0, "|".join(_text(index, member, below, 1) for member in members)
    elif kinds[0] == "inversePath":
        own, result = 2, "^" + _text(index, index.values(path, kinds[0])[0], below, 3)
    else:
        own, result = 3, _text(index, index.values(path, kinds[0])[0], below, 3) + REPEATED[kinds[0]]
        if above and level == 3:
            own = 2
    return result if own >= level else f"({result})"


class Triples:
    """The RDF of a path text: node is the path, triples what describes it. Blank nodes are named after a prefix."""

    def __init__(self, written: str, prefix: str) -> None:
        self.triples: list[Triple] = []
        self._prefix = prefix
        self._count = 0
        if ":" in written and not re.match(r"[\^(<]", written):
            self.node: Subject = NamedNode(written)
            return
        self._tokens = _TOKEN.findall(written)
        self.node = self._alternatives()

    def _blank(self) -> BlankNode:
        self._count += 1
        return BlankNode(f"{self._prefix}p{self._count}")

    def _accept(self, *tokens: str) -> str:
        return self._tokens.pop(0) if self._tokens and self._tokens[0] in tokens else ""

    def _alternatives(self) -> Subject:
        steps = [self._sequence()]
        while self._accept("|"):
            steps.append(self._sequence())
        return steps[0] if len(steps) == 1 else self._one("alternativePath", self._list(steps))

    def _sequence(self) -> Subject:
        steps = [self._step()]
        while self._accept("/"):
            steps.append(self._step())
        return steps[0] if len(steps) == 1 else self._list(steps)

    def _step(self) -> Subject:
        if self._accept("^"):
            return self._one("inversePath", self._step())
        if self._accept("("):
            node = self._alternatives()
            self._accept(")")
        else:
            node = NamedNode(self._tokens.pop(0)[1:-1])
        while mark := self._accept(*REPEATED.values()):
            node = self._one(next(name for name, written in REPEATED.items() if written == mark), node)
        return node

    def _one(self, predicate: str, value: Subject) -> BlankNode:
        node = self._blank()
        self.triples.append(Triple(node, NamedNode(SH + predicate), value))
        return node

    def _list(self, steps: list[Subject]) -> BlankNode:
        nodes = [self._blank() for _ in steps]
        rests: list[Subject] = [*nodes[1:], NIL]
        for node, step, rest in zip(nodes, steps, rests, strict=True):
            self.triples += [Triple(node, FIRST, step), Triple(node, REST, rest)]
        return nodes[0]
