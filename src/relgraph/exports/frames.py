"""The frames of relgraph, made from the ontology: which trees JSON-LD shows, and of what.

A fact holds its times and its claims; a claim holds its passages and what it says; a document holds its sections, these
their passages, these the claims that they are evidence of. Agents, places, other facts and concepts are named, not held.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from relgraph import ontology
from relgraph.errors import Problem, UsageError, raise_if_any
from relgraph.exports import context as contexts
from relgraph.exports.compacting import Compaction
from relgraph.exports.context import ADDRESS, PREFIXES, Context, rendered
from relgraph.ontology import Schema

_NAMED: Final = {"@embed": "@never", "@omitDefault": True}
_HELD: Final = {"@embed": "@always", "@omitDefault": True}
#: The frames by name, with the class whose instances are the roots of the trees.
ROOTS: Final = {"document": "Document", "event": "Event", "membership": "Membership", "relation": "Relation"}


@dataclass(frozen=True)
class Frame:
    """A frame as it is followed.

    types: IRIs of classes, one of which a node must have; empty: any class; None: no class is asked for;
    held: whether a node stands where it is a value, else only its IRI does; properties: by IRI;
    reverse: key, IRI of the property, and frame of the nodes that have the framed one as its value.
    """

    types: frozenset[str] | None
    held: bool
    properties: Mapping[str, Frame]
    reverse: tuple[tuple[str, str, Frame], ...]

    def takes(self, types: frozenset[str]) -> bool:
        """Whether a node of these classes matches."""
        return self.types is None or bool(types & self.types if self.types else types)

    def referring(self) -> set[str]:
        """The IRIs of the properties by which it asks what refers to a node, at any depth."""
        below = [*self.properties.values(), *(frame for _, _, frame in self.reverse)]
        return {iri for _, iri, _ in self.reverse}.union(*(frame.referring() for frame in below))


def frames(schema: Schema) -> dict[str, dict[str, Any]]:
    """The frames by name, as they are published."""
    span = {"@type": "TextSpan", **_HELD, **_references(schema, "TextSpan")}
    content = {"@type": {}, **_HELD, **_references(schema, "Fact"), **_times(schema, "Fact")}
    claim = {"@type": "Claim", **_HELD, **_references(schema, "Claim"), "context": span, "evidence": span, "says": content}
    passage = {**span, "evidenceOf": {**claim, "evidence": _NAMED}}
    section = {"@type": "Section", **_HELD, **_references(schema, "Section"), "passages": passage}
    below = {"document": {"sections": section}}
    found = {}
    for name, root in ROOTS.items():
        types = sorted(kind for kind in schema.superclasses if schema.is_a(kind, root))
        found[name] = {
            "@context": ADDRESS,
            "@type": types if len(types) > 1 else root,
            "@embed": "@never",
            **_times(schema, root),
            **below.get(name, {"claims": claim}),
        }
    return found


def of_folder(folder: Path) -> dict[str, dict[str, Any]]:
    """The frames of an ontology folder. Raises InputError when its files cannot be read."""
    problems: list[Problem] = []
    loaded = ontology.load(folder, problems)
    raise_if_any(problems)
    return frames(loaded.schema)


def read(frame: Mapping[str, Any], context: Context, place: str = "the frame") -> Frame:
    """A frame of JSON-LD as it is followed; what its `@context` says is passed over, its names are those of the context.

    Understood are `@type`, `@embed` (`@always` or `@never`, always given), `@omitDefault` (true) and terms, forward and
    reverse; a frame that lists terms has a `@type`. Raises UsageError for anything else. place: for the message.
    """
    compaction = Compaction(context)
    properties: dict[str, Frame] = {}
    reverse: list[tuple[str, str, Frame]] = []
    for key, value in frame.items():
        if key in ("@context", "@type", "@embed", "@omitDefault"):
            continue
        entry = context.get(key)
        if not isinstance(entry, Mapping) or not isinstance(value, Mapping):
            raise UsageError(f"{place}: {key} is no term with a frame of its own. Use the terms of {ADDRESS}")
        below = read(value, context, f"{place}, {key}")
        if "@reverse" in entry:
            reverse.append((key, _iri(entry["@reverse"]), below))
        elif value.get("@omitDefault") is not True:
            raise UsageError(f'{place}, {key}: missing values would be written as null. Add "@omitDefault": true')
        else:
            properties[_iri(entry["@id"])] = below
    if frame.get("@embed") not in ("@always", "@never"):
        raise UsageError(f'{place}: it does not say what is embedded. Add "@embed": "@always" or "@never"')
    types = _types(frame, compaction, place)
    if types is None and (properties or reverse):
        raise UsageError(f'{place}: it lists terms and no classes. Add "@type", or "@type": {{}} for any')
    return Frame(types, frame["@embed"] == "@always", properties, tuple(sorted(reverse, key=lambda entry: entry[0])))


def _types(frame: Mapping[str, Any], compaction: Compaction, place: str) -> frozenset[str] | None:
    given = frame.get("@type")
    if given is None:
        return None
    if given == {}:
        return frozenset()
    names = given if isinstance(given, list) else [given]
    by_name = {name: iri for iri, name in compaction.names.items()}
    for name in names:
        if not isinstance(name, str) or not name or (name not in by_name and ":" not in name):
            raise UsageError(f"{place}: {name!r} is no class. Use the terms of {ADDRESS}, or IRIs")
    return frozenset(by_name.get(name) or _iri(name) for name in names)


def _iri(compact: str) -> str:
    prefix, _, rest = compact.partition(":")
    return PREFIXES[prefix] + rest if prefix in PREFIXES else compact


def _references(schema: Schema, name: str) -> dict[str, Any]:
    """What instances of a class, and of those above and below it, may have as values: each only named."""
    return {
        prop.name: _NAMED
        for prop in sorted(schema.properties.values(), key=lambda prop: prop.name)
        if prop.is_object and any(schema.is_a(c, name) or schema.is_a(name, c) for c in prop.classes)
    }


def _times(schema: Schema, name: str) -> dict[str, Any]:
    """The properties of a class, and of those above and below it, whose values are time spans: each held."""
    return {key: _HELD for key in _references(schema, name) if schema.properties[key].range == "TimeSpan"}


if __name__ == "__main__":
    target = Path(sys.argv[1])
    (target / "context.jsonld").write_bytes(rendered({"@context": contexts.of_folder(target)}))
    (target / "frames").mkdir(exist_ok=True)
    for name, frame in of_folder(target).items():
        (target / "frames" / f"{name}.json").write_bytes(rendered(frame))
