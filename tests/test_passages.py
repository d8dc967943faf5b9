"""Passages in the table of claims: cut out of the texts at hand, checked against their hashes, and never over HTTP."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient
from pyarrow import parquet as pq
from pyoxigraph import Literal, NamedNode, Quad

import mini
from mini import Mini
from relgraph import build, exports
from relgraph.errors import InputError
from relgraph.exports import FORMS, Selection, Source, tablefiles
from relgraph.exports.source import ALL
from relgraph.project import Project
from relgraph.release import Release, nquads, open_release
from relgraph.serving.app import Application
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource
from relgraph.spans import quote_hash
from relgraph.vocabulary import ID, PROVENANCE, XSD, A, data, rg
from tabular import frame, taken_apart

TEXTS = {key: text for key, (_, text, _) in mini.TEXTS.items()}
#: The passage of each claim of the mini valley, by the end of its key.
QUOTES = {
    "901-0001.1": mini.OPENING, "901-0002.1": mini.VISIT, "901-0002.2": mini.VISIT, "901-0003.1": mini.MEETING,
    "902-0001.1": mini.OPENED,
}  # fmt: skip
YEAR = "1990 3 May:"


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The mini valley, where the opening and the visit rest on the year at the beginning as well, with a release."""
    rows = mini.decisions()
    for row in rows["901"][:2]:
        row["spans"]["c"] = mini.span("901", YEAR)
        row["claims"][0]["context"] = ["c"]
    made = Project(Mini(tmp_path_factory.mktemp("passages") / "mini", rows).write())
    build.write(build.assemble(made, None, lambda stage: None), made.releases)
    return made


@pytest.fixture(scope="module")
def small(valley: Project) -> Release:
    return open_release(valley.releases)


def claims(source: Source, texts: dict[str, str]) -> dict[str, dict[str, Any]]:
    out = io.BytesIO()
    tablefiles.write(source, out, "claims", "parquet", texts)
    out.seek(0)
    return {row["key"].removeprefix("claim/"): row for row in cast("list[dict[str, Any]]", pq.read_table(out).to_pylist())}


def test_a_claim_has_its_passage_and_those_that_it_rests_on(small: Release) -> None:
    found = claims(Source(small), TEXTS)
    assert {key: row["quote"] for key, row in found.items()} == QUOTES
    rests = {key: row["quote_context"] for key, row in found.items()}
    assert rests == {key: [] for key in QUOTES} | {"901-0001.1": [YEAR], "901-0002.1": [YEAR]}


def test_a_passage_is_what_its_hash_stands_for(small: Release) -> None:
    for row in claims(Source(small), TEXTS).values():
        assert quote_hash(row["quote"]) == row["quote_sha256"]


def test_claims_of_a_text_that_is_not_at_hand_have_none(small: Release) -> None:
    found = claims(Source(small), {"902": TEXTS["902"]})
    assert {key for key, row in found.items() if row["quote"] is not None} == {"902-0001.1"}
    assert {key for key, row in found.items() if row["quote_context"] is not None} == {*QUOTES} - {"901-0001.1", "901-0002.1"}
    without = claims(Source(small), {})
    assert {(row["quote"], row["quote_context"]) for row in without.values()} == {(None, None)}


@pytest.mark.parametrize("text", ["", "x" * 500, TEXTS["901"][1:], TEXTS["901"].replace("visits", "visited")])
def test_a_text_that_lacks_a_passage_is_an_error_with_the_span(small: Release, text: str) -> None:
    with pytest.raises(InputError) as caught:
        claims(Source(small), TEXTS | {"901": text})
    (problem,) = caught.value.problems
    assert problem.where.startswith(f"<{ID}document/901#char=")
    assert "the text of document 901 does not have this passage" in problem.what
    assert "without --documents" in problem.remedy


def test_white_space_of_another_layout_is_no_other_passage(small: Release) -> None:
    """As with the hash: a text with a line break for a blank has the same passage."""
    found = claims(Source(small), TEXTS | {"901": TEXTS["901"].replace("Union Council in", "Union\nCouncil in")})
    assert found["901-0001.1"]["quote"] == mini.OPENING


def spanning(release: Release, *places: tuple[str, int, int]) -> Source:
    """A claim with several passages, which rests on the same ones."""
    claim = data("claim/x")
    quads = [Quad(claim, A, rg("Claim"), PROVENANCE)]
    for document, start, end in places:
        node = NamedNode(f"{ID}document/{document}#char={start},{end}")
        quads += [Quad(claim, rg(name), node, PROVENANCE) for name in ("evidence", "context")]
        quads += [
            Quad(node, rg("document"), data(f"document/{document}"), PROVENANCE),
            Quad(node, rg("charStart"), Literal(str(start), datatype=NamedNode(XSD + "integer")), PROVENANCE),
            Quad(node, rg("charEnd"), Literal(str(end), datatype=NamedNode(XSD + "integer")), PROVENANCE),
            Quad(node, rg("quoteSha256"), Literal(quote_hash(TEXTS[document][start:end])), PROVENANCE),
        ]
    return Source(release, ALL, nquads(quads))


def test_several_passages_make_one_quote_in_the_order_of_the_text(small: Release) -> None:
    """Offsets are numbers: 9 comes before 10. What it rests on stays apart, in the order of the column `context`."""
    places = [("901", 10, 26), ("901", 0, 9), ("901", 27, 38)]
    (row,) = claims(spanning(small, *places), TEXTS).values()
    cut = {f"{ID}document/901#char={start},{end}": " ".join(TEXTS["901"][start:end].split()) for _, start, end in places}
    assert row["quote"] == "Report on … the Valley Union … 1990 3 May"
    assert row["quote_context"] == [cut[span] for span in row["context"]]


