"""Queries of the project are functions that say of themselves what they take: to people, to help() and to notebooks."""

from __future__ import annotations

import inspect
import pydoc
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal, get_type_hints

import pytest

import relgraph
from relgraph import Dataset, DateRange, Entity, Question, Resource
from relgraph.api import signatures
from relgraph.api.entity import Names
from relgraph.errors import UsageError
from relgraph.questions import load_file
from relgraph.release import Release
from test_api_notebook import checked

PERIOD = """#+ title: {en: Own, ru: Свой}
#+ description: {en: What <b>it</b> holds, ru: Что в нём}
#+ parameters:
#+   from: {type: dateTime, description: {en: From, ru: С}}
#+   noon: {type: dateTime, description: {en: Noon, ru: Полдень}}
#+   kind: {type: string, values: [a, b], description: {en: Kind, ru: Вид}}
#+   any: {type: iri, description: {en: Any, ru: Любой}}

ASK { VALUES ?from { "1994-05-03T00:00:00"^^xsd:dateTime } VALUES ?noon { "1994-05-03T12:00:00"^^xsd:dateTime }
  VALUES ?kind { "b" } VALUES ?any { UNDEF } ?any ?p ?from , ?noon , ?kind }
"""


@pytest.fixture(scope="module")
def ds(release: Release) -> Iterator[Dataset]:
    with relgraph.open(release.path) as opened:
        yield opened


def test_a_signature_has_keywords_with_defaults_and_types(ds: Dataset) -> None:
    signature = inspect.signature(ds.questions["events-in-period"])
    assert {name: each.default for name, each in signature.parameters.items()} == {"from_": "2000-01-01", "to": "2001-11-22"}
    assert {each.kind for each in signature.parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert signature.parameters["to"].annotation == str | DateRange | date | None
    assert signature.return_annotation == "Result"
    place = inspect.signature(ds.questions["visits-by-office"]).parameters["place"]
    assert place.annotation == str | Resource | Entity | None


def test_a_call_with_the_defaults_of_the_signature_is_one_without_arguments(ds: Dataset) -> None:
    for question in ds.questions.values():
        given = {name: each.default for name, each in inspect.signature(question).parameters.items()}
        assert list(question(**given)) == list(question())


def test_what_the_signature_does_not_have_is_refused(ds: Dataset) -> None:
    question = ds.questions["events-in-period"]
    assert "place" not in inspect.signature(question).parameters
    with pytest.raises(UsageError, match="has no parameter 'place'; it has from, to"):
        question(place="place/moscow")


def test_only_a_word_of_python_has_an_underscore_behind_it(ds: Dataset) -> None:
    with pytest.raises(UsageError, match=r"has no parameter 'place_'.*Did you mean place"):
        ds.run("visits-by-office", place_="place/moscow")
    with pytest.raises(UsageError, match="has no parameter 'to_'"):
        ds.run("events-in-period", to_="2001", to="2002")
    with pytest.raises(UsageError, match="has no parameter 'place'"):
        ds.run("events-in-period", place=None)


def test_a_parameter_is_given_once(ds: Dataset) -> None:
    with pytest.raises(UsageError, match="the parameter from of the query events-in-period is given twice"):
        ds.run("events-in-period", **{"from": "2001", "from_": "2002"})


def test_defaults_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "own.rq").write_text(PERIOD, "utf-8")
    own = load_file(tmp_path / "own.rq")
    signature = signatures.of(own, "en")
    found = {name: each.default for name, each in signature.parameters.items()}
    assert found == {"from_": "1994-05-03", "noon": "1994-05-03T12:00:00", "kind": "b", "any": None}
    assert signature.parameters["kind"].annotation == Literal["a", "b"] | None
    assert signature.return_annotation == "bool"
    assert signatures.described(own, "ru").startswith("Свой\n\nЧто в нём\n\nПараметры:\n    from_: С. Принимает дату EDTF")


def test_help_says_what_is_asked_what_is_allowed_and_how(ds: Dataset, release: Release) -> None:
    question = ds.questions["events-in-period"]
    shown = pydoc.plain(pydoc.render_doc(question))
    for part in (question.title, question.description, "from_: From (EDTF date). Takes a date in EDTF", "Default: 2001-11-22"):
        assert part in shown
    assert "ds.run(\"events-in-period\", from_='2000-01-01', to='2001-11-22')" in shown
    assert "typed parameters" in (Question.__doc__ or "")
    with relgraph.open(release.path, language="ru") as russian:
        assert (russian.questions["events-in-period"].__doc__ or "").startswith("События за период")


def test_help_in_russian_has_no_english_words(release: Release) -> None:
    with relgraph.open(release.path, language="ru") as russian:
        for question in russian.questions.values():
            shown = question.__doc__ or ""
            assert "\n\nПример:\n    ds.run(" in shown
            for words in ("Parameters", "parameters", "Example", "Takes", "Default", "such as", " or ", " also "):
                assert words not in shown, (question.name, words)


def test_examples_can_be_run(ds: Dataset) -> None:
    for question in ds.questions.values():
        example = (question.__doc__ or "").rpartition("Example:\n")[2]
        assert list(eval(example.strip(), {"ds": ds})) == list(question())


def test_notebooks_list_the_queries(ds: Dataset) -> None:
    page = checked(ds.questions)
    assert all(name in page.text and question.title in page.text for name, question in ds.questions.items())
    assert "from_=" in checked(ds.questions["events-in-period"]).text


def test_the_types_of_an_export_can_be_looked_up() -> None:
    hints = get_type_hints(Dataset.export)
    assert (hints["form"], hints["actor"]) == (str, Names | None)
