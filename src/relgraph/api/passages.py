"""The texts of the documents at hand, for passages."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

from relgraph import documents
from relgraph.errors import Problem, raise_if_any
from relgraph.project import Project


def texts(project: Project, folder: str | Path, depth: int) -> Mapping[str, str]:
    """The texts of the documents of a project that are in a folder, by id ("004").

    What else is wrong with the folder (a text that is missing, changed or unknown) is a warning; depth: how many calls above
    this function the user's own is, which the warning names. Raises InputError where no text is found.
    """
    problems: list[Problem] = []
    found = documents.read_folder(Path(folder), documents.load_register(project.documents, problems), problems)
    if not found:
        raise_if_any(problems)
    for problem in problems:
        warnings.warn(str(problem), stacklevel=depth + 1)
    return found
