"""relgraph validate: any RDF file with any shapes, the project, the formats, the baseline, watching, wrong usage."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from mini import Mini
from relgraph.cli import main
from relgraph.cli.reporting import ENDS

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:s#PersonName> a sh:PropertyShape ; sh:targetClass <urn:Person> ; sh:path <urn:name> ; sh:minCount 1 ;
  sh:name "name of a person"@en , "имя человека"@ru ; sh:message "A person has a name."@en , "У человека есть имя."@ru .
<urn:s#PersonAge> a sh:PropertyShape ; sh:targetClass <urn:Person> ; sh:path <urn:age> ; sh:maxInclusive 150 ;
  sh:message "Nobody is as old as that."@en ; sh:severity sh:Warning .
"""
GOOD = '<urn:ada> a <urn:Person> ;\n  <urn:name> "Ada" .\n'
BAD = GOOD + "\n<urn:bob> a <urn:Person> .\n[] a <urn:Person> .\n"
OLD = GOOD + "<urn:ada>\n  <urn:age> 151 .\n"

#: Runs the command in a folder: exit status, standard output, standard error.
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "shapes.ttl").write_text(SHAPES, "utf-8")
    for name, text in (("good", GOOD), ("bad", BAD), ("old", OLD)):
        (tmp_path / f"{name}.ttl").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")  # so that help and messages are not broken

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["relgraph", "validate", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return command


def test_any_file_is_validated_with_any_shapes(run: Run) -> None:
    assert run("good.ttl", "--shapes", "shapes.ttl") == (0, "No findings (2 checks).\n", "")
    status, out, err = run("bad.ttl", "--shapes", "shapes.ttl")
    assert status == 1
    assert out.splitlines() == [
        "bad.ttl:4: Violation [PersonName] <urn:bob>: A person has a name. (path urn:name)",
        "bad.ttl:5: Violation [PersonName] _:b1: A person has a name. (path urn:name)",
        "",
        "2 findings: 2 Violations (2 checks).",
    ]
    assert err == ""


@pytest.mark.parametrize("engine", ["auto", "pyshacl"])
def test_the_engine_can_be_chosen(run: Run, engine: str) -> None:
    assert run("bad.ttl", "--shapes", "shapes.ttl", "--engine", engine)[0] == 1


@pytest.mark.parametrize(
    ("name", "syntax"),
    [("x.nt", RdfFormat.N_TRIPLES), ("x.trig", RdfFormat.TRIG), ("x.rdf", RdfFormat.RDF_XML), ("x.jsonld", RdfFormat.JSON_LD)],
)
def test_every_syntax_is_read(run: Run, name: str, syntax: RdfFormat) -> None:
    triples = [quad.triple for quad in parse(BAD.encode(), format=RdfFormat.TURTLE)]
    serialize(triples, output=name, format=syntax)
    status, out, _ = run(name, "--shapes", "shapes.ttl")
    assert status == 1
    assert out.count("[PersonName]") == 2
    assert out.startswith(f"{name}:")


def test_folders_are_searched_for_rdf_files_and_each_is_read_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "notes.txt").write_text("no RDF", "utf-8")
    (tmp_path / "in" / "report.xml").write_text("<testsuites/>", "utf-8")  # a report that was written there
    (tmp_path / "in" / "deep" / "b.ttl").write_text("\n<urn:bob> a <urn:Person> .", "utf-8")
    status, out, _ = run("in", "in/deep/b.ttl", "good.ttl", "--shapes", "shapes.ttl")
    assert status == 1
    assert out.splitlines()[0].startswith("in/deep/b.ttl:2: Violation [PersonName] <urn:bob>")
    assert out.splitlines()[-1] == "1 finding: 1 Violation (2 checks)."


def test_blank_nodes_of_two_files_are_two(run: Run, tmp_path: Path) -> None:
    (tmp_path / "1.ttl").write_text('_:x <urn:name> "Ada" .', "utf-8")
    (tmp_path / "2.ttl").write_text("_:x a <urn:Person> .", "utf-8")
    assert run("1.ttl", "2.ttl", "--shapes", "shapes.ttl")[0] == 1


