"""Canonical form: the RDFC-1.0 hash of a dataset and of its graphs, and labels of blank nodes that do not depend on the file.

A label is made from the blank nodes that hang together and all that is said of them, so that a change in one place
leaves the labels elsewhere as they are. The labels of RDFC-1.0 itself are numbered through the dataset and do not.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Dataset, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from relgraph import rdf
from relgraph.difference import canonizer
from relgraph.errors import InputError, Problem

#: What a term of RDF 1.2 may be.
Term = NamedNode | BlankNode | Literal | Triple

#: Limits of the process that handles blank nodes which look alike: seconds, bytes of address space.
SECONDS: Final = 10
_BYTES: Final = 2 << 30
#: Up to so many blank nodes that hang together are handled without a process: where all differ, and where some look alike.
_FEW, _ALIKE = 50, 5
#: Up to so many groups of the latter kind.
_GROUPS = 20


@dataclass(frozen=True)
class Canonical:
    """A dataset with labels of blank nodes that depend on nothing but its content.

    quads: two datasets are isomorphic exactly where these are equal; hash: SHA-256 (hex) of the canonical N-Quads
    (RDFC-1.0); graphs: the same for each graph by its IRI ("" is the default graph), as if it stood alone in a file.
    """

    quads: frozenset[Quad]
    hash: str
    graphs: Mapping[str, str]


def canonical(quads: Iterable[Quad], name: str, seconds: int = SECONDS) -> Canonical:
    """Puts quads in canonical form. name: of the dataset, for the message.

    Raises InputError when the blank nodes are so alike that this would not end within the limits.
    """
    every = set(quads)
    blank = {quad for quad in every if _has_blank_nodes(quad)}
    groups = _groups(blank)
    graphs: dict[str, list[Triple]] = defaultdict(list)
    apart: dict[str, set[Quad]] = {"": set()}
    for quad in every:
        graph = quad.graph_name
        if isinstance(graph, BlankNode):
            continue
        name_ = "" if isinstance(graph, DefaultGraph) else graph.value
        if quad in blank:
            apart.setdefault(name_, set()).add(Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()))
        else:
            graphs[name_].append(quad.triple)
    forms = iter(_forms([*groups, blank, *apart.values()], _is_easy(groups), name, seconds))
    parts = [next(forms) for _ in groups]
    return Canonical(
        quads=frozenset((every - blank).union(_labelled(parts))),
        hash=_hash(rdf.serialized(every - blank, RdfFormat.N_QUADS), next(forms)),
        graphs=_hashes(graphs, {graph: next(forms) for graph in apart}),
    )


def relabelled(quads: Iterable[Quad], rename: Callable[[str], str]) -> Iterator[Quad]:
    """The quads with every label of a blank node replaced by what is made of it."""

    def term(given: Term) -> Term:
        if isinstance(given, BlankNode):
            return BlankNode(rename(given.value))
        if isinstance(given, Triple):
            return Triple(term(given.subject), given.predicate, term(given.object))  # type: ignore[arg-type]
        return given

    for quad in quads:
        if not _has_blank_nodes(quad):
            yield quad
            continue
        graph = BlankNode(rename(quad.graph_name.value)) if isinstance(quad.graph_name, BlankNode) else quad.graph_name
        yield Quad(term(quad.subject), quad.predicate, term(quad.object), graph)  # type: ignore[arg-type]


def _labelled(forms: Iterable[str]) -> Iterator[Quad]:
    """The quads of canonical groups, each label made of the group's hash; groups that are equal are numbered."""
    for form, count in sorted(Counter(forms).items()):
        digest = hashlib.sha256(form.encode()).hexdigest()[:16]
        quads = list(parse(input=form, format=RdfFormat.N_QUADS))
        for copy in range(count):
            ending = f"x{copy + 1}" if copy else ""
            yield from relabelled(quads, lambda label, d=digest, e=ending: f"b{d}{label.removeprefix('c14')}{e}")  # type: ignore[misc]


