"""Tidy tables as files: CSV (RFC 4180) and Parquet, one by one, in a folder, or in a ZIP archive.

CSV is UTF-8 with a header, lines end with CRLF, and what holds a comma, a quote or a line break is quoted. Of several values in a
cell each stands as it is, with ` | ` between them, and with a backslash before every | and every backslash in it. A missing value
and an empty text are both empty. Cells are never changed: what begins with = + - or @, and which a spreadsheet takes for a
formula when it opens the file by a double click, is what the graph holds, and an apostrophe before it would be wrong
everywhere else.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from relgraph import parquet
from relgraph.errors import UsageError, suggestion
from relgraph.exports.cells import BETWEEN, Cell, Row
from relgraph.exports.lookups import NO_TEXTS, Lookups
from relgraph.exports.source import Source
from relgraph.exports.tidy import ROWS
from relgraph.exports.tidycolumns import TABLES, TidyTable
from relgraph.outputs import replacing_all

if TYPE_CHECKING:
    import pyarrow

#: Rows of a row group in Parquet: a group is held in memory.
_GROUP: Final = 10_000
FORMATS: Final = ("csv", "parquet")
#: Characters of CSV that are written at once.
_BLOCK: Final = 1 << 16
#: The first moment that a ZIP archive can name: the same archive for the same tables.
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)


def write(source: Source, out: BinaryIO, table: str, format: str, texts: Mapping[str, str] = NO_TEXTS) -> None:
    """Writes one table in a format (csv, parquet), as a stream.

    texts: the documents at hand, by id ("004"), from which claims are quoted. Raises UsageError for an unknown table or format,
    InputError for a text without a passage that a claim rests on.
    """
    known = _known(table)
    _checked(format)
    with Lookups(source, texts) as lookups:
        rows = ROWS[known.name](source, lookups)
        if format == "csv":
            _csv(known, rows, out)
        else:
            parquet.write(_schema(known), _batches(known, rows), cast(BinaryIO, _Forwarding(out)))


def archive(source: Source, out: BinaryIO, format: str, texts: Mapping[str, str] = NO_TEXTS) -> None:
    """Writes all tables in a format as a ZIP archive, as a stream: out need not be seekable. texts, errors: as of `write`."""
    method = ZIP_DEFLATED if _checked(format) == "csv" else ZIP_STORED
    with ZipFile(cast(BinaryIO, _Forwarding(out)), "w") as files:
        for name in TABLES:
            about = ZipInfo(f"{name}.{format}", _MOMENT)
            about.compress_type, about.create_system, about.external_attr = method, 3, 0o644 << 16
            with files.open(about, "w", force_zip64=True) as file:
                write(source, cast(BinaryIO, file), name, format, texts)


def folder(source: Source, path: Path, format: str, texts: Mapping[str, str] = NO_TEXTS) -> list[Path]:
    """Writes all tables in a format into a folder (made if need be), each as `<table>.<format>`; gives their paths.

    They take the place of what stood there when all of them are written; if writing fails, all of that stays. texts, errors: as
    of `write`; raises UsageError also where the folder cannot be written to.
    """
    _checked(format)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write into {path}: {error.strerror}. Choose another folder") from error
    paths = [path / f"{name}.{format}" for name in TABLES]
    with replacing_all(paths) as files:
        for name, file in zip(TABLES, files, strict=True):
            write(source, file, name, format, texts)
    return paths


def _checked(format: str) -> str:
    if format not in FORMATS:
        raise UsageError(f"there are no tables in {format[:40]!r}. {suggestion(format, FORMATS)}")
    if format == "parquet":
        parquet.pyarrow_or_remedy()
    return format


def _known(table: str) -> TidyTable:
    if table not in TABLES:
        raise UsageError(f"there is no table {table[:40]!r}. {suggestion(table, TABLES)}")
    return TABLES[table]


def _csv(table: TidyTable, rows: Iterable[Row], out: BinaryIO) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in rows:
        writer.writerow([written(cell) for cell in row])
        if text.tell() > _BLOCK:
            out.write(text.getvalue().encode())
            text.seek(0)
            text.truncate()
    out.write(text.getvalue().encode())


def written(cell: Cell) -> str | int | None:
    """A cell as CSV has it; None where it is empty."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, tuple):
        return BETWEEN.join(each.replace("\\", "\\\\").replace("|", "\\|") for each in cell)
    return cell.isoformat() if isinstance(cell, datetime) else cell


def _schema(table: TidyTable) -> pyarrow.Schema:
    arrow = parquet.pyarrow_or_remedy()
    texts = arrow.list_(arrow.string())
    types = {
        "iri": arrow.string(), "text": arrow.string(), "iris": texts, "texts": texts, "integer": arrow.int64(),
        "boolean": arrow.bool_(), "dateTime": arrow.timestamp("us"),
    }  # fmt: skip
    return arrow.schema([arrow.field(each.name, types[each.type], metadata={"description": each.text}) for each in table.columns])


def _batches(table: TidyTable, rows: Iterator[Row]) -> Iterator[pyarrow.RecordBatch]:
    arrow, schema = parquet.pyarrow_or_remedy(), _schema(table)
    while held := list(islice(rows, _GROUP)):
        arrays = [arrow.array(cells, type=each.type) for each, cells in zip(schema, zip(*held, strict=True), strict=True)]
        yield arrow.RecordBatch.from_arrays(arrays, schema=schema)


class _Forwarding(io.RawIOBase):
    """A file for pyarrow, which asks of one more than that it can be written to."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._out.write(bytes(data))
        return len(data)
