"""The cheapest proof: Knuth's generalisation of Dijkstra's algorithm to steps with several premises.

D. E. Knuth, A generalization of Dijkstra's algorithm, Information Processing Letters 6 (1977). Goals are settled in the
order of their costs, so that a proof never rests on its own conclusion.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Goal = TypeVar("Goal", bound=Hashable)

#: Axioms that only the closure of the ontology has, steps, leaves, and depth of a proof; compared in this order.
Cost = tuple[int, int, int, int]
_LEAF: Cost = (0, 0, 1, 0)


@dataclass(frozen=True)
class Step(Generic[Goal]):
    """From the premises follows the goal; entailed, counted: what the step adds to the first two numbers of a cost;
    rank: which step goes first where costs are equal."""

    goal: Goal
    premises: tuple[Goal, ...]
    rank: int
    entailed: int = 0
    counted: int = 1


def cheapest(
    steps: Iterable[Step[Goal]], leaves: Iterable[Goal], text: Callable[[Goal], str]
) -> dict[Goal, tuple[Cost, Step[Goal] | None]]:
    """For every goal that can be proved its least cost, and the last step of such a proof (None for a leaf).

    The premises of a goal come before it. Where costs are equal, the rank decides, then the texts of the premises.
    """
    waiting: list[Step[Goal]] = []
    missing: list[int] = []
    by_premise: dict[Goal, list[int]] = defaultdict(list)
    heap: list[tuple[Cost, int, tuple[str, ...], int]] = []
    settled: dict[Goal, tuple[Cost, Step[Goal] | None]] = dict.fromkeys(leaves, (_LEAF, None))

    def offer(number: int) -> None:
        step = waiting[number]
        if step.goal not in settled:
            costs = [settled[premise][0] for premise in step.premises]
            cost = (
                step.entailed + sum(c[0] for c in costs),
                step.counted + sum(c[1] for c in costs),
                sum(c[2] for c in costs),
                step.counted + max((c[3] for c in costs), default=0),
            )
            heapq.heappush(heap, (cost, step.rank, tuple(map(text, step.premises)), number))

    for step in steps:
        number = len(waiting)
        open_premises = {premise for premise in step.premises if premise not in settled}
        waiting.append(step)
        missing.append(len(open_premises))
        for premise in open_premises:
            by_premise[premise].append(number)
        if not open_premises:
            offer(number)
    while heap:
        cost, _, _, number = heapq.heappop(heap)
        step = waiting[number]
        if step.goal in settled:
            continue
        settled[step.goal] = (cost, step)
        for dependent in by_premise[step.goal]:
            missing[dependent] -= 1
            if not missing[dependent]:
                offer(dependent)
    return settled
