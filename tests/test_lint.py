"""Lint: every check finds what it says where it stands, and nothing in an ontology that does it right."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat
from rdflib.plugins.sparql import prepareQuery

from relgraph.datafiles import read_bytes, read_file, told_apart
from relgraph.errors import InputError, Problem, raise_if_any
from relgraph.findings import Report, at_least
from relgraph.lint import Excuse, LintCheck, lint, load_checks, load_excuses, own_namespaces
from relgraph.vocabulary import OWL, RDFS, local_name

ROOT = Path(__file__).parents[1]
FIXTURES = Path(__file__).parent / "fixtures" / "lint"
TOWN = "https://e.org/town#"
NAMES = sorted(path.stem for path in (ROOT / "ontology" / "lint").glob("*.rq"))


@pytest.fixture(scope="module")
def checks() -> list[LintCheck]:
    problems: list[Problem] = []
    found = load_checks(ROOT / "ontology" / "lint", problems)
    assert problems == []
    return found


def linted(checks: list[LintCheck], *paths: Path, namespaces: tuple[str, ...] = ()) -> Report:
    problems: list[Problem] = []
    files = [read_file(path, problems) for path in paths]
    assert problems == []
    return lint(files, checks, namespaces)


def found(report: Report) -> list[tuple[str, str, int]]:
    """Check, entity and line of every finding."""
    return sorted((one.check, str(one.focus), one.place.line if one.place else 0) for one in report.findings)


def expected(path: Path) -> list[tuple[str, str, int]]:
    """What the comments `# finds ENTITY` of a bad fixture say, in the same form."""
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        marked = re.search(r"# finds (\S+)$", line)
        if marked:
            iri = re.sub(r"^:|^owl:", lambda match: {":": TOWN, "owl:": OWL}[match[0]], marked[1].strip("<>"))
            rows.append((path.stem, str(NamedNode(iri)), number))
    return sorted(rows)


# ── the checks ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_ontology_gives_the_findings_of_its_check_and_no_other(name: str, checks: list[LintCheck]) -> None:
    path = FIXTURES / "bad" / f"{name}.ttl"
    assert expected(path)
    assert found(linted(checks, path)) == expected(path)


@pytest.mark.parametrize("name", NAMES)
def test_a_good_ontology_gives_no_finding_of_its_check(name: str, checks: list[LintCheck]) -> None:
    assert [row for row in found(linted(checks, FIXTURES / "good" / f"{name}.ttl")) if row[0] == name] == []


def test_every_check_has_fixtures_and_no_fixture_is_without_its_check() -> None:
    for kind in ("good", "bad"):
        assert sorted(path.stem for path in (FIXTURES / kind).glob("*.ttl")) == NAMES


def test_the_checks_are_sparql_that_other_engines_read_with_the_columns_of_robot(checks: list[LintCheck]) -> None:
    for check in checks:
        assert [str(name) for name in prepareQuery(check.query).algebra["PV"]] == ["entity", "property", "value"], check.name


def test_every_message_is_filled_in_both_languages(checks: list[LintCheck]) -> None:
    report = linted(checks, *sorted((FIXTURES / "bad").glob("*.ttl")))
    for finding in report.findings:
        for language in ("en", "ru"):
            assert finding.messages[language]
            assert "{" not in finding.messages[language], finding.check
        assert re.search("[а-я]", finding.messages["ru"]), finding.check


@pytest.fixture(scope="module")
def in_order(checks: list[LintCheck]) -> list[tuple[str, ...]]:
    """What is found in the triples of all bad fixtures, in their order."""
    return _content(_lint_lines(ALL_BAD, checks))


@settings(max_examples=15)
@given(order=st.randoms(use_true_random=False))
def test_the_order_of_the_triples_does_not_matter(
    order: Random, checks: list[LintCheck], in_order: list[tuple[str, ...]]
) -> None:
    lines = list(ALL_BAD)
    order.shuffle(lines)
    assert _content(_lint_lines(lines, checks)) == in_order


def test_two_files_are_one_ontology_and_keep_their_blank_nodes_apart(checks: list[LintCheck], tmp_path: Path) -> None:
    head = f"@prefix : <{TOWN}> . @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> ."
    (tmp_path / "a.ttl").write_text(f"{head}\n:p a owl:ObjectProperty ; rdfs:domain _:x .\n_:x owl:unionOf ( :A ) .", "utf-8")
    (tmp_path / "b.ttl").write_text(f"{head}\n:A a owl:Class .\n:q a owl:ObjectProperty ; rdfs:domain _:x .", "utf-8")
    report = linted(checks, tmp_path / "a.ttl", tmp_path / "b.ttl")
    assert [one for one in report.findings if one.check in ("untyped_term", "broken_list")] == []
    unlabelled = [f for f in report.findings if f.check == "missing_label" and isinstance(f.focus, NamedNode)]
    places = {local_name(f.focus): str(f.place) for f in unlabelled if isinstance(f.focus, NamedNode)}
    assert places == {"p": f"{tmp_path / 'a.ttl'}:2", "A": f"{tmp_path / 'b.ttl'}:2", "q": f"{tmp_path / 'b.ttl'}:3"}


# ── which terms are the ontology's own ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ontology", "terms", "own"),
    [
        ("https://e.org/a", ["https://e.org/a#T", "https://f.org/b#U"], ("https://e.org/a#",)),
        ("https://e.org/a#", ["https://e.org/a#T"], ("https://e.org/a#",)),
        ("https://e.org/a/", ["https://e.org/a/T", "https://e.org/a#U"], ("https://e.org/a#", "https://e.org/a/")),
        ("https://e.org/a-o#", ["https://e.org/a#T", "https://e.org/a#U", "https://f.org/b#V"], ("https://e.org/a#",)),
        (None, ["https://e.org/a/T", "https://f.org/b#U", "https://f.org/b#V"], ("https://f.org/b#",)),
        ("https://e.org/a", [], ()),
    ],
)
def test_own_terms_are_those_of_the_ontology_or_of_the_namespace_of_most(
    ontology: str | None, terms: list[str], own: tuple[str, ...]
) -> None:
    lines = [f"<{ontology}> a <{OWL}Ontology> ."] if ontology else []
    lines += [f"<{term}> a <{OWL}Class> ." for term in terms]
    assert own_namespaces(read_bytes("a.ttl", "\n".join(lines).encode(), RdfFormat.TURTLE, []).quads) == own


def test_the_terms_of_others_are_not_checked_unless_they_are_asked_for(checks: list[LintCheck], tmp_path: Path) -> None:
    path = tmp_path / "o.ttl"
    path.write_text(
        f"<https://e.org/a> a <{OWL}Ontology> . <https://e.org/a#T> a <{OWL}Class> . <https://f.org/b#U> a <{OWL}Class> .",
        "utf-8",
    )

    def unlabelled(*namespaces: str) -> list[str]:
        report = linted(checks, path, namespaces=namespaces)
        return [f.focus.value for f in report.findings if f.check == "missing_label"]

    assert unlabelled() == ["https://e.org/a#T"]
    assert unlabelled("https://f.org/") == ["https://f.org/b#U"]
    assert unlabelled("https://g.org/") == []
    assert linted(checks, path, namespaces=("https://g.org/",)).notes == ("no term is declared in https://g.org/",)


def test_an_ontology_of_another_style_and_syntax_gives_findings_that_make_sense(checks: list[LintCheck]) -> None:
    """RDF/XML with rdfs:label and rdfs:comment only, relative IRIs, restrictions without names."""
    path = FIXTURES / "foreign.owl"
    assert found(linted(checks, path)) == [
        ("functional_or_key", "<https://e.org/craft#firedAt>", 38),
        ("imports", "<https://e.org/craft-ontology>", 11),
        ("missing_definition", "<https://e.org/craft#Workshop>", 27),
        ("no_disjointness", "<https://e.org/craft-ontology>", 7),
        ("untyped_term", "<https://e.org/craft#Kiln>", 22),
    ]


# ── checks and exceptions as files ───────────────────────────────────────────────────────────────────────────────────

HEADER = '#+ name: {en: "a", ru: "б"}\n#+ level: WARN\n#+ message: {en: "{entity}", ru: "{entity}"}\n#+ from: "here"\n'
SELECT = "SELECT ?entity ?property ?value WHERE { ?entity ?property ?value }"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SELECT, "x.rq:1: the header is not as it should be: name: Field required"),
        (HEADER.replace("WARN", "FATAL") + SELECT, "'ERROR', 'WARN' or 'INFO'"),
        (HEADER + "SELECT ?entity WHERE {", "x.rq:5: not valid SPARQL"),
        (HEADER + SELECT.replace("?value WHERE", "WHERE"), "does not project ?entity ?property ?value"),
        (HEADER + "ASK { ?entity ?property ?value }", "does not project ?entity ?property ?value"),
        (
            HEADER + "\nSELECT ?entity ?property ?value { service <https://e.org/> { ?entity ?property ?value } }",
            "x.rq:6: a check may not",
        ),
    ],
)
def test_a_check_that_is_not_as_it_should_be_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.rq").write_text(text, "utf-8")

    def used() -> None:
        problems: list[Problem] = []
        checks = load_checks(tmp_path, problems)
        raise_if_any(problems)
        lint([], checks)

    with pytest.raises(InputError) as refused:
        used()
    assert said in str(refused.value)


def test_the_word_service_is_allowed_where_it_asks_nobody(tmp_path: Path) -> None:
    (tmp_path / "x.rq").write_text(
        HEADER
        + "# no SERVICE here\n"
        + 'SELECT ?entity ?property ?value { ?entity ?property ?value, "SERVICE", <urn:service> . ?service a ?value }',
        "utf-8",
    )
    problems: list[Problem] = []
    assert len(load_checks(tmp_path, problems)) == 1
    assert problems == []


def excused(rows: str, checks: list[LintCheck], folder: Path) -> tuple[list[Excuse], list[Problem]]:
    (folder / "e.tsv").write_text(rows, "utf-8")
    problems: list[Problem] = []
    return load_excuses(folder / "e.tsv", checks, problems), problems


def test_an_exception_takes_its_finding_out_and_one_without_is_a_finding(checks: list[LintCheck], tmp_path: Path) -> None:
    rows = f"check\tentity\treason\nmissing_label\t{TOWN}Port\tits name is secret\nmissing_label\t{TOWN}Town\tnone\n"
    excuses, problems = excused(rows, checks, tmp_path)
    assert problems == []
    report = lint([read_file(FIXTURES / "bad" / "missing_label.ttl", [])], checks, excuses=excuses)
    assert found(report) == [("unused_exception", f"<{TOWN}Town>", 3)]
    assert report.findings[0].level == "Warning"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "e.tsv:1: the columns are not check, entity, reason"),
        ("entity\tcheck\treason\n", "e.tsv:1: the columns are not check, entity, reason"),
        ("check\tentity\treason\nmissing_label\thttps://e.org/a\n", "e.tsv:2: an exception has a check, an entity and a reason"),
        (
            "check\tentity\treason\nmissing_label\thttps://e.org/a\t \n",
            "e.tsv:2: an exception has a check, an entity and a reason",
        ),
        ("check\tentity\treason\nmissing_lable\thttps://e.org/a\tx\n", "Did you mean missing_label"),
        (
            "check\tentity\treason\nmissing_label\trg:Town\tx\nmissing_label\t<https://e.org/a>\tx\n",
            "e.tsv:3: '<https://e.org/a>' is not",
        ),
        ("check\tentity\treason\n" + "missing_label\thttps://e.org/a\tx\n" * 2, "e.tsv:3: the same exception stands above"),
    ],
)
def test_a_broken_exception_is_a_problem_with_its_line(rows: str, said: str, checks: list[LintCheck], tmp_path: Path) -> None:
    _, problems = excused(rows, checks, tmp_path)
    assert said in "\n".join(map(str, problems))


# ── the documentation, and the project's own ontology ────────────────────────────────────────────────────────────────


def test_the_page_lists_every_check_as_it_is(checks: list[LintCheck]) -> None:
    page = (ROOT / "docs" / "lint.md").read_text("utf-8")
    rows = [f"| `{check.name}` | {check.header.level} | {check.header.name.en} | {check.header.source} |" for check in checks]
    listed = [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 5]
    assert sorted(listed) == sorted(rows)


def test_the_projects_ontology_has_no_error_and_no_warning(checks: list[LintCheck]) -> None:
    folder = ROOT / "ontology"
    excuses = load_excuses(folder / "lint-exceptions.tsv", checks, [])
    report = lint([read_file(folder / name, []) for name in ("relgraph.ttl", "schemes.ttl")], checks, excuses=excuses)
    assert [f"{one.place}: {one.check}" for one in at_least(report.findings, "Warning")] == []


def _lint_lines(lines: list[str], checks: list[LintCheck]) -> Report:
    return lint([read_bytes("all.nt", "".join(lines).encode(), RdfFormat.N_TRIPLES, [])], checks)


def _content(report: Report) -> list[tuple[str, ...]]:
    return sorted((f.check, str(f.focus), f.path, str(f.value), *sorted(f.messages.values())) for f in report.findings)


def _all_bad() -> list[str]:
    files = told_apart([read_file(path, []) for path in sorted((FIXTURES / "bad").glob("*.ttl"))])
    return [f"{triple} .\n" for triple in sorted({str(quad.triple) for file in files for quad in file.quads})]


#: The triples of all bad fixtures together, as lines of N-Triples.
ALL_BAD = _all_bad()
