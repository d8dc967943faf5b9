"""Every check finds what it is for and nothing else.

`fixtures/base.trig` is a valid graph. A fixture is a SPARQL update of it, named `CHECK.ru` or `CHECK.variant.ru`, with
a header, YAML in lines that begin with `#+ `. In bad/ the header gives `expect`, every check that must report with its
severity, and `focus`, what the check that the file is named after must point at. The fixtures in good/ must give no
finding; one that is for several checks lists them under `covers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse
from rdflib import RDF, SH, Graph, URIRef

from relgraph import rdf
from relgraph.errors import InputError, Problem, raise_if_any
from relgraph.findings import Finding, Report
from relgraph.validation import Engine, load_checks, load_shapes, validate
from relgraph.vocabulary import ASSERTED, DEFAULT_GRAPHS, ID, ONTOLOGY_GRAPH, PREFIXES, SCHEMES
from relgraph.vocabulary import SH as SHACL

ROOT = Path(__file__).parents[1]
ONTOLOGY = ROOT / "ontology"
SHAPES = ONTOLOGY / "shapes"
VERIFY = ONTOLOGY / "verify"
FIXTURES = Path(__file__).parent / "fixtures"
BAD = sorted((FIXTURES / "bad").glob("*.ru"))
GOOD = sorted((FIXTURES / "good").glob("*.ru"))

_PROLOGUE = f"BASE <{ID}>\n" + "".join(
    f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in (PREFIXES | {"g": ID + "graph/", "document": SCHEMES + "document#"}).items()
)
#: What OWL 2 RL adds, as far as the checks need it: superproperties, then superclasses.
_INFER = (
    """INSERT { GRAPH g:inferred { ?s ?super ?o } }
    WHERE { GRAPH g:asserted { ?s ?p ?o } GRAPH <https://w3id.org/relgraph/ns> { ?p rdfs:subPropertyOf+ ?super } }""",
    """INSERT { GRAPH g:inferred { ?s a ?super } }
    WHERE { GRAPH g:asserted { ?s a ?sub } GRAPH <https://w3id.org/relgraph/ns> { ?sub rdfs:subClassOf+ ?super } }""",
)


@cache
def base() -> tuple[Quad, ...]:
    problems: list[Problem] = []
    quads = [
        *rdf.in_graph(rdf.read_turtle(ONTOLOGY / "relgraph.ttl", problems), ONTOLOGY_GRAPH),
        *rdf.in_graph(rdf.read_turtle(ONTOLOGY / "schemes.ttl", problems), ASSERTED),
        *parse(path=str(FIXTURES / "base.trig"), format=RdfFormat.TRIG),
    ]
    assert not problems
    return tuple(quads)


def changed(update: str) -> list[Quad]:
    store = Store()
    store.bulk_extend(base())
    before = set(store)
    if update:
        store.update(_PROLOGUE + update)
        assert set(store) != before, "the update changes nothing"
    for rule in _INFER:
        store.update(_PROLOGUE + rule)
    return list(store)


def validated(quads: Iterable[Quad], shapes: Path = SHAPES, verify: Path = VERIFY, engine: Engine = Engine.AUTO) -> Report:
    """What a build of a release does with its quads."""
    problems: list[Problem] = []
    loaded, checks = load_shapes([shapes], problems), load_checks(verify, problems)
    raise_if_any(problems)
    return validate(quads, loaded, checks, engine, DEFAULT_GRAPHS)


def findings(update: str = "") -> tuple[Finding, ...]:
    return validated(changed(update)).findings


def header(path: Path) -> dict[str, Any]:
    lines = [line.removeprefix("#+") for line in path.read_text("utf-8").splitlines() if line.startswith("#+")]
    return dict(yaml.safe_load("\n".join(lines)) or {})


def check_of(path: Path) -> str:
    return path.name.split(".")[0]


def shapes_graph() -> Graph:
    graph = Graph()
    for path in sorted(SHAPES.glob("*.ttl")):
        graph.parse(path, format="turtle")
    return graph


def shape_checks() -> set[str]:
    graph = shapes_graph()
    shapes = {s for kind in (SH.NodeShape, SH.PropertyShape) for s in graph.subjects(RDF.type, kind)}
    return {str(shape).rsplit("#", 1)[1] for shape in shapes}


