"""Facts as records: class, roles, dates, status, and where each is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from relgraph.api.dates import DateRange
from relgraph.api.labels import best
from relgraph.api.order import Order
from relgraph.api.results import Result
from relgraph.api.sources import Source as Source
from relgraph.api.sources import Sources, Transition
from relgraph.api.values import Named, Resource
from relgraph.api.words import word, wording
from relgraph.errors import UsageError
from relgraph.vocabulary import RG

Ask = Callable[..., Result]

#: Roles that say no more than that a fact has to do with something.
_VAGUE: Final = frozenset([RG + "involves", RG + "concerns"])
_OF: Final = "?fact a rg:Fact . %s"
_TOUCHES: Final = "?fact ?any ?entity ."
_KINDS: Final = """SELECT DISTINCT ?fact ?kind { %s ?fact a ?kind
  FILTER(STRSTARTS(STR(?kind), STR(rg:)) && ?kind != rg:Fact) }"""
_ROLES: Final = "SELECT DISTINCT ?fact ?role { ?fact a rg:Fact ; ?role ?entity FILTER(?role != rdf:type) }"
_ANY: Final = "SELECT ?fact { VALUES ?kind { %s } ?fact a ?kind } LIMIT 1"
_TIMES: Final = """SELECT DISTINCT ?fact ?property ?date { %s VALUES ?property { rg:time rg:begin rg:end }
  ?fact ?property ?time . ?time rg:edtf ?date }"""
_STATES: Final = """SELECT DISTINCT ?fact ?status ?contested { %s
  OPTIONAL { ?fact rg:status ?status } OPTIONAL { ?fact rg:contested ?contested } }"""
_LABELS: Final = "SELECT DISTINCT ?fact ?label { %s ?fact skos:prefLabel|rdfs:label ?label } ORDER BY ?fact ?label"


@dataclass(frozen=True, repr=False)
class Fact:
    """A relation or an event, with what is known of its time and where it is written.

    kind: its class; roles: those of the entity that was asked for; dates: when an event was; begins, ends: of a relation (more
    than one where sources differ; none where they do not say, which never means “still”); status: Occurred, Planned, Denied …
    of an event, None of a relation; contested: whether claims about it do not agree; sources: the claims; labels: by language;
    transitions: dates among begins and ends that no source states, with the events that they follow from and the claims about
    these; status_label: in the language of the dataset.

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
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    transitions: tuple[Transition, ...] = ()
    status_label: str | None = field(default=None, compare=False)
    language: str = field(default="en", compare=False)

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
        """Its time: dates in EDTF, of a relation behind “from” and “until”, alternatives with “or” between them, these words in
        the language of the dataset; empty where nothing says.

        >>> import relgraph
        >>> relgraph.open().timeline("Partnership for Peace")[0].when
        '1994-06-22'
        """
        joined = f" {word('or', self.language)} "
        if self.dates:
            return joined.join(map(str, self.dates))
        parts = [("from", self.begins), ("until", self.ends)]
        return " ".join(f"{word(name, self.language)} {joined.join(map(str, dates))}" for name, dates in parts if dates)

    @property
    def wording(self) -> str:
        """Its time in words, in the language of the dataset; empty where nothing says.

        >>> import relgraph
        >>> [fact.wording for fact in relgraph.open(language="ru").timeline("Partnership for Peace")[:2]]
        ['22 июня 1994', 'с 22 июня 1994']
        """
        joined = f" {word('or', self.language)} "
        several = [(self.dates, ""), *([] if self.dates else [(self.begins, "begin"), (self.ends, "end")])]
        return " ".join(joined.join(wording(date, bound, self.language) for date in dates) for dates, bound in several if dates)

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        return f"<Fact {self.resource.key}: {self.label}>"


def of(ask: Ask, order: Order, entity: Resource | None, language: str) -> list[Fact]:
    """The facts in which an entity has a role, or all of them; in no order.

    ask: answers a SELECT with parameters; language: of labels. Raises UsageError for data with events and relations of which none
    is a rg:Fact: that is inferred, and without it any answer would be empty.
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
    labels: dict[Resource, dict[str, str]] = defaultdict(dict)
    for row in asked(_LABELS):
        if isinstance(row.label, str):
            labels[row.fact].setdefault(getattr(row.label, "language", ""), str(row.label))
    states = asked(_STATES)
    sources = Sources(ask, given, "" if entity is None else _TOUCHES, language)
    sources.expect(row.status for row in states if row.status)

    def ranges(fact: Resource, name: str) -> tuple[DateRange, ...]:
        return tuple(sorted(times[fact, name], key=lambda each: (each.earliest or datetime.min, each.edtf)))

    found = [
        Fact(
            resource=Resource(row.fact.iri, Named(best(labels[row.fact], language))),
            kind=order.special(order.narrowest(kinds[row.fact])) or Resource(RG + "Fact"),
            roles=_narrow(roles[row.fact], order),
            dates=ranges(row.fact, "time"),
            begins=ranges(row.fact, "begin"),
            ends=ranges(row.fact, "end"),
            status=row.status.iri.rpartition("#")[2] if row.status else None,
            contested=bool(row.contested),
            sources=sources.of.get(row.fact, ()),
            labels=labels[row.fact],
            transitions=sources.transitions.get(row.fact, ()),
            status_label=sources.label(row.status) or row.status.iri.rpartition("#")[2] if row.status else None,
            language=language,
        )
        for row in states
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
