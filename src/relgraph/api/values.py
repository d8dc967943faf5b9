"""Terms of RDF as values of Python, and back. What Python cannot hold without loss stays a text that knows its datatype."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from pyoxigraph import NamedNode

from relgraph.api.dates import DateRange
from relgraph.errors import DateError, UsageError
from relgraph.naming import iris
from relgraph.vocabulary import ID, PREFIXES


class Namer(Protocol):
    """Gives labels of IRIs."""

    def __call__(self, iri: str) -> str | None:
        """The label of an IRI, None where it has none."""

    def known(self, iri: str) -> str | None:
        """The label of an IRI, if it has been looked at."""


@dataclass(frozen=True, slots=True)
class Named:
    """A label that is known already; None where there is none."""

    label: str | None

    def __call__(self, iri: str) -> str | None:
        """As Namer."""
        return self.label

    def known(self, iri: str) -> str | None:
        """As Namer."""
        return self.label


class Resource(str):
    """A thing with an IRI: a str that is the IRI, with a shorter key and a label.

    >>> import relgraph
    >>> moscow = relgraph.open().entity("Moscow").resource
    >>> moscow.key, moscow.label, str(moscow)
    ('place/moscow', 'Moscow', 'https://w3id.org/relgraph/id/place/moscow')
    """

    __slots__ = ("_namer",)
    _namer: Namer | None

    def __new__(cls, iri: str, namer: Namer | None = None) -> Resource:
        """iri: in full; namer: where its label comes from."""
        made = super().__new__(cls, iri)
        made._namer = namer
        return made

    @property
    def iri(self) -> str:
        """The IRI in full."""
        return str.__str__(self)

    @property
    def key(self) -> str:
        """The key (state/RUS) of a thing of relgraph, the prefixed name (rg:Visit) of a term, else the IRI."""
        iri = self.iri
        if iri.startswith(ID):
            return iri.removeprefix(ID)
        for prefix, namespace in PREFIXES.items():
            if iri.startswith(namespace) and len(iri) > len(namespace):
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return iri

    @property
    def label(self) -> str:
        """The label in the language of the dataset, in another where it has none, else the key."""
        return (self._namer(self.iri) if self._namer else None) or self.key

    @property
    def date(self) -> DateRange | None:
        """What a time span (a thing with a key time/…) means; None of other things."""
        try:
            return DateRange(self.key.removeprefix("time/").replace("_", "/")) if self.key.startswith("time/") else None
        except DateError:
            return None

    def __str__(self) -> str:
        return str.__str__(self)

    def __repr__(self) -> str:
        return f"<{self.key}>"

    def __reduce__(self) -> tuple[type[Resource], tuple[str, Namer | None]]:
        label = self._namer.known(self.iri) if self._namer else None
        return Resource, (self.iri, Named(label) if label else None)  # without the dataset that it came from

    def __copy__(self) -> Resource:
        return self  # nothing in it changes

    def __deepcopy__(self, memo: object) -> Resource:
        return self


class Text(str):
    """A text in a language: a str with its language tag, and its base direction (ltr, rtl; RDF 1.2), None where it has none.

    >>> from relgraph import Text
    >>> Text("НАТО", "ru").language
    'ru'
    """

    __slots__ = ("direction", "language")
    language: str
    direction: str | None

    def __new__(cls, text: str, language: str, direction: str | None = None) -> Text:
        """text, its language tag, as "en", and its direction."""
        made = super().__new__(cls, text)
        made.language = language
        made.direction = direction
        return made

    def __reduce__(self) -> tuple[type[Text], tuple[str, str, str | None]]:
        return Text, (str.__str__(self), self.language, self.direction)


class Typed(str):
    """The text of a literal whose datatype Python has nothing for, or that is beyond its bounds: a str with the datatype's IRI.

    >>> from relgraph import Typed
    >>> Typed("P3M", "http://www.w3.org/2001/XMLSchema#duration").datatype
    'http://www.w3.org/2001/XMLSchema#duration'
    """

    __slots__ = ("datatype",)
    datatype: str

    def __new__(cls, text: str, datatype: str) -> Typed:
        """text: the lexical form; datatype: its IRI."""
        made = super().__new__(cls, text)
        made.datatype = datatype
        return made

    def __reduce__(self) -> tuple[type[Typed], tuple[str, str]]:
        return Typed, (str.__str__(self), self.datatype)


class Blank(str):
    """A node without an IRI; its text, as _:b0, tells it from others of the same answer, and means nothing elsewhere.

    >>> from relgraph import Blank
    >>> Blank("_:b0")
    '_:b0'
    """

    __slots__ = ()


class Statement(NamedTuple):
    """A triple, as a value of its own (RDF 1.2) or of a CONSTRUCT.

    >>> from relgraph import Statement, iri
    >>> Statement(iri("state/RUS"), iri("rg:memberOf"), iri("org/osce")).predicate
    <rg:memberOf>
    """

    subject: Any
    predicate: Any
    object: Any


def iri(text: str) -> Resource:
    """The resource of a key (state/RUS), a prefixed name (rg:Visit) or an IRI in full, with or without < >.

    >>> import relgraph
    >>> relgraph.iri("state/RUS").iri
    'https://w3id.org/relgraph/id/state/RUS'

    Raises UsageError for what cannot be an IRI.
    """
    for found in iris(text):
        return Resource(found)
    raise UsageError(f"{text[:100]!r} is no key, prefixed name or IRI; write it as state/RUS, rg:Visit or http://example.org/x")


def named(text: str) -> NamedNode:
    """The node of an IRI. Raises UsageError for what is none."""
    try:
        return NamedNode(text)
    except ValueError as error:
        raise UsageError(f"{text[:100]!r} is no IRI: {error}") from error
