"""The tables of the notebooks: no two rows of a query read the same, so that every claim can be told from the others."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

import relgraph
from relgraph.release import Release

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"
QUERY = re.compile(r'ds\.(?:query|select)\("""(.*?)"""\)', re.DOTALL)


def queries() -> list[tuple[str, str]]:
    """The SELECTs of the notebooks, by notebook and cell."""
    found = []
    for path in sorted(FOLDER.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:  # type: ignore[no-untyped-call]  # has no types
            texts = QUERY.findall(cell.source) if cell.cell_type == "code" else []
            found += [(f"{path.stem}-{cell.id}", text) for text in texts if "SELECT" in text]
    return found


@pytest.mark.parametrize("text", [text for _, text in queries()], ids=[name for name, _ in queries()])
def test_rows_can_be_told_apart(text: str, release: Release) -> None:
    with relgraph.open(release.path) as ds:
        rows = [tuple(getattr(value, "label", value) for value in row) for row in ds.select(text)]
    assert rows
    assert [row for row in rows if rows.count(row) > 1] == []
