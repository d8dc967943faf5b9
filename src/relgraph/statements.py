"""From decisions to claims: every name resolved, every value typed, every span checked against its document."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pyoxigraph import Literal, NamedNode

from relgraph import edtf
from relgraph.decisions import Accept, ClaimRow, Decision, Identity, NoStatement, Reject, Value
from relgraph.documents import Register, check_span
from relgraph.edtf import TimeSpan
from relgraph.entities import Entity
from relgraph.errors import DateError, Problem, suggestion
from relgraph.identities import Identities, settle
from relgraph.ontology import Property, Schema
from relgraph.spans import Span
from relgraph.vocabulary import SCHEMES, XSD, data

#: What a property of a fact can hold.
Term = NamedNode | Literal | TimeSpan

_MODALITY = SCHEMES + "modality"
_INTEGER = NamedNode(XSD + "integer")
_URI = NamedNode(XSD + "anyURI")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Claim:
    """What one place in one document says of one fact.

    id: decision and number ("004-0412.1"); fact, by, conveyed_by: keys; class_name: class of the fact;
    own_voice: the document says it in its own name; says: property names with their values, both sorted;
    where: file:line of the decision.
    """

    id: str
    fact: str
    class_name: str
    modality: str
    by: str
    conveyed_by: str | None
    own_voice: bool
    evidence: Span
    context: tuple[Span, ...]
    says: tuple[tuple[str, tuple[Term, ...]], ...]
    where: str

    def values(self, name: str) -> tuple[Term, ...]:
        """The values that the claim states for a property; empty when it states none."""
        return dict(self.says).get(name, ())


@dataclass(frozen=True)
class Statements:
    """All claims, the spans of every decision, and what was decided on the identity of facts."""

    claims: tuple[Claim, ...]
    spans: tuple[Span, ...]
    identities: Identities


@dataclass(frozen=True)
class Sources:
    """What names in decisions are resolved against; texts: the documents at hand, by id."""

    schema: Schema
    entities: Mapping[str, Entity]
    register: Register
    texts: Mapping[str, str]


def resolve(decisions: Sequence[Decision], sources: Sources, problems: list[Problem]) -> Statements:
    """Turns accepted decisions into claims; whatever does not resolve adds a problem with file and line.

    The hashes of spans in texts that are at hand are confirmed.
    """
    return _Resolver(decisions, sources, problems).statements()


class _Resolver:
    def __init__(self, decisions: Sequence[Decision], sources: Sources, problems: list[Problem]) -> None:
        self._decisions = decisions
        self._schema = sources.schema
        self._entities = sources.entities
        self._register = sources.register
        self._texts = sources.texts
        self._problems = problems
        self._identities = settle(decisions, self._entities, problems)
        self._facts = self._fact_classes()
        self._acts = self._speech_acts()

    def statements(self) -> Statements:
        claims: list[Claim] = []
        spans: dict[tuple[str, int, int], Span] = {}
        for decision in self._decisions:
            if isinstance(decision.row, Identity):
                continue
            own = self._spans(decision, decision.row, spans)
            if isinstance(decision.row, Accept) and own is not None:
                for number, row in enumerate(decision.row.claims, start=1):
                    claims.append(self._claim(decision, f"{decision.row.id}.{number}", row, own))
        return Statements(tuple(claims), tuple(sorted(spans.values())), self._identities)

    # ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _current(self, key: str) -> str:
        return self._identities.current(key)

    def _fact_classes(self) -> dict[str, str]:
        classes: dict[str, str] = {}
        for decision in self._decisions:
            if not isinstance(decision.row, Accept):
                continue
            for row in decision.row.claims:
                key = self._current(row.about)
                if not self._schema.is_a(row.type, "Fact"):
                    known = [name for name in self._schema.superclasses if self._schema.is_a(name, "Fact")]
                    self._problem(decision, f"unknown type of fact {row.type!r}", suggestion(row.type, known))
                    continue
                prefix = self._schema.key_prefix(row.type)
                if prefix is None:
                    self._problem(decision, f"{row.type} is too general for a fact", "Choose a class below it")
                elif not row.about.startswith(f"{prefix}/"):
                    self._problem(decision, f"{row.about} is no key for a {row.type}", f"Its key begins with {prefix}/")
                elif classes.setdefault(key, row.type) != row.type:
                    self._problem(
                        decision,
                        f"{key} is {row.type} here and {classes[key]} elsewhere",
                        "One fact has one type; correct one of them",
                    )
        return classes

    def _speech_acts(self) -> dict[str, dict[str, str | None]]:
        """For each document the speech acts that it asserts, with the act that conveys each, or None."""
        acts: dict[str, dict[str, str | None]] = defaultdict(dict)
        for decision in self._decisions:
            if isinstance(decision.row, Accept):
                for row in decision.row.claims:
                    if row.type == "SpeechAct" and row.modality == "Asserted":
                        conveyed = self._current(row.conveyedBy) if row.conveyedBy else None
                        acts[decision.document].setdefault(self._current(row.about), conveyed)
        return acts

    # ── spans ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _spans(
        self, decision: Decision, row: Accept | Reject | NoStatement, seen: dict[tuple[str, int, int], Span]
    ) -> dict[str, Span] | None:
        document = self._register.documents.get(decision.document)
        if document is None:
            self._problem(
                decision,
                f"document {decision.document!r} is not registered",
                f"Registered are {', '.join(self._register.documents)}; name the file after one, or register it",
            )
            return None
        spans = {name: Span(document.id, *values) for name, values in row.spans.items()}
        for name, span in spans.items():
            fault = check_span(span, document, self._texts.get(document.id))
            known = seen.setdefault((span.document, span.start, span.end), span)
            if fault is None and known.quote_sha256 != span.quote_sha256:
                fault = f"the hash of {span.place} differs from that of the same span in another decision"
            if fault:
                self._problems.append(
                    Problem(
                        f"{decision.where} ({span.place})",
                        f"span {name!r}: {fault}",
                        "Find the passage again with `relgraph documents locate`",
                    )
                )
        return spans

    # ── claims ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _claim(self, decision: Decision, claim_id: str, row: ClaimRow, spans: Mapping[str, Span]) -> Claim:
        if row.modality not in self._schema.concepts[_MODALITY]:
            known = self._schema.concepts[_MODALITY]
            self._problem(decision, f"unknown modality {row.modality!r}", suggestion(row.modality, known))
        self._check_speaker(decision, row)
        evidence, context = spans[row.evidence], [spans[name] for name in row.context]
        if len({evidence, *context}) <= len(context):
            self._problem(decision, "one passage stands under two names", "Name each passage once")
        says = [
            (name, tuple(sorted(self._values(decision, row, name, value), key=str))) for name, value in sorted(row.says.items())
        ]
        return Claim(
            id=claim_id,
            fact=self._current(row.about),
            class_name=row.type,
            modality=row.modality,
            by=row.by,
            conveyed_by=self._current(row.conveyedBy) if row.conveyedBy else None,
            own_voice=row.conveyedBy is None,
            evidence=evidence,
            context=tuple(sorted(context)),
            says=tuple((name, values) for name, values in says if values),
            where=decision.where,
        )

    def _check_speaker(self, decision: Decision, row: ClaimRow) -> None:
        """Who answers for a claim: the document's voice, or the speaker of an act that the same document reports."""
        if not self._schema.is_a(self._class_of(row.by) or "", "Agent"):
            self._problem(decision, f"{row.by}, who answers for the claim, is no known agent", self._hint(row.by))
            return
        voice = self._register.documents[decision.document].voice
        if row.conveyedBy is None:
            if row.by != voice:
                self._problem(
                    decision,
                    f"{row.by} answers for the claim, but nothing says where",
                    f"Add conveyedBy, the speech act of {row.by}; what the document says itself is by {voice}",
                )
            return
        acts = self._acts.get(decision.document, {})
        act: str | None = self._current(row.conveyedBy)
        if act not in acts:
            self._problem(
                decision,
                f"conveyedBy names {row.conveyedBy}, which is no speech act that document {decision.document} reports",
                "Add a claim that the speech act took place",
            )
        passed = {self._current(row.about)}
        while act is not None and act not in passed:
            passed.add(act)
            act = acts.get(act)
        if act is not None:
            self._problem(decision, f"{row.about} is conveyed by itself", "Name the speech act that reports it")

    def _values(self, decision: Decision, row: ClaimRow, name: str, value: Value | list[Value]) -> list[Term]:
        prop = self._schema.properties.get(name)
        if not self._schema.is_a(row.type, "Fact"):
            return []
        if prop is None or not self._schema.allows(row.type, prop):
            allowed = self._schema.properties_of(row.type)
            fault = "is no property of the ontology" if prop is None else f"does not go with a {row.type}"
            if prop is not None and prop.computed:
                fault = "is worked out by the build"
            self._problem(decision, f"{name} {fault}", suggestion(name, allowed))
            return []
        terms: list[Term] = []
        for single in value if isinstance(value, list) else [value]:
            terms += self._terms(decision, prop, single)
        if len(set(terms)) < len(terms):
            self._problem(decision, f"{name} has a value twice", "Give each value once")
        if any(a.disjoint(b) for a, b in combinations(terms, 2) if isinstance(a, TimeSpan) and isinstance(b, TimeSpan)):
            self._problem(decision, f"{name} has dates that cannot both be right", "One claim gives one date; write two claims")
        return terms

    def _terms(self, decision: Decision, prop: Property, value: Value) -> list[Term]:
        if prop.is_object:
            if isinstance(value, str):
                return self._resource(decision, prop, value)
        elif prop.range == _INTEGER.value:
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                return [Literal(str(value), datatype=_INTEGER)]
        elif prop.range == _URI.value:
            if isinstance(value, str) and _WEB_ADDRESS.fullmatch(value):
                return [Literal(value, datatype=_URI)]
        elif prop.range is None and isinstance(value, dict):
            return [Literal(text, language=language) for language, text in value.items()]
        words = {_INTEGER.value: "a whole number from 0", _URI.value: "a web address"}
        expected = "a name" if prop.is_object else words.get(prop.range or "", '{"en": "…"} or {"ru": "…"}')
        self._problem(decision, f"{prop.name} has the value {value!r}", f"It takes {expected}")
        return []

    def _resource(self, decision: Decision, prop: Property, value: str) -> list[Term]:
        if prop.range == "TimeSpan":
            try:
                return [edtf.parse(value)]
            except DateError as error:
                self._problem(decision, f"{prop.name}: {error}", "Write the date only as precise as the text")
                return []
        if prop.scheme:
            concepts = self._schema.concepts.get(prop.scheme, {})
            if value in concepts:
                return [concepts[value]]
            self._problem(decision, f"{prop.name} has no value {value!r}", suggestion(value, concepts))
            return []
        key = self._current(value)
        found = self._class_of(key)
        if found is None:
            self._problem(decision, f"{prop.name}: unknown entity or fact {value}", self._hint(value))
            return []
        if prop.range and not self._schema.is_a(found, prop.range):
            self._problem(
                decision,
                f"{prop.name}: {value} is a {found}",
                f"The property takes a {prop.range}; name one, or correct it",
            )
            return []
        return [data(key)]

    def _class_of(self, key: str) -> str | None:
        if key in self._entities:
            return self._entities[key].class_name
        if key.startswith("document/") and key.removeprefix("document/") in self._register.documents:
            return "Document"
        return self._facts.get(key)

    # ── problems ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _problem(self, decision: Decision, what: str, remedy: str) -> None:
        self._problems.append(Problem(decision.where, what, remedy))

    def _hint(self, key: str) -> str:
        return suggestion(key, [*self._entities, *self._facts], "Describe it in data/entities, or correct the name")