def test_a_quote_is_whole_or_not_there(small: Release) -> None:
    places = [("901", 0, 9), ("902", 0, 7)]
    (row,) = claims(spanning(small, *places), {"901": TEXTS["901"]}).values()
    assert (row["quote"], row["quote_context"]) == (None, None)


def test_all_passages_of_the_real_texts_are_those_of_the_release(release: Release, documents_folder: Path) -> None:
    counts = cast("dict[str, int]", release.manifest["counts"])
    texts = {path.name[:3]: path.read_bytes().decode() for path in documents_folder.glob("*.txt")}
    found = claims(Source(release), texts)
    assert len(found) == counts["claims"]
    assert all(row["quote"] and quote_hash(row["quote"]) == row["quote_sha256"] for row in found.values())
    assert all(len(row["quote_context"]) == len(row["context"]) for row in found.values())


@pytest.mark.parametrize("name", FORMS)
def test_only_what_holds_the_table_of_claims_takes_texts(small: Release, name: str) -> None:
    outs = [io.BytesIO(), io.BytesIO()]
    for out, texts in zip(outs, (TEXTS, None), strict=True):
        exports.write(small, name, Selection(), out, texts=texts)
    assert (outs[0].getvalue() != outs[1].getvalue()) == FORMS[name].is_quoted
    assert FORMS[name].is_quoted == (name in ("csv", "parquet", "claims.csv", "claims.parquet"))


def relgraph(valley: Project, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "relgraph", "export", *arguments]
    return subprocess.run(command, cwd=valley.root, capture_output=True, check=False, env=os.environ | environment)


def quoted(folder: Path) -> dict[str, str]:
    return {row["key"].removeprefix("claim/"): row["quote"] for _, row in frame(folder, "claims", "csv").iterrows()}


def test_the_command_quotes_from_the_folder_that_it_is_given(valley: Project, tmp_path: Path) -> None:
    assert relgraph(valley, "-f", "csv", "-o", f"{tmp_path / 'tables'}/", "--documents", "texts").returncode == 0
    assert quoted(tmp_path / "tables") == QUOTES
    context = frame(tmp_path / "tables", "claims", "csv").set_index("key")["quote_context"]
    assert taken_apart(context["claim/901-0001.1"]) == (YEAR,)
    archived = relgraph(valley, "-f", "csv", "--documents", "texts").stdout
    with zipfile.ZipFile(io.BytesIO(archived)) as archive:
        assert archive.read("claims.csv") == (tmp_path / "tables" / "claims.csv").read_bytes()
    one = relgraph(valley, "-f", "claims.csv", "--document", "902", "--documents", "texts")
    assert mini.OPENED in one.stdout.decode()
    unasked = relgraph(valley, "-f", "claims.csv", RELGRAPH_DOCUMENTS="texts")
    assert mini.OPENED not in unasked.stdout.decode(), "sentences of the sources leave the house only when they are asked for"


def test_the_command_does_not_read_texts_that_it_has_no_use_for(valley: Project) -> None:
    done = relgraph(valley, "-f", "events.csv", "--documents", "nowhere")
    assert (done.returncode, done.stderr) == (0, b"")
    assert relgraph(valley, "-f", "claims.csv", "--documents", "nowhere").returncode == 2


def test_a_text_that_has_changed_is_said_and_not_quoted(valley: Project, tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text(TEXTS["901"] + "more\n", "utf-8")
    (tmp_path / "note.txt").write_text(TEXTS["902"], "utf-8")
    done = relgraph(valley, "-f", "csv", "-o", f"{tmp_path / 'tables'}/", "--documents", str(tmp_path))
    assert (done.returncode, b"report.txt: has changed" in done.stderr) == (0, True)
    assert {key for key, quote in quoted(tmp_path / "tables").items() if quote} == {"902-0001.1"}


def test_a_release_of_other_texts_is_an_error_and_no_table(valley: Project, tmp_path: Path) -> None:
    """The text that is registered by now, and in the folder, is not the one that the release was made from."""
    other = Mini(tmp_path / "mini")
    other.write()
    report = TEXTS["901"].replace("visits", "leaves")
    (other.texts / "report.txt").write_text(report, "utf-8")
    (other.root / "data" / "documents.ttl").write_text(mini.register().replace(_sha(TEXTS["901"]), _sha(report)), "utf-8")
    made = str(open_release(valley.releases).path)
    arguments = ("--release", made, "--documents", "texts", "-o", str(tmp_path / "claims.csv"))
    done = relgraph(Project(other.root), *arguments)
    assert done.returncode == 2
    assert b"the text of document 901 does not have this passage" in done.stderr
    assert not (tmp_path / "claims.csv").exists()


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_server_gives_away_no_passages(small: Release) -> None:
    """Not even where it has the texts for its pages."""
    settings = Settings(workers=1, client_seconds=0, log="off")
    out = io.BytesIO()
    exports.write(small, "claims.csv", Selection(), out)
    with TestClient(Application(ReleaseSource(small.path, {}), settings, TEXTS)) as client:
        assert client.get("/export/claims.csv").content == out.getvalue()
        with zipfile.ZipFile(io.BytesIO(client.get("/export/csv").content)) as archive:
            assert archive.read("claims.csv") == out.getvalue()
