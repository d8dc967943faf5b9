"""Pages about resources: a sheet (relgraph.sheets) as HTML. Labels everywhere, the IRI beside them; passages where the text of
the document is at hand and has the hash that the release holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from relgraph.ontology import LANGUAGES
from relgraph.serving.pages import resources
from relgraph.serving.pages.layout import WORDING, Layout, Served
from relgraph.serving.pages.resources import Form
from relgraph.serving.workers.texts import fingerprint
from relgraph.spans import quote_hash
from relgraph.vocabulary import ID, PREFIXES

Json = dict[str, Any]
_GRAPH = "http://www.w3.org/ns/sparql-service-description#Graph"
_TEMPLATES = {"document": "document.html", "scheme": "vocabulary.html", "ontology": "vocabulary.html", "span": "span.html"}


class Portraits:
    """Makes pages. texts: the documents at hand by id."""

    def __init__(self, layout: Layout, texts: Mapping[str, str]) -> None:
        self._layout = layout
        self._texts = texts
        #: What pages are made of besides the sheets.
        self.fingerprint = (layout.fingerprint, fingerprint(texts))

    def page(self, sheet: bytes, language: str, served: Served, path: str, places: Mapping[Form, str]) -> bytes:
        """The page of a sheet; path: the address of the resource; places: those of the forms of its description."""
        found: Json = json.loads(sheet)
        view = View(found, language, self._texts, places)
        template = _TEMPLATES.get(found["kind"], "thing.html")
        return self._layout.page(template, language, served, _other(path, language), view=view, sheet=found)

    def failure(self, status: int, detail: str, language: str, served: Served, path: str) -> bytes:
        """A page that says what went wrong."""
        values = {"status": str(status), "title": HTTPStatus(status).phrase, "detail": detail}
        return self._layout.page("failure.html", language, served, _other(path, language), **values)


class View:
    """What the templates ask of a sheet."""

    def __init__(self, sheet: Json, language: str, texts: Mapping[str, str], places: Mapping[Form, str]) -> None:
        self._sheet = sheet
        self._language = language
        self._words = WORDING[language]["resource"]
        self._texts = texts
        self._places = places

    def name(self, iri: str) -> str:
        """What a resource is called: its label, for a span its place, else a word for it or its shortened IRI."""
        place = self._sheet["places"].get(iri)
        if place:
            words = self._words
            section = self._sheet["names"].get(place["section"] or "", [""])[0]
            parts = [place["document"], section, f"{words['line']} {place['line']}"]
            return ", ".join([*filter(None, parts), f"{words['characters']} {place['start']}–{place['end']}"])
        found = self._sheet["names"].get(iri)
        if found:
            return str(found[0])
        short = shortened(iri)
        return str(self._words["terms"].get(short, short))

    def tongue(self, iri: str) -> str | None:
        """The language of a name where it is not that of the page."""
        found = self._sheet["names"].get(iri)
        return found[1] if found and found[1] and found[1] != self._language else None

    def href(self, iri: str) -> str:
        """Where a link to a resource leads: to its page here, in the language of the page; any other IRI leads to itself."""
        if iri.startswith(resources.ROOT):
            return resources.address(iri, language=self._language)
        return iri if iri.startswith(("http://", "https://")) else ""

    def anchor(self, iri: str) -> str:
        """What stands behind the # of an IRI, else the last part of it."""
        return re.split(r"[#/]", iri)[-1]

    def passage(self, iri: str) -> str | None:
        """The words of a span, where the text is at hand and has the registered hash."""
        place = self._sheet["places"].get(iri)
        if not place:
            return None
        words = self._texts.get(place["document"], "")[place["start"] : place["end"]]
        return " ".join(words.split()) if words and quote_hash(words) == place["hash"] else None

    def place(self, iri: str) -> Json | None:
        """Document, section, line, offsets and hash of a span."""
        found: Json | None = self._sheet["places"].get(iri)
        return found

    def types(self) -> list[str]:
        """The classes that are stated of the resource; that a graph is one needs no statement."""
        stated = [s["object"]["iri"] for s in self._sheet["own"] if _is_type(s) and s["graph"] != "inferred"]
        return stated or ([_GRAPH] if self._sheet["kind"] == "graph" else [])

    def stated(self) -> list[Json]:
        """The statements about the resource that are not inferred, its types left out, by property."""
        found = [s for s in self._sheet["own"] if s["graph"] != "inferred" and not _is_type(s)]
        return sorted(found, key=lambda s: (_RANK.get(shortened(s["predicate"]["iri"]), 50), self.name(s["predicate"]["iri"])))

    def occurrences(self) -> list[Json]:
        """The statements with the resource as object that are not inferred, by graph and
        property."""
        found = [s for s in self._sheet["incoming"] if s["graph"] != "inferred"]
        order = ("asserted", "provenance", "reported", "ontology")
        return sorted(
            found,
            key=lambda s: (order.index(s["graph"]), self.name(s["predicate"]["iri"]), self.name(s["subject"].get("iri", ""))),
        )

    def is_computed(self, statement: Json) -> bool:
        """Whether a statement about a fact has no footnote of its own, since the build makes it of all claims (its label, its
        status)."""
        return bool(self._sheet["kind"] == "fact" and statement["subject"].get("iri") == self._sheet["iri"])

    def inferred(self) -> list[Json]:
        """The inferred statements, with the resource as subject or as object."""
        found = (*self._sheet["own"], *self._sheet["incoming"])
        return [s for s in found if s["graph"] == "inferred" and "iri" in s["subject"]]

    def why(self, statement: Json) -> str:
        """The address of the explanation of a statement."""
        value = statement["object"]
        terms = {
            "subject": statement["subject"]["iri"],
            "predicate": statement["predicate"]["iri"],
            "object": value.get("iri") or _literal(value),
        }
        return "/why?" + urlencode({**terms, "lang": self._language, "format": "text"})

    def everything(self) -> str:
        """The address of a page with a query for all statements that the resource stands in."""
        node = self._sheet["iri"]
        pattern = f"{{ <{node}> ?p ?o BIND(<{node}> AS ?s) }} UNION {{ ?s ?p <{node}> BIND(<{node}> AS ?o) }}"
        query = f"SELECT ?g ?s ?p ?o {{ GRAPH ?g {{ {pattern} }} }}"
        return "/query?" + urlencode({"query": query, "lang": self._language})

    def forms(self) -> list[tuple[str, str]]:
        """Names and addresses of the forms that data come in."""
        return [(form.name, place) for form, place in self._places.items() if form.format]

    def value(self, statements: list[Json], name: str) -> str | None:
        """The value of a property among the statements about a member, in the language of the page if there is one in it."""
        found = [s["object"] for s in statements if shortened(s["predicate"]["iri"]) == name and "value" in s["object"]]
        found.sort(key=lambda term: term.get("language") != self._language)
        return found[0]["value"] if found else None

    def members(self) -> list[tuple[str, list[Json]]]:
        """The terms of a vocabulary by kind (class, property, concept), each with its statements, by name."""
        groups: dict[str, list[Json]] = {}
        for member in self._sheet["members"]:
            types = {shortened(s["object"].get("iri", "")) for s in member["statements"] if _is_type(s)}
            kind = "class" if "owl:Class" in types else "concept" if "skos:Concept" in types else "property"
            groups.setdefault(kind, []).append(member)
        order = [kind for kind in ("class", "property", "concept") if kind in groups]
        return [(kind, sorted(groups[kind], key=lambda member: self.name(member["iri"]).casefold())) for kind in order]


