"""From a request to a page that is not of one resource: its language, its addresses in the others, and all that it depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from relgraph.ontology import LANGUAGES
from relgraph.serving.http import negotiation
from relgraph.serving.http.paging import Page, Pager
from relgraph.serving.http.requests import Request
from relgraph.serving.pages.layout import Layout, Served
from relgraph.serving.snapshots.snapshot import Snapshot
from relgraph.serving.workers.frames import Frame
from relgraph.serving.workers.texts import fingerprint


class Presenter:
    """Answers requests with pages. texts: the documents at hand by id, for passages."""

    def __init__(self, pager: Pager, layout: Layout, texts: Mapping[str, str]) -> None:
        self._pager = pager
        self._layout = layout
        self._has_texts = bool(texts)
        self._made_with = (layout.fingerprint, fingerprint(texts))
        self._told: WeakKeyDictionary[Snapshot, str] = WeakKeyDictionary()

    async def show(
        self,
        request: Request,
        template: str,
        values: Callable[[Frame], Mapping[str, object]],
        facts: tuple[object, ...] = (),
        job: Mapping[str, Any] | None = None,
        **manner: Any,
    ) -> None:
        """Answers with a page of a template.

        values: gives what the template asks for, of what a worker found for the job (nothing without one), run in a thread;
        facts: what they depend on beside address, release, language and job; manner: further fields of a Page. Raises
        RelgraphError.
        """
        snapshot, language, other = request.snapshot, language_of(request), _other(request)
        served = Served(snapshot.release, request.once("release"), request.scope["state"]["older"])

        def make(found: Frame) -> bytes:
            return self._layout.page(
                template,
                language,
                served,
                other,
                counts=snapshot.opened.counts,
                own=snapshot.opened.own,
                questions=snapshot.questions.values(),
                has_texts=self._has_texts or not snapshot.opened.own,
                **values(found),
            )

        depends = (template, request.scope["path"], tuple(request.given), served, self._made_with, self._tells(snapshot), *facts)
        await self._pager.answer(request, Page(language, depends, make, job, **manner))

    def _tells(self, snapshot: Snapshot) -> str:
        """A hash of what a snapshot has beside its data: counts and queries."""
        if snapshot not in self._told:
            told = (sorted(snapshot.opened.counts.items()), [question.text for question in snapshot.questions.values()])
            self._told[snapshot] = hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()
        return self._told[snapshot]


def language_of(request: Request) -> str:
    """The language of the page that a request gets."""
    chosen = next((value for name, value in request.given if name == "lang"), None)
    return negotiation.language(chosen, request.header(b"accept-language"))


def _other(request: Request) -> dict[str, str]:
    """The addresses of the same answer in the other languages: with all parameters, each as often as it is given."""
    kept = [(name, value) for name, value in request.given if name != "lang"]
    return {code: "?" + urlencode([*kept, ("lang", code)]) for code in LANGUAGES if code != language_of(request)}
