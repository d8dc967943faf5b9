"""The installed package: it carries ontology, queries and data, and works from any directory."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")
    return out / "site"


def test_it_works_from_any_directory(installed: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(installed), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def relgraph(*arguments: str) -> str:
        command = [sys.executable, "-P", "-m", "relgraph", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
        return done.stdout

    relgraph("build")
    assert "Lord Robertson" in relgraph("query", "visits-by-office")
    assert "004" in relgraph("documents", "list")
    assert not list(installed.rglob("releases")), "the package folder is not written to"


def test_it_carries_the_pages_and_the_licences(installed: Path) -> None:
    for name in ("pages/templates/start.html", "static/style.css", "pages/wording.toml", "routes/openapi.yaml"):
        assert (installed / "relgraph" / "serving" / name).is_file()
    assert {path.name for path in installed.rglob("LICENSE*")} == {"LICENSE", "LICENSE-data.md"}
