"""A difference as text and JSON. What comes out depends on the two datasets and nothing else."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from relgraph.difference.comparing import STATUSES, Change, Difference, Item
from relgraph.difference.describing import SECTIONS
from relgraph.difference.excerpts import FORM, SHOWN, cut, graphs, kinds, label, named, paired, table, why, worded
from relgraph.difference.sources import Side
from relgraph.difference.versioning import hint

MARKS: Final = {"added": "+", "removed": "-", "changed": "~", "renamed": ">"}
#: Sections of which only the counts are told unless they are asked for: their things are told with others.
COUNTED: Final = ("times", "spans", "inferred")


@dataclass(frozen=True)
class View:
    """How to tell: language of labels, sections (in the order of SECTIONS; those in COUNTED are then listed)."""

    language: str = "en"
    sections: tuple[str, ...] = tuple(name for name in SECTIONS if name not in COUNTED)
    counted: tuple[str, ...] = COUNTED


def view(language: str, only: Collection[str], inferred: bool) -> View:
    """The view that options ask for: only some sections, or all with the inferred triples listed or not."""
    if only:
        return View(language, tuple(name for name in SECTIONS if name in only), ())
    listed = tuple(name for name in SECTIONS if name not in COUNTED or (inferred and name == "inferred"))
    return View(language, listed, tuple(name for name in COUNTED if name not in listed))


def differs(difference: Difference, seen: View) -> bool:
    """True when something differs in the sections of a view, or at all where the view is of everything."""
    if seen.counted or len(seen.sections) == len(SECTIONS):
        return not difference.equal
    return any(item.section in seen.sections for item in difference.items)


def equality(seen: View) -> str:
    """What is said where nothing differs."""
    return "Equal." if seen.counted or len(seen.sections) == len(SECTIONS) else f"Equal in {', '.join(seen.sections)}."


def text(difference: Difference, seen: View) -> str:
    """Plain text: what was compared, counts, and each thing with a mark before it (MARKS)."""
    lines = [f"{name}  {_side(side)}" for name, side in (("A", difference.a), ("B", difference.b))]
    lines += [f"Note: {note}" for note in difference.notes]
    if not differs(difference, seen):
        return "\n".join([*lines, equality(seen)]) + "\n"
    lines += ["", *(f"graph {name}: {told}" for name, told in graphs(difference))]
    rows = table(difference, (*seen.sections, *seen.counted))
    if rows:
        lines += ["", f"{'':10}" + "".join(f"{status:>9}" for status in STATUSES)]
        lines += [f"{name:10}" + "".join(f"{number or '·':>9}" for number in numbers) for name, numbers in rows]
    else:
        lines += ["", FORM]
    advice = hint(difference)
    if advice and {"terms", "axioms"} & set(seen.sections):
        lines += ["", f"ontology: the differences call for a {advice.level} version", *(f"  {reason}" for reason in why(advice))]
    for section in seen.sections:
        items = [item for item in difference.items if item.section == section]
        if items:
            lines += ["", f"{section}"]
            lines += [f"  {line}" for item in items if not item.wording for line in _text_item(item, difference, seen)]
            lines += [f"  ~ {number}" for number in worded(items)]
    return "\n".join(lines) + "\n"


def as_json(difference: Difference, seen: View) -> str:
    """JSON with everything that is known of each thing; for things added or removed, all that is said of them."""
    advice = hint(difference)
    content = {
        "equal": difference.equal,
        "a": _side_record(difference.a),
        "b": _side_record(difference.b),
        "notes": list(difference.notes),
        "triples": {"removed": len(difference.removed), "added": len(difference.added)},
        "inferred": dict(zip(("removed", "added"), difference.inferred, strict=True)),
        "counts": {name: dict(sorted(difference.count(name).items())) for name in SECTIONS if difference.count(name)},
        "ontology": {"version": advice.level, "reasons": list(advice.reasons)} if advice else None,
        "sections": {name: [_record(i) for i in difference.items if i.section == name] for name in seen.sections},
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _side(side: Side) -> str:
    identity = f" {side.id[:12]}" if side.id else ""
    return f"{side.name} ({side.kind}{identity}), {len(side.data.quads)} triples, RDFC-1.0 sha256 {side.data.hash}"


def _text_item(item: Item, difference: Difference, seen: View) -> Iterator[str]:
    head = f"{MARKS[item.status]} {f'{item.was} → ' if item.was else ''}{item.name}"
    yield head + label(item.label, seen.language) + kinds(item)
    if item.status in ("changed", "renamed"):
        for change in item.changes:
            yield from _text_change(change, difference, seen.language)


def _text_change(change: Change, difference: Difference, lang: str) -> Iterator[str]:
    for removed, added in paired(change):
        old, new = cut(removed, added)
        old, new = (shown + named(value, difference, lang) for shown, value in ((old, removed), (new, added)))
        if removed and added and len(old) + len(new) < SHOWN // 2:
            yield f"    {change.property}: {old} → {new}"
            continue
        if removed:
            yield f"    {change.property}: - {old}"
        if added:
            yield f"    {change.property}: + {new}"


def _side_record(side: Side) -> dict[str, object]:
    return {
        "name": side.name,
        "kind": side.kind,
        "id": side.id,
        "triples": len(side.data.quads),
        "sha256": side.data.hash,
        "graphs": dict(sorted(side.data.graphs.items())),
        "shapes": side.shapes.hash if side.shapes is not None else None,
    }


def _record(item: Item) -> dict[str, object]:
    return {
        "status": item.status,
        "name": item.name,
        "iri": item.iri or None,
        "was": item.was or None,
        "label": dict(sorted(item.label.items())),
        "wordingOnly": item.wording,
        "changes": [{"property": c.property, "removed": list(c.removed), "added": list(c.added)} for c in item.changes],
    }
