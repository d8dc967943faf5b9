"""Labels and glosses in English and Russian, made by template from class, roles and date; never copied from a source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pyoxigraph import Literal

from relgraph import edtf
from relgraph.edtf import TimeSpan
from relgraph.facts import Fact
from relgraph.ontology import Schema
from relgraph.statements import Claim, Term
from relgraph.vocabulary import ID, SCHEMES

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([\w|]+)\}")
#: How the speech act is named that conveys a claim; a template like those of labels.
_CONVEYED = {"en": "{illocution}[ no. {ordinal}][, {time}]", "ru": "{illocution}[ № {ordinal}][, {time}]"}


class Labeller:
    """Makes the labels of facts and claims out of the labels of things, classes, properties and concepts.

    things: labels by language of entities (by key) and concepts (by IRI).
    """

    def __init__(self, schema: Schema, things: Mapping[str, Mapping[str, str]], facts: Sequence[Fact]) -> None:
        self._schema = schema
        self._things = things
        self._facts = {fact.key: fact for fact in facts}
        self._made: dict[tuple[str, str], str] = {}

    def fact(self, key: str, language: str) -> str:
        """The label of a fact, e.g. "Visit: Lord Robertson to Moscow, 21–23 November 2001"."""
        if (key, language) not in self._made:
            class_name = self._facts[key].class_name
            self._made[key, language] = self._schema.labels[class_name][language]  # stands in within a cycle
            text = _fill(self._schema.template(class_name, language), self._slots(key, language))
            self._made[key, language] = text[:1].upper() + text[1:]
        return self._made[key, language]

    def _slots(self, key: str, language: str) -> dict[str, str]:
        """What the slots of a template stand for: the values of a fact, and the begin and end that events give it."""
        values = {**self._facts[key].transitions, **self._facts[key].values}
        return {name: self._join(terms, language) for name, terms in values.items()}

    def gloss(self, claim: Claim, language: str) -> str:
        """What a claim states, e.g. "author of X – asserted: visit; visitor: Lord Robertson; place: Moscow"."""
        parts = [self._schema.labels[claim.class_name][language]]
        parts += [f"{self._schema.labels[name][language]}: {self._join(terms, language)}" for name, terms in claim.says]
        conveyed = ""
        if claim.conveyed_by:
            conveyed = f" ({_fill(_CONVEYED[language], self._slots(claim.conveyed_by, language))})"
        modality = self._thing(f"{SCHEMES}modality#{claim.modality}", language)
        return f"{self._thing(claim.by, language)}{conveyed} – {modality}: {'; '.join(parts)}"

    def claim(self, claim: Claim, line: int, language: str) -> str:
        """The label of a claim: its fact, and the document and line that it stands in."""
        place = f"{claim.evidence.document}, line {line}" if language == "en" else f"{claim.evidence.document}, строка {line}"
        return f"{self.fact(claim.fact, language)} ({place})"

    def _join(self, terms: Sequence[Term], language: str) -> str:
        separator = " / " if all(isinstance(term, TimeSpan) for term in terms) else ", "
        return separator.join(text for term in terms if (text := self._term(term, language)))

    def _term(self, term: Term, language: str) -> str:
        if isinstance(term, TimeSpan):
            return edtf.wording(term.edtf, language)
        if isinstance(term, Literal):
            return f"“{term.value}”" if term.language else term.value
        return self._thing(term.value.removeprefix(ID), language)

    def _thing(self, key: str, language: str) -> str:
        if key in self._facts:
            return self.fact(key, language)
        return self._things.get(key, {}).get(language, key)


def _fill(template: str, values: Mapping[str, str]) -> str:
    """Fills a label template (its grammar: rg:labelTemplate in the ontology)."""

    def slot(match: re.Match[str]) -> str:
        return next((values[name] for name in match[1].split("|") if values.get(name)), "…")

    def segment(match: re.Match[str]) -> str:
        for alternative in _alternatives(match[1]):
            slots = _SLOT.findall(alternative)
            if all(any(values.get(name) for name in names.split("|")) for names in slots):
                return _SLOT.sub(slot, alternative)
        return ""

    # segments first: a value put into a slot may itself hold brackets or braces
    parts = _OPTIONAL.split(template)
    filled = [_OPTIONAL.sub(segment, f"[{part}]") if number % 2 else _SLOT.sub(slot, part) for number, part in enumerate(parts)]
    return "".join(filled)


def _alternatives(segment: str) -> list[str]:
    """The alternatives of an optional segment: parted by | outside braces."""
    return re.split(r"\|(?![^{]*\})", segment)
