"""The JSON-LD 1.1 context of relgraph, made from the ontology: a term for every class and property.

`python -m relgraph.exports.frames ONTOLOGY` writes ONTOLOGY/context.jsonld and ONTOLOGY/frames/ anew.

What a term is by default, so that a value keeps its shape whatever the data:
- values of an object property are IRIs, always as an array, except where a thing has one by design (SINGLE);
- values from a concept scheme are written as their notations;
- texts in languages are maps from language to text (or texts);
- other values have the datatype of the property's range.

`@vocab` and a default language are left out: what is not in the context is no term, and a text without a
language has none. There is no `@base` either: in a context that is referred to it would have no effect (section 4.1.3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Store, Triple

from relgraph import ontology
from relgraph.errors import Problem, raise_if_any
from relgraph.ontology import Property, Schema
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, DCTERMS, ID, NOTATION, ONTOLOGY_GRAPH, OWL, RDF, RDFS, RG, SCHEMA, SKOS, XSD, A

#: Where the context is published.
ADDRESS: Final = "https://w3id.org/relgraph/ns/context.jsonld"
#: The prefixes; those of vocabulary.PREFIXES that name kinds of data are also names of properties, so `id:` stands for all.
PREFIXES: Final = {
    "dcterms": DCTERMS,
    "id": ID,
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "rg": RG,
    "schema": SCHEMA,
    "skos": SKOS,
    "xsd": XSD,
}
#: Properties whose subject has one value, by design or (of texts) one in a language; their values stand without an array.
SINGLE: Final = frozenset(
    {
        "about", "attributedTo", "conveyedBy", "document", "documentKind", "evidence", "gloss", "inverseLabel", "issued",
        "labelTemplate", "modality", "says", "section", "status", "voice",
    }
)  # fmt: skip
_IRI: Final = {"@type": "@id"}
_IRIS: Final = {"@type": "@id", "@container": "@set"}
_TEXT: Final = {"@container": "@language"}
_TEXTS: Final = {"@container": ["@language", "@set"]}
#: Terms of other vocabularies that relgraph uses.
_FOREIGN: Final[dict[str, dict[str, object]]] = {
    "Concept": {"@id": "skos:Concept"},
    "ConceptScheme": {"@id": "skos:ConceptScheme"},
    "altLabel": {"@id": "skos:altLabel", **_TEXTS},
    "broader": {"@id": "skos:broader", **_IRIS},
    "dcterms:description": {"@id": "dcterms:description", **_TEXT},
    "dcterms:license": {"@id": "dcterms:license", **_IRI},
    "dcterms:replaces": {"@id": "dcterms:replaces", **_IRIS},
    "dcterms:title": {"@id": "dcterms:title", **_TEXT},
    "definition": {"@id": "skos:definition", **_TEXT},
    "hiddenLabel": {"@id": "skos:hiddenLabel", **_TEXTS},
    "inScheme": {"@id": "skos:inScheme", **_IRIS},
    "notation": {"@id": "skos:notation"},
    "owl:disjointWith": {"@id": "owl:disjointWith", **_IRIS},
    "owl:inverseOf": {"@id": "owl:inverseOf", **_IRI},
    "owl:members": {"@id": "owl:members", **_IRI},
    "owl:propertyChainAxiom": {"@id": "owl:propertyChainAxiom", **_IRIS},
    "owl:versionIRI": {"@id": "owl:versionIRI", **_IRI},
    "owl:versionInfo": {"@id": "owl:versionInfo"},
    "prefLabel": {"@id": "skos:prefLabel", **_TEXT},
    "rdf:first": {"@id": "rdf:first", **_IRI},
    "rdf:rest": {"@id": "rdf:rest", **_IRI},
    "rdfs:domain": {"@id": "rdfs:domain", **_IRIS},
    "rdfs:range": {"@id": "rdfs:range", **_IRIS},
    "rdfs:subClassOf": {"@id": "rdfs:subClassOf", **_IRIS},
    "rdfs:subPropertyOf": {"@id": "rdfs:subPropertyOf", **_IRIS},
    "schema:domainIncludes": {"@id": "schema:domainIncludes", **_IRIS},
    "scopeNote": {"@id": "skos:scopeNote", **_TEXT},
    "topConceptOf": {"@id": "skos:topConceptOf", **_IRIS},
}
#: Properties read from object to subject, as trees of facts and documents nest them (frames.py).
REVERSE: Final[dict[str, dict[str, object]]] = {
    "claims": {"@reverse": "rg:about", **_IRIS},
    "evidenceOf": {"@reverse": "rg:evidence", **_IRIS},
    "passages": {"@reverse": "rg:section", **_IRIS},
    "sections": {"@reverse": "rg:document", **_IRIS},
}
_ANNOTATION: Final = NamedNode(OWL + "AnnotationProperty")
_IN_SCHEME: Final = NamedNode(SKOS + "inScheme")
#: What can be a term without being taken for an IRI or a keyword.
_NAME: Final = re.compile(r"\w[\w-]*")
#: Characters of an object that stands in one line of a committed file.
_LINE: Final = 110
Context = dict[str, Any]


def context(schema: Schema, terms: Iterable[Triple] = ()) -> Context:
    """The context of a schema, without the `{"@context": …}` around it; the same for the same ontology.

    terms: the triples of the ontology, of which the annotation properties of relgraph are taken; what kind of values they
    have is read from their values there. A name that is a prefix, or a term already, gets no term.
    """
    entries: dict[str, object] = {}
    for name, entry in (_FOREIGN | REVERSE).items():
        entries[name] = entry
    for name in sorted(schema.superclasses):
        _add(entries, name, {})
    for name, kind in sorted(_annotations(terms).items()):
        _add(entries, name, kind)
    for name in sorted(schema.properties):
        _add(entries, name, _property(schema, schema.properties[name]))
    return {"@version": 1.1, **PREFIXES, **dict(sorted(entries.items()))}


def of_folder(folder: Path) -> Context:
    """The context of an ontology folder. Raises InputError when its files cannot be read."""
    problems: list[Problem] = []
    loaded = ontology.load(folder, problems)
    raise_if_any(problems)
    return context(loaded.schema, loaded.terms)


def of_release(release: Release) -> Context:
    """The context of the ontology that a release carries; a project that extends the ontology has its terms in it."""
    store = release.store()
    return context(schema_of_store(store), _terms(store))


def schema_of_store(store: Store) -> Schema:
    """The schema that the ontology graph of a release's store says, with the concepts of its asserted graph."""
    concepts = [q.triple for p in (NOTATION, _IN_SCHEME) for q in store.quads_for_pattern(None, p, None, ASSERTED)]
    return ontology.schema_of(_terms(store), concepts)


