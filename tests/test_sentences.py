"""Sentences: layout first, then full stops; every character in one unit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relgraph.sentences import MARK, PAGE_NUMBER, split


def units(text: str, *breaks: int) -> list[str]:
    """The units, with the white space in them folded."""
    return [" ".join(text[s.start : s.end].split()) for s in split(text, breaks)]


def test_wrapped_lines_and_hyphens_belong_to_one_sentence() -> None:
    text = "The Union of the Valley coop-\nerates with Brin in many\nareas. It meets in\nSt.\nAlba every year. \n"
    assert units(text) == ["The Union of the Valley coop- erates with Brin in many areas.", "It meets in St. Alba every year."]


def test_a_blank_line_ends_a_unit_even_within_a_sentence() -> None:
    assert units("VALLEY\nUNION\n\nThe Union and\n \xa0 \nits Council meet.") == [
        "VALLEY UNION",
        "The Union and",
        "its Council meet.",
    ]


def test_every_line_is_a_paragraph_where_lines_are_longer_than_wrapped_ones() -> None:
    long = "Мы, министры Союза долины, " + "собравшись в городе Альба и желая мира всем долинам, " * 3
    text = f"5 мая\nгород Альба\n{long}\nпризнавая важность доверия,\nпризываем:"
    assert units(text) == ["5 мая", "город Альба", " ".join(long.split()), "признавая важность доверия,", "призываем:"]


def test_dated_entries_are_units_of_their_own() -> None:
    text = (
        'CHRONICLE\n1990 3 May: The Council opens in\nAlba. 12-14 June: not at the start of a line.\n5 June: The ship, "Ada"\n'
        "15-16 July: A visit.\n July: Another.\n1989 Spring: A start.\n30 June – 2 July: A feast;\n2001: The end.\n"
        "July 4, 2002: A parade.\n05.06.2003: Late.\n6 мая 2004 года: Встреча.\nA note: not dated."
    )
    assert units(text) == [
        "CHRONICLE",
        "1990 3 May: The Council opens in Alba.",
        "12-14 June: not at the start of a line.",
        '5 June: The ship, "Ada"',
        "15-16 July: A visit.",
        "July: Another.",
        "1989 Spring: A start.",
        "30 June – 2 July: A feast;",
        "2001: The end.",
        "July 4, 2002: A parade.",
        "05.06.2003: Late.",
        "6 мая 2004 года: Встреча.",
        "A note: not dated.",
    ]


def test_items_bullets_and_addresses_are_units_of_their_own() -> None:
    text = (
        "The Union asks:\n1.\xa0Open a bridge\n2. Build a road. It is short.\n• Stone\n• 3 May 1990: Brin,\nthe town\n\n"
        "Statement of the Council, 5 June\n1990\nhttp://example.org/a.htm\nwww.example.org/b\n(www.example.org/c)\nSee there\n\n"
        "� KEY FACTS\nAND NAMES"
    )
    assert units(text) == [
        "The Union asks:",
        "1. Open a bridge",
        "2. Build a road.",
        "It is short.",
        "• Stone",
        "• 3 May 1990: Brin, the town",
        "Statement of the Council, 5 June 1990",
        "http://example.org/a.htm",
        "www.example.org/b",
        "(www.example.org/c)",
        "See there",
        "� KEY FACTS AND NAMES",
    ]


def test_a_wrapped_line_may_begin_with_a_number_or_dash() -> None:
    assert units("The Council was opened in\n1990. It had on page\n12. A seat in Alba\n- of stone - too.") == [
        "The Council was opened in 1990.",
        "It had on page 12.",
        "A seat in Alba - of stone - too.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Prof. J. R. Stone of the U.S. Mission spoke, e.g. in St. Alba, vs. Mr. Brin and Gen. Ash.",
        "See No. 5, p. 12, fig. 3 and Sec. 4.2 of the U.S. Act of 1 Dec. 2003 (v. 2.5).",
        "It said so (cf. Art. 5) etc. and went on, i.e. it stayed until 10 a.m. on 5 May.",
        "The Union [3] signed the Act[2], a map, in April,[4] though late.",
        "22 мая 2019 г. в г. Альба министр И. И. Петров и А.С. Ильин встретились, т.е. говорили и т. д. с союзом.",
        "По ст. 5 договора (см. рис. 2) им. Стоуна и др. членов, в т.ч. на 5 тыс. руб. больше.",
        "“Why? it asked.”",
        "1. Создать совет.",
        "2.1. Build it.",
    ],
)
def test_abbreviations_numbers_and_initials_end_no_sentence(text: str) -> None:
    assert len(units(text)) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The Union (VU). It met.", 2),
        ('It is "a map."[3][4] "The end," it said.', 2),
        ('It is "a map." [3][4]', 1),
        ("It met.[11] The end. [12] More.", 3),
        ('The envoy said: "We meet. We vote." A rest.', 3),
        ('"On the map: a key". Article by Stone', 2),
        ("Roads, bridges etc. Reports followed.", 2),
        ("It came from the U.S. The rest stayed.", 2),
        ("It was no. The end.", 2),
        ("Дороги, мосты и т. д. Отчёты следуют. Далее «Мы едем». Всё…", 4),
        ("Это было в 2019 г. На встрече решили.", 2),
        ("What now? Go! … Wait", 3),
        ("Old. 15 states joined.", 2),
    ],
)
def test_full_stops_part_sentences_behind_quotes_and_reference_marks(text: str, number: int) -> None:
    assert len(units(text)) == number


def test_units_without_letters_are_noise() -> None:
    assert [s.noise for s in split("11\n\n• 16.12.2019\n\n�\n\n11 states\n\n[3]")] == [PAGE_NUMBER, MARK, MARK, None, MARK]


def test_sections_end_a_unit() -> None:
    assert units("5 May\nAlba\nWe, the members", 11) == ["5 May Alba", "We, the members"]


_ALPHABET = st.sampled_from([*"aБ1. \n\n•�\xa0\f\"')[]:!-", "Stone", "St.", "5 June:", "\n1. ", "[3]", "www.a.b", "U.S. ", "😀"])


@given(st.lists(_ALPHABET, max_size=40).map("".join), st.lists(st.integers(-1, 60), max_size=3))
@example("", [])
@example("a" * 200 + "\nb", [])
def test_every_character_lies_in_one_sentence(text: str, breaks: list[int]) -> None:
    found = split(text, breaks)
    assert all(s.start < s.end for s in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    inside = {offset for s in found for offset in range(s.start, s.end)}
    assert all(offset in inside for offset, character in enumerate(text) if not character.isspace())
    for s in found:
        quote = text[s.start : s.end]
        assert quote == quote.strip()
        assert all(line.strip() for line in quote.split("\n")), "a sentence crosses a blank line"
        assert not any(s.start < offset < s.end for offset in breaks)
        assert (s.noise is None) == any(map(str.isalpha, quote))


@given(st.text(max_size=80))
def test_any_text_can_be_split(text: str) -> None:
    assert "".join("".join(units(text)).split()) == "".join(text.split())
