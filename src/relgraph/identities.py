"""What was decided on identity: which facts are one, which facts or entities may be one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from relgraph.decisions import Accept, Decision, Identity
from relgraph.errors import Problem, suggestion


@dataclass(frozen=True)
class Identities:
    """replaced: key of a fact → key of the one that stays; possibly_same: pairs of keys of facts or
    entities that may stand for one thing."""

    replaced: Mapping[str, str]
    possibly_same: tuple[tuple[str, str], ...]

    def current(self, key: str) -> str:
        """The key that stays for a key."""
        return self.replaced.get(key, key)


def settle(decisions: Sequence[Decision], entities: Collection[str], problems: list[Problem]) -> Identities:
    """The identities that the decisions fix; entities: the keys of those that there are.

    A key that no claim is about and that is no entity, entities that are to be one (one of them goes out of its file
    instead), a key that is named twice, replaced twice or by one that is itself replaced, and decisions that contradict
    each other add problems.
    """
    rows = [(decision.where, decision.row) for decision in decisions if isinstance(decision.row, Identity)]
    replaced: dict[str, str] = {}
    for where, row in rows:
        for old in row.facts[1:] if row.decision == "same" else ():
            if replaced.setdefault(old, row.facts[0]) != row.facts[0]:
                what = f"{old} is replaced elsewhere by {replaced[old]}"
                problems.append(Problem(where, what, "Put all of them into one line"))
    settled = Identities(replaced, ())
    pairs = {
        (settled.current(one), settled.current(other))
        for _, row in rows
        if row.decision == "unsure"
        for one, other in combinations(row.facts, 2)
    }
    _check(decisions, rows, settled, entities, problems)
    return Identities(replaced, tuple(sorted(pairs)))


def _check(
    decisions: Sequence[Decision],
    rows: Sequence[tuple[str, Identity]],
    settled: Identities,
    entities: Collection[str],
    problems: list[Problem],
) -> None:
    claimed = {claim.about for d in decisions if isinstance(d.row, Accept) for claim in d.row.claims}
    decided: dict[frozenset[str], str] = {}
    for where, row in rows:
        for key in row.facts:
            if key in entities and row.decision == "same":
                remedy = "Keep one of them in data/entities, with the names of both"
                problems.append(Problem(where, f"{key} is an entity, and only facts can be merged", remedy))
            elif key not in claimed and key not in entities:
                problems.append(Problem(where, f"no claim is about {key}", suggestion(key, [*claimed, *entities])))
        if len(set(row.facts)) < len(row.facts):
            problems.append(Problem(where, "names a fact twice", "Name each fact once"))
        for pair in map(frozenset, combinations(row.facts, 2)):
            if decided.setdefault(pair, row.decision) != row.decision:
                what = f"{' and '.join(sorted(pair))} are decided otherwise elsewhere"
                problems.append(Problem(where, what, "Keep one of the decisions"))
        stays = row.facts[0]
        if row.decision == "same" and stays in settled.replaced:
            what = f"{stays} is itself replaced by {settled.replaced[stays]}"
            problems.append(Problem(where, what, "Name the one that stays first, in one line"))