#: Properties that come first on a page.
_RANK = {
    "skos:prefLabel": 0, "skos:altLabel": 1, "skos:hiddenLabel": 2, "skos:definition": 3, "skos:scopeNote": 4, "rg:gloss": 5,
    "rg:status": 6, "rg:modality": 6, "rg:about": 6, "rg:attributedTo": 7,
}  # fmt: skip


def _other(path: str, language: str) -> dict[str, str]:
    return {code: resources.extended(path, lang=code) for code in LANGUAGES if code != language}


def _is_type(statement: Json) -> bool:
    return shortened(statement["predicate"]["iri"]) == "rdf:type" and "iri" in statement["object"]


def _literal(term: Json) -> str:
    """A literal as /why takes it, in Turtle."""
    text = json.dumps(term["value"], ensure_ascii=False)
    return f"{text}@{term['language']}" if term.get("language") else f"{text}^^<{term.get('datatype', '')}>"


def shortened(iri: str) -> str:
    """An IRI as a prefixed name, without the prefix where it is a key; one of no known prefix as it is."""
    prefix, namespace = max(PREFIXES.items(), key=lambda item: len(item[1]) if iri.startswith(item[1]) else 0)
    return f"{prefix}:{iri.removeprefix(namespace)}" if iri.startswith(namespace) else iri.removeprefix(ID)
