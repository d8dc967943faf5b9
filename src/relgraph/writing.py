"""Writing results in the formats of the field, as they are found. What a format cannot hold is refused, never mangled.

The engine writes most formats itself. Where what it writes is not what the format means (Oxigraph 0.5.13), it is mended
here: IRIs with commas in CSV, carriage returns and characters that XML forbids, properties without an XML name.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import BinaryIO, cast

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Triple, serialize

from relgraph import evaluation
from relgraph.errors import QueryError, UsageError
from relgraph.evaluation import Format, Results
from relgraph.vocabulary import PREFIXES

#: Rows of CSV that are written at a time.
_ROWS = 256
#: What XML 1.0 (section 2.2) does not allow, in UTF-8: control characters, U+FFFE and U+FFFF.
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
#: An IRI that ends in what can be the local part of an XML name (Namespaces in XML 1.0, section 4).
_NAMED = re.compile(r"[^\W\d][\w.-]*$")


def write(results: Results | Iterable[Triple], chosen: Format, output: BinaryIO, prefixes: Mapping[str, str] = PREFIXES) -> None:
    """Writes results, or triples, in a format.

    Raises QueryError when evaluation fails on the way, or for what the format cannot hold; UsageError for a format that is
    not one for this form of query.
    """
    if chosen.engine in (QueryResultsFormat.XML, RdfFormat.RDF_XML):
        output = cast("BinaryIO", _Xml(output))
    with evaluation.failures():
        if isinstance(results, QuerySolutions) and chosen.engine == QueryResultsFormat.CSV:
            _write_csv(results, output)
            return
        if isinstance(results, QuerySolutions | QueryBoolean):
            if isinstance(chosen.engine, QueryResultsFormat):
                results.serialize(output, format=chosen.engine)
                return
        elif isinstance(chosen.engine, RdfFormat):
            triples = _named(results) if chosen.engine == RdfFormat.RDF_XML else results
            serialize(triples, output, format=chosen.engine, prefixes=dict(sorted(prefixes.items())))
            return
    raise UsageError(f"{chosen.name} is no format for this form of query")


def term_text(term: object) -> str:
    """A term as SPARQL 1.1 TSV has it (Turtle syntax); empty where it is None."""
    if isinstance(term, Triple):
        return f"<<( {term_text(term.subject)} {term_text(term.predicate)} {term_text(term.object)} )>>"
    return "" if term is None else str(term)


def _write_csv(results: QuerySolutions, output: BinaryIO) -> None:
    """SPARQL 1.1 CSV (section 3): values without their syntax, quoted where they hold a comma, a quote or a line end."""
    text = io.StringIO()
    writer = csv.writer(text)
    names = [variable.value for variable in results.variables]
    rows = iter([names])
    found = evaluation.terms(results)
    while batch := list(rows):
        if len(names) == 1:  # the library writes a lone empty value as "", which is no unbound one
            text.writelines(_lone(row[0]) for row in batch)
        else:
            writer.writerows(batch)
        output.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()
        rows = iter([[_value(term) for term in row] for row in islice(found, _ROWS)])


def _lone(value: str) -> str:
    quoted = value.replace('"', '""')
    return f'"{quoted}"\r\n' if quoted != value or any(mark in value for mark in ",\r\n") else f"{value}\r\n"


def _value(term: object) -> str:
    value = getattr(term, "value", None)
    if value is None:
        return term_text(term)
    return f"_:{value}" if type(term).__name__ == "BlankNode" else str(value)


def _named(triples: Iterable[Triple]) -> Iterator[Triple]:
    for triple in triples:
        if not _NAMED.search(triple.predicate.value):
            raise QueryError(f"RDF/XML has no name for the property <{triple.predicate.value}>. Ask for another format")
        yield triple


class _Xml:
    """Takes the XML that the engine writes, and passes it on as it should be."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._kept = b""

    def write(self, data: bytes) -> int:
        # two bytes are looked at again, as a character may be cut in two; most pieces have nothing to be mended
        if found := _NO_XML.search(self._kept + data):
            character = found[0].decode("utf-8")
            raise QueryError(
                f"XML cannot hold the character U+{ord(character):04X}, which is in the answer. Ask for another format"
            )
        self._kept = data[-2:]
        self._output.write(data.replace(b"\r", b"&#xD;") if b"\r" in data else data)
        return len(data)

    def flush(self) -> None:
        self._output.flush()
