"""What text and Markdown tell of a difference alike: counts, hashes, labels, and values short enough to be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from relgraph.difference.comparing import STATUSES, Change, Difference, Item
from relgraph.difference.describing import SECTIONS
from relgraph.difference.notation import language, short
from relgraph.difference.versioning import Hint
from relgraph.vocabulary import ID, ONTOLOGY_GRAPH

#: Told where triples differ and nothing that people look at.
FORM: Final = "Only the form differs, such as the order of lists that OWL reads as sets, or an axiom that is stated twice."
#: So many characters of a value are shown, so many before the first one that differs, and so many of a label.
SHOWN: Final = 160
_BEFORE, _LABEL = 30, 100
_REASONS = 12


def table(difference: Difference, sections: Iterable[str]) -> list[tuple[str, list[int]]]:
    """The sections in which something differs, with the number of things by status (in the order of STATUSES)."""
    chosen = set(sections)
    names = [name for name in SECTIONS if name in chosen]
    counts = {name: difference.count(name) for name in names}
    return [(name, [counts[name][status] for status in STATUSES]) for name in names if counts[name]]


def graphs(difference: Difference) -> list[tuple[str, str]]:
    """The graphs and whether they are equal, by hash; the shapes with them where both sides have them."""
    sides = [dict(side.data.graphs) for side in (difference.a, difference.b)]
    if difference.a.shapes is not None and difference.b.shapes is not None:
        sides[0]["shapes"], sides[1]["shapes"] = difference.a.shapes.hash, difference.b.shapes.hash
    names = sorted({name for side in sides for name in side})
    pairs = [(name, *(side.get(name, "") for side in sides)) for name in names]
    return [(_graph(name), "equal" if a == b else f"{a[:12] or 'none'} ≠ {b[:12] or 'none'}") for name, a, b in pairs]


def _graph(iri: str) -> str:
    """A graph of relgraph by its last name, another one by its IRI."""
    if iri == ONTOLOGY_GRAPH.value:
        return "ontology"
    return iri.removeprefix(f"{ID}graph/") if iri.startswith(f"{ID}graph/") else short(iri) if ":" in iri else iri or "default"


def why(advice: Hint) -> list[str]:
    """The reasons for a step of the ontology's version, the first of them where there are many."""
    left = len(advice.reasons) - _REASONS
    return [*advice.reasons[:_REASONS], *([f"and {left} more"] if left > 0 else [])]


def worded(items: list[Item]) -> list[str]:
    """A line on the things of a section that are not listed, as only their wording or layout differs."""
    number = sum(item.wording for item in items)
    what = "layout" if items and items[0].section == "checks" else "wording that the build makes"
    return [f"{number} more, of which only the {what} differs"] if number else []


def paired(change: Change) -> Iterator[tuple[str, str]]:
    """Old and new values side by side, where one of each is left in a language; "" stands for none."""
    for tag in sorted({language(value) for value in (*change.removed, *change.added)}):
        old, new = ([value for value in values if language(value) == tag] for values in (change.removed, change.added))
        if len(old) == len(new) == 1:
            yield old[0], new[0]
        else:
            yield from ((value, "") for value in old)
            yield from (("", value) for value in new)


def cut(old: str, new: str) -> tuple[str, str]:
    """Two values short enough to be shown, from shortly before where they begin to differ."""
    if max(len(old), len(new)) <= SHOWN:
        return old, new
    start = max(0, _common(old, new) - _BEFORE) if old and new else 0
    return _shortened(old, start), _shortened(new, start)


def _shortened(value: str, start: int) -> str:
    ending = "…" if len(value) > start + SHOWN else ""
    return ("…" if start else "") + value[start : start + SHOWN] + ending


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def label(labels: Mapping[str, str], lang: str) -> str:
    """A label to stand behind a name, in quotation marks; "" where there is none."""
    for wanted in (lang, "", "en", *sorted(labels)):
        if wanted in labels:
            text = " ".join(labels[wanted].split())
            return f" “{text if len(text) <= _LABEL else text[: _LABEL - 1].rstrip() + '…'}”"
    return ""


def named(value: str, difference: Difference, lang: str) -> str:
    """The label of what a value is, where it is something with a label of its own."""
    return label(difference.labels.get(value, {}), lang)


def kinds(item: Item) -> str:
    """The types of a thing that was added or removed, where they tell more than the section does."""
    if item.section == "claims" or item.status not in ("added", "removed"):
        return ""
    types = [value for change in item.changes if change.property == "a" for value in (*change.removed, *change.added)]
    return f" ({', '.join(types)})" if types else ""
