"""Content negotiation (RFC 9110, section 12.5): which of the formats and codings on offer a request wants.

The quality of an offer is that of the most specific range that matches it; among offers of the same quality the server's
order decides. Own code, as the libraries looked at do not do that (docs/decisions/0011).
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

from relgraph import parquet
from relgraph.errors import UsageError
from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS, Format
from relgraph.ontology import LANGUAGES
from relgraph.serving.workers.encoding import CODINGS

HTML = "text/html"
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_VALUE = rf'(?:{_TOKEN}|"(?:[^"\\]|\\.)*+")'
#: One element of Accept or Accept-Encoding: a range, then its parameters. Possessive throughout: it takes linear time.
_ELEMENT = re.compile(
    rf"(?:^|,)\s*+(?P<type>{_TOKEN})(?:/(?P<subtype>{_TOKEN}))?+"
    rf"(?P<parameters>(?:\s*+;\s*+(?:{_TOKEN}\s*+=\s*+{_VALUE})?+)*+)\s*+(?=,|$)"
)
_PARAMETER = re.compile(rf";\s*({_TOKEN})\s*=\s*({_VALUE})")
_QUALITY = re.compile(r"0?\.\d+|0\.?|1(\.0*)?")
#: Characters of headers that are worth remembering.
_USUAL = 1024
_CHARSETS = ("utf-8", "utf8", "*")


class Offer(Protocol):
    """What can be chosen: a name, a media type, and other names and types that mean it."""

    @property
    def name(self) -> str:
        """The short name."""

    @property
    def media_type(self) -> str:
        """The media type."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names, and other media types."""


Offered = TypeVar("Offered", bound=Offer)


@dataclass(frozen=True)
class Extra:
    """An offer beside the formats of the engine."""

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()


#: Whether this server writes Parquet, which takes pyarrow.
WRITES_PARQUET = importlib.util.find_spec("pyarrow") is not None
NO_PARQUET = 'this server writes no Parquet. Where it runs, `pip install "relgraph[tables]"` helps'
#: Rows as typed columns; at addresses that offer it.
PARQUET = Extra(parquet.NAME, parquet.MEDIA_TYPE, ("application/x-parquet", "application/parquet"))
#: A page, where there is one beside data.
PAGE = Extra("html", HTML, ("application/xhtml+xml",))
#: What lists come in.
LISTS = (Extra("json", "application/json"), PAGE)


@dataclass(frozen=True)
class _Range:
    type: str
    subtype: str
    quality: float

    def fit(self, media_type: str) -> int:
        """How specifically the range matches: 3 for the very type, 2 for type/*, 1 for */*, 0 for no match."""
        kind, _, subkind = media_type.partition("/")
        if self.type == "*":
            return 1
        if self.type != kind:
            return 0
        if self.subtype == "*":
            return 2
        return 3 if self.subtype == subkind else 0


@dataclass(frozen=True)
class Wanted:
    """What a request wants: a format for either form of result (None where none is acceptable), whether it would rather
    have a page, and a coding (None for identity)."""

    table: Offer | None
    graph: Format | None
    page: bool
    coding: str | None


def wanted(accept: str, chosen: str | None, accept_encoding: str, tables: tuple[Offer, ...] = TABLE_FORMATS) -> Wanted:
    """What the headers Accept and Accept-Encoding and the parameter format ask for; tables: what is on offer for rows.

    A format by name wins over Accept, unless it is none of ours and Accept says more than */*: some clients send names of
    their own. Raises UsageError when a header cannot be read, or for an unknown format by name.
    """
    if len(accept) + len(chosen or "") + len(accept_encoding) > _USUAL:
        return _wanted(accept, chosen, accept_encoding, tables)
    return _remembered(accept, chosen, accept_encoding, tables)


def _wanted(accept: str, chosen: str | None, accept_encoding: str, tables: tuple[Offer, ...]) -> Wanted:
    preferred = coding(accept_encoding)
    if chosen:
        chosen = chosen.lower()
        table, graph = named(tables, chosen), named(GRAPH_FORMATS, chosen)
        if table or graph:
            return Wanted(table, graph, False, preferred)
        if chosen in ("html", HTML):
            return Wanted(None, None, True, preferred)
        if accept.strip() in ("", "*/*"):
            names = ", ".join(dict.fromkeys(format.name for format in (*tables, *GRAPH_FORMATS)))
            raise UsageError(f"there is no format {chosen[:40]!r}; choose {names} or html")
    ranges = _ranges(accept)
    table, table_quality = _best(tables, ranges)
    graph, graph_quality = _best(GRAPH_FORMATS, ranges)
    html = _quality(HTML, (), ranges)
    return Wanted(table, graph, html > max(table_quality, graph_quality), preferred)


