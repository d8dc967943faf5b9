"""SPARQL solutions as Arrow and Parquet: true types where they keep everything, and nothing lost where there are none."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pandas
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet as pq
from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from relgraph import columns, evaluation
from relgraph.errors import UsageError
from relgraph.vocabulary import ID, RDF, XSD, rg

IRI = NamedNode("https://example.org/a")


def literal(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + datatype))


def one(*terms: object) -> pyarrow.Table:
    return columns.table(["x"], [(term,) for term in terms])


@pytest.mark.parametrize(
    ("terms", "arrow", "values"),
    [
        ([literal("5", "integer"), literal("-07", "int"), None], "int64", [5, -7, None]),
        ([literal(str(2**63 - 1), "integer"), literal(str(-(2**63)), "integer")], "int64", [2**63 - 1, -(2**63)]),
        ([literal("1.5", "decimal"), literal("-.25", "decimal")], "double", [1.5, -0.25]),
        ([literal("1.5", "decimal"), literal("2", "integer"), literal("1E3", "double")], "double", [1.5, 2.0, 1000.0]),
        ([literal("INF", "double"), literal("-INF", "float")], "double", [math.inf, -math.inf]),
        ([literal("0.1234567890123456789", "decimal")], "decimal128(19, 19)", [Decimal("0.1234567890123456789")]),
        (
            [literal("3.333333333333333333", "decimal"), literal("12", "integer")],
            "decimal128(20, 18)",
            [Decimal("3.333333333333333333"), Decimal("12.000000000000000000")],
        ),
        ([literal("true", "boolean"), literal("0", "boolean")], "bool", [True, False]),
        ([literal("2001-11-21T00:00:00", "dateTime")], "timestamp[us]", [datetime(2001, 11, 21)]),
        ([literal("2001-11-21T24:00:00", "dateTime")], "timestamp[us]", [datetime(2001, 11, 22)]),
        ([literal("2001-11-21T10:00:00.5Z", "dateTime")], "timestamp[us, tz=UTC]",
         [datetime(2001, 11, 21, 10, 0, 0, 500000, UTC)]),
        (
            [literal("2001-11-21T10:00:00+03:00", "dateTime"), literal("2001-11-21T10:00:00Z", "dateTime")],
            "timestamp[us, tz=UTC]",
            [datetime(2001, 11, 21, 7, tzinfo=UTC), datetime(2001, 11, 21, 10, tzinfo=UTC)],
        ),
        ([literal("2001-11-21", "date"), None], "date32[day]", [date(2001, 11, 21), None]),
        ([Literal("Москва"), Literal("a\n\"b\"\t\x00\U0001f600")], "string", ["Москва", "a\n\"b\"\t\x00\U0001f600"]),
        ([IRI, None], "string", [IRI.value, None]),
        ([None, None], "string", [None, None]),
        ([], "string", []),
    ],
)  # fmt: skip
def test_a_column_of_one_type_has_it(terms: list[object], arrow: str, values: list[object]) -> None:
    found = one(*terms)
    assert found.column_names == ["x"]
    assert str(found.schema.field("x").type) == arrow
    assert found["x"].to_pylist() == values


@pytest.mark.parametrize(
    "terms",
    [
        [literal("abc", "integer")],
        [literal("5", "integer"), literal("five", "integer")],
        [literal(str(2**63), "integer")],
        [literal("9" * 5000, "integer")],
        [literal("1" * 39, "decimal")],
        [literal("0." + "0" * 400 + "1", "decimal")],
        [literal("9007199254740993", "integer"), literal("1E0", "double")],
        [literal("0000-01-01T00:00:00", "dateTime")],
        [literal("-0044-03-15T00:00:00", "dateTime")],
        [literal("12001-01-01T00:00:00", "dateTime")],
        [literal("2001-02-29T00:00:00", "dateTime")],
        [literal("2001-01-01T00:00:00.1234567", "dateTime")],
        [literal("9999-12-31T24:00:00", "dateTime")],
        [literal("0001-01-01T00:00:00+05:00", "dateTime")],
        [literal("2001-01-01T00:00:00", "dateTime"), literal("2001-01-01T00:00:00Z", "dateTime")],
        [literal("2001-01-01Z", "date")],
        [literal("1994", "gYear")],
        [literal("yes", "boolean")],
        [literal("ⅷ", "integer")],
    ],
)
def test_what_a_type_would_change_stays_a_text(terms: list[Literal]) -> None:
    found = one(*terms)
    assert str(found.schema.field("x").type) == "string"
    assert found["x"].to_pylist() == [term.value for term in terms]
    types = {term.datatype.value for term in terms}
    if len(types) == 1:
        assert found.schema.field("x").metadata[b"datatype"].decode() in types
    else:
        assert found["x@type"].to_pylist() == [term.datatype.value for term in terms]


def test_of_a_mixture_the_kinds_stand_beside_it() -> None:
    found = one(IRI, Literal(IRI.value), literal("5", "integer"), BlankNode("b"), None)
    assert found.column_names == ["x", "x@type"]
    assert found["x"].to_pylist() == [IRI.value, IRI.value, "5", "_:b", None]
    assert found["x@type"].to_pylist() == ["iri", XSD + "string", XSD + "integer", "bnode", None]
    assert found.schema.field("x").metadata == {b"kind": b"mixed"}


def test_languages_stand_beside_a_column_unless_there_is_only_one() -> None:
    mixed = one(Literal("war", language="en"), Literal("война", language="ru"), Literal("war"), None)
    assert mixed.column_names == ["x", "x@lang"]
    assert mixed["x@lang"].to_pylist() == ["en", "ru", None, None]
    single = one(Literal("war", language="en"), None)
    assert single.column_names == ["x"]
    assert single.schema.field("x").metadata == {
        b"kind": b"literal",
        b"datatype": (RDF + "langString").encode(),
        b"language": b"en",
    }


def test_metadata_says_what_all_terms_share() -> None:
    assert one(IRI).schema.field("x").metadata == {b"kind": b"iri"}
    assert one(literal("5", "integer")).schema.field("x").metadata == {
        b"kind": b"literal",
        b"datatype": (XSD + "integer").encode(),
    }
    assert one(literal("5", "integer"), literal("5", "decimal")).schema.field("x").metadata == {b"kind": b"literal"}
    assert one(None).schema.field("x").metadata is None


def test_a_triple_term_is_text_of_its_kind() -> None:
    triple = Triple(IRI, rg("about"), Literal("b"))
    found = one(triple)
    assert found["x"].to_pylist() == [str(triple)]
    assert found.schema.field("x").metadata == {b"kind": b"triple"}


@pytest.mark.parametrize("count", [0, 3])
def test_rows_without_variables_are_counted(count: int) -> None:
    assert columns.table([], [()] * count).num_rows == count


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        columns.table(["x", "y"], [(IRI,)])


def test_parquet_without_variables_is_refused() -> None:
    with pytest.raises(UsageError, match="selects none"):
        columns.parquet([], [()], io.BytesIO())


texts = st.text(st.characters(exclude_categories=["Cs"]))
languages = st.sampled_from(["en", "ru", "ru-latn"])
datetimes = st.datetimes().map(datetime.isoformat)
typed = st.one_of(
    st.tuples(st.integers(-(2**70), 2**70).map(str), st.sampled_from(["integer", "long", "nonNegativeInteger"])),
    st.tuples(st.decimals(allow_nan=False, allow_infinity=False).map(lambda found: f"{found:f}"), st.just("decimal")),
    st.tuples(st.floats(allow_nan=False, allow_infinity=False).map(repr), st.sampled_from(["double", "float"])),
    st.tuples(st.sampled_from(["true", "false", "1", "0"]), st.just("boolean")),
    st.tuples(st.one_of(datetimes, datetimes.map(lambda found: found + "Z"), texts), st.just("dateTime")),
    st.tuples(st.one_of(st.dates().map(date.isoformat), texts), st.just("date")),
    st.tuples(texts, st.sampled_from(["string", "gYear", "integer"])),
).map(lambda pair: literal(*pair))
terms = st.one_of(
    st.none(),
    typed,
    st.builds(lambda text, language: Literal(text, language=language), texts, languages),
    st.sampled_from([IRI, NamedNode(ID + "state/RUS"), BlankNode("b")]),
)
columns_of_terms = st.one_of(st.lists(terms, max_size=8), st.lists(typed, max_size=4))


@given(columns_of_terms)
def test_every_term_can_be_made_again_from_a_column(found: list[object]) -> None:
    """Of a string column the very terms, of a typed one the values."""
    made = one(*found)
    field = made.schema.field("x")
    values = made["x"].to_pylist()
    if str(field.type) != "string":
        exact = not pyarrow.types.is_floating(field.type)
        assert [as_python(term, exact) for term in found] == values
        return
    about = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    beside = {name: made[name].to_pylist() if name in made.column_names else None for name in ("x@lang", "x@type")}
    for place, (term, value) in enumerate(zip(found, values, strict=True)):
        language = beside["x@lang"][place] if beside["x@lang"] else about.get("language")
        kind = (
            beside["x@type"][place] if beside["x@type"] else about.get("datatype" if about.get("kind") == "literal" else "kind")
        )
        assert term == remade(value, kind, language)


def as_python(term: object, exact: bool) -> object:
    """The value that a typed column should hold, by other means than those of relgraph."""
    if not isinstance(term, Literal):
        return None
    name, text = term.datatype.value.removeprefix(XSD), term.value
    if name in ("integer", "long", "nonNegativeInteger"):
        return int(text)
    if name == "boolean":
        return text in ("true", "1")
    if name == "date":
        return date.fromisoformat(text)
    if name == "dateTime":
        return datetime.fromisoformat(text)
    return Decimal(text) if exact else float(text)


def remade(value: str | None, kind: str | None, language: str | None) -> object:
    if value is None:
        return None
    if kind == "iri":
        return NamedNode(value)
    if kind == "bnode":
        return BlankNode(value.removeprefix("_:"))
    if language and kind in (None, RDF + "langString"):
        return Literal(value, language=language)
    return Literal(value, datatype=NamedNode(kind or XSD + "string"))


@given(st.lists(st.tuples(terms, terms), max_size=7), st.integers(1, 5))
def test_parquet_and_batches_hold_what_the_table_holds(rows: list[Sequence[object]], size: int) -> None:
    names = ["first", "second"]
    expected = columns.table(names, rows)
    out = io.BytesIO()
    columns.parquet(names, rows, out)
    assert pq.read_table(io.BytesIO(out.getvalue())).equals(expected, check_metadata=False)
    again = io.BytesIO()
    columns.parquet(names, rows, again)
    assert again.getvalue() == out.getvalue()
    measured = columns.measured(names, rows)
    batches = list(columns.batches(measured, iter(rows), size))
    assert all(batch.num_rows <= size for batch in batches)
    assert pyarrow.Table.from_batches(batches, columns.schema(measured)).equals(expected, check_metadata=True)


def test_parquet_keeps_the_metadata_of_fields_and_the_zone() -> None:
    out = io.BytesIO()
    columns.parquet(["x", "t"], [(Literal("a", language="ru"), literal("2001-11-21T10:00:00+03:00", "dateTime"))], out)
    schema = pq.read_schema(io.BytesIO(out.getvalue()))
    assert schema.field("x").metadata[b"language"] == b"ru"
    assert str(schema.field("t").type) == "timestamp[us, tz=+03:00]"
    read = pq.read_table(io.BytesIO(out.getvalue()))["t"].to_pylist()[0]
    assert read.utcoffset() == timedelta(hours=3)
    assert read.hour == 10


def test_a_stream_that_is_read_once_is_text_with_its_kinds() -> None:
    found = columns.untyped(["x"])
    batch = next(columns.batches(found, [(literal("5", "integer"),), (Literal("a", language="en"),)]))
    assert batch.to_pylist() == [
        {"x": "5", "x@lang": None, "x@type": XSD + "integer"},
        {"x": "a", "x@lang": "en", "x@type": RDF + "langString"},
    ]


def test_a_row_that_was_not_measured_is_refused_and_not_changed() -> None:
    measured = columns.measured(["x"], [(literal("5", "integer"),)])
    with pytest.raises(ValueError, match=r"\?x was measured as int64"):
        list(columns.batches(measured, [(Literal("five"),)]))


def test_an_answer_of_the_store_has_true_types(store: Store) -> None:
    results = store.query(
        "PREFIX rg: <https://w3id.org/relgraph/ns#> SELECT ?c ?start ?earliest ?fact { ?c rg:evidence/rg:charStart ?start ; "
        "rg:about ?fact OPTIONAL { ?fact rg:time/rg:earliest ?earliest } } ORDER BY ?c"
    )
    rows = evaluation.rows(results)  # type: ignore[arg-type]
    out = io.BytesIO()
    columns.parquet(["c", "start", "earliest", "fact"], rows, out)
    frame = pandas.read_parquet(io.BytesIO(out.getvalue()))
    assert len(frame) == len(rows) > 600
    assert str(frame["start"].dtype) == "int64"
    assert str(frame["earliest"].dtype) == "datetime64[us]"
    assert list(frame["start"]) == [int(row[1].value) for row in rows]  # type: ignore[attr-defined]


def test_without_pyarrow_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r'pip install "relgraph\[tables\]"'):
        columns.table(["x"], [])
