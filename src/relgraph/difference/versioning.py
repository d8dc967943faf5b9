"""Which step of the ontology's version a difference calls for (semantic versions, after the rule of gist)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from relgraph.difference.comparing import Difference, Item

_LEVELS = ("patch", "minor", "major")


@dataclass(frozen=True)
class Hint:
    """level: major, minor or patch; reasons: why, those of that level only."""

    level: str
    reasons: tuple[str, ...]


def hint(difference: Difference) -> Hint | None:
    """The step, None when terms and axioms are the same.

    Major: a term removed or renamed, an axiom added to or taken from terms that are on both sides, a language tag that
    comes or goes. Minor: a new term, a deprecation. Patch: other wording.
    """
    items = [item for item in difference.items if item.section in ("terms", "axioms")]
    new = {item.name for item in items if item.section == "terms" and item.status == "added"}
    gone = {item.name for item in items if item.section == "terms" and item.status == "removed"}
    found = [reason for item in items for reason in _reasons(item, new, gone, _pairs(items))]
    if not found:
        return None
    level = max((level for level, _ in found), key=_LEVELS.index)
    return Hint(level, tuple(dict.fromkeys(reason for each, reason in found if each == level)))


def _reasons(item: Item, new: set[str], gone: set[str], pairs: set[frozenset[str]]) -> Iterator[tuple[str, str]]:
    if item.section == "axioms":
        if item.name.startswith("Disjoint"):
            if any(pair <= item.about and not pair & (new | gone) for pair in pairs):
                yield "major", f"disjointness {item.status}: {', '.join(sorted(item.about))}"
        elif not item.about & (new | gone):
            yield "major", f"axiom {item.status}: {item.name}"
        return
    if item.status == "renamed":
        yield "major", f"term renamed: {item.was} → {item.name}"
    elif item.status == "removed":
        yield "major", f"term removed: {item.name}"
    elif item.status == "added":
        yield "minor", f"new term: {item.name}"
    else:
        for change in item.changes:
            if change.property == "a":
                yield "major", f"type changed: {item.name}"
            elif change.property == "owl:deprecated":
                yield "minor", f"deprecation: {item.name}"
            elif change.retagged:
                yield "major", f"other languages: {item.name} {change.property}"
            else:
                yield "patch", f"wording: {item.name} {change.property}"


def _pairs(items: list[Item]) -> set[frozenset[str]]:
    """The pairs of terms that the disjointness axioms of one side make disjoint, and those of the other do not."""
    sides: dict[str, set[frozenset[str]]] = {"added": set(), "removed": set()}
    for item in items:
        if item.section == "axioms" and item.name.startswith("Disjoint"):
            sides[item.status] |= {frozenset((one, other)) for one in item.about for other in item.about if one < other}
    return sides["added"] ^ sides["removed"]
