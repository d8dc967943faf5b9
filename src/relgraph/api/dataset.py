"""A dataset: everything that can be asked of a release, a file or an endpoint."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, TypeVar

from pyoxigraph import Literal, NamedNode

from relgraph.api import documents as documents_by_id
from relgraph.api import facts, html, naming, reading
from relgraph.api.backends import Backend, Solutions
from relgraph.api.dates import DateRange
from relgraph.api.entity import Entity, Names
from relgraph.api.explanations import Explanation
from relgraph.api.labels import Labels
from relgraph.api.order import Order, order_of
from relgraph.api.results import Graph, Result
from relgraph.api.terms import BOUNDS, refuse_surrogates, term
from relgraph.api.timelines import Timeline
from relgraph.api.values import Resource
from relgraph.api.words import word
from relgraph.errors import UsageError

if TYPE_CHECKING:
    import networkx

    from relgraph.api.asking import Question, Questions
    from relgraph.findings import Report
    from relgraph.project import Project

_Kind = TypeVar("_Kind")
LANGUAGES: Final = ("en", "ru")
_COUNTS: Final = """SELECT (COUNT(DISTINCT ?fact) AS ?facts) (COUNT(DISTINCT ?claim) AS ?claims) {
  { ?fact a rg:Fact } UNION { ?claim a rg:Claim } }"""


class Dataset:
    """A release, a file of RDF, or an endpoint: relgraph.open gives one. Use it in a with statement, or close it.

    >>> import relgraph
    >>> with relgraph.open() as ds:
    ...     ds.query("ASK { <state/RUS> rg:partnerOf ?framework }")
    True
    """

    def __init__(self, backend: Backend, project: Project, language: str = "en") -> None:
        """project: whose queries and shapes are used; language: of labels, en or ru. Raises UsageError for another language."""
        if language not in LANGUAGES:
            raise UsageError(f"there are no labels in {language!r}; choose {' or '.join(LANGUAGES)}")
        self.language = language
        self._backend = backend
        self._project = project
        self._labels = Labels(self._select, language)

    @property
    def name(self) -> str:
        """What the data are: the release, the file, or the address."""
        return self._backend.name

    @property
    def release(self) -> str | None:
        """The id of the release: the SHA-256 of its dataset.nq. None of a file, and of an endpoint that does not name one.

        >>> import relgraph
        >>> len(relgraph.open().release)
        64
        """
        return self._backend.release

    def query(self, text: str, /, **parameters: object) -> Any:
        """The answer to a SPARQL query: a Result for SELECT, a bool for ASK, a Graph for CONSTRUCT and DESCRIBE.

        Prefixes of relgraph need not be declared, and relative IRIs are keys (<state/RUS>). A parameter stands for a variable of
        its name everywhere in the query, as a term: a str is a string, relgraph.iri(…) or an Entity an IRI; numbers, bool, date,
        datetime, Text and DateRange (the string of its EDTF) are what they are. A variable that the query matches with rg:edtf
        comes as DateRange. Of a release or a file, SERVICE is answered for the search (search:index) only, and nothing is
        fetched; an endpoint answers it as it is set up.

        >>> import relgraph
        >>> ds = relgraph.open()
        >>> query = "SELECT ?visitor ?date { ?v a rg:Visit ; rg:visitor ?visitor ; rg:place ?where ; rg:time/rg:edtf ?date }"
        >>> for visit in ds.query(query + " ORDER BY ?date", where=ds.entity("Москва")):
        ...     print(visit.date.wording(), visit.visitor.label)
        24–25 February 1992 Manfred Wörner
        spring 1993 Supreme Allied Commander Europe
        20–21 March 1996 Javier Solana
        15–16 February 2000 Lord Robertson
        21–23 November 2001 Lord Robertson

        Raises QueryError for a query that cannot be read or evaluated, UsageError for a parameter that is no variable of it, and
        for a day (date) where it would be compared with rg:earliest or rg:latest, which are moments; EndpointError and
        BudgetError where an endpoint does not answer.
        """
        read = reading.read(_worded(text, "the query"))
        terms = {name: term(value, f"the parameter {name}") for name, value in parameters.items()}
        for name, value in parameters.items():
            if isinstance(value, date) and not isinstance(value, datetime) and not read.iris.isdisjoint(BOUNDS):
                raise UsageError(
                    f"the parameter {name} is a day, which cannot be compared with rg:earliest and rg:latest: the answer would "
                    f'be empty. Give a moment, as relgraph.DateRange("{value}").earliest or .latest'
                )
        answer = self._backend.answer(text, terms)
        if isinstance(answer, Solutions):
            return Result(answer.variables, answer.rows, self._labels, read.dates, text)
        return answer if isinstance(answer, bool) else Graph(answer, self._labels)

    def select(self, text: str, /, **parameters: object) -> Result:
        """The rows of a SELECT, as `query` gives them, for those who check types. Raises UsageError for another form of query.

        >>> import relgraph
        >>> relgraph.open().select("SELECT (COUNT(*) AS ?n) { ?visit a rg:Visit }").first.n
        5
        """
        return _as(Result, self.query(text, **parameters), "no SELECT")

    def ask(self, text: str, /, **parameters: object) -> bool:
        """The answer to an ASK, as `query` gives it. Raises UsageError for another form of query.

        >>> import relgraph
        >>> relgraph.open().ask("ASK { ?visit a rg:Visit ; rg:visitor ?who }", who=relgraph.iri("person/george-robertson"))
        True
        """
        return _as(bool, self.query(text, **parameters), "no ASK")

    def construct(self, text: str, /, **parameters: object) -> Graph:
        """The graph of a CONSTRUCT or DESCRIBE, as `query` gives it. Raises UsageError for another form of query.

        >>> import relgraph
        >>> len(relgraph.open().construct("CONSTRUCT { ?v rg:visitor ?who } WHERE { ?v rg:visitor ?who }"))
        5
        """
        return _as(Graph, self.query(text, **parameters), "no CONSTRUCT or DESCRIBE")

    def entity(self, name: str | Resource | Entity) -> Entity:
        """The thing of a name: its label or another name in any language, in any case; its key; its IRI; of a document its id. A
        class or property of the ontology, by its label or name, where no thing is called so: Entity.instances gives the things
        of a class.

        >>> import relgraph
        >>> ds = relgraph.open()
        >>> ds.entity("нато") == ds.entity("org/nato") == ds.entity("NATO")
        True
        >>> ds.entity("004") == ds.entity("document/004")
        True
        >>> ds.entity("Natto")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        relgraph.errors.UsageError: there is no 'Natto' in these data. Did you mean NATO (org/nato)...?

        Raises UsageError for a name of several things, with their keys, and for one of none, with what is like it.
        """
        if isinstance(name, Entity):
            return name
        if isinstance(name, Resource):
            return Entity(self, naming.find(self.select, f"<{name.iri}>", "these data"))
        return Entity(self, documents_by_id.of_id(self.select, name) or naming.find(self.select, name, "these data"))

    def search(self, words: str) -> list[Entity]:
        """The things whose names or descriptions have these words, in any inflection, the best first.

        >>> import relgraph
        >>> relgraph.open().search("Москве")[0].key
        'place/moscow'

        Empty also where the data have no search: an endpoint that is not relgraph's. Raises UsageError for too many words and
        for a dataset that is closed; EndpointError and BudgetError where an endpoint does not answer.
        """
        text = _worded(words, "what is searched for")
        found = naming.searched(self.select, text, self._is_foreign)
        return [Entity(self, thing) for thing in dict.fromkeys(found)]

    def timeline(
        self,
        entity: str | Resource | Entity | None = None,
        begin: DateRange | str | date | None = None,
        end: DateRange | str | date | None = None,
    ) -> Timeline:
        """The events and relations in which an entity has a role (without one: all), by their first possible moment.

        begin, end: a period, as EDTF, ranges or days, both inclusive; what may fall in it is there, Timeline.is_certain says
        what certainly does. Raises UsageError as `entity` does, and DateError for what is no date.

        >>> import relgraph
        >>> for fact in relgraph.open().timeline("Lord Robertson", begin="2001-11", end="2001"):
        ...     print(fact.when, fact.status, fact.label)
        2001-11-21/2001-11-23 Occurred Visit: Lord Robertson to Moscow, 21–23 November 2001
        """
        chosen = None if entity is None else self.entity(entity)
        about = chosen.label if chosen else self.name
        found = facts.of(self.select, self._order, chosen.resource if chosen else None, self.language)
        return Timeline(found, begin, end, about, self.language)

    def why(self, subject: object, predicate: object, value: object) -> Explanation:
        """Why a triple is in the data, or what is nearest to it: claims and passages, or rule and premises.

        A position is given as an Entity, a Resource, or a text: a label in any language, a key, a prefixed name, an IRI; the
        value also as a number, a bool, a date or a Text. A triple of a Graph: why(*triple).

        >>> import relgraph
        >>> why = relgraph.open().why("Russia", "rg:partnerOf", "Partnership for Peace")
        >>> why.found, why.origin
        (True, 'inferred')

        Raises UsageError for what the data do not know, and for an endpoint that explains nothing.
        """
        texts = (_text(subject), _text(predicate), _text(value))
        return Explanation(*self._backend.explanation(texts, self.language))

    def validate(self) -> Report:
        """What the shapes and whole-graph checks of the project find wrong with the data; see relgraph.findings.

        >>> import relgraph
        >>> [f for f in relgraph.open().validate().findings if f.level == "Violation"]
        []

        Raises UsageError for an endpoint.
        """
        return self._backend.report(self._project)

    @cached_property
    def questions(self) -> Questions:
        """The query files of the project, as functions by name.

        >>> import relgraph
        >>> relgraph.open().questions["accessions"].title
        'Who joined what and when, according to whom'
        """
        from relgraph import questions
        from relgraph.api.asking import Questions

        return Questions(self, questions.load(self._project.queries))

    def run(self, name: str, /, **arguments: object) -> Any:
        """The answer to a query file of the project, by its name, with its parameters: as `query` gives it, by its form.

        A parameter whose name is a word of Python gets an underscore behind it (from_=).

        >>> import relgraph
        >>> relgraph.open().run("visits-by-office", place="place/moscow").columns[:2]
        ('visit', 'visitor')

        Raises UsageError for an unknown name or parameter, a value that is not of its type, a resource that is not there, and
        for data without a graph that the query reads, as a file of Turtle is.
        """
        question: Question = self.questions[_worded(name, "the name of a query")]
        return question(**arguments)

    def export(
        self,
        form: str,
        path: str | Path,
        *,
        documents: str | Path | None = None,
        document: Names | None = None,
        actor: Names | None = None,
        period: DateRange | str | date | None = None,
        undated: bool = False,
        modality: Names | None = None,
        graph: Names | None = None,
    ) -> Path:
        """Writes the release, or a part of it, in a form (turtle, nquads, jsonld, claims.csv …) to a file, whole or not at all,
        and gives its path. All tables (csv, parquet) go into a folder: one that is there, or a name without a suffix.

        documents: the folder with the texts, from which claims.csv and claims.parquet have their passages; without it, the one
        that relgraph.open was given; other forms have none. The others choose claims, as docs/exports.md says; each of document,
        actor, modality and graph is a name (label, key, IRI, Entity, Resource) or several of them. document: by id (004) or
        title, too; actor: has a role in the fact, or makes the claim; period: when the fact may have been, as EDTF, a range or a
        day; undated: with a period, also facts without a time; modality: Planned, Denied …; graph: asserted, provenance,
        inferred, reported, ontology.

        >>> import relgraph, tempfile
        >>> ds = relgraph.open()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = ds.export("nquads", f"{folder}/release.nq")
        ...     part = ds.export("claims.csv", f"{folder}/part.csv", actor=["NATO", "Россия"], period="1994/2001")
        ...     print(file.read_bytes()[:1], part.read_text("utf-8").partition(",")[0])
        b'<' iri

        Raises UsageError for an unknown form or name, where no claim is chosen, for data that are no release (an endpoint, a
        file), and for a file that cannot be written; RoomError where temporary files have no room; InputError for documents that
        are not those of the project.
        """
        release, texts = self._backend.exportable()
        from relgraph.api import exporting, passages
        from relgraph.exports import forms

        if documents is not None and forms.named(form).is_quoted:
            texts = passages.texts(self._project, documents, 2)
        chosen = exporting.selection(release, graph, document, actor, period, modality, undated)
        return exporting.write(release, form, path, chosen, texts)

    def to_networkx(self) -> networkx.MultiDiGraph[Any]:
        """The facts and what has a role in them as a MultiDiGraph of networkx.

        Nodes and edges are those of the GraphML of exports: facts, entities, and an edge from a fact to each entity or fact that
        has a role in it, with the role as label and key. Nodes are IRIs, with kind (event, relation, entity), class and label; of
        facts also status, edtf, begin, end, contested, and the number of claims. Planned and denied events are there like those
        that occurred: look at the status. Roles are those that are stated; of data without the graph that has them (a file of
        Turtle, say) also those that are inferred.

        >>> import relgraph
        >>> network = relgraph.open().to_networkx()
        >>> network.nodes["https://w3id.org/relgraph/id/event/visit-robertson-moscow-2001-11"]["class"]
        'Visit'

        Raises UsageError without networkx.
        """
        from relgraph.api.networks import of_dataset

        return of_dataset(self.select, self._order, self.language)

    def close(self) -> None:
        """Gives back what was opened; nothing can be asked after that.

        >>> import relgraph
        >>> relgraph.open().close()
        """
        self._backend.close()

    def __reduce__(self) -> NoReturn:
        raise UsageError(
            f"{self.name} is open in this process: it cannot be pickled, copied or sent to another one. Open it there with "
            "relgraph.open; answers, and the resource of an entity, can be sent"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<relgraph.Dataset: {self.name}>"

    def _repr_html_(self) -> str:
        counts = self.select(_COUNTS).first
        known = {"facts": counts.facts, "claims": counts.claims, "release": self.release, "language": self.language}
        rows = [(word(name, self.language), value) for name, value in known.items() if value is not None]
        return html.block(html.strong(self.name), html.table(("", ""), rows))

    def _is_foreign(self) -> bool:
        """Whether it is an endpoint that has answered, and not as a server of relgraph."""
        from relgraph.api.endpoint import Endpoint  # imports httpx2

        return isinstance(self._backend, Endpoint) and self.release is None

    @cached_property
    def _order(self) -> Order:
        return order_of(self._select, self._project.ontology)

    def _select(self, text: str) -> tuple[tuple[Any, ...], ...]:
        answer = self._backend.answer(text, {})
        return answer.rows if isinstance(answer, Solutions) else ()


def _as(kind: type[_Kind], answer: object, not_one: str) -> _Kind:
    if not isinstance(answer, kind):
        raise UsageError(f"the query is {not_one}. Ask it with Dataset.query, which takes every form")
    return answer


def _worded(text: str, what: str) -> str:
    """A text. Raises UsageError for what is none, whatever those who check types were told, and for what is no valid Unicode."""
    if not isinstance(text, str):
        raise UsageError(f"{what} is of the type {type(text).__name__}. Give it as text")
    refuse_surrogates(text, what)
    return text


def _text(value: object) -> str:
    """A position of a triple as relgraph.why takes it."""
    value = getattr(value, "resource", value)
    if isinstance(value, str) and type(value) is str:
        return value
    found: NamedNode | Literal = term(value)
    return str(found)
