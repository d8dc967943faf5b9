"""The notebooks run on the release as it is, and are committed without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from relgraph.release import Release

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "notebooks"
#: What must be among the outputs of a notebook, cell by cell.
SHOWN = {
    "who-joined-what": {
        "04-relations": ["Partnership for Peace", "partner", "1994-06-22"], "06-roles": ["NATO-Russia Council"],
        "08-accessions": ["planned", "proposed", "occurred"], "12-withdrawals": ["Russian troops in KFOR", "2003-07-02"],
        "14-order": ["True"], "16-why": ["Inferred by prp-spo2", "004"], "18-absent": ["not in the graph"],
        "20-network": ["rg:partner", "NATO"],
    },
    "do-the-sources-agree": {
        "04-single": ["documents", "share"], "07-contested": ["2002-12-13", "2003-12-13", "2004-04-05"],
        "09-kinds": ["exclude each other", "one within the other"], "14-two-count": ["are contested"],
        "16-modality": ["asserted", "requested"], "18-views": ["approving", "disapproving"],
        "20-trace": ["2002-12-13 or 2003-12-13", "line 294"],
    },
}  # fmt: skip


def read(name: str) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]  # has no types
    return notebook


def outputs(cell: NotebookNode) -> str:
    """All that a cell shows, as text."""
    shown = []
    for output in cell.get("outputs", []):
        shown += [output.get("text", ""), *(str(value) for value in output.get("data", {}).values())]
    return "\n".join(shown)


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_notebook_runs_and_shows_what_it_says(name: str, release: Release, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "build").symlink_to(release.path.parent.parent)
    notebook = read(name)
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    cells = {cell.id: cell for cell in notebook.cells}
    for cell, texts in SHOWN[name].items():
        assert [text for text in texts if text not in outputs(cells[cell])] == [], outputs(cells[cell])


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_notebook_is_committed_without_outputs(name: str) -> None:
    notebook = read(name)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert [cell.id for cell in notebook.cells if cell.metadata] == []


def test_every_notebook_is_run() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(SHOWN)
