"""PROV: what a release was made from, and by what. No time and no machine: the same inputs give the same statements."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from relgraph.catalogue.terms import FOAF, both, checksum, dcat, dcterms, prov, typed
from relgraph.vocabulary import rg


def build(release: NamedNode, software: str, inputs: Mapping[str, str], documents: Mapping[str, str]) -> Iterator[Triple]:
    """How a release was built.

    software: the version of relgraph; inputs: SHA-256 of every input file by its path in the project; documents: SHA-256
    by IRI. The activity is named by all that goes into it, so that two builds that give the same data are two.
    """
    given = json.dumps([software, sorted(inputs.items())], ensure_ascii=False)
    activity = NamedNode(f"{release.value}#build-{hashlib.sha256(given.encode()).hexdigest()[:16]}")
    agent = NamedNode(f"{release.value}#software-relgraph-{software}")
    yield Triple(release, prov("wasGeneratedBy"), activity)
    yield from typed(activity, prov("Activity"))
    yield from both(activity, dcterms("title"), ("relgraph build", "сборка relgraph"))
    yield Triple(activity, prov("wasAssociatedWith"), agent)
    yield from typed(agent, prov("SoftwareAgent"))
    yield Triple(agent, NamedNode(FOAF + "name"), Literal("relgraph"))
    yield Triple(agent, dcat("version"), Literal(software))
    for path, sha256 in sorted(inputs.items()):
        node = NamedNode(f"{activity.value}/{quote(path)}")
        yield Triple(activity, prov("used"), node)
        yield from typed(node, prov("Entity"))
        yield Triple(node, dcterms("identifier"), Literal(path))
        yield from checksum(node, sha256)
    for document, sha256 in sorted(documents.items()):
        source = NamedNode(document)
        yield Triple(release, prov("hadPrimarySource"), source)
        yield from typed(source, prov("Entity"))
        yield Triple(source, rg("sha256"), Literal(sha256))
