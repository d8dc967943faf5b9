"""relgraph run: query files as commands, options for their parameters, formats, help, and what is said of wrong usage."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import typer
from typer.testing import CliRunner, Result

from mini import Mini
from relgraph import build, questions
from relgraph.cli import querying, running
from relgraph.errors import RelgraphError, UsageError
from relgraph.project import Project

ROOT = Path(__file__).parents[1]
app = typer.Typer()
querying.register(app)
running.register(app)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini project with a release in its build folder."""
    folder = Mini(tmp_path_factory.mktemp("run") / "mini").write()
    project = Project(folder)
    build.write(build.assemble(project, None, lambda stage: None), project.releases)
    return folder


@pytest.fixture
def run(root: Path) -> Callable[..., Result]:
    def call(*arguments: str, command: str = "run") -> Result:
        return CliRunner().invoke(app, [command, *arguments, "--project", str(root)], catch_exceptions=False)

    return call


def bindings(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout_bytes)["results"]["bindings"]
    return found


VISITS = ("visits-by-office", "--position", "Minister", "--place", "Alba")


@pytest.mark.parametrize(
    ("options", "which"),
    [
        (("--place", "Alba", "--place", "Brin"), "--place"),
        (("--place", "Alba", "--place=Alba"), "--place"),
        (("--format", "csv", "-f", "json"), "--format"),
        (("--lang", "en", "--lang", "ru"), "--lang"),
    ],
)
def test_an_option_is_given_once(options: tuple[str, ...], which: str, run: Callable[..., Result]) -> None:
    with pytest.raises(UsageError, match=f"give {which} once; it is given 2 times"):
        run("visits-by-office", *options)


def test_an_unknown_format_is_named_with_those_there_are(run: Callable[..., Result]) -> None:
    with pytest.raises(UsageError, match=r"choose json, xml, csv, tsv, parquet, table\. Did you mean table") as caught:
        run(*VISITS, "--format", "tabel")
    assert str(caught.value).count("parquet") == 1


def test_a_query_is_a_command_and_its_parameters_are_options(run: Callable[..., Result]) -> None:
    (row,) = bindings(run(*VISITS, "--format", "json"))
    assert row["visitor"]["value"].endswith("person/ada-stone")
    assert bindings(run("visits-by-office", "--position", "Minister", "--place", "place/brin", "--format", "json")) == []


@pytest.mark.parametrize("place", ["place/alba", "place:alba", "https://w3id.org/relgraph/id/place/alba", "alba", "Альба"])
def test_things_are_named_as_with_why(run: Callable[..., Result], place: str) -> None:
    assert len(bindings(run("visits-by-office", "--position", "Министр", "--place", place, "-f", "json"))) == 1


def test_it_gives_what_query_gives(run: Callable[..., Result]) -> None:
    same = run("visits-by-office", "-p", "position=Minister", "-p", "place=Alba", "-f", "csv", command="query")
    assert run(*VISITS, "-f", "csv").stdout_bytes == same.stdout_bytes


def test_the_project_may_stand_before_the_name(root: Path, run: Callable[..., Result]) -> None:
    before = CliRunner().invoke(app, ["run", f"--project={root}", *VISITS, "-f", "csv"])
    assert before.stdout_bytes == run(*VISITS, "-f", "csv").stdout_bytes


def test_a_readable_table_in_either_language(run: Callable[..., Result]) -> None:
    assert "Ada Stone" in run(*VISITS).output
    assert "Ада Стоун" in run(*VISITS, "--lang", "ru").output


def test_a_date_is_as_precise_as_one_likes(run: Callable[..., Result]) -> None:
    def found(first: str, last: str) -> int:
        return len(bindings(run("events-in-period", "--from", first, "--to", last, "-f", "json")))

    assert found("1990", "1990") == found("1990-05", "1990-06-05") > found("1990-06", "1990-06") > 0


@pytest.mark.parametrize(
    ("form", "start"), [("csv", b"visit,"), ("tsv", b"?visit"), ("json", b'{"head"'), ("xml", b"<?xml"), ("parquet", b"PAR1")]
)
def test_an_answer_goes_to_a_file_in_every_format(run: Callable[..., Result], tmp_path: Path, form: str, start: bytes) -> None:
    file = tmp_path / "answer"
    result = run(*VISITS, "--format", form, "--output", str(file))
    assert (result.exit_code, result.output) == (0, "")
    assert file.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == ["answer"]


def test_parquet_holds_the_rows(run: Callable[..., Result]) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(run(*VISITS, "-f", "parquet").stdout_bytes))
    assert table.column("visitor").to_pylist() == ["https://w3id.org/relgraph/id/person/ada-stone"]


@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "xml", "parquet"])
def test_of_an_answer_without_rows_the_defaults_are_told(run: Callable[..., Result], form: str) -> None:
    """Not on standard output, not where there are rows, and not where nothing is left at its default."""
    none = run("visits-by-office", "--place", "Brin", "--position", "Minister", "-f", form)
    assert (none.exit_code, none.stderr) == (0, "")
    none = run("events-in-period", "--from", "1700", "--to", "1701", "-f", form)
    assert none.stderr == ""
    none = run("events-in-period", "--from", "1999-12-01", "-f", form)
    told = "Note: nothing is found with --to 2001-11-22T23:59:59, which is the default. Give --to to ask for something else\n"
    assert none.stderr == told
    assert b"Note" not in none.stdout_bytes
    some = run("events-in-period", "--from", "1900", "-f", form)
    assert (some.exit_code, some.stderr) == (0, "")


