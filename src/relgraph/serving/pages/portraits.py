"""Pages about resources: a sheet (relgraph.sheets) as HTML. Labels everywhere, the IRI beside them; passages where the text of
the document is at hand and has the hash that the release holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from relgraph.ontology import LANGUAGES
from relgraph.serving.pages import dates, details, resources
from relgraph.serving.pages.layout import WORDING, Layout, Served
from relgraph.serving.pages.parts import Part
from relgraph.serving.pages.resources import Form, shortened
from relgraph.serving.workers.texts import fingerprint
from relgraph.spans import quote_hash
from relgraph.vocabulary import ID, RG, XSD

Json = dict[str, Any]
_GRAPH = "http://www.w3.org/ns/sparql-service-description#Graph"
_EDTF = RG + "edtf"
_TEMPLATES = {"document": "document.html", "scheme": "vocabulary.html", "ontology": "vocabulary.html", "span": "span.html"}


class Portraits:
    """Makes pages. texts: the documents at hand by id."""

    def __init__(self, layout: Layout, texts: Mapping[str, str]) -> None:
        self._layout = layout
        self._texts = texts
        #: What pages are made of besides the sheets.
        self.fingerprint = (layout.fingerprint, fingerprint(texts))

    def part(
        self, sheet: Json, language: str, served: Served, places: Mapping[Form, str], part: Part, size: int, more: bool
    ) -> bytes:
        """The page of one group of statements; sheet: as sheets.part makes it; places: those of the forms of the description of
        the resource; size: of its pages; more: whether there are further ones."""
        place = next(place for form, place in places.items() if form.format is None)
        view = View(sheet, language, self._texts, places)
        turns = {"before": max(1, part.start - size) if part.start > 1 else 0, "after": part.start + size if more else 0}
        links = {name: part.address(place, language, start) if start else "" for name, start in turns.items()}
        other = {code: part.address(place, code) for code in LANGUAGES if code != language}
        values = {"view": view, "sheet": sheet, "group": sheet["groups"][0], "start": part.start, "links": links}
        return self._layout.page("part.html", language, served, other, **values)

    def page(self, sheet: bytes, language: str, served: Served, path: str, places: Mapping[Form, str]) -> bytes:
        """The page of a sheet; path: the address of the resource; places: those of the forms of its description."""
        found: Json = json.loads(sheet)
        view = View(found, language, self._texts, places)
        template = _TEMPLATES.get(found["kind"], "thing.html")
        return self._layout.page(template, language, served, _other(path, language), view=view, sheet=found)

    def failure(self, status: int, detail: str, language: str, served: Served, path: str, form: str | None = None) -> bytes:
        """A page that says what went wrong; form: the address of the one that was filled in, if one was."""
        values = {
            "form": form,
            "status": str(status),
            "title": HTTPStatus(status).phrase,
            "detail": details.told(detail, language),
        }
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

    def key(self, iri: str) -> str:
        """What an IRI of a thing is called where its name would say again what stands beside it."""
        return iri.removeprefix(ID)

    def date(self, statement: Json) -> str | None:
        """The EDTF of a statement as people write dates; None where its value is none."""
        if statement["predicate"]["iri"] != _EDTF or "value" not in statement["object"]:
            return None
        return dates.readable(statement["object"]["value"], self._language)

    def truth(self, value: Json) -> str | None:
        """The word for a boolean; None for any other value, and for what is no boolean though it says so (XSD 1.1 §3.3.2)."""
        if value.get("datatype") != XSD + "boolean" or value["value"] not in ("true", "1", "false", "0"):
            return None
        return str(WORDING[self._language]["values"]["truth"]["yes" if value["value"] in ("true", "1") else "no"])

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
        """The statements about the resource that are not inferred, by property, without those that the page tells elsewhere: its
        types, the name that is its heading, and of a claim what stands with its passage."""
        told = _OF_A_CLAIM if self._sheet["kind"] == "claim" else ()
        heading = {"value": self.name(self._sheet["iri"]), "language": self._language}
        found = [
            s for s in self._sheet["own"]
            if s["graph"] != "inferred" and not _is_type(s) and s["predicate"]["iri"] not in told
            and not (shortened(s["predicate"]["iri"]) in _HEADINGS and heading.items() <= s["object"].items())
        ]  # fmt: skip
        return sorted(found, key=lambda s: (_RANK.get(shortened(s["predicate"]["iri"]), 50), self.name(s["predicate"]["iri"])))

    def occurrences(self) -> list[Json]:
        """The groups of statements with the resource as object that are not inferred, by graph and property."""
        found = [group for group in self._sheet["groups"] if group["graph"] != "inferred"]
        order = ("asserted", "provenance", "reported", "ontology")
        return sorted(found, key=lambda group: (order.index(group["graph"]), self.name(group["predicate"]["iri"])))

    def is_computed(self, statement: Json) -> bool:
        """Whether a statement about a fact has no footnote of its own, since the build makes it of all claims (its label, its
        status)."""
        return bool(self._sheet["kind"] == "fact" and statement["subject"].get("iri") == self._sheet["iri"])

    def inferred(self) -> list[Json]:
        """The groups of inferred statements, with the resource as subject or as object."""
        return [group for group in self._sheet["groups"] if group["graph"] == "inferred"]

    def all(self, group: Json) -> str:
        """The address of the page with all statements of a group."""
        part = Part(NamedNode(self._sheet["iri"]), NamedNode(group["predicate"]["iri"]), group["graph"], group["outgoing"])
        place = next(place for form, place in self._places.items() if form.format is None)
        return part.address(place, self._language)

    def claim(self, iri: str) -> str:
        """How a claim is called where what it says stands beside it: by its key, which is that of its document and sentence."""
        return f"{self._words['claim']} {self.anchor(iri)}"

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


#: Properties whose value is the heading of a page.
_HEADINGS = ("skos:prefLabel", "dcterms:title", "rdfs:label")
#: Properties of a claim that stand with its passage.
_OF_A_CLAIM = {
    RG + name for name in ("about", "attributedTo", "conveyedBy", "modality", "evidence", "context", "conflictsWith", "says")
}
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
