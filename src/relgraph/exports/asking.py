"""Selections as people write them: names of graphs, documents, actors and modalities, and a period in EDTF."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pyoxigraph import NamedNode, Store

from relgraph import edtf, naming
from relgraph.errors import DateError, UsageError, suggestion
from relgraph.exports.selection import Selection
from relgraph.exports.source import GRAPHS
from relgraph.naming import folded
from relgraph.vocabulary import ID, PREF_LABEL, RG, SCHEMES, SKOS, A, local_name, rg

_SCHEME = NamedNode(SCHEMES + "modality")
_IN_SCHEME = NamedNode(SKOS + "inScheme")
#: So many documents, or fewer, are all named where one is not known: their ids are all alike.
_FEW = 10
#: Two dates as people write a period who do not think of EDTF.
_BETWEEN = re.compile(r"(\d{4}(?:-\d\d){0,2}) *(?:[-–—]|\.{2,3}|to|по) *(\d{4}(?:-\d\d){0,2})")


def asked(
    store: Store,
    graphs: Sequence[str] = (),
    documents: Sequence[str] = (),
    actors: Sequence[str] = (),
    period: str = "",
    modalities: Sequence[str] = (),
    undated: bool = False,
    tell: naming.Tell | None = None,
) -> Selection:
    """The selection that people mean.

    store: of the release; graphs: keys of GRAPHS; documents: ids (004), keys, IRIs or titles; actors: keys, IRIs or labels;
    period: EDTF, none when empty; modalities: names (Planned), keys, IRIs or labels; undated: see Selection; tell: see
    naming.resource, for actors. Labels are taken in either language. Raises UsageError for what is not known, with what is
    like it.
    """
    if undated and not period:
        raise UsageError("facts without a time are taken in or left out by a period only. Give a period too")
    return Selection(
        graphs=tuple(dict.fromkeys(_graph(name) for name in graphs)),
        documents=tuple(dict.fromkeys(_documents(store, documents))),
        actors=tuple(dict.fromkeys(naming.resource(store, "the actor", text, "Agent", tell=tell) for text in actors)),
        period=_period(period) if period else None,
        modalities=tuple(dict.fromkeys(_modalities(store, modalities))),
        undated=undated,
    )


def _graph(name: str) -> NamedNode:
    by_iri = {graph.value: graph for graph in GRAPHS.values()}
    found = GRAPHS.get(name.strip()) or by_iri.get(name.strip())
    if found is None:
        raise UsageError(f"there is no graph {name[:40]!r}. {suggestion(name, GRAPHS)}")
    return found


def _period(text: str) -> edtf.TimeSpan:
    try:
        return edtf.parse(text.strip())
    except DateError as error:
        meant = _BETWEEN.fullmatch(text.strip())
        raise UsageError(f"the period: {error}" + (f". Did you mean {meant[1]}/{meant[2]}?" if meant else "")) from error


def _documents(store: Store, texts: Iterable[str]) -> Iterable[NamedNode]:
    found = list(texts)
    if not found:
        return []
    known = [quad.subject for quad in store.quads_for_pattern(None, A, rg("Document"), None)]
    listed = ""
    if known and len(set(known)) <= _FEW:
        listed = f"There are {'; '.join(sorted({_titled(store, node) for node in known}))}. Give one of these"
    return [_one(store, "document", text, known, ID + "document/", listed) for text in found]


def _titled(store: Store, document: Any) -> str:
    """The id of a document with its title, in English where there is one."""
    titles = [quad.object for quad in store.quads_for_pattern(document, PREF_LABEL, None, None)]
    found = sorted((getattr(title, "language", "") != "en", getattr(title, "value", "")) for title in titles)
    id_ = str(getattr(document, "value", document)).removeprefix(ID + "document/")
    return f"{id_} ({found[0][1]})" if found else id_


def _modalities(store: Store, texts: Iterable[str]) -> Iterable[NamedNode]:
    found = list(texts)
    if not found:
        return []
    known = [quad.subject for quad in store.quads_for_pattern(None, _IN_SCHEME, _SCHEME, None)]
    return [_one(store, "modality", text, known, _SCHEME.value + "#") for text in found]


def _one(store: Store, what: str, text: str, known: Iterable[Any], namespace: str, listed: str = "") -> NamedNode:
    """The one of a few resources that a text means: by its name within a namespace, its key, IRI, or else a label.

    Raises UsageError for a text that means none, with what is listed, else with what is like it; and for one that means
    several.
    """
    exact, names, labelled = (defaultdict[str, set[NamedNode]](set) for _ in range(3))
    shown = set()
    for node in known:
        if isinstance(node, NamedNode):
            labels = [getattr(q.object, "value", "") for q in store.quads_for_pattern(node, PREF_LABEL, None, None)]
            short = node.value.removeprefix(namespace)
            shown |= {short, *(label for label in labels if folded(label) != folded(short))}
            for name in (short, node.value, _key(node), node.value.removeprefix(RG), f"{what}:{local_name(node)}"):
                exact[name].add(node)
                names[folded(name)].add(node)
            for label in labels:
                labelled[folded(label)].add(node)
    wanted = text.strip().removeprefix("<").removesuffix(">")
    found = exact.get(wanted) or names.get(folded(wanted)) or labelled.get(folded(wanted)) or set()
    if not found:
        raise UsageError(f"there is no {what} {text[:100]!r} in this graph. {listed or suggestion(text[:100], shown)}")
    if len(found) > 1:
        keys = ", ".join(sorted(map(_key, found)))
        raise UsageError(f"the {what}: {text[:100]!r} is the name of several things: {keys}. Give one of these")
    return next(iter(found))


def _key(node: NamedNode) -> str:
    return node.value.removeprefix(ID)
