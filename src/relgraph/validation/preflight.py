"""Whether a shapes graph is well-formed, before any engine sees it (SHACL appendix D, with the sections it names)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store

from relgraph.errors import Problem
from relgraph.findings import Node
from relgraph.validation import paths, sparql
from relgraph.validation.shapes import Shapes
from relgraph.validation.terms import LISTS_OF_SHAPES, NIL, SHAPES, VOCABULARY, Subject, is_true, shown
from relgraph.vocabulary import RDF, SH, XSD, A, local_name

_REMEDY = "Mend the shape; https://www.w3.org/TR/shacl/ says what it may hold"
_KINDS = {"BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"}
_INTEGERS = ("minCount", "maxCount", "minLength", "maxLength", "qualifiedMinCount", "qualifiedMaxCount")
_BOOLEANS = ("uniqueLang", "closed", "deactivated", "qualifiedValueShapesDisjoint")
_BOOLEAN_TEXTS = ("true", "false", "1", "0")
#: More digits than that some engine does not take.
_LONGEST_INTEGER = 18
#: What would make a shape find more, and no engine looks at (SHACL-JS, SHACL Advanced Features section 7).
_UNSUPPORTED = ("js", "expression", "nodeByExpression")
_IRIS = ("class", "datatype", "nodeKind", "equals", "disjoint", "lessThan", "lessThanOrEquals", "severity")
_TARGET_IRIS = ("targetClass", "targetSubjectsOf", "targetObjectsOf")
_STRINGS = ("pattern", "flags")
_LITERALS = ("minExclusive", "minInclusive", "maxExclusive", "maxInclusive")
_LISTS = ("in", "languageIn", "ignoredProperties", *LISTS_OF_SHAPES)
_ONCE = (*_INTEGERS, *_LITERALS, "closed", "deactivated", "datatype", "nodeKind", "severity", "flags", "in", "languageIn", "path")
_ON_PROPERTIES = ("minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape")
#: So deep shapes may be nested; what checks them recurs as deep.
DEEPEST: Final = 100
_STRING = (XSD + "string", RDF + "langString")


def check(shapes: Shapes) -> tuple[list[Problem], list[str]]:
    """What is wrong with a shapes graph, and notes on what looks like a slip (terms that SHACL does not have)."""
    problems = [
        Problem(str(shapes.place(shape)), f"{shapes.label(shape)}: {what}", _REMEDY)
        for shape in shapes.nodes
        for what in _faults(shapes, shape)
    ]
    problems += list(_cycles(shapes))
    problems += sparql.check(shapes)
    for triple in shapes.triples:
        if triple.predicate == NamedNode(SH + "entailment"):
            place = shapes.place(triple.subject)  # type: ignore[arg-type]
            what = f"the shapes ask for the entailment {shown(triple.object)}, which is not supported"  # type: ignore[arg-type]
            problems.append(Problem(str(place), what, "Materialise it in the data first, and leave sh:entailment out"))
    return problems, list(dict.fromkeys(_misspelt(shapes)))


def regex_of(pattern: str, flags: str) -> bool:
    """Whether Oxigraph (which has the same regular expressions as rudof) can use a pattern."""
    query = f"SELECT (REGEX('', {Literal(pattern)}, {Literal(flags)}) AS ?is) {{}}"
    found = Store().query(query)
    return isinstance(found, QuerySolutions) and next(iter(found))["is"] is not None


def python_regex(pattern: str, flags: str) -> bool:
    """Whether pySHACL, which takes those of Python, can use a pattern."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return set(flags) <= set("ismxq")