def test_several_defaults_are_told_as_they_are_typed(run: Callable[..., Result]) -> None:
    told = run("events-in-period", "-f", "csv").stderr
    assert "--from 2000-01-01T00:00:00 --to 2001-11-22T23:59:59, which are defaults. Give --from or --to to ask" in told


def test_what_a_name_is_taken_for_is_told_beside_the_output(run: Callable[..., Result]) -> None:
    told = "Note: the parameter place of visits-by-office 'ALBA' is taken for Alba (place/alba)\n"
    answer = run("visits-by-office", "--position", "Minister", "--place", "ALBA", "-f", "csv")
    assert (answer.stderr, answer.stdout_bytes) == (told, run(*VISITS, "-f", "csv").stdout_bytes)


def test_query_tells_of_a_query_file_what_run_tells(run: Callable[..., Result]) -> None:
    """In its own way of writing parameters."""
    file = str(ROOT / "queries" / "visits-by-office.rq")
    found = run(file, "-p", "position=Minister", "-p", "place=ALBA", "-f", "csv", command="query")
    assert found.stderr == "Note: the parameter place of visits-by-office 'ALBA' is taken for Alba (place/alba)\n"
    none = run(str(ROOT / "queries" / "events-in-period.rq"), "-p", "from=1999-12-01", "-f", "csv", command="query")
    assert none.stderr == (
        "Note: nothing is found with --param to=2001-11-22T23:59:59, which is the default. "
        "Give --param to=… to ask for something else\n"
    )


def test_an_answer_is_not_written_into_a_release(run: Callable[..., Result], root: Path) -> None:
    with pytest.raises(UsageError, match="in the folder of the release, which never changes"):
        run(*VISITS, "-f", "csv", "-o", str(Project(root).releases / "current" / "dataset.nq"))


def test_what_fails_leaves_no_file_and_what_was_there(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(b"kept")
    with pytest.raises(UsageError, match="cannot be written as 'turtle'"):
        run(*VISITS, "--format", "turtle", "-o", str(tmp_path / "answer"))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"kept"]


def test_help_lists_the_queries_with_their_titles(run: Callable[..., Result]) -> None:
    shown = " ".join(re.sub(r"[│╭╰─╮╯]", " ", run("--help").output).split())
    for name, question in questions.load(ROOT / "queries").items():
        assert f"{name} {question.header.title.en}" in shown


@pytest.mark.parametrize("name", questions.load(ROOT / "queries"))
def test_help_tells_the_parameters_with_default_and_example(run: Callable[..., Result], name: str) -> None:
    question = questions.load(ROOT / "queries")[name]
    shown = " ".join(re.sub(r"[│╭╰─╮╯]", " ", run(name, "--help").output).split())
    assert question.header.title.ru in shown
    for parameter, about in question.header.parameters.items():
        assert f"--{parameter} " in shown
        assert f"{about.description.en} / {about.description.ru}" in shown
        assert question.defaults()[parameter] in shown.replace(" ", "") or question.defaults()[parameter] in shown
    assert f"Example: relgraph run {name}" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["visits-by-ofice"], "there is no query 'visits-by-ofice'. Did you mean visits-by-office"),
        (["visits-by-office", "--place", "Albe"], "there is no 'Albe' in this graph. Did you mean Alba"),
        (["events-in-period", "--from", "1999-13"], "takes a date in EDTF such as 1994, 1994-05 or 1994-05-03"),
        (["document-on-actor", "--language", "de"], "takes one of en, ru, not 'de'"),
        (["accessions", "--lang", "de"], "choose en or ru"),
        (["accessions", "--format", "cvs"], "choose json, xml, csv, tsv, parquet, table. Did you mean csv"),
        (["accessions", "-o", "x.txt"], "a table is for the screen"),
        (["accessions", "--format", "csv", "-o", "nowhere/x.csv"], "cannot write nowhere/x.csv"),
    ],
)
def test_wrong_usage_is_explained(run: Callable[..., Result], arguments: list[str], message: str) -> None:
    with pytest.raises(RelgraphError) as raised:
        run(*arguments)
    assert message in str(raised.value)
    assert raised.value.exit_code == 2


def test_an_unknown_option_is_refused(run: Callable[..., Result]) -> None:
    result = run("visits-by-office", "--plase", "Alba")
    assert result.exit_code == 2
    assert "--place" in result.output


def test_queries_of_the_project_take_the_place_of_those_that_come_along(root: Path, tmp_path: Path) -> None:
    folder = Mini(tmp_path / "own").write()
    (folder / "build").symlink_to(root / "build")
    (folder / "queries").mkdir()
    header = "#+ title: {en: Whether, ru: Верно ли}\n#+ description: {en: B, ru: Б}\n"
    parameter = "#+ parameters: {thing: {type: iri, description: {en: Thing, ru: Что}}}\n"
    (folder / "queries" / "is.rq").write_text(f"{header}{parameter}ASK {{ VALUES ?thing {{ <x:y> }} ?thing ?p ?o }}", "utf-8")
    told = CliRunner().invoke(app, ["run", "--project", str(folder), "--help"])
    assert "is " in told.output
    assert "accessions" not in told.output
    for form in ("json", "parquet"):
        assert CliRunner().invoke(app, ["run", "is", "--thing", "Ada Stone", "-f", form, "--project", str(folder)]).exit_code == 0
