"""Looking up in a sorted file: what is found is what a filter of all lines finds, wherever blocks end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from relgraph.errors import DamageError
from relgraph.exports import Source, seeking, tablefiles
from relgraph.exports.lookups import Lookups, iris, literals, values
from relgraph.exports.source import ALL
from relgraph.exports.tidycolumns import TABLES
from relgraph.exports.tokens import PLAIN, is_iri, is_literal, language, text, typed
from relgraph.release import Release, nquads
from relgraph.vocabulary import ASSERTED, ID, INFERRED, PREF_LABEL, PROVENANCE, RG, XSD, A, data, rg

LINES = st.lists(st.text("abc<", max_size=30).map(lambda line: f"{line} .\n".encode()), unique=True).map(sorted)


@given(LINES, st.text("abc<", min_size=1, max_size=4), st.sampled_from([8, 13, 64, 1 << 15]))
def test_the_lines_with_a_beginning_are_found(lines: list[bytes], start: str, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeking, "_BLOCK", block)
        found = list(seeking.Seeking(io.BytesIO(b"".join(lines))).starting(start.encode()))
    assert found == [line for line in lines if line.startswith(start.encode())]


def test_a_last_line_that_is_cut_off_is_found_as_it_is() -> None:
    assert list(seeking.Seeking(io.BytesIO(b"a 1\na 2\nb")).starting(b"b")) == [b"b"]


def source(release: Release, quads: list[Quad], graphs: tuple[NamedNode, ...] = ALL) -> Source:
    return Source(release, graphs, nquads(quads))


def test_only_the_subject_asked_for_and_only_the_graph_asked_for_answer(release: Release) -> None:
    """Neither a key that begins alike nor a part of the subject (…/says) is taken for it."""
    near = [data(key) for key in ("claim/1", "claim/1/says", "claim/10", "claim/1#a")]
    quads = [Quad(node, rg("about"), data(f"event/{number}"), ASSERTED) for number, node in enumerate(near)]
    quads.append(Quad(near[0], rg("about"), data("event/inferred"), INFERRED))
    with Lookups(source(release, quads)) as lookups:
        for number, node in enumerate(near):
            assert lookups.value(node.value, "about", ASSERTED) == f"{ID}event/{number}"
        assert iris(lookups.values(near[0].value, INFERRED), RG + "about") == (f"{ID}event/inferred",)
        assert lookups.values(f"{ID}claim", ASSERTED) == {}
        assert lookups.values(near[0].value, ASSERTED, RG + "abou") == {}
    with Lookups(source(release, quads, (ASSERTED,))) as lookups:
        assert lookups.values(near[0].value, INFERRED) == {}


def test_a_hub_is_described_without_reading_all_that_is_said_of_it(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = data("org/hub")
    quads = [Quad(hub, rg("involvedIn"), data(f"event/{number:05}"), INFERRED) for number in range(5000)]
    quads += [Quad(hub, A, rg("Organization"), ASSERTED), Quad(hub, PREF_LABEL, Literal("Hub", language="en"), ASSERTED)]
    read: list[bytes] = []
    starting = seeking.Seeking.starting

    def counted(self: seeking.Seeking, start: bytes) -> Iterator[bytes]:
        for line in starting(self, start):
            read.append(line)
            yield line

    monkeypatch.setattr(seeking.Seeking, "starting", counted)
    with Lookups(source(release, quads)) as lookups:
        assert lookups.thing(hub.value).labels == {"en": "Hub"}
    assert len(read) == 2


LITERALS = st.builds(Literal, st.text(st.characters(exclude_categories=["Cs"]))) | st.builds(
    lambda words, tag: Literal(words, language=tag),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["en", "ru", "zh-hant"]),
)


@given(st.lists(LITERALS))
def test_literals_are_read_as_a_parser_reads_them(given_literals: list[Literal]) -> None:
    quads = [Quad(data("place/x"), PREF_LABEL, literal, ASSERTED) for literal in given_literals]
    made = Source(Release(Path()), ALL, b"")
    found = literals(values(made, nquads(quads).splitlines(keepends=True)), PREF_LABEL.value)
    assert {(text(token), language(token)) for token in found} == {(each.value, each.language) for each in given_literals}
    assert all(is_literal(token) and not is_iri(token) for token in found)


def test_only_a_literal_with_a_datatype_is_typed() -> None:
    assert typed(f'"5"^^<{XSD}integer>') == Literal("5", datatype=NamedNode(XSD + "integer"))
    assert [typed(token) for token in ('"5"', '"5"@en', f"<{XSD}integer>", '"\\"^^"@en')] == [None] * 4


def test_the_language_of_a_text_with_a_direction_is_that_without_it() -> None:
    assert language('"x"@ar--rtl') == "ar"


def test_blank_nodes_and_triples_are_no_values(release: Release) -> None:
    line = f"<{ID}x> <{RG}y> {{}} <{ASSERTED.value}> .\n"
    lines = [line.format(term).encode() for term in ("_:c14n0", "<<( <a:a> <a:b> <a:c> )>>", f"<{ID}z>")]
    assert values(Source(release, ALL, b""), lines) == {RG + "y": [f"<{ID}z>"]}


@given(st.text("a:/#?@[]%.-1é\xa0\x80\ue000\ufffd\U000e0001 ~'|", min_size=1), st.sampled_from(["", "a:", "a://", "http://a/"]))
def test_an_iri_that_is_taken_as_it_stands_is_one(words: str, start: str) -> None:
    iri = start + words
    if PLAIN.fullmatch(f"<{iri}> <a:p> <a:o> <a:g> .\n"):
        assert NamedNode(iri).value == iri


@pytest.mark.parametrize(
    "iri", ["https://example.org", "https://ru.example.org/wiki/Москва_(город)", "urn:a:b", f"{ID}a#char=1,2"]
)
def test_what_iris_mostly_look_like_needs_no_parser(iri: str) -> None:
    assert PLAIN.fullmatch(f"<{iri}> <{RG}about> <{iri}> <{ASSERTED.value}> .\n")


#: What no IRI may hold, a port that is none, and bytes that are no UTF-8.
NO_IRIS = [*(f"{ID}a{each}".encode() for each in "\x80\ue000\ufffd\ufffe\U000e0001|"), b"a:b#c#d", b"a://b:c/", b"a:[", b"a:\xff"]


@pytest.mark.parametrize("iri", NO_IRIS)
def test_what_is_no_iri_is_damage_in_every_place(release: Release, iri: bytes) -> None:
    made = Source(release, ALL, b"")
    good = [b"<a:s>", b"<a:p>", b"<a:o>"]
    for place in range(3):
        line = b" ".join([*good[:place], b"<" + iri + b">", *good[place + 1 :], f"<{ASSERTED.value}> .\n".encode()])
        with pytest.raises(DamageError, match="relgraph build"):
            values(made, [line])
    with pytest.raises(DamageError, match="relgraph build"):
        values(made, [b'<a:s> <a:p> "5"^^<' + iri + f"> <{ASSERTED.value}> .\n".encode()])


@pytest.mark.parametrize("iri", NO_IRIS)
@pytest.mark.parametrize("damaged", ["event/x", "place/x", "claim/x", "document/x", f"{RG}place", f"{XSD}integer"])
def test_tables_of_damaged_data_are_no_tables(release: Release, iri: bytes, damaged: str) -> None:
    """Whatever of the quads it is that is no IRI any more."""
    event, place, claim, document = (data(f"{kind}/x") for kind in ("event", "place", "claim", "document"))
    quads = [
        Quad(event, A, rg("Meeting"), ASSERTED),
        Quad(event, rg("place"), place, ASSERTED),
        Quad(event, rg("participantCount"), Literal("5", datatype=NamedNode(XSD + "integer")), ASSERTED),
        Quad(place, A, rg("Place"), ASSERTED),
        Quad(claim, A, rg("Claim"), PROVENANCE),
        Quad(claim, rg("about"), event, PROVENANCE),
        Quad(claim, rg("currentIn"), document, PROVENANCE),
        Quad(document, A, rg("Document"), PROVENANCE),
    ]
    whole = nquads(quads)
    wrong = whole.replace((damaged if ":" in damaged else ID + damaged).encode() + b">", iri + b">")
    assert wrong != whole
    lines = b"".join(sorted(wrong.splitlines(keepends=True)))
    caught = 0
    for table in TABLES:
        try:
            tablefiles.write(Source(release, ALL, lines), io.BytesIO(), table, "csv")
        except DamageError:
            caught += 1
    assert caught


@pytest.mark.parametrize("line", [b"<a:a> <a:b>", b"no N-Quads\n", b'<a:a> <a:b> "\\q" <a:g> .\n'])
def test_a_line_that_no_build_writes_is_damage(release: Release, line: bytes) -> None:
    made = Source(release, ALL, b"")
    with pytest.raises(DamageError, match="relgraph build"):
        values(made, [line])
