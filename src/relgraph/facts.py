"""Facts from claims: values, status and conflicts, each by a rule that can be re-run (design section 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

from pyoxigraph import NamedNode

from relgraph.edtf import TimeSpan
from relgraph.ontology import Schema
from relgraph.statements import Claim, Term
from relgraph.vocabulary import ID

#: Properties whose values two claims about one fact cannot disagree on and both be right.
_TIMES = ("time", "begin", "end")
_SETS = ("place", "party")
#: Properties whose values in one claim are taken as the complete list (scope note of rg:meetingOf).
_LISTS = ("meetingOf",)
#: The status of an event that nobody asserts or denies in a document's own voice: the furthest along comes first.
_PROGRESS = ("Planned", "Offered", "Requested", "Proposed")


@dataclass(frozen=True)
class Fact:
    """A relation or event: key, class, values by property name, the begin and end that a relation has through the
    events that initiate and terminate it, status (events only), its claims in order of id, and the pairs of ids of
    claims that do not agree."""

    key: str
    class_name: str
    values: Mapping[str, tuple[Term, ...]]
    transitions: Mapping[str, tuple[Term, ...]]
    status: tuple[str, ...]
    claims: tuple[Claim, ...]
    conflicts: tuple[tuple[str, str], ...]


def fuse(
    claims: Sequence[Claim], schema: Schema, groups: Mapping[str, frozenset[str]] = MappingProxyType({})
) -> tuple[Fact, ...]:
    """The facts that the claims are about, sorted by key.

    groups: for each group the actors that it is drawn from (IRIs); "the member states of A" does not contradict "A".
    """
    by_fact: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_fact[claim.fact].append(claim)
    within = {**groups, **_containment(claims)}
    transitions = _transitions(claims)
    facts = []
    for key, own in sorted(by_fact.items()):
        own.sort(key=lambda claim: claim.id)
        is_event = schema.is_a(own[0].class_name, "Event")
        facts.append(
            Fact(
                key=key,
                class_name=own[0].class_name,
                values=_values(own, transitions.get(key, {})),
                transitions={name: _sorted(_narrowest(times, ())) for name, times in transitions.get(key, {}).items()},
                status=_status(own) if is_event else (),
                claims=tuple(own),
                conflicts=tuple((a.id, b.id) for a, b in combinations(own, 2) if _conflict(a, b, within)),
            )
        )
    return tuple(facts)


def _values(claims: Sequence[Claim], transitions: Mapping[str, set[TimeSpan]]) -> dict[str, tuple[Term, ...]]:
    """The values of the claims that a document asserts in its own voice; without such a claim, those of all claims.

    Of dates that agree the narrowest stays; dates that conflict all stay. A date that agrees with a narrower one of the
    event that begins or ends the relation is left to that event, from which it is derived.
    """
    sources = [c for c in claims if c.own_voice and c.modality == "Asserted"] or claims
    values: dict[str, set[Term]] = defaultdict(set)
    for claim in sources:
        for name, terms in claim.says:
            values[name].update(terms)
    narrowed = {name: _narrowest(terms, transitions.get(name, set())) for name, terms in sorted(values.items())}
    return {name: _sorted(terms) for name, terms in narrowed.items() if terms}


def _sorted(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(sorted(terms, key=str))


def _narrowest(terms: Iterable[Term], others: Iterable[TimeSpan]) -> list[Term]:
    every = list(terms)
    spans = [*(term for term in every if isinstance(term, TimeSpan)), *others]
    return [t for t in every if not (isinstance(t, TimeSpan) and any(other.narrower_than(t) for other in spans))]


def _transitions(claims: Iterable[Claim]) -> dict[str, dict[str, set[TimeSpan]]]:
    """For each relation the dates of the events that a document reports to begin or end it, by relation and property."""
    found: dict[str, dict[str, set[TimeSpan]]] = defaultdict(lambda: defaultdict(set))
    for claim in claims:
        if claim.own_voice and claim.modality == "Asserted":
            for role, name in (("initiates", "begin"), ("terminates", "end")):
                for relation in claim.values(role):
                    key = str(getattr(relation, "value", "")).removeprefix(ID)
                    times = {time for time in claim.values("time") if isinstance(time, TimeSpan)}
                    if times:
                        found[key][name] |= times
    return found


def _status(claims: Sequence[Claim]) -> tuple[str, ...]:
    """Occurred and Denied where a document says so in its own voice (both, if documents differ); else how far it got."""
    own = {c.modality for c in claims if c.own_voice}
    said = {c.modality for c in claims}
    settled = tuple(status for status, modality in (("Denied", "Denied"), ("Occurred", "Asserted")) if modality in own)
    if settled:
        return settled
    for status in _PROGRESS:
        if status in said:
            return (status,)
    return ("Denied",) if said == {"Denied"} else ("Possible",)


def _conflict(a: Claim, b: Claim, within: Mapping[str, frozenset[str]]) -> bool:
    if {a.modality, b.modality} == {"Asserted", "Denied"}:
        return True
    if a.modality != "Asserted" or b.modality != "Asserted":
        return False
    for name in _TIMES:
        if any(
            x.disjoint(y) for x in a.values(name) for y in b.values(name) if isinstance(x, TimeSpan) and isinstance(y, TimeSpan)
        ):
            return True
    if any(_sets_conflict(a.values(name), b.values(name), within) for name in _SETS):
        return True
    return any(a.values(name) and b.values(name) and set(a.values(name)) != set(b.values(name)) for name in _LISTS)


def _sets_conflict(one: Sequence[Term], other: Sequence[Term], within: Mapping[str, frozenset[str]]) -> bool:
    """True unless every value of the smaller set is, contains or lies in a value of the other."""
    fewer, more = sorted((one, other), key=len)
    return not all(any(_compatible(x, y, within) for y in more) for x in fewer)


def _compatible(x: Term, y: Term, within: Mapping[str, frozenset[str]]) -> bool:
    if x == y or not (isinstance(x, NamedNode) and isinstance(y, NamedNode)):
        return x == y
    return y.value in within.get(x.value, ()) or x.value in within.get(y.value, ())


def _containment(claims: Iterable[Claim]) -> dict[str, frozenset[str]]:
    """For each place the places that it lies in, as documents assert in their own voice (IRIs)."""
    direct: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        if claim.class_name == "Composition" and claim.own_voice and claim.modality == "Asserted":
            for inner in claim.values("locality"):
                direct[str(getattr(inner, "value", ""))].update(
                    term.value for term in claim.values("whole") if isinstance(term, NamedNode)
                )
    return {place: frozenset(_reach(place, direct)) for place in direct if place.startswith(ID)}


def _reach(start: str, direct: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(direct.get(start, ()))
    while ahead:
        place = ahead.pop()
        if place not in reached:
            reached.add(place)
            ahead += direct.get(place, ())
    return reached
