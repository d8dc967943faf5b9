"""The tests as `make test` runs them, by workers: what they lack still fails them in CI, and the number of workers fits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import MOST_WORKERS, pytest_xdist_auto_num_workers

ROOT = Path(__file__).parents[1]
#: A test that asks for the source documents when it runs, and a file that asks for the W3C suites when it is collected.
NEEDS_DOCUMENTS = "tests/test_repository.py::test_no_text_of_the_source_documents_is_committed"
NEEDS_W3C = "tests/test_reasoning_w3c.py"


def run_in_ci(test: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a test by a worker, with no documents and no W3C suites at hand."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "RELGRAPH"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--numprocesses=1", f"--basetemp={folder / 'tests'}"]
    return subprocess.run(
        [*command, test], cwd=ROOT, env={**kept, "CI": "true", "RELGRAPH_W3C": str(folder)}, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("test", "said"), [(NEEDS_DOCUMENTS, "RELGRAPH_DOCUMENTS names no folder"), (NEEDS_W3C, "RELGRAPH_W3C names no folder")]
)
def test_what_is_missing_in_ci_fails_a_run_by_workers(test: str, said: str, tmp_path: Path) -> None:
    done = run_in_ci(test, tmp_path)
    assert done.returncode != 0
    assert said in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="which processors may be used is not told here")
@pytest.mark.parametrize(("processors", "workers"), [(1, 0), (2, 2), (64, MOST_WORKERS)])
def test_there_are_as_many_workers_as_processors_within_bounds(
    processors: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_AUTO_NUM_WORKERS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(processors)))
    assert pytest_xdist_auto_num_workers() == workers


def test_another_number_of_workers_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "3")
    assert pytest_xdist_auto_num_workers() is None  # left to pytest-xdist, which reads it
