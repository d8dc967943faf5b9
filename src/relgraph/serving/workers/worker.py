"""A worker: a process of its own that opens the snapshot, cuts itself off from everything else, and answers queries.

It answers one query at a time and may be killed at any moment; it holds nothing that would be lost. What it imports is
kept small, because a killed worker is replaced while queries wait. Run as `python -m relgraph.serving.workers.worker DESCRIPTOR`
with one end of a socket pair.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Store, Triple

from relgraph import describing, evaluation, naming, parquet, rdf, services, sheets, writing
from relgraph.errors import BudgetError, QueryError, RelgraphError
from relgraph.evaluation import GRAPH_FORMATS, TABLE_FORMATS, Dataset, Format, Results
from relgraph.serving.workers import sandbox
from relgraph.serving.workers.counting import Rows, counter
from relgraph.serving.workers.encoding import WORTHWHILE, encoder
from relgraph.serving.workers.failures import UnacceptableError, described, raised
from relgraph.serving.workers.frames import Channel, Kind
from relgraph.serving.workers.texts import Texts
from relgraph.vocabulary import ID, PREFIXES

if TYPE_CHECKING:
    from relgraph.why import Explainer

#: Bytes that are held back before an answer begins, and the size of its parts.
_PART = 65536
#: Seconds after which what there is of an answer is sent although it is no whole part.
_PATIENCE = 0.5
#: The share of its memory that a worker may keep from a query; beyond it, it asks to be replaced.
_KEPT = 0.25
#: Seconds from which a query is a long one.
_LONG = 0.05
#: Formats that keep the graph of a statement.
_WITH_GRAPHS = (RdfFormat.N_QUADS, RdfFormat.TRIG)
#: Names that are told to have been taken for something; a header has to hold them.
_TOLD = 8
_FORMATS = {format.name: format for format in (*TABLE_FORMATS, *GRAPH_FORMATS)}


class Answer:
    """What the engine writes an answer to: counts it against its limits and sends it in parts.

    Up to the first _PART bytes nothing is sent, so that a query that fails soon fails with a status of its own.
    """

    def __init__(self, worker: Worker, job: Mapping[str, Any], media_type: str, rows: Rows | None) -> None:
        self._worker = worker
        self._channel = worker.channel
        self._job = job
        self._meta = {"type": media_type}
        self._rows = rows
        self._held = bytearray()
        self._bytes = 0
        self._encoder = encoder(job["encoding"])
        self._sent = time.monotonic()
        self.begun = False

    def write(self, data: bytes) -> int:
        """Takes the next bytes of the answer. Raises BudgetError when they are more than it may have."""
        self._bytes += len(data)
        if self._bytes > self._job["max_bytes"]:
            raise _exceeded("bytes", self._job["max_bytes"])
        if self._rows and self._job["max_rows"]:
            self._rows.feed(data)
            self.check_rows(self._rows.count)
        self._held += data
        if len(self._held) >= _PART or time.monotonic() - self._sent > _PATIENCE:
            self._part()
        return len(data)

    def flush(self) -> None:
        """Nothing: parts are sent when they are full."""

    def check_rows(self, count: int) -> None:
        """Raises BudgetError when there are more rows than an answer may have."""
        _check_rows(count, self._job["max_rows"])

    def _part(self) -> None:
        whole = bytes(self._held)
        self._held.clear()
        for place in range(0, len(whole), _PART):  # a literal may be longer than the server wants at once
            data = whole[place : place + _PART]
            if self.begun:
                self._channel.send(Kind.DATA, None, self._encoder.piece(data))
            else:
                self.begun = True
                about = {"encoding": self._job["encoding"], "taken": self._worker.taken()}
                self._channel.send(Kind.HEAD, self._meta | about, self._encoder.piece(self._with_limit(data)))
        self._sent = time.monotonic()

    def end(self, **meta: object) -> None:
        """Sends what is left: the answer is complete."""
        data = bytes(self._held)
        meta |= {"retire": self._worker.holds_too_much(), "taken": self._worker.taken()}
        if self.begun:
            self._channel.send(Kind.END, meta, self._encoder.last(data))
            return
        data = self._with_limit(data)
        if self._job["encoding"] and len(data) >= WORTHWHILE:
            self._meta["encoding"] = self._job["encoding"]
            data = self._encoder.last(data)
        self._channel.send(Kind.ANSWER, self._meta | meta, data)

    def _with_limit(self, data: bytes) -> bytes:
        """The beginning of the answer; a limit of rows is told by a link in the head of results in JSON and XML."""
        if not self._job["max_rows"] or not self._rows:
            return data
        link = f"{ID}limit/rows/{self._job['max_rows']}"
        if self._meta["type"] == "application/sparql-results+json":
            return data.replace(b"]}", f'],"link":["{link}"]}}'.encode(), 1)
        if self._meta["type"] == "application/sparql-results+xml":
            return data.replace(b"</head>", f'<link href="{link}"/></head>'.encode(), 1)
        return data


class Worker:
    """Answers jobs from a store."""

    def __init__(self, channel: Channel, setup: Mapping[str, Any]) -> None:
        self.channel = channel
        self._store = Store.read_only(setup["store"])
        self._prefixes = PREFIXES if setup["own"] else {}
        self._index = Path(setup["index"]) if setup["index"] else None
        #: The folder of the release that is served, in which its store lies.
        self._release = Path(setup["store"]).parent if setup["own"] else None
        sandbox.bound_memory(setup["memory"])
        self._size = sandbox.address_space() + int(setup["memory"] * _KEPT)
        self._explainer: Explainer | None = None
        self._texts = Texts(lambda document: self._asked({"document": document}))
        self._began = 0.0
        self._taken: list[naming.Taken] = []

    def answer(self, job: Mapping[str, Any]) -> None:
        """Answers a job."""
        self._began = time.monotonic()
        self._taken.clear()
        try:
            if job["task"] == "graph":
                self._graph(job, evaluation.triples_of(self._store, NamedNode(job["name"]) if job["name"] else None))
            elif job["task"] == "page":
                self._page(job)
            elif job["task"] == "why":
                self._why(job)
            elif job["task"] == "export":
                self._export(job)
            elif job["task"] == "describe":
                self._describe(job)
            else:
                self._query(job)
        except MemoryError:
            error = BudgetError("memory", "the query needs more memory than a query may have. Ask for less at a time")
            self.channel.send(Kind.ERROR, described(error) | {"retire": True})
        except RelgraphError as error:
            self.channel.send(Kind.ERROR, described(error) | {"retire": self.holds_too_much()})

    def holds_too_much(self) -> bool:
        """Whether the allocator has kept so much from a query that the next one would have too little. A short query
        cannot have left much, and is not delayed by the look."""
        return time.monotonic() - self._began > _LONG and sandbox.address_space() > self._size

    def _text(self, job: Mapping[str, Any]) -> str:
        """The query of a job; in one that comes in pieces, the things that its names mean take their places."""
        query = job["query"]
        return query if isinstance(query, str) else naming.filled(self._store, query, self._taken.append)

    def taken(self) -> list[tuple[str, str]]:
        """What names of the job were taken for: text and IRI of the first of them."""
        return [(each.text, each.node.value) for each in self._taken[:_TOLD]]

    def _evaluate(self, job: Mapping[str, Any], text: str) -> Results:
        query = services.resolve(text, self._index, self._fetched, self._prefixes)
        dataset = Dataset(tuple(job["default"]), tuple(job["named"]))
        return evaluation.evaluate(self._store, query, dataset=dataset, base=ID, prefixes=self._prefixes)

    def _fetched(self, address: str, query: str) -> bytes:
        """Has the server process ask another endpoint."""
        return self._asked({"address": address, "query": query})

    def _asked(self, meta: Mapping[str, str]) -> bytes:
        """What the server process gives for a FETCH. Raises RelgraphError where it says what is wrong."""
        self.channel.send(Kind.FETCH, meta)
        reply = self.channel.receive()
        if reply is None:
            raise SystemExit  # the server has ended
        if reply.meta:
            raise raised(reply.meta)
        return reply.data

    def _query(self, job: Mapping[str, Any]) -> None:
        results = self._evaluate(job, self._text(job))
        if isinstance(results, QueryTriples):
            if job["graph"] or not job["table"]:
                self._graph(job, results)
                return
            results = evaluation.tabled(_bounded(results, job["max_rows"]))
        if job["table"] == parquet.NAME:
            self._parquet(job, results)
            return
        chosen = _chosen(job, "table")
        rows = counter(cast("QueryResultsFormat", chosen.engine)) if isinstance(results, QuerySolutions) else None
        answer = Answer(self, job, chosen.media_type, rows)
        writing.write(results, chosen, cast("BinaryIO", answer))
        answer.end()

    def _parquet(self, job: Mapping[str, Any], results: QuerySolutions | QueryBoolean) -> None:
        from relgraph.serving.workers import arrow  # brings what few answers need

        self._size += arrow.load()
        answer = Answer(self, job, parquet.MEDIA_TYPE, None)
        arrow.write(results, answer.write, answer.check_rows)
        answer.end()

    def _graph(self, job: Mapping[str, Any], triples: Iterable[Triple]) -> None:
        chosen = _chosen(job, "graph")
        answer = Answer(self, job, chosen.media_type, None)
        writing.write(_bounded(triples, job["max_rows"]), chosen, cast("BinaryIO", answer), self._prefixes)
        answer.end()

    def _why(self, job: Mapping[str, Any]) -> None:
        """The explanation of a triple."""
        from relgraph import why  # brings the reasoning with it, which no query needs

        if self._explainer is None:
            self._explainer = why.Explainer(self._store)
        triple = why.resolve(self._store, job["subject"], job["predicate"], job["object"])
        explanation = self._explainer.explain(triple, self._texts if job["texts"] else {}, job["language"])
        answer = Answer(self, job, job["type"], None)
        answer.write(why.FORMS[job["form"]](explanation, job["language"]))
        answer.end()

    def _export(self, job: Mapping[str, Any]) -> None:
        """An export of the release, or of the file, that is served."""
        from relgraph.serving.workers import extracts  # brings what few answers need

        self._size += extracts.load(job)
        answer = Answer(self, job, job["type"], None)
        if self._release:
            extracts.of_release(self._release, self._store, job, answer.write, self._taken.append)
        else:
            extracts.of_dataset(self._store, job, answer.write)
        answer.end()

    def _describe(self, job: Mapping[str, Any]) -> None:
        """What is said of a resource: a sheet for a page in the language that `page` names, else RDF."""
        described = describing.describe(self._store, NamedNode(job["resource"]))
        if described is None:
            raise QueryError(f"nothing is said of {job['resource']} here")
        if job["page"]:
            answer = Answer(self, job, "application/json", None)
            answer.write(json.dumps(sheets.sheet(self._store, described, job["page"]), ensure_ascii=False).encode())
            answer.end()
            return
        chosen = _chosen(job, "graph")
        answer = Answer(self, job, chosen.media_type, None)
        whole: Iterable[Any] = described.quads() if chosen.engine in _WITH_GRAPHS else described.triples()
        whole = [*whole, *describing.notice(described, job["document"], job["base"])]
        writing.write(_bounded(whole, job["max_rows"]), chosen, cast("BinaryIO", answer), rdf.prefixes_of(whole))
        answer.end()

    def _page(self, job: Mapping[str, Any]) -> None:
        """The first rows for a page, as TSV (a boolean as JSON); the meta data say whether there are more."""
        text = self._text(job)
        results = self._evaluate(job, text)
        answer = Answer(self, job, "text/tab-separated-values", None)
        more = False
        if isinstance(results, QueryBoolean):
            answer.write(results.serialize(format=QueryResultsFormat.JSON) or b"")
        else:
            names = ["subject", "predicate", "object"]
            if isinstance(results, QuerySolutions):
                names = [variable.value for variable in results.variables]
            answer.write("\t".join(f"?{name}" for name in names).encode() + b"\n")
            found = list(islice(evaluation.terms(results), job["page_rows"] + 1))
            more = len(found) > job["page_rows"]
            for row in found[: job["page_rows"]]:
                answer.write("\t".join(writing.term_text(term) for term in row).encode() + b"\n")
        answer.end(more=more, form=_form(results), query=text if text != job["query"] else None)


def _chosen(job: Mapping[str, Any], kind: str) -> Format:
    """The format that was acceptable to the client for a kind of result, "table" or "graph"."""
    if not job[kind]:
        raise UnacceptableError(kind)
    return _FORMATS[job[kind]]


def _exceeded(budget: str, limit: int) -> BudgetError:
    return BudgetError(
        budget, f"the answer has more than {limit} {budget}, which is the limit here. Ask for less, with LIMIT or a filter"
    )


def _check_rows(count: int, most: int) -> None:
    if 0 < most < count:
        raise _exceeded("rows", most)


def _bounded(triples: Iterable[Triple], most: int) -> Iterator[Triple]:
    for count, triple in enumerate(triples, 1):
        _check_rows(count, most)
        yield triple


def _form(results: Results) -> str:
    if isinstance(results, QueryBoolean):
        return "boolean"
    return "table" if isinstance(results, QuerySolutions) else "graph"


def main(descriptor: int) -> None:
    """Serves jobs that come in over the socket with that descriptor until the other end is closed."""
    channel = Channel(socket.socket(fileno=descriptor))
    setup = channel.receive()
    if setup is None:
        return
    ways = sandbox.isolate()
    worker = Worker(channel, setup.meta)
    channel.send(Kind.READY, {"isolation": ways})
    while (job := channel.receive()) is not None:
        worker.answer(job.meta)


if __name__ == "__main__":
    main(int(sys.argv[1]))
