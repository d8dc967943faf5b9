"""Coverage: every sentence is accounted for by a decision or by rule, and words outside passages show."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from mini import MEETING, OPENING, REPORT, VISIT, Mini, claim, span
from relgraph import coverage, decisions, documents
from relgraph.cli import app
from relgraph.coverage import Coverage
from relgraph.decisions import Decision, NoStatement
from relgraph.documents import Document
from relgraph.errors import Problem, UsageError
from relgraph.spans import line_starts, quote_hash

TITLE = "Report on the Valley Union"
HEADING = {"id": "901-0009", "decision": "no-statement", "spans": {"b": span("901", TITLE)}, "why": "heading"}


def covered(mini: Mini, document: str = "901", text: str = REPORT) -> tuple[Coverage, list[Problem]]:
    root = mini.write()
    problems: list[Problem] = []
    register = documents.load_register(root / "data" / "documents.ttl", problems)
    loaded = decisions.load(root / "data" / "statements", problems)
    return coverage.of_document(register.documents[document], text, loaded, problems), problems


def accounts(found: Coverage) -> list[tuple[str, str | None]]:
    return [(one.account, one.why) for one in found.sentences]


def test_evidence_and_no_statements_account_for_sentences(mini: Mini) -> None:
    mini.rows["901"].insert(0, HEADING)
    found, problems = covered(mini)
    assert problems == []
    assert accounts(found) == [("no-statement", "heading"), ("statements", None), ("statements", None), ("statements", None)]
    assert [one.claims for one in found.sentences] == [0, 1, 2, 1]
    assert [one.decisions for one in found.sentences] == [("901-0009",), ("901-0001",), ("901-0002",), ("901-0003",)]
    assert [one.line for one in found.sentences] == [1, 3, 4, 5]
    assert found.sentences[0].section is not None
    assert found.sentences[0].section.key == "document/901/section/body"
    assert found.claims == 4
    assert found.reasons("no-statement") == {"heading": 1}


def test_what_no_decision_mentions_is_unaccounted_for(mini: Mini) -> None:
    found, _ = covered(mini)
    assert accounts(found)[0] == ("unaccounted", None)
    first = found.sentences[0]
    assert (first.words, first.missing, first.share, first.gaps) == (5, 5, 1.0, ((0, len(TITLE)),))
    assert not first.is_thin
    assert found.count("unaccounted") == 1


def test_words_in_no_passage_show_as_gaps(mini: Mini) -> None:
    found, _ = covered(mini)
    opening, visit, meeting = found.sentences[1:]
    date = REPORT.index("1990 3 May")
    assert opening.gaps == ((date, date + len("1990 3 May")),)
    assert (opening.words, opening.missing) == (10, 3)
    assert opening.is_thin
    assert meeting.gaps == ()
    assert not meeting.is_thin
    assert [REPORT[start:end] for start, end in visit.gaps] == ["5 June"]


def test_context_closes_gaps_and_accounts_for_nothing(mini: Mini) -> None:
    meeting: Any = mini.rows["901"][2]
    meeting["spans"] |= {"t": span("901", "Valley Union"), "d": span("901", "5 June")}
    meeting["claims"][0]["context"] = ["t", "d"]
    found, _ = covered(mini)
    title, _, visit, _ = found.sentences
    assert title.account == "unaccounted"
    assert [REPORT[start:end] for start, end in title.gaps] == ["Report on the"]
    assert title.decisions == ()
    assert visit.gaps == ()


def test_a_rejection_accounts_for_what_nothing_else_does(mini: Mini) -> None:
    visit, meeting = mini.rows["901"][1:]
    for row in (visit, meeting):
        row |= {"decision": "reject", "why": "wrong-role"}
    meeting["claims"] = [claim("event/meeting-brin", "Meeting", {"place": "place/brin"})]
    found, problems = covered(mini)
    assert problems == []
    assert accounts(found)[1:] == [("statements", None), ("rejected", "wrong-role"), ("rejected", "wrong-role")]
    assert found.claims == 1
    assert found.sentences[2].share == 1.0  # no claim of the graph rests on its words


def test_statements_come_before_other_accounts(mini: Mini) -> None:
    mini.rows["901"].insert(1, HEADING | {"spans": {"b": span("901", OPENING)}})
    mini.rows["901"][2] |= {"decision": "reject", "why": "wrong-role"}
    mini.rows["901"].insert(3, HEADING | {"id": "901-0010", "spans": {"b": span("901", VISIT)}, "why": "repetition-of:901-0001"})
    found, problems = covered(mini)
    assert problems == []
    assert accounts(found)[1:3] == [("statements", None), ("no-statement", "repetition-of:901-0001")]
    assert found.reasons("no-statement") == {"repetition-of": 1}


def test_decisions_of_other_documents_do_not_count(mini: Mini) -> None:
    mini.rows["901"] = []
    found, _ = covered(mini)
    assert found.count("unaccounted") == len(found.sentences) == 4
    assert found.claims == 0


def test_a_span_that_does_not_fit_the_text_is_a_problem(mini: Mini) -> None:
    row: Any = mini.rows["901"][2]
    row["spans"]["b"][2] = quote_hash("something else")
    _, problems = covered(mini)
    assert ["does not fit" in problem.what for problem in problems] == [True]


def plain(text: str) -> Document:
    return Document("x", "", len(text), line_starts(text), (), "voice/x", None, "x", "x", "en")


def nothing(text: str, start: int, end: int) -> Decision:
    row = NoStatement(
        id="x-0001", decision="no-statement", why="boilerplate", spans={"b": (start, end, quote_hash(text[start:end]))}
    )
    return Decision("x", "x.jsonl:1", row)


def test_marks_and_page_numbers_are_noise_unless_a_decision_names_them() -> None:
    text = "12\n\n• 16.12.2019\n\nThe end."
    found = coverage.of_document(plain(text), text, [], [])
    assert accounts(found) == [("noise", "page number"), ("noise", "mark"), ("unaccounted", None)]
    assert found.reasons("noise") == {"mark": 1, "page number": 1}
    assert [one.gaps for one in found.sentences[:2]] == [(), ()]
    named = coverage.of_document(plain(text), text, [nothing(text, 6, 16)], [])
    assert accounts(named)[1] == ("no-statement", "boilerplate")


@given(st.text(alphabet="aB1. \n-", min_size=1, max_size=40), st.data())
def test_gaps_hold_the_words_outside_passages_and_no_others(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for one in coverage.of_document(plain(text), text, [nothing(text, start, end)], []).sentences:
        assert 0 <= one.missing <= one.words
        assert (one.missing == 0) == (one.gaps == ())
        for first, last in one.gaps:
            assert one.sentence.start <= first < last <= one.sentence.end
            assert not any(text[offset].isalnum() for offset in range(max(first, start), min(last, end)))
            assert text[first].isalnum()
            assert text[last - 1].isalnum()


def run(mini: Mini, *arguments: str) -> tuple[int, str]:
    where = ["--project", str(mini.write()), "--documents", str(mini.texts)]
    done = CliRunner().invoke(app, ["documents", "coverage", *arguments, *where], env={"COLUMNS": "200"}, catch_exceptions=False)
    return done.exit_code, done.stdout


def complete(mini: Mini) -> Mini:
    title = "Записка о Союзе долины"
    mini.rows["901"].insert(0, HEADING)
    mini.rows["902"].insert(
        0, {"id": "902-0009", "decision": "no-statement", "spans": {"b": span("902", title)}, "why": "heading"}
    )
    return mini


def test_the_command_exits_1_while_something_is_left(mini: Mini) -> None:
    assert run(mini)[0] == 1
    assert run(complete(mini))[0] == 0


def test_the_command_lists_sentences_and_sums_them_up(mini: Mini) -> None:
    status, shown = run(mini)
    assert status == 1
    assert "901: 4 sentences, 3 with statements, 0 no-statement, 0 noise, 1 unaccounted for, 2 thin, 4 claims" in shown
    assert "902: 2 sentences" in shown
    assert MEETING in shown.replace("\n", "")
    complete_shown = run(complete(mini))[1]
    assert "1 no-statement (1 heading)" in complete_shown


def test_the_command_prints_one_json_object(mini: Mini) -> None:
    status, shown = run(mini, "901", "--json")
    content = json.loads(shown)["documents"]
    assert status == 1
    assert list(content) == ["901"]
    assert content["901"]["summary"] | {"noStatement": {}, "noise": {}} == {
        "sentences": 4, "statements": 3, "noStatement": {}, "rejected": 0, "noise": {}, "unaccounted": 1, "thin": 2, "claims": 4,
    }  # fmt: skip
    assert content["901"]["sentences"][0] == {
        "start": 0, "end": 26, "line": 1, "section": "document/901/section/body", "claims": 0, "decisions": [],
        "account": "unaccounted", "why": None, "words": 5, "shareInNoPassage": 1.0, "gaps": [[0, 26]],
    }  # fmt: skip


@pytest.mark.parametrize(("only", "lines"), [("unaccounted", [1]), ("thin", [3, 4])])
def test_the_command_can_list_only_what_needs_work(mini: Mini, only: str, lines: list[int]) -> None:
    content = json.loads(run(mini, "901", "--only", only, "--json")[1])["documents"]["901"]
    assert [one["line"] for one in content["sentences"]] == lines
    assert content["summary"]["sentences"] == 4


def test_the_command_needs_the_texts(mini: Mini) -> None:
    runner = CliRunner()
    for more in ([], ["--documents", str(mini.write() / "data")]):
        done = runner.invoke(app, ["documents", "coverage", "--project", str(mini.write()), *more])
        assert done.exit_code != 0
        assert done.exception is not None
        assert getattr(done.exception, "exit_code", 0) == 2
    mini.write()
    (mini.texts / "note.txt").unlink()
    with pytest.raises(UsageError, match="the text of document 902 is not in"):
        run_kept(mini)
    with pytest.raises(UsageError, match="no document '903'"):
        run(mini, "903")


def run_kept(mini: Mini) -> None:
    """The command on the folder as it stands."""
    where = ["--project", str(mini.root), "--documents", str(mini.texts)]
    CliRunner().invoke(app, ["documents", "coverage", *where], catch_exceptions=False)
