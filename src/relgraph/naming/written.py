"""Names as people write them, and as data have them: the records, and the forms that one name has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol

from pyoxigraph import NamedNode

from relgraph.vocabulary import ID, PREFIXES, RG

#: What an IRI cannot hold (RFC 3987, SPARQL 1.1 section 19.8).
_NOT_IN_IRI: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`]")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
#: So many labels are looked at for names that are like an unknown one.
LOOKED_AT: Final = 20_000
#: So much of an unknown name is repeated, in characters.
ECHOED: Final = 100
#: What is typed as a hyphen (Unicode, general category Pd), and the minus sign.
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")


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


def folded(text: str) -> str:
    """A text as names are compared without regard to case: any dash is a hyphen, and ё is е, as people type them."""
    return _DASHES.sub("-", text.casefold()).replace("ё", "е")


def key(iri: str) -> str:
    """How a resource is named for short: a key, the name of a term of the ontology, else the IRI."""
    return iri.removeprefix(ID).removeprefix(RG)


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:  # also of characters that UTF-8 does not have
        return False
    return True
