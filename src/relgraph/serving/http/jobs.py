"""Jobs for workers (relgraph.serving.workers.worker), within the limits of the settings; and what names the answer to one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from relgraph import __version__
from relgraph.serving.http.negotiation import Wanted
from relgraph.serving.http.protocol import Asked
from relgraph.serving.settings import Settings

Job = dict[str, Any]
#: Functions whose value is another each time (SPARQL 1.1, section 17.4); a SERVICE may answer differently each time.
_VOLATILE = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE|SERVICE)\b|\\u", re.IGNORECASE)
#: Bytes of rows that a page may show.
_PAGE = 2 * 1024 * 1024
#: Bytes that a sheet may have.
_SHEET = 8 * 1024 * 1024
_FOR_A_PAGE = Wanted(None, None, True, None)


class Jobs:
    """Writes jobs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def query(self, asked: Asked, wanted: Wanted) -> Job:
        """A query, its answer in a format."""
        graphs = {"default": asked.dataset.default, "named": asked.dataset.named}
        return self._counted(wanted) | {"task": "query", "query": asked.pieces or asked.query, **graphs}

    def graph(self, name: str | None, wanted: Wanted) -> Job:
        """The triples of a graph; None for the default graph."""
        return self._counted(wanted) | {"task": "graph", "name": name}

    def why(self, terms: Mapping[str, str], manner: Mapping[str, str], wanted: Wanted) -> Job:
        """The explanation of a triple; manner: language, form, type, and texts, the fingerprint of those at hand."""
        return self._job(wanted) | {"task": "why", **terms, **manner}

    def export(self, form: str, media_type: str, selection: Mapping[str, Any], wanted: Wanted) -> Job:
        """An export; form: a key of relgraph.exports.FORMS; selection: as people write it."""
        return self._job(wanted) | {"task": "export", "form": form, "type": media_type} | dict(selection)

    def description(self, resource: str, document: str, base: str, wanted: Wanted) -> Job:
        """What is said of a resource, as RDF; document: the address of the answer; base: that of the start page."""
        places = {"document": document, "base": base}
        return self._job(wanted) | {"task": "describe", "resource": resource, "page": None, **places}

    def sheet(self, resource: str, language: str) -> Job:
        """What is said of a resource, as a sheet (relgraph.sheets) for a page in a language."""
        job = self._job(_FOR_A_PAGE) | {"task": "describe", "resource": resource, "page": language}
        return job | {"max_bytes": min(_SHEET, self._settings.max_bytes)}

    def page(self, asked: Asked) -> Job:
        """The first rows that a query finds, for a page; the meta data of the answer say whether there are more."""
        return self._counted(_FOR_A_PAGE) | {
            "task": "page", "query": asked.pieces or asked.query, "default": asked.dataset.default, "named": asked.dataset.named,
            "page_rows": self._settings.page_rows, "max_bytes": min(_PAGE, self._settings.max_bytes),
        }  # fmt: skip

    def seconds(self, asked: Asked) -> float:
        """The seconds that a query has."""
        return min(asked.timeout or self._settings.query_timeout, self._settings.query_timeout)

    def noted(self, query: str) -> dict[str, object]:
        """What the log says of a query."""
        noted: dict[str, object] = {"query": hashlib.sha256(query.encode()).hexdigest()[:16]}
        return noted | {"text": query} if self._settings.log_queries else noted

    def _counted(self, wanted: Wanted) -> Job:
        """A job whose rows or triples are counted: what somebody asks for in SPARQL."""
        return self._job(wanted) | {"max_rows": self._settings.max_rows}

    def _job(self, wanted: Wanted) -> Job:
        """A job that is bounded by bytes only: what is said of a resource, an explanation or an export is whole or nothing."""
        return {
            "table": wanted.table.name if wanted.table else None,
            "graph": wanted.graph.name if wanted.graph else None,
            "encoding": wanted.coding,
            "max_rows": 0,
            "max_bytes": self._settings.max_bytes,
        }


def is_volatile(query: str) -> bool:
    """Whether a query may have another answer each time."""
    return _VOLATILE.search(query) is not None


def tagged(release: str, *facts: object) -> str:
    """The strong entity tag (RFC 9110, section 8.8.3) of an answer that depends on a release, on facts whose repr says all of
    them, and on this version of the software."""
    return f'"{hashlib.blake2b(repr((release, __version__, *facts)).encode(), digest_size=16).hexdigest()}"'
