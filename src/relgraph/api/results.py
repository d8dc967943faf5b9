"""Answers to queries: rows of typed values, and graphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from pyoxigraph import NamedNode, RdfFormat, Triple

from relgraph import evaluation, rdf
from relgraph.api import html, plain
from relgraph.api.labels import Labels
from relgraph.api.terms import python
from relgraph.api.values import Statement
from relgraph.errors import UsageError, suggestion
from relgraph.vocabulary import PREFIXES

if TYPE_CHECKING:
    import networkx
    import pandas
    import pyarrow  # has no types
    import rdflib


class Row:
    """A row of an answer: its values by attribute, by name, by place; None where unbound.

    >>> import relgraph
    >>> query = "SELECT ?who ?date { ?v a rg:Visit ; rg:visitor ?who ; rg:time/rg:edtf ?date } ORDER BY ?date"
    >>> row = relgraph.open().query(query)[1]
    >>> row.date, row["who"].key, row[0].label, tuple(row) == (row.who, row.date)
    (DateRange(edtf='1993-21'), 'position/saceur', 'Supreme Allied Commander Europe', True)
    """

    __slots__ = ("_names", "_values")

    def __init__(self, names: Sequence[str], values: tuple[Any, ...]) -> None:
        self._names = names
        self._values = values

    @overload
    def __getitem__(self, key: str | int) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Any, ...]: ...
    def __getitem__(self, key: str | int | slice) -> Any:
        if isinstance(key, str):
            if key not in self._names:
                raise KeyError(f"there is no column {key!r}. {suggestion(key, self._names)}")
            return self._values[self._names.index(key)]
        return self._values[key]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._names:
            raise AttributeError(f"there is no column {name!r}. {suggestion(name, () if name.startswith('_') else self._names)}")
        return self._values[self._names.index(name)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and (self._names, self._values) == (other._names, other._values)

    def __hash__(self) -> int:
        return hash(self._values)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names]

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={value!r}' for name, value in zip(self._names, self._values, strict=True))})"

    def asdict(self) -> dict[str, Any]:
        """The values by name."""
        return dict(zip(self._names, self._values, strict=True))


class Result(Sequence[Row]):
    """The answer to a SELECT: a sequence of rows. Whole, or there is none.

    >>> import relgraph
    >>> query = "SELECT ?who { ?v a rg:Visit ; rg:visitor ?who ; rg:place ?place }"
    >>> visits = relgraph.open().query(query, place=relgraph.iri("place/moscow"))
    >>> len(visits), visits.columns
    (5, ('who',))
    >>> sorted({row.who.label for row in visits})
    ['Javier Solana', 'Lord Robertson', 'Manfred Wörner', 'Supreme Allied Commander Europe']
    """

    def __init__(
        self,
        columns: tuple[str, ...],
        terms: Sequence[tuple[Any, ...]],
        labels: Labels,
        dates: frozenset[str] = frozenset(),
        query: str = "",
    ) -> None:
        """terms: rows of pyoxigraph's terms, None where unbound; dates: the columns that hold EDTF; query: what was asked."""
        self.columns = columns
        self.terms = terms
        self.labels = labels
        self.query = query
        self.dates = frozenset(dates & set(columns))
        labels.expect(term.value for row in terms for term in row if isinstance(term, NamedNode))

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Result: ...
    def __getitem__(self, place: int | slice) -> Row | Result:
        if isinstance(place, slice):
            return Result(self.columns, self.terms[place], self.labels, self.dates, self.query)
        pairs = zip(self.columns, self.terms[place], strict=True)
        return Row(self.columns, tuple(python(term, self.labels, name in self.dates) for name, term in pairs))

    def __len__(self) -> int:
        return len(self.terms)

    @property
    def first(self) -> Row:
        """The first row. Raises UsageError when there is none.

        >>> import relgraph
        >>> relgraph.open().query("SELECT (COUNT(*) AS ?n) { ?claim a rg:Claim }").first.n > 600
        True
        """
        if not self.terms:
            raise UsageError("the answer has no rows")
        return self[0]

    def to_dataframe(self, labels: bool = False, dates: bool = True) -> pandas.DataFrame:
        """A DataFrame of pandas with true types: Int64, Float64, boolean, datetime64, string; IRIs and EDTF as strings.

        labels: a column NAME_label beside each column that may hold IRIs; dates: the bounds of each column of dates beside it, as
        NAME_earliest and NAME_latest (NaT where open). Which of these there are, the query says, and not the rows: without
        rows they are the same. Raises UsageError without pandas and pyarrow, and where such a column is in the answer already.

        >>> import relgraph
        >>> answer = relgraph.open().query("SELECT ?who ?date { ?v a rg:Visit ; rg:visitor ?who ; rg:time/rg:edtf ?date }")
        >>> answer.to_dataframe(labels=True).columns.to_list()
        ['who', 'who_label', 'date', 'date_earliest', 'date_latest']
        """
        from relgraph.api.frames import dataframe

        return dataframe(self, labels, dates)

    def to_arrow(self) -> pyarrow.Table:
        """A table of Arrow, with the types that relgraph.columns describes. Raises UsageError without pyarrow.

        >>> import relgraph
        >>> relgraph.open().query("SELECT (COUNT(*) AS ?n) { ?claim a rg:Claim }").to_arrow().schema.field("n").type
        DataType(int64)
        """
        from relgraph.columns import table

        return table(self.columns, self.terms)

    def __repr__(self) -> str:
        return plain.table(self.columns, self[: plain.SHOWN], len(self), "row", self.labels.language)

    def _repr_html_(self) -> str:
        rows = [tuple(row) for row in self[: html.SHOWN]]
        return html.block(
            html.table(self.columns, rows, self.labels.language), html.count(len(self), "row", self.labels.language)
        )


