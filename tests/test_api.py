"""The Python API: opening, typed rows, names, timelines, explanations; a release, a file and an endpoint answer alike."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

import relgraph
from mini import Mini
from relgraph import Dataset, DateRange, Resource, Result, Text, Typed
from relgraph.errors import BudgetError, EndpointError, ForbiddenError, InputError, QueryError, RelgraphError, UsageError
from relgraph.project import Project
from relgraph.release import Release
from server import Server

QUERIES = [
    "SELECT ?visitor ?date { ?v a rg:Visit ; rg:visitor ?visitor ; rg:time/rg:edtf ?date } ORDER BY ?date ?visitor",
    "SELECT ?f ?label ?status { ?f a rg:Fact ; skos:prefLabel ?label OPTIONAL { ?f rg:status ?status } } ORDER BY ?f ?label",
    "SELECT ?c ?e ?l { ?c rg:about ?f ; rg:evidence ?s . ?s rg:line ?l . ?f rg:time/rg:earliest ?e } ORDER BY ?c ?e",
    "SELECT ?c ?t { ?c rg:says ?x . GRAPH <graph/reported> { ?x rg:time ?s } ?s rg:edtf ?t } ORDER BY ?c ?t",
    "SELECT (COUNT(*) AS ?n) (AVG(?line) AS ?mean) { ?s rg:line ?line }",
    'SELECT ?x ?l { SERVICE search:index { ?x search:query "Москве" ; search:label ?l } } ORDER BY ?x ?l',
]


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("api") / "log", "--release", release.path) as running:
        yield running


@pytest.fixture(scope="module")
def all_three(ds: Dataset, release: Release, server: Server) -> Iterator[tuple[Dataset, Dataset, Dataset]]:
    with relgraph.open(release.path / "dataset.nq") as file, relgraph.open(server.url) as endpoint:
        yield ds, file, endpoint


def test_importing_relgraph_loads_nothing_heavy() -> None:
    heavy = ["pyoxigraph", "rdflib", "pyarrow", "pandas", "networkx", "httpx2", "pydantic", "relgraph.api"]
    code = f"import relgraph, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_opening_and_asking_loads_no_library_for_analysis(release: Release) -> None:
    code = (
        "import relgraph, sys; ds = relgraph.open(sys.argv[1]); ds.entity('NATO').timeline(); "
        "print([name for name in ('pyarrow', 'pandas', 'networkx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, release.path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("query", QUERIES)
def test_a_release_a_file_and_an_endpoint_give_equal_rows(query: str, all_three: tuple[Dataset, ...]) -> None:
    first, *others = [[row.asdict() for row in one.select(query)] for one in all_three]
    assert first
    assert others == [first, first]


def test_they_agree_on_graphs_names_timelines_and_explanations(all_three: tuple[Dataset, ...]) -> None:
    def seen(one: Dataset) -> list[object]:
        graph = one.construct("CONSTRUCT WHERE { ?a rg:memberOf ?b }")
        why = one.why("Russia", "rg:partnerOf", "Partnership for Peace")
        timeline = one.timeline("ОБСЕ", begin="1999")
        return [
            graph.serialize(), one.ask("ASK { <state/RUS> a rg:State }"), one.entity("нато").key, list(timeline),
            timeline.undated, [f.label for f in timeline.undated], why.record, str(why),
            list(one.run("visits-by-office", place="place/moscow")),
        ]  # fmt: skip

    first, second, third = map(seen, all_three)
    assert first == second
    assert first == third


@pytest.mark.parametrize("text", ['" } #', "service } SERVICE <urn:x> {}", 'Москва\n\t\\"', "😀"])
def test_a_text_reaches_an_endpoint_as_it_was_given(text: str, all_three: tuple[Dataset, ...]) -> None:
    for one in all_three:
        assert one.select("SELECT ?x (STRLEN(?x) AS ?n) {}", x=text).first.asdict() == {"x": text, "n": len(text)}


@pytest.mark.parametrize("text", ["C:\\users", "C:\\u0022 } #", "\\U00000041"])
def test_a_text_that_looks_like_an_escape_is_whole(text: str, all_three: tuple[Dataset, ...]) -> None:
    for one in all_three:
        assert one.select("SELECT ?x {}", x=text).first.x == text


@pytest.mark.parametrize("text", ["the service of C:\\u0022 } #"])
def test_beside_the_word_service_it_is_refused(text: str, all_three: tuple[Dataset, ...]) -> None:
    """Parsers read it in two ways, and an endpoint looks for clauses; other engines are in test_api_parameters."""
    with pytest.raises(QueryError, match="two ways"):
        all_three[2].query("SELECT ?x {}", x=text)


def test_an_endpoint_names_its_release(all_three: tuple[Dataset, ...]) -> None:
    release, file, endpoint = all_three
    endpoint.ask("ASK {}")
    assert endpoint.release == release.release
    assert file.release is None


def test_values_have_the_types_that_they_are_of(tmp_path: Path) -> None:
    data = tmp_path / "data.ttl"
    data.write_text(
        """@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rg: <https://w3id.org/relgraph/ns#> .
        <urn:s> <urn:int> 7 ; <urn:decimal> 1.50 ; <urn:double> 2e0 ; <urn:bool> true ; <urn:day> "2001-02-03"^^xsd:date ;
          <urn:moment> "2001-02-03T04:05:06"^^xsd:dateTime ; <urn:text> "a" ;
          <urn:lang> "б"@ru ; <urn:iri> <urn:o> ;
          <urn:bnode> [] ;
          <urn:odd> "P3M"^^xsd:duration ; <urn:bad> "seven"^^xsd:integer ; <urn:early> "-0044-03-15"^^xsd:date ;
          rg:edtf "1993-21" ; <urn:nodate> "whenever" .""",
        "utf-8",
    )
    with relgraph.open(data) as ds:
        found = {row.p.rpartition(":")[2]: row.o for row in ds.select("SELECT ?p ?o { <urn:s> ?p ?o }")}
        assert ds.select("SELECT ?d { <urn:s> rg:edtf ?d }").first.d == DateRange("1993-21")
        assert ds.select("SELECT ?d { <urn:s> <urn:nodate>|rg:edtf ?d FILTER(?d = 'whenever') }").first.d == "whenever"
        assert ds.select("SELECT ?s ?x { ?s <urn:int> 7 OPTIONAL { ?s <urn:none> ?x } }").first.x is None
    assert (found["int"], found["decimal"], found["double"], found["bool"]) == (7, Decimal("1.5"), 2.0, True)
    assert (found["day"], found["moment"]) == (date(2001, 2, 3), datetime(2001, 2, 3, 4, 5, 6))
    assert (type(found["text"]), found["lang"].language, found["iri"].iri) == (str, "ru", "urn:o")
    assert found["bnode"].startswith("_:")
    assert {name: found[name].datatype.rpartition("#")[2] for name in ("odd", "bad", "early")} == {
        "odd": "duration", "bad": "integer", "early": "date",
    }  # fmt: skip
    assert isinstance(found["odd"], Typed)


@pytest.mark.parametrize(
    ("select", "dates"),
    [
        ("?d { ?v rg:time/rg:edtf ?d }", {"d"}),
        ("* { ?v rg:time ?t . ?t rg:edtf ?d ; rg:earliest ?e }", {"d"}),
        ("(?d AS ?e) (SAMPLE(?d) AS ?f) (STR(?d) AS ?g) { ?v rg:time/rg:edtf ?d } GROUP BY ?d", {"e", "f"}),
        ("(COALESCE(?a, ?b) AS ?d) { ?v rg:begin/rg:edtf ?a OPTIONAL { ?v rg:end/rg:edtf ?b } }", {"d"}),
        ("?d { { SELECT ?d { ?v (rg:begin|rg:end)/rg:edtf ?d } } }", {"d"}),
        ('?d { ?v rg:sha256 ?d FILTER(?d != "rg:edtf") }', set()),
    ],
)
def test_what_is_matched_with_edtf_is_a_range(select: str, dates: set[str], ds: Dataset) -> None:
    assert ds.select(f"SELECT {select}").dates == dates


def test_rows_are_read_by_attribute_name_and_place(ds: Dataset) -> None:
    row = ds.select(QUERIES[0]).first
    assert row.visitor == row["visitor"] == row[0] == next(iter(row)) == row.asdict()["visitor"]
    with pytest.raises(AttributeError, match="Did you mean visitor"):
        _ = row.visitors
    with pytest.raises(KeyError, match="no column 'x'"):
        row["x"]


def test_labels_are_in_the_language_of_the_dataset(release: Release) -> None:
    query = "SELECT ?who ?class { ?v rg:visitor ?who ; a ?class FILTER(?class = rg:Visit) } ORDER BY ?who"
    with relgraph.open(release.path, language="ru") as ds:
        row = ds.select(query)[0]
        assert (row.who.label, row["class"].label) == ("Лорд Робертсон", "визит")
    with pytest.raises(UsageError, match="choose en or ru"):
        relgraph.open(release.path, language="fr")


def test_names_are_found_in_any_language_and_case(ds: Dataset) -> None:
    for name in ("NATO", "nato", "НАТО", "нато", "org/nato", "https://w3id.org/relgraph/id/org/nato", "org:nato"):
        assert ds.entity(name).key == "org/nato"
    assert ds.entity(ds.entity("NATO").resource) == ds.entity("NATO")
    with pytest.raises(UsageError, match=r"no 'Natto' .* mean NATO \(org/nato\)"):
        ds.entity("Natto")
    with pytest.raises(UsageError, match=r"place/moscow"):
        ds.entity("Москве")
    with pytest.raises(UsageError, match="'' is no name"):
        ds.entity("")


def test_a_name_of_several_things_is_refused_with_their_keys(tmp_path: Path) -> None:
    data = tmp_path / "two.ttl"
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    data.write_text(f'<urn:a> {label} "Georgia"@en . <urn:b> {label} "Georgia"@en , "Грузия"@ru .', "utf-8")
    with relgraph.open(data) as ds:
        with pytest.raises(UsageError, match="several things: urn:a, urn:b"):
            ds.entity("georgia")
        assert ds.entity("Грузия").iri == "urn:b"


def test_a_timeline_tells_possible_from_certain(ds: Dataset) -> None:
    timeline = ds.timeline("Moscow", begin="1993-04", end="1993-04")
    assert [(fact.when, timeline.is_certain(fact)) for fact in timeline] == [("1993-21", False)]
    everything = ds.timeline("Moscow")
    starts = [fact.earliest or fact.latest for fact in everything]
    assert starts == sorted(starts, key=lambda each: each or datetime.max)
    assert all(fact.sources for fact in (*everything, *everything.undated))
    assert not [fact for fact in everything.undated if fact.when]
    with pytest.raises(UsageError, match="ends before it begins"):
        ds.timeline("Moscow", begin="2001", end="2000")
    with pytest.raises(UsageError, match="moment"):
        ds.timeline("Moscow", begin=datetime(2001, 1, 1))
    with pytest.raises(RelgraphError, match="not EDTF"):
        ds.timeline("Moscow", begin="last year")


def test_a_timeline_keeps_both_dates_where_sources_differ(ds: Dataset) -> None:
    fact = next(f for f in ds.timeline("Lord Robertson") if f.contested)
    assert [str(each) for each in fact.dates] == ["2002-12-13", "2003-12-13"]
    assert fact.when == "2002-12-13 or 2003-12-13"
    assert len(fact.sources) > 1
    said = [source.dates for source in fact.sources if source.dates]
    assert {date for dates in said for date in dates} == set(fact.dates), "each source says which date is its own"
    assert all(len(dates) == 1 for dates in said)


def test_a_timeline_of_everything_has_every_dated_fact(ds: Dataset) -> None:
    count = ds.select("SELECT (COUNT(DISTINCT ?f) AS ?n) { ?f a rg:Fact }").first.n
    everything = ds.timeline()
    assert len(everything) + len(everything.undated) == count


def test_why_takes_names_and_values(ds: Dataset) -> None:
    nato = ds.entity("NATO")
    assert ds.why(nato, "skos:prefLabel", Text("НАТО", "ru")).found
    assert not ds.why(nato, "skos:prefLabel", Text("NATO", "de")).found
    contested = ds.select("SELECT ?f { ?f rg:contested true } LIMIT 1").first.f
    assert ds.why(contested, "rg:contested", True).origin == "computed"
    assert ds.why(*ds.construct("CONSTRUCT { ?a rg:memberOf ?b } WHERE { ?a rg:memberOf ?b }")[0]).found
    with pytest.raises(UsageError, match="no 'Atlantis'"):
        ds.why("Atlantis", "rg:memberOf", nato)


def test_passages_are_shown_where_the_documents_are_at_hand(release: Release, documents_folder: Path) -> None:
    with relgraph.open(release.path, documents=documents_folder) as ds:
        why = ds.why("Russia", "rg:partnerOf", "Partnership for Peace")
        assert "“" in str(why)
        assert "<blockquote>" in why._repr_html_()


def test_questions_are_functions_with_checked_parameters(ds: Dataset) -> None:
    moscow = ds.entity("Москва")
    assert list(ds.run("visits-by-office", place=moscow)) == list(ds.questions["visits-by-office"](place="place/moscow"))
    assert ds.run("events-in-period", from_=DateRange("2001"), to="2001-11-22")
    wrong: list[tuple[str, dict[str, object], str]] = [
        ("visits-by-ofice", {}, "Did you mean visits-by-office"),
        ("visits-by-office", {"where": moscow}, "no parameter 'where'"),
        ("visits-by-office", {"place": "place/moskow"}, "place/moscow"),
        ("visits-by-office", {"place": "place/x> } #"}, "parameter place: there is no"),
        ("events-in-period", {"from_": "yesterday"}, "EDTF"),
    ]
    for name, given, message in wrong:
        with pytest.raises(UsageError, match=message):
            ds.run(name, **given)


def test_nothing_is_fetched(ds: Dataset) -> None:
    with pytest.raises(ForbiddenError, match="not answered here"):
        ds.query("SELECT * { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }")
    assert len(ds.select("SELECT * FROM <http://127.0.0.1:9/data> { ?s ?p ?o }")) == 0


def test_validation_and_export(ds: Dataset, release: Release, tmp_path: Path) -> None:
    assert not [finding for finding in ds.validate().findings if finding.level == "Violation"]
    assert ds.export("nquads", tmp_path / "out.nq").read_bytes() == (release.path / "dataset.nq").read_bytes()
    with pytest.raises(UsageError, match="no export format"):
        ds.export("pdf", tmp_path / "out.pdf")
    with pytest.raises(UsageError, match="cannot write"):
        ds.export("nquads", tmp_path / "none" / "out.nq")
    assert [path.name for path in tmp_path.iterdir()] == ["out.nq"]


def test_what_cannot_be_opened_or_asked_is_said(tmp_path: Path, ds: Dataset, release: Release) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("<urn:a> <urn:b> .\n", "utf-8")
    with pytest.raises(InputError, match=r"broken\.ttl:1"):
        relgraph.open(broken)
    with pytest.raises(UsageError, match="no file or folder"):
        relgraph.open(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="no release in"):
        relgraph.open(tmp_path)
    with pytest.raises(QueryError, match="1:11"):
        ds.query("SELECT { }")
    with pytest.raises(UsageError, match="no SELECT"):
        ds.select("ASK {}")
    closed = relgraph.open(release.path)
    closed.close()
    with pytest.raises(UsageError, match="closed"):
        closed.query("ASK {}")


def test_the_data_that_come_with_relgraph_are_built_once(mini: Mini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mini.write()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setattr("relgraph.project.find", lambda explicit=None: Project(mini.root))
    with relgraph.open() as first, relgraph.open() as second:
        assert first.release == second.release
        assert first.ask("ASK { ?claim a rg:Claim }")
    assert len(list((mini.root / "build" / "releases").iterdir())) == 1


def test_a_project_folder_can_be_named(release: Release, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(Path(__file__).parents[1] / "data")
    with pytest.raises(UsageError, match="no release in"):
        relgraph.open(tmp_path)
    (tmp_path / "build").symlink_to(release.path.parent.parent)
    with relgraph.open(tmp_path) as ds:
        assert ds.release == release.id


def test_resources_and_texts_survive_pickling(ds: Dataset) -> None:
    import pickle

    values = [Resource("urn:a"), Text("б", "ru"), Typed("P1D", "urn:d"), DateRange("2001/..")]
    assert pickle.loads(pickle.dumps(values)) == values
    assert pickle.loads(pickle.dumps(Text("б", "ru"))).language == "ru"
    assert pickle.loads(pickle.dumps(ds.entity("NATO").resource)).key == "org/nato"


class Answers(BaseHTTPRequestHandler):
    """An endpoint that answers by its path."""

    answers: ClassVar[dict[str, tuple[int, str, bytes]]] = {
        "/html": (200, "text/html", b"<html>Welcome</html>"),
        "/short": (200, "application/sparql-results+json", b'{"head":{"vars":["a"]},"results":{"bindings":['),
        "/problem": (504, "application/problem+json", b'{"detail":"took too long","budget":"time"}'),
        "/wrong": (400, "text/plain", b"no such prefix"),
        "/moved": (301, "text/plain", b""),
        "/closed": (403, "text/plain", b"members only"),
    }

    def do_POST(self) -> None:
        status, media_type, body = self.answers[self.path]
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/moved":
            self.send_header("Location", "http://elsewhere.example/sparql")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def odd() -> Iterator[str]:
    http = HTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("/html", EndpointError, "text/html and no SPARQL result: '<html>Welcome"),
        ("/short", EndpointError, "cannot be read"),
        ("/problem", BudgetError, r"\(504\): took too long"),
        ("/wrong", QueryError, "no such prefix"),
        ("/moved", EndpointError, "http://elsewhere.example/sparql"),
        ("/closed", ForbiddenError, "members only"),
    ],
)
def test_an_endpoint_that_does_not_answer_as_it_should_is_named(path: str, kind: type[Exception], message: str, odd: str) -> None:
    with relgraph.open(odd + path) as ds, pytest.raises(kind, match=message) as caught:
        ds.query("SELECT * { ?s ?p ?o }")
    assert odd in str(caught.value)


def test_an_endpoint_that_is_not_there_or_late_is_named(server: Server) -> None:
    with relgraph.open("http://127.0.0.1:9/sparql") as ds, pytest.raises(EndpointError, match="cannot be reached"):
        ds.query("ASK {}")
    with relgraph.open(server.url, timeout=0.01) as ds, pytest.raises(EndpointError, match=r"within 0.01 s"):
        ds.query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    with pytest.raises(UsageError, match="no host"):
        relgraph.open("http:///sparql")


def test_a_servers_own_message_is_passed_on(all_three: tuple[Dataset, ...]) -> None:
    endpoint = all_three[2]
    with pytest.raises(QueryError, match="cannot be parsed"):
        endpoint.query("SELECT { }")
    with pytest.raises(UsageError, match="validate where the data are"):
        endpoint.validate()


def test_a_password_of_an_address_is_shown_nowhere() -> None:
    with relgraph.open("http://me:secret@127.0.0.1:9/sparql") as ds:
        assert "secret" not in repr(ds)
        with pytest.raises(EndpointError) as caught:
            ds.query("ASK {}")
    assert "secret" not in str(caught.value)


def test_a_slice_of_rows_is_a_result(ds: Dataset) -> None:
    rows = ds.select(QUERIES[0])
    assert isinstance(rows[:2], Result)
    assert list(rows[:2]) == [rows[0], rows[1]]
    with pytest.raises(UsageError, match="no rows"):
        _ = rows[:0].first