def test_standard_input_is_read_when_its_syntax_is_named(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(SHAPES, "utf-8")
    command = [sys.executable, "-m", "relgraph", "validate", "-", "--shapes", "shapes.ttl"]
    done = subprocess.run(
        [*command, "--data-format", "turtle"], input=BAD, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith("<stdin>:4: Violation [PersonName] <urn:bob>")


def test_the_shapes_of_the_project_are_the_default_and_know_its_classes(run: Run, tmp_path: Path) -> None:
    text = """@prefix rg: <https://w3id.org/relgraph/ns#> .
<urn:visit> a rg:Visit ."""
    (tmp_path / "v.ttl").write_text(text, "utf-8")
    status, out, err = run("v.ttl")
    assert status == 1
    assert "v.ttl:2: Violation [VisitVisitor] <urn:visit>: A visit has a visitor." in out
    assert "v.ttl:2: Violation [FactClaim] <urn:visit>" in out, "a visit is a fact by the ontology"
    assert "using the one that comes with relgraph" in err
    assert "targets of the project's shapes have nothing in these data" in out
    assert "ontology/" not in out


def test_whole_graph_checks_of_a_folder_run_on_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "verify").mkdir()
    header = '#+ name: {en: "bob", ru: "боб"}\n#+ severity: Info\n#+ message: {en: "{focus} is here", ru: "{focus} здесь"}\n'
    query = "SELECT ?focus { ?focus a <urn:Person> FILTER(?focus = <urn:bob>) }"
    (tmp_path / "verify" / "no-bob.rq").write_text(header + query, "utf-8")
    status, out, _ = run("bad.ttl", "--shapes", "shapes.ttl", "--verify", "verify", "--lang", "ru", "--fail-on", "never")
    assert status == 0
    assert "bad.ttl:4: Info [no-bob] <urn:bob>: urn:bob здесь" in out


@pytest.mark.parametrize(("threshold", "status"), [("Violation", 0), ("Warning", 1), ("warning", 1), ("Info", 1), ("never", 0)])
def test_the_threshold_decides_the_exit_status(run: Run, threshold: str, status: int) -> None:
    found, out, _ = run("old.ttl", "--shapes", "shapes.ttl", "--fail-on", threshold)
    assert found == status
    assert out.startswith("old.ttl:4: Warning [PersonAge] <urn:ada>: Nobody is as old as that.")


# ── formats ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_reports_are_written_by_the_names_of_their_files(run: Run, tmp_path: Path) -> None:
    names = ["o.sarif", "p.sarif.json", "o.xml", "o.md", "o.ttl", "o.json", "o.txt"]
    status, out, _ = run("bad.ttl", "--shapes", "shapes.ttl", *(part for name in names for part in ("-o", name)))
    assert status == 1
    assert (tmp_path / "o.txt").read_text("utf-8") == out
    assert (tmp_path / "o.sarif").read_bytes() == (tmp_path / "p.sarif.json").read_bytes()
    (first, _) = json.loads((tmp_path / "o.sarif").read_bytes())["runs"][0]["results"]
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 4}
    assert ElementTree.parse(tmp_path / "o.xml").getroot().get("failures") == "1"
    assert "bad.ttl:4" in (tmp_path / "o.md").read_text("utf-8")
    results = [q for q in parse(path=tmp_path / "o.ttl", format=RdfFormat.TURTLE) if q.predicate.value.endswith("#focusNode")]
    assert len(results) == 2
    assert json.loads((tmp_path / "o.json").read_bytes())["counts"]["Violation"] == 2
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize(
    ("form", "begins"),
    [("markdown", "## ❌"), ("sarif", "{"), ("junit", "<?xml"), ("turtle", "@prefix"), ("json", "{"), ("text", "bad.ttl:4")],
)
def test_each_format_goes_to_standard_output(run: Run, form: str, begins: str) -> None:
    assert run("bad.ttl", "--shapes", "shapes.ttl", "--format", form)[1].startswith(begins)


def test_json_is_one_object(run: Run) -> None:
    status, out, _ = run("bad.ttl", "--shapes", "shapes.ttl", "--json")
    content = json.loads(out)
    assert status == 1
    assert content["fails"] is True
    assert content["findings"][0]["focus"] == {"type": "uri", "value": "urn:bob"}
    assert content["findings"][0]["place"] == {"file": "bad.ttl", "line": 4}


def test_the_same_input_gives_the_same_reports(run: Run) -> None:
    for form in ("sarif", "json", "turtle", "junit"):
        first, second = (run("bad.ttl", "--shapes", "shapes.ttl", "--format", form)[1] for _ in range(2))
        assert first == second, form


