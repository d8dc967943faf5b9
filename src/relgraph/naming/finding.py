"""Which thing of some data a name means."""

from __future__ import annotations

import re
from typing import Final

from relgraph.errors import UsageError
from relgraph.naming.suggesting import LOOK_UP, instead, remedy
from relgraph.naming.written import ECHOED, Names, iris, key

#: What labels seldom have, and keys, prefixed names and IRIs often.
_LIKE_A_KEY: Final = re.compile(r"[/:<]")
#: So many resources of one label are named.
_SHOWN: Final = 5


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
        raise UsageError(f"{where}{text[:ECHOED]!r} is not UTF-8 (character {error.start}). Write it as UTF-8") from error
    found = _meant(names, text, kind)
    if len(found) == 1:
        return checked(names, found[0], where, kind)
    if found:
        keys = ", ".join(key(iri) for iri in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        raise UsageError(f"{where}{text!r} is the name of several things: {keys}. Give one of these")
    raise UsageError(f"{where}there is no {text[:ECHOED]!r} in {data}. {remedy(names, text, otherwise, kind)}")


def checked(names: Names, iri: str, where: str, kind: str) -> str:
    """An IRI that is of a class, or where none is wanted. Raises UsageError for one that is not, with what of the class may be
    meant."""
    if kind and not names.are(iri, kind):
        raise UsageError(f"{where}{key(iri)} is no {kind}. {instead(names, iri, kind)}")
    return iri


def is_plain(names: Names, text: str, iri: str) -> bool:
    """Whether a text that means a thing names it beyond doubt: by its IRI, key or prefixed name, or by a preferred label in
    just these letters."""
    text = text.strip()
    return iri in iris(text) or any(called.iri == iri and called.rank == 0 for called in names.of(text, False))


def _meant(names: Names, text: str, kind: str) -> list[str]:
    """The IRIs that a text means, of the class if there are any."""
    written = (iri for iri in iris(text) if names.knows(iri))
    if _LIKE_A_KEY.search(text) and (iri := next(written, None)):
        return [iri]
    things, are_meant = _called(names, text, kind)
    if not are_meant and (iri := next(written, None)):
        return [iri]
    return things


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
