"""Full-text search: words in both languages, its small query language, its order, and bad input."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import BaseDirection, BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from relgraph import fulltext
from relgraph.errors import UsageError
from relgraph.fulltext import LITERALS, Hit, Index, stem, writing
from relgraph.fulltext import index as reading
from relgraph.vocabulary import ALT_LABEL, ASSERTED, DCTERMS, ID, NOTATION, PREF_LABEL, XSD, data, rg

GLOSS = rg("gloss")
#: Every sign that the query language, FTS5 or SQL give a meaning to, and some that Unicode folds in odd ways.
SIGNS = [*"ab\"*-+^:(){}[]'`,;.%_\\\0\ud800 \n«»“”„’йё𝔐İß\u0306", " OR ", " AND ", " NOT ", "NEAR(", "stem:"]


def quad(key: str, text: str | Literal, predicate: NamedNode = PREF_LABEL) -> Quad:
    literal = text if isinstance(text, Literal) else Literal(text, language="en")
    return Quad(data(key), predicate, literal, DefaultGraph())


def index(folder: Path, quads: Iterable[Quad]) -> Index:
    store = Store()
    store.extend(quads)
    fulltext.write(store, folder / "fulltext")
    return Index.open(folder / "fulltext")


def keys(hits: Iterable[Hit]) -> list[str]:
    return [hit.thing.value.removeprefix(ID) for hit in hits]


def outcome(search: Callable[[], list[Hit]]) -> list[Hit] | str:
    """The hits, or the message of a refusal; any other exception fails the test."""
    try:
        return search()
    except UsageError as error:
        return str(error)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A few things whose names are written for the tests."""
    things = {
        "visit": ("Visit of the ministers to Moscow", "Визит министров в Москву"),
        "meeting": ("Meeting of ministers in Brussels", "Встреча министров в Брюсселе"),
        "council": ("NATO-Russia Council", "Совет Россия – НАТО"),
        "hedgehog": ("Café of Manfred Wörner", "Ёлка и ёж"),
    }
    quads = [quad(key, Literal(name, language=tag)) for key, (en, ru) in things.items() for tag, name in (("en", en), ("ru", ru))]
    with closing(index(tmp_path_factory.mktemp("fulltext"), quads)) as made:
        yield made


