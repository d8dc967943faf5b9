"""The command line: help with examples, readable and machine-readable output, exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mini import REPORT, Mini
from relgraph import __version__
from relgraph.release import Release

COMMANDS = ["build", "validate", "query", "export", "serve", "reason", "diff", "why", "lint", *(
    f"documents {name}" for name in ("list", "locate", "show", "register", "format", "coverage", "sample")
)]  # fmt: skip


def relgraph(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relgraph", *arguments],
        capture_output=True, text=True, check=False, cwd=cwd, env=os.environ | {"COLUMNS": "200"},
    )  # fmt: skip


def ok(*arguments: str, cwd: Path | None = None) -> str:
    done = relgraph(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(*arguments: str, cwd: Path | None = None) -> str:
    done = relgraph(*arguments, cwd=cwd)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written mini project with a release."""
    root = Mini(tmp_path_factory.mktemp("cli") / "mini").write()
    ok("build", "--project", str(root))
    return root


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    text = ok(*command.split(), "--help")
    assert f"Example: relgraph {command}" in text


def test_the_version_is_printed() -> None:
    assert ok("--version").strip() == __version__


def test_build_counts_for_people_and_for_machines(folder: Path) -> None:
    assert "claims" in ok("build", cwd=folder)
    counted = json.loads(ok("build", "--json", "--documents", "texts", cwd=folder))
    assert counted["counts"]["spans confirmed"] == counted["counts"]["spans"] == 4
    assert Path(counted["path"]).name.endswith(f"-{counted['release']}")


def test_check_tells_a_stale_graph_from_a_fresh_one(folder: Path) -> None:
    done = relgraph("build", "--check", cwd=folder)
    assert done.returncode == 1
    assert "asserted.ttl" in done.stdout
    ok("build", "--update", cwd=folder)
    assert "equals a rebuild" in ok("build", "--check", cwd=folder)


def test_a_query_gives_a_readable_table_with_places(folder: Path) -> None:
    table = ok("query", "SELECT ?v ?e { ?c rg:about ?v ; rg:evidence ?e . ?v a rg:Visit }", cwd=folder)
    assert "Visit: Ada Stone to Alba, 5 June 1990" in table
    assert "901, Body, line 4" in table
    russian = ok("query", "SELECT ?v { ?v a rg:Visit }", "--lang", "ru", "--documents", "texts", cwd=folder)
    assert "Визит: Ада Стоун" in russian
    assert "1 row" in russian


def test_a_passage_is_shown_when_the_documents_are_at_hand(folder: Path) -> None:
    table = ok("query", "SELECT ?e { ?c rg:about <event/visit-stone> ; rg:evidence ?e }", "--documents", "texts", cwd=folder)
    assert "Minister Ada Stone visits Alba." in table


@pytest.mark.parametrize(
    ("query", "form", "part"),
    [
        ("SELECT ?v { ?v a rg:Visit }", "json", '"bindings"'),
        ("SELECT ?v { ?v a rg:Visit }", "csv", "visit-stone"),
        ("ASK {}", "xml", "<boolean>true</boolean>"),
        ("CONSTRUCT WHERE { ?v a rg:Visit }", "turtle", "event:visit-stone a rg:Visit"),
        ("DESCRIBE <event/visit-stone>", "ntriples", "visit-stone> <"),
        ("DESCRIBE <event/visit-stone>", "csv", "subject,predicate,object"),
        ("CONSTRUCT WHERE { ?v a rg:Visit }", "tsv", "?subject\t?predicate\t?object"),
    ],
)
def test_a_query_gives_the_formats_of_the_field(folder: Path, query: str, form: str, part: str) -> None:
    assert part in ok("query", query, "--format", form, cwd=folder)


