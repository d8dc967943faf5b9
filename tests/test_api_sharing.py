"""Answers go to other processes and threads, and are copied; names mean the same wherever a person writes them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyoxigraph import Store

import relgraph
from relgraph import Dataset, naming
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