def _forms(datasets: Sequence[set[Quad]], plain: bool, name: str, seconds: int) -> list[str]:
    """Canonical N-Quads of each dataset."""
    if plain:
        return [canonizer.canonical(Dataset(dataset)) if dataset else "" for dataset in datasets]
    texts = [rdf.serialized(dataset, RdfFormat.N_QUADS).decode() for dataset in datasets]
    task = json.dumps({"seconds": seconds, "bytes": _BYTES, "datasets": texts})
    command = [sys.executable, "-P", str(Path(canonizer.__file__))]
    try:
        done = subprocess.run(command, input=task, capture_output=True, text=True, encoding="utf-8", timeout=seconds * 3)
        if done.returncode == 0:
            return list(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        pass
    what = f"its blank nodes are so alike that they cannot be told apart within {seconds} s and {_BYTES >> 30} GB (RDFC-1.0)"
    raise InputError([Problem(name, what, "Give them IRIs, or compare the graphs that have none")])


def _hashes(graphs: Mapping[str, list[Triple]], forms: Mapping[str, str]) -> dict[str, str]:
    """The hash of each graph that holds something: its triples without blank nodes, and the canonical form of the rest."""
    found = {}
    for name in sorted(graphs.keys() | forms.keys()):
        ground, form = graphs.get(name, []), forms.get(name, "")
        if ground or form:
            found[name] = _hash(rdf.serialized(ground, RdfFormat.N_TRIPLES), form)
    return found


def _hash(ground: bytes, form: str) -> str:
    lines = [*ground.splitlines(keepends=True), *form.encode().splitlines(keepends=True)]
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()


def _has_blank_nodes(quad: Quad) -> bool:
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode) or isinstance(quad.graph_name, BlankNode):
        return True
    return isinstance(quad.object, Triple) and any(_blank_nodes(quad.object))


def _blank_nodes(statement: Quad | Triple) -> Iterator[BlankNode]:
    for term in (statement.subject, statement.object, getattr(statement, "graph_name", None)):
        if isinstance(term, BlankNode):
            yield term
        elif isinstance(term, Triple):
            yield from _blank_nodes(term)


def _groups(quads: Iterable[Quad]) -> list[set[Quad]]:
    """The quads by the blank nodes in them: two share a group when a chain of shared blank nodes leads between them."""
    parent: dict[BlankNode, BlankNode] = {}

    def root(node: BlankNode) -> BlankNode:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    firsts: list[tuple[Quad, BlankNode]] = []
    for quad in quads:
        first, *others = _blank_nodes(quad)
        firsts.append((quad, first))
        for other in others:
            parent[root(other)] = root(first)
    groups: dict[BlankNode, set[Quad]] = defaultdict(set)
    for quad, first in firsts:
        groups[root(first)].add(quad)
    return list(groups.values())


def _is_easy(groups: Iterable[set[Quad]]) -> bool:
    """True when RDFC-1.0 takes little time: blank nodes that hang together are few and differ, or are very few."""
    sizes = [len({node for quad in group for node in _blank_nodes(quad)}) for group in groups if not _is_plain(group)]
    return len(sizes) <= _GROUPS and all(size <= _ALIKE for size in sizes)


def _is_plain(group: set[Quad]) -> bool:
    """True when the blank nodes of a group are few, and each differs from the others in what is said of it at once.

    RDFC-1.0 has then one way to go at each step; otherwise it may have to try permutations.
    """
    said: dict[BlankNode, list[str]] = defaultdict(list)
    for quad in group:
        for node in set(_blank_nodes(quad)):
            masked = relabelled([quad], lambda label, own=node.value: "a" if label == own else "z")  # type: ignore[misc]
            said[node].append(str(next(masked)))
    return len(said) <= _FEW and len({tuple(sorted(lines)) for lines in said.values()}) == len(said)
