"""Whole-graph checks: SELECT queries of which every row is a finding.

A check is a file `NAME.rq`; NAME is the name of the check. Its header, YAML in lines that begin with `#+ `, holds `name`,
`severity` and `message`, the first and last in English and Russian. The query projects ?focus, ?other where a second
resource or value is concerned, and whatever else its message names in braces. It runs on the union of the default
graphs; reported content and the ontology are reached by GRAPH.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal as OneOf

from pydantic import BaseModel, ConfigDict
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store

from relgraph import rdf
from relgraph.errors import Problem, raise_if_any
from relgraph.findings import Check, Finding, Place
from relgraph.headers import ByLanguage, read_header
from relgraph.validation.outward import outward
from relgraph.validation.terms import cut
from relgraph.vocabulary import SH

_REMEDY = "Mend the check; CONTRIBUTING.md shows how one is written"


class Header(BaseModel):
    """What a whole-graph check says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ByLanguage
    severity: OneOf["Violation", "Warning", "Info"]
    message: ByLanguage


@dataclass(frozen=True)
class VerifyCheck:
    """A whole-graph check: file, header, and the SPARQL text (the whole file, so that lines of errors agree)."""

    path: Path
    header: Header
    query: str

    @property
    def check(self) -> Check:
        """The check as reports list it."""
        name = self.header.name
        severity = NamedNode(SH + self.header.severity)
        return Check(self.path.stem, "query", severity, {"en": name.en, "ru": name.ru}, Place(str(self.path), 1))


def load_checks(folder: Path, problems: list[Problem]) -> list[VerifyCheck]:
    """The whole-graph checks of a folder, sorted by name; a bad header adds a problem with its line."""
    checks = []
    for path in sorted(folder.glob("*.rq")):
        text = rdf.read_text(path, problems)
        header = read_header(path, text, Header, _REMEDY, problems) if text is not None else None
        if header and text is not None:
            problems += beyond_the_data(path, text, _REMEDY)
            checks.append(VerifyCheck(path, header, text))
    return checks


def beyond_the_data(path: Path, query: str, remedy: str) -> list[Problem]:
    """What is wrong with the query of a check that asks others for data (SERVICE, FROM), with its line; [] where it does not."""
    if (found := outward(query)) is None:
        return []
    if not found.clause:
        what = f"the query may have SERVICE or FROM, which no check may have, and {found.reason}"
    else:
        what = f"a check may read nothing but the data, and this one has {found.clause}"
    return [Problem(f"{path}:{found.line}", what, remedy)]


def findings(quads: Iterable[Quad], checks: Sequence[VerifyCheck]) -> list[Finding]:
    """What the checks find in the quads. Raises InputError for queries that are not valid."""
    if not checks:
        return []
    store = Store()
    store.bulk_extend(rdf.with_default_graph(quads))
    problems: list[Problem] = []
    found = [finding for check in checks for finding in _rows(store, check, problems)]
    raise_if_any(problems)
    return found


def _rows(store: Store, check: VerifyCheck, problems: list[Problem]) -> Iterator[Finding]:
    header = check.header
    if asks := beyond_the_data(check.path, check.query, _REMEDY):
        problems += asks
        return
    try:
        solutions = store.query(check.query)
    except (SyntaxError, ValueError) as error:
        found = re.match(r"error at (\d+):\d+: (.*)", str(error), re.DOTALL)
        line, reason = found.groups() if found else ("1", str(error))
        problems.append(Problem(f"{check.path}:{line}", f"not valid SPARQL: {' '.join(reason.split())}", _REMEDY))
        return
    names = [variable.value for variable in solutions.variables] if isinstance(solutions, QuerySolutions) else []
    if not isinstance(solutions, QuerySolutions) or names[:1] != ["focus"]:
        problems.append(Problem(f"{check.path}:1", "the check does not project ?focus first", _REMEDY))
        return
    severity = NamedNode(SH + header.severity)
    for row in solutions:
        known = {name: cut(str(getattr(row[name], "value", ""))) for name in names}
        focus, other = row["focus"], row["other"] if "other" in names else None
        if isinstance(focus, NamedNode | BlankNode | Literal):
            yield Finding(
                check=check.path.stem,
                severity=severity,
                focus=focus,
                messages={"en": _filled(header.message.en, known), "ru": _filled(header.message.ru, known)},
                value=other if isinstance(other, NamedNode | BlankNode | Literal) else None,
            )


def _filled(message: str, known: Mapping[str, str]) -> str:
    """The message with the values of its variables; a name in braces that is no variable stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: known.get(match[1], match[0]), message)
