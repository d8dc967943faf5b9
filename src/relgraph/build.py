"""The pipeline: decisions → claims → facts → RDF → reasoning → validation → release. No clock, no network."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad

import relgraph
from relgraph import (
    catalogue,
    decisions,
    documents,
    entities,
    facts,
    graph,
    ontology,
    rdf,
    reasoning,
    redirects,
    release,
    statements,
)
from relgraph.errors import InputError, Problem, raise_if_any
from relgraph.exports import context
from relgraph.findings import Finding, Report, ordered
from relgraph.project import Project
from relgraph.rdflibgraph import rdflib_graph
from relgraph.release import Release
from relgraph.reports import records
from relgraph.statements import Claim
from relgraph.validation import check_files, load_checks, load_shapes, validate
from relgraph.vocabulary import ASSERTED, DEFAULT_GRAPHS, ID, INFERRED, ONTOLOGY_GRAPH, OWL, PROVENANCE, REPORTED, local_name

#: Called with the name of the stage that begins.
Progress = Callable[[str], None]

_LICENCE = "LICENSE-data.md"
_GRAPHS = (ASSERTED, PROVENANCE, INFERRED, REPORTED)


@dataclass(frozen=True)
class Built:
    """What a build gives before it is written.

    quads: of all graphs; report: of the validation; counts: by name; inputs: SHA-256 of every input file by its path in
    the project; confirmed_spans: how many spans were held against texts; places: for each fact and claim (IRI) the
    file:line of its first decision; base: the folder that file names in the report are relative to; carried: further files of
    a release, by name: the table of retired keys and the licence as they stand in the project, and the JSON-LD context of its
    terms.
    """

    quads: tuple[Quad, ...]
    report: Report
    counts: Mapping[str, int]
    inputs: Mapping[str, str]
    confirmed_spans: int
    places: Mapping[str, str]
    base: Path
    carried: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings that block a release."""
        return tuple(finding for finding in self.report.findings if finding.level == "Violation")

    def turtle_files(self) -> dict[str, bytes]:
        """The built graph as Turtle by file name, byte for byte the same for the same inputs."""
        return {
            f"{local_name(name)}.ttl": rdf.write_turtle(q.triple for q in self.quads if q.graph_name == name) for name in _GRAPHS
        }


def assemble(project: Project, documents_folder: Path | None, progress: Progress) -> Built:
    """Runs every stage but the writing. documents_folder: where the source texts are, to confirm every span's hash.

    Raises InputError with every problem of the input.
    """
    problems: list[Problem] = []
    progress("reading")
    terms = ontology.load(project.ontology, problems)
    register = documents.load_register(project.documents, problems)
    things = entities.load(project.entities, terms.schema, problems)
    texts = documents.read_folder(documents_folder, register, problems) if documents_folder else {}
    rows = decisions.load(project.statements, problems)
    if not register.documents and not any(problem.where.startswith(str(project.documents)) for problem in problems):
        remedy = "Register one with `relgraph documents register`"
        problems.append(Problem(f"{project.documents}:1", "no document is registered", remedy))
    if any(not part for part in (terms.terms, terms.schemes, register.documents)):
        raise InputError(problems)  # without these every further message would be noise
    problems += reasoning.check_profile(rdflib_graph(terms.terms), str(project.ontology / "relgraph.ttl"))
    agents = {key for key, entity in things.by_key.items() if terms.schema.is_a(entity.class_name, "Agent")}
    check_files(project.ontology / "shapes", project.ontology / "verify", problems)
    shapes, checks = load_shapes([project.ontology / "shapes"], []), load_checks(project.ontology / "verify", [])
    documents.check_agents(project.documents, register, agents, problems)
    progress("resolving")
    said = statements.resolve(rows, statements.Sources(terms.schema, things.by_key, register, texts), problems)
    raise_if_any(problems)
    progress("fusing")
    fused = facts.fuse(said.claims, terms.schema, things.drawn_from())
    quads = graph.assemble(terms, register, things, said, fused)
    progress("reasoning")
    inferred = reasoning.infer((q for q in quads if q.graph_name == ASSERTED), terms.terms)
    quads += inferred.quads
    quads += _ontology_quads(terms)
    _check_redirects(project, quads)
    carried = {path.name: path.read_bytes() for path in (project.redirects, project.licence) if path.is_file()}
    _licence(carried, project.licence)
    carried[project.context.name] = context.rendered({"@context": context.context(terms.schema, terms.terms)})
    progress("validating")
    found = validate(quads, shapes, checks, data_graphs=DEFAULT_GRAPHS)
    report = Report(ordered([*found.findings, *inferred.findings]), (*found.checks, *inferred.checks), found.notes)
    counts = Counter(
        {
            "documents": len(register.documents),
            "entities": len(things.by_key),
            "facts": len(fused),
            "relations": sum(terms.schema.is_a(f.class_name, "Relation") for f in fused),
            "events": sum(terms.schema.is_a(f.class_name, "Event") for f in fused),
            "contested facts": sum(bool(f.conflicts) for f in fused),
            "claims": len(said.claims),
            "spans": len({span for claim in said.claims for span in (claim.evidence, *claim.context)}),
            "decisions": len(rows),
            "spans of decisions": len(said.spans),
        }
    )
    counts.update(f"triples {local_name(g)}" for g in _GRAPHS for q in quads if q.graph_name == g)
    return Built(
        quads=tuple(quads),
        report=report,
        counts=dict(sorted(counts.items())),
        inputs=_inputs(project),
        confirmed_spans=sum(span.document in texts for span in said.spans),
        places=_places(said.claims),
        base=project.ontology.parent,
        carried=carried,
    )


