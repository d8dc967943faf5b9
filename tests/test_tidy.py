"""Tidy tables: what pandas and DuckDB read from them is what SPARQL finds in the release."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pandas
import pytest
from pyarrow import parquet as pq
from pyoxigraph import Literal, NamedNode, Quad, Store

from relgraph.exports import Selection, Source, selected, tablefiles
from relgraph.exports.source import ALL
from relgraph.exports.tidycolumns import TABLES, as_markdown
from relgraph.release import Release, nquads
from relgraph.vocabulary import (
    ALT_LABEL,
    ASSERTED,
    ID,
    PREFIXES,
    PROVENANCE,
    REPORTED,
    SCHEMES,
    XSD,
    A,
    data,
    local_name,
    rg,
)
from tabular import frame, sql, taken_apart

ROOT = Path(__file__).parents[1]
PREFIX = f"BASE <{ID}>\n" + "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
#: What each row of a table stands for in the graph, as SPARQL counts it.
COUNTS = {
    "entities": "{ GRAPH <graph/asserted> { ?x a ?class } FILTER(STRSTARTS(STR(?x), STR(id:))) "
    "FILTER NOT EXISTS { ?x a rg:Fact } FILTER NOT EXISTS { ?x a rg:TimeSpan } }",
    "events": "{ ?x a rg:Event }",
    "relations": "{ ?x a rg:Relation }",
    "memberships": "{ ?x a rg:Membership }",
    "claims": "{ ?x a rg:Claim }",
}


@pytest.fixture(scope="module")
def folder(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables")
    for form in tablefiles.FORMATS:
        written = tablefiles.folder(Source(release), path, form)
        assert [file.name for file in written] == [f"{name}.{form}" for name in TABLES]
    assert len(list(path.iterdir())) == 2 * len(TABLES)
    return path


def read(source: Source, table: str) -> list[dict[str, Any]]:
    """The rows of one table, as Parquet has them."""
    out = io.BytesIO()
    tablefiles.write(source, out, table, "parquet")
    out.seek(0)
    return cast("list[dict[str, Any]]", pq.read_table(out).to_pylist())


def made(release: Release, quads: list[Quad]) -> Source:
    return Source(release, ALL, nquads(quads))


def asked(store: Store, query: str) -> list[tuple[Any, ...]]:
    return [tuple(None if term is None else term.value for term in row) for row in cast(Any, store.query(PREFIX + query))]


@pytest.mark.parametrize("form", tablefiles.FORMATS)
@pytest.mark.parametrize("table", COUNTS)
def test_a_table_has_a_row_for_each_thing_of_its_kind(folder: Path, store: Store, table: str, form: str) -> None:
    expected = {iri for (iri,) in asked(store, f"SELECT DISTINCT ?x {COUNTS[table]}")}
    found = frame(folder, table, form)["iri"]
    assert len(found) == len(expected) > 0
    assert set(found) == expected
    assert sql(f"SELECT count(*) FROM '{folder / table}.{form}'") == [(len(expected),)]


@pytest.mark.parametrize("form", tablefiles.FORMATS)
def test_the_manifest_counts_what_the_tables_hold(folder: Path, release: Release, form: str) -> None:
    counts = cast("dict[str, int]", release.manifest["counts"])
    for table in ("entities", "events", "relations", "claims", "documents"):
        assert len(frame(folder, table, form)) == counts[table]


@pytest.mark.parametrize("form", tablefiles.FORMATS)
def test_the_passage_of_each_claim_is_that_of_the_graph(folder: Path, store: Store, form: str) -> None:
    expected = asked(
        store,
        "SELECT ?c ?fact ?doc ?span ?line ?start ?end ?hash ?by (STRAFTER(STR(?m), '#') AS ?code) { "
        "?c a rg:Claim ; rg:about ?fact ; rg:evidence ?span ; rg:attributedTo ?by ; rg:modality ?m . "
        "?span rg:document ?doc ; rg:line ?line ; rg:charStart ?start ; rg:charEnd ?end ; rg:quoteSha256 ?hash }",
    )
    names = "iri, fact, document, evidence, line, char_start, char_end, quote_sha256, attributed_to, modality"
    found = sql(f"SELECT {names} FROM '{folder}/claims.{form}'")
    assert sorted(tuple(str(cell) for cell in row) for row in found) == sorted(expected)
    assert len(expected) > 600


def test_what_claims_say_is_what_their_content_says(folder: Path, store: Store) -> None:
    expected: dict[str, set[str]] = {}
    for claim, role, value, language, edtf in asked(
        store,
        "SELECT ?c ?p ?v (LANG(?v) AS ?lang) ?edtf { ?c rg:says ?says GRAPH <graph/reported> { ?says ?p ?v } "
        "FILTER(?p != rdf:type) OPTIONAL { ?v rg:edtf ?edtf } }",
    ):
        text = edtf or (f"{value}@{language}" if language else value)
        expected.setdefault(claim, set()).add(f"{local_name(NamedNode(role))}={text}")
    for form in tablefiles.FORMATS:
        found = frame(folder, "claims", form)
        says = found["says"].map(set if form == "parquet" else lambda cell: set(taken_apart(cell)))
        assert dict(zip(found["iri"], says, strict=True)) == expected


@pytest.mark.parametrize("form", tablefiles.FORMATS)
def test_documents_are_those_of_the_register(folder: Path, store: Store, form: str) -> None:
    expected = asked(
        store,
        "SELECT ?d ?en ?ru (STRAFTER(STR(?k), '#') AS ?kind) ?lang ?voice ?name ?publisher ?edtf ?e ?l ?file ?sha ?length "
        "(COUNT(?c) AS ?n) { ?d a rg:Document ; rg:documentKind ?k ; rg:language ?lang ; rg:voice ?voice ; rg:fileName ?file ; "
        "rg:sha256 ?sha ; rg:textLength ?length ; skos:prefLabel ?en , ?ru . FILTER(LANG(?en) = 'en' && LANG(?ru) = 'ru') "
        "?voice skos:prefLabel ?name FILTER(LANG(?name) = 'en') OPTIONAL { ?d rg:publisher ?publisher } "
        "OPTIONAL { ?d rg:issued ?t . ?t rg:edtf ?edtf ; rg:earliest ?e ; rg:latest ?l } ?c rg:evidence/rg:document ?d } "
        "GROUP BY ?d ?en ?ru ?k ?lang ?voice ?name ?publisher ?edtf ?e ?l ?file ?sha ?length",
    )
    names = (
        "document, title_en, title_ru, kind, language, voice, voice_label_en, publisher, issued_edtf, issued_earliest, "
        "issued_latest, file_name, sha256, length, claims"
    )
    found = sql(f"SELECT {names} FROM '{folder}/documents.{form}'")
    as_text = [tuple(c.isoformat() if isinstance(c, datetime) else None if c is None else str(c) for c in row) for row in found]
    assert as_text == sorted(expected)
    assert len(expected) == 5
    assert sum(row[-1] for row in found) == len(frame(folder, "claims", form))


def test_a_row_is_enough_to_cite_a_claim(folder: Path, store: Store) -> None:
    expected = asked(
        store,
        "SELECT ?c ?en ?ru ?edtf { ?c rg:evidence/rg:document ?d . ?d skos:prefLabel ?en , ?ru "
        "FILTER(LANG(?en) = 'en' && LANG(?ru) = 'ru') OPTIONAL { ?d rg:issued/rg:edtf ?edtf } }",
    )
    found = sql(f"SELECT iri, document_title_en, document_title_ru, document_issued FROM '{folder}/claims.parquet'")
    assert sorted(found) == sorted(expected)
    assert {row[-1] for row in found} == {None, "2019-05-22"}


@pytest.mark.parametrize("name", ["time", "begin", "end"])
def test_claims_have_the_dates_that_their_contents_give(folder: Path, store: Store, name: str) -> None:
    expected = asked(
        store,
        f"SELECT ?c ?edtf ?e ?l {{ ?c rg:says ?s GRAPH <graph/reported> {{ ?s rg:{name} ?t }} ?t rg:edtf ?edtf "
        "OPTIONAL { ?t rg:earliest ?e } OPTIONAL { ?t rg:latest ?l } }",
    )
    prefix = "" if name == "time" else f"{name}_"
    columns = ", ".join(f"{prefix}{each}" for each in ("edtf", "earliest", "latest"))
    found = sql(f"SELECT iri, {columns} FROM '{folder}/claims.parquet' WHERE {prefix}edtf IS NOT NULL")
    as_text = [tuple(cell.isoformat() if isinstance(cell, datetime) else cell for cell in row) for row in found]
    assert sorted(as_text) == sorted(expected)
    assert expected


def test_without_texts_there_are_no_passages(folder: Path) -> None:
    counted = f"SELECT count(*), count(quote), count(quote_context) FROM '{folder}/claims.parquet'"
    assert sql(counted) == [(len(frame(folder, "claims", "csv")), 0, 0)]


def test_roles_are_all_values_of_all_facts(folder: Path, store: Store) -> None:
    expected = asked(
        store,
        "SELECT ?f ?p ?v { ?f a rg:Fact GRAPH <graph/asserted> { ?f ?p ?v } "
        "FILTER(?p NOT IN (rdf:type, skos:prefLabel, rg:status, rg:contested, rg:time, rg:begin, rg:end, rg:currentIn, "
        "rg:possiblySameAs, dcterms:replaces)) }",
    )
    found = sql(f"SELECT fact, role, value FROM '{folder}/roles.parquet'")
    assert sorted(found) == sorted((fact, local_name(NamedNode(role)), value) for fact, role, value in expected)
    kinds = {kind for (kind,) in sql(f"SELECT DISTINCT value_kind FROM '{folder}/roles.parquet'")}
    assert kinds == {"entity", "event", "relation", "concept", "text"}


def test_every_role_has_its_claims(folder: Path, store: Store) -> None:
    stated = set(asked(store, "SELECT ?f ?p ?v ?c { ?c rg:about ?f ; rg:says ?s GRAPH <graph/reported> { ?s ?p ?v } }"))
    query = f"SELECT fact, role, value, unnest(stated_by) FROM '{folder}/roles.parquet'"
    found = {(fact, rg(role).value, value, claim) for fact, role, value, claim in sql(query)}
    assert found <= stated
    assert sql(f"SELECT count(*) FROM '{folder}/roles.parquet' WHERE len(stated_by) = 0") == [(0,)]


def test_dates_are_ranges_with_their_bounds(folder: Path, store: Store) -> None:
    expected = asked(store, "SELECT ?f ?edtf ?e ?l { ?f a rg:Event ; rg:time ?t . ?t rg:edtf ?edtf "
                            "OPTIONAL { ?t rg:earliest ?e } OPTIONAL { ?t rg:latest ?l } }")  # fmt: skip
    found = sql(f"SELECT iri, edtf, earliest, latest FROM '{folder}/events.parquet' WHERE edtf IS NOT NULL")
    one_date = [row for row in found if " | " not in row[1]]
    as_text = sorted(tuple(cell.isoformat() if isinstance(cell, datetime) else cell for cell in row) for row in one_date)
    facts = [row[0] for row in expected]
    assert as_text == sorted(row for row in expected if facts.count(row[0]) == 1)
    assert {row[0] for row in found} == set(facts)
    frame_of_csv = pandas.read_csv(folder / "events.csv", parse_dates=["earliest", "latest"])
    assert str(frame_of_csv["earliest"].dtype).startswith("datetime64")


def test_memberships_have_both_sides_and_their_dates(folder: Path, store: Store) -> None:
    row = frame(folder, "memberships", "parquet").set_index("key").loc["membership/russia-pfp-1"]
    assert (row["kind"], row["member"], row["organization_label_en"]) == ("partner", f"{ID}state/RUS", "Partnership for Peace")
    assert row["begin_edtf"] == "1994-06-22"  # derived from the event that initiates it
    assert list(row["initiated_by"]) == [f"{ID}event/accession-russia-pfp"]
    assert pandas.isna(row["end_edtf"])
    assert row["member_label_ru"] == "Россия"


def test_entities_count_the_facts_that_they_have_a_role_in(folder: Path, store: Store) -> None:
    expected = asked(store, "SELECT ?x (COUNT(DISTINCT ?f) AS ?n) { ?f a rg:Fact GRAPH <graph/asserted> { ?f ?p ?x } "
                            "FILTER(?p NOT IN (rdf:type, rg:currentIn, rg:possiblySameAs)) } GROUP BY ?x")  # fmt: skip
    counts = {iri: int(count) for iri, count in expected}
    found = frame(folder, "entities", "csv")
    assert list(found["facts"]) == [counts.get(iri, 0) for iri in found["iri"]]
    assert found["facts"].max() > 50


def test_labels_are_there_in_both_languages(folder: Path) -> None:
    for table in ("entities", "events", "relations", "memberships"):
        found = frame(folder, table, "csv")
        assert not (found["label_en"] == "").any()
        assert not (found["label_ru"] == "").any()


def test_contested_facts_are_marked(folder: Path, store: Store) -> None:
    expected = {iri for (iri,) in asked(store, "SELECT ?f { ?f rg:contested true }")}
    found = frame(folder, "events", "csv")
    assert set(found[found["contested"]]["iri"]) == expected
    conflicts = frame(folder, "claims", "parquet")
    assert (conflicts["conflicts_with"].map(len) > 0).sum() == len(asked(store, "SELECT DISTINCT ?c { ?c rg:conflictsWith ?d }"))


def test_parquet_and_csv_hold_the_same(folder: Path) -> None:
    for table in TABLES:
        rows = pq.read_table(folder / f"{table}.parquet").to_pylist()
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            read = list(csv.DictReader(file))
        assert len(rows) == len(read)
        for row, cells in zip(rows, read, strict=True):
            assert [*row] == [*cells]
            for name, value in row.items():
                if isinstance(value, list):
                    assert taken_apart(cells[name]) == tuple(value)
                elif isinstance(value, bool):
                    assert cells[name] == str(value).lower()
                elif isinstance(value, datetime):
                    assert cells[name] == value.isoformat()
                else:
                    assert cells[name] == ("" if value is None else str(value))


def test_a_selection_has_only_its_claims(release: Release, store: Store, tmp_path: Path) -> None:
    with selected(release, Selection(documents=(data("document/001"),)), ALL) as source:
        tablefiles.folder(source, tmp_path / "tables", "csv")
    found = frame(tmp_path / "tables", "claims", "csv")
    assert set(found["document"]) == {f"{ID}document/001"}
    assert len(found) == int(asked(store, "SELECT (COUNT(*) AS ?n) { ?c rg:evidence/rg:document document:001 }")[0][0])
    facts = {iri for table in ("events", "relations") for iri in frame(tmp_path / "tables", table, "csv")["iri"]}
    assert set(found["fact"]) == facts


def test_graphs_that_are_not_wanted_say_nothing(release: Release) -> None:
    for table in ("claims", "documents"):
        assert read(Source(release, (ASSERTED,)), table) == []


@pytest.mark.parametrize(
    ("graphs", "table", "missing"),
    [
        ((ASSERTED,), "events", {"claims", "documents"}),
        ((ASSERTED, REPORTED), "relations", {"claims", "documents"}),
        ((ASSERTED,), "memberships", {"claims", "documents"}),
        ((ASSERTED,), "roles", {"stated_by", "documents"}),
        ((ASSERTED, PROVENANCE), "roles", {"stated_by", "documents"}),
        ((ASSERTED, PROVENANCE), "events", set()),
        ((ASSERTED, PROVENANCE), "claims", {"says"}),
    ],
)
def test_what_cannot_be_known_without_a_graph_is_missing_and_no_number(
    release: Release, graphs: tuple[NamedNode, ...], table: str, missing: set[str]
) -> None:
    rows = read(Source(release, graphs), table)
    assert rows
    for name in {"claims", "documents", "stated_by", "says"} & set(rows[0]):
        assert {row[name] is None for row in rows} == {name in missing}, name


def test_a_claim_of_which_much_is_missing_is_a_row_all_the_same(release: Release) -> None:
    claim, says = data("claim/x"), data("claim/x/says")
    quads = [
        Quad(claim, A, rg("Claim"), PROVENANCE),
        Quad(claim, rg("says"), says, PROVENANCE),
        Quad(claim, rg("modality"), NamedNode(SCHEMES + "modality#Denied"), PROVENANCE),
        Quad(says, rg("participantCount"), Literal("5", datatype=NamedNode(XSD + "integer")), REPORTED),
    ]
    (row,) = read(made(release, quads), "claims")
    assert {name: cell for name, cell in row.items() if cell} == {
        "iri": claim.value, "key": "claim/x", "modality": "Denied", "says": ["participantCount=5"],
    }  # fmt: skip


def test_what_a_claim_says_comes_in_the_order_of_lines_wherever_it_stands(release: Release) -> None:
    """Between the content of claim 1 and claim 1 itself stand claim 10 and its content."""
    words = ("b", "a", "c", "a b", "9", "10")
    quads = []
    for key in ("claim/1", "claim/10"):
        claim, says = data(key), data(f"{key}/says")
        quads += [Quad(claim, A, rg("Claim"), PROVENANCE), Quad(claim, rg("says"), says, PROVENANCE)]
        quads += [Quad(says, rg("designation"), Literal(each, language="en"), REPORTED) for each in words]
    for row in read(made(release, quads), "claims"):
        assert row["says"] == [f"designation={each}@en" for each in ("10", "9", "a b", "a", "b", "c")]  # " " comes before "\""


def test_a_name_without_a_language_is_not_said_to_be_in_one(release: Release) -> None:
    place = data("place/x")
    names = (Literal("x"), Literal("y", language="de"), Literal("z", language="en"))
    quads = [Quad(place, A, rg("Place"), ASSERTED), *(Quad(place, ALT_LABEL, name, ASSERTED) for name in names)]
    (row,) = read(made(release, quads), "entities")
    assert (row["alt_labels_other"], row["alt_labels_en"]) == (["x", "y@de"], ["z"])


def test_a_document_of_which_much_is_missing_is_a_row_all_the_same(release: Release) -> None:
    (row,) = read(made(release, [Quad(data("document/x"), A, rg("Document"), PROVENANCE)]), "documents")
    given = {name: cell for name, cell in row.items() if cell is not None}
    assert given == {"document": f"{ID}document/x", "key": "document/x", "claims": 0}


def test_the_docs_describe_every_column() -> None:
    assert "\n".join(as_markdown()) in (ROOT / "docs" / "tables.md").read_text("utf-8")


def test_parquet_describes_its_columns(folder: Path) -> None:
    for name, table in TABLES.items():
        schema = pq.read_schema(folder / f"{name}.parquet")
        assert [field.metadata[b"description"].decode() for field in schema] == [column.text for column in table.columns]