# ── baseline ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_baseline_lets_pass_what_is_known_and_fails_on_what_is_new(run: Run, tmp_path: Path) -> None:
    known = ("--shapes", "shapes.ttl", "--baseline", "known.json")
    status, out, err = run("bad.ttl", *known, "--update-baseline")
    assert status == 0
    assert "2 in the baseline" in out
    assert "2 findings are in known.json now." in err
    moved = "\n\n# moved\n" + BAD.replace("[]", "_:other")
    (tmp_path / "bad.ttl").write_text(moved, "utf-8")
    assert run("bad.ttl", *known)[0] == 0
    (tmp_path / "bad.ttl").write_text(BAD + "<urn:eve> a <urn:Person> .", "utf-8")
    status, out, _ = run("bad.ttl", *known)
    assert status == 1
    assert "3 findings: 3 Violations; 2 in the baseline (2 checks)." in out
    status, out, _ = run("good.ttl", *known)
    assert status == 0
    assert "2 of the baseline mended; run --update-baseline." in out


# ── the project ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_violation_in_the_project_has_the_line_of_its_decision_and_the_passage(
    run: Run, mini: Mini, monkeypatch: pytest.MonkeyPatch
) -> None:
    mini.rows["901"][1]["claims"][0]["says"].pop("visitor")
    mini.write()
    monkeypatch.chdir(mini.root)
    status, out, _ = run("--documents", "texts", "-o", "o.sarif")
    assert status == 1
    assert "data/statements/901.jsonl:2: Violation [VisitVisitor] event/visit-stone: A visit has a visitor." in out
    assert "(line 4): “Minister Ada Stone visits Alba.”" in out
    assert out.count("note: ") == 1, "a small project has not something for every shape"
    (result,) = json.loads((mini.root / "o.sarif").read_bytes())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "data/statements/901.jsonl", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 2},
    }
    assert len(result["relatedLocations"]) == 1


def test_a_finding_on_an_entity_has_the_line_of_its_file(run: Run, mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
    mini.entities = mini.entities.replace('"Brin"@en', '"Brin "@en')
    mini.write()
    monkeypatch.chdir(mini.root)
    status, out, _ = run()
    assert status == 1
    line = next(i for i, text in enumerate(mini.entities.splitlines(), start=1) if text.startswith("<place/brin>"))
    assert f"{line}: Violation [LabelTrimmed] place/brin: A label is one line" in out


def test_the_project_can_be_validated_with_other_shapes(run: Run, mini: Mini, tmp_path: Path) -> None:
    mini.write()
    shapes = SHAPES.replace("urn:Person", "https://w3id.org/relgraph/ns#Visit")
    (tmp_path / "other.ttl").write_text(shapes, "utf-8")
    status, out, _ = run("--project", str(mini.root), "--shapes", "other.ttl")
    assert status == 1
    assert "901.jsonl:2: Violation [PersonName] event/visit-stone" in out
    assert "1 finding: 1 Violation (" in out


# ── wrong usage and input ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.ttl", "--shapes", "shapes.ttl"], "there is no file or folder nowhere.ttl"),
        (["good.ttl", "--shapes", "nowhere.ttl"], "there is no file or folder nowhere.ttl"),
        (["good.docx", "--shapes", "shapes.ttl"], "the syntax of good.docx is not known"),
        (["empty", "--shapes", "shapes.ttl"], "there is no RDF file in empty"),
        (["good.ttl", "--shapes", "empty"], "there are no shapes (*.ttl) in empty"),
        (["good.ttl", "--verify", "empty"], "there are no whole-graph checks (*.rq) in empty"),
        (["good.ttl", "--verify", "shapes.ttl"], "is no folder of whole-graph checks"),
        (["broken.ttl", "--shapes", "shapes.ttl"], "broken.ttl:2: not valid Turtle"),
        (["good.ttl", "--shapes", "broken.ttl"], "broken.ttl:2: not valid Turtle"),
        (["good.ttl", "--shapes", "shapes.ttl", "-o", "nowhere/o.sarif"], "nowhere/o.sarif: there is no folder"),
        (["good.ttl", "--shapes", "shapes.ttl", "-o", "o.docx"], "end it with .sarif.json, .sarif, .xml, .md"),
        (["good.ttl", "--shapes", "shapes.ttl", "-o", "good.ttl"], "good.ttl is read"),
        (["good.ttl", "--shapes", "shapes.ttl", "-o", "shapes.ttl"], "shapes.ttl is read"),
        (["good.ttl", "--format", "docx"], "'text', 'markdown', 'sarif', 'junit', 'turtle', 'json'"),
        (["good.ttl", "--json", "--format", "sarif"], "exclude each other"),
        (["good.ttl", "--fail-on", "Fatal"], "'violation', 'warning', 'info', 'never'"),
        (["good.ttl", "--engine", "jena"], "'auto', 'pyshacl', 'rudof'"),
        (["good.ttl", "--lang", "de"], "'en', 'ru'"),
        (["-", "--shapes", "shapes.ttl"], "give --data-format"),
        (["-", "--data-format", "turtle", "--watch"], "cannot be watched"),
        (["good.ttl", "--update-baseline"], "needs --baseline FILE"),
        (["good.ttl", "--shapes", "shapes.ttl", "--baseline", "none.json"], "there is no baseline none.json"),
        (["good.ttl", "--shapes", "shapes.ttl", "--baseline", "broken.ttl"], "broken.ttl:1: the baseline is not JSON"),
    ],
)
def test_wrong_usage_and_input_exit_2_and_say_why(run: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "good.docx").write_text(GOOD, "utf-8")
    (tmp_path / "broken.ttl").write_text("<urn:a> <urn:p> 1 .\n<urn:a> <urn:p> .\n", "utf-8")
    before = (tmp_path / "good.ttl").read_bytes()
    status, out, err = run(*arguments)
    assert status == 2
    assert message in " ".join(err.replace("│", " ").split())
    assert "No findings" not in out or "-o" in arguments
    assert (tmp_path / "good.ttl").read_bytes() == before


