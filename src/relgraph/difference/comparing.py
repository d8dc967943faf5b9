"""The difference of two sides: at the level of triples, and as people look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Quad

from relgraph.difference.canonical import Canonical
from relgraph.difference.describing import SECTIONS, Description, Entry, describe, fact_classes
from relgraph.difference.notation import language, short
from relgraph.difference.sources import Side
from relgraph.headers import has_header, without_header
from relgraph.vocabulary import DCTERMS, INFERRED

#: What happened to a thing between A and B.
STATUSES: Final = ("added", "removed", "changed", "renamed")
_REPLACES = NamedNode(DCTERMS + "replaces")
#: What the build writes by template, and tells again what other properties say.
_WORDING = {"skos:prefLabel", "rg:gloss"}
_WORDED = ("facts", "claims", "times")


@dataclass(frozen=True)
class Change:
    """Values of one property that are only in A (removed) or only in B (added), as text, sorted.

    retagged: the languages of all its values differ between A and B, and there are values on both sides.
    """

    property: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    retagged: bool = False


@dataclass(frozen=True)
class Item:
    """One thing that differs.

    name: short IRI, text of an axiom, name of a file; iri: in full ("" where it has none); was: its short name in A, where
    it is renamed; label: by language; changes: by property, for an added or removed thing all that is said of it;
    wording: only what the build words by template differs; about: for an axiom, the terms that it is about.
    """

    section: str
    status: str
    name: str
    iri: str
    was: str
    label: Mapping[str, str]
    changes: tuple[Change, ...]
    wording: bool = False
    about: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Difference:
    """What differs between a and b.

    items: in the order of sections and names; removed, added: the quads only in a, only in b, with stable labels of blank
    nodes, so that (a.data.quads - removed) | added is b.data.quads; labels: of everything, by short name and language.
    """

    a: Side
    b: Side
    items: tuple[Item, ...]
    removed: frozenset[Quad]
    added: frozenset[Quad]
    labels: Mapping[str, Mapping[str, str]]
    notes: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """True when the datasets are isomorphic, and shapes, checks and files are equal where both sides have them."""
        shapes = [side.shapes.hash for side in (self.a, self.b) if side.shapes is not None]
        return not (self.removed or self.added or self.items) and not (len(shapes) == 2 and shapes[0] != shapes[1])

    def count(self, section: str) -> Counter[str]:
        """How many things of a section were added, removed, changed, renamed."""
        return Counter(item.status for item in self.items if item.section == section)

    @property
    def inferred(self) -> tuple[int, int]:
        """How many inferred triples are only in a, and only in b."""
        removed, added = (sum(q.graph_name == INFERRED for q in quads) for quads in (self.removed, self.added))
        return removed, added


def compare(a: Side, b: Side) -> Difference:
    """Compares two sides."""
    names = _renamed(a.data.quads, b.data.quads)
    facts = fact_classes([*a.data.quads, *b.data.quads])
    was = {short(new.value): short(old.value) for old, new in names.items()}
    parts = [_described(a.data, b.data, names, facts, "")]
    if a.shapes is not None and b.shapes is not None:
        parts.append(_described(a.shapes, b.shapes, names, facts, "shapes"))
    items = [item for pair in parts for item in _items(*pair, was)]
    items += _texts("checks", _checks(a), _checks(b))
    items += _texts("files", *_files(a, b))
    items.sort(key=lambda item: (SECTIONS.index(item.section), item.name))
    labels: dict[str, Mapping[str, str]] = {}
    for pair in parts:
        for description in pair:
            labels.update(description.labels)
    return Difference(a, b, tuple(items), a.data.quads - b.data.quads, b.data.quads - a.data.quads, labels, tuple(_notes(a, b)))


def _described(
    a: Canonical, b: Canonical, names: Mapping[NamedNode, NamedNode], facts: frozenset[NamedNode], everything: str
) -> tuple[Description, Description]:
    before, after = _replaced(a.quads, names), b.quads
    differing = before ^ after
    if not differing:
        return Description({}, {}), Description({}, {})
    return describe(before, facts, differing, everything), describe(after, facts, differing, everything)


def _items(before: Description, after: Description, was: Mapping[str, str]) -> Iterator[Item]:
    for section in SECTIONS:
        old, new = (side.entries.get(section, {}) for side in (before, after))
        for name in old.keys() | new.keys():
            one, other = old.get(name), new.get(name)
            former = was.get(name, "") if section != "inferred" else ""
            changes = tuple(_changes(one, other, former and name))
            entry = other or one
            assert entry is not None
            if one and other and not changes and not former:
                continue
            status = "renamed" if former and one and other else "added" if not one else "removed" if not other else "changed"
            wording = False
            if status == "changed" and section in _WORDED:
                telling = tuple(change for change in changes if change.property not in _WORDING)
                wording, changes = not telling, telling or changes
            label = after.labels.get(name) or before.labels.get(name, {})
            yield Item(section, status, name, entry.iri, former, label, changes, wording, entry.about)


def _changes(one: Entry | None, other: Entry | None, renamed: str) -> Iterator[Change]:
    """The changes by property; renamed: the thing's own name, where it replaces another, which is told as a renaming."""
    old, new = (entry.values if entry else {} for entry in (one, other))
    for name in sorted(old.keys() | new.keys()):
        if renamed and name == "dcterms:replaces":
            continue
        before, after = old.get(name, set()), new.get(name, set())
        if before != after:
            retagged = bool(before and after) and set(map(language, before)) != set(map(language, after))
            yield Change(name, tuple(sorted(before - after)), tuple(sorted(after - before)), retagged)


