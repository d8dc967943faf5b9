"""What must not go wrong on the command line: inputs that are written over, pipes, closed streams, folders in reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mini import Mini
from relgraph import datafiles
from relgraph.cli import comparing, main, watching
from relgraph.errors import InputError, Problem, UsageError

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:s#PersonName> a sh:NodeShape ; sh:targetClass <urn:Person> ; sh:property [ sh:path <urn:name> ; sh:minCount 1 ] .
"""
DATA = '<urn:ada> a <urn:Person> ;\n  <urn:name> "Ada" .\n\n<urn:bob> a <urn:Person> .\n'

#: Runs validate in a folder: exit status, standard output, standard error.
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "s.ttl").write_text(SHAPES, "utf-8")
    (tmp_path / "d.ttl").write_text(DATA, "utf-8")
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["relgraph", "validate", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return command


# ── inputs stay ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments",
    [
        ["--baseline", "s.ttl", "--update-baseline"],
        ["--baseline", "d.ttl", "--update-baseline"],
        ["--baseline", "link.json", "--update-baseline"],
        ["--baseline", "notes.json", "--update-baseline"],
        ["--baseline", "bl.json", "-o", "bl.json"],
        ["--baseline", "bl.json", "-o", "bl.json", "--update-baseline"],
        ["-o", "hard.ttl"],
        ["-o", "sub/../s.ttl"],
        ["-o", "more/x.ttl"],
        ["--verify", "verify", "-o", "soft.md"],
    ],
)
def test_what_is_read_is_never_written_to(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    for folder in ("sub", "more", "verify"):
        (tmp_path / folder).mkdir()
    (tmp_path / "more" / "x.ttl").write_text(DATA, "utf-8")
    header = '#+ name: {en: "n", ru: "n"}\n#+ severity: Info\n#+ message: {en: "m", ru: "m"}\n'
    (tmp_path / "verify" / "v.rq").write_text(header + "SELECT ?focus { ?focus a <urn:None> }", "utf-8")
    (tmp_path / "notes.json").write_text('{"mine": true}', "utf-8")
    assert run("d.ttl", "--shapes", "s.ttl", "--baseline", "bl.json", "--update-baseline")[0] == 0
    (tmp_path / "link.json").symlink_to("d.ttl")
    (tmp_path / "soft.md").symlink_to("verify/v.rq")
    (tmp_path / "hard.ttl").hardlink_to(tmp_path / "s.ttl")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    status, _, err = run("d.ttl", "more", "--shapes", "s.ttl", *arguments)
    assert status == 2, err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_report_does_not_replace_a_file_of_the_project(run: Run, mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
    mini.write()
    monkeypatch.chdir(mini.root)
    before = (mini.root / "data" / "documents.ttl").read_bytes()
    status, _, err = run("-o", "data/documents.ttl")
    assert (status, "is read" in err) == (2, True)
    assert (mini.root / "data" / "documents.ttl").read_bytes() == before


def test_a_baseline_is_replaced_by_a_baseline(run: Run) -> None:
    for _ in range(2):
        assert run("d.ttl", "--shapes", "s.ttl", "--baseline", "bl.json", "--update-baseline")[0] == 0


def diff(*arguments: str) -> int:
    app = typer.Typer()
    comparing.register(app)
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, UsageError):
        return 2
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code


def test_a_difference_does_not_replace_what_is_compared(run: Run, tmp_path: Path) -> None:
    (tmp_path / "l.md").symlink_to("s.ttl")
    for out in ("d.ttl", "./d.ttl", "l.md"):
        assert diff("./d.ttl", "file:s.ttl", "-o", out) == 2
    assert (tmp_path / "d.ttl").read_text("utf-8") == DATA
    assert diff("./d.ttl", "./s.ttl", "-o", "changes.md") == 1
    assert diff("./d.ttl", "./s.ttl", "-o", "changes.md") == 1, "what it wrote before it may write again"
    assert (tmp_path / "changes.md").read_text("utf-8")


def test_a_difference_is_written_whole_or_not_at_all(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "changes.md").write_text("before", "utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert diff("./d.ttl", "./s.ttl", "-o", "changes.md") == 2
    assert (tmp_path / "changes.md").read_text("utf-8") == "before"


# ── wherever it lies, however it is saved ────────────────────────────────────────────────────────────────────────────


def test_reports_and_baselines_are_the_same_in_every_folder(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    for name in ("here", "there"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "d.ttl").write_text("<a> a <Person> .\n", "utf-8")
        (folder / "s.ttl").write_text(SHAPES.replace("urn:Person", "Person"), "utf-8")
        monkeypatch.chdir(folder)
        assert run("d.ttl", "--shapes", "s.ttl", "-o", "o.json")[0] == 1
        run("d.ttl", "--shapes", "s.ttl", "--baseline", "b.json", "--update-baseline")
        written.append([(folder / name).read_text("utf-8") for name in ("o.json", "b.json")])
    assert written[0] == written[1]
    assert str(tmp_path) not in "".join(written[0])
    assert '"file:///a"' in written[0][0]


def test_a_byte_order_mark_is_passed_over(run: Run, tmp_path: Path) -> None:
    for name in ("d.ttl", "s.ttl"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + (tmp_path / name).read_bytes())
    status, out, _ = run("d.ttl", "--shapes", "s.ttl")
    assert status == 1
    assert out.startswith("d.ttl:4: Violation")
    (tmp_path / "d.ttl").write_bytes(b"\xef\xbb\xbf<urn:a>\n oops .")
    assert "d.ttl:2: not valid Turtle" in run("d.ttl", "--shapes", "s.ttl")[2]


def test_a_named_pipe_is_read_once_and_has_lines(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ttl")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe.ttl").write_text(DATA, "utf-8"), daemon=True)
    writer.start()
    status, out, _ = run("pipe.ttl", "--shapes", "s.ttl")
    assert status == 1
    assert out.startswith("pipe.ttl:4: Violation")
    status, _, err = run("d.ttl", "--shapes", "pipe.ttl")
    assert (status, "is a pipe" in err) == (2, True)


# ── streams that are closed, files that change ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ("validate d.ttl --shapes s.ttl -o o.json >&-", 1, ""),
        ("validate d.ttl --shapes s.ttl --format json >&-", 1, ""),
        ("validate nowhere.ttl 2>&-", 2, ""),
        ("validate - --shapes s.ttl --data-format turtle <&-", 2, "standard input is closed"),
        ("--version >&-", 0, ""),
    ],
)
def test_closed_streams_are_no_internal_error(run: Run, tmp_path: Path, arguments: str, status: int, said: str) -> None:
    command = ["sh", "-c", f'exec "$0" -m relgraph {arguments}', sys.executable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert said in done.stderr
    if "o.json" in arguments:
        assert json.loads((tmp_path / "o.json").read_bytes())["fails"] is True


@pytest.mark.parametrize("content", ["<urn:a> oops", "", None, "<urn:a> <urn:p> 1 , 2 ."])
def test_a_file_that_changes_while_it_is_read_is_said(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "d.ttl"
    path.write_text("<urn:a> <urn:p> 1 .", "utf-8")
    problems: list[Problem] = []
    file = datafiles.read_file(path, problems)
    path.unlink()
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(InputError, match="changed while it was read"):
        file.lines()


def test_watching_goes_on_after_a_file_that_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "d.ttl").write_text("<urn:a> <urn:p> 1 .", "utf-8")
    runs = []

    def action() -> None:
        runs.append(1)
        if len(runs) == 2:
            raise KeyboardInterrupt
        file = datafiles.read_file(tmp_path / "d.ttl", [])
        (tmp_path / "d.ttl").write_text("<urn:a> oops", "utf-8")
        file.lines()

    monkeypatch.setattr(watching, "_EVERY", 0)
    watching.repeat(action, [tmp_path])
    assert len(runs) == 2
    assert "changed while it was read" in capsys.readouterr().err


# ── a report of nothing is no good news ──────────────────────────────────────────────────────────────────────────────


def test_without_files_and_outside_a_project_nothing_is_validated(run: Run) -> None:
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "there is no relgraph project here" in err


@pytest.mark.parametrize("shapes", ["", DATA])
def test_shapes_that_are_no_shapes_are_refused(run: Run, tmp_path: Path, shapes: str) -> None:
    (tmp_path / "none.ttl").write_text(shapes, "utf-8")
    code, _, err = run("d.ttl", "--shapes", "none.ttl")
    assert code == 2
    assert "there is no shape in none.ttl" in err


def test_outside_a_project_a_revision_is_not_looked_for_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    comparing.register(app)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["diff", "HEAD~1", "HEAD"])
    assert isinstance(result.exception, UsageError)
    assert "no project here" in str(result.exception)


def test_findings_of_a_part_without_a_name_stand_under_the_shape_that_has_one(run: Run) -> None:
    code, out, _ = run("d.ttl", "--shapes", "s.ttl")
    assert code == 1
    assert "[PersonName]" in out


def test_a_literal_beyond_what_the_parser_holds_is_refused(run: Run, tmp_path: Path) -> None:
    """The parser takes no token of more than 16 MiB from a file."""
    (tmp_path / "long.ttl").write_text(f'<urn:ada> a <urn:Person> ; <urn:name> "{"x" * 17_000_000}" .', "utf-8")
    code, out, err = run("long.ttl", "--shapes", "s.ttl")
    assert (code, out) == (2, "")
    assert "long.ttl:1: cannot be read: Reached the buffer maximal size" in err
