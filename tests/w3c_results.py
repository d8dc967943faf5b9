"""What came back, held against what the W3C test suite expects: results, graphs and service descriptions as plain lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal

import pyoxigraph as ox
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF
from rdflib.term import Node

import w3c

#: What a request asks for, by the ending of the file of expected results; a .ttl holds a graph or a table.
ACCEPT = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".tsv": "text/tab-separated-values",
    ".csv": "text/csv",
    ".ttl": "text/turtle, application/sparql-results+xml",
}
#: The media types of the three forms that the protocol tests name.
FORMS = {
    "boolean": {ACCEPT[".srx"], ACCEPT[".srj"]},
    "tabular": {ACCEPT[".srx"], ACCEPT[".srj"], ACCEPT[".tsv"], ACCEPT[".csv"]},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
}
#: The formats that are compared as text.
TABLES = (ACCEPT[".csv"], ACCEPT[".tsv"])
XSD = "http://www.w3.org/2001/XMLSchema#"
#: The one form of what stands for a value, by datatype.
FORMS_OF: dict[str, Callable[[str], str]] = {
    "integer": lambda text: str(int(text)),
    "decimal": lambda text: f"{Decimal(text).normalize():f}",
    "double": lambda text: str(float(text)),
    "float": lambda text: str(float(text)),
    "boolean": lambda text: {"0": "false", "1": "true"}.get(text, text),
}
#: What is asked of results that are written as RDF.
SOLUTIONS = """
PREFIX rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#>
SELECT ?solution ?variable ?value {
  ?table rs:solution ?solution
  OPTIONAL { ?solution rs:binding [ rs:variable ?variable ; rs:value ?value ] }
}
"""
VARIABLES = """
PREFIX rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#>
SELECT ?variable { ?table rs:resultVariable ?variable }
"""
#: A cell of a line, still in its quotes.
CSV_CELL = re.compile(r'(?:^|(?<=,))("(?:[^"]|"")*"|[^,]*)')
TSV_CELL = re.compile(r"(?:^|(?<=\t))([^\t]*)")
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = dict[str, Term]


def received(content: bytes, media_type: str, ordered: bool) -> list[str]:
    """The lines of an answer; two answers have the same lines just if they say the same up to the names of blank nodes."""
    if media_type in TABLES:
        return table(content.decode("utf-8"), media_type)
    results = ox.QueryResultsFormat.from_media_type(media_type)
    if results:
        return solutions(content, results, ordered)
    rdf = ox.RdfFormat.from_media_type(media_type)
    assert rdf, f"no format is known as {media_type!r}"
    return graph(ox.parse(content, format=rdf))


def expected(file: str, ordered: bool) -> list[str]:
    """The lines of a file of expected results."""
    path = w3c.path(file)
    if ACCEPT[path.suffix] in TABLES:
        return table(path.read_text("utf-8"), ACCEPT[path.suffix])
    if path.suffix == ".ttl":
        store = ox.Store()
        store.load(path=path, base_iri=file)
        return described(store) if "rs:ResultSet" in path.read_text("utf-8") else graph(store)
    results = ox.QueryResultsFormat.from_media_type(ACCEPT[path.suffix])
    assert results
    return solutions(path.read_bytes(), results, ordered)


def is_ordered(query: str) -> bool:
    """Whether the solutions of a query come in an order: it has an ORDER BY after its last group."""
    return "ORDER BY" in query.rpartition("}")[2].upper()


def table(text: str, media_type: str) -> list[str]:
    """The lines of CSV or TSV to the letter, but for their ends. The columns, which SELECT * has in any order, are sorted by
    their names, and blank nodes are numbered as they come."""
    separator, cells = (",", CSV_CELL) if media_type == ACCEPT[".csv"] else ("\t", TSV_CELL)
    rows = [cells.findall(line) for line in text.splitlines()]
    order = sorted(range(len(rows[0])), key=lambda column: str(rows[0][column]))
    labels: dict[str, str] = {}
    lines = []
    for row in rows:
        assert len(row) == len(order), f"{row} has not a cell for each of {rows[0]}"
        sorted_cells = [row[column] for column in order]
        lines.append([labels.setdefault(cell, f"_:{len(labels)}") if cell.startswith("_:") else cell for cell in sorted_cells])
    return [separator.join(line) for line in lines]


def solutions(content: bytes, form: ox.QueryResultsFormat, ordered: bool) -> list[str]:
    """The lines of results in XML, JSON or TSV."""
    results = ox.parse_query_results(content, format=form)
    if isinstance(results, ox.QueryBoolean):
        return [str(bool(results)).lower()]
    assert isinstance(results, ox.QuerySolutions)
    names = [variable.value for variable in results.variables]
    rows = [{name: row[name] for name in names if row[name] is not None} for row in results]
    return table_lines(names, rows, ordered)


def described(store: ox.Store) -> list[str]:
    """The lines of results that are written as RDF, in the vocabulary of result sets."""
    rows: dict[object, Row] = {}
    solutions, variables = store.query(SOLUTIONS), store.query(VARIABLES)
    assert isinstance(solutions, ox.QuerySolutions)
    assert isinstance(variables, ox.QuerySolutions)
    for solution in solutions:
        row = rows.setdefault(solution["solution"], {})
        if solution["variable"]:
            row[solution["variable"].value] = solution["value"]
    return table_lines([row["variable"].value for row in variables], rows.values(), False)


def table_lines(names: Iterable[str], rows: Iterable[Row], ordered: bool) -> list[str]:
    """The variables, then the solutions as a canonical graph: a blank node for each, with its values by variable."""
    quads = []
    for number, row in enumerate(rows):
        node = ox.BlankNode()
        # a solution without any value counts as well; the place counts only where there is an order
        quads.append(ox.Quad(node, ox.NamedNode("solution:"), ox.Literal(number if ordered else "")))
        quads += [ox.Quad(node, ox.NamedNode(f"variable:{name}"), by_value(term)) for name, term in row.items()]
    return [f"variables: {' '.join(sorted(names))}", *graph(quads)]


def graph(triples: Iterable[ox.Quad]) -> list[str]:
    """The lines of the canonical N-Quads of a graph or dataset (RDFC-1.0)."""
    dataset = ox.Dataset(triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(f"{quad} ." for quad in dataset)


def by_value(term: Term) -> Term:
    """The term; of a number or truth value, the one form that stands for its value in its datatype: 1.0 for 01.00.

    Solutions are compared by value, since an engine may keep values in place of what was written.
    """
    if not isinstance(term, ox.Literal) or not term.datatype.value.startswith(XSD):
        return term
    try:
        return ox.Literal(FORMS_OF[term.datatype.value.removeprefix(XSD)](term.value), datatype=term.datatype)
    except (KeyError, ArithmeticError, ValueError):
        return term


# ── service descriptions ─────────────────────────────────────────────────────────────────────────────────────────────

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
REGIMES = Namespace("http://www.w3.org/ns/entailment/")
#: The properties of the vocabulary: the class of those that have them, and of their values (SPARQL 1.1 Service Description, 3.4).
PROPERTIES = {
    SD.endpoint: (SD.Service, None),
    SD.feature: (SD.Service, SD.Feature),
    SD.defaultEntailmentRegime: (SD.Service, SD.EntailmentRegime),
    SD.entailmentRegime: (SD.NamedGraph, SD.EntailmentRegime),
    SD.defaultSupportedEntailmentProfile: (SD.Service, SD.EntailmentProfile),
    SD.supportedEntailmentProfile: (SD.NamedGraph, SD.EntailmentProfile),
    SD.extensionFunction: (SD.Service, SD.Function),
    SD.extensionAggregate: (SD.Service, SD.Aggregate),
    SD.languageExtension: (SD.Service, SD.Feature),
    SD.supportedLanguage: (SD.Service, SD.Language),
    SD.propertyFeature: (SD.Service, SD.Feature),
    SD.defaultDataset: (SD.Service, SD.Dataset),
    SD.availableGraphs: (SD.Service, SD.GraphCollection),
    SD.resultFormat: (SD.Service, FORMATS.Format),
    SD.inputFormat: (SD.Service, FORMATS.Format),
    SD.defaultGraph: (SD.Dataset, SD.Graph),
    SD.namedGraph: (SD.GraphCollection, SD.NamedGraph),
    SD.name: (SD.NamedGraph, None),
    SD.graph: (SD.NamedGraph, SD.Graph),
}
CLASSES = {SD.Service} | {kind for pair in PROPERTIES.values() for kind in pair if kind}
#: A dataset may stand where a collection of graphs is asked for.
NARROWER = {SD.GraphCollection: SD.Dataset}
#: The instances that the vocabulary itself, or the list of formats that it refers to, defines.
INSTANCES = {
    SD.Feature: {SD.DereferencesURIs, SD.UnionDefaultGraph, SD.RequiresDataset, SD.EmptyGraphs, SD.BasicFederatedQuery},
    SD.Language: {SD.SPARQL10Query, SD.SPARQL11Query, SD.SPARQL11Update},
    SD.EntailmentRegime: {REGIMES[name] for name in ("Simple", "RDF", "RDFS", "D", "OWL-RDF-Based", "OWL-Direct", "RIF")},
    FORMATS.Format: {
        FORMATS[name]
        for name in (
            *("JSON-LD", "N3", "N-Triples", "N-Quads", "LD_Patch", "microdata", "OWL_XML", "OWL_Functional", "OWL_Manchester"),
            *("POWDER", "POWDER-S", "PROV-N", "PROV-XML", "RDFa", "RDF_JSON", "RDF_XML", "RIF_XML", "SPARQL_Results_XML"),
            *("SPARQL_Results_JSON", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "TriG"),
        )
    },
}
#: Of these a subject has one at the most (of the others, any number).
SINGLE = (
    *(SD.endpoint, SD.defaultDataset, SD.defaultGraph, SD.name),
    *(SD.defaultEntailmentRegime, SD.defaultSupportedEntailmentProfile),
)
#: These must be there.
NEEDED = {SD.Service: SD.endpoint, SD.NamedGraph: SD.name}


def faults(description: Graph) -> list[str]:
    """Where a service description departs from the vocabulary, in words; nothing if it conforms."""
    found = [] if (None, RDF.type, SD.Service) in description else ["there is no sd:Service"]
    terms = {*description.predicates(), *description.objects(None, RDF.type)}
    unknown = {term for term in terms if str(term).startswith(str(SD))} - CLASSES - PROPERTIES.keys()
    found += [f"{term} is no term of the vocabulary" for term in unknown]
    for term, (domain, values) in PROPERTIES.items():
        for subject, value in description.subject_objects(term):
            if not fits(description, subject, domain):
                found.append(f"{subject} has {term} but is no {domain}")
            if not (fits(description, value, values) if values else isinstance(value, URIRef)):
                found.append(f"{value} is a value of {term} but no {values or 'IRI'}")
    for term in SINGLE:
        counts = Counter(description.subjects(term))
        found += [f"{subject} has {term} {count} times" for subject, count in counts.items() if count > 1]
    for kind, term in NEEDED.items():
        lacking = set(description.subjects(RDF.type, kind)) - set(description.subjects(term))
        found += [f"{subject} has no {term}" for subject in lacking]
    return found


def fits(description: Graph, node: Node, kind: URIRef) -> bool:
    """Whether a node is known, or said, to be of a class."""
    if node in INSTANCES.get(kind, ()):
        return True
    if str(node).startswith((str(SD), str(FORMATS), str(REGIMES))):
        return False
    said = set(description.objects(node, RDF.type))
    return kind in said or NARROWER.get(kind) in said
