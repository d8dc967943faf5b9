"""What people write for a resource: an IRI, a prefixed name, a key, a label in either language; and what data have by it."""

from __future__ import annotations

from relgraph.naming.finding import checked, find, is_plain
from relgraph.naming.stored import Taken, Tell, filled, labelled, resource
from relgraph.naming.suggesting import LOOK_UP, remedy
from relgraph.naming.written import LOOKED_AT, Called, Name, folded, iris, key

__all__ = [
    "LOOKED_AT",
    "LOOK_UP",
    "Called",
    "Name",
    "Taken",
    "Tell",
    "checked",
    "filled",
    "find",
    "folded",
    "iris",
    "is_plain",
    "key",
    "labelled",
    "remedy",
    "resource",
]
