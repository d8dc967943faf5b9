"""Mistyped words: a search that finds nothing is answered with the words that are meant, and says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, Quad, Store

from relgraph import fulltext, services
from relgraph.errors import UsageError
from relgraph.fulltext import Hit, Index, spelling
from relgraph.fulltext.asking import MAX_ALTERNATIVES, MAX_WORDS, replaceable, rewritten
from relgraph.vocabulary import ID, PREF_LABEL, data

NAMES = {
    "council": ("NATO-Russia Council", "Совет Россия – НАТО"),
    "visit": ("Visit of the ministers to Moscow in 1997", "Визит министров в Москву в 1997 году"),
    "conference": ("International conference of Brussels", "Международная конференция в Брюсселе"),
    "coast": ("Treaty of the coast", "Договор о побережье"),
    "boast": ("Treaty of the boast", "Договор о хвастовстве"),
}


def index(folder: Path, labels: Iterable[tuple[str, Literal]]) -> Index:
    store = Store()
    store.extend(Quad(data(key), PREF_LABEL, label, DefaultGraph()) for key, label in labels)
    fulltext.write(store, folder / "fulltext")
    return Index.open(folder / "fulltext")


def keys(hits: Iterable[Hit]) -> list[str]:
    return [hit.thing.value.removeprefix(ID) for hit in hits]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    labels = [
        (key, Literal(name, language=tag)) for key, names in NAMES.items() for tag, name in zip(("en", "ru"), names, strict=True)
    ]
    with closing(index(tmp_path_factory.mktemp("spelling"), labels)) as made:
        yield made


@pytest.fixture(scope="module")
def real(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The index of the real release."""
    path = tmp_path_factory.mktemp("spelling") / "fulltext"
    fulltext.write(store, path)
    with closing(Index.open(path)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "found", "corrected"),
    [
        ("NATO Rusia council", "council", "NATO russia council"),
        ("Совет Росия НАТО", "council", "Совет россия НАТО"),
        ("NATO-Rusia council", "council", "nato-russia council"),
        ("Natto Rusia cuoncil", "council", "nato russia council"),
        ("mosco", "visit", "moscow"),
        ("maskow", "visit", ""),  # two letters, and the word is short
        ("визтом", "visit", "визит"),  # the stem is nearer than the word
        ("internationl conferense", "conference", "international conference"),
        ("internasionel", "conference", "international"),  # two letters of a long word
        ("Международая кноференция", "conference", "международная конференция"),
        ("visit «Rusia» OR Mosocw", "visit", "visit \"Rusia\" OR moscow"),
        ("-russia Ministres Moskow", "visit", "-russia ministers moscow"),
    ],
)  # fmt: skip
def test_a_mistyped_word_is_put_right(small: Index, text: str, found: str, corrected: str) -> None:
    answer = small.answer(text)
    assert answer.corrected == corrected
    assert keys(answer.hits) == ([found] if corrected else [])
    assert small.search(text) == [], "a search is as it was asked, unless it is asked for more"


@pytest.mark.parametrize("text", ["NATO Russia council", "moscow OR brusels", "брюссель", "Visits", "mosc*"])
def test_what_is_found_as_it_is_written_is_not_corrected(small: Index, text: str) -> None:
    answer = small.answer(text)
    assert answer.hits
    assert answer.corrected == ""


@pytest.mark.parametrize(
    "text",
    [
        '"NATO Rusia"',  # a phrase is meant as it is
        "mosocw*",  # and a prefix
        "moscow brussels",  # known words that stand nowhere together
        "visit 1979",  # a number is never another one
        "mosc",  # a part of a word
        "nat council",  # too short
        "xylophone",
        "-mosocw council moscow",
        "qosta",
    ],
)
def test_what_is_not_corrected(small: Index, text: str) -> None:
    assert small.answer(text) == fulltext.Answer([])


def test_of_several_words_that_are_meant_each_is_found(small: Index) -> None:
    answer = small.answer("treaty roast")
    assert answer.corrected == "treaty boast OR coast"
    assert set(keys(answer.hits)) == {"boast", "coast"}
    assert small.answer(answer.corrected) == fulltext.Answer(answer.hits), "a corrected search is a search"


def test_a_word_that_is_there_comes_before_what_is_like_it(tmp_path: Path) -> None:
    labels = [("boast", Literal("Treaty of the boast")), ("roast", Literal("Treaty of the roast"))]
    with closing(index(tmp_path, labels)) as made:
        assert keys(made.answer("treaty roast").hits) == ["roast"]


