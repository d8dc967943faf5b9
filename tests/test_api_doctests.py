"""Every public example of the Python API runs on the release, and nothing public is without one."""

from __future__ import annotations

import doctest
import inspect
import io
import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import relgraph
import relgraph.api
from relgraph import errors
from relgraph.release import Release

ROOT = Path(__file__).parents[1]
MODULES = [import_module(f"relgraph.api.{found.name}") for found in pkgutil.iter_modules(relgraph.api.__path__)]
#: What speaks for itself in the example of its class.
SHOWN_ELSEWHERE = {
    "Resource.iri", "Resource.key", "Resource.label", "Resource.date", "Entity.iri", "Entity.key", "Entity.label", "Entity.kinds",
    "Row.asdict", "Timeline.is_certain", "Dataset.name", "Question.title", "Question.description", "Question.parameters",
    # the errors, in docs/python.md
    "BudgetError", "DamageError", "DateError", "EndpointError", "ForbiddenError", "InputError", "Problem", "QueryError",
    "RelgraphError", "RoomError", "UsageError",
}  # fmt: skip


@pytest.fixture
def here(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory that is a project with the release, as users have one."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "build").symlink_to(release.path.parent.parent)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def examples(module: ModuleType) -> list[doctest.DocTest]:
    return [found for found in doctest.DocTestFinder(exclude_empty=True).find(module) if found.examples]


def run(test: doctest.DocTest) -> str:
    """What is wrong with the examples; empty when nothing is."""
    out = io.StringIO()
    doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL * 0).run(test, out=out.write)
    return out.getvalue()


@pytest.mark.parametrize("module", [m for m in MODULES if examples(m)], ids=lambda module: module.__name__)
def test_the_examples_of_a_module_are_true(module: ModuleType, here: Path) -> None:
    assert "".join(run(test) for test in examples(module)) == ""


@pytest.mark.parametrize("page", ["python.md"])
def test_the_examples_of_the_page_are_true(page: str, here: Path) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    assert test.examples
    assert run(test) == ""


def public() -> list[tuple[str, Any]]:
    """Everything that `import relgraph` gives, with the methods and properties that its classes define."""
    found: list[tuple[str, Any]] = []
    for name in relgraph.api.__all__:
        thing = getattr(relgraph, name)
        found.append((name, thing))
        if inspect.isclass(thing) and thing.__module__.startswith("relgraph"):
            for part, value in vars(thing).items():
                is_callable = inspect.isfunction(value) or isinstance(value, property) or hasattr(value, "func")
                if not part.startswith("_") and is_callable:
                    found.append((f"{name}.{part}", value))
    return found


@pytest.mark.parametrize(("name", "thing"), public(), ids=[name for name, _ in public()])
def test_everything_public_is_described_and_has_an_example(name: str, thing: Any) -> None:
    description = inspect.getdoc(thing) or ""
    assert description
    assert (">>> " in description) != (name in SHOWN_ELSEWHERE)


def test_an_example_that_is_not_true_is_found() -> None:
    assert "Expected" in run(doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", "wrong", 0))


def test_what_is_public_is_what_the_package_gives() -> None:
    assert set(relgraph.__all__) == {*relgraph.api.__all__, "__version__"}
    assert set(relgraph.__all__) <= set(dir(relgraph))


def test_dir_lists_what_is_public_and_modules_only() -> None:
    others = {name for name in dir(relgraph) if not name.startswith("__")} - set(relgraph.__all__)
    assert [name for name in others if not isinstance(getattr(relgraph, name), ModuleType)] == []
    assert others.isdisjoint({"TYPE_CHECKING", "Any", "find_spec", "import_module"})


def test_every_error_is_caught_by_its_public_name() -> None:
    raised = {name for name, thing in vars(errors).items() if inspect.isclass(thing) and issubclass(thing, Exception)}
    assert raised <= set(relgraph.__all__)
    assert all(getattr(relgraph, name) is getattr(errors, name) for name in raised)
    with pytest.raises(relgraph.UsageError) as caught:
        relgraph.open("")
    assert isinstance(caught.value, relgraph.RelgraphError)
