"""Reports of a validation onto standard output and into files, by format."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from relgraph.baseline import Outcome
from relgraph.cli.interrupting import in_order
from relgraph.cli.terminal import console
from relgraph.errors import UsageError
from relgraph.outputs import replacing
from relgraph.reports import junit, markdown, records, sarif, shacl, terminal
from relgraph.validation import Shapes


class Format(StrEnum):
    """The formats of reports."""

    TEXT = "text"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    JUNIT = "junit"
    TURTLE = "turtle"
    JSON = "json"


#: The formats by the end of a file's name, the longer ends first.
ENDS: Final = {
    ".sarif.json": Format.SARIF,
    ".sarif": Format.SARIF,
    ".xml": Format.JUNIT,
    ".md": Format.MARKDOWN,
    ".ttl": Format.TURTLE,
    ".json": Format.JSON,
    ".txt": Format.TEXT,
}


def format_of(path: Path) -> Format:
    """The format of a report by the name of its file. Raises UsageError for a name that tells none."""
    for end, form in ENDS.items():
        if path.name.lower().endswith(end):
            return form
    raise UsageError(f"the name {path.name} tells no format of a report; end it with {', '.join(ENDS)}")


def show(outcome: Outcome, form: Format, language: str, shapes: Shapes) -> None:
    """Writes a report to standard output; text with colours where that is a terminal."""
    if form is Format.TEXT:
        terminal.write(outcome, console, language)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(_content(outcome, form, language, shapes))
    sys.stdout.buffer.flush()


def save(outcome: Outcome, paths: Sequence[Path], language: str, shapes: Shapes) -> None:
    """Writes a report into each file, in the format of its name. A file is there whole, or as it was before."""
    for path in paths:
        write_whole(path, _content(outcome, format_of(path), language, shapes))


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that it is there whole, or as it was before. Raises UsageError when it cannot be written."""
    target = path.resolve()  # a link stays, and leads to the new content
    if target.exists() and not target.is_file():  # a pipe, a terminal: there is nothing to keep
        target.write_bytes(content)
        return
    with in_order(), replacing(target) as file:
        file.write(content)


def _content(outcome: Outcome, form: Format, language: str, shapes: Shapes) -> bytes:
    match form:
        case Format.TEXT:
            return terminal.as_text(outcome, language).encode("utf-8", "replace")
        case Format.MARKDOWN:
            return markdown.write(outcome, language, shapes=shapes).encode("utf-8", "replace")
        case Format.SARIF:
            return sarif.write(outcome, language, shapes=shapes)
        case Format.JUNIT:
            return junit.write(outcome, language, shapes=shapes)
        case Format.TURTLE:
            return shacl.write(outcome.report, shapes)
        case Format.JSON:
            return records.write(outcome)
