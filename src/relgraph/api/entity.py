"""A thing with a name, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from relgraph.api import html
from relgraph.api.dates import DateRange
from relgraph.api.facts import Fact
from relgraph.api.labels import best
from relgraph.api.results import Result
from relgraph.api.timelines import Timeline
from relgraph.api.values import Resource, Text
from relgraph.api.words import word
from relgraph.errors import UsageError
from relgraph.vocabulary import ONTOLOGY_GRAPH

if TYPE_CHECKING:
    from relgraph.api.dataset import Dataset

_SAID: Final = f"{{ ?entity ?property ?value }} UNION {{ GRAPH {ONTOLOGY_GRAPH} {{ ?entity ?property ?value }} }}"
_NAMES: Final = f"""SELECT DISTINCT ?property (?value AS ?name) {{
  VALUES ?property {{ skos:prefLabel rdfs:label skos:altLabel }} {_SAID} }} ORDER BY ?property ?name"""
_DEFINITIONS: Final = f"SELECT DISTINCT ?value {{ VALUES ?property {{ skos:definition rdfs:comment }} {_SAID} }} ORDER BY ?value"
_KINDS: Final = f"SELECT DISTINCT (?value AS ?kind) {{ VALUES ?property {{ rdf:type }} {_SAID} FILTER(isIRI(?value)) }}"
_INSTANCES: Final = "SELECT DISTINCT ?thing { ?thing a ?entity FILTER(isIRI(?thing)) } ORDER BY ?thing"
_CLAIMS: Final = """SELECT DISTINCT ?claim ?modality ?by ?fact ?document ?line {
  ?fact a rg:Fact ; ?any ?entity .
  ?claim rg:about ?fact ; rg:modality ?modality ; rg:attributedTo ?by ; rg:evidence ?span .
  ?span rg:document ?document ; rg:line ?line ; rg:charStart ?start
} ORDER BY ?document ?start ?claim ?by"""


_CLASSES: Final = ("owl:Class", "rdfs:Class")
_CLASS: Final = {
    "en": "class of the ontology; its things are .instances()",
    "ru": "класс онтологии; его экземпляры – .instances()",
}
_PROPERTY: Final = {"en": "property of the ontology", "ru": "свойство онтологии"}
#: What the classes of terms are called, which have no labels in the data.
_CALLED: Final = {
    **dict.fromkeys(_CLASSES, _CLASS),
    **dict.fromkeys(("owl:ObjectProperty", "owl:DatatypeProperty", "owl:AnnotationProperty", "rdf:Property"), _PROPERTY),
    "skos:Concept": {"en": "concept", "ru": "понятие"},
}


class Entity:
    """An actor, body, place, instrument, topic …, or a term of the ontology, as Dataset.entity finds it.

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

    @property
    def definition(self) -> str | None:
        """What it is, in words, in the language of the dataset, else in another; None where nothing says.

        >>> import relgraph
        >>> relgraph.open().entity("rg:Voice").definition is None
        False
        """
        found = [row.value for row in self._dataset.select(_DEFINITIONS, entity=self.resource) if isinstance(row.value, str)]
        return best({getattr(text, "language", ""): str(text) for text in reversed(found)}, self._dataset.language)

    def instances(self) -> Result:
        """The things of a class of the ontology, as column thing; those of the classes below it, too. For facts and their times,
        ask for its timeline.

        >>> import relgraph
        >>> ds = relgraph.open()
        >>> ds.entity("Членство")
        membership (rg:Membership): class of the ontology; its things are .instances()
        >>> len(ds.entity("Visit").instances()), len(ds.timeline("Visit"))
        (5, 5)

        Raises UsageError for what is no class.
        """
        found = self._dataset.select(_INSTANCES, entity=self.resource)
        if not found and not any(kind.key in _CLASSES for kind in self.kinds):
            raise UsageError(f"{self.label} ({self.key}) is no class of the ontology, and only classes have instances")
        return found

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

    def _called(self, kind: Resource) -> str:
        """A class of it in words."""
        return _CALLED.get(kind.key, {}).get(self._dataset.language) or kind.label

    def _names(self, preferred: bool) -> Sequence[str]:
        rows = self._dataset.select(_NAMES, entity=self.resource)
        return [row.name for row in rows if (row.property.key != "skos:altLabel") == preferred and isinstance(row.name, str)]

    def __copy__(self) -> Entity:
        return self  # nothing in it changes

    def __deepcopy__(self, memo: object) -> Entity:
        return self

    def __reduce__(self) -> NoReturn:
        raise UsageError(
            f"{self.key} belongs to a dataset that is open in this process, so the entity cannot be pickled or sent to another "
            "one. Send its .resource, and ask Dataset.entity for it there"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entity) and self.iri == other.iri

    def __hash__(self) -> int:
        return hash(self.iri)

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        kinds = ", ".join(dict.fromkeys(map(self._called, self.kinds)))
        return f"{self.label} ({self.key}){f': {kinds}' if kinds else ''}"

    def _repr_html_(self) -> str:
        kinds = (html.linked(kind.iri, self._called(kind)) for kind in self.kinds)
        known = {
            "labels": ", ".join(f"{words} ({language})" for language, words in self.labels.items()),
            "names": ", ".join(self.names),
            "classes": html.Markup(", ".join(kinds)),
            "definition": self.definition or "",
        }
        rows = [(word(name, self._dataset.language), value) for name, value in known.items()]
        return html.block(html.strong(html.linked(self.iri, self.label)), html.table(("", self.key), rows))


#: A thing as people name it, or several.
Names: TypeAlias = str | Resource | Entity | Iterable[str | Resource | Entity]