@pytest.fixture(scope="module")
def real(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The index of the real release."""
    path = tmp_path_factory.mktemp("fulltext") / "fulltext"
    assert fulltext.write(store, path) > 1000
    with closing(Index.open(path)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("visits", ["visit"]),
        ("VISITING minister", ["visit"]),
        ("Москве", ["visit"]),
        ("москва министр", ["visit"]),
        ("встречами", ["meeting"]),
        ("НАТО", ["council"]),
        ("елка", ["hedgehog"]),
        ("ЁЖ", ["hedgehog"]),
        ("cafe", ["hedgehog"]),
        ("Worner's", ["hedgehog"]),
        ("Wo\u0308rner’s", ["hedgehog"]),
        ("Moskva", []),
        ("mosc", []),
    ],
)
def test_words_are_found_in_any_form_in_either_language(small: Index, text: str, found: list[str]) -> None:
    assert keys(small.search(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("moscow minister", {"visit"}),
        ("moscow brussels", set()),
        ("moscow министр", set()),
        ('"ministers to moscow"', {"visit"}),
        ('"moscow ministers"', set()),
        ("«совет россия»", {"council"}),
        ("«россия совет»", set()),
        ("„россия совет“", set()),
        ("“minister to moscow”", {"visit"}),
        ("NATO-Russia", {"council"}),
        ("Russia-NATO", set()),
        ("Россия–НАТО", {"council"}),
        ("mosc*", {"visit"}),
        ("moscow*", {"visit"}),
        ("москву*", {"visit"}),
        ("бр*", {"meeting"}),
        ("NATO-Rus*", {"council"}),
        ("minister -moscow", {"meeting"}),
        ("minister -москва", {"meeting"}),
        ('minister -"in brussels"', {"visit"}),
        ("minister -brus*", {"visit"}),
        ("minister - moscow", {"visit"}),
        ("minister-moscow", set()),
        ("moscow OR brussels", {"visit", "meeting"}),
        ("ministers moscow OR brussels", {"visit", "meeting"}),
        ("visits moscow OR brussels", {"visit"}),
        ("visit OR council -russia", {"visit"}),
        ("moscow OR brussels OR nato", {"visit", "meeting", "council"}),
        ("moscow or brussels", set()),
        ("OR moscow", set()),
        ("moscow OR OR brussels", set()),
    ],
)
def test_the_query_language(small: Index, text: str, found: set[str]) -> None:
    assert set(keys(small.search(text))) == found


@pytest.mark.parametrize(
    "text", ["moscow)", "(moscow", '"moscow', 'moscow"', "*moscow", "^moscow", "moscow;--", "'moscow'", "moscow\0", "𝗺oscow"]
)
def test_other_signs_only_part_words(small: Index, text: str) -> None:
    assert keys(small.search(text)) == ["visit"]


@pytest.mark.parametrize("text", ["stem:moscow", "moscow AND visit", "NOT moscow", "NEAR(moscow visit)", "moscow + visit + x"])
def test_operators_of_the_engine_are_words(small: Index, text: str) -> None:
    assert small.search(text) == []


def test_marks_are_folded_but_letters_kept() -> None:
    assert fulltext.words("За́мок Й\u0301ода, И\u0306од; Ёж’s Łódź") == ["замок", "йода", "йод", "еж", "łodz"]


def test_a_hit_has_the_literal_as_the_graph_has_it(tmp_path: Path) -> None:
    literals = [
        Literal("Alba\0\n“Union”", language="en-gb"),
        Literal("alba", language="en", direction=BaseDirection.LTR),
        Literal("plain alba"),
    ]
    with closing(index(tmp_path, [quad(str(place), literal) for place, literal in enumerate(literals)])) as made:
        assert {hit.text for hit in made.search("alba")} == set(literals)
        assert {hit.property for hit in made.search("alba")} == {PREF_LABEL}


def test_what_is_indexed(tmp_path: Path) -> None:
    named, other = data("a"), NamedNode("urn:other")
    store = Store()
    store.extend(Quad(data(f"p{place}"), iri, Literal("alba"), DefaultGraph()) for place, iri in enumerate(LITERALS))
    store.extend(
        [
            Quad(BlankNode(), PREF_LABEL, Literal("alba"), DefaultGraph()),
            Quad(named, other, Literal("alba"), DefaultGraph()),
            Quad(named, NOTATION, Literal("alba"), DefaultGraph()),
            Quad(named, PREF_LABEL, NamedNode("urn:alba"), DefaultGraph()),
            Quad(named, PREF_LABEL, Literal("alba", datatype=NamedNode(XSD + "token")), DefaultGraph()),
            Quad(named, PREF_LABEL, Literal("alba"), ASSERTED),
        ]
    )
    assert fulltext.write(store, tmp_path / "fulltext") == len(LITERALS)
    with closing(Index.open(tmp_path / "fulltext")) as made:
        assert sorted(keys(made.search("alba"))) == sorted(f"p{place}" for place in range(len(LITERALS)))


def test_a_long_literal_is_cut_for_searching_only(tmp_path: Path) -> None:
    text = "alba " + "x" * (fulltext.MAX_INDEXED - 5) + " brin"
    with closing(index(tmp_path, [quad("long", text)])) as made:
        assert [hit.text.value for hit in made.search("alba")] == [text]
        assert made.search("brin") == []


def test_labels_come_before_aliases_and_these_before_descriptions(tmp_path: Path) -> None:
    quads = [quad("a", "alba", GLOSS), quad("b", "alba", ALT_LABEL), quad("c", "alba"), quad("d", "brin")]
    with closing(index(tmp_path, quads)) as made:
        hits = made.search("alba")
    assert keys(hits) == ["c", "b", "a"]
    assert hits[0].score > hits[1].score > hits[2].score > 0


def test_the_very_name_comes_before_longer_ones_though_they_repeat_the_word(tmp_path: Path) -> None:
    quads = [quad("a", "Alba: seat in Alba, near Alba"), quad("b", "Union of Alba"), quad("c", "Alba", ALT_LABEL), quad("d", "x")]
    with closing(index(tmp_path, quads)) as made:
        assert keys(made.search("alba"))[0] == "c"
        assert keys(made.search("union of alba OR brin"))[0] == "b"


def test_rare_words_weigh_more(tmp_path: Path) -> None:
    common = [quad(f"z{number}", "union council") for number in range(9)]
    with closing(index(tmp_path, [*common, quad("rare", "alba council"), *(quad(f"x{n}", "brin") for n in range(20))])) as made:
        assert keys(made.search("union OR alba"))[0] == "rare"


def test_a_thing_is_found_once_by_its_best_literal(tmp_path: Path) -> None:
    quads = [quad("a", "alba", GLOSS), quad("a", "Alba and its valley"), quad("a", "Alba"), quad("a", "Alba", ALT_LABEL)]
    with closing(index(tmp_path, quads)) as made:
        (hit,) = made.search("alba")
    assert (hit.property, hit.text.value) == (PREF_LABEL, "Alba")


def test_an_excluded_word_leaves_out_the_thing_whichever_literal_holds_it(tmp_path: Path) -> None:
    quads = [quad("a", "Alba"), quad("a", "capital of Brin", GLOSS), quad("b", "Alba", ALT_LABEL)]
    with closing(index(tmp_path, quads)) as made:
        assert keys(made.search("alba -brin")) == ["b"]


def test_equal_scores_come_by_iri_and_the_limit_cuts_behind_them(tmp_path: Path) -> None:
    with closing(index(tmp_path, [quad(f"{number:03}", "alba") for number in reversed(range(150))])) as made:
        assert keys(made.search("alba")) == [f"{number:03}" for number in range(100)]
        assert keys(made.search("alba", limit=3)) == ["000", "001", "002"]
        assert len(made.search("alba", limit=fulltext.MAX_HITS)) == 150


def test_only_the_language_asked_for_counts(tmp_path: Path) -> None:
    literals = [Literal("alba", language=tag) for tag in ("en", "en-gb", "enx", "ru")] + [Literal("alba")]
    quads = [quad(literal.language or "none", literal) for literal in literals] + [quad("en", Literal("brin", language="ru"))]
    with closing(index(tmp_path, quads)) as made:
        assert keys(made.search("alba", language="EN")) == ["en", "en-gb"]
        assert keys(made.search("alba", language="ru")) == ["ru"]
        assert keys(made.search("alba", language="")) == ["none"]
        assert keys(made.search("alba -brin")) == ["en-gb", "enx", "none", "ru"]
        assert keys(made.search("alba -brin", language="en")) == ["en", "en-gb"]


def test_the_same_content_gives_the_same_file(store: Store, tmp_path: Path) -> None:
    quads = sorted(store.quads_for_pattern(None, None, None, DefaultGraph()), key=str)
    for name, ordered in (("a", quads), ("b", quads[::-1])):
        (tmp_path / name).mkdir()
        index(tmp_path / name, ordered).close()
    assert (tmp_path / "a" / "fulltext").read_bytes() == (tmp_path / "b" / "fulltext").read_bytes()


def test_the_nato_russia_council_is_found_in_both_languages(real: Index) -> None:
    for text in ("NATO-Russia Council", "nato russia councils", "Совет Россия НАТО", "совету россия – нато", "NRC"):
        assert keys(real.search(text))[0] == "body/nato-russia-council", text
    assert keys(real.search("NATO"))[0] == keys(real.search("НАТО"))[0] == "org/nato"
    assert keys(real.search("в Москве", language="ru")) != []
    assert all(hit.text.language == "ru" for hit in real.search("НАТО", language="ru"))


def test_every_label_of_the_release_finds_its_thing(real: Index, store: Store) -> None:
    labels = [
        (quad.subject, quad.object.value)
        for quad in store.quads_for_pattern(None, ALT_LABEL, None, DefaultGraph())
        if isinstance(quad.object, Literal)
    ]
    assert labels
    for thing, label in labels:
        assert thing in {hit.thing for hit in real.search(label, limit=fulltext.MAX_HITS)}


def test_an_empty_graph_has_an_index(tmp_path: Path) -> None:
    with closing(index(tmp_path, [])) as made:
        assert made.search("alba -brin") == []


def test_writing_leaves_one_readable_file_and_replaces_what_stands(tmp_path: Path) -> None:
    (tmp_path / "fulltext").write_bytes(b"old")
    index(tmp_path, [quad("a", "alba")]).close()
    assert [path.name for path in tmp_path.iterdir()] == ["fulltext"]
    with closing(Index.open(tmp_path / "fulltext")) as made, pytest.raises(sqlite3.OperationalError, match="readonly"):
        made._connection.execute("DELETE FROM literal")


def test_an_error_while_writing_leaves_what_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(tmp_path, [quad("a", "alba")]).close()

    def fail(connection: sqlite3.Connection, store: Store) -> int:
        connection.execute("CREATE TABLE half (x)")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(writing, "_fill", fail)
    with pytest.raises(UsageError, match=r"disk is full\)?\. Choose"):
        fulltext.write(Store(), tmp_path / "fulltext")
    assert [path.name for path in tmp_path.iterdir()] == ["fulltext"]
    with closing(Index.open(tmp_path / "fulltext")) as made:
        assert keys(made.search("alba")) == ["a"]


def test_a_folder_that_is_missing_or_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "fulltext").mkdir()
    for path in (tmp_path / "missing" / "fulltext", tmp_path / "fulltext"):
        with pytest.raises(UsageError, match="cannot write the full-text index"):
            fulltext.write(Store(), path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no word"),
        (' – * "" \'', "no word"),
        ("-moscow", "no word"),
        ("x" * (fulltext.MAX_SEARCH + 1), "1001 characters"),
        ("x " * (fulltext.MAX_WORDS + 1), "51 words"),
        ("a -" + "b." * fulltext.MAX_WORDS, "51 words"),
    ],
)
def test_a_search_out_of_bounds_is_refused_with_its_remedy(small: Index, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"{message}.*(Give|Shorten)"):
        small.search(text)


def test_the_longest_search_is_answered(small: Index) -> None:
    assert keys(small.search("moscow " * fulltext.MAX_WORDS)) == ["visit"]
    assert keys(small.search(" OR ".join(["mosc*"] * (fulltext.MAX_WORDS // 2)))) == ["visit"]
    assert small.search("x" * fulltext.MAX_SEARCH) == []


@pytest.mark.parametrize("limit", [0, -1, fulltext.MAX_HITS + 1, 2**70])
def test_a_limit_out_of_bounds_is_refused(small: Index, limit: int) -> None:
    with pytest.raises(UsageError, match="1 to 10000 hits"):
        small.search("moscow", limit)


@pytest.mark.parametrize("language", ["e%", "en'", "en\n", "рус", "\ud800", "\0"])
def test_what_is_no_language_tag_is_refused(small: Index, language: str) -> None:
    with pytest.raises(UsageError, match="no language tag"):
        small.search("moscow", language=language)


def test_a_missing_index_is_named_with_its_remedy(tmp_path: Path) -> None:
    for path in (tmp_path / "fulltext", tmp_path):
        with pytest.raises(UsageError, match=r"no full-text index .*relgraph build"):
            Index.open(path)


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fulltext"
    for content in (b"", b"no database, but long enough to be looked at" * 100):
        path.write_bytes(content)
        with pytest.raises(UsageError, match=r"damaged .*relgraph build"):
            Index.open(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE t (x)")
    with pytest.raises(UsageError, match=r"damaged .*relgraph build"):
        Index.open(path)


def test_an_index_cut_short_is_refused(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "fulltext"
    fulltext.write(store, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UsageError, match=r"damaged .*relgraph build"), closing(Index.open(path)) as made:
        made.search("nato", fulltext.MAX_HITS)


def test_an_index_of_other_stemmers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(tmp_path, [quad("a", "alba")]).close()
    monkeypatch.setattr(reading, "MADE_WITH", "2, other")
    with pytest.raises(UsageError, match=r"written by version 1, snowballstemmer .* this is 2, other. Run `relgraph build`"):
        Index.open(tmp_path / "fulltext")


def test_a_name_of_a_file_is_no_part_of_the_address(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc#%20ё"
    store = Store()
    store.add(quad("a", "alba"))
    fulltext.write(store, path)
    with closing(Index.open(path)) as made:
        assert keys(made.search("alba")) == ["a"]


def test_a_lock_on_the_file_does_not_matter(tmp_path: Path) -> None:
    index(tmp_path, [quad("a", "alba")]).close()
    with closing(sqlite3.connect(tmp_path / "fulltext", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with closing(Index.open(tmp_path / "fulltext")) as made:
            assert keys(made.search("alba")) == ["a"]


def test_threads_share_an_index(real: Index) -> None:
    stem.cache_clear()
    searches = ["NATO", "Совет", "visits moscow", "ministers -nato", "Москве", "россии"] * 10
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(real.search, searches))
    assert found == [real.search(text) for text in searches]


@given(st.one_of(st.text(st.characters(exclude_categories=())), st.lists(st.sampled_from(SIGNS), max_size=60).map("".join)))
@example('"')
@example("a OR -b OR")
@example('-"a"-"b"* OR')
@example("stem : a")
def test_any_text_is_a_search_or_is_refused(small: Index, text: str) -> None:
    found = outcome(lambda: small.search(text))
    assert isinstance(found, list) or ". Give" in found or ". Shorten" in found


numbers = count()


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(SIGNS), max_size=60).map("".join)))
@example("Объе́кт’s naïve İstanbul ﬁne ½")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_literal_is_found_by_its_own_text(tmp_path: Path, text: str) -> None:
    text = text.replace("\ud800", "")
    asked = "".join(" " if sign in '"“”„«»' else sign for sign in text)
    assume(1 <= len(fulltext.words(asked)) <= fulltext.MAX_WORDS)
    folder = tmp_path / str(next(numbers))
    folder.mkdir()
    with closing(index(folder, [quad("a", asked)])) as made:
        for search in (f'"{asked}"', *fulltext.words(asked), *(f"{word}*" for word in fulltext.words(asked))):
            assert keys(made.search(search)) == ["a"]


@given(st.text())
def test_a_word_has_a_stem_of_its_own_signs(text: str) -> None:
    for word in fulltext.words(text):
        assert fulltext.words(fulltext.stem(word)) != []
        assert not set(fulltext.stem(word)) & set(" \"*'_")


WORDS = ["alba", "brin", "союз", "stone"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)


@given(
    st.lists(st.tuples(st.integers(0, 3), texts), max_size=8),
    st.lists(texts, min_size=1, max_size=3),
    st.lists(st.sampled_from(WORDS), max_size=1),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_hits_are_those_of_a_plain_reading(
    tmp_path: Path, literals: list[tuple[int, list[str]]], choices: list[list[str]], unwanted: list[str]
) -> None:
    folder = tmp_path / str(next(numbers))
    folder.mkdir()
    expected = {
        str(thing)
        for thing, held in literals
        if all(set(choice) & set(held) for choice in choices)
        and not any(set(unwanted) & set(other) for same, other in literals if same == thing)
    }
    search = " ".join([*(" OR ".join(choice) for choice in choices), *(f"-{word}" for word in unwanted)])
    with closing(index(folder, [quad(str(thing), " ".join(held)) for thing, held in literals])) as made:
        hits = made.search(search)
    assert set(keys(hits)) == expected
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.thing.value))
    assert len(hits) == len(expected)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_damage_anywhere_gives_hits_or_is_named(tmp_path: Path, data: st.DataObject) -> None:
    whole = tmp_path / "whole"
    if not whole.exists():
        whole.mkdir()
        index(whole, [quad(f"{number}", f"alba brin {number}") for number in range(200)]).close()
    content = bytearray((whole / "fulltext").read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=20)):
        content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path / f"damaged{next(numbers)}"
    path.write_bytes(content)

    def search() -> list[Hit]:
        with closing(Index.open(path)) as made:
            return made.search("alba OR br* -17")

    found = outcome(search)
    assert isinstance(found, list) or (str(path) in found and "relgraph build" in found)


def test_titles_of_other_vocabularies_are_found(tmp_path: Path) -> None:
    with closing(index(tmp_path, [quad("a", "Treaty of Alba", NamedNode(DCTERMS + "title"))])) as made:
        assert made.search("treaties")[0].property == NamedNode(DCTERMS + "title")
