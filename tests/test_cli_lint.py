"""relgraph lint on the command line: what it reads, prints, and exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FIXTURES = Path(__file__).parent / "fixtures" / "lint"
CLEAN = FIXTURES / "good" / "missing_ontology_title.ttl"
NO_LABEL = FIXTURES / "bad" / "missing_label.ttl"
FUNCTIONAL = FIXTURES / "bad" / "functional_or_key.ttl"


def relgraph(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "relgraph", "lint", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=os.environ | {"COLUMNS": "200"})


def test_a_finding_is_one_line_as_compilers_write_it() -> None:
    done = relgraph("bad/missing_label.ttl", cwd=FIXTURES)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == (
        "bad/missing_label.ttl:24: Violation [missing_label] <https://e.org/town#Port>: Port has no label (path rdfs:label)"
    )
    assert done.stdout.splitlines()[-1].startswith("1 finding: 1 Violation (")


def test_the_messages_are_in_russian_when_asked_for() -> None:
    assert "у Port нет подписи" in relgraph(NO_LABEL, "--lang", "ru").stdout


def test_a_clean_ontology_exits_0() -> None:
    done = relgraph(CLEAN)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("No findings (")


@pytest.mark.parametrize(
    ("path", "level", "code"),
    [
        (NO_LABEL, "ERROR", 1),
        (NO_LABEL, "never", 0),
        (FUNCTIONAL, "ERROR", 0),
        (FUNCTIONAL, "WARN", 1),
        (FUNCTIONAL, "info", 1),
        (FIXTURES / "bad" / "imports.ttl", "WARN", 0),
        (FIXTURES / "bad" / "imports.ttl", "INFO", 1),
    ],
)
def test_the_exit_status_follows_the_level(path: Path, level: str, code: int) -> None:
    assert relgraph(path, "--fail-on", level).returncode == code


def test_the_report_is_json_on_request() -> None:
    report = json.loads(relgraph(NO_LABEL, "--format", "json").stdout)
    (finding,) = report["findings"]
    assert finding["check"] == "missing_label"
    assert finding["place"]["line"] == 24
    assert report["fails"] is True


def test_reports_are_written_beside_it(tmp_path: Path) -> None:
    done = relgraph(NO_LABEL, "-o", tmp_path / "lint.sarif", "-o", tmp_path / "lint.xml")
    assert done.returncode == 1
    (result,) = json.loads((tmp_path / "lint.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert result["ruleId"] == "missing_label"
    assert "missing_label" in (tmp_path / "lint.xml").read_text("utf-8")


def test_the_checks_can_be_listed() -> None:
    assert "ROBOT missing_label" in relgraph("--list").stdout
    listed = json.loads(relgraph("--list", "--format", "json").stdout)
    assert {one["name"] for one in listed} == {path.stem for path in (ROOT / "ontology" / "lint").glob("*.rq")}


def test_an_exception_takes_a_finding_out(tmp_path: Path) -> None:
    (tmp_path / "e.tsv").write_text("check\tentity\treason\nmissing_label\thttps://e.org/town#Port\tfor once\n", "utf-8")
    assert relgraph(NO_LABEL, "--exceptions", tmp_path / "e.tsv").returncode == 0
    assert "[unused_exception]" in relgraph(CLEAN, "--exceptions", tmp_path / "e.tsv").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.ttl"], "none.ttl:1: cannot be read"),
        (["broken.ttl"], "broken.ttl:2: not valid Turtle"),
        (["notes.txt"], "the syntax of notes.txt is not known"),
        ([str(CLEAN), "--fail-on", "FATAL"], "FATAL"),
        ([str(CLEAN), "--lang", "de"], "de"),
        ([str(CLEAN), "-o", "report.pdf"], "tells no format of a report"),
        (["clean.ttl", "-o", "clean.ttl"], "clean.ttl is read"),
        ([str(CLEAN), "--exceptions", "none.tsv"], "none.tsv:1: cannot be read"),
        (["--list", "--format", "sarif"], "--list gives text or JSON"),
    ],
)
def test_wrong_input_exits_2_and_says_why(arguments: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("<https://e.org/a> a <https://e.org/b> .\n<https://e.org/a> a a a .\n", "utf-8")
    (tmp_path / "notes.txt").write_text("notes\n", "utf-8")
    (tmp_path / "clean.ttl").write_text(CLEAN.read_text("utf-8"), "utf-8")
    done = relgraph(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_files_the_projects_ontology_is_read_with_its_exceptions() -> None:
    done = relgraph("--fail-on", "WARN", cwd=ROOT)
    assert done.returncode == 0, done.stdout
    assert "[unused_exception]" not in done.stdout
