"""The words of what is shown, in the languages of datasets."""

from __future__ import annotations

from typing import Final

from relgraph.api.dates import DateRange

_WORDS: Final = {
    "en": {
        "when": "when", "status": "status", "what": "what", "sources": "sources", "contested": "contested",
        "from": "from", "until": "until", "or": "or", "begin": "begin", "end": "end",
        "line": "line", "characters": "characters",
        "follows": "the date follows from", "date": "of the date",
        "undated": "; without a date: {count}, in .undated", "first": ", the first {count} of which are shown",
        "more": ", {count} more",
        "facts": "facts", "claims": "claims", "release": "release", "language": "language",
        "labels": "labels", "names": "other names", "classes": "classes", "definition": "definition",
        "query": "query", "title": "title", "answer": "answer", "parameter": "parameter", "parameters": "parameters",
        "Parameters": "Parameters:", "Example": "Example:", "takes": "Takes", "default": "Default", "any": "any",
        "given": "what is given", "none": "Without parameters", "run": 'Ask one with run("NAME", parameter=…)',
    },
    "ru": {
        "when": "когда", "status": "статус", "what": "что", "sources": "источники", "contested": "спорно",
        "from": "с", "until": "по", "or": "или", "begin": "начало", "end": "конец",
        "line": "строка", "characters": "символы",
        "follows": "дата следует из события", "date": "к дате",
        "undated": "; без даты: {count}, они в .undated", "first": ", показаны первые {count}",
        "more": ", ещё {count}",
        "facts": "факты", "claims": "утверждения", "release": "выпуск", "language": "язык",
        "labels": "названия", "names": "другие названия", "classes": "классы", "definition": "определение",
        "query": "запрос", "title": "название", "answer": "ответ", "parameter": "параметр", "parameters": "параметры",
        "Parameters": "Параметры:", "Example": "Пример:", "takes": "Принимает", "default": "По умолчанию", "any": "любое",
        "given": "что задаётся", "none": "Без параметров", "run": 'Выполнить запрос: run("ИМЯ", параметр=…)',
    },
}  # fmt: skip
#: What is counted, in English in the singular, in Russian in the genitive plural.
_UNITS: Final = {"row": "строк", "triple": "триплетов", "fact": "фактов"}


def word(name: str, language: str, count: int = 0) -> str:
    """A word or phrase in a language; count: the number in it, of those that have one."""
    return _WORDS[language][name].format(count=count)


def counted(count: int, unit: str, language: str) -> str:
    """So many rows, triples or facts: "1 row", "2 rows", "строк: 2"."""
    return f"{_UNITS[unit]}: {count}" if language == "ru" else f"{count} {unit}{'' if count == 1 else 's'}"


def wording(date: DateRange, bound: str, language: str) -> str:
    """A date in words; bound: begin or end of what it is, empty for neither. Of an interval that something begins or ends in,
    begin and end are named before it."""
    if not bound:
        return date.wording(language)
    if "/" in date.edtf:
        return f"{word(bound, language)}: {date.wording(language)}"
    return DateRange(f"{date.edtf}/.." if bound == "begin" else f"../{date.edtf}").wording(language)


def place(document: str, section: str | None, line: int, start: int, end: int, language: str) -> str:
    """Where a passage is: the key of its document (document/004), the label of its section, its line and characters."""
    parts = [document.removeprefix("document/"), section, f"{word('line', language)} {line}"]
    return ", ".join([*filter(None, parts), f"{word('characters', language)} {start}–{end}"])
