"""What an engine gives: results as SHACL section 3.6 has them, less what the shapes say anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from relgraph.findings import Node
from relgraph.validation.terms import Subject


class EngineFault(Exception):
    """An engine could not use what it was given; the text says why."""


@dataclass(frozen=True)
class Result:
    """One thing that an engine found.

    shape: the shape as it is called in the shapes graph; path: only where it is not that of the shape; messages: by
    language, only those of SPARQL-based constraints, where the query says what stands in them; constraint: such a
    constraint, where the engine says which.
    """

    shape: Subject
    focus: Node
    component: NamedNode
    value: Node | None = None
    path: NamedNode | None = None
    constraint: Node | None = None
    messages: Mapping[str, str] = field(default_factory=dict)
