"""Content negotiation: which format, page and coding a request gets for what its headers say (RFC 9110, section 12.5)."""

from __future__ import annotations

from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.errors import UsageError
from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS, Format
from relgraph.serving.http import negotiation
from relgraph.serving.http.negotiation import Wanted, names, wanted

EXACT = [
    (kind, format.name, type_)
    for kind, formats in (("table", TABLE_FORMATS), ("graph", GRAPH_FORMATS))
    for format in formats
    for type_ in (format.media_type, *format.aliases)
    if "/" in type_
]
RANGES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["*/*", "*", "text/*", "text/csv", "text/html", "text/turtle", "application/*", "application/json"]),
    st.sampled_from(["", ";header=present", ";charset=utf-8", ";charset=latin-1", ';x="a, b;q=0"', ";;"]),
    st.sampled_from(["", ";q=0", ";q=0.2", ";q=.2", "; Q=0.7", ";q=1.000", ";q=2", ";q=none"]),
)
#: Text made of what headers are made of, which gets deeper into a reader than any text does.
HEADERISH = st.lists(st.sampled_from([*'/*;,="\\ \tq01.', "text", "csv", "q=", "gzip", "\n", "é", "\0"])).map("".join)


def formats(accept: str, chosen: str | None = None) -> tuple[str | None, str | None]:
    """The names of the formats for a table and a graph."""
    found = wanted(accept, chosen, "")
    return found.table.name if found.table else None, found.graph.name if found.graph else None


def table(accept: str) -> str | None:
    return formats(accept)[0]


@pytest.mark.parametrize(("kind", "name", "type_"), EXACT)
def test_every_type_on_offer_can_be_asked_for_alone(kind: str, name: str, type_: str) -> None:
    found: Format | None = getattr(wanted(type_, None, ""), kind)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("accept", ["", "  ", "*/*", "*", "*/*;q=0.1"])
def test_without_a_preference_the_server_decides(accept: str) -> None:
    assert wanted(accept, None, "") == Wanted(TABLE_FORMATS[0], GRAPH_FORMATS[0], page=False, coding=None)


def test_a_range_is_of_types_and_not_of_other_names_for_them() -> None:
    found = wanted("application/*", None, "")
    assert found.graph is not None
    assert found.graph.media_type == "application/ld+json"  # not Turtle, though application/x-turtle means it
    assert wanted("*/*, application/*;q=0", None, "").graph == GRAPH_FORMATS[0]


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("text/csv;q=0.2, text/tab-separated-values;q=0.3", "tsv"),
        ("text/csv;q=0.001, text/tab-separated-values;q=0.002", "tsv"),
        ("text/csv;q=0.9, text/tab-separated-values", "tsv"),
        ("text/csv;q=0.9, text/tab-separated-values;q=1.000", "tsv"),
        ("text/csv;q=.1, text/tab-separated-values;q=.2", "tsv"),
        ("text/csv; Q=0.2 , text/tab-separated-values ; q = 0.3", "tsv"),
        ("TEXT/CSV", "csv"),
        ("text/tab-separated-values, text/csv", "csv"),
    ],
)
def test_the_highest_quality_wins_and_the_servers_order_among_equals(accept: str, name: str) -> None:
    assert table(accept) == name


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("text/*;q=0.3, text/csv;q=0.2", "tsv"),
        ("text/csv;q=0.2, text/*;q=0.3", "tsv"),
        ("*/*;q=0.9, text/*;q=0.1, text/csv;q=0.5", "json"),
        ("*/*;q=0.1, application/*;q=0.2, application/sparql-results+json;q=0.3, text/*;q=0.4, text/csv;q=0.1", "tsv"),
        ("*/*, application/json;q=0.1", "xml"),
    ],
)
def test_the_most_specific_range_decides(accept: str, name: str) -> None:
    assert table(accept) == name


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("application/sparql-results+json;q=0, */*", "xml"),
        ("*/*, application/sparql-results+json;q=0.000", "xml"),
        ("application/*;q=0, */*;q=0.1", "csv"),
        ("text/csv;q=0, text/*", "tsv"),
        ("text/csv;q=0", None),
        ("text/*;q=0", None),
        ("*/*;q=0", None),
    ],
)
def test_what_has_quality_0_is_refused_whatever_the_wildcards_say(accept: str, name: str | None) -> None:
    assert table(accept) == name


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/turtle", (None, "turtle")),
        ("text/csv", ("csv", None)),
        ("text/plain", (None, "ntriples")),
        ("application/json", ("json", "jsonld")),
        ("application/xml", ("xml", "rdfxml")),
        ("image/png, application/pdf", (None, None)),
    ],
)
def test_each_form_of_result_is_negotiated_on_its_own_and_may_have_no_acceptable_format(
    accept: str, expected: tuple[str | None, str | None]
) -> None:
    assert formats(accept) == expected
    assert not wanted(accept, None, "").page