def offered(offers: Sequence[Offered], accept: str, chosen: str) -> Offered | None:
    """Which of the offers is wanted, None where none is acceptable; chosen: one by name, which wins over Accept.

    Raises UsageError when the header cannot be read, or for an unknown name.
    """
    if chosen:
        found = named(offers, chosen)
        if found is None:
            raise UsageError(f"there is no format {chosen[:40]!r}; choose {', '.join(offer.name for offer in offers)}")
        return found
    return _best(offers, _ranges(accept))[0]


#: Clients of a kind send the same headers.
_remembered = lru_cache(maxsize=1024)(_wanted)


def language(chosen: str | None, accept_language: str) -> str:
    """The language of a page: the one asked for by name, else the one of ours that Accept-Language (RFC 9110, section 12.5.4)
    likes best, else English.

    A range is of the language that its first subtag names; * is of those that no other range is of. Of languages that are
    liked equally, the one named first.
    """
    if chosen in LANGUAGES:
        return chosen
    weights: dict[str, float] = {}
    for tag, _, parameters in _elements(accept_language):
        weight, name = _weight(parameters), tag.partition("-")[0]
        if weight is not None:
            weights[name] = max(weight, weights.get(name, 0.0))
    named = [name for name in weights if name in LANGUAGES]
    others = [code for code in LANGUAGES if code not in weights]
    liked = {code: weights.get(code, weights.get("*", 0.0)) for code in (*named, *others)}
    best = max(liked, key=lambda code: liked[code])  # the first of equals
    return best if liked[best] > 0 else next(iter(others), LANGUAGES[0])


def named(formats: Sequence[Offered], chosen: str) -> Offered | None:
    """The first of the formats that a name or media type means."""
    chosen = chosen.lower()
    return next((format for format in formats if chosen in (format.name, format.media_type, *format.aliases)), None)


def names(formats: Sequence[Offer]) -> str:
    """The formats for a message: names and media types."""
    return ", ".join(f"{format.name} ({format.media_type})" for format in formats)


def with_charset(media_type: str) -> str:
    """A media type as Content-Type has it."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _best(formats: Sequence[Offered], ranges: Sequence[_Range]) -> tuple[Offered | None, float]:
    best: Offered | None = None
    quality = 0.0
    for format in formats:
        own = _quality(format.media_type, [alias for alias in format.aliases if "/" in alias], ranges)
        if own > quality:
            best, quality = format, own
    return best, quality


def _quality(media_type: str, aliases: Sequence[str], ranges: Sequence[_Range]) -> float:
    """The quality of an offer: by its very type, else by another name for it, else by the most specific range."""
    fits = [(range.fit(media_type), range.quality) for range in ranges]
    best = max(fits, default=(0, 0.0))
    named = [range.quality for range in ranges for alias in aliases if range.fit(alias) == 3]
    if best[0] < 3 and named:
        return max(named)
    return best[1] if best[0] else 0.0


def _ranges(accept: str) -> list[_Range]:
    """The ranges of an Accept header. What cannot be read is passed over, as long as something can: old clients of Java
    send a lone * and weights such as .2."""
    if not accept.strip():
        return [_Range("*", "*", 1.0)]
    found, read = [], False
    for kind, subkind, parameters in _elements(accept):
        quality = _weight(parameters)
        subkind = "*" if kind == "*" else subkind
        if not subkind or quality is None:
            continue
        read = True
        # a type in another charset than UTF-8 is not on offer; other parameters of a range are taken for hints
        if parameters.get("charset", "utf-8").strip('"').lower() in _CHARSETS:
            found.append(_Range(kind, subkind, quality))
    if not read:
        raise UsageError(f"the Accept header cannot be read: {accept[:60]!r} has no media range such as text/csv or */*")
    return found


def coding(accept_encoding: str) -> str | None:
    """The coding that Accept-Encoding asks for, None for identity."""
    given = {kind.removeprefix("x-"): _weight(parameters) or 0.0 for kind, _, parameters in _elements(accept_encoding)}
    best = max(CODINGS, key=lambda name: given.get(name, given.get("*", 0.0)))  # the first of equals
    quality = given.get(best, given.get("*", 0.0))
    return best if quality > 0 and quality >= given.get("identity", 0.0) else None


def _elements(header: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The elements of a list header that can be read: type, subtype (may be empty), parameters; all but values in lower
    case."""
    for match in _ELEMENT.finditer(header):
        parameters = {key.lower(): value for key, value in _PARAMETER.findall(match["parameters"])}
        yield match["type"].lower(), (match["subtype"] or "").lower(), parameters


def _weight(parameters: dict[str, str]) -> float | None:
    text = parameters.get("q", "1")
    return float(text) if _QUALITY.fullmatch(text) else None
