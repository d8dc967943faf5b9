"""The hostile set against servers that are started for it, one after the other, or against a URL."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError
from bench.report import console, progress
from bench.serve import data, processes, siege
from bench.serve.attacks import Attack, hostile_set
from bench.serve.canary import Canary
from bench.serve.exchange import Target
from bench.serve.servers import NAMES, UNLIMITED_CLIENT, running


@dataclass(frozen=True)
class Plan:
    """How to attack: triples of the dataset, seconds of attack, the server's time limit for a query in seconds, the seconds
    within which any request has to be over, whether limits of a single client stay on, and which attacks (empty: all)."""

    size: int
    seconds: float
    timeout: int
    limit: float
    client_budgets: bool
    only: Collection[str]
    skip: Collection[str]


def at_servers(plan: Plan, names: Collection[str]) -> list[siege.Result]:
    """Starts each of the named servers with the dataset, attacks it, and stops it."""
    settings = {"RELGRAPH_QUERY_TIMEOUT": str(plan.timeout), "RELGRAPH_LOG": "off"}
    if not plan.client_budgets:
        settings |= UNLIMITED_CLIENT
    results = []
    with tempfile.TemporaryDirectory(prefix="relgraph-bench-") as temporary, _canary() as canary:
        attacks = _chosen(plan, canary)
        made = data.write(Path(temporary) / "data.nt", plan.size)
        for name in (name for name in NAMES if name in names):
            with running(name, made.path, Path(temporary) / name, settings, plan.timeout) as server:
                target = Target.of(server.url, plan.limit)
                with progress(plan.seconds) as step:
                    result = siege.run(name, target, server.process.pid, attacks, canary.visits, plan.seconds, step)
                if not result.alive:
                    console.print(
                        f"{name} does not answer any more; its last words:\n{server.last_words()}",
                        style="dim",
                        markup=False,
                        highlight=False,
                    )
                results.append(result)
    return results


def at_url(plan: Plan, url: str) -> list[siege.Result]:
    """Attacks what runs at a URL on this machine. Its memory is looked up when the process may be looked into."""
    target = Target.of(url, plan.limit)
    with _canary() as canary, progress(plan.seconds) as step:
        root = processes.listener(target.port)
        return [siege.run(url, target, root, _chosen(plan, canary), canary.visits, plan.seconds, step)]


def _chosen(plan: Plan, canary: Canary) -> Sequence[Attack]:
    """The attacks of the plan. Raises BenchError for a name that there is not."""
    attacks = hostile_set(canary.port)
    known = {attack.name for attack in attacks}
    for name in (*plan.only, *plan.skip):
        if name not in known:
            raise BenchError(f"there is no attack {name}; there are {', '.join(sorted(known))}")
    return [attack for attack in attacks if (not plan.only or attack.name in plan.only) and attack.name not in plan.skip]


@contextmanager
def _canary() -> Iterator[Canary]:
    canary = Canary()
    canary.start()
    try:
        yield canary
    finally:
        canary.stop()
