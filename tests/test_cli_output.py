"""Where answers go: files that are full, readers that go away, places that are no files, and Ctrl-C while the engine works."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mini import Mini
from relgraph import build, cli
from relgraph.outputs import is_device, replacing
from relgraph.project import Project

EVERYTHING = "SELECT * { ?s ?p ?o . ?a ?b ?c }"
#: What the engine does not come to an end of, and gives no row of before.
ENDLESS = "SELECT * { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?s"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mini project with a release."""
    project = Project(Mini(tmp_path_factory.mktemp("output") / "mini").write())
    build.write(build.assemble(project, None, lambda stage: None), project.releases)
    return project.root


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "relgraph", *arguments]


@pytest.mark.parametrize("form", ["csv", "json", "tsv", "xml", "parquet"])
def test_a_full_disk_is_told_as_such_and_leaves_the_file_as_it_was(folder: Path, form: str, tmp_path: Path) -> None:
    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))

    file = tmp_path / "answer"
    file.write_text("before", "utf-8")
    done = subprocess.run(
        command("query", "SELECT * { ?s ?p ?o }", "-f", form, "-o", str(file)),
        cwd=folder, capture_output=True, text=True, check=False, preexec_fn=limited,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"{file} was not written: File too large; what stood there is as it was" in done.stderr
    assert [(each.name, each.read_text("utf-8")) for each in tmp_path.iterdir()] == [("answer", "before")]


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_a_reader_that_goes_away_ends_a_query_quietly(folder: Path, form: str) -> None:
    query = EVERYTHING + (" LIMIT 5000" if form == "table" else "")
    with subprocess.Popen(
        command("query", query, "-f", form), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_an_open_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "out"
    with file.open("wb") as out:
        name = Path(f"/proc/self/fd/{out.fileno()}")
        if not name.exists():
            pytest.skip("there is no /proc here")
        assert is_device(name)
        with replacing(name) as target:
            target.write(b"written")
    assert (file.read_bytes(), is_device(file), is_device(tmp_path / "none")) == (b"written", False, False)


def test_a_link_stays_and_leads_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to("far/file")
    for content in (b"first", b"second"):
        with replacing(tmp_path / "link") as target:
            target.write(content)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "far" / "file").read_bytes() == content


def test_a_folder_that_is_not_there_is_named(folder: Path, tmp_path: Path) -> None:
    arguments = ("query", "ASK {}", "-f", "csv", "-o", str(tmp_path / "none" / "x.csv"))
    done = subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, check=False)
    assert f"there is no folder {tmp_path / 'none'}" in done.stderr


def test_ctrl_c_ends_a_query_that_gives_no_row(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("before", "utf-8")
    code = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # in the background it is ignored
        "from relgraph import evaluation\n"
        "evaluate = evaluation.evaluate\n"
        "def told(*arguments):\n"
        "    print('begun', flush=True)\n"
        "    return evaluate(*arguments)\n"
        "evaluation.evaluate = told\n"
        "from relgraph.cli import main\n"
        f"sys.argv = ['relgraph', 'query', {ENDLESS!r}, '-f', 'csv', '-o', {str(file)!r}]\n"
        "main()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"begun\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(60) == 130
        finally:
            process.kill()
        assert process.stderr.read() == b""
    assert [(each.name, each.read_text("utf-8")) for each in tmp_path.iterdir()] == [("x.csv", "before")]


def test_ctrl_c_while_the_command_is_loaded_is_quiet(tmp_path: Path) -> None:
    """A module that is loaded with the command line announces itself and takes its time."""
    (tmp_path / "sitecustomize.py").write_text(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # in the background it is ignored
        "class Slow:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'relgraph.cli':\n"
        "            print('loading', flush=True)\n"
        "            time.sleep(60)\n"
        "sys.meta_path.insert(0, Slow())\n",
        "utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(command("--version"), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"loading\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b""
        assert process.wait() == 130


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query", "ASK { ?s ?p '\udcff' }"], "not allowed"),
        (["query", "ASK {}", "-f", "\udcff"], "choose json"),
        (["why", "state/\udcff", "a", "rg:State"], "is not UTF-8"),
        (["why", "state/ALB", "a", "rg:State", "--project", "\udcff"], "is not a relgraph project"),
        (["serve", "--port", "0", "--host", "\udcff"], "it is no name or address of a host"),
    ],
)
def test_an_argument_that_is_not_utf_8_is_no_internal_error(folder: Path, arguments: list[str], message: str) -> None:
    done = subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_what_is_not_utf_8_is_named_wherever_it_comes_to_light(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def app() -> None:
        "a\udcff".encode()

    monkeypatch.setattr(cli, "app", app)
    for argument, status, message in (("a\udcffb", 2, "is not UTF-8"), ("a", 3, "internal error")):
        monkeypatch.setattr(sys, "argv", ["relgraph", "x", argument])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert (ended.value.code, message in capsys.readouterr().err) == (status, True)


@pytest.mark.parametrize("name", ["dataset.nq", "new.csv", "store/new.csv"])
def test_an_answer_is_not_written_into_a_release(folder: Path, name: str) -> None:
    release = Project(folder).releases / "current"
    before = (release / "dataset.nq").read_bytes()
    done = subprocess.run(
        command("query", "SELECT * { ?s a rg:State }", "-f", "csv", "-o", str(release / name)),
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "in the folder of the release, which never changes" in done.stderr) == (2, True)
    assert (release / "dataset.nq").read_bytes() == before
    assert not (release / "new.csv").exists()
