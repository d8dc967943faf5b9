"""/.well-known/void: what is served, as VoID, DCAT and PROV (docs/catalogue.md), in the formats of graphs.

The file that the build wrote is read once a snapshot; of data without one, what can be counted is counted by queries.
Neither is done on the event loop.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from fastapi import HTTPException
from pyoxigraph import RdfFormat, Triple, parse, serialize

from relgraph import catalogue
from relgraph.catalogue.statistics import Statistics
from relgraph.catalogue.terms import PREFIXES
from relgraph.evaluation import GRAPH_FORMATS, Format
from relgraph.serving.descriptions.locations import WELL_KNOWN, Form, counted_here, dataset_iri, located
from relgraph.serving.descriptions.measuring import Measuring
from relgraph.serving.http.addresses import address
from relgraph.serving.http.negotiation import Extra, names
from relgraph.serving.http.requests import PlainRoute, Request, cached
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.current import Snapshots
from relgraph.serving.snapshots.snapshot import Snapshot
from relgraph.serving.workers.outbound import Outbound
from relgraph.vocabulary import RG

PATH = "/" + WELL_KNOWN
#: The things that the description is of, as their IRIs are asked for: they lead to it.
_THINGS = "/id/release/"
_CATALOGUE = "/id/catalogue"
#: The formats that the suffixes of addresses ask for; there is no page of a release.
_SUFFIXES = {"ttl": "turtle", "jsonld": "jsonld", "nt": "ntriples", "nq": "nquads", "trig": "trig", "rdf": "rdfxml"}
#: Where no address is set, clients say by which one they know the server (Host). The description is made with this one, which
#: nobody can know, and their own takes its place: what a Host may hold is written in the same way in every format.
_ANY = f"http://{secrets.token_hex(16)}.invalid/"


@dataclass
class _Known:
    """What is known of a snapshot: the triples of its file, or else its numbers; and descriptions ready to be sent, by the
    name by which the release is asked for (its id, its folder, or none) and the format."""

    triples: Sequence[Triple]
    statistics: Statistics | None
    ready: dict[tuple[str, str], bytes] = field(default_factory=dict)


def serves(path: str) -> bool:
    """Whether a path is that of the description, or of a thing that it describes."""
    return path in (PATH, _CATALOGUE) or path.startswith((_THINGS, _CATALOGUE + "."))


class Catalogues(PlainRoute):
    """Describes the data that are served; forms: the exports that the server gives, of relgraph's own data or of others."""

    methods = ("GET", "HEAD")

    def __init__(
        self, settings: Settings, outbound: Outbound, snapshots: Snapshots, forms: Callable[[bool], Sequence[Form]]
    ) -> None:
        self._settings = settings
        self._snapshots = snapshots
        self._measuring = Measuring(settings, outbound)
        self._forms = forms
        self._known: WeakKeyDictionary[Snapshot, _Known] = WeakKeyDictionary()
        self._learning = asyncio.Lock()

    async def answer(self, request: Request) -> None:
        """Answers with the description, or the way to it.

        Raises HTTPException 406, 404 for a release that is not served, UsageError for an unknown format by name, BudgetError
        where there is nobody to count what no build has counted.
        """
        if request.scope["path"] != PATH:
            await self._lead(request)
            return
        wanted = request.form(GRAPH_FORMATS)
        if wanted is None:
            raise HTTPException(406, f"nothing that you accept fits a description of data; there are {names(GRAPH_FORMATS)}")
        body = await self._body(request.snapshot, address(self._settings, request), request.once("release"), wanted)
        await request.whole(body, wanted.media_type, cached(self._settings.max_age, b"Accept"))

    async def _lead(self, request: Request) -> None:
        """Leads from the IRI of a release, or of the catalogue, to the description (303, as they are things): as of the release
        that is asked for, and from the IRI of another one to the description of that. Who would rather have a page is led to the
        start page of the release, or to the list of releases."""
        opened = request.snapshot.opened
        path, _, suffix = request.scope["path"].partition(".")
        format, release = _format(request, suffix), request.once("release")
        known = opened.own and (not suffix or suffix in (*_SUFFIXES, "html"))
        if path not in (_CATALOGUE, _THINGS + opened.release):
            release = path.removeprefix(_THINGS)
            known = known and await asyncio.to_thread(self._is_kept, release)
        query = {name: value for name, value in (("format", format), ("release", release)) if value}
        if not known:
            raise HTTPException(404, f"no release {request.scope['path'].removeprefix(_THINGS)[:80]!r} is served here")
        place = WELL_KNOWN
        if request.wanted(suffix or format).page:
            place = "releases" if path == _CATALOGUE else ""
            release = release if path == _CATALOGUE else path.removeprefix(_THINGS)
            format = "html" if path == _CATALOGUE else ""
            given = (("format", format), ("release", release), ("lang", request.language()))
            query = {name: value for name, value in given if value}
        location = address(self._settings, request) + place + (f"?{urlencode(query)}" if query else "")
        about = [(b"location", location.encode()), (b"content-length", b"0"), (b"vary", b"Accept")]
        await request.respond(303, [*about, (b"cache-control", b"no-cache")])

    def _is_kept(self, release: str) -> bool:
        """Whether there is an older release with this id."""
        releases = self._snapshots.releases
        return releases is not None and any(release == kept.id for kept in releases.listed())

    async def _body(self, snapshot: Snapshot, url: str, asked: str, wanted: Format) -> bytes:
        """The description; asked: the name of the release that was asked for, "" for what is current."""
        known = await self._learnt(snapshot)
        folder = snapshot.opened.store.parent.name
        other = asked if asked in ("", snapshot.release) else folder
        made_for = self._settings.public_url or _ANY
        key = (other, wanted.name)
        if key not in known.ready:
            known.ready[key] = await asyncio.to_thread(self._written, snapshot, known, made_for, other, wanted)
        return known.ready[key].replace(made_for.encode(), url.encode())

    def _written(self, snapshot: Snapshot, known: _Known, url: str, other: str, wanted: Format) -> bytes:
        opened = snapshot.opened
        described = list(known.triples)
        if known.statistics is not None:
            described += counted_here(known.statistics, opened, url)
        described += located(described, opened, url, other, self._forms(opened.own))
        prefixes = PREFIXES | {"rg": RG, "release": dataset_iri(opened, url).partition("#")[0] + "#"}
        return serialize(described, format=wanted.engine, prefixes=prefixes) or b""  # type: ignore[arg-type]  # GRAPH_FORMATS

    async def _learnt(self, snapshot: Snapshot) -> _Known:
        if snapshot in self._known:
            return self._known[snapshot]
        async with self._learning:
            if snapshot not in self._known:
                triples = await asyncio.to_thread(_read, snapshot.opened.store.parent / catalogue.FILE)
                statistics = None if triples else await self._measuring.statistics(snapshot)
                self._known[snapshot] = _Known(triples, statistics)
            return self._known[snapshot]


def _format(request: Request, suffix: str) -> str:
    """The format that is asked for by suffix or name, empty where none is. Raises UsageError where the two contradict."""
    chosen = request.once("format")
    if suffix and chosen:
        form = next((form for form in GRAPH_FORMATS if form.name == _SUFFIXES.get(suffix)), Extra(suffix, suffix))
        request.form([form], form, f".{suffix}")
    return _SUFFIXES.get(suffix, chosen)


def _read(file: Path) -> list[Triple]:
    """The triples of the file of a release; none where there is no such file, or none that can be read."""
    try:
        return [quad.triple for quad in parse(path=str(file), format=RdfFormat.TURTLE)]
    except (OSError, SyntaxError, ValueError):
        return []
