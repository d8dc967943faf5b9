"""How commands end that are told to: SIGTERM and SIGHUP leave nothing half behind; the command that is installed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from mini import Mini
from relgraph import build
from relgraph.cli.interrupting import in_order
from relgraph.project import Project

ROOT = Path(__file__).parents[1]
#: The command beside the interpreter.
INSTALLED = Path(sys.executable).with_name("relgraph")
#: What the engine gives one row of, and does not come to an end of.
ENDLESS = "SELECT ?s { { BIND(1 AS ?s) } UNION { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?s = ?i && ?s != ?i) } }"
#: A writer that announces that it has begun, and does not end.
SLOW = (
    "from relgraph.exports import writers\n"
    "def slow(source, out):\n"
    "    out.write(b'x' * 1_000_000)\n"
    "    print('begun', flush=True)\n"
    "    time.sleep(60)\n"
    "writers.ntriples = slow\n"
)
#: An engine that announces that it begins.
TOLD = (
    "from relgraph import writing\n"
    "write = writing.write\n"
    "def told(*arguments):\n"
    "    print('begun', flush=True)\n"
    "    return write(*arguments)\n"
    "writing.write = told\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mini project with a release."""
    project = Project(Mini(tmp_path_factory.mktemp("ending") / "mini").write())
    build.write(build.assemble(project, None, lambda stage: None), project.releases)
    return project.root


def begun(folder: Path, place: Path, changed: str, *arguments: str, before: str = "") -> subprocess.Popen[bytes]:
    """A command that has begun to write; changed, before: what is done in its process first."""
    code = (
        "import signal, sys, time\n"
        "for number in (signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_DFL)\n"  # a tester may ignore them
        + before
        + changed
        + f"from relgraph.cli import main\nsys.argv = ['relgraph', *{list(arguments)!r}]\nmain()\n"
    )
    (place / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=folder, env=os.environ | {"TMPDIR": str(place / "tmp")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == b"begun\n"
    return process


def left(place: Path) -> list[tuple[str, str]]:
    """The files in a folder and below, with what they hold."""
    return sorted((file.name, file.read_text("utf-8")) for file in place.rglob("*") if file.is_file())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("chosen", [[], ["--document", "901"]])
def test_an_export_that_is_told_to_end_leaves_nothing_half(
    folder: Path, tmp_path: Path, number: signal.Signals, chosen: list[str]
) -> None:
    file = tmp_path / "x.nt"
    file.write_text("before", "utf-8")
    process = begun(folder, tmp_path, SLOW, "export", *chosen, "-o", str(file))
    assert len(list(tmp_path.glob(".x.nt-*"))) == 1
    process.send_signal(number)
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 128 + number
    assert left(tmp_path) == [("x.nt", "before")]
    assert not any((tmp_path / "tmp").iterdir())


def test_a_query_that_gives_no_more_rows_is_told_to_end(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("before", "utf-8")
    process = begun(folder, tmp_path, TOLD, "query", ENDLESS, "-f", "csv", "-o", str(file))
    time.sleep(0.2)
    process.terminate()
    try:
        assert process.communicate(timeout=60)[1] == b""
    finally:
        process.kill()
    assert process.returncode == 128 + signal.SIGTERM
    assert left(tmp_path) == [("x.csv", "before")]


def test_what_ignores_a_signal_goes_on(folder: Path, tmp_path: Path) -> None:
    """As `nohup` has it."""
    ignoring = "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    process = begun(folder, tmp_path, SLOW.replace("60", "1"), "export", "-o", str(tmp_path / "x.nt"), before=ignoring)
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 0
    assert len((tmp_path / "x.nt").read_bytes()) == 1_000_000


def test_signals_are_as_they_were_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, in_order(), in_order():
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before


# ── the command that is installed ────────────────────────────────────────────────────────────────────────────────────


def test_the_installed_command_is_the_one_of_the_project() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]["relgraph"]
    (installed,) = metadata.entry_points(group="console_scripts", name="relgraph")
    remedy = "install the package anew"
    assert installed.value == wanted, remedy
    assert f"from {wanted.partition(':')[0]} import" in INSTALLED.read_text("utf-8"), remedy
    done = subprocess.run([INSTALLED, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == metadata.version("relgraph")


def test_ctrl_c_while_the_installed_command_is_loaded_is_quiet(tmp_path: Path) -> None:
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
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    with subprocess.Popen([INSTALLED, "--version"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"loading\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b""
        assert process.wait() == 130
