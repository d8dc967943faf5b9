"""/search: what has some words in its names and descriptions, as a page and as JSON. A worker asks the full-text index."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final

from fastapi import HTTPException
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, Store, parse_query_results

from relgraph.describing import is_known
from relgraph.describing import names as labels
from relgraph.errors import BudgetError, RelgraphError
from relgraph.evaluation import Dataset
from relgraph.naming import LOOKED_AT, folded, iris, key, labelled
from relgraph.serving.http.addresses import address
from relgraph.serving.http.jobs import Jobs
from relgraph.serving.http.negotiation import LISTS, names
from relgraph.serving.http.paging import Page, Pager
from relgraph.serving.http.problems import problem
from relgraph.serving.http.protocol import Asked
from relgraph.serving.http.requests import Request
from relgraph.serving.pages import details, resources
from relgraph.serving.pages.layout import WORDING
from relgraph.serving.pages.presenting import Presenter, language_of
from relgraph.serving.pages.resources import shortened
from relgraph.serving.settings import Settings
from relgraph.serving.workers.frames import Frame
from relgraph.vocabulary import ID, INFERRED, ONTOLOGY_GRAPH, RDFS, RG, SEARCH, A

PATH: Final = "/search"
DATA: Final = "/search.json"
#: Things that an answer lists; hits that it is made of, several of which may lead to one fact.
SHOWN: Final = 20
_HITS: Final = 200
#: A claim leads to its fact. The words stand in their place as a literal.
_QUERY: Final = f"""PREFIX rg: <{RG}> PREFIX search: <{SEARCH}>
SELECT ?hit ?fact ?text ?score ?corrected {{
  SERVICE search:index {{
    ?hit search:query %s ; search:label ?text ; search:score ?score ; search:corrected ?corrected ; search:limit {_HITS}
  }}
  OPTIONAL {{ ?hit a rg:Claim ; rg:about ?fact }}
}} ORDER BY DESC(?score) ?hit ?fact"""
_SUBCLASS: Final = NamedNode(RDFS + "subClassOf")
_CLAIM: Final = f"{ID}claim/"
#: Things of a like spelling that are named where nothing is found; how like, as difflib counts it; the longest such name.
_MEANT, _LIKE, _LONGEST = 5, 0.6, 60


@dataclass(frozen=True)
class Thing:
    """A thing that was found, or one of a like spelling.

    iri; label and its language (empty for none); kinds: the narrowest classes that are stated of it, IRI and label; score:
    higher is better, 0 for a like spelling; text: what has the words, with its language, empty where that is the label.
    """

    iri: str
    label: str
    language: str
    kinds: tuple[tuple[str, str], ...]
    score: float = 0.0
    text: str = ""
    text_language: str = ""


@dataclass(frozen=True)
class Found:
    """An answer: things, the best first; whether there are more; where there are none, what is spelt like the words;
    corrected: the words that were searched for in place of those that are mistyped, empty where none are."""

    things: tuple[Thing, ...] = ()
    more: bool = False
    like: tuple[Thing, ...] = ()
    corrected: str = ""


class Searching:
    """Answers requests with what a search finds."""

    def __init__(self, settings: Settings, pager: Pager, presenter: Presenter) -> None:
        self._settings = settings
        self._jobs = Jobs(settings)
        self._pager = pager
        self._presenter = presenter

    async def answer(self, request: Request) -> None:
        """Answers with a page, or with JSON. Raises HTTPException 404 where data without an index are served, 406; RelgraphError.

        On the page it is said in place of the list what is wrong with the words.
        """
        request.language()
        is_data = request.scope["path"] == DATA
        form = request.form(LISTS, LISTS[0] if is_data else None, ".json" if is_data else "")
        if form is None:
            raise HTTPException(406, f"nothing that you accept fits a search; there are {names(LISTS)}")
        words = spaced(request.once("q"))
        if form.name != "html":
            await self._data(request, words, form.media_type)
        elif request.snapshot.opened.index is None:
            await self._page(request, words, None, status=404, indexed=False)
        else:
            try:
                await self._page(request, words, self._job(request, words))
            except RelgraphError as error:
                await self._failed(request, words, error)

    def _job(self, request: Request, words: str) -> Mapping[str, Any] | None:
        """The job for a worker; None where there are no words."""
        if not words:
            return None
        request.note(**self._jobs.noted(words))
        return self._jobs.page(Asked(_QUERY % Literal(words), Dataset()))

    async def _data(self, request: Request, words: str, media_type: str) -> None:
        if request.snapshot.opened.index is None:
            raise HTTPException(404, "these data have no full-text index; ask /sparql for labels")
        base, release = address(self._settings, request).rstrip("/"), request.once("release")
        language, store = language_of(request), request.snapshot.store

        def make(frame: Frame) -> bytes:
            answer = _found(frame, store, words, language)
            told = {
                "query": words,
                "corrected": answer.corrected,
                "results": [record(each, base, release) for each in answer.things],
                "more": answer.more,
                "like": [record(each, base, release) for each in answer.like],
            }
            return json.dumps(told, ensure_ascii=False, indent=1).encode()

        facts = (PATH, "json", words, base, release)
        await self._pager.answer(request, Page(language, facts, make, self._job(request, words), media_type=media_type))

    async def _page(
        self,
        request: Request,
        words: str,
        job: Mapping[str, Any] | None,
        error: str = "",
        indexed: bool = True,
        **manner: Any,
    ) -> None:
        language, store = language_of(request), request.snapshot.store

        def values(frame: Frame) -> Mapping[str, object]:
            answer = Found() if job is None else _found(frame, store, words, language)
            told = details.told(error, language) if error else None
            return {"searched": words, "found": answer, "error": told, "indexed": indexed, "key": key}

        await self._presenter.show(request, "search.html", values, (error, indexed), job=job, **manner)

    async def _failed(self, request: Request, words: str, error: RelgraphError) -> None:
        refused = problem(error)
        request.also += [(name, value) for name, value in refused.headers if name == b"retry-after"]
        await self._page(request, words, None, str(error), status=refused.status, free=isinstance(error, BudgetError))


def spaced(text: str) -> str:
    """The words of a search with one space between them; control characters part words."""
    return " ".join("".join(" " if unicodedata.category(each) in ("Cc", "Cs") else each for each in text).split())


def record(thing: Thing, base: str, release: str = "") -> dict[str, Any]:
    """A thing as an object of JSON; base: the address of the server; release: the one that was asked for by name, which the
    address keeps."""
    place = resources.address(thing.iri)
    return {
        "iri": thing.iri,
        "label": thing.label,
        "language": thing.language,
        "kinds": [{"iri": iri, "label": label} for iri, label in thing.kinds],
        "score": thing.score,
        "text": thing.text or thing.label,
        "textLanguage": thing.text_language if thing.text else thing.language,
        "href": _extended(f"{base}{place}" if place.startswith("/") else place, release),
    }


def _extended(place: str, release: str) -> str:
    path, hash_, fragment = place.partition("#")
    return resources.extended(path, release=release) + hash_ + fragment


def _found(frame: Frame, store: Store, words: str, language: str) -> Found:
    """What a worker found, each thing once; nothing where it was not asked. What has the words for a key or IRI comes first."""
    if not frame.data:
        return Found()
    things: dict[str, Thing] = {}
    solutions = parse_query_results(frame.data, QueryResultsFormat.TSV)
    assert isinstance(solutions, QuerySolutions)  # a SELECT
    hits, corrected = 0, ""
    for solution in solutions:
        hits += 1
        corrected = getattr(solution["corrected"], "value", "")
        hit, text = solution["fact"] or solution["hit"], solution["text"]
        if isinstance(hit, NamedNode) and isinstance(text, Literal) and hit.value not in things:
            things[hit.value] = _thing(store, hit, language, float(getattr(solution["score"], "value", 0)), text)
    written = (NamedNode(iri) for iri in iris(words) if "/" in words)
    if named := next((node for node in written if is_known(store, node)), None):
        best = next((thing.score for thing in things.values()), 1.0)
        things = {named.value: _thing(store, named, language, best)} | {k: v for k, v in things.items() if k != named.value}
    more = frame.meta["more"] or hits >= _HITS or len(things) > SHOWN
    return Found(
        tuple(islice(things.values(), SHOWN)), bool(more), () if things else _spelt_like(store, words, language), corrected
    )


def _thing(store: Store, node: NamedNode, language: str, score: float = 0.0, text: Literal | None = None) -> Thing:
    label = _label(store, node, language)
    kinds = tuple((kind.value, _label(store, kind, language)[0]) for kind in _kinds(store, node))
    other = (text.value, text.language or "") if text and text.value != label[0] else ("", "")
    return Thing(node.value, *label, kinds, score, *other)


def _kinds(store: Store, node: NamedNode) -> list[NamedNode]:
    """The classes that are stated of a thing, without those that others of them are kinds of."""
    stated = {quad.object for quad in store.quads_for_pattern(node, A, None, None) if quad.graph_name != INFERRED}
    kinds = {kind for kind in stated if isinstance(kind, NamedNode)}
    wider = {quad.object for kind in kinds for quad in store.quads_for_pattern(kind, _SUBCLASS, None, ONTOLOGY_GRAPH)}
    return sorted(kinds - wider, key=str)


def _label(store: Store, node: NamedNode, language: str) -> tuple[str, str]:
    """What a resource is called in a language, else in another one; where it has no label, our word for it, or its key."""
    found = labels(store, node)
    if not found:
        word: str | None = WORDING[language]["resource"]["terms"].get(shortened(node.value))
        return (word, language) if word else (key(node.value), "")
    tongue = language if language in found else min(found)
    return found[tongue], tongue


def _spelt_like(store: Store, words: str, language: str) -> tuple[Thing, ...]:
    """What has a name that is spelt like the words, the likest first."""
    spelt: dict[str, NamedNode] = {}
    for node, name in islice(labelled(store), LOOKED_AT):
        if len(name) <= _LONGEST:
            spelt.setdefault(folded(name), node)
            spelt.setdefault(folded(key(node.value)), node)
    close = get_close_matches(folded(words[:_LONGEST]), spelt, n=2 * _MEANT, cutoff=_LIKE)
    meant = list(dict.fromkeys(spelt[name] for name in close))
    return tuple(_thing(store, node, language) for node in meant[:_MEANT])
