"""Where the links and forms of pages lead: to pages of the same release, behind the path of the public address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

#: A link to a page of ours, as our templates write it: with its path, query and fragment.
_LINK = re.compile(r'(<a\b[^>]*?\bhref=")(/[^"#?]*|(?=\?))(\?[^"#]*)?((?:#[^"]*)?")')
_FORM = re.compile(r"<form\b[^>]*>")
#: What leads to an address of ours: in a page, in the header Link.
_OURS = re.compile(r'(<(?:a|form|link)\b[^>]*?\b(?:href|action)=")(?=/(?!/))')
_LINKED = re.compile(rb"<(?=/(?!/))")
#: What is the same in every release, or tells of all.
_OF_NONE = ("/releases", "/static/", "/files/", "/openapi.json", "/docs")


def kept(html: str, release: str) -> str:
    """A page in which every link and form keeps a release; html: as our templates write it; release: as it was asked for."""

    def link(match: re.Match[str]) -> str:
        begin, path, query, end = match.groups()
        if path.startswith(_OF_NONE) or "release=" in (query or ""):
            return match[0]
        joined = f"{query}&amp;" if query else "?"
        return f"{begin}{path}{joined}release={quote(release, safe='')}{end}"

    hidden = f'<input type="hidden" name="release" value="{escape(release)}">'
    return _FORM.sub(lambda match: match[0] + hidden, _LINK.sub(link, html))


def placed(html: str, prefix: str) -> str:
    """A page in which links and forms lead to addresses behind a path such as /graph; html: as our templates write it."""
    return _OURS.sub(lambda match: match[1] + prefix, html) if prefix else html


def headed(headers: Iterable[tuple[bytes, bytes]], prefix: str) -> list[tuple[bytes, bytes]]:
    """Headers of a response in which addresses of ours stand behind a path."""
    found, before = [], prefix.encode()
    for name, value in headers:
        if name in (b"location", b"content-location") and value.startswith(b"/") and not value.startswith(b"//"):
            value = before + value
        elif name == b"link":
            value = _LINKED.sub(b"<" + before, value)
        found.append((name, value))
    return found