def test_nearer_words_come_first_and_farther_ones_where_these_find_nothing(tmp_path: Path) -> None:
    labels = [("a", Literal("Conference of Alba")), ("b", Literal("Conferenze of Brin"))]
    with closing(index(tmp_path, labels)) as made:
        assert made.answer("conferenzz brin").corrected == "conferenze brin"
        assert made.answer("conferenzz alba").corrected == "conferenze OR conference alba"


def test_the_language_asked_for_counts(small: Index) -> None:
    assert keys(small.answer("Rusia council", language="en").hits) == ["council"]
    assert small.answer("Rusia council", language="ru").hits == []


def test_the_nato_russia_council_is_found_in_both_languages(real: Index) -> None:
    for text in ("NATO Rusia council", "Совет Росия НАТО", "NATO-Rusia Council", "NATO Russia counsil", "Совет Россия НАТТО"):
        answer = real.answer(text)
        assert keys(answer.hits)[0] == "body/nato-russia-council", text
        assert answer.corrected


def test_an_index_without_a_vocabulary_finds_what_is_written_rightly(tmp_path: Path) -> None:
    """As releases have it that were written before there was one."""
    index(tmp_path, [("a", Literal("Alba"))]).close()
    with closing(sqlite3.connect(tmp_path / "fulltext")) as file:
        file.execute("DROP TABLE vocabulary")
    with closing(Index.open(tmp_path / "fulltext")) as made:
        assert keys(made.answer("alba").hits) == ["a"]
        assert made.answer("albba").hits == []


def test_the_vocabulary_has_words_of_letters(small: Index) -> None:
    rows = small._connection.execute("SELECT word, backwards, stem, literals FROM vocabulary").fetchall()
    assert ("moscow", "wocsom", "moscow", 1) in rows
    assert ("treaty", "ytaert", "treati", 2) in rows
    assert not {"1997", "of", "в"} & {row[0] for row in rows}


def test_how_many_words_are_compared_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    distance = spelling._distance

    def counted(word: str, other: str) -> int:
        compared.append(other)
        return distance(word, other)

    monkeypatch.setattr(spelling, "_COMPARED", 40)
    monkeypatch.setattr(spelling, "_distance", counted)
    letters = "bcdfghklm"
    labels = [(f"{a}{b}{c}", Literal(f"mo{a}{b}{c}ow")) for a in letters for b in letters for c in letters]
    labels += [(f"long-{a}{b}", Literal(f"momomomo{a}{b}momomo")) for a in letters for b in letters]
    with closing(index(tmp_path, [*labels, ("often", Literal("mosqow")), ("often", Literal("mosqow again"))])) as made:
        assert keys(made.answer("mosccw").hits) == []
        assert 0 < len(compared) <= 2 * 40, "each as it is written and by its stem"
        compared.clear()
        made.answer("mosccw moszzw-mozzzw OR mobzzw")
        assert 0 < len(compared) <= 2 * 40, "several words share them"
        compared.clear()
        made.answer("momomomozzmomomo")
        assert 0 < len(compared) <= 2 * 20, "of long words there are fewer"
        compared.clear()
        assert keys(made.answer("moscow").hits) == ["often"], "words of many literals are compared first"


