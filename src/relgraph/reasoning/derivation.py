"""Why a triple is entailed: its smallest proof by the rules of OWL 2 RL/RDF from asserted triples.

The search goes backwards from the triple, one layer of premises after the other, and takes the cheapest proof of what it
has found (relgraph.reasoning.cheapest): first as few axioms as can be that only the closure of the ontology has, then as
few steps as can be. Rules are named as in OWL 2 Profiles, section 4.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pyoxigraph import Literal, Triple

from relgraph.reasoning.axioms import Axiom, Kind
from relgraph.reasoning.cheapest import Step, cheapest
from relgraph.reasoning.known import Facts, Statement
from relgraph.reasoning.premises import Conclusions, before, direct_premises, parts
from relgraph.vocabulary import A

#: The search gives up beyond so many goals.
_MOST_GOALS = 50_000
#: After so many layers it looks for a proof.
_LOOKS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)


@dataclass(frozen=True)
class Derivation:
    """A statement and why it holds. axiom, rule: None and "" for an asserted triple, which has no premises; a membership of an
    anonymous class may stand among the premises."""

    statement: Statement
    axiom: Axiom | None = None
    rule: str = ""
    premises: tuple[Derivation, ...] = ()

    @property
    def steps(self) -> int:
        """The number of steps, those that occur twice counted twice."""
        return (self.axiom is not None) + sum(premise.steps for premise in self.premises)


@dataclass(frozen=True)
class _Path:
    """The goal that a node is reached from the start along the first so many parts of a chain (at least two)."""

    axiom: Axiom
    start: Any
    length: int
    node: Any


_Goal = Statement | _Path


class Theory:
    """The axioms of an ontology, made ready once for any number of derivations."""

    def __init__(self, axioms: Iterable[Axiom]) -> None:
        self.axioms = tuple(axioms)
        self._conclusions = Conclusions(self.axioms)

    def derive(self, triple: Triple, facts: Facts) -> Derivation | None:
        """The smallest derivation of a triple; None where it does not follow (or not within the bounds of the search)."""
        return _Search(self._conclusions, facts).run(Statement(*triple))


def derive(triple: Triple, axioms: Iterable[Axiom], facts: Facts) -> Derivation | None:
    """The smallest derivation of a triple from facts, by the axioms of compiled rules (Rules.axioms)."""
    return Theory(axioms).derive(triple, facts)


class _Search:
    def __init__(self, theory: Conclusions, facts: Facts) -> None:
        self._theory = theory
        self._facts = facts
        self._steps: list[tuple[Step[_Goal], str, Axiom]] = []
        self._leaves: set[_Goal] = set()
        self._direct: dict[Statement, bool] = {}

    def run(self, goal: Statement) -> Derivation | None:
        seen: set[_Goal] = {goal}
        layer: list[_Goal] = [goal]
        depth = 0
        while layer:
            ahead: list[_Goal] = []
            for current in layer:  # grows: a part of a chain belongs to the layer of the chain
                if len(seen) > _MOST_GOALS:
                    break
                if self._is_asserted(current):
                    self._leaves.add(current)
                    continue
                for step, rule, axiom in self._expanded(current):
                    self._steps.append((step, rule, axiom))
                    for premise in step.premises:
                        if premise not in seen:
                            seen.add(premise)
                            (layer if isinstance(premise, _Path) else ahead).append(premise)
            depth += 1
            # what is asserted ahead need not wait for its layer
            self._leaves.update(premise for premise in ahead if self._is_asserted(premise))
            layer = ahead
            if depth in _LOOKS or len(seen) > _MOST_GOALS or not layer:
                found = self._proof(goal)
                # a proof through what is ahead would have a step for each layer, and one more
                if found and found[0][0] == 0 and found[0][1] <= depth + 1:
                    return found[1]
                if len(seen) > _MOST_GOALS or not layer:
                    return found[1] if found else None
        return None

    def _proof(self, goal: Statement) -> tuple[tuple[int, ...], Derivation] | None:
        about = {id(step): (rule, axiom) for step, rule, axiom in self._steps}
        settled = cheapest((step for step, _, _ in self._steps), self._leaves, _text)
        if goal not in settled:
            return None
        made: dict[_Goal, tuple[Derivation, ...]] = {}
        for current, (_, step) in settled.items():
            below = () if step is None else tuple(part for premise in step.premises for part in made[premise])
            if isinstance(current, _Path):
                made[current] = below
            elif step is None:
                made[current] = (Derivation(current),)
            else:
                rule, axiom = about[id(step)]
                made[current] = (Derivation(current, axiom, rule, below),)
            if current == goal:
                break
        return settled[goal][0], _balanced(made[goal][0])

    def _is_asserted(self, goal: _Goal) -> bool:
        return isinstance(goal, Statement) and self._ends(goal).get(goal.object, False)

    def _ends(self, triple: Statement) -> Any:
        return self._facts.outgoing(triple.subject).get(triple.predicate, {})

    def _expanded(self, goal: _Goal) -> Iterator[tuple[Step[_Goal], str, Axiom]]:
        """The steps that conclude a goal, each with its rule and axiom."""
        if isinstance(goal, _Path):
            rank = self._theory.rank[id(goal.axiom)]
            for premises in self._paths(goal.axiom, goal.start, goal.length, goal.node):
                yield Step(goal, premises, rank, 0, 0), goal.axiom.rule, goal.axiom
            return
        concluded = self._theory.of_class if goal.predicate == A else self._theory.of_property
        for rule, axiom in concluded.get(goal.object if goal.predicate == A else goal.predicate, ()):
            rank, entailed = self._theory.rank[id(axiom)], int(not axiom.stated)
            for premises in self._premises(rule, axiom, goal.subject, goal.object):
                if goal not in premises:
                    yield Step(goal, premises, rank, entailed), rule, axiom

    def _premises(self, rule: str, axiom: Axiom, s: Any, o: Any) -> Iterator[tuple[_Goal, ...]]:
        """The premises from which an axiom concludes a triple, for each way to do so."""
        if isinstance(s, Literal):
            return
        if axiom.kind in (Kind.CHAIN, Kind.TRANSITIVE):
            yield from self._paths(axiom, s, len(parts(axiom)), o)
        elif axiom.kind in (Kind.DOMAIN, Kind.RANGE, Kind.SOME, Kind.ALL):
            yield from self._existential(rule, axiom, s)
        else:
            premises = direct_premises(rule, axiom, s, o)
            if premises is not None and all(map(self._may_hold, premises)):
                yield premises

    def _existential(self, rule: str, axiom: Axiom, s: Any) -> Iterator[tuple[_Goal, ...]]:
        """The premises of a type of s that rest on some other node."""
        p = axiom.subject if axiom.kind in (Kind.DOMAIN, Kind.RANGE) else axiom.terms[0]
        if axiom.kind is Kind.DOMAIN or rule == "cls-svf2":
            yield from ((Statement(s, p, o),) for o in self._values(s, p))
        elif axiom.kind is Kind.RANGE:
            yield from ((Statement(u, p, s),) for u in self._sources(p, s))
        elif axiom.kind is Kind.SOME:
            for o in self._values(s, p):
                if not isinstance(o, Literal) and self._may_hold(Statement(o, A, axiom.terms[1])):
                    yield Statement(s, p, o), Statement(o, A, axiom.terms[1])
        else:
            for u in self._sources(p, s):
                if self._may_hold(Statement(u, A, axiom.subject)):
                    yield Statement(u, A, axiom.subject), Statement(u, p, s)

    def _paths(self, axiom: Axiom, start: Any, length: int, node: Any) -> Iterator[tuple[_Goal, ...]]:
        """The ways to a node along the first so many parts of a chain, by their last step."""
        steps = parts(axiom)
        if length == 1:
            if self._may_hold(Statement(start, steps[0], node)):
                yield (Statement(start, steps[0], node),)
            return
        reached = {start}
        for part in steps[: length - 1]:
            reached = {o for s in reached if not isinstance(s, Literal) for o in self._values(s, part)}
        found = reached & set(self._sources(steps[length - 1], node))
        if axiom.kind is Kind.TRANSITIVE:
            # the last step of a way need not be one that is itself put together: there is a proof as short without
            found = {last for last in found if self._is_direct(Statement(last, axiom.subject, node), axiom)}
        for last in sorted(found, key=str):
            way = Statement(start, steps[0], last) if length == 2 else _Path(axiom, start, length - 1, last)
            yield way, Statement(last, steps[length - 1], node)

    def _is_direct(self, triple: Statement, transitive: Axiom) -> bool:
        """True of a triple that is asserted, or that something else than the transitivity of its property concludes."""
        if triple not in self._direct:
            self._direct[triple] = self._is_asserted(triple) or any(
                True
                for rule, axiom in self._theory.of_property.get(triple.predicate, ())
                if axiom is not transitive
                for _ in self._premises(rule, axiom, triple.subject, triple.object)
            )
        return self._direct[triple]

    def _may_hold(self, triple: Statement) -> bool:
        """True of a triple among the facts, and of one that would not be there if it held."""
        if isinstance(triple.subject, Literal):
            return False
        term = triple.object if triple.predicate == A else triple.predicate
        return triple.object in self._ends(triple) or not self._facts.is_complete(term)

    def _values(self, s: Any, p: Any, within: tuple[Any, ...] = ()) -> list[Any]:
        """The objects of a subject and a property; of a property that is not among the facts those of its subproperties."""
        found = dict.fromkeys(self._facts.outgoing(s).get(p, ()))
        if not self._facts.is_complete(p) and p not in within:
            for rule, axiom in self._theory.of_property.get(p, ()):
                if axiom.kind is Kind.SUB_PROPERTY:
                    found |= dict.fromkeys(self._values(s, axiom.subject, (*within, p)))
                elif axiom.kind is Kind.INVERSE:
                    found |= dict.fromkeys(self._sources(before(rule, axiom), s, (*within, p)))
        return list(found)

    def _sources(self, p: Any, o: Any, within: tuple[Any, ...] = ()) -> list[Any]:
        """The subjects of a property and an object, in the same way."""
        found = dict.fromkeys(self._facts.incoming(o).get(p, ()))
        if not self._facts.is_complete(p) and p not in within:
            for rule, axiom in self._theory.of_property.get(p, ()):
                if axiom.kind is Kind.SUB_PROPERTY:
                    found |= dict.fromkeys(self._sources(axiom.subject, o, (*within, p)))
                elif axiom.kind is Kind.INVERSE and not isinstance(o, Literal):
                    values = self._values(o, before(rule, axiom), (*within, p))
                    found |= dict.fromkeys(value for value in values if not isinstance(value, Literal))
        return list(found)


def _balanced(derivation: Derivation) -> Derivation:
    """The derivation with the steps along one transitive property put together in halves, so that none is deep."""
    axiom = derivation.axiom
    if axiom is None or axiom.kind is not Kind.TRANSITIVE:
        return replace(derivation, premises=tuple(map(_balanced, derivation.premises)))
    ways: list[Derivation] = []
    open_ = [derivation]
    while open_:
        current = open_.pop()
        if current.axiom == axiom:
            open_ += reversed(current.premises)
        else:
            ways.append(_balanced(current))

    def joined(some: list[Derivation]) -> Derivation:
        if len(some) == 1:
            return some[0]
        halves = joined(some[: len(some) // 2]), joined(some[len(some) // 2 :])
        whole = Statement(halves[0].statement.subject, axiom.subject, halves[1].statement.object)
        return Derivation(whole, axiom, derivation.rule, halves)

    return joined(ways)


def _text(goal: _Goal) -> str:
    """What goals are put in order by."""
    return "\n".join(map(str, goal)) if isinstance(goal, Statement) else f"{goal.length}\n{goal.node}"
