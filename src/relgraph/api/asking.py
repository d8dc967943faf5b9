"""The query files of a project as functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from relgraph import questions
from relgraph.api import graphs, html, naming, signatures
from relgraph.api.dates import DateRange
from relgraph.api.values import Resource
from relgraph.api.words import word
from relgraph.errors import UsageError, suggestion

if TYPE_CHECKING:
    from relgraph.api.dataset import Dataset


class Question:
    """A query of the project, with typed parameters: call it with them.

    >>> import relgraph
    >>> visits = relgraph.open().questions["visits-by-office"]
    >>> visits.title, sorted(visits.parameters)
    ('Visits to a place by holders of an office', ['place', 'position'])
    >>> len(visits(place="place/moscow")) > 0
    True
    """

    def __init__(self, dataset: Dataset, question: questions.Question) -> None:
        self._dataset = dataset
        self._question = question
        self.name = question.name
        self.__signature__ = signatures.of(question, dataset.language)
        self.__doc__ = signatures.described(question, dataset.language)

    @property
    def title(self) -> str:
        """What it asks, in the language of the dataset."""
        return str(getattr(self._question.header.title, self._dataset.language))

    @property
    def description(self) -> str:
        """What the answer holds, in the language of the dataset."""
        return str(getattr(self._question.header.description, self._dataset.language))

    @property
    def parameters(self) -> dict[str, str]:
        """What each parameter means, by name, with its default."""
        defaults = self._question.defaults()
        about = {
            name: str(getattr(p.description, self._dataset.language)) for name, p in self._question.header.parameters.items()
        }
        return {name: f"{words} [{defaults.get(name, '')}]" for name, words in about.items()}

    def __call__(self, /, **arguments: object) -> Any:
        """The answer, as Dataset.query gives it: a Result for SELECT, a bool for ASK, a Graph for CONSTRUCT and DESCRIBE.

        Resources are given as an Entity, Resource, or a text: a label in any language, a key, a prefixed
        name, an IRI, of a document its id (004); dates as EDTF, DateRange, date or datetime. None stands for the default.

        A name that is a word of Python has an underscore behind it: from_="2001".

        Raises UsageError for an unknown parameter and for one that is given twice, for a value that is not of its type, for a
        resource that is not there, and for data without a graph that the query reads: its answer would be empty, whatever the
        data say.
        """
        given = {name: _argument(self._found(name, value)) for name, value in self._named(arguments).items() if value is not None}
        if "language" in self._question.header.parameters:
            given.setdefault("language", self._dataset.language)
        text = self._question.bind(given)
        for name, node in self._question.resources(given).items():
            kind = self._question.parameter(name).class_name
            naming.check(self._dataset.select, Resource(node.value), f"the parameter {name}", kind)
        graphs.check(self._dataset, self.name, text)
        return self._dataset.query(text)

    def _named(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """Arguments by the names of their parameters, whose keywords may have an underscore behind them."""
        names = {signatures.written(name): name for name in self._question.header.parameters}
        named: dict[str, object] = {}
        for keyword, value in arguments.items():
            name = names.get(keyword, keyword)
            self._question.parameter(name)
            if name in named:
                raise UsageError(f"the parameter {name} of the query {self.name} is given twice. Give it once, as {keyword}")
            named[name] = value
        return named

    def _found(self, name: str, value: object) -> object:
        """A value; for the name of a thing, as people call it, the thing."""
        parameter = self._question.parameter(name)
        if parameter.type != "iri" or type(value) is not str:
            return value
        text, what = self._question.written(name, value), f"the parameter {name}"
        return naming.find(self._dataset.select, text, "these data", what, parameter.class_name)

    def __repr__(self) -> str:
        given = "".join(f"\n  {name}: {words}" for name, words in self.parameters.items())
        return f"{self.name}: {self.title}{given}"

    def _repr_html_(self) -> str:
        rows = [(f"{name}=", about) for name, about in signatures.parameters(self._question, self._dataset.language).items()]
        columns = [word(name, self._dataset.language) for name in ("parameter", "given")]
        table = html.table(columns, rows) if rows else word("none", self._dataset.language)
        return html.block(html.strong(f"{self.name}: {self.title}"), self.description, table)


class Questions(Mapping[str, Question]):
    """The query files of the project by name.

    >>> import relgraph
    >>> "accessions" in relgraph.open().questions
    True
    """

    def __init__(self, dataset: Dataset, found: Mapping[str, questions.Question]) -> None:
        self._dataset = dataset
        self._found = found

    def __getitem__(self, name: str) -> Question:
        if name not in self._found:
            raise UsageError(f"there is no query {name!r}. {suggestion(name, self._found)}")
        return Question(self._dataset, self._found[name])

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return "\n".join(f"{question.name}: {question.title}" for question in self.values())

    def _repr_html_(self) -> str:
        rows = [(name, question.title, question.description, ", ".join(question.parameters)) for name, question in self.items()]
        language = self._dataset.language
        columns = [word(name, language) for name in ("query", "title", "answer", "parameters")]
        return html.block(html.table(columns, rows), word("run", language))


def _argument(value: Any) -> str:
    """A value as Question.bind takes it: the text of what it is, which it checks against the type of the parameter."""
    value = getattr(value, "resource", value)
    if isinstance(value, NamedNode):
        return value.value
    if isinstance(value, DateRange):
        return value.edtf
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