def test_a_search_of_many_unknown_words_is_left_alone(small: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["natto", "rusia", "mosocw", "brusels", "visti", "tready"]
    assert len(words) == spelling.MAX_CORRECTED + 1
    assert small.answer(" OR ".join(words[1:])).hits
    monkeypatch.setattr(spelling, "near", None)  # is not even called
    assert small.answer(" OR ".join(words)).hits == []


def test_words_that_are_never_replaced_are_neither_counted_nor_compared(small: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    near = spelling.near

    def noted(connection: sqlite3.Connection, word: str, among: int) -> list[spelling.Near]:
        compared.append((word, among))
        return near(connection, word, among)

    monkeypatch.setattr(spelling, "near", noted)
    assert small.answer('Rusia -visti -tready "brusels natto" mosocw* -conferense').hits == []
    assert keys(small.answer("Rusia council -visti -tready -brusels -natto -conferense").hits) == ["council"]
    assert compared == [("rusia", 1)] * 2


def test_a_clause_of_a_query_closes_the_index_that_it_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(tmp_path, [("a", Literal("Alba"))]).close()
    opened = []
    open_it = Index.open

    def noted(path: Path) -> Index:
        opened.append(open_it(path))
        return opened[-1]

    monkeypatch.setattr(Index, "open", noted)
    clause = "SELECT * { SERVICE search:index { ?a search:query %s ; search:corrected ?b } }"
    assert '"alba"' in services.resolve(clause % '"Allba"', tmp_path / "fulltext")
    with pytest.raises(UsageError, match="no word to find"):
        services.resolve(clause % '"-"', tmp_path / "fulltext")
    assert len(opened) == 2
    for each in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            each._connection.execute("SELECT 1")


def test_the_longest_search_is_corrected(small: Index) -> None:
    assert keys(small.answer("ruscia " * fulltext.MAX_WORDS).hits) == ["council"]
    assert keys(small.answer("treaty " * (fulltext.MAX_WORDS - 1) + "roast").hits) == ["boast", "coast"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rusia", "russia"),
        ("a Rusia OR b", "a russia OR b"),
        ('"Rusia" Rusia', '"Rusia" russia'),
        ("-Rusia Rusia* b", "-Rusia Rusia* b"),
        ("NATO–Rusia’s (Rusia)", "nato-russia russia"),
        ('"a"-Rusia', '"a"russia'),
        ("cost", "coast OR cast"),
        ("of-cost", "of-coast OR of-cast"),
        ("* – ", "* – "),
    ],
)
def test_words_are_put_in_place_of_others(text: str, found: str) -> None:
    assert rewritten(text, {"rusia": ("russia",), "cost": ("coast", "cast")}) == found


def test_a_word_that_stands_often_in_a_unit_has_few_alternatives(small: Index) -> None:
    text = "-".join(["roast"] * MAX_WORDS)
    assert rewritten(text, {"roast": ("boast", "coast")}) == " OR ".join(
        "-".join([each] * MAX_WORDS) for each in ("boast", "coast")
    )
    assert small.answer(text) == fulltext.Answer([])
    assert keys(small.answer("roast-" * 20 + "roast OR treaty").hits) != []
    of_it = " ".join(["treaty-of-the-roast"] * (MAX_WORDS // 4))
    assert set(keys(small.answer(of_it).hits)) == {"boast", "coast"}


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=MAX_WORDS), st.integers(1, spelling.MAX_INSTEAD))
def test_the_alternatives_of_a_unit_have_a_bound(typed: list[str], several: int) -> None:
    instead = {word: tuple(f"{word}{number}" for number in range(several)) for word in "abcde"}
    alternatives = [each.split("-") for each in rewritten("-".join(typed), instead).split(" OR ")]
    assert len(alternatives) <= MAX_ALTERNATIVES
    assert alternatives[0] == [instead.get(word, (word,))[0] for word in typed], "the best ones come first"
    for each in alternatives:
        assert len(each) == len(typed)
        assert len(set(zip(typed, each, strict=True))) == len(set(typed)), "a word is replaced by one other"
    assert {word for each in alternatives for word in each} >= {instead[word][-1] for word in set(typed) & set("abcde")} or (
        several ** len(set(typed) & set("abcde")) > MAX_ALTERNATIVES
    )


def test_words_that_may_be_replaced() -> None:
    assert replaceable('Rusia "phrase" -not Rusia prefix* a-B «quoted» a') == ["rusia", "a", "b"]


numbers = count()
letters = st.sampled_from("abcdeабвгде")


@given(st.text(letters, min_size=4, max_size=12), st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_one_wrong_letter_is_found_wherever_it_is(tmp_path: Path, word: str, drawn: st.DataObject) -> None:
    place = drawn.draw(st.integers(0, len(word) - 1))
    letter = drawn.draw(letters)
    typed = drawn.draw(
        st.sampled_from(
            [
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place + 1 :],
                word[:place] + letter + word[place:],
                word + letter,
                word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
            ]
        )
    )
    assume(len(typed) >= spelling.ONE and fulltext.stem(typed) != fulltext.stem(word))
    folder = tmp_path / str(next(numbers))
    folder.mkdir()
    with closing(index(folder, [("a", Literal(word))])) as made:
        answer = made.answer(typed)
    assert (keys(answer.hits), answer.corrected) == (["a"], word)


@given(st.text(letters, max_size=10), st.text(letters, max_size=10))
def test_a_distance_is_that_of_a_plain_reading(word: str, other: str) -> None:
    def plain(a: str, b: str) -> int:
        if not a or not b:
            return len(a) + len(b)
        found = min(plain(a[1:], b) + 1, plain(a, b[1:]) + 1, plain(a[1:], b[1:]) + (a[0] != b[0]))
        if len(a) > 1 and len(b) > 1 and a[:2] == b[1::-1]:
            found = min(found, plain(a[2:], b[2:]) + 1)
        return found

    word, other = word[:6], other[:6]
    most = 0 if len(word) < spelling.ONE else 1 if len(word) < spelling.TWO else 2
    expected = plain(word, other)
    assert spelling._distance(word, other) == (expected if most and expected <= most else 3)
