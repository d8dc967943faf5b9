"""Where findings come from: the line of each triple in files of every syntax, decisions, and passages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from relgraph.datafiles import DataFile, line_numbers, read_bytes, read_file, told_apart
from relgraph.findings import Finding, Place
from relgraph.locating import located, with_passages
from relgraph.vocabulary import ID, RG, SH, data, rg

VIOLATION = NamedNode(SH + "Violation")

TURTLE = """@prefix : <urn:x:> .

:a a :A ;
   :p "plain" ,
      "language"@en
      ;
   :q 12 , 5.0 ,
      true .

# a comment

:b
  :p
  [ :in 1 ;
    :long \"\"\"over
two lines\"\"\" ] .
:c :list ( 1
  2 ) ; :r "no end of line"
.
:d :p <urn:x:e> , :f . :g :p 7 .
:h :p [] ."""


def said(text: str, syntax: RdfFormat = RdfFormat.TURTLE) -> list[tuple[int, str]]:
    """Line and object of each triple with a literal or a name as object."""
    quads = parse(input=text.encode(), format=syntax)
    pairs = zip(line_numbers(text.encode(), syntax), quads, strict=True)
    return [(line, q.object.value) for line, q in pairs if isinstance(q.object, NamedNode | Literal)]


def test_the_lines_of_turtle_are_those_where_each_statement_ends() -> None:
    nil = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"
    assert said(TURTLE) == [
        (3, "urn:x:A"),
        (4, "plain"),
        (5, "language"),
        (7, "12"),
        (7, "5.0"),
        (8, "true"),
        (14, "1"),
        (16, "over\ntwo lines"),
        (17, "1"),
        (18, "2"),
        (18, nil),
        (18, "no end of line"),
        (20, "urn:x:e"),
        (20, "urn:x:f"),
        (20, "7"),
    ]


@pytest.mark.parametrize(
    ("syntax", "text", "lines"),
    [
        (RdfFormat.N_TRIPLES, '# c\n<urn:a> <urn:p> "1" .\n\n<urn:a> <urn:p> "2" .', [2, 4]),
        (RdfFormat.N_QUADS, '<urn:a> <urn:p> "1" <urn:g> .\n<urn:a> <urn:p> "2" .\n', [1, 2]),
        (RdfFormat.TRIG, '<urn:g> {\n <urn:a> <urn:p> "1" ;\n  <urn:q> "2"\n}\n<urn:a> <urn:p> "3" .', [2, 3, 5]),
        (RdfFormat.TURTLE, '\n\n<urn:a> <urn:p> "1"\n, "2"\n# c\n; <urn:q> "3"\n.', [3, 4, 6]),
        (RdfFormat.TURTLE, '<urn:a> <urn:p> "1" ;\r\n <urn:p> "2" .\r\n', [1, 2]),
        (
            RdfFormat.RDF_XML,
            '<?xml version="1.0"?>\n<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">\n'
            '<e:C r:about="urn:a">\n  <e:p>1</e:p>\n\n  <e:p r:resource="urn:b"/>\n</e:C>\n</r:RDF>',
            [3, 4, 6],
        ),
    ],
)
def test_other_syntaxes_have_lines_too(syntax: RdfFormat, text: str, lines: list[int]) -> None:
    assert list(line_numbers(text.encode(), syntax)) == lines


def test_a_line_longer_than_what_the_parser_asks_for_is_one_line() -> None:
    text = f'<urn:a> <urn:p> "{"x" * 5000}" ,\n "{"y" * 5000}" .'
    assert list(line_numbers(text.encode(), RdfFormat.TURTLE)) == [1, 2]


@given(st.lists(st.integers(0, 3), max_size=30), st.booleans())
def test_each_triple_has_its_line_however_many_are_blank(gaps: list[int], split: bool) -> None:
    text, expected, line = "", [], 1
    for number, gap in enumerate(gaps):
        text += "\n" * gap
        line += gap
        expected.append(line)
        text += f'<urn:a> <urn:p> "{number}"' + ("\n." if split else " .") + "\n"
        line += 2 if split else 1
    assert list(line_numbers(text.encode(), RdfFormat.TURTLE)) == expected


def test_json_ld_has_the_line_of_the_subject_or_the_first() -> None:
    text = '{"@graph": [\n {"@id": "urn:a", "urn:p": 1},\n {"@id": "urn:b",\n  "urn:p": 2},\n {"urn:p": 3}\n]}'
    file = read_bytes("x", text.encode(), RdfFormat.JSON_LD, [])
    assert file.lines() == [2, 3, 1]


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def finding(focus: NamedNode | BlankNode | Literal, **more: object) -> Finding:
    return Finding("c", VIOLATION, focus, {"en": "m"}, **more)  # type: ignore[arg-type]


def line_of(one: Finding, *files: DataFile) -> str:
    (found,) = located([one], lambda: files, {})
    return str(found.place)


def file(text: str, name: str = "x.ttl") -> DataFile:
    return read_bytes(name, text.encode(), RdfFormat.TURTLE, [])


def test_the_place_is_the_triple_then_the_property_then_the_subject_then_its_use() -> None:
    text = file('@prefix : <urn:> .\n:a :p "1" ;\n :p "2" ;\n :q :b .\n:c :p :a .')
    a = NamedNode("urn:a")
    assert line_of(finding(a, path="urn:p", value=Literal("2")), text) == "x.ttl:3"
    assert line_of(finding(a, path="urn:p", value=Literal("3")), text) == "x.ttl:2"
    assert line_of(finding(a, path="urn:q"), text) == "x.ttl:4"
    assert line_of(finding(a, path="<urn:q>"), text) == "x.ttl:4"
    assert line_of(finding(a, path="urn:missing"), text) == "x.ttl:2"
    assert line_of(finding(a, path="^urn:p", value=NamedNode("urn:c")), text) == "x.ttl:5"
    assert line_of(finding(NamedNode("urn:b")), text) == "x.ttl:4"
    assert line_of(finding(Literal("2")), text) == "x.ttl:3"
    assert line_of(finding(NamedNode("urn:nowhere")), text) == "None"


def test_a_contradiction_stands_where_its_statement_does() -> None:
    text = file("@prefix : <urn:> .\n:a a :A .\n:a a :B .")
    statement = Triple(NamedNode("urn:a"), NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), NamedNode("urn:B"))
    assert line_of(finding(NamedNode("urn:B"), statements=(statement,)), text) == "x.ttl:3"


def test_blank_nodes_are_found_and_told_apart() -> None:
    first, second = file("[] <urn:p> 1 .\n[] <urn:p> 2 .", "1.ttl"), file("_:b1 <urn:p> 3 .\n\n_:a <urn:q> [] .", "2.ttl")
    files = told_apart([first, second])
    subjects = [quad.subject for one in files for quad in one.quads]
    assert len(set(subjects)) == 4
    places = [line_of(finding(node), *files) for node in subjects if isinstance(node, BlankNode)]
    assert places == ["1.ttl:1", "1.ttl:2", "2.ttl:1", "2.ttl:3"]
    assert BlankNode("a") in subjects, "a label that is free stays"


def test_labels_are_the_same_in_every_run() -> None:
    def labels() -> list[str]:
        files = told_apart([file("[] <urn:p> [ <urn:q> _:b2 ] ."), file("_:b2 <urn:p> << _:x <urn:p> 1 >> .")])
        return [str(quad) for one in files for quad in one.quads]

    assert labels() == labels()


def test_a_label_of_a_files_own_is_not_taken_for_a_made_up_one() -> None:
    (one,) = told_apart([file("[] <urn:p> 1 . _:b1 <urn:p> 2 .")])
    assert len({quad.subject for quad in one.quads}) == 2


def test_files_are_read_again_only_for_findings_without_a_place() -> None:
    def never() -> list[DataFile]:
        raise AssertionError

    assert located([], never, {}) == ()
    placed = finding(data("x"), place=Place("f", 1))
    decided = finding(data("event/visit"))
    found = located([placed, decided], never, {ID + "event/visit": "data/statements/9.jsonl:4"})
    assert [str(one.place) for one in found] == ["f:1", "data/statements/9.jsonl:4"]


def test_what_a_decision_only_uses_has_the_place_of_the_decision() -> None:
    quads = [Quad(data("event/visit"), rg("time"), data("time/1990"))]
    places = {ID + "event/visit": "9.jsonl:4"}
    (found,) = located([finding(data("time/1990"))], lambda: [], places, quads)
    assert str(found.place) == "9.jsonl:4"


def test_a_broken_file_is_a_problem_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text("<urn:a> <urn:p> 1 .\n<urn:a> <urn:p> .\n", "utf-8")
    problems: list[object] = []
    assert read_file(tmp_path / "x.ttl", problems).quads == ()  # type: ignore[arg-type]
    assert f"{tmp_path / 'x.ttl'}:2" in str(problems[0])
    problems.clear()
    read_bytes("<stdin>", b"\n<urn:a> oops", RdfFormat.TURTLE, problems)  # type: ignore[arg-type]
    assert str(problems[0]).startswith("<stdin>:2: not valid Turtle")


# ── passages ─────────────────────────────────────────────────────────────────────────────────────────────────────────

CLAIMS = f"""@base <{ID}> . @prefix rg: <{RG}> .
<claim/1> rg:about <event/visit> ; rg:says <claim/1/says> ; rg:evidence <document/901#char=4,9> .
<claim/2> rg:about <event/visit> ; rg:evidence <document/901#char=0,3> .
<document/901#char=4,9> rg:document <document/901> ; rg:charStart 4 ; rg:charEnd 9 ; rg:line 1 .
<document/901#char=0,3> rg:document <document/901> ; rg:charStart 0 ; rg:charEnd 3 ; rg:line 1 .
<document/902#char=0,3> rg:document <document/902> ; rg:charStart "none" ; rg:charEnd 3 ; rg:line 1 ."""


def passages(focus: str, texts: dict[str, str]) -> list[tuple[str, str | None]]:
    (found,) = with_passages([finding(data(focus))], file(CLAIMS).quads, texts)
    return [(str(passage), passage.text) for passage in found.passages]


def test_a_fact_a_claim_its_content_and_a_span_have_passages() -> None:
    texts = {"901": "The visit"}
    assert passages("event/visit", texts) == [("901:0-3", "The"), ("901:4-9", "visit")]
    assert passages("claim/1", texts) == passages("claim/1/says", texts) == [("901:4-9", "visit")]
    assert passages("document/901#char=0,3", texts) == [("901:0-3", "The")]
    assert passages("place/alba", texts) == []


def test_without_the_document_a_passage_has_no_words() -> None:
    assert passages("claim/2", {}) == [("901:0-3", None)]


def test_a_span_with_broken_offsets_is_no_passage() -> None:
    assert passages("document/902#char=0,3", {"902": "x"}) == []
