"""Data as shapes look at them: values along paths, instances of classes, focus nodes of targets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph.validation.paths import REPEATED
from relgraph.validation.terms import FIRST, Index
from relgraph.vocabulary import RDFS, A

_SUBCLASS = NamedNode(RDFS + "subClassOf")
#: A path as a tuple: its operator (SPARQL 1.1 section 9.1, "" for a single predicate), then predicate or paths.
Path = tuple[Any, ...]
#: Values by node; a dict keeps each once, in the order of the data.
Ends = dict[Any, dict[Any, None]]


class DataGraph:
    """Triples by predicate, from subjects and from objects."""

    def __init__(self, triples: Iterable[Triple | tuple[Any, Any, Any]] = ()) -> None:
        self._forward: dict[Any, Ends] = {}
        self._backward: dict[Any, Ends] = {}
        self._by_subject: dict[Any, list[tuple[Any, Any]]] | None = None
        self._instances: dict[Any, frozenset[Any]] = {}
        self.add(triples)

    def add(self, triples: Iterable[Triple | tuple[Any, Any, Any]]) -> None:
        """Adds triples; what has been asked for before does not know of them, so add before asking about their predicates."""
        forward = self._forward
        for s, p, o in triples:
            try:
                ends = forward[p]
            except KeyError:
                ends = forward[p] = {}
            try:
                ends[s][o] = None
            except KeyError:
                ends[s] = {o: None}

    def triples(self, without: Collection[Any] = ()) -> Iterator[Triple]:
        """The triples, each once, but for those with some predicates."""
        for predicate, ends in self._forward.items():
            if predicate not in without:
                for subject, values in ends.items():
                    yield from (Triple(subject, predicate, value) for value in values)

    def mentioned(self, nodes: Iterable[Any]) -> set[Any]:
        """Those of the nodes that are the subject or the object of a triple."""
        left = set(nodes)
        found: set[Any] = set()
        for ends in self._forward.values():
            found.update(left & ends.keys())
        left -= found
        if left:  # in one pass, however many they are
            for ends in self._forward.values():
                found.update(
                    node for values in ends.values() if not left.isdisjoint(values) for node in left.intersection(values)
                )
        return found

    def forward(self, predicate: Any) -> Mapping[Any, Collection[Any]]:
        """The values of a predicate by subject."""
        return self._forward.get(predicate, {})

    def backward(self, predicate: Any) -> Mapping[Any, Collection[Any]]:
        """The subjects of a predicate by value."""
        if predicate not in self._backward:
            found: Ends = {}
            for s, values in self._forward.get(predicate, {}).items():
                for o in values:
                    found.setdefault(o, {})[s] = None
            self._backward[predicate] = found
        return self._backward[predicate]

    def about(self, subject: Any) -> list[tuple[Any, Any]]:
        """All predicates and values of a subject."""
        if self._by_subject is None:
            self._by_subject = {}
            for p, ends in self._forward.items():
                for s, values in ends.items():
                    self._by_subject.setdefault(s, []).extend((p, o) for o in values)
        return self._by_subject.get(subject, [])

    def rows(self, nodes: Iterable[Any], path: Path) -> list[tuple[Any, Collection[Any]]]:
        """Each node with the values along a path."""
        if path[0] == "":
            ends = self.forward(path[1])
            return [(node, ends.get(node, ())) for node in nodes]
        return [(node, self.values(node, path)) for node in nodes]

    def values(self, node: Any, path: Path) -> Collection[Any]:
        """The nodes at the other end of a path, each once (SHACL section 2.3.1)."""
        operator, *parts = path
        if operator == "":
            return self.forward(parts[0]).get(node, ())
        if operator == "^" and parts[0][0] == "":
            return self.backward(parts[0][1]).get(node, ())
        if operator == "/":
            found: Collection[Any] = (node,)
            for part in parts:
                found = dict.fromkeys(end for each in found for end in self.values(each, part))
            return found
        if operator == "|":
            return dict.fromkeys(end for part in parts for end in self.values(node, part))
        if operator == "?":
            return dict.fromkeys((node, *self.values(node, parts[0])))
        return self._repeated(node, parts[0], operator == "*")

    def _repeated(self, node: Any, path: Path, with_start: bool) -> Collection[Any]:
        found: dict[Any, None] = {node: None} if with_start else {}
        queue = [node]
        while queue:
            for end in self.values(queue.pop(), path):
                if end not in found:
                    found[end] = None
                    queue.append(end)
        return found

    def instances(self, class_: Any) -> frozenset[Any]:
        """The SHACL instances of a class: of it or of a class below it, by the data alone (SHACL section 1.1)."""
        if class_ not in self._instances:
            classes = self._repeated(class_, ("^", ("", _SUBCLASS)), True)
            types = self.backward(A)
            self._instances[class_] = frozenset(node for each in classes for node in types.get(each, ()))
        return self._instances[class_]

    def focus_nodes(self, targets: Iterable[tuple[str, Any]]) -> list[Any]:
        """The nodes that targets look at, each once (SHACL section 2.1.3)."""
        found: dict[Any, None] = {}
        for name, value in targets:
            if name == "targetNode":
                found[value] = None
            elif name == "targetClass":
                found |= dict.fromkeys(self.instances(value))
            elif name == "targetSubjectsOf":
                found |= dict.fromkeys(self.forward(value))
            elif name == "targetObjectsOf":
                found |= dict.fromkeys(self.backward(value))
        return list(found)


def path_of(index: Index, node: Any) -> Path:
    """A well-formed path of a shapes graph as a tuple; the inverse of a longer path is that of its parts, turned round."""
    if isinstance(node, NamedNode):
        return ("", node)
    if index.values(node, FIRST):
        return ("/", *(path_of(index, member) for member in index.members(node) or []))
    for name, operator in REPEATED.items():
        for value in index.values(node, name):
            return (operator, path_of(index, value))
    for value in index.values(node, "alternativePath"):
        return ("|", *(path_of(index, member) for member in index.members(value) or []))
    return _inverse(path_of(index, index.values(node, "inversePath")[0]))


def _inverse(path: Path) -> Path:
    operator, *parts = path
    if operator == "":
        return ("^", path)
    if operator == "^":
        return parts[0]  # type: ignore[no-any-return]
    turned = tuple(_inverse(part) for part in parts)
    return (operator, *(reversed(turned) if operator == "/" else turned))


def kinds_of(node: Any) -> Iterator[str]:
    """The node kinds of SHACL (section 4.1.3) that a node is of."""
    if isinstance(node, NamedNode):
        yield from ("IRI", "BlankNodeOrIRI", "IRIOrLiteral")
    elif isinstance(node, BlankNode):
        yield from ("BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral")
    elif isinstance(node, Literal):
        yield from ("Literal", "BlankNodeOrLiteral", "IRIOrLiteral")
