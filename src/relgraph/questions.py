"""Query files: SPARQL with a header that says what is asked, with which parameters, and where the expected answer is.

The header is YAML in lines that begin with `#+ ` (as grlc writes it): `title` and `description` by language,
`parameters` (name → `type` iri, dateTime or string, and `description`), `expected` (a SPARQL TSV result beside it).
A parameter is given its default by a VALUES clause for its variable, so that the file runs unchanged in any engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from pyoxigraph import Literal, NamedNode

from relgraph import edtf
from relgraph.errors import DateError, InputError, Problem, UsageError
from relgraph.headers import has_header, read_header
from relgraph.vocabulary import ID, PREFIXES, XSD


class Parameter(BaseModel):
    """A parameter: its type, and what it means by language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    description: dict[str, str]


class Header(BaseModel):
    """What a query file says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: dict[str, str]
    description: dict[str, str]
    parameters: dict[str, Parameter] = {}
    expected: str | None = None


@dataclass(frozen=True)
class Question:
    """A query file: name (of the file, without .rq), path, header, and SPARQL text with the defaults in place."""

    name: str
    path: Path
    header: Header
    text: str

    def bind(self, arguments: Mapping[str, str]) -> str:
        """The SPARQL text with arguments in place of defaults.

        An argument is a full or prefixed IRI or a key of the project for type iri, an EDTF date or an xsd:dateTime for
        dateTime, any text for string; it is put in as a term, never as text. Raises UsageError for an unknown
        parameter and for a value that is not of the type.
        """
        text = self.text
        for name, value in arguments.items():
            parameter = self.header.parameters.get(name)
            if parameter is None:
                known = ", ".join(self.header.parameters) or "none"
                raise UsageError(f"the query {self.name} has no parameter {name!r}; it has {known}")
            found = _values_clause(name).search(text)
            if found:
                term = _term(self.name, name, parameter.type, value)
                text = f"{text[: found.start(2)]} {term} {text[found.end(2) :]}"
        return text

    def defaults(self) -> dict[str, str]:
        """The defaults by name, in the form that bind takes."""
        found = {name: _values_clause(name).search(self.text) for name in self.header.parameters}
        return {name: _argument(match[2].strip()) for name, match in found.items() if match}


def load(folder: Path) -> dict[str, Question]:
    """The query files of a folder by name, sorted. Raises InputError for every header that is not as it should be."""
    problems: list[Problem] = []
    questions = {}
    for path in sorted(folder.glob("*.rq")):
        question = _load(path, problems)
        if question:
            questions[question.name] = question
    if problems:
        raise InputError(problems)
    return questions


def load_file(path: Path) -> Question:
    """One query file; a file without a header is a question without parameters. Raises InputError for a bad header."""
    if not has_header(path.read_text("utf-8")):
        return Question(path.stem, path, Header(title={}, description={}), path.read_text("utf-8"))
    problems: list[Problem] = []
    question = _load(path, problems)
    if question is None or problems:
        raise InputError(problems)
    return question


def _load(path: Path, problems: list[Problem]) -> Question | None:
    text = path.read_text("utf-8")
    header = read_header(path, text, Header, "Write it as CONTRIBUTING.md shows", problems)
    if header is None:
        return None
    for name in header.parameters:
        if not _values_clause(name).search(text):
            problems.append(
                Problem(f"{path}:1", f"the parameter {name} has no default", f"Add VALUES ?{name} {{ … }} to the query")
            )
    return Question(path.stem, path, header, text)


def _argument(term: str) -> str:
    """A default as an argument: an IRI or key without brackets, a literal without quotes and datatype."""
    if term.startswith("<"):
        return term.strip("<>")
    return term.split('"')[1] if '"' in term else term


def _values_clause(name: str) -> re.Pattern[str]:
    return re.compile(rf"(VALUES \?{re.escape(name)} \{{)([^}}]*)(\}})")


def _term(query: str, name: str, kind: str, value: str) -> str:
    where = f"the parameter {name} of {query}"
    if kind == "iri":
        return str(_iri(where, value))
    if kind == "dateTime":
        return str(Literal(_moment(where, value), datatype=NamedNode(XSD + "dateTime")))
    return str(Literal(value))


def _iri(where: str, value: str) -> NamedNode:
    prefix, colon, rest = value.partition(":")
    iri = PREFIXES[prefix] + rest if colon and prefix in PREFIXES else value
    if not re.match(r"[a-z][a-z0-9+.-]*:", iri):
        iri = ID + iri
    try:
        if re.search(r"[\s<>\"{}|\\^`]", iri):
            raise ValueError("it holds a character that an IRI cannot have")
        return NamedNode(iri)
    except ValueError as error:
        raise UsageError(f"{where} takes an IRI or a key such as state/RUS, not {value!r}: {error}") from error


def _moment(where: str, value: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value):
        return value
    try:
        span = edtf.parse(value)
    except DateError as error:
        raise UsageError(f"{where}: {error}") from error
    bound = span.latest if where.startswith("the parameter to ") else span.earliest
    if bound is None:
        raise UsageError(f"{where}: {value!r} is open on that side; give a date")
    return bound.isoformat()
