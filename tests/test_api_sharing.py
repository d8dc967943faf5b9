"""Answers go to other processes and threads, and are copied; names mean the same wherever a person writes them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas
import pytest
from pyoxigraph import Store

import relgraph
from relgraph import Dataset, naming
from relgraph.api.labels import Labels
from relgraph.errors import BudgetError, EndpointError, InputError, Problem, UsageError
from relgraph.release import Release

VISITS = "SELECT ?who ?date { ?v a rg:Visit ; rg:visitor ?who ; rg:time/rg:edtf ?date } ORDER BY ?date"


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


def test_a_copy_keeps_its_labels(ds: Dataset) -> None:
    rows = ds.select(VISITS)
    for made in (copy.copy(rows[0]), copy.deepcopy(rows[0]), copy.deepcopy(rows)[0]):
        assert made == rows[0]
        assert made.who.label == rows[0].who.label != rows[0].who.key


def test_answers_go_to_other_processes_with_the_labels_that_are_known(ds: Dataset) -> None:
    rows, graph = ds.select(VISITS), ds.construct("DESCRIBE <place/moscow>")
    label = rows[0].who.label
    sent = pickle.loads(pickle.dumps(rows))
    assert list(sent) == list(rows)
    assert (sent.columns, sent.dates, sent[0].who.label) == (rows.columns, rows.dates, label)
    assert pickle.loads(pickle.dumps(graph)).serialize() == graph.serialize()


def test_rows_and_triples_go_to_other_processes_with_the_labels_that_are_known(ds: Dataset) -> None:
    row, triple = ds.select(VISITS)[0], ds.construct("CONSTRUCT WHERE { ?visit rg:visitor ?who }")[0]
    labels = row.who.label, triple.object.label
    sent, other = pickle.loads(pickle.dumps([row, triple]))
    assert (sent, other) == (row, triple)
    assert (sent.who.label, other.object.label) == labels
    assert pickle.loads(pickle.dumps(sent)).who.label == row.who.label != row.who.key
    unseen = relgraph.Resource("urn:a", Labels(lambda query: (), "en"))
    assert pickle.loads(pickle.dumps(unseen)).label == "urn:a"


@pytest.mark.parametrize("send", [lambda each: pickle.loads(pickle.dumps(each)), copy.copy, copy.deepcopy])
def test_timelines_go_to_other_processes_whole(send: Callable[[Any], Any], ds: Dataset) -> None:
    timeline = ds.timeline("NATO", begin="2001", end="2002")
    sent = send(timeline)
    assert (list(sent), sent.undated, repr(sent)) == (list(timeline), timeline.undated, repr(timeline))
    assert [fact.label for fact in sent] == [fact.label for fact in timeline]
    assert [sent.is_certain(fact) for fact in sent] == [timeline.is_certain(fact) for fact in timeline]
    fact, date = timeline[0], timeline[0].dates[0]
    assert (send(fact), send(fact).labels, send(date), send(date).latest) == (fact, fact.labels, date, date.latest)
    assert hash(send(fact)) == hash(fact)


def test_a_timeline_is_a_frame_in_the_other_process_too(ds: Dataset) -> None:
    timeline = ds.timeline("Moscow")
    frame = timeline.to_dataframe()
    pandas.testing.assert_frame_equal(pickle.loads(pickle.dumps(timeline)).to_dataframe(), frame)


def test_explanations_and_reports_go_to_other_processes(ds: Dataset) -> None:
    why = ds.why("Russia", "rg:partnerOf", "Partnership for Peace")
    assert pickle.loads(pickle.dumps(why)).record == copy.deepcopy(why).record == why.record
    assert pickle.loads(pickle.dumps(ds.validate())) == ds.validate()


@pytest.mark.parametrize("what", ["questions", "question"])
def test_queries_of_the_project_stay_with_their_dataset(what: str, ds: Dataset) -> None:
    thing = ds.questions if what == "questions" else ds.questions["accessions"]
    with pytest.raises(UsageError, match="is open in this process: it cannot be pickled"):
        pickle.dumps(thing)


@pytest.mark.parametrize(
    "error",
    [
        InputError([Problem("a:1", "it is wrong", "Correct it"), Problem("b:2", "so is this", "Correct it")]),
        BudgetError("time", "it took too long", 2.0),
        EndpointError("it is late", timeout=True),
        UsageError("no"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_go_to_other_processes_whole(error: Exception) -> None:
    sent = pickle.loads(pickle.dumps(error))
    assert (type(sent), str(sent), vars(sent)) == (type(error), str(error), vars(error))


def test_threads_may_share_a_dataset(ds: Dataset) -> None:
    def seen(_: int) -> list[str]:
        return [
            ds.entity("Москва").key,
            *(fact.label for fact in ds.timeline("Moscow")),
            *(r.who.label for r in ds.select(VISITS)),
        ]

    with ThreadPoolExecutor(4) as threads:
        first, *others = threads.map(seen, range(8))
    assert all(other == first for other in others)


def test_a_heading_does_not_take_the_name_of_what_it_is_about(ds: Dataset, store: Store) -> None:
    """Headings of sections are labels, too, and repeat names of bodies and events in either language."""
    for name in ("NATO–Russia Council", "Совет Россия – НАТО", "совет россия – нато"):
        assert ds.entity(name).key == "body/nato-russia-council"
        assert naming.resource(store, "the subject", name).value == ds.entity(name).iri
    section = "document/003/section/heading"
    assert ds.entity("Heading").key == section
    assert naming.resource(store, "the subject", "Heading").value.endswith(section)


def test_a_question_takes_names_as_people_write_them(ds: Dataset) -> None:
    by_key = list(ds.run("visits-by-office", place="place/moscow"))
    for place in ("Moscow", "Москва", "place:moscow", ds.entity("Москва"), ds.entity("Moscow").iri, ds.entity("Moscow").resource):
        assert list(ds.run("visits-by-office", place=place)) == by_key
    assert list(ds.run("visits-by-office", place=None)) == list(ds.run("visits-by-office"))
    with pytest.raises(UsageError, match=r"the parameter place: there is no 'Moskow'.* mean Moscow \(place/moscow\)"):
        ds.run("visits-by-office", place="Moskow")


def test_an_alternative_outside_of_a_period_does_not_put_an_event_in_it(ds: Dataset, tmp_path: Path) -> None:
    """What happened in December of one year or of the next certainly did not happen in the spring between."""
    said = {"2002-12-13 or 2003-12-13"}
    assert said <= {fact.when for fact in ds.timeline("Lord Robertson", begin="2002-12", end="2002-12")}
    assert said <= {fact.when for fact in ds.timeline("Lord Robertson", begin="2003-12", end="2003-12")}
    assert not said & {fact.when for fact in ds.timeline("Lord Robertson", begin="2003-01", end="2003-06")}
