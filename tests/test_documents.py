"""Documents: recognised by hash, offsets in code points, passages located and shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini import NOTE, REPORT, Mini
from relgraph import documents
from relgraph.documents import Register
from relgraph.errors import Problem, UsageError
from relgraph.spans import Span, line_number, line_starts, quote_hash


def load(mini: Mini) -> tuple[Register, list[Problem]]:
    problems: list[Problem] = []
    return documents.load_register(mini.write() / "data" / "documents.ttl", problems), problems


def test_the_register_holds_every_document(mini: Mini) -> None:
    register, problems = load(mini)
    assert problems == []
    assert list(register.documents) == ["901", "902"]
    assert register.documents["902"].length == len(NOTE)
    assert register.documents["901"].voice == "voice/901"


def test_a_document_is_found_by_id_name_and_hash(mini: Mini) -> None:
    register, _ = load(mini)
    by_id = register.find("901")
    assert register.find("report.txt") == register.find(by_id.sha256[:8]) == by_id
    with pytest.raises(UsageError, match="901, 902"):
        register.find("903")


def test_texts_are_recognised_by_hash_whatever_their_names(mini: Mini) -> None:
    register, _ = load(mini)
    (mini.texts / "report.txt").rename(mini.texts / "renamed.txt")
    problems: list[Problem] = []
    assert documents.read_folder(mini.texts, register, problems) == {"901": REPORT, "902": NOTE}
    assert problems == []


def test_unknown_changed_and_missing_files_are_told_apart(mini: Mini) -> None:
    register, _ = load(mini)
    (mini.texts / "report.txt").write_text(REPORT + "more", "utf-8")
    (mini.texts / "stray.txt").write_text("stray", "utf-8")
    (mini.texts / "note.txt").unlink()
    problems: list[Problem] = []
    assert documents.read_folder(mini.texts, register, problems) == {}
    messages = {Path(p.where).name: p.what for p in problems}
    assert "has changed" in messages["report.txt"]
    assert "is not registered" in messages["stray.txt"]
    assert "no file with the SHA-256 of document 902" in messages["texts"]
    assert all(p.remedy for p in problems)


def test_a_register_entry_that_lacks_something_is_named_with_its_line(mini: Mini) -> None:
    root = mini.write()
    path = root / "data" / "documents.ttl"
    path.write_text(path.read_text("utf-8").replace('rg:language "ru" ;', ""), "utf-8")
    problems: list[Problem] = []
    register = documents.load_register(path, problems)
    assert list(register.documents) == ["901"]
    (problem,) = problems
    line = next(n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if text.startswith("<document/902>"))
    assert problem.where == f"{path}:{line}"
    assert "lacks language" in problem.what


def test_a_passage_is_located_across_line_breaks(mini: Mini) -> None:
    register, _ = load(mini)
    (found,) = documents.locate(register.documents["901"], REPORT, "in  Alba.\n5 June:")
    assert REPORT[found.start : found.end] == "in Alba.\n5 June:"
    assert register.documents["901"].line(found.start) == 3


def test_every_place_of_a_passage_is_located(mini: Mini) -> None:
    register, _ = load(mini)
    found = documents.locate(register.documents["901"], REPORT, "Alba")
    assert [REPORT[s.start : s.end] for s in found] == ["Alba", "Alba"]
    with pytest.raises(UsageError, match="empty"):
        documents.locate(register.documents["901"], REPORT, " ")


@given(st.text(alphabet="ab ж\U0001f600\n\t\xa0", max_size=40), st.data())
def test_a_located_run_of_any_text_slices_back_to_itself(text: str, data: st.DataObject) -> None:
    words = text.split()
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    passage = " ".join(words[first : data.draw(st.integers(first + 1, len(words)))])
    document = documents.Document("x", "", len(text), line_starts(text), (), "voice/x", None, "x", "x", "en")
    spans = documents.locate(document, text, passage)
    assert spans
    for span in spans:
        assert " ".join(text[span.start : span.end].split()) == passage
        assert documents.check_span(span, document, text) is None


@given(st.text(alphabet="a\n", max_size=30))
def test_line_numbers_count_line_feeds(text: str) -> None:
    starts = line_starts(text)
    for offset in range(len(text)):
        assert line_number(offset, starts) == text.count("\n", 0, offset) + 1


def test_white_space_does_not_change_a_quote_hash() -> None:
    assert quote_hash("in\n Alba") == quote_hash("in Alba") != quote_hash("inAlba")


def test_spans_outside_the_document_or_with_another_hash_are_refused(mini: Mini) -> None:
    register, _ = load(mini)
    document = register.documents["901"]
    good = Span("901", 0, 6, quote_hash("Report"))
    assert documents.check_span(good, document, REPORT) is None
    assert "lies outside" in str(documents.check_span(Span("901", 0, len(REPORT) + 1, good.quote_sha256), document, None))
    assert "not a run" in str(documents.check_span(Span("901", 6, 6, good.quote_sha256), document, None))
    assert "does not fit" in str(documents.check_span(Span("901", 1, 6, good.quote_sha256), document, REPORT))


def test_a_registration_can_be_pasted_into_the_register(mini: Mini, tmp_path: Path) -> None:
    new = tmp_path / "new.txt"
    new.write_text("Ж\nx", "utf-8")
    block = documents.registration(new, "903")
    path = mini.write() / "data" / "documents.ttl"
    path.write_text(path.read_text("utf-8") + block, "utf-8")
    problems: list[Problem] = []
    assert "903" not in documents.load_register(path, problems).documents
    assert "lacks language, prefLabel" in problems[0].what  # what is marked … is still to be filled in
    filled = block.replace('"…"@en , "…"@ru', '"New"@en , "Новый"@ru').replace("#…", "#web-page").replace('"…"', '"ru"')
    path.write_text(path.read_text("utf-8").replace(block, filled), "utf-8")
    problems = []
    document = documents.load_register(path, problems).documents["903"]
    assert problems == []
    assert (document.length, document.line_starts) == (3, (0, 2))


@pytest.mark.parametrize("document_id", ["a b", "x> a <y", "nato-2004", ""])
def test_an_id_that_cannot_be_one_is_refused(tmp_path: Path, document_id: str) -> None:
    (tmp_path / "new.txt").write_text("x", "utf-8")
    with pytest.raises(UsageError, match="cannot be the id"):
        documents.registration(tmp_path / "new.txt", document_id)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            "rg:textLength",
            "rg:memberOf <https://w3id.org/relgraph/id/org/x> ; rg:textLength",
            "does not belong into the register",
        ),
        ('rg:language "ru"', 'rg:publisher [ a rg:Actor ] ; rg:language "ru"', "leads to a blank node"),
        ('rg:language "ru"', 'rg:issued <time/2019-13-45> ; rg:language "ru"', "has no month or season 13"),
        ('rg:lineStarts "0 ', 'rg:lineStarts "5 ', "do not ascend from 0"),
        ("rg:charEnd 7", "rg:charEnd 9", "a section lies outside it"),
    ],
)
def test_what_the_register_may_not_say_is_named_with_its_line(mini: Mini, old: str, new: str, what: str) -> None:
    path = mini.write() / "data" / "documents.ttl"
    text = path.read_text("utf-8")
    at = text.rindex(old)
    path.write_text(text[:at] + text[at:].replace(old, new, 1), "utf-8")
    problems: list[Problem] = []
    documents.load_register(path, problems)
    assert any(what in p.what and p.where.startswith(f"{path}:") and not p.where.endswith(":1") for p in problems), problems


def test_a_fact_cannot_hide_in_the_register(mini: Mini) -> None:
    path = mini.write() / "data" / "documents.ttl"
    path.write_text(path.read_text("utf-8") + "<person/ada-stone> a rg:Person .\n", "utf-8")
    problems: list[Problem] = []
    documents.load_register(path, problems)
    assert "is no document or section" in problems[0].what


def test_a_layout_that_the_text_does_not_bear_out_is_named(mini: Mini) -> None:
    path = mini.write() / "data" / "documents.ttl"
    path.write_text(path.read_text("utf-8").replace(f"rg:textLength {len(NOTE)}", "rg:textLength 9999"), "utf-8")
    problems: list[Problem] = []
    register = documents.load_register(path, problems)
    documents.read_folder(mini.texts, register, problems)
    assert ["rg:textLength" in p.what for p in problems] == [True]


def test_a_file_that_is_not_utf8_cannot_be_registered(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(UsageError, match="byte 3"):
        documents.registration(tmp_path / "latin.txt", "903")
