"""The reports on hand-made findings: what each says, and that nothing in the data can break or misuse it."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rich.console import Console

from relgraph.baseline import Outcome, entries, held
from relgraph.findings import Check, Finding, Passage, Place, Report, ordered
from relgraph.reports import junit, markdown, records, sarif, terminal
from relgraph.validation import load_shapes, validate
from relgraph.vocabulary import ID, RG, SH, XSD, data, rg

VIOLATION, WARNING, INFO = (NamedNode(SH + level) for level in ("Violation", "Warning", "Info"))

VISIT = Finding(
    check="VisitVisitor",
    severity=VIOLATION,
    focus=data("event/visit"),
    messages={"en": "A visit has a visitor.", "ru": "У визита есть тот, кто его совершил."},
    path=RG + "visitor",
    component=NamedNode(SH + "MinCountConstraintComponent"),
    shape=NamedNode("https://w3id.org/relgraph/shapes#VisitVisitor"),
    place=Place("data/statements/901.jsonl", 2),
    passages=(Passage("901", 63, 94, 4, "Ada Stone visits Alba."),),
)
LABEL = Finding(
    check="LabelRussian",
    severity=WARNING,
    focus=data("place/alba"),
    messages={"en": "no label in Russian"},
    value=Literal("Alba", language="en"),
    place=Place("data/entities/places.ttl", 7),
)
DISJOINT = Finding(
    check="disjoint classes",
    severity=INFO,
    focus=data("org/x"),
    messages={"": "two disjoint classes"},
    axiom="rg:Place owl:disjointWith rg:Agent .",
    statements=(Triple(data("org/x"), NamedNode(XSD + "a"), rg("Place")),),
)
CHECKS = (
    Check("VisitVisitor", "shape", VIOLATION, {"en": "visitor of a visit", "ru": "кто совершил визит"}),
    Check("VisitPlace", "shape", VIOLATION, {"en": "place of a visit"}),
    Check("LabelRussian", "shape", WARNING, {"en": "Russian label"}),
    Check("part-of-itself", "query", VIOLATION, {"en": "no cycle of parts"}),
)
REPORT = Report(ordered([LABEL, VISIT, DISJOINT]), CHECKS, ("shape Lonely looks at no node",))

#: Texts that try to be something else in one of the formats.
HOSTILE = [
    "a | b",
    "`code` **bold** [link](http://example.org) ![](x)",
    "<script>alert(1)</script></details>",
    "@everyone and #12",
    "line\nfeed\r\n# heading",
    "\x1b[31mred\x07\x00",
    "::error::taken over",
    "]]> & <!-- \ufffe \uffff",
    "\u202egnp.exe",
    "x" * 5000,
]


def outcome(*findings: Finding, **more: Any) -> Outcome:
    return held(Report(ordered(findings), CHECKS), **more)


def text(outcome_: Outcome, language: str = "en") -> str:
    return terminal.as_text(outcome_, language)


def test_the_terminal_report_reads_like_a_compilers() -> None:
    assert text(held(REPORT)).splitlines() == [
        'data/entities/places.ttl:7: Warning [LabelRussian] place/alba: no label in Russian (value "Alba"@en)',
        "",
        "data/statements/901.jsonl:2: Violation [VisitVisitor] event/visit: A visit has a visitor. (path rg:visitor)",
        "    901:63-94 (line 4): “Ada Stone visits Alba.”",
        "",
        "Info [disjoint classes] org/x: two disjoint classes",
        "    axiom: rg:Place owl:disjointWith rg:Agent .",
        "    statement: org/x xsd:a rg:Place",
        "",
        "note: shape Lonely looks at no node",
        "3 findings: 1 Violation, 1 Warning, 1 Info (4 checks).",
    ]


def test_the_terminal_report_speaks_russian() -> None:
    lines = text(held(REPORT), "ru").splitlines()
    assert "data/statements/901.jsonl:2: Violation [VisitVisitor] event/visit: У визита есть тот, кто его совершил." in lines[2]
    assert lines[-1] == "3 находки: 1 нарушение, 1 предупреждение, 1 замечание (4 проверки)."
    assert lines[-2] == "примечание: shape Lonely looks at no node"


def test_no_findings_are_one_line() -> None:
    assert text(outcome()) == "No findings (4 checks).\n"


def test_colours_are_for_terminals_only() -> None:
    def printed(**console: Any) -> str:
        file = StringIO()
        terminal.write(held(REPORT), Console(file=file, width=200, **console))
        return file.getvalue()

    assert "\x1b[" in printed(force_terminal=True, color_system="standard", no_color=False)
    assert "\x1b[" not in printed(force_terminal=False)
    assert not re.search(r"\x1b\[[\d;]*3\d", printed(force_terminal=True, no_color=True))


def test_long_values_are_cut_with_their_length() -> None:
    finding = Finding("c", VIOLATION, data("x"), {"en": "too long"}, value=Literal("ж" * 1_000_000))
    shown = text(outcome(finding))
    assert "ж" * 150 + "" in shown
    assert "ж" * 201 not in shown
    assert "(1 000 002 characters)" in shown


def test_a_known_finding_is_marked_and_counted() -> None:
    known = entries(outcome(VISIT, LABEL))
    shown = text(outcome(VISIT, baseline=known)).splitlines()
    assert shown[0].endswith("(path rg:visitor) [in the baseline]")
    assert shown[-1] == "1 finding: 1 Violation; 1 in the baseline (4 checks). 1 of the baseline mended; run --update-baseline."


@pytest.mark.parametrize("hostile", HOSTILE)
def test_data_does_not_act_on_a_terminal(hostile: str) -> None:
    finding = Finding(hostile, VIOLATION, Literal(hostile), {"en": hostile}, value=Literal(hostile), place=Place("f.ttl", 1))
    shown = text(outcome(finding))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\ud800-\udfff]", shown)
    assert len(shown.splitlines()) == 3
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_markdown_has_a_verdict_a_table_for_each_check_and_passages() -> None:
    page = markdown.write(held(REPORT))
    assert page.startswith("## ❌ relgraph validate: failed\n")
    html = MarkdownIt("gfm-like", {"linkify": False}).render(page)
    assert html.count("<table>") == 3
    assert "VisitVisitor – visitor of a visit</h3>" in html
    assert "<td><code>data/statements/901.jsonl:2</code></td>" in html
    assert "Ada Stone visits Alba." in html[html.index("<blockquote>") :]
    assert "shape Lonely looks at no node" in html
    assert markdown.write(outcome(LABEL)).startswith("## ✅ relgraph validate: passed\n")
    assert "не пройдено" in markdown.write(held(REPORT), "ru")


def test_long_tables_are_folded_and_the_page_stays_postable() -> None:
    many = [Finding("c", VIOLATION, data(f"x/{i}"), {"en": "m"}) for i in range(11)]
    assert "<details><summary>11 findings</summary>" in markdown.write(outcome(*many))
    assert "<details>" not in markdown.write(outcome(*many[:10]))
    crowd = [Finding(f"check-{i % 50}", VIOLATION, data("x/" + "y" * 150 + str(i)), {"en": "m" * 900}) for i in range(5000)]
    page = markdown.write(outcome(*crowd))
    assert len(page) < 65_536
    assert page.count("100 Violations") == 50
    assert "Left out here for length" in page


@pytest.mark.parametrize(("checks", "notes"), [(0, 3000), (3000, 0), (3000, 3000), (150, 200), (60, 3)])
def test_the_page_is_never_longer_than_it_says(checks: int, notes: int) -> None:
    found = [Finding(f"check|{i}", VIOLATION, data(f"x/{i}"), {"en": "<m>" * 300}) for i in range(checks)]
    titled = [Check(f"check|{i}", "shape", VIOLATION, {"en": "&" * 150}) for i in range(checks)]
    for language in ("en", "ru"):
        page = markdown.write(held(Report(ordered(found), tuple(titled), ("<n>" * 200,) * notes)), language)
        assert len(page) <= 60_000
        listed = len(re.findall(r"^### check", page, re.MULTILINE))
        noted = len(re.findall(r"^- &#60;n", page, re.MULTILINE))
        left = [int(number) for number in re.findall(r"^(?:- )?… (?:and|и ещё) (\d+)", page, re.MULTILINE)]
        assert listed + noted + sum(left) == checks + notes
        assert noted or not notes


@pytest.mark.parametrize("hostile", HOSTILE)
def test_data_stays_text_in_markdown(hostile: str) -> None:
    finding = Finding(
        hostile,
        VIOLATION,
        Literal(hostile),
        {"en": hostile},
        place=Place("a|b.ttl", 1),
        passages=(Passage("9", 0, 1, 1, hostile),),
    )
    page = markdown.write(held(Report((finding,), (), (hostile,))))
    html = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(page)
    tags = set(re.findall(r"</?([a-z0-9]+)", html))
    assert tags <= {"h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "blockquote", "br", "ul", "li"}
    assert html.count("<td>") == 3
    outside_code = re.sub(r"<code>.*?</code>", "", html)
    assert not re.search(r"(?:@|#)[\w-]", outside_code)


# ── SARIF ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def run(outcome_: Outcome, **more: Any) -> dict[str, Any]:
    log = json.loads(sarif.write(outcome_, **more))
    assert log["version"] == "2.1.0"  # SARIF 3.13.2
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (only,) = log["runs"]
    return dict(only)


def assert_is_sarif(run_: dict[str, Any]) -> None:
    """What the sections of SARIF 2.1.0 require of the parts that are used here."""
    driver = run_["tool"]["driver"]
    assert driver["name"]  # 3.19.8: required
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["shortDescription"]["text"] for rule in rules)  # 3.11: a message has a text
    assert all(rule["defaultConfiguration"]["level"] in ("error", "warning", "note") for rule in rules)  # 3.50.3
    assert run_["columnKind"] == "unicodeCodePoints"  # 3.14.17
    (invocation,) = run_["invocations"]
    assert invocation["executionSuccessful"] is True  # 3.20.14: required
    assert all(note["message"]["text"] for note in invocation["toolConfigurationNotifications"])  # 3.58.5: required
    states = ["baselineState" in result for result in run_["results"]]
    assert all(states) or not any(states)  # 3.27.24: for all results or for none
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]  # 3.27.6
        assert result["level"] in ("error", "warning", "note")  # 3.27.10
        assert result["message"]["text"]  # 3.27.11: required
        assert all(isinstance(value, str) for value in result["partialFingerprints"].values())  # 3.27.17
        for location in [*result["locations"], *result.get("relatedLocations", [])]:
            physical = location.get("physicalLocation")
            assert physical or location["logicalLocations"]
            if physical:
                uri = physical["artifactLocation"]["uri"]
                assert re.fullmatch(r"[!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~]+", uri)  # 3.10.1: a URI reference
                assert not ("uriBaseId" in physical["artifactLocation"] and ":" in uri.split("/")[0])
                assert physical["region"].get("startLine", 1) >= 1  # 3.30.5
                assert physical["region"].get("charOffset", 0) >= 0  # 3.30.9
        ids = [location["id"] for location in result.get("relatedLocations", [])]
        assert len(set(ids)) == len(ids)  # 3.28.2


def test_sarif_gives_rules_levels_lines_and_passages() -> None:
    found = run(held(REPORT))
    assert_is_sarif(found)
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == [
        "LabelRussian", "VisitPlace", "VisitVisitor", "disjoint classes", "part-of-itself",
    ]  # fmt: skip
    visit, label, disjoint = found["results"]
    assert [result["level"] for result in (visit, label, disjoint)] == ["error", "warning", "note"]
    assert visit["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "data/statements/901.jsonl", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 2},
            },
            "logicalLocations": [{"fullyQualifiedName": ID + "event/visit", "kind": "resource"}],
        }
    ]
    (related,) = visit["relatedLocations"]
    assert related["physicalLocation"] == {
        "artifactLocation": {"uri": ID + "document/901"},
        "region": {"charOffset": 63, "charLength": 31, "snippet": {"text": "Ada Stone visits Alba."}},
    }
    assert "physicalLocation" not in disjoint["locations"][0]
    assert disjoint["properties"]["axiom"] == DISJOINT.axiom
    assert found["invocations"][0]["toolConfigurationNotifications"][0]["message"]["text"] == "shape Lonely looks at no node"


def test_sarif_is_in_the_language_asked_for() -> None:
    found = run(held(REPORT), language="ru")
    assert found["language"] == "ru"
    assert found["results"][0]["message"]["text"].startswith("event/visit: У визита есть тот")
    assert found["tool"]["driver"]["rules"][2]["shortDescription"]["text"] == "кто совершил визит"


def test_sarif_says_what_is_new_against_a_baseline() -> None:
    found = run(outcome(VISIT, LABEL, baseline=entries(outcome(LABEL))))
    assert_is_sarif(found)
    assert [result["baselineState"] for result in found["results"]] == ["new", "unchanged"]


def test_files_of_sarif_are_relative_to_the_base_and_encoded(tmp_path: Path) -> None:
    def uri(file: str) -> dict[str, str]:
        found = run(outcome(Finding("c", VIOLATION, data("x"), {"en": "m"}, place=Place(file, 1))), base=tmp_path)
        assert_is_sarif(found)
        return dict(found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"])

    assert uri(str(tmp_path / "a b" / "д:1.ttl")) == {"uri": "a%20b/%D0%B4%3A1.ttl", "uriBaseId": "%SRCROOT%"}
    assert uri("./x/../y.ttl") == {"uri": "y.ttl", "uriBaseId": "%SRCROOT%"}
    assert uri(str(tmp_path.parent / "z.ttl"))["uri"].startswith("file:///")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_sarif_of_hostile_data_is_json_and_utf8(hostile: str) -> None:
    said = (Passage(hostile, 0, 1, 1, hostile),)
    finding = Finding(hostile, NamedNode("urn:mine"), Literal(hostile), {"en": hostile}, passages=said)
    found = run(held(Report((finding,), (), (hostile,))))
    assert_is_sarif(found)
    assert found["results"][0]["level"] == "error"


# ── JUnit ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def suites(outcome_: Outcome, language: str = "en") -> ElementTree.Element:
    return ElementTree.fromstring(junit.write(outcome_, language))


def test_junit_has_a_case_for_every_check_that_ran() -> None:
    root = suites(held(REPORT))
    assert root.attrib == {"name": "relgraph validate", "tests": "5", "failures": "1"}
    assert [suite.get("name") for suite in root] == ["query", "shape"]
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert set(cases) == {"VisitVisitor", "VisitPlace", "LabelRussian", "part-of-itself", "disjoint classes"}
    failure = cases["VisitVisitor"].find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("Violation", "1 finding: A visit has a visitor.")
    assert str(failure.text).startswith("data/statements/901.jsonl:2: Violation event/visit")
    assert cases["LabelRussian"].find("failure") is None
    assert "no label in Russian" in str(cases["LabelRussian"].findtext("system-out"))
    assert len(cases["VisitPlace"]) == 0
    assert root[-1].findtext("system-err") == "shape Lonely looks at no node"


@pytest.mark.parametrize(("threshold", "failures"), [("never", "0"), ("Violation", "1"), ("Warning", "2"), ("Info", "3")])
def test_a_case_fails_as_the_command_does(threshold: str, failures: str) -> None:
    assert suites(held(REPORT, threshold=threshold)).get("failures") == failures
    assert suites(held(REPORT, threshold=threshold, baseline=entries(held(REPORT)))).get("failures") == "0"


@given(st.text(st.characters(), max_size=50))
def test_junit_is_xml_whatever_the_data_hold(anything: str) -> None:
    finding = Finding(anything, VIOLATION, Literal("x"), {"en": anything}, value=Literal("x"), place=Place("f", 1))
    root = suites(held(Report((finding,), (), (anything,))))
    assert len(list(root.iter("failure"))) == 1


# ── two shapes of one name ───────────────────────────────────────────────────────────────────────────────────────────


def test_shapes_of_one_name_are_two_rules_and_two_cases(tmp_path: Path) -> None:
    text = f"""@prefix sh: <{SH}> . @prefix s: <urn:one#> .
