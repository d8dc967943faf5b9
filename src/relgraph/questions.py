"""Query files: SPARQL with a header that says what is asked, with which parameters, and where the expected answer is.

The header is YAML in lines that begin with `#+ ` (as grlc writes it): `title` and `description` by language,
`parameters` (name → `type` iri, dateTime or string, `description`, and for a dateTime the `bound` of a date that it
takes), `expected` (a SPARQL TSV result beside it). A parameter is given its default by a VALUES clause for its
variable, so that the file runs unchanged in any engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal as OneOf

from pydantic import BaseModel, ConfigDict
from pyoxigraph import Literal, NamedNode

from relgraph import edtf, rdf
from relgraph.errors import DateError, InputError, Problem, UsageError
from relgraph.headers import ByLanguage, has_header, read_header
from relgraph.vocabulary import ID, PREFIXES, XSD

#: The folder, in that of the queries, of queries that serve one competency question each.
COMPETENCY = "competency"


class Parameter(BaseModel):
    """A parameter: its type, what it means, and which bound of a date it takes (dateTime only)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: OneOf["iri", "dateTime", "string"]
    bound: OneOf["earliest", "latest"] = "earliest"
    description: ByLanguage


class Header(BaseModel):
    """What a query file says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: ByLanguage
    description: ByLanguage
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
        pieces: list[tuple[int, int, str]] = []
        for name, value in arguments.items():
            parameter = self.header.parameters.get(name)
            if parameter is None:
                known = ", ".join(self.header.parameters) or "none"
                raise UsageError(f"the query {self.name} has no parameter {name!r}; it has {known}")
            clause = _values_clause(name).search(self.text)
            if clause:
                pieces.append((clause.start(2), clause.end(2), _term(f"the parameter {name} of {self.name}", parameter, value)))
        text = self.text
        for start, end, term in sorted(pieces, reverse=True):  # from the end, so that offsets stay those of the file
            text = f"{text[:start]} {term} {text[end:]}"
        return text

    def resources(self, arguments: Mapping[str, str]) -> dict[str, NamedNode]:
        """The arguments that name resources, as IRIs by parameter."""
        return {
            name: _iri(f"the parameter {name} of {self.name}", value)
            for name, value in arguments.items()
            if name in self.header.parameters and self.header.parameters[name].type == "iri"
        }

    def defaults(self) -> dict[str, str]:
        """The defaults by name, in the form that bind takes."""
        found = {name: _values_clause(name).search(self.text) for name in self.header.parameters}
        return {name: _argument(match[2].strip()) for name, match in found.items() if match}


def files(folder: Path) -> dict[str, Path]:
    """Every query file of a folder by name: the general ones, then those in `competency/` that serve one question each.

    A name that stands in both is that of the general one.
    """
    own, special = sorted(folder.glob("*.rq")), sorted((folder / COMPETENCY).glob("*.rq"))
    general = {path.stem: path for path in own}
    return general | {path.stem: path for path in special if path.stem not in general}


def load(folder: Path) -> dict[str, Question]:
    """The general query files of a folder by name, sorted. Raises InputError for every header that is not as it should be."""
    return _load_all(sorted(folder.glob("*.rq")))


def load_all(folder: Path) -> dict[str, Question]:
    """Every query file by name, those in `competency/` too. Raises InputError for every header that is not as it should be,
    and for a name that stands in both."""
    return _load_all(sorted([*folder.glob("*.rq"), *(folder / COMPETENCY).glob("*.rq")]))


def _load_all(paths: list[Path]) -> dict[str, Question]:
    problems: list[Problem] = []
    questions: dict[str, Question] = {}
    for path in paths:
        question = _load(path, problems)
        if question and question.name in questions:
            what = f"the name {question.name} is taken by {questions[question.name].path}"
            problems.append(Problem(f"{path}:1", what, "Give the file another name"))
        elif question:
            questions[question.name] = question
    if problems:
        raise InputError(problems)
    return questions


def load_file(path: Path) -> Question:
    """One query file; a file without a header is a question without parameters. Raises InputError for a bad file."""
    problems: list[Problem] = []
    text = rdf.read_text(path, problems)
    if text is not None and not has_header(text):
        untitled = ByLanguage(en=path.stem, ru=path.stem)
        return Question(path.stem, path, Header(title=untitled, description=untitled), text)
    question = _load(path, problems)
    if question is None or problems:
        raise InputError(problems)
    return question


def _load(path: Path, problems: list[Problem]) -> Question | None:
    text = rdf.read_text(path, problems)
    if text is None:
        return None
    header = read_header(path, text, Header, "Write it as CONTRIBUTING.md shows", problems)
    if header is None:
        return None
    for name in header.parameters:
        count = len(_values_clause(name).findall(text))
        if count != 1:
            fault = "has no default" if count == 0 else f"has {count} defaults"
            remedy = f"Write VALUES ?{name} {{ … }} once in the query"
            problems.append(Problem(f"{path}:1", f"the parameter {name} {fault}", remedy))
    return Question(path.stem, path, header, text)


def _argument(term: str) -> str:
    """A default as an argument: an IRI or key without brackets, a literal without quotes and datatype."""
    if term.startswith("<"):
        return term.strip("<>")
    return term.split('"')[1] if '"' in term else term


def _values_clause(name: str) -> re.Pattern[str]:
    return re.compile(rf"(VALUES \?{re.escape(name)} \{{)([^}}]*)(\}})")


def _term(where: str, parameter: Parameter, value: str) -> str:
    if parameter.type == "iri":
        return str(_iri(where, value))
    if parameter.type == "dateTime":
        return str(Literal(_moment(where, parameter, value), datatype=NamedNode(XSD + "dateTime")))
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


def _moment(where: str, parameter: Parameter, value: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value, re.ASCII):
        try:
            return datetime.fromisoformat(value).isoformat()
        except ValueError as error:
            raise UsageError(f"{where}: {value!r} is no date and time: {error}") from error
    try:
        span = edtf.parse(value)
    except DateError as error:
        raise UsageError(f"{where}: {error}") from error
    bound = span.latest if parameter.bound == "latest" else span.earliest
    if bound is None:
        raise UsageError(f"{where}: {value!r} is open on that side; give a date")
    return bound.isoformat()
