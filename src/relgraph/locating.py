"""Where findings come from: file and line of the decision or the triple at fault, and the passages of the documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pyoxigraph import NamedNode, Quad

from relgraph.datafiles import DataFile
from relgraph.findings import Finding, Passage, Place
from relgraph.vocabulary import ID, rg

_DOCUMENT: Final = ID + "document/"


def located(
    findings: Sequence[Finding], files: Callable[[], Sequence[DataFile]], places: Mapping[str, str], quads: Iterable[Quad] = ()
) -> tuple[Finding, ...]:
    """The findings with their places, where these can be found; a place that a finding has already stays.

    files: gives the RDF files to look in, called only when a finding has no place in `places` (file:line by IRI). The
    best line is that of the triple of focus, path and value, then of focus and path, then of the focus as subject, as
    object. What only refers to something in `places` (a time span, a section) takes its place; quads: where to see that.
    """
    done = [finding if finding.place else replace(finding, place=_decided(finding, places)) for finding in findings]
    if any(finding.place is None for finding in done):
        lines = _Lines(files(), done)
        done = [finding if finding.place else replace(finding, place=lines.place(finding)) for finding in done]
    if any(finding.place is None for finding in done) and places:
        open_nodes = {node for finding in done if finding.place is None for node in _nodes(finding)}
        users: dict[object, str] = {}
        for quad in quads:
            if quad.object in open_nodes and isinstance(quad.subject, NamedNode) and quad.subject.value in places:
                users[quad.object] = min(users.get(quad.object, quad.subject.value), quad.subject.value)
        near = {node: places[user] for node, user in users.items()}
        done = [
            finding if finding.place else replace(finding, place=_first(near[node] for node in _nodes(finding) if node in near))
            for finding in done
        ]
    return tuple(done)


def with_passages(findings: Sequence[Finding], quads: Iterable[Quad], texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings with the passages that they rest on: the evidence of the claims that state or are what is at fault.

    texts: the documents at hand by id; the words of a passage are given where its document is among them.
    """
    about, says, evidence = rg("about"), rg("says"), rg("evidence")
    claims: dict[object, list[object]] = {}
    spans_of: dict[object, list[object]] = {}
    values: dict[tuple[object, str], object] = {}
    names = {rg(name): name for name in ("document", "charStart", "charEnd", "line")}
    for quad in quads if findings else ():
        if quad.predicate == about or quad.predicate == says:
            claims.setdefault(quad.object, []).append(quad.subject)
        elif quad.predicate == evidence:
            spans_of.setdefault(quad.subject, []).append(quad.object)
        elif quad.predicate in names:
            values[quad.subject, names[quad.predicate]] = quad.object

    def passages(finding: Finding) -> tuple[Passage, ...]:
        nodes = [node for node in _nodes(finding) for node in (node, *claims.get(node, ()))]
        spans = [span for node in nodes for span in (node, *spans_of.get(node, ()))]
        found = {passage for span in spans if (passage := _passage(span, values))}
        return tuple(sorted(found, key=lambda one: (one.document, one.start, one.end)))

    def worded(passage: Passage) -> Passage:
        text = texts.get(passage.document) if passage.text is None else None
        return passage if text is None else replace(passage, text=text[passage.start : passage.end])

    return tuple(replace(one, passages=tuple(map(worded, one.passages or passages(one)))) for one in findings)


def _passage(span: object, values: Mapping[tuple[object, str], object]) -> Passage | None:
    document, start, end, line = (
        getattr(values.get((span, name)), "value", "") for name in ("document", "charStart", "charEnd", "line")
    )
    if not document or not all(re.fullmatch(r"\d{1,18}", number) for number in (start, end, line)):
        return None
    return Passage(document.removeprefix(_DOCUMENT), int(start), int(end), int(line))


class _Lines:
    """The lines of what findings are about, in the files that were read."""

    def __init__(self, files: Sequence[DataFile], findings: Iterable[Finding]) -> None:
        wanted = {node for finding in findings if finding.place is None for node in _nodes(finding)}
        self._places: dict[tuple[object, ...], Place] = {}
        for file in files:
            if not any(quad.subject in wanted or quad.object in wanted for quad in file.quads):
                continue
            for quad, line in zip(file.quads, file.lines(), strict=False):
                if quad.subject in wanted or quad.object in wanted:
                    place = Place(file.name, line)
                    s, p, o = quad.subject, quad.predicate.value, quad.object
                    for key in ((s, p, o), (s, p), (s,), ("object", o)):
                        self._places.setdefault(key, place)

    def place(self, finding: Finding) -> Place | None:
        """The place that comes closest to what is at fault."""
        keys: list[tuple[object, ...]] = [(t.subject, t.predicate.value, t.object) for t in finding.statements]
        focus, path, value = finding.focus, finding.path.strip("<>"), finding.value
        keys += [(value, path[1:].strip("<>"), focus)] if path.startswith("^") else [(focus, path, value), (focus, path)]
        for node in _nodes(finding):
            keys += [(node,), ("object", node)]
        return next((self._places[key] for key in keys if key in self._places), None)


def _nodes(finding: Finding) -> list[object]:
    """What a finding is about: its focus, then the subjects of the statements that contradict each other."""
    return [finding.focus, *(triple.subject for triple in finding.statements)]


def _decided(finding: Finding, places: Mapping[str, str]) -> Place | None:
    return _first(places[node.value] for node in _nodes(finding) if isinstance(node, NamedNode) and node.value in places)


def _first(places: Iterable[str]) -> Place | None:
    for place in places:
        file, _, line = place.rpartition(":")
        return Place(file, int(line))
    return None
