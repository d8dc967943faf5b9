"""Which resource an address of the server stands for, and which address a resource has here.

An IRI `https://w3id.org/relgraph/PATH` has the address `/PATH`; documents and their spans have `/documents/000` and
`/documents/000?char=18,44` besides, since clients do not send what stands behind a #.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from relgraph.evaluation import GRAPH_FORMATS, Format
from relgraph.vocabulary import ID, PREFIXES

ROOT = "https://w3id.org/relgraph/"
DOCUMENTS = "documents/"
_DOCUMENT = ID + "document/"
#: A run of percent-encoded octets.
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
#: What a URI may hold as it is, and what stands for itself in a path.
_SAFE = "/:@!$&'()*+,;=~%?#[]"
_CHAR = re.compile(r"(0|[1-9]\d{0,17}),([1-9]\d{0,17})", re.ASCII)


@dataclass(frozen=True)
class Form:
    """A form that descriptions come in: name, media type, suffix of its addresses, other names and types that mean it, and the
    format of the engine (None for a page)."""

    name: str
    media_type: str
    suffix: str
    aliases: tuple[str, ...]
    format: Format | None


_SUFFIXES = {
    "turtle": "ttl", "jsonld": "jsonld", "ntriples": "nt", "nquads": "nq", "trig": "trig", "rdfxml": "rdf",
}  # fmt: skip
#: The first is the default.
FORMS = (
    Form("html", "text/html", "html", ("application/xhtml+xml",), None),
    *(Form(format.name, format.media_type, _SUFFIXES[format.name], format.aliases, format) for format in GRAPH_FORMATS),
)
#: The forms of versions of the ontology, which are data always.
DATA_FORMS = FORMS[1:]


@dataclass(frozen=True)
class Target:
    """What an address stands for: an IRI, and the form that its suffix asks for, if it has one."""

    iri: str
    form: Form | None

    @property
    def is_document(self) -> bool:
        """Whether the IRI is that of a registered document."""
        return self.iri.startswith(_DOCUMENT) and not re.search(r"[/#?]", self.iri[len(_DOCUMENT) :])


def find(path: str, is_known: Callable[[str], bool]) -> Target | None:
    """What a path (as it was sent, without the query) stands for; None where no IRI like that is known.

    The IRI as it stands wins over one with other escapes, and both over one with a suffix taken off.
    """
    base, prefix = (_DOCUMENT, DOCUMENTS) if path.startswith("/" + DOCUMENTS) else (ROOT, "")
    key = path.removeprefix("/" + prefix)
    spellings = list(dict.fromkeys((key, normal(key))))
    if prefix and "/" in spellings[-1]:
        return None
    for spelling in spellings:
        if is_known(base + spelling):
            return Target(base + spelling, None)
    for spelling in spellings:
        stem, dot, suffix = spelling.rpartition(".")
        form = next((form for form in FORMS if form.suffix == suffix), None)
        if dot and form and stem and is_known(base + stem):
            return Target(base + stem, form)
    return None


def normal(path: str) -> str:
    """The path as an IRI has it (RFC 3986, section 6.2.2; RFC 3987, section 3.2): escapes of what needs none undone, those
    of UTF-8 turned into characters, the others in capitals. What is not UTF-8 stays escaped."""
    return _ESCAPES.sub(lambda match: _unescaped(bytes.fromhex(match[0].replace("%", ""))), path)


def _unescaped(octets: bytes) -> str:
    text = octets.decode("utf-8", "surrogateescape")
    return "".join(
        character if _UNRESERVED.fullmatch(character) or "\xa0" <= character < "\ud800" or character > "\udfff"
        else "".join(f"%{octet:02X}" for octet in character.encode("utf-8", "surrogateescape"))
        for character in text
    )  # fmt: skip


def span(document: str, characters: str) -> str | None:
    """The IRI of a span of a document by the value of `char`, e.g. 18,44; None where it is no such value."""
    found = _CHAR.fullmatch(characters)
    return f"{document}#char={characters}" if found and int(found[1]) < int(found[2]) else None


def address(iri: str, suffix: str = "", language: str = "", format: str = "") -> str:
    """Where an IRI of ours is described: a path from the root of the server. Any other IRI as it is.

    suffix: of a form; format: a form by its name, where the suffix would make the address that of another resource; language:
    of a page, where it shall not be the client's own choice.
    """
    if not iri.startswith(ROOT):
        return iri
    parameters = {name: value for name, value in (("format", format), ("lang", language)) if value}
    path, hash_, fragment = iri.removeprefix(ROOT).partition("#")
    if iri.startswith(_DOCUMENT) and "/" not in path.removeprefix("id/document/"):
        path = DOCUMENTS + path.removeprefix("id/document/")
        if fragment.startswith("char="):
            parameters = {"char": fragment.removeprefix("char="), **parameters}
            hash_ = fragment = ""
    query = "?" + urlencode(parameters, safe=",") if parameters else ""
    if path.startswith("/"):
        path = "%2F" + path[1:]  # two slashes would begin the name of another server
    return "/" + quote(path, safe=_SAFE) + (f".{suffix}" if suffix else "") + query + hash_ + quote(fragment, safe=_SAFE)


def places(iri: str, forms: Sequence[Form], is_known: Callable[[str], bool], release: str = "") -> dict[Form, str]:
    """The address of each form of a description: with its suffix, unless a resource has that very IRI; release: the one that
    was asked for by name."""
    stem = iri.partition("#")[0]
    found = {}
    for form in forms:
        taken = is_known(f"{stem}.{form.suffix}")
        place = address(iri, format=form.name) if taken else address(iri, form.suffix)
        found[form] = extended(place, release=release)
    return found


def extended(place: str, **parameters: str) -> str:
    """An address with more parameters; those that are empty are left out."""
    given = urlencode({name: value for name, value in parameters.items() if value})
    return f"{place}{'&' if '?' in place else '?'}{given}" if given else place


def uri(iri: str) -> str:
    """An IRI as headers can hold it (RFC 3987, section 3.1)."""
    return quote(iri, safe=_SAFE)


def shortened(iri: str) -> str:
    """An IRI as a prefixed name, without the prefix where it is a key; one of no known prefix as it is."""
    prefix, namespace = max(PREFIXES.items(), key=lambda item: len(item[1]) if iri.startswith(item[1]) else 0)
    return f"{prefix}:{iri.removeprefix(namespace)}" if iri.startswith(namespace) else iri.removeprefix(ID)