def _renamed(a: frozenset[Quad], b: frozenset[Quad]) -> dict[NamedNode, NamedNode]:
    """The new IRI by the old one, where a side records that it replaces it; in the direction from a to b.

    Only one to one, and where each is described on one side alone.
    """
    in_a, in_b = ({quad.subject for quad in quads} for quads in (a, b))
    pairs: list[tuple[NamedNode, NamedNode]] = []
    for quad in a ^ b:
        if quad.predicate == _REPLACES and isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            pairs.append((quad.object, quad.subject) if quad in b else (quad.subject, quad.object))
    found = {pair for pair in pairs if pair[0] in in_a - in_b and pair[1] in in_b - in_a}
    olds, news = Counter(old for old, _ in found), Counter(new for _, new in found)
    return {old: new for old, new in found if olds[old] == news[new] == 1}


def _replaced(quads: frozenset[Quad], names: Mapping[NamedNode, NamedNode]) -> frozenset[Quad]:
    if not names:
        return quads
    terms: dict[object, object] = dict(names.items())
    return frozenset(Quad(*(terms.get(term, term) for term in quad)) for quad in quads)  # type: ignore[arg-type]


def _checks(side: Side) -> dict[str, dict[str, set[str]]] | None:
    """The whole-graph checks: lines of the header, and of the query, and whether the file is the same to the byte."""
    if side.checks is None:
        return None
    return {name: _lines(text) for name, text in side.checks.items()}


def _lines(text: str) -> dict[str, set[str]]:
    header = [line.removeprefix("#+").strip() for line in text.splitlines() if line.startswith("#+")] if has_header(text) else []
    query = without_header(text)
    return {
        "header": set(filter(None, header)),
        "query": set(filter(None, map(str.strip, query.splitlines()))),
        "order and layout": {text},
    }


def _files(a: Side, b: Side) -> tuple[dict[str, dict[str, set[str]]] | None, dict[str, dict[str, set[str]]] | None]:
    """The files that belong to the ontology and are told by their hash: those that are not told by their content."""
    told = a.shapes is not None and b.shapes is not None

    def of(side: Side) -> dict[str, dict[str, set[str]]] | None:
        if side.files is None:
            return None
        return {
            path: {"sha256": {digest}}
            for path, digest in side.files.items()
            if not (told and path.endswith((".ttl", ".rq")) and "alignments" not in path)
        }

    return of(a), of(b)


def _texts(
    section: str, a: Mapping[str, Mapping[str, set[str]]] | None, b: Mapping[str, Mapping[str, set[str]]] | None
) -> Iterator[Item]:
    if a is None or b is None:
        return
    for name in sorted(a.keys() | b.keys()):
        one, other = (Entry("", dict(side[name])) if name in side else None for side in (a, b))
        changes = list(_changes(one, other, ""))
        if not changes:
            continue
        telling = [change for change in changes if change.property != "order and layout"]
        status = "added" if one is None else "removed" if other is None else "changed"
        yield Item(section, status, name, "", "", {}, tuple(telling), wording=not telling)


def _notes(a: Side, b: Side) -> Iterator[str]:
    for note in dict.fromkeys((*a.notes, *b.notes)):
        yield f"{' and '.join(side.name for side in (a, b) if note in side.notes)}: {note}"
    for side, other in ((a, b), (b, a)):
        if side.shapes is None and other.shapes is not None:
            by_hash = "by the hashes of their files" if side.files is not None else "not at all"
            yield f"{side.name} carries no shapes and checks; they are compared {by_hash}"
