"""The vocabulary of SHACL, and a graph looked up by subject and predicate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph.findings import Node
from relgraph.vocabulary import PREFIXES, RDF, SH, XSD

Subject = NamedNode | BlankNode

FIRST: Final = NamedNode(RDF + "first")
REST: Final = NamedNode(RDF + "rest")
NIL: Final = NamedNode(RDF + "nil")
VIOLATION: Final = NamedNode(SH + "Violation")

#: Predicates that say what a shape looks at (SHACL section 2.1.3).
TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
#: Parameters whose values are shapes, and those whose values are lists of shapes (SHACL section 4).
SHAPES: Final = ("property", "node", "not", "qualifiedValueShape")
LISTS_OF_SHAPES: Final = ("and", "or", "xone")
_PARAMETERS = """class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive minLength
    maxLength pattern languageIn uniqueLang equals disjoint lessThan lessThanOrEquals not and or xone node property
    qualifiedMinCount qualifiedMaxCount closed hasValue in"""
#: Every parameter of SHACL Core (section 4) with the local name of its component less "ConstraintComponent".
CORE: Final = {name: name[0].upper() + name[1:] for name in _PARAMETERS.split()} | {"qualifiedValueShape": "QualifiedMinCount"}
_OTHERS = """path severity message deactivated name description order group defaultValue flags ignoredProperties
    qualifiedValueShapesDisjoint"""
#: What else a shape of SHACL Core may say with terms of SHACL.
BESIDE: Final = frozenset(_OTHERS.split()).union(TARGETS)

_TERMS = """AbstractResult BlankNode BlankNodeOrIRI BlankNodeOrLiteral ConstraintComponent Function IRI IRIOrLiteral Info
    ExpressionConstraintComponent JSConstraint JSConstraintComponent JSExecutable JSFunction JSLibrary JSRule JSTarget
    JSTargetType JSValidator Literal NodeKind NodeShape Parameter Parameterizable PrefixDeclaration PropertyGroup
    PropertyShape ResultAnnotation Rule Rules SPARQLAskExecutable SPARQLAskValidator SPARQLConstraint
    SPARQLConstraintComponent SPARQLConstructExecutable SPARQLExecutable SPARQLFunction SPARQLRule SPARQLSelectExecutable
    SPARQLSelectValidator SPARQLTarget SPARQLTargetType SPARQLUpdateExecutable Severity Shape Target TargetType TripleRule
    ValidationReport ValidationResult Validator Violation Warning alternativePath annotationProperty annotationValue
    annotationVarName ask condition conforms construct count declare defaultValue desc description detail distinct entailment
    exists expression filterShape focusNode group groupConcat groupConcatSeparator if intersection inversePath js
    jsFunctionName jsLibrary jsLibraryURL labelTemplate limit max message min minus namespace nodeValidator nodes object
    offset oneOrMorePath optional orderBy parameter predicate prefix prefixes propertyValidator result resultAnnotation
    resultMessage resultPath resultSeverity returnType rule select shapesGraph shapesGraphWellFormed sourceConstraint
    sourceConstraintComponent sourceShape sparql subject suggestedShapesGraph sum target targetClass then else this union
    update validator value zeroOrMorePath zeroOrOnePath"""
#: Every term of the SHACL vocabulary by its local name (the RDF file of the recommendation, and SHACL Advanced Features).
VOCABULARY: Final = frozenset(_TERMS.split()).union(
    CORE, BESIDE, (name + "ConstraintComponent" for name in CORE.values()), ["order", "values", "sparqlExpr"]
)

#: So many characters of a value stand in a message at most.
SHOWN: Final = 200


class Index:
    """Triples by subject and predicate, in the order in which they came."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.by_subject: dict[Subject, dict[NamedNode, list[Node]]] = {}
        for triple in triples:
            if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple):
                self.by_subject.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple.object)

    def values(self, subject: object, predicate: NamedNode | str) -> list[Node]:
        """The values of a predicate, which is a term or the local name of a SHACL term; none for a literal."""
        if not isinstance(subject, NamedNode | BlankNode):
            return []
        named = NamedNode(SH + predicate) if isinstance(predicate, str) else predicate
        return self.by_subject.get(subject, {}).get(named, [])

    def value(self, subject: object, predicate: NamedNode | str) -> Node | None:
        """The first value, None where there is none."""
        return next(iter(self.values(subject, predicate)), None)

    def members(self, head: object) -> list[Node] | None:
        """The members of an RDF list; None for what is no well-formed list (SHACL section 1.4), cyclic ones included."""
        found: list[Node] = []
        seen: set[object] = set()
        while head != NIL:
            firsts, rests = self.values(head, FIRST), self.values(head, REST)
            if head in seen or len(firsts) != 1 or len(rests) != 1:
                return None
            seen.add(head)
            found += firsts
            head = rests[0]
        return found

    def triples(self) -> Iterator[Triple]:
        """Every triple once more."""
        for subject, pairs in self.by_subject.items():
            for predicate, values in pairs.items():
                for value in values:
                    yield Triple(subject, predicate, value)


def is_true(term: Node | None) -> bool:
    """True for the literal true of xsd:boolean."""
    return isinstance(term, Literal) and term.datatype.value == XSD + "boolean" and term.value in ("true", "1")


def shown(term: Node | str) -> str:
    """A term as people read it in a message: a literal's text, an IRI with a known prefix where it has one."""
    text = term if isinstance(term, str) else term.value
    if isinstance(term, BlankNode):
        return str(term)
    if isinstance(term, NamedNode):
        for prefix, namespace in (*PREFIXES.items(), ("sh", SH)):
            rest = text.removeprefix(namespace)
            if rest != text and rest.replace("-", "").replace("_", "").isalnum():
                return f"{prefix}:{rest}"
    return cut(text)


def cut(text: str) -> str:
    """The text, shortened to SHOWN characters with their true number where it is longer."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 40]}… ({len(text)} characters)"
