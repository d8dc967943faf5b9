"""Pages of a release that is not the current one: their links and forms lead to pages of the same release."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

#: A link to a page of ours, as our templates write it: with its path, query and fragment.
_LINK = re.compile(r'(<a\b[^>]*?\bhref=")(/[^"#?]*|(?=\?))(\?[^"#]*)?((?:#[^"]*)?")')
_FORM = re.compile(r"<form\b[^>]*>")
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
