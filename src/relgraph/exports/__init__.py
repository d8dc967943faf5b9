"""Exports of a release, byte for byte the same for the same release, written as streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from relgraph.exports.forms import FORMS, Form, named
from relgraph.exports.selection import Selection, selected
from relgraph.exports.source import GRAPHS, Source
from relgraph.release import Release

__all__ = ["FORMS", "GRAPHS", "Form", "Selection", "Source", "named", "selected", "write"]


def write(
    release: Release,
    form_name: str,
    selection: Selection,
    out: BinaryIO,
    texts: Mapping[str, str] | None = None,
) -> None:
    """Writes what is selected of a release in a form to a binary file.

    form_name: a key of FORMS, or another name for one; texts: the documents at hand, by id ("004"), from which the table of
    claims is quoted. Raises UsageError for an unknown form, for graphs without what the form is about, for what it cannot hold,
    and when nothing is selected; InputError for a text that lacks a passage; RoomError for lack of room for temporary files.
    """
    form = named(form_name)
    form.check(selection.graphs)
    with selected(release, selection, form.graphs) as source:
        if texts and form.is_quoted:
            form.write(source, out, texts=texts)
        else:
            form.write(source, out)
