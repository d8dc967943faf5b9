"""Which shapes which engine checks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph.findings import Node
from relgraph.validation import paths
from relgraph.validation.preflight import regex_of
from relgraph.validation.shapes import Shapes
from relgraph.validation.sparql import prologue
from relgraph.validation.terms import BESIDE, CORE, TARGETS, Subject, is_true
from relgraph.vocabulary import RDFS, SH, A

_PROPERTY, _SPARQL = NamedNode(SH + "property"), NamedNode(SH + "sparql")
_QUERIES = {NamedNode(SH + name) for name in ("select", "ask", "construct")}


@dataclass(frozen=True)
class Routes:
    """The shapes that have targets: those of SHACL Core, and the others."""

    core: tuple[Subject, ...]
    other: tuple[Subject, ...]


def route(shapes: Shapes, beyond_rudof: Iterable[Subject] = ()) -> Routes:
    """Core are the shapes that, with all the shapes that they reach, say nothing beyond SHACL Core.

    beyond_rudof: shapes that are not to be counted among them, as `beyond_rudof` finds them.
    """
    parameters = _own_parameters(shapes)
    beyond = {shape for shape in shapes.nodes if not _is_core(shapes, shape, parameters)}.union(beyond_rudof)
    beyond = _closed(beyond, _users(shapes))
    looking = [shape for shape in shapes.nodes if shapes.targets(shape)]
    return Routes(tuple(s for s in looking if s not in beyond), tuple(s for s in looking if s in beyond))


@dataclass(frozen=True)
class Split:
    """mixed: shapes with targets that are SHACL Core but for SPARQL constraints of their own or of their property shapes;
    queries: the shapes graph with nothing of them but these constraints; silent: it without these; other: the shapes that
    cannot be split."""

    mixed: tuple[Subject, ...]
    queries: Shapes
    silent: Shapes
    other: tuple[Subject, ...]


def split(shapes: Shapes, chosen: Sequence[Subject]) -> Split:
    """The chosen shapes, of which Core and SPARQL constraints can be checked apart, and the others.

    Apart can be checked what does not decide whether a node conforms to a shape: a constraint that stands in the shape
    itself or in a property shape, not one behind sh:node, sh:not, sh:or and so on.
    """
    index = shapes.index
    parameters = _own_parameters(shapes)
    users = _users(shapes)
    asking = {shape for shape in shapes.nodes if index.values(shape, "sparql")}
    leading = _closed(asking, users)
    whole = {shape for shape in shapes.nodes if not _is_core(shapes, shape, parameters, {"sparql"})}
    for shape in shapes.nodes:
        properties = index.values(shape, "property")
        if any(part in leading and part not in properties for part in shapes.parts(shape)):
            whole.add(shape)
    whole = _closed(whole, users)
    mixed = [shape for shape in chosen if shape not in whole]
    dropped = {NamedNode(SH + name) for name in (*CORE, "ignoredProperties", "flags", "qualifiedValueShapesDisjoint")} - {
        _PROPERTY
    }
    kept = (t for t in shapes.triples if t.predicate not in dropped and (t.predicate != _PROPERTY or t.object in leading))
    silent = (t for t in shapes.triples if t.predicate != _SPARQL)
    return Split(
        tuple(mixed),
        replace(shapes, triples=tuple(kept)),
        replace(shapes, triples=tuple(silent)),
        tuple(shape for shape in chosen if shape in whole),
    )


def _users(shapes: Shapes) -> dict[Subject, list[Subject]]:
    """For each shape those that refer to it."""
    found: dict[Subject, list[Subject]] = {}
    for shape in shapes.nodes:
        for part in shapes.parts(shape):
            found.setdefault(part, []).append(shape)
    return found


def _closed(some: Iterable[Subject], users: Mapping[Subject, Sequence[Subject]]) -> set[Subject]:
    """Some shapes with all that lead to them."""
    found = set(some)
    queue = list(found)
    while queue:
        for user in users.get(queue.pop(), ()):
            if user not in found:
                found.add(user)
                queue.append(user)
    return found


def only(shapes: Shapes, chosen: Iterable[Subject]) -> Iterator[Triple]:
    """The shapes graph with the targets of the chosen shapes only, and with the prefixes of queries in the queries."""
    keep = set(chosen)
    silent = {shape for shape in shapes.nodes if shape not in keep}
    targets = {NamedNode(SH + name) for name in (*TARGETS, "target")}
    for triple in shapes.index.triples():
        if triple.subject in silent and triple.predicate in targets:
            continue
        if triple.subject in silent and triple.predicate == A and not str(triple.object).startswith(f"<{SH}"):
            continue  # what makes a shape a target of itself
        if triple.predicate in _QUERIES and isinstance(triple.object, Literal):
            query = prologue(shapes, triple.subject)[0] + triple.object.value  # type: ignore[arg-type]
            triple = Triple(triple.subject, triple.predicate, Literal(query))
        yield triple


def reached(shapes: Shapes, chosen: Iterable[Subject]) -> Iterator[Triple]:
    """What the chosen shapes, and those that they reach, say: their triples, with the lists and paths in them."""
    wanted = list(chosen)
    looking = set(wanted)
    seen: set[Subject] = set(wanted)
    while wanted:
        subject = wanted.pop()
        following = shapes.parts(subject)
        for predicate, values in shapes.index.by_subject.get(subject, {}).items():
            if predicate.value in (SH + "name", SH + "message", SH + "description"):
                continue
            if subject not in looking and predicate.value.removeprefix(SH) in TARGETS:
                continue
            if subject not in looking and predicate == A and not all(str(value).startswith(f"<{SH}") for value in values):
                continue
            for value in values:
                yield Triple(subject, predicate, value)
            following += [value for value in values if isinstance(value, BlankNode)]
        for node in following:
            if node not in seen:
                seen.add(node)
                wanted.append(node)


def relevant(data: Iterable[Triple], core: Iterable[Triple]) -> Iterator[Triple]:
    """The statements that shapes of SHACL Core can see: those with a predicate that the shapes name, types and
    subclasses; all of them where a shape is closed, since that is about every predicate."""
    named: set[object] = {A, NamedNode(RDFS + "subClassOf")}
    for triple in core:
        named.add(triple.object)
        if triple.predicate == NamedNode(SH + "closed") and is_true(triple.object):  # type: ignore[arg-type]
            yield from data
            return
    yield from (triple for triple in data if triple.predicate in named)


def beyond_rudof(shapes: Shapes, data: Iterable[Triple]) -> set[Subject]:
    """The shapes of SHACL Core that rudof gets wrong: those with the inverse of a longer path, closed property shapes (it
    looks at the focus node, not at the values), and the property shapes that may have a literal as focus node (that a literal
    has no values, it does not notice)."""
    index = shapes.index
    paths_of = {shape: index.values(shape, "path") for shape in shapes.nodes}
    longer = {shape for shape, found in paths_of.items() if not all(paths.is_simple(index, path) for path in found)}
    closed = {shape for shape, found in paths_of.items() if found and is_true(index.value(shape, "closed"))}
    return longer | closed | _of_literals(shapes, data)


def _of_literals(shapes: Shapes, data: Iterable[Triple]) -> set[Subject]:
    """The property shapes that may have a literal as focus node."""
    index = shapes.index
    ends: set[Node] = {triple.predicate for triple in data if isinstance(triple.object, Literal)}
    queue: list[Subject] = []
    for shape in shapes.nodes:
        of_literals = [value for name, value in shapes.targets(shape) if name == "targetObjectsOf" and value in ends]
        if of_literals or any(isinstance(value, Literal) for value in index.values(shape, "targetNode")):
            queue.append(shape)
        if index.values(shape, "path") and not ends.isdisjoint(_named_in(shapes, index.values(shape, "path"))):
            queue += shapes.parts(shape)
    found: set[Subject] = set()
    while queue:
        shape = queue.pop()
        if shape not in found:
            found.add(shape)
            # what a property shape refers to, it refers to for values, not for the focus node
            queue += shapes.parts(shape) if not index.values(shape, "path") else []
    return {shape for shape in found if index.values(shape, "path")}


def _named_in(shapes: Shapes, path: Iterable[Node]) -> set[Node]:
    """Every term in a path."""
    found: set[Node] = set()
    queue = list(path)
    while queue:
        node = queue.pop()
        if node not in found:
            found.add(node)
            if isinstance(node, BlankNode):
                queue += [value for values in shapes.index.by_subject.get(node, {}).values() for value in values]
    return found


def _own_parameters(shapes: Shapes) -> set[NamedNode]:
    """The parameters of constraint components that the shapes graph defines itself (SHACL section 6.2)."""
    index = shapes.index
    return {
        path
        for pairs in index.by_subject.values()
        for parameter in pairs.get(NamedNode(SH + "parameter"), ())
        for path in index.values(parameter, "path")
        if isinstance(path, NamedNode)
    }


def _is_core(shapes: Shapes, shape: Subject, parameters: set[NamedNode], allowed: Collection[str] = ()) -> bool:
    """Whether a shape itself says nothing beyond SHACL Core, but for terms that are allowed."""
    index = shapes.index
    for predicate in index.by_subject.get(shape, {}):
        name = predicate.value.removeprefix(SH)
        if predicate in parameters:
            return False
        if predicate.value.startswith(SH) and name in VALIDATING_BEYOND_CORE and name not in allowed:
            return False
    flags = "".join(flag.value for flag in index.values(shape, "flags"))
    return all(regex_of(p.value, flags) for p in index.values(shape, "pattern") if isinstance(p, Literal))


#: Terms that make a shape say more than SHACL Core.
VALIDATING_BEYOND_CORE = frozenset({"sparql", "js", "target", "expression", "nodeByExpression"})
assert not VALIDATING_BEYOND_CORE & {*CORE, *BESIDE}
