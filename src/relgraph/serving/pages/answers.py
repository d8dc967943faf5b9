"""Pages with what a query finds: the rows for readers, the forms to ask again, the addresses of the same as data."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from pyoxigraph import NamedNode, QueryResultsFormat, Store, parse_query_results

from relgraph import tables
from relgraph.errors import BudgetError, RelgraphError
from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS
from relgraph.headers import without_header
from relgraph.questions import Question
from relgraph.serving.http import protocol
from relgraph.serving.http.jobs import Jobs, is_volatile
from relgraph.serving.http.problems import problem
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.requests import Request
from relgraph.serving.pages import cells, details
from relgraph.serving.pages.presenting import Presenter, language_of
from relgraph.serving.pages.suggesting import Suggesting, named
from relgraph.serving.routes import products
from relgraph.serving.settings import Settings
from relgraph.serving.workers.frames import Frame

EXAMPLE = """SELECT ?visitor ?date ?evidence {
  ?visit a rg:Visit . ?claim rg:about ?visit ; rg:says ?content ; rg:evidence ?evidence .
  GRAPH <graph/reported> { ?content rg:visitor ?visitor ; rg:time ?time }
  ?time rg:edtf ?date .
} ORDER BY ?date"""
#: Parameters that a typed query keeps when its form is sent again, and those that another query gets from it.
_GRAPHS = ("default-graph-uri", "named-graph-uri")
_KEPT = (*_GRAPHS, "timeout")
#: The classes of what parameters mostly take.
_SUGGESTED = ("Agent", "Place", "Document", "Event")


class Answers:
    """Answers requests with pages of rows. texts: the documents at hand by id, for passages; suggesting: what fields suggest."""

    def __init__(self, settings: Settings, presenter: Presenter, texts: Mapping[str, str], suggesting: Suggesting) -> None:
        self._jobs = Jobs(settings)
        self._presenter = presenter
        self._texts = texts
        self._suggesting = suggesting

    async def typed(self, request: Request) -> None:
        """Answers with what a typed query finds; with an example where none is given."""
        given = list(request.given)
        if not any(name == "query" for name, _ in given):
            given.append(("query", EXAMPLE))
        asked = protocol.asked(given)
        try:
            await self._found(request, None, asked)
        except RelgraphError as error:
            await self._failed(request, None, asked.query, error)

    async def question(self, request: Request, question: Question) -> None:
        """Answers with what one of the queries with addresses finds."""
        try:
            await self._found(request, question, products.bound(question, request.given, language_of(request)))
        except RelgraphError as error:
            await self._failed(request, question, question.text, error)

    async def _found(self, request: Request, question: Question | None, asked: Asked) -> None:
        snapshot, language, given = request.snapshot, language_of(request), request.given

        def values(found: Frame) -> Mapping[str, object]:
            query = without_header(found.meta["query"] or asked.query)
            formats = GRAPH_FORMATS if found.meta["form"] == "graph" else TABLE_FORMATS
            links = {
                f.name: "/sparql?" + urlencode([("query", query), *_named(request, _GRAPHS), ("format", f.name)]) for f in formats
            }
            return self._asked(request, question) | {
                "query": query,
                "error": None,
                "more": found.meta["more"],
                "taken": [(text, iri, _called(snapshot.store, iri, language)) for text, iri in found.meta["taken"]],
                "columns": (table := _table(found, snapshot.store, language, self._texts)).columns,
                "found": cells.shown(table, query, language),
                "defaults": products.defaults(question, given) if question else {},
                "links": products.links(question, given, language) if question else links,
            }

        request.note(**self._jobs.noted(asked.query))
        job, seconds, volatile = self._jobs.page(asked), self._jobs.seconds(asked), is_volatile(asked.query)
        await self._presenter.show(request, "answer.html", values, job=job, seconds=seconds, volatile=volatile)

    async def _failed(self, request: Request, question: Question | None, query: str, error: RelgraphError) -> None:
        found = problem(error)
        request.also += [(name, value) for name, value in found.headers if name == b"retry-after"]

        def values(_: Frame) -> Mapping[str, object]:
            said = details.told(str(error), language_of(request))
            none = {"more": False, "taken": (), "columns": (), "found": [], "links": {}, "defaults": {}}
            return self._asked(request, question) | {"query": without_header(query), "error": said} | none

        free = isinstance(error, BudgetError)
        await self._presenter.show(request, "answer.html", values, status=found.status, free=free)

    def _asked(self, request: Request, question: Question | None) -> dict[str, object]:
        """What the forms of the page say."""
        arguments = question.defaults() | {name: value for name, value in request.given if value} if question else {}
        return {
            "question": question,
            "arguments": arguments,
            "things": self._suggesting.things(request.snapshot, language_of(request), *_SUGGESTED) if question else [],
            "kept": _named(request, ("timeout",) if question else _KEPT),
        }


def _called(store: Store, iri: str, language: str) -> str:
    """What a thing is called in a language."""
    ((_, name),) = named(store, [NamedNode(iri)], language)
    return name


def _named(request: Request, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The parameters of a request that have one of some names."""
    return [(name, value) for name, value in request.given if name in names]


def _table(found: Frame, store: Store, language: str, texts: Mapping[str, str]) -> tables.Table:
    """The rows that a worker found, for readers."""
    form = QueryResultsFormat.JSON if found.meta["form"] == "boolean" else QueryResultsFormat.TSV
    return tables.table(parse_query_results(found.data, form), store, language, texts)
