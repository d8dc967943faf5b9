"""Documents by the id that footnotes give them (004), as exports and queries of the project take it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from relgraph.api.results import Result
from relgraph.api.values import Resource, iri

#: Ids have a figure; other names are not asked for.
_ID: Final = re.compile(r"[A-Za-z]*[0-9][0-9A-Za-z]*")
_DOCUMENT: Final = """SELECT ?document {
  ?document a rg:Document
  FILTER NOT EXISTS { ?other skos:prefLabel|skos:altLabel|skos:hiddenLabel|rdfs:label ?label FILTER(STR(?label) = ?id) }
}"""


def of_id(ask: Callable[..., Result], name: object) -> Resource | None:
    """The document of an id; None where there is none, and where a thing has the id as its label. ask: answers a SELECT with
    parameters."""
    if not isinstance(name, str) or not _ID.fullmatch(name.strip()):
        return None
    found = ask(_DOCUMENT, document=iri(f"document/{name.strip()}"), id=name.strip())
    return found.first.document if found else None
