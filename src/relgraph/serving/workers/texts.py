"""The texts of documents in a worker: asked of the server process one by one, when a passage is to be shown, and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

from relgraph.errors import UsageError


class Texts(Mapping[str, str]):
    """Texts by id of their document; fetch gives one as UTF-8, or raises UsageError where it is not at hand.

    What is counted and listed is what has been asked for so far.
    """

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch
        self._kept: dict[str, str | None] = {}

    def __getitem__(self, document: str) -> str:
        if document not in self._kept:
            try:
                self._kept[document] = self._fetch(document).decode("utf-8")
            except UsageError:
                self._kept[document] = None
        text = self._kept[document]
        if text is None:
            raise KeyError(document)
        return text

    def __iter__(self) -> Iterator[str]:
        return iter([document for document, text in self._kept.items() if text is not None])

    def __len__(self) -> int:
        return len(list(iter(self)))


def fingerprint(texts: Mapping[str, str]) -> str:
    """A hash of the texts at hand and of which documents they are; empty where there are none.

    Answers with passages differ by it.
    """
    if not texts:
        return ""
    found = hashlib.blake2b(digest_size=16)
    for document, text in sorted(texts.items()):
        found.update(repr((document, hashlib.sha256(text.encode()).hexdigest())).encode())
    return found.hexdigest()
