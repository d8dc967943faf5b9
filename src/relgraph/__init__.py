"""relgraph: political documents as a knowledge graph in which every statement has a footnote.

`relgraph.open` opens a release, a file of RDF or an endpoint (relgraph.api). What `import relgraph` gives is loaded when it is
first used, since the processes that answer queries import the package, too.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relgraph.api import (
        Blank,
        Dataset,
        DateRange,
        Entity,
        Explanation,
        Fact,
        Graph,
        Question,
        Questions,
        Resource,
        Result,
        Row,
        Source,
        Statement,
        Text,
        Timeline,
        Typed,
        iri,
        open,
    )

__version__ = "0.1.0"

__all__ = [
    "Blank",
    "Dataset",
    "DateRange",
    "Entity",
    "Explanation",
    "Fact",
    "Graph",
    "Question",
    "Questions",
    "Resource",
    "Result",
    "Row",
    "Source",
    "Statement",
    "Text",
    "Timeline",
    "Typed",
    "__version__",
    "iri",
    "open",
]


def __getattr__(name: str) -> object:
    """What relgraph.api has, at its first use."""
    if name in __all__:
        return getattr(import_module("relgraph.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
