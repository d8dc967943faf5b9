"""The forms that an explanation is written in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from relgraph.why import prov, records, text
from relgraph.why.explanation import Explanation


def _json(explanation: Explanation, _: str) -> bytes:
    return (json.dumps(records.record(explanation), ensure_ascii=False, indent=1) + "\n").encode()


def _text(explanation: Explanation, language: str) -> bytes:
    return text.render(explanation, language).encode()


#: By name; what writes them takes an explanation and its language.
FORMS: Mapping[str, Callable[[Explanation, str], bytes]] = MappingProxyType({"text": _text, "json": _json, "turtle": prov.turtle})
