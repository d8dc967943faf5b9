"""SHACL Core on indexes: whole columns of focus nodes and values go through one constraint after the other.

What a constraint means is that of SHACL section 4; numbers in comments are its sections. Values are compared, and patterns
matched, as SPARQL does it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from relgraph.datatypes import ill_formed
from relgraph.validation.expressions import Matcher, holds
from relgraph.validation.graph import DataGraph, kinds_of, path_of
from relgraph.validation.results import Result
from relgraph.validation.shapes import Shapes
from relgraph.validation.terms import CORE, Subject, is_true
from relgraph.vocabulary import SH

#: The focus nodes that a shape has been looked at for. A property shape may be reached in more ways than can be counted.
Done = dict[Any, set[Any]]
#: A focus node and its value nodes.
Row = tuple[Any, Collection[Any]]
#: A focus node, the value at fault (None where it is none), and the path where it is another than the shape's.
Fault = tuple[Any, Any, Any]
#: What a constraint finds in rows.
Constraint = Callable[[Sequence[Row]], Iterable[Fault]]
_COMPONENT = {name: NamedNode(f"{SH}{component}ConstraintComponent") for name, component in CORE.items()}
_OPERATORS = {"minExclusive": ">", "minInclusive": ">=", "maxExclusive": "<", "maxInclusive": "<="}


def results(graph: DataGraph, shapes: Shapes, chosen: Iterable[Subject]) -> list[Result]:
    """The results for data. chosen: the shapes with targets; with all that they reach they are SHACL Core."""
    validator = _Validator(graph, shapes)
    done: Done = {}
    return [result for shape in chosen for result in validator.results(shape, graph.focus_nodes(shapes.targets(shape)), done)]


class _Validator:
    def __init__(self, graph: DataGraph, shapes: Shapes) -> None:
        self._graph = graph
        self._shapes = shapes
        self._index = shapes.index
        self._constraints: dict[Subject, list[tuple[NamedNode, Constraint]]] = {}
        self._known: dict[Any, tuple[set[Any], set[Any]]] = {}  # the nodes that conform to a shape, and those that do not

    def results(self, shape: Any, nodes: Sequence[Any], done: Done) -> Iterator[Result]:
        """The results of a shape for focus nodes, those of its property shapes included; none for what is done, to which
        they are added."""
        index = self._index
        before = done.setdefault(shape, set())
        focus_nodes = [node for node in nodes if node not in before] if before else nodes
        before.update(focus_nodes)
        if not focus_nodes or is_true(index.value(shape, "deactivated")):
            return
        rows = self._rows(focus_nodes, shape)
        for component, constraint in self._constraints_of(shape):
            for focus, value, other in constraint(rows):
                yield Result(shape, focus, component, value, other)
        if parts := index.values(shape, "property"):
            values = list(dict.fromkeys(value for _, found in rows for value in found))
            for part in parts:
                yield from self.results(part, values, done)

    def _constraints_of(self, shape: Any) -> list[tuple[NamedNode, Constraint]]:
        if shape not in self._constraints:
            self._constraints[shape] = list(self._compiled(shape))
        return self._constraints[shape]

    def _conforming_of(self, nodes: set[Any], shape: Any) -> set[Any]:
        """Those of the nodes that conform to a shape. Each is looked at once."""
        met, unmet = self._known.setdefault(shape, (set(), set()))
        new = nodes - met - unmet
        if new:
            failed = self._failed(new, shape)
            unmet |= failed
            met |= new - failed
        return nodes & met

    def _failed(self, nodes: set[Any], shape: Any) -> set[Any]:
        """Those of the nodes for which a shape, or a property shape of it, has a result."""
        if is_true(self._index.value(shape, "deactivated")):
            return set()
        rows = self._rows(nodes, shape)
        failed = {focus for _, constraint in self._constraints_of(shape) for focus, _, _ in constraint(rows)}
        if parts := self._index.values(shape, "property"):
            values = {value for _, found in rows for value in found}
            for part in parts:
                values = self._conforming_of(values, part)
            failed.update(focus for focus, found in rows if not values.issuperset(found))
        return failed

    def _rows(self, nodes: Iterable[Any], shape: Any) -> list[Row]:
        """The value nodes of a shape for each node."""
        path = self._index.value(shape, "path")
        return [(node, (node,)) for node in nodes] if path is None else self._graph.rows(nodes, path_of(self._index, path))

    def _compiled(self, shape: Subject) -> Iterator[tuple[NamedNode, Constraint]]:
        """The constraints of a shape, one for each value of a parameter."""
        for predicate, given in list(self._index.by_subject.get(shape, {}).items()):
            name = predicate.value.removeprefix(SH)
            if name == "qualifiedValueShape":
                for value in given:
                    yield from self._qualified(shape, value)
            elif name in _COMPONENT and predicate.value.startswith(SH):
                for value in given:
                    if (made := self._made(name, shape, value)) is not None:
                        yield _COMPONENT[name], made

    def _made(self, name: str, shape: Subject, value: Any) -> Constraint | None:
        if name in ("minCount", "maxCount"):
            number = int(value.value)
            if name == "minCount":  # 4.2.1
                return lambda rows: [(f, None, None) for f, found in rows if len(found) < number]
            return lambda rows: [(f, None, None) for f, found in rows if len(found) > number]  # 4.2.2
        if name == "hasValue":  # 4.8.2
            return lambda rows: [(f, None, None) for f, found in rows if value not in found]
        if name == "uniqueLang":  # 4.4.5; the term true alone, not "1" (W3C test uniqueLang-002)
            return _repeated_languages if value.value == "true" else None
        if name == "closed":  # 4.8.1
            return self._closed(shape) if is_true(value) else None
        if name in ("equals", "disjoint"):
            return self._pairwise(name, value)
        if name in ("node", "not", "and", "or", "xone"):
            return self._logical(name, value)
        test = self._test(name, shape, value)
        if test is None:
            return None
        return lambda rows: [(f, each, None) for f, found in rows for each in found if not test(each)]

    def _test(self, name: str, shape: Subject, value: Any) -> Callable[[Any], bool] | None:
        """What each value node has to be, for the components that look at one value after the other."""
        index = self._index
        if name == "class":  # 4.1.1
            return self._graph.instances(value).__contains__
        if name == "datatype":  # 4.1.2
            return _DatatypeTest(value)
        if name == "nodeKind":  # 4.1.3
            kind = value.value.removeprefix(SH)
            return lambda node: kind in kinds_of(node)
        if name in _OPERATORS:  # 4.3
            return lambda node: isinstance(node, Literal) and holds(node, _OPERATORS[name], value)
        if name in ("minLength", "maxLength"):  # 4.4.1, 4.4.2
            limit = int(value.value)
            if name == "minLength":
                return lambda node: not isinstance(node, BlankNode) and len(node.value) >= limit
            return lambda node: not isinstance(node, BlankNode) and len(node.value) <= limit
        if name == "pattern":  # 4.4.3
            matches = Matcher(value.value, "".join(flag.value for flag in index.values(shape, "flags")))
            return lambda node: not isinstance(node, BlankNode) and matches(node.value)
        if name == "languageIn":  # 4.4.4
            ranges = [member.value.lower() for member in index.members(value) or []]
            in_range = cache(lambda language: _is_in_range(language, ranges))
            return lambda node: isinstance(node, Literal) and in_range(node.language)
        if name == "in":  # 4.8.3
            return frozenset(index.members(value) or []).__contains__
        return None

    def _logical(self, name: str, value: Any) -> Constraint:
        """The constraints of section 4.6 and 4.7.1; how many of the shapes each value node has to conform to."""
        shapes = [value] if name in ("node", "not") else self._index.members(value) or []

        def unmet(rows: Sequence[Row]) -> list[Fault]:
            nodes = {each for _, found in rows for each in found}
            if name in ("node", "and"):  # 4.7.1, 4.6.2
                for shape in shapes:
                    nodes = self._conforming_of(nodes, shape)
                met = nodes
            elif name == "or":  # 4.6.3
                met = set()
                for shape in shapes:
                    met |= self._conforming_of(nodes - met, shape)
            else:
                times = Counter(node for shape in shapes for node in self._conforming_of(nodes, shape))
                met = {node for node in nodes if times[node] == (1 if name == "xone" else 0)}  # 4.6.4, 4.6.1
            return [(f, each, None) for f, found in rows for each in found if each not in met]

        return unmet

    def _pairwise(self, name: str, predicate: Any) -> Constraint:
        others = self._graph.forward(predicate)

        def unequal(rows: Sequence[Row]) -> Iterator[Fault]:  # 4.5.1
            for focus, found in rows:
                other = others.get(focus, ())
                yield from ((focus, each, None) for each in found if each not in other)
                yield from ((focus, each, None) for each in other if each not in found)

        def common(rows: Sequence[Row]) -> Iterator[Fault]:  # 4.5.2
            for focus, found in rows:
                other = others.get(focus, ())
                yield from ((focus, each, None) for each in found if each in other)

        return unequal if name == "equals" else common

    def _closed(self, shape: Subject) -> Constraint:
        index = self._index
        allowed = {path for part in index.values(shape, "property") for path in index.values(part, "path")}
        allowed |= set(index.members(index.value(shape, "ignoredProperties")) or [])
        about = self._graph.about
        return lambda rows: [(f, o, p) for f, found in rows for each in found for p, o in about(each) if p not in allowed]

    def _qualified(self, shape: Subject, value: Any) -> Iterator[tuple[NamedNode, Constraint]]:
        """The constraints of section 4.7.3 on the number of values that conform to a shape."""
        index = self._index
        others = [sibling for sibling in self._shapes.siblings.get(shape, ()) if sibling != value]

        def bounded(least: int | None = None, most: int | None = None) -> Constraint:
            def out(rows: Sequence[Row]) -> Iterator[Fault]:
                counted = self._conforming_of({each for _, found in rows for each in found}, value)
                for other in others:
                    counted = counted - self._conforming_of(counted, other)
                for focus, found in rows:
                    number = sum(each in counted for each in found)
                    if (least is not None and number < least) or (most is not None and number > most):
                        yield focus, None, None

            return out

        for limit in index.values(shape, "qualifiedMinCount"):
            yield _COMPONENT["qualifiedMinCount"], bounded(least=int(limit.value))
        for limit in index.values(shape, "qualifiedMaxCount"):
            yield _COMPONENT["qualifiedMaxCount"], bounded(most=int(limit.value))


class _DatatypeTest:
    """Whether a node is a literal of a datatype, and its text one of that datatype's."""

    def __init__(self, datatype: Any) -> None:
        self._datatype = datatype
        self._known: dict[str, bool] = {}

    def __call__(self, node: Any) -> bool:
        """True when it is."""
        if not isinstance(node, Literal) or node.datatype != self._datatype:
            return False
        if node.language:
            return True
        known = self._known.get(node.value)
        if known is None:
            known = self._known[node.value] = not ill_formed((node,))
        return known


def _is_in_range(language: str | None, ranges: Sequence[str]) -> bool:
    """SPARQL's langMatches (basic filtering of RFC 4647 section 3.3.1)."""
    if not language:
        return False
    own = language.lower()
    return any(each in ("*", own) or own.startswith(each + "-") for each in ranges)


def _repeated_languages(rows: Sequence[Row]) -> Iterator[Fault]:
    for focus, found in rows:
        if len(found) > 1:
            languages = [each.language.lower() for each in found if isinstance(each, Literal) and each.language]
            if len(set(languages)) < len(languages):
                yield from ((focus, None, None) for number in Counter(languages).values() if number > 1)
