"""How much longer polite queries take while one client sends a hostile query again and again."""

from __future__ import annotations

import http.client
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from bench.figures import median, ratio
from bench.judgement import Judgement
from bench.report import cell, out, progress
from bench.serve import data, queries
from bench.serve.servers import NAMES, NO_CACHE, OURS, UNLIMITED_CLIENT, Server, get, running, settle
from bench.serve.wrk import Load, load

#: Counts all triples times all triples times all triples.
CROSS_PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
CONNECTIONS = 8
WORST_RATIO = 3.0
_VARIANTS = 3000
_WARM_UP_SECONDS = 1.0
_SETTLE_SECONDS = 60.0


@dataclass(frozen=True)
class Figures:
    """Medians over the rounds, without and with the hostile query: p99 in milliseconds (None: no answers), requests/s."""

    p99_without: float | None
    p99_with: float | None
    rate_without: float | None
    rate_with: float | None
    failures: int
    hostile_sent: int

    @property
    def times(self) -> float | None:
        """The p99 with, as a multiple of the p99 without."""
        return ratio(self.p99_with, self.p99_without)


def measure(size: int, seconds: float, rounds: int, timeout: int, names: Collection[str]) -> Mapping[str, Figures]:
    """Measures the named servers on about `size` triples, `seconds` for each measurement, queries limited to `timeout` seconds.

    A peer is started anew for each measurement with the hostile query, since it may never get rid of it.
    """
    settings = {**UNLIMITED_CLIENT, **NO_CACHE, "RELGRAPH_QUERY_TIMEOUT": str(timeout)}
    with tempfile.TemporaryDirectory(prefix="relgraph-bench-") as temporary, progress(2 * rounds * len(names)) as step:
        made = data.write(Path(temporary) / "data.nt", size)
        texts = queries.mixed(made, _VARIANTS)
        found = {}
        for name in (name for name in NAMES if name in names):
            without: list[Load] = []
            hit: list[Load] = []
            sent = 0
            for number in range(rounds):
                step(f"{name}, round {number + 1}", 0)
                folder = Path(temporary) / f"{name}-{number}"
                with running(name, made.path, folder, settings, timeout) as server:
                    targets = queries.paths(server.endpoint, texts)
                    without.append(_load(server, targets, seconds))
                    step(f"{name}, round {number + 1}, with a hostile query", 1)
                    settle(server, _SETTLE_SECONDS)
                    with _hostile(server) as times_sent:
                        hit.append(_load(server, targets, seconds))
                    sent += len(times_sent)
                step(f"{name}, round {number + 1}", 1)
            found[name] = _figures(without, hit, sent)
    return found


def judge(found: Mapping[str, Figures]) -> list[Judgement]:
    """What has to hold for our server, where it was measured."""
    if OURS not in found:
        return []
    return [
        Judgement("p99 of polite queries, with a hostile one / without", found[OURS].times, below=WORST_RATIO),
        Judgement("failed polite requests at relgraph", found[OURS].failures, at_most=0),
    ]


def show(found: Mapping[str, Figures]) -> None:
    """Prints the figures."""
    title = f"Polite queries, {CONNECTIONS} connections, without and with one hostile query"
    table = Table("server", title=title, title_justify="left")
    for head in ("p99 ms without", "p99 ms with", "ratio", "requests/s without", "requests/s with", "failed", "hostile sent"):
        table.add_column(head, justify="right")
    for name, at in found.items():
        figures = (at.p99_without, at.p99_with, at.times, at.rate_without, at.rate_with)
        table.add_row(name, *map(cell, figures), str(at.failures), str(at.hostile_sent))
    out.print(table)


def _load(server: Server, targets: list[str], seconds: float) -> Load:
    load(server, targets, CONNECTIONS, _WARM_UP_SECONDS)
    return load(server, targets, CONNECTIONS, seconds)


@contextmanager
def _hostile(server: Server) -> Iterator[list[float]]:
    """Keeps one cross product running at the server until the block ends; yields the times at which it was sent."""
    ended = threading.Event()
    sent: list[float] = []
    target = queries.paths(server.endpoint, [CROSS_PRODUCT])[0]

    def send() -> None:
        while not ended.is_set() and server.alive():
            sent.append(time.monotonic())
            try:
                # The client stays, so that the server cannot end the query because nobody waits for it.
                get(server, target, _SETTLE_SECONDS)
            except (OSError, http.client.HTTPException):
                ended.wait(0.1)

    threading.Thread(target=send, daemon=True).start()
    try:
        time.sleep(0.2)  # until it runs
        yield sent
    finally:
        ended.set()


def _figures(without: list[Load], hit: list[Load], sent: int) -> Figures:
    return Figures(
        p99_without=median([load.p99 for load in without]),
        p99_with=median([load.p99 for load in hit]),
        rate_without=median([load.rate for load in without]),
        rate_with=median([load.rate for load in hit]),
        failures=sum(load.failures for load in (*without, *hit)),
        hostile_sent=sent,
    )
