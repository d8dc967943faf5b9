"""Tables as files: folders, archives, streams; nasty texts, no rows, no space."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, BinaryIO, cast

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, Quad

from relgraph.errors import UsageError
from relgraph.exports import Source, tablefiles, tidy
from relgraph.exports.lookups import Lookups
from relgraph.exports.source import ALL
from relgraph.exports.tidycolumns import TABLES
from relgraph.release import Release, nquads
from relgraph.vocabulary import ALT_LABEL, ASSERTED, ID, PREF_LABEL, A, data, rg
from tabular import frame, sql, taken_apart

ROOT = Path(__file__).parents[1]


class OnlyWriting:
    """A pipe: it can be written to and nothing else."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)

    def flush(self) -> None: ...


@pytest.mark.parametrize("form", tablefiles.FORMATS)
def test_an_archive_is_a_stream_and_always_the_same(release: Release, tmp_path: Path, form: str) -> None:
    tablefiles.folder(Source(release), tmp_path, form)
    pipes = [OnlyWriting(), OnlyWriting()]
    for pipe in pipes:
        tablefiles.archive(Source(release), cast(BinaryIO, pipe), form)
    assert pipes[0].data == pipes[1].data
    with zipfile.ZipFile(io.BytesIO(pipes[0].data)) as archive:
        assert archive.namelist() == [f"{name}.{form}" for name in TABLES]
        assert archive.testzip() is None
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / name).read_bytes()


NASTY = (
    "=1+1", "+7 495", "-5", "@SUM(A1)", "a,b", 'a "quoted" b', '"', '""', "a\nb", "a\r\nb", "a\rb", "\n", " a ", "a | b", "a|b",
    "\\", "a\\", "\\|", "😀𝒳", "Ё", "\ufeffa", "\t", "\x01\x1f\x7f", "\ufffe", "a\0b", "NULL", "nan", "1", "true", "x" * 5000,
)  # fmt: skip


def made(release: Release, labels: tuple[str, ...]) -> Source:
    """An event in each of whose places is called something nasty."""
    event, place = data("event/x"), data("place/x")
    quads = [
        Quad(event, A, rg("Meeting"), ASSERTED),
        Quad(event, rg("place"), place, ASSERTED),
        Quad(place, A, rg("Place"), ASSERTED),
        Quad(place, PREF_LABEL, Literal(labels[0], language="en"), ASSERTED),
        *(Quad(place, ALT_LABEL, Literal(label, language="en"), ASSERTED) for label in labels),
        *(Quad(event, rg("designation"), Literal(label, language="en"), ASSERTED) for label in labels),
    ]
    return Source(release, ALL, nquads(quads))


def test_nasty_texts_come_back_as_they_were(release: Release, tmp_path: Path) -> None:
    source = made(release, NASTY)
    tablefiles.folder(source, tmp_path, "csv")
    tablefiles.folder(source, tmp_path, "parquet")
    with (tmp_path / "roles.csv").open(encoding="utf-8", newline="") as file:
        assert {row["value"] for row in csv.DictReader(file) if row["role"] == "designation"} == set(NASTY)
    for name in ("roles.parquet", "roles.csv"):
        options = {} if name.endswith("parquet") else {"keep_default_na": False, "dtype": str}
        read = pandas.read_parquet if name.endswith("parquet") else pandas.read_csv
        found = cast(Any, read)(tmp_path / name, **options)
        assert set(found[found["role"] == "designation"]["value"]) == set(NASTY), name
    query = f"SELECT value FROM '{tmp_path}/roles.parquet' WHERE role = 'designation'"
    assert {value for (value,) in sql(query)} == set(NASTY)
    reading = "header = true, all_varchar = true, quote = '\"', escape = '\"', strict_mode = false, new_line = '\\r\\n'"
    query = f"SELECT value FROM read_csv('{tmp_path}/roles.csv', {reading}) WHERE role = 'designation'"
    assert {value for (value,) in sql(query)} == set(NASTY)
    entities = frame(tmp_path, "entities", "csv")
    assert set(taken_apart(entities["alt_labels_en"][0])) == set(NASTY)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
