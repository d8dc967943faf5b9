"""What all pages are made with: templates, words in both languages, the frame with its links to the other language and to the
release."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from relgraph.serving.http import asof
from relgraph.serving.pages import resources

_HERE = Path(__file__).parent
#: The words of the pages by language; column names of the queries among them.
WORDING: dict[str, dict[str, Any]] = tomllib.loads((_HERE / "wording.toml").read_text("utf-8"))


class Served(NamedTuple):
    """The id of the release that answers, the name by which the request asked for it, if it did, and whether it is another
    than the current one."""

    release: str
    asked: str = ""
    older: bool = False


class Layout:
    """Makes pages of templates. prefix: the path that stands before all addresses."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        #: What pages are made of besides the data: templates, words, the path.
        self.fingerprint = _fingerprint(prefix)
        self._environment = Environment(
            loader=PackageLoader("relgraph.serving.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["address"] = resources.address

    def page(self, template: str, language: str, served: Served, other: Mapping[str, str], **values: object) -> bytes:
        """A page; other: its addresses in the other languages; values: what the template asks for besides the frame."""
        html = self._environment.get_template(template).render(
            words=WORDING[language],
            lang=language,
            other=other,
            release=served.release,
            as_of=served.asked if served.older else "",
            **values,
        )
        if served.asked:
            html = asof.kept(html, served.asked)
        return asof.placed(html, self._prefix).encode()


def _fingerprint(prefix: str) -> str:
    files = [_HERE / "wording.toml", _HERE / "details.toml", *sorted((_HERE / "templates").glob("*.html"))]
    return hashlib.blake2b(b"\0".join([prefix.encode(), *(file.read_bytes() for file in files)]), digest_size=16).hexdigest()
