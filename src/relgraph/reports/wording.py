"""What the reports share: terms as people read them, texts cut to size, counts and phrases in both languages."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from babel import Locale
from pyoxigraph import BlankNode, Literal, NamedNode

from relgraph.baseline import Outcome
from relgraph.findings import SEVERITIES, Finding, Place, at_least
from relgraph.vocabulary import ID, PREFIXES

#: So many characters of a value or message are shown.
SHOWN: Final = 200

#: Characters that move the cursor, change colours or turn the direction of writing.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

#: The namespaces that are shortened, by prefix; keys of the project have none.
_SHORT: Final = {"": ID, **{name: PREFIXES[name] for name in ("rg", "skos", "dcterms", "owl", "rdf", "rdfs", "xsd")}}
_BRACKETS: Final = re.compile(rf"<((?:{'|'.join(filter(None, _SHORT))}):[\w-]+)>")

#: Plural forms by CLDR category.
_NOUNS: Final = {
    "en": {
        "Violation": {"one": "Violation", "other": "Violations"},
        "Warning": {"one": "Warning", "other": "Warnings"},
        "Info": {"one": "Info", "other": "Infos"},
        "finding": {"one": "finding", "other": "findings"},
        "check": {"one": "check", "other": "checks"},
    },
    "ru": {
        "Violation": {"one": "нарушение", "few": "нарушения", "many": "нарушений", "other": "нарушения"},
        "Warning": {"one": "предупреждение", "few": "предупреждения", "many": "предупреждений", "other": "предупреждения"},
        "Info": {"one": "замечание", "few": "замечания", "many": "замечаний", "other": "замечания"},
        "finding": {"one": "находка", "few": "находки", "many": "находок", "other": "находки"},
        "check": {"one": "проверка", "few": "проверки", "many": "проверок", "other": "проверки"},
    },
}

#: What reports say themselves, by language.
PHRASES: Final = {
    "en": {
        "clean": "No findings",
        "passed": "passed",
        "failed": "failed",
        "known": "in the baseline",
        "mended": "of the baseline mended; run --update-baseline",
        "note": "note",
        "axiom": "axiom",
        "statement": "statement",
        "path": "path",
        "value": "value",
        "place": "Place",
        "focus": "Focus",
        "message": "Message",
        "passages": "Passages",
        "notes": "Notes",
        "line": "line",
        "more": "more",
        "and_more": "and {} more",
        "cut": "Left out here for length; the other reports have all",
        "characters": "characters",
    },
    "ru": {
        "clean": "Находок нет",
        "passed": "пройдено",
        "failed": "не пройдено",
        "known": "в базовом списке",
        "mended": "из базового списка исправлено; запустите --update-baseline",
        "note": "примечание",
        "axiom": "аксиома",
        "statement": "высказывание",
        "path": "путь",
        "value": "значение",
        "place": "Место",
        "focus": "Узел",
        "message": "Сообщение",
        "passages": "Отрывки",
        "notes": "Примечания",
        "line": "строка",
        "more": "ещё",
        "and_more": "и ещё {}",
        "cut": "Здесь опущено из-за длины; в других отчётах есть всё",
        "characters": "знаков",
    },
}


def counted(number: int, noun: str, language: str) -> str:
    """A number with its noun, e.g. "2 findings", "5 нарушений"."""
    forms = _NOUNS[language][noun]
    form = Locale.parse(language).plural_form(number)
    return f"{number} {forms.get(form, forms['other'])}"


def summary(outcome: Outcome, language: str) -> str:
    """One line: how many findings by severity, how many of them are known, how many of the baseline are mended."""
    words, findings = PHRASES[language], outcome.report.findings
    levels = [f.level if f.level in SEVERITIES else "Violation" for f in findings]
    parts = [counted(levels.count(level), level, language) for level in SEVERITIES if level in levels]
    text = f"{counted(len(findings), 'finding', language)}: {', '.join(parts)}" if findings else words["clean"]
    if outcome.baseline is not None:
        text += f"; {sum(outcome.known)} {words['known']}"
    if outcome.report.checks:
        text += f" ({counted(len(outcome.report.checks), 'check', language)})"
    if outcome.mended:
        text += f". {len(outcome.mended)} {words['mended']}"
    return text + "."


def term(node: NamedNode | BlankNode | Literal | object) -> str:
    """A term as people read it: a key for the project's IRIs, rg:NAME for the ontology's, else as N-Triples writes it."""
    if isinstance(node, NamedNode):
        short = shortened(node.value)
        return short if short != node.value else f"<{node.value}>"
    return shortened(str(node))


def shortened(text: str) -> str:
    """A text with keys for the project's IRIs, and names with a prefix for those of vocabularies that everybody knows."""
    for prefix, iri in _SHORT.items():
        text = text.replace(iri, f"{prefix}:" if prefix else "")
    return _BRACKETS.sub(r"\1", text)


def note(text: str, base: Path | None = None) -> str:
    """A note on the run, with file names relative to a folder, by default the working directory."""
    return text.replace(f"{base or Path.cwd()}{os.sep}", "")


def line(text: str, limit: int = SHOWN, language: str = "en") -> str:
    """A text on one line and harmless to a terminal; what is longer than the limit is cut, with the whole length."""
    head = text[: limit * 4] if len(text) > limit * 4 else text
    folded = visible(" ".join(head.split()))
    if len(folded) <= limit and head is text:
        return folded
    whole = f"{len(text):,}".replace(",", " ")
    return f"{folded[:limit]}… ({whole} {PHRASES[language]['characters']})"


def visible(text: str) -> str:
    """A text whose control characters are written out (\\x1b), so that data cannot act on a terminal."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}" if ord(match[0]) < 256 else f"\\u{ord(match[0]):04x}", text)


def detail(finding: Finding, language: str) -> str:
    """Path and value of a finding in brackets, "" where it has neither."""
    words = PHRASES[language]
    parts = [f"{words['path']} {line(shortened(finding.path), language=language)}"] if finding.path else []
    if finding.value is not None and finding.value != finding.focus:
        parts.append(f"{words['value']} {line(term(finding.value), language=language)}")
    return f"({', '.join(parts)})" if parts else ""


def file_name(file: str, base: Path | None = None) -> str:
    """The name of a file relative to a folder (by default the working directory) where it lies in it, else as it is."""
    return _file_name(file, str(base or Path.cwd()))


@lru_cache(maxsize=1024)
def _file_name(file: str, folder: str) -> str:
    path = Path(file)
    if path.is_absolute() and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return path.as_posix() if os.sep in file else file


def position(place: Place, base: Path | None = None) -> str:
    """file:line of a place, see file_name."""
    return f"{file_name(place.file, base)}:{place.line}"


def relative_uri(file: str, base: Path | None = None) -> str:
    """The name of a file as a relative URI reference (RFC 3986 section 4.2), or file:// for one outside the folder."""
    name = file_name(file, base)
    if Path(name).is_absolute():
        return Path(name).as_uri()
    return quote(os.path.normpath(name).replace(os.sep, "/"), safe="/")


def worst(findings: list[Finding]) -> str:
    """The worst level among findings of one check."""
    return next((level for level in SEVERITIES if at_least(findings, level)), "Info")
