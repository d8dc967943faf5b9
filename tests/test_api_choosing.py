"""What Dataset.export writes: the bytes of the command, whole or a part, with passages where the texts are given."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

import relgraph
from mini import VISIT, Mini
from relgraph import Dataset, DateRange, build
from relgraph.errors import DateError, InputError, UsageError
from relgraph.exports.tidycolumns import TABLES
from relgraph.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Mini:
    """The mini project with a release."""
    mini = Mini(tmp_path_factory.mktemp("choosing") / "mini")
    chosen = Project(mini.write())
    build.write(build.assemble(chosen, None, lambda stage: None), chosen.releases)
    return mini


@pytest.fixture(scope="module")
def ds(project: Mini) -> Iterator[Dataset]:
    with relgraph.open(project.root) as opened:
        yield opened


def quotes(file: Path) -> set[str]:
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["quote"] for row in csv.DictReader(rows)}


CHOICES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("turtle", {}, []),
    ("nquads", {"actor": "Ада Стоун", "document": "901", "period": "1990", "modality": "Asserted", "graph": "asserted"},
     ["--actor", "Ада Стоун", "--document", "901", "--period", "1990", "--modality", "Asserted", "--graph", "asserted"]),
    ("claims.csv", {"period": "1991", "undated": True}, ["--period", "1991", "--undated"]),
    ("trig", {"document": ["901", "902"], "graph": ("asserted", "reported"), "modality": ["Planned", "утверждается"]},
     ["--document", "901", "--document", "902", "--graph", "asserted", "--graph", "reported", "--modality", "Planned",
      "--modality", "утверждается"]),
]  # fmt: skip


@pytest.mark.parametrize(("form", "chosen", "options"), CHOICES, ids=[form for form, _, _ in CHOICES])
def test_a_choice_gives_the_bytes_of_the_command(
    form: str, chosen: dict[str, Any], options: list[str], ds: Dataset, project: Mini, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "relgraph", "export", "--format", form, *options]
    done = subprocess.run(command, cwd=project.root, capture_output=True, check=True)
    assert ds.export(form, tmp_path / "part", **chosen).read_bytes() == done.stdout != b""


def test_things_are_chosen_as_they_are_called_and_as_what_they_are(ds: Dataset, tmp_path: Path) -> None:
    def part(**chosen: Any) -> bytes:
        return ds.export("nquads", tmp_path / "part.nq", **chosen).read_bytes()

    stone = ds.entity("Ada Stone")
    by_key = part(actor="person/ada-stone")
    assert by_key != part()
    for actor in (stone, stone.resource, [stone], (each for each in ["Ада Стоун", stone.iri])):
        assert part(actor=actor) == by_key
    document = relgraph.iri("document/902")
    assert part(document=document) == part(document="902") == part(document=[document, "902"])
    by_text = part(period="1990-06-05")
    assert part(period=DateRange("1990-06-05")) == part(period=date(1990, 6, 5)) == by_text


def test_passages_come_from_the_folder_that_is_given(ds: Dataset, project: Mini, tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    assert quotes(ds.export("claims.csv", file)) == {""}
    assert VISIT in quotes(ds.export("claims.csv", file, documents=project.texts))
    with relgraph.open(project.root, documents=project.texts) as opened:
        assert VISIT in quotes(opened.export("claims.csv", file))
        assert quotes(opened.export("claims.csv", file, modality="Planned", documents=str(project.texts))) == {
            "The Council will meet in Brin in autumn 1991."
        }
    assert ds.export("turtle", tmp_path / "a.ttl", documents=project.texts).read_bytes()


def test_a_folder_without_the_texts_is_refused_before_a_file_is_there(ds: Dataset, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    for wrong in (tmp_path / "texts", tmp_path / "nowhere"):
        with pytest.raises(InputError, match=r"texts|nowhere"):
            ds.export("claims.csv", tmp_path / "claims.csv", documents=wrong)
    assert not (tmp_path / "claims.csv").exists()


def test_a_text_that_is_missing_is_a_warning_at_the_line_that_asks(ds: Dataset, project: Mini, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "report.txt").write_bytes((project.texts / "report.txt").read_bytes())
    with pytest.warns(UserWarning, match="has no file with the SHA-256 of document 902") as told:
        found = quotes(ds.export("claims.csv", tmp_path / "claims.csv", documents=texts))
    assert {"", VISIT} <= found
    with pytest.warns(UserWarning, match="902") as told_too, relgraph.open(project.root, documents=texts):
        pass
    assert {warning.filename for warning in [*told, *told_too]} == {__file__}


def test_all_tables_go_into_a_folder_or_an_archive(ds: Dataset, project: Mini, tmp_path: Path) -> None:
    (tmp_path / "there.d").mkdir()
    for path in (tmp_path / "tables", f"{tmp_path}/v1.0/", tmp_path / "there.d"):
        folder = ds.export("csv", path, documents=project.texts)
        assert sorted(file.name for file in folder.iterdir()) == sorted(f"{table}.csv" for table in TABLES)
        assert VISIT in quotes(folder / "claims.csv")
    assert ds.export("parquet", tmp_path / "all.zip").read_bytes()[:2] == b"PK"


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("a.csv", {"form": "csv"}, r"a\.csv is the name of neither\. Take the form of one table, such as claims\.csv"),
    ("there/", {"form": "turtle"}, "is a folder, and turtle is one file"),
    ("a.ttl", {"form": "turtel"}, "no export format 'turtel'. Did you mean turtle"),
    ("a.ttl", {"actor": "Ada Ston"}, r"no 'Ada Ston'.*Did you mean Ada Stone"),
    ("a.ttl", {"actor": "Alba"}, "place/alba is no Agent"),
    ("a.ttl", {"actor": []}, "the actor: an empty list chooses nothing. Give names, or leave it out"),
    ("a.ttl", {"document": ""}, "the document: '' is no name"),
    ("a.ttl", {"document": 901}, "the document: 901 is no name"),
    ("a.ttl", {"modality": ["Planned", None]}, "the modality: None is no name"),
    ("a.ttl", {"modality": "Plannd"}, "no modality 'Plannd'.*Did you mean Planned"),
    ("a.ttl", {"graph": "asertd"}, "no graph 'asertd'. Did you mean asserted"),
    ("a.ttl", {"period": "1990-1991"}, "Did you mean 1990/1991"),
    ("a.ttl", {"period": " "}, "the period is empty"),
    ("a.ttl", {"period": datetime(1990, 1, 1)}, "a moment, not a date"),
    ("a.ttl", {"undated": True}, "Give a period too"),
    ("a.ttl", {"period": "1800"}, "nothing in the release matches"),
]


@pytest.mark.parametrize(("name", "given", "message"), WRONG, ids=[str(given) for _, given, _ in WRONG])
def test_what_cannot_be_chosen_is_said_and_leaves_nothing(
    name: str, given: dict[str, Any], message: str, ds: Dataset, tmp_path: Path
) -> None:
    with pytest.raises((UsageError, DateError), match=message):
        ds.export(given.get("form", "turtle"), f"{tmp_path}/{name}", **{k: v for k, v in given.items() if k != "form"})
    assert list(tmp_path.iterdir()) == []


def test_the_release_itself_is_never_written_to(ds: Dataset, project: Mini) -> None:
    (data,) = (project.root / "build" / "releases").glob("*/dataset.nq")
    before = data.read_bytes()
    for path, form in ((data, "turtle"), (project.root / "build" / "current" / "dataset.nq", "nquads"), (data.parent, "csv")):
        with pytest.raises(UsageError, match="is in the folder of the release, which never changes"):
            ds.export(form, path, graph="asserted")
    assert data.read_bytes() == before
    assert not list(data.parent.glob("*.csv"))


def test_an_endpoint_and_a_file_are_not_exported(project: Mini, tmp_path: Path) -> None:
    refusal = r"is an endpoint.*server of relgraph has them at http://127\.0\.0\.1:9/a/export;"
    with relgraph.open("http://127.0.0.1:9/a/sparql?x=1") as endpoint, pytest.raises(UsageError, match=refusal):
        endpoint.export("claims.csv", tmp_path / "claims.csv", documents=project.texts)
    data = tmp_path / "data.ttl"
    data.write_text("<urn:a> <urn:b> 1 .", "utf-8")
    with relgraph.open(data) as file, pytest.raises(UsageError, match="only releases are exported"):
        file.export("turtle", tmp_path / "out.ttl", actor="NATO")
    assert [path.name for path in tmp_path.iterdir()] == ["data.ttl"]