class Graph(Sequence[Statement]):
    """The answer to a CONSTRUCT or DESCRIBE: a sequence of triples.

    >>> import relgraph
    >>> graph = relgraph.open().query("CONSTRUCT { ?a rg:memberOf ?b } WHERE { ?a rg:memberOf ?b }")
    >>> graph[0].predicate, len(graph.to_rdflib()) == len(graph)
    (<rg:memberOf>, True)
    """

    def __init__(self, triples: Sequence[Triple], labels: Labels) -> None:
        """triples: of pyoxigraph; each is kept once."""
        self.triples = tuple(dict.fromkeys(triples))
        self.labels = labels
        labels.expect(term.value for triple in self.triples for term in triple if isinstance(term, NamedNode))

    @overload
    def __getitem__(self, place: int) -> Statement: ...
    @overload
    def __getitem__(self, place: slice) -> Graph: ...
    def __getitem__(self, place: int | slice) -> Statement | Graph:
        if isinstance(place, slice):
            return Graph(self.triples[place], self.labels)
        return Statement(*(python(term, self.labels) for term in self.triples[place]))

    def __len__(self) -> int:
        return len(self.triples)

    def to_rdflib(self) -> rdflib.Graph:
        """A graph of rdflib; triples about triples (RDF 1.2), which rdflib does not have, are left out.

        >>> import relgraph
        >>> relgraph.open().query("DESCRIBE <state/RUS>").to_rdflib().serialize(format="turtle").count("state/RUS") > 0
        True
        """
        from relgraph.rdflibgraph import rdflib_graph

        return rdflib_graph(self.triples)

    def serialize(self, form: str = "turtle") -> str:
        """The graph as text: turtle, ntriples, rdfxml, jsonld, trig or nquads; Turtle and N-Triples are sorted.

        >>> import relgraph
        >>> graph = relgraph.open().query("CONSTRUCT WHERE { <event/visit-robertson-moscow-2001-11> rg:visitor ?who }")
        >>> print(graph.serialize().splitlines()[-1])
        event:visit-robertson-moscow-2001-11 rg:visitor person:george-robertson .

        Raises UsageError for another name, QueryError for what RDF/XML cannot hold.
        """
        from io import BytesIO

        from relgraph.writing import write

        formats = {name: one for one in evaluation.GRAPH_FORMATS for name in (one.name, one.media_type, *one.aliases)}
        if form not in formats:
            names = [one.name for one in evaluation.GRAPH_FORMATS]
            raise UsageError(f"there is no format {form!r} for a graph. {suggestion(form, names)}")
        if formats[form].engine == RdfFormat.TURTLE:
            return rdf.write_turtle(self.triples).decode()
        out = BytesIO()
        write(sorted(self.triples, key=str), formats[form], out, PREFIXES)
        return out.getvalue().decode()

    def to_networkx(self) -> networkx.MultiDiGraph[Any]:
        """A MultiDiGraph of networkx: a node for each IRI, with its label and its literals, an edge for each triple between two.

        >>> import relgraph
        >>> network = relgraph.open().query("CONSTRUCT { ?a rg:partnerOf ?b } WHERE { ?a rg:partnerOf ?b }").to_networkx()
        >>> sorted({data["predicate"] for _, _, data in network.edges(data=True)})
        ['rg:partnerOf']

        Nodes are IRIs; an edge has its predicate (a prefixed name) as `predicate` and as key. Raises UsageError without networkx.
        """
        from relgraph.api.networks import of_graph

        return of_graph(self)

    def __repr__(self) -> str:
        return plain.table(Statement._fields, self[: plain.SHOWN], len(self), "triple", self.labels.language)

    def _repr_html_(self) -> str:
        table = html.table(Statement._fields, self[: html.SHOWN])
        return html.block(table, html.count(len(self), "triple", self.labels.language))
