"""Answers as data frames of pandas. The types are those of relgraph.columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from relgraph.api import resources
from relgraph.api.terms import python
from relgraph.columns import table
from relgraph.errors import UsageError

if TYPE_CHECKING:
    import pandas

    from relgraph.api.results import Result

#: What installs all that analysts may want.
REMEDY = 'pip install "relgraph[analysis]"'


def dataframe(result: Result, labels: bool, dates: bool) -> pandas.DataFrame:
    """An answer as a DataFrame; see Result.to_dataframe."""
    library = pandas_or_remedy()
    frame = typed(table(result.columns, result.terms))
    labelled = resources.may_be(result.columns, result.query) if labels else frozenset()
    for place, name in enumerate(result.columns):
        terms = [row[place] for row in result.terms]
        if name in labelled:
            named = [result.labels(term.value) if isinstance(term, NamedNode) else None for term in terms]
            _beside(frame, name, "label", library.array(named, dtype=library.StringDtype()))
        if dates and name in result.dates:
            ranges = [python(term, is_date=True) for term in terms]
            for bound in ("latest", "earliest"):
                values = [getattr(each, bound, None) for each in ranges]
                _beside(frame, name, bound, library.array(values, dtype="datetime64[us]"))
    return frame


def typed(table: Any) -> pandas.DataFrame:
    """A table of Arrow as a DataFrame, with the types of pandas that have gaps, and lists of Python."""
    library = pandas_or_remedy()
    types = {
        "int64": library.Int64Dtype(),
        "double": library.Float64Dtype(),
        "bool": library.BooleanDtype(),
        "string": library.StringDtype(),
    }
    frame: pandas.DataFrame = table.to_pandas(types_mapper=lambda kind: types.get(str(kind)), date_as_object=False)
    for place, field in enumerate(table.schema):
        if str(field.type).startswith("list"):
            frame.isetitem(place, library.Series(table.column(place).to_pylist(), dtype=object))
    return frame


def pandas_or_remedy() -> Any:
    """pandas. Raises UsageError, with what to install, where it is not there."""
    try:
        import pandas
    except ImportError as error:
        raise UsageError(f"data frames need pandas, which is not installed: {REMEDY}") from error
    return pandas


def _beside(frame: pandas.DataFrame, name: str, what: str, values: Any) -> None:
    column = f"{name}_{what}"
    if column in frame.columns:
        option = "labels" if what == "label" else "dates"
        raise UsageError(f"the answer has a column {column} already: rename it in the query, or ask with {option}=False")
    place = frame.columns.get_loc(name)
    assert isinstance(place, int)
    frame.insert(place + 1, column, values)
