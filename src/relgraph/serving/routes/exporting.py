"""/export: what is served, whole or selected, in every form of relgraph.exports; and the list of these forms."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import HTTPException
from starlette.types import ASGIApp

from relgraph import parquet
from relgraph.errors import suggestion
from relgraph.exports.forms import FORMS, Form
from relgraph.serving.http import negotiation
from relgraph.serving.http.addresses import address
from relgraph.serving.http.negotiation import LISTS
from relgraph.serving.http.requests import PlainRoute, Request, cached, once
from relgraph.serving.http.responding import Responder
from relgraph.serving.settings import Settings

PATH = "/export"
#: Parameters that may be given more than once, and those that may be given once.
_MANY = ("graph", "document", "actor", "modality")
_ONCE = ("period", "undated")
#: Parameters of every address.
_MANNER = ("release", "lang", "format")
#: Characters of a parameter.
_LONG = 1000


class Exporting(PlainRoute):
    """Answers with exports; pages: the application that shows the list to people."""

    methods = ("GET", "HEAD")

    def __init__(self, settings: Settings, responder: Responder, pages: ASGIApp) -> None:
        self._settings = settings
        self._responder = responder
        self._pages = pages

    async def answer(self, request: Request) -> None:
        """Answers with an export or the list. Raises HTTPException 404 for an unknown form, 400 for an unknown parameter."""
        name = request.scope["path"].removeprefix(PATH).strip("/")
        if not name:
            await self._list(request)
            return
        own = request.snapshot.opened.own
        form = find(name, own)
        request.form([form], form, name)
        chosen = selection(request.given, own)
        file = f"relgraph-{request.snapshot.release[:12]}{_part(chosen)}.{form.suffix}"
        request.also.append((b"content-disposition", f'attachment; filename="{file}"'.encode()))
        await self._responder.export(request, form.name, form.media_type, chosen)

    async def _list(self, request: Request) -> None:
        request.language()
        form = request.form(LISTS)
        if form is None:
            raise HTTPException(406, "nothing that you accept fits the list of exports; there are json and html")
        if form.name == "html":
            await request.paged(self._pages, PATH)
            return
        base, release = address(self._settings, request), request.once("release")
        listed = [record(each, base, release) for each in forms(request.snapshot.opened.own)]
        body = json.dumps({"exports": listed}, ensure_ascii=False, indent=1).encode()
        await request.whole(body, form.media_type, cached(self._settings.max_age, b"Accept"))


def forms(own: bool) -> list[Form]:
    """The forms on offer; own: whether a release is served, else a file of RDF, of which there are RDF formats only."""
    return [form for form in FORMS.values() if (own or form.is_rdf) and (negotiation.WRITES_PARQUET or not _is_parquet(form))]


def _is_parquet(form: Form) -> bool:
    return form.name.endswith(parquet.NAME)


def find(name: str, own: bool) -> Form:
    """The form of an address: by its name (turtle), or its name and what a file of it ends in (turtle.ttl).

    Raises HTTPException 404 where there is none.
    """
    on_offer = forms(own)
    for form in on_offer:
        if name in (form.name, f"{form.name}.{form.suffix.rpartition('.')[2]}"):
            return form
    known = next((form for form in FORMS.values() if name == form.name), None)
    if known and _is_parquet(known) and own:
        raise HTTPException(404, negotiation.NO_PARQUET)
    if known:
        raise HTTPException(404, f"a file of RDF is served here, and no release: there are {_names(on_offer)}, not {name}")
    raise HTTPException(404, f"there is no export {name[:40]!r}. {suggestion(name, [form.name for form in on_offer])}")


def record(form: Form, base: str, release: str = "") -> dict[str, Any]:
    """A form as an object of JSON; release: the one that was asked for by name, which the address keeps."""
    query = f"?{urlencode({'release': release})}" if release else ""
    return {
        "name": form.name,
        "title": dict(form.titles),
        "mediaType": form.media_type,
        "suffix": form.suffix,
        "href": f"{base.rstrip('/')}{link(form)}{query}",
    }


def link(form: Form) -> str:
    """The address of an export on its server."""
    return f"{PATH}/{quote(form.name)}"


def selection(given: Sequence[tuple[str, str]], own: bool) -> dict[str, Any]:
    """The selection of a request, as people write it. Raises HTTPException 400, or UsageError, for what cannot be meant."""
    known = (*_MANY, *_ONCE) if own else ("graph",)
    for name in (*_ONCE, *_MANNER):
        once(given, name)
    found: dict[str, Any] = {name: [] for name in _MANY} | {"period": "", "undated": False}
    for name, value in given:
        if name in _MANNER:
            continue
        if name not in known:
            raise HTTPException(400, f"there is no parameter {name[:40]!r} here. {suggestion(name, (*known, *_MANNER))}")
        if len(value) > _LONG:
            raise HTTPException(400, f"{name} has more than {_LONG} characters")
        if name in _MANY:
            found[name].append(value)
        else:
            found[name] = _truth(value) if name == "undated" else value
    return found


def _part(chosen: Mapping[str, Any]) -> str:
    """What the name of a file says of a selection, so that a part never goes by the name of the whole; "" for all there is."""
    given = {name: sorted(value) if isinstance(value, list) else value for name, value in chosen.items() if value}
    if not given:
        return ""
    return f"-part-{hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:8]}"


def _truth(value: str) -> bool:
    if value.lower() not in ("true", "false", "1", "0"):
        raise HTTPException(400, f"undated is true or false, not {value[:40]!r}")
    return value.lower() in ("true", "1")


def _names(found: Sequence[Form]) -> str:
    return ", ".join(form.name for form in found)
