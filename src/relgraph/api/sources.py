"""The claims behind facts with their places, and the events that relations have their dates from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from relgraph.api.dates import DateRange
from relgraph.api.labels import Labels
from relgraph.api.results import Result
from relgraph.api.values import Named, Resource
from relgraph.api.words import place
from relgraph.vocabulary import REPORTED, RG

Asked = Callable[[str], Result]

_ASSERTED: Final = "Asserted"
_SOURCES: Final = """SELECT DISTINCT ?fact ?claim ?modality ?by ?document ?section ?start ?end ?line { %s
  ?claim rg:about ?fact ; rg:modality ?modality ; rg:attributedTo ?by ; rg:evidence ?span .
  ?span rg:document ?document ; rg:charStart ?start ; rg:charEnd ?end ; rg:line ?line OPTIONAL { ?span rg:section ?section }
} ORDER BY ?document ?start ?claim ?by"""
_SAID: Final = f"""SELECT DISTINCT ?claim ?property ?date {{ %s
  ?claim rg:about ?fact ; rg:says ?content . VALUES ?property {{ rg:time rg:begin rg:end }}
  GRAPH <{REPORTED.value}> {{ ?content ?property ?time }} ?time rg:edtf ?date }} ORDER BY ?claim ?date ?property"""
#: The events that give relations a date, and the claims that say both, of the event.
_TRANSITIONS: Final = f"""SELECT DISTINCT ?fact ?property ?date ?event ?claim {{ %s
  VALUES (?property ?role) {{ (rg:begin rg:initiates) (rg:end rg:terminates) }}
  ?event ?role ?fact ; rg:time ?time . ?fact ?property ?time . ?time rg:edtf ?date
  OPTIONAL {{ ?claim rg:about ?event ; rg:modality modality:{_ASSERTED} ; rg:says ?content .
    GRAPH <{REPORTED.value}> {{ ?content ?role ?fact ; rg:time ?time }} }}
}} ORDER BY ?fact ?property ?date ?event"""
_IS_REPORTED: Final = f"SELECT ?content {{ GRAPH <{REPORTED.value}> {{ ?content ?property ?value }} }} LIMIT 1"
_SAY: Final = "VALUES ?role { rg:initiates rg:terminates } ?fact ?role ?relation . ?relation a rg:Fact . %s"


@dataclass(frozen=True, repr=False)
class Source:
    """A claim behind a fact, and its place.

    modality: Asserted, Planned, Denied …; attributed_to: who answers for it; document; start, end: its passage in code points,
    end exclusive; line: from 1; dates: those that it gives, of the time, begin or end of the fact; none where it gives none, or
    where the data have no graph of what is reported; section: of the document, None where it has none; modality_label: in the
    language of the dataset.

    >>> import relgraph
    >>> visit = relgraph.open().timeline("Lord Robertson", begin="2001-11", end="2001")[0]
    >>> print(visit.sources[0], visit.sources[0].dates)
    Asserted: 004, Chronology, line 167, characters 7069–7121 (DateRange(edtf='2001-11-21/2001-11-23'),)
    """

    claim: Resource
    modality: str
    attributed_to: tuple[Resource, ...]
    document: Resource
    start: int
    end: int
    line: int
    dates: tuple[DateRange, ...] = ()
    section: Resource | None = None
    modality_label: str = field(default="", compare=False)
    language: str = field(default="en", compare=False)

    @property
    def passage(self) -> Resource:
        """The passage, as a thing with an IRI (RFC 5147); its label is its place in words.

        >>> import relgraph
        >>> relgraph.open().timeline("Lord Robertson", begin="2001-11", end="2001")[0].sources[0].passage
        <document/004#char=7069,7121>
        """
        return Resource(f"{self.document.iri}#char={self.start},{self.end}", Named(self.place))

    @property
    def place(self) -> str:
        """Document, section, line and characters, in the language of the dataset.

        >>> import relgraph
        >>> relgraph.open(language="ru").timeline("Лорд Робертсон", begin="2001-11", end="2001")[0].sources[0].place
        '004, Хронология, строка 167, символы 7069–7121'
        """
        section = self.section.label if self.section else None
        return place(self.document.key, section, self.line, self.start, self.end, self.language)

    def __str__(self) -> str:
        modality = self.modality_label or self.modality
        return f"{modality[:1].upper()}{modality[1:]}: {self.place}"

    def __repr__(self) -> str:
        return f"<Source {self.claim.key}: {self}>"


@dataclass(frozen=True)
class Transition:
    """A date of a relation that no claim about the relation states: it follows from an event that begins or ends the relation.

    bound: begin or end; date; event; sources: the claims about the event that give the date: those that also say what it begins
    or ends, if there are any. Data without the graph of what is reported do not tell what a claim states: they have none.

    >>> import relgraph
    >>> member = relgraph.open().entity("Partnership for Peace").timeline()[1]
    >>> member.when, [(each.bound, each.event, len(each.sources)) for each in member.transitions]
    ('from 1994-06-22', [('begin', <event/accession-russia-pfp>, 2)])
    """

    bound: str
    date: DateRange
    event: Resource
    sources: tuple[Source, ...]


class Sources:
    """The sources of facts by fact, and the transitions of relations.

    ask: answers a SELECT with parameters; given: these; touches: a pattern that chooses among the facts, as ?fact; language: of
    labels and words.
    """

    def __init__(self, ask: Callable[..., Result], given: Mapping[str, Any], touches: str, language: str) -> None:
        self._language = language
        self._labels = Labels(lambda text: ask(text).terms, language)
        chooses = f"?fact a rg:Fact . {touches}"

        def asked(query: str, pattern: str) -> Result:
            return ask(query % pattern, **given)

        rows, said = asked(_SOURCES, chooses), asked(_SAID, chooses)
        self.of = self._read(rows, said)
        stated = _stated(rows, said)
        found = [
            row
            for row in asked(_TRANSITIONS, chooses)
            if isinstance(row.date, DateRange) and (row.fact, row.property, row.date) not in stated
        ]
        self.transitions: dict[Resource, tuple[Transition, ...]] = {}
        if found and ask(_IS_REPORTED):  # what claims state is not known without that graph
            saying = _SAY % touches.replace("?fact", "?relation")
            self._transitions(found, self._read(asked(_SOURCES, saying), asked(_SAID, saying)))

    def label(self, thing: Resource) -> str | None:
        """The label of a concept, section or event."""
        return self._labels(thing.iri)

    def expect(self, things: Iterable[Resource]) -> None:
        """Names things whose labels will be asked for, so that they are asked for together."""
        self._labels.expect(each.iri for each in things)

    def _transitions(self, rows: list[Any], sources: Mapping[Resource, tuple[Source, ...]]) -> None:
        claims: dict[tuple[Any, ...], set[Resource]] = defaultdict(set)
        for row in rows:
            claims[row.fact, row.property, row.date, row.event] |= {row.claim} if row.claim else set()
        self.expect(row.event for row in rows)
        found: dict[Resource, list[Transition]] = defaultdict(list)
        for (fact, bound, date, event), saying in claims.items():
            dated = [each for each in sources.get(event, ()) if each.modality == _ASSERTED and date in each.dates]
            chosen = tuple(each for each in dated if each.claim in saying) or tuple(dated)
            named = Resource(event.iri, Named(self.label(event)))
            found[fact].append(Transition(bound.iri.removeprefix(RG), date, named, chosen))
        self.transitions = {fact: tuple(several) for fact, several in found.items()}

    def _read(self, rows: Result, said: Result) -> dict[Resource, tuple[Source, ...]]:
        dates: dict[Resource, dict[DateRange, None]] = defaultdict(dict)
        for row in said:
            if isinstance(row.date, DateRange):
                dates[row.claim][row.date] = None
        self.expect(each for row in rows for each in (row.modality, row.section) if each is not None)
        found: dict[Resource, dict[Resource, Source]] = defaultdict(dict)
        for row in rows:
            known = found[row.fact].get(row.claim)
            found[row.fact][row.claim] = (
                replace(known, attributed_to=tuple(dict.fromkeys((*known.attributed_to, row.by))))
                if known
                else Source(
                    row.claim, _local(row.modality), (row.by,), row.document, row.start, row.end, row.line,
                    tuple(dates[row.claim]), Resource(row.section.iri, Named(self.label(row.section))) if row.section else None,
                    self.label(row.modality) or _local(row.modality), self._language,
                )
            )  # fmt: skip
        return {fact: tuple(claims.values()) for fact, claims in found.items()}


def _stated(rows: Result, said: Result) -> set[tuple[Resource, Resource, DateRange]]:
    """Facts, properties and dates that an assertion about the fact itself states."""
    about: dict[Resource, set[Resource]] = defaultdict(set)
    for row in rows:
        if _local(row.modality) == _ASSERTED:
            about[row.claim].add(row.fact)
    return {(fact, row.property, row.date) for row in said if isinstance(row.date, DateRange) for fact in about[row.claim]}


def _local(concept: Resource) -> str:
    return concept.iri.rpartition("#")[2]


def footnotes(transitions: Iterable[Transition]) -> Iterator[tuple[Transition, Source]]:
    """Each transition with each of its sources."""
    return ((each, source) for each in transitions for source in each.sources)
