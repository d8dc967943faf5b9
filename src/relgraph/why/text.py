"""An explanation as an indented tree for a reader."""

from __future__ import annotations

from collections.abc import Iterator

from relgraph.reasoning.known import Statement
from relgraph.why.explanation import Explanation, Footnote, Near, Source
from relgraph.why.wording import WORDS

#: So many claims of one list are shown.
_SHOWN = 10
#: … and of what is near to a statement.
_SHOWN_NEAR = 3


def render(explanation: Explanation, language: str = "en") -> str:
    """The explanation in lines of text: statement, where it comes from, claims with their places and passages, premises."""
    return "\n".join(_Tree(language).lines(explanation)) + "\n"


class _Tree:
    def __init__(self, language: str) -> None:
        self._words = WORDS[language]
        self._shown: set[Statement] = set()

    def lines(self, explanation: Explanation) -> Iterator[str]:
        words = self._words
        yield explanation.reading
        yield f"  {explanation.statement.text}"
        if explanation.statement in self._shown:
            yield f"  {words['above']}"
            return
        self._shown.add(explanation.statement)
        yield f"  {explanation.note}"
        if explanation.axiom:
            closed = "" if explanation.stated else f" ({words['entailed']})"
            yield f"  {words['axiom label']}: {explanation.axiom}{closed}"
        yield from self._claims(words["claims"], explanation.claims)
        yield from self._claims(words["others"], explanation.others)
        if explanation.premises:
            yield f"  {words['because']}:"
            for number, premise in enumerate(explanation.premises, 1):
                yield from _item(f"{number}.", self.lines(premise))
        if explanation.near:
            yield f"  {words['nearest']}:"
            for near in explanation.near:
                yield from _item("-", self._near(near))

    def _near(self, near: Near) -> Iterator[str]:
        yield f"{near.reading} ({near.reason})"
        yield f"  {near.statement.text}"
        yield from self._claims("", near.claims, _SHOWN_NEAR)

    def _claims(self, title: str, sources: tuple[Source, ...], shown: int = _SHOWN) -> Iterator[str]:
        if sources and title:
            yield f"  {title}:"
        for source in sources[:shown]:
            yield from _item("-", self._source(source))
        if len(sources) > shown:
            yield "  " + self._words["more"].format(count=len(sources) - shown)

    def _source(self, source: Source) -> Iterator[str]:
        words = self._words
        parts = [words["by"].format(modality=source.modality.text, by=source.attributed_to.text)]
        if source.conveyed_by:
            parts.append(words["conveyed"].format(what=source.conveyed_by.text))
        if source.says:
            parts.append(words["says"].format(values=", ".join(cell.text for cell in source.says)))
        if source.evidence:
            yield source.evidence.text
            yield from _quoted(source.evidence)
        yield "; ".join(parts)
        for footnote in source.context:
            yield f"{words['context']}: {footnote.text}"
            yield from _quoted(footnote)


def _quoted(footnote: Footnote) -> Iterator[str]:
    if footnote.passage:
        yield f"“{footnote.passage}”"


def _item(mark: str, lines: Iterator[str]) -> Iterator[str]:
    """Lines as an item of a list."""
    indent = " " * (len(mark) + 1)
    for number, line in enumerate(lines):
        yield f"  {indent if number else mark + ' '}{line}"
