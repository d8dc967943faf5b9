"""The redirect rules for w3id.org: each IRI of the release leads to the server, by one step, in the form that is asked for.

The rules are read by a small interpreter of what they use of Apache's mod_rewrite: conditions on Accept, rules in order,
the first that fits ends, and the query goes along.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
import pytest

from relgraph.catalogue import release_iri
from relgraph.release import Release

RULES = Path(__file__).parents[1] / "docs" / "w3id" / ".htaccess"
ROOT = "https://w3id.org/relgraph/"
HOST = "https://relgraph.example/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True)
class Rule:
    pattern: str
    substitution: str
    conditions: tuple[str, ...] = field(default=())

    def apply(self, path: str, accept: str) -> str | None:
        found = re.search(self.pattern, path)
        if not found or not all(re.search(condition, accept) for condition in self.conditions):
            return None
        return re.sub(r"\$(\d)", lambda reference: found[int(reference[1])], self.substitution)


def rules(text: str) -> list[Rule]:
    """The rules of a file; a line that the interpreter does not know is an error."""
    found: list[Rule] = []
    conditions: list[str] = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#") or words[0] in ("Options", "Header", "RewriteEngine"):
            continue
        if words[0] == "RewriteCond":
            assert words[1] == "%{HTTP_ACCEPT}", line
            assert len(words) == 3, line
            conditions.append(words[2])
            continue
        name, pattern, substitution, flags = words
        assert (name, flags) == ("RewriteRule", "[R=303,L]"), line
        found.append(Rule(pattern, substitution, tuple(conditions)))
        conditions = []
    return found


def redirected(iri: str, accept: str = "*/*") -> str | None:
    """Where the rules lead from an IRI; None for 404. What stands behind # is not sent."""
    path, _, query = iri.removeprefix(ROOT).partition("#")[0].partition("?")
    for rule in rules(RULES.read_text("utf-8")):
        if (location := rule.apply(path, accept)) is not None:
            return location + (f"?{query}" if query else "")
    return None


@pytest.fixture(scope="module")
def iris(store: ox.Store, release: Release) -> set[str]:
    """All IRIs of the release that are its own, without fragments; and what the description names."""
    terms = {term for quad in store for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)}
    own = {term.value for term in terms if isinstance(term, ox.NamedNode) and term.value.startswith(ROOT)}
    return {iri.partition("#")[0] for iri in own} | {release_iri(release.id), ROOT + "id/catalogue"}


@pytest.mark.parametrize("accept", ["", "*/*", BROWSER, "text/turtle;q=0.5, text/html", "application/trig", "garbage;;"])
def test_every_iri_leads_to_the_same_path_at_the_server(iris: set[str], accept: str) -> None:
    assert len(iris) > 1000
    for iri in iris:
        assert redirected(iri, accept) == HOST + iri.removeprefix(ROOT)


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/turtle", "ttl"),
        ("application/ld+json", "jsonld"),
        ("application/n-triples", "nt"),
        (" application/rdf+xml ", "rdf"),
    ],
)
def test_who_accepts_one_form_is_led_to_it(iris: set[str], accept: str, suffix: str) -> None:
    for iri in iris:
        assert redirected(iri, accept) == f"{HOST}{iri.removeprefix(ROOT)}.{suffix}"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("", ""),
        ("ns", "ns"),
        ("ns#Visit", "ns"),
        ("ns/0.1.0", "ns/0.1.0"),
        ("ns/modality#Planned", "ns/modality"),
        ("ns/context.jsonld", "ns/context.jsonld"),
        ("ns.ttl", "ns.ttl"),
        ("id/state/RUS.html", "id/state/RUS.html"),
        ("documents/000?char=18,44", "documents/000?char=18,44"),
        ("id/document/000#char=18,44", "id/document/000"),
    ],
)
def test_by_kind(path: str, location: str) -> None:
    assert redirected(ROOT + path) == HOST + location


def test_the_context_and_forms_have_one_form_whatever_is_accepted() -> None:
    for path in ("ns/context.jsonld", "ns.ttl", "id/state/RUS.nt"):
        assert redirected(ROOT + path, "application/ld+json") == HOST + path


@pytest.mark.parametrize("path", ["nsx", "id", "idx/state/RUS", "ns.exe", "sparql", "../other", "graph/asserted", "documents"])
def test_nothing_else_leads_anywhere(path: str) -> None:
    assert redirected(ROOT + path) is None


def test_a_rule_that_the_interpreter_does_not_know_is_an_error() -> None:
    for line in ("RewriteRule ^x$ https://e.org/ [R=301,L]", "RewriteCond %{HTTP_USER_AGENT} x", "Redirect / https://e.org/"):
        with pytest.raises((AssertionError, ValueError)):
            rules(line)
