"""What the query files of a project are as functions of Python: their signatures, and what help() says of them."""

from __future__ import annotations

import inspect
from datetime import date
from keyword import iskeyword
from typing import Any, Final, Literal

from relgraph.api import reading
from relgraph.api.dates import DateRange
from relgraph.api.values import Resource
from relgraph.api.words import word
from relgraph.errors import UsageError
from relgraph.questions import Parameter, Question

#: What an answer is, by the form of the query.
_ANSWERS: Final = {"SELECT": "Result", "ASK": "bool", "CONSTRUCT": "Graph", "DESCRIBE": "Graph"}
#: What a parameter takes beside text, by its type.
_ALSO: Final = {
    "en": {"iri": "; also an Entity or a Resource", "dateTime": "; also a DateRange, date or datetime", "string": ""},
    "ru": {"iri": "; также Entity или Resource", "dateTime": "; также DateRange, date или datetime", "string": ""},
}


def of(question: Question, language: str) -> inspect.Signature:
    """The signature of a query: a keyword for each parameter, with the default that the file has, and what it takes.

    language: of the dataset, the default of a parameter `language`. A parameter without a value by default has None.
    """
    defaults = _defaults(question, language)
    parameters = [
        inspect.Parameter(
            written(name), inspect.Parameter.KEYWORD_ONLY, default=defaults.get(name), annotation=_annotation(about)
        )
        for name, about in question.header.parameters.items()
    ]
    return inspect.Signature(parameters, return_annotation=_ANSWERS[reading.form(question.without_header().text)])


def described(question: Question, language: str) -> str:
    """What help() says: title, description, each parameter with what is allowed and its default, and an example."""
    header = question.header
    given = [f"    {written(name)}: {about}" for name, about in parameters(question, language).items()]
    defaults = _defaults(question, language).items()
    call = "".join(f", {written(name)}={value!r}" for name, value in defaults if value is not None)
    parts = [
        str(getattr(header.title, language)),
        str(getattr(header.description, language)),
        "\n".join([word("Parameters", language), *given]) if given else f"{word('none', language)}.",
        f'{word("Example", language)}\n    ds.run("{question.name}"{call})',
    ]
    return "\n\n".join(parts)


def parameters(question: Question, language: str) -> dict[str, str]:
    """What each parameter means, what it takes, and its default, by the name of its keyword."""
    defaults = _defaults(question, language)
    return {
        written(name): f"{getattr(about.description, language)}. {word('takes', language)} "
        f"{about.takes_in(language)}{_ALSO[language][about.type]}. "
        f"{word('default', language)}: {word('any', language) if defaults.get(name) is None else defaults[name]}"
        for name, about in question.header.parameters.items()
    }


def written(name: str) -> str:
    """The keyword of a parameter: its name, with an underscore behind it where it is a word of Python."""
    return f"{name}_" if iskeyword(name) else name


def _defaults(question: Question, language: str) -> dict[str, str | None]:
    """The defaults as one would give them: of a date and time the day, where it stands for the same moment."""
    found: dict[str, str | None] = {}
    days = question.examples()
    for name, value in question.defaults().items():
        found[name] = None if value == "UNDEF" else days[name] if _is_same(question, name, days[name], value) else value
    return found | ({"language": language} if "language" in found else {})


def _is_same(question: Question, name: str, one: str, other: str) -> bool:
    try:
        return question.bind({name: one}) == question.bind({name: other})
    except UsageError:
        return False


def _annotation(about: Parameter) -> Any:
    if about.type == "iri":
        from relgraph.api.entity import Entity

        return str | Resource | Entity | None
    if about.type == "dateTime":
        return str | DateRange | date | None
    return Literal[about.values] | None if about.values else str | None
