"""/files/{release}/{name}: the files of a release, byte for byte, if they have the SHA-256 that the manifest gives. No release is
opened for them.

The id of a release fixes its dataset.nq for ever; the other files are also a function of the software that wrote them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from fastapi import HTTPException

from relgraph.errors import suggestion
from relgraph.release import REBUILD
from relgraph.serving.descriptions.hashes import Hashes, State, state
from relgraph.serving.descriptions.locations import FILES
from relgraph.serving.http.negotiation import with_charset
from relgraph.serving.http.requests import Headers, PlainRoute, Request, cached
from relgraph.serving.logs import log
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.current import Snapshots

PATH = "/" + FILES
#: Bytes that are read and sent at a time.
_PART = 262144
_TYPES = {
    ".nq": "application/n-quads", ".ttl": "text/turtle", ".json": "application/json", ".jsonld": "application/ld+json",
    ".tsv": "text/tab-separated-values", ".md": "text/markdown", "": "text/plain",
}  # fmt: skip
_MANIFEST = "manifest.json"
_FIXED = "dataset.nq"
_FOR_EVER: Headers = [(b"cache-control", b"public, max-age=31536000, immutable")]


class Files(PlainRoute):
    """Gives the files that the manifest lists, and the manifest."""

    methods = ("GET", "HEAD")

    def __init__(self, settings: Settings, snapshots: Snapshots) -> None:
        self._settings = settings
        self._snapshots = snapshots
        self._hashes = Hashes()
        self._told: dict[Path, tuple[State | None, str]] = {}

    async def answer(self, request: Request) -> None:
        """Answers with a file. Raises HTTPException 404 for a release that is not served, or a file that it has not,
        503 for a damaged one."""
        asked, _, name = request.scope["path"].removeprefix(PATH).removeprefix("/").partition("/")
        if not request.snapshot.opened.own:
            raise HTTPException(404, "a dataset that is no release has no files here")
        folder = await self._snapshots.find(asked)
        try:
            release, listed = await asyncio.to_thread(_listed, folder)
        except FileNotFoundError as error:  # removed at this moment
            raise HTTPException(404, f"the files of the release {asked[:80]!r} are not here") from error
        except OSError as error:
            raise self._unreadable(folder / _MANIFEST, error) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise self._damaged(folder / _MANIFEST, "it is not what a build writes") from error
        request.scope["state"]["release"] = release
        if name not in listed:
            raise HTTPException(404, f"the release has no file {name[:64]!r}. {suggestion(name, listed)}")
        tag = f'"{listed[name]}"'
        is_fixed = name == _FIXED and release in asked
        headers = _FOR_EVER if is_fixed else cached(self._settings.max_age)
        if await request.unchanged(tag, headers):
            return
        with request.snapshot.unneeded():  # a slow client shall not keep what is no longer served
            wanted = {listed[name], release} if name == _FIXED else {listed[name]}
            await self._send(request, folder / name, wanted, [*headers, (b"etag", tag.encode())])

    async def _send(self, request: Request, path: Path, wanted: set[str], headers: Headers) -> None:
        """Sends a file in parts; a client that does not take a part within the time of a query is given up.

        wanted: the SHA-256 of the file, as everything says it that tells one. Raises HTTPException 503 for a file that has
        another or cannot be read, before anything is sent; one that somebody writes to while it is sent breaks off.
        """
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError as error:
            raise HTTPException(404, f"the file {path.name} is not here any more") from error
        except OSError as error:
            raise self._unreadable(path, error) from error
        gone = asyncio.ensure_future(_gone(request))
        try:
            seen = state(file)
            found = await self._hash(file, path, gone)
            if gone.done():
                return
            if wanted != {found}:
                raise self._damaged(path, "its SHA-256 is not the one that the manifest or the id of the release gives")
            size = seen.size
            headers = [
                *headers,
                (b"content-type", with_charset(_TYPES.get(path.suffix, "application/octet-stream")).encode()),
                (b"content-length", b"%d" % size),
                (b"content-disposition", f"inline; filename*=UTF-8''{quote(path.name)}".encode()),
            ]
            if request.method == "HEAD":
                await request.respond(200, headers)
                return
            await request.start(200, headers)
            sent = 0
            while sent < size and not gone.done():
                data = await asyncio.to_thread(file.read, min(_PART, size - sent))
                if not data or state(file) != seen:  # somebody has cut it, or writes to it
                    await request.hang_up()
                    return
                sent += len(data)
                async with asyncio.timeout(self._settings.query_timeout):
                    await request.part(data, sent < size)
        except TimeoutError:
            await request.hang_up()
        finally:
            gone.cancel()
            file.close()

    async def _hash(self, file: BinaryIO, path: Path, gone: asyncio.Future[None]) -> str:
        try:
            return await self._hashes.of(file, lambda: not gone.done())
        except OSError as error:
            raise self._unreadable(path, error) from error

    def _unreadable(self, path: Path, error: OSError) -> HTTPException:
        return self._damaged(path, f"it cannot be read ({error.strerror})")

    def _damaged(self, path: Path, why: str) -> HTTPException:
        """What is told of a damaged file; the log is told once of each state of it where it is, and what to do."""
        told = (_state(path), why)
        if self._told.get(path) != told:
            self._told[path] = told
            log.error("a release is damaged", extra={"facts": {"detail": f"{path}: {why}. {REBUILD}"}})
        return HTTPException(503, f"the file {path.name} of this release is damaged here: {why}. Nothing of it is sent")


async def _gone(request: Request) -> None:
    """Returns when the client has gone away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _state(path: Path) -> State | None:
    try:
        with path.open("rb") as file:
            return state(file)
    except OSError:
        return None


def _listed(folder: Path) -> tuple[str, dict[str, str]]:
    """The id of a release, and its files by name, each with its SHA-256."""
    content = (folder / _MANIFEST).read_bytes()
    manifest = json.loads(content)
    files = {name: str(about["sha256"]) for name, about in manifest["files"].items()}
    return str(manifest["release"]), files | {_MANIFEST: hashlib.sha256(content).hexdigest()}
