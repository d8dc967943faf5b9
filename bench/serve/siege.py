"""Runs attacks on one server for a time, beside a polite client, and tells what came of it."""

from __future__ import annotations

import asyncio
import http.client
import random
import re
import resource
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.figures import percentile
from bench.report import Step
from bench.serve import processes
from bench.serve.attacks import Attack, Lane
from bench.serve.data import SEED
from bench.serve.exchange import Ending, Outcome, Target
from bench.serve.polite import PoliteClient

#: Attackers at once of each lane; some of them open hundreds of connections.
ATTACKERS = {Lane.QUERY: 20, Lane.NETWORK: 6}
#: Of one core: more than this after all is over is a query that nobody waits for.
_BUSY_SHARE = 0.2
_OPEN_FILES = 4096
#: How long an attacker waits when it was turned away.
_BACK_OFF_SECONDS = 1.0


@dataclass(frozen=True)
class Kind:
    """What came of one kind of attack: how often it was run, and how often of these the server was not too busy for it;
    endings, statuses, and reasons given; requests that went wrong; the longest in seconds."""

    runs: int
    taken_up: int
    endings: Mapping[str, int]
    statuses: Mapping[str, int]
    reasons: Mapping[str, int]
    wrong: int
    worst_seconds: float


@dataclass(frozen=True)
class Result:
    """What came of the attack on one server. Visits to the canary are counted by the first line they sent.

    Times in seconds, memory in bytes; None where it could not be found out."""

    server: str
    seconds: float
    kinds: Mapping[str, Kind]
    alive: bool
    died_after: float | None
    idle_at_the_end: bool | None
    canary_visits: Mapping[str, int]
    polite_answered: int
    polite_failures: Mapping[str, int]
    polite_p50: float | None
    polite_worst: float | None
    peak_memory: int | None
    worker_kills: Mapping[str, int] | None

    @property
    def wrong(self) -> int:
        """Requests that were neither answered nor closed as they should be."""
        return sum(kind.wrong for kind in self.kinds.values())

    @property
    def requests(self) -> int:
        """Requests of all attacks."""
        return sum(sum(kind.endings.values()) for kind in self.kinds.values())

    @property
    def internal_errors(self) -> int:
        """Answers with status 500."""
        return sum(kind.statuses.get("500", 0) for kind in self.kinds.values())

    @property
    def polite_share(self) -> float | None:
        """The part of the polite requests that was answered."""
        asked = self.polite_answered + sum(self.polite_failures.values())
        return self.polite_answered / asked if asked else None


def run(
    name: str, target: Target, root: int | None, attacks: Sequence[Attack], canary_visits: list[str], seconds: float, step: Step
) -> Result:
    """Attacks for so many seconds; what runs then is waited for, at most the target's limit.

    `root` is the process of the server, where it is known; `canary_visits` is filled by whoever listens at the canary.
    """
    polite = PoliteClient(target)
    watch = processes.MemoryWatch(root) if root else None
    visited_before = len(canary_visits)
    began = time.monotonic()
    with _many_open_files(), _while_it_runs(polite), _while_it_runs(watch):
        outcomes = asyncio.run(_attack(target, attacks, seconds, lambda: root is None or processes.exists(root), step))
    lasted = time.monotonic() - began
    died = root is not None and not processes.exists(root)
    step(f"{name}: looking whether it still answers", 0)
    alive = not died and _answers(target, target.limit)
    return Result(
        server=name,
        seconds=lasted,
        kinds={attack.name: _kind(attack, outcomes[attack.name]) for attack in attacks},
        alive=alive,
        died_after=watch.gone_at - began if watch and watch.gone_at else None,
        idle_at_the_end=_gets_idle(root, target.limit) if root and not died else None,
        canary_visits=dict(Counter(canary_visits[visited_before:])),
        polite_answered=len(polite.seconds),
        polite_failures=dict(polite.failures),
        polite_p50=percentile(polite.seconds, 50),
        polite_worst=max(polite.seconds, default=None),
        peak_memory=watch.peak if watch else None,
        worker_kills=_worker_kills(target) if alive else None,
    )


def is_wrong(attack: Attack, outcome: Outcome) -> bool:
    """Whether a request ended as it must not: held over the limit, refused, or closed without an answer that was due."""
    if outcome.ending is Ending.CLOSED:
        return not attack.may_close
    return outcome.ending in (Ending.HELD, Ending.REFUSED) or outcome.status == 500


_TRIED = ("memory", "rows", "bytes", "nesting", "engine")


