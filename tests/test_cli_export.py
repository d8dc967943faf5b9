"""relgraph export: formats, selections, and what becomes of the file when something goes wrong."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from mini import Mini
from relgraph import build
from relgraph.exports import FORMS, GRAPHS, forms, tablefiles
from relgraph.exports.source import ALL
from relgraph.exports.tidycolumns import TABLES
from relgraph.project import Project
from relgraph.vocabulary import ASSERTED

BEFORE = b"what stood there\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mini project with a release."""
    project = Project(Mini(tmp_path_factory.mktemp("cli") / "mini").write())
    build.write(build.assemble(project, None, lambda stage: None), project.releases)
    return project.root


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "relgraph", "export", *arguments]


def export(folder: Path, *arguments: str, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(*arguments), cwd=folder, env=os.environ | {"COLUMNS": "200"}, capture_output=True, check=False, preexec_fn=limit
    )


def ok(folder: Path, *arguments: str) -> bytes:
    done = export(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def refused(folder: Path, *arguments: str, limit: Callable[[], None] | None = None) -> str:
    done = export(folder, *arguments, limit=limit)
    message = done.stderr.decode()
    assert done.returncode == 2, message
    assert "Traceback" not in message
    return message


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a file that an export is to replace."""
    (tmp_path / "x.nt").write_bytes(BEFORE)
    return tmp_path


def untouched(place: Path) -> bool:
    """Whether the file is as it was, and nothing else is beside it."""
    return [(file.name, file.read_bytes()) for file in place.iterdir()] == [("x.nt", BEFORE)]


def test_a_release_is_never_written_into(folder: Path) -> None:
    (release,) = (folder / "build" / "releases").iterdir()
    before = (release / "dataset.nq").read_bytes()
    assert "in the folder of the release, which never changes" in refused(folder, "-o", str(release / "dataset.nq"))
    assert "never changes" in refused(folder, "-f", "csv", "-o", f"{folder / 'build' / 'current' / 'tables'}/")
    assert (release / "dataset.nq").read_bytes() == before


@pytest.mark.parametrize("form", FORMS)
def test_a_file_and_standard_output_get_the_same_bytes(folder: Path, form: str, tmp_path: Path) -> None:
    file = tmp_path / f"export.{FORMS[form].suffix}"
    assert ok(folder, "--format", form, "-o", str(file)) == b""
    assert file.read_bytes() == ok(folder, "--format", form)
    assert file.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


@pytest.mark.parametrize(
    ("name", "form"), [("a.ttl", "turtle"), ("граф.nq", "nquads"), ("a b.claims.csv", "claims.csv"), ("a", "turtle")]
)
def test_the_name_of_the_file_says_the_format(folder: Path, name: str, form: str, tmp_path: Path) -> None:
    ok(folder, "-o", str(tmp_path / name))
    assert (tmp_path / name).read_bytes() == ok(folder, "--format", form)


def test_a_part_is_chosen(folder: Path) -> None:
    found = ok(folder, "-f", "nquads", "--actor", "Ада Стоун", "--document", "901", "--period", "1990", "--modality", "Asserted",
               "--graph", "asserted")  # fmt: skip
    assert {quad.graph_name for quad in parse(found, RdfFormat.N_QUADS)} == {ASSERTED}
    assert b"visit-stone" in found
    assert b"foundation-council" not in found


def test_the_formats_are_listed(folder: Path) -> None:
    assert [each["name"] for each in json.loads(ok(folder, "--list", "--json"))] == list(FORMS)
    text = ok(folder, "--list").decode()
    assert all(form.media_type in text for form in FORMS.values())
    graphs = {each["name"]: each["graphs"] for each in json.loads(ok(folder, "--list", "--json"))}
    assert graphs["turtle"] == ["asserted", "provenance", "inferred"]
    assert graphs["jsonld-event"] == ["asserted", "provenance", "reported"]
    assert {name: [GRAPHS[graph] for graph in named] for name, named in graphs.items()} == {
        form.name: [graph for graph in ALL if graph in form.graphs] for form in FORMS.values()
    }
    assert "asserted, provenance, inferred" in text


@pytest.mark.parametrize("name", ["v1.0/", "a/b.csv/", "t/"])
def test_a_path_that_ends_in_a_slash_is_a_folder(folder: Path, name: str, tmp_path: Path) -> None:
    ok(folder, "-f", "csv", "-o", f"{tmp_path}/{name}")
    assert sorted(file.name for file in (tmp_path / name).iterdir()) == sorted(f"{table}.csv" for table in TABLES)


@pytest.mark.parametrize("arguments", [[], ["-f", "turtle"], ["-f", "claims.csv"]])
def test_one_file_is_not_a_folder(folder: Path, arguments: list[str], tmp_path: Path) -> None:
    for place in (f"{tmp_path}/new/", str(tmp_path)):
        assert "is one file. Name a file in it, or give --format csv or parquet" in refused(folder, *arguments, "-o", place)
    assert not any(tmp_path.iterdir())


def test_what_is_empty_is_written_where_claims_match(folder: Path) -> None:
    """A choice of claims that matches nothing is refused; a table or a graph that has nothing of what matches is empty."""
    assert "nothing in the release matches" in refused(folder, "--period", "1700")
    assert ok(folder, "--document", "902", "-f", "memberships.csv").count(b"\n") == 1


WITHOUT = [
    ("claims", "asserted"), ("claims", "provenance"), ("claims", "reported"), ("jsonld-event", "ontology"),
    ("graphml", "ontology"), ("jsonld-membership", "inferred"), ("jsonld-document", "asserted"), ("events.csv", "provenance"),
    ("claims.parquet", "asserted"), ("csv", "inferred"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "graph"), WITHOUT)
def test_graphs_without_what_a_form_is_about_are_refused(folder: Path, form: str, graph: str, tmp_path: Path) -> None:
    message = refused(folder, "-f", form, "--graph", graph, "-o", str(tmp_path / f"x.{FORMS[form].suffix}"))
    assert f"{form} cannot be made of the graph {graph} alone: it needs " in message
    if form in tablefiles.FORMATS:
        assert "it needs asserted or provenance" in refused(folder, "-f", form, "--graph", graph, "-o", f"{tmp_path}/tables/")
    assert not any(tmp_path.iterdir())


def test_graphs_that_a_form_can_do_with_are_not_refused(folder: Path) -> None:
    for form in FORMS.values():
        every = [tuple({group[0] for group in form.needs}), *({graph} for graph in GRAPHS.values() if not form.needs)]
        for graphs in every:
            form.check(graphs)
        form.check(())
    assert b"visit-stone" in ok(folder, "-f", "jsonld-event", "--graph", "asserted")
    assert ok(folder, "-f", "claims", "--graph", "provenance", "--graph", "reported") == ok(folder, "-f", "claims")


@pytest.mark.parametrize(
    ("form", "name", "said"),
    [("ttl", "x.nt", "ntriples"), ("turtle", "x.csv", "csv"), ("claims.csv", "x.jsonld", "jsonld"), ("nquads", "x.nq", ""),
     ("claims", "x.trig", ""), ("claims.csv", "x.csv", ""), ("turtle", "x", ""), ("turtle", "x.docx", ""), ("csv", "x.zip", "")],
)  # fmt: skip
def test_a_format_counts_for_more_than_a_name_that_says_another(
    folder: Path, form: str, name: str, said: str, tmp_path: Path
) -> None:
    done = export(folder, "-f", form, "-o", str(tmp_path / name))
    named = f"Note: {name} is written as {forms.named(form).name}, as --format says; its name says {said}\n"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (0, b"", named if said else "")
    assert (tmp_path / name).read_bytes() == ok(folder, "-f", form)


def test_what_an_actor_is_taken_for_is_told_beside_the_output(folder: Path) -> None:
    done = export(folder, "--actor", "ada stone", "-f", "nquads")
    assert done.stderr.decode() == "Note: the actor 'ada stone' is taken for Ada Stone (person/ada-stone)\n"
    assert done.stdout == ok(folder, "--actor", "person/ada-stone", "-f", "nquads")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "text/csv"], "several formats are text/csv: entities.csv, events.csv"),
        (["--actor", os.fsdecode(b"\xff")], "is not UTF-8"),
        (["--format", "docx"], "no export format 'docx'. Formats are turtle, trig"),
        (["-o", "x.docx"], "x.docx does not say in which format to write. Give --format: turtle"),
        (["-o", "x.csv"], "x.csv does not say in which format to write. Choose one table, such as --format claims.csv, or all"),
        (["-f", "csv", "-o", "x.csv"], "csv is all tables in a ZIP archive, and x.csv is no name of one. Choose one table"),
        (["-f", "parquet", "-o", "all.parquet"], "or all: --format parquet --output all/ or all.parquet.zip"),
        (["-o", "nowhere/x.nt"], "there is no folder nowhere. Make it"),
        (["--actor", "Ada Stona"], "Did you mean Ada Stone"),
        (["--document", "999"], "there is no document '999' in this graph. There are 901 (Document 901); 902 (Document 902)"),
        (["--actor", "place/alba"], "place/alba is no Agent. Give a thing of that class"),
        (["--actor", "Alva Stone"], "Did you mean Ada Stone (person/ada-stone)?"),
        (["--period", "1700"], "Leave out one of its filters, or widen one"),
        (["--modality", "Sure"], "there is no modality 'Sure'"),
        (["--modality", "Planed"], "Did you mean Planned?"),
        (["--period", "soon"], "not EDTF"),
        (["--period", "1994-2001"], "Did you mean 1994/2001?"),
        (["--undated"], "Give a period too"),
        (["--graph", "x"], "no graph 'x'"),
        (["--period", "1700"], "nothing in the release matches"),
        (["--release", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_exported_is_said(folder: Path, arguments: list[str], message: str, tmp_path: Path) -> None:
    file = ["-o", str(tmp_path / "x.nt")] if "-o" not in arguments else []
    assert message in refused(folder, *arguments, *file)
    assert not any(tmp_path.iterdir())


# ── nothing half ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_full_disk_leaves_the_file_as_it_was(folder: Path, place: Path) -> None:
    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    message = refused(folder, "-o", str(place / "x.nt"), limit=limited)
    assert f"{place / 'x.nt'} was not written: File too large; what stood there is as it was" in message
    assert untouched(place)


@pytest.fixture
def full() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")


@pytest.mark.usefixtures("full")
def test_a_full_device_is_said(folder: Path) -> None:
    assert "cannot write /dev/full: No space left on device" in refused(folder, "-o", "/dev/full")
    with Path("/dev/full").open("wb") as out:
        done = subprocess.run(command(), cwd=folder, stdout=out, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 KiB in memory, which only root may mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a file system")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_full_file_system_leaves_the_file_as_it_was(folder: Path, small_disk: Path) -> None:
    file = small_disk / "x.nt"
    file.write_bytes(BEFORE)
    assert f"{file} was not written: No space left on device" in refused(folder, "-o", str(file))
    assert [(each.name, each.read_bytes()) for each in small_disk.iterdir()] == [("x.nt", BEFORE)]


def test_a_full_temporary_folder_is_told_from_a_full_place(folder: Path, place: Path) -> None:
    """A selection is put aside: what is full then is not where the file is to go."""
    code = (
        "import sys\n"
        "from relgraph.exports import temporary\n"
        "def full(*_):\n"
        "    raise OSError(28, 'No space left on device')\n"
        "temporary.tempfile.TemporaryFile = full\n"
        "from relgraph.cli import main\n"
        f"sys.argv = ['relgraph', 'export', '--document', '901', '-o', {str(place / 'x.nt')!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "temporary files in" in done.stderr
    assert "set TMPDIR" in done.stderr
    assert "x.nt" not in done.stderr
    assert untouched(place)


@pytest.mark.parametrize("arguments", [["-f", "entities.parquet"], ["-f", "csv"]])
def test_what_is_no_text_is_not_written_to_a_terminal(folder: Path, arguments: list[str]) -> None:
    ours, its = os.openpty()
    done = subprocess.run(command(*arguments), cwd=folder, stdout=its, stderr=subprocess.PIPE, check=False)
    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):
        os.read(ours, 1)
    assert (done.returncode, b"no text for a terminal" in done.stderr) == (2, True)
    os.close(ours)
    os.close(its)


def test_a_device_is_written_to_and_stays(folder: Path) -> None:
    ok(folder, "-f", "nquads", "-o", os.devnull)
    assert not Path(os.devnull).is_file()


def test_a_folder_that_is_not_there_is_said(folder: Path, tmp_path: Path) -> None:
    assert "cannot write" in refused(folder, "-o", str(tmp_path / "nowhere" / "x.nt"))


def test_a_file_that_is_a_folder_is_said(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "x.nt").mkdir()
    assert "x.nt" in refused(folder, "-o", str(tmp_path / "x.nt"))


def test_an_interrupted_export_leaves_the_file_as_it_was(folder: Path, place: Path) -> None:
    """Interrupted in the middle of writing, at a moment that the process itself announces."""
    code = (
        "import signal, sys, time\n"
        "from relgraph.exports import writers\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # in the background it is ignored
        "def slow(source, out):\n"
        "    out.write(b'x' * 1_000_000)\n"
        "    print('begun', flush=True)\n"
        "    time.sleep(60)\n"
        "writers.ntriples = slow\n"
        "from relgraph.cli import main\n"
        f"sys.argv = ['relgraph', 'export', '-o', {str(place / 'x.nt')!r}]\n"
        "main()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"begun\n"
    assert len(list(place.iterdir())) == 2  # the file that is being written has a name of its own
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert b"Traceback" not in errors
    assert untouched(place)


def test_a_killed_export_leaves_the_file_as_it_was(folder: Path, place: Path) -> None:
    process = subprocess.Popen(command("-o", str(place / "x.nt")), cwd=folder)
    time.sleep(0.3)
    process.kill()
    process.wait()
    assert (place / "x.nt").read_bytes() in (BEFORE, ok(folder, "-f", "ntriples"))


@pytest.mark.parametrize("form", ["turtle", "nquads", "claims.csv", "jsonld"])
def test_a_reader_that_goes_away_gets_no_traceback(folder: Path, form: str) -> None:
    process = subprocess.Popen(command("-f", form), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() in (0, 141)
    process.stderr.close()
