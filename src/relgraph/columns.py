"""SPARQL solutions as typed columns: Arrow tables, record batches, Parquet.

A column has a type of its own when every value in it is of that type and keeps every digit in it:

| terms | Arrow type |
|---|---|
| xsd:integer and what is derived from it, within 64 bits | int64 |
| xsd:double, xsd:float; xsd:decimal of at most 15 significant digits, which a double holds exactly | double |
| xsd:decimal of more digits (an AVG has 18), up to 38 | decimal128 |
| xsd:boolean | bool |
| xsd:dateTime without zone | timestamp[us] |
| xsd:dateTime with zone | timestamp[us] in that zone, in UTC where zones differ: the instant is kept |
| xsd:date without zone, of the years 1 to 9999 | date32 |
| everything else: IRIs, texts, mixtures, ill-formed values, values beyond these bounds | string, the text of the term |

Integers, decimals and doubles together are numbers of the widest of these types, if that keeps them all. What the text of a
string column does not tell has a column beside it: `NAME@lang`, the language tag, where its texts are not all of one language;
`NAME@type` (`iri`, `bnode`, `triple`, or the datatype) where its terms are not all of one kind. What all terms of a column
share is in the metadata of its field: `kind` (`iri`, `bnode`, `triple`, `literal` or `mixed`), `datatype`, `language`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from pyoxigraph import BlankNode, Literal, NamedNode

from relgraph.errors import UsageError
from relgraph.parquet import ROWS, pyarrow_or_remedy
from relgraph.parquet import write as write_parquet
from relgraph.scalars import DECIMAL_DIGITS, DOUBLE_DIGITS, Scalar, scalar
from relgraph.vocabulary import RDF, XSD

if TYPE_CHECKING:
    import pyarrow

_LANGUAGE, _TYPE = "@lang", "@type"
_TEXT = XSD + "string"
_TEXTS = (_TEXT, RDF + "langString", RDF + "dirLangString")


@dataclass(frozen=True)
class Column:
    """How the values of a variable are held.

    storage: int64, double, decimal, bool, timestamp, date or string; precision and scale are those of a decimal, zone that of a
    timestamp (None: without); languages, types: whether the columns NAME@lang and NAME@type stand beside it.
    """

    name: str
    storage: str
    metadata: tuple[tuple[str, str], ...] = ()
    precision: int = 0
    scale: int = 0
    zone: str | None = None
    languages: bool = False
    types: bool = False

    def fields(self) -> list[Any]:
        """The Arrow fields of this column: its own, and those beside it."""
        arrow = pyarrow_or_remedy()
        types = {
            "int64": arrow.int64, "double": arrow.float64, "bool": arrow.bool_, "date": arrow.date32, "string": arrow.string,
            "decimal": lambda: arrow.decimal128(self.precision, self.scale),
            "timestamp": lambda: arrow.timestamp("us", tz=self.zone),
        }  # fmt: skip
        beside = [_LANGUAGE] * self.languages + [_TYPE] * self.types
        own = arrow.field(self.name, types[self.storage](), metadata=dict(self.metadata) or None)
        return [own, *(arrow.field(self.name + suffix, arrow.string()) for suffix in beside)]

    def values(self, terms: Sequence[object]) -> list[list[object]]:
        """The values of terms for each of the fields."""
        found: list[list[object]] = [[self._value(term) for term in terms]]
        if self.languages:
            found.append([_language(term) for term in terms])
        if self.types:
            found.append([None if term is None else _kind(term) for term in terms])
        return found

    def _value(self, term: object) -> object:
        if term is None:
            return None
        if self.storage == "string":
            return _text(term)
        read = scalar(term)
        if read is None or (self.storage != read.storage and self.storage not in ("double", "decimal")):
            raise ValueError(f"?{self.name} was measured as {self.storage} and has the value {term}")
        return float(read.value) if self.storage == "double" else read.value  # type: ignore[arg-type]


@dataclass
class _Measure:
    """What has been seen of a column so far."""

    kinds: set[str] = field(default_factory=set)
    languages: set[str | None] = field(default_factory=set)
    storages: set[str] = field(default_factory=set)
    zones: set[str | None] = field(default_factory=set)
    digits: int = 0
    whole: int = 0
    scale: int = 0

    def see(self, term: object) -> None:
        if term is None:
            return
        kind = _kind(term)
        if kind in _TEXTS:
            kind = _TEXT
            self.languages.add(_language(term))
        self.kinds.add(kind)
        read = scalar(term) or Scalar("string", None)
        self.storages.add(read.storage)
        self.digits, self.whole = max(self.digits, read.digits), max(self.whole, read.whole)
        self.scale = max(self.scale, read.scale)
        if read.storage == "timestamp":
            self.zones.add(read.zone)

    def column(self, name: str) -> Column:
        storage = self._storage()
        is_text = storage == "string"
        zone = None
        if storage == "timestamp":
            zone = next(iter(self.zones)) if len(self.zones) == 1 else "UTC"
        return Column(
            name,
            storage,
            tuple(self._metadata()),
            precision=max(1, self.whole + self.scale) if storage == "decimal" else 0,
            scale=self.scale if storage == "decimal" else 0,
            zone=zone,
            languages=is_text and len(self.languages) > 1,
            types=is_text and len(self.kinds) > 1,
        )

    def _storage(self) -> str:
        if self.storages == {"timestamp"}:
            return "string" if None in self.zones and len(self.zones) > 1 else "timestamp"
        if len(self.storages) == 1 and "decimal" not in self.storages:
            return next(iter(self.storages))
        if self.storages and self.storages <= {"int64", "decimal", "double"}:
            if self.digits <= DOUBLE_DIGITS:
                return "double"
            if "double" not in self.storages and self.whole + self.scale <= DECIMAL_DIGITS:
                return "decimal"
        return "string"

    def _metadata(self) -> Iterator[tuple[str, str]]:
        kinds = {kind if kind in ("iri", "bnode", "triple") else "literal" for kind in self.kinds}
        if kinds:
            yield "kind", next(iter(kinds)) if len(kinds) == 1 else "mixed"
        language = next(iter(self.languages)) if len(self.languages) == 1 else None
        is_tagged = bool(self.languages) and None not in self.languages
        if kinds == {"literal"} and len(self.kinds) == 1 and (is_tagged or len(self.languages) < 2):
            yield "datatype", RDF + "langString" if is_tagged else next(iter(self.kinds))
        if language:
            yield "language", language


def measured(variables: Sequence[str], rows: Iterable[Sequence[object]]) -> tuple[Column, ...]:
    """The columns of a result, from one pass over all its rows. A result that is too large to be held is made twice: once for
    this, and once for `batches` or `parquet`."""
    measures = [_Measure() for _ in variables]
    for row in rows:
        for measure, term in zip(measures, row, strict=True):
            measure.see(term)
    return tuple(measure.column(name) for name, measure in zip(variables, measures, strict=True))


def untyped(variables: Sequence[str]) -> tuple[Column, ...]:
    """Columns for a stream that is read only once: all strings, each with NAME@lang and NAME@type beside it. Nothing is lost."""
    return tuple(Column(name, "string", languages=True, types=True) for name in variables)


def table(variables: Sequence[str], rows: Iterable[Sequence[object]]) -> pyarrow.Table:
    """Solutions as an Arrow table; rows: a term or None for each variable. Raises UsageError without pyarrow."""
    arrow = pyarrow_or_remedy()
    held = list(rows)
    columns = measured(variables, held)
    return arrow.Table.from_batches(list(batches(columns, held)), schema(columns))


def schema(columns: Sequence[Column]) -> pyarrow.Schema:
    """The Arrow schema of columns."""
    return pyarrow_or_remedy().schema([found for column in columns for found in column.fields()])


def batches(columns: Sequence[Column], rows: Iterable[Sequence[object]], size: int = ROWS) -> Iterator[pyarrow.RecordBatch]:
    """Solutions as record batches of a number of rows; only one batch is held at a time.

    columns: as `measured` found them in the same rows, or `untyped`. Raises ValueError for a row that does not fit them.
    """
    arrow = pyarrow_or_remedy()
    fields = schema(columns)
    remaining = iter(rows)
    while held := list(islice(remaining, size)):
        values = [found for column, terms in zip(columns, zip(*held, strict=True), strict=True) for found in column.values(terms)]
        arrays = [arrow.array(found, type=each.type) for found, each in zip(values, fields, strict=True)]
        if arrays:
            yield arrow.RecordBatch.from_arrays(arrays, schema=fields)
        else:  # a batch without columns has a length only when it is made like this
            yield arrow.RecordBatch.from_struct_array(arrow.array([{}] * len(held), arrow.struct([])))


def parquet(variables: Sequence[str], rows: Iterable[Sequence[object]], out: BinaryIO) -> None:
    """Writes solutions as a Parquet file with typed columns; all rows are held until then.

    Equal solutions make equal bytes with the same version of pyarrow. Raises UsageError without pyarrow, and where there are no
    variables: Parquet does not count rows without columns.
    """
    if not variables:
        raise UsageError("Parquet needs a variable: this query selects none. Name what is to be selected")
    held = list(rows)
    columns = measured(variables, held)
    write_parquet(schema(columns), batches(columns, held), out)


def _kind(term: object) -> str:
    if isinstance(term, Literal):
        return term.datatype.value
    return "iri" if isinstance(term, NamedNode) else "bnode" if isinstance(term, BlankNode) else "triple"


def _language(term: object) -> str | None:
    if not isinstance(term, Literal) or term.language is None:
        return None
    return f"{term.language}--{term.direction}" if term.direction else term.language


def _text(term: object) -> str:
    if isinstance(term, BlankNode):
        return f"_:{term.value}"
    return term.value if isinstance(term, NamedNode | Literal) else str(term)
