"""The instance pass: data streams once through the compiled tables; then rules that join triples run until nothing is new.

Terms are numbered, literals and triple terms odd, resources even. A triple of a property is one number, subject << 32 |
object, in the set of that property; a type is a number in the set of its class. Rules work on whole sets, and from the
second round on only on what the round before has added (semi-naive evaluation). No rule makes a term, so that every run ends.

Rules take literals for resources, as OWL 2 RL/RDF does (generalised RDF): the inverse of an inverse goes through them. What
comes out, and what can be asked, has no literal for its subject.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from relgraph import collector
from relgraph.reasoning.axioms import Term
from relgraph.reasoning.rules import Rules
from relgraph.vocabulary import A

_BITS = 32
_LOW = (1 << _BITS) - 1
#: What is never a subject of a triple that comes in or out.
_VALUES = (Literal, Triple)

#: Pairs by property, or members by class; properties, classes, pairs and members as numbers.
Sets = dict[int, set[int]]


class Materialisation:
    """Data and what they entail: add the data, run, then ask."""

    def __init__(self) -> None:
        self._numbers: dict[Term, int] = {}
        self._terms: list[Any] = []
        self._pairs: Sets = defaultdict(set)
        self._members: Sets = defaultdict(set)
        self._new_pairs: Sets = defaultdict(set)
        self._new_members: Sets = defaultdict(set)
        self._forward: Mapping[int, dict[int, list[int]]] = {}
        self._backward: Mapping[int, dict[int, list[int]]] = {}

    def add(self, triples: Iterable[Triple]) -> None:
        """Takes in triples of the data; to be called before run."""
        numbers, terms = self._numbers, self._terms
        pairs, members = self._pairs, self._members
        for s, p, o in triples:
            subject = numbers.get(s)
            if subject is None:
                subject = numbers[s] = len(terms) << 1
                terms.append(s)
            value = numbers.get(o)
            if value is None:
                value = numbers[o] = len(terms) << 1 | isinstance(o, _VALUES)
                terms.append(o)
            if p == A:
                members[value].add(subject)
                continue
            predicate = numbers.get(p)
            if predicate is None:
                predicate = numbers[p] = len(terms) << 1
                terms.append(p)
            pairs[predicate].add(subject << _BITS | value)

    def run(self, rules: Rules) -> Iterator[Triple]:
        """The triples that the rules entail and that were not added, each once.

        What would have an anonymous property or class in it, which only axioms speak of, is left out. To be called once,
        and to be read to its end before anything is asked.
        """
        self._number_rules(rules)
        for p in list(self._pairs):
            self._spread(p, self._pairs[p])
        for c in list(self._members):
            self._raise_types(c, self._members[c])
        for c, members in self._one_of:
            self._derive_members(c, set(members))
        yield from self._taken(*self._added())
        self._index(self._pairs)
        self._join(dict(self._pairs), dict(self._members), is_first=True)
        new_pairs, new_members = self._added()
        while new_pairs or new_members:
            yield from self._taken(new_pairs, new_members)
            self._index(new_pairs)
            self._join(new_pairs, new_members)
            new_pairs, new_members = self._added()

    def _number_rules(self, rules: Rules) -> None:
        def numbers(terms: Iterable[Term]) -> tuple[int, ...]:
            return tuple(self._number(term) for term in terms)

        number = self._number
        self._entailed = {number(p): tuple((number(q), turned) for q, turned in found) for p, found in rules.entailed.items()}
        self._subject_classes = {number(p): numbers(found) for p, found in rules.subject_classes.items()}
        self._object_classes = {number(p): numbers(found) for p, found in rules.object_classes.items()}
        self._superclasses = {number(c): numbers(found) for c, found in rules.superclasses.items()}
        self._chains = [(number(p), numbers(parts)) for p, parts in rules.chains]
        self._transitive = numbers(rules.transitive)
        self._intersections = [(number(c), numbers(parts)) for c, parts in rules.intersections]
        self._some = [(number(r), number(p), None if c is None else number(c)) for r, p, c in rules.some]
        self._every = [(number(r), number(p), number(c)) for r, p, c in rules.every]
        self._values = [(number(r), number(p), number(v)) for r, p, v in rules.values]
        self._one_of = [(number(c), numbers(members)) for c, members in rules.one_of]
        paths = [*(parts for _, parts in self._chains), *((p, p) for p in self._transitive)]
        followed = {p for parts in paths for p in parts[1:]} | {p for _, p, _ in self._every}
        traced = {p for parts in paths for p in parts[:-1]} | {p for _, p, c in self._some if c is not None}
        self._forward = {p: {} for p in sorted(followed)}
        self._backward = {p: {} for p in sorted(traced)}

    def members(self, class_: Any) -> frozenset[Any]:
        """The resources that are in a class, of what was added, and after run of what is entailed."""
        found = self._members.get(self._numbers.get(class_, -1), ())
        return frozenset(self._terms[number >> 1] for number in found if not number & 1)

    def pairs(self, predicate: Any) -> Iterator[tuple[Any, Any]]:
        """Subjects and objects of a property, of what was added, and after run of what is entailed."""
        for pair in self._pairs.get(self._numbers.get(predicate, -1), ()):
            if not pair >> _BITS & 1:
                yield self._terms[pair >> _BITS + 1], self._terms[(pair & _LOW) >> 1]

    def predicates(self) -> frozenset[NamedNode]:
        """The predicates of what was added, and after run of what is entailed, but for rdf:type."""
        return frozenset(self._terms[p >> 1] for p, pairs in self._pairs.items() if pairs)

    def classes(self) -> frozenset[Any]:
        """The classes of what was added, and after run of what is entailed."""
        return frozenset(self._terms[c >> 1] for c, members in self._members.items() if members)

    def literals(self) -> Iterator[Any]:
        """All literals, of what was added, and after run of what is entailed."""
        return (term for term in self._terms if isinstance(term, Literal))

    def with_objects(self, values: Iterable[Any]) -> Iterator[Triple]:
        """The triples with one of the values as their object, of what was added, and after run of what is entailed."""
        wanted = {self._numbers[value] for value in values}
        for p, pairs in self._pairs.items():
            for pair in pairs:
                if pair & _LOW in wanted and not pair >> _BITS & 1:
                    yield Triple(self._terms[pair >> _BITS + 1], self._terms[p >> 1], self._terms[(pair & _LOW) >> 1])

    # ── rules on a single triple: tables ─────────────────────────────────────────────────────────────────────────────

    def _number(self, term: Term) -> int:
        number = self._numbers.get(term)
        if number is None:
            number = self._numbers[term] = len(self._terms) << 1 | isinstance(term, _VALUES)
            self._terms.append(term)
        return number

    def _spread(self, p: int, pairs: set[int]) -> None:
        """What pairs of a property entail alone: pairs of other properties, and types of both ends."""
        turned: set[int] | None = None
        for q, is_turned in self._entailed.get(p, ()):
            if is_turned and turned is None:
                turned = {(pair & _LOW) << _BITS | pair >> _BITS for pair in pairs}
            self._add_pairs(q, turned if is_turned and turned is not None else pairs)
        if p in self._subject_classes:
            self._type_all(self._subject_classes[p], {pair >> _BITS for pair in pairs})
        if p in self._object_classes:
            self._type_all(self._object_classes[p], {pair & _LOW for pair in pairs})

    def _raise_types(self, c: int, members: set[int]) -> None:
        for above in self._superclasses.get(c, ()):
            self._type_all((above,), members)

    def _add_pairs(self, p: int, pairs: set[int]) -> None:
        fresh = pairs - self._pairs[p]
        if fresh:
            self._pairs[p] |= fresh
            self._new_pairs[p] |= fresh

    def _type_all(self, classes: Iterable[int], members: set[int]) -> None:
        for c in classes:
            fresh = members - self._members[c]
            if fresh:
                self._members[c] |= fresh
                self._new_members[c] |= fresh

    def _derive_pairs(self, p: int, pairs: set[int]) -> None:
        """Takes in pairs that a join has found, with all that they entail alone."""
        fresh = pairs - self._pairs[p]
        if fresh:
            self._add_pairs(p, fresh)
            self._spread(p, fresh)

    def _derive_members(self, c: int, members: set[int]) -> None:
        fresh = members - self._members[c]
        if fresh:
            self._type_all((c,), fresh)
            self._raise_types(c, fresh)

    def _added(self) -> tuple[Sets, Sets]:
        """What was added since the last call."""
        added = (dict(self._new_pairs), dict(self._new_members))
        self._new_pairs, self._new_members = defaultdict(set), defaultdict(set)
        return added

    def _taken(self, pairs: Sets, members: Sets) -> Iterator[Triple]:
        terms = self._terms
        for p, found in pairs.items():
            predicate = terms[p >> 1]
            if isinstance(predicate, NamedNode):
                for pair in found:
                    if not pair >> _BITS & 1:
                        yield Triple(terms[pair >> _BITS + 1], predicate, terms[(pair & _LOW) >> 1])
        for c, found in members.items():
            class_ = terms[c >> 1]
            if isinstance(class_, NamedNode):
                for member in found:
                    if not member & 1:
                        yield Triple(terms[member >> 1], A, class_)

    # ── rules that join triples ──────────────────────────────────────────────────────────────────────────────────────

    def _index(self, new: Sets) -> None:
        """Adds pairs to the indexes of the properties that joins look into."""
        with collector.paused():
            for p, forward in self._forward.items():
                for pair in new.get(p, ()):
                    forward.setdefault(pair >> _BITS, []).append(pair & _LOW)
            for p, backward in self._backward.items():
                for pair in new.get(p, ()):
                    backward.setdefault(pair & _LOW, []).append(pair >> _BITS)

    def _join(self, new_pairs: Sets, new_members: Sets, is_first: bool = False) -> None:
        """All joins in which something new takes part. is_first: everything is new."""
        for p, parts in (*((p, (p, p)) for p in self._transitive), *self._chains):
            # where everything is new, every path has a new first step
            steps = (0,) if is_first else range(len(parts))
            if any(new_pairs.get(parts[step]) for step in steps):
                self._derive_pairs(p, self._extended(parts, steps, new_pairs))
        for c, parts in self._intersections:
            for part in parts:
                if part in new_members:
                    self._derive_members(c, new_members[part].intersection(*(self._members[other] for other in parts)))
        for r, p, filler in self._some:
            self._derive_members(r, set(self._some_of(p, filler, new_pairs, new_members)))
        for r, p, c in self._every:
            self._derive_members(c, set(self._every_of(r, p, new_pairs, new_members)))
        for r, p, v in self._values:
            self._derive_members(r, {pair >> _BITS for pair in new_pairs.get(p, ()) if pair & _LOW == v})
            self._derive_pairs(p, {member << _BITS | v for member in new_members.get(r, ())})

    def _extended(self, parts: tuple[int, ...], steps: Iterable[int], new: Sets) -> set[int]:
        """The ends of all paths along the parts of a chain of which one of the given steps is new."""
        found: set[int] = set()
        for step in steps:
            before, after = parts[:step][::-1], parts[step + 1 :]
            starts: dict[int, Collection[int]] = {}
            ends: dict[int, Collection[int]] = {}
            for pair in new.get(parts[step], ()):
                s, o = pair >> _BITS, pair & _LOW
                if s not in starts:
                    starts[s] = self._reached(s, before, self._backward)
                if starts[s]:
                    if o not in ends:
                        ends[o] = self._reached(o, after, self._forward)
                    found.update(start << _BITS | end for start in starts[s] for end in ends[o])
        return found

    def _reached(self, start: int, steps: tuple[int, ...], index: Mapping[int, dict[int, list[int]]]) -> Collection[int]:
        if len(steps) == 1:
            return index[steps[0]].get(start, ())
        reached = {start}
        for step in steps:
            at = index[step]
            reached = {found for node in reached for found in at.get(node, ())}
        return reached

    def _some_of(self, p: int, c: int | None, new_pairs: Sets, new_members: Sets) -> Iterator[int]:
        members = None if c is None else self._members[c]
        yield from (pair >> _BITS for pair in new_pairs.get(p, ()) if members is None or pair & _LOW in members)
        if c is not None:
            for member in new_members.get(c, ()):
                yield from self._backward[p].get(member, ())

    def _every_of(self, r: int, p: int, new_pairs: Sets, new_members: Sets) -> Iterator[int]:
        members = self._members[r]
        yield from (pair & _LOW for pair in new_pairs.get(p, ()) if pair >> _BITS in members)
        for member in new_members.get(r, ()):
            yield from self._forward[p].get(member, ())
