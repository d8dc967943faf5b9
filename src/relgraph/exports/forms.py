"""The forms in which a release is exported, by name.

What writes a form is imported when it is first used: some need libraries that not everybody has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, BinaryIO, Final

from pyoxigraph import NamedNode

from relgraph import parquet
from relgraph.errors import UsageError, suggestion
from relgraph.exports.source import ALL, DEFAULT, GRAPHS, Source
from relgraph.exports.tidycolumns import TABLES
from relgraph.vocabulary import ASSERTED, PROVENANCE, REPORTED

Write = Callable[..., None]


@dataclass(frozen=True)
class Form:
    """A form of exports.

    name: what people call it; media_type; suffix: of files, without the leading dot; aliases: other names and media types
    that mean it; write: writes a Source to a binary file, as a stream; graphs: what is written when no graph is chosen
    (where graph names are lost: the default graph of a query); needs: what it is about, as groups of graphs, of each of which one
    must be chosen; titles: what it is, by language; is_rdf: whether it can hold
    any RDF, and not only a release; is_quoted: whether it has the passages of claims, from the texts that `write` then takes.
    """

    name: str
    media_type: str
    suffix: str
    aliases: tuple[str, ...]
    write: Write
    graphs: tuple[NamedNode, ...] = ALL
    titles: Mapping[str, str] = field(default_factory=dict)
    is_rdf: bool = False
    is_quoted: bool = False
    needs: tuple[tuple[NamedNode, ...], ...] = ()

    def check(self, chosen: Collection[NamedNode]) -> None:
        """Raises UsageError for a choice of graphs without what the form is about; none chosen is no choice."""
        missing = [group for group in self.needs if chosen and not set(group) & set(chosen)]
        if missing:
            given, wanted = _listed(chosen, "and"), " and ".join(_listed(group, "or") for group in missing)
            alone = f"the graph{'s' if len(chosen) > 1 else ''} {given} alone"
            remedy = "Choose what is missing too, or no graphs at all"
            raise UsageError(f"{self.name} cannot be made of {alone}: it needs {wanted}. {remedy}")


def _listed(graphs: Collection[NamedNode], word: str) -> str:
    """Names of graphs, in the order of GRAPHS."""
    found = [name for name, graph in GRAPHS.items() if graph in graphs]
    return f" {word} ".join(found)


def _later(module: str, function: str, **arguments: Any) -> Write:
    """relgraph.exports.MODULE.FUNCTION(source, out, **arguments), imported at its first use; more arguments may be given then."""

    def write(source: Source, out: BinaryIO, **more: Any) -> None:
        getattr(import_module(f"relgraph.exports.{module}"), function)(source, out, **arguments, **more)

    return write


def _titles(en: str, ru: str) -> Mapping[str, str]:
    return MappingProxyType({"en": en, "ru": ru})


_RDF = (
    Form("turtle", "text/turtle", "ttl", ("ttl", "application/x-turtle"), _later("writers", "turtle"), DEFAULT,
         _titles("Turtle, grouped by subject", "Turtle, по субъектам"), True),
    Form("trig", "application/trig", "trig", ("application/x-trig",), _later("writers", "trig"), ALL,
         _titles("TriG, one block a graph", "TriG, по блоку на граф"), True),
    Form("ntriples", "application/n-triples", "nt", ("nt", "n-triples"), _later("writers", "ntriples"), DEFAULT,
         _titles("N-Triples, a triple a line", "N-Triples, по тройке в строке"), True),
    Form("nquads", "application/n-quads", "nq", ("nq", "n-quads"), _later("writers", "nquads"), ALL,
         _titles("N-Quads, a quad a line", "N-Quads, по четвёрке в строке"), True),
    Form("rdfxml", "application/rdf+xml", "rdf", ("rdf", "xml", "owl", "rdf/xml", "application/xml"), _later("rdfxml", "write"),
         DEFAULT, _titles("RDF/XML", "RDF/XML"), True),
    Form("claims", "application/trig", "claims.trig", (), _later("claims", "write"), (PROVENANCE, REPORTED),
         _titles("TriG, one graph a claim", "TriG, по графу на утверждение"), needs=((PROVENANCE,), (REPORTED,))),
    Form("jsonld", "application/ld+json", "jsonld", ("json-ld", "json"), _later("jsonld", "compact"), ALL,
         _titles("JSON-LD, compacted by relgraph’s context", "JSON-LD, сжатый по контексту relgraph")),
)  # fmt: skip

_FRAMED: Final = {
    "membership": ("memberships", "членства", ASSERTED),
    "event": ("events", "события", ASSERTED),
    "relation": ("relations", "отношения", ASSERTED),
    "document": ("documents", "источники", PROVENANCE),
}
#: Trees of JSON-LD; what claims say is part of them, what follows from them is not.
_TREES = tuple(
    Form(f"jsonld-{frame}", "application/ld+json", f"{frame}.jsonld", (), _later("framing", "framed", frame=frame),
         (ASSERTED, PROVENANCE, REPORTED), _titles(f"JSON-LD, trees of {en}", f"JSON-LD, деревья: {ru}"), needs=((graph,),))
    for frame, (en, ru, graph) in _FRAMED.items()
)  # fmt: skip

#: The tables of what stands in graph provenance; all others are of what is asserted.
_OF_SOURCES: Final = ("claims", "documents")
_MEDIA_TYPES: Final = {"csv": "text/csv", parquet.NAME: parquet.MEDIA_TYPE}


def _tables(format: str) -> list[Form]:
    """The tidy tables in a format, one by one, and all in an archive."""
    one_by_one = [
        Form(f"{name}.{format}", _MEDIA_TYPES[format], f"{name}.{format}", (),
             _later("tablefiles", "write", table=name, format=format), ALL,
             {language: f"{title} ({format})" for language, title in table.title.items()}, is_quoted=name == "claims",
             needs=((PROVENANCE if name in _OF_SOURCES else ASSERTED,),))
        for name, table in TABLES.items()
    ]  # fmt: skip
    titles = _titles(f"all tables as {format}, in a ZIP archive", f"все таблицы в формате {format}, архивом ZIP")
    archive = _later("tablefiles", "archive", format=format)
    every = Form(
        format, "application/zip", f"{format}.zip", (), archive, ALL, titles, is_quoted=True, needs=((ASSERTED, PROVENANCE),)
    )
    return [*one_by_one, every]


_NETWORK: Final = Form(
    "graphml", "application/graphml+xml", "graphml", (), _later("graphml", "write"), ALL,
    _titles("GraphML, for Gephi and networkx", "GraphML для Gephi и networkx"), needs=((ASSERTED,),),
)  # fmt: skip

#: The forms by name.
FORMS: Final[dict[str, Form]] = {form.name: form for form in (*_RDF, *_TREES, *_tables("csv"), *_tables("parquet"), _NETWORK)}


def named(name: str) -> Form:
    """The form of a name, another name for it, or a media type.

    Of the forms of one media type the plain one is meant (`trig`, not `claims`): the one whose files end in one word. Raises
    UsageError, with the forms, when there is none, and for a media type of several of which none is plain (the tables).
    """
    wanted = name.strip().lower()
    for form in FORMS.values():
        if wanted in (form.name, form.suffix, *form.aliases):
            return form
    typed = [form for form in FORMS.values() if form.media_type == wanted]
    plain = [form for form in typed if "." not in form.suffix] or typed
    if len(plain) == 1:
        return plain[0]
    if plain:
        raise UsageError(f"several formats are {wanted}: {', '.join(form.name for form in plain)}. Give one of these names")
    close = suggestion(wanted, FORMS, " ")
    raise UsageError(f"there is no export format {name[:40]!r}. {f'{close} '.lstrip()}Formats are {', '.join(FORMS)}")


def of_file(name: str) -> Form | None:
    """The form that the name of a file says: by its whole name (claims.csv), else by what stands behind its dots."""
    parts = PurePath(name).name.lower().split(".")
    ends = [".".join(parts[place:]) for place in range(len(parts))]
    for end in ends:
        for form in FORMS.values():
            if end in (form.suffix, *form.aliases):
                return form
    return None