def write(built: Built, out: Path) -> Release:
    """Writes a release of what was built; the caller has seen to it that nothing blocks it."""
    files = {f"graph/{name}": content for name, content in built.turtle_files().items()}
    files |= built.carried
    files["report.json"] = records.write(built.report, built.base)
    dataset = release.nquads(built.quads)
    files[catalogue.FILE] = _catalogue(built, {"dataset.nq": dataset, **files})
    files["SHA256SUMS"] = _sums({"dataset.nq": dataset, **files})
    manifest = {
        "version": _version(built.quads), "software": relgraph.__version__, "counts": built.counts, "inputs": built.inputs
    }  # fmt: skip
    return release.write(out, dataset, built.quads, files, manifest)


def stale_graph_files(built: Built, project: Project) -> list[str]:
    """The files of the committed graph that differ from what was built, sorted; empty when a rebuild equals it."""
    new = built.turtle_files()
    old = {path.name: path.read_bytes() for path in project.graph.glob("*.ttl")}
    return sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))


def update_graph_files(built: Built, project: Project) -> None:
    """Writes the built graph into the project, to be committed; Turtle files that are no part of it are removed."""
    project.graph.mkdir(exist_ok=True)
    for path in project.graph.glob("*.ttl"):
        path.unlink()
    for name, content in built.turtle_files().items():
        (project.graph / name).write_bytes(content)


def _ontology_quads(terms: ontology.Ontology) -> list[Quad]:
    """The ontology in its own graph; its lists get canonical blank node labels (RDFC-1.0), so that rebuilds agree."""
    dataset = Dataset(rdf.in_graph(terms.terms, ONTOLOGY_GRAPH))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)


def _version(quads: Iterable[Quad]) -> str:
    """The version that the ontology gives itself (owl:versionInfo), as far as it can be part of a name; empty without one."""
    told = [q.object for q in quads if q.subject == ONTOLOGY_GRAPH and q.predicate.value == OWL + "versionInfo"]
    texts = sorted(value.value for value in told if isinstance(value, Literal))
    return re.sub(r"[^\w.+]", "_", "".join(texts[:1]), flags=re.ASCII)[:40]


def _check_redirects(project: Project, quads: Iterable[Quad]) -> None:
    """Holds the retired keys against the graph. Raises InputError."""
    problems: list[Problem] = []
    retired = redirects.load(project.redirects, problems)
    if retired:
        iris = {term.value for quad in quads for term in (quad.subject, quad.object) if isinstance(term, NamedNode)}
        redirects.check(retired, {iri.removeprefix(ID) for iri in iris if iri.startswith(ID)}, problems)
    raise_if_any(problems)


def _catalogue(built: Built, files: Mapping[str, bytes]) -> bytes:
    """The description of a release with these files."""
    made = catalogue.Made(
        release=hashlib.sha256(files["dataset.nq"]).hexdigest(),
        version=_version(built.quads),
        software=relgraph.__version__,
        inputs=built.inputs,
        files=files,
        licence=_licence(built.carried, built.base / _LICENCE),
    )
    return catalogue.write(built.quads, made)


def _licence(carried: Mapping[str, bytes], file: Path) -> str:
    """The IRI of the licence that a release states, "" for none; file: where it is from. Raises InputError for what is no IRI."""
    problems: list[Problem] = []
    found = catalogue.licence_of(carried.get(_LICENCE, b"").decode("utf-8", "replace"), str(file), problems)
    raise_if_any(problems)
    return found


def _sums(files: Mapping[str, bytes]) -> bytes:
    """What `sha256sum --check` reads."""
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())).encode()


def _places(claims: Iterable[Claim]) -> dict[str, str]:
    places: dict[str, str] = {}
    for claim in claims:
        for key in (claim.fact, f"claim/{claim.id}", f"claim/{claim.id}/says", claim.evidence.key):
            places.setdefault(ID + key, claim.where)
    return places


def _inputs(project: Project) -> dict[str, str]:
    patterns = ("*.ttl", "*.tsv", "shapes/*.ttl", "verify/*.rq")
    files = [
        *(path for pattern in patterns for path in project.ontology.glob(pattern)),
        project.documents,
        *(path for path in (project.redirects, project.licence) if path.is_file()),
        *project.entities.glob("*.ttl"),
        *project.statements.glob("*.jsonl"),
    ]
    roots = (project.root, project.ontology.parent)
    return {
        str(path.relative_to(next(root for root in roots if path.is_relative_to(root)))): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in sorted(files)
    }
