"""pyarrow, where it is installed, and Parquet files."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO, Final

from relgraph.errors import UsageError

if TYPE_CHECKING:
    import pyarrow

#: The name of the format and its registered media type.
NAME: Final = "parquet"
MEDIA_TYPE: Final = "application/vnd.apache.parquet"
#: Rows of one group in a Parquet file, and of a record batch unless told otherwise.
ROWS: Final = 50_000


def pyarrow_or_remedy() -> ModuleType:
    """The module pyarrow, which comes with the extra `tables`. Raises UsageError with the remedy where it is not installed."""
    try:
        import pyarrow
    except ImportError as error:
        raise UsageError(
            'Arrow and Parquet need pyarrow, which is not installed. Run `pip install "relgraph[tables]"`'
        ) from error
    module: ModuleType = pyarrow
    return module


def write(schema: pyarrow.Schema, batches: Iterable[pyarrow.RecordBatch], out: BinaryIO) -> None:
    """Writes record batches as a Parquet file, a row group each; only one is held at a time.

    Equal batches make equal bytes with the same version of pyarrow. Raises UsageError without pyarrow.
    """
    arrow = pyarrow_or_remedy()
    from pyarrow.parquet import ParquetWriter

    with ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch, row_group_size=max(1, batch.num_rows))
    arrow.default_memory_pool().release_unused()  # one of several tables may follow
