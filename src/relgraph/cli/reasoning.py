"""reason: what follows from data and an ontology."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Annotated

import typer
from pyoxigraph import BlankNode, RdfFormat, Triple, parse, serialize

from relgraph import rdf
from relgraph.cli.interrupting import in_order
from relgraph.cli.terminal import PLAIN, ProjectOption, errors, project
from relgraph.errors import Problem, UsageError, raise_if_any, suggestion
from relgraph.outputs import replacing
from relgraph.rdflibgraph import rdflib_graph
from relgraph.reasoning import Reasoned
from relgraph.reasoning.report import as_findings
from relgraph.vocabulary import PREFIXES

#: Labels that the parser makes up.
_MADE_UP = re.compile(r"[0-9a-f]{24,}")
#: The namespaces of the IRIs in a line of N-Triples: up to the last # or slash.
_NAMESPACE = re.compile(rb"<([^<>]*[#/])[^<>#/]*>")


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command(epilog="Example: relgraph reason data.ttl --ontology ontology.ttl -o entailed.nt")(reason)


def reason(
    data: Annotated[list[Path], typer.Argument(metavar="DATA…", help="RDF files; the syntax is told by the name.")],
    ontology: Annotated[
        list[Path] | None, typer.Option("--ontology", help="Ontology files; by default the project's ontology.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File for the entailed triples; by default standard output (N-Triples).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print counts and seconds as JSON; needs --output.")] = False,
    project_folder: ProjectOption = None,
) -> None:
    """Write the triples that OWL 2 RL entails from data and an ontology, and that are in neither.

    Where the data contradict the ontology, every contradiction is named and nothing is written (exit 1). An ontology with
    an axiom that is not covered is refused, with the axiom (exit 2).
    """
    began = time.perf_counter()
    if as_json and output is None:
        raise UsageError("--json needs --output: the triples go to standard output otherwise")
    syntax = _syntax(output)
    for path in (*data, *(ontology or ())):
        if output and output.exists() and path.exists() and output.samefile(path):
            raise UsageError(f"{output} is read: what follows would take its place. Name another file")
    problems: list[Problem] = []
    files = ontology or [project(project_folder).ontology / "relgraph.ttl"]
    terms = rdflib_graph(quad.triple for path in files for quad in rdf.read(path, problems))
    raise_if_any(problems)
    count = {"data": 0, "entailed": 0}
    reasoned = Reasoned(_counted(_named(rdf.stream(data)), count, "data"), terms, ", ".join(map(str, files)))
    with tempfile.TemporaryFile() as aside:  # whether data and ontology agree is known at the end only
        serialize(_counted(reasoned.entailed(), count, "entailed"), aside, format=RdfFormat.N_TRIPLES)
        findings = as_findings(reasoned.contradictions(), (), (), ())
        for finding in findings:
            axiom = f" (axiom {finding.axiom})" if finding.axiom else ""
            errors.print(f"{finding.level} [{finding.check}] {finding.message()}{axiom}", **PLAIN)
        if findings:
            count_of = f"{len(findings)} contradiction{'s' if len(findings) > 1 else ''}"
            errors.print(f"{count_of}; nothing was written.", **PLAIN)
            raise typer.Exit(1)
        used = _prefixes(aside) if syntax in (RdfFormat.TURTLE, RdfFormat.TRIG) else {}
        aside.seek(0)
        if output is None:
            shutil.copyfileobj(aside, sys.stdout.buffer)
        else:
            with in_order(), replacing(output) as target:
                if syntax == RdfFormat.N_TRIPLES:
                    shutil.copyfileobj(aside, target)
                else:
                    serialize((quad.triple for quad in parse(aside, RdfFormat.N_TRIPLES)), target, syntax, prefixes=used)
    seconds = time.perf_counter() - began
    if as_json:
        typer.echo(json.dumps({**count, "seconds": seconds}))
    elif output is not None:
        errors.print(f"{count['entailed']} triples follow from {count['data']} ({seconds:.1f} s).", **PLAIN)


def _syntax(output: Path | None) -> RdfFormat:
    """The syntax that a file's name asks for; N-Triples without a file."""
    if output is None:
        return RdfFormat.N_TRIPLES
    known = {suffix: syntax for suffix, syntax in rdf.FILE_SYNTAXES.items() if suffix != ".n3"}
    if output.suffix.lower() not in known:
        raise UsageError(f"the syntax of {output.name} is not known. {suggestion(output.suffix, known)}")
    return known[output.suffix.lower()]


def _prefixes(written: IO[bytes]) -> dict[str, str]:
    """Those of relgraph's prefixes that occur in what was written (N-Triples)."""
    written.seek(0)
    namespaces: set[str] = set()
    for line in written:
        namespaces.update(match.decode() for match in _NAMESPACE.findall(line))
    return {prefix: iri for prefix, iri in sorted(PREFIXES.items()) if iri in namespaces}


def _named(triples: Iterable[Triple]) -> Iterator[Triple]:
    """The triples with labels that are the same in every run for the blank nodes that the parser has made labels up for."""
    names: dict[str, BlankNode] = {}

    def name(node: BlankNode) -> BlankNode:
        if not _MADE_UP.fullmatch(node.value):
            return node
        return names.setdefault(node.value, BlankNode(f"relgraph-anonymous-{len(names) + 1}"))

    for triple in triples:
        subject, value = triple.subject, triple.object
        if isinstance(subject, BlankNode) or isinstance(value, BlankNode):
            yield Triple(
                name(subject) if isinstance(subject, BlankNode) else subject,
                triple.predicate,
                name(value) if isinstance(value, BlankNode) else value,
            )
        else:
            yield triple


def _counted(triples: Iterable[Triple], count: dict[str, int], name: str) -> Iterator[Triple]:
    for triple in triples:
        count[name] += 1
        yield triple
