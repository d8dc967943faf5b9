"""Where queries are answered: a store of this process, from a release or from a file of RDF. Endpoints: see `endpoint`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, Store, Triple

from relgraph import evaluation, federation, rdf, services
from relgraph.api.parameters import Term, bind
from relgraph.errors import QueryError, UsageError, raise_if_any
from relgraph.release import Release
from relgraph.vocabulary import DEFAULT_GRAPHS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relgraph.findings import Report
    from relgraph.project import Project


@dataclass(frozen=True)
class Solutions:
    """The answer to a SELECT: names of the variables, and rows of terms in that order, None where unbound."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


Answer = Solutions | bool | Sequence[Triple]


class Backend(Protocol):
    """Something that answers queries about one set of data.

    name: what is shown for it; release: the id of the data, None where they have none.
    """

    @property
    def name(self) -> str:
        """What the data are, for people."""

    @property
    def release(self) -> str | None:
        """The id of the release or the hash of the file; None where it is not known."""

    def answer(self, query: str, terms: Mapping[str, Term]) -> Answer:
        """The answer to a query with terms for its parameters. Raises RelgraphError."""

    def explanation(self, terms: tuple[str, str, str], language: str) -> tuple[dict[str, Any], str]:
        """Why a triple is in the data: as the record and as the text of relgraph.why. Raises RelgraphError."""

    def report(self, project: Project) -> Report:
        """What the shapes and checks of a project find. Raises UsageError where the data are not at hand."""

    def exportable(self) -> tuple[Release, Mapping[str, str]]:
        """The release that can be exported, and the texts at hand by id. Raises UsageError where there is no release at hand."""

    def close(self) -> None:
        """Gives back what was opened."""


class Local:
    """A release or the quads of a file; queries are answered in this process, and nothing is ever fetched."""

    def __init__(self, name: str, store: Store, release: Release | None = None, texts: Mapping[str, str] | None = None) -> None:
        """texts: the documents at hand by id, for passages."""
        self.name = name
        self._store: Store | None = store
        self._release = release
        self._texts = texts or {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._explainer: Any = None
        self._indexing = Lock()

    @property
    def release(self) -> str | None:
        """The id of the release."""
        return self._release.id if self._release else None

    @property
    def store(self) -> Store:
        """The store. Raises UsageError when the dataset is closed."""
        if self._store is None:
            raise UsageError(f"{self.name} is closed. Open it again with relgraph.open")
        return self._store

    def answer(self, query: str, terms: Mapping[str, Term]) -> Answer:
        """As Backend.answer; the search is answered from the full-text index, another SERVICE is refused."""
        store = self.store
        text = bind(query, terms)
        try:
            if federation.may_federate(query):  # a text that a parameter puts in cannot add a clause
                text = services.resolve(text, self._index())
            return _evaluated(store, text)
        except QueryError as error:
            where = f" (its places count with the values of {', '.join(terms)} put in)" if terms else ""
            raise QueryError(f"{error}{where}") from error

    def explanation(self, terms: tuple[str, str, str], language: str) -> tuple[dict[str, Any], str]:
        """As Backend.explanation, with the passages of documents at hand."""
        from relgraph.why import Explainer, resolve
        from relgraph.why.records import record
        from relgraph.why.text import render

        if self._explainer is None:
            self._explainer = Explainer(self.store)
        found = self._explainer.explain(resolve(self.store, *terms), self._texts, language)
        return record(found), render(found, language)

    def report(self, project: Project) -> Report:
        """As Backend.report."""
        from relgraph.validation import load_checks, load_shapes, validate

        problems: list[Any] = []
        shapes = load_shapes([project.ontology / "shapes"], problems)
        raise_if_any(problems)
        checks = load_checks(project.ontology / "verify", problems)
        raise_if_any(problems)
        quads = [quad for quad in self.store if isinstance(quad.graph_name, NamedNode)]
        if quads:
            return validate(quads, shapes, checks, data_graphs=DEFAULT_GRAPHS)
        return validate(list(self.store), shapes, checks)

    def exportable(self) -> tuple[Release, Mapping[str, str]]:
        """As Backend.exportable."""
        _ = self.store  # which there is not when the dataset is closed
        if self._release is None:
            raise UsageError(f"{self.name} is no release, and only releases are exported. Write a CONSTRUCT's graph instead")
        return self._release, self._texts

    def close(self) -> None:
        """Lets go of the store and the index."""
        self._store = self._explainer = None
        if self._folder:
            self._folder.cleanup()
            self._folder = None

    def _index(self) -> Path:
        """The full-text index: the release's own, for a file one that is written when it is first needed."""
        if self._release:
            return self._release.index
        with self._indexing:
            if self._folder is None:
                from relgraph import fulltext

                self._folder = tempfile.TemporaryDirectory(prefix="relgraph-", ignore_cleanup_errors=True)
                fulltext.write(self.store, Path(self._folder.name) / "search.sqlite")
            return Path(self._folder.name) / "search.sqlite"


def _evaluated(store: Store, query: str) -> Answer:
    """The answer to a query. The results of the engine must end in the thread that asked: no frame keeps them that the cyclic
    garbage of the parser, which any thread may clear away, leads to, and no error does."""
    found = evaluation.evaluate(store, query)
    try:
        if isinstance(found, QueryBoolean):
            return bool(found)
        if isinstance(found, QuerySolutions):
            return Solutions(tuple(v.value for v in found.variables), tuple(evaluation.rows(found)))
        with evaluation.failures():
            return list(found)
    finally:
        del found


def of_release(release: Release, texts: Mapping[str, str]) -> Local:
    """A release. Raises UsageError when it is damaged."""
    return Local(f"release {release.id[:12]}", release.store(), release, texts)


def of_file(path: Path, texts: Mapping[str, str]) -> Local:
    """A file of RDF in any syntax that relgraph reads, loaded into memory; graphs of relgraph's default graph are in the
    default graph of queries, too. texts: the documents at hand by id. Raises InputError with the line of what is wrong in it."""
    problems: list[Any] = []
    quads = rdf.read(path, problems)
    raise_if_any(problems)
    store = Store()
    store.bulk_extend(rdf.with_default_graph(quads))
    return Local(path.name, store, None, texts)
