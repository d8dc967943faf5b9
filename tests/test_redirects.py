"""data/redirects.tsv: what a build says of keys that were retired."""

from __future__ import annotations

from pathlib import Path

import pytest

from mini import Mini
from relgraph import build, redirects
from relgraph.errors import InputError
from relgraph.project import Project
from relgraph.redirects import Redirect

HEAD = "old\tnew\twhy\n"


def built(mini: Mini, table: str) -> build.Built:
    root = mini.write()
    (root / "data" / "redirects.tsv").write_text(table, "utf-8")
    return build.assemble(Project(root), None, lambda stage: None)


def test_a_good_table_is_carried_by_the_release_and_counts_as_an_input(mini: Mini) -> None:
    table = HEAD + "event/old\tevent/visit-stone\tmerged\n\nevent/gone\t\tmisread\n"
    found = built(mini, table)
    assert found.carried["redirects.tsv"] == table.encode()
    assert "data/redirects.tsv" in found.inputs
    release = build.write(found, mini.root / "build")
    read = redirects.read(release.path / "redirects.tsv")
    assert (read["event/old"].new, read["event/gone"].new, read["event/gone"].why) == ("event/visit-stone", None, "misread")


def test_a_project_needs_no_table(mini: Mini) -> None:
    found = build.assemble(Project(mini.write()), None, lambda stage: None)
    assert "redirects.tsv" not in found.carried
    assert redirects.read(mini.root / "data" / "redirects.tsv") == {}


@pytest.mark.parametrize(
    ("rows", "line", "what"),
    [
        ("event/visit-stone\t\tgone\n", 2, "event/visit-stone is retired, but it is in the graph"),
        ("event/old\tevent/vist-stone\tmerged\n", 2, "event/old leads to event/vist-stone, which is not in the graph"),
        ("event/a\tevent/b\tx\nevent/b\tevent/visit-stone\tx\n", 2, "event/a leads to event/b, which is itself retired"),
        ("event/old\tevent/old\tx\n", 2, "event/old leads to event/old, which is itself retired"),
        ("event/old\tevent/visit-stone\tx\nevent/old\t\tx\n", 3, "event/old is retired twice (also in line 2)"),
        ("event/old\tevent/visit-stone\n", 2, "has 2 columns"),
        ("event/old\tevent/visit-stone\t \n", 2, "there is no reason"),
        ("\tevent/visit-stone\tx\n", 2, "'' is no key"),
        ("event/a\t\tx\n\t\n", 3, "has 2 columns"),
        ("event/o ld\tevent/visit-stone\tx\n", 2, "'event/o ld' is no key"),
        ("https://w3id.org/relgraph/id/event/old\t\tx\n", 2, "'https://w3id.org/relgraph/id/event/old' is no key"),
    ],
)
def test_a_row_that_cannot_be_is_a_problem_with_its_line(mini: Mini, rows: str, line: int, what: str) -> None:
    with pytest.raises(InputError) as raised:
        built(mini, HEAD + rows)
    (problem,) = raised.value.problems
    assert problem.where.endswith(f"redirects.tsv:{line}")
    assert problem.what == what
    assert problem.remedy


def test_a_row_of_empty_cells_is_a_row(mini: Mini) -> None:
    with pytest.raises(InputError) as raised:
        built(mini, HEAD + "\t\t\n  \n")
    assert [problem.where.rpartition(":")[2] for problem in raised.value.problems] == ["2", "2"]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_line_feeds_end_a_row(character: str, tmp_path: Path) -> None:
    file = tmp_path / "redirects.tsv"
    file.write_text(f"{HEAD}event/a\t\tone{character}two\nevent/b\tevent/c\tx\n", "utf-8")
    found = redirects.read(file)
    assert found["event/a"].why == f"one{character}two"
    assert found["event/b"].where == f"{file}:3"


def test_a_slip_of_the_pen_gets_a_suggestion(mini: Mini) -> None:
    with pytest.raises(InputError, match="Did you mean event/visit-stone"):
        built(mini, HEAD + "event/old\tevent/vist-stone\tmerged\n")


@pytest.mark.parametrize("table", ["", "old,new,why\n", "event/old\t\tx\n"])
def test_a_table_without_its_columns_is_a_problem(mini: Mini, table: str) -> None:
    with pytest.raises(InputError, match=r"redirects\.tsv:1: the first line does not name the columns"):
        built(mini, table)


def test_a_table_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "redirects.tsv"
    file.write_bytes(b"old\tnew\twhy\n\xff\t\tx\n")
    with pytest.raises(InputError, match="is not UTF-8"):
        redirects.read(file)


def test_marks_and_line_ends_of_editors_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "redirects.tsv"
    file.write_bytes(b"\xef\xbb\xbfold\tnew\twhy\r\nevent/old\tevent/new\tmerged\r\n")
    assert redirects.read(file) == {"event/old": Redirect("event/old", "event/new", "merged", f"{file}:2")}