def verify_checks() -> set[str]:
    return {path.stem for path in VERIFY.glob("*.rq")}


def test_the_base_graph_is_clean() -> None:
    assert findings() == ()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_good_fixture_gives_no_finding(path: Path) -> None:
    assert findings(path.read_text("utf-8")) == ()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_a_bad_fixture_gives_the_findings_that_it_expects(path: Path) -> None:
    expected = header(path)
    found = findings(path.read_text("utf-8"))
    assert {finding.check: finding.level for finding in found} == expected["expect"]
    own = [finding for finding in found if finding.check == check_of(path)]
    focus = expected["focus"] if ":" in expected["focus"] else ID + expected["focus"]
    assert focus in {str(finding.focus).strip("<>") for finding in own}
    for finding in found:
        assert set(finding.messages) == {"en", "ru"}
        assert all(text and not re.search(r"\{\w+\}", text) for text in finding.messages.values())


def test_every_check_has_a_bad_and_a_good_fixture() -> None:
    checks = shape_checks() | verify_checks()
    bad = {check_of(path) for path in BAD}
    good = {name for path in GOOD for name in header(path).get("covers", [check_of(path)])}
    assert (sorted(checks - bad), sorted(bad - checks)) == ([], [])
    assert (sorted(checks - good), sorted(good - checks)) == ([], [])


def test_the_base_graph_holds_something_for_every_shape_to_look_at() -> None:
    types = {q.object.value for q in changed("") if q.predicate.value == str(RDF.type) and isinstance(q.object, NamedNode)}
    for target in shapes_graph().objects(None, SH.targetClass):
        assert str(target) in types, f"no {target} in the base graph"


def test_every_shape_has_a_target_a_severity_and_texts_in_both_languages() -> None:
    graph = shapes_graph()
    for name in sorted(shape_checks()):
        shape = URIRef(f"https://w3id.org/relgraph/shapes#{name}")
        assert (shape, SH.targetClass, None) in graph, name
        assert graph.value(shape, SH.severity) in (SH.Violation, SH.Warning, SH.Info), name
        for predicate in (SH.name, SH.message):
            languages = sorted(getattr(text, "language", None) or "" for text in graph.objects(shape, predicate))
            assert languages == ["en", "ru"], f"{predicate} of {name}"


def test_shapes_are_core_only() -> None:
    used = {predicate for _, predicate, _ in shapes_graph()}
    assert not used & {SH.sparql, SH.select, SH.rule, SH.js}


def test_every_query_has_a_valid_header() -> None:
    problems: list[Problem] = []
    checks = load_checks(VERIFY, problems)
    assert not problems
    assert {check.path.stem for check in checks} == verify_checks()
    for check in checks:
        assert check.header.name.en != check.header.name.ru
        slots = [set(re.findall(r"\{(\w+)\}", text)) for text in (check.header.message.en, check.header.message.ru)]
        assert slots[0] == slots[1] >= {"focus"}


def test_a_finding_says_where_and_what() -> None:
    assert findings("DELETE WHERE { GRAPH g:asserted { <event/visit> rg:place ?place } }") == (
        Finding(
            check="VisitDestination",
            severity=NamedNode(SHACL + "Violation"),
            focus=NamedNode(ID + "event/visit"),
            path="<https://w3id.org/relgraph/ns#place>|<https://w3id.org/relgraph/ns#host>",
            messages={"en": "A visit has a place or a host.", "ru": "У визита есть место или принимающая сторона."},
            component=NamedNode(SHACL + "MinCountConstraintComponent"),
            shape=NamedNode("https://w3id.org/relgraph/shapes#VisitDestination"),
        ),
    )


def test_an_inverse_path_is_written_with_a_caret() -> None:
    found = findings((FIXTURES / "bad" / "FactClaim.ru").read_text("utf-8"))
    assert [finding.path for finding in found] == ["^<https://w3id.org/relgraph/ns#about>"]


def test_values_stand_in_the_messages_of_queries() -> None:
    (found,) = findings((FIXTURES / "bad" / "transition-not-occurred.ru").read_text("utf-8"))
    event, relation = ID + "event/accession", ID + "membership/southmark-union"
    assert (found.focus, found.value) == (NamedNode(event), NamedNode(relation))
    assert found.messages["en"] == f"{event} has not occurred, and so can neither begin nor end {relation}"
    assert found.messages["ru"] == f"{event} не состоялось и потому не может начать или прекратить {relation}"