def test_what_is_said_of_a_formats_own_type_counts_more_than_what_is_said_of_an_alias() -> None:
    assert table("application/sparql-results+json;q=0.1, application/json, text/csv;q=0.5") == "csv"
    assert table("application/json;q=0.9, application/sparql-results+json;q=0, text/csv;q=0.5") == "csv"


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("text/csv;header=present", "csv"),
        ("text/csv;header=present;q=0", None),
        ("text/csv;q=0;header=present", None),
        ('text/csv;note="q=0, text/tab-separated-values;q=1";q=0.5', "csv"),
        ('text/csv;note="\\";q=0"', "csv"),
        ("text/csv;charset=utf-8", "csv"),
        ('text/csv;charset="UTF-8"', "csv"),
        ("text/csv;charset=*", "csv"),
        ("text/csv;charset=windows-1251", None),
        ("text/csv;charset=windows-1251, text/csv;q=0.1", "csv"),
        ("text/csv;;q=0.5;", "csv"),
    ],
)
def test_parameters_are_hints_except_for_the_charset(accept: str, name: str | None) -> None:
    assert table(accept) == name


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8", True),
        ("text/html, image/gif, *; q=.2, */*; q=.2", True),
        ("text/html;q=0.9, text/csv;q=0.8", True),
        ("text/html;q=0.8, text/csv;q=0.9", False),
        ("text/html, text/csv", False),
        ("text/html, text/turtle", False),
        ("text/html, */*", False),
        ("*/*", False),
        ("text/html;q=0, */*", False),
        ("application/xhtml+xml", False),
    ],
)
def test_a_page_is_for_those_who_prefer_it_to_every_format(accept: str, page: bool) -> None:
    assert wanted(accept, None, "").page == page


def test_javas_own_header_is_understood() -> None:
    assert formats("text/html, image/gif, *; q=.2, */*; q=.2") == ("json", "turtle")


@pytest.mark.parametrize(
    "accept", ["text", "@", "text/csv;q=2", "text/csv;q=-1", "text/csv;q", 'text/csv;q="0.5"', 'text/csv;x="', ",", "a b/c"]
)
def test_a_header_without_a_readable_range_is_an_error_that_quotes_it(accept: str) -> None:
    with pytest.raises(UsageError, match="Accept header cannot be read") as raised:
        wanted(accept, None, "")
    assert repr(accept) in str(raised.value)


@pytest.mark.parametrize(
    "accept", ["@, text/csv", "text/csv, text/turtle;q=9", ",, text/csv ,", "text, text/csv", "text/csv, a/b;c=,"]
)
def test_what_cannot_be_read_is_passed_over_where_something_can(accept: str) -> None:
    assert formats(accept) == ("csv", None)


def test_very_long_headers_are_read() -> None:
    gaps = ";  " * 10_000
    assert table("text/csv" + gaps) == "csv"
    assert table(", ".join(["a/b"] * 10_000) + ", text/csv") == "csv"
    assert table('text/csv;x="' + "\\\\" * 10_000 + '"') == "csv"
    for unreadable in (
        "a/b" + gaps + "@",
        "a/b" + " " * 30_000 + "@",
        'a/b;x="' + "\\" * 30_001 + '"',
        "," * 30_000,
        "a" * 30_000,
    ):
        with pytest.raises(UsageError) as raised:
            wanted(unreadable, None, gaps + "@")
        assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("json", ("json", "jsonld")),
        ("JSON", ("json", "jsonld")),
        ("xml", ("xml", "rdfxml")),
        ("csv", ("csv", None)),
        ("srj", ("json", None)),
        ("ttl", (None, "turtle")),
        ("nt", (None, "ntriples")),
        ("text/csv", ("csv", None)),
        ("application/json", ("json", "jsonld")),
    ],
)
@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "text/tab-separated-values", "image/png", "@"])
def test_a_format_by_name_wins_over_accept(chosen: str, expected: tuple[str | None, str | None], accept: str) -> None:
    assert formats(accept, chosen) == expected
    assert not wanted(accept, chosen, "").page


@pytest.mark.parametrize("chosen", ["html", "text/html"])
def test_a_page_can_be_asked_for_by_name(chosen: str) -> None:
    assert wanted("text/csv", chosen, "gzip") == Wanted(None, None, page=True, coding="gzip")


@pytest.mark.parametrize("accept", ["", "*/*", " */* "])
def test_an_unknown_name_is_an_error_that_lists_the_known_ones_where_accept_says_nothing(accept: str) -> None:
    with pytest.raises(UsageError, match="no format 'xlsx'") as raised:
        wanted(accept, "xlsx", "")
    for format in (*TABLE_FORMATS, *GRAPH_FORMATS):
        assert format.name in str(raised.value)
    assert "html" in str(raised.value)


