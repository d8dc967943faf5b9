"""The same numbers as SPARQL: they say what each number means, count what no build has counted, and check what one has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from relgraph.catalogue.statistics import ClassPart, PropertyPart, Totals

#: The default graph of a query, and all graphs taken together.
DEFAULT = "?s ?p ?o"
WHOLE = "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }"
#: The partitions of the default graph by property.
PROPERTIES = """SELECT ?part (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
{ ?s ?part ?o } GROUP BY ?part"""
#: Comes after every IRI, as these begin with a letter: MIN gives nothing where it meets an unbound value.
_NONE = "~"
#: A row as SPARQL results have it: values by variable.
Row = Mapping[str, str]


def graph(name: str) -> str:
    """The pattern of a named graph."""
    return f"GRAPH <{name}> {{ ?s ?p ?o }}"


def totals(pattern: str, space: str) -> str:
    """The query of Totals; space: how the IRIs of entities begin."""
    return f"""SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?e) AS ?entities) (COUNT(DISTINCT ?s) AS ?subjects)
  (COUNT(DISTINCT ?o) AS ?objects) (COUNT(DISTINCT ?p) AS ?properties) (COUNT(DISTINCT ?c) AS ?classes) {{
  {{ SELECT DISTINCT ?s ?p ?o {{ {pattern} }} }}
  BIND(IF(isIRI(?s) && STRSTARTS(STR(?s), "{space}"), ?s, ?none) AS ?e)
  BIND(IF(?p = <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> && isIRI(?o), ?o, ?none) AS ?c)
}}"""


def classes(space: str) -> str:
    """The query of the partitions of the default graph by class."""
    return f"""SELECT ?part (COUNT(DISTINCT ?e) AS ?entities) (COUNT(*) AS ?triples)
  (MIN(COALESCE(STR(?e), "{_NONE}")) AS ?example) {{
  ?s a ?part . ?s ?p ?o FILTER(isIRI(?part))
  BIND(IF(isIRI(?s) && STRSTARTS(STR(?s), "{space}"), ?s, ?none) AS ?e)
}} GROUP BY ?part"""


def read_totals(rows: Iterable[Row]) -> Totals:
    """What the query of Totals found."""
    (row,) = rows
    names = ("triples", "entities", "subjects", "objects", "properties", "classes")
    return Totals(*(int(row[name]) for name in names))


def read_properties(rows: Iterable[Row]) -> dict[str, PropertyPart]:
    """What PROPERTIES found."""
    return {
        row["part"]: PropertyPart(int(row["triples"]), int(row["subjects"]), int(row["objects"]))
        for row in sorted(rows, key=lambda row: row["part"])
        if "part" in row
    }


def read_classes(rows: Iterable[Row]) -> dict[str, ClassPart]:
    """What the query of classes found."""
    return {
        row["part"]: ClassPart(int(row["entities"]), int(row["triples"]), row["example"].removeprefix(_NONE))
        for row in sorted(rows, key=lambda row: row["part"])
        if "part" in row
    }