def test_several_values_of_a_cell_can_be_taken_apart(values: list[str]) -> None:
    assert taken_apart(str(tablefiles.written(tuple(values)))) == tuple(values)


def test_what_a_formula_is_to_a_spreadsheet_is_not_changed(release: Release, tmp_path: Path) -> None:
    """docs/tables.md says why, and how to look for such cells."""
    tablefiles.folder(made(release, ("=HYPERLINK(1)",)), tmp_path, "csv")
    assert frame(tmp_path, "entities", "csv")["label_en"][0] == "=HYPERLINK(1)"
    documented = (ROOT / "docs" / "tables.md").read_text("utf-8")
    (looking,) = re.findall(r"SELECT iri, label_en FROM 'tables/entities.csv'.*;", documented)
    assert sql(looking.replace("tables/", f"{tmp_path}/")) == [(f"{ID}place/x", "=HYPERLINK(1)")]


@pytest.mark.parametrize("form", tablefiles.FORMATS)
def test_tables_without_rows_have_their_columns(release: Release, tmp_path: Path, form: str) -> None:
    tablefiles.folder(Source(release, ALL, b""), tmp_path, form)
    for name, table in TABLES.items():
        found = frame(tmp_path, name, form)
        assert list(found.columns) == [column.name for column in table.columns]
        assert len(found) == 0


class Full(io.RawIOBase):
    """A device without space."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("form", tablefiles.FORMATS)
def test_a_full_disk_is_an_error_and_no_short_table(release: Release, form: str) -> None:
    with pytest.raises(OSError, match="No space"):
        tablefiles.write(Source(release), cast(BinaryIO, Full()), "claims", form)
    with pytest.raises(OSError, match="No space"):
        tablefiles.archive(Source(release), cast(BinaryIO, Full()), form)


def test_when_one_table_fails_all_that_stood_in_the_folder_stays(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "entities.csv").write_text("old")

    def broken(source: Source, lookups: Lookups) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(tidy.ROWS, "claims", broken)
    with pytest.raises(UsageError, match="No space left"):
        tablefiles.folder(Source(release), tmp_path, "csv")
    assert [path.name for path in tmp_path.iterdir()] == ["entities.csv"]
    assert (tmp_path / "entities.csv").read_text() == "old"


def test_wrong_names_and_places_are_refused_with_what_there_is(release: Release, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean claims"):
        tablefiles.write(Source(release), io.BytesIO(), "claim", "csv")
    with pytest.raises(UsageError, match="Known are csv, parquet"):
        tablefiles.archive(Source(release), io.BytesIO(), "xlsx")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="Choose another folder"):
        tablefiles.folder(Source(release), tmp_path / "file", "csv")


def relgraph(release: Release, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "relgraph", "export", "--release", str(release.path), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False)


def test_the_command_writes_a_folder_an_archive_or_one_table(release: Release, tmp_path: Path) -> None:
    assert relgraph(release, "--format", "csv", "-o", str(tmp_path / "tables")).returncode == 0
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == sorted(f"{name}.csv" for name in TABLES)
    one = relgraph(release, "--format", "claims.csv")
    assert one.stdout == (tmp_path / "tables" / "claims.csv").read_bytes()
    assert relgraph(release, "-o", str(tmp_path / "all.csv.zip")).returncode == 0
    with zipfile.ZipFile(tmp_path / "all.csv.zip") as archive:
        assert archive.read("claims.csv") == one.stdout


def test_the_command_says_what_is_wrong_with_a_folder(release: Release, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    done = relgraph(release, "--format", "parquet", "-o", str(tmp_path / "file"))
    assert (done.returncode, (tmp_path / "file").read_text()) == (2, "kept")
    assert b"Choose another folder" in done.stderr
