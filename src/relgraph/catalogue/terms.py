"""The vocabularies that descriptions are written in, and their literals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from relgraph.vocabulary import DCTERMS, RDFS, XSD, A

DCAT: Final = "http://www.w3.org/ns/dcat#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
FORMATS: Final = "http://www.w3.org/ns/formats/"
PROV: Final = "http://www.w3.org/ns/prov#"
SPDX: Final = "http://spdx.org/rdf/terms#"
VOID: Final = "http://rdfs.org/ns/void#"
#: A media type as an IRI, as DCAT 3 (section 6.8.18) wants it.
MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
PREFIXES: Final = {
    "dcat": DCAT, "dcterms": DCTERMS, "foaf": FOAF, "formats": FORMATS, "prov": PROV, "rdfs": RDFS, "spdx": SPDX, "void": VOID,
    "xsd": XSD,
}  # fmt: skip
#: A word in both languages: English, Russian.
Words = tuple[str, str]


def dcat(name: str) -> NamedNode:
    """A term of DCAT."""
    return NamedNode(DCAT + name)


def dcterms(name: str) -> NamedNode:
    """A term of DCMI."""
    return NamedNode(DCTERMS + name)


def prov(name: str) -> NamedNode:
    """A term of PROV-O."""
    return NamedNode(PROV + name)


def void(name: str) -> NamedNode:
    """A term of VoID."""
    return NamedNode(VOID + name)


def number(value: int) -> Literal:
    """A count, as VoID has them."""
    return Literal(str(value), datatype=NamedNode(XSD + "integer"))


def both(subject: NamedNode, predicate: NamedNode, words: Words) -> Iterator[Triple]:
    """A text in both languages."""
    for text, language in zip(words, ("en", "ru"), strict=True):
        yield Triple(subject, predicate, Literal(text, language=language))


def typed(subject: NamedNode, *classes: NamedNode) -> Iterator[Triple]:
    """The types of a resource."""
    for name in classes:
        yield Triple(subject, A, name)


def checksum(subject: NamedNode, sha256: str) -> Iterator[Triple]:
    """The SHA-256 (hex) of what a resource is a description of (DCAT 3, section 6.8.22)."""
    node = NamedNode(f"{subject.value}.sha256" if "#" in subject.value else f"{subject.value}#sha256")
    yield Triple(subject, NamedNode(SPDX + "checksum"), node)
    yield Triple(node, A, NamedNode(SPDX + "Checksum"))
    yield Triple(node, NamedNode(SPDX + "algorithm"), NamedNode(SPDX + "checksumAlgorithm_sha256"))
    yield Triple(node, NamedNode(SPDX + "checksumValue"), Literal(sha256, datatype=NamedNode(XSD + "hexBinary")))
