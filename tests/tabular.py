"""Reading tidy tables by other means than those that wrote them: pandas, DuckDB, and the rules of docs/tables.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import duckdb
import pandas


def frame(folder: Path, table: str, form: str) -> pandas.DataFrame:
    path = folder / f"{table}.{form}"
    return pandas.read_parquet(path) if form == "parquet" else pandas.read_csv(path, keep_default_na=False)


def sql(query: str) -> list[tuple[Any, ...]]:
    """What DuckDB finds."""
    return cast("list[tuple[Any, ...]]", cast(Any, duckdb.sql(query)).fetchall())


def taken_apart(cell: str) -> tuple[str, ...]:
    """The values of a cell of CSV, as docs/tables.md says."""
    return tuple(re.sub(r"\\(.)", r"\1", part) for part in cell.split(" | ")) if cell else ()
