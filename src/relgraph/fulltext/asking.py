"""What people write to search: a small query language, and what it means to FTS5."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final

from relgraph.errors import UsageError
from relgraph.fulltext.folding import stem, words

#: The longest search, in characters and in words.
MAX_SEARCH: Final = 1_000
MAX_WORDS: Final = 50
#: The most alternatives, joined by OR, that are put in place of one unit of a search, as a word with hyphens is.
MAX_ALTERNATIVES: Final = 32

_QUOTES: Final = str.maketrans(dict.fromkeys("“”„«»", '"'))
_UNIT: Final = re.compile(r"""(?:(?<!\S)(?P<minus>-))?(?:"(?P<phrase>[^"]*)"|(?P<bare>[^\s"]+))""")


@dataclass(frozen=True)
class Asked:
    """A search as two FTS5 expressions: what one literal must hold, in so many words; what none may (or nothing)."""

    wanted: str
    size: int
    unwanted: str


@dataclass(frozen=True)
class _Term:
    """A part of a search: what FTS5 is to match, in so many words; whether it is excluded, or is the bare word OR."""

    expression: str
    size: int
    excluded: bool
    joins: bool


def asked(text: str, bounded: bool = True) -> Asked:
    """What a search asks for. Raises UsageError when there is no word to find, and when it is too long, if that is bounded."""
    if bounded and len(text) > MAX_SEARCH:
        raise UsageError(f"the search has {len(text)} characters, at most {MAX_SEARCH} are allowed. Shorten it")
    terms = list(_terms(text))
    if (size := sum(term.size for term in terms)) > MAX_WORDS and bounded:
        raise UsageError(f"the search has {size} words, at most {MAX_WORDS} are allowed. Shorten it")
    choices: list[list[_Term]] = []
    joined = False
    for place, term in enumerate(terms):
        around = terms[max(place - 1, 0) : place] + terms[place + 1 : place + 2]
        if term.excluded:
            continue
        if term.joins and len(around) == 2 and not any(other.excluded or other.joins for other in around):
            joined = True
        elif joined:
            choices[-1].append(term)
            joined = False
        else:
            choices.append([term])
    if not choices:
        raise UsageError("the search names no word to find. Give at least one, without a minus before it")
    return Asked(
        " AND ".join(f"({' OR '.join(term.expression for term in terms)})" for terms in choices),
        sum(min(term.size for term in terms) for terms in choices),
        " OR ".join(term.expression for term in terms if term.excluded),
    )


def has_stem(word: str) -> str:
    """The FTS5 expression of a folded word in any inflection."""
    return f'stem : "{stem(word)}"'


def rewritten(text: str, instead: Mapping[str, tuple[str, ...]]) -> str:
    """A search with other words in place of some, joined by OR where there are several; it is a search again.

    instead: what is put in place of folded words, the best first. Phrases in quotes, prefixes and what is excluded stay as they
    are. A word is replaced by the same one wherever it stands in a unit; the last ones give way to MAX_ALTERNATIVES.
    """

    def unit(found: re.Match[str]) -> str:
        if not _may_change(found):
            return found[0]
        forms = words(found["bare"])
        choices = {form: list(instead.get(form, (form,))) for form in forms}
        while prod(map(len, choices.values())) > MAX_ALTERNATIVES:
            max(reversed(choices.values()), key=len).pop()
        chosen = (dict(zip(choices, choice, strict=True)) for choice in product(*choices.values()))
        alternatives = ["-".join(choice[form] for form in forms) for choice in chosen]
        return found[0] if alternatives == ["-".join(forms)] else " OR ".join(alternatives)

    return _UNIT.sub(unit, text.translate(_QUOTES))


def replaceable(text: str) -> list[str]:
    """The folded words of a search that `rewritten` may replace, each once."""
    units = (found for found in _UNIT.finditer(text.translate(_QUOTES)) if _may_change(found))
    return list(dict.fromkeys(form for found in units for form in words(found["bare"])))


def _may_change(unit: re.Match[str]) -> bool:
    return unit["bare"] is not None and not unit["minus"] and not unit["bare"].endswith("*")


def _terms(text: str) -> Iterator[_Term]:
    for unit in _UNIT.finditer(text.translate(_QUOTES)):
        bare = unit["bare"]
        forms = words(unit["phrase"] if bare is None else bare)
        if not forms:
            continue
        # several words in one unit (NATO-Russia) are a phrase; words hold letters and digits only, so none ends the string
        if bare is not None and bare.endswith("*"):
            expression = f'form : "{" ".join(forms)}" *'
        else:
            expression = f'stem : "{" ".join(map(stem, forms))}"'
        excluded = unit["minus"] is not None
        yield _Term(expression, len(forms), excluded, bare == "OR" and not excluded)
