"""The tokens of a SPARQL query, with their places: as much as is needed to tell variables from what only looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_LETTER: Final = "A-Za-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\U00010000-\\U000EFFFF"  # noqa: E501
_BEHIND: Final = "0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040"
_ESCAPED: Final = r"\\[_~.\-!$&'()*+,;=/?#@%]|%[0-9A-Fa-f]{2}"
_LOCAL: Final = rf"(?:[{_LETTER}_:{_BEHIND}-]|{_ESCAPED})"
#: SPARQL 1.1, section 19.8; what is none of these is a token of one character.
_TOKEN: Final = re.compile(
    rf"""
      (?P<space>\s+|\#[^\r\n]*)
    | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*>)
    | (?P<text>\"\"\"(?:(?:\"|\"\")?(?:[^"\\]|\\.))*\"\"\"|'''(?:(?:'|'')?(?:[^'\\]|\\.))*'''
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    | (?P<variable>[?$][{_LETTER}_0-9][{_LETTER}_{_BEHIND}]*)
    | (?P<name>(?:[{_LETTER}](?:[{_LETTER}_{_BEHIND}.-]*[{_LETTER}_{_BEHIND}-])?)?:(?:{_LOCAL}(?:(?:{_LOCAL}|\.)*{_LOCAL})?)?)
    | (?P<blank>_:[{_LETTER}_0-9](?:[{_LETTER}_{_BEHIND}.-]*[{_LETTER}_{_BEHIND}-])?)
    | (?P<word>[{_LETTER}_][{_LETTER}_{_BEHIND}]*)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A token: its kind (iri, text, variable, name, word, blank, mark), its text, and where it starts in the query."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends, exclusive."""
        return self.start + len(self.text)

    @property
    def keyword(self) -> str:
        """A word in capitals, a mark as it is; empty for the rest."""
        return self.text.upper() if self.kind == "word" else self.text if self.kind == "mark" else ""

    @property
    def variable(self) -> str | None:
        """The name of a variable, without ? or $."""
        return self.text[1:] if self.kind == "variable" else None


def tokens(query: str) -> Iterator[Token]:
    """The tokens of a query, without white space and comments. Codepoint escapes outside texts must be decoded before."""
    for match in _TOKEN.finditer(query):
        if match.lastgroup and match.lastgroup != "space":
            yield Token(match.lastgroup, match[0], match.start())


def variables(query: str) -> list[str]:
    """The names of the variables of a query, each once, in order."""
    return list(dict.fromkeys(name for token in tokens(query) if (name := token.variable)))
