"""What goes with chosen claims: resources that are taken whole, facts that are taken in part, facts that are only named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pyoxigraph import NamedNode

from relgraph.exports.seeking import Seeking
from relgraph.exports.source import Source
from relgraph.exports.tokens import written
from relgraph.vocabulary import ASSERTED, DCTERMS, INFERRED, ONTOLOGY_GRAPH, PREF_LABEL, PROVENANCE, REPORTED, A, rg

_WHOLE, _FACT, _NAMED = range(3)
#: IRIs that were mentioned of late, which need not be looked up again.
_KNOWN: Final = 65_536
#: Behind all subjects.
_END: Final = (b"\xff", _NAMED)
_ABOUT, _SAYS, _STATUS = map(written, (rg("about"), rg("says"), rg("status")))
#: What leads to another claim, or to another resource that may be the same: kept, but not followed.
_NOT_FOLLOWED: Final = frozenset(map(written, (rg("conflictsWith"), rg("possiblySameAs"), NamedNode(DCTERMS + "replaces"))))
#: What is kept of a fact whatever the chosen claims say: what it is and is called, and what follows from all its claims.
_OF_ITSELF: Final = frozenset(map(written, (A, PREF_LABEL, rg("status"), rg("contested"))))
_SAID, _STATED = frozenset({written(PROVENANCE)}), frozenset({written(ASSERTED), written(PROVENANCE)})
_TOLD, _OF_FACTS = frozenset({written(REPORTED)}), frozenset({written(ASSERTED)})


class Parts:
    """What goes with the claims of relgraph.exports.choosing.chosen.

    database: as it is given there, in which a table is made; source: the whole; seeking: a file with its lines.
    """

    def __init__(self, database: sqlite3.Connection, source: Source, seeking: Seeking) -> None:
        self._database = database
        self._source = source
        self._seeking = seeking
        self._mention = lru_cache(maxsize=_KNOWN)(self._take_mentioned)

    def lines(self) -> Iterator[bytes]:
        """The lines of the source, without the inferred ones, that go with the claims, in their order."""
        self._take()
        ontology, inferred = (f" <{graph.value}> .\n".encode() for graph in (ONTOLOGY_GRAPH, INFERRED))
        taken = iter(self._database.execute("SELECT token, part FROM taken ORDER BY token"))
        token, part = next(taken, _END)
        fact, said = b"", frozenset[bytes]()
        for block in self._source.blocks():
            for line in block.splitlines(keepends=True):
                subject, _, rest = line.partition(b" ")
                while token < subject:
                    token, part = next(taken, _END)
                if token != subject:
                    if line.endswith(ontology):
                        yield line
                elif line.endswith(inferred):
                    continue
                elif part == _WHOLE or rest.partition(b" ")[0] in _OF_ITSELF:
                    yield line
                elif part == _FACT:
                    if subject != fact:
                        fact, said = subject, self._said(subject)
                    if rest.partition(b" ")[0] in _NOT_FOLLOWED or _statement(line) in said:
                        yield line

    def _take(self) -> None:
        self._database.execute("CREATE TABLE taken (token BLOB PRIMARY KEY, part INTEGER) WITHOUT ROWID")
        for (claim,) in self._database.execute("SELECT claim FROM chosen ORDER BY claim"):
            self._take_claim(claim)
        self._mention.cache_clear()

    def _take_claim(self, claim: bytes) -> None:
        self._put(claim, _WHOLE)
        for predicate, value in self._values(claim, _SAID):
            if predicate == _ABOUT:
                self._name(value, _FACT)
            elif predicate == _SAYS and value.startswith(b"<"):
                self._put(value, _WHOLE)
                for _, said in self._values(value, _TOLD):
                    self._mention(said)
            elif predicate not in _NOT_FOLLOWED:
                self._mention(value)

    def _name(self, fact: bytes, part: int) -> None:
        """Takes a fact: its values that are kept are mentioned by the contents that say them."""
        self._put(fact, part)
        for predicate, value in self._values(fact, _OF_FACTS):
            if predicate == _STATUS:
                self._mention(value)

    def _take_mentioned(self, token: bytes) -> None:
        """Takes a resource that is mentioned, and what it mentions itself."""
        ahead = [token]
        while ahead:
            node = ahead.pop()
            if not node.startswith(b"<") or self._is_any("SELECT 1 FROM taken WHERE token = ?", node):
                continue
            if self._is_any("SELECT 1 FROM about WHERE object = ?", node):
                self._name(node, _NAMED)
                continue
            values = list(self._values(node, _STATED))
            if values:
                self._put(node, _WHOLE)
                ahead += [value for predicate, value in values if predicate not in _NOT_FOLLOWED]

    def _put(self, token: bytes, part: int) -> None:
        """Takes something; a fact that was only named may be taken in part later."""
        self._database.execute(
            "INSERT INTO taken VALUES (?, ?) ON CONFLICT (token) DO UPDATE SET part = min(part, excluded.part)", (token, part)
        )

    def _is_any(self, query: str, token: bytes) -> bool:
        return self._database.execute(query, (token,)).fetchone() is not None

    def _values(self, token: bytes, graphs: frozenset[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """The properties and values of a subject in some graphs, as lines have them."""
        for line in self._seeking.starting(token + b" "):
            _, predicate, rest = line.split(b" ", 2)
            value, graph, _ = rest.rsplit(b" ", 2)
            if graph in graphs:
                yield predicate, value

    def _said(self, fact: bytes) -> frozenset[bytes]:
        """Properties and values that the chosen claims about a fact say."""
        contents = self._database.execute(
            "SELECT says.object FROM about JOIN chosen ON claim = about.subject JOIN says ON says.subject = claim"
            " WHERE about.object = ?",
            (fact,),
        )
        end = f" <{REPORTED.value}> .\n".encode()
        lines = (line for (content,) in contents for line in self._seeking.starting(content + b" "))
        return frozenset(_statement(line) for line in lines if line.endswith(end))


def _statement(line: bytes) -> bytes:
    """Property and value of a line."""
    return line.split(b" ", 1)[1].rsplit(b" ", 2)[0]