def test_a_query_file_takes_parameters(folder: Path) -> None:
    named = ok("query", "document-on-actor", "-p", "document=document/901", "-p", "actor=person/ada-stone", cwd=folder)
    assert "Visit: Ada Stone to Alba" in named
    path = Path(__file__).parents[1] / "queries" / "accessions.rq"
    assert "0 rows" in ok("query", str(path), cwd=folder)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query", "SELECT *"], "cannot be parsed"),
        (["query", "ASK {}", "--format", "turtle"], "choose json, xml, csv, tsv, parquet, table"),
        (["query", "DESCRIBE <a:a>", "--format", "json"], "rdfxml, csv, tsv, parquet, table. Did you mean jsonld"),
        (["query", "ASK {}", "--lang", "de"], "choose en or ru"),
        (["query", "ASK {}", "--graph", "x"], "choose asserted, inferred, all"),
        (["query", "ASK {}", "-p", "a=b"], "goes with a query file"),
        (["query", "accessions", "-p", "ab"], "name=value"),
        (["query", "accessions", "-p", "a=b"], "no parameter 'a'"),
        (
            ["query", "visits-by-office", "-p", "place=place/albe"],
            "there is no 'place/albe' in this graph. Did you mean place/alba",
        ),
        (["query", "ASK {}", "--release", "nowhere"], "there is no release 'nowhere'"),
        (["query", "acessions"], "Did you mean accessions?"),
        (["query", "queries/nothing.rq"], "there is no query file"),
        (["query", "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"], "is not answered here"),
        (["export", "-o", "nowhere/x.ttl"], "cannot write nowhere/x.ttl: there is no folder nowhere"),
        (["serve", "--port", "80000"], "less than or equal to 65535"),
        (["build", "--out", "data/documents.ttl"], "Choose another --out"),
        (["build", "--check", "--update"], "exclude each other"),
        (["export", "--format", "docx"], "no export format 'docx'"),
        (["export", "--graph", "x"], "no graph 'x'"),
        (["build", "--project", "nowhere"], "not a relgraph project"),
        (["build", "--documents", "nowhere"], "is not a folder"),
        (["documents", "show", "901", "0", "9999", "--documents", "texts"], "is not a run of document 901"),
        (["documents", "show", "999", "0", "9"], "there are 901, 902"),
        (["documents", "show", "901", "0", "9"], "RELGRAPH_DOCUMENTS"),
    ],
)
def test_wrong_usage_exits_2_with_a_remedy(folder: Path, arguments: list[str], message: str) -> None:
    assert message in " ".join(refused(*arguments, cwd=folder).split())


def test_documents_are_listed_located_and_shown(folder: Path) -> None:
    assert "Document 901" in ok("documents", "list", cwd=folder)
    assert [d["id"] for d in json.loads(ok("documents", "list", "--json", cwd=folder))] == ["901", "902"]
    located = json.loads(ok("documents", "locate", "901", "visits  Alba", "--json", "--documents", "texts", cwd=folder))
    assert located["line"] == 4
    shown = ok("documents", "show", "901", str(located["start"]), str(located["end"]), "--documents", "texts", cwd=folder)
    assert shown == REPORT[located["start"] : located["end"]] + "\n" == "visits Alba\n"
    missing = relgraph("documents", "locate", "901", "nowhere", "--documents", "texts", cwd=folder)
    assert missing.returncode == 1
    assert "does not hold" in missing.stderr


def test_format_puts_decisions_in_order(mini: Mini) -> None:
    mini.rows["901"].reverse()
    path = mini.write() / "data" / "statements" / "901.jsonl"
    path.write_text(path.read_text("utf-8").replace('":', '": '), "utf-8")
    assert relgraph("build", cwd=mini.root).returncode == 2
    ok("documents", "format", str(path))
    ok("build", cwd=mini.root)


def test_a_folder_with_other_files_stops_only_what_checks_it(mini: Mini) -> None:
    mini.write()
    (mini.texts / "README.md").write_text("about these texts", "utf-8")
    (mini.texts / "note.txt").unlink()
    ok("build", cwd=mini.root)
    assert "visits Alba" in ok("documents", "show", "901", "105", "116", "--documents", "texts", cwd=mini.root)
    assert "not in texts" in refused("documents", "show", "902", "0", "5", "--documents", "texts", cwd=mini.root)
    assert "is not registered" in refused("build", "--documents", "texts", cwd=mini.root)


def test_outside_a_project_the_packages_own_is_named(tmp_path: Path) -> None:
    done = relgraph("documents", "list", cwd=tmp_path)
    assert done.returncode == 0
    assert "using the one that comes with relgraph" in done.stderr


def test_an_unforeseen_error_is_one_line_and_exits_3(mini: Mini) -> None:
    code = "import relgraph.build\nrelgraph.build.assemble = lambda *a: 1 / 0\nfrom relgraph.cli import main\nmain()"
    command = [sys.executable, "-c", code, "build", "--project", str(mini.write())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "internal error: ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_new_document_can_be_registered(tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("Текст", "utf-8")
    assert "rg:textLength 5" in ok("documents", "register", str(tmp_path / "new.txt"), "--id", "905")


def test_the_installed_package_works_from_any_directory(tmp_path: Path, release: Release) -> None:
    answer = ok("query", "ASK { <state/RUS> a rg:State }", "--release", str(release.path), cwd=tmp_path)
    assert "yes" in answer
