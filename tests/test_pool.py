"""The pool of workers: what is told of one that has ended, and of those that do not start."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from relgraph.errors import BudgetError, UsageError
from relgraph.serving.logs import log
from relgraph.serving.workers import pool as pools
from relgraph.serving.workers.pool import Pool, Setup, Worker
from server import DEADLINE
from test_releases import built

MIB = 1024 * 1024
#: How a process ends, and what its query is told was used up.
FATES = [
    ("kill -SEGV $$", "nesting"),
    ("kill -ABRT $$", "memory"),
    ("kill -KILL $$", "memory"),
    ("echo MemoryError >&2; exit 1", "memory"),
    ("head -c 9000 /dev/zero | tr '\\0' x >&2; echo MemoryError >&2; exit 1", "memory"),
    ("echo MemoryError >&2; head -c 9000 /dev/zero | tr '\\0' x >&2; exit 1", "engine"),  # not among its last words
    ("echo panicked >&2; exit 101", "engine"),
    ("kill -TERM $$", "engine"),
    ("exit 0", "engine"),
]


def setup(store: Path, workers: int = 1) -> Setup:
    return Setup(str(store), None, True, 256 * MIB, workers, 1, 1.0)


async def eventually(holds: Callable[[], bool]) -> None:
    """Waits until something holds, while the event loop runs."""
    async with asyncio.timeout(DEADLINE):
        while not holds():
            await asyncio.sleep(0.01)


# ── one that has ended ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("ends", "budget"), FATES)
def test_a_worker_that_ended_is_counted_under_the_name_that_its_query_is_told(ends: str, budget: str) -> None:
    async def run() -> None:
        process = await asyncio.create_subprocess_exec("sh", "-c", ends, stderr=asyncio.subprocess.PIPE)
        nobody: Any = None  # its link has no part in this
        worker = Worker(process, nobody)
        told = await worker.fate()
        assert isinstance(told, BudgetError)
        assert (told.budget, worker.killed) == (budget, budget)
        worker.kill("lost")  # as the pool does with every one that it replaces
        assert worker.killed == budget

    asyncio.run(run())


@pytest.mark.parametrize(
    ("ends", "budget"), [(signal.SIGSEGV, "nesting"), (signal.SIGKILL, "memory"), (signal.SIGTERM, "engine")]
)
def test_the_pool_counts_what_the_query_is_told(tmp_path: Path, ends: signal.Signals, budget: str) -> None:
    counted: list[str] = []

    async def run() -> None:
        pool = Pool(setup(built(tmp_path, "a").path / "store"), counted.append)
        await pool.start()
        worker = await pool.acquire("a client")
        worker.process.send_signal(ends)
        assert await worker.link.next() is None
        assert (await worker.fate()).budget == budget
        pool.give_back(worker)
        await eventually(lambda: bool(pool.workers - {worker}))  # another has taken its place
        await pool.close()

    asyncio.run(run())
    assert counted == [budget]


# ── those that do not start ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings of the pool, which does not wait long between its attempts."""
    found: list[str] = []
    monkeypatch.setattr(log, "warning", lambda text, *values: found.append(text % values))
    monkeypatch.setattr(pools, "_AGAIN", 0.01)
    return found


def failing(monkeypatch: pytest.MonkeyPatch, faults: Iterable[Exception | None]) -> None:
    """Has workers fail to start so, one after the other; with None, and after all faults, one starts."""
    plain, left = Pool._spawn, iter(faults)

    async def spawn(pool: Pool) -> Worker:
        if fault := next(left, None):
            raise fault
        return await plain(pool)

    monkeypatch.setattr(Pool, "_spawn", spawn)


@pytest.mark.parametrize(
    ("faults", "warnings"),
    [
        ([OSError("a")], ["a"]),
        ([OSError("a"), OSError("a"), UsageError("a")], ["a"]),
        ([OSError("a"), UsageError("b"), UsageError("b"), OSError("a")], ["a", "b", "a"]),
        ([], []),
    ],
)
def test_why_a_worker_does_not_start_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warned: list[str], faults: list[Exception], warnings: list[str]
) -> None:
    async def run() -> None:
        pool = Pool(setup(built(tmp_path, "a").path / "store"), lambda reason: None)
        await pool.start()
        failing(monkeypatch, faults)
        worker = await pool.acquire("a client")
        worker.kill("time")
        pool.give_back(worker)
        await eventually(lambda: bool(pool.workers - {worker}))
        await pool.close()

    asyncio.run(run())
    assert warned == [f"cannot start a worker: {text}" for text in warnings]


def test_of_workers_that_do_not_start_with_the_others_there_is_a_warning_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warned: list[str]
) -> None:
    async def run() -> None:
        failing(monkeypatch, [OSError("too many processes"), None, OSError("too many processes")])
        pool = Pool(setup(built(tmp_path, "a").path / "store", workers=2), lambda reason: None)
        await pool.start()  # without the first of the two, which is tried again
        await eventually(lambda: len(pool.workers) == 2)
        await pool.close()

    asyncio.run(run())
    assert warned == ["cannot start a worker: too many processes"]


def test_a_store_that_is_gone_is_named_until_it_is_back(tmp_path: Path, warned: list[str]) -> None:
    store, away = built(tmp_path, "a").path / "store", tmp_path / "away"

    async def run() -> None:
        pool = Pool(setup(store), lambda reason: None)
        await pool.start()
        (worker,) = pool.workers
        shutil.move(store, away)
        worker.process.kill()  # by somebody else, while it has nothing to do
        await eventually(lambda: bool(warned))
        shutil.move(away, store)
        await eventually(lambda: bool(pool.workers))
        await pool.close()

    asyncio.run(run())
    assert len(warned) == 1
    assert warned[0].startswith("cannot start a worker: ")
    assert str(store) in warned[0]


def test_a_pool_that_closes_warns_of_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warned: list[str]) -> None:
    async def run() -> None:
        pool = Pool(setup(built(tmp_path, "a").path / "store"), lambda reason: None)
        await pool.start()
        worker = await pool.acquire("a client")
        worker.kill("time")

        async def spawn(pool: Pool) -> Worker:
            pool._closing.set()
            raise UsageError("it was killed while it started")

        monkeypatch.setattr(Pool, "_spawn", spawn)
        pool.give_back(worker)
        await eventually(pool._closing.is_set)
        await pool.close()

    asyncio.run(run())
    assert warned == []
