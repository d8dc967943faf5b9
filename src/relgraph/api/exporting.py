"""Exports of a release to files: the choice as people name it, one file or a folder of tables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from relgraph import exports
from relgraph.api.dates import DateRange, as_range
from relgraph.api.values import Resource
from relgraph.errors import UsageError
from relgraph.exports import Form, Selection, asking, forms, tablefiles
from relgraph.outputs import replacing
from relgraph.release import Release

if TYPE_CHECKING:
    from relgraph.api.entity import Names

_ONE_TABLE: Final = "claims"


def selection(
    release: Release,
    graph: Names | None,
    document: Names | None,
    actor: Names | None,
    period: DateRange | str | date | None,
    modality: Names | None,
    undated: bool,
) -> Selection:
    """What is chosen; see Dataset.export. Raises UsageError for what is not known, and for what chooses nothing."""
    return asking.asked(
        release.store(),
        graphs=_names("graph", graph),
        documents=_names("document", document),
        actors=_names("actor", actor),
        period=_period(period),
        modalities=_names("modality", modality),
        undated=undated,
    )


def write(release: Release, form_name: str, path: str | Path, chosen: Selection, texts: Mapping[str, str]) -> Path:
    """Writes what is chosen of a release in a form, and gives the path.

    path: of a file; of all tables (csv, parquet) also of a folder: one that is there, or a name that ends in a slash or has no
    suffix. texts: the documents at hand, by id. Raises UsageError for an unknown form, where nothing is chosen, and for what
    cannot be written; InputError for a text that lacks a passage.
    """
    form, target = forms.named(form_name), Path(path)
    is_folder = os.fspath(path).endswith(os.sep) or target.is_dir()
    _refuse(form, target, is_folder)
    release.refuse_inside(target)
    form.check(chosen.graphs)
    if form.name in tablefiles.FORMATS and (is_folder or not target.suffix):
        with exports.selected(release, chosen, form.graphs) as part:
            tablefiles.folder(part, target, form.name, texts)
    else:
        with replacing(target) as out:
            exports.write(release, form.name, chosen, out, texts)
    return target


def _refuse(form: Form, path: Path, is_folder: bool) -> None:
    """Raises UsageError for a folder where a form is one file, and for all tables in a file that has the name of one."""
    if form.name not in tablefiles.FORMATS:
        if is_folder:
            tables = " or ".join(tablefiles.FORMATS)
            raise UsageError(f"{path} is a folder, and {form.name} is one file. Name a file in it, or take the form {tables}")
    elif not is_folder and path.suffix.lower() not in ("", ".zip"):
        one = f"{_ONE_TABLE}.{form.name}"
        raise UsageError(
            f"{form.name} is all tables, in a folder or a ZIP archive, and {path.name} is the name of neither. "
            f"Take the form of one table, such as {one}, or name the folder {path.with_suffix('')}/"
        )


def _names(what: str, given: Names | None) -> list[str]:
    """The names in what is given for a part of a choice; none for None. Raises UsageError for what is no name, and for an empty
    list, which would take in everything."""
    if given is None:
        return []
    if isinstance(given, str) or hasattr(given, "resource"):
        return [_name(what, given)]
    if not isinstance(given, Iterable):
        raise _no_name(what, given)
    if found := [_name(what, each) for each in given]:
        return found
    raise UsageError(f"the {what}: an empty list chooses nothing. Give names, or leave it out to export every {what}")


def _name(what: str, given: object) -> str:
    found = getattr(given, "resource", given)
    if not isinstance(found, str) or not found.strip():
        raise _no_name(what, given)
    return found.iri if isinstance(found, Resource) else found


def _no_name(what: str, given: object) -> UsageError:
    return UsageError(f"the {what}: {given!r} is no name. Give a label, a key or an IRI, or several of them")


def _period(given: DateRange | str | date | None) -> str:
    """A period as EDTF, empty for None."""
    if given is None:
        return ""
    if isinstance(given, str):
        if not given.strip():
            raise UsageError("the period is empty. Give EDTF, such as 1994/2001, or leave it out")
        return given
    return as_range(given).edtf
