"""Why a triple is in a release: from its graph and its subject to claims and spans, or to rule and premises."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pyoxigraph import NamedNode, Store, Triple

from relgraph.errors import UsageError
from relgraph.rdflibgraph import rdflib_graph, rdflib_term
from relgraph.reasoning import compile_rules
from relgraph.reasoning.derivation import Derivation, Theory
from relgraph.reasoning.known import Statement, StoreFacts
from relgraph.reasoning.profile import is_axiom
from relgraph.vocabulary import (
    ASSERTED,
    DCTERMS,
    ID,
    INFERRED,
    ONTOLOGY_GRAPH,
    PREF_LABEL,
    PROVENANCE,
    REPORTED,
    SCHEMES,
    A,
    local_name,
    rg,
)
from relgraph.why import nearest
from relgraph.why.explanation import Explanation, Origin
from relgraph.why.sources import Claims
from relgraph.why.wording import RULES

LANGUAGES = ("en", "ru")
_NO_TEXTS: Mapping[str, str] = MappingProxyType({})
_TIMES = {rg("time"), rg("begin"), rg("end")}
_REPLACES = NamedNode(DCTERMS + "replaces")
#: What a status is called as a modality, where it is called otherwise.
_MODALITY = {"Occurred": "Asserted"}


class Explainer:
    """Explains triples of a store; its rules are compiled once, when the first inferred triple asks for them.

    store: a snapshot with relgraph's named graphs.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def explain(self, triple: Triple, texts: Mapping[str, str] = _NO_TEXTS, language: str = "en") -> Explanation:
        """Why a triple is in the graph, or what is nearest to it.

        texts: the documents at hand, by id, for passages; language: of labels and words, "en" or "ru". Raises UsageError for
        another language.
        """
        if language not in LANGUAGES:
            raise UsageError(f"there are no labels in {language!r}; choose en or ru")
        return _Explanations(self, self._store, Claims(self._store, language, texts)).of(Statement(*triple))

    @cached_property
    def theory(self) -> Theory:
        """The axioms of the ontology in the store."""
        ontology = rdflib_graph(quad.triple for quad in self._store.quads_for_pattern(None, None, None, ONTOLOGY_GRAPH))
        return Theory(compile_rules(ontology).axioms)

    @cached_property
    def facts(self) -> StoreFacts:
        """The asserted and inferred triples of the store."""
        declared = {quad.subject for quad in self._store.quads_for_pattern(None, A, None, ONTOLOGY_GRAPH)}
        published = [term for term in declared if isinstance(term, NamedNode)]
        return StoreFacts(self._store, (ASSERTED, ONTOLOGY_GRAPH), INFERRED, published)


def explain(store: Store, triple: Triple, texts: Mapping[str, str] = _NO_TEXTS, language: str = "en") -> Explanation:
    """Why a triple is in the graph; for many triples of one store, an Explainer is faster."""
    return Explainer(store).explain(triple, texts, language)