def test_content_nodes_and_the_ontology_are_not_validated_as_data() -> None:
    stray = Quad(NamedNode(ID + "claim/stray"), NamedNode(str(RDF.type)), NamedNode(PREFIXES["rg"] + "Claim"), ONTOLOGY_GRAPH)
    assert validated([*changed(""), stray]).findings == ()
    asserted = [*changed(""), Quad(stray.subject, stray.predicate, stray.object, ASSERTED)]
    assert {finding.focus for finding in validated(asserted).findings} == {NamedNode(ID + "claim/stray")}


def test_findings_do_not_depend_on_the_order_of_the_quads() -> None:
    update = "DELETE WHERE { GRAPH g:asserted { ?event rg:status ?status } }"
    quads = changed(update)
    found = validated(quads).findings
    assert len(found) > 10
    assert found == validated(reversed(quads)).findings
    assert [finding.key for finding in found] == sorted({finding.key for finding in found})


def refused(shapes: Path, verify: Path) -> Problem:
    with pytest.raises(InputError) as caught:
        validated(changed(""), shapes, verify)
    (problem,) = caught.value.problems
    return replace(problem, where=Path(problem.where).name)


def test_broken_shapes_are_refused_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("@prefix sh: <http://www.w3.org/ns/shacl#> .\n\nsh:x sh:y .\n", "utf-8")
    assert refused(tmp_path, VERIFY).where == "broken.ttl:3"


def test_shapes_that_are_turtle_but_not_shacl_are_refused(tmp_path: Path) -> None:
    text = """@prefix sh: <http://www.w3.org/ns/shacl#> .
    <urn:s> a sh:PropertyShape ; sh:targetNode <urn:x> ; sh:path <urn:p> ; sh:minCount "one" ."""
    (tmp_path / "wrong.ttl").write_text(text, "utf-8")
    assert refused(tmp_path, VERIFY).what == 'urn:s: sh:minCount is "one", which is no integer'


_HEADER = '#+ name: {en: a, ru: б}\n#+ severity: Info\n#+ message: {en: "{focus}", ru: "{focus}"}\n'


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (_HEADER + "SELECT ?focus WHERE {\n  ?focus a x:y\n}", 5, "not valid SPARQL"),
        (_HEADER + "SELECT ?other ?focus WHERE { ?focus a ?other }", 1, "does not project ?focus first"),
        (_HEADER + "ASK { ?focus a ?other }", 1, "does not project ?focus first"),
        (_HEADER.replace("Info", "Fatal") + "SELECT ?focus { ?focus a ?c }", 1, "severity"),
        (_HEADER.replace(", ru: б", "") + "SELECT ?focus { ?focus a ?c }", 1, "name.ru"),
        ("#+ name: {en: a, ru: б}\n#+ severity: [\n#+ message: }\nSELECT ?focus { ?focus a ?c }", 3, "not YAML"),
        ("SELECT ?focus { ?focus a ?c }", 1, "name"),
    ],
)
def test_a_broken_query_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    (tmp_path / "broken.rq").write_text(text, "utf-8")
    problem = refused(SHAPES, tmp_path)
    assert problem.where == f"broken.rq:{line}"
    assert reason in problem.what


def test_a_shape_without_an_iri_is_named_by_the_shape_that_it_belongs_to(tmp_path: Path) -> None:
    text = """@prefix sh: <http://www.w3.org/ns/shacl#> .
    <urn:s> a sh:NodeShape ; sh:targetNode <urn:nobody> ;
        sh:property [ sh:path <urn:name> ; sh:minCount 1 ; sh:message "no name of {focus}" ] ."""
    (tmp_path / "s.ttl").write_text(text, "utf-8")
    (found,) = validated(changed(""), tmp_path, tmp_path).findings
    assert (found.check, found.level) == ("urn:s", "Violation")
    assert found.messages == {"": "no name of urn:nobody"}


def test_the_report_lists_every_check_with_its_title() -> None:
    report = validated(changed(""))
    assert sorted(check.name for check in report.checks if check.kind == "shape") == sorted(shape_checks())
    assert {check.name for check in report.checks if check.kind == "query"} == verify_checks()
    assert all(set(check.title) == {"en", "ru"} and check.place for check in report.checks)
    assert report.notes == ()
