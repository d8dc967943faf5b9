"""Clients: who one is, behind proxies or not, and how much query time and how many queries at once each has."""

from __future__ import annotations

from contextlib import ExitStack, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.errors import BudgetError
from relgraph.serving import clients
from relgraph.serving.clients import Clients, identify

PEER = "192.0.2.1"
#: Seconds of query time a minute, from the least that is of use.
BUDGETS = st.floats(min_value=1, max_value=1000)
SPANS = st.floats(min_value=0, max_value=500)


class Clock:
    """A clock that stands still until it is set on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ask(accounts: Clients, client: str = "one", seconds: float = 0.0) -> None:
    """A query that takes so many seconds."""
    with accounts.admit(client) as charge:
        charge(seconds)


def refusal(accounts: Clients, client: str = "one") -> BudgetError:
    with pytest.raises(BudgetError) as raised, accounts.admit(client):
        pass
    assert raised.value.budget == "client"
    return raised.value


def wait_after(accounts: Clients, client: str = "one") -> float:
    """The seconds after which a refused client is told to come back."""
    wait = refusal(accounts, client).retry_after
    assert wait is not None
    return wait


@pytest.mark.parametrize(
    ("hops", "forwarded", "client"),
    [
        (0, [], PEER),
        (0, ["198.51.100.7"], PEER),
        (1, [], PEER),
        (1, [""], PEER),
        (1, [" , "], PEER),
        (1, ["198.51.100.7"], "198.51.100.7"),
        (1, ["203.0.113.66, 198.51.100.7"], "198.51.100.7"),
        (1, ["203.0.113.66", "198.51.100.7"], "198.51.100.7"),
        (2, ["198.51.100.7, 192.0.2.9"], "198.51.100.7"),
        (2, ["203.0.113.66, 198.51.100.7, 192.0.2.9"], "198.51.100.7"),
        (2, ["203.0.113.66,198.51.100.7", " 192.0.2.9 "], "198.51.100.7"),
        (2, ["203.0.113.66", "198.51.100.7", "192.0.2.9"], "198.51.100.7"),
        (2, ["198.51.100.7"], "198.51.100.7"),
    ],
)
def test_behind_proxies_the_client_is_what_the_outermost_trusted_one_saw(hops: int, forwarded: list[str], client: str) -> None:
    assert identify(PEER, forwarded, hops) == client


@given(st.lists(st.text()), st.integers(min_value=1, max_value=3))
def test_what_a_client_writes_into_the_header_itself_changes_nothing(invented: list[str], hops: int) -> None:
    written = ["198.51.100.7", "192.0.2.9", "192.0.2.10"][:hops]
    assert identify(PEER, [*invented, *written], hops) == "198.51.100.7"
    assert identify(PEER, [", ".join([*invented, *written])], hops) == "198.51.100.7"
    assert identify(PEER, invented, 0) == PEER


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:DB8:1:2::", "2001:db8:1:2::"),
        ("[2001:db8:1:2::6]", "2001:db8:1:2::"),
        ("::1", "::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("[::ffff:c633:6407]", "198.51.100.7"),
        ("198.51.100.7", "198.51.100.7"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_ipv6_network_and_an_address_in_another_notation_are_one_client(address: str, client: str) -> None:
    assert identify(address, [], 0) == client
    assert identify("", [address], 1) == client


def test_neighbouring_networks_are_two_clients() -> None:
    assert identify("2001:db8:1:2::6", [], 0) != identify("2001:db8:1:3::6", [], 0)


def test_without_a_peer_all_are_one_client() -> None:
    assert identify(None, [], 0) == ""


@given(st.text(), st.lists(st.text()), st.integers(min_value=0, max_value=3))
def test_whatever_the_headers_say_a_client_has_a_short_name(peer: str, forwarded: list[str], hops: int) -> None:
    assert len(identify(peer, forwarded, hops)) <= 64
    assert len(identify("x" * 10_000, ["y" * 10_000], hops)) == 64


def test_who_has_used_up_the_budget_is_refused_and_told_so() -> None:
    accounts = Clients(60, 0, Clock())
    ask(accounts, seconds=59.5)
    ask(accounts, seconds=10)
    assert "60 s of query time a minute" in str(refusal(accounts))
    ask(accounts, "another")


@given(BUDGETS, SPANS)
def test_after_the_announced_wait_there_is_a_second_of_query_time(budget: float, used: float) -> None:
    clock = Clock()
    accounts = Clients(budget, 0, clock)
    ask(accounts, seconds=budget + used)
    clock.now += wait_after(accounts)
    ask(accounts, seconds=0.99)
    ask(accounts, seconds=0.02)
    refusal(accounts)


def test_the_wait_is_until_the_debt_and_a_second_are_filled_up() -> None:
    clock = Clock()
    accounts = Clients(30, 0, clock)
    ask(accounts, seconds=30 + 14)
    assert wait_after(accounts) == pytest.approx(30)
    clock.now += 20
    assert wait_after(accounts) == pytest.approx(10)


@given(BUDGETS)
def test_a_used_up_budget_is_full_again_after_a_minute(budget: float) -> None:
    clock = Clock()
    accounts = Clients(budget, 0, clock)
    ask(accounts, seconds=budget)
    refusal(accounts)
    clock.now += 60
    ask(accounts, seconds=budget * 0.99)
    ask(accounts, seconds=budget * 0.02)
    refusal(accounts)


@given(BUDGETS, st.lists(st.tuples(SPANS, SPANS)))
def test_a_budget_is_never_more_than_full(budget: float, before: list[tuple[float, float]]) -> None:
    clock = Clock()
    accounts = Clients(budget, 0, clock)
    for idle, used in before:
        clock.now += idle
        with ExitStack() as stack:
            try:
                charge = stack.enter_context(accounts.admit("one"))
            except BudgetError:
                continue
            charge(used)
    clock.now += 1e6
    ask(accounts, seconds=budget)
    refusal(accounts)


def test_a_refusal_costs_nothing() -> None:
    clock = Clock()
    accounts = Clients(10, 0, clock)
    ask(accounts, seconds=10)
    wait = wait_after(accounts)
    for _ in range(100):
        refusal(accounts)
    assert wait_after(accounts) == wait


def test_a_query_is_charged_to_its_client_when_it_fails_too() -> None:
    accounts = Clients(10, 1, Clock())
    with suppress(RuntimeError), accounts.admit("one") as charge:
        charge(10)
        raise RuntimeError
    assert "query time" in str(refusal(accounts))


def test_so_many_queries_at_once_and_no_more() -> None:
    accounts = Clients(0, 2, Clock())
    with accounts.admit("one"):
        with accounts.admit("one"):
            assert "2 queries under way" in str(refusal(accounts))
            assert wait_after(accounts) == 1
            ask(accounts, "another")
        ask(accounts)
    with accounts.admit("one"), accounts.admit("one"):
        refusal(accounts)


def test_a_failed_query_is_no_longer_under_way() -> None:
    accounts = Clients(0, 1, Clock())
    with pytest.raises(RuntimeError), accounts.admit("one"):
        raise RuntimeError
    ask(accounts)


def test_0_is_no_limit_of_query_time() -> None:
    accounts = Clients(0, 1, Clock())
    for _ in range(3):
        ask(accounts, seconds=1e9)
    with accounts.admit("one"):
        refusal(accounts)


def test_0_is_no_limit_of_queries_at_once() -> None:
    accounts = Clients(10, 0, Clock())
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(accounts.admit("one"))
        ask(accounts, seconds=10)
        refusal(accounts)


def test_the_client_not_heard_of_for_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_REMEMBERED", 3)
    accounts = Clients(10, 0, Clock())
    for client in ("one", "two", "three"):
        ask(accounts, client, 10)
    refusal(accounts, "one")
    ask(accounts, "four")
    refusal(accounts, "one")
    refusal(accounts, "three")
    ask(accounts, "two")


def test_only_so_many_clients_are_remembered() -> None:
    accounts = Clients(10, 1, Clock())
    for number in range(clients._REMEMBERED + 100):
        ask(accounts, str(number))
    assert len(accounts._accounts) == clients._REMEMBERED


def test_a_client_with_a_query_under_way_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_REMEMBERED", 3)
    accounts = Clients(10, 1, Clock())
    with accounts.admit("one") as charge:
        for number in range(10):
            ask(accounts, str(number))
        assert "1 queries under way" in str(refusal(accounts))
        charge(10)
    assert "query time" in str(refusal(accounts))


def test_a_port_in_the_forwarded_address_does_not_make_another_client() -> None:
    assert identify("127.0.0.1", ["203.0.113.9:4711"], 1) == identify("127.0.0.1", ["203.0.113.9:4712"], 1) == "203.0.113.9"
    assert identify("127.0.0.1", ["[2001:db8::1]:443"], 1) == identify("127.0.0.1", ["[2001:db8::2]"], 1) == "2001:db8::"


def test_a_small_budget_is_told_a_wait_that_is_right() -> None:
    now = [0.0]
    clients = Clients(0.1, 0, lambda: now[0])
    with clients.admit("a") as charge:
        charge(0.1)
    with pytest.raises(BudgetError) as refused, clients.admit("a"):
        pass
    assert refused.value.retry_after == pytest.approx(60)
    now[0] = 60.0
    with clients.admit("a"):
        pass
