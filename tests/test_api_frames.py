"""Answers as tables of pandas and Arrow and as networks of networkx, with true types; what is missing has a remedy."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path

import networkx
import pandas
import pytest
from pyoxigraph import NamedNode

import relgraph
from relgraph import Dataset, ontology, searchclause
from relgraph.api import resources
from relgraph.errors import UsageError
from relgraph.project import Project
from relgraph.release import Release
from relgraph.vocabulary import OWL, PREFIXES, RDF, RG

VISITS = "SELECT ?who ?date ?n { ?v a rg:Visit ; rg:visitor ?who ; rg:time/rg:edtf ?date BIND(1 AS ?n) } ORDER BY ?date"


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


def test_a_frame_has_labels_and_bounds_beside_iris_and_dates(ds: Dataset) -> None:
    frame = ds.select(VISITS).to_dataframe(labels=True)
    assert list(frame.columns) == ["who", "who_label", "date", "date_earliest", "date_latest", "n"]
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "who": "string", "who_label": "string", "date": "string",
        "date_earliest": "datetime64[us]", "date_latest": "datetime64[us]", "n": "Int64",
    }  # fmt: skip
    first = frame.iloc[0]
    assert (first.who, first.who_label) == ("https://w3id.org/relgraph/id/person/manfred-woerner", "Manfred Wörner")
    assert (first.date_earliest, first.date_latest) == (datetime(1992, 2, 24), datetime(1992, 2, 25, 23, 59, 59))
    assert list(ds.select(VISITS).to_dataframe(dates=False).columns) == ["who", "date", "n"]


def test_types_stay_with_gaps_and_without_rows(tmp_path: Path) -> None:
    data = tmp_path / "data.ttl"
    data.write_text('<urn:a> <urn:n> 9007199254740993 ; <urn:b> true . <urn:c> <urn:s> "x" .', "utf-8")
    query = """SELECT ?n ?b ?s {
      ?x ?p ?o OPTIONAL { ?x <urn:n> ?n } OPTIONAL { ?x <urn:b> ?b } OPTIONAL { ?x <urn:s> ?s } } ORDER BY ?x"""
    with relgraph.open(data) as ds:
        frame = ds.select(query).to_dataframe()
        assert [str(kind) for kind in frame.dtypes] == ["Int64", "boolean", "string"]
        assert frame["n"][0] == 9007199254740993
        assert frame["n"].isna().sum() == 1
        assert list(ds.select("SELECT ?n { ?x <urn:none> ?n }").to_dataframe().columns) == ["n"]


def test_open_ends_and_texts_that_are_no_dates_have_no_bounds(tmp_path: Path) -> None:
    data = tmp_path / "data.ttl"
    edtf = "<https://w3id.org/relgraph/ns#edtf>"
    data.write_text(f'<urn:a> {edtf} "1991/.." . <urn:b> {edtf} "once" . <urn:c> {edtf} "0001" .', "utf-8")
    with relgraph.open(data) as ds:
        frame = ds.select("SELECT ?d { ?x rg:edtf ?d } ORDER BY ?x").to_dataframe()
    assert frame["d_earliest"].isna().tolist() == [False, True, False]
    assert frame["d_latest"].isna().tolist() == [True, True, False]
    assert frame["d_earliest"][2] == datetime(1, 1, 1)


def test_columns_are_the_same_without_rows(ds: Dataset) -> None:
    query = f"{VISITS} LIMIT 0"
    some, none = (ds.select(text).to_dataframe(labels=True) for text in (VISITS, query))
    assert (list(none.columns), len(none)) == (list(some.columns), 0)
    assert str(none["who_label"].dtype) == "string"
    for question in ds.questions.values():
        found = question()
        there, expected = ({*map(str, each.to_dataframe(labels=True).columns)} for each in (found, found[:0]))
        assert there - expected == {
            name for name in there if "@" in name
        }  # kinds and languages of mixed columns, see relgraph.columns


def test_no_column_of_iris_in_the_queries_is_without_labels_and_none_of_texts_has_them(ds: Dataset) -> None:
    for question in ds.questions.values():
        found = question()
        frame = found.to_dataframe(labels=True)
        for place, name in enumerate(found.columns):
            kinds = {type(row[place]) for row in found.terms} - {type(None)}
            assert NamedNode not in kinds or f"{name}_label" in frame, (question.name, name)
            if f"{name}_label" in frame and kinds:
                assert NamedNode in kinds or name in ("value", "otherValue"), (question.name, name)


@pytest.mark.parametrize(
    ("query", "labelled"),
    [
        ("SELECT ?s ?p ?o { ?s ?p ?o }", "s p o"),
        ("SELECT ?g ?n { GRAPH ?g { ?x skos:prefLabel ?n } }", "g"),
        ("SELECT ?e ?n { ?x rg:time/(rg:edtf|rg:earliest) ?e ; rg:partOf?/rdfs:label ?n }", ""),
        ("SELECT ?t ?o { ?x ^rg:edtf ?t ; !rg:edtf ?o }", "t o"),
        ("SELECT (COUNT(?s) AS ?n) (SAMPLE(?s) AS ?k) (STR(?s) AS ?t) (?s = ?o AS ?is) { ?s ?p ?o }", "k"),
        ("SELECT ?a ?b ?c { ?s ?p ?o BIND(IF(?o, ?s, 1) AS ?a) BIND(COALESCE(?l, 1) AS ?b) BIND(?b AS ?c) ?s rg:line ?l }", "a"),
        ("SELECT ?a ?b { BIND(IRI('urn:x') AS ?a) BIND(xsd:integer('1') AS ?b) }", "a"),
        ("SELECT ?a ?b ?c { VALUES ?a { 1 UNDEF } VALUES (?b ?c) { (<urn:x> 1) (2 'x') } }", "b"),
        ("SELECT ?x ?l ?n { SERVICE search:index { ?x search:query 'a' ; search:label ?l ; search:score ?n } }", "x"),
        ("SELECT ?x ?c { SERVICE search:index { ?x search:query 'a' ; search:corrected ?c } }", "x"),
        ("SELECT ?where ?n { ?x skos:prefLabel ?n SERVICE ?where { ?y skos:prefLabel ?m } }", "where"),
        ("SELECT ?u ?t { BIND(UUID() AS ?u) BIND(STRUUID() AS ?t) }", "u"),
        ("SELECT ?given { ?s ?p ?o }", "given"),
        ("SELECT ?s ?l { ?s rdfs:label ?l . ?l rdfs:label ?s }", "s l"),
        ("no SPARQL ?s", "s"),
    ],
)  # fmt: skip
def test_which_columns_may_hold_iris_is_told_by_the_query(query: str, labelled: str) -> None:
    head = query.partition("{ ")[0] if "SELECT" in query else query
    columns = re.findall(r"AS \?(\w+)", head) or re.findall(r"\?(\w+)", head)
    assert resources.may_be(columns, query) == set(labelled.split())


def test_properties_with_literals_are_those_of_the_ontology(project: Project) -> None:
    kind, datatype = NamedNode(f"{RDF}type"), NamedNode(f"{OWL}DatatypeProperty")
    own = {str(t.subject) for t in ontology.load(project.ontology, []).terms if (t.predicate, t.object) == (kind, datatype)}
    assert {f"<{iri}>" for iri in resources.LITERAL if iri.startswith(RG)} == {iri for iri in own if iri.startswith(f"<{RG}")}


def test_all_that_a_search_gives_is_a_literal_but_the_property() -> None:
    asked = {PREFIXES["search"] + name for name in searchclause._ASKED if name != "property"}
    assert {iri for iri in resources.LITERAL if iri.startswith(PREFIXES["search"])} == asked


def test_a_column_is_never_written_over(ds: Dataset) -> None:
    answer = ds.select("SELECT ?who ?who_label { ?v rg:visitor ?who . ?who skos:prefLabel ?who_label }")
    with pytest.raises(UsageError, match="who_label already"):
        answer.to_dataframe(labels=True)
    answer = ds.select("SELECT ?d ?d_latest { ?t rg:edtf ?d ; rg:latest ?d_latest }")
    with pytest.raises(UsageError, match="dates=False"):
        answer.to_dataframe()


def test_arrow_has_the_same_rows(ds: Dataset) -> None:
    table = ds.select(VISITS).to_arrow()
    assert table.column("date").to_pylist() == [str(row.date) for row in ds.select(VISITS)]
    assert str(table.schema.field("n").type) == "int64"


def test_a_constructed_graph_is_a_network(ds: Dataset) -> None:
    network = ds.construct(
        "CONSTRUCT { ?a rg:partOf ?b ; skos:notation ?n } WHERE { ?a rg:partOf ?b BIND(3 AS ?n) }"
    ).to_networkx()
    place = "https://w3id.org/relgraph/id/place/abkhazia"
    assert network.nodes[place] == {"label": "Abkhazia", "skos:notation": 3}
    assert network.has_edge(place, "https://w3id.org/relgraph/id/place/georgia", key="rg:partOf")


def test_the_whole_dataset_is_a_network_that_graphml_can_hold(ds: Dataset, tmp_path: Path) -> None:
    network = ds.to_networkx()
    counts = ds.select("SELECT (COUNT(DISTINCT ?f) AS ?n) { ?f a rg:Fact }").first.n
    facts = [node for node, data in network.nodes(data=True) if data["kind"] in ("event", "relation")]
    assert len(facts) == counts
    visit = "https://w3id.org/relgraph/id/event/visit-robertson-moscow-2001-11"
    assert network.nodes[visit]["edtf"] == "2001-11-21/2001-11-23"
    assert network.nodes[visit]["status"] == "Occurred"
    assert {role for _, _, role in network.edges(visit, keys=True)} == {"visitor", "place"}
    out = BytesIO()
    networkx.write_graphml(network, out)
    again = networkx.read_graphml(BytesIO(out.getvalue()), force_multigraph=True)
    assert (len(again), again.number_of_edges()) == (len(network), network.number_of_edges())


@pytest.mark.parametrize("library", ["pandas", "networkx", "pyarrow"])
def test_what_is_missing_is_named_with_its_remedy(library: str, ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=r'pip install "relgraph\['):
        {"pandas": lambda: ds.select(VISITS).to_dataframe(), "networkx": ds.to_networkx, "pyarrow": ds.select(VISITS).to_arrow}[
            library
        ]()


def test_frames_group_by_resources(ds: Dataset) -> None:
    frame = ds.select(VISITS).to_dataframe(labels=True)
    assert frame.groupby("who_label").size()["Lord Robertson"] == 2
    assert isinstance(frame, pandas.DataFrame)


@pytest.mark.parametrize(("language", "line"), [("en", "line"), ("ru", "строка")])
def test_a_passage_is_labelled_by_its_place(release: Release, language: str, line: str) -> None:
    with relgraph.open(release.path, language=language) as opened:
        frame = opened.select(
            "SELECT ?evidence ?n { ?evidence a rg:TextSpan ; rg:line ?n } ORDER BY ?evidence LIMIT 3"
        ).to_dataframe(labels=True)
    for label, number in zip(frame["evidence_label"], frame["n"], strict=True):
        assert f"{line} {number}" in label
