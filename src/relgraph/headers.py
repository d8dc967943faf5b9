"""The header of a query file: YAML in the lines that begin with `#+`, as grlc writes it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from relgraph.errors import Problem

_MARK = "#+"
Model = TypeVar("Model", bound=BaseModel)


class ByLanguage(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str
    ru: str

    def __getitem__(self, language: str) -> str:
        return self.ru if language == "ru" else self.en


def has_header(text: str) -> bool:
    """True when a query text has a header."""
    return any(line.startswith(_MARK) for line in text.splitlines())


def read_header(path: Path, text: str, model: type[Model], remedy: str, problems: list[Problem]) -> Model | None:
    """The header of a query file, checked by a model; a header that does not fit adds a problem with its line."""
    # other lines stay as blank lines, so that the lines of YAML errors are those of the file
    lines = [line.removeprefix(_MARK).removeprefix(" ") if line.startswith(_MARK) else "" for line in text.splitlines()]
    try:
        return model.model_validate(yaml.safe_load("\n".join(lines)) or {})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1 if mark else 1}"
        problems.append(Problem(where, f"the header is not YAML: {getattr(error, 'problem', error)}", remedy))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        problems.append(Problem(f"{path}:1", f"the header is not as it should be: {faults}", remedy))
    return None


def without_header(text: str) -> str:
    """A query text without the lines of its header."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_MARK)).lstrip()
