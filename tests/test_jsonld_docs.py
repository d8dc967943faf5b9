"""The examples of docs/jsonld.md run, in Python and in JavaScript."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

import foreign
from relgraph.exports import Selection, write
from relgraph.exports.context import ADDRESS, REVERSE
from relgraph.release import Release

PAGE = (Path(__file__).parents[1] / "docs" / "jsonld.md").read_text("utf-8")
EXAMPLES = dict(enumerate(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)))


@pytest.fixture
def folder(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the files that the page exports."""
    for name, form in (("graph.jsonld", "jsonld"), ("events.jsonld", "jsonld-event")):
        with (tmp_path / name).open("wb") as file:
            write(release, form, Selection(), file)
    (tmp_path / "build").symlink_to(release.path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(example: str) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(example, "docs/jsonld.md", "exec"), {})
    return out.getvalue().splitlines()


def test_trees_are_read_as_json(folder: Path) -> None:
    lines = printed(EXAMPLES[0])
    assert len(lines) > 100
    assert all(re.search(r" [A-Z][a-z]+ id:document/\d+ \d+ \d+$", line) for line in lines)


@pytest.mark.parametrize("number", [1, 2])
def test_the_compact_form_is_read_as_rdf(number: int, folder: Path) -> None:
    assert printed(EXAMPLES[number]) == [str((folder / "build" / "dataset.nq").read_bytes().count(b"\n"))]


def test_the_address_of_the_context_can_be_written(folder: Path) -> None:
    printed(EXAMPLES[3])
    assert json.loads((folder / "short.jsonld").read_bytes())["@context"] == ADDRESS


def test_a_frame_of_ones_own_is_followed(folder: Path) -> None:
    printed(EXAMPLES[4])
    trees = json.loads((folder / "visits.jsonld").read_bytes())["@graph"]
    assert trees
    assert all("prefLabel" in visitor for tree in trees for visitor in tree["visitor"])


def test_jsonld_js_reads_trees(folder: Path) -> None:
    node, _ = foreign.script("parse.mjs")
    [example] = re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL)
    example = example.replace("'events.jsonld'", json.dumps(str(folder / "events.jsonld")))
    # modules are looked for from the working directory on
    out = foreign.run([node, "--input-type=module", "--eval", example], cwd=foreign.FOLDER)
    assert int(out) > 10_000


def test_every_example_is_tested() -> None:
    assert len(EXAMPLES) == 5
    assert PAGE.count("```js\n") == 1


def test_the_page_names_what_there_is() -> None:
    assert ADDRESS in PAGE
    assert [name for name in REVERSE if f"`{name}`" not in PAGE] == []
