"""Full-text search over the names and descriptions of a graph, in English and Russian, with SQLite FTS5.

The index is one file, a function of the store's content. Words are folded and stemmed here, before SQLite sees them,
on writing as on searching (docs/decisions/0012-full-text.md).
"""

from __future__ import annotations

from relgraph.fulltext.asking import MAX_SEARCH, MAX_WORDS
from relgraph.fulltext.folding import stem, words
from relgraph.fulltext.index import MAX_HITS, WEIGHTS, Answer, Hit, Index
from relgraph.fulltext.writing import LITERALS, MAX_INDEXED, write

__all__ = [
    "LITERALS",
    "MAX_HITS",
    "MAX_INDEXED",
    "MAX_SEARCH",
    "MAX_WORDS",
    "WEIGHTS",
    "Answer",
    "Hit",
    "Index",
    "stem",
    "words",
    "write",
]
