"""A description as a sheet that a page can be made of: statements with their footnotes, and the names of all that it mentions.

A sheet is JSON, since it travels from a worker to the server. Terms are as relgraph.sheets.terms has them; a note is
`{"claim": term, "evidence": term of a span, or null, "context": terms of further spans}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad, Store

from relgraph.describing import Description, names
from relgraph.sheets import groups, terms
from relgraph.sheets.groups import Group
from relgraph.sheets.terms import Json
from relgraph.spans import whole
from relgraph.vocabulary import ASSERTED, ID, INFERRED, PROVENANCE, RDFS, REPORTED, SKOS, A, local_name, rg

#: Claims that a sheet lists, and notes behind one statement, at most.
CLAIMS, NOTES = 1_000, 10
#: Properties whose subjects a sheet lists as claims, sections or members, by the kind of the resource.
_LISTED = {
    "fact": {rg("about")}, "document": {rg("document")}, "span": {rg("evidence"), rg("context")},
    "scheme": {NamedNode(SKOS + "inScheme"), NamedNode(SKOS + "topConceptOf")}, "ontology": {NamedNode(RDFS + "isDefinedBy")},
}  # fmt: skip
_GRAPH_NAMES: dict[object, str] = {ASSERTED: "asserted", PROVENANCE: "provenance", INFERRED: "inferred", REPORTED: "reported"}


def sheet(store: Store, description: Description, language: str) -> Json:
    """The sheet of a description, with names in a language, or in another one where there is none in it.

    `own`: statements that are not inferred, each with its graph and notes; `groups`: of those with it as object, and of the
    inferred ones, each with graph, predicate, outgoing (whether the resource is the subject), count, is_cut (whether count is
    the least that there are) and the first statements; `claims`: with evidence, context, content nodes and what these say;
    `sections` of a document; `members` of a scheme or the ontology; `names`: text and language by IRI; `places`: spans by IRI;
    `cut`: what is not all there is.
    """
    return _Sheet(store, description, language).whole()


def part(store: Store, node: NamedNode, group: Group, language: str) -> Json:
    """A sheet of nothing but one group of statements about a resource, all of whose quads are on it."""
    return _Sheet(store, Description(node, "thing", (), (), (), ()), language).named({"groups": [group]})


class _Sheet:
    def __init__(self, store: Store, description: Description, language: str) -> None:
        self._store = store
        self._about = description
        self._language = language

    def whole(self) -> Json:
        about = self._about
        claims = sorted(self._claims(), key=lambda claim: (claim["at"], claim["claim"]))
        incoming, more = groups.incoming(self._store, about.node, self._is_told)
        cut = [name for name in about.cut if name != "incoming"] + ["incoming"] * more
        if len(claims) > CLAIMS:
            claims = claims[:CLAIMS]
            cut.append("claims")
        known = [group for group in incoming if group.graph != INFERRED]
        follows = [*groups.inferred(terms.once(about.own)), *(group for group in incoming if group.graph == INFERRED)]
        return self.named({
            "own": [self._statement(quad) for quad in terms.once(about.own) if quad.graph_name != INFERRED],
            "groups": [*groups.bounded(known), *groups.bounded(follows)],
            "claims": claims,
            "sections": sorted(self._sections(), key=lambda section: (section["start"], -section["end"])),
            "members": list(self._members()),
            "cut": cut,
        })  # fmt: skip

    def named(self, made: Json) -> Json:
        """What is made, with what a sheet has always, and the names and places of all that it mentions."""
        about = self._about
        empty: Json = {name: [] for name in ("own", "claims", "sections", "members", "cut")}
        made = {"iri": about.node.value, "kind": about.kind} | empty | made | {"groups": self._grouped(made["groups"])}
        mentioned = set(terms.iris(made)) | {about.node.value}
        made["places"] = {iri: place for iri in sorted(mentioned) if "#char=" in iri and (place := self._place(NamedNode(iri)))}
        mentioned |= {place["section"] for place in made["places"].values() if place["section"]}
        made["names"] = {iri: name for iri in sorted(mentioned) if "#char=" not in iri and (name := self._name(NamedNode(iri)))}
        return made

    def _grouped(self, found: Sequence[Group]) -> list[Json]:
        return [
            {
                "graph": _GRAPH_NAMES.get(group.graph, "ontology"),
                "predicate": terms.term(group.predicate),
                "outgoing": group.outgoing,
                "count": group.count,
                "is_cut": group.is_cut,
                "statements": [self._statement(quad) for quad in group.quads],
            }
            for group in found
        ]

    def _is_told(self, quad: Quad) -> bool:
        """Whether a statement with the resource as object is listed under another heading: as a claim, section or member; as
        the same conflict the other way round; or, in a content node, as what stands on the fact too, whose footnote it is."""
        about, subject = self._about, quad.subject
        if quad.predicate in _LISTED.get(about.kind, set()):
            return True
        if quad.predicate == rg("conflictsWith") and about.kind == "claim" and isinstance(subject, NamedNode):
            return any(True for _ in self._store.quads_for_pattern(about.node, quad.predicate, subject, quad.graph_name))
        return quad.graph_name == REPORTED and isinstance(subject, NamedNode) and self._is_on_fact(subject, quad)

    def _is_on_fact(self, content: NamedNode, quad: Quad) -> bool:
        for claim in self._objects(None, rg("says"), content):
            for fact in self._objects(claim, rg("about"), None):
                if any(True for _ in self._store.quads_for_pattern(fact, quad.predicate, quad.object, ASSERTED)):
                    return True
        return False

    def _statement(self, quad: Quad) -> Json:
        made: Json = {
            "subject": terms.term(quad.subject),
            "predicate": terms.term(quad.predicate),
            "object": terms.term(quad.object),
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
        context = sorted(self._objects(claim, rg("context"), None), key=lambda span: (terms.offsets(span.value), span.value))
        return {
            "claim": terms.term(claim),
            "evidence": terms.term(evidence) if evidence else None,
            "context": [terms.term(span) for span in context],
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
                values.setdefault(local_name(quad.predicate), []).append(terms.term(quad.object))
            evidence = values.get("evidence", [{}])[0].get("iri", "")
            made: Json = {
                "claim": claim.value,
                "at": terms.offsets(evidence),
                "evidence": evidence,
                "context": sorted(term["iri"] for term in values.get("context", ()) if "iri" in term),
                **{name: terms.iri(values, name) for name in ("about", "modality", "attributedTo", "conveyedBy")},
                "conflicts": sorted(term["iri"] for term in values.get("conflictsWith", ()) if "iri" in term),
                "contents": sorted(term["iri"] for term in values.get("says", ()) if "iri" in term),
                "says": [],
            }
            if kind in ("fact", "claim", "span"):
                for content in self._objects(claim, rg("says"), None):
                    quads = store.quads_for_pattern(content, None, None, REPORTED)
                    said = sorted((q for q in quads if q.predicate != A), key=lambda q: (q.predicate.value, str(q.object)))
                    made["says"] = [{"predicate": terms.term(q.predicate), "object": terms.term(q.object)} for q in said]
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
        for quad in terms.once(self._about.further):
            if isinstance(quad.subject, NamedNode) and quad.subject != self._about.node and isinstance(quad.object, shown):
                statement = {"predicate": terms.term(quad.predicate), "object": terms.term(quad.object)}
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
