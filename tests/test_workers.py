"""Workers: what a query may use is bounded from outside its process, and one query's end is nobody else's trouble."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from relgraph.errors import UsageError
from relgraph.release import Release
from relgraph.serving.workers.pool import Pool, Setup
from server import Server, eventually

MIB = 1024 * 1024
ROWS = 2000
#: Ends only when somebody ends it.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUNGRY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c ?a"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "data.nt"
    file.write_text("".join(f'<https://e.org/{n}> <https://e.org/p> "{n}" .\n' for n in range(ROWS)), "utf-8")
    return file


@pytest.fixture(scope="module")
def server(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with Server(log, "--dataset", data, WORKERS=3, QUERY_MEMORY=256 * MIB, QUERY_TIMEOUT=20, CACHE_BYTES=0) as server:
        yield server


def budget(response: httpx2.Response) -> tuple[int, str]:
    """The status of a refused query, and the budget that it names."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["budget"]


def is_well(server: Server) -> bool:
    return bool(server.query("ASK {}").json()["boolean"])


def test_a_query_over_its_time_is_ended(server: Server) -> None:
    kills = server.metric('relgraph_worker_kills_total{reason="time"}')
    response = server.query(ENDLESS, data={"timeout": "0.5"})
    assert budget(response) == (504, "time")
    assert "0.5 s" in response.json()["detail"]
    assert server.metric('relgraph_worker_kills_total{reason="time"}') == kills + 1
    assert is_well(server)


def test_a_request_may_lower_its_time_but_not_raise_it(data: Path, tmp_path: Path) -> None:
    with Server(tmp_path / "log", "--dataset", data, QUERY_TIMEOUT=0.5) as server:
        assert budget(server.query(ENDLESS, data={"timeout": "600"})) == (504, "time")
    for wrong in ("0", "0.01", "-1", "soon", "nan", "inf"):
        assert "timeout is a number" in asked_for(wrong)


def asked_for(timeout: str) -> str:
    """What the server says to a timeout that is none."""
    from fastapi import HTTPException

    from relgraph.serving.http import protocol

    with pytest.raises(HTTPException) as refused:
        protocol.asked([("query", "ASK {}"), ("timeout", timeout)])
    return str(refused.value.detail)


@pytest.mark.parametrize(
    "query", [HUNGRY, "SELECT (GROUP_CONCAT(?x) AS ?y) { ?a ?b ?c . ?d ?e ?f BIND(REPLACE(STR(?a), '.', 'xxxxxxxxxx') AS ?x) }"]
)
def test_a_query_over_its_memory_is_ended(server: Server, query: str) -> None:
    assert budget(server.query(query)) == (503, "memory")
    assert server.metric("relgraph_worker_memory_bytes") < 3 * 400 * MIB
    assert is_well(server)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{" * 5000 + "}" * 5000,
        "ASK { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
        "ASK { FILTER(" + "!" * 20000 + "1) }",
    ],
    ids=["groups", "parentheses", "negations"],
)
def test_a_query_that_overflows_the_engines_stack_is_refused(server: Server, query: str) -> None:
    assert budget(server.query(query)) == (400, "nesting")
    assert is_well(server)


def test_others_are_not_affected(server: Server) -> None:
    with ThreadPoolExecutor(12) as threads:
        hostile = [
            threads.submit(server.query, query, data={"timeout": "3"})
            for query in (ENDLESS, "SELECT * " + "{" * 5000 + "}" * 5000) * 2
        ]
        polite = [threads.submit(server.query, f"SELECT ?o {{ <https://e.org/{n}> ?p ?o }}") for n in range(100)]
        for number, answer in enumerate(polite):
            assert answer.result().json()["results"]["bindings"][0]["o"]["value"] == str(number)
        assert {answer.result().status_code for answer in hostile} <= {400, 504}


def test_a_worker_that_somebody_kills_is_replaced(server: Server) -> None:
    eventually(lambda: server.metric("relgraph_workers") == 3)
    for child in server.workers():
        os.kill(child, signal.SIGKILL)
    eventually(
        lambda: server.metric("relgraph_workers") == 3 and server.metric('relgraph_worker_kills_total{reason="lost"}') >= 3
    )
    assert is_well(server)


def test_a_query_ends_when_its_client_goes_away(server: Server) -> None:
    before = server.metric('relgraph_queries_total{outcome="disconnected"}')
    with server.asking(ENDLESS):
        eventually(lambda: server.metric("relgraph_queries_running") == 1)
    eventually(lambda: server.metric("relgraph_queries_running") == 0)
    eventually(lambda: server.metric('relgraph_queries_total{outcome="disconnected"}') == before + 1)


def test_workers_end_with_the_server(data: Path, tmp_path: Path) -> None:
    with Server(tmp_path / "log", "--dataset", data) as server:
        asking = threading.Thread(target=ended, args=(server,))
        asking.start()
        eventually(lambda: server.metric("relgraph_queries_running") == 1)
        workers = server.workers()
        assert workers
        server.process.kill()
        asking.join()
        eventually(lambda: not any(Path(f"/proc/{worker}/exe").exists() for worker in workers))


