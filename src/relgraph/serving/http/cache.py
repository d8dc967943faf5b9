"""Answers that are kept: whole ones, up to a number of bytes, the one asked for least recently dropped first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

#: Bytes that an answer takes beside its body, about.
_EACH = 512
#: Names with the IRIs of what they were taken for.
Taken = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Kept:
    """An answer: media type, content coding (None for none), body, what names of the request were taken for."""

    media_type: str
    coding: str | None
    body: bytes
    taken: Taken = ()


class Cache:
    """Answers by key. A key names all that an answer depends on, the release first of all, so that none gets stale."""

    def __init__(self, capacity: int, largest: int, each: int = _EACH) -> None:
        self._capacity = capacity
        self._each = each
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        #: Bytes of the largest answer that is kept.
        self.largest = min(largest, capacity)
        #: Bytes that are taken.
        self.size = 0

    def get(self, key: str) -> Kept | None:
        """The answer with that key."""
        found = self._kept.get(key)
        if found:
            self._kept.move_to_end(key)
        return found

    def put(self, key: str, answer: Kept) -> None:
        """Keeps an answer, unless it is too large."""
        if not 0 < len(answer.body) <= self.largest or key in self._kept:
            return
        self._kept[key] = answer
        self.size += len(answer.body) + self._each
        while self.size > self._capacity:
            self.size -= len(self._kept.popitem(last=False)[1].body) + self._each
