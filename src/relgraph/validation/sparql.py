"""The SPARQL in a shapes graph: does it parse, does it use $this, does it stay in the data (SHACL sections 5 and 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from relgraph.errors import Problem
from relgraph.findings import Node
from relgraph.validation.outward import outward
from relgraph.validation.shapes import Shapes
from relgraph.vocabulary import SH, XSD

_REMEDY = "Mend the query of the constraint"
#: Comments, strings and IRIs, which hold no variables; strings first, so that a # in one does not begin a comment.
_OPAQUE = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|'
    r"'''(?:[^\\]|\\.)*?'''|'(?:[^'\\\n]|\\.)*'|"
    r'<[^<>"{}|^`\\\s]*>|#[^\n]*',
    re.DOTALL,
)
#: What an update may not have; updates are not run.
_LOADING = re.compile(r"SERVICE|FROM|LOAD|\\u", re.IGNORECASE)
#: Where pySHACL writes the path of the shape.
_PATH = re.compile(r"(?<=[\s{}()])[$?]PATH")
#: IRIs of the namespaces that pySHACL knows prefixes of, which it writes into queries as names, with a quotation mark as it is.
_ODD = re.compile(r"http://www\.w3\.org/[^#]*#.*[^\w.-]")
_THIS = re.compile(r"[$?]this(?!\w)")


def check(shapes: Shapes) -> list[Problem]:
    """What is wrong with the queries of constraints, validators and targets, with the place of the shape."""
    return [
        Problem(str(shapes.place(subject)), f"{shapes.label(subject)}: {what}", _REMEDY)
        for subject in _executables(shapes)
        for what in _faults(shapes, subject)
    ]


def _executables(shapes: Shapes) -> Iterator[Node]:
    """What is a value of sh:sparql, or has a query of its own."""
    constraints = _constraints(shapes)
    yield from sorted(constraints, key=str)
    queries = [NamedNode(SH + name) for name in ("select", "ask", "construct", "update")]
    for subject, pairs in shapes.index.by_subject.items():
        if subject not in constraints and any(name in pairs for name in queries):
            yield subject


def _faults(shapes: Shapes, subject: Node) -> Iterator[str]:
    index = shapes.index
    queries = [value for name in ("select", "ask") for value in index.values(subject, name)]
    constructs, updates = index.values(subject, "construct"), index.values(subject, "update")
    is_constraint = subject in _constraints(shapes)
    if is_constraint and len(index.values(subject, "select")) != 1:
        yield "a SPARQL constraint has not exactly one sh:select"
        return
    declared, faults = prologue(shapes, subject)
    yield from faults
    for query in [*queries, *constructs, *updates]:
        if not isinstance(query, Literal) or query.datatype.value != XSD + "string":
            yield "a query is no string"
            continue
        text = declared + query.value
        if query in updates:
            if found := _LOADING.search(query.value):
                yield f"its update has {found[0].upper()}: the SPARQL of shapes may read nothing but the data"
        elif clause := outward(_PATH.sub("<urn:path>", text)):
            known = f"has {clause.clause}" if clause.clause else f"may have SERVICE or FROM, and {clause.reason}"
            yield f"its query {known}: the SPARQL of shapes may read nothing but the data"
        elif _PATH.search(query.value) and (odd := next(filter(_ODD.match, _iris(shapes)), None)):
            yield f"its query has $PATH, and the shapes the IRI <{odd}>, which a query cannot name"
        elif query in queries and not faults:
            yield from _query_faults(text, _OPAQUE.sub(" ", query.value), is_constraint)


def _iris(shapes: Shapes) -> Iterator[str]:
    return (triple.object.value for triple in shapes.triples if isinstance(triple.object, NamedNode))


def _query_faults(text: str, bare: str, is_constraint: bool) -> Iterator[str]:
    try:
        found = Store().query(_PATH.sub("<urn:path>", text))
    except (SyntaxError, ValueError) as error:
        reason = re.sub(r"^error at \d+:\d+: ", "", " ".join(str(error).split()))
        yield f"its query is not valid SPARQL: {reason}"
        return
    if is_constraint and not (
        isinstance(found, QuerySolutions) and "this" in {variable.value for variable in found.variables} and _THIS.search(bare)
    ):
        yield "its query does not select $this"


def _constraints(shapes: Shapes) -> set[Node]:
    return {value for shape in shapes.nodes for value in shapes.index.values(shape, "sparql")}


def prologue(shapes: Shapes, subject: Node) -> tuple[str, list[str]]:
    """The PREFIX lines that sh:prefixes gives to a query (SHACL section 5.2.1), and what is wrong with them."""
    index = shapes.index
    found: dict[str, str] = {}
    faults = []
    todo, seen = list(index.values(subject, "prefixes")), set()
    while todo:
        owner = todo.pop()
        if owner in seen:
            continue
        seen.add(owner)
        todo += index.values(owner, NamedNode("http://www.w3.org/2002/07/owl#imports"))
        for declared in index.values(owner, "declare"):
            prefixes, namespaces = index.values(declared, "prefix"), index.values(declared, "namespace")
            if len(prefixes) != 1 or len(namespaces) != 1:
                faults.append("a value of sh:declare has not exactly one sh:prefix and one sh:namespace")
            elif found.setdefault(prefixes[0].value, namespaces[0].value) != namespaces[0].value:
                faults.append(f"the prefix {prefixes[0].value} is declared twice, as different namespaces")
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in sorted(found.items())), faults
