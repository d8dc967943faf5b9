"""What people write for a resource: an IRI, a prefixed name, a key, a label in either language; and what data have by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Final, NamedTuple, Protocol

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from relgraph.errors import UsageError
from relgraph.vocabulary import ALT_LABEL, HIDDEN_LABEL, ID, ONTOLOGY_GRAPH, PREF_LABEL, PREFIXES, RG, SKOS, A, rg

#: What an IRI cannot hold (RFC 3987, SPARQL 1.1 section 19.8).
_NOT_IN_IRI: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`]")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
#: What labels seldom have, and keys, prefixed names and IRIs often.
_LIKE_A_KEY: Final = re.compile(r"[/:<]")
_CLAIM: Final = f"{ID}claim/"
_LABELS: Final = (PREF_LABEL, ALT_LABEL, HIDDEN_LABEL)
#: So many resources of one label are named, so many suggested for an unknown one.
_SHOWN: Final = 5
_MEANT: Final = 3
#: So many labels are looked at for names that are like an unknown one.
LOOKED_AT: Final = 20_000
#: So much of an unknown name is repeated, in characters.
_ECHOED: Final = 100
#: Names that are longer, in characters, are not suggested: they are definitions.
_LONGEST: Final = 60
#: The least length of a word of a name that is looked for by itself.
_WORD: Final = 4
#: What is typed as a hyphen (Unicode, general category Pd), and the minus sign.
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
#: What can be done about an unknown name that is like no other.
LOOK_UP: Final = "Look it up on the pages, or with a query for its label"


class Name(NamedTuple):
    """A name that is still to be found in a store: what it is given for, in words ("the parameter place"), its text, and the
    class of the ontology that is wanted ("Place"), empty for any."""

    what: str
    text: str
    kind: str = ""


class Called(NamedTuple):
    """What has a name. rank: 0 for a preferred label, 1 for another, 2 for a hidden one; part: 0, but 1 for terms of the
    ontology and of its schemes, 2 for facts and sections, whose labels repeat what they are about, 3 for claims, which have
    those of facts."""

    iri: str
    rank: int
    part: int


class Names(Protocol):
    """The names that some data have."""

    def knows(self, iri: str) -> bool:
        """Whether something is said of a resource, or with it."""

    def of(self, text: str, any_case: bool) -> Iterable[Called]:
        """What has a name in just these letters, or as `folded` compares them."""

    def are(self, iri: str, kind: str) -> bool:
        """Whether a resource is of a class of the ontology, by its local name."""

    def all(self) -> Iterable[tuple[str, str]]:
        """IRIs and labels of what may be meant: not of claims; no more than LOOKED_AT."""

    def searched(self, text: str) -> Iterable[tuple[str, str]]:
        """IRIs and labels of what a search for words finds, the best first; nothing where there is no search."""


def iris(text: str) -> list[str]:
    """The IRIs that a text may stand for, the likeliest first: an IRI (with or without < >), a prefixed name, a key
    (state/RUS), the name of a term of the ontology (memberOf). Empty for what holds what no IRI has."""
    bare = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    if not bare or _NOT_IN_IRI.search(bare):
        return []
    prefix, colon, rest = bare.partition(":")
    found = [PREFIXES[prefix] + rest] if colon and prefix in PREFIXES and bare == text else []
    found += [bare] if _SCHEME.match(bare) else [ID + bare, RG + bare]
    return [iri for iri in found if _is_iri(iri)]


def find(names: Names, text: str, what: str, data: str, kind: str = "", otherwise: str = LOOK_UP) -> str:
    """The IRI of what a text means in some data: as `iris` has it, or by a label or another name in either language.

    What looks like a key is one before it is a label; what does not, is a label in the same letters before it is a key or a
    term. Labels count before other names, the same letters before another case, facts, sections and claims after all else.
    what: what the text is given for, in words, empty for nothing; data: what the data are called; kind: the class that is
    wanted, by its local name, empty for any: of several things of a name, those of the class count; otherwise: the remedy where
    nothing is like it. Raises UsageError for what is not UTF-8, for what the data do not know, with what is like it, for what is
    of another class, and for a name of several things, with their keys.
    """
    text, where = text.strip(), f"{what}: " if what else ""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{where}{text[:_ECHOED]!r} is not UTF-8 (character {error.start}). Write it as UTF-8") from error
    found = _meant(names, text, kind)
    if len(found) == 1:
        return checked(names, found[0], where, kind)
    if found:
        keys = ", ".join(key(iri) for iri in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        raise UsageError(f"{where}{text!r} is the name of several things: {keys}. Give one of these")
    raise UsageError(f"{where}there is no {text[:_ECHOED]!r} in {data}. {remedy(names, text, otherwise)}")


def checked(names: Names, iri: str, where: str, kind: str) -> str:
    """An IRI that is of a class, or where none is wanted. Raises UsageError for one that is not."""
    if kind and not names.are(iri, kind):
        raise UsageError(f"{where}{key(iri)} is no {kind}. Give a thing of that class, by its label or its key")
    return iri


def _meant(names: Names, text: str, kind: str) -> list[str]:
    """The IRIs that a text means, of the class if there are any."""
    written = (iri for iri in iris(text) if names.knows(iri))
    if _LIKE_A_KEY.search(text) and (iri := next(written, None)):
        return [iri]
    things, are_meant = _called(names, text, kind)
    if not are_meant and (iri := next(written, None)):
        return [iri]
    return things


def remedy(names: Names, text: str, otherwise: str = LOOK_UP) -> str:
    """What to do about an unknown name: what is spelt like it, ends as it does, has one of its words for a name, or has its
    words in any inflection."""
    text = text[:_ECHOED]
    asked = folded(text)
    spelt: dict[str, tuple[str, str]] = {}
    ending = set()
    for iri, label in names.all():
        own = key(iri)
        if "/" in own and folded(own.rpartition("/")[2]) == asked:
            ending.add(own)
        for spelling, shown in ((label, f"{label} ({own})"), (own, own), (own.rpartition("/")[2], own)):
            if len(spelling) <= _LONGEST:
                spelt.setdefault(folded(spelling), (iri, shown))
    if ending:
        return f"Did you mean {' or '.join(sorted(ending)[:_SHOWN])}?"
    close = [spelt[each] for each in get_close_matches(asked, spelt, n=_MEANT, cutoff=0.6)]
    hits = [(iri, f"{label} ({key(iri)})") for iri, label in names.searched(text) if len(label) <= _LONGEST]
    words = [spelt[word] for word in asked.split() if len(word) >= _WORD and word in spelt]
    meant: dict[str, str] = {}
    for iri, shown in [*hits[:1], *close, *words, *hits[1:]]:
        meant.setdefault(iri, shown)
    return f"Did you mean {' or '.join([*meant.values()][:_MEANT])}?" if meant else otherwise


def folded(text: str) -> str:
    """A text as names are compared without regard to case: any dash is a hyphen, and ё is е, as people type them."""
    return _DASHES.sub("-", text.casefold()).replace("ё", "е")


def key(iri: str) -> str:
    """How a resource is named for short: a key, the name of a term of the ontology, else the IRI."""
    return iri.removeprefix(ID).removeprefix(RG)


def filled(store: Store, pieces: Iterable[str | tuple[str, ...]]) -> str:
    """A query from its pieces: texts, and between them names, which are put in as the IRIs of what the store has by them.

    A name, as a Name or its parts, never becomes text of the query. Raises UsageError as `resource`.
    """
    return "".join(piece if isinstance(piece, str) else f" {resource(store, *Name(*piece))} " for piece in pieces)


def resource(
    store: Store, what: str, text: str, kind: str = "", otherwise: str = LOOK_UP, is_property: bool = False
) -> NamedNode:
    """The resource that a text means in a store, as `find` finds it; of predicates, by the names of terms alone."""
    return NamedNode(find(_StoreNames(store, is_property), text, what, "this graph", kind, otherwise))


def labelled(store: Store, graph: NamedNode | None = None) -> Iterator[tuple[NamedNode, str]]:
    """What has a preferred label, with it, each statement once; but for claims, which have the labels of their facts."""
    for quad in store.quads_for_pattern(None, PREF_LABEL, None, graph):
        is_again = quad.graph_name == DefaultGraph()  # which holds three of the others once more
        if not is_again and isinstance(quad.subject, NamedNode) and not quad.subject.value.startswith(_CLAIM):
            yield quad.subject, getattr(quad.object, "value", "")


class _StoreNames:
    """The names in a store, or of its predicates: what is used as one, and the terms of its ontology."""

    def __init__(self, store: Store, is_property: bool) -> None:
        self._store = store
        self._is_property = is_property
        self._graph = ONTOLOGY_GRAPH if is_property else None

    def knows(self, iri: str) -> bool:
        node = NamedNode(iri)
        if self._is_property:
            return self._has(None, node, None) or self._has(node, None, None)
        return self._has(node, None, None) or self._has(None, None, node)

    def of(self, text: str, any_case: bool) -> Iterator[Called]:
        asked = folded(text)
        for rank, label in enumerate(_LABELS):
            wanted = [None] if any_case else [Literal(text, language=language) for language in ("en", "ru", None)]
            for value in wanted:
                for quad in self._store.quads_for_pattern(None, label, value, self._graph):
                    is_so = isinstance(quad.object, Literal) and folded(quad.object.value) == asked
                    if is_so and isinstance(quad.subject, NamedNode):
                        yield Called(quad.subject.value, rank, self._part(quad.subject))

    def are(self, iri: str, kind: str) -> bool:
        return self._has(NamedNode(iri), A, rg(kind))

    def all(self) -> Iterator[tuple[str, str]]:
        found = islice(labelled(self._store, self._graph), LOOKED_AT)
        parts = sorted((self._part(node), node.value, label) for node, label in found)
        yield from ((iri, label) for _, iri, label in parts)

    def searched(self, text: str) -> tuple[tuple[str, str], ...]:
        return ()

    def _part(self, node: NamedNode) -> int:
        if node.value.startswith(_CLAIM):
            return 3
        if any(self._has(node, A, rg(name)) for name in ("Fact", "Section")):
            return 2
        return 1 if self._has(node, NamedNode(SKOS + "inScheme"), None) or node.value.startswith(RG) else 0

    def _has(self, subject: NamedNode | None, predicate: NamedNode | None, value: NamedNode | None) -> bool:
        graph = ONTOLOGY_GRAPH if self._is_property and subject else None
        return any(True for _ in self._store.quads_for_pattern(subject, predicate, value, graph))


def _called(names: Names, text: str, kind: str) -> tuple[list[str], bool]:
    """The IRIs of a name, sorted: those that count most; and whether they count more than a key or term of that name."""
    found: list[tuple[tuple[bool, int, bool, int], str]] = []
    for any_case in (False, True):
        for iri, rank, part in names.of(text, any_case):
            found.append(((bool(kind) and not names.are(iri, kind), part, any_case, rank), iri))
        if any(order[:2] == (False, 0) for order, _ in found):
            break
    best = min((order for order, _ in found), default=None)
    return sorted({iri for order, iri in found if order == best}), bool(best and best[:3] == (False, 0, False))


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:  # also of characters that UTF-8 does not have
        return False
    return True
