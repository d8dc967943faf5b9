"""SHACL Core on indexes: whole columns of focus nodes and values go through one constraint after the other.

What a constraint means is that of SHACL section 4; numbers in comments are its sections. Values are compared, and patterns
matched, as SPARQL does it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

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


def results(data: Iterable[Triple], shapes: Shapes, chosen: Iterable[Subject]) -> list[Result]:
    """The results for data. chosen: the shapes with targets; with all that they reach they are SHACL Core."""
    graph = DataGraph(data)
    validator = _Validator(graph, shapes)
    done: Done = {}
    return [result for shape in chosen for result in validator.results(shape, graph.focus_nodes(shapes.targets(shape)), done)]


class _Validator:
    def __init__(self, graph: DataGraph, shapes: Shapes) -> None:
        self._graph = graph
        self._shapes = shapes
        self._index = shapes.index
        self._constraints: dict[Subject, list[tuple[NamedNode, Constraint]]] = {}
        self._conforming: dict[tuple[Any, Any], bool] = {}
        self._plain: dict[Any, bool] = {}  # whether a shape says nothing but what its focus node itself has to be

    def results(self, shape: Any, nodes: Sequence[Any], done: Done) -> Iterator[Result]:
        """The results of a shape for focus nodes, those of its property shapes included; none for what is done, to which
        they are added."""
        index = self._index
        before = done.setdefault(shape, set())
        focus_nodes = [node for node in nodes if node not in before] if before else nodes
        before.update(focus_nodes)
        if not focus_nodes or is_true(index.value(shape, "deactivated")):
            return
        if index.values(shape, "path"):
            rows: list[Row] = self._graph.rows(focus_nodes, path_of(index, index.values(shape, "path")[0]))
        else:
            rows = [(node, (node,)) for node in focus_nodes]
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

    def _conforms(self, node: Any, shape: Any) -> bool:
        key = (shape, node)
        known = self._conforming.get(key)
        if known is None:
            known = self._conforming[key] = self._is_met(node, shape)
        return known

    def _is_met(self, node: Any, shape: Any) -> bool:
        if shape not in self._plain:
            index = self._index
            said = any(index.values(shape, name) for name in ("path", "property", "deactivated"))
            self._plain[shape] = not said
        if not self._plain[shape]:
            return next(self.results(shape, (node,), {}), None) is None
        rows = [(node, (node,))]
        return not any(True for _, constraint in self._constraints_of(shape) for _ in constraint(rows))

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
        return self._logical(name, value)

    def _logical(self, name: str, value: Any) -> Callable[[Any], bool] | None:
        conforms = self._conforms
        if name == "node":  # 4.7.1
            return lambda node: conforms(node, value)
        if name == "not":  # 4.6.1
            return lambda node: not conforms(node, value)
        shapes = self._index.members(value) or [] if name in ("and", "or", "xone") else []
        if name == "and":  # 4.6.2
            return lambda node: all(conforms(node, each) for each in shapes)
        if name == "or":  # 4.6.3
            return lambda node: any(conforms(node, each) for each in shapes)
        if name == "xone":  # 4.6.4
            return lambda node: sum(conforms(node, each) for each in shapes) == 1
        return None

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
        index, conforms = self._index, self._conforms
        siblings = self._siblings.get(shape, ()) if is_true(index.value(shape, "qualifiedValueShapesDisjoint")) else ()
        others = [sibling for sibling in siblings if sibling != value]

        def is_out(found: Collection[Any], least: int | None, most: int | None) -> bool:
            number = sum(conforms(each, value) and not any(conforms(each, other) for other in others) for each in found)
            return (least is not None and number < least) or (most is not None and number > most)

        def bounded(least: int | None = None, most: int | None = None) -> Constraint:
            return lambda rows: [(focus, None, None) for focus, found in rows if is_out(found, least, most)]

        for limit in index.values(shape, "qualifiedMinCount"):
            yield _COMPONENT["qualifiedMinCount"], bounded(least=int(limit.value))
        for limit in index.values(shape, "qualifiedMaxCount"):
            yield _COMPONENT["qualifiedMaxCount"], bounded(most=int(limit.value))

    @cached_property
    def _siblings(self) -> dict[Any, set[Any]]:
        """The qualified value shapes of all property shapes of the shapes that a property shape belongs to."""
        index = self._index
        found: dict[Any, set[Any]] = {}
        for parent in index.by_subject:
            parts = index.values(parent, "property")
            beside = {value for part in parts for value in index.values(part, "qualifiedValueShape")}
            for part in parts:
                found.setdefault(part, set()).update(beside)
        return found


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
