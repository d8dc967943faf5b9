"""RDF in and out: Turtle read with the line of every syntax error, and written so that equal graphs give equal bytes."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from relgraph.errors import InputError, Problem, raise_if_any
from relgraph.vocabulary import DEFAULT_GRAPHS, PREFIXES, A

#: What relative IRIs of a file are resolved against where it states no base. RFC 3986 section 5.1.3 would take the file's
#: own IRI; one base for all makes a file say the same wherever it lies, and keeps folders of the machine out of reports.
BASE: Final = "file:///"
#: The syntaxes of RDF by the end of a file's name.
FILE_SYNTAXES: Final = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
    ".n3": RdfFormat.N3,
}


def read_turtle(path: Path, problems: list[Problem]) -> list[Triple]:
    """The triples of a Turtle file; a file that is missing or broken adds a problem with its line and gives none."""
    try:
        return [quad.triple for quad in _parsed(path, RdfFormat.TURTLE, None)]
    except SyntaxError as error:
        problems.append(Problem(f"{path}:{error.lineno or 1}", f"not valid Turtle: {error.msg}", "Mend the Turtle there"))
    except (OSError, ValueError, MemoryError) as error:
        problems.append(Problem(f"{path}:1", f"cannot be read: {error}", "Check that the file exists and is UTF-8"))
    return []


def read(path: Path, problems: list[Problem], syntax: RdfFormat | None = None) -> list[Quad]:
    """The quads of an RDF file in any syntax that relgraph reads; a file that is missing or broken adds a problem.

    syntax: which one it is; by default what the file's name says (FILE_SYNTAXES). Relative IRIs of a file that states no
    base are resolved against BASE. Nothing is fetched: a JSON-LD file whose context lies elsewhere is a problem.
    """
    chosen = syntax or FILE_SYNTAXES.get(path.suffix.lower())
    if chosen is None:
        known = ", ".join(FILE_SYNTAXES)
        problems.append(Problem(f"{path}:1", f"the syntax of {path.name} is not known", f"Name the file by its syntax: {known}"))
        return []
    try:
        return list(_parsed(path, chosen, BASE))
    except SyntaxError as error:
        problems.append(Problem(f"{path}:{error.lineno or 1}", f"not valid {chosen.name}: {error.msg}", "Mend the file there"))
    except (OSError, ValueError, MemoryError) as error:
        problems.append(Problem(f"{path}:1", f"cannot be read: {error}", "Check that the file exists and is UTF-8"))
    return []


def stream(paths: Sequence[Path]) -> Iterator[Triple]:
    """The triples of RDF files as they are read, graph names left out. Raises InputError at the first fault.

    Blank nodes of several files are kept apart, for which they get other labels.
    """
    for path in paths:
        if path.suffix.lower() not in FILE_SYNTAXES:
            problems: list[Problem] = []
            read(path, problems)
            raise_if_any(problems)
        try:
            syntax = FILE_SYNTAXES[path.suffix.lower()]
            renamed = len(paths) > 1
            for quad in _parsed(path, syntax, BASE, renamed):
                yield quad.triple
        except SyntaxError as error:
            raise InputError(
                [Problem(f"{path}:{error.lineno or 1}", f"not valid RDF: {error.msg}", "Mend the file there")]
            ) from error
        except (OSError, ValueError, MemoryError) as error:
            raise InputError(
                [Problem(f"{path}:1", f"cannot be read: {error}", "Check that the file exists and is UTF-8")]
            ) from error


def _parsed(path: Path, syntax: RdfFormat, base: str | None, renamed: bool = False) -> Iterator[Quad]:
    """The quads of a file; a byte order mark, which editors put before UTF-8, is passed over."""
    with suppress(OSError):  # the parser says what is wrong with a file that cannot be opened
        if path.is_file():  # what begins a pipe could not be put back
            with path.open("rb") as file:
                content = file.read() if file.read(len(BOM_UTF8)) == BOM_UTF8 else None
            if content is not None:
                return parse(input=content, format=syntax, base_iri=base, rename_blank_nodes=renamed)
    return parse(path=str(path), format=syntax, base_iri=base, rename_blank_nodes=renamed)


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """The text of a file as it stands, line ends included; a file that cannot be read adds a problem."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(Problem(f"{path}:{line}", f"is not UTF-8 (byte {error.start})", "Save the file as UTF-8"))
    except OSError as error:
        problems.append(Problem(f"{path}:1", f"cannot be read: {error.strerror}", "Check that it is a file, and readable"))
    return None


def write_turtle(triples: Iterable[Triple]) -> bytes:
    """Turtle of the triples, sorted by subject, types first, with the prefixes of relgraph that are in use."""
    ordered = sorted(set(triples), key=_order)
    return serialized(ordered, RdfFormat.TURTLE, prefixes_of(ordered))


def prefixes_of(statements: Iterable[Triple] | Iterable[Quad]) -> dict[str, str]:
    """The prefixes of relgraph that are of use in writing the statements."""
    used = {term.value for statement in statements for term in _iris(statement)}
    namespaces = {iri[: cut + 1] for iri in used for cut in (iri.rfind("/"), iri.rfind("#"))}
    # rdflib does not read a name that ends in an escaped full stop, as those of open time spans do
    spelt_out = {iri[: iri.rfind("/") + 1] for iri in used if iri.endswith(".")}
    return {prefix: iri for prefix, iri in sorted(PREFIXES.items()) if iri in namespaces - spelt_out}


def serialized(
    statements: Iterable[Triple] | Iterable[Quad], chosen: RdfFormat, prefixes: Mapping[str, str] | None = None
) -> bytes:
    """The triples or quads in an RDF format, in the order given."""
    return serialize(statements, format=chosen, prefixes=dict(sorted((prefixes or {}).items()))) or b""


def in_graph(triples: Iterable[Triple], graph: NamedNode) -> list[Quad]:
    """The triples as quads of a graph, each once, in the order given."""
    return [Quad(t.subject, t.predicate, t.object, graph) for t in dict.fromkeys(triples)]


def with_default_graph(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The quads, and those of the default graphs once more in a store's own default graph.

    Oxigraph gives a triple twice that stands in two graphs of a query's default graph, so the union is stored as one.
    """
    for quad in quads:
        yield quad
        if quad.graph_name in DEFAULT_GRAPHS:
            yield Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())


def line_of(path: Path, local_name: str) -> int:
    """The line on which a resource of that local name is first written at the start of a line; 1 if it is not found."""
    pattern = re.compile(rf"^(?:<\S*[/#]|[\w-]*:){re.escape(local_name)}[>\s]", re.MULTILINE)
    text = path.read_text("utf-8", errors="replace")
    found = pattern.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _iris(triple: Triple | Quad) -> list[NamedNode]:
    terms = [triple.subject, triple.predicate, triple.object, getattr(triple.object, "datatype", None)]
    return [term for term in terms if isinstance(term, NamedNode)]


def _order(triple: Triple) -> tuple[str, bool, str, str]:
    subject = triple.subject
    if isinstance(subject, Triple | BlankNode) or isinstance(triple.object, Triple | BlankNode):
        return (str(subject), triple.predicate != A, triple.predicate.value, str(triple.object))
    return (subject.value, triple.predicate != A, triple.predicate.value, str(triple.object))
