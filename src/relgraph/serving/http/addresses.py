"""Under which address the server is reached: as it is set, else as the client asked."""

from __future__ import annotations

import re

from fastapi import HTTPException
from pyoxigraph import NamedNode

from relgraph.serving.http.requests import Request
from relgraph.serving.settings import Settings

#: Host and port as a URI has them (RFC 3986, section 3.2).
_HOST = re.compile(r"(?:(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


def address(settings: Settings, request: Request) -> str:
    """The address of the start page, with a slash at its end. Raises HTTPException 400 for a Host that is none."""
    if settings.public_url:
        return settings.public_url
    host = request.header(b"host")
    if not host:
        name, port = request.scope.get("server") or ("localhost", None)
        host = f"{name}:{port}" if port else name
    found = f"{request.scope.get('scheme', 'http')}://{host}/"
    if not _HOST.fullmatch(host) or not _is_iri(found):
        raise HTTPException(400, "the Host header is no host")
    return found


def _is_iri(text: str) -> bool:
    """Whether statements can name it: an address of IPv6 may be none although its characters are right."""
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True
