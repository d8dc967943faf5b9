"""What is nearest to a triple that is not in the graph, and why it is near."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from pyoxigraph import Literal

from relgraph.reasoning.known import Statement
from relgraph.vocabulary import ASSERTED, INFERRED, PREF_LABEL, PROVENANCE, A, concept, rg
from relgraph.why.explanation import Explanation, Near, Nearness, Origin, Source
from relgraph.why.sources import Claims

#: So many triples of each kind are named.
_SHOWN = 3
#: So many are looked at.
_LOOKED_AT = 1000
_GRAPHS = (ASSERTED, INFERRED, PROVENANCE)
_OCCURRED = concept("status", "Occurred")
#: Properties that say nothing of what has a role in a fact.
_NO_ROLES = {A, PREF_LABEL, rg("status"), rg("contested")}


def absent(claims: Claims, statement: Statement) -> Explanation:
    """The explanation of a triple that is not in the graph, with what is nearest."""
    reported = list(_reported(claims, statement))
    near = (*reported, *_matching(claims, statement), *_both(claims, statement))
    note = claims.words["absent"]
    if reported:
        first, last = reported[0].claims[0], reported[0].claims[-1]
        word, source = ("absent stated", last) if _is_asserted(last) else ("absent reported", first)
        document = source.evidence.document if source.evidence else ""
        note = claims.words[word].format(document=document, modality=source.modality.text)
    return Explanation(statement, claims.reading(*statement), Origin.ABSENT, note, near=near)


def _reported(claims: Claims, statement: Statement) -> Iterator[Near]:
    """The claims about the subject that say it; those that a document asserts in its own voice last."""
    s, p, o = statement
    if isinstance(s, Literal):
        return
    saying = [claim for claim in claims.about(s) if o in claims.values(claim, p)]
    saying.sort(key=lambda claim: claims.own_voice(claim) and claims.modality(claim) == "Asserted")
    if saying:
        sources = tuple(claims.source(claim, p) for claim in saying)
        kind = Nearness.REPORTED
        yield Near(kind, claims.words["near reported"], statement, claims.reading(*statement), sources)


def _both(claims: Claims, statement: Statement) -> Iterator[Near]:
    """Facts in which subject and object both have a role: behind a short cut, or short of one."""
    s, _, o = statement
    if isinstance(s, Literal) or isinstance(o, Literal) or s == o:
        return
    first, second = (_facts_with(claims, term) for term in (s, o))
    shared = [(claims.status(fact), fact) for fact in first.keys() & second.keys()]
    # what is planned, say, is what a reader may have taken for more
    shared.sort(key=lambda pair: (_OCCURRED in pair[0], not pair[0], str(pair[1])))
    for states, fact in shared[:_SHOWN]:
        status = [claims.cell(state).text for state in states]
        name = "near both status" if status else "near both"
        reason = claims.words[name].format(status=", ".join(status))
        found = Statement(fact, second[fact], o)
        # of what did not come about, or not yet, the claims say how far it got
        sources = () if _OCCURRED in states or not states else tuple(map(claims.source, claims.about(fact)))
        yield Near(Nearness.BOTH, reason, found, claims.reading(*found), sources)


def _facts_with(claims: Claims, term: Any) -> dict[Any, Any]:
    """The facts in which a resource has a role, each with the property."""
    quads = islice(claims.store.quads_for_pattern(None, None, term, ASSERTED), _LOOKED_AT)
    found = sorted(((q.subject, q.predicate) for q in quads if q.predicate not in _NO_ROLES), key=str, reverse=True)
    about = rg("about")
    return {fact: p for fact, p in found if any(claims.store.quads_for_pattern(None, about, fact, PROVENANCE))}


def _matching(claims: Claims, statement: Statement) -> Iterator[Near]:
    s, p, o = statement
    patterns = ((Nearness.PREDICATE, (s, p, None)), (Nearness.RELATION, (s, None, o)), (Nearness.VALUE, (None, p, o)))
    for kind, (subject, predicate, value) in patterns:
        if isinstance(subject, Literal):
            continue
        found = {
            Statement(quad.subject, quad.predicate, quad.object)
            for graph in _GRAPHS
            for quad in islice(claims.store.quads_for_pattern(subject, predicate, value, graph), _LOOKED_AT)
        }
        for near in sorted(found, key=str)[:_SHOWN]:
            yield Near(kind, claims.words[f"near {kind.value}"], near, claims.reading(*near))


def _is_asserted(source: Source) -> bool:
    """True of what a document asserts in its own voice; such claims come last."""
    return source.own_voice and source.modality.iri == concept("modality", "Asserted").value
