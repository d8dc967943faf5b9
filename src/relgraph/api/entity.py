"""A thing with a name, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from relgraph.api import html
from relgraph.api.dates import DateRange
from relgraph.api.facts import Fact
from relgraph.api.labels import best
from relgraph.api.results import Result
from relgraph.api.timelines import Timeline
from relgraph.api.values import Resource, Text

if TYPE_CHECKING:
    from relgraph.api.dataset import Dataset

_NAMES: Final = """SELECT DISTINCT ?property ?name {
  VALUES ?property { skos:prefLabel rdfs:label skos:altLabel } ?entity ?property ?name } ORDER BY ?property ?name"""
_KINDS: Final = "SELECT DISTINCT ?kind { ?entity a ?kind FILTER(isIRI(?kind)) }"
_CLAIMS: Final = """SELECT DISTINCT ?claim ?modality ?by ?fact ?document ?line {
  ?fact a rg:Fact ; ?any ?entity .
  ?claim rg:about ?fact ; rg:modality ?modality ; rg:attributedTo ?by ; rg:evidence ?span .
  ?span rg:document ?document ; rg:line ?line ; rg:charStart ?start
} ORDER BY ?document ?start ?claim ?by"""


class Entity:
    """An actor, body, place, instrument, topic …, as Dataset.entity finds it.

    >>> import relgraph
    >>> nato = relgraph.open().entity("НАТО")
    >>> nato.label, nato.key, nato.labels["ru"], [kind.key for kind in nato.kinds]
    ('NATO', 'org/nato', 'НАТО', ['rg:InternationalOrganization'])
    """

    def __init__(self, dataset: Dataset, resource: Resource) -> None:
        self._dataset = dataset
        self.resource = resource

    @property
    def iri(self) -> str:
        """The IRI in full."""
        return self.resource.iri

    @property
    def key(self) -> str:
        """The key, as state/RUS."""
        return self.resource.key

    @property
    def label(self) -> str:
        """The label, in the language of the dataset."""
        return best(self.labels, self._dataset.language) or self.key

    @property
    def labels(self) -> dict[str, str]:
        """The labels by language.

        >>> import relgraph
        >>> relgraph.open().entity("place/moscow").labels
        {'en': 'Moscow', 'ru': 'Москва'}
        """
        return {text.language: str(text) for text in self._names(preferred=True) if isinstance(text, Text)}

    @property
    def names(self) -> tuple[str, ...]:
        """Its other names.

        >>> import relgraph
        >>> "NRC" in relgraph.open().entity("NATO-Russia Council").names
        True
        """
        return tuple(map(str, self._names(preferred=False)))

    @property
    def kinds(self) -> tuple[Resource, ...]:
        """Its classes, the narrowest ones."""
        kinds = [row.kind for row in self._dataset.select(_KINDS, entity=self.resource)]
        return tuple(self._dataset._order.narrowest(kinds))

    def facts(self) -> tuple[Fact, ...]:
        """The relations and events in which it has a role, by their first possible moment, those without a date last.

        >>> import relgraph
        >>> [fact.kind.key for fact in relgraph.open().entity("Partnership for Peace").facts()][:2]
        ['rg:Accession', 'rg:Membership']
        """
        timeline = self.timeline()
        return (*timeline, *timeline.undated)

    def claims(self) -> Result:
        """The claims about these facts: columns claim, modality, by (who answers for it), fact, document, line.

        >>> import relgraph
        >>> relgraph.open().entity("Partnership for Peace").claims().columns
        ('claim', 'modality', 'by', 'fact', 'document', 'line')
        """
        return self._dataset.select(_CLAIMS, entity=self.resource)

    def timeline(self, begin: DateRange | str | date | None = None, end: DateRange | str | date | None = None) -> Timeline:
        """Its facts in the order of their time; see Dataset.timeline.

        >>> import relgraph
        >>> [fact.when for fact in relgraph.open().entity("Lord Robertson").timeline(begin="2001-11", end="2001")]
        ['2001-11-21/2001-11-23']
        """
        return self._dataset.timeline(self, begin, end)

    def _names(self, preferred: bool) -> Sequence[str]:
        rows = self._dataset.select(_NAMES, entity=self.resource)
        return [row.name for row in rows if (row.property.key != "skos:altLabel") == preferred and isinstance(row.name, str)]

    def __copy__(self) -> Entity:
        return self  # nothing in it changes

    def __deepcopy__(self, memo: object) -> Entity:
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entity) and self.iri == other.iri

    def __hash__(self) -> int:
        return hash(self.iri)

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        kinds = ", ".join(kind.label for kind in self.kinds)
        return f"{self.label} ({self.key}){f': {kinds}' if kinds else ''}"

    def _repr_html_(self) -> str:
        named = [f"{words} ({language})" for language, words in self.labels.items()]
        rows = [("labels", ", ".join(named)), ("other names", ", ".join(self.names))]
        rows += [("classes", html.Markup(", ".join(html.text(kind) for kind in self.kinds)))]
        return html.block(html.strong(html.linked(self.iri, self.label)), html.table(("", self.key), rows))
