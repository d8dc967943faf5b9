"""Validation: SHACL shapes on the union of the default graphs, and whole-graph checks as SPARQL; one report for both.

Shapes (`*.ttl`) are SHACL Core; the local name of a shape is the name of its check. A whole-graph check (`*.rq`) is a
SELECT query of which every row is a finding; its file name is the name of the check, and its header, YAML in lines that
begin with `#+ `, holds `name`, `severity` and `message`, the first and last in English and Russian. Such a query
projects ?focus, ?other where a second resource or value is concerned, and whatever else its message names in braces. It
runs on the union of the default graphs; reported content and the ontology are reached by GRAPH.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal as OneOf

from pydantic import BaseModel, ConfigDict
from pyoxigraph import NamedNode, Quad, QuerySolutions, Store, Triple
from pyshacl import validate as run_shacl
from pyshacl.errors import ReportableRuntimeError
from rdflib import RDF, SH, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.collection import Collection
from rdflib.term import Node

from relgraph import rdf
from relgraph.errors import InputError, Problem, raise_if_any
from relgraph.headers import ByLanguage, read_header
from relgraph.rdflibgraph import rdflib_graph
from relgraph.vocabulary import DEFAULT_GRAPHS, local_name

_REMEDY = "Mend the check; CONTRIBUTING.md shows how one is written"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a check found.

    severity: Violation (blocks a release), Warning or Info; check: name of the shape or query; focus: IRI of what is at
    fault; path: the property or property path, "" when there is none; value: the value or other resource concerned, ""
    when there is none; message_en, message_ru: what is wrong, in each language.
    """

    severity: str
    check: str
    focus: str
    path: str
    value: str
    message_en: str
    message_ru: str


class Header(BaseModel):
    """What a whole-graph check says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ByLanguage
    severity: OneOf["Violation", "Warning", "Info"]
    message: ByLanguage


@dataclass(frozen=True)
class Check:
    """A whole-graph check: file, header, and the SPARQL text (the whole file, so that lines of errors agree)."""

    path: Path
    header: Header
    query: str


def validate(quads: Iterable[Quad], shapes: Path, verify: Path) -> tuple[Finding, ...]:
    """All findings about the quads, sorted, each once, the same for the same quads in any order.

    quads: the quads of all named graphs, the ontology's included; shapes: folder of SHACL files; verify: folder of
    queries. Raises InputError for a shapes file or a check that is not valid.
    """
    every = frozenset(quads)
    problems: list[Problem] = []
    shapes_triples = [triple for path in sorted(shapes.glob("*.ttl")) for triple in rdf.read_turtle(path, problems)]
    checks = load_checks(verify, problems)
    raise_if_any(problems)
    merged = {quad.triple for quad in every if quad.graph_name in DEFAULT_GRAPHS}
    found = {*_shape_findings(merged, shapes_triples, shapes), *_query_findings(every, checks)}
    return tuple(sorted(found))


def check_files(shapes: Path, verify: Path, problems: list[Problem]) -> None:
    """Adds what is wrong with the files of shapes and checks themselves, before there is anything to validate."""
    for path in sorted(shapes.glob("*.ttl")):
        rdf.read_turtle(path, problems)
    load_checks(verify, problems)


def load_checks(folder: Path, problems: list[Problem]) -> list[Check]:
    """The whole-graph checks of a folder, sorted by name; a bad header adds a problem with its line."""
    checks = []
    for path in sorted(folder.glob("*.rq")):
        text = rdf.read_text(path, problems)
        header = read_header(path, text, Header, _REMEDY, problems) if text is not None else None
        if header and text is not None:
            checks.append(Check(path, header, text))
    return checks


# ── shapes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _shape_findings(data: Iterable[Triple], shapes: Iterable[Triple], folder: Path) -> Iterator[Finding]:
    try:
        _, report, text = run_shacl(
            rdflib_graph(data), shacl_graph=rdflib_graph(shapes), advanced=False, inference="none", inplace=True
        )
    except ReportableRuntimeError as error:
        reason = " ".join(str(error).split())
        raise InputError([Problem(f"{folder}:1", f"the shapes cannot be used: {reason}", _REMEDY)]) from error
    if not isinstance(report, Graph):
        raise InputError([Problem(f"{folder}:1", f"the shapes cannot be used: {' '.join(text.split())}", _REMEDY)])
    for result in report.objects(None, SH.result):
        focus, value = (_text(report.value(result, term)) for term in (SH.focusNode, SH.value))
        path = report.value(result, SH.resultPath)
        messages = {
            getattr(message, "language", None) or "": str(message)
            for message in sorted(report.objects(result, SH.resultMessage), key=str)
        }
        english = messages.get("en") or messages.get("", "")
        known = {"focus": focus, "value": value}
        yield Finding(
            severity=_local(report.value(result, SH.resultSeverity)),
            check=_check_name(report, result),
            focus=focus,
            path=_path(report, path) if path is not None else "",
            value="" if value == focus else value,
            message_en=_filled(english, known),
            message_ru=_filled(messages.get("ru", english), known),
        )


def _check_name(report: Graph, result: Node) -> str:
    """The local name of the shape; of a shape without an IRI, that of the constraint component."""
    shape = report.value(result, SH.sourceShape)
    return _local(shape if isinstance(shape, URIRef) else report.value(result, SH.sourceConstraintComponent))


def _path(report: Graph, path: Node) -> str:
    """A property path as SPARQL writes it, with full IRIs only where nothing else can stand."""
    if isinstance(path, URIRef):
        return str(path)
    inverse = report.value(path, SH.inversePath)
    if inverse is not None:
        return f"^{_path(report, inverse)}"
    alternatives = report.value(path, SH.alternativePath)
    steps = alternatives if alternatives is not None else path
    if report.value(steps, RDF.first) is None:
        return ""
    return ("|" if alternatives is not None else "/").join(_path(report, step) for step in Collection(report, steps))


def _local(term: Node | None) -> str:
    return local_name(NamedNode(str(term))) if isinstance(term, URIRef) else ""


def _text(term: Node | None) -> str:
    return str(term) if isinstance(term, URIRef | RdflibLiteral) else ""


# ── whole-graph checks ───────────────────────────────────────────────────────────────────────────────────────────────


def _query_findings(quads: Iterable[Quad], checks: Iterable[Check]) -> Iterator[Finding]:
    store = Store()
    store.bulk_extend(rdf.with_default_graph(quads))
    problems: list[Problem] = []
    for check in checks:
        yield from _rows(store, check, problems)
    raise_if_any(problems)


def _rows(store: Store, check: Check, problems: list[Problem]) -> Iterator[Finding]:
    header = check.header
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
    for row in solutions:
        known = {name: str(getattr(row[name], "value", "")) for name in names}
        yield Finding(
            severity=header.severity,
            check=check.path.stem,
            focus=known["focus"],
            path="",
            value=known.get("other", ""),
            message_en=_filled(header.message.en, known),
            message_ru=_filled(header.message.ru, known),
        )


def _filled(message: str, known: Mapping[str, str]) -> str:
    """The message with the values of its variables; a name in braces that is no variable stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: known.get(match[1], match[0]), message)
