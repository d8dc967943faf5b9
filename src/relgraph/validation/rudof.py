"""SHACL Core by rudof, a validator in Rust."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from relgraph import rdf
from relgraph.findings import Node
from relgraph.validation.results import EngineFault, Result
from relgraph.validation.terms import Index, Subject
from relgraph.vocabulary import SH

#: What blank nodes that are shapes are called while rudof has them, as its report gives blank nodes other names.
_SHAPE = "urn:x-relgraph:shape:"
#: rudof takes a text for a path or a URL if it can; a text that begins with a line of comment is neither.
_INLINE = "# RDF\n"
_CLOSED = NamedNode(SH + "ClosedConstraintComponent")
_RESULT = NamedNode(SH + "result")


def is_installed() -> bool:
    """Whether rudof is there to be used."""
    return find_spec("pyrudof") is not None


def results(data: bytes, shapes: Iterable[Triple], nodes: Iterable[Subject]) -> list[Result]:
    """The results for data in N-Triples. shapes: a shapes graph of SHACL Core; nodes: every shape in it.

    Raises EngineFault where rudof cannot use the data or the shapes, or its report does not fit together.
    """
    import pyrudof  # the other engine does without it

    named = {node: NamedNode(_SHAPE + node.value) for node in nodes if isinstance(node, BlankNode)}
    written = rdf.serialized(
        (Triple(named.get(t.subject, t.subject), t.predicate, named.get(t.object, t.object)) for t in shapes),  # type: ignore[arg-type]
        RdfFormat.N_TRIPLES,
    )
    session = pyrudof.Rudof(pyrudof.RudofConfig())
    strict = pyrudof.ReaderMode.Strict
    try:
        session.read_data(_INLINE + data.decode(), format=pyrudof.RDFFormat.NTriples, reader_mode=strict)
        session.read_shacl(_INLINE + written.decode(), format=pyrudof.ShaclFormat.NTriples, reader_mode=strict)
        entries = list(session.validate_shacl())
        if not entries:
            return []
        report = session.serialize_shacl_validation_results(format=pyrudof.ResultShaclValidationFormat.NTriples)
    except pyrudof.RudofError as error:
        raise EngineFault(" ".join(str(error).split())) from error
    found = _Report(report)
    if len(entries) != len(found.nodes):
        raise EngineFault("its report has another number of results than it says")
    shape_of = {term: node for node, term in named.items()}
    return [found.result(node, entry.focus_node, entry.value, shape_of) for node, entry in zip(found.nodes, entries, strict=True)]


class _Report:
    """The report as RDF. Its blank nodes have names of their own; those of the data stand in the entries of rudof, which
    come in the same order, but have no terms other than blank nodes that could be told apart."""

    def __init__(self, text: str) -> None:
        triples = [quad.triple for quad in parse(text, format=RdfFormat.N_TRIPLES)]
        self.nodes = [triple.object for triple in triples if triple.predicate == _RESULT]
        self._index = Index(triples)
        self._names: dict[BlankNode, str] = {}

    def result(self, node: object, focus: str, value: str | None, shapes: dict[NamedNode, BlankNode]) -> Result:
        """One result, with blank nodes as the data call them."""
        shape, component = (self._index.value(node, name) for name in ("sourceShape", "sourceConstraintComponent"))
        path = self._index.value(node, "resultPath")
        own_focus, own_value = self._index.value(node, "focusNode"), self._index.value(node, "value")
        if not isinstance(shape, NamedNode) or not isinstance(component, NamedNode) or own_focus is None:
            raise EngineFault("its report names no shape")
        return Result(
            shape=shapes.get(shape, shape),
            focus=self._original(own_focus, focus),
            component=component,
            value=self._original(own_value, value or "") if own_value is not None else None,
            path=path if component == _CLOSED and isinstance(path, NamedNode) else None,
        )

    def _original(self, term: Node, text: str) -> Node:
        if not isinstance(term, BlankNode):
            if text.startswith("_:") and not isinstance(term, Literal):
                raise EngineFault("its results come in two orders")
            return term
        if not text.startswith("_:") or self._names.setdefault(term, text) != text:
            raise EngineFault("its results come in two orders")
        return BlankNode(text[2:])
