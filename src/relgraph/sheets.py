"""A description as a sheet that a page can be made of: statements with their footnotes, and the names of all that it mentions.

A sheet is JSON, since it travels from a worker to the server. A term is `{"iri": …}`, or `{"value": …, "language": …,
"datatype": …}`; a note is `{"claim": term, "evidence": term of a span, or null, "context": terms of further spans}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Store

from relgraph.describing import Description, names
from relgraph.spans import whole
from relgraph.vocabulary import ASSERTED, ID, INFERRED, PROVENANCE, RDFS, REPORTED, SKOS, A, local_name, rg

#: Claims that a sheet lists, statements with the resource as object, and notes behind one statement, at most.
CLAIMS, INCOMING, NOTES = 1_000, 200, 10
#: Properties whose subjects a sheet lists as claims, sections or members, by the kind of the resource.
_LISTED = {
    "fact": {rg("about")}, "document": {rg("document")}, "span": {rg("evidence"), rg("context")},
    "scheme": {NamedNode(SKOS + "inScheme"), NamedNode(SKOS + "topConceptOf")}, "ontology": {NamedNode(RDFS + "isDefinedBy")},
}  # fmt: skip
_RANKS: dict[object, int] = {graph: rank for rank, graph in enumerate((ASSERTED, PROVENANCE, REPORTED, INFERRED))}
_GRAPH_NAMES: dict[object, str] = {ASSERTED: "asserted", PROVENANCE: "provenance", INFERRED: "inferred", REPORTED: "reported"}
Json = dict[str, Any]


def sheet(store: Store, description: Description, language: str) -> Json:
    """The sheet of a description, with names in a language, or in another one where there is none in it.

    `own` and `incoming`: statements, each with its graph and notes; `claims`: with evidence, context and what they say;
    `sections` of a document; `members` of a scheme or the ontology; `names`: text and language by IRI; `places`: spans by IRI;
    `cut`: what is not all there is.
    """
    return _Sheet(store, description, language).whole()


class _Sheet:
    def __init__(self, store: Store, description: Description, language: str) -> None:
        self._store = store
        self._about = description
        self._language = language

    def whole(self) -> Json:
        about = self._about
        cut = list(about.cut)
        claims = sorted(self._claims(), key=lambda claim: (claim["at"], claim["claim"]))
        if len(claims) > CLAIMS:
            claims = claims[:CLAIMS]
            cut.append("claims")
        incoming = sorted(self._incoming(), key=lambda quad: _RANKS.get(quad.graph_name, 4))
        if len(incoming) > INCOMING:
            cut = list(dict.fromkeys([*cut, "incoming"]))
        made: Json = {
            "iri": about.node.value,
            "kind": about.kind,
            "own": [self._statement(quad) for quad in _once(about.own)],
            "incoming": [self._statement(quad) for quad in incoming[:INCOMING]],
            "claims": claims,
            "sections": sorted(self._sections(), key=lambda section: (section["start"], -section["end"])),
            "members": list(self._members()),
            "cut": cut,
        }
        mentioned = set(_iris(made)) | {about.node.value}
        made["places"] = {iri: place for iri in sorted(mentioned) if "#char=" in iri and (place := self._place(NamedNode(iri)))}
        mentioned |= {place["section"] for place in made["places"].values() if place["section"]}
        made["names"] = {iri: name for iri in sorted(mentioned) if "#char=" not in iri and (name := self._name(NamedNode(iri)))}
        return made

    def _incoming(self) -> Iterator[Quad]:
        """The statements with the resource as object, without those that are listed under another heading, and those of
        content nodes that only say what stands on the fact too, of which they are the footnotes."""
        listed = _LISTED.get(self._about.kind, set())
        for quad in _once(self._about.incoming):
            if quad.predicate in listed:
                continue
            if quad.graph_name == REPORTED and isinstance(quad.subject, NamedNode) and self._is_on_fact(quad.subject, quad):
                continue
            yield quad

    def _is_on_fact(self, content: NamedNode, quad: Quad) -> bool:
        for claim in self._objects(None, rg("says"), content):
            for fact in self._objects(claim, rg("about"), None):
                if any(True for _ in self._store.quads_for_pattern(fact, quad.predicate, quad.object, ASSERTED)):
                    return True
        return False

    def _statement(self, quad: Quad) -> Json:
        made: Json = {
            "subject": _term(quad.subject),
            "predicate": _term(quad.predicate),
            "object": _term(quad.object),
            "graph": _GRAPH_NAMES.get(quad.graph_name, "ontology"),
        }
        made["notes"] = []
        subject = quad.subject
        if quad.graph_name == ASSERTED and isinstance(subject, NamedNode):
            made["notes"] = self._footnotes(subject, quad.predicate, quad.object)
        elif quad.graph_name in (PROVENANCE, REPORTED) and isinstance(subject, NamedNode) and subject != self._about.node:
            claims = self._objects(None, rg("says"), subject) if quad.graph_name == REPORTED else iter([subject])
            made["notes"] = [note for claim in claims if (note := self._note(claim))["evidence"]]
        return made

    def _note(self, claim: NamedNode) -> Json:
        evidence = next(self._objects(claim, rg("evidence"), None), None)
        context = sorted(self._objects(claim, rg("context"), None), key=lambda span: (_offsets(span.value), span.value))
        return {
            "claim": _term(claim),
            "evidence": _term(evidence) if evidence else None,
            "context": [_term(span) for span in context],
        }

    def _footnotes(self, fact: NamedNode, predicate: NamedNode, value: object) -> list[Json]:
        """The claims about a fact whose content has that value; at most NOTES."""
        found = []
        for claim in self._objects(None, rg("about"), fact):
            for content in self._objects(claim, rg("says"), None):
                if any(True for _ in self._store.quads_for_pattern(content, predicate, value, REPORTED)):  # type: ignore[arg-type]  # a term
                    found.append(self._note(claim))
            if len(found) == NOTES:
                break
        return sorted(found, key=lambda note: note["claim"]["iri"])

    def _claims(self) -> Iterator[Json]:
        """The claims about a fact, on a span or in a document."""
        store, node, kind = self._store, self._about.node, self._about.kind
        found: list[NamedNode] = []
        if kind == "fact":
            found = list(self._objects(None, rg("about"), node))
        elif kind == "claim":
            found = [node]
        elif kind == "span":
            found = [claim for name in ("evidence", "context") for claim in self._objects(None, rg(name), node)]
        elif kind == "document":
            for part in self._objects(None, rg("document"), node):
                found += self._objects(None, rg("evidence"), part)
                if len(found) > CLAIMS:
                    break
        for claim in islice(dict.fromkeys(found), CLAIMS + 1):
            values: dict[str, list[Json]] = {}
            for quad in store.quads_for_pattern(claim, None, None, PROVENANCE):
                values.setdefault(local_name(quad.predicate), []).append(_term(quad.object))
            evidence = values.get("evidence", [{}])[0].get("iri", "")
            made: Json = {
                "claim": claim.value,
                "at": _offsets(evidence),
                "evidence": evidence,
                "context": sorted(term["iri"] for term in values.get("context", ()) if "iri" in term),
                **{name: _iri(values, name) for name in ("about", "modality", "attributedTo", "conveyedBy")},
                "conflicts": sorted(term["iri"] for term in values.get("conflictsWith", ()) if "iri" in term),
                "says": [],
            }
            if kind in ("fact", "claim", "span"):
                for content in self._objects(claim, rg("says"), None):
                    quads = store.quads_for_pattern(content, None, None, REPORTED)
                    said = sorted((q for q in quads if q.predicate != A), key=lambda q: (q.predicate.value, str(q.object)))
                    made["says"] = [{"predicate": _term(q.predicate), "object": _term(q.object)} for q in said]
            yield made

    def _sections(self) -> Iterator[Json]:
        if self._about.kind != "document":
            return
        for part in self._objects(None, rg("document"), self._about.node):
            if "#char=" not in part.value:
                start, end = (self._number(part, name) for name in ("charStart", "charEnd"))
                yield {"iri": part.value, "start": start, "end": end}

    def _members(self) -> Iterator[Json]:
        """The terms of the ontology, or the concepts of a scheme, with all that is said of each."""
        if self._about.kind not in ("ontology", "scheme"):
            return
        by_subject: dict[str, list[Json]] = {}
        shown = NamedNode | Literal
        for quad in _once(self._about.further):
            if isinstance(quad.subject, NamedNode) and quad.subject != self._about.node and isinstance(quad.object, shown):
                statement = {"predicate": _term(quad.predicate), "object": _term(quad.object)}
                by_subject.setdefault(quad.subject.value, []).append(statement)
        for iri, statements in by_subject.items():
            yield {"iri": iri, "statements": statements}

    def _place(self, span: NamedNode) -> Json | None:
        document = next(self._objects(span, rg("document"), None), None)
        if document is None:
            return None
        section = next(self._objects(span, rg("section"), None), None)
        start, end, line = (self._number(span, name) for name in ("charStart", "charEnd", "line"))
        return {
            "document": document.value.removeprefix(ID + "document/"),
            "section": section.value if section else None,
            "start": start,
            "end": end,
            "line": line,
            "hash": self._text(span, "quoteSha256"),
        }

    def _name(self, node: NamedNode) -> list[str] | None:
        """A label and its language; a content node is called by its claim, which says who it is of."""
        found = names(self._store, node)
        if not found and node.value.startswith(ID + "claim/") and node.value.endswith("/says"):
            found = names(self._store, NamedNode(node.value.removesuffix("/says")))
        if not found:
            return None
        language = self._language if self._language in found else min(found)
        return [found[language], language]

    def _number(self, node: NamedNode, name: str) -> int:
        text = self._text(node, name)
        return whole(text)

    def _text(self, node: NamedNode, name: str) -> str:
        found = self._store.quads_for_pattern(node, rg(name), None, PROVENANCE)
        return next((quad.object.value for quad in found if isinstance(quad.object, Literal)), "")

    def _objects(self, subject: NamedNode | None, predicate: NamedNode, object: NamedNode | None) -> Iterator[NamedNode]:
        """The other ends of a property in the provenance graph: its subjects where an object is given, else its objects."""
        for quad in self._store.quads_for_pattern(subject, predicate, object, PROVENANCE):
            term = quad.subject if object is not None else quad.object
            if isinstance(term, NamedNode):
                yield term


def _once(quads: Iterable[Quad]) -> list[Quad]:
    """Each triple once, as it stands in the first of its graphs."""
    seen: dict[object, Quad] = {}
    for quad in quads:
        seen.setdefault(quad.triple, quad)
    return list(seen.values())


def _term(term: object) -> Json:
    if isinstance(term, NamedNode):
        return {"iri": term.value}
    if isinstance(term, Literal):
        return {"value": term.value, "language": term.language, "datatype": term.datatype.value}
    return {"value": str(term), "language": None, "datatype": None}


def _iri(values: dict[str, list[Json]], name: str) -> str | None:
    found: str | None = values.get(name, [{}])[0].get("iri")
    return found


def _iris(value: object) -> Iterator[str]:
    """All IRIs in a sheet."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "value":
                yield from _iris(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _iris(inner)
    elif isinstance(value, str) and value.startswith(("http://", "https://")) and " " not in value:
        yield value


def _offsets(iri: str) -> list[int]:
    """The offsets that the IRI of a span ends in, for putting claims in the order of the text."""
    start, _, end = iri.rpartition("#char=")[2].partition(",")
    return [whole(start), whole(end)]
