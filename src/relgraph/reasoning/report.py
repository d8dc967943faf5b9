"""Contradictions as findings of a validation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Triple

from relgraph.findings import Check, Finding
from relgraph.reasoning.axioms import Axiom, Kind
from relgraph.reasoning.consistency import Contradiction
from relgraph.reasoning.derivation import Derivation, Theory
from relgraph.reasoning.known import Facts, Statement, TripleFacts
from relgraph.turtle import line
from relgraph.vocabulary import SH

_VIOLATION = NamedNode(SH + "Violation")
#: Name of the check and what it asks for, in English and Russian, by kind of axiom.
_BY_KIND = {
    Kind.DISJOINT_CLASSES: ("disjoint-classes", "nothing is in both classes", "ничто не входит в оба класса"),
    Kind.COMPLEMENT: ("complement", "nothing is in a class and in its complement", "ничто не входит в класс и в его дополнение"),
    Kind.SUB_CLASS: ("empty-class", "nothing is in an empty class", "пустой класс ничего не содержит"),
    Kind.DISJOINT_PROPERTIES: (
        "disjoint-properties",
        "no two things are related by both properties",
        "никакие два ресурса не связаны обоими свойствами",
    ),
    Kind.IRREFLEXIVE: ("irreflexive", "nothing has this relation to itself", "ничто не находится в этом отношении к себе"),
    Kind.ASYMMETRIC: ("asymmetric", "the relation holds in one direction only", "отношение действует только в одну сторону"),
    Kind.RANGE: ("datatype", "values are of the datatype of the property", "значения относятся к типу данных свойства"),
    Kind.ALL: ("datatype", "values are of the datatype of the property", "значения относятся к типу данных свойства"),
}
_DIFFERENT = ("differs-from-itself", "nothing differs from itself", "ничто не отличается от самого себя")
#: Of so many contradictions the asserted triples are looked for, which takes its time.
_TRACED = 50
_LEXICAL = ("lexical-form", "the text of a literal fits its datatype", "текст литерала соответствует его типу данных")


def as_findings(
    contradictions: Iterable[Contradiction], axioms: Iterable[Axiom], asserted: Iterable[Triple], entailed: Iterable[Triple]
) -> list[Finding]:
    """The contradictions as findings: Violations, with the axiom and the asserted triples that it does not allow.

    axioms: those of the compiled rules; asserted, entailed: the triples that contradictions were looked for in. The message
    tells the triples of the contradiction; the statements of the finding are the asserted ones that these follow from (of the
    first fifty; where there are more, of the others the triples themselves).
    """
    given = list(contradictions)
    if not given:
        return []
    theory, facts = Theory(axioms), TripleFacts(asserted, entailed)
    traced = [_finding(each, tuple(_asserted(each.triples, theory, facts))) for each in given[:_TRACED]]
    return traced + [_finding(each, each.triples) for each in given[_TRACED:]]


def _finding(each: Contradiction, statements: tuple[Triple, ...]) -> Finding:
    name, english, russian = _DIFFERENT if each.rule == "eq-diff1" else _names(each.axiom)
    triples = " ; ".join(map(line, each.triples))
    return Finding(
        check=name,
        severity=_VIOLATION,
        focus=each.focus,
        messages={"en": f"{english}, but: {triples}", "ru": f"{russian}, однако: {triples}"},
        value=each.triples[-1].object,  # type: ignore[arg-type]  # an object is never a triple here
        axiom=each.text if each.axiom else "",
        statements=statements,
    )


def _asserted(triples: Iterable[Triple], theory: Theory, facts: Facts) -> Iterator[Triple]:
    """The asserted triples at the ends of the derivations of triples, each once; a triple that has none stands for itself."""
    found: dict[Triple, None] = {}
    for triple in triples:
        derivation = theory.derive(triple, facts)
        leaves = [Triple(*leaf) for leaf in _leaves(derivation)] if derivation else [triple]
        found |= dict.fromkeys(leaves or [triple])
    yield from found


def _leaves(derivation: Derivation) -> Iterator[Statement]:
    if derivation.axiom is None:
        yield derivation.statement
    for premise in derivation.premises:
        yield from _leaves(premise)


def checks(axioms: Iterable[Axiom]) -> list[Check]:
    """The checks that the axioms of an ontology amount to, sorted by name, and the one on the text of literals."""
    names = {_LEXICAL} | {_names(axiom) for axiom in axioms if axiom.kind in _BY_KIND and axiom.kind is not Kind.SUB_CLASS}
    return [Check(name, "axiom", _VIOLATION, {"en": english, "ru": russian}) for name, english, russian in sorted(names)]


def _names(axiom: Axiom | None) -> tuple[str, str, str]:
    return _BY_KIND[axiom.kind] if axiom else _LEXICAL
