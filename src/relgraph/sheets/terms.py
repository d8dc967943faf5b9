"""Terms as JSON: `{"iri": …}`, or `{"value": …, "language": …, "datatype": …}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from relgraph.spans import whole

Json = dict[str, Any]


def once(quads: Iterable[Quad]) -> list[Quad]:
    """Each triple once, as it stands in the first of its graphs."""
    seen: dict[object, Quad] = {}
    for quad in quads:
        seen.setdefault(quad.triple, quad)
    return list(seen.values())


def term(term: object) -> Json:
    """A term of RDF."""
    if isinstance(term, NamedNode):
        return {"iri": term.value}
    if isinstance(term, Literal):
        return {"value": term.value, "language": term.language, "datatype": term.datatype.value}
    return {"value": str(term), "language": None, "datatype": None}


def iri(values: dict[str, list[Json]], name: str) -> str | None:
    """The first IRI among the values of a property."""
    found: str | None = values.get(name, [{}])[0].get("iri")
    return found


def iris(value: object) -> Iterator[str]:
    """All IRIs in a sheet."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "value":
                yield from iris(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from iris(inner)
    elif isinstance(value, str) and value.startswith(("http://", "https://")) and " " not in value:
        yield value


def offsets(iri: str) -> list[int]:
    """The offsets that the IRI of a span ends in, for putting claims in the order of the text."""
    start, _, end = iri.rpartition("#char=")[2].partition(",")
    return [whole(start), whole(end)]
