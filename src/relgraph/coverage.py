"""Coverage: what accounts for each sentence of a document, and which of its words no passage holds.

Nothing of a text may be passed over in silence: a sentence is evidence of claims, or a decision says why it is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from relgraph import sentences
from relgraph.decisions import Accept, Decision, Identity, NoStatement, Reject
from relgraph.documents import Document, Section, check_span
from relgraph.errors import Problem
from relgraph.sentences import Sentence
from relgraph.spans import Span

#: What accounts for a sentence; the first that holds.
Account = Literal["statements", "no-statement", "rejected", "noise", "unaccounted"]

_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Covered:
    """A sentence and what accounts for it.

    line: from 1; claims: those whose evidence overlaps it; decisions: ids of those that account for it, in order;
    why: the reason of a no-statement or rejection, or the kind of noise; words: how many it has (runs of letters and
    digits); missing: how many of them lie in no passage (evidence, context, or span of a no-statement); gaps: where,
    as offsets in code points, words in a row as one.
    """

    sentence: Sentence
    line: int
    section: Section | None
    claims: int
    decisions: tuple[str, ...]
    account: Account
    why: str | None
    words: int
    missing: int
    gaps: tuple[tuple[int, int], ...]

    @property
    def share(self) -> float:
        """The share of its words that lies in no passage, 0 to 1."""
        return self.missing / self.words if self.words else 0.0

    @property
    def is_thin(self) -> bool:
        """True when it is accounted for, and yet words of it lie in no passage."""
        return self.account != "unaccounted" and bool(self.gaps)


@dataclass(frozen=True)
class Coverage:
    """The sentences of a document in order; claims: how many of them there are in the decisions of the document."""

    document: Document
    sentences: tuple[Covered, ...]
    claims: int

    def count(self, account: Account) -> int:
        """How many sentences something accounts for."""
        return sum(covered.account == account for covered in self.sentences)

    def reasons(self, account: Account) -> dict[str, int]:
        """How many sentences by reason or kind of noise; repetitions of anything count as one reason."""
        whys = (covered.why or "" for covered in self.sentences if covered.account == account)
        return dict(sorted(Counter(why.partition(":")[0] if account == "no-statement" else why for why in whys).items()))


def of_document(document: Document, text: str, decisions: Iterable[Decision], problems: list[Problem]) -> Coverage:
    """The coverage of a document by its decisions (those of other documents may be among them).

    A span that is not in the text, or whose hash does not fit, adds a problem.
    """
    own = [decision for decision in decisions if decision.document == document.id]
    passages = _Passages()
    for decision in own:
        if not isinstance(decision.row, Identity):
            for start, end, digest in decision.row.spans.values():
                fault = check_span(Span(document.id, start, end, digest), document, text)
                if fault:
                    remedy = "Print offsets and hash with `relgraph documents locate`"
                    problems.append(Problem(decision.where, fault, remedy))
            passages.add(decision.row)
    breaks = [edge for section in document.sections for edge in (section.start, section.end)]
    return Coverage(
        document,
        tuple(_covered(sentence, document, text, passages) for sentence in sentences.split(text, breaks)),
        claims=sum(len(decision.row.claims) for decision in own if isinstance(decision.row, Accept)),
    )


@dataclass(frozen=True, order=True)
class _Passage:
    start: int
    end: int
    decision: str
    why: str = ""

    def overlaps(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


class _Passages:
    """The passages of a document by what they do; evidence once for each claim."""

    def __init__(self) -> None:
        self.evidence: list[_Passage] = []
        self.context: list[_Passage] = []
        self.nothing: list[_Passage] = []
        self.rejected: list[_Passage] = []

    def add(self, row: Accept | Reject | NoStatement) -> None:
        if isinstance(row, NoStatement):
            self.nothing += [_Passage(start, end, row.id, row.why) for start, end, _ in row.spans.values()]
            return
        for claim in row.claims:
            start, end, _ = row.spans[claim.evidence]
            if isinstance(row, Reject):
                self.rejected.append(_Passage(start, end, row.id, row.why))
                continue
            self.evidence.append(_Passage(start, end, row.id))
            self.context += [_Passage(*row.spans[name][:2], row.id) for name in claim.context]

    @property
    def reading(self) -> Iterator[_Passage]:
        """All that words can lie in."""
        yield from (*self.evidence, *self.context, *self.nothing)


def _covered(sentence: Sentence, document: Document, text: str, passages: _Passages) -> Covered:
    def touching(among: Iterable[_Passage]) -> list[_Passage]:
        return sorted(p for p in among if p.overlaps(sentence.start, sentence.end))

    evidence = touching(passages.evidence)
    accounts: tuple[tuple[Account, list[_Passage]], ...] = (
        ("statements", evidence),
        ("no-statement", touching(passages.nothing)),
        ("rejected", touching(passages.rejected)),
    )
    account, found = next(((name, among) for name, among in accounts if among), ("unaccounted", []))
    why = found[0].why or None if found else None
    if not found and sentence.noise:
        account, why = "noise", sentence.noise
    words = [word.span() for word in _TOKEN.finditer(text, sentence.start, sentence.end)]
    reading = touching(passages.reading)
    in_passage = [account == "noise" or any(p.overlaps(start, end) for p in reading) for start, end in words]
    return Covered(
        sentence=sentence,
        line=document.line(sentence.start),
        section=document.section(sentence.start),
        claims=len(evidence),
        decisions=tuple(dict.fromkeys(passage.decision for passage in found)),
        account=account,
        why=why,
        words=len(words),
        missing=in_passage.count(False),
        gaps=tuple(_gaps(words, in_passage)),
    )


def _gaps(words: Sequence[tuple[int, int]], in_passage: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Runs of words that lie in no passage, as offsets."""
    first: int | None = None
    last = 0
    for (start, end), inside in zip((*words, (0, 0)), (*in_passage, True), strict=True):
        if inside and first is not None:
            yield first, last
            first = None
        elif not inside:
            first, last = start if first is None else first, end
