"""Compact JSON-LD: whatever the dataset, three parsers of others read it back as it was.

jsonld.js reads it in test_export_foreign.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld as pyld
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

import nasty
from relgraph.errors import InputError
from relgraph.exports import jsonld
from relgraph.exports.context import ADDRESS, PREFIXES, Context, of_release
from relgraph.exports.source import ALL, Source
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, ID, INFERRED, ONTOLOGY_GRAPH, PREF_LABEL, RDF, RG, SKOS, XSD, A, data, rg
from relgraph.vocabulary import SCHEMES as CONCEPTS

pytestmark = pytest.mark.filterwarnings("ignore:Parsing weird boolean")  # of rdflib, which keeps it all the same
ROOT = Path(__file__).parents[1]
#: What parsers miss of nasty.py, by their own doing.
MISSES = {
    ("pyld", "spaces"): "drops statements whose IRIs hold characters that Python's regular expressions take for spaces",
    ("pyld", "doubles"): "writes xsd:double in canonical form, also where it is given as a string",
    ("rdflib", "datatypes"): "replaces white space in xsd:normalizedString",
}


def quads(text: str | bytes, syntax: RdfFormat = RdfFormat.N_QUADS) -> list[Quad]:
    return list(parse(text, format=syntax))


def by_pyoxigraph(text: bytes) -> list[Quad]:
    return quads(text, RdfFormat.JSON_LD)


def by_pyld(text: bytes) -> list[Quad]:
    def load(address: str, options: object) -> dict[str, Any]:
        assert address == ADDRESS
        committed = json.loads((ROOT / "ontology" / "context.jsonld").read_text("utf-8"))
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": address, "document": committed}

    return quads(pyld.to_rdf(json.loads(text), {"format": "application/n-quads", "documentLoader": load}))


def by_rdflib(text: bytes) -> list[Quad]:
    normalizes, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        dataset = rdflib.Dataset()
        dataset.parse(data=text, format="json-ld")
        return quads(dataset.serialize(format="nquads"))
    finally:
        rdflib.NORMALIZE_LITERALS = normalizes


PARSERS = {"pyoxigraph": by_pyoxigraph, "pyld": by_pyld, "rdflib": by_rdflib}
by_parser = pytest.mark.parametrize("tool", PARSERS)
_CONTEXTS = lru_cache(of_release)


@pytest.fixture(autouse=True)
def _one_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """The context of a release is made once for all tests."""
    monkeypatch.setattr(jsonld, "of_release", _CONTEXTS)


def written(source: Source, address: str | None = None) -> bytes:
    out = io.BytesIO()
    jsonld.compact(source, out, address)
    return out.getvalue()


def of(release: Release, *statements: Quad) -> Source:
    """A source of statements under the context of a release."""
    return Source(release, ALL, nasty.canonical(statements))


def nodes(text: bytes) -> list[dict[str, Any]]:
    return [node for graph in json.loads(text)["@graph"] for node in graph["@graph"]]


@by_parser
def test_the_real_release_comes_back_whole(tool: str, release: Release) -> None:
    found = PARSERS[tool](written(Source(release)))
    assert nasty.canonical(found) == (release.path / "dataset.nq").read_bytes()


@by_parser
@pytest.mark.parametrize("case", nasty.CASES)
def test_what_parsers_stumble_over_comes_back_whole(tool: str, case: str, release: Release) -> None:
    dataset = nasty.dataset([case])
    found = nasty.canonical(PARSERS[tool](written(Source(release, ALL, dataset))))
    assert (found == dataset) == ((tool, case) not in MISSES), MISSES.get((tool, case), "")


# ── any dataset ──────────────────────────────────────────────────────────────────────────────────────────────────────

TEXT = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        ["", "@id", "@type", "@value", "@none", "_:b0", "rg:Visit", "Visit", "id:x", "true", "1", "null", "\0\x1f", "𝒳"]
    ),
)
FORMS = st.one_of(
    TEXT, st.from_regex(r"[-+]?0{0,2}[0-9]{0,20}", fullmatch=True), st.sampled_from(["true", "false", "2001-01-01T00:00:00"])
)
DATATYPES = st.sampled_from(
    [*(XSD + name for name in ("integer", "boolean", "dateTime", "int", "anyURI")), "rg:x", "time:x", RDF + "JSON"]
)
LITERALS = st.one_of(
    st.builds(Literal, TEXT),
    st.builds(lambda text, language: Literal(text, language=language), TEXT, st.sampled_from(["en", "ru", "ru-latn", "x-none"])),
    st.builds(lambda text, kind: Literal(text, datatype=NamedNode(kind)), FORMS, DATATYPES),
)
#: IRIs that a context could change: schemes that are prefixes, terms or notations, and ends that are odd behind a prefix.
ENDS = st.sampled_from(["x", "//x", "", "a:b", "@id", "Asserted", "мир", "𝒳", "?q#f", "../x", "/", "%20"])
SCHEMES = st.sampled_from([*PREFIXES, "claims", "prefLabel", "modality", "Visit", "Asserted", "party", "urn", "x"])
SPACES = st.sampled_from([ID, RG, SKOS, XSD, "http://пример.рф/"])
IRIS = st.builds(
    NamedNode,
    st.one_of(
        st.builds(lambda scheme, end: f"{scheme}:{end}", SCHEMES, ENDS),
        st.builds(lambda space, end: space + end.replace("#", "-"), SPACES, ENDS),
        st.sampled_from([RG + "Visit", RG + "party", CONCEPTS + "modality#Asserted", RDF + "nil", SKOS + "Concept"]),
    ),
)
BLANK = st.sampled_from("abc").map(BlankNode)
PREDICATES = st.one_of(
    st.sampled_from(
        [
            A, PREF_LABEL, *(NamedNode(SKOS + name) for name in ("altLabel", "notation", "broader")),
            *(NamedNode(RDF + name) for name in ("first", "rest", "value")),
            *map(rg, ("gloss", "characterizesAs", "party", "about", "modality", "eventKind", "charStart", "contested", "earliest",
                "edtf", "address", "keyPrefix", "unknown")),
        ]
    ),
    IRIS,
)  # fmt: skip
QUADS = st.lists(
    st.one_of(
        st.builds(Quad, IRIS, PREDICATES, st.one_of(IRIS, LITERALS), st.sampled_from([ASSERTED, INFERRED])),
        st.builds(Quad, st.one_of(IRIS, BLANK), PREDICATES, st.one_of(IRIS, BLANK, LITERALS), st.just(ONTOLOGY_GRAPH)),
    ),
    max_size=8,
)


@pytest.mark.parametrize(("tool", "examples"), [("pyoxigraph", 300), ("pyld", 50), ("rdflib", 30)])
def test_any_dataset_comes_back_whole(tool: str, examples: int, release: Release) -> None:
    read: Callable[[bytes], list[Quad]] = PARSERS[tool]

    @settings(max_examples=examples)
    @given(QUADS)
    def check(statements: list[Quad]) -> None:
        source = of(release, *statements)
        assert nasty.canonical(read(written(source))) == nasty.canonical(statements)

    check()


# ── how it is written ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_node_object_stands_in_one_line_and_every_key_is_a_term(release: Release) -> None:
    text = written(Source(release))
    every = nodes(text)
    assert len(every) == text.count(b'\n{"@id":') - len(ALL)
    context: Context = json.loads(text)["@context"]
    assert {key for node in every for key in node} - context.keys() == {"@id", "@type"}


def test_equal_datasets_give_equal_bytes(release: Release) -> None:
    assert written(Source(release)) == written(Source(release))


def test_by_address_the_file_is_the_same_but_for_the_context(release: Release) -> None:
    source = Source(release, (ASSERTED,))
    inlined, referring = written(source), written(source, ADDRESS)
    assert json.loads(referring)["@context"] == ADDRESS
    assert inlined.split(b"\n", 1)[1] == referring.split(b"\n", 1)[1]
    assert set(by_pyld(referring)) == set(source.quads())


def test_values_are_written_as_people_expect_them(release: Release) -> None:
    one, number = data("event/x"), NamedNode(XSD + "integer")
    statements = [
        Quad(one, A, rg("Visit"), ASSERTED),
        Quad(one, rg("status"), NamedNode("https://w3id.org/relgraph/ns/status#Planned"), ASSERTED),
        Quad(one, rg("visitor"), data("person/y"), ASSERTED),
        Quad(one, rg("ordinal"), Literal("3", datatype=number), ASSERTED),
        Quad(one, PREF_LABEL, Literal("a visit", language="en"), ASSERTED),
        Quad(one, PREF_LABEL, Literal("визит", language="ru"), ASSERTED),
    ]
    assert nodes(written(of(release, *statements))) == [
        {
            "@id": "id:event/x",
            "@type": "Visit",
            "prefLabel": {"en": "a visit", "ru": "визит"},
            "ordinal": 3,
            "status": "Planned",
            "visitor": ["id:person/y"],
        }
    ]


@pytest.mark.parametrize(
    ("predicate", "value", "entry"),
    [
        ("gloss", Literal("a"), {"rg:gloss": "a"}),
        ("gloss", Literal("a", language="en"), {"gloss": {"en": "a"}}),
        ("charStart", Literal("007", datatype=NamedNode(XSD + "integer")), {"charStart": "007"}),
        ("charStart", Literal("9" * 16, datatype=NamedNode(XSD + "integer")), {"charStart": "9" * 16}),
        ("charStart", Literal("7"), {"charStart": {"@value": "7"}}),
        ("modality", Literal("Asserted"), {"modality": {"@value": "Asserted"}}),
        ("modality", NamedNode(ID + "x"), {"modality": "id:x"}),
        ("edtf", NamedNode(ID + "x"), {"edtf": {"@id": "id:x"}}),
        ("unknown", NamedNode(ID + "x"), {"rg:unknown": {"@id": "id:x"}}),
    ],
)
def test_a_value_that_its_term_does_not_expect_says_what_it_is(
    predicate: str, value: NamedNode | Literal, entry: dict[str, Any], release: Release
) -> None:
    assert nodes(written(of(release, Quad(data("x"), rg(predicate), value, ASSERTED)))) == [{"@id": "id:x", **entry}]


def test_an_iri_that_looks_compact_stands_where_no_context_holds(release: Release) -> None:
    looks = NamedNode("rg:Visit")
    statements = [Quad(data("x"), A, looks, ASSERTED), Quad(data("x"), rg("partOf"), data("y"), ASSERTED)]
    assert nodes(written(of(release, *statements))) == [
        {"@id": "id:x", "partOf": ["id:y"]},
        {"@context": None, "@id": ID + "x", "@type": ["rg:Visit"]},
    ]


def test_a_node_with_very_many_values_is_written_in_pieces(release: Release) -> None:
    class Measured(io.BytesIO):
        largest = 0

        def write(self, piece: Any) -> int:
            self.largest = max(self.largest, len(piece))
            return super().write(piece)

    out, count = Measured(), 20_000
    busy = [Quad(data("state/x"), rg("involvedIn"), data(f"event/{number:05}"), INFERRED) for number in range(count)]
    jsonld.compact(of(release, *busy), out)
    assert out.largest < len(out.getvalue()) / 5
    assert set(by_pyoxigraph(out.getvalue())) == set(busy)


def test_a_text_with_a_direction_keeps_it(release: Release) -> None:
    [quad] = quads(f'<{ID}x> <{PREF_LABEL.value}> "a"@ar--rtl <{ASSERTED.value}> .')
    assert by_pyoxigraph(written(of(release, quad))) == [quad]


def test_a_statement_of_a_statement_is_refused_with_what_can_hold_it(release: Release) -> None:
    triple = Triple(data("x"), rg("partOf"), data("y"))
    with pytest.raises(InputError, match=r"id/z>.*JSON-LD 1\.1 cannot write\. Export it as N-Quads or TriG"):
        written(of(release, Quad(data("z"), rg("about"), triple, ASSERTED)))
