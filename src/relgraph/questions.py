"""Query files: SPARQL with a header that says what is asked, with which parameters, and where the expected answer is.

The header is YAML in lines that begin with `#+ ` (as grlc writes it): `title` and `description` by language,
`parameters` (name → `type` iri, dateTime or string, `description`, for a dateTime the `bound` of a date that it takes, for a
string the `values` that it may have), `expected` (a SPARQL TSV result beside it). A parameter is given its default by a VALUES
clause for its variable, so that the file runs unchanged in any engine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal as OneOf

from pydantic import BaseModel, ConfigDict, Field
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from relgraph import edtf, rdf
from relgraph.errors import DateError, InputError, Problem, UsageError, suggestion
from relgraph.headers import ByLanguage, has_header, read_header, without_header
from relgraph.naming import Name, iris
from relgraph.vocabulary import ID, PREFIXES, XSD

#: The folder, in that of the queries, of queries that serve one competency question each.
COMPETENCY = "competency"
#: Names that a parameter cannot have: of what an address or a command takes beside the parameters of a query.
RESERVED = frozenset({
    "documents", "format", "graph", "help", "lang", "name", "output", "project", "query", "release", "timeout", "version",
})  # fmt: skip
#: The name of a parameter: that of a variable (SPARQL 1.1, section 19.8, VARNAME), in ASCII.
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
#: What engines and their parsers decode at different times (SPARQL 1.1, section 19.2).
_CODEPOINT = re.compile(r"\\[uU]")
#: What has no keywords in the prologue of a query: IRIs and comments; and the word that says its form.
_PASSED_OVER = re.compile(r"<[^<>\s]*>|#[^\n]*")
_FORM = re.compile(r"\b(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w:-])", re.IGNORECASE)
#: Keys of documents begin so; their ids, which have a figure, are taken for them.
_DOCUMENTS = "document/"
_DOCUMENT_ID = re.compile(r"[A-Za-z]*[0-9][0-9A-Za-z]*")
#: What the prefixed names of a default mean.
_DECLARED = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
#: A text in a query, which may have any character in it.
_TEXT = "|".join(rf"{q * 3}(?:[^{q}\\]|\\.|{q}(?!{q * 2}))*{q * 3}|{q}(?!{q * 2})(?:[^{q}\\]|\\.)*{q}" for q in "\"'")
#: So much of a value is repeated in a message, in characters.
_ECHOED = 100

#: What parameters take, in words, by their type; `values` and `class` for those that have them.
_TAKES = {
    "en": {
        "iri": "an IRI or a key such as state/RUS, a prefixed name such as state:RUS, or a label in English or Russian",
        "dateTime": "a date in EDTF such as 1994, 1994-05 or 1994-05-03, or a date and time such as 1994-05-03T12:00:00",
        "string": "a text",
        "values": "one of {}",
        "class": ", of a thing of the class {}",
    },
    "ru": {
        "iri": "IRI или ключ, например state/RUS, имя с префиксом, например state:RUS, или название на английском или русском",
        "dateTime": "дату EDTF, например 1994, 1994-05 или 1994-05-03, или дату и время, например 1994-05-03T12:00:00",
        "string": "текст",
        "values": "одно из: {}",
        "class": " (вещь класса {})",
    },
}

#: The parameters that are begin and end of a period, in queries that have both.
_PERIOD = ("from", "to")


class Parameter(BaseModel):
    """A parameter: its type, what it means, which bound of a date it takes (dateTime only), the values that it may have
    (string only; none: any text), and in `class` the class of the ontology that it takes things of (iri only; empty: any)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: OneOf["iri", "dateTime", "string"]
    bound: OneOf["earliest", "latest"] = "earliest"
    values: tuple[str, ...] = ()
    class_name: str = Field("", alias="class", pattern=r"^[A-Z][A-Za-z]*$|^$")
    description: ByLanguage

    @property
    def takes(self) -> str:
        """What can be given, in English words, as messages have it."""
        return self.takes_in("en")

    def takes_in(self, language: str) -> str:
        """What can be given, in words of a language (en, ru); in Russian in the accusative."""
        words = _TAKES[language]
        takes = words["values"].format(", ".join(self.values)) if self.values else words[self.type]
        return takes + (words["class"].format(self.class_name) if self.class_name else "")


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

    @property
    def gives_graph(self) -> bool:
        """Whether it is a CONSTRUCT or DESCRIBE, whose answer is triples and not rows."""
        form = _FORM.search(_PASSED_OVER.sub(" ", self.text))
        return form is not None and form[1].upper() in ("CONSTRUCT", "DESCRIBE")

    def without_header(self) -> Question:
        """The question with the SPARQL text alone."""
        return replace(self, text=without_header(self.text))

    def bind(self, arguments: Mapping[str, str]) -> str:
        """The SPARQL text with arguments in place of defaults.

        An argument is a full or prefixed IRI or a key of the project for type iri, an EDTF date or an xsd:dateTime for
        dateTime, any text (or one of its values) for string; it is put in as a term, never as text. Raises UsageError for an
        unknown parameter and for a value that is not of the type.
        """
        terms = (piece if isinstance(piece, str) else f" {_iri(piece.what, piece.text)} " for piece in self.pieces(arguments))
        return "".join(terms)

    def pieces(self, arguments: Mapping[str, str]) -> list[str | Name]:
        """As `bind`, with the arguments of type iri left as names, for `naming.filled` to find them in a store; these may
        also be labels in either language."""
        self._refuse_backwards(arguments)
        holes: list[tuple[int, int, str | Name]] = []
        for name, value in arguments.items():
            clause = _values_clause(name).search(self.text) if self.parameter(name) else None
            if clause:
                term = _term(f"the parameter {name} of {self.name}", self.parameter(name), self.written(name, value))
                holes.append((clause.start(2), clause.end(2), term))
        pieces: list[str | Name] = []
        place = 0
        for start, end, term in sorted(holes, key=lambda hole: hole[0]):
            pieces += [self.text[place:start], term]
            place = end
        return [*pieces, self.text[place:]]

    def _refuse_backwards(self, arguments: Mapping[str, str]) -> None:
        """Raises UsageError for a period, from `from` to `to`, that ends before it begins: any answer to it would mislead."""
        if any(name not in self.header.parameters or self.header.parameters[name].type != "dateTime" for name in _PERIOD):
            return
        given = {**self.defaults(), **arguments}
        begin, end = (_moment(f"the parameter {n} of {self.name}", self.header.parameters[n], given[n]) for n in _PERIOD)
        if begin > end:
            default = [f"Give {name} too; this is its default" for name in _PERIOD if name not in arguments]
            remedy = default[0] if default else "Give the earlier one as from"
            raise UsageError(f"the period of {self.name} ends before it begins: from {begin} to {end}. {remedy}")

    def parameter(self, name: str) -> Parameter:
        """A parameter by name. Raises UsageError, with those that there are, for an unknown one."""
        found = self.header.parameters.get(name)
        if found is None:
            known = ", ".join(self.header.parameters) or "none"
            like = suggestion(name, self.header.parameters, "Give one of these") if self.header.parameters else "Leave it out"
            raise UsageError(f"the query {self.name} has no parameter {name[:_ECHOED]!r}; it has {known}. {like}")
        return found

    def arguments(self, given: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Names and values as a request has them, as arguments; one that is left empty has its default.

        Raises UsageError for an unknown parameter and for one that is given more than once.
        """
        for name, count in Counter(name for name, _ in given).items():
            self.parameter(name)
            if count > 1:
                raise UsageError(f"give the parameter {name} of {self.name} once; it is given {count} times")
        return {name: value for name, value in given if value}

    def resources(self, arguments: Mapping[str, str]) -> dict[str, NamedNode]:
        """The arguments that name resources, as IRIs by parameter."""
        return {
            name: _iri(f"the parameter {name} of {self.name}", self.written(name, value))
            for name, value in arguments.items()
            if name in self.header.parameters and self.header.parameters[name].type == "iri"
        }

    def written(self, name: str, value: str) -> str:
        """An argument in full: the id of a document (004), for a parameter whose default is a document, as its key. Raises
        UsageError for an unknown parameter."""
        if self.parameter(name).type != "iri" or not _DOCUMENT_ID.fullmatch(value.strip()):
            return value
        is_document = self.defaults().get(name, "").removeprefix(ID).startswith(_DOCUMENTS)
        return _DOCUMENTS + value.strip() if is_document else value

    def defaults(self) -> dict[str, str]:
        """The defaults by name, in the form that bind takes."""
        found = {name: _values_clause(name).search(self.text) for name in self.header.parameters}
        return {name: _argument(match[2].strip()) for name, match in found.items() if match}

    def left(self, arguments: Mapping[str, str]) -> dict[str, str]:
        """The defaults that arguments leave in place, by name: what an answer is restricted to that nobody asked for."""
        return {name: value for name, value in self.defaults().items() if name not in arguments}

    def examples(self) -> dict[str, str]:
        """A value of each parameter: its default, of a date and time the day."""
        return {
            name: value[:10] if self.header.parameters[name].type == "dateTime" else value
            for name, value in self.defaults().items()
        }


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
    for name, parameter in header.parameters.items():
        if name in RESERVED or not _VARIABLE.fullmatch(name):
            what = f"a parameter cannot be called {name!r}"
            problems.append(Problem(f"{path}:1", what, "Give it the name of a variable that is not an option of commands"))
        if parameter.values and parameter.type != "string":
            problems.append(Problem(f"{path}:1", f"the parameter {name} has values and is no string", "Leave them out"))
        if parameter.class_name and parameter.type != "iri":
            problems.append(Problem(f"{path}:1", f"the parameter {name} has a class and is no iri", "Leave it out"))
        count = len(_values_clause(name).findall(text))
        if count != 1:
            fault = "has no default" if count == 0 else f"has {count} defaults"
            remedy = f"Write VALUES ?{name} {{ … }} once in the query"
            problems.append(Problem(f"{path}:1", f"the parameter {name} {fault}", remedy))
    return Question(path.stem, path, header, text)


def _argument(term: str) -> str:
    """A default as an argument: an IRI or key without brackets, of a literal its text. What is no term stays as it is."""
    if term.startswith("<"):
        return term.strip("<>")
    if not term.startswith(('"', "'")):
        return term
    try:
        (quad,) = parse(f"{_DECLARED}<a:a> <a:a> {term} .", format=RdfFormat.TURTLE)
    except (SyntaxError, ValueError):  # several values, too
        return term
    return quad.object.value if isinstance(quad.object, Literal) else term


def _values_clause(name: str) -> re.Pattern[str]:
    return re.compile(rf"(VALUES \?{re.escape(name)} \{{)((?:{_TEXT}|<[^<>]*>|[^}}\"'<])*)(\}})", re.DOTALL)


def _term(where: str, parameter: Parameter, value: str) -> str | Name:
    """An argument as it stands in a query; a name where it has still to be found."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{where} is not UTF-8 (character {error.start}); it takes {parameter.takes}") from error
    if parameter.type == "iri":
        return Name(where, value, parameter.class_name)
    if parameter.type == "dateTime":
        return f" {Literal(_moment(where, parameter, value), datatype=NamedNode(XSD + 'dateTime'))} "
    if parameter.values and value not in parameter.values:
        raise UsageError(f"{where} takes {parameter.takes}, not {value[:_ECHOED]!r}")
    if _CODEPOINT.search(value):
        raise UsageError(f"{where} takes a text without \\u and \\U, which engines read in different ways")
    return f" {Literal(value)} "


def _iri(where: str, value: str) -> NamedNode:
    for iri in iris(value):
        return NamedNode(iri)
    raise UsageError(f"{where} takes an IRI or a key such as state/RUS, not {value[:_ECHOED]!r}")


def _moment(where: str, parameter: Parameter, value: str) -> str:
    not_this = f"{where} takes {parameter.takes}, not {value[:_ECHOED]!r}"
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value, re.ASCII):
        try:
            return datetime.fromisoformat(value).isoformat()
        except ValueError as error:
            raise UsageError(f"{not_this}: it is no date and time: {error}") from error
    try:
        span = edtf.parse(value)
    except DateError as error:
        raise UsageError(f"{not_this}: {str(error)[:200]}") from error
    bound = span.latest if parameter.bound == "latest" else span.earliest
    if bound is None:
        raise UsageError(f"{not_this}: it is open on that side; give a date")
    return bound.isoformat()
