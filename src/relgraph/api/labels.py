"""Labels of IRIs, asked for many at a time, and only when somebody looks at one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from threading import RLock
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from relgraph.api.words import place
from relgraph.vocabulary import DCTERMS, ID, ONTOLOGY_GRAPH, PREF_LABEL, RDFS, RG

#: So many IRIs are asked for at a time.
_BATCH: Final = 200
_QUERY: Final = f"""SELECT ?thing ?label {{
  VALUES ?thing {{ %s }}
  {{ ?thing {PREF_LABEL}|<{RDFS}label>|<{DCTERMS}title> ?label }}
  UNION {{ GRAPH {ONTOLOGY_GRAPH} {{ ?thing {PREF_LABEL}|<{RDFS}label> ?label }} }}
}}"""
#: The passages among them, which have a place and no label.
_PLACES: Final = f"""SELECT ?thing ?document ?line ?start ?end ?section {{
  VALUES ?thing {{ %s }}
  ?thing <{RG}document> ?document ; <{RG}line> ?line ; <{RG}charStart> ?start ; <{RG}charEnd> ?end
  OPTIONAL {{ ?thing <{RG}section> ?section }}
}}"""


class Labels:
    """The labels of a dataset in a language; select: gives the rows of a SELECT as terms."""

    def __init__(self, select: Callable[[str], Iterable[tuple[Any, ...]]], language: str) -> None:
        self._select = select
        self._language = language
        self._known: dict[str, str | None] = {}
        self._waiting: dict[str, None] = {}
        self._alone = RLock()  # threads share a dataset, and what waits is walked through

    @property
    def language(self) -> str:
        """The language, that of the dataset."""
        return self._language

    def __getstate__(self) -> dict[str, Any]:
        """For other processes: what is known, without the dataset that would be asked for more."""
        return {"_select": _nothing, "_language": self._language, "_known": self._known, "_waiting": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state | {"_alone": RLock()}

    def __deepcopy__(self, memo: object) -> Labels:
        return self

    def expect(self, iris: Iterable[str]) -> None:
        """Names IRIs whose labels may be wanted: they are asked for together."""
        with self._alone:
            self._waiting |= dict.fromkeys(iri for iri in iris if iri not in self._known)

    def known(self, iri: str) -> str | None:
        """The label of an IRI that has been asked for; None also of others."""
        return self._known.get(iri)

    def __call__(self, iri: str) -> str | None:
        """The label of an IRI, None where it has none."""
        with self._alone:
            if iri not in self._known:
                self._waiting.pop(iri, None)
                self._ask([iri, *islice(self._waiting, _BATCH - 1)])
            return self._known[iri]

    def _ask(self, iris: list[str]) -> None:
        found: dict[str, dict[str, str]] = {iri: {} for iri in iris}
        named = [NamedNode(iri) for iri in iris]
        for thing, label in self._select(_QUERY % " ".join(map(str, named))):
            if isinstance(label, Literal):
                found[thing.value].setdefault(label.language or "", label.value)
        for iri, labels in found.items():
            self._waiting.pop(iri, None)
            self._known[iri] = best(labels, self._language)
        self._places([iri for iri in iris if "#char=" in iri and self._known[iri] is None])

    def _places(self, iris: list[str]) -> None:
        if not iris:
            return
        rows = list(self._select(_PLACES % " ".join(str(NamedNode(iri)) for iri in iris)))
        self.expect(row[5].value for row in rows if row[5] is not None)
        for thing, document, line, start, end, section in rows:
            at, first, last = (int(each.value) for each in (line, start, end))
            named = self(section.value) if section is not None else None
            self._known[thing.value] = place(document.value.removeprefix(ID), named, at, first, last, self._language)


def _nothing(query: str) -> Iterable[tuple[Any, ...]]:
    return ()


def best(labels: Mapping[str, str], language: str) -> str | None:
    """The label in a language, else in English, else the first by tag; None of none."""
    for wanted in (language, "en", "", *sorted(labels)):
        if wanted in labels:
            return labels[wanted]
    return None