def test_an_unknown_name_does_not_count_where_accept_says_more() -> None:
    assert wanted("text/csv", "sparql-results+csv", "gzip") == wanted("text/csv", None, "gzip")
    assert wanted("text/csv", "", "") == wanted("text/csv", None, "")


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("br, deflate", None),
        ("identity", None),
        ("gzip;q=0", None),
        ("gzip;q=0, zstd;q=0.1", "zstd"),
        ("*", "zstd"),
        ("zstd;q=0, *", "gzip"),
        ("zstd;q=0.5, *;q=0.8", "gzip"),
        ("*;q=0", None),
        ("*;q=0, gzip", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("identity;q=0", None),
        ("*;q=0.5, identity", None),
        ("gzip;q=high", None),
        ("gzip;q=2, zstd;q=0.1", "zstd"),
        ("@", None),
    ],
)
def test_codings_are_negotiated_with_identity_among_them(accept_encoding: str, coding: str | None) -> None:
    assert wanted("*/*", None, accept_encoding).coding == coding
    assert wanted("*/*", "csv", accept_encoding).coding == coding


def test_a_message_names_formats_with_their_types() -> None:
    assert names(TABLE_FORMATS[2:]) == "csv (text/csv), tsv (text/tab-separated-values)"


@given(st.text() | HEADERISH, st.none() | st.text(), st.text() | HEADERISH)
def test_any_text_as_headers_gives_a_choice_or_a_usage_error(accept: str, chosen: str | None, encoding: str) -> None:
    with suppress(UsageError):
        found = wanted(accept, chosen, encoding)
        assert found.table in (None, *TABLE_FORMATS)
        assert found.graph in (None, *GRAPH_FORMATS)
        assert found.coding in (None, "gzip", "zstd")


@given(st.lists(RANGES, min_size=1, max_size=6).flatmap(lambda ranges: st.tuples(st.just(ranges), st.permutations(ranges))))
def test_the_order_of_ranges_means_nothing(orders: tuple[list[str], list[str]]) -> None:
    found: list[Wanted | None] = []
    for order in orders:
        try:
            found.append(wanted(", ".join(order), None, ""))
        except UsageError:
            found.append(None)
    assert found[0] == found[1]


@given(st.dictionaries(st.sampled_from(["gzip", "zstd", "br", "identity", "*"]), st.sampled_from(["0", "0.3", "0.7", "1"])))
def test_the_order_of_codings_means_nothing(weights: dict[str, str]) -> None:
    elements = [f"{coding};q={weight}" for coding, weight in weights.items()]
    assert len({wanted("", None, ", ".join(order)).coding for order in permutations(elements)}) == 1


@given(st.lists(st.sampled_from(["*/*", "text/*", "text/html", "text/turtle;q=0.4", "application/json", "*/*;q=0.2"])))
def test_a_refused_type_is_never_given(others: list[str]) -> None:
    assert table(", ".join([*others, "text/csv;q=0"])) != "csv"


def test_long_headers_and_names_are_not_remembered_and_not_repeated() -> None:
    before = negotiation._remembered.cache_info().currsize
    wanted("text/csv", "x" * 100_000, "")
    assert negotiation._remembered.cache_info().currsize == before
    with pytest.raises(UsageError) as refused:
        wanted("", "x" * 100_000, "")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("RU", "ru"),
        ("ru-RU, en;q=0.5", "ru"),
        ("de-DE, ru;q=0.5", "ru"),
        ("en, ru", "en"),
        ("ru, en", "ru"),
        ("ru; q=0.1, en; q=0.9", "en"),
        ("ru ;q=0.1 , en ;q=0.9", "en"),
        ("en;q=0.2, ru;q=0.30", "ru"),
        ("ru-RU;q=0.1, ru;q=0.9, en;q=0.5", "ru"),
        ("ru;q=0", "en"),
        ("ru;q=0, *", "en"),
        ("en;q=0, *", "ru"),
        ("en;q=0", "ru"),
        ("en;q=0, ru;q=0", "en"),
        ("*", "en"),
        ("*;q=0.5, ru;q=0.1", "en"),
        ("ru;q=0.5, *;q=0.1", "ru"),
        ("run", "en"),
        ("rum, enm", "en"),
        ("ru;q=high, en;q=0.1", "en"),
        ("@", "en"),
    ],
)
def test_the_language_is_the_one_that_is_liked_best(accept_language: str, language: str) -> None:
    assert negotiation.language(None, accept_language) == language
    assert negotiation.language("ru", accept_language) == "ru"


@given(st.text() | HEADERISH)
def test_any_text_as_accept_language_gives_a_language_of_ours(text: str) -> None:
    assert negotiation.language(None, text) in ("en", "ru")


def test_x_gzip_is_gzip() -> None:
    assert wanted("", None, "x-gzip").coding == "gzip"
