"""All of SHACL by pySHACL, the reference, which is slow to import and to run."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from threading import Lock
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from relgraph.findings import Node
from relgraph.grammar import PARSING
from relgraph.validation.preflight import DEEPEST
from relgraph.validation.results import EngineFault, Result
from relgraph.validation.terms import CORE, Subject, cut
from relgraph.vocabulary import SH, XSD

if TYPE_CHECKING:
    import rdflib

_UNIQUE = NamedNode(SH + "uniqueLang")
_NO_TEXT = NamedNode("urn:x-relgraph:message")
_MESSAGE = NamedNode(SH + "message")
#: Rules are not for validation; prefixes stand in the queries themselves.
_DROPPED = {NamedNode(SH + name) for name in ("rule", "prefixes", "declare")}
#: What brings a query, which pySHACL has rdflib parse and evaluate in one.
_QUERIES = {NamedNode(SH + name) for name in ("select", "ask")}
_CORE = {SH + name + "ConstraintComponent" for name in CORE.values()}
_CLOSED = SH + "ClosedConstraintComponent"
_SLOT = re.compile(r"\{[?$](\w+)\}")
#: Around what pySHACL fills in, so that it can be cut where it is long; and behind what a message says of itself.
_OPEN, _SHUT, _BEHIND = "\x02", "\x03", "\x1d"


def results(data: Iterable[Triple], shapes: Iterable[Triple], nodes: Iterable[Subject], advanced: bool) -> list[Result]:
    """The results for data. shapes: a shapes graph; nodes: every shape in it; advanced: whether it has sh:target.

    Raises EngineFault where pySHACL cannot use the shapes, or gives up.
    """
    own = frozenset(nodes)
    plain = [triple for triple in shapes if triple.predicate not in _DROPPED and not _is_odd(triple)]
    try:
        return _run(data, (_carrying(triple, own) for triple in plain), advanced)
    except re.error:  # it fills messages by re.sub, which a value with a backslash breaks; what is no text it leaves alone
        silent = [triple for triple in plain if triple.predicate != _MESSAGE]
        return _run(data, [*silent, *(Triple(shape, _MESSAGE, _NO_TEXT) for shape in own)], advanced)


@contextmanager
def _silenced() -> Iterator[None]:
    """Warnings and a log, off for the whole process: rdflib logs a traceback for each literal that is not of its type."""
    log = logging.getLogger("rdflib.term")
    was, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = was


class _Quiet:
    """What the first of several threads silences, and the last one that is done puts back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._threads = 0
        self._silenced = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            if not self._threads:
                self._silenced.enter_context(_silenced())
            self._threads += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._threads -= 1
            if not self._threads:
                self._silenced.close()


_QUIET = _Quiet()


def _run(data: Iterable[Triple], shapes: Iterable[Triple], advanced: bool) -> list[Result]:
    """The results; one thread at a time where the shapes have queries, as rdflib's grammar is for one thread."""
    import pyshacl  # takes half a second
    import rdflib
    from rdflib import SH as sh

    shapes = list(shapes)
    alone = PARSING if any(triple.predicate in _QUERIES for triple in shapes) else nullcontext()
    try:
        with _QUIET, alone:
            data_graph, shacl_graph = _graph(data), _graph(shapes)
            _, report, text = pyshacl.validate(
                data_graph,
                shacl_graph=shacl_graph,
                advanced=advanced,
                inference="none",
                inplace=True,
                do_owl_imports=False,
                max_validation_depth=DEEPEST,
            )
    except re.error:
        raise
    except Exception as error:  # any, as rdflib raises whatever comes its way when it evaluates a query
        raise EngineFault(cut(" ".join(str(error).split()) or type(error).__name__)) from error
    if not isinstance(report, rdflib.Graph):
        raise EngineFault(cut(" ".join(text.split())))
    found = []
    for result in report.objects(None, sh.result):
        shape, component = (_term(report.value(result, p)) for p in (sh.sourceShape, sh.sourceConstraintComponent))
        focus, path = (_term(report.value(result, p)) for p in (sh.focusNode, sh.resultPath))
        if focus is None or not isinstance(component, NamedNode) or not isinstance(shape, NamedNode | BlankNode):
            raise EngineFault("a result names no shape")
        is_core = component.value in _CORE
        found.append(
            Result(
                shape=shape,
                focus=focus,
                component=component,
                value=_term(report.value(result, sh.value)),
                constraint=_term(report.value(result, sh.sourceConstraint)),
                path=path if isinstance(path, NamedNode) and (not is_core or component.value == _CLOSED) else None,
                messages={} if is_core else _messages(str(m) for m in report.objects(result, sh.resultMessage)),
            )
        )
    return found


def _is_odd(triple: Triple) -> bool:
    """Whether pySHACL takes a triple for something else than it is: sh:uniqueLang counts with the literal true only
    (SHACL section 4.4.5; W3C test uniqueLang-002)."""
    return triple.predicate == _UNIQUE and isinstance(triple.object, Literal) and triple.object.value != "true"


def _carrying(triple: Triple, shapes: frozenset[Subject]) -> Triple:
    """A message that says of itself whether it is the shape's and its language, as pySHACL drops that in filling it."""
    message = triple.object
    if triple.predicate != _MESSAGE or not isinstance(message, Literal):
        return triple
    text = _SLOT.sub(f"{_OPEN}\\g<0>{_SHUT}", message.value)
    of = "shape" if triple.subject in shapes else "constraint"
    return Triple(triple.subject, triple.predicate, Literal(f"{of}{_BEHIND}{message.language or ''}{_BEHIND}{text}"))


def _messages(texts: Iterable[str]) -> dict[str, str]:
    """The messages by language: those of the constraint, else those of the shape."""
    found: dict[str, dict[str, str]] = {"constraint": {}, "shape": {}}
    for text in sorted(texts):
        of, _, rest = text.partition(_BEHIND)
        language, _, message = rest.partition(_BEHIND)
        if of in found:
            filled = re.sub(f"{_OPEN}(.*?){_SHUT}", lambda m: cut(m[1]), message, flags=re.DOTALL)
            found[of].setdefault(language, filled)
    return found["constraint"] or found["shape"]


def _graph(triples: Iterable[Triple]) -> rdflib.Graph:
    """The triples for pySHACL. Strings go without a datatype, as rdflib's SPARQL takes "a" and "a"^^xsd:string for two
    terms (W3C test pre-binding-005)."""
    import rdflib

    def converted(term: object) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal:
        if isinstance(term, NamedNode):
            return rdflib.URIRef(term.value)
        if isinstance(term, BlankNode):
            return rdflib.BNode(term.value)
        assert isinstance(term, Literal)
        if term.language or term.datatype.value == XSD + "string":
            return rdflib.Literal(term.value, lang=term.language)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)

    graph = rdflib.Graph()
    for triple in triples:
        graph.add((converted(triple.subject), converted(triple.predicate), converted(triple.object)))
    return graph


def _term(term: object) -> Node | None:
    from rdflib import BNode, URIRef
    from rdflib import Literal as RdflibLiteral

    if isinstance(term, URIRef):
        return NamedNode(str(term))
    if isinstance(term, BNode):
        return BlankNode(str(term))
    if isinstance(term, RdflibLiteral):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)
    return None
