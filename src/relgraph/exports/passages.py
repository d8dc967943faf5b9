"""The passages that claims rest on, cut out of the texts of documents that are at hand, and checked against their hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from relgraph.errors import InputError, Problem
from relgraph.exports.cells import number, words
from relgraph.exports.lookups import Values, first
from relgraph.spans import Span, quote_hash
from relgraph.vocabulary import ID

#: Between passages that make one quote.
_ELLIPSIS: Final = " … "
_REMEDY: Final = "Give the texts that the release was built from, or export without --documents"


class Passages:
    """The passages of documents; texts: those at hand, by id ("004")."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __bool__(self) -> bool:
        """Whether any text is at hand."""
        return bool(self._texts)

    def quote(self, spans: Sequence[Values]) -> str | None:
        """What spans hold, by what is said of them: white space folded to single blanks, in the order of the text, with ` … `
        between spans; None where there is no span, or the text of one is not at hand.

        Raises InputError for a text that does not have the passage that the hash of a span stands for.
        """
        found = [_span(each) for each in spans]
        known = [span for span in found if span and span.document in self._texts]
        return _ELLIPSIS.join(self._words(span) for span in sorted(known)) if known and len(known) == len(found) else None

    def _words(self, span: Span) -> str:
        passage = self._texts[span.document][span.start : span.end]
        if (digest := quote_hash(passage)) != span.quote_sha256:
            what = f"the text of document {span.document} does not have this passage: the hash of what stands there is {digest}"
            raise InputError([Problem(f"<{ID}{span.key}>", f"{what}, not {span.quote_sha256}", _REMEDY)])
        return " ".join(passage.split())


def _span(found: Values) -> Span | None:
    """The span that values describe; None where one of them is missing."""
    document, digest = first(found, "document"), words(found, "quoteSha256")
    start, end = number(found, "charStart"), number(found, "charEnd")
    if document is None or digest is None or start is None or end is None:
        return None
    return Span(document.removeprefix(f"{ID}document/"), start, end, digest)
