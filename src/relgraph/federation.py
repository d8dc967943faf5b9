"""SERVICE in a query: recognised before the engine sees it, and replaced by what the service answered.

Nothing here opens a connection. rdflib takes long to import and few queries need it, so the modules that import it are
imported where a query is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from relgraph.errors import BudgetError, EndpointError, ForbiddenError, QueryError
from relgraph.grammar import doubt, unescaped

if TYPE_CHECKING:
    from rdflib.plugins.sparql.parserutils import CompValue

#: SERVICE clauses that a query may have.
MAX_CLAUSES = 8
#: Solutions that the answer to a clause may have.
MAX_ROWS = 10_000
#: How deep objects and arrays stand in one another in SPARQL JSON results without triple terms, and some to spare.
_MAX_DEPTH = 8

#: Times that escapes are decoded in the search for the word SERVICE.
_PASSES = 4
_JSON_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True)
class Service:
    """A SERVICE clause of a query.

    name: the service; silent: SERVICE SILENT; text: the clause as it stands; pattern: its group with both braces;
    variables: names of the variables that it binds, in order; request: the SELECT query that asks the service for it;
    start, end: where the clause stands in the query (code points, codepoint escapes decoded).
    """

    name: NamedNode
    silent: bool
    text: str
    pattern: str
    variables: tuple[str, ...]
    request: str
    start: int
    end: int


@dataclass(frozen=True)
class Solutions:
    """What a service answered: names of variables, and rows of terms in that order, None where unbound."""

    variables: tuple[str, ...]
    rows: tuple[tuple[NamedNode | Literal | None, ...], ...]


#: The answer in place of a failed SERVICE SILENT: one solution that binds nothing (SPARQL 1.1 Federated Query, section 2.3).
NOTHING_BOUND = Solutions((), ((),))


def may_federate(query: str) -> bool:
    """False only if the word SERVICE stands nowhere in a query, in any letter case, whichever codepoint escapes are decoded.

    Escapes may come out of decoding escapes; a query that needs more than _PASSES of it is taken for one with the word.
    """
    for _ in range(_PASSES):
        found = unescaped(query)
        if found == query:
            return "service" in query.lower()
        query = found
    return True


def clauses(query: str, prefixes: Mapping[str, str], base: str | None) -> list[Service]:
    """The SERVICE clauses of a query, in the order of the text; none where the word stands in a text or a name only.

    prefixes, base: what holds beside the query's own prologue.
    Raises QueryError when the query cannot be checked or has more than MAX_CLAUSES clauses, and ForbiddenError for a
    service named by a variable and for a clause within another.
    """
    from pyparsing import ParseBaseException

    from relgraph.querytext import parsed  # imports rdflib

    text = decoded(query)
    try:
        names, body = parsed(text, prefixes, base)
        nodes = list(_nodes(body, "Service"))
        used = [{str(name.prefix or "") for name in _nodes(node, "pname")} for node in nodes]
        names.in_full(body)
    except QueryError:
        raise
    except ParseBaseException as error:
        near = text[error.loc :].partition("\n")[0][:30] or "the end of the line"
        raise _unchecked(f"line {error.lineno}, column {error.column} cannot be read, at {near!r}") from error
    except RecursionError as error:
        raise _unchecked("it is nested too deeply, or has too many triples in a row") from error
    except Exception as error:  # what rdflib's parse actions raise on odd text; a query that cannot be checked is refused
        raise _unchecked(str(error) or type(error).__name__) from error
    if len(nodes) > MAX_CLAUSES:
        raise QueryError(f"the query has {len(nodes)} SERVICE clauses; at most {MAX_CLAUSES} are answered. Ask in parts")
    found = []
    for node, shorts in zip(nodes, used, strict=True):
        line = text.count("\n", 0, node.start) + 1
        if any(True for _ in _nodes(node.graph, "Service")):
            raise ForbiddenError(f"line {line}: a SERVICE clause within another is not answered. Put them side by side")
        start, end, pattern = node.start, node.closed, text[node.opened : node.closed]
        known = {short: iri for short, iri in names.prefixes.items() if short in names.own or short in shorts}
        found.append(
            Service(
                name=_name(node.term, line),
                silent="silent" in node,
                text=text[start:end],
                pattern=pattern,
                variables=tuple(dict.fromkeys(_bound(node.graph))),
                request=_prologue(names.base, known) + f"SELECT * WHERE {pattern}",
                start=start,
                end=end,
            )
        )
    return sorted(found, key=lambda service: service.start)


def decoded(query: str) -> str:
    """A query with its codepoint escapes decoded, so that every parser reads the same text. Raises QueryError where that is in
    doubt."""
    if found := doubt(query):
        raise _unchecked(f"{found.reason}. {found.remedy}")
    return unescaped(query)


def replaced(query: str, answers: Mapping[Service, Solutions]) -> str:
    """A query with each of its SERVICE clauses replaced by a VALUES block of the solutions that answer it.

    answers: one for every clause that clauses() finds in this query; a variable that is not the clause's is left out.
    Raises QueryError when a clause is not from this query, or has no answer here.
    """
    text = decoded(query)
    for service in sorted(answers, key=lambda service: service.start, reverse=True):
        if text[service.start : service.end] != service.text:
            raise QueryError("a SERVICE clause does not stand in this query where it was found. Check the query again")
        text = text[: service.start] + _values(service, answers[service]) + text[service.end :]
    return text


def solutions(service: Service, body: bytes, max_rows: int = MAX_ROWS) -> Solutions:
    """The solutions in an answer in SPARQL 1.1 Query Results JSON Format.

    Raises EndpointError when it cannot be read, or has blank nodes or triples in it; BudgetError when there are more than
    max_rows rows.
    """
    where = f"the answer of {service.name.value}"
    if _depth(body) > _MAX_DEPTH:  # the engine's parser goes down by recursion, and dies
        raise EndpointError(f"{where} is no table of IRIs and literals: it is nested too deeply")
    try:
        results = parse_query_results(body, QueryResultsFormat.JSON)
        if not isinstance(results, QuerySolutions):
            raise EndpointError(f"{where} is no table of solutions. Check that the IRI is that of a SPARQL endpoint")
        names = tuple(variable.value for variable in results.variables)
        rows: list[tuple[NamedNode | Literal | None, ...]] = []
        for solution in results:
            if len(rows) == max_rows:
                advice = f"Narrow its pattern, or write {{ SELECT … WHERE {{ … }} LIMIT {max_rows} }} in it"
                raise BudgetError("rows", f"{where} has more than {max_rows} rows. {advice}")
            rows.append(tuple(_term(solution[name], name, where) for name in names))
    except (SyntaxError, ValueError) as error:
        raise EndpointError(f"{where} cannot be read: {error}") from error
    return Solutions(names, tuple(rows))


def _unchecked(reason: str) -> QueryError:
    return QueryError(
        f"a query with the word SERVICE is only answered when it can be checked, and this one cannot: {reason}. "
        "Write it in SPARQL 1.1; where the word stands in a text, a comment or a name only, write that otherwise, "
        'as CONCAT("serv", "ice") or ?provider'
    )


def _nodes(tree: object, name: str) -> Iterator[CompValue]:
    """The nodes of a name in a parse tree, every one of them."""
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(tree, CompValue):
        if tree.name == name:
            yield tree
        for part in tree.values():
            yield from _nodes(part, name)
    elif isinstance(tree, list | tuple | ParseResults):
        for part in tree:
            yield from _nodes(part, name)


def _name(term: object, line: int) -> NamedNode:
    from rdflib import URIRef

    if not isinstance(term, URIRef):
        reason = "which server it asks would depend on the data"
        raise ForbiddenError(f"line {line}: SERVICE ?{term} is not answered, as {reason}. Name the server: SERVICE <https://…>")
    try:
        return NamedNode(str(term))
    except ValueError as error:
        raise QueryError(f"line {line}: the name of the service is no IRI: {error}. Correct it there") from error


def _bound(node: object) -> Iterator[str]:
    """The variables in scope in a group graph pattern (SPARQL 1.1, section 18.2.1)."""
    from pyparsing import ParseResults
    from rdflib import Variable
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(node, Variable):
        yield str(node)
    elif isinstance(node, CompValue):
        if node.name in ("Filter", "MinusGraphPattern"):
            return
        if node.name == "Bind":
            yield str(node["var"])
        elif node.name in ("InlineData", "ValuesClause"):
            yield from map(str, node.var or [])
        elif node.name == "SubSelect" and "projection" in node:
            for column in node["projection"]:
                yield str(column["evar"] if "evar" in column else column["var"])
        elif node.name == "SubSelect":
            yield from _bound(node["where"])
            yield from _bound(node.valuesClause)
        else:
            for part in node.values():
                yield from _bound(part)
    elif isinstance(node, list | tuple | ParseResults):
        for part in node:
            yield from _bound(part)


def _prologue(base: str | None, prefixes: Mapping[str, str]) -> str:
    lines = [f"BASE <{base}>"] if base else []
    return "".join(line + "\n" for line in [*lines, *(f"PREFIX {short}: <{iri}>" for short, iri in prefixes.items())])


def _values(service: Service, answer: Solutions) -> str:
    columns = {name: index for index, name in enumerate(answer.variables)}
    order = [columns.get(name) for name in service.variables]
    rows = (" ".join("UNDEF" if at is None or row[at] is None else str(row[at]) for at in order) for row in answer.rows)
    names = " ".join(f"?{name}" for name in service.variables)
    return f" VALUES ({names}) {{ {' '.join(f'({row})' for row in rows)} }} "


def _term(term: object, name: str, where: str) -> NamedNode | Literal | None:
    if term is None or isinstance(term, NamedNode | Literal):
        return term
    kind = "a triple" if hasattr(term, "predicate") else "a blank node, which has no name outside of that endpoint"
    raise EndpointError(f"{where} has {kind} as ?{name}. Keep it out with FILTER(isIRI(?{name}) || isLiteral(?{name}))")


def _depth(body: bytes) -> int:
    """How deep objects and arrays stand in one another in JSON; no less than a parser sees before it meets an error."""
    deepest = depth = 0
    for found in _JSON_STRUCTURE.finditer(body):
        if found[0] in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in (b"}", b"]"):
            depth -= 1
    return deepest
