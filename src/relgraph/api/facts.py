"""Facts as records: class, roles, dates, status, and where each is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from relgraph.api.dates import DateRange
from relgraph.api.order import Order
from relgraph.api.results import Result
from relgraph.api.values import Resource
from relgraph.errors import UsageError
from relgraph.vocabulary import REPORTED, RG

Ask = Callable[..., Result]

#: Roles that say no more than that a fact has to do with something.
_VAGUE: Final = frozenset([RG + "involves", RG + "concerns"])
_OF: Final = "?fact a rg:Fact . %s"
_TOUCHES: Final = "?fact ?any ?entity ."
_KINDS: Final = """SELECT DISTINCT ?fact ?kind { %s ?fact a ?kind
  FILTER(STRSTARTS(STR(?kind), STR(rg:)) && ?kind NOT IN (rg:Fact, rg:Event, rg:Relation)) }"""
_ROLES: Final = "SELECT DISTINCT ?fact ?role { ?fact a rg:Fact ; ?role ?entity }"
_ANY: Final = "SELECT ?fact { VALUES ?kind { %s } ?fact a ?kind } LIMIT 1"
_TIMES: Final = """SELECT DISTINCT ?fact ?property ?date { %s VALUES ?property { rg:time rg:begin rg:end }
  ?fact ?property ?time . ?time rg:edtf ?date }"""
_STATES: Final = """SELECT DISTINCT ?fact ?status ?contested { %s
  OPTIONAL { ?fact rg:status ?status } OPTIONAL { ?fact rg:contested ?contested } }"""
_SOURCES: Final = """SELECT DISTINCT ?fact ?claim ?modality ?by ?document ?start ?end ?line { %s
  ?claim rg:about ?fact ; rg:modality ?modality ; rg:attributedTo ?by ; rg:evidence ?span .
  ?span rg:document ?document ; rg:charStart ?start ; rg:charEnd ?end ; rg:line ?line } ORDER BY ?document ?start ?claim ?by"""
_SAID: Final = f"""SELECT DISTINCT ?claim ?date {{ %s
  ?claim rg:about ?fact ; rg:says ?content . VALUES ?property {{ rg:time rg:begin rg:end }}
  GRAPH <{REPORTED.value}> {{ ?content ?property ?time }} ?time rg:edtf ?date }} ORDER BY ?claim ?date"""


@dataclass(frozen=True)
class Source:
    """A claim behind a fact, and its place.

    modality: Asserted, Planned, Denied …; attributed_to: who answers for it; document; start, end: its passage in code points,
    end exclusive; line: from 1; dates: those that it gives, of the time, begin or end of the fact; none where it gives none, or
    where the data have no graph of what is reported.

    >>> import relgraph
    >>> visit = relgraph.open().timeline("Lord Robertson", begin="2001-11", end="2001")[0]
    >>> print(visit.sources[0], visit.sources[0].dates)
    Asserted: 004, line 167, characters 7069–7121 (DateRange(edtf='2001-11-21/2001-11-23'),)
    """

    claim: Resource
    modality: str
    attributed_to: tuple[Resource, ...]
    document: Resource
    start: int
    end: int
    line: int
    dates: tuple[DateRange, ...] = ()

    def __str__(self) -> str:
        place = f"{self.document.key.removeprefix('document/')}, line {self.line}, characters {self.start}–{self.end}"
        return f"{self.modality}: {place}"


@dataclass(frozen=True)
class Fact:
    """A relation or an event, with what is known of its time and where it is written.

    kind: its class; roles: those of the entity that was asked for; dates: when an event was; begins, ends: of a relation (more
    than one where sources differ; none where they do not say, which never means “still”); status: Occurred, Planned, Denied …
    of an event, None of a relation; contested: whether claims about it do not agree; sources: the claims.

    >>> import relgraph
    >>> fact = relgraph.open().timeline("Partnership for Peace")[0]
    >>> fact.kind.key, fact.dates, fact.status, [role.key for role in fact.roles]
    ('rg:Accession', (DateRange(edtf='1994-06-22'),), 'Occurred', ['rg:joined'])
    """

    resource: Resource
    kind: Resource
    roles: tuple[Resource, ...]
    dates: tuple[DateRange, ...]
    begins: tuple[DateRange, ...]
    ends: tuple[DateRange, ...]
    status: str | None
    contested: bool
    sources: tuple[Source, ...]

    @property
    def label(self) -> str:
        """The label, in the language of the dataset.

        >>> import relgraph
        >>> relgraph.open(language="ru").timeline("Лорд Робертсон", begin="2001-11", end="2001")[0].label[:5]
        'Визит'
        """
        return self.resource.label

    @property
    def earliest(self) -> datetime | None:
        """The first moment at which it may have been so; None where nothing says.

        >>> import relgraph
        >>> relgraph.open().timeline("Partnership for Peace")[0].earliest
        datetime.datetime(1994, 6, 22, 0, 0)
        """
        known = [each.earliest for each in self.dates or self.begins]
        return min((each for each in known if each), default=None) if known and None not in known else None

    @property
    def latest(self) -> datetime | None:
        """The last moment at which it may have been so; None where nothing says.

        >>> import relgraph
        >>> relgraph.open().timeline("Partnership for Peace")[0].latest
        datetime.datetime(1994, 6, 22, 23, 59, 59)
        """
        known = [each.latest for each in self.dates or self.ends]
        return max((each for each in known if each), default=None) if known and None not in known else None

    @property
    def when(self) -> str:
        """Its time in EDTF, of a relation from begin to end; alternatives with “or”; empty where nothing says.

        >>> import relgraph
        >>> relgraph.open().timeline("Partnership for Peace")[0].when
        '1994-06-22'
        """
        if self.dates:
            return " or ".join(map(str, self.dates))
        parts = [("from ", self.begins), ("until ", self.ends)]
        return " ".join(word + " or ".join(map(str, dates)) for word, dates in parts if dates)

    def __str__(self) -> str:
        return self.label


def of(ask: Ask, order: Order, entity: Resource | None) -> list[Fact]:
    """The facts in which an entity has a role, or all of them; in no order.

    ask: answers a SELECT with parameters. Raises UsageError for data with events and relations of which none is a rg:Fact: that
    is inferred, and without it any answer would be empty.
    """
    given: Mapping[str, Any] = {} if entity is None else {"entity": entity}
    pattern = _OF % ("" if entity is None else _TOUCHES)

    def asked(query: str) -> Result:
        return ask(query % pattern, **given)

    kinds: dict[Resource, list[Resource]] = defaultdict(list)
    for row in asked(_KINDS):
        kinds[row.fact].append(row.kind)
    roles: dict[Resource, list[Resource]] = defaultdict(list)
    for row in ask(_ROLES, **given) if given else ():
        roles[row.fact].append(row.role)
    times: dict[tuple[Resource, str], list[DateRange]] = defaultdict(list)
    for row in asked(_TIMES):
        if isinstance(row.date, DateRange):
            times[row.fact, row.property.iri.removeprefix(RG)].append(row.date)
    sources = _sources(asked(_SOURCES), asked(_SAID))

    def ranges(fact: Resource, name: str) -> tuple[DateRange, ...]:
        return tuple(sorted(times[fact, name], key=lambda each: (each.earliest or datetime.min, each.edtf)))

    found = [
        Fact(
            resource=row.fact,
            kind=order.special(order.narrowest(kinds[row.fact])) or Resource(RG + "Fact"),
            roles=_narrow(roles[row.fact], order),
            dates=ranges(row.fact, "time"),
            begins=ranges(row.fact, "begin"),
            ends=ranges(row.fact, "end"),
            status=row.status.iri.rpartition("#")[2] if row.status else None,
            contested=bool(row.contested),
            sources=tuple(sources[row.fact]),
        )
        for row in asked(_STATES)
    ]
    if not found and not ask(_ANY % f"<{RG}Fact>") and ask(_ANY % " ".join(f"<{each}>" for each in order.below(RG + "Fact"))):
        raise UsageError(
            "these data have events and relations, but nothing that is a rg:Fact: they lack what is inferred. "
            "Open the release, or export it with the graphs asserted, provenance and inferred"
        )
    return found


def _narrow(roles: list[Resource], order: Order) -> tuple[Resource, ...]:
    """The roles that say most: the vague ones only where there is no other."""
    return tuple(order.narrowest([role for role in roles if role.iri not in _VAGUE] or roles))


def _sources(rows: Result, said: Result) -> dict[Resource, list[Source]]:
    dates: dict[Resource, list[DateRange]] = defaultdict(list)
    for row in said:
        if isinstance(row.date, DateRange):
            dates[row.claim].append(row.date)
    found: dict[Resource, dict[Resource, Source]] = defaultdict(dict)
    for row in rows:
        known = found[row.fact].get(row.claim)
        by = (*known.attributed_to, row.by) if known else (row.by,)
        modality = row.modality.iri.rpartition("#")[2]
        own = tuple(dates[row.claim])
        found[row.fact][row.claim] = Source(row.claim, modality, by, row.document, row.start, row.end, row.line, own)
    return defaultdict(list, {fact: list(claims.values()) for fact, claims in found.items()})
