"""GraphML for Gephi and networkx: entities and facts as nodes, the roles of facts as directed edges from fact to value.

The id of a node is its key with a colon for the slash (`state:RUS`), as GraphML wants a name token; a thing without such a key
has its IRI. `label` of nodes and edges and `weight` of edges are what Gephi reads as its own; the weight of a role is the
number of claims that state it, at least 1. What claims say is left out where their graphs are not wanted. Several values are
joined by ` | `. All nodes come before the edges, each in the order of the source, so the source is read twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final
from xml.sax.saxutils import escape, quoteattr

from relgraph.entities import KEY
from relgraph.errors import InputError, Problem
from relgraph.exports.cells import BETWEEN
from relgraph.exports.lookups import Lookups, Thing, first, iris, literals, local
from relgraph.exports.records import Fact, Subject, documents, role_name, stated, statements, things
from relgraph.exports.source import Source
from relgraph.exports.tokens import is_iri, text
from relgraph.vocabulary import ID, RG

#: The attributes of nodes and edges, with their GraphML types.
NODE_KEYS: Final = {
    "iri": "string", "label": "string", "label_ru": "string", "class": "string", "kind": "string", "status": "string",
    "edtf": "string", "earliest": "string", "latest": "string", "begin": "string", "end": "string", "contested": "boolean",
    "claims": "int", "documents": "string",
}  # fmt: skip
EDGE_KEYS: Final = {"label": "string", "weight": "double", "claims": "string", "documents": "string"}
#: Everything but Char of XML 1.0 (section 2.2).
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: That, what is markup, and a carriage return: what is not written as it is.
_SPECIAL: Final = re.compile("[^\t\n\x20-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""
_NODES: Final = ("entity", "event", "relation")


def write(source: Source, out: BinaryIO) -> None:
    """Writes what the source holds as one GraphML graph, as a stream.

    Raises InputError for the first node or edge with a character that XML 1.0 forbids.
    """
    out.write(_HEAD.encode())
    for end, keys in (("node", NODE_KEYS), ("edge", EDGE_KEYS)):
        for name, kind in keys.items():
            out.write(f'<key id="{end}-{name}" for="{end}" attr.name="{name}" attr.type="{kind}"/>\n'.encode())
    out.write(b'<graph id="relgraph" edgedefault="directed">\n')
    with Lookups(source) as lookups:
        for thing in things(source, lookups):
            out.write(_node(*thing, lookups).encode())
        for fact, _ in things(source, lookups):
            if isinstance(fact, Fact):
                out.write("".join(_edges(fact, lookups)).encode())
    out.write(b"</graph>\n</graphml>\n")


def node_id(iri: str) -> str:
    """The id of the node of a thing: `state:RUS`, or its IRI."""
    key = iri.removeprefix(ID)
    return key.replace("/", ":") if key != iri and KEY.fullmatch(key) else iri


def _node(subject: Subject, thing: Thing, lookups: Lookups) -> str:
    english, russian = thing.labels.get("en"), thing.labels.get("ru")
    values: dict[str, str | None] = {
        "iri": subject.iri, "label": english or russian or subject.key, "label_ru": russian, "class": thing.class_name,
        "kind": thing.kind,
    }  # fmt: skip
    if isinstance(subject, Fact):
        values |= _of_fact(subject, lookups)
    return f"<node id={_attribute(node_id(subject.iri))}>{_data('node', values, subject.iri)}</node>\n"


def _of_fact(fact: Fact, lookups: Lookups) -> dict[str, str | None]:
    claims, found = stated(fact.iri, lookups) or (None, ())
    status = first(fact.values, "status")
    times = lookups.bounds(iris(fact.values, RG + "time"))
    contested = any(text(token) in ("true", "1") for token in literals(fact.values, RG + "contested"))
    return {
        "status": local(status) if status else None,
        "edtf": BETWEEN.join(times.edtf) or None,
        "earliest": times.earliest.isoformat() if times.earliest else None,
        "latest": times.latest.isoformat() if times.latest else None,
        **{name: BETWEEN.join(lookups.bounds(iris(fact.values, RG + name)).edtf) or None for name in ("begin", "end")},
        "contested": "true" if contested else "false",
        "claims": None if claims is None else str(claims),
        "documents": BETWEEN.join(found) or None,
    }


def _edges(fact: Fact, lookups: Lookups) -> Iterator[str]:
    about = statements(fact.iri, lookups)
    for role, value in fact.roles:
        if not is_iri(value) or lookups.thing(text(value)).kind not in _NODES:
            continue
        values: dict[str, str | None] = {"label": role_name(role)}
        if about is not None:
            saying = [claim for claim in about if (role, value) in claim.said]
            values |= {
                "weight": f"{max(1, len(saying))}.0",
                "claims": BETWEEN.join(claim.iri for claim in saying) or None,
                "documents": BETWEEN.join(documents(saying)) or None,
            }
        ends = f"source={_attribute(node_id(fact.iri))} target={_attribute(node_id(text(value)))}"
        yield f"<edge {ends}>{_data('edge', values, fact.iri)}</edge>\n"


def _data(end: str, values: Mapping[str, str | None], iri: str) -> str:
    return "".join(
        f'<data key="{end}-{name}">{_text(value, name, iri)}</data>' for name, value in values.items() if value is not None
    )


def _text(value: str, name: str, iri: str) -> str:
    if not _SPECIAL.search(value):
        return value
    if found := _FORBIDDEN.search(value):
        what = f"GraphML cannot hold the {name} of this node: XML 1.0 forbids the character U+{ord(found[0]):04X} in it"
        raise InputError([Problem(f"<{iri}>", what, "Take it out of the label, or export CSV, Parquet or RDF, which hold it")])
    return escape(value, {"\r": "&#13;"})


def _attribute(value: str) -> str:
    return quoteattr(value)