class _Explanations:
    """The explanations of one question, in one language."""

    def __init__(self, explainer: Explainer, store: Store, claims: Claims) -> None:
        self._explainer = explainer
        self._store = store
        self._claims = claims
        self._words = claims.words
        self._derived: dict[Statement, Explanation] = {}

    def of(self, statement: Statement) -> Explanation:
        s, p, o = statement
        graphs = {quad.graph_name for quad in self._store.quads_for_pattern(s, p, o, None)}
        for graph in (ASSERTED, PROVENANCE, INFERRED, REPORTED, ONTOLOGY_GRAPH):
            if graph in graphs:
                return self._in_graph(statement, graph)
        if graphs:
            name = min(getattr(graph, "value", "") or "default" for graph in graphs)
            return self._made(statement, Origin.OTHER, self._words["other"].format(graph=name))
        return nearest.absent(self._claims, statement)

    def _made(self, statement: Statement, origin: Origin, note: str, **more: Any) -> Explanation:
        return Explanation(statement, self._claims.reading(*statement), origin, note, **more)

    def _in_graph(self, statement: Statement, graph: NamedNode) -> Explanation:
        name = local_name(graph) if graph != ONTOLOGY_GRAPH else "ontology"
        if graph == INFERRED:
            derivation = self._explainer.theory.derive(Triple(*statement), self._explainer.facts)
            if derivation is None:
                return self._made(statement, Origin.INFERRED, self._words["unproved"], graph=name)
            return self._inferred(derivation)
        if graph == ASSERTED:
            return self._asserted(statement, name)
        if graph == PROVENANCE:
            return self._provenance(statement, name)
        if graph == REPORTED:
            claims = [self._claims.source(c, statement.predicate) for c in self._claims.saying(statement.subject)]
            return self._made(statement, Origin.REPORTED, self._words["reported"], graph=name, claims=tuple(claims))
        p, o = rdflib_term(statement.predicate), rdflib_term(statement.object)
        word = "axiom" if p is not None and o is not None and is_axiom(p, o) else "described"
        return self._made(statement, Origin.ONTOLOGY, self._words[word], graph=name)

    # ── inferred ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _inferred(self, derivation: Derivation) -> Explanation:
        if derivation.statement not in self._derived:
            self._derived[derivation.statement] = self._step(derivation)
        return self._derived[derivation.statement]

    def _step(self, derivation: Derivation) -> Explanation:
        statement, axiom = derivation.statement, derivation.axiom
        if axiom is None:
            return self.of(statement)
        words = RULES[self._claims.language].get(derivation.rule, axiom.kind.value)
        return self._made(
            statement,
            Origin.INFERRED,
            self._words["inferred"].format(rule=derivation.rule, words=words),
            graph=local_name(INFERRED),
            rule=derivation.rule,
            axiom=axiom.text,
            stated=axiom.stated,
            premises=tuple(map(self._inferred, derivation.premises)),
        )

    # ── asserted ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _asserted(self, statement: Statement, graph: str) -> Explanation:
        s, p = statement.subject, statement.predicate
        about = self._claims.about(s)
        if p in (rg("possiblySameAs"), _REPLACES):
            note = self._words["possibly" if p == rg("possiblySameAs") else "replaced"]
            return self._made(statement, Origin.IDENTITY, note, graph=graph)
        if about:
            return self._of_fact(statement, graph, about)
        value = str(getattr(s, "value", ""))
        if value.startswith(f"{ID}time/"):
            note = self._words["time"].format(edtf=value.removeprefix(f"{ID}time/").replace("_", "/"))
            return self._made(statement, Origin.TIME, note, graph=graph)
        if value.startswith(SCHEMES):
            return self._made(statement, Origin.SCHEME, self._words["scheme"], graph=graph)
        return self._made(statement, Origin.NAMED, self._words["named"], graph=graph)

    def _of_fact(self, statement: Statement, graph: str, about: list[NamedNode]) -> Explanation:
        p = statement.predicate
        if p == rg("status"):
            return self._status(statement, graph, about)
        if p == rg("contested"):
            conflicting = [claim for claim in about if self._claims.conflicting(claim)]
            return self._from(statement, Origin.COMPUTED, self._words["contested"], graph, conflicting)
        if p == PREF_LABEL:
            return self._from(statement, Origin.GENERATED, self._words["generated"], graph, about)
        if p == A:
            return self._from(statement, Origin.STATED, self._words["class"], graph, about)
        return self._value(statement, graph, about)

    def _value(self, statement: Statement, graph: str, about: list[NamedNode]) -> Explanation:
        """The value of a fact: first the claims that it is taken from (relgraph.facts)."""
        p, o = statement.predicate, statement.object
        said = {claim: self._claims.values(claim, p) for claim in about}
        own = [claim for claim in about if self._claims.own_voice(claim) and self._claims.modality(claim) == "Asserted"]
        stating = [claim for claim in about if o in said[claim]]
        stating.sort(key=lambda claim: claim not in own)
        others = [claim for claim in about if said[claim] and o not in said[claim]]
        note = self._words["own" if own else "not own"] if stating else self._words["unclaimed"]
        if p in _TIMES and others:
            note += " " + self._words["narrowest"]
        return self._from(statement, Origin.STATED, note, graph, stating, others)

    def _status(self, statement: Statement, graph: str, about: list[NamedNode]) -> Explanation:
        """The status of an event, from the claims that decide it (relgraph.facts)."""
        status = local_name(statement.object) if isinstance(statement.object, NamedNode) else ""
        modality = _MODALITY.get(status, status)
        saying = [claim for claim in about if self._claims.modality(claim) == modality]
        own = [claim for claim in saying if self._claims.own_voice(claim)]
        if modality in ("Asserted", "Denied") and own:
            deciding, word = own, "settled"
        else:
            deciding, word = saying or about, "all deny" if modality == "Denied" else "progress"
        others = [claim for claim in about if claim not in deciding]
        return self._from(statement, Origin.COMPUTED, self._words[word], graph, deciding, others)

    def _from(
        self,
        statement: Statement,
        origin: Origin,
        note: str,
        graph: str,
        claims: list[NamedNode],
        others: list[NamedNode] | None = None,
    ) -> Explanation:
        source = self._claims.source
        return self._made(
            statement,
            origin,
            note,
            graph=graph,
            claims=tuple(source(claim, statement.predicate) for claim in claims),
            others=tuple(source(claim, statement.predicate) for claim in others or ()),
        )

    # ── provenance ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _provenance(self, statement: Statement, graph: str) -> Explanation:
        s, p, o = statement
        if p == rg("contested"):  # of a fact
            return self._of_fact(statement, graph, self._claims.about(s))
        types = (quad.object for quad in self._store.quads_for_pattern(s, A, None, PROVENANCE))
        classes = {local_name(class_) for class_ in types if isinstance(class_, NamedNode)}
        if "Claim" in classes:
            if p == rg("conflictsWith"):
                return self._from(statement, Origin.COMPUTED, self._words["conflict"], graph, self._claims.in_order([s, o]))
            made = p in (PREF_LABEL, rg("gloss"))
            origin, word = (Origin.GENERATED, "generated") if made else (Origin.CLAIM, "claim")
            return self._from(statement, origin, self._words[word], graph, [s])
        if "TextSpan" in classes:
            return self._from(statement, Origin.SPAN, self._words["span"], graph, self._claims.with_span(s))
        return self._made(statement, Origin.REGISTER, self._words["register"], graph=graph)