def _faults(shapes: Shapes, shape: Subject) -> Iterator[str]:
    index = shapes.index
    given = {
        local_name(predicate): values
        for predicate, values in index.by_subject.get(shape, {}).items()
        if predicate.value.startswith(SH)
    }
    yield from _path_faults(shapes, shape, given)
    yield from (f"sh:{name} is not supported: only SHACL Core and SPARQL are" for name in _UNSUPPORTED if name in given)
    if any(index.values(target, "jsFunctionName") for target in given.get("target", ())):
        yield "a target in JavaScript is not supported: only SHACL Core and SPARQL are"
    counts = [name for name in ("qualifiedMinCount", "qualifiedMaxCount") if name in given]
    if "qualifiedValueShape" in given and not counts:
        yield "sh:qualifiedValueShape has neither sh:qualifiedMinCount nor sh:qualifiedMaxCount"
    # a node shape may have a count alone, which means nothing there (W3C test qualified-001)
    if counts and "path" in given and "qualifiedValueShape" not in given:
        yield f"sh:{counts[0]} has no sh:qualifiedValueShape"
    for name in _ONCE:
        if len(given.get(name, ())) > 1:
            yield f"sh:{name} is given {len(given[name])} times, and may be once"
    for name, values in given.items():
        for value in values:
            if name in _INTEGERS:
                yield from _integer_faults(name, value)
            elif name in _BOOLEANS and not (_literal(value, XSD + "boolean") and value.value in _BOOLEAN_TEXTS):
                yield f"sh:{name} is {_quoted(value)}, which is neither true nor false"
            elif name == "nodeKind" and not (
                isinstance(value, NamedNode) and value.value.startswith(SH) and local_name(value) in _KINDS
            ):
                yield f"sh:nodeKind is {_quoted(value)}, and must be one of {', '.join(sorted('sh:' + k for k in _KINDS))}"
            elif name in (*_IRIS, *_TARGET_IRIS) and not isinstance(value, NamedNode):
                yield f"sh:{name} is {_quoted(value)}, which is no IRI"
            elif name == "targetNode" and isinstance(value, BlankNode):
                yield "sh:targetNode is a blank node, which cannot be the one of the data"
            elif name in _LITERALS and not isinstance(value, Literal):
                yield f"sh:{name} is {_quoted(value)}, which is no literal"
            elif name in _STRINGS and not _literal(value, XSD + "string"):
                yield f"sh:{name} is {_quoted(value)}, which is no string"
            elif name == "message" and not _literal(value, *_STRING):
                yield f"sh:message is {_quoted(value)}, which is no text"
            elif name in _LISTS:
                yield from _list_faults(shapes, name, value)
            elif name in SHAPES:
                yield from _reference_faults(shapes, name, value)
    flags = "".join(value.value for value in given.get("flags", ()))
    for value in given.get("pattern", ()):
        if _literal(value, XSD + "string") and not (regex_of(value.value, flags) or python_regex(value.value, flags)):
            yield f"sh:pattern is {_quoted(value)}, which is no regular expression"


def _path_faults(shapes: Shapes, shape: Subject, given: dict[str, list[Node]]) -> Iterator[str]:
    types = shapes.index.values(shape, A)
    if "path" not in given:
        if NamedNode(SH + "PropertyShape") in types:
            yield "a property shape has no sh:path"
        for name in _ON_PROPERTIES:
            if name in given and NamedNode(SH + "PropertyShape") not in types:
                yield f"sh:{name} stands in a shape without sh:path, where it means nothing"
        return
    if NamedNode(SH + "NodeShape") in types:
        yield "a node shape has an sh:path"
    for path in given["path"]:
        try:
            paths.text(shapes.index, path)
        except paths.PathError as error:
            yield f"sh:path is not well-formed: {error}"


def _integer_faults(name: str, value: Node) -> Iterator[str]:
    if not (_literal(value, XSD + "integer") and re.fullmatch(r"[+-]?\d+", value.value, re.ASCII)):
        yield f"sh:{name} is {_quoted(value)}, which is no integer"
    elif len(value.value) > _LONGEST_INTEGER:
        yield f"sh:{name} is {_quoted(value)}, which has more than {_LONGEST_INTEGER} digits"
    elif int(value.value) < 0:
        yield f"sh:{name} is {_quoted(value)}, which is less than 0"


