"""Which terms of the ontology are used, by what, and why the others are there.

A term is used when a query (`queries/**/*.rq`), a shape (`ontology/shapes/*.ttl`), a rule (`ontology/verify/*.rq`) or a
property chain names it; a property is also used when a chain uses its inverse. Annotation properties and
classes that stand above others serve the ontology itself. Whatever is left has a reason in `competency/unused-terms.tsv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import rdflib
from rdflib import OWL, RDF, RDFS

from relgraph import querytext, questions, rdf
from relgraph.errors import Problem, QueryError
from relgraph.project import Project
from relgraph.rdflibgraph import rdflib_graph
from relgraph.vocabulary import RG

COLUMNS = ("term", "reason")
_KINDS = {
    OWL.Class: "class",
    OWL.ObjectProperty: "property",
    OWL.DatatypeProperty: "property",
    OWL.AnnotationProperty: "annotation property",
}
_PREFIX = "rg:"


@dataclass(frozen=True)
class Usage:
    """The terms of the ontology by local name, sorted.

    kinds: what each declared term is (class, property, annotation property); annotations and superclasses: those that
    serve the ontology itself and that nothing else names; unused: those that nothing uses, each with its reason.
    """

    kinds: Mapping[str, str]
    annotations: tuple[str, ...]
    superclasses: tuple[str, ...]
    unused: Mapping[str, str]


def read(project: Project, problems: list[Problem]) -> Usage:
    """How the terms of a project's ontology are used.

    A query that cannot be parsed, a term that is unused and has no reason, and a reason for a term that is used or not
    declared add problems.
    """
    ontology = rdflib_graph(rdf.read_turtle(project.ontology / "relgraph.ttl", problems))
    kinds = {
        str(term).removeprefix(RG): kind
        for rdf_type, kind in _KINDS.items()
        for term in ontology.subjects(RDF.type, rdf_type)
        if str(term).startswith(RG)
    }
    asked = _named_in_queries(project, problems) | _named_in_shapes(project, problems) | _named_in_chains(ontology)
    annotations = {name for name, kind in kinds.items() if kind == "annotation property"} - asked
    superclasses = {str(parent).removeprefix(RG) for parent in ontology.objects(None, RDFS.subClassOf)} & set(kinds) - asked
    unused = set(kinds) - asked - annotations - superclasses
    table = project.competency / "unused-terms.tsv"
    reasons = _reasons(table, frozenset(kinds), frozenset(unused), problems)
    for name in sorted(unused - set(reasons)):
        remedy = "Write a query that asks for it, or say there why it is in the ontology"
        problems.append(Problem(f"{table}:1", f"{_PREFIX}{name} is used by nothing and has no reason", remedy))
    return Usage(
        kinds=dict(sorted(kinds.items())),
        annotations=tuple(sorted(annotations)),
        superclasses=tuple(sorted(superclasses)),
        unused={name: reasons[name] for name in sorted(unused & set(reasons))},
    )


def terms_in(text: str, usage: Usage) -> list[str]:
    """The local names of the declared terms that a SPARQL query names, sorted. Raises QueryError for a bad query."""
    return sorted(name for name in _named_in(text) if name in usage.kinds)


def _named_in(text: str) -> set[str]:
    iris = {node.value for node in querytext.constants(text).iris}
    return {iri.removeprefix(RG) for iri in iris if iri.startswith(RG)}


def _named_in_queries(project: Project, problems: list[Problem]) -> set[str]:
    named: set[str] = set()
    for path in (*questions.files(project.queries).values(), *sorted((project.ontology / "verify").glob("*.rq"))):
        text = rdf.read_text(path, problems)
        try:
            named |= _named_in(text or "ASK {}")
        except QueryError as error:
            problems.append(Problem(f"{path}:1", str(error).rstrip("."), "It must be SPARQL 1.1"))
    return named


def _named_in_shapes(project: Project, problems: list[Problem]) -> set[str]:
    objects = {
        triple.object.value
        for path in sorted((project.ontology / "shapes").glob("*.ttl"))
        for triple in rdf.read_turtle(path, problems)
        if hasattr(triple.object, "value")
    }
    return {iri.removeprefix(RG) for iri in objects if iri.startswith(RG)}


def _named_in_chains(ontology: rdflib.Graph) -> set[str]:
    steps = {step for chain in ontology.objects(None, OWL.propertyChainAxiom) for step in ontology.items(chain)}
    inverses = {inverse for step in steps for inverse in ontology.objects(step, OWL.inverseOf)}
    return {str(term).removeprefix(RG) for term in steps | inverses}


def _reasons(table: Path, declared: frozenset[str], unused: frozenset[str], problems: list[Problem]) -> dict[str, str]:
    text = rdf.read_text(table, problems)
    lines = (text or "\t".join(COLUMNS)).splitlines()
    if lines[:1] != ["\t".join(COLUMNS)]:
        problems.append(Problem(f"{table}:1", "the columns are not as they should be", f"Name them {', '.join(COLUMNS)}"))
        return {}
    reasons: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        term, tab, reason = line.partition("\t")
        name = term.removeprefix(_PREFIX)
        if not (term.startswith(_PREFIX) and tab and reason.strip()) or "\t" in reason:
            fault = ("is no row", f"Write {_PREFIX}NAME, a tab and the reason, and no empty line")
        elif name in reasons:
            fault = (f"{term} stands in the table already", "Remove one of the two rows")
        elif name not in declared:
            fault = (f"{term} is no term of the ontology", "Remove the row, or name a declared term")
        elif name not in unused:
            fault = (f"{term} is used, and needs no reason", "Remove the row")
        else:
            reasons[name] = reason
            continue
        problems.append(Problem(f"{table}:{number}", *fault))
    return reasons