def ended(server: Server) -> None:
    """Asks without end; gives up when the server is gone."""
    with pytest.raises(httpx2.TransportError):
        server.query(ENDLESS)


# ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_beyond_the_queue_a_query_is_turned_away_and_told_when_to_come_back(data: Path, tmp_path: Path) -> None:
    with (
        Server(tmp_path / "log", "--dataset", data, WORKERS=1, MAX_QUEUE=2, QUERY_TIMEOUT=3) as server,
        ThreadPoolExecutor(6) as threads,
    ):
        answers = [future.result() for future in [threads.submit(server.query, ENDLESS, data={"timeout": "1"}) for _ in range(6)]]
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [429, 429, 429, 504, 504, 504]
        turned_away = next(answer for answer in answers if answer.status_code == 429)
        assert turned_away.json()["budget"] == "queue"
        assert int(turned_away.headers["retry-after"]) >= 1


def test_waiting_ends_too(data: Path, tmp_path: Path) -> None:
    with (
        Server(tmp_path / "log", "--dataset", data, WORKERS=1, QUEUE_TIMEOUT=0.3, QUERY_TIMEOUT=3) as server,
        ThreadPoolExecutor(2) as threads,
    ):
        first = threads.submit(server.query, ENDLESS)
        eventually(lambda: server.metric("relgraph_queries_running") == 1)
        assert budget(server.query("ASK {}")) == (503, "wait")
        assert budget(first.result()) == (504, "time")


def test_no_client_holds_every_worker(data: Path, tmp_path: Path) -> None:
    """Two clients behind a proxy: one asks without end as often as it may, the other is answered beside it."""
    with (
        Server(tmp_path / "log", "--dataset", data, WORKERS=3, TRUSTED_HOPS=1, QUERY_TIMEOUT=4) as server,
        ThreadPoolExecutor(6) as threads,
    ):
        greedy = [threads.submit(server.query, ENDLESS, headers={"X-Forwarded-For": "192.0.2.1"}) for _ in range(6)]
        eventually(lambda: server.metric("relgraph_queue") == 4)
        assert server.metric("relgraph_queries_running") == 2
        assert server.query("ASK {}", headers={"X-Forwarded-For": "192.0.2.2"}).status_code == 200
        assert server.metric("relgraph_queue") == 4
        assert {answer.result().status_code for answer in greedy} == {504}


def test_an_answer_that_nobody_waits_for_is_paid_for(data: Path, tmp_path: Path) -> None:
    """HEAD of a long answer ends its worker, as does a client that has the answer."""
    with Server(tmp_path / "log", "--dataset", data, CLIENT_SECONDS=1.5) as server:
        statuses = [httpx2.head(f"{server.url}sparql?query=SELECT * {{?a ?b ?c. ?d ?e ?f}}").status_code for _ in range(4)]
        assert statuses == [200, 200, 429, 429]


def test_a_queued_query_whose_client_goes_away_is_not_begun(data: Path, tmp_path: Path) -> None:
    with Server(tmp_path / "log", "--dataset", data, WORKERS=1, QUERY_TIMEOUT=60) as server, server.asking(ENDLESS):
        eventually(lambda: server.metric("relgraph_queries_running") == 1)
        with server.asking(ENDLESS):
            eventually(lambda: server.metric("relgraph_queue") == 1)
        eventually(lambda: server.metric("relgraph_queue") == 0)
        assert server.metric('relgraph_queries_total{outcome="disconnected"}') == 1
        assert server.metric("relgraph_queries_running") == 1


def test_a_pool_that_closes_while_a_worker_starts_leaves_no_process(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    plain = asyncio.create_subprocess_exec

    async def noted(*arguments: str, **settings: Any) -> asyncio.subprocess.Process:
        started.append(await plain(*arguments, **settings))
        return started[-1]

    async def run() -> None:
        pool = Pool(Setup(str(release.path / "store"), None, True, 256 * MIB, 1, 1, 1.0), lambda reason: None)
        await pool.start()
        worker = await pool.acquire("a client")
        worker.kill("time")
        pool.give_back(worker)
        while len(started) < 2:
            await asyncio.sleep(0.005)
        await pool.close()
        assert [process.returncode for process in started if process.returncode is None] == []

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    asyncio.run(run())


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.02, 0.1])
@pytest.mark.parametrize("is_cancelled", [False, True])
@pytest.mark.filterwarnings("error")
def test_a_pool_that_closes_while_it_starts_leaves_nothing_open(release: Release, delay: float, is_cancelled: bool) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))

    async def run() -> None:
        pool = Pool(Setup(str(release.path / "store"), None, True, 256 * MIB, 2, 1, 1.0), lambda reason: None)
        starting = asyncio.create_task(pool.start())
        await asyncio.sleep(delay)
        if is_cancelled:
            starting.cancel()
        await pool.close()
        with contextlib.suppress(UsageError, asyncio.CancelledError):
            await starting
        assert pool.workers == set()

    asyncio.run(run())
    gc.collect()  # a transport that nobody closed warns, which is an error here
    assert len(list(Path("/proc/self/fd").iterdir())) == before
