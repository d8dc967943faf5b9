"""The cache of answers: what was asked for last stays, and never more bytes than it may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.serving.http.cache import Cache, Kept

SIZES = st.lists(st.integers(min_value=0, max_value=40), max_size=30)
KEYS = st.sampled_from("abcdefgh")


def answer(size: int, letter: str = "x") -> Kept:
    return Kept("text/csv", None, letter.encode() * size)


def kept(cache: Cache, keys: str) -> str:
    """Those of the keys that are kept."""
    return "".join(key for key in keys if cache.get(key))


def test_an_answer_comes_back_as_it_was_put_in() -> None:
    cache = Cache(100, 100, each=0)
    coded = Kept("text/turtle", "zstd", b"coded")
    cache.put("a", coded)
    assert cache.get("a") == coded
    assert cache.get("b") is None
    assert cache.size == 5


def test_what_was_put_in_first_goes_first() -> None:
    cache = Cache(30, 30, each=0)
    for key in "abcd":
        cache.put(key, answer(10))
    assert kept(cache, "abcd") == "bcd"


def test_what_is_asked_for_stays_longer() -> None:
    cache = Cache(30, 30, each=0)
    for key in "abc":
        cache.put(key, answer(10))
    cache.get("a")
    cache.put("d", answer(10))
    assert kept(cache, "abcd") == "acd"


def test_a_large_answer_takes_the_place_of_as_many_as_needed() -> None:
    cache = Cache(30, 30, each=0)
    for key in "abc":
        cache.put(key, answer(10))
    cache.put("d", answer(15))
    assert kept(cache, "abcd") == "cd"


def test_the_largest_answer_and_a_full_cache_just_fit() -> None:
    cache = Cache(30, 10, each=0)
    for key in "abc":
        cache.put(key, answer(10))
    assert kept(cache, "abc") == "abc"
    assert cache.size == 30


@pytest.mark.parametrize(("capacity", "largest"), [(30, 9), (9, 30)])
def test_what_is_too_large_is_not_kept_and_drives_nothing_out(capacity: int, largest: int) -> None:
    cache = Cache(capacity, largest, each=0)
    cache.put("a", answer(9))
    cache.put("b", answer(10))
    assert cache.largest == 9
    assert kept(cache, "ab") == "a"


@pytest.mark.parametrize(("capacity", "largest"), [(0, 100), (100, 0), (0, 0)])
def test_a_cache_without_room_keeps_nothing(capacity: int, largest: int) -> None:
    cache = Cache(capacity, largest, each=0)
    cache.put("a", answer(1))
    cache.put("b", answer(0))
    assert cache.largest == 0
    assert cache.size == 0
    assert kept(cache, "ab") == ""


def test_the_same_key_twice_is_counted_once() -> None:
    """A key names all that an answer depends on, so that both answers are the same."""
    cache = Cache(30, 30, each=0)
    cache.put("a", answer(10))
    cache.put("a", answer(10))
    cache.put("b", answer(20))
    assert cache.size == 30
    assert kept(cache, "ab") == "ab"


@given(SIZES, st.integers(min_value=0, max_value=100), st.integers(min_value=0, max_value=100))
def test_what_is_kept_is_the_longest_run_of_the_latest_that_fits(sizes: list[int], capacity: int, largest: int) -> None:
    cache = Cache(capacity, largest, each=0)
    for number, size in enumerate(sizes):
        cache.put(str(number), answer(size))
    expected, room = set(), capacity
    for number, size in reversed(list(enumerate(sizes))):
        if not 0 < size <= min(capacity, largest):
            continue
        room -= size
        if room < 0:
            break
        expected.add(str(number))
    assert {str(number) for number in range(len(sizes)) if cache.get(str(number))} == expected


@given(st.lists(st.tuples(st.booleans(), KEYS, st.integers(min_value=0, max_value=40))), st.integers(min_value=0, max_value=100))
def test_there_are_never_more_bytes_than_the_capacity_and_all_are_counted(
    steps: list[tuple[bool, str, int]], capacity: int
) -> None:
    cache = Cache(capacity, 30, each=0)
    for asks, key, size in steps:
        if asks:
            found = cache.get(key)
            assert found is None or found == answer(len(found.body), key)
        else:
            cache.put(key, answer(size, key))
        held = [found.body for key in "abcdefgh" if (found := cache._kept.get(key))]
        assert sum(map(len, held)) == cache.size <= capacity


def test_small_answers_count_for_what_they_take_beside_their_bodies() -> None:
    cache = Cache(10_000, 10_000)
    for number in range(100):
        cache.put(str(number), answer(1))
    assert sum(cache.get(str(number)) is not None for number in range(100)) < 20
