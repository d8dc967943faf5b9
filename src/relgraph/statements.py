"""From decisions to claims: every name resolved, every value typed, every span checked against its document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pyoxigraph import Literal, NamedNode

from relgraph import edtf
from relgraph.decisions import Accept, ClaimRow, Decision, Identity, NoStatement, Reject, Value
from relgraph.documents import Register, check_span
from relgraph.edtf import TimeSpan
from relgraph.entities import Entity
from relgraph.errors import DateError, Problem
from relgraph.ontology import Property, Schema
from relgraph.spans import Span
from relgraph.vocabulary import SCHEMES, XSD, data

#: What a property of a fact can hold.
Term = NamedNode | Literal | TimeSpan

_MODALITY = SCHEMES + "modality"
_INTEGER = NamedNode(XSD + "integer")


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
    possibly_same: tuple[tuple[str, str], ...]
    replaced: Mapping[str, str]


def resolve(
    decisions: Sequence[Decision],
    schema: Schema,
    entities: Mapping[str, Entity],
    register: Register,
    texts: Mapping[str, str],
    problems: list[Problem],
) -> Statements:
    """Turns accepted decisions into claims; whatever does not resolve adds a problem with file and line.

    texts: the documents at hand, by id; the hashes of their spans are then confirmed.
    """
    return _Resolver(decisions, schema, entities, register, texts, problems).statements()


class _Resolver:
    def __init__(
        self,
        decisions: Sequence[Decision],
        schema: Schema,
        entities: Mapping[str, Entity],
        register: Register,
        texts: Mapping[str, str],
        problems: list[Problem],
    ) -> None:
        self._decisions = decisions
        self._schema = schema
        self._entities = entities
        self._register = register
        self._texts = texts
        self._problems = problems
        self._replaced = self._replacements()
        self._facts = self._fact_classes()

    def statements(self) -> Statements:
        claims: list[Claim] = []
        spans: dict[tuple[str, int, int], Span] = {}
        for decision in self._decisions:
            if isinstance(decision.row, Identity):
                self._check_identity(decision, decision.row)
                continue
            own = self._spans(decision, decision.row, spans)
            if isinstance(decision.row, Accept) and own is not None:
                for number, row in enumerate(decision.row.claims, start=1):
                    claims.append(self._claim(decision, f"{decision.row.id}.{number}", row, own))
        return Statements(tuple(claims), tuple(sorted(spans.values())), self._possibly_same(), self._replaced)

    # ── facts and their identity ─────────────────────────────────────────────────────────────────────────────────────

    def _identities(self, decision: str) -> Iterable[Identity]:
        return (d.row for d in self._decisions if isinstance(d.row, Identity) and d.row.decision == decision)

    def _replacements(self) -> dict[str, str]:
        return {old: row.facts[0] for row in self._identities("same") for old in row.facts[1:]}

    def _possibly_same(self) -> tuple[tuple[str, str], ...]:
        pairs = {
            (self._current(one), self._current(other))
            for row in self._identities("unsure")
            for i, one in enumerate(row.facts)
            for other in row.facts[i + 1 :]
        }
        return tuple(sorted(pairs))

    def _current(self, key: str) -> str:
        return self._replaced.get(key, key)

    def _check_identity(self, decision: Decision, row: Identity) -> None:
        for key in row.facts:
            if self._current(key) not in self._facts:
                self._problem(decision, f"no claim is about {key}", self._suggest(key, self._facts))

    def _fact_classes(self) -> dict[str, str]:
        classes: dict[str, str] = {}
        for decision in self._decisions:
            if not isinstance(decision.row, Accept):
                continue
            for row in decision.row.claims:
                key = self._current(row.about)
                if not self._schema.is_a(row.type, "Fact"):
                    known = [name for name in self._schema.superclasses if self._schema.is_a(name, "Fact")]
                    self._problem(decision, f"unknown type of fact {row.type!r}", self._suggest(row.type, known))
                elif classes.setdefault(key, row.type) != row.type:
                    self._problem(
                        decision,
                        f"{key} is {row.type} here and {classes[key]} elsewhere",
                        "One fact has one type; correct one of them",
                    )
                if key in self._entities:
                    self._problem(decision, f"{key} is an entity, not a fact", "Mint a key for the fact")
        return classes

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
            self._problem(decision, f"unknown modality {row.modality!r}", self._suggest(row.modality, known))
        if self._class_of(row.by) is None or not self._schema.is_a(self._class_of(row.by) or "", "Agent"):
            self._problem(decision, f"{row.by}, who answers for the claim, is no known agent", self._hint(row.by))
        if row.conveyedBy and self._facts.get(self._current(row.conveyedBy)) != "SpeechAct":
            self._problem(
                decision,
                f"conveyedBy names {row.conveyedBy}, which is no speech act",
                "Add a claim about the speech act",
            )
        voice = self._register.documents[decision.document].voice
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
            own_voice=row.by == voice and row.conveyedBy is None,
            evidence=spans[row.evidence],
            context=tuple(sorted(spans[name] for name in row.context)),
            says=tuple((name, values) for name, values in says if values),
            where=decision.where,
        )

    def _values(self, decision: Decision, row: ClaimRow, name: str, value: Value | list[Value]) -> list[Term]:
        prop = self._schema.properties.get(name)
        if not self._schema.is_a(row.type, "Fact"):
            return []
        if prop is None or not self._schema.allows(row.type, prop):
            allowed = self._schema.properties_of(row.type)
            fault = "is no property of the ontology" if prop is None else f"does not go with a {row.type}"
            self._problem(decision, f"{name} {fault}", self._suggest(name, allowed))
            return []
        terms: list[Term] = []
        for single in value if isinstance(value, list) else [value]:
            terms += self._terms(decision, prop, single)
        return terms

    def _terms(self, decision: Decision, prop: Property, value: Value) -> list[Term]:
        if prop.is_object:
            if isinstance(value, str):
                return self._resource(decision, prop, value)
        elif prop.range == _INTEGER.value:
            if isinstance(value, int) and not isinstance(value, bool):
                return [Literal(str(value), datatype=_INTEGER)]
        elif prop.range is None and isinstance(value, dict):
            return [Literal(text, language=language) for language, text in value.items()]
        expected = "a name" if prop.is_object else "a whole number" if prop.range else '{"en": "…"} or {"ru": "…"}'
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
            self._problem(decision, f"{prop.name} has no value {value!r}", self._suggest(value, concepts))
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
        return self._suggest(key, [*self._entities, *self._facts], "Describe it in data/entities, or correct the name")

    @staticmethod
    def _suggest(name: str, known: Iterable[str], otherwise: str = "") -> str:
        names = sorted(known)
        close = get_close_matches(name, names, n=3, cutoff=0.6)
        if close:
            return f"Did you mean {' or '.join(close)}?"
        return otherwise or f"Known are {', '.join(names)}"
