"""Lint for ontologies: checks as SPARQL queries over the triples of any ontology, after ROBOT, FIBO, gist and OOPS!

A check (`ontology/lint/*.rq`) is a SELECT query that projects ?entity ?property ?value, as the report queries of ROBOT
do; every row is a finding. Its file name is the name of the check, and its header, YAML in lines that begin with `#+ `,
holds `name`, `level` (ERROR, WARN, INFO), `message`, `from` (whose check it is) and, where it looks at more than the
ontology's own terms, `scope: all`. The triples of all files are one default graph; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pyoxigraph import NamedNode, Quad, QuerySolutions, Store

from relgraph.datafiles import DataFile, told_apart
from relgraph.errors import Problem, raise_if_any
from relgraph.findings import Finding, Place, Report, ordered
from relgraph.lint.checks import REMEDY, LintCheck, load_checks
from relgraph.lint.excuses import Excuse, load_excuses
from relgraph.lint.scope import Scope, own_namespaces
from relgraph.locating import located
from relgraph.validation.queries import beyond_the_data

__all__ = ["Excuse", "LintCheck", "lint", "load_checks", "load_excuses", "own_namespaces"]

#: What a check projects, as the report queries of ROBOT do.
_COLUMNS: Final = ["entity", "property", "value"]


def lint(
    files: Sequence[DataFile], checks: Sequence[LintCheck], namespaces: Sequence[str] = (), excuses: Sequence[Excuse] = ()
) -> Report:
    """What the checks find in an ontology, which is all triples of the files together.

    namespaces: beginnings of the IRIs of the terms that are checked; by default own_namespaces. An excuse that excuses
    nothing is itself a finding (unused_exception, WARN). Raises InputError for a check that is not valid SPARQL.
    """
    sources = told_apart(files)
    quads = [quad for source in sources for quad in source.quads]
    scope = Scope(quads, namespaces)
    store = Store()
    store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    problems: list[Problem] = []
    found = [finding for check in checks for finding in _rows(store, check, scope, problems)]
    raise_if_any(problems)
    placed = [replace(finding, focus=scope.named(finding.focus)) for finding in _placed(found, sources)]
    excused = {(excuse.check, excuse.entity) for excuse in excuses}
    kept = [finding for finding in placed if (finding.check, finding.focus) not in excused]
    used = {(finding.check, finding.focus) for finding in placed}
    unused = [excuse.unused for excuse in excuses if (excuse.check, excuse.entity) not in used]
    return Report(ordered([*kept, *unused]), tuple(check.record for check in checks), scope.notes)


def _rows(store: Store, check: LintCheck, scope: Scope, problems: list[Problem]) -> Iterator[Finding]:
    if asks := beyond_the_data(check.path, check.query, REMEDY):
        problems += asks
        return
    try:
        solutions = store.query(check.query)
    except (SyntaxError, ValueError) as error:
        found = re.match(r"error at (\d+):\d+: (.*)", str(error), re.DOTALL)
        line, reason = found.groups() if found else ("1", str(error))
        problems.append(Problem(f"{check.path}:{line}", f"not valid SPARQL: {' '.join(reason.split())}", REMEDY))
        return
    names = [variable.value for variable in solutions.variables] if isinstance(solutions, QuerySolutions) else []
    if not isinstance(solutions, QuerySolutions) or names != _COLUMNS:
        problems.append(Problem(f"{check.path}:1", "the check does not project ?entity ?property ?value", REMEDY))
        return
    for row in solutions:
        if row["entity"] is None:  # a query with an aggregate gives one empty row where nothing matches
            continue
        entity, value = scope.named(row["entity"]), row["value"]
        if check.header.scope == "own" and not scope.holds(entity):
            continue
        known = {"entity": scope.text(entity), "property": scope.text(row["property"]), "value": scope.text(value)}
        yield Finding(
            check=check.name,
            severity=check.severity,
            focus=row["entity"],
            messages={language: _filled(check.header.message[language], known) for language in ("en", "ru")},
            path=row["property"].value if isinstance(row["property"], NamedNode) else "",
            value=value,
        )


def _placed(findings: Sequence[Finding], files: Sequence[DataFile]) -> list[Finding]:
    """The findings with their lines: of the triple at fault, else of the entity, else of the value, else the first."""
    once = located(findings, lambda: files, {})
    lost = [finding for finding in once if finding.place is None]
    others = located([replace(f, focus=f.value or f.focus, path="", value=None) for f in lost], lambda: files, {}) if lost else ()
    first = Place(files[0].name, 1) if files else None
    places = iter(other.place or first for other in others)
    return [finding if finding.place else replace(finding, place=next(places)) for finding in once]


def _filled(message: str, known: Mapping[str, str]) -> str:
    """The message with the values of its variables; a name in braces that is no variable stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: known.get(match[1], match[0]), message)
