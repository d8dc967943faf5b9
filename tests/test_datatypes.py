"""Datatypes as XML Schema 1.1 part 2 has them: which texts are well-formed, and which values are in which datatype."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from relgraph.datatypes import DATATYPES, ill_formed, is_in
from relgraph.vocabulary import RDF, RDFS, XSD

#: Texts that are in the lexical space of a datatype, and texts that are not.
TEXTS = {
    "boolean": (["true", "false", "0", "1"], ["True", "yes", "", "2"]),
    "decimal": (["1", "-1.50", "+.5", "1.", "0" * 40 + "1"], ["1e5", ".", "INF", "1,5", "", " 1"]),
    "double": (["1e5", "-.5E-3", "INF", "-INF", "+INF", "NaN", "1."], ["inf", "-NaN", "1e", "1e5.5", "--1", "Infinity"]),
    "float": (["1", "1E+5", "NaN"], ["nan", "1f", ""]),
    "integer": (["0", "-5", "+5", "007", "9" * 5000], ["1.0", "1e1", " 1", "1\n", "١", "", "-"]),
    "long": ([str(2**63 - 1), str(-(2**63))], [str(2**63), str(-(2**63) - 1)]),
    "byte": (["127", "-128", "0" * 30 + "1"], ["128", "-129", "0" * 30 + "128", "9" * 5000]),
    "unsignedLong": ([str(2**64 - 1)], [str(2**64), "-1"]),
    "nonNegativeInteger": (["0", "-0", "+5", "9" * 5000], ["-1", "-" + "9" * 5000]),
    "nonPositiveInteger": (["0", "+0", "-5"], ["1"]),
    "positiveInteger": (["1"], ["0", "-0"]),
    "negativeInteger": (["-1"], ["0", "1"]),
    "dateTime": (
        ["2001-01-01T00:00:00", "2001-01-01T24:00:00.0", "2001-01-01T00:00:00.123456789012345678901Z", "-0001-01-01T00:00:00",
         "0000-01-01T00:00:00", "12345-01-01T00:00:00+14:00", "99999999999999999999-12-31T23:59:59-13:59"],
        ["2001-01-01", "2001-02-30T00:00:00", "2001-13-01T00:00:00", "2001-00-01T00:00:00", "2001-01-01T24:00:01",
         "2001-01-01T25:00:00", "2001-01-01T00:60:00", "2001-01-01T00:00:60", "1-01-01T00:00:00", "02001-01-01T00:00:00",
         "+2001-01-01T00:00:00", "2001-01-01T00:00:00+14:01", "2001-01-01T00:00:00.", "2001-1-01T00:00:00",
         "2001-01-01 00:00:00", " 2001-01-01T00:00:00"],
    ),
    "dateTimeStamp": (["2001-01-01T00:00:00Z", "2001-01-01T00:00:00-05:00"], ["2001-01-01T00:00:00"]),
    "date": (["2001-12-31", "2004-02-29", "2000-02-29", "-0004-02-29", "0000-02-29Z"],
             ["2001-02-29", "1900-02-29", "2001-04-31", "2001-12-32", "2001-12-00", "2001-12-31T00:00:00", "31.12.2001"]),
    "time": (["00:00:00", "23:59:59.999Z", "24:00:00"], ["24:00:01", "1:00:00", "00:00", "00:00:00+15:00"]),
    "gYear": (["2001", "-0044", "0000", "12345", "2001Z"], ["01", "+2001", "-44", "02001", "2001-01"]),
    "gYearMonth": (["2001-10", "2001-10+02:00"], ["2001-13", "2001", "2001-1"]),
    "gMonth": (["--05", "--12Z"], ["--13", "--00", "05", "--05--"]),
    "gMonthDay": (["--02-29", "--12-31"], ["--02-30", "--04-31", "--13-01", "02-29"]),
    "gDay": (["---31", "---01Z"], ["---32", "---00", "31"]),
    "duration": (["P1Y", "-P1Y2M3DT4H5M6.7S", "PT0S", "P1M", "PT1M", "P99999999999999999999Y"],
                 ["P", "PT", "P1YT", "P1S", "1Y", "P-1Y", "P1.5Y", "PT1.S", "P1M1Y", "p1y"]),
    "yearMonthDuration": (["P1Y2M", "-P3M"], ["P1D", "P1Y2MT1H", "P"]),
    "dayTimeDuration": (["P1DT2H", "PT1.5S"], ["P1Y", "P1M", "PT"]),
    "hexBinary": (["", "0FB7", "0fb7"], ["abc", "g0", "0F B7"]),
    "base64Binary": (["", "YWJj", "YW Jj", "YWI=", "YQ=="], ["YWJ", "YQ=", "Y===", "%", "YW  Jj", "YR==", "я"]),
    "normalizedString": (["", " a  b "], ["a\tb", "a\nb", "a\r"]),
    "token": (["", "a b"], [" a", "a ", "a  b", "a\nb", " "]),
    "language": (["en", "ru-Cyrl-RU", "x-klingon"], ["", "e_n", "en-", "toolonglanguage", "1a"]),
    "Name": (["a:b", "_a", "имя"], ["1a", "a b", "", "-a"]),
    "NCName": (["a-b", "_a.1", "имя"], ["a:b", "1a", ""]),
    "NMTOKEN": (["1a", "-a:b"], ["a b", ""]),
    "string": (["", "anything\nat all"], []),
    "anyURI": (["https://example.org/", "a b", ""], []),
    "unknownDatatype": (["anything"], []),
}  # fmt: skip
GOOD = [(name, text) for name, (good, _) in TEXTS.items() for text in good]
BAD = [(name, text) for name, (_, bad) in TEXTS.items() for text in bad]
INTEGERS = {
    "byte": (-128, 127), "short": (-(2**15), 2**15 - 1), "int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1),
    "unsignedByte": (0, 255), "unsignedShort": (0, 2**16 - 1), "unsignedInt": (0, 2**32 - 1), "unsignedLong": (0, 2**64 - 1),
    "nonNegativeInteger": (0, None), "positiveInteger": (1, None), "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1), "integer": (None, None),
}  # fmt: skip


def xsd(name: str) -> NamedNode:
    """A datatype of XML Schema."""
    return NamedNode(XSD + name)


def typed(text: str, name: str) -> Literal:
    """A literal of such a datatype."""
    return Literal(text, datatype=xsd(name))


def texts(values: list[tuple[str, str]]) -> list[str]:
    """Names of test cases."""
    return [f"{name}-{text[:30]}" for name, text in values]


@pytest.mark.parametrize(("name", "text"), GOOD, ids=texts(GOOD))
def test_a_text_in_the_lexical_space_is_well_formed(name: str, text: str) -> None:
    assert not ill_formed([typed(text, name)])


@pytest.mark.parametrize(("name", "text"), BAD, ids=texts(BAD))
def test_a_text_outside_the_lexical_space_is_not(name: str, text: str) -> None:
    assert ill_formed([typed(text, name)]) == {typed(text, name)}


def test_only_the_ill_formed_literals_are_told() -> None:
    literals = [typed("5", "integer"), typed("x", "integer"), Literal("x"), Literal("x", language="en"), typed("x", "date")]
    assert ill_formed(literals) == {typed("x", "integer"), typed("x", "date")}
    assert not ill_formed([Literal("x", datatype=NamedNode("https://example.org/datatype"))])


def test_a_long_text_takes_no_longer_than_it_must() -> None:
    long = "a b " * 1_000_000
    assert ill_formed([typed(long, "token"), typed(long, "hexBinary"), typed(long, "base64Binary"), typed(long, "decimal")])
    assert not ill_formed(
        [typed("ab" * 2_000_000, "hexBinary"), typed("-ab" * 1_000_000, "NMTOKEN"), typed("1" * 4_000_000, "integer")]
    )


POWERS = (0, 2**7, -(2**7), 2**8, 2**15, -(2**15), 2**16, 2**31, -(2**31), 2**32, 2**63, -(2**63), 2**64)
EDGES = [power + distance for power in POWERS for distance in (-1, 0, 1)]


@given(st.sampled_from(sorted(INTEGERS)), st.integers() | st.sampled_from(EDGES), st.integers(0, 40))
def test_an_integer_is_in_a_datatype_just_within_its_bounds(name: str, value: int, zeros: int) -> None:
    least, greatest = INTEGERS[name]
    is_within = (least is None or least <= value) and (greatest is None or value <= greatest)
    text = f"{'-' if value < 0 else ''}{'0' * zeros}{abs(value)}"
    assert bool(ill_formed([typed(text, name)])) is not is_within
    assert is_in(typed(text, "integer"), xsd(name)) is is_within
    assert is_in(typed(text + ".0", "decimal"), xsd(name)) is is_within
    if is_within:
        assert is_in(typed(text, name), xsd("decimal"))


@given(st.integers(-12000, 12000), st.integers(1, 12), st.integers(1, 31))
def test_a_date_is_well_formed_just_if_the_calendar_has_it(year: int, month: int, day: int) -> None:
    days = [31, 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    text = f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{day:02}"
    assert bool(ill_formed([typed(text, "date")])) is (day > days[month - 1])
    assert bool(ill_formed([typed(text + "T00:00:00Z", "dateTime")])) is (day > days[month - 1])


#: A literal, and the datatypes that its value is in and is not in.
VALUES: list[tuple[Literal, list[str], list[str]]] = [
    (
        typed("5", "integer"),
        ["byte", "positiveInteger", "unsignedByte", "decimal"],
        ["negativeInteger", "double", "float", "string"],
    ),
    (typed("5", "byte"), ["integer", "long", "unsignedInt", "decimal"], ["boolean", "negativeInteger"]),
    (typed("5.00", "decimal"), ["integer", "byte"], ["double"]),
    (typed("5.01", "decimal"), ["decimal"], ["integer", "byte"]),
    (typed("5", "double"), ["double"], ["float", "decimal", "integer"]),
    (Literal("en"), ["string", "token", "language", "NCName", "normalizedString"], ["anyURI", "hexBinary", "boolean"]),
    (Literal("a b"), ["token"], ["language", "Name", "NMTOKEN"]),
    (Literal("a\nb"), ["string"], ["normalizedString", "token"]),
    (Literal("a", language="en"), [], ["string", "token"]),
    (typed("2001-01-01T00:00:00Z", "dateTime"), ["dateTimeStamp", "dateTime"], ["date"]),
    (typed("2001-01-01T00:00:00", "dateTime"), ["dateTime"], ["dateTimeStamp"]),
    (typed("2001-01-01T00:00:00Z", "dateTimeStamp"), ["dateTime"], ["date"]),
    (typed("2001-01-01", "date"), ["date"], ["dateTime", "gYear", "string"]),
    (typed("P1Y0DT0S", "duration"), ["yearMonthDuration"], ["dayTimeDuration"]),
    (typed("P0Y10DT0.5S", "duration"), ["dayTimeDuration"], ["yearMonthDuration"]),
    (typed("P0M", "duration"), ["yearMonthDuration", "dayTimeDuration"], []),
    (typed("P10Y", "yearMonthDuration"), ["duration"], ["dayTimeDuration"]),
    (typed("x", "integer"), ["byte", "decimal"], ["string"]),
    (typed("x", "unknownDatatype"), ["unknownDatatype"], ["string"]),
    (Literal("5", datatype=NamedNode("https://example.org/datatype")), [], ["integer", "string"]),
]


@pytest.mark.parametrize(("literal", "within", "without"), VALUES, ids=[str(value[0])[:40] for value in VALUES])
def test_a_value_is_in_the_datatypes_that_have_it(literal: Literal, within: list[str], without: list[str]) -> None:
    assert all(is_in(literal, xsd(name)) for name in within)
    assert not any(is_in(literal, xsd(name)) for name in without)
    assert is_in(literal, NamedNode(RDFS + "Literal"))
    assert is_in(literal, literal.datatype)


def test_plain_literals_are_text_with_and_without_a_language() -> None:
    plain, tagged = NamedNode(RDF + "PlainLiteral"), NamedNode(RDF + "langString")
    assert is_in(Literal("a"), plain)
    assert is_in(Literal("a", language="en"), plain)
    assert is_in(Literal("a", language="en"), tagged)
    assert not is_in(Literal("a"), tagged)
    assert not is_in(typed("5", "integer"), plain)


def test_every_datatype_that_is_tried_here_is_known() -> None:
    assert {XSD + name for name in [*TEXTS, *INTEGERS] if name != "unknownDatatype"} <= DATATYPES
