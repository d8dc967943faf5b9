"""/.well-known/void: what is served, as VoID, DCAT and PROV (docs/catalogue.md), in the formats of graphs.

The file that the build wrote is read once a snapshot; of data without one, what can be counted is counted by queries.
Neither is done on the event loop.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
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
from relgraph.serving.http import protocol
from relgraph.serving.http.addresses import address
from relgraph.serving.http.negotiation import names, with_charset
from relgraph.serving.http.requests import Headers, PlainRoute, Request
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
#: Descriptions that are kept of a snapshot, by address, name and format: a server is known by few names.
_KEPT = 24


@dataclass
class _Known:
    """What is known of a snapshot: the triples of its file, or else its numbers; and descriptions ready to be sent."""

    triples: Sequence[Triple]
    statistics: Statistics | None
    ready: OrderedDict[tuple[str, str, str], bytes] = field(default_factory=OrderedDict)


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

        Raises HTTPException 406, 404 for a release that is not served, UsageError for an unknown format by name.
        """
        if request.scope["path"] != PATH:
            await self._lead(request)
            return
        given = protocol.parameters(request.scope["query_string"])
        wanted = request.wanted(next((value for name, value in given if name == "format"), None)).graph
        if wanted is None:
            raise HTTPException(406, f"nothing that you accept fits a description of data; there are {names(GRAPH_FORMATS)}")
        asked = next((value for name, value in given if name == "release"), "")
        body = await self._body(request.snapshot, address(self._settings, request), asked, wanted)
        tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        headers: Headers = [
            (b"etag", tag.encode()),
            (b"vary", b"Accept"),
            (b"cache-control", b"public, max-age=%d" % self._settings.max_age),
        ]
        if {tag, "*"} & set(request.known_tags()):
            await request.respond(304, headers)
            return
        headers += [
            (b"content-type", with_charset(wanted.media_type).encode()),
            (b"content-length", b"%d" % len(body)),
        ]
        await request.respond(200, headers, b"" if request.method == "HEAD" else body)

    async def _lead(self, request: Request) -> None:
        """Leads from the IRI of a release, or of the catalogue, to the description (303, as they are things)."""
        opened = request.snapshot.opened
        path, _, suffix = request.scope["path"].partition(".")
        query = {} if suffix not in _SUFFIXES else {"format": _SUFFIXES[suffix]}
        known = opened.own and (not suffix or suffix in (*_SUFFIXES, "html"))
        if path not in (_CATALOGUE, _THINGS + opened.release):
            release = path.removeprefix(_THINGS)
            known = known and await asyncio.to_thread(self._is_kept, release)
            query["release"] = release
        if not known:
            raise HTTPException(404, f"no release {request.scope['path'].removeprefix(_THINGS)[:80]!r} is served here")
        location = address(self._settings, request) + WELL_KNOWN + (f"?{urlencode(query)}" if query else "")
        await request.respond(303, [(b"location", location.encode()), (b"content-length", b"0"), (b"cache-control", b"no-cache")])

    def _is_kept(self, release: str) -> bool:
        """Whether there is an older release with this id."""
        releases = self._snapshots.releases
        return releases is not None and any(release == kept.id for kept in releases.listed())

    async def _body(self, snapshot: Snapshot, url: str, asked: str, wanted: Format) -> bytes:
        """The description; asked: the name of the release that was asked for, "" for what is current."""
        known = await self._learnt(snapshot)
        folder = snapshot.opened.store.parent.name
        other = asked if asked in ("", snapshot.release) else folder
        key = (url, other, wanted.name)
        if key not in known.ready:
            known.ready[key] = await asyncio.to_thread(self._written, snapshot, known, url, other, wanted)
            while len(known.ready) > _KEPT:
                known.ready.popitem(last=False)
        return known.ready[key]

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


def _read(file: Path) -> list[Triple]:
    """The triples of the file of a release; none where there is no such file, or none that can be read."""
    try:
        return [quad.triple for quad in parse(path=str(file), format=RdfFormat.TURTLE)]
    except (OSError, SyntaxError, ValueError):
        return []
