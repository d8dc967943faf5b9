"""relgraph in Python: `relgraph.open` gives a dataset; see docs/python.md."""

from relgraph.api.asking import Question, Questions
from relgraph.api.dataset import Dataset
from relgraph.api.dates import DateRange
from relgraph.api.entity import Entity
from relgraph.api.explanations import Explanation
from relgraph.api.facts import Fact, Source
from relgraph.api.opening import open
from relgraph.api.results import Graph, Result, Row
from relgraph.api.sources import Transition
from relgraph.api.timelines import Timeline
from relgraph.api.values import Blank, Resource, Statement, Text, Typed, iri
from relgraph.errors import (
    BudgetError,
    DamageError,
    DateError,
    EndpointError,
    ForbiddenError,
    InputError,
    Problem,
    QueryError,
    RelgraphError,
    RoomError,
    UsageError,
)

__all__ = [
    "Blank",
    "BudgetError",
    "DamageError",
    "Dataset",
    "DateError",
    "DateRange",
    "EndpointError",
    "Entity",
    "Explanation",
    "Fact",
    "ForbiddenError",
    "Graph",
    "InputError",
    "Problem",
    "QueryError",
    "Question",
    "Questions",
    "RelgraphError",
    "Resource",
    "Result",
    "RoomError",
    "Row",
    "Source",
    "Statement",
    "Text",
    "Timeline",
    "Transition",
    "Typed",
    "UsageError",
    "iri",
    "open",
]