def _list_faults(shapes: Shapes, name: str, head: Node) -> Iterator[str]:
    members = shapes.index.members(head)
    if members is None:
        yield f"sh:{name} is no well-formed list (it is broken, cyclic, or no list at all)"
    elif name in LISTS_OF_SHAPES and not members:
        yield f"sh:{name} is an empty list"
    elif name == "ignoredProperties" and not all(isinstance(member, NamedNode) for member in members):
        yield "sh:ignoredProperties lists something that is no IRI"
    elif name == "languageIn" and not all(_literal(member, XSD + "string") for member in members):
        yield "sh:languageIn lists something that is no plain string"
    elif name in LISTS_OF_SHAPES and any(isinstance(member, Literal) for member in members):
        yield f"sh:{name} lists a literal, which is no shape"


def _reference_faults(shapes: Shapes, name: str, value: Node) -> Iterator[str]:
    if isinstance(value, Literal) or value == NIL:
        yield f"sh:{name} is {_quoted(value)}, which is no shape"
    elif name == "property" and not shapes.index.values(value, "path"):
        # a property shape with its type says so of itself
        if NamedNode(SH + "PropertyShape") not in shapes.index.values(value, A):
            known = "has no sh:path" if value in shapes.index.by_subject else "is not in the shapes graph"
            yield f"sh:property is {_named(shapes, value)}, which {known}"
    elif name == "node" and value not in shapes.index.by_subject:
        yield f"sh:node is {_named(shapes, value)}, which is not in the shapes graph"


def _cycles(shapes: Shapes) -> Iterator[Problem]:
    """One problem for each cycle of references (SHACL section 3.4.3 leaves recursive shapes undefined), and for shapes
    that are nested deeper than DEEPEST. A shape whose qualified values must not be those of its siblings refers to these."""

    def referred(shape: Subject) -> list[Subject]:
        siblings = sorted(shapes.siblings.get(shape, ()), key=str)
        return [*shapes.parts(shape), *(each for each in siblings if not isinstance(each, Literal))]

    done: dict[Subject, int] = {}
    for start in shapes.nodes:
        way: list[Subject] = []
        stack: list[tuple[Subject, Iterator[Subject]]] = []
        if start not in done:
            way.append(start)
            stack.append((start, iter(referred(start))))
        while stack:
            shape, parts = stack[-1]
            following = next(parts, None)
            if following is None:
                stack.pop()
                way.pop()
                done[shape] = 1 + max((done.get(part, 0) for part in referred(shape)), default=0)
                if done[shape] == DEEPEST + 1:
                    what = f"{_named(shapes, shape)}: the shapes are nested more than {DEEPEST} deep"
                    yield Problem(str(shapes.place(shape)), what, "Write flatter shapes")
            elif following in way:
                cycle = [*way[way.index(following) :], following]
                names = list(dict.fromkeys(_named(shapes, node) for node in cycle[:-1]))
                written = " → ".join([*names, names[0]])
                what = f"the shapes refer to themselves: {written}; what recursive shapes mean is undefined"
                place = next((shapes.place(n) for n in cycle if isinstance(n, NamedNode)), shapes.place(following))
                yield Problem(str(place), what, "Break the cycle, or write the check as a query")
            elif following not in done:
                way.append(following)
                stack.append((following, iter(referred(following))))


def _misspelt(shapes: Shapes) -> Iterator[str]:
    for triple in shapes.triples:
        for term in (triple.predicate, triple.object):
            if not isinstance(term, NamedNode) or not term.value.startswith(SH):
                continue
            name = term.value.removeprefix(SH)
            if name and name not in VOCABULARY:
                close = get_close_matches(name, VOCABULARY, n=1)
                hint = f"; did you mean sh:{close[0]}?" if close else ""
                yield f"{shapes.place(triple.subject)}: SHACL has no term sh:{name}{hint}"  # type: ignore[arg-type]


def _named(shapes: Shapes, node: Node) -> str:
    return shown(node) if isinstance(node, NamedNode) else shapes.label(node)


def _literal(term: Node, *datatypes: str) -> bool:
    return isinstance(term, Literal) and term.datatype.value in datatypes


def _quoted(term: Node) -> str:
    return f'"{shown(term)}"' if isinstance(term, Literal) else shown(term)


def is_deactivated(shapes: Shapes, shape: Subject) -> bool:
    """Whether a shape is switched off (SHACL section 2.1.5)."""
    return is_true(shapes.index.value(shape, "deactivated"))
