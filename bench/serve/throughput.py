"""Requests a second and latencies of kinds of query, at several servers with the same data."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median as middle
from typing import Final

from rich.table import Table

from bench.figures import median, ratio
from bench.judgement import Judgement
from bench.report import Step, cell, out, progress
from bench.serve import agreement, data, queries
from bench.serve.servers import NAMES, NO_CACHE, OURS, OXIGRAPH, RDFLIB, UNLIMITED_CLIENT, Server, get, running, settle
from bench.serve.wrk import Load, load

#: Our server as it is by default, with its cache of results; OURS is without.
CACHED: Final = "relgraph with cache"
KINDS: Final = ("point", "join", "aggregate", "heavy", "cached")
CONNECTIONS = 8
#: A heavy query keeps a core busy by itself. With more connections most of a measurement would be queries cut off at its end.
HEAVY_CONNECTIONS = os.cpu_count() or 2
HEAVY_MILLISECONDS = 50.0

#: How many different queries each kind has, so that what the system keeps of one does not help the next.
_VARIANTS = 2000
_WARM_UP_SECONDS = 1.0
#: A heavy query is measured for at least so many times as long as it takes by itself.
_HEAVY_TIMES = 10
_SETTLE_SECONDS = 120.0


@dataclass(frozen=True)
class Case:
    """Queries that are measured together, and at which servers."""

    name: str
    kind: str
    texts: Sequence[str]
    servers: Sequence[str]


@dataclass(frozen=True)
class Figures:
    """Medians over the rounds: requests a second, latencies in milliseconds; all rates, and failures in all rounds."""

    rate: float | None
    p50: float | None
    p99: float | None
    failures: int
    rates: Sequence[float]


@dataclass(frozen=True)
class Result:
    """Figures by case and server, and how long oxigraph takes for each heavy query by itself, in milliseconds."""

    triples: int
    figures: Mapping[str, Mapping[str, Figures]]
    alone: Mapping[str, float]


def measure(size: int, seconds: float, rounds: int, kinds: Collection[str], names: Collection[str]) -> Result:
    """Measures the kinds at the named servers, on a dataset of about `size` triples, `seconds` for each measurement."""
    with tempfile.TemporaryDirectory(prefix="relgraph-bench-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        made = data.write(folder / "data.nt", size)
        planned = [case for case in cases(made, names) if case.kind in kinds and case.servers]
        needed = [name for name in (*NAMES, CACHED) if any(name in case.servers for case in planned)]
        servers = {name: stack.enter_context(_running(name, made.path, folder / name)) for name in needed}
        for case in planned:
            agreement.check([servers[name] for name in case.servers], case.texts[:5])
        heavy = [case for case in planned if case.kind == "heavy"] if OXIGRAPH in servers else []
        alone = {case.name: _milliseconds(servers[OXIGRAPH], case.texts[0]) for case in heavy}
        with progress(rounds * sum(len(case.servers) for case in planned)) as step:
            figures = {
                case.name: _measure(case, servers, max(seconds, _HEAVY_TIMES * alone.get(case.name, 0) / 1000), rounds, step)
                for case in planned
            }
        return Result(made.triples, figures, alone)


def cases(made: data.Dataset, names: Collection[str]) -> list[Case]:
    """All cases, at those of the named servers that each is for."""

    def chosen(*wanted: str) -> list[str]:
        return [name for name in wanted if name in names or (name == CACHED and OURS in names)]

    point, join, aggregate = (make(made, _VARIANTS) for make in (queries.point, queries.join, queries.aggregate))
    return [
        Case("point", "point", point, chosen(*NAMES)),
        Case("join", "join", join, chosen(*NAMES)),
        Case("aggregate", "aggregate", aggregate, chosen(*NAMES)),
        *(Case(name, "heavy", [text], chosen(OURS, OXIGRAPH)) for name, text in queries.HEAVY.items()),
        Case("point, repeated", "cached", point[:1], chosen(*NAMES, CACHED)),
        Case("join, repeated", "cached", join[:1], chosen(*NAMES, CACHED)),
    ]


def judge(result: Result) -> list[Judgement]:
    """The ratios that have to be reached, of what was measured."""

    def compared(case: str, above: str, below: str, at_least: float) -> list[Judgement]:
        at = result.figures.get(case, {})
        if above not in at or below not in at:
            return []
        return [Judgement(f"{case}: {above} / {below}, requests/s", ratio(at[above].rate, at[below].rate), at_least)]

    failures = [at[name].failures for at in result.figures.values() for name in (OURS, CACHED) if name in at]
    return [
        *compared("point", OURS, RDFLIB, 2),
        *compared("join", OURS, RDFLIB, 4),
        *compared("aggregate", OURS, RDFLIB, 4),
        *compared("point", OURS, OXIGRAPH, 0.15),
        *(
            found
            for case in queries.HEAVY
            if result.alone.get(case, 0) > HEAVY_MILLISECONDS
            for found in compared(case, OURS, OXIGRAPH, 0.8)
        ),
        *compared("point, repeated", CACHED, OURS, 1.5),
        *compared("join, repeated", CACHED, OURS, 1.5),
        *([Judgement("failed requests at relgraph", sum(failures), at_most=0)] if failures else []),
    ]


def show(result: Result) -> None:
    """Prints the figures."""
    title = f"Throughput: {CONNECTIONS} connections ({HEAVY_CONNECTIONS} for heavy queries), {result.triples:,} triples"
    table = Table("queries", "server", title=title, title_justify="left")
    for head in ("requests/s", "p50 ms", "p99 ms", "failed", "of rounds", "alone in oxigraph, ms"):
        table.add_column(head, justify="right")
    for case, servers in result.figures.items():
        for name, at in servers.items():
            rates = " ".join(cell(rate) for rate in at.rates)
            alone = cell(result.alone[case]) if name == OXIGRAPH and case in result.alone else ""
            table.add_row(case, name, cell(at.rate), cell(at.p50), cell(at.p99), str(at.failures), rates, alone)
        table.add_section()
    out.print(table)


@contextmanager
def _running(name: str, path: Path, folder: Path) -> Iterator[Server]:
    """A server by the name it has here, until the block ends."""
    settings = UNLIMITED_CLIENT if name == CACHED else {**UNLIMITED_CLIENT, **NO_CACHE}
    with running(OURS if name == CACHED else name, path, folder, settings) as server:
        yield server


def _measure(case: Case, servers: Mapping[str, Server], seconds: float, rounds: int, step: Step) -> dict[str, Figures]:
    """All rounds of one case; each round begins with another server."""
    loads: dict[str, list[Load]] = {name: [] for name in case.servers}
    connections = HEAVY_CONNECTIONS if case.kind == "heavy" else CONNECTIONS
    for number in range(rounds):
        turn = number % len(case.servers)
        for name in (*case.servers[turn:], *case.servers[:turn]):
            step(f"{case.name} at {name}, round {number + 1}", 0)
            server = servers[name]
            targets = queries.paths(server.endpoint, case.texts)
            settle(server, _SETTLE_SECONDS)
            load(server, targets, connections, _WARM_UP_SECONDS)
            settle(server, _SETTLE_SECONDS)
            loads[name].append(load(server, targets, connections, seconds))
            step(f"{case.name} at {name}, round {number + 1}", 1)
    return {name: _figures(measured) for name, measured in loads.items()}


def _figures(loads: Sequence[Load]) -> Figures:
    return Figures(
        rate=median([load.rate for load in loads]),
        p50=median([load.p50 for load in loads]),
        p99=median([load.p99 for load in loads]),
        failures=sum(load.failures for load in loads),
        rates=[load.rate for load in loads],
    )


def _milliseconds(server: Server, text: str) -> float:
    """How long a query takes by itself: the middle of three."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        get(server, queries.paths(server.endpoint, [text])[0], _SETTLE_SECONDS)
        taken.append((time.perf_counter() - began) * 1000)
    return middle(taken)