def rendered(document: Mapping[str, Any]) -> bytes:
    """JSON as it is committed: what fits into a line stands in one."""
    return (_rendered(document, "") + "\n").encode()


def _rendered(value: object, indent: str) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, Mapping) or (indent and len(line) <= _LINE):
        return line
    inner = indent + "  "
    entries = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_rendered(below, inner)}" for key, below in value.items()]
    return "{\n" + ",\n".join(entries) + f"\n{indent}}}"


def _add(entries: dict[str, object], name: str, kind: Mapping[str, object]) -> None:
    if _NAME.fullmatch(name) and name not in PREFIXES and name not in entries:
        entries[name] = {"@id": f"rg:{name}", **kind}


def _property(schema: Schema, prop: Property) -> dict[str, object]:
    several = {} if prop.name in SINGLE else {"@container": "@set"}
    if prop.scheme:
        concepts = sorted(schema.concepts.get(prop.scheme, {}).items())
        notations = {name: node.value for name, node in concepts if _NAME.fullmatch(name) and name not in PREFIXES}
        return {"@type": "@vocab", **several, "@context": notations}
    if prop.is_object:
        return {"@type": "@id", **several}
    if prop.range is None:
        return dict(_TEXT if prop.name in SINGLE else _TEXTS)
    if prop.range == XSD + "string":
        return {}
    return {"@type": f"xsd:{prop.range.removeprefix(XSD)}" if prop.range.startswith(XSD) else prop.range}


def _annotations(terms: Iterable[Triple]) -> dict[str, dict[str, object]]:
    """The annotation properties of relgraph by name, with what their values in the ontology are."""
    every = list(terms)
    found: dict[str, dict[str, object]] = {}
    for node in {t.subject for t in every if t.predicate == A and t.object == _ANNOTATION and isinstance(t.subject, NamedNode)}:
        values = [t.object for t in every if t.predicate == node]
        if not node.value.startswith(RG):
            continue
        name = node.value.removeprefix(RG)
        literals = [value for value in values if isinstance(value, Literal)]
        datatypes = {value.datatype.value for value in literals}
        if not literals:
            found[name] = dict(_IRI)
        elif all(value.language for value in literals):
            found[name] = dict(_TEXT if name in SINGLE else _TEXTS)
        elif len(datatypes) == 1 and (datatype := datatypes.pop()).startswith(XSD) and datatype != XSD + "string":
            found[name] = {"@type": f"xsd:{datatype.removeprefix(XSD)}"}
        else:
            found[name] = {}
    return found


def _terms(store: Store) -> list[Triple]:
    return [quad.triple for quad in store.quads_for_pattern(None, None, None, ONTOLOGY_GRAPH)]
