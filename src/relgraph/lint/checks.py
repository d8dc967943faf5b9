"""The checks of lint as they are written: query files with a header that says what they look for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from typing import Literal as OneOf

from pydantic import BaseModel, ConfigDict, Field
from pyoxigraph import NamedNode

from relgraph import rdf
from relgraph.errors import Problem
from relgraph.findings import Check, Place
from relgraph.headers import ByLanguage, read_header
from relgraph.vocabulary import SH

#: The severity of SHACL for each level, the worst first.
SEVERITY: Final = {
    "ERROR": NamedNode(SH + "Violation"),
    "WARN": NamedNode(SH + "Warning"),
    "INFO": NamedNode(SH + "Info"),
}
#: What to do about a check that is not as it should be.
REMEDY: Final = "Mend the check; docs/lint.md shows how one is written"
#: A SERVICE clause; before it what may hold the word without being one: comments, IRIs, strings.
_SERVICE: Final = re.compile(
    r"""#.*|<[^<>\s]*>|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?<![\w?$:])(SERVICE)(?![\w:])""", re.IGNORECASE
)


class Header(BaseModel):
    """What a check says of itself. scope: whether it looks at the ontology's own terms only; source: `from` in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ByLanguage
    level: OneOf["ERROR", "WARN", "INFO"]
    message: ByLanguage
    source: str = Field(alias="from")
    scope: OneOf["own", "all"] = "own"


@dataclass(frozen=True)
class LintCheck:
    """A check: its file, header, and the SPARQL text (the whole file, so that lines of errors agree)."""

    path: Path
    header: Header
    query: str

    @property
    def name(self) -> str:
        """As findings call it."""
        return self.path.stem

    @property
    def severity(self) -> NamedNode:
        """The severity of its findings."""
        return SEVERITY[self.header.level]

    @property
    def record(self) -> Check:
        """The check as reports list it."""
        title = {"en": self.header.name.en, "ru": self.header.name.ru}
        return Check(self.name, "lint", self.severity, title, Place(str(self.path), 1))


def load_checks(folder: Path, problems: list[Problem]) -> list[LintCheck]:
    """The checks of a folder, sorted by name; a bad header or a SERVICE clause adds a problem with its line."""
    checks = []
    for path in sorted(folder.glob("*.rq")):
        text = rdf.read_text(path, problems)
        header = read_header(path, text, Header, REMEDY, problems) if text is not None else None
        if header is None or text is None:
            continue
        asked = next((match for match in _SERVICE.finditer(text) if match[1]), None)
        if asked:
            where = f"{path}:{text.count(chr(10), 0, asked.start()) + 1}"
            problems.append(Problem(where, "a check may not ask other servers (SERVICE)", REMEDY))
        checks.append(LintCheck(path, header, text))
    return checks
