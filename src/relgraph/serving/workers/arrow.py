"""Parquet in a worker: pyarrow is loaded outside the bound of memory when the first answer needs it; answers are within."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from pyoxigraph import Literal, QueryBoolean, QuerySolutions

from relgraph import evaluation
from relgraph.errors import BudgetError
from relgraph.serving.workers import sandbox

#: So that the libraries take no more than they need: a worker answers one query at a time.
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
#: The column of an answer to ASK, as SPARQL results in JSON call it.
_BOOLEAN = "boolean"


class _Sink:
    """What pyarrow writes a file to."""

    closed = False

    def __init__(self, write: Callable[[bytes], int]) -> None:
        self._write = write
        self._place = 0

    def write(self, data: Any) -> int:
        """Takes the next bytes (anything with a buffer)."""
        self._place += self._write(bytes(data))
        return len(data)

    def tell(self) -> int:
        """Bytes so far."""
        return self._place

    def flush(self) -> None:
        """Nothing: who takes the bytes decides when to send them."""

    def close(self) -> None:
        """Takes no more."""
        self.closed = True


def load() -> int:
    """Loads pyarrow; gives the bytes of address space that it took, by which the bound of this process has grown.

    Raises UsageError where it is not installed, BudgetError where there is no room for it.
    """
    try:
        return sandbox.load(_import)
    except MemoryError as error:
        raise BudgetError("memory", "there is no room for the libraries that write Parquet. Ask for another format") from error


def _import() -> None:
    from relgraph.parquet import pyarrow_or_remedy

    os.environ.update(_ENVIRONMENT)
    arrow = pyarrow_or_remedy()
    arrow.set_cpu_count(1)
    arrow.set_io_thread_count(1)
    importlib.import_module("pyarrow.parquet")
    arrow.array(["x"])  # brings further libraries


def write(results: QuerySolutions | QueryBoolean, take: Callable[[bytes], int], check: Callable[[int], None]) -> None:
    """Writes rows as Parquet (relgraph.columns); a boolean is one row with one column.

    take: is given the bytes; check: is told the number of rows, one after the other, and raises when they are too many.
    """
    from relgraph import columns

    def counted() -> Iterator[tuple[object, ...]]:
        for count, row in enumerate(evaluation.terms(cast("QuerySolutions", results)), 1):
            check(count)
            yield row

    out = cast("BinaryIO", _Sink(take))
    with evaluation.failures():
        if isinstance(results, QueryBoolean):
            columns.parquet([_BOOLEAN], [(Literal(bool(results)),)], out)
        else:
            columns.parquet([variable.value for variable in results.variables], counted(), out)