def test_data_of_a_syntax_that_the_name_does_not_tell_can_be_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text(BAD, "utf-8")
    assert run("data.txt", "--shapes", "shapes.ttl", "--data-format", "turtle")[0] == 1


def test_data_without_a_triple_get_a_note(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nothing.ttl").write_text("# nothing\n", "utf-8")
    status, out, _ = run("nothing.ttl", "--shapes", "shapes.ttl")
    assert status == 0
    assert "note: there is no triple in the data" in out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "o.json").symlink_to("/dev/full")
    status, _, err = run("bad.ttl", "--shapes", "shapes.ttl", "-o", "o.json")
    assert status == 2
    assert "No space left on device" in err


def test_a_link_stays_and_leads_to_the_report(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("before", "utf-8")
    (tmp_path / "link.json").symlink_to("real.json")
    assert run("bad.ttl", "--shapes", "shapes.ttl", "-o", "link.json")[0] == 1
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_bytes())["fails"] is True


def test_the_page_on_validation_names_only_options_that_there_are(run: Run) -> None:
    page = (Path(__file__).parents[1] / "docs" / "validation.md").read_text("utf-8")
    _, shown, _ = run("--help")
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page))
    assert named >= {"--shapes", "--baseline", "--watch"}
    assert [option for option in sorted(named) if option not in shown] == []
    assert all(f"`{end}`" in page for end in ENDS)


# ── watching ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _heed_interrupts() -> None:
    """A shell that runs the tests in the background has its children ignore interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_watching_validates_again_goes_on_after_errors_and_ends_with_0(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(SHAPES, "utf-8")
    data, out = tmp_path / "data.ttl", tmp_path / "out"
    data.write_text(GOOD, "utf-8")
    command = [sys.executable, "-m", "relgraph", "validate", "data.ttl", "--shapes", "shapes.ttl", "--watch"]
    with (
        out.open("wb") as file,
        subprocess.Popen(command, cwd=tmp_path, stdout=file, stderr=file, preexec_fn=_heed_interrupts) as process,
    ):

        def waits_for(text: str, times: int = 1) -> None:
            until = time.monotonic() + 60
            while out.read_text("utf-8").count(text) < times:
                assert time.monotonic() < until, out.read_text("utf-8")
                assert process.poll() is None, out.read_text("utf-8")
                time.sleep(0.1)

        try:
            waits_for("Watching")
            aside = tmp_path / "aside"
            aside.write_text(BAD, "utf-8")
            shutil.move(aside, data)  # as editors do
            waits_for("[PersonName] <urn:bob>")
            waits_for("Watching", 2)
            data.write_text("<urn:a> oops", "utf-8")
            waits_for("data.ttl:1: not valid Turtle")
            waits_for("Watching", 3)
            data.unlink()
            waits_for("Watching", 4)
            data.write_text(GOOD, "utf-8")
            waits_for("No findings", 2)
            waits_for("Watching", 5)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()
    assert "Traceback" not in out.read_text("utf-8")
