"""The form of /export: which part of a release, in what format. It needs no JavaScript: what is chosen is sent to /export, and
from there the browser is led to the address of the export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from pyoxigraph import NamedNode, Store

from relgraph.exports.forms import Form
from relgraph.exports.source import GRAPHS
from relgraph.serving.pages.suggesting import Named, named
from relgraph.serving.routes import exporting
from relgraph.vocabulary import SCHEMES, SKOS

#: The parameter that names the format, and the one that the button of the form sends.
FORM, GO = "form", "go"
_MANY = ("document", "actor", "modality", "graph")
_MODALITIES = NamedNode(SCHEMES + "modality")
_MODALITY = _MODALITIES.value + "#"
_IN_SCHEME = NamedNode(SKOS + "inScheme")
#: Documents up to which each has a box to tick.
_TICKED = 30
#: What says yes, as exporting reads it.
_TRUE = ("true", "1")
#: Empty fields for actors, beside those that are filled.
_FIELDS = 2


@dataclass(frozen=True)
class Option:
    """A value that can be chosen, what it is called, and whether it is chosen."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Choice:
    """What the form shows.

    groups: formats by kind (rdf, jsonld, csv, parquet, network); documents: empty where there are too many to tick, then
    given_documents are what the fields for them hold; graphs of a release, and graph, the first that is given, for other data;
    actors: what the fields hold; suggested, suggested_documents: keys and names; period and undated as they are given.
    """

    groups: Mapping[str, Sequence[Option]]
    documents: Sequence[Option]
    given_documents: Sequence[str]
    suggested_documents: Sequence[tuple[str, str]]
    modalities: Sequence[Option]
    graphs: Sequence[Option]
    graph: str
    actors: Sequence[str]
    suggested: Sequence[tuple[str, str]]
    period: str
    undated: bool


def choice(
    store: Store, suggest: Callable[[str], Named], forms: Iterable[Form], given: Sequence[tuple[str, str]], language: str
) -> Choice:
    """The form, with what a request gives filled in. suggest: gives the things of a class, as by Suggesting."""
    chosen = {name: [value for key, value in given if key == name and value] for name in (*_MANY, FORM, "period", "undated")}
    groups: dict[str, list[Option]] = {}
    for form in forms:
        option = Option(form.name, f"{form.titles[language]} – {form.name}", form.name in chosen[FORM])
        groups.setdefault(_kind(form), []).append(option)
    documents = [(name.removeprefix("document/"), label) for name, label in suggest("Document")]
    modalities = [(name.removeprefix(_MODALITY), label) for name, label in named(store, _in_scheme(store), language)]
    few = len(documents) <= _TICKED
    return Choice(
        groups,
        _options(documents, chosen["document"]) if few else (),
        [*chosen["document"], ""],
        () if few else documents,
        _options(modalities, chosen["modality"]),
        _options([(name, "") for name in GRAPHS], chosen["graph"]),
        next(iter(chosen["graph"]), ""),
        [*chosen["actor"], *[""] * max(1, _FIELDS - len(chosen["actor"]))],
        suggest("Agent"),
        next(iter(chosen["period"]), ""),
        any(value.lower() in _TRUE for value in chosen["undated"]),
    )


def place(given: Sequence[tuple[str, str]]) -> str | None:
    """The address of the export that a request with the form asks for; None where it asks for the form, or where the format
    is a dot segment (RFC 3986 §3.3), which a browser would take away."""
    values = dict(given)
    if not values.get(GO) or values.get(FORM, "") in ("", ".", ".."):
        return None
    kept = _query((name, value) for name, value in given if name not in (FORM, GO))
    return f"{exporting.PATH}/{quote(values[FORM], safe='')}{kept}"


def back(path: str, given: Iterable[tuple[str, str]], language: str) -> str | None:
    """The address of the form with all that was chosen for an export; None for a path that is none."""
    name = path.removeprefix(exporting.PATH + "/")
    if name == path:
        return None
    kept = ((parameter, value) for parameter, value in given if parameter in (*_MANY, "period", "undated"))
    return exporting.PATH + _query([(FORM, name.strip("/")), *kept, ("lang", language)])


def _query(given: Iterable[tuple[str, str]]) -> str:
    query = urlencode([(name, value) for name, value in given if value], safe="/")
    return f"?{query}" if query else ""


def _kind(form: Form) -> str:
    if form.name.startswith("jsonld"):
        return "jsonld"
    if form.is_rdf or form.name == "claims":
        return "rdf"
    return form.name.rpartition(".")[2] if form.name != "graphml" else "network"


def _in_scheme(store: Store) -> Iterator[NamedNode]:
    found = store.quads_for_pattern(None, _IN_SCHEME, _MODALITIES, None)
    return (quad.subject for quad in found if isinstance(quad.subject, NamedNode))


def _options(named: Iterable[tuple[str, str]], chosen: Sequence[str]) -> list[Option]:
    """The values that can be chosen, and after them what else is chosen, so that a form never drops what it was given; a label is
    empty where the template has one."""
    known = dict(named)
    others = {value: value for value in chosen if value not in known}
    return [Option(value, label, value in chosen) for value, label in (known | others).items()]
