"""The real graph, copied until it is large enough, with something wrong in every tenth node."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from relgraph import build
from relgraph.project import find
from relgraph.vocabulary import DEFAULT_GRAPHS, ID, XSD, A

SEED: Final = 20040101
#: So many nodes are made faulty.
FAULTY: Final = 0.1
_NO_ENTITY: Final = NamedNode(ID + "nothing")

_Node = list[Triple]


def real_graph() -> tuple[list[Triple], Path]:
    """What the shapes look at in the project's graph, each triple once, and the folder of the shapes."""
    project = find(None)
    built = build.assemble(project, None, lambda stage: None)
    triples = dict.fromkeys(quad.triple for quad in built.quads if quad.graph_name in DEFAULT_GRAPHS)
    known = [t for t in triples if not isinstance(t.object, Triple) and not isinstance(t.subject, Triple)]
    return sorted(known, key=str), project.ontology / "shapes"


def write(path: Path, triples: Sequence[Triple], size: int) -> int:
    """Writes an N-Triples file of whole copies of the graph, `size` triples or more; gives their number.

    The same graph and size give the same file.
    """
    chosen = random.Random(SEED)
    made: dict[Triple, None] = {}
    copy = 0
    while len(made) < size:
        # what is no copy of its own, as the schemes, comes out of every round the same, and without faults
        for node in _nodes(_renamed(t, copy) for t in triples):
            is_own = isinstance(node[0].subject, NamedNode) and node[0].subject.value.startswith(ID)
            if is_own and chosen.random() < FAULTY:
                node = chosen.choice(_FAULTS)(node, chosen)
            made.update(dict.fromkeys(node))
        copy += 1
    serialize(made, str(path), format=RdfFormat.N_TRIPLES)
    return len(made)


def _nodes(triples: Iterable[Triple]) -> Iterator[_Node]:
    """The triples of each subject together; they come sorted."""
    node: _Node = []
    for triple in triples:
        if node and node[0].subject != triple.subject:
            yield node
            node = []
        node.append(triple)
    if node:
        yield node


def _renamed(triple: Triple, copy: int) -> Triple:
    """The triple as the copy has it, in which all that the project names itself has another name."""
    s, p, o = triple
    subject = NamedNode(_copied(s.value, copy)) if isinstance(s, NamedNode) else s
    return Triple(subject, p, NamedNode(_copied(o.value, copy)) if isinstance(o, NamedNode) else o)


def _copied(iri: str, copy: int) -> str:
    return f"{ID}copy-{copy}/{iri.removeprefix(ID)}" if iri.startswith(ID) else iri


def _without(node: _Node, chosen: random.Random) -> _Node:
    """All values of a property are missing."""
    dropped = chosen.choice(sorted({t.predicate.value for t in node if t.predicate != A}) or [""])
    return [t for t in node if t.predicate.value != dropped]


def _twice(node: _Node, chosen: random.Random) -> _Node:
    """A property has one value more, of the same kind."""
    t = chosen.choice(node)
    if isinstance(t.object, Literal):
        if t.object.datatype.value == XSD + "dateTime":
            return [*node, Triple(t.subject, t.predicate, _literal(t.object, "2999-01-01T00:00:00Z"))]
        return [*node, Triple(t.subject, t.predicate, _literal(t.object, t.object.value + "9"))]
    return [*node, Triple(t.subject, t.predicate, _NO_ENTITY)] if t.predicate != A else node


def _other(node: _Node, chosen: random.Random) -> _Node:
    """A value is of another kind: a literal where a resource should be, a number where a text should be."""
    at = chosen.randrange(len(node))
    t = node[at]
    if t.predicate == A or (isinstance(t.object, Literal) and t.object.datatype.value == XSD + "dateTime"):
        return node  # the engines compare values of two kinds each in its own way
    value = Literal("1", datatype=NamedNode(XSD + "integer")) if isinstance(t.object, Literal) else Literal("something")
    return [*node[:at], Triple(t.subject, t.predicate, value), *node[at + 1 :]]


def _untrimmed(node: _Node, chosen: random.Random) -> _Node:
    """A language has a second text, which ends with a blank."""
    for t in node:
        if isinstance(t.object, Literal) and t.object.language:
            return [*node, Triple(t.subject, t.predicate, _literal(t.object, t.object.value + " "))]
    return _without(node, chosen)


def _literal(like: Literal, value: str) -> Literal:
    return Literal(value, language=like.language) if like.language else Literal(value, datatype=like.datatype)


_FAULTS: Final[tuple[Callable[[_Node, random.Random], _Node], ...]] = (_without, _twice, _other, _untrimmed)
