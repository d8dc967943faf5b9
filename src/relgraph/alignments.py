"""Alignments to other vocabularies: read from an SSSOM table, checked, and written as Turtle.

The table is SSSOM TSV: metadata as YAML in lines that begin with `#`, of which `curie_map` gives the prefixes, then the
names of the columns, then one mapping a line. A mapping is rdfs:subClassOf, rdfs:subPropertyOf or a SKOS mapping
relation from a term of relgraph to one of another vocabulary; owl:sameAs and the equivalences of OWL are refused, since
they would carry everything that the other vocabulary says into relgraph.

`python -m relgraph.alignments TABLE ONTOLOGY` prints the Turtle.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pyoxigraph import NamedNode, RdfFormat, Triple

from relgraph import rdf
from relgraph.errors import Problem, raise_if_any
from relgraph.vocabulary import OWL, RDFS, RG, SKOS, A

COLUMNS = ("subject_id", "predicate_id", "object_id", "mapping_justification", "comment")
_SUBCLASS = NamedNode(RDFS + "subClassOf")
_SUBPROPERTY = NamedNode(RDFS + "subPropertyOf")
#: What a mapping may be.
PREDICATES = (
    _SUBCLASS,
    _SUBPROPERTY,
    *(NamedNode(f"{SKOS}{kind}Match") for kind in ("broad", "close", "exact", "narrow", "related")),
)
_JUSTIFICATION = "https://w3id.org/semapv/vocab/"
_KINDS = {
    NamedNode(OWL + "Class"): "class",
    NamedNode(OWL + "ObjectProperty"): "property",
    NamedNode(OWL + "DatatypeProperty"): "property",
    NamedNode(OWL + "AnnotationProperty"): "property",
}
_HEADING = "# Alignments of the relgraph ontology to other vocabularies, generated from alignments.sssom.tsv.\n"


@dataclass(frozen=True)
class _Table:
    """A table as read: its prefixes, and the triple of each mapping by file:line."""

    prefixes: Mapping[str, str]
    mappings: Mapping[str, Triple]


def alignment_triples(table: Path) -> list[Triple]:
    """The mappings of a table as triples, sorted. Raises InputError with file:line for every row that is not valid."""
    problems: list[Problem] = []
    read = _read(table, problems)
    raise_if_any(problems)
    return sorted(read.mappings.values(), key=str)


def render(table: Path, ontology: Path) -> bytes:
    """The alignments as Turtle, sorted, the same bytes for the same table.

    table: the SSSOM file; ontology: the Turtle file that declares the terms. Raises InputError with file:line for a row
    that is not valid, that maps a term which the ontology does not declare, or a class as a property or the reverse.
    """
    problems: list[Problem] = []
    kinds = {
        triple.subject: _KINDS[triple.object]
        for triple in rdf.read_turtle(ontology, problems)
        if triple.predicate == A and isinstance(triple.object, NamedNode) and triple.object in _KINDS
    }
    read = _read(table, problems)
    needed = {_SUBCLASS: "class", _SUBPROPERTY: "property"}
    for where, triple in read.mappings.items():
        kind = kinds.get(triple.subject)
        if kind is None:
            problems.append(
                Problem(where, f"{triple.subject} is no term of the ontology", f"Name a term declared in {ontology.name}")
            )
        elif kind != needed.get(triple.predicate, kind):
            problems.append(Problem(where, f"{triple.subject} is a {kind}", f"Use rdfs:sub{kind.capitalize()}Of or a SKOS match"))
    raise_if_any(problems)
    triples = sorted(read.mappings.values(), key=str)
    used = " ".join(str(term) for triple in triples for term in triple)
    prefixes = {prefix: iri for prefix, iri in read.prefixes.items() if f"<{iri}" in used}
    return _HEADING.encode() + rdf.serialized(triples, RdfFormat.TURTLE, prefixes)


def _read(table: Path, problems: list[Problem]) -> _Table:
    try:
        lines = table.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(f"{table}:1", f"cannot be read: {error}", "Check that the file exists and is UTF-8"))
        return _Table({}, {})
    first = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    prefixes = _prefixes(table, lines[:first], problems)
    if tuple(lines[first].split("\t") if first < len(lines) else ()) != COLUMNS:
        problems.append(
            Problem(f"{table}:{first + 1}", "the columns are not as they should be", f"Name them {', '.join(COLUMNS)}")
        )
        return _Table(prefixes, {})
    mappings: dict[str, Triple] = {}
    for number, line in enumerate(lines[first + 1 :], start=first + 2):
        if line:
            where = f"{table}:{number}"
            triple = _mapping(where, line.split("\t"), prefixes, problems)
            if triple in mappings.values():
                problems.append(Problem(where, "the mapping stands in the table already", "Remove one of the two rows"))
            elif triple:
                mappings[where] = triple
    return _Table(prefixes, mappings)


def _prefixes(table: Path, lines: list[str], problems: list[Problem]) -> dict[str, str]:
    try:
        metadata = yaml.safe_load("\n".join(line.removeprefix("#") for line in lines))
        return {str(prefix): str(iri) for prefix, iri in metadata["curie_map"].items()}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where, reason = f"{table}:{mark.line + 1 if mark else 1}", f"the metadata are not YAML: {error}"
    except (TypeError, KeyError, AttributeError):
        where, reason = f"{table}:1", "the metadata have no curie_map"
    problems.append(Problem(where, " ".join(reason.split()), "Write #curie_map: and below it a prefix a line"))
    return {}


def _mapping(where: str, cells: list[str], prefixes: Mapping[str, str], problems: list[Problem]) -> Triple | None:
    if len(cells) != len(COLUMNS):
        problems.append(
            Problem(where, f"{len(cells)} cells instead of {len(COLUMNS)}", f"Write {', '.join(COLUMNS)}, with tabs between")
        )
        return None
    terms = [_expanded(where, cell, prefixes, problems) for cell in cells[:4]]
    subject, predicate, value, justification = terms
    if subject is None or predicate is None or value is None or justification is None:
        return None
    faults = [
        (not subject.value.startswith(RG), f"{cells[0]} is no term of relgraph", "Map from a term with the prefix rg"),
        (predicate not in PREDICATES, f"{cells[1]} is no mapping", f"Use one of {', '.join(map(str, PREDICATES))}"),
        (value.value.startswith(RG), f"{cells[2]} is a term of relgraph", "Map to a term of another vocabulary"),
        (
            not justification.value.startswith(_JUSTIFICATION),
            f"{cells[3]} is no justification",
            "Use a term of semapv, such as semapv:ManualMappingCuration",
        ),
    ]
    found = [Problem(where, what, remedy) for is_fault, what, remedy in faults if is_fault]
    problems += found
    return None if found else Triple(subject, predicate, value)


def _expanded(where: str, curie: str, prefixes: Mapping[str, str], problems: list[Problem]) -> NamedNode | None:
    prefix, colon, name = curie.partition(":")
    if colon and name and prefix in prefixes:
        try:
            return NamedNode(prefixes[prefix] + name)
        except ValueError:
            pass
    problems.append(
        Problem(where, f"{curie!r} is no CURIE with a prefix of the curie_map", "Write prefix:name and declare the prefix")
    )
    return None


if __name__ == "__main__":
    sys.stdout.buffer.write(render(Path(sys.argv[1]), Path(sys.argv[2])))
