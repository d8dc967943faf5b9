"""What may be meant by a name that nothing has, or that only a thing of another class has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Final

from relgraph.naming.written import ECHOED, Names, folded, key

#: So many names are suggested for an unknown one, so many where they are all that begin or end as it does.
_MEANT: Final = 3
_ENDING: Final = 5
#: So many spellings that are like a name are looked at for things of a class.
_LIKE: Final = 20
#: Names that are longer, in characters, are not suggested: they are definitions.
_LONGEST: Final = 60
#: The least length of a word of a name that is looked for by itself.
_WORD: Final = 4
#: What can be done about an unknown name that is like no other.
LOOK_UP: Final = "Look it up on the pages, or with a query for its label"
_OF_THAT_CLASS: Final = "Give a thing of that class, by its label or its key"


def remedy(names: Names, text: str, otherwise: str = LOOK_UP, kind: str = "") -> str:
    """What to do about an unknown name: what is spelt like it, ends as it does, has one of its words for a name, or has its
    words in any inflection. kind: the class that is wanted, empty for any: nothing else is suggested."""
    return _question(_alike(names, text[:ECHOED], kind).values(), otherwise)


def instead(names: Names, iri: str, kind: str) -> str:
    """What to do about a thing that is not of the class that is wanted: what of the class has one of its labels for a name,
    else what is like one of them."""
    known = list(names.all())
    labels = list(dict.fromkeys(label for thing, label in known if thing == iri))
    called = {found.iri for label in labels for found in names.of(label, True) if names.are(found.iri, kind)}
    shown = {thing: f"{label} ({key(thing)})" for thing, label in reversed(known) if thing in called}
    like: dict[str, str] = {thing: shown.get(thing, key(thing)) for thing in sorted(called)}
    for label in labels if not called else ():
        like = like | {iri: words for iri, words in _alike(names, label, kind).items() if iri not in like}
    return _question(like.values(), _OF_THAT_CLASS)


def _question(like: Iterable[str], otherwise: str) -> str:
    found = list(like)[:_ENDING]
    return f"Did you mean {' or '.join(found)}?" if found else otherwise


def _alike(names: Names, text: str, kind: str) -> dict[str, str]:
    """What may be meant by a text, of a class if one is wanted: IRIs, with how they are shown to people, the likeliest first."""

    @cache
    def is_meant(iri: str) -> bool:
        return not kind or names.are(iri, kind)

    asked = folded(text)
    spelt: defaultdict[str, dict[str, str]] = defaultdict(dict)
    ending = {}
    for iri, label in names.all():
        own = key(iri)
        if "/" in own and folded(own.rpartition("/")[2]) == asked:
            ending[own] = iri
        for spelling, shown in ((label, f"{label} ({own})"), (own, own), (own.rpartition("/")[2], own)):
            if len(spelling) <= _LONGEST:
                spelt[folded(spelling)].setdefault(iri, shown)
    if found := {ending[own]: own for own in sorted(ending) if is_meant(ending[own])}:
        return found
    close = get_close_matches(asked, spelt, n=_LIKE if kind else _MEANT, cutoff=0.6)
    hits = [(iri, f"{label} ({key(iri)})") for iri, label in names.searched(text) if len(label) <= _LONGEST]
    words = [word for word in asked.split() if len(word) >= _WORD and word in spelt]
    of_spelling = [list(spelt[each].items())[: None if kind else 1] for each in (*close, *words)]
    meant: dict[str, str] = {}
    for iri, shown in [*hits[:1], *(each for one in of_spelling for each in one), *hits[1:]]:
        if len(meant) < _MEANT and iri not in meant and is_meant(iri):
            meant[iri] = shown
    return meant