s:Name a sh:PropertyShape ; sh:targetClass <urn:T> ; sh:path <urn:a> ; sh:minCount 1 ; sh:name "first"@en .
<urn:two#Name> a sh:PropertyShape ; sh:targetClass <urn:T> ; sh:path <urn:b> ; sh:minCount 1 ; sh:severity sh:Warning ;
  sh:name "second"@en .
s:Other a sh:PropertyShape ; sh:targetClass <urn:T> ; sh:path <urn:c> ; sh:maxCount 1 .
"""
    (tmp_path / "s.ttl").write_text(text, "utf-8")
    shapes = load_shapes([tmp_path / "s.ttl"], [])
    for line, levels in (("<urn:x> a <urn:T> .", ["error", "warning"]), ("<urn:x> a <urn:T> ; <urn:a> 1 .", ["warning"])):
        result = held(validate(list(parse(line.encode(), format=RdfFormat.TURTLE)), shapes))
        found = run(result, shapes=shapes)
        assert_is_sarif(found)
        rules = {rule["id"]: rule for rule in found["tool"]["driver"]["rules"]}
        assert set(rules) == {"urn:one#Name", "urn:two#Name", "Other"}
        said = [(rule["name"], rule["shortDescription"]["text"]) for _, rule in sorted(rules.items())[1:]]
        assert said == [("Name", "first"), ("Name", "second")]
        assert [rules[r["ruleId"]]["defaultConfiguration"]["level"] for r in found["results"]] == levels
        root = ElementTree.fromstring(junit.write(result, shapes=shapes))
        assert {case.get("name"): len(case) for case in root.iter("testcase")} == {
            "urn:one#Name": len(levels) - 1,
            "urn:two#Name": 1,
            "Other": 0,
        }
        assert markdown.write(result, shapes=shapes).count("\n### urn:") == len(levels)


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_json_has_the_shape_that_is_documented() -> None:
    content = json.loads(records.write(held(REPORT)))
    assert content == records.as_json(REPORT)
    assert (content["conforms"], content["fails"], content["notes"]) == (False, True, ["shape Lonely looks at no node"])
    assert content["counts"] == {"Violation": 1, "Warning": 1, "Info": 1, "checks": 4, "known": 0}
    visit, label, disjoint = content["findings"]
    assert visit == {
        "check": "VisitVisitor",
        "severity": {"type": "uri", "value": SH + "Violation"},
        "focus": {"type": "uri", "value": ID + "event/visit"},
        "path": RG + "visitor",
        "value": None,
        "messages": {"en": "A visit has a visitor.", "ru": "У визита есть тот, кто его совершил."},
        "component": {"type": "uri", "value": SH + "MinCountConstraintComponent"},
        "shape": {"type": "uri", "value": "https://w3id.org/relgraph/shapes#VisitVisitor"},
        "axiom": "",
        "statements": [],
        "place": {"file": "data/statements/901.jsonl", "line": 2},
        "passages": [{"document": "901", "start": 63, "end": 94, "line": 4, "text": "Ada Stone visits Alba."}],
        "fingerprint": held(REPORT).fingerprints[0],
        "known": False,
    }
    assert label["value"] == {"type": "literal", "value": "Alba", "xml:lang": "en"}
    assert disjoint["statements"][0]["object"] == {"type": "uri", "value": RG + "Place"}
    assert content["checks"][0]["title"] == {"en": "visitor of a visit", "ru": "кто совершил визит"}


def test_terms_are_written_as_sparql_results_have_them() -> None:
    integer = NamedNode(XSD + "integer")
    assert records.term(Literal("1", datatype=integer)) == {"type": "literal", "value": "1", "datatype": XSD + "integer"}
    assert records.term(Literal("x")) == {"type": "literal", "value": "x"}
    assert records.term(BlankNode("b1")) == {"type": "bnode", "value": "b1"}
    triple = Triple(data("a"), rg("p"), Literal("x"))
    assert records.term(triple) == {
        "type": "triple",
        "value": {
            "subject": {"type": "uri", "value": ID + "a"},
            "predicate": {"type": "uri", "value": RG + "p"},
            "object": {"type": "literal", "value": "x"},
        },
    }


def test_long_values_are_cut_in_json_and_say_how_long_they_are() -> None:
    long = Literal("ж" * 1_000_000, language="ru")
    said = (Triple(data("x"), rg("p"), long),)
    finding = Finding("c", VIOLATION, data("x"), {"en": "too long"}, value=long, statements=said)
    content = records.write(outcome(finding))
    assert len(content) < 100_000
    (row,) = json.loads(content)["findings"]
    assert row["value"] == {"type": "literal", "value": "ж" * 10_000, "xml:lang": "ru", "length": 1_000_000}
    assert row["statements"][0]["object"] == row["value"]
    assert "length" not in row["focus"]
    whole = records.cut_term(Literal("x" * 10_000))
    assert whole == {"type": "literal", "value": "x" * 10_000}
    assert len(sarif.write(outcome(finding))) < 20_000


def test_the_json_of_a_report_does_not_depend_on_where_it_is_made(tmp_path: Path) -> None:
    def at(root: Path) -> dict[str, Any]:
        place = Place(str(root / "data" / "x.ttl"), 3)
        return records.as_json(Report((Finding("c", VIOLATION, data("x"), {"en": "m"}, place=place),)), root)

    assert at(tmp_path / "here") == at(tmp_path / "there")
    assert records.as_json(Report((), (), (f"{tmp_path}/s.ttl:1: odd",)), tmp_path)["notes"] == ["s.ttl:1: odd"]
    assert at(tmp_path)["findings"][0]["place"] == {"file": "data/x.ttl", "line": 3}


def test_a_mended_finding_is_listed_in_json() -> None:
    content = records.as_json(outcome(VISIT, baseline=entries(outcome(VISIT, LABEL))))
    assert [entry["check"] for entry in content["mended"]] == ["LabelRussian"]
    assert content["findings"][0]["known"] is True
    assert content["fails"] is False