def turned_away(outcomes: Sequence[Outcome]) -> bool:
    """Whether the server was too busy for a request, so that this attack has not been tried. A flood is tried by being sent.

    A 503 that names a budget of the query itself (memory, rows, bytes) tells that the query was tried.
    """
    return len(outcomes) == 1 and all(
        outcome.ending is Ending.REFUSED or (outcome.status in (429, 503) and outcome.reason not in _TRIED)
        for outcome in outcomes
    )


async def _attack(
    target: Target, attacks: Sequence[Attack], seconds: float, alive: Callable[[], bool], step: Step
) -> dict[str, list[list[Outcome]]]:
    """The outcomes of each run of each attack, by its name."""
    outcomes: dict[str, list[list[Outcome]]] = {attack.name: [] for attack in attacks}
    began = time.monotonic()

    async def attacker(coming: Coming) -> None:
        while time.monotonic() - began < seconds and alive() and (attack := coming.next()):
            ended = await attack.run(target)
            outcomes[attack.name].append(ended)
            if turned_away(ended):
                coming.again(attack)
                await asyncio.sleep(_BACK_OFF_SECONDS)
            else:
                coming.taken_up(attack)

    async def clock() -> None:
        shown = 0.0
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic() - began
            runs = sum(map(len, outcomes.values()))
            step(f"{runs} attacks" if now < seconds else f"{runs} attacks; waiting for the last", min(now, seconds) - shown)
            shown = min(now, seconds)

    ticking = asyncio.ensure_future(clock())
    try:
        async with asyncio.TaskGroup() as group:
            for lane, count in ATTACKERS.items():
                coming = Coming([attack for attack in attacks if attack.lane is lane])
                for _ in range(count):
                    group.create_task(attacker(coming))
    finally:
        ticking.cancel()
    return outcomes


class Coming:
    """Which attack is next: each until the server has taken it up once, then any."""

    def __init__(self, attacks: Sequence[Attack]) -> None:
        self._attacks = attacks
        self._due = deque(attacks)
        self._taken_up: set[str] = set()
        self._random = random.Random(SEED)

    def next(self) -> Attack | None:
        """The next one; None when there are no attacks at all."""
        if self._due:
            return self._due.popleft()
        return self._random.choice(self._attacks) if self._attacks else None

    def again(self, attack: Attack) -> None:
        """Puts one back that was turned away, unless it was taken up at another time."""
        if attack.name not in self._taken_up and attack not in self._due:
            self._due.append(attack)

    def taken_up(self, attack: Attack) -> None:
        """Notes that the server took one up."""
        self._taken_up.add(attack.name)


def _kind(attack: Attack, runs: Sequence[Sequence[Outcome]]) -> Kind:
    outcomes = [outcome for run in runs for outcome in run]
    return Kind(
        runs=len(runs),
        taken_up=sum(not turned_away(run) for run in runs),
        endings=dict(Counter(outcome.ending.value for outcome in outcomes)),
        statuses=dict(Counter(str(outcome.status) for outcome in outcomes if outcome.status)),
        reasons=dict(Counter(outcome.reason for outcome in outcomes if outcome.reason)),
        wrong=sum(is_wrong(attack, outcome) for outcome in outcomes),
        worst_seconds=max((outcome.seconds for outcome in outcomes), default=0.0),
    )


@contextmanager
def _while_it_runs(thread: PoliteClient | processes.MemoryWatch | None) -> Iterator[None]:
    if thread is None:
        yield
        return
    thread.start()
    try:
        yield
    finally:
        thread.stop()


@contextmanager
def _many_open_files() -> Iterator[None]:
    """Lets this process open as many connections as it needs."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if before[1] == resource.RLIM_INFINITY else min(_OPEN_FILES, before[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], wanted), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def _answers(target: Target, seconds: float) -> bool:
    """Whether the server answers a polite query, asked again for so many seconds."""
    asking, deadline = PoliteClient(target), time.monotonic() + seconds
    while not (answered := asking.ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answered


def _gets_idle(root: int, seconds: float) -> bool:
    """Whether the server and its workers stop computing within so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        before = processes.processor_seconds(processes.tree(root))
        time.sleep(1)
        if processes.processor_seconds(processes.tree(root)) - before < _BUSY_SHARE:
            return True
        if time.monotonic() >= deadline:
            return False


def _worker_kills(target: Target) -> dict[str, int] | None:
    """Worker kills by reason, from /metrics; None where there is no such page."""
    connection = http.client.HTTPConnection(target.host, target.port, timeout=10)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    if answer.status != 200:
        return None
    found = re.findall(r'^relgraph_worker_kills_total\{reason="([^"]*)"\} ([0-9.e+]+)$', text, re.MULTILINE)
    return {reason: int(float(count)) for reason, count in found}
