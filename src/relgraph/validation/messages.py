"""What findings say: the messages of the shapes, and for shapes without any our own, in English and Russian."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from relgraph.findings import Node
from relgraph.validation.results import Result
from relgraph.validation.shapes import Shapes
from relgraph.validation.terms import LISTS_OF_SHAPES, Subject, cut, shown
from relgraph.vocabulary import RDFS, SH, local_name

_SLOT = re.compile(r"\{[?$]?(\w+)\}")

#: By component of SHACL Core, less "ConstraintComponent": what is asked for, in English and Russian. What stands in
#: braces is the value of a parameter.
DEFAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "Class": ("Must be an instance of {class}.", "Должен быть экземпляр {class}."),
    "Datatype": ("Must be a literal of {datatype}.", "Должен быть литерал типа {datatype}."),
    "NodeKind": ("Must be of the kind {nodeKind}.", "Узел должен быть вида {nodeKind}."),
    "MinCount": ("There are fewer values than {minCount}.", "Значений меньше, чем {minCount}."),
    "MaxCount": ("There are more values than {maxCount}.", "Значений больше, чем {maxCount}."),
    "MinExclusive": ("Must be greater than {minExclusive}.", "Должно быть больше {minExclusive}."),
    "MinInclusive": ("Must be {minInclusive} or greater.", "Должно быть не меньше {minInclusive}."),
    "MaxExclusive": ("Must be less than {maxExclusive}.", "Должно быть меньше {maxExclusive}."),
    "MaxInclusive": ("Must be {maxInclusive} or less.", "Должно быть не больше {maxInclusive}."),
    "MinLength": ("Is shorter than {minLength} characters.", "Короче {minLength} знаков."),
    "MaxLength": ("Is longer than {maxLength} characters.", "Длиннее {maxLength} знаков."),
    "Pattern": ("Does not match the pattern {pattern}.", "Не соответствует образцу {pattern}."),
    "LanguageIn": ("Must be a text in one of: {languageIn}.", "Должен быть текст на одном из языков: {languageIn}."),
    "UniqueLang": ("There is more than one value in a language.", "На одном языке больше одного значения."),
    "Equals": ("The values must be those of {equals}.", "Значения должны совпадать со значениями {equals}."),
    "Disjoint": ("Must not be a value of {disjoint} as well.", "Не должно быть и значением {disjoint}."),
    "LessThan": ("Must be less than every value of {lessThan}.", "Должно быть меньше каждого значения {lessThan}."),
    "LessThanOrEquals": (
        "Must not be greater than any value of {lessThanOrEquals}.",
        "Не должно быть больше какого-либо значения {lessThanOrEquals}.",
    ),
    "Not": ("Must not conform to {not}.", "Не должно соответствовать {not}."),
    "And": ("Must conform to all of: {and}.", "Должно соответствовать всем: {and}."),
    "Or": ("Must conform to at least one of: {or}.", "Должно соответствовать хотя бы одному: {or}."),
    "Xone": ("Must conform to exactly one of: {xone}.", "Должно соответствовать ровно одному: {xone}."),
    "Node": ("Must conform to {node}.", "Должно соответствовать {node}."),
    "QualifiedMinCount": (
        "Fewer values than {qualifiedMinCount} conform to {qualifiedValueShape}.",
        "Значений, соответствующих {qualifiedValueShape}, меньше, чем {qualifiedMinCount}.",
    ),
    "QualifiedMaxCount": (
        "More values than {qualifiedMaxCount} conform to {qualifiedValueShape}.",
        "Значений, соответствующих {qualifiedValueShape}, больше, чем {qualifiedMaxCount}.",
    ),
    "Closed": ("The shape is closed: this property is not allowed.", "Форма закрыта: это свойство не допускается."),
    "HasValue": ("The value {hasValue} is missing.", "Нет значения {hasValue}."),
    "In": ("Must be one of: {in}.", "Должно быть одним из: {in}."),
    "SPARQL": ("A SPARQL constraint is not met.", "Ограничение SPARQL не выполнено."),
}  # fmt: skip
_OTHER: Final = ("Does not meet {component}.", "Не выполнено {component}.")


class Messages:
    """The messages of the results for a shapes graph; what is the same for all results of a shape is worked out once."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._templates: dict[tuple[Subject, NamedNode, Node | None], Mapping[str, str]] = {}

    def of(self, result: Result, path: str) -> dict[str, str]:
        """The messages of a result by language, with what stands in braces filled in.

        {focus}, {value}, {path} and, as SHACL section 5.2.1 has them, {$this}, {?value} and {?path} are what the result is
        about, other names in {$name} or {?name} parameters of the shape (section 6.2.3); names that nobody knows stay.
        """
        if result.messages:
            texts = self._with_parameters(result.messages, result)
        else:
            key = (result.shape, result.component, result.constraint)
            if key not in self._templates:
                self._templates[key] = self._with_parameters(self._texts(result), result)
            texts = self._templates[key]
        if not any("{" in text for text in texts.values()):
            return dict(texts)
        known = {"focus": result.focus, "this": result.focus, "value": result.value, "path": path}

        def filled(match: re.Match[str]) -> str:
            given = known.get(match[1])
            return cut(given if isinstance(given, str) else given.value) if given is not None else match[0]

        return {language: _SLOT.sub(filled, text) for language, text in texts.items()}

    def _texts(self, result: Result) -> Mapping[str, str]:
        own = _own(self._shapes, result.constraint) or _own(self._shapes, result.shape)
        if own:
            return own
        stem = result.component.value.removeprefix(SH).removesuffix("ConstraintComponent")
        english, russian = DEFAULTS.get(stem, _OTHER)
        return {"en": english, "ru": russian}

    def _with_parameters(self, texts: Mapping[str, str], result: Result) -> Mapping[str, str]:
        """The texts with the slots filled that are not about the single result."""

        def filled(match: re.Match[str]) -> str:
            if match[1] in ("focus", "this", "value", "path"):
                return match[0]
            if match[1] == "component":
                return shown(result.component)
            return _parameter(self._shapes, result.shape, match[1]) or match[0]

        return {language: _SLOT.sub(filled, text) if "{" in text else text for language, text in texts.items()}


def titles(shapes: Shapes, shape: NamedNode) -> dict[str, str]:
    """What a shape is called, by language: sh:name, else rdfs:label, else nothing."""
    for predicate in ("name", NamedNode(RDFS + "label")):
        found = {v.language or "": v.value for v in shapes.index.values(shape, predicate) if isinstance(v, Literal)}
        if found:
            return found
    return {}


def _own(shapes: Shapes, shape: Node | None) -> dict[str, str]:
    texts = sorted((v.language or "", v.value) for v in shapes.index.values(shape, "message") if isinstance(v, Literal))
    return dict(reversed(texts))


def _parameter(shapes: Shapes, shape: Subject, name: str) -> str:
    """The values of a parameter of a shape, those of a list one by one; "" where it has none."""
    index = shapes.index
    values: list[Node] = []
    for predicate, given in index.by_subject.get(shape, {}).items():
        if predicate.value == SH + name or (not predicate.value.startswith(SH) and local_name(predicate) == name):
            values += given
    if name in ("in", "languageIn", *LISTS_OF_SHAPES):
        values = [member for head in values for member in index.members(head) or []]
    texts = (shown(value) if isinstance(value, NamedNode | Literal) else shapes.label(value) for value in values)
    return cut(", ".join(dict.fromkeys(texts)))
