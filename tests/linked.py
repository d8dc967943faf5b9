"""A release of the mini project with keys that an address could be mistaken about, and how tests ask a server for it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import httpx2
import pyoxigraph as ox
from fastapi.testclient import TestClient

from mini import Mini
from relgraph import build
from relgraph.project import Project
from relgraph.serving.app import Application
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource
from relgraph.vocabulary import ASSERTED, PREF_LABEL, data

NS = "https://w3id.org/relgraph/ns"
#: Keys that an address could be mistaken about.
AWKWARD = [
    "place/a", "place/a.ttl", "place/e.html", "place/v1.0", "place/a,b=c;d", "place/o'b(rien)!", "place/a+b", "place/a&b",
    "place/~x", "place/a@b:c", "place/x/y/z", "place/a%2Fb", "place/a%20b", "place/100%25", "place/%D0%91", "place/Альба",
    "place/ё", "place/😀", "place/x.", "place/...", "place/a%C3", "place/html", "document/903.ttl",
]  # fmt: skip
CUT = "place/everywhere"
REDIRECTS = (
    "old\tnew\twhy\n"
    "event/visit-of-stone\tevent/visit-stone\tone and the same visit\n"
    "event/nothing\t\tthe passage was misread\n"
    "document/900\tdocument/901\tregistered anew\n"
)
CONTEXT = b'{"@context": {"rg": "https://w3id.org/relgraph/ns#"}}'


def released(root: Path) -> Path:
    """Builds the release in a folder."""
    folder = Mini(root / "mini").write()
    (folder / "data" / "redirects.tsv").write_text(REDIRECTS, "utf-8")
    built = build.assemble(Project(folder), None, lambda stage: None)
    more = [ox.Quad(data(key), PREF_LABEL, ox.Literal(f"<{key}>", language="en"), ASSERTED) for key in AWKWARD]
    more += [ox.Quad(data(f"place/p{n}"), ox.NamedNode(f"{NS}#within"), data(CUT), ASSERTED) for n in range(600)]
    built = replace(built, quads=(*built.quads, *more), carried={**built.carried, "context.jsonld": CONTEXT})
    return build.write(built, Project(folder).releases).path


def served(folder: Path, texts: dict[str, str] | None = None, **settings: object) -> TestClient:
    chosen = Settings(**{"workers": 1, "client_seconds": 0, "log": "off", **settings})  # type: ignore[arg-type]  # by name
    return TestClient(Application(ReleaseSource(folder, {}), chosen, texts or {}), follow_redirects=False)


def get(client: TestClient, path: str, accept: str = "", **headers: str) -> httpx2.Response:
    return client.get(path, headers={"Accept": accept, **{name.replace("_", "-"): value for name, value in headers.items()}})


def links(answer: httpx2.Response, relation: str) -> dict[str, str]:
    """The targets of links of a relation, by their types."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?', answer.headers["link"])
    return {type_: target for target, rel, type_ in found if rel == relation}


def subjects(answer: httpx2.Response, syntax: ox.RdfFormat = ox.RdfFormat.TURTLE) -> set[str]:
    return {quad.subject.value for quad in ox.parse(answer.content, format=syntax) if isinstance(quad.subject, ox.NamedNode)}
